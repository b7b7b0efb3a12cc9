"""Submitting: a signed statement is admitted by the law and recorded, or refused with the reason.

The way is straight. What needs no reading is checked first, by whoever submits: form, commitments, the clock. Then the
statement waits for the one writer of its log, which decides on all that wait, one after the other, in one transaction
under the lock of the log's head: it reads the consistency boundary, of the log and of what the batch has decided
before, verifies the signatures, and lets structure and guards decide. Nothing is recorded meanwhile, so nothing is ever
decided twice. A statement that is recorded with the same bytes is answered with its position, before anything is
decided: a guard never meets the statement's own effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import structlog

from ledger.admission.admit import admit, check_statement, judge
from ledger.admission.reading_plan import ReadingPlan, plan_of
from ledger.admission.structure import verify_signatures
from ledger.admission.view import View
from ledger.admission.viewing import Beside as Asked
from ledger.admission.viewing import Reading, read_view
from ledger.ahead import Ahead
from ledger.clock import Clock
from ledger.derivation.law import LastLaw
from ledger.disclosure import Opening
from ledger.enacted import ENACTMENTS, EnactedPacks
from ledger.entry import RecordedEvent, unframe
from ledger.erasures import subjects_of
from ledger.errors import IdentifierReusedError, RefusedError, RongjianError
from ledger.events.identity import PrincipalRegistered
from ledger.events.oversight import ClockCorrected, HistoryLossDeclared, RestrictedDataHandled
from ledger.heads import Heads
from ledger.identities import ID_NUMBER, Identities
from ledger.kept_slices import KeptSlices
from ledger.regulation.pack import Pack
from ledger.sentences import sentence
from ledger.signing import envelope as dsse
from ledger.statement import Statement
from ledger.statement import parse as parse_statement
from ledger.store.records import AppendCommand, Appended, Beside, Deciding, NewEvent, Request
from ledger.store.sequencer import Sequencer
from ledger.store.timekeeping import check_not_behind
from ledger.stored_log import StoredLog
from ledger.submission import Submission

T = TypeVar("T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a statement stands in the log, and whether this very call has put it there."""

    id: str
    position: int
    now: bool


class Submitting:
    """The one door through which statements come into a log."""

    def __init__(
        self,
        origin: str,
        log: StoredLog,
        heads: Heads,
        sequencer: Sequencer,
        identities: Identities,
        packs: EnactedPacks,
        clock: Clock,
        check_confirmed: Callable[[], None],
    ) -> None:
        """``check_confirmed`` raises while the outcome of an earlier commit is not known."""
        self._origin = origin
        self._log = log
        self._heads = heads
        self._sequencer = sequencer
        self._identities = identities
        self._packs = packs
        self._clock = clock
        self._check_confirmed = check_confirmed
        #: What the one writer keeps between one decision and the next.
        self._kept = KeptSlices(log)
        self._last_law = LastLaw()
        self._enacted: tuple[tuple[int, ...], dict[str, Pack]] | None = None

    def record(self, submission: Submission) -> Recorded:
        """Record a statement, or raise the reason why not; no head is signed yet.

        Safe to repeat with the same bytes.
        """
        prepared = self._prepared(submission)
        if isinstance(prepared, Recorded):
            return prepared
        statement, request = prepared
        return self._outcome(statement, self._sequencer.submit(request.command, request.judge))

    def record_many(self, submissions: Iterable[Submission]) -> list[Recorded | RongjianError]:
        """Record in order; one refusal does not stop the others. Each outcome stands in its place.

        All are prepared before the first is handed over, so that the writer finds them together.
        """
        prepared = [_or_error(partial(self._prepared, submission)) for submission in submissions]
        asked = [one[1] for one in prepared if isinstance(one, tuple)]
        queued = iter(self._sequencer.submit_all(asked))
        return [
            _or_error(partial(self._outcome, one[0], next(queued))) if isinstance(one, tuple) else one
            for one in prepared
        ]

    def _prepared(self, submission: Submission) -> tuple[Statement, Request] | Recorded:
        """What is handed to the writer; where the statement was recorded before and could not be now, that.

        Raises what needs no decision.
        """
        self._check_confirmed()
        statement = parse_statement(submission.envelope.body)
        self._heads.check_signing(declaring_loss=isinstance(statement.payload, HistoryLossDeclared))
        instant = self._clock().astimezone(UTC)
        try:
            check_statement(statement, self._origin, dict(submission.openings), instant)
        except RongjianError:
            # What was in order when it was recorded need not be so now.
            known = self._recorded_before(statement, submission)
            if known is None:
                raise
            return known
        return statement, self._request(statement, submission, instant)

    def _outcome(self, statement: Statement, queued: Future[Appended]) -> Recorded:
        try:
            appended = queued.result()
        except RefusedError as error:
            _log.info("statement_refused", log=self._origin, id=statement.id, type=statement.type, code=error.code)
            raise
        position = appended.positions[0]
        if not appended.replayed:
            _log.info("statement_recorded", log=self._origin, id=statement.id, type=statement.type, position=position)
        return Recorded(statement.id, position, not appended.replayed)

    def _recorded_before(self, statement: Statement, submission: Submission) -> Recorded | None:
        row = self._log.by_id(statement.id)
        if row is None:
            return None
        if unframe(row.entry)[0] != submission.envelope_bytes:
            raise IdentifierReusedError(
                "id_reused",
                sentence(
                    "id {id} is already recorded with other bytes; a new statement needs a new id", id=statement.id
                ),
                id=statement.id,
            )
        return Recorded(statement.id, row.position, now=False)

    def _request(self, statement: Statement, submission: Submission, instant: datetime) -> Request:
        """What the writer is given: what is to be recorded, and how it is decided."""
        p = statement.payload
        event = NewEvent(
            statement.id,
            statement.type,
            submission.envelope_bytes,
            statement.tags,
            self._beside(statement, submission),
            (submission.envelope, statement),
        )
        doubts_until = p.doubted_to if isinstance(p, ClockCorrected) else None
        plan = _plan(statement, submission)
        command = AppendCommand((event,), None, doubts_until, isinstance(p, HistoryLossDeclared))

        def judge(batch: Deciding) -> None:
            if not isinstance(p, ClockCorrected):
                check_not_behind(instant, batch.last_recorded_at)
            admit(self._view_in_turn(plan, submission, instant, batch))

        return Request(command, judge, plan.first.items)

    def _view_in_turn(self, plan: ReadingPlan, submission: Submission, instant: datetime, batch: Deciding) -> View:
        """The same as :meth:`view`, for the one writer: what decisions before it have read is kept."""
        size, further, kept = batch.size, batch.ahead, self._kept.at(batch.size, batch.ahead, batch.about)
        enactments = kept.events(ENACTMENTS)
        reading = Reading(
            size + len(further),
            kept.events,
            lambda event_id: further.find(event_id) or self._recorded_until(event_id, size),
            self._packs_in_turn(plan.statement, enactments, size),
            lambda position: further.recorded_at(position) or self._log.recorded_at(position),
            self._heads.lost(),
            kept.history_of,
            self._last_law.of,
            kept.touched,
        )
        same_person = partial(self._identities.same_person, ahead=batch.linked)
        return self._read(plan, submission, instant, reading, Asked(submission.openings, same_person, batch.taken_for))

    def _packs_in_turn(
        self, statement: Statement, enactments: Sequence[RecordedEvent], size: int
    ) -> Mapping[str, Pack]:
        """The packs that are enacted, the same mapping as long as they are the same, and what is proposed."""
        positions = tuple(event.position for event in enactments)
        enacted = self._enacted
        if enacted is None or enacted[0] != positions:
            ahead = self._packs.proposed(event.statement for event in enactments if event.position > size)
            recorded = self._packs.of(event for event in enactments if event.position <= size)
            enacted = positions, recorded | ahead
            # What is only ahead may come to nothing.
            self._enacted = enacted if not ahead else None
        proposed = self._packs.proposed([statement])
        return enacted[1] | proposed if proposed else enacted[1]

    def _beside(self, statement: Statement, submission: Submission) -> Beside:
        """What is kept or destroyed in the transaction that records the entry."""
        p, subjects = statement.payload, subjects_of(statement)
        number = submission.openings.get(ID_NUMBER)
        return Beside(
            tuple((opening, subjects[opening.pointer]) for opening in submission.openings.values()),
            (p.principal_id, self._identities.hashes(number))
            if isinstance(p, PrincipalRegistered) and number is not None
            else None,
            (p.target_event, tuple(p.paths)) if isinstance(p, RestrictedDataHandled) and p.action == "erased" else None,
        )

    def view(
        self,
        statement: Statement,
        submission: Submission,
        instant: datetime,
        size: int,
        ahead: Ahead | None = None,
        taken_for: Callable[[str], str | None] | None = None,
    ) -> View:
        """What a decision about the statement sees at a size.

        ``ahead`` are events after the end of the log, of the same batch or supposed by a preview; ``taken_for`` says
        which id looks like another, where more is known of it than the log says.
        """
        further = Ahead() if ahead is None else ahead
        reading = Reading(
            size + len(further),
            lambda query: [*self._log.events(query, until=size), *further.matching(query)],
            lambda event_id: further.find(event_id) or self._recorded_until(event_id, size),
            self.packs() | self._packs.proposed([statement, *(e.statement for e in further.matching(ENACTMENTS))]),
            lambda position: further.recorded_at(position) or self._log.recorded_at(position),
            self._heads.lost(),
        )
        asked = Asked(submission.openings, self._identities.same_person, taken_for or self._log.taken_for)
        return self._read(_plan(statement, submission), submission, instant, reading, asked)

    @staticmethod
    def _read(plan: ReadingPlan, submission: Submission, instant: datetime, reading: Reading, asked: Asked) -> View:
        envelope = submission.envelope
        return read_view(plan, lambda keys: verify_signatures(envelope, keys), instant, reading, asked)

    def _recorded_until(self, event_id: str, size: int) -> RecordedEvent | None:
        event = self._log.event(event_id)
        return event if event is not None and event.position <= size else None

    def packs(self) -> dict[str, Pack]:
        """The packs that are enacted, by hash. Raises EvidenceError where one is missing or altered."""
        return self._packs.of(self._log.events(ENACTMENTS, until=self._log.known_size))

    def foresee(
        self,
        statement: Statement,
        instant: datetime,
        openings: Mapping[str, Opening] | None = None,
        supposed: Sequence[RecordedEvent] = (),
    ) -> RefusedError | None:
        """What the rules would say of a statement nobody has signed, after ``supposed`` ones; signatures are not
        looked at.
        """
        submission = Submission(dsse.Envelope(statement.body, ()), b"", dict(openings or {}))
        try:
            judge(self.view(statement, submission, instant, self._log.head().size, Ahead(supposed)))
        except RefusedError as refusal:
            return refusal
        return None


def _plan(statement: Statement, submission: Submission) -> ReadingPlan:
    return plan_of(statement, [signature.keyid for signature in submission.envelope.signatures])


def _or_error(step: Callable[[], T]) -> T | RongjianError:
    try:
        return step()
    except RongjianError as error:
        return error
