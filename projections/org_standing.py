"""Everything about one organisation in one answer (D23): awards, cases, bans, incidents, money, duties."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict

from ledger.derivation.answer import Answer, NotApplicable, NotDerivable, Undetermined, Why
from ledger.derivation.bans import Bans, bans, earliest_reapply
from ledger.derivation.cases import FINAL, State, case_status
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.lookback import Hit, Reason, hits
from ledger.derivation.money import OrgMoney, org_money
from ledger.derivation.record import WORD, Day, EventRef, Name, Part, PartState, Record, Word, part
from ledger.derivation.standing import AwardStatus, award_status, awards_of
from ledger.derivation.succession import gone, predecessors
from ledger.events.after_award import SanctionImposed, TitleMisuseFound
from ledger.events.application import ApplicationFiled
from ledger.events.edition import EditionOpened
from ledger.events.identity import PrincipalRegistered, PrincipalUpdated
from projections.duties import Duty, duties
from projections.sentences import sentence


class AwardOfOrg(Record, frozen=True, kw_only=True):
    """The status of one of the organisation's awards."""

    award_id: Name
    state: PartState
    value: AwardStatus | UnsetType = UNSET
    undetermined: Undetermined | UnsetType = UNSET
    not_applicable: NotApplicable | UnsetType = UNSET
    not_derivable: NotDerivable | UnsetType = UNSET


class Sanction(Record, frozen=True, kw_only=True):
    """What was imposed on the organisation."""

    event: EventRef
    measure: Word
    on: Day


class TitleMisuse(Record, frozen=True, kw_only=True):
    """How the organisation misused a title."""

    event: EventRef
    kind: Word
    on: Day


class OverdueDuty(Duty, frozen=True, kw_only=True):
    """A duty that the organisation has not met."""

    award_id: Name


class MayApply(Record, frozen=True, kw_only=True):
    """May the organisation apply for an award kind on the day; no with the ``reason`` that binds, yes with all there
    are, undetermined with the gap or with what a person has to judge.
    """

    answer: Annotated[Literal["yes", "no", "undetermined"], WORD]
    reason: Reason | UnsetType = UNSET
    reasons: tuple[Reason, ...] | UnsetType = UNSET
    undetermined: Undetermined | UnsetType = UNSET


class OrgStanding(Record, frozen=True, kw_only=True):
    """Everything about one organisation (D23). ``may_apply`` is by award kind of the text in force on the day."""

    name: Name | None
    awards: tuple[AwardOfOrg, ...]
    open_cases: dict[str, Annotated[State, WORD]]
    bans: Part[Bans]
    lookback: tuple[Reason, ...]
    sanctions: tuple[Sanction, ...]
    title_misuse: tuple[TitleMisuse, ...]
    money: Part[OrgMoney]
    duties_overdue: tuple[OverdueDuty, ...]
    predecessors: tuple[Name, ...]
    may_apply: dict[str, MayApply]


def standing(live: Live, law: Law, org: str) -> Answer[OrgStanding]:
    """Everything about one organisation on a day (D23): per award kind it may apply, may not, or it is undetermined
    why.
    """
    registered = live.last(PrincipalRegistered, principal_id=org)
    if registered is None:
        return Answer(NotApplicable(*sentence("not registered by that day")))
    why = Why(events=(registered.id,))
    awards, overdue = [], list[OverdueDuty]()
    for award in awards_of(live, law, org):
        status, owed = award_status(live, law, award.award_id), duties(live, law, award.award_id)
        awards.append(AwardOfOrg(award_id=award.award_id, **asdict(part(status))))
        rows = owed.value().duties if owed.is_value else ()
        overdue += [OverdueDuty(award_id=award.award_id, **asdict(d)) for d in rows if d.state == "overdue"]
        why |= status.why | owed.why
    cases = list(dict.fromkeys(e.payload.case_id for e in live.of(ApplicationFiled, org=org)))
    stages = {c: case_status(live, law, c) for c in cases}
    states = {c: stage.value().state for c, stage in stages.items()}
    banned, money = bans(live, law, org), org_money(live, law, org)
    found = hits(live, law, law.in_force(live.on), org, live.on)
    sanctions = live.of(SanctionImposed, subject=org)
    misuse = live.of(TitleMisuseFound, org=org)
    why |= banned.why | money.why | Why(events=tuple(e.id for e in (*sanctions, *misuse)))
    for rest in (*(stage.why for stage in stages.values()), *(hit.why for hit in found)):
        why |= rest
    may_apply, apply_why = _may_apply(live, law, org, found)
    why |= apply_why
    value = OrgStanding(
        name=_name(live, org),
        awards=tuple(awards),
        open_cases={c: s for c, s in states.items() if s not in FINAL},
        bans=part(banned),
        lookback=tuple(h.reason() for h in found),
        sanctions=tuple(Sanction(event=e.id, measure=e.payload.measure, on=e.on) for e in sanctions),
        title_misuse=tuple(TitleMisuse(event=e.id, kind=e.payload.kind, on=e.on) for e in misuse),
        money=part(money),
        duties_overdue=tuple(overdue),
        predecessors=tuple(predecessors(live, org)),
        may_apply=may_apply,
    )
    return Answer(value, why, banned.turns_on | money.turns_on)


def _name(live: Live, org: str) -> str | None:
    renamed = [e.payload.new_name for e in live.of(PrincipalUpdated, principal_id=org) if e.payload.new_name]
    registered = live.last(PrincipalRegistered, principal_id=org)
    return renamed[-1] if renamed else registered.payload.org_name if registered else None


def _may_apply(live: Live, law: Law, org: str, found: list[Hit]) -> tuple[dict[str, MayApply], Why]:
    enacted = law.in_force(live.on)
    if enacted is None:
        return {}, Why()
    ended = gone(live, org)
    if ended is not None:
        said = law.parameter(enacted, "eligibility.registered_locally", live.on).why
        no = MayApply(answer="no", reason=Reason(reason="dissolved", articles=said.articles))
        return dict.fromkeys(enacted.pack.awards, no), said | Why(events=(ended.id,))
    result, why = dict[str, MayApply](), Why()
    for kind in enacted.pack.awards:
        answer = earliest_reapply(live, law, org, kind)
        why |= answer.why
        if isinstance(answer.result, Undetermined):
            result[kind] = MayApply(answer="undetermined", undetermined=answer.result)
            continue
        value = answer.value()
        unclear = tuple(h.reason() for h in found if not h.bars)
        if value.binding is not None and (value.date is not None or _number_lies_ahead(live, value.edition_no)):
            result[kind] = MayApply(answer="no", reason=value.binding)
        elif unclear:
            result[kind] = MayApply(answer="undetermined", reasons=unclear)
        else:
            result[kind] = MayApply(answer="yes", reasons=value.reasons)
    return result, why


def _number_lies_ahead(live: Live, number: int | None) -> bool:
    """The first edition that is open to the organisation again has not been announced yet."""
    return number is not None and all(e.payload.number < number for e in live.of(EditionOpened))
