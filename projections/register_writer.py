"""Writing the register: a batch of changes is kept in memory and written at once, in the runner's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from psycopg import Connection

from ledger.store.arrays import TextArray
from ledger.store.database import Row
from projections.register import normal
from projections.register_sum import FactRow, LinkRow, RegisterSum
from projections.timelines import Segment

#: Fact, first day, and the day after the last one.
_Place = tuple[str, date, date | None]

_CLOSE = """
UPDATE register_fact r SET known = int8range(lower(r.known), u.known_to)
FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[], %s::int8[]) AS u (subject, fact, first, next, known_to)
WHERE r.generation = %s AND r.subject = u.subject AND r.fact = u.fact AND r.valid = daterange(u.first, u.next)
  AND upper_inf(r.known)
"""
_OPEN = """
INSERT INTO register_fact
SELECT %s, u.subject, u.fact, daterange(u.first, u.next), int8range(u.known_from, u.known_to), u.answer::jsonb
FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[], %s::int8[], %s::int8[], %s::text[])
  AS u (subject, fact, first, next, known_from, known_to, answer)
"""
_LINK = "INSERT INTO register_link SELECT %s, u.tag, u.subject FROM unnest(%s::text[], %s::text[]) AS u (tag, subject)"


@dataclass(slots=True)
class _Open:
    """The answer of a place that holds from a position on; was it there before the batch?"""

    answer: str
    since: int
    stored: bool


@dataclass(slots=True)
class _Unwritten:
    """What a batch has changed and not written: rows that end, each with the position; whole rows; links."""

    ended: list[tuple[str, str, date, date | None, int]] = field(default_factory=list)
    rows: list[tuple[str, str, date, date | None, int, int | None, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


class Writer:
    """Writes one generation inside the runner's transaction; nothing is there before :meth:`write`."""

    def __init__(self, connection: Connection[Row], generation: int, total: RegisterSum) -> None:
        """``total`` is the sum of the generation's rows, and goes on with each change."""
        self._connection = connection
        self._generation = generation
        self.total = total
        self._open: dict[str, dict[_Place, _Open]] = {}
        self._subjects: dict[str, dict[str, None]] = {}
        self._unwritten = _Unwritten()

    def expect(self, subjects: Collection[str]) -> None:
        """Read at once what holds of subjects that are going to be replaced."""
        wanted = [s for s in dict.fromkeys(subjects) if s not in self._open]
        rows = self._connection.execute(
            "SELECT subject, fact, lower(valid), upper(valid), answer::text, lower(known) FROM register_fact"
            " WHERE generation = %s AND subject = ANY(%s) AND upper_inf(known)",
            (self._generation, wanted),
        ).fetchall()
        self._open |= {subject: {} for subject in wanted}
        for subject, fact, start, end, answer, since in rows:
            self._open[subject][fact, start, end] = _Open(normal(answer), int(since), stored=True)

    def replace(self, subject: str, known: int, facts: Mapping[str, Iterable[Segment]]) -> None:
        """From K on the subject has these timelines, and of other facts those that it had: rows that no longer hold are
        closed, new ones opened.
        """
        if subject not in self._open:
            self.expect([subject])
        held = self._open[subject]
        after = {(fact, start, end): answer for fact, segments in facts.items() for start, end, answer in segments}
        for place in [p for p, row in held.items() if p[0] in facts and after.get(p) != row.answer]:
            self._close(subject, place, held.pop(place), known)
        for place, answer in after.items():
            if place not in held:
                held[place] = _Open(answer, known, stored=False)
                self.total = self.total.plus(FactRow(subject, *place, known, None, normal(answer)))

    def _close(self, subject: str, place: _Place, row: _Open, known: int) -> None:
        stood = FactRow(subject, *place, row.since, None, normal(row.answer))
        # A range of nothing has no bounds.
        closed = replace(stood, known_to=known) if row.since < known else replace(stood, known_from=None)
        self.total = self.total.minus(stood).plus(closed)
        if row.stored:
            self._unwritten.ended.append((subject, *place, known))
        else:
            self._unwritten.rows.append((subject, *place, row.since, known, row.answer))

    def link(self, tag: str, subject: str) -> None:
        """Events with this tag touch this subject."""
        self._look_up([tag])
        if subject not in self._subjects[tag]:
            self._subjects[tag][subject] = None
            self._unwritten.links.append((tag, subject))
            self.total = self.total.plus(LinkRow(tag, subject))

    def touched_by(self, tags: Iterable[str]) -> list[str]:
        """Subjects that events with any of these tags touch."""
        wanted = list(tags)
        self._look_up(wanted)
        return sorted({subject for tag in wanted for subject in self._subjects[tag]})

    def _look_up(self, tags: Iterable[str]) -> None:
        """Whom tags lead to, asked once in a batch."""
        wanted = [tag for tag in dict.fromkeys(tags) if tag not in self._subjects]
        if not wanted:
            return
        self._subjects |= {tag: {} for tag in wanted}
        rows = self._connection.execute(
            "SELECT tag, subject FROM register_link WHERE generation = %s AND tag = ANY(%s)",
            (self._generation, wanted),
        ).fetchall()
        for tag, subject in rows:
            self._subjects[tag][subject] = None

    def everybody(self) -> list[str]:
        """All subjects of the generation."""
        rows = self._connection.execute(
            "SELECT DISTINCT subject FROM register_link WHERE generation = %s", (self._generation,)
        ).fetchall()
        return sorted({*(str(row[0]) for row in rows), *(subject for _, subject in self._unwritten.links)})

    def write(self) -> None:
        """Write what has changed; what is closed goes first, since no two rows of a place hold at once."""
        made = self._unwritten
        for subject, held in self._open.items():
            for place, row in held.items():
                if not row.stored:
                    made.rows.append((subject, *place, row.since, None, row.answer))
                    row.stored = True
        if made.ended:
            of, facts, *rest = zip(*made.ended, strict=True)
            texts = TextArray.of(of), TextArray.of(facts)
            self._connection.execute(_CLOSE, (*texts, *map(list, rest), self._generation))
        if made.rows:
            of, facts, *rest, answers = zip(*made.rows, strict=True)
            texts = TextArray.of(of), TextArray.of(facts)
            self._connection.execute(_OPEN, (self._generation, *texts, *map(list, rest), TextArray.of(answers)))
        if made.links:
            tags, of = zip(*made.links, strict=True)
            self._connection.execute(_LINK, (self._generation, TextArray.of(tags), TextArray.of(of)))
        self._unwritten = _Unwritten()
