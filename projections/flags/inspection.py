"""All flags over one edition: what each says, and how the inspectors' findings stand to it (D29)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.editions import edition_opened
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Law
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.oversight import OversightFindingAnswered, OversightFindingIssued
from ledger.statement import edition_of
from projections.flags.flag import SEVERITIES, Flag, Gap, Hit, Off, Outcome
from projections.flags.inspected import Inspected
from projections.flags.register import FLAGS


def edition_flags(live: Live, law: Law, edition: str) -> Answer[dict[str, Any]]:
    """D29: every flag with its outcome, what it rests on, and the state that findings have given it."""
    inspected = Inspected(live, law, edition)
    if inspected.opened is None:
        return Answer(NotApplicable("到该日届次未启动", "the edition was not opened by that day"))
    why = Why(events=(inspected.opened.id,))
    rows = []
    for flag in FLAGS.values():
        row = _judged(inspected, flag)
        rows.append(row)
        for hit in row["hits"]:
            why |= Why(events=tuple(hit["events"]), articles=tuple(a for a in hit["articles"] if a != "AUD"))
    return Answer({**_counted([h for row in rows for h in row["hits"]]), "flags": rows}, why)


def flags_about(kind: str, live: Live, law: Law, subject: str) -> Answer[dict[str, Any]]:
    """D29 of a case, an award or an organisation: what the flags of its editions find of it.

    What concerns an edition as a whole (rules that were not published) stands with each of its cases.
    """
    cases = _cases_of(kind, live, subject)
    rows, gaps, why = [], [], Why()
    for edition in sorted({edition_of(case) for case in cases}):
        judged = edition_flags(live, law, edition)
        for row in judged.value()["flags"] if judged.is_value else ():
            rows += [hit for hit in row["hits"] if _concerns(hit, kind, subject, cases)]
            gaps += [
                {"flag": row["flag"], **gap} for gap in row["undetermined"] if gap["subject"]["id"] in {subject, *cases}
            ]
        opened = edition_opened(live, edition)
        why |= Why(events=(opened.id,) if opened is not None else ())
    if not why.events:
        return Answer(NotApplicable("到该日没有参评", "it had not taken part by that day"))
    for hit in rows:
        why |= Why(events=tuple(hit["events"]), articles=tuple(a for a in hit["articles"] if a != "AUD"))
    return Answer({**_counted(rows), "flags": rows, "undetermined": gaps}, why)


def told_by(answer: dict[str, Any], derivation: int) -> dict[str, Any]:
    """An answer as JSON has it, without what flags find that were not asked yet by a version of the derivation."""
    value = answer.get("value")
    if not answer["fact"].endswith(".flags") or not isinstance(value, dict):
        return dict(answer)
    later = {flag.id for flag in FLAGS.values() if flag.texts.since > derivation}
    rows = [row for row in value["flags"] if row["flag"] not in later]
    kept: dict[str, Any] = value | {"flags": rows}
    if "undetermined" in value:
        kept["undetermined"] = [gap for gap in value["undetermined"] if gap["flag"] not in later]
    hits = [hit for row in rows for hit in row.get("hits", [row])]
    return answer | {"value": kept | _counted(hits)}


def _cases_of(kind: str, live: Live, subject: str) -> set[str]:
    """The cases of a subject, be they filed here or imported with their award."""
    filed = [e.payload for e in live.of(ApplicationFiled)] + [e.payload for e in live.of(AwardGranted)]
    of = {"case": "case_id", "award": "award_id", "org": "org"}[kind]
    return {p.case_id for p in filed if getattr(p, of, None) == subject}


def _concerns(hit: dict[str, Any], kind: str, subject: str, cases: set[str]) -> bool:
    named = {member: hit[member] for member in ("case", "award", "org") if hit[member] is not None}
    return not named or named.get(kind) == subject or named.get("case") in cases


def _counted(hits: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "raised": sum(h["outcome"] == "raised" for h in hits),
        "disputed": sum(h["outcome"] == "disputed" for h in hits),
        "open": sum(h["state"] in ("open", "questioned") for h in hits),
    }


def _judged(v: Inspected, flag: Flag) -> dict[str, Any]:
    found = list(flag.check(v))
    hits = [h for h in found if isinstance(h, Hit)]
    gaps = [g for g in found if isinstance(g, Gap)]
    off = [o for o in found if isinstance(o, Off)]
    rows = [h.to_json(flag, v.edition) | _handled(v, flag, h) for h in hits]
    order = {s: n for n, s in enumerate(SEVERITIES)}
    rows.sort(key=lambda r: (-order[r["severity"]], r["since"], r["id"]))
    return {
        "flag": flag.id,
        "slug": flag.texts.slug,
        "zh": flag.texts.zh,
        "en": flag.texts.en,
        "outcome": _outcome(hits, gaps, off),
        "hits": rows,
        "undetermined": [
            {"subject": {"kind": g.subject[0], "id": g.subject[1]}, **g.what.to_json()} for g in _distinct(gaps)
        ],
        "not_applicable": off[0].zh if off and not hits else None,
        "not_applicable_en": off[0].en if off and not hits else None,
    }


def _outcome(hits: list[Hit], gaps: list[Gap], off: list[Off]) -> Outcome:
    if any(not h.disputed for h in hits):
        return "raised"
    if hits:
        return "disputed"
    if gaps:
        return "undetermined"
    return "not_applicable" if off else "clear"


def _distinct(gaps: Iterable[Gap]) -> list[Gap]:
    return list({(g.subject, g.what.parameter): g for g in gaps}.values())


def _handled(v: Inspected, flag: Flag, hit: Hit) -> dict[str, Any]:
    """What became of it: the findings that name the flag and one of its events, and the state of the last."""
    events = {e.id for e in hit.events}
    findings = [
        e
        for e in v.live.of(OversightFindingIssued)
        if flag.id in e.payload.flag_ids and events & set(e.payload.targets)
    ]
    state = state_of(v.live, findings[-1]) if findings else "open"
    return {"state": state, "findings": [e.payload.finding_id for e in findings]}


def state_of(live: Live, finding: LiveEvent[OversightFindingIssued]) -> str:
    """``questioned``, ``explained``, ``dismissed``, ``confirmed`` or ``settled``: what a finding makes of a flag.

    A demand to explain that is accepted dismisses the flag, one that is rejected confirms it; any other demand
    confirms it at once, and an accepted answer settles it. Facts never change by it.
    """
    answers = live.of(OversightFindingAnswered, finding_id=finding.payload.finding_id)
    step = answers[-1].payload.step if answers else None
    if finding.payload.demand == "explain":
        return {None: "questioned", "answer": "explained", "accept": "dismissed", "reject": "confirmed"}[step]
    return "settled" if step == "accept" else "confirmed"
