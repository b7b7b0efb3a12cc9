"""D27, D28 and D30: who opened restricted data, how a finding stands, and what nobody has settled yet."""

from __future__ import annotations

from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.eligibility import eligibility
from ledger.derivation.history import Live, next_day
from ledger.derivation.law import Law
from ledger.derivation.money import prize_due
from ledger.derivation.notices import notice_end
from ledger.derivation.scores import scores
from ledger.derivation.standing import award_status
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.notice import PublicNoticeOpened
from ledger.events.oversight import OversightFindingAnswered, OversightFindingIssued, RestrictedDataHandled
from ledger.regulation.pack import Absence
from ledger.regulation.readings import READINGS
from ledger.statement import edition_of


def disclosures(live: Live, law: Law, case_id: str) -> Answer[dict[str, Any]]:
    """D27 of a case: every opening, disclosure, publication and erasure of its restricted fields."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return Answer(NotApplicable("到该日尚未申报", "not filed by that day"))
    own = {e.id for e in live if f"c:{case_id}" in e.recorded.statement.tags}
    rows = [e for e in live.of(RestrictedDataHandled) if e.payload.target_event in own]
    value = [
        {
            "event": e.id,
            "by": e.actor,
            "role": e.recorded.statement.role,
            "on": e.on,
            "action": e.payload.action,
            "target": e.payload.target_event,
            "paths": list(e.payload.paths),
            "purpose": e.payload.purpose,
            "legal_basis": e.payload.legal_basis,
            "matched": e.payload.opening_ok,
        }
        for e in rows
    ]
    return Answer({"register": value}, Why(events=(filed.id, *(e.id for e in rows))))


def overrides(live: Live, law: Law, edition_id: str) -> Answer[dict[str, Any]]:
    """Every act of an edition that was recorded although a guard refuses it: who, why, by which instrument, signed by
    whom.
    """
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable("到该日届次未启动", "the edition was not opened by that day"))
    rows: list[dict[str, Any]] = []
    for event in live:
        statement = event.recorded.statement
        if statement.override is not None and f"ed:{edition_id}" in statement.tags:
            rows.append(
                {
                    "event": event.id,
                    "type": event.type,
                    "by": event.actor,
                    "on": event.on,
                    "reason": statement.override.reason,
                    "instrument_no": statement.override.instrument_no,
                    "signatures": [s.keyid for s in event.recorded.envelope.signatures],
                }
            )
    return Answer({"overrides": rows}, Why(events=(opened.id, *(r["event"] for r in rows))))


def finding_state(live: Live, law: Law, finding_id: str) -> Answer[dict[str, Any]]:
    """D28: open, answered, closed by its issuer, or overdue."""
    issued = live.last(OversightFindingIssued, finding_id=finding_id)
    if issued is None:
        return Answer(NotApplicable("到该日没有这项监督意见", "there is no such finding by that day"))
    answers = live.of(OversightFindingAnswered, finding_id=finding_id)
    last = answers[-1].payload.step if answers else None
    state = {"accept": "closed", "answer": "answered", "reject": "open"}.get(last or "reject", "open")
    if state == "open" and live.on > issued.payload.answer_due:
        state = "overdue"
    value = {
        "state": state,
        "demand": issued.payload.demand,
        "severity": issued.payload.severity,
        "answer_due": issued.payload.answer_due,
        "targets": list(issued.payload.targets),
        "steps": [a.id for a in answers],
    }
    why = Why(events=(issued.id, *(a.id for a in answers)), readings=("B-83:default",))
    return Answer(value, why, frozenset({next_day(issued.payload.answer_due)}))


def undetermined(live: Live, law: Law, edition_id: str) -> Answer[dict[str, Any]]:
    """D30: answers of an edition that have no value, and parameters of its text that nobody has settled."""
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable("到该日届次未启动", "the edition was not opened by that day"))
    enacted = pinned_pack(live, law, edition_id)
    rows, why = [], Why(events=(opened.id,))
    for fact, subject, answer in _asked(live, law, edition_id):
        why |= answer.why
        if isinstance(answer.result, Undetermined):
            rows.append({"fact": fact, "subject": subject, **answer.result.to_json()})
        elif fact == "case.scores" and answer.is_value:
            rows += [
                {"fact": fact, "subject": subject, "stage": stage, **part["undetermined"]}
                for stage, part in answer.value().items()
                if part["state"] == "undetermined"
            ]
    unseen, silent = [], []
    asked = [path for path in enacted.pack.parameters if path not in enacted.pack.unasked] if enacted else []
    for path in asked:
        told = law.parameter(enacted, path, live.on)
        if told.absence is Absence.UNKNOWN:
            unseen.append({"parameter": path, "gap": told.gap})
        elif told.absence is Absence.SILENT and told.gap not in ("", "silent"):
            silent.append({"parameter": path, "gap": told.gap, "reading": _reading_of(told.gap)})
        else:
            continue
        why |= told.why
    return Answer({"answers": rows, "unknown_parameters": unseen, "silent_parameters": silent}, why)


def _asked(live: Live, law: Law, edition_id: str) -> list[tuple[str, str, Answer[Any]]]:
    cases = [e.payload.case_id for e in live.of(ApplicationFiled) if edition_of(e.payload.case_id) == edition_id]
    awards = [e.payload.award_id for e in live.of(AwardGranted) if edition_of(e.payload.case_id) == edition_id]
    notices = [e.payload.notice_id for e in live.of(PublicNoticeOpened, edition_id=edition_id)]
    asked: list[tuple[str, str, Answer[Any]]] = []
    for case in dict.fromkeys(cases):
        asked += [
            ("case.scores", case, scores(live, law, case)),
            ("case.eligibility", case, eligibility(live, law, case)),
        ]
    for award in dict.fromkeys(awards):
        asked += [("award.status", award, award_status(live, law, award))]
        asked += [("award.prize_due", award, prize_due(live, law, award))]
    asked += [("notice.end", n, notice_end(live, law, n)) for n in dict.fromkeys(notices)]
    return asked


def _reading_of(gap: str) -> str | None:
    """The named reading whose ids hold a gap id."""
    return next((path for path, r in READINGS.items() if gap in r.ids.split("/")), None)
