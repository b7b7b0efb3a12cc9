"""Heads that receipts carry away: few are stored, each receipt holds, and nothing is missed of those that are not."""

from __future__ import annotations

import base64

import pytest

from ledger.application import Ledger
from ledger.errors import EvidenceError
from ledger.fsck.database import check_database
from ledger.log_signer import LogSigner
from ledger.store.records import Head
from ledger.store.signed_notes import APART
from ledger.submission import Receipt, Submission
from ledger.tlog import checkpoint
from ledger.tlog.merkle import Frontier, verify_inclusion
from tests.builders import Town
from tests.counted_sql import statements_sent
from tests.ledger.acts import D


def _incident(town: Town, number: int) -> Submission:
    return town.signed(
        "IncidentRecorded", D, org="A", incident_id=f"I{number}", category="accident", severity="larger", authority="x"
    )


def _stored(town: Town) -> list[int]:
    with town.database.connection() as connection:
        return [int(size) for (size,) in connection.execute("SELECT size FROM checkpoint ORDER BY size").fetchall()]


def _holds(town: Town, receipt: Receipt) -> None:
    head = checkpoint.verify(receipt.checkpoint.encode(), town.ledger.heads.signer.all_keys, town.ledger.origin)
    proof = [base64.b64decode(h) for h in receipt.inclusion_proof]
    verify_inclusion(base64.b64decode(receipt.leaf_hash), receipt.position - 1, head.size, proof, head.root)


def test_heads_that_only_receipts_show_are_stored_once_in_a_tile_of_entries(town: Town) -> None:
    before = _stored(town)
    receipts = [town.ledger.submit(_incident(town, number)) for number in range(APART)]
    assert _stored(town) == [*before, before[-1] + APART]
    again = town.ledger.evidence.receipt(receipts[0].position)
    for receipt in (*receipts, again):
        _holds(town, receipt)
    assert [r.tree_size for r in receipts] == [r.position for r in receipts]
    assert (again.position, again.leaf_hash) == (receipts[0].position, receipts[0].leaf_hash)
    assert check_database(town.ledger) == []


def test_a_head_that_is_published_is_stored_whatever_receipts_have_shown(town: Town) -> None:
    town.ledger.submit(_incident(town, 1))
    receipt = town.ledger.submit(_incident(town, 2))
    assert receipt.tree_size not in _stored(town)
    town.ledger.evidence.checkpoint()
    assert _stored(town)[-1] == receipt.tree_size


def test_a_receipt_of_an_unstored_head_asks_the_database_nothing(town: Town) -> None:
    town.ledger.submit(_incident(town, 1))
    with statements_sent(town.database) as asked:
        town.ledger.submit(_incident(town, 2))
    assert [query for query in asked if "checkpoint" in query] == []


def test_another_root_of_a_size_that_is_stored_is_not_signed_for_a_receipt(town: Town) -> None:
    """By a process that has come to fewer entries, or to as many, of another history."""
    town.ledger.evidence.checkpoint()
    signed, now = town.ledger.size(), town.ledger.log.head()
    again = Ledger(town.database, town.ledger.vault, LogSigner(town.ledger.origin, town.log_key), town.clock)
    other = Frontier()
    for _ in range(signed):
        other, _ = other.extended(bytes(32))
    with pytest.raises(EvidenceError) as refused:
        again.heads.sign_for_receipt(Head(other, now.last_recorded_at))
    assert refused.value.code == "two_heads"
