"""Names of answers' members and of the words they use, in Chinese and English; payload members are in the vocabulary.

One meaning a name. What stands in neither table is shown as it is: an id, a parameter's path, a word of a pack.
"""

from __future__ import annotations

from ledger.events.labels import LABELS as PAYLOAD_LABELS

_MEMBERS = """
after_revocation|撤销后再获|after a revocation
agrees|与公示承诺一致|agrees with the promised end
always_possible|随时可申报|always possible
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
clawback_ordered|已令追缴(分)|clawback ordered (fen)
clawback_outstanding|未缴回(分)|clawback outstanding (fen)
clawback_overdue|逾期未缴(分)|clawback overdue (fen)
clawback_received|已缴回(分)|clawback received (fen)
clawback_waived|已免缴(分)|clawback waived (fen)
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
due_amount|应付(分)|due (fen)
due_undetermined|应付不能确定|due cannot be told
duties|义务|duties
duties_overdue|逾期义务|duties overdue
duty|义务|duty
earliest_decision|最早可决定日|earliest decision
edition_no|届次序号|edition number
end|止|end
event|事件|event
expected_clawback|依规应追缴(分)|clawback the text demands (fen)
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
outstanding_prize|未付奖金(分)|prize outstanding (fen)
overrides|越规登记|overrides
paid|已付(分)|paid (fen)
parameter|参数|parameter
predecessors|前身|predecessors
prior|此前获奖|earlier awards
prize_paid|已付奖金(分)|prize paid (fen)
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
accident|事故|accident
after_expiry|有效期满后使用|use after expiry
annual_report|年度报告|annual report
at_once|即可|at once
at_risk|临近到期|at risk
awarded|已授奖|awarded
award_fraud|骗取奖项|award fraud
ban|禁报|ban
candidates|候选|candidates
certificates|证书|certificates
circular|通报|circular
clawback|追缴|clawback
closed_without_award|届满未获奖|closed without award
cup|奖杯|cup
day|日|day
declared_conflict|申明有利害关系|declared a conflict
declared_none|申明无利害关系|declared none
decision|决定|decision
disqualified|取消资格|disqualified
due|应履行|due
eligible|符合条件|eligible
exchange_event|经验交流|exchange of experience
expired|已过有效期|expired
fail|不符合|fails
filed|已申报|filed
forgery|伪造|forgery
fraud|弄虚作假|fraud
fulfilled|已履行|fulfilled
gap_editions|隔届|gap of editions
granted_no_validity_rule|已授予（文本不设有效期）|granted (no rule of validity)
held|持有|held
impersonation|冒用|impersonation
ineligible|不符合条件|ineligible
innovation|创新奖|innovation
joint_punishment|失信联合惩戒|joint punishment
lapsed|因撤销失其必要|lapsed
late|逾期履行|late
manufacturing|制造业|manufacturing
no_bar|无禁止|no bar
no_due_date|无期限|no due date
no_rule|文本无规定|no rule
no_year|未标年份|without its year
nomination|提名奖|nomination
not_qualified|无资格|not qualified
not_yet|未到期|not yet
notice|公示|notice
on_notice|公示中|on notice
onsite_review|现场评审|on-site review
open|未结|open
overdue|逾期|overdue
packaging|用于包装|on packaging
pass|符合|passes
plaque|奖牌|plaque
prize|奖金|prize
product_promotion|用于产品宣传|promoting products
promotion_summary|推广总结|promotion summary
public_criticism|通报批评|public criticism
publish|公开|publish
quality|质量奖|quality award
reassessment|复评|reassessment
recused|已回避|recused
registered|注册地|registered
return|交回|return
revocation|撤销|revocation
revoked|已撤销|revoked
shortlisted|入围|shortlisted
survey|调查|survey
tax|税收|tax
tax_dishonesty|税收失信|tax dishonesty
unauthorised_review_activity|擅自评审|unauthorised review activity
unclear|不明|unclear
undeclared|未申明|undeclared
under_objection|异议处理中|under objection
vacant|空缺|vacant
valid|有效|valid
validity|有效期内|within validity
withdrawn|已撤回|withdrawn
working_day|工作日|working day
year|年|year
yes|是|yes
no|否|no
"""

Pair = tuple[str, str]


def _table(text: str) -> dict[str, Pair]:
    return {name: (zh, en) for name, zh, en in (line.split("|") for line in text.strip().splitlines())}


#: Members of answers, over the labels of payload members.
MEMBERS: dict[str, Pair] = PAYLOAD_LABELS | _table(_MEMBERS)
WORDS: dict[str, Pair] = _table(_WORDS)
