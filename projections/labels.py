"""Names of answers' members and of the words they use, in Chinese and English; payload members are in the vocabulary.

One meaning a name. What stands in neither table is shown as it is: an id, a parameter's path, a word of a pack.
"""

from __future__ import annotations

from ledger.derivation.procedure import STEP_NAMES
from ledger.events.labels import LABELS as PAYLOAD_LABELS
from ledger.events.labels import MONEY as PAYLOAD_MONEY
from ledger.events.vocabulary import EVENTS
from projections.meanings import Pair, meaning

_MEMBERS = """
after_revocation|撤销后再获|after a revocation
agrees|与公示承诺一致|agrees with the promised end
always_possible|随时可办|always possible
announcements|公告|announcements
answer|回答|answer
applications|申报数|applications
articles|条款|articles
banned|是否禁报|banned
bans|禁报|bans
barred_until|禁报至|barred until
basis|依据|basis
binding|决定性原因|binding reason
blocked_by|受阻于|blocked by
blocking|阻断中|blocking
call|申报公告|call
cause|原因|cause
certain|确定|certain
certificate|发证书|certificate
clawback_ordered|已令追缴|clawback ordered
clawback_outstanding|未缴回|clawback outstanding
clawback_overdue|逾期未缴|clawback overdue
clawback_received|已缴回|clawback received
clawback_waived|已免缴|clawback waived
condition|条件|condition
conditions|条件|conditions
count|数量|count
counted|计入|counted
counts_quota|占名额|counts against the quota
cycle|周期|cycle
date|日期|date
deadline|期限|deadline
deadline_note|期限说明|note on the deadline
decided|已决定|decided
detail|说明|detail
due|到期日|due
due_amount|应付|due
due_undetermined|应付不能确定|due cannot be told
duties|义务|duties
duties_overdue|逾期义务|duties overdue
duty|义务|duty
earliest_decision|最早可决定日|earliest decision
edition_no|届次序号|edition number
end|止|end
event|事件|event
expected_clawback|依规应追缴|clawback the text demands
extended_by|延长依据|extended by
fact|事实|fact
first|首次|first
first_counted_day|首个计算日|first counted day
forbidden|禁止的使用|forbidden uses
free|剩余|free
from|自|from
fulfilled_by|履行事件|fulfilled by
gap|缺口|gap
genuine|有效|genuine
group|组别|group
history|历次|history
history_complete_until|历史记录完整至|history complete until
how|方式|how
incident|事由事件|incident
ineligible|不符合条件|ineligible
label|称谓|label
last_day|末日|last day
leader|组长|leader
lookback|回溯期命中|look-back hits
material|材料评审|material review
max|上限|maximum
may_apply|可否申报|may it apply
median|中位数|median
min|下限|minimum
minimum|最低|minimum
money|资金|money
name|名称|name
names|名单|names
next_due_from|下届应自|next due from
no_ban_laid_down|文本未设禁报|no ban laid down
not_counted|不计入|not counted
notices|公示|notices
onsite|现场评审|on-site review
open|未结|open
open_cases|在办案件|open cases
out|回避或无资格|out
out_of_order|次序不符的事件|events out of order
outstanding_prize|未付奖金|prize outstanding
overrides|越规登记|overrides
paid|已付|paid
parameter|参数|parameter
pointer|字段|field
predecessors|前身|predecessors
prior|此前获奖|earlier awards
prize_paid|已付奖金|prize paid
quota|名额|quota
reading|口径|reading
recusal_note|回避规则说明|note on recusal
recusal_rule|回避规则|recusal rule
recused_since|回避自|recused since
register|登记簿|register
remaining|余下步骤|remaining steps
reviewers|评审员|reviewers
revoked|已撤销|revoked
revoked_on|撤销日期|revoked on
rule|规则|rule
ruler|期间尺|ruler
running|进行中|running
sanctions|处理措施|sanctions
sectors|行业|sectors
sent_back_by|退回的决定|sent back by
settled|已了结|settled
signed_by|签署岗位|signed by
silent_parameters|文本未规定的参数|silent parameters
since|自|since
size_max|人数上限|size, maximum
size_min|人数下限|size, minimum
sizes|规模|sizes
statistics|统计|statistics
title|称号使用|use of the title
title_misuse|称号滥用|misuse of the title
undetermined|不能确定|undetermined
unit|单位|unit
unknown_parameters|条文未见的参数|unseen parameters
usable|可使用|usable
used|已用|used
waiting_for|等待|waiting for
watch_until|监督期至|watched until
winners|获奖数|winners
year_required|须标年份|year required
"""

_WORDS = """
Ed25519|Ed25519|Ed25519
WebAuthn-ES256|通行密钥 WebAuthn-ES256|passkey WebAuthn-ES256
abstain|弃权|abstains
accept|接受|accepts
accident|事故|accident
advance|晋级|advance
adverse|不宜|adverse
after|之后|after
after_expiry|有效期满后使用|use after expiry
after_months|若干月后|after months
after_revocation|撤销后使用|use after revocation
against|反对|against
agency|机构|agency
all|全部|all
amendment|修订|amendment
amount|数额|amount
annual_report|年度报告|annual report
annulled_ground|事由已作废|ground annulled
answer|答复|answer
any|任何|any
appeal|申诉|appeal
applies|适用|applies to
association|行业协会|association
at_once|即可|at once
at_risk|临近到期|at risk
award|授奖|award
award_fraud|骗取奖项|award fraud
awarded|已授奖|awarded
awards|奖项|awards
bachelor|本科|bachelor
ballot|投票|ballot
ban|禁报|ban
bans|禁申|bans
below|本科以下|below bachelor
benefit|效益|benefit
body|机构|body
bonus|上级奖项奖励|bonus
brand|品牌建设|brand
business|商业秘密|business secret
by_order|依裁判或命令|by order of a court or authority
cancelled|取消|cancelled
candidates|候选|candidates
case|案件|case
category|类别|category
certificate|证书|certificate
certificates|证书|certificates
chair|主任|chair
chair_review|主任审核|review by the chair
chief_quality_officer|首席质量官|chief quality officer
circular|通报|circular
city|市级|city
clawback|追缴|clawback
clawback_with_approval|经批准追缴|clawback with approval
clear|无异议|clear
closed_without_award|届满未获奖|closed without award
commercial|商业秘密|commercial secrets
committee|评委会|committee
committee_resolution|评委会决议|resolution of the committee
complaint|投诉|complaint
completed|完成|completed
comprehensive|综合|comprehensive
compromised|泄露|compromised
condition_lost|条件丧失|condition lost
confirmed|确认|confirmed
confirmed_with_remarks|附意见确认|confirmed with remarks
conflict|有利害关系|conflict
consent_withdrawn|撤回同意|consent withdrawn
consultation_draft|征求意见稿|consultation draft
contact|联系方式|contact
correct|更正|correct
corrected|已更正|corrected
counts_later|计入以后评选|counts in later awards
county_gov|县市区政府|county government
court|法院裁判|court
credit|信用|credit
credit_record|记入信用档案|credit record
critical|严重|critical
criticism|批评|criticism
cup|奖杯|cup
day|日|day
days|天数|days
days_after|公布后若干日|days after
debts|债务|debts
decision|决定|decision
declared_conflict|申明有利害关系|declared a conflict
declared_none|申明无利害关系|declared none
declared_void|声明作废|declared void
decline|不推荐|declines
degree_or_senior_title|学历或职称|degree or senior title
delayed|迟录|delayed
deliberation|审议|deliberation
department|部门|department
deregistered|注销|deregistered
disclosed_to|提供|disclosed
dismissed|不成立|dismissed
disqualification|取消资格|disqualification
disqualified|取消资格|disqualified
disqualify|取消资格|disqualify
district|区级|district
district_dept|区级主管部门|district department
doctor|博士|doctor
draft|草案|draft
due|应履行|due
duplicate|重复|duplicate
edition_closed|届次结束|edition closed
editions|届数|editions
effective|自生效日|from the effective day
eligible|符合条件|eligible
enactment|发布|enactment
enterprise|企业|enterprise
environment|环保|environment
environmental_management|环境管理体系|environmental management
erased|删除|erased
error|错误|error
exchange_event|经验交流|exchange of experience
executive_meeting|政府常务会议|executive meeting
expert|专家|expert
expired|已过有效期|expired
explain|说明情况|explain
export_claim|出口退货索赔|export claim
extraordinary|特别重大|extraordinary
fail|不符合|fails
fatal|致死|fatal
filed|已申报|filed
fixed|定日施行|fixed day
food|食品|food
for|赞成|for
for_profit|营利组织|for-profit
forged_key|密钥被冒用|forged key
forgery|伪造|forgery
fraud|弄虚作假|fraud
from_date|自某日起|from a date
fulfilled|已履行|fulfilled
fund_check|资金检查|check of funds
fund_misuse|奖金使用不当|misuse of funds
fund_use|资金使用|use of funds
gap_editions|隔届|gap of editions
general|一般|general
government|政府|government
government_approval|政府批准|government approval
government_decision|政府决定|decision of the government
government_study|政府研究审定|study by the government
granted_no_validity_rule|已授予（文本不设有效期）|granted (no rule of validity)
group|组|group
health|卫生|health
held|持有|held
high|高|high
higher_award_preparation|争创上级奖|preparing a higher award
hightech|高新技术|high technology
hsm|密码机|HSM
human|须人判断|to be judged
id|编号|id
impersonation|冒用|impersonation
improvement|改进|improvement
improvement_required|要求改进|improvement required
in_force|施行|in force
incident|负面事实|incident
industrial_tax_per_mu_yuan|工业亩均税收(元)|industrial tax per mu, yuan
industry|行业|industry
industry_dept|行业主管部门|industry department
ineligible|不符合条件|ineligible
innovation|创新奖|innovation
insolvent|无偿付能力|insolvent
inspection|巡查|inspection
instalments|分期|in instalments
institution|事业单位|institution
intellectual_property|知识产权|intellectual property
interpretation|口径|interpretation
interpretation_only|仅见解读|interpretation only
joint_punishment|失信联合惩戒|joint punishment
kind|种类|kind
kinds|种类|kinds
lab_equipment|检测设备|laboratory equipment
labour|劳动保障|labour
labour_dishonesty|劳动保障失信|labour dishonesty
lapsed|因撤销失其必要|lapsed
large|大型|large
larger|较大|larger
late|逾期履行|late
latest|从新|latest
lawful_operation|合法经营|lawful operation
leader|组长|leader
leading_results|领先业绩|leading results
left_office|离任|left office
legacy_import|历史补录|legacy import
legacy_stub|旧文本|legacy stub
legal_person|法人|legal person
level|等级|level
levels|层级|levels
licence_missing|缺少许可|licence missing
loss_year|亏损年度|year of loss
lost|遗失|lost
low|低|low
lump_sum|一次性发放|lump sum
main|主奖金|main prize
maintained|维持|maintained
major|重大|major
major_complaint|重大投诉|major complaint
management_system|管理体系认证|management system
manufacturing|制造业|manufacturing
market|市场监管|market regulation
master|硕士|master
material|材料评审|on the file
max|上限|at most
mayor_consent|市长同意|the mayor's consent
mean|平均|mean
median|中位数|median
medium|中型|medium
member|成员|member
merged|合并|merged
method_promotion|方法推广|promotion of methods
micro|微型|micro
min|下限|at least
minor|轻微|minor
months|月数|months
moved|迁址|moved
na|不适用|not applicable
national|国家级|national
no|否|no
no_bar|无禁止|no bar
no_due_date|无期限|no due date
no_error|无误|no error
no_loss|无亏损|no loss
no_rule|文本无规定|no rule
no_year|未标年份|without its year
nomination|提名奖|nomination
none|无|none
not_admitted|不予受理|not admitted
not_candidate|未列候选|not a candidate
not_cooperating|不配合|not cooperating
not_qualified|无资格|not qualified
not_shortlisted|未入围|not shortlisted
not_verifiable|无法核实|not verifiable
not_yet|未到期|not yet
notice|公示|notice
notice_objection|公示异议|objection to the notice
objection|异议|objection
objection_upheld|异议成立|objection upheld
occupational_health_and_safety|职业健康安全管理体系|occupational health and safety
office|办事机构|office
office_request|办事机构提请|the office's request
on_notice|公示中|on notice
on_publication|公布之日|on publication
onsite|现场评审|on site
onsite_review|现场评审|on-site review
open|未结|open
opened|启封|opened
ordered|责令|ordered
organisation|组织|organisation
origin|自始|from the origin
other|其他|other
other_management_system|其他管理体系|another management system
other_organisation|其他组织|other organisation
overdue|逾期|overdue
overpaid|多付|overpaid
overturned|被推翻|overturned
own|本地自有|own
own_check|自查|own check
packaging|用于包装|on packaging
panel|评审组|panel
park|园区|park
partly|部分成立|partly
pass|符合|passes
passed_on|已转办|passed on
patent|专利|patent
per_rules|按其他规定|by other rules
percent|百分比|percent
performance|绩效报告|performance report
person|人员|person
pinned|从旧|pinned
pinzibiao|品字标|Pinzibiao
plaque|奖牌|plaque
plenary|全体会议|plenary
policy_and_licences|符合产业政策与许可|policy and licences
policy_breach|违反产业政策|breach of policy
policy_platform|惠企政策平台|policy platform
prize|奖金|prize
product_promotion|用于产品宣传|promoting products
production|正式|production
profit|盈利|profit
promotion_summary|推广总结|promotion summary
proposed_awardees|拟获奖名单|proposed awardees
province|省级|province
pseudonym|化名|pseudonym
public_body|公共机构|public body
public_criticism|通报批评|public criticism
public_health|公共卫生|public health
public_welfare|公益|public welfare
publicity|宣传|publicity
publish|公开|publish
published|公开|published
purpose_achieved|处理目的已实现|purpose achieved
quality|质量奖|quality award
quality_breakthrough|质量攻关|quality breakthrough
quality_management|质量管理体系|quality management
quality_problem|质量问题|quality problem
quality_project|质量项目|quality project
reassessment|复评|reassessment
recommend|推荐|recommends
recommender|推荐单位|recommender
recorded_by_mistake|误录|recorded by mistake
recusal_request|回避申请|request for recusal
recuse|回避|recuse
recused|已回避|recused
refer|移送|refer
referred_discipline|移送纪检监察|referred to discipline
referred_employer|移送所在单位|referred to the employer
referred_judicial|移送司法机关|referred to the judiciary
refused|拒绝|refused
registered|注册地|registered
reinstated|恢复|reinstated
reject|不接受|rejects
renamed|更名|renamed
repairable|可修复|repairable
replaced|更换|replaced
required|要求|required
results|经营业绩|results
retention_expired|保存期限届满|retention period over
return|交回|return
return_visit|回访|return visit
returned|退回补正|returned
review_eligibility_cancelled|取消评审资格|eligibility to review cancelled
review_rules|评审细则|review rules
reviewer|评审员|reviewer
revocation|撤销|revocation
revocation_proposal|提请撤销|proposal to revoke
revoke_proposal|提请撤销|propose revocation
revoked|已撤销|revoked
revoked_fraud|因弄虚作假撤销|revoked for fraud
revoked_other|因其他事由撤销|revoked on another ground
rnd|研发|research and development
rotated|轮换|rotated
safety|安全|safety
sanction|处理|sanction
secretariat|秘书处|secretariat
sector_changed|行业变更|sector changed
sectors|行业|sectors
self_assessment|自评报告|self-assessment
serious|严重|serious
serious_problem|严重问题|serious problem
serious_with_government_approval|情节严重的经政府批准|where serious, with the government's approval
service_model|服务模式|service model
service_quality|服务质量|service quality
severity|等级|severity
shortlisted|入围|shortlisted
silent|未规定|silent
simulation|模拟|simulation
sizes|规模|sizes
small|小型|small
social_impact|社会影响|social impact
social_org|社会组织|social organisation
social_responsibility_and_credit|社会责任与信用|social responsibility and credit
software|软件|software
split|分立|split
spot_check_failure|抽检不合格|failed spot check
staff|工作人员|staff
standards|标准|standards
standing|持续有效|while it stands
stat_fraud|统计造假|statistical fraud
state|国家秘密|state secrets
statistics|统计|statistics
stop|停止|stop
street|街道|street
substantiated|属实|substantiated
succession|承继|succession
superior_bonus|上级奖项奖励|bonus for a higher award
supervision|监督|supervision
supervision_group|监督组|supervision group
supplement|补正材料|the completion of the file
survey|调查|survey
suspend|暂停|suspend
tax|税收|tax
tax_dishonesty|税收失信|tax dishonesty
tax_per_mu|亩均税收|tax per mu
technical|技术秘密|technical secret
term_end|任期届满|end of term
times|次数|times
title|称号|title
title_misuse|荣誉使用违规|misuse of title
top_up|补差|top-up
town|乡镇|town
trademark|商标|trademark
trained|经培训|trained
training|培训|training
transfer|调动|transfer
transferred|移送|transferred
treasury|财政|treasury
trimmed_mean|去高低平均|trimmed mean
ukey|密钥盘|USB key
unauthorised_review_activity|擅自评审|unauthorised review activity
unclear|不明|unclear
undeclared|未申明|undeclared
under_objection|异议处理中|under objection
unit|单位|unit
unknown|条文未见|not seen
unlawful_processing|处理违法违规|processed unlawfully
unlimited|不限期|unlimited
unsubstantiated|不属实|unsubstantiated
upheld|成立|upheld
usual|一般|usually
vacant|空缺|vacant
valid|有效|valid
validity|有效期内|within validity
vice|副主任|vice chair
violation|违法违规|violation
void_ab_initio|自始无效|void from the beginning
vote|表决|vote
waiver|减免|waiver
warning|警告|warning
watch_window|观察期|window after the award
when|情形|when
withdrawn|已撤回|withdrawn
work_ended|工作结束|work ended
work_safety_level_1|安全生产标准化一级|work safety, level 1
work_safety_level_2|安全生产标准化二级|work safety, level 2
work_safety_level_3|安全生产标准化三级|work safety, level 3
working_day|工作日|working day
worth_spreading|经验可推广|worth spreading
year|年|year
years|年数|years
years_experience|从业年限|years of experience
yes|是|yes
zjtx|专精特新|specialised and new
"""


def _table(text: str) -> dict[str, Pair]:
    return {name: (zh, en) for name, zh, en in (line.split("|") for line in text.strip().splitlines())}


#: Members of answers, over the labels of payload members.
MEMBERS: dict[str, Pair] = PAYLOAD_LABELS | _table(_MEMBERS)
#: Members of payloads and answers whose whole numbers are fen, and the fact that is an amount itself.
MONEY: frozenset[str] = PAYLOAD_MONEY | {
    "award.prize_due", "clawback_ordered", "clawback_outstanding", "clawback_overdue", "clawback_received", "clawback_waived",
    "due_amount", "expected_clawback", "outstanding_prize", "paid", "prize_paid",
}  # fmt: skip
#: Steps and event types by the names that they have elsewhere; then the words of enumerations. What a word says as the value
#: of one member in particular is in projections/meanings.py. Flags quote this table in their sentences, and packages hold
#: these: a word that stands here stays as it is.
WORDS: dict[str, Pair] = (
    {topic: (kind.SPEC.zh, kind.SPEC.en) for topic, kind in EVENTS.items()}
    | {step: names[:2] for step, names in STEP_NAMES.items()}
    | _table(_WORDS)
)


def known_word(name: str, member: str = "", of: str = "") -> Pair | None:
    """A word of an enumeration in Chinese and English, as the value of a member of an event type or fact; None for no word."""
    return meaning(name, member, of) or WORDS.get(name)


def word(name: str, member: str = "", of: str = "") -> Pair:
    """The same; what is no word is shown as it is."""
    return known_word(name, member, of) or (name, name)
