"""What if: the same folds over a continuation of the log that nobody records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from ledger.dcb import DCBQuery
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.regulation.pack import Pack
from ledger.signing.envelope import Envelope
from ledger.statement import Statement
from projections.inquiry.differences import Change, difference
from projections.sentences import sentence
from projections.slices import Source


class ShownAct(TypedDict):
    """An act that is supposed."""

    type: str
    zh: str
    en: str
    effective_at: str
    tags: list[str]


class ChangedSubject(TypedDict):
    """What becomes otherwise of one subject."""

    kind: str
    subject: str
    changed: list[Change]


class Consequences(TypedDict):
    """What follows from a hypothesis; ``not_settled`` are gaps with the subject and the fact they stand in."""

    supposed: list[ShownAct]
    as_of: str
    known_at: int
    consequences: list[ChangedSubject]
    not_settled: list[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Supposed:
    """A source with statements after its end that were never signed or recorded."""

    source: Source
    known: int
    added: tuple[RecordedEvent, ...]

    @property
    def end(self) -> int:
        """The size of the log if these had been recorded."""
        return self.known + len(self.added)

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        real = self.source.events(query, after=after, until=min(self.known, until if until is not None else self.known))
        own = [
            e for e in self.added if e.position > after and (until is None or e.position <= until) and e.matches(query)
        ]
        return [*real, *own]

    def event(self, event_id: str) -> RecordedEvent:
        found = next((e for e in self.added if e.statement.id == event_id), None)
        return found or self.source.event(event_id)

    def packs(self) -> dict[str, Pack]:
        return self.source.packs()


def suppose(source: Source, known: int, statements: Sequence[Statement]) -> Supposed:
    """The source as if these had been recorded next, each a second after the one before."""
    last = source.events(after=known - 1, until=known)
    if not last:
        raise NotFoundError("log_empty", sentence("the log is empty at this position"))
    at = last[-1].recorded_at
    added = [
        RecordedEvent(known + n, at + timedelta(seconds=n), Envelope(s.body, ()), s)
        for n, s in enumerate(statements, start=1)
    ]
    return Supposed(source, known, tuple(added))


def consequences(supposed: Supposed, on: date, subjects: Iterable[tuple[str, str]]) -> Consequences:
    """Per subject what the answers of a day become, and every point among them that no text settles."""
    until = supposed.end
    rows: list[ChangedSubject] = []
    open_points: list[Mapping[str, object]] = []
    for kind, subject in dict.fromkeys(subjects):
        try:
            told = difference(supposed, kind, subject, (on, supposed.known), (on, until))
        except NotFoundError:
            # Named by what is supposed, and nothing else is known of it: nothing becomes otherwise.
            continue
        rows.append({"kind": kind, "subject": subject, "changed": told["changed"]})
        for fact in told["changed"]:
            open_points += [
                {"kind": kind, "subject": subject, "fact": fact["fact"], **gap} for gap in _gaps(fact["after"])
            ]
    return {
        "supposed": [_shown(e) for e in supposed.added],
        "as_of": on.isoformat(),
        "known_at": supposed.known,
        "consequences": rows,
        "not_settled": open_points,
    }


def _shown(event: RecordedEvent) -> ShownAct:
    s = event.statement
    return {
        "type": s.type,
        "zh": s.payload.SPEC.zh,
        "en": s.payload.SPEC.en,
        "effective_at": s.effective_at,
        "tags": list(s.tags),
    }


def _gaps(value: object) -> list[Mapping[str, object]]:
    """Everything undetermined inside an answer."""
    if isinstance(value, dict):
        own = [value] if {"parameter", "gap", "zh", "en"} <= value.keys() else []
        zh, en = sentence("the text is silent")
        silent = (
            [{"parameter": None, "gap": value["gap"], "zh": zh, "en": en}]
            if value.get("gap") and not own and "until" not in value
            else []
        )
        return [*own, *silent, *(g for v in value.values() for g in _gaps(v))]
    if isinstance(value, list):
        return [g for v in value for g in _gaps(v)]
    return []
