"""Erasures as the log orders them: which fields, under which order, and that nothing opens against one.

An erasure is a ``RestrictedDataHandled`` with action ``erased``. It destroys the fields that it names, and nothing
else. One recorded before keys were those of single openings (the log's erasure epoch) destroyed everything of the
subject it named that had been recorded by then, and stays as wide as it was. The epoch is kept beside the log's key;
what it was at least the log itself says, wherever it was restored: no erasure that one seat signed is younger. The
order stands in the log, so it outlives the vault: whatever a restored backup or a copied row brings back is destroyed
before anything opens with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from psycopg import Connection

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent, acts
from ledger.errors import NotFoundError
from ledger.events.oversight import RestrictedDataHandled
from ledger.events.registry import topics
from ledger.sentences import sentence
from ledger.statement import Statement, subject_of
from ledger.store.database import Database, Row
from ledger.store.pending import forget_all_recorded, forget_recorded
from ledger.store.vault import Vault

#: Reads events of the log that match.
Read = Callable[[DCBQuery], list[RecordedEvent]]

#: Since keys are those of single openings, an erasure is signed by the registrar together with discipline.
_REGISTRAR = "OPR"


def subjects_of(statement: Statement) -> dict[str, str]:
    """Pointer of each restricted field -> whose it is."""
    return {p: subject_of(statement, r) for p, r in statement.spec.restricted.items() if p in statement.sd}


def destroyed_by(
    order: RecordedEvent, epoch: int, event_id: str, position: int, subjects: Mapping[str, str]
) -> list[str]:
    """The fields of an event, each with its subject, that an order destroys; none where it opens instead.

    ``epoch`` is the size up to which orders were of whole subjects.
    """
    p = order.statement.payload
    if not isinstance(p, RestrictedDataHandled) or p.action != "erased":
        return []
    if order.position <= epoch:
        reaches = position <= order.position
        return [pointer for pointer, subject in subjects.items() if reaches and subject == p.subject]
    return [pointer for pointer in subjects if p.target_event == event_id and pointer in p.paths]


class Erasures:
    """The erasures of one log.

    ``epoch`` is the size up to which they were of whole subjects, as far as the caller knows.
    """

    def __init__(self, database: Database, vault: Vault, read: Read, epoch: int) -> None:
        self._database = database
        self._vault = vault
        self._read = read
        self.epoch = epoch

    def ordered_against(self, event: RecordedEvent) -> dict[str, RecordedEvent]:
        """Fields of an event whose erasure stands in the log, each with the first order for it."""
        subjects = subjects_of(event.statement)
        if not subjects:
            return {}
        named = DCBQueryItem(types=topics(RestrictedDataHandled), tags=[f"x:{event.statement.id}"])
        wide = [
            DCBQueryItem(types=topics(RestrictedDataHandled), tags=[f"p:{s}"])
            for s in sorted(set(subjects.values()))
            if self.epoch
        ]
        found: dict[str, RecordedEvent] = {}
        for order in self._read(DCBQuery([named, *wide])):
            for pointer in destroyed_by(order, self.epoch, event.statement.id, event.position, subjects):
                found.setdefault(pointer, order)
        return found

    def enforce(self) -> int:
        """Destroy again everything whose erasure stands in the log; returns how many openings had come back."""
        handled = self._read(DCBQuery([DCBQueryItem(types=topics(RestrictedDataHandled))]))
        orders = [(e, p) for e, p in acts(RestrictedDataHandled, handled) if p.action == "erased"]
        self.epoch = max(self.epoch, epoch_at_least([e for e, _ in orders]))
        with self._database.transaction() as connection:
            forget_all_recorded(connection)
            return sum(self._enforced(connection, order, p) for order, p in orders)

    def _enforced(self, connection: Connection[Row], order: RecordedEvent, p: RestrictedDataHandled) -> int:
        order_id = order.statement.id
        if order.position > self.epoch:
            return self._vault.erase(connection, p.target_event, p.paths, order_id)
        return self._vault.erase_subject(connection, p.subject, order.position, order_id) if p.subject else 0

    def open(self, event: RecordedEvent, pointer: str) -> Opening:
        """The opening of a field, unless its erasure was ordered: then whatever is there of it is destroyed.

        Raises NotFoundError where it was erased or never kept here.
        """
        order = self.ordered_against(event).get(pointer)
        if order is not None:
            with self._database.transaction() as connection:
                forget_recorded(connection, event.statement.id)
                self._vault.erase(connection, event.statement.id, [pointer], order.statement.id)
            raise NotFoundError("no_opening", sentence("the opening of {pointer} was erased", pointer=pointer))
        return self._vault.open(event.statement.id, pointer)


def epoch_at_least(orders: Iterable[RecordedEvent]) -> int:
    """Position of the last erasure that the rule of now would not have let in: it, and all before it, were of whole
    subjects.

    Who the second signer was is left aside: a role that was annulled since must not make an erasure wider than it was.
    """
    return max(
        (o.position for o in orders if o.statement.role != _REGISTRAR or len(o.envelope.signatures) < 2), default=0
    )
