"""The register as replay gives it, in memory, held against the table: which rows nothing gives, and which are missing.

What the runner writes is written here into memory instead, by the same batches, so that nothing is changed by looking.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from projections.followed import Followed
from projections.register import Register, RegisterRow, Stored, normal
from projections.runner import BATCH, Batch
from projections.slices import Source
from projections.timelines import Segment


@dataclass(frozen=True, slots=True)
class Differing:
    """A place at which table and replay differ: ``stored`` is the answer in the table, ``replayed`` that of replay.

    ``known`` is the position from which on they do. A place of ``register_link`` has the tag as ``fact``.
    """

    subject: str
    fact: str
    on: str
    known: int
    stored: str | None
    replayed: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Up to which position the table was compared with replay; None where folds of another version built it."""

    position: int | None
    differing: tuple[Differing, ...]


def compare(
    source: Source, register: Register, size: int, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Comparison:
    """Hold the table against replay of a log of ``size`` entries, up to the position that the table has come to.

    Raises what the source raises, where the log itself cannot be read.
    """
    stored = register.stored()
    if stored is None:
        return Comparison(None, ())
    memory = replayed(source, stored.position, size, progress)
    return Comparison(stored.position, tuple(_differing(stored, memory)))


def replayed(
    source: Source,
    until: int,
    size: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    followed: Followed | None = None,
) -> InMemory:
    """The register up to a position, of a log of ``size`` entries, made anew in memory: each answer from nothing, or
    with what is ``followed``, as the runner makes them.
    """
    memory, reached = InMemory(), 0
    while reached < min(until, size):
        events = source.events(after=reached, until=min(reached + BATCH, until))
        if not events:
            break
        Batch(source, memory, events, followed).process()
        reached = events[-1].position
        progress(reached, until)
    return memory


def _differing(stored: Stored, memory: InMemory) -> Iterable[Differing]:
    # PostgreSQL has its own way to write jsonb: compared is what it says.
    table = {row._replace(answer=normal(row.answer)) for row in stored.rows}
    replayed = memory.rows()
    places: dict[tuple[str, str, str, int], dict[bool, str]] = {}
    for row in table ^ replayed:
        place = (row.subject, row.fact, str(row.valid_from), row.known_from or 0)
        places.setdefault(place, {})[row in table] = row.answer
    for (subject, fact, on, known), answers in sorted(places.items()):
        yield Differing(subject, fact, on, known, answers.get(True), answers.get(False))
    for tag, subject in sorted(stored.links ^ memory.links):
        here = (tag, subject) in stored.links
        yield Differing(subject, tag, "", 0, "link" if here else None, None if here else "link")


class InMemory:
    """What the runner's batches write, kept in memory."""

    def __init__(self) -> None:
        self.links: set[tuple[str, str]] = set()
        self._subjects: dict[str, dict[str, None]] = {}
        self._closed: set[RegisterRow] = set()
        self._open: dict[str, dict[tuple[str, str, str | None], tuple[str, int]]] = {}

    def rows(self) -> set[RegisterRow]:
        """Every row, closed or open."""
        still = {
            RegisterRow(subject, fact, start, end, since, None, answer)
            for subject, rows in self._open.items()
            for (fact, start, end), (answer, since) in rows.items()
        }
        return {row._replace(answer=normal(row.answer)) for row in self._closed | still}

    def replace(self, subject: str, known: int, facts: Mapping[str, Iterable[Segment]]) -> None:
        """From K on the subject has these timelines, and of other facts those that it had."""
        before = self._open.get(subject, {})
        after = {key: row for key, row in before.items() if key[0] not in facts}
        for fact, segments in facts.items():
            for start, end, answer in segments:
                key = (fact, start.isoformat(), end.isoformat() if end else None)
                held = before.get(key)
                after[key] = held if held is not None and held[0] == answer else (answer, known)
        for key, (answer, since) in before.items():
            if after.get(key) != (answer, since):
                self._closed.add(RegisterRow(subject, *key, since, known, answer))
        self._open[subject] = after

    def link(self, tag: str, subject: str) -> None:
        """Events with this tag touch this subject."""
        self.links.add((tag, subject))
        self._subjects.setdefault(tag, {})[subject] = None

    def touched_by(self, tags: Iterable[str]) -> list[str]:
        """Subjects that events with any of these tags touch."""
        return sorted({subject for tag in tags for subject in self._subjects.get(tag, ())})

    def expect(self, subjects: Collection[str]) -> None:
        """Everything is here."""

    def everybody(self) -> list[str]:
        """All subjects there are."""
        return sorted({subject for _, subject in self.links})
