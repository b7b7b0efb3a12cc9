"""Names of what inquiries answer with, in Chinese and English, beside those of facts and payloads."""

from __future__ import annotations

from ledger.derivation.meanings import Pair, meaning
from ledger.derivation.words import WORDS
from ledger.events.labels import LABELS
from projections.kinds import MONEY
from projections.labels import MEMBERS

_MEMBERS = """
absence|缺项|absence
acted|曾行事|acted
actor|行为人|actor
acts|行为|acts
after|之后|after
age_days|已历天数|age in days
at|时间|at
away|偏离|away from the mean
balanced|账目相符|balanced
before|之前|before
before_the_act|在行为之前|before the act
by_edition|按届次|by edition
by_org|按组织|by organisation
calendars|日历|calendars
causes|原因|causes
changed|变化|changed
changes|结果改变|changes the result
clear|无事|clear
code|代码|code
column|科目|column
combined|合成分|combined
commitment|承诺值|commitment
complete|完整|complete
consequences|后果|consequences
correlation|相关系数|correlation
counting|计日方法|counting
countersigner|会签人|countersigner
declared|申明|declared
derivation|推导版本|version of the derivation
documents|文件|documents
effective_at|发生|happened
entitled|应得|entitled
entries|条目|entries
equal|相同项|equal
first_day_counted|首日计入|first day counted
governed_by|适用版本|governed by
human|人员|person
in|新入围|comes in
in_force|现行版本|in force
lag_days|迟录天数|days late
lines|明细|lines
log|账本|log
matrix|矩阵|matrix
matter|事项|matter
mean|均值|mean
mean_distance|平均差|mean distance
members_left_out|未列项数|members left out
needs_opening|须启封|needs opening
notice_state|公示状态|state of the notice
not_settled|尚无定论|not settled
notice|公示|notice
of_type|所涉行为|of act
one|甲|one
order|次序|order
originator|发起人|originator
other|乙|other
outcomes|结论|outcomes
outstanding|未结清|outstanding
overdue|逾期|overdue
override|突破规则|override
pack|规则|text
packs|规则版本|texts
page|页面|page
panel|评审组|panel
persons|人员|persons
pinned|锁定版本|pinned
position|位置|position
readings|口径|readings
received|已缴回|received
recorded_since|其后登记|recorded since
refused_today|今日会被拒绝|refused today
required|须|required
rested_on_by|为其所据者|rests on it
rests_on|所据|rests on
reversed|已冲正|reversed
reviewer|评审员|reviewer
revisions|改动|revisions
roles|岗位|roles
second|乙|second
sha256|哈希|SHA-256
standing|状态|standing
supposed|假设|supposed
tags|标签|tags
texts|文本|texts
times|次数|times
to|至|to
totals|合计|totals
via|关联方式|by way of
void|作废|void
waived|已免除|waived
ways|途径|ways
without|去掉|without
withdrawn_on|撤回日期|withdrawn on
years|年数|years
"""

_WORDS = """
annulled|已作废|annulled
ban_end|禁止申报期满|ban ends
asked|所问|asked
cited|被引用|cited
calendar_days|自然日|calendar days
calendar_days_moved_on|自然日，遇休息日顺延|calendar days, moved on from a rest day
countersigned|会签|countersigned
event|该事件|the event
knowledge|知悉不同|what was known
live|有效|live
not_derivable|未能推出|could not be derived
named|被提及|named
not_applicable|不适用|does not apply
not_begun|尚未开始|not begun
passed|已过|passed
over_not_closed|期满，未登记结束|over, its end not on record
running|进行中|running
closed|已结束|closed
not_kept|不在此处|not kept
ordered_own_check|自查责令|ordered on own check
raised|出现|raised
disputed|有争议|disputed
undetermined|未能确定|undetermined
reference|引用|reference
rested_on_by|为其所据|rests on it
rests_on|所据|it rests on
signed|签署|signed
acted|签署|acted
value|有结论|answered
validity_end|有效期届满|validity ends
withheld|未公开|withheld
working_days|工作日|working days
attested|已证明|attested
data_years|数据年限|years of data
excellence_model|卓越绩效模式|excellence model
industry_position|行业地位|position in the industry
licences|证照|licences
operating_years|经营年限|years of operation
organisation_form|组织形式|form of organisation
quality_base_and_credit|质量基础与信用|quality base and credit
quality_system|质量管理体系|quality system
recommended|推荐|recommended
to be attested by the office|由秘书处证明|to be attested by the office
"""


def _table(text: str) -> dict[str, tuple[str, str]]:
    return {name: (zh, en) for name, zh, en in (line.split("|") for line in text.strip().splitlines())}


#: What facts and payloads call a member goes before what is said here of inquiries.
MEMBER_NAMES: dict[str, tuple[str, str]] = _table(_MEMBERS) | LABELS | MEMBERS
WORD_NAMES: dict[str, tuple[str, str]] = _table(_WORDS) | WORDS


def said(text: str, member: str = "", of: str = "") -> Pair:
    """A word in Chinese and English, as the value of a member of an event type or fact; what is no word as it is."""
    return meaning(text, member, of) or WORD_NAMES.get(text, (text, text))


#: Members of inquiries whose whole numbers are fen, beside those of facts and payloads.
_FEN = frozenset(
    {
        "decided",
        "entitled",
        "misused",
        "outstanding",
        "overdue",
        "prize_due",
        "received",
        "recovered",
        "reversed",
        "waived",
    }
)


def is_money(name: str) -> bool:
    """Is a whole number under this name an amount in fen?"""
    return name in _FEN or name in MONEY


#: Inquiries whose rows use the words of a fact.
OF_FACT = {"reviewers": "case.reviewers", "flags": "edition.flags", "duties": "award.duties", "next-steps": "case.next"}


def member_at(path: str, fact: str) -> str:
    """The member that stands at a place in an answer to a fact: ``/value/parts/0/amount`` is ``amount``, ``/value`` the
    fact.
    """
    named = [p for p in path.split("/") if p and not p.isdecimal()]
    return fact if named in ([], ["value"]) else named[-1]


def member_named(key: str) -> str:
    """The member that a JSON Pointer names at its end, where a key is one: ``/tax_per_mu`` is ``tax_per_mu``."""
    return key.rpartition("/")[2] if key.startswith("/") else key
