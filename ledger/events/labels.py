"""Names of payload members in Chinese and English; one meaning per name, whatever the event."""

from __future__ import annotations

_LABELS = """
about_reviewer|所评评审员|about reviewer
about|所涉|about
abstain|弃权|abstain
actions|已采取的行动|actions taken
action|处置|action
adopted_on|通过日期|adopted on
advice|建议|advice
against|反对|against
aggregation|分数合成方法|aggregation
algorithm|算法|algorithm
amount|金额|amount
answer_due|答复期限|answer due
answers|所答复的事件|answers
applies_from|适用起日|applies from
applies_version|适用的新版本|later version applied
approved|批准|approved
article|条文|article
attachments|附件|attachments
attendees|参加人员|attendees
attested_at|外部时间|time from outside
authority|认定机关|authority
award_id|奖项编号|award id
award_kind|奖项种类|award kind
award_name|奖项名称|award name
awards|奖项|awards
award|奖项|award
basis_reports|依据的报告|reports it rests on
body_id|机构编号|body id
body|机构|body
business_details|经营详情|business details
capacity|身份|capacity
carries|承继内容|what passes on
case_ids|案件编号|case ids
case_id|案件编号|case id
cases|案件|cases
case|案件|case
categories|类别|categories
category|类别|category
certificates|证书|certificates
chain|记录链|chain over the rows
change_reason|变更理由|reason for change
channels|渠道|channels
channel|渠道|channel
check_id|检查编号|check id
checks|逐项审查|checks
clawback_id|追缴编号|clawback id
closed_on|结束日期|closed on
comments|评语|comments
complainant|异议人|complainant
complete_until|完整至|complete until
compromised_since|泄露起时|compromised since
condition_id|条件编号|condition id
conduct_note|操守记录|conduct note
confidentiality_pledge|保密承诺|confidentiality pledge
contact_person|联系人|contact person
contact|联系方式|contact
content|内容|content
corrected_by|更正期限|corrected by
credit_report_hash|信用核查报告哈希|hash of the credit report
custody|保管方式|custody
cut_score|入围分数线|cut score
cv|简历|curriculum vitae
data_years|数据年数|years of data
days|天数|days
decided_on|决定日期|decided on
decimals|保留小数位|decimals
decision_id|决定编号|decision id
decision|决定|decision
decisive_stage|决定性阶段|decisive stage
delivered_on|送达日期|delivered on
demand|要求|demand
details|详情|details
determined_on|认定日期|determined on
discipline|纪律作风|discipline
discussion|讨论情况|discussion
doc_no|文号|document number
document_hash|文件哈希|hash of the document
domain|领域|domain
done_on|完成日期|done on
doubted_from|存疑首条|first doubted entry
doubted_to|存疑末条|last doubted entry
due_on|应缴日期|due on
during_notice|所在公示|during notice
edition_id|届次编号|edition id
edition|届次|edition
education|学历|education
effective_on|生效日期|effective on
effect|效力|effect
employer|工作单位|employer
encoding|编码版次|encoding
established_on|成立日期|established on
evidence_hash|证据哈希|hash of the evidence
evidence|证据|evidence
excellence_model_since|实施卓越绩效模式起日|excellence model since
extension_reason|延长理由|reason for extension
facts|事实依据|facts
fatal|致人死亡|fatal
fields|补正字段|fields
financials|财务数据|financial figures
finding_id|监督意见编号|finding id
findings|调查结论|findings
flag_ids|红旗编号|flag ids
followup_due|整改期限|follow-up due
for_profit|是否营利|for profit
form_hash|申报书哈希|hash of the form
form|形式|form
for|赞成|for
found_on|发现日期|found on
founders|创立人|founders
from_on|起日|from
full|总分|full score
fund_source|经费来源|source of funds
gap_id|缺口编号|gap id
grant_id|授权事件|grant
granted_on|授予日期|granted on
grounds|理由|grounds
ground|事由|ground
heard_on|听取陈述日期|heard on
higher_award_id|上级奖项编号|higher award id
holidays|放假日|holidays
id_number|证件号码|identity number
identified|实名|identified
in_force_on|施行日期|in force on
in_force_rule|施行规则|in-force rule
incident_ids|负面事实编号|incident ids
incident_id|负面事实编号|incident id
industry_balance_note|行业代表性说明|note on industry balance
instrument_no|依据文书号|instrument number
interrupted_days|中断日|interrupted days
investigators|调查人员|investigators
issued_on|印发日期|issued on
item_scores|分项得分|item scores
items|明细|items
jurisdiction_code|辖区代码|jurisdiction code
jurisdiction|辖区|jurisdiction
key_id|密钥标识|key id
kind|种类|kind
kpis|绩效指标|performance figures
last_true_at|最后可信时间|last true time
legal_basis|法律依据|legal basis
legal_form|法人资格|legal form
level|级别|level
list_id|名单编号|list id
lost_from|缺失首条|first lost entry
lost_to|缺失末条|last lost entry
makeup_workdays|补班日|made-up working days
measures|处理措施|measures
measure|处理措施|measure
meeting_or_doc_no|会议或文号|meeting or document number
members|成员|members
minutes_hash|纪要哈希|hash of the minutes
missing|所缺材料|missing papers
mode|模式|mode
new_name|新名称|new name
new_sector|新行业|new sector
new|新值|new value
not_listed|未列入|not listed
not_selected|未入围|not selected
notice_id|公示编号|notice id
notice_url_hash|公告网页哈希|hash of the notice page
no|编号|number
number|届数|number
objection_id|异议编号|objection id
objections|异议件数|objections
occurred_on|发生日期|occurred on
old_hash|原值哈希|hash of the old value
on_behalf|代为登记|on behalf
on|日期|on
opened_on|开始日期|opened on
opening_ok|开启值相符|opening fits
opinion_hash|意见哈希|hash of the opinion
ordered_by|指令事件|ordered by
org_form|组织形式|form of organisation
org_name|组织名称|name of organisation
orgs|组织|organisations
org|组织|organisation
outcome|结果|outcome
pack_hash|规则包哈希|hash of the pack
pack_id|规则包编号|pack id
pack_or_doc_no|版本或文号|version or document number
page_hash|网页哈希|hash of the page
paid_on|拨付日期|paid on
param_path|参数路径|parameter path
part_no|期次|part number
parts|期数|parts
patch|更正内容|patch
paths|路径|paths
path|路径|path
payee_account|收款账户|payee account
payer_account|缴款账户|payer account
payment_id|拨付编号|payment id
period_from|期间起|period from
period_to|期间止|period to
period|期间|period
person_name|姓名|name of the person
person|人员|person
plan_hash|方案哈希|hash of the plan
pool|专家库|pool
predecessor|被承继者|predecessor
present|出席人员|present
principal_id|主体编号|principal id
priority_grounds|优先推荐理由|grounds of priority
prize_amount|奖金|prize
procedure_doc_no|程序文号|number of the procedure
profit|利润|profit
promised_end|公告的截止日|promised end
pub_id|公告编号|publication id
public_key|公钥|public key
published_on|发布日期|published on
purpose|目的|purpose
qms_audit_skill|体系审核能力|audit skill
quota_override|届次名额|quota of the edition
rank|名次|rank
reasoning_hash|说理文书哈希|hash of the reasoning
reasons_hash|理由文件哈希|hash of the reasons
reasons|理由|reasons
reason|理由|reason
received_by_hash|签收单哈希|hash of the acknowledgement
received_on|到账日期|received on
recipient_role|接收岗位|role of the recipient
recommender_kind|推荐单位种类|kind of recommender
recused|回避|recused
reg_place|注册地|place of registration
registered_locally|是否本地注册|registered locally
rejected_awards|未批准的奖项|rejected awards
rejected_cases|未批准的案件|rejected cases
rejected|未通过|rejected
relation|关系|relation
remarks|意见|remarks
remark|说明|remark
repaired_on|修复日期|repaired on
repealed_by|废止依据|repealed by
repealed_on|废止日期|repealed on
replaces|所替换|replaces
report_hash|报告哈希|hash of the report
report_id|报告|report
report_text|报告正文|text of the report
resolution_id|决议编号|resolution id
resolution_ref|决议编号|resolution
responsible|负有责任|responsible
result|结果|result
retroactive|溯及既往|retroactive
revenue|收入|revenue
reversal_of|冲销的拨付|reversal of
reviewer_id|评审员编号|reviewer id
revision|修订次|revision
role|岗位|role
root_hash|树根|root of the tree
rows|名单|rows
ruled_on|裁决日期|day of the ruling
rules_hash|细则哈希|hash of the rules
rules|评审细则|review rules
ruling_hash|裁决文书哈希|hash of the ruling
ruling_no|裁决文号|number of the ruling
scope|范围|scope
score_ids|所引评分|scores cited
score|得分|score
seat|席位|seat
secrecy_claims|秘密申明|claims of secrecy
sector|行业|sector
selected|入围|selected
self_assessment_hash|自评报告哈希|hash of the self-assessment
senior_title|高级职称|senior title
serial|编号|serial number
severity|等级|severity
site_notes_hash|现场记录哈希|hash of the site notes
size|规模|size
source_doc_no|来源文号|source document
sources|来源|sources
source|来源|source
stages|阶段|stages
stage|阶段|stage
standard_versions|标准版本|versions of the standard
state_secret_claimed|申明涉及国家秘密|state secret claimed
stated_ban_until|文件所载禁报止日|ban end as stated
stated_clawback|文件所载追缴额|clawback as stated
stated_counts_quota|文件所载占名额|counts in quota as stated
stated_prize|文件所载奖金|prize as stated
stated_return|文件所载收回|return as stated
stated_score|报告所载得分|score as stated
stated_valid_until|文件所载有效期止日|validity end as stated
statement_of_org|组织的陈述|statement of the organisation
state|状态|state
status|状态|status
step|步骤|step
subject_kind|对象种类|kind of subject
subject|事项或对象|subject
successor_ids|承继主体|successors
summary_hash|总结哈希|hash of the summary
summary_public|公开摘要|public summary
summary_report_hash|综合评价报告哈希|hash of the summary report
supersedes|所取代|supersedes
tally|计票|tally
target_event|对象事件|target event
target_kind|对象种类|kind of target
targets|对象事件|targets
target|对象事件|target
tax_per_mu|亩均税收|tax per mu
tax|税额|tax
text_hash|文本哈希|hash of the text
text_public|公开正文|public text
text|正文|text
time_authority|时间戳机构|time-stamping authority
title|标题|title
to_on|止日|to
token|时间戳|time-stamp token
total|合计|total
trained|受过培训|trained
transition|过渡规则|transition
tree_size|树的大小|size of the tree
truth_declared|承诺真实|truth declared
until|截止|until
uscc|统一社会信用代码|unified social credit code
vacancies|空缺|vacancies
valid_from|起始|valid from
valid_until|截止|valid until
value|取值|value
version|版本|version
visits|查阅条数|pages read
void_from|失效起点|void from
vote|表决|vote
voucher_no|凭证号|voucher number
vouchers|凭证|vouchers
window_from|申报起日|window from
window_to|申报止日|window to
won_on|获奖日期|won on
work_quality|工作质量|quality of work
written_hash|书面评价哈希|hash of the written evaluation
years_experience|从业年限|years of experience
years_operating|经营年限|years in operation
year|年份|year
"""

#: Member name -> (中文, English).
LABELS: dict[str, tuple[str, str]] = {
    name: (zh, en) for name, zh, en in (line.split("|") for line in _LABELS.strip().splitlines())
}


def label(member: str) -> tuple[str, str]:
    """What a member is called, in Chinese and English; one without a label is called by its own name."""
    return LABELS.get(member, (member, member))


#: Members whose whole numbers are fen, as their types say (:data:`ledger.events.kinds.Fen`); people read yuan.
MONEY = frozenset(
    {"amount", "prize_amount", "profit", "revenue", "stated_clawback", "stated_prize", "tax", "tax_per_mu"}
)

#: When a seat counts only in a special case (``Seat.only_if``): Chinese and English.
CONDITIONS: dict[str, tuple[str, str]] = {
    "one_time": ("一次性化名主体的本人密钥", "a pseudonym's own key"),
    "forced": ("代他人吊销密钥", "the key is another's"),
    "by_resolution": ("依评委会决议", "a resolution of the committee is named"),
    "committee_or_office": ("组建或解散评委会、评审办", "the body is the committee or the office"),
    "panel": ("组建或解散评审组", "the body is a panel"),
    "supervision": ("组建或解散监督组", "the body is the supervision group"),
    "sec_concerned": ("应回避者为秘书处人员", "the person concerned is of the secretariat"),
    "on_behalf": ("代异议人登记", "it is recorded on behalf of somebody"),
    "committee_notice": ("文本规定由评委会公示", "the text has the committee publish the notice"),
    "about_a_case": ("异议涉及案件", "the objection is about a case"),
    "not_about_a_case": ("异议不涉及案件", "the objection is about no case"),
    "secretariat_disqualifies": ("文本未规定仅由评委会取消资格", "the text does not leave it to the committee alone"),
    "on_government_decision": ("已登记政府决定", "a government decision is on record"),
    "fund_check": ("检查奖金使用情况", "the check is about the use of prize money"),
    "with_document": ("载明认定文书", "the determining document is named"),
    "erasure": ("销毁受限数据", "restricted data are erased"),
    "opening": ("启封或披露受限数据", "restricted data are opened or disclosed"),
    "own": ("本人登记的事件", "the event is the signer's own"),
    "founders": ("两名创立人共同签署", "two founders sign"),
}
