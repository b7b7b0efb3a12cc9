"""The queue of flags over the editions of a log, filtered by what an inspector asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.answer import NotDerivable, plain
from ledger.errors import MalformedError
from ledger.events.edition import EditionOpened
from ledger.events.registry import topics
from ledger.sentences import enumeration
from projections.as_of import tell
from projections.facts import EDITION_FLAGS
from projections.flags.flag import SEVERITIES, FlagHit, Severity, State
from projections.flags.register import FLAGS
from projections.sentences import sentence
from projections.slices import Source, payloads

STATES: tuple[State, ...] = ("open", "questioned", "explained", "dismissed", "confirmed", "settled")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue shows; None shows all.

    ``severity`` is the least grade, ``older_than`` days since it could be known.
    """

    edition: str | None = None
    flags: tuple[str, ...] = ()
    severity: str | None = None
    state: str | None = None
    outcome: str | None = None
    case: str | None = None
    org: str | None = None
    person: str | None = None
    award: str | None = None
    pack: str | None = None
    older_than: int | None = None

    def __post_init__(self) -> None:
        unknown = [f for f in self.flags if f not in FLAGS]
        if unknown:
            raise MalformedError(
                "flag_unknown",
                sentence(
                    "no flag {flag}; RF01 to {last}", flag=(unknown[0][:20], repr(unknown[0][:20])), last=max(FLAGS)
                ),
                field="flag",
            )
        for name, value, allowed in (
            ("severity", self.severity, SEVERITIES),
            ("state", self.state, STATES),
            ("outcome", self.outcome, ("raised", "disputed")),
        ):
            if value is not None and value not in allowed:
                raise MalformedError(
                    "filter_unknown",
                    sentence("{name}: one of {allowed}", name=name, allowed=enumeration(allowed)),
                    field=name,
                )

    def fits(self, hit: FlagHit, pack: str, on: date) -> bool:
        named = all(
            value is None or getattr(hit, name) == value
            for name, value in (
                ("case", self.case),
                ("org", self.org),
                ("person", self.person),
                ("award", self.award),
                ("state", self.state),
                ("outcome", self.outcome),
            )
        )
        grave = self.severity is None or SEVERITIES.index(hit.severity) >= SEVERITIES.index(self.severity)
        age = (on - hit.known_since).days
        return (
            named
            and grave
            and (self.pack is None or pack == self.pack)
            and (self.older_than is None or age >= self.older_than)
        )


class SubjectNamed(TypedDict):
    """What a flag is about."""

    kind: str
    id: str


class FlagRow(TypedDict):
    """One hit, with the text that its edition names, the name of its flag, and its age in days.

    ``thresholds`` are what the flag compared with, each of its own form.
    """

    id: str
    flag: str
    outcome: str
    severity: Severity
    edition: str
    subject: SubjectNamed
    case: str | None
    org: str | None
    person: str | None
    award: str | None
    since: str
    known_since: str
    known_at: int
    recorded_at: str
    events: list[str]
    articles: list[str]
    thresholds: object
    zh: str
    en: str
    state: State
    findings: list[str]
    pack: str
    name_zh: str
    name_en: str
    age_days: int


class EditionFailed(TypedDict):
    """An edition whose flags could not be derived."""

    edition: str
    fault: str
    zh: str
    en: str


class FlagQueue(TypedDict):
    """Hits, the gravest first; ``outcomes`` are edition -> flag -> how it is judged."""

    rows: list[FlagRow]
    outcomes: dict[str, dict[str, str]]
    not_derivable: list[EditionFailed]


def editions_of(source: Source, known: int) -> dict[str, str]:
    """Edition -> the id of the text it names, in the order of their announcement."""
    opened = source.events(DCBQuery([DCBQueryItem(types=topics(EditionOpened))]), until=known)
    return {p.edition_id: p.pack_id for p in payloads(EditionOpened, opened)}


def flag_queue(source: Source, on: date, known: int, wanted: Wanted) -> FlagQueue:
    """Hits of all editions, the gravest first, with the outcome of every flag per edition beside, and editions that
    fail.
    """
    rows: list[FlagRow] = []
    outcomes: dict[str, dict[str, str]] = {}
    failed: list[EditionFailed] = []
    for edition, pack in editions_of(source, known).items():
        if wanted.edition is not None and edition != wanted.edition:
            continue
        answer = tell(source, EDITION_FLAGS, edition, on, known).answer
        if isinstance(answer.result, NotDerivable):
            fault = answer.result
            failed.append({"edition": edition, "fault": fault.fault, "zh": fault.zh, "en": fault.en})
        if not answer.is_value:
            continue
        flags = [f for f in answer.value().flags if not wanted.flags or f.flag in wanted.flags]
        outcomes[edition] = {f.flag: f.outcome for f in flags}
        for flag in flags:
            rows += [flag_row(hit, pack, on) for hit in flag.hits if wanted.fits(hit, pack, on)]
    return {"rows": gravest_first(rows), "outcomes": outcomes, "not_derivable": failed}


def gravest_first(rows: Iterable[FlagRow]) -> list[FlagRow]:
    """Rows by grade, then by the day since when, then by id."""
    return sorted(rows, key=lambda r: (-SEVERITIES.index(r["severity"]), r["since"], r["id"]))


def flag_row(hit: FlagHit, pack: str, on: date) -> FlagRow:
    """A hit as the queue shows it on a day; ``pack`` is the text that its edition names."""
    texts = FLAGS[hit.flag].texts
    return {
        "id": hit.id,
        "flag": hit.flag,
        "outcome": hit.outcome,
        "severity": hit.severity,
        "edition": hit.edition,
        "subject": {"kind": hit.subject.kind, "id": hit.subject.id},
        "case": hit.case,
        "org": hit.org,
        "person": hit.person,
        "award": hit.award,
        "since": hit.since.isoformat(),
        "known_since": hit.known_since.isoformat(),
        "known_at": hit.known_at,
        "recorded_at": hit.recorded_at,
        "events": list(hit.events),
        "articles": list(hit.articles),
        "thresholds": plain(hit.thresholds),
        "zh": hit.zh,
        "en": hit.en,
        "state": hit.state,
        "findings": list(hit.findings),
        "pack": pack,
        "name_zh": texts.zh,
        "name_en": texts.en,
        "age_days": (on - hit.known_since).days,
    }
