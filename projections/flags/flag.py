"""What a flag is, what it finds, and the texts that stand beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Annotated, Literal

import msgspec

from ledger.clock import format_instant, shanghai_day
from ledger.derivation.answer import Undetermined, plain
from ledger.derivation.doubts import Doubt
from ledger.derivation.history import LiveEvent
from ledger.derivation.law import Resolved
from ledger.derivation.record import (
    WORD,
    Article,
    Day,
    EventRef,
    Instant,
    Name,
    Number,
    Record,
    Text,
    Threshold,
    Word,
)
from ledger.derivation.version import UNNAMED
from ledger.errors import InvariantError
from ledger.events.registry import prepare
from ledger.regulation.stated import Absence
from projections.flags.inspected import Inspected
from projections.sentences import sentence

Severity = Literal["L", "M", "H", "C"]

#: Ascending: low, medium, high, critical (validity of the award or money at stake).
SEVERITIES: tuple[Severity, ...] = ("L", "M", "H", "C")

Outcome = Literal["raised", "disputed", "undetermined", "clear", "not_applicable"]


#: What inspectors made of a hit: nothing yet, or what their last finding about it says.
State = Literal["open", "questioned", "explained", "dismissed", "confirmed", "settled"]


class Subject(Record, frozen=True, kw_only=True):
    """What something is about."""

    kind: Word
    id: Name


class FlagHit(Record, frozen=True, kw_only=True):
    """A hit as it is told. ``known_since`` is the first day on which it could be known, by its last event, at position
    ``known_at``; ``findings`` are those about it.
    """

    id: Name
    flag: Word
    outcome: Annotated[Literal["raised", "disputed"], WORD]
    severity: Annotated[Severity, WORD]
    edition: Name
    subject: Subject
    case: Name | None
    org: Name | None
    person: Name | None
    award: Name | None
    since: Day
    known_since: Day
    known_at: Number
    recorded_at: Instant
    events: tuple[EventRef, ...]
    articles: tuple[Article, ...]
    thresholds: dict[str, Threshold]
    zh: Text
    en: Text
    state: Annotated[State, WORD]
    findings: tuple[Name, ...]


class FlagGap(Record, frozen=True, kw_only=True):
    """A place that cannot be judged, as it is told."""

    subject: Subject
    parameter: Word
    gap: Article
    zh: Text
    en: Text


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a flag's condition holds (or, ``disputed``, holds under one way of counting only).

    ``events`` prove it. ``since`` is the first day on which the condition held.
    """

    subject: tuple[str, str]
    severity: Severity
    since: date
    events: tuple[LiveEvent, ...]
    zh: str
    en: str
    case: str | None = None
    org: str | None = None
    person: str | None = None
    award: str | None = None
    articles: tuple[str, ...] = ()
    thresholds: Mapping[str, object] = field(default_factory=dict)
    disputed: bool = False

    def told(self, flag: Flag, edition: str, state: State, findings: tuple[str, ...]) -> FlagHit:
        """``state`` and ``findings`` are what inspectors made of it."""
        last = max(self.events, key=lambda e: e.position)
        return FlagHit(
            id=self.identity(flag, edition),
            flag=flag.id,
            outcome="disputed" if self.disputed else "raised",
            severity=self.severity,
            edition=edition,
            subject=Subject(kind=self.subject[0], id=self.subject[1]),
            case=self.case,
            org=self.org,
            person=self.person,
            award=self.award,
            since=self.since,
            known_since=max(shanghai_day(last.recorded.recorded_at), self.since),
            known_at=last.position,
            recorded_at=format_instant(last.recorded.recorded_at),
            events=tuple(e.id for e in self.events),
            articles=tuple(self.articles) or ("AUD",),
            thresholds={str(name): _limit(value) for name, value in self.thresholds.items()},
            zh=self.zh,
            en=self.en,
            state=state,
            findings=findings,
        )

    def identity(self, flag: Flag, edition: str) -> str:
        """The same finding keeps its name when more becomes known: flag, edition, subject and first event."""
        return f"{flag.id}:{edition}:{self.subject[0]}:{self.subject[1]}:{self.events[0].id[-12:]}"


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that cannot be judged, and what is in the way."""

    subject: tuple[str, str]
    what: Undetermined

    def told(self) -> FlagGap:
        kind, name = self.subject
        gap = self.what
        return FlagGap(subject=Subject(kind=kind, id=name), parameter=gap.parameter, gap=gap.gap, zh=gap.zh, en=gap.en)


@dataclass(frozen=True, slots=True)
class Off:
    """The flag does not apply under this text, and why."""

    zh: str
    en: str
    articles: tuple[str, ...] = ()


Found = Iterable[Hit | Gap | Off]
Check = Callable[[Inspected], Found]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in both languages."""

    zh: str
    en: str


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reader needs to judge a flag, as its data file ``texts/RF01.toml`` has it.

    ``severities`` are those that its hits may bear, ``articles`` what it rests on by text (``ZY25 HY21,25``; AUD: a
    rule of the audit's own), ``thresholds`` names of THRESHOLDS, ``companions`` flags that are often raised beside it,
    ``since`` the version of the derivation that asked it first (:mod:`ledger.derivation.version`).
    """

    slug: str
    zh: str
    en: str
    severities: tuple[Severity, ...]
    articles: str
    condition: Said
    reason: Said
    caution: Said
    example: Said
    thresholds: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    since: int = UNNAMED


prepare(Texts)


@dataclass(frozen=True, slots=True)
class Flag:
    """One check, and the texts that stand beside it."""

    id: str
    check: Check
    texts: Texts = field(init=False)

    def __post_init__(self) -> None:
        file = resources.files("projections.flags").joinpath("texts", f"{self.id}.toml")
        object.__setattr__(self, "texts", msgspec.toml.decode(file.read_bytes(), type=Texts))


def _limit(value: object) -> bool | int | str | tuple[str, ...] | None:
    """What a flag compared with, as it is told: days as text, lists as tuples."""
    match plain(value):
        case list() as told:
            return tuple(told)
        case None | bool() | int() | str() as told:
            return told
        case told:
            raise InvariantError(f"a flag compared with {told!r}, which is neither a number nor a day nor words")


def undated(event: LiveEvent, doubt: Doubt) -> Gap:
    """A flag that looks at when an entry was recorded cannot be judged where that time is not to be believed."""
    return Gap(
        ("event", event.id),
        Undetermined(
            "recorded_at",
            "AUD",
            *sentence(
                "the time of entry {position} is not to be believed (entry {correction} corrects the clock)",
                position=event.position,
                correction=doubt.correction,
            ),
        ),
    )


def silent(stated: Resolved) -> Off | Gap:
    """What an absent parameter makes of a flag: off where the text says nothing, a gap where the text was not seen."""
    gap = stated.undetermined()
    return Off(gap.zh, gap.en) if stated.absence is Absence.SILENT else Gap(("parameter", stated.path), gap)
