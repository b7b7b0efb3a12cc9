"""The runner: follows the log in batches and keeps the two-axis register, exactly once.

The cursor moves in the transaction that writes the rows, so a crash repeats a batch or does not; it never
doubles or loses one. A rebuild fills a new generation beside the current one and swaps it in at the end.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Protocol

import structlog
from psycopg import Connection

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.version import DERIVATION
from ledger.entry import RecordedEvent, acts
from ledger.errors import EvidenceError, InvariantError, NotFoundError, RongjianError
from ledger.events.after_award import AwardRevoked, HigherAwardRecorded
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionOpened
from ledger.events.identity import PrincipalRegistered, PrincipalUpdated
from ledger.events.money import ClawbackOrdered
from ledger.events.notice import ObjectionRaised, PublicNoticeOpened
from ledger.events.oversight import ClockCorrected, EventAnnulled, EventCorrected, LateRecordingApproved
from ledger.events.registry import topics
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from ledger.sentences import Pair
from ledger.statement import Statement
from ledger.store.database import Database, Row
from ledger.store.odd_rows import reading_rows
from projections.as_of import tell
from projections.facts import fact_named
from projections.followed import Followed, FollowedRoom
from projections.register import Register, summed
from projections.register_sum import RegisterSum
from projections.register_writer import Writer
from projections.sentences import sentence
from projections.slices import Source, history_for
from projections.timelines import Segment, Timelines, faults, stored, timelines

#: Events of one transaction: large enough to share slices, small enough to show progress.
BATCH = 100

#: Where answers of all logs of a process are kept, so that the next events make anew only what may rest on them.
FOLLOWED_ROOM = FollowedRoom(100_000_000)

#: Seconds between looks at the log when nothing wakes the runner.
POLL = 0.5

_LAW = (RegulationEnacted, RegulationRepealed, RegulationInterpreted, CalendarPublished)
#: What every subject's answers may rest on.
_OF_ALL = (*_LAW, ClockCorrected, LateRecordingApproved)
_RECORD = (EventAnnulled, EventCorrected)
_FOLLOWED = ("o", "p", "c", "a", "ed", "n", "cb", "ob", "d", "h")

#: Seals bytes: 32 bytes that nobody without the home's key can make.
Seal = Callable[[bytes], bytes]

_log = structlog.get_logger(__name__)


class RegisterAlteredError(EvidenceError):
    """The register's rows are not those that this home has sealed."""


class Runner:
    """Builds the register of one log from a source of its events."""

    def __init__(self, source: Source, database: Database, size: Callable[[], int], seal: Seal | None = None) -> None:
        """``seal`` makes 32 bytes of what it is given that nobody without the home's key can make; None leaves the rows
        unsealed.
        """
        self._source = source
        self._database = database
        self._size = size
        self._seal = seal
        self._stopped = threading.Event()
        self._followed = Followed(FOLLOWED_ROOM)

    def catch_up(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Process everything recorded so far; returns the position reached."""
        self._renew(progress)
        while True:
            try:
                reached, size = self._step(None), self._size()
            except RegisterAlteredError:
                self._renew(progress)
                continue
            progress(reached, size)
            if reached >= size:
                return reached

    def rebuild(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Build a new generation from nothing beside the current one, then swap; readers never see half of it."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT min(n) FROM generate_series(1, (SELECT count(*) + 1 FROM register_cursor)) n"
                " WHERE NOT EXISTS (SELECT FROM register_cursor WHERE generation = n)"
            ).fetchone()
            if row is None:
                raise InvariantError("a query that gives one row gave none")
            generation = int(row[0])
            for table in ("register_fact", "register_link"):
                connection.execute(f"DELETE FROM {table} WHERE generation = %s".encode(), (generation,))
            connection.execute(
                "INSERT INTO register_cursor (generation, position, current, derivation) VALUES (%s, 0, false, %s)",
                (generation, DERIVATION),
            )
        size = self._size()
        reached = 0
        while reached < size:
            reached = self._step(generation)
            progress(reached, size)
        with self._database.transaction() as connection:
            connection.execute("UPDATE register_cursor SET current = false WHERE current")
            connection.execute("UPDATE register_cursor SET current = true WHERE generation = %s", (generation,))
            for table in ("register_fact", "register_link", "register_cursor"):
                connection.execute(f"DELETE FROM {table} WHERE generation <> %s".encode(), (generation,))
        _log.info("register_rebuilt", generation=generation, position=reached)
        return reached

    def follow(self) -> None:
        """Keep up until :meth:`stop`; a failing database is waited out."""
        renewed = False
        while not self._stopped.is_set():
            try:
                with reading_rows():
                    if not renewed:
                        self._renew()
                        renewed = True
                    reached = self._step(None)
                if reached >= self._size():
                    self._stopped.wait(POLL)
            except RongjianError as error:
                _log.error("register_step_failed", code=error.code)
                renewed = renewed and not isinstance(error, RegisterAlteredError)
                self._stopped.wait(4 * POLL)

    def stop(self) -> None:
        self._stopped.set()

    def check(self, samples: int) -> list[tuple[str, str, str, int]]:
        """Compare random (D, K) of the table with replay; returns the places that differ (subject, fact, D, K)."""
        wrong = []
        for subject, fact, on, known, answer in Register(self._database).sample(samples):
            told = stored(tell(self._source, fact_named(fact), subject.partition(":")[2], on, known).answer.to_json())
            if json.loads(told) != answer:
                wrong.append((subject, fact, on.isoformat(), known))
        return wrong

    def _renew(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        """Build the register anew where folds of another version built it, or its rows are not those that were sealed.

        Of an empty one only the version is noted.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT position, derivation, generation, total, seal FROM register_cursor WHERE current FOR UPDATE"
            ).fetchone()
            if row is None:
                _log.error("register_cursor_lost")
            elif row[1] == DERIVATION and self._sealed(connection, *row[2:], position=int(row[0])):
                return
            elif row[1] == DERIVATION:
                # Nothing of it is shown from now on.
                connection.execute("UPDATE register_cursor SET derivation = 0 WHERE current")
                _log.error("register_rows_altered", position=int(row[0]))
            elif row[0] == 0:
                connection.execute("UPDATE register_cursor SET derivation = %s WHERE current", (DERIVATION,))
                return
        self.rebuild(progress)

    def _sealed(
        self, connection: Connection[Row], generation: int, total: bytes | None, seal: bytes | None, *, position: int
    ) -> bool:
        """Are the rows of a generation those that were sealed at its position? An empty one needs no seal."""
        if self._seal is None:
            return True
        found = summed(connection, generation).to_bytes()
        if total is None or seal is None:
            return position == 0 and found == RegisterSum().to_bytes()
        return found == bytes(total) and self._is_seal(seal, generation, position, found)

    def _is_seal(self, seal: bytes | None, generation: int, position: int, total: bytes) -> bool:
        """Did this home state that a generation adds up to this at its position? Without the home's key nobody can."""
        if self._seal is None:
            return True
        return seal is not None and hmac.compare_digest(bytes(seal), self._seal(_told(generation, position, total)))

    def _step(self, generation: int | None) -> int:
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT generation, position, total, seal FROM register_cursor WHERE generation = coalesce(%s, "
                "generation)"
                " AND (current OR %s::int IS NOT NULL) FOR UPDATE",
                (generation, generation),
            ).fetchone()
            if row is None and (generation is not None or _none_is_current(connection)):
                raise _altered(sentence("the register does not say how far it has come"))
            if row is None:
                # A rebuild swapped while we waited for the old cursor's lock; the next look finds the new one.
                return 0
            writing, position, total = int(row[0]), int(row[1]), RegisterSum.from_bytes(row[2])
            if position and not self._is_seal(row[3], writing, position, total.to_bytes()):
                raise _altered(
                    sentence("the register up to position {position} is not as it was built here", position=position)
                )
            events = self._source.events(after=position, until=min(position + BATCH, self._size()))
            if not events:
                return position
            writer = Writer(connection, writing, total)
            Batch(self._source, writer, events, self._followed).process()
            writer.write()
            reached, summed_up = events[-1].position, writer.total.to_bytes()
            seal = self._seal(_told(writing, reached, summed_up)) if self._seal is not None else None
            connection.execute(
                "UPDATE register_cursor SET position = %s, total = %s, seal = %s WHERE generation = %s",
                (reached, summed_up, seal, writing),
            )
        _log.info("register_advanced", generation=writing, position=reached)
        return reached


def _told(generation: int, position: int, total: bytes) -> bytes:
    """What is sealed of a register; rows that folds of another version built are not those of this one."""
    return b"rongjian/register/v2\n" + f"{DERIVATION}\n{generation}\n{position}\n".encode() + total


def _none_is_current(connection: Connection[Row]) -> bool:
    return connection.execute("SELECT FROM register_cursor WHERE current").fetchone() is None


def _altered(problem: Pair) -> RegisterAlteredError:
    return RegisterAlteredError("register_rows_altered", sentence("{name}; it is built anew", name=problem))


class Writing(Protocol):
    """Where the register's rows go: a generation of the table, or memory."""

    def replace(self, subject: str, known: int, facts: Mapping[str, Iterable[Segment]]) -> None:
        """From K on the subject has these timelines; of facts that are not among them nothing has changed."""

    def link(self, tag: str, subject: str) -> None:
        """Events with this tag touch this subject."""

    def touched_by(self, tags: Iterable[str]) -> list[str]:
        """Subjects that events with any of these tags touch."""

    def expect(self, subjects: Collection[str]) -> None:
        """These are going to be replaced: what holds of them can be read at once."""

    def everybody(self) -> list[str]:
        """All subjects there are."""


class Batch:
    """One batch: slices are read once per subject up to the batch's end and cut at each position."""

    def __init__(
        self, source: Source, writer: Writing, events: list[RecordedEvent], followed: Followed | None = None
    ) -> None:
        """``followed`` keeps answers for later batches; without it each is made from nothing."""
        self._followed = followed
        self._source = source
        self._writer = writer
        self._events = events
        self._until = events[-1].position
        self._packs = source.packs()
        self._seen: dict[str, int] = {}

    def process(self) -> None:
        changed: list[tuple[str, int, Timelines]] = []
        # Whom the batch touches is asked for at once.
        tags = {tag for event in self._events for tag in event.statement.tags if tag.partition(":")[0] in _FOLLOWED}
        self._writer.touched_by(sorted(tags))
        if self._followed is not None:
            self._followed.begin(self._source, self._packs, self._events[0].position - 1)
        for event in self._events:
            self._link(event)
            if self._followed is not None:
                self._followed.offer(self._source, event)
            for subject in self._touched(event):
                if self._followed is not None and self._followed.stands(subject):
                    # Most of those who took part in an edition rest on nothing that one of its entries changes.
                    continue
                found = self._timelines(subject, event.position)
                if found:
                    changed.append((subject, event.position, found))
        if self._followed is not None:
            self._followed.done(self._until)
        self._writer.expect([subject for subject, _, _ in changed])
        for subject, position, found in changed:
            self._write(subject, position, found)

    def _link(self, event: RecordedEvent) -> None:
        p = event.statement.payload
        match p:
            case PrincipalRegistered() if p.kind == "organisation":
                self._link_all(f"org:{p.principal_id}", [f"o:{p.principal_id}", f"p:{p.principal_id}"])
            case ApplicationFiled():
                case, edition = f"c:{p.case_id}", f"ed:{p.case_id.rpartition('/')[0]}"
                self._link_all(f"case:{p.case_id}", [case, edition, f"o:{p.org}", f"p:{p.org}"])
                self._link_all(f"org:{p.org}", [case, edition])
            case AwardGranted():
                tags = [f"a:{p.award_id}", f"c:{p.case_id}", f"o:{p.org}", f"p:{p.org}", f"d:{p.decision_id}"]
                edition = p.case_id.rpartition("/")[0]
                self._link_all(f"award:{p.award_id}", [*tags, f"ed:{edition}"])
                self._link_all(f"org:{p.org}", tags)
                self._link_all(f"edition:{edition}", [f"o:{p.org}", f"p:{p.org}"])
            case EditionOpened():
                self._link_all(f"edition:{p.edition_id}", [f"ed:{p.edition_id}"])
            case PublicNoticeOpened():
                self._link_all(f"notice:{p.notice_id}", [f"n:{p.notice_id}", f"ed:{p.edition_id}"])
            case AwardRevoked() | ClawbackOrdered():
                for subject in self._writer.touched_by([f"a:{p.award_id}"]):
                    self._writer.link(f"d:{p.decision_id}", subject)
            case HigherAwardRecorded():
                self._writer.link(f"h:{p.higher_award_id}", f"org:{p.org}")
            case ObjectionRaised() if p.case_id is not None:
                for subject in self._writer.touched_by([f"c:{p.case_id}"]):
                    self._writer.link(f"ob:{p.objection_id}", subject)
            case _:
                return

    def _link_all(self, subject: str, tags: Iterable[str]) -> None:
        for tag in tags:
            self._writer.link(tag, subject)

    def _touched(self, event: RecordedEvent) -> list[str]:
        statement = event.statement
        if isinstance(statement.payload, _OF_ALL):
            return self._writer.everybody()
        if isinstance(statement.payload, _RECORD):
            target = self._target(statement.payload.target)
            if target is None:
                return []
            if isinstance(target.statement.payload, _OF_ALL):
                return self._writer.everybody()
            statement = target.statement
        return self._writer.touched_by(self._followed_from(statement, event.position))

    def _followed_from(self, statement: Statement, position: int) -> set[str]:
        """The tags under which subjects are linked that an act touches: its own, those of the successors of an
        organisation that it is about, and of a dissolution, which need not name its edition, those of the body.
        """
        tags, p = {*statement.tags}, statement.payload
        if isinstance(p, BodyDissolved):
            body = DCBQuery([DCBQueryItem(types=topics(BodyConstituted), tags=[f"b:{p.body_id}"])])
            tags.update(t for e in self._source.events(body, until=position) for t in e.statement.tags)
        heirs = {t[2:] for t in statement.tags if t.startswith(("o:", "p:"))}
        while more := {after for one in heirs for at, after in self._successors.get(one, ()) if at <= position} - heirs:
            heirs |= more
        tags |= {f"{kind}:{heir}" for kind in ("o", "p") for heir in heirs}
        return {t for t in tags if t.partition(":")[0] in _FOLLOWED}

    @cached_property
    def _successors(self) -> dict[str, list[tuple[int, str]]]:
        """Who succeeds whom, by the batch's end, and from which position on that is known."""
        found: dict[str, list[tuple[int, str]]] = {}
        query = DCBQuery([DCBQueryItem(types=topics(PrincipalUpdated))])
        for event, p in acts(PrincipalUpdated, self._source.events(query, until=self._until)):
            found.setdefault(p.principal_id, []).extend((event.position, heir) for heir in p.successor_ids or ())
        return found

    def _target(self, event_id: str) -> RecordedEvent | None:
        """What an annulment or a correction is about; None of one that names no entry, and so touches nobody."""
        try:
            return self._source.event(event_id)
        except NotFoundError:
            return None

    def _timelines(self, subject: str, position: int) -> Timelines:
        """The timelines of a subject at a position: those of facts that may be others, where it is followed."""
        if self._followed is not None:
            return self._followed.timelines(self._source, subject, position)
        kind, _, name = subject.partition(":")
        history = history_for(self._source, kind, name, position)
        if self._seen.get(subject) == len(history.events):
            # The event is none of this subject's own: what was known of it at the event before is all that is known
            # now.
            return {}
        self._seen[subject] = len(history.events)
        return timelines(kind, name, history, self._packs, position)

    def _write(self, subject: str, position: int, found: Timelines) -> None:
        for fact, fault in faults(found).items():
            # The others go on, and this one is tried again with whatever touches it next, or by a rebuild.
            _log.error("subject_not_derivable", subject=subject, fact=fact, fault=fault, position=position)
        self._writer.replace(subject, position, found)
