"""The ledger of one jurisdiction, put together from its parts.

``submitting`` decides and records (:mod:`ledger.submitting`), ``disclosing`` opens restricted fields, ``documents``
keeps packs and texts, ``evidence`` gives receipts and proofs. This class reads the entries themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from ledger.clock import Clock, system_clock
from ledger.continuity import Continuity
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.doubts import Doubt, doubts
from ledger.disclosing import Disclosing
from ledger.documents import Documents
from ledger.enacted import EnactedPacks
from ledger.entry import RecordedEvent, acts
from ledger.entry import parse as parse_entry
from ledger.erasures import Erasures
from ledger.errors import EvidenceError, NotFoundError, RongjianError
from ledger.events.oversight import ClockCorrected, HistoryLossDeclared, TimeAttested
from ledger.events.registry import Payload, topics
from ledger.evidence import Evidence
from ledger.heads import Heads
from ledger.identities import Identities
from ledger.index_log import IndexLog
from ledger.log_signer import LogSigner
from ledger.newest_head import HeadFile
from ledger.outside import Outside
from ledger.proven_log import ProvenLog
from ledger.regulation.pack import Pack
from ledger.sentences import sentence
from ledger.store.database import Database
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import RestoredEntry, StoredEntry
from ledger.store.seen import SeenRows
from ledger.store.sequencer import Sequencer
from ledger.store.timekeeping import Timekeeper
from ledger.store.vault import Vault
from ledger.stored_log import StoredLog
from ledger.submission import Receipt, Submission
from ledger.submitting import Recorded, Submitting
from ledger.tlog.policy import Policy

P = TypeVar("P", bound=Payload)


class Ledger:
    """One log, open for reading and writing."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        signer: LogSigner,
        clock: Clock = system_clock,
        policy: Policy | None = None,
        erasure_epoch: int | None = None,
        head_file: HeadFile | None = None,
        restored: Sequence[tuple[int, int]] = (),
        *,
        proving: bool = True,
    ) -> None:
        """``head_file`` holds the newest head of the home.

        Without ``proving`` rows are believed: verification examines them as they are.
        """
        self.origin = signer.origin
        self.database = database
        self.vault = vault
        self.recorder = PostgresRecorder(database, clock, vault)
        keeping = head_file.kept_index() if head_file is not None else None
        self.log = ProvenLog(self.recorder, self.origin, self._stop, keeping) if proving else StoredLog(self.recorder)
        # What is committed is signed, whatever became of the clock since.
        self.heads = Heads(database, self.log, signer, clock.wall if isinstance(clock, Timekeeper) else clock, policy)
        if isinstance(self.log, ProvenLog):
            self.recorder.proven = self.log
            if head_file is not None:
                self.heads.continuity = Continuity(head_file, self.log)
                self.recorder.permit = self.heads.permit
        self.index_log = IndexLog(
            database,
            signer,
            clock.wall if isinstance(clock, Timekeeper) else clock,
            lambda: self.heads.policy,
            lambda: self.heads.check_signing(),
            head_file.sealed_beside("newest-index-head.json") if head_file is not None else None,
            lambda: len(self.events(DCBQuery([DCBQueryItem(types=topics(HistoryLossDeclared))]))),
        )
        self.outside = Outside(SeenRows(database), self.log, self.origin, self.index_log.origin)
        epoch = vault.epoch() if erasure_epoch is None else erasure_epoch
        self.erasures = Erasures(database, vault, self.events, epoch)
        self._restored = tuple(restored)
        self.identities = Identities(vault.links, self.erasures, self._events_known, self.restored)
        self._sequencer = Sequencer(self.recorder)
        self.documents = Documents(database)
        self.submitting = Submitting(
            self.origin,
            self.log,
            self.heads,
            self._sequencer,
            self.identities,
            EnactedPacks(lambda digest: self.documents.read(digest)[1]),
            clock,
            database.check_confirmed,
        )
        self.disclosing = Disclosing(
            self.origin, self.event, self.submitting.record, vault, self.erasures, self.restored
        )
        self.evidence = Evidence(self.origin, self.log, self.heads, self.index_log)

    def _stop(self, reason: EvidenceError) -> None:
        self.heads.stop(reason)

    def close(self) -> None:
        """Finish what is queued and give the connections back."""
        self._sequencer.close()
        self.database.close()
        if isinstance(self.log, ProvenLog):
            # Last: it takes a moment, and needs nothing of the database.
            self.log.keep()

    def submit(self, submission: Submission) -> Receipt:
        """Record a statement and sign the head over it, or raise the reason why not. Safe to repeat with the same
        bytes.
        """
        recorded = self.submitting.record(submission)
        if recorded.now:
            return self.evidence.receipts_of_recorded([recorded.position])[0]
        return self.evidence.receipt(recorded.position)

    def submit_many(self, submissions: Sequence[Submission]) -> list[Receipt | RongjianError]:
        """Submit in order, in as few transactions as may be, under one head; each has its own outcome."""
        outcomes = self.submitting.record_many(submissions)
        now = [one.position for one in outcomes if isinstance(one, Recorded) and one.now]
        receipts = dict(zip(now, self.evidence.receipts_of_recorded(now) if now else [], strict=True))
        return [
            one if isinstance(one, RongjianError) else receipts.get(one.position) or self.evidence.receipt(one.position)
            for one in outcomes
        ]

    def restore(self, entries: Sequence[bytes]) -> int:
        """Append a mirror's entries as they are; returns the size. Their proofs are the caller's to have checked."""
        size, restored = self.size(), []
        for position, entry in enumerate(entries, size + 1):
            event = parse_entry(position, entry)
            s = event.statement
            restored.append(RestoredEntry(s.id, s.type, s.tags, event.recorded_at, entry))
        self._restored += ((size + 1, size + len(restored)),)
        return self.recorder.restore(restored)

    def restored(self, position: int) -> bool:
        """Was the entry taken from a mirror, which holds no openings?

        ``mirror restore`` has noted the range beside the log's key.
        """
        return any(first <= position <= last for first, last in self._restored)

    # Reading

    def packs(self) -> dict[str, Pack]:
        """The packs that are enacted, by hash. Raises EvidenceError where one is missing or altered."""
        return self.submitting.packs()

    def size(self) -> int:
        """Entries recorded so far: the newest K."""
        return self.log.head().size

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Parsed events that match, in order."""
        return self.log.events(query, after=after, until=until)

    def at(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """Parsed events of positions up to the size, in the order in which these are given."""
        return self.log.at(positions)

    def _events_known(self, query: DCBQuery) -> list[RecordedEvent]:
        """Events that match among those that this process knows: all there are, while it decides."""
        return self.log.events(query, until=self.log.known_size)

    def touched(self, query: DCBQuery, after: int, until: int) -> bool:
        """Does a query find an event of ``after < position <= until``? One that asks for nothing finds none."""
        return bool(query.items) and self.log.any_matching(query, after, until)

    def last_touching(self, query: DCBQuery, until: int) -> int:
        """The last position up to another at which a query finds an event; 0 where it finds none."""
        return self.log.last_matching(query, until) if query.items else 0

    def acts(self, kind: type[P], *tags: str, until: int | None = None) -> list[tuple[RecordedEvent, P]]:
        """The acts of a class, in order, each with what it says: with any of the tags, or all of them without one."""
        items = [DCBQueryItem(types=topics(kind), tags=[tag]) for tag in tags] or [DCBQueryItem(types=topics(kind))]
        return list(acts(kind, self.log.events(DCBQuery(items), until=until)))

    def event(self, event_id: str) -> RecordedEvent:
        """One event by id."""
        event = self.log.event(event_id)
        if event is None:
            raise NotFoundError("event_unknown", sentence("{event_id} is not in the log", event_id=event_id))
        return event

    def entry(self, position: int) -> StoredEntry:
        """The stored row of a position."""
        return self.log.row(position)

    def attested(self, position: int) -> tuple[RecordedEvent, TimeAttested] | None:
        """The newest TimeAttested at or before a position: the entry is younger than the token that stands in it."""
        newest = self.log.last_of(TimeAttested, position)
        return next(acts(TimeAttested, [newest] if newest is not None else []), None)

    def doubts(self) -> list[Doubt]:
        """Which entries bear a time that is not to be believed, as corrections of the clock say."""
        return doubts(self.events(DCBQuery([DCBQueryItem(types=topics(ClockCorrected))])))

    def known_at(self, instant: datetime) -> tuple[int, Doubt | None]:
        """The position known at an instant, and the doubt by which more entries may have been recorded by then.

        Entries whose time is not to be believed count as known from the entry on that says so.
        """
        all_ = self.doubts()
        position = self.log.position_at(instant, [(d.first, d.last) for d in all_])
        return position, next((d for d in all_ if d.touches(instant)), None)
