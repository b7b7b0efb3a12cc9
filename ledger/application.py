"""The ledger of one jurisdiction: submit a signed statement, get a receipt; read entries and proofs.

Submitting follows these steps. Parsing, canonical form and commitments are checked before anything is read;
then the consistency boundary is read, signatures are verified, structure and guards decide; then the event is
appended on condition that the boundary has not changed, in a transaction shared with other submissions. A
conflict means deciding again. A statement that is already recorded with the same bytes gets its receipt again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Literal, TypeVar

import structlog
from eventsourcing.dcb.api import DCBAppendCondition, DCBQuery, DCBQueryItem
from psycopg import Connection

from ledger.admission.admit import admit, check_statement, judge
from ledger.admission.structure import verify_signatures
from ledger.admission.view import View
from ledger.admission.viewing import Beside, Reading, read_view
from ledger.clock import Clock, format_instant, system_clock
from ledger.continuity import Continuity
from ledger.derivation.doubts import CLOCK_CORRECTED, Doubt, doubts
from ledger.derivation.losses import HISTORY_LOSS
from ledger.disclosure import Disclosure, Opening
from ledger.disclosure import check as check_opening
from ledger.enacted import ENACTMENTS, EnactedPacks
from ledger.entry import RecordedEvent, unframe
from ledger.entry import parse as parse_entry
from ledger.erasures import Erasures, subjects_of
from ledger.errors import (
    AlreadyOpenedError,
    AppendConflictError,
    EvidenceError,
    IdentifierReusedError,
    MalformedError,
    NotFoundError,
    RefusedError,
    RongjianError,
    SpoiltError,
    TooLargeError,
)
from ledger.heads import Heads
from ledger.identities import ID_NUMBER, Identities
from ledger.index_log import IndexLog
from ledger.log_signer import LogSigner
from ledger.newest_head import HeadFile
from ledger.outside import Outside
from ledger.proven_log import ProvenLog
from ledger.regulation.pack import Pack, parse_pack
from ledger.signing import envelope as dsse
from ledger.statement import Statement
from ledger.statement import parse as parse_statement
from ledger.store.database import Database, Row
from ledger.store.pending import forget_recorded
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import AppendCommand, Appended, NewEvent, RestoredEntry, StoredEntry
from ledger.store.seen import SeenRows
from ledger.store.sequencer import Sequencer
from ledger.store.timekeeping import Timekeeper, check_not_behind
from ledger.store.vault import StoredOpening, Vault
from ledger.stored_log import StoredLog
from ledger.submission import WHY_NOT_OPENED, FieldState, Receipt, Submission
from ledger.tlog.merkle import Subtree, consistency_proof, inclusion_proof, subtree_proof
from ledger.tlog.note import VerifierKey
from ledger.tlog.policy import Policy
from ledger.tlog.proof import InclusionProof
from ledger.tlog.tag_index import IndexHead, SealedIndex, TagIndex
from ledger.tlog.tiles import Tile, bundle

#: Deciding again after a conflict: every round somebody else has got on, so this many is a storm.
ATTEMPTS_MAX = 50

PACK_MEDIA_TYPE = "application/vnd.rongjian.pack+toml"

T = TypeVar("T")

_log = structlog.get_logger(__name__)


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

        Without ``proving`` rows are believed: for whoever examines them.
        """
        self.origin = signer.origin
        self.database = database
        self.vault = vault
        self.recorder = PostgresRecorder(database, clock)
        self.log = ProvenLog(self.recorder, self.origin, self._stop) if proving else StoredLog(self.recorder)
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
            lambda: len(self.events(DCBQuery([DCBQueryItem(types=[HISTORY_LOSS])]))),
        )
        self.outside = Outside(SeenRows(database), self.log, self.origin, self.index_log.origin)
        epoch = vault.epoch() if erasure_epoch is None else erasure_epoch
        self.erasures = Erasures(database, vault, self.events, epoch)
        self._restored = tuple(restored)
        self.identities = Identities(vault.links, self.erasures, self.events, self.restored)
        self._clock = clock
        self._sequencer = Sequencer(self.recorder)
        self._packs = EnactedPacks(lambda digest: self.document(digest)[1])

    def _stop(self, reason: EvidenceError) -> None:
        self.heads.stop(reason)

    def close(self) -> None:
        """Finish what is queued and give the connections back."""
        self._sequencer.close()
        self.database.close()

    # Writing

    def submit(self, submission: Submission) -> Receipt:
        """Record a statement, or raise the reason why not. Safe to repeat with the same bytes."""
        return self._submit(submission)[0]

    def _submit(self, submission: Submission) -> tuple[Receipt, bool]:
        """The receipt, and whether this very call has recorded the statement."""
        self.database.check_confirmed()
        statement = parse_statement(submission.envelope.body)
        self.heads.check_signing(declaring_loss=statement.type == HISTORY_LOSS)
        known = self._recorded_before(statement, submission)
        if known is not None:
            return known, False
        instant = self._clock().astimezone(UTC)
        check_statement(statement, self.origin, dict(submission.openings), instant)
        try:
            appended = self._append(statement, submission, instant)
        except RefusedError as error:
            # Another submission of the same bytes may have been recorded since the first look; then a guard sees
            # the statement's own effect and refuses it, and the receipt is what the signer is owed.
            known = self._recorded_before(statement, submission)
            if known is not None:
                return known, False
            _log.info("statement_refused", log=self.origin, id=statement.id, type=statement.type, code=error.code)
            raise
        position = appended.positions[0]
        _log.info("statement_recorded", log=self.origin, id=statement.id, type=statement.type, position=position)
        return self.receipt(position), not appended.replayed

    def submit_many(self, submissions: Iterable[Submission]) -> list[Receipt | RongjianError]:
        """Submit in order; one refusal does not stop the others. Each outcome stands in its place."""
        outcomes: list[Receipt | RongjianError] = []
        for submission in submissions:
            try:
                outcomes.append(self.submit(submission))
            except (RefusedError, AppendConflictError, IdentifierReusedError) as error:
                outcomes.append(error)
        return outcomes

    def _recorded_before(self, statement: Statement, submission: Submission) -> Receipt | None:
        row = self.log.by_id(statement.id)
        if row is None:
            return None
        if unframe(row.entry)[0] != submission.envelope_bytes:
            raise IdentifierReusedError(
                "id_reused",
                f"id {statement.id} is already recorded with other bytes; a new statement needs a new id",
                f"id {statement.id} 已被另一份内容使用；新的声明请用新的 id",
                id=statement.id,
            )
        return self.receipt(row.position)

    def _append(self, statement: Statement, submission: Submission, instant: datetime) -> Appended:
        conflict: AppendConflictError | None = None
        if statement.type != CLOCK_CORRECTED:
            check_not_behind(instant, self.log.head().last_recorded_at)
        for _ in range(ATTEMPTS_MAX):
            view, query = self.view(statement, submission, instant)
            admit(view)
            event = NewEvent(
                statement.id,
                statement.type,
                submission.envelope_bytes,
                statement.tags,
                lambda connection, entry_id: self._seal(connection, entry_id, statement, submission),
            )
            condition = DCBAppendCondition(query, after=view.live.known)
            command = AppendCommand(
                (event,), condition, _doubts_until(statement), declares_loss=statement.type == HISTORY_LOSS
            )
            try:
                return self._sequencer.submit(command).result()
            except AppendConflictError as error:
                conflict = error
        assert conflict is not None
        raise conflict

    def view(
        self, statement: Statement, submission: Submission, instant: datetime, supposed: Sequence[RecordedEvent] = ()
    ) -> tuple[View, DCBQuery]:
        """What a decision about the statement sees now, and the query that must not match anything newer.

        ``supposed`` are events after the end of the log that nobody has recorded, for a preview.
        """
        size, ahead = self.log.head().size, {e.statement.id: e for e in supposed}
        reading = Reading(
            size + len(supposed),
            lambda query: [*self.events(query, until=size), *(e for e in supposed if e.matches(query))],
            lambda event_id: ahead.get(event_id) or self._recorded_until(event_id, size),
            self.packs() | self._packs.proposed([statement, *(e.statement for e in supposed)]),
            self.log.recorded_at,
            self.heads.lost(),
        )
        envelope = submission.envelope
        beside = Beside(submission.openings, self.identities.same_person, self.log.taken_for)
        keyids = [s.keyid for s in envelope.signatures]
        return read_view(statement, keyids, lambda keys: verify_signatures(envelope, keys), instant, reading, beside)

    def _recorded_until(self, event_id: str, size: int) -> RecordedEvent | None:
        event = self.log.event(event_id)
        return event if event is not None and event.position <= size else None

    def foresee(
        self,
        statement: Statement,
        instant: datetime,
        openings: Mapping[str, Opening] | None = None,
        supposed: Sequence[RecordedEvent] = (),
    ) -> RefusedError | None:
        """What the rules would say of a statement nobody has signed, after ``supposed`` ones; signatures are not looked
        at.
        """
        submission = Submission(dsse.Envelope(statement.body, ()), b"", dict(openings or {}))
        try:
            view, _ = self.view(statement, submission, instant, supposed)
            judge(view)
        except RefusedError as refusal:
            return refusal
        return None

    def _seal(self, connection: Connection[Row], entry_id: str, statement: Statement, submission: Submission) -> None:
        payload = statement.payload
        forget_recorded(connection, entry_id)
        self.vault.seal(connection, entry_id, submission.openings.values(), subjects_of(statement))
        if statement.type == "PrincipalRegistered" and ID_NUMBER in submission.openings:
            self.identities.link(connection, payload.principal_id, submission.openings[ID_NUMBER])
        if statement.type == "RestrictedDataHandled" and payload.action == "erased":
            self.erasures.carry_out(connection, statement)

    def restore(self, entries: Sequence[bytes]) -> int:
        """Append a mirror's entries as they are; returns the size. Their proofs are the caller's to have checked."""
        size, restored = self.size(), []
        for position, entry in enumerate(entries, size + 1):
            event = parse_entry(position, entry)
            s = event.statement
            restored.append(RestoredEntry(s.id, s.type, s.tags, event.recorded_at, entry))
        self._restored += ((size + 1, size + len(restored)),)
        return self.recorder.restore(restored)

    # Restricted fields

    def disclose(self, submission: Submission) -> tuple[Receipt, list[Disclosure]]:
        """Record who opens which restricted fields and why, then give the openings.

        ``submission`` is a signed RestrictedDataHandled that opens, discloses or publishes. Its bytes stand in the log
        for everybody to copy, so they open once: the call that records them gets the values, no later one does.
        """
        statement = parse_statement(submission.envelope.body)
        payload = statement.payload
        if statement.type != "RestrictedDataHandled" or payload.action == "erased":
            raise MalformedError(
                "no_disclosure",
                "a disclosure is asked for by RestrictedDataHandled with an action that opens",
                "启封须由 RestrictedDataHandled（opened、disclosed_to 或 published）提出",
            )
        for state in self.fields(payload.target_event):
            if state.pointer in payload.paths and state.state != "withheld":
                zh, en = WHY_NOT_OPENED[state.state]
                raise NotFoundError("no_opening", f"{state.pointer}: {en}", f"{state.pointer}：{zh}", state=state.state)
        receipt, recorded_now = self._submit(submission)
        if not recorded_now:
            raise AlreadyOpenedError(
                "already_opened",
                f"statement {statement.id} has opened its fields once; sign a new one to open them again",
                f"声明 {statement.id} 已用于启封；如需再次启封请另签新的声明",
            )
        target = self.event(payload.target_event)
        openings = [self.erasures.open(target, pointer) for pointer in payload.paths]
        return receipt, [Disclosure(self.origin, payload.target_event, opening) for opening in openings]

    def fields(self, event_id: str) -> list[FieldState]:
        """Every restricted field of an event: withheld, erased (by which order), never kept here, or lost."""
        event = self.event(event_id)
        stored, ordered = {s.pointer: s for s in self.vault.stored([event_id])}, self.erasures.ordered_against(event)
        return [
            FieldState(
                pointer,
                commitment,
                "erased" if pointer in ordered else self._kept(event.position, stored.get(pointer), commitment),
                ordered.get(pointer),
            )
            for pointer, commitment in sorted(event.statement.sd.items())
        ]

    def _kept(
        self, position: int, stored: StoredOpening | None, commitment: str
    ) -> Literal["withheld", "not_kept", "lost"]:
        """What became of an opening that nobody ordered destroyed: only one that opens, and fits, is withheld."""
        if stored is None:
            return "not_kept" if self.restored(position) else "lost"
        try:
            check_opening(self.vault.opened(stored), commitment)
        except (EvidenceError, MalformedError):
            return "lost"
        return "withheld" if stored.erased_by is None else "lost"

    def restored(self, position: int) -> bool:
        """Was the entry taken from a mirror, which holds no openings?

        So whoever restored it has noted beside the log's key.
        """
        return any(first <= position <= last for first, last in self._restored)

    # Documents

    def store_document(self, content: bytes, media_type: str) -> str:
        """Keep a document by content; returns its SHA-256. A pack is validated before it is kept."""
        if media_type == PACK_MEDIA_TYPE:
            parse_pack(content, "pack")
        if len(content) > 1_000_000:
            raise TooLargeError(
                "document_too_large", "a document has at most 1,000,000 bytes", "文件至多 1,000,000 字节"
            )
        with self.database.transaction() as connection:
            row = connection.execute(
                "INSERT INTO document VALUES (sha256(%s), %s, %s) ON CONFLICT (sha256) DO NOTHING RETURNING sha256",
                (content, media_type, content),
            ).fetchone()
            row = row or connection.execute("SELECT sha256(%s)", (content,)).fetchone()
        assert row is not None
        return bytes(row[0]).hex()

    def document(self, sha256: str) -> tuple[str, bytes]:
        """Media type and bytes of a document."""
        with self.database.connection() as connection:
            row = connection.execute(
                "SELECT media_type, content FROM document WHERE sha256 = %s", (bytes.fromhex(sha256),)
            ).fetchone()
        if row is None:
            raise NotFoundError("document_unknown", f"no document {sha256[:16]}", f"没有文件 {sha256[:16]}")
        content = bytes(row[1])
        if hashlib.sha256(content).hexdigest() != sha256:
            raise SpoiltError(
                "document_altered",
                f"the stored document {sha256[:16]} has other bytes than were deposited; run rongjian verify, "
                "then restore it from a mirror",
                f"所存文件 {sha256[:16]} 的内容已被改动；请运行 rongjian verify，再由镜像恢复",
                sha256=sha256,
            )
        return row[0], content

    def packs(self) -> dict[str, Pack]:
        """The packs that are enacted, by hash. Raises EvidenceError where one is missing or altered."""
        return self._packs.of(self.events(ENACTMENTS, until=self.log.known_size))

    # Reading

    def size(self) -> int:
        """Entries recorded so far: the newest K."""
        return self.log.head().size

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Parsed events that match, in order."""
        return self.log.events(query, after=after, until=until)

    def event(self, event_id: str) -> RecordedEvent:
        """One event by id."""
        event = self.log.event(event_id)
        if event is None:
            raise NotFoundError("event_unknown", f"{event_id} is not in the log", f"账本中没有事件 {event_id}")
        return event

    def entry(self, position: int) -> StoredEntry:
        """The stored row of a position."""
        known = 1 <= position <= self.log.head().size
        rows = self.log.rows(after=position - 1, until=position) if known else []
        if not rows:
            raise NotFoundError("position_unknown", f"the log has no position {position}", f"账本没有第 {position} 条")
        return rows[0]

    def attested(self, position: int) -> RecordedEvent | None:
        """The newest TimeAttested at or before a position: the entry is younger than the token that stands in it."""
        return self.log.last_of("TimeAttested", position)

    def doubts(self) -> list[Doubt]:
        """Which entries bear a time that is not to be believed, as corrections of the clock say."""
        return doubts(self.events(DCBQuery([DCBQueryItem(types=[CLOCK_CORRECTED])])))

    def known_at(self, instant: datetime) -> tuple[int, Doubt | None]:
        """The position known at an instant, and the doubt by which more entries may have been recorded by then.

        Entries whose time is not to be believed count as known from the entry on that says so.
        """
        all_ = self.doubts()
        position = self.log.position_at(instant, [(d.first, d.last) for d in all_])
        return position, next((d for d in all_ if d.touches(instant)), None)

    # The log as evidence

    @property
    def verifier_key(self) -> VerifierKey:
        """The log's Ed25519 key."""
        return self.heads.signer.verifier_key

    def checkpoint(self) -> str:
        """The published head (see :mod:`ledger.heads`)."""
        return self.heads.published()[1]

    def receipt(self, position: int) -> Receipt:
        """The receipt of a position under the current head."""
        row = self.entry(position)
        head = self.log.head()
        size, proof = head.size, self._proof(row, head.size, self.heads.sign(head))
        return Receipt(
            self.origin,
            row.id,
            position,
            format_instant(row.recorded_at),
            _b64(row.leaf_hash),
            size,
            tuple(_b64(h) for h in proof.hashes),
            proof.checkpoint.decode(),
        )

    def proof(self, position: int) -> InclusionProof:
        """The portable proof of a position under the published head."""
        row = self.entry(position)
        size, checkpoint = self.heads.published()
        if position > size:
            raise NotFoundError(
                "not_published",
                f"position {position} is not under the published head yet, which has size {size}; try again in a "
                "moment",
                f"第 {position} 条尚未进入已发布的检查点（大小 {size}）；请稍后再试",
            )
        return self._proof(row, size, checkpoint)

    def _proof(self, row: StoredEntry, size: int, checkpoint: str) -> InclusionProof:
        index = row.position - 1
        hashes = self.log.proved(partial(inclusion_proof, index, size))
        return InclusionProof(index, tuple(hashes), checkpoint.encode())

    def tag_index(self, size: int) -> tuple[SealedIndex, str]:
        """The tag index of the log of a size, and its signed note."""
        self._check_size(size)
        index = TagIndex()
        for position, leaf, type_, tags in self.log.indexed(size):
            index.add(position, leaf, type_, tags)
        sealed = index.sealed()
        note = self.heads.sign_index(IndexHead(self.origin, size, sealed.keys, sealed.root))
        # An entry of the log of index heads before anybody is given it: no two readers are given two roots of one size.
        self.index_log.collect()
        return sealed, note

    def inclusion(self, position: int, size: int) -> list[bytes]:
        """Inclusion proof of a position in the tree of ``size``."""
        self._check_size(size)
        return self.log.proved(partial(inclusion_proof, position - 1, size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Consistency proof between two sizes."""
        self._check_size(new)
        return self.log.proved(partial(consistency_proof, old, new))

    def subtree(self, start: int, end: int, size: int) -> tuple[bytes, list[bytes]]:
        """Hash of the subtree [start, end), and the proof that it is part of the tree of ``size``."""
        self._check_size(size)

        def prove(stored: Subtree) -> tuple[bytes, list[bytes]]:
            # What is no subtree is refused before it is read.
            proof = subtree_proof(start, end, size, stored)
            return stored(start, end), proof

        return self.log.proved(prove)

    def tile(self, tile: Tile) -> bytes:
        """Bytes of a tile or entry bundle that lies wholly within the committed log."""
        self._check_size(tile.leaves_end)
        start, end = tile.index * 256, tile.index * 256 + tile.width
        if tile.level is None:
            return bundle([row.entry for row in self.log.rows(after=start, until=end)])
        return b"".join(self.log.hashes(tile.level, start, end))

    def _check_size(self, size: int) -> None:
        head = self.log.head().size
        if size > head:
            raise NotFoundError(
                "beyond_head", f"the log has {head} entries, not {size}", f"账本只有 {head} 条，没有 {size} 条"
            )


def _doubts_until(statement: Statement) -> int | None:
    return statement.payload.doubted_to if statement.type == CLOCK_CORRECTED else None


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
