"""Words whose meaning depends on the member whose value they are.

``returned`` is a file sent back for completion as the outcome of an examination, and a certificate handed back as its
state. A line names the member, or the member of one event type or fact (``CertificateReturned/state``), the word, and
what it says there in Chinese and English. What stands here goes before the one table of words
(ledger/derivation/words.py).
"""

from __future__ import annotations

from ledger.derivation.procedure import STEP_NAMES
from ledger.regulation.parameters import PARAMETERS

#: In Chinese and in English.
Pair = tuple[str, str]

_MEANINGS = """
CertificateReturned/state|returned|已交回|handed back
ObjectionInvestigated/outcome|partly|部分属实|partly substantiated
ObjectionResolved/measures|none|无需处理|no measure
OnsiteReportConfirmed/outcome|confirmed|确认无误|confirmed
OnsiteReportConfirmed/outcome|refused|不予确认|refused to confirm
PublicNoticeOpened/kind|candidates|候选名单公示|notice of candidates
PublicNoticeOpened/kind|revocation|撤销公示|notice of a revocation
RecommendationIssued/outcome|withdrawn|撤回推荐|recommendation withdrawn
RecusalOrdered/source|complaint|投诉举报|complaint
about|award|获奖|award
about|ineligible|资格审查未通过|not eligible
amount|bonus|上级奖项奖励|the bonus for a higher award
amount|due|应得奖金|the prize due
amount|expected_clawback|应追缴的奖金|the clawback that the text expects
amount|entitled|应得奖金|the prize due
amount|outstanding_prize|未付奖金|the prize outstanding
answer|undetermined|未能确定|cannot be told
capacity|enterprise|企业代表|from enterprises
capacity|other|其他代表|other
causes|calendar|节假日安排|the calendar
causes|day|事实日不同|the day
causes|event|其后登记的事件|entries recorded since
causes|law|规则版本|the version of the text
causes|reading|口径|the reading
causes|together|几项合起来|several together
certificate.register/state|declared_void|已声明作废|declared void
certificate.register/state|held|由获奖组织持有|with the holder
certificate.register/state|lost|已遗失|lost
certificate.register/state|returned|已交回|handed back
case.reviewers/state|eligible|可以评审|may review
case.reviewers/state|key_or_role_invalid|密钥或岗位无效|no valid key or role
case.reviewers/state|not_on_panel|不在本案评审组|not on the panel
case.reviewers/state|sanctioned|被处理，不得参与|barred by a sanction
case.reviewers/state|undeclared|尚未申明利害关系|interest not declared
case.scores/state|not_applicable|无评分|no score
case.scores/state|undetermined|未能确定|cannot be told
case.scores/state|value|已有评分|scored
column|clawback_ordered|决定追缴|clawback ordered
column|paid|拨付|paid
column|received|缴回|received
column|reversed|冲正|reversed
column|waived|减免|waived
condition|certificates|资质证书|certificates
condition|credit|信用状况|credit
condition|credit_report|信用核查报告|credit report
condition|data_years|数据年限|years of data
condition|excellence_model|卓越绩效模式|excellence model
condition|industry_position|行业地位|position in the industry
condition|innovation|创新|innovation
condition|licences|证照|licences
condition|operating_years|经营年限|years of operation
condition|organisation_form|组织形式|form of organisation
condition|quality_base_and_credit|质量基础与信用|quality base and credit
condition|quality_system|质量管理体系|quality system
condition|recommended|推荐|recommended
condition|sector|行业|sector
domain|quality|质量|quality
case.status/state|approved|已获批准|approved
case.status/state|candidate|已列入候选名单|candidate
case.status/state|material_reviewed|已完成材料评审|file reviewed
case.status/state|not_approved|未获批准|not approved
case.status/state|not_proposed|未列入拟获奖名单|not proposed
case.status/state|notice_done|公示期满|notice over
case.status/state|onsite_done|已完成现场评审|visited
case.status/state|onsite_reported|已提交现场评审报告|visit reported
case.status/state|proposed|已列入拟获奖名单|proposed
case.status/state|report_confirmed|评审报告已获确认|report confirmed
duty|clawback|退回奖金|repayment of the prize
duty|publish|向社会公布撤销|publication of the revocation
duty|return|交回证书、奖牌|return of certificate and plaque
edition.course/state|cancelled|已取消|cancelled
edition.course/state|completed|已办结|completed
edition.course/state|open|进行中|under way
edition.course/state|vacant|奖项空缺|no award given
edition.flags/kind|award|奖项|award
edition.flags/outcome|clear|未出现|not raised
edition.flags/outcome|disputed|有争议|disputed
edition.flags/outcome|not_applicable|不适用|does not apply
edition.flags/outcome|raised|出现|raised
edition.flags/outcome|undetermined|未能确定|cannot be told
edition.flags/state|dismissed|已排除|dismissed
edition.flags/state|confirmed|已查实|confirmed
edition.flags/state|explained|已说明|explained
edition.flags/state|open|待核查|open
edition.flags/state|questioned|已要求说明|questioned
edition.flags/state|settled|已了结|settled
after|grant|授奖之后|after the grant
after|report|报告之后|after the report
fund_misuse.clawback/|any_with_government_approval|任何不当使用，经政府批准|any misuse, with the government's approval
fund_misuse.clawback_limit/|misused|以不当使用部分为限|the misused part
fund_misuse.clawback_limit/|whole|全部奖金|the whole prize
when|announcement|公告时|on the announcement
finding.state/state|answered|已答复|answered
finding.state/state|closed|已销号|closed
finding.state/state|open|待答复|open
finding.state/state|overdue|逾期未答复|answer overdue
ground|discipline|违纪行为|breach of discipline
ground|severe_loss|严重经营性亏损|severe operating loss
ground|tax|税收问题|tax
group|services_engineering_others|服务、工程及其他行业|services, engineering and others
how|ordered_own_check|自查责令|ordered on own check
kind|announcement|公告|announcement
AnnouncementPublished/kind|award|授奖公告|announcement of awards
kind|edition|届次|edition
kind|event|事件|event
kind|lookback|回溯期限制|look-back
kind|parameter|规则条目|parameter
kind|remaining_months|按剩余月数|by the months that remain
kind|share|按比例|a share
matter|eligibility|资格条件|eligibility
matter|money|奖金|money
matter|procedure|评选程序|procedure
matter|sanction|撤销与处理|sanction
matter|validity|有效期与义务|validity
period|revocation|撤销后|after the revocation
pool|city|市级专家库|the city's pool
pool|district|区级专家库|the district's pool
pool|province|省级专家库|the province's pool
priority_grounds|brand|知名品牌|brand
reason|ban|禁报期内|during a ban
reason|conflict|利益冲突|conflict of interest
reason|lookback|回溯期内有否决事实|a fact within the look-back
reason|sanction|受到处理|sanctioned
relation|competitor|竞争关系|competitor
relation|consulting|曾提供咨询|consulting
relation|employed|任职关系|employed
relation|kinship|亲属关系|kinship
relation|other|其他关系|other
relation|shareholding|持股关系|shareholding
result|attested|已证明|attested
result|none|无利害关系|no interest
scope|own|本奖项|this award
sector|agri_processing|农产品加工业|processing of farm produce
sector|education|教育|education
sector|engineering|工程建设业|engineering
sector|environment|生态环保业|environment
sector|manufacturing|制造业|manufacturing
sector|medical|医疗卫生|medical
sector|other|其他行业|other sectors
disclosure|business|商业秘密|business secret
disclosure|complainant|举报人信息|whoever complained
disclosure|findings|认定详情|details of findings
disclosure|interest|利害关系|interests declared
disclosure|payee|收款账户|accounts of payees
disclosure|personal|个人信息|personal data
disclosure|scores|评分|scores
sector|service|服务业|service
severity|C|极高|critical
severity|H|高|high
severity|L|低|low
severity|M|中|medium
severity|critical|极高|critical
severity|high|高|high
severity|low|低|low
severity|medium|中|medium
state|value|有结论|answered
state|not_applicable|不适用|does not apply
state|not_derivable|未能推出|could not be derived
state|undetermined|未能确定|cannot be told
step|accept|认可答复|accepts the answer
step|answer|提交答复|answers
step|reject|不认可答复|rejects the answer
target_kind|award|奖项|award
unit|month|月|month
"""

_ROLES = """
APP|申报/获奖组织|applicant
REC|推荐单位|recommender
DEP|职能部门|department
SEC|秘书处（评审办）|office
SECH|秘书处负责人|head of the office
REV|评审员|reviewer
LEAD|评审组长|panel leader
COM|评委会委员|committee member
CHR|评委会主任|chair of the committee
GOV|政府|government
FIN|财政|finance
SUP|监督组|supervision group
DIS|纪检监察|discipline inspection
PUB|公众|public
OPR|账本运营|operator of the ledger
"""


def _lines(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def _by_member() -> dict[str, dict[str, Pair]]:
    found: dict[str, dict[str, Pair]] = {}
    for member, name, zh, en in _lines(_MEANINGS):
        found.setdefault(member, {})[name] = (zh, en)
    roles: dict[str, Pair] = {code: (zh, en) for code, zh, en in _lines(_ROLES)}
    steps: dict[str, Pair] = {step: names[:2] for step, names in STEP_NAMES.items()}
    parameters: dict[str, Pair] = {spec.path: (spec.zh, spec.en) for spec in PARAMETERS}
    of_cases = found["case.status/state"]
    flags = {
        f"{kind}.flags/{name}": found[f"edition.flags/{name}"]
        for kind in ("case", "award", "org")
        for name in ("kind", "outcome", "state")
    }
    return (
        found
        | flags
        | {
            "parameter": parameters,
            "param_path": parameters,
            "role": roles,
            "recipient_role": roles,
            "algorithm": {"SM2": ("国密 SM2", "SM2")},
            "remaining": steps,
            "step": steps | found["step"],
            "state": of_cases | found["state"],
            "open_cases": of_cases,
            "cases": of_cases,
        }
    )


#: Member, or type or fact and member -> word -> what it says there.
MEANINGS: dict[str, dict[str, Pair]] = _by_member()


def meaning(name: str, member: str, of: str) -> Pair | None:
    """What a word says as the value of a member, of an event type or fact where one is given; None where nothing
    special.
    """
    for key in (f"{of}/{member}", member):
        if name in MEANINGS.get(key, {}):
            return MEANINGS[key][name]
    return None
