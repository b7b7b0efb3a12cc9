"""How far a seat reaches: whether it signs about what is its own, about another's, and about what it has no part in.

The seats say who may sign an event (``EventSpec.seats``); this says about which objects, and why. ``own`` is what the
signer did, is, or applies for; ``another's`` is somebody else's, in which the signer has a seat or a part; ``unrelated`` is
somebody else's without one. ``docs/spec/vocabulary.md`` shows the table, and a test holds admission to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.events.registry import Seat
from ledger.events.vocabulary import EVENTS

#: ``-``: the question does not arise, since such an act is about nobody's own, or gives nobody a part.
Reached = Literal["yes", "no", "-"]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a seat signs about the own, another's and the unrelated, with its reason in both languages."""

    own: Reached
    anothers: Reached
    unrelated: Reached
    zh: str
    en: str


#: What a role does anywhere, unless the event says otherwise below: ``role|own|another's|unrelated|zh|en``.
_OF_ROLES = """
OPR|-|yes|yes|管理员管理全账本的主体、密钥与时间，不办理任何案件|the operator keeps principals, keys and time of the whole log, and handles no case
GOV|-|yes|yes|政府审定本辖区的全部奖项|the government decides on every award of its jurisdiction
SECH|-|yes|yes|秘书处负责人对全部案件负责|the head of the secretariat answers for every case
SEC|-|yes|yes|秘书处办理全部案件；已回避者不得审定|the secretariat handles every case; who is recused judges none of it
CHR|-|yes|yes|评委会主任代表评委会|the chair speaks for the committee
COM|no|yes|no|委员只在所任职的评委会行事|a member of the committee acts where it has a seat
REV|no|yes|no|评审员只在所任职的评审组行事|a reviewer acts where it has a seat
LEAD|no|yes|no|组长只在所任职的评审组行事|a panel's leader acts where it has a seat
DEP|-|yes|yes|部门就其职责范围内的任何单位作出意见或认定|a department speaks of any organisation within its duties
REC|no|yes|yes|推荐单位自行决定推荐谁，但不得自荐|a recommender recommends whom it chooses, and never itself
FIN|-|yes|yes|财政按已登记的决定对任何奖项收付|finance pays and receives for any award, as was decided on record
SUP|-|yes|yes|监督组监督全部行为|the supervision group oversees every act
DIS|-|yes|yes|纪检监察监督全部行为|discipline inspection oversees every act
APP|yes|no|no|申报单位只办理本单位的事|an applicant acts in its own affairs
PUB|yes|yes|yes|任何人均可对任何公开事项提出异议|anybody may object to anything that is public
"""

#: ``event|roles|own|another's|unrelated|zh|en``; ``*`` is every role that has a seat and no line of its own.
_OF_EVENTS = """
KeyRegistered|*|yes|no|no|密钥只能由本人登记|a principal registers its own key
KeyRevoked|*|yes|no|no|吊销本人的密钥|a principal revokes its own key
KeyRevoked|SUP OPR|yes|yes|yes|泄露的密钥须有人代为吊销，两人会签|somebody has to revoke a key that leaked: two together do
RoleGranted|*|no|yes|yes|岗位由他人授予，不得自授|a role is given by another person
ReviewerQualified|*|no|yes|yes|评审资格由他人登记，不得自批|a qualification is confirmed by another person
InterestDeclared|*|yes|-|-|任何评审相关人员均可就任何案件申明本人的利害关系|everybody in the review declares the own interest, in any case
ObjectionRaised|*|yes|yes|yes|任何人均可就任何公开事项提出异议，秘书处可代为登记|anybody may object to anything that is public, the office on behalf of somebody
ObjectionInvestigated|*|no|yes|yes|提出人与被反映人不得自查（职责分离 S6）|who objects, or is objected to, does not investigate (separation S6)
ObjectionResolved|*|no|yes|yes|提出人与被反映人不得自行处理（职责分离 S6）|who objects, or is objected to, does not resolve (separation S6)
RoleWithdrawn|*|-|yes|yes|由有权授予该岗位的一方撤回|a role is withdrawn by the seat that may grant it
OnsiteReportConfirmed|APP|yes|no|no|被评审单位确认关于本单位的报告|the organisation visited confirms the report about itself
OversightFindingAnswered|*|yes|yes|yes|岗位上的人代表机构答复；销号与退回只由签发人|who holds an office answers for it; only the issuer accepts or rejects
OversightFindingAnswered|APP REC DEP REV LEAD|yes|yes|no|当事人答复涉及本人行为、本单位案件或本人参与的案件的意见|a finding about the own act, the own case, or a case with a part in it is answered
RestrictedDataHandled|APP|yes|no|no|申报单位启封关于本单位的内容|an applicant opens what is about itself
RestrictedDataHandled|REV LEAD|yes|yes|no|评审员启封所任职评审组案件的材料|a reviewer opens the papers of the own panel's cases
RestrictedDataHandled|COM|yes|yes|no|委员启封所任职评委会届次的调查与本人申明|a member of the committee opens findings of its editions, and what it declared itself
RestrictedDataHandled|DEP|yes|yes|no|部门启封其参与办理的案件与异议的调查|a department opens findings of cases and objections in which it had a part
RestrictedDataHandled|SEC SECH CHR GOV FIN|-|yes|yes|职务所需；已回避者与被反映人除外|as the office needs it; not who is recused, nor whom the objection is about
RestrictedDataHandled|SUP DIS|yes|yes|yes|监督所需，每次启封均写明目的|oversight opens anything, and states the purpose each time
RestrictedDataHandled|OPR|-|yes|yes|与 DIS 共同销毁所列字段，依法定事由|erases together with DIS exactly what is named, on a ground of law
EventCorrected|*|yes|no|no|只有原发起人可以更正本人登记的事件|only who recorded an event corrects it
EventAnnulled|*|yes|no|no|作废本人登记的事件，须秘书处负责人会签|who recorded an event annuls it, with the head of the secretariat
EventAnnulled|SUP DIS|yes|yes|yes|监督可作废任何可撤销的事件；他人的监督意见除外|oversight annuls any event that can be undone, but no other's finding
LateRecordingApproved|*|no|yes|yes|不得核准本人签署的补录（职责分离 S7）|nobody approves a late entry of the own (separation S7)
OnsiteVisitHeld|LEAD|no|yes|no|由该案评审组组长登记|recorded by who leads the panel of the case
RecommendationIssued|REC|no|yes|yes|推荐单位自行决定推荐谁，但不得自荐|a recommender recommends whom it chooses, and never itself
CommitteeVoteCast|CHR|no|yes|no|主任以评委会成员身份表决|the chair votes as a member of the committee
PrincipalRegistered|OPR|-|yes|yes|主体由管理员登记，与本人无关|principals are registered for others
"""


def reach(topic: str, role: str) -> Reach:
    """How far the seat of a role at an event reaches; KeyError where it has none."""
    if role not in {seat.originator for seat in EVENTS[topic].SPEC.seats}:
        raise KeyError((topic, role))
    return _EVENT_REACH.get((topic, role)) or _EVENT_REACH.get((topic, "*")) or _ROLE_REACH[role]


def seat_text(seat: Seat) -> str:
    """A seat as the vocabulary writes it: ``SEC+SECH (on_behalf)``."""
    beside = f"+{seat.countersigner}" if seat.countersigner else ""
    return seat.originator + beside + (f" ({seat.only_if})" if seat.only_if else "")


def _read(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def _reached(word: str) -> Reached:
    match word:
        case "yes" | "no" | "-":
            return word
        case _:
            raise AssertionError(f"{word} says not how far a seat reaches")


def _reach(own: str, anothers: str, unrelated: str, zh: str, en: str) -> Reach:
    return Reach(_reached(own), _reached(anothers), _reached(unrelated), zh, en)


_ROLE_REACH = {role: _reach(*rest) for role, *rest in _read(_OF_ROLES)}
_EVENT_REACH = {
    (topic, role): _reach(*rest) for topic, roles, *rest in _read(_OF_EVENTS) for role in roles.split()
}  # fmt: skip
