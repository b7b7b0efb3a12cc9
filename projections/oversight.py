"""Who opened restricted data, how a finding stands, and what nobody has settled yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.eligibility import eligibility
from ledger.derivation.history import Live, next_day
from ledger.derivation.law import Enacted, Law
from ledger.derivation.notices import notice_end
from ledger.derivation.prize import prize_due
from ledger.derivation.record import WORD, Article, Day, EventRef, Name, Record, Text, Word, Yes
from ledger.derivation.scores import Scores, scores
from ledger.derivation.standing import award_status
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.kinds import Stage
from ledger.events.notice import PublicNoticeOpened
from ledger.events.oversight import OversightFindingAnswered, OversightFindingIssued, RestrictedDataHandled
from ledger.regulation.readings import reading_of_absence
from ledger.regulation.stated import Absence
from ledger.statement import edition_of
from projections.sentences import sentence


class Disclosure(Record, frozen=True, kw_only=True):
    """One act about restricted fields; ``matched`` says whether what was opened fits its commitments."""

    event: EventRef
    by: Name
    role: Word
    on: Day
    action: Annotated[Literal["opened", "disclosed_to", "published", "erased"], WORD]
    target: EventRef
    paths: tuple[Word, ...]
    purpose: Text
    legal_basis: Text
    matched: Yes


class Disclosures(Record, frozen=True, kw_only=True):
    """What was done with the restricted fields of a case, in folding order (D27)."""

    register: tuple[Disclosure, ...]


def disclosures(live: Live, law: Law, case_id: str) -> Answer[Disclosures]:
    """Every opening, disclosure, publication and erasure of a case's restricted fields (D27)."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return Answer(NotApplicable(*sentence("not filed by that day")))
    own = {e.id for e in live if f"c:{case_id}" in e.recorded.statement.tags}
    rows = [e for e in live.of(RestrictedDataHandled) if e.payload.target_event in own]
    value = tuple(
        Disclosure(
            event=e.id,
            by=e.actor,
            role=e.recorded.statement.role,
            on=e.on,
            action=e.payload.action,
            target=e.payload.target_event,
            paths=tuple(e.payload.paths),
            purpose=e.payload.purpose,
            legal_basis=e.payload.legal_basis,
            matched=e.payload.opening_ok,
        )
        for e in rows
    )
    return Answer(Disclosures(register=value), Why(events=(filed.id, *(e.id for e in rows))))


class Overridden(Record, frozen=True, kw_only=True):
    """An act that a guard refuses: ``type`` is its event type, ``signatures`` the ids of the keys that signed it."""

    event: EventRef
    type: Word
    by: Name
    on: Day
    reason: Text
    instrument_no: Text
    signatures: tuple[Name, ...]


class Overrides(Record, frozen=True, kw_only=True):
    """The acts of an edition that were recorded by override, in folding order."""

    overrides: tuple[Overridden, ...]


def overrides(live: Live, law: Law, edition_id: str) -> Answer[Overrides]:
    """Every act of an edition that was recorded although a guard refuses it: who, why, by which instrument, signed by
    whom.
    """
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable(*sentence("the edition was not opened by that day")))
    rows = []
    for event in live:
        statement = event.recorded.statement
        if statement.override is not None and f"ed:{edition_id}" in statement.tags:
            rows.append(
                Overridden(
                    event=event.id,
                    type=event.type,
                    by=event.actor,
                    on=event.on,
                    reason=statement.override.reason,
                    instrument_no=statement.override.instrument_no,
                    signatures=tuple(s.keyid for s in event.recorded.envelope.signatures),
                )
            )
    return Answer(Overrides(overrides=tuple(rows)), Why(events=(opened.id, *(r.event for r in rows))))


FindingIs = Literal["open", "answered", "closed", "overdue"]
_AFTER_STEP: Mapping[str, FindingIs] = {"accept": "closed", "answer": "answered", "reject": "open"}


class FindingState(Record, frozen=True, kw_only=True):
    """A finding at D (D28); ``targets`` are the events it is about, ``steps`` the answers and what came of them."""

    state: Annotated[FindingIs, WORD]
    demand: Word
    severity: Word
    answer_due: Day
    targets: tuple[EventRef, ...]
    steps: tuple[EventRef, ...]


def finding_state(live: Live, law: Law, finding_id: str) -> Answer[FindingState]:
    """The state of a finding: open, answered, closed by its issuer, or overdue (D28)."""
    issued = live.last(OversightFindingIssued, finding_id=finding_id)
    if issued is None:
        return Answer(NotApplicable(*sentence("there is no such finding by that day")))
    answers = live.of(OversightFindingAnswered, finding_id=finding_id)
    state = _AFTER_STEP[answers[-1].payload.step] if answers else "open"
    if state == "open" and live.on > issued.payload.answer_due:
        state = "overdue"
    value = FindingState(
        state=state,
        demand=issued.payload.demand,
        severity=issued.payload.severity,
        answer_due=issued.payload.answer_due,
        targets=tuple(issued.payload.targets),
        steps=tuple(a.id for a in answers),
    )
    why = Why(events=(issued.id, *(a.id for a in answers)), readings=("B-83:default",))
    return Answer(value, why, frozenset({next_day(issued.payload.answer_due)}))


class OpenAnswer(Record, frozen=True, kw_only=True):
    """An answer without a value; ``stage`` where it is one of the stages of a case's scores."""

    fact: Word
    subject: Name
    stage: Annotated[Stage, WORD] | UnsetType = UNSET
    parameter: Word
    gap: Article
    zh: Text
    en: Text


class Unseen(Record, frozen=True, kw_only=True):
    """A parameter of which the text was not seen."""

    parameter: Word
    gap: Article


class Silence(Record, frozen=True, kw_only=True):
    """A parameter that the text does not state, and the reading that stands in."""

    parameter: Word
    gap: Article
    reading: Word | None


class OpenPoints(Record, frozen=True, kw_only=True):
    """What nobody has settled yet of an edition (D30)."""

    answers: tuple[OpenAnswer, ...]
    unknown_parameters: tuple[Unseen, ...]
    silent_parameters: tuple[Silence, ...]


def undetermined(live: Live, law: Law, edition_id: str) -> Answer[OpenPoints]:
    """Answers of an edition that have no value, and parameters of its text that nobody has settled (D30)."""
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable(*sentence("the edition was not opened by that day")))
    enacted = pinned_pack(live, law, edition_id)
    rows, why = [], Why(events=(opened.id,))
    for fact, subject, answer in _asked(live, law, edition_id):
        why |= answer.why
        told_of: list[tuple[Stage | UnsetType, object]] = [(UNSET, answer.result)]
        if isinstance(answer.result, Scores):
            told_of = [(stage, score.undetermined) for stage, score in answer.result.stages().items()]
        rows += [_open(fact, subject, stage, gap) for stage, gap in told_of if isinstance(gap, Undetermined)]
    unseen, silent, absences_why = _absences(law, enacted, live.on) if enacted is not None else ([], [], Why())
    why |= absences_why
    value = OpenPoints(answers=tuple(rows), unknown_parameters=tuple(unseen), silent_parameters=tuple(silent))
    return Answer(value, why)


def _absences(law: Law, enacted: Enacted, on: date) -> tuple[list[Unseen], list[Silence], Why]:
    """What the text of an edition was not seen to say, and what it does not say, with the readings that stand over
    it.
    """
    unseen, silent, why = list[Unseen](), list[Silence](), Why()
    for path in (path for path in enacted.pack.parameters if path not in enacted.pack.unasked):
        told = law.parameter(enacted, path, on)
        if told.absence is Absence.UNKNOWN:
            unseen.append(Unseen(parameter=path, gap=told.gap))
        elif told.absence is Absence.SILENT and told.gap not in ("", "silent"):
            reading = reading_of_absence(enacted.pack.id, path, told.gap, seen=True)
            silent.append(Silence(parameter=path, gap=told.gap, reading=reading))
        else:
            continue
        why |= told.why
    return unseen, silent, why


def _open(fact: str, subject: str, stage: Stage | UnsetType, gap: Undetermined) -> OpenAnswer:
    return OpenAnswer(
        fact=fact, subject=subject, stage=stage, parameter=gap.parameter, gap=gap.gap, zh=gap.zh, en=gap.en
    )


def _asked(live: Live, law: Law, edition_id: str) -> Iterator[tuple[str, str, Answer[object]]]:
    cases = [e.payload.case_id for e in live.of(ApplicationFiled) if edition_of(e.payload.case_id) == edition_id]
    awards = [e.payload.award_id for e in live.of(AwardGranted) if edition_of(e.payload.case_id) == edition_id]
    notices = [e.payload.notice_id for e in live.of(PublicNoticeOpened, edition_id=edition_id)]
    for case in dict.fromkeys(cases):
        yield "case.scores", case, scores(live, law, case)
        yield "case.eligibility", case, eligibility(live, law, case)
    for award in dict.fromkeys(awards):
        yield "award.status", award, award_status(live, law, award)
        yield "award.prize_due", award, prize_due(live, law, award)
    for notice in dict.fromkeys(notices):
        yield "notice.end", notice, notice_end(live, law, notice)
