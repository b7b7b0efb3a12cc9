"""The two-axis register: facts with a range of days and a range of positions, for lists and counts.

Disposable, and of one version of the folds: what another version built is not shown, and is built anew. ``valid`` is a
range of days D, ``known`` a range of positions K; the exclusion constraint keeps one answer per subject and fact at
each (D, K). Rows are written by the runner only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from psycopg import Connection

from ledger.derivation.version import DERIVATION
from ledger.errors import ConflictError
from ledger.store.database import Database, Row
from projections.register_sum import FactRow, LinkRow, RegisterSum
from projections.sentences import sentence


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
