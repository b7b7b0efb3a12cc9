"""The two-axis register: facts with a range of days and a range of positions, for lists and counts.

Disposable, and of one version of the folds: what another version built is not shown, and is built anew. ``valid`` is a
range of days D, ``known`` a range of positions K; the exclusion constraint keeps one answer per subject and fact at
each (D, K). Rows are written by the runner only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial
from typing import NamedTuple

from psycopg import Connection

from ledger.derivation.answer import Answer
from ledger.derivation.history import EVER, History, Live
from ledger.derivation.law import Law, law_of
from ledger.derivation.reach_of_law import turns_of_law
from ledger.derivation.setting_aside import turns_of_rulings
from ledger.derivation.version import DERIVATION
from ledger.errors import ConflictError, RongjianError
from ledger.regulation.pack import Pack
from ledger.store.database import Database, Row
from ledger.text import visible
from projections.deriving import FAULTS, derived, not_derivable
from projections.facts import Fact, facts_about
from projections.register_sum import FactRow, LinkRow, RegisterSum
from projections.sentences import sentence

#: A subject's answers are evaluated on at most this many days per position; a real one has a few dozen.
DAYS_MAX = 5_000

Segment = tuple[date, date | None, str]

#: U+0000 as JSON writes it, after any escaped backslashes.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_SEEN_NUL = r"\1" + visible("\0")

#: How a stored answer begins that could not be derived: its members are in the order of the alphabet.
_FAULTY = '{"not_derivable":'


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list: the subject (``award:ZY-2023-A``) and its answer."""

    subject: str
    answer: dict[str, object]


class RegisterRow(NamedTuple):
    """One row of the table as text: half-open days, half-open positions (None is without end), canonical answer."""

    subject: str
    fact: str
    valid_from: str | None
    valid_to: str | None
    known_from: int | None
    known_to: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A generation as it lies in the table: the position it has come to, its rows, and which tag leads to whom."""

    position: int
    rows: frozenset[RegisterRow]
    links: frozenset[tuple[str, str]]


class TurnsTooOftenError(RongjianError):
    """A subject's answers turn on more days than any real one: a fold that never comes to an end."""


def timelines(
    history: History, packs: Mapping[str, Pack], kind: str, subject: str, known: int
) -> dict[str, list[Segment]]:
    """Per fact of a subject: half-open ranges of days with the answer (canonical JSON) at K, without gaps.

    Cuts at every effective day known, and at every day on which the law or an answer turns by time alone. What cannot
    be derived is a ``not_derivable`` answer: of one fact on the days on which its fold fails, or of all, from the
    subject's first day, where its days cannot be had.
    """
    facts = facts_about(kind, listed_only=True)
    try:
        answers = _answers(history, packs, f"{kind}:{subject}", facts, known)
    except FAULTS as error:
        first = min(e.statement.effective_on for e in history.events if e.position <= known)
        instead = stored(not_derivable(f"{kind}:{subject}", error).to_json())
        return {fact.name: [(first, None, instead)] for fact in facts}
    return {fact.name: _merged(sorted(answers), [answers[d][fact.name] for d in sorted(answers)]) for fact in facts}


def _answers(
    history: History, packs: Mapping[str, Pack], named: str, facts: Sequence[Fact[object]], known: int
) -> dict[date, dict[str, str]]:
    """Day -> fact -> answer, for the subject's every day of change."""
    everything = history.live(EVER, known)
    days = sorted(everything.days())
    # The law is the same at every D of one K.
    law = law_of(everything, packs)
    answers: dict[date, dict[str, str]] = {}
    pending = [*days, *turns_of_law(everything), *turns_of_rulings(everything)]
    while pending:
        day = pending.pop()
        if day in answers or day < days[0]:
            continue
        answers[day] = {}
        stated = cache(partial(history.live, day, known))
        for fact in facts:
            answer = derived(f"{fact.name} of {named} on {day}", partial(_folded, fact, stated, law, named))
            answers[day][fact.name] = stored(answer.to_json())
            pending += [d for d in answer.turns_on if d not in answers]
        if len(answers) > DAYS_MAX:
            raise TurnsTooOftenError(
                "turns_too_often",
                sentence("{named} turns on more than {days_max} days", named=named, days_max=DAYS_MAX),
            )
    return answers


def _folded(fact: Fact[object], stated: Callable[[], Live], law: Law, named: str) -> Answer[object]:
    return fact.fold(stated(), law, named.partition(":")[2])


def stored(answer: Mapping[str, object]) -> str:
    """An answer as canonical JSON that PostgreSQL takes: jsonb has no NUL, which texts of old entries may hold."""
    text = json.dumps(answer, ensure_ascii=False, sort_keys=True)
    return _NUL.sub(_SEEN_NUL, text) if "\\u0000" in text else text


def normal(answer: str) -> str:
    """A stored answer as it is compared: PostgreSQL writes jsonb in a form of its own."""
    return json.dumps(json.loads(answer), ensure_ascii=False, sort_keys=True)


def summed(connection: Connection[Row], generation: int) -> RegisterSum:
    """The sum over the rows of a generation, as they are."""
    total = RegisterSum()
    with connection.cursor("summed") as cursor:
        cursor.execute(
            "SELECT subject, fact, lower(valid), upper(valid), lower(known), upper(known), answer::text FROM "
            "register_fact"
            " WHERE generation = %s",
            (generation,),
        )
        for subject, fact, start, end, first, last, answer in cursor:
            total = total.plus(FactRow(subject, fact, start, end, first, last, normal(answer)))
    for tag, subject in connection.execute(
        "SELECT tag, subject FROM register_link WHERE generation = %s", (generation,)
    ).fetchall():
        total = total.plus(LinkRow(tag, subject))
    return total


def faults(timelines: Mapping[str, Iterable[Segment]]) -> dict[str, str]:
    """The facts that could not be derived on some day, each with what failed: for the operator's log."""
    told = {fact: [v for _, _, v in segments if v.startswith(_FAULTY)] for fact, segments in timelines.items()}
    return {fact: json.loads(values[0])["not_derivable"]["fault"] for fact, values in told.items() if values}


def _merged(days: list[date], values: list[str]) -> list[Segment]:
    segments: list[Segment] = []
    for day, value in zip(days, values, strict=True):
        if segments and segments[-1][2] == value:
            continue
        if segments:
            start, _, before = segments[-1]
            segments[-1] = (start, day, before)
        segments.append((day, None, value))
    return segments


class Register:
    """Reading and writing the table of one log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def position(self) -> int:
        """The position up to which it is built by today's folds; 0 where those of another version built it."""
        with self._database.connection() as connection:
            row = connection.execute(
                "SELECT position FROM register_cursor WHERE current AND derivation = %s", (DERIVATION,)
            ).fetchone()
        return int(row[0]) if row else 0

    def listing(
        self,
        fact: str,
        on: date,
        known: int,
        *,
        after: str = "",
        limit: int = 100,
        where: Mapping[str, object] | None = None,
    ) -> list[Listed]:
        """Answers of one fact at (D, K), by subject; ``where`` filters members of the value."""
        self._check(known)
        query = (
            "SELECT f.subject, f.answer FROM register_fact f JOIN register_cursor c USING (generation)"
            " WHERE c.current AND f.fact = %s AND f.valid @> %s::date AND f.known @> %s::int8 AND f.subject > %s"
        )
        arguments: list[object] = [fact, on, known, after]
        if where:
            query += " AND f.answer->'value' @> %s::jsonb"
            arguments.append(json.dumps(dict(where)))
        query += " ORDER BY f.subject LIMIT %s"
        with self._database.connection() as connection:
            rows = connection.execute(query.encode(), [*arguments, limit]).fetchall()
        return [Listed(subject, answer) for subject, answer in rows]

    def count(self, fact: str, on: date, known: int, member: str) -> dict[str, int]:
        """How many subjects have each value of one member (``status`` of ``award.status``) at (D, K)."""
        self._check(known)
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT coalesce(f.answer->'value'->>%s, f.answer->>'state'), count(*)"
                " FROM register_fact f JOIN register_cursor c USING (generation)"
                " WHERE c.current AND f.fact = %s AND f.valid @> %s::date AND f.known @> %s::int8 GROUP BY 1 "
                "ORDER BY 1",
                (member, fact, on, known),
            ).fetchall()
        return {str(value): int(number) for value, number in rows}

    def sample(self, size: int) -> list[tuple[str, str, date, int, dict[str, object]]]:
        """Random (subject, fact, D, K, answer) of the current generation, for comparison with replay."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT f.subject, f.fact, lower(f.valid), upper(f.valid), lower(f.known), upper(f.known), f.answer,"
                " c.position FROM register_fact f JOIN register_cursor c USING (generation) WHERE c.current"
                " ORDER BY random() LIMIT %s",
                (size,),
            ).fetchall()
        result = []
        for subject, fact, start, end, first, last, answer, position in rows:
            last_day = end - timedelta(days=1) if end else start + timedelta(days=400)
            newest = last - 1 if last else position
            # The corners of a row are where an error would hide.
            result.append((subject, fact, start, first, answer))
            result.append((subject, fact, last_day, newest, answer))
        return result

    def stored(self) -> Stored | None:
        """Everything that the current generation holds, at one moment; None where folds of another version built it."""
        with self._database.transaction() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor = connection.execute(
                "SELECT generation, position FROM register_cursor WHERE current AND derivation = %s", (DERIVATION,)
            ).fetchone()
            if cursor is None:
                return None
            rows = connection.execute(
                "SELECT subject, fact, lower(valid)::text, upper(valid)::text, lower(known), upper(known), answer::text"
                " FROM register_fact WHERE generation = %s",
                (cursor[0],),
            ).fetchall()
            links = connection.execute(
                "SELECT tag, subject FROM register_link WHERE generation = %s", (cursor[0],)
            ).fetchall()
        return Stored(int(cursor[1]), frozenset(map(RegisterRow._make, rows)), frozenset(links))

    def _check(self, known: int) -> None:
        position = self.position()
        if known > position:
            raise behind(position, known)


def behind(position: int, known: int, retry_after: int | None = None) -> ConflictError:
    """The register has not come to ``known`` yet; ``retry_after`` seconds from now it will, at the pace it was seen to
    have.
    """
    return ConflictError(
        "register_behind",
        sentence(
            "the register is built up to position {position}, not {known}; ask for known_at <= {position} or wait",
            position=position,
            known=known,
        ),
        position=position,
        retry_after=retry_after,
    )


class Writer:
    """Writes one generation inside the runner's transaction."""

    def __init__(self, connection: Connection[Row], generation: int, total: RegisterSum) -> None:
        """``total`` is the sum of the generation's rows, and goes on with each change."""
        self._connection = connection
        self._generation = generation
        self.total = total

    def replace(self, subject: str, known: int, facts: Mapping[str, Iterable[Segment]]) -> None:
        """From K on the subject has these timelines: rows that no longer hold are closed, new ones opened."""
        rows = self._connection.execute(
            "SELECT fact, lower(valid), upper(valid), answer::text, lower(known) FROM register_fact"
            " WHERE generation = %s AND subject = %s AND upper_inf(known)",
            (self._generation, subject),
        ).fetchall()
        before = {(fact, start, end): normal(answer) for fact, start, end, answer, _ in rows}
        since = {(fact, start, end): int(first) for fact, start, end, _, first in rows}
        after = {(fact, start, end): answer for fact, segments in facts.items() for start, end, answer in segments}
        ended = [key for key, answer in before.items() if after.get(key) != answer]
        begun = [(key, answer) for key, answer in after.items() if before.get(key) != answer]
        for fact, start, end in ended:
            self._connection.execute(
                "UPDATE register_fact SET known = int8range(lower(known), %s)"
                " WHERE generation = %s AND subject = %s AND fact = %s AND valid = daterange(%s, %s) AND "
                "upper_inf(known)",
                (known, self._generation, subject, fact, start, end),
            )
            first = since[fact, start, end]
            row = FactRow(subject, fact, start, end, first, None, before[fact, start, end])
            # A range of nothing has no bounds.
            closed = replace(row, known_to=known) if first < known else replace(row, known_from=None)
            self.total = self.total.minus(row).plus(closed)
        for (fact, start, end), answer in begun:
            self._connection.execute(
                "INSERT INTO register_fact VALUES (%s, %s, %s, daterange(%s, %s), int8range(%s, NULL), %s)",
                (self._generation, subject, fact, start, end, known, answer),
            )
            self.total = self.total.plus(FactRow(subject, fact, start, end, known, None, normal(answer)))

    def link(self, tag: str, subject: str) -> None:
        """Events with this tag touch this subject."""
        added = self._connection.execute(
            "INSERT INTO register_link VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", (self._generation, tag, subject)
        ).rowcount
        if added:
            self.total = self.total.plus(LinkRow(tag, subject))

    def touched_by(self, tags: Iterable[str]) -> list[str]:
        """Subjects that events with any of these tags touch."""
        rows = self._connection.execute(
            "SELECT DISTINCT subject FROM register_link WHERE generation = %s AND tag = ANY(%s) ORDER BY 1",
            (self._generation, list(tags)),
        ).fetchall()
        return [str(row[0]) for row in rows]

    def everybody(self) -> list[str]:
        """All subjects of the generation."""
        rows = self._connection.execute(
            "SELECT DISTINCT subject FROM register_link WHERE generation = %s ORDER BY 1", (self._generation,)
        ).fetchall()
        return [str(row[0]) for row in rows]
