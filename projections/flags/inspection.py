"""All flags over one edition: what each says, and how the inspectors' findings stand to it (D29)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from msgspec.structs import asdict

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import edition_opened
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Law
from ledger.derivation.record import WORD, Article, Count, Record, Text, Word
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.oversight import OversightFindingAnswered, OversightFindingIssued
from ledger.statement import edition_of
from projections.deriving import FAULTS, fault
from projections.flags.flag import SEVERITIES, Flag, FlagGap, FlagHit, Gap, Hit, Off, Outcome, State, Subject
from projections.flags.inspected import Inspected, OddThresholdError
from projections.flags.register import FLAGS
from projections.sentences import sentence

SubjectKind = Literal["case", "award", "org"]

#: States of a hit that nobody has dealt with.
_OPEN = ("open", "questioned")


class FlagJudged(Record, frozen=True, kw_only=True):
    """One flag over an edition; ``not_applicable`` says in Chinese why it does not apply, its neighbour in English."""

    flag: Word
    slug: Word
    zh: Text
    en: Text
    outcome: Annotated[Outcome, WORD]
    hits: tuple[FlagHit, ...]
    undetermined: tuple[FlagGap, ...]
    not_applicable: Text | None
    not_applicable_en: Text | None


class Counts(Record, frozen=True, kw_only=True):
    """How many hits are raised, how many hold by one way of counting only, how many nobody has dealt with."""

    raised: Count
    disputed: Count
    open: Count


class EditionFlags(Counts, frozen=True, kw_only=True):
    """Every flag of an edition (D29)."""

    flags: tuple[FlagJudged, ...]


class GapOfFlag(Record, frozen=True, kw_only=True):
    """A place that a flag cannot judge."""

    flag: Word
    subject: Subject
    parameter: Word
    gap: Article
    zh: Text
    en: Text


class FlagsAbout(Counts, frozen=True, kw_only=True):
    """The flags that concern a case, an award or an organisation (D29)."""

    flags: tuple[FlagHit, ...]
    undetermined: tuple[GapOfFlag, ...]


def edition_flags(live: Live, law: Law, edition: str) -> Answer[EditionFlags]:
    """Every flag with its outcome, what it rests on, and the state that findings have given it (D29)."""
    inspected = Inspected(live, law, edition)
    if inspected.opened is None:
        return Answer(NotApplicable(*sentence("the edition was not opened by that day")))
    rows = tuple(_judged(inspected, flag) for flag in FLAGS.values())
    hits = [hit for row in rows for hit in row.hits]
    value = EditionFlags(flags=rows, raised=_of(hits, "raised"), disputed=_of(hits, "disputed"), open=_open(hits))
    return Answer(value, Why(events=(inspected.opened.id,)) | _why(hits))


def flags_about(kind: SubjectKind, live: Live, law: Law, subject: str) -> Answer[FlagsAbout]:
    """What the flags of its editions find of a case, an award or an organisation (D29).

    What concerns an edition as a whole (rules that were not published) stands with each of its cases.
    """
    cases = _cases_of(kind, live, subject)
    hits, gaps, why = list[FlagHit](), list[GapOfFlag](), Why()
    for edition in sorted({edition_of(case) for case in cases}):
        judged = edition_flags(live, law, edition)
        for row in judged.value().flags if judged.is_value else ():
            hits += [hit for hit in row.hits if _concerns(hit, kind, subject, cases)]
            gaps += [
                GapOfFlag(flag=row.flag, **asdict(gap))
                for gap in row.undetermined
                if gap.subject.id in {subject, *cases, edition}
            ]
        opened = edition_opened(live, edition)
        why |= Why(events=(opened.id,) if opened is not None else ())
    if not why.events:
        return Answer(NotApplicable(*sentence("it had not taken part by that day")))
    value = FlagsAbout(
        flags=tuple(hits),
        undetermined=tuple(gaps),
        raised=_of(hits, "raised"),
        disputed=_of(hits, "disputed"),
        open=_open(hits),
    )
    return Answer(value, why | _why(hits))


def _of(hits: Iterable[FlagHit], outcome: Outcome) -> int:
    return sum(h.outcome == outcome for h in hits)


def _open(hits: Iterable[FlagHit]) -> int:
    return sum(h.state in _OPEN for h in hits)


def _why(hits: Iterable[FlagHit]) -> Why:
    why = Why()
    for hit in hits:
        why |= Why(events=hit.events, articles=tuple(a for a in hit.articles if a != "AUD"))
    return why


def told_by(answer: Mapping[str, object], derivation: int) -> dict[str, object]:
    """An answer as JSON has it, without what flags find that were not asked yet by a version of the derivation."""
    value = answer.get("value")
    if not str(answer["fact"]).endswith(".flags") or not isinstance(value, dict):
        return dict(answer)
    later = {flag.id for flag in FLAGS.values() if flag.texts.since > derivation}
    rows = [row for row in value["flags"] if row["flag"] not in later]
    kept: dict[str, object] = value | {"flags": rows}
    if "undetermined" in value:
        kept["undetermined"] = [gap for gap in value["undetermined"] if gap["flag"] not in later]
    hits = [hit for row in rows for hit in row.get("hits", [row])]
    counts = {
        "raised": sum(h["outcome"] == "raised" for h in hits),
        "disputed": sum(h["outcome"] == "disputed" for h in hits),
        "open": sum(h["state"] in _OPEN for h in hits),
    }
    return {**answer, "value": kept | counts}


def _cases_of(kind: SubjectKind, live: Live, subject: str) -> set[str]:
    """The cases of a subject, be they filed here or imported with their award."""
    filed = [e.payload for e in live.of(ApplicationFiled)] + [e.payload for e in live.of(AwardGranted)]
    of = {"case": "case_id", "award": "award_id", "org": "org"}[kind]
    return {p.case_id for p in filed if getattr(p, of, None) == subject}


def _concerns(hit: FlagHit, kind: SubjectKind, subject: str, cases: set[str]) -> bool:
    named = {"case": hit.case, "award": hit.award, "org": hit.org}
    return all(name is None for name in named.values()) or named[kind] == subject or hit.case in cases


def _judged(v: Inspected, flag: Flag) -> FlagJudged:
    """One flag as far as its check comes: what stops it is a gap in its own row, and no other flag is concerned."""
    found, rows = list[Hit | Gap | Off](), list[FlagHit]()
    try:
        for one in flag.check(v):
            if isinstance(one, Hit):
                rows.append(one.told(flag, v.edition, *_handled(v, flag, one)))
            found.append(one)
    except OddThresholdError as error:
        found.append(_odd_threshold(v, error))
    except FAULTS as error:
        failed = fault(f"flag {flag.id} of {v.edition}", error)
        found.append(Gap(("edition", v.edition), Undetermined("derivation", "AUD", failed.zh, failed.en)))
    hits = [h for h in found if isinstance(h, Hit)]
    gaps = [g for g in found if isinstance(g, Gap)]
    off = [o for o in found if isinstance(o, Off)]
    rows.sort(key=lambda r: (-SEVERITIES.index(r.severity), r.since, r.id))
    return FlagJudged(
        flag=flag.id,
        slug=flag.texts.slug,
        zh=flag.texts.zh,
        en=flag.texts.en,
        outcome=_outcome(hits, gaps, off),
        hits=tuple(rows),
        undetermined=tuple(g.told() for g in _distinct(gaps)),
        not_applicable=off[0].zh if off and not hits else None,
        not_applicable_en=off[0].en if off and not hits else None,
    )


def _odd_threshold(v: Inspected, error: OddThresholdError) -> Gap:
    return Gap(
        ("edition", v.edition),
        Undetermined(
            f"audit.{error.name}",
            "AUD",
            *sentence(
                "the threshold {name} of the pack {problem}; enact a corrected pack with the next encoding",
                name=error.name,
                problem=error.problem,
            ),
        ),
    )


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


def _handled(v: Inspected, flag: Flag, hit: Hit) -> tuple[State, tuple[str, ...]]:
    """What became of it: the findings that name the flag and one of its events, and the state of the last."""
    events = {e.id for e in hit.events}
    findings = [
        e
        for e in v.live.of(OversightFindingIssued)
        if flag.id in e.payload.flag_ids and events & set(e.payload.targets)
    ]
    state = state_of(v.live, findings[-1]) if findings else "open"
    return state, tuple(e.payload.finding_id for e in findings)


#: What the answers to a demand to explain make of a flag.
_EXPLAINED: Mapping[str | None, State] = {
    None: "questioned",
    "answer": "explained",
    "accept": "dismissed",
    "reject": "confirmed",
}


def state_of(live: Live, finding: LiveEvent[OversightFindingIssued]) -> State:
    """``questioned``, ``explained``, ``dismissed``, ``confirmed`` or ``settled``: what a finding makes of a flag.

    A demand to explain that is accepted dismisses the flag, one that is rejected confirms it; any other demand
    confirms it at once, and an accepted answer settles it. Facts never change by it.
    """
    answers = live.of(OversightFindingAnswered, finding_id=finding.payload.finding_id)
    step = answers[-1].payload.step if answers else None
    if finding.payload.demand == "explain":
        return _EXPLAINED[step]
    return "settled" if step == "accept" else "confirmed"
