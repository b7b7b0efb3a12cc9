"""The record of visits: its chain recomputed, and compared with the heads of it that persons logged in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent, acts
from ledger.events.oversight import AccessRecordAttested
from ledger.events.registry import topics
from ledger.store.database import Database
from ledger.store.visits import CHAIN_START, ChainHead, chained_visits
from ledger.stored_log import StoredLog


def attested_records(ledger: Ledger) -> list[RecordedEvent]:
    """The entries of a log that hold a head of the chain, in order, as its rows say."""
    return StoredLog(ledger.recorder).events(DCBQuery([DCBQueryItem(types=topics(AccessRecordAttested))]))


def check_visits(database: Database, attested: Iterable[RecordedEvent] = ()) -> list[Finding]:
    """Rows that were cut out, put in or rewritten; ``position`` is that of the entry whose head is not met, else 0.

    What lies above the last attested head can be rewritten as a whole with its chain: only a head that is logged in
    cannot be changed by writing rows. Rows of before the chain are no finding; they are chained with the next row.
    """
    heads = {0: CHAIN_START}
    findings, size = [], 0
    for finding, head in _followed(database):
        findings += [finding] if finding is not None else []
        heads[head.visits] = head.chain
        size = head.visits
    for event, payload in acts(AccessRecordAttested, attested):
        found = heads.get(payload.visits)
        if found is None:
            findings.append(
                Finding(event.position, "visits attested", f"at least {payload.visits} rows of visits", f"{size} rows")
            )
        elif found.hex() != payload.chain:
            findings.append(
                Finding(
                    event.position, "visits attested", f"chain {payload.chain} over {payload.visits} rows", found.hex()
                )
            )
    return findings


def _followed(database: Database) -> Iterator[tuple[Finding | None, ChainHead]]:
    """The chain as the rows give it, row by row, with what is wrong with each; one wrong row is named once."""
    head, stored = ChainHead(0, CHAIN_START), CHAIN_START
    for row in chained_visits(database):
        if row.place is None:
            return
        finding = None
        if row.place != head.visits + 1:
            finding = Finding(
                0, f"visit {head.visits + 1}", "a row of the record of visits", f"the next is {row.place}"
            )
        elif ChainHead(head.visits, stored).continued(row.visit).chain != row.chain:
            finding = Finding(0, f"visit {row.place}", "a row that fits the chain beside it", row.visit.page)
        # Attested heads are compared with what the rows themselves give, whatever stands beside them.
        head = ChainHead(row.place, ChainHead(row.place - 1, head.chain).continued(row.visit).chain)
        stored = row.chain
        yield finding, head
