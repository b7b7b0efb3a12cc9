"""What the vault keeps, against what the entries commit to and which erasures they order.

Every restricted field of an entry has an opening that fits its commitment; or its destruction is ordered, and nothing
of it opens; or it came from a mirror, which holds none. Whatever else is gone is lost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from ledger import disclosure
from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.entry import RecordedEvent
from ledger.erasures import destroyed_by, epoch_at_least, subjects_of
from ledger.errors import RongjianError
from ledger.events.identity import PrincipalRegistered
from ledger.events.oversight import RestrictedDataHandled
from ledger.fsck.account import Erased
from ledger.fsck.rows import Rows
from ledger.identities import ID_NUMBER
from ledger.store.identity_links import Linked
from ledger.store.vault import StoredOpening

#: Entries whose openings are read at once.
_PAGE = 500

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Committed:
    """The restricted fields of one entry: each with its commitment, and with whose it is."""

    position: int
    principal: str | None
    commitments: Mapping[str, str]
    subjects: Mapping[str, str]


class Committed:
    """Takes in what entries commit to and order destroyed; then looks at what the vault keeps of it."""

    def __init__(self) -> None:
        self._by_id: dict[str, _Committed] = {}
        self._orders: list[RecordedEvent] = []
        self._against: dict[str, list[RecordedEvent]] = {}
        self._numbered: set[str] = set()

    def take(self, event: RecordedEvent) -> None:
        """One more entry, next in order."""
        statement = event.statement
        if isinstance(statement.payload, RestrictedDataHandled) and statement.payload.action == "erased":
            self._orders.append(event)
            self._against.setdefault(statement.payload.target_event, []).append(event)
        if statement.sd:
            p = statement.payload
            principal = p.principal_id if isinstance(p, PrincipalRegistered) and ID_NUMBER in statement.sd else None
            self._by_id[statement.id] = _Committed(event.position, principal, statement.sd, subjects_of(statement))
            self._numbered |= {principal} if principal is not None else set()

    def look(self, ledger: Ledger, erased: Erased) -> Iterator[Finding]:
        """What is wrong with openings and identity links; ``erased`` takes in what became of erasures."""
        epoch = max(ledger.erasures.epoch, epoch_at_least(self._orders))
        ordered = {i: self._ordered(i, of, epoch) for i, of in self._by_id.items()}
        links = ledger.vault.links.of()
        erased.fields, erased.carried_out = sum(map(len, ordered.values())), 0
        for ids in _pages(sorted(self._by_id, key=lambda i: self._by_id[i].position)):
            kept: dict[str, dict[str, StoredOpening]] = {}
            for row in ledger.vault.stored(ids):
                kept.setdefault(row.entry_id, {})[row.pointer] = row
            for event_id in ids:
                of, rows = self._by_id[event_id], kept.get(event_id, {})
                found = list(_openings(ledger, of, rows, ordered[event_id]))
                standing = {f.field for f in found}
                erased.carried_out += sum(f"opening {pointer}" not in standing for pointer in ordered[event_id])
                yield from found
                yield from _link(ledger, of, rows.get(ID_NUMBER), links)
        yield from self._unasked(ledger, links)

    def _ordered(self, event_id: str, of: _Committed, epoch: int) -> dict[str, str]:
        """Pointer -> id of the first order against it."""
        found: dict[str, str] = {}
        # Those of whole subjects are few, and of before; all others name their entry.
        reaching = [*self._wide(epoch), *(o for o in self._against.get(event_id, ()) if o.position > epoch)]
        for order in reaching:
            for pointer in destroyed_by(order, epoch, event_id, of.position, of.subjects):
                if pointer in of.commitments:
                    found.setdefault(pointer, order.statement.id)
        return found

    def _wide(self, epoch: int) -> list[RecordedEvent]:
        return self._orders[: bisect_right(self._orders, epoch, key=attrgetter("position"))] if epoch else []

    def _unasked(self, ledger: Ledger, links: Mapping[str, Linked]) -> Iterator[Finding]:
        """Rows of fields that no entry commits to, and of principals that no entry registers with a number."""
        for entry_id, pointer in Rows(ledger.database).select("SELECT entry_id, pointer FROM opening ORDER BY 1, 2"):
            of = self._by_id.get(entry_id)
            if of is None or pointer not in of.commitments:
                yield Finding(
                    of.position if of else 0,
                    f"opening {pointer}",
                    "nothing: no entry commits to it",
                    f"an opening of {entry_id}",
                )
        for principal in sorted(links.keys() - self._numbered):
            yield Finding(0, f"identity_link {principal}", "nothing: registered without a number", "a link")


def _openings(
    ledger: Ledger, of: _Committed, rows: Mapping[str, StoredOpening], ordered: Mapping[str, str]
) -> Iterator[Finding]:
    for pointer, commitment in sorted(of.commitments.items()):
        field, row = f"opening {pointer}", rows.get(pointer)
        if pointer in ordered:
            if row is not None and row.erased_by is None:
                yield Finding(of.position, field, f"nothing: erased by {ordered[pointer]}", "an opening")
        elif row is None:
            if not ledger.restored(of.position):
                yield Finding(of.position, field, "an opening, or an order to erase it", "nothing: lost", "lost")
        elif row.erased_by is not None:
            yield Finding(
                of.position, field, "an order in the log to erase it", f"erased by {row.erased_by}: lost", "lost"
            )
        else:
            yield from _opened(ledger, of, row, commitment)


def _opened(ledger: Ledger, of: _Committed, row: StoredOpening, commitment: str) -> Iterator[Finding]:
    try:
        disclosure.check(ledger.vault.opened(row), commitment)
    except RongjianError as error:
        expected = "an opening that fits its commitment"
        yield Finding(of.position, f"opening {row.pointer}", expected, f"{error.en}: lost", "lost")
    if row.subject != of.subjects[row.pointer]:
        yield Finding(of.position, f"opening {row.pointer} subject", of.subjects[row.pointer], row.subject)


def _link(ledger: Ledger, of: _Committed, row: StoredOpening | None, links: Mapping[str, Linked]) -> Iterator[Finding]:
    """Who is registered with an identity number is linked by it, under a seal of this home, in each spelling; by what
    was written only, of before.
    """
    if of.principal is None:
        return
    field, linked = f"identity_link {of.principal}", links.get(of.principal)
    if linked is None:
        if not ledger.restored(of.position):
            yield Finding(of.position, field, "a link of the identity number", "nothing: lost", "lost")
        return
    held, number = linked.stored, _number(ledger, row)
    hashes = ledger.vault.links.hashes(number) if number is not None else None
    if hashes is not None and number is not None and _wanted(hashes, number, held) - held.keys():
        yield Finding(of.position, field, "a link of each spelling of the number", "not all of them", "lost")
    if held.keys() - (linked.sealed | linked.bare) or (hashes is not None and held.keys() - hashes.values()):
        yield Finding(of.position, field, "links of this number only, sealed by this home", "a link of another")


def _number(ledger: Ledger, row: StoredOpening | None) -> str | None:
    """The identity number, as far as it is still here."""
    if row is None or row.erased_by is not None:
        return None
    try:
        return str(ledger.vault.opened(row).value)
    except RongjianError:
        return None


def _wanted(hashes: Mapping[str, bytes], number: str, held: Mapping[bytes, bool]) -> set[bytes]:
    """Each spelling; with links of before, what was written."""
    return set(hashes.values()) if any(held.values()) else {hashes[number]} if number in hashes else set()


def _pages(ids: list[_T]) -> Iterator[list[_T]]:
    for at in range(0, len(ids), _PAGE):
        yield ids[at : at + _PAGE]
