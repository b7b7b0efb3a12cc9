"""Submissions that wait for a second signature: whom each concerns, and how a signature is added to one."""

from __future__ import annotations

from collections.abc import Callable

from api.home.open_logs import OpenLog
from api.sentences import sentence
from api.workplace.visitors import Visitor
from ledger import canonical
from ledger.clock import system_clock
from ledger.errors import NotFoundError, PermissionRefusedError
from ledger.events.vocabulary import EVENTS
from ledger.signing import envelope as dsse
from ledger.statement import Statement
from ledger.store.pending import Pending, PendingSubmissions
from ledger.submission import Submission, parse_submission


def waiting_of(log: OpenLog) -> PendingSubmissions:
    return PendingSubmissions(log.ledger.database, log.ledger.vault)


def row_of(statement: Statement) -> Pending:
    """The row of a submission that waits: for a countersigner of the seat, and for SUP or GOV where it overrides a
    rule.
    """
    seats = {s.countersigner for s in EVENTS[statement.type].SPEC.seats if s.originator == statement.role}
    waits_for = {r for r in seats if r is not None} | ({"SUP", "GOV"} if statement.override else set())
    return Pending(
        statement.id, statement.type, statement.actor, statement.role, tuple(sorted(waits_for)), system_clock()
    )


def concerns(row: Pending, visitor: Visitor) -> bool:
    """Is it the visitor's own, or for the visitor's signature?"""
    return row.actor == visitor.principal or bool(visitor.roles & set(row.waits_for))


def waiting_for(log: OpenLog, visitor: Visitor) -> list[Pending]:
    """Submissions without all their signatures that concern the visitor, the newest first."""
    return [r for r in waiting_of(log).rows() if concerns(r, visitor)]


def require_concern(log: OpenLog, visitor: Visitor, statement_id: str) -> None:
    """Refuse, in one way, what does not wait and what does not concern the visitor; nothing is opened."""
    if not any(r.id == statement_id for r in waiting_for(log, visitor)):
        raise _not_for_you()


def _not_for_you() -> PermissionRefusedError:
    return PermissionRefusedError("not_for_you", sentence("nothing of this id waits for you"))


def change_one(log: OpenLog, statement_id: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one that was found to concern the visitor; refused in the same way where somebody else has just recorded
    it.

    ``change`` runs while the row is locked and asks the database for nothing: those who wait hold its connections.
    """
    try:
        return waiting_of(log).change(statement_id, change)
    except NotFoundError as error:
        raise _not_for_you() from error


def waiting_one(log: OpenLog, visitor: Visitor, statement_id: str) -> tuple[Pending, Submission]:
    """One that concerns the visitor, opened."""
    require_concern(log, visitor, statement_id)
    row, body = waiting_of(log).get(statement_id)
    return row, parse_submission(body)


def with_signature(body: bytes, added: dsse.Signature) -> bytes:
    """The submission with one more signature; the same signature again changes nothing.

    The statement's bytes stay as signed.
    """
    waiting = parse_submission(body)
    others = tuple(s for s in waiting.envelope.signatures if s.keyid != added.keyid)
    envelope = dsse.Envelope(waiting.envelope.body, (*others, added))
    return canonical.encode(Submission(envelope, envelope.to_bytes(), waiting.openings).to_json())
