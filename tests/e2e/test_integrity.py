"""Nothing confidential in the log, and no stored bit flips unnoticed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import psycopg
import pytest
from psycopg import sql

from ledger.audit.entries import check_entries
from ledger.errors import EvidenceError, NotFoundError, UnavailableError
from ledger.fsck.database import check_database
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.statement import parse
from ledger.store.records import AppendCommand, NewEvent
from ledger.store.vault import Vault
from ledger.tlog.checkpoint import Checkpoint
from tests.builders import Town

D = date(2023, 6, 1)

SECRETS = [
    "王小明之秘密姓名",
    "DEMO-ID-SECRET-110101",
    "6222-SECRET-ACCOUNT",
    "配偶受雇于申报单位之秘密",
    "投诉人秘密身份",
    "评分评语秘密",
]


def _act_with_secrets(town: Town) -> None:
    town.must("PrincipalRegistered", D, principal_id="wxm", kind="person", person_name=SECRETS[0], id_number=SECRETS[1])
    town.edition()
    town.award("A", D)
    town.must("PrizePaid", D, case="A", amount=50_000_000, payee_account=SECRETS[2])
    town.must("InterestDeclared", D, case="A", by="R1", result="conflict", details=SECRETS[3])
    town.must("ObjectionRaised", D, case="A", objection_id="OB", complainant=SECRETS[4], grounds=SECRETS[5])


def test_no_stored_byte_of_any_table_holds_a_secret(town: Town) -> None:
    _act_with_secrets(town)
    needles = [form for s in SECRETS for form in (s.encode(), s.encode("utf-16-le"), s.encode().hex().encode())]
    searched = 0
    with psycopg.connect(town.database.url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", (town.database.schema,)
        ).fetchall()
        for (table,) in tables:
            name = sql.Identifier(town.database.schema, table)
            columns = connection.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND "
                "table_name = %s",
                (town.database.schema, table),
            ).fetchall()
            for column, kind in columns:
                cast = sql.Identifier(column) if kind == "bytea" else sql.SQL("{}::text").format(sql.Identifier(column))
                for (value,) in connection.execute(sql.SQL("SELECT {} FROM {}").format(cast, name)):
                    stored = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    searched += len(stored)
                    assert not [n for n in needles if n in stored], (table, column)
    assert len(tables) >= 12
    assert searched > 50_000
    # What was hidden is really there to be opened.
    event = next(e for e in town.ledger.events() if e.statement.type == "PrizePaid")
    assert town.ledger.vault.open(event.statement.id, "/payee_account").value == SECRETS[2]


def test_erasure_destroys_what_can_be_opened_and_no_hash(town: Town) -> None:
    _act_with_secrets(town)
    event = next(e for e in town.ledger.events() if e.statement.type == "PrizePaid")
    town.must("ObjectionInvestigated", D, objection_id="OB", outcome="unsubstantiated", investigators=["sec"])
    town.must("ObjectionResolved", D, objection_id="OB", case="A", outcome="dismissed")
    town.must(
        "RestrictedDataHandled",
        D,
        by="opr",
        as_="OPR",
        with_=("dis",),
        target_event=event.statement.id,
        paths=["/payee_account"],
        action="erased",
        subject="A",
    )
    with pytest.raises(NotFoundError):
        town.ledger.vault.open(event.statement.id, "/payee_account")
    assert check_database(town.ledger) == []


def test_a_vault_under_another_key_is_not_opened(town: Town) -> None:
    other = Vault(town.database, bytes(32))
    with pytest.raises(UnavailableError) as refusal:
        other.check()
    assert refusal.value.code == "wrong_kek"
    assert town.ledger.vault.kek_id in refusal.value.en


@contextmanager
def _tampering(town: Town) -> Iterator[psycopg.Connection]:
    """What a database administrator can do who switches our triggers off."""
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f'SET search_path TO "{town.database.schema}"'.encode())
        yield connection


def _flip(data: bytes, bit: int) -> bytes:
    spoilt = bytearray(data)
    spoilt[bit // 8] ^= 1 << bit % 8
    return bytes(spoilt)


def test_any_flipped_bit_of_any_entry_is_named(town: Town) -> None:
    entries = [(row.position, row.entry) for row in town.ledger.recorder.entries()]
    assert check_entries(entries, town.ledger.origin)[0] == []
    root = town.ledger.recorder.head().frontier
    generator = random.Random(7)
    for _ in range(150):
        at = generator.randrange(len(entries))
        position, entry = entries[at]
        spoilt = [*entries[:at], (position, _flip(entry, generator.randrange(len(entry) * 8))), *entries[at + 1 :]]
        findings, frontier = check_entries(spoilt, town.ledger.origin)
        # The bytes alone may still be well formed (recorded_at is not signed); the tree always tells.
        assert frontier != root
        assert all(f.position >= position for f in findings)


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ("UPDATE entry SET entry = set_byte(entry, 40, get_byte(entry, 40) # 1) WHERE position = 9", "leaf_hash"),
        (
            "UPDATE entry SET entry = set_byte(entry, length(entry) - 5, get_byte(entry, length(entry) - 5) # 1) "
            "WHERE position = 9",
            "leaf_hash",
        ),
        (
            "UPDATE entry SET leaf_hash = set_byte(leaf_hash, 0, get_byte(leaf_hash, 0) # 1) WHERE position = 9",
            "leaf_hash",
        ),
        ("UPDATE entry SET type = 'AwardGranted' WHERE position = 9", "column type"),
        (
            "UPDATE entry SET recorded_at = recorded_at - interval '1 microsecond' WHERE position = 9",
            "column recorded_at",
        ),
        (
            "UPDATE entry_tag SET tag = 'o:B' WHERE position = 9 AND tag = (SELECT min(tag) FROM entry_tag WHERE "
            "position = 9)",
            "column tags",
        ),
        ("DELETE FROM entry_tag WHERE position = 9", "column tags"),
        (
            "UPDATE opening SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE entry_id = (SELECT "
            "id FROM entry WHERE position = 2)",
            "opening",
        ),
    ],
)
def test_a_tampered_row_is_named_with_position_and_field(town: Town, statement: str, field: str) -> None:
    assert check_database(town.ledger) == []
    with _tampering(town) as connection:
        connection.execute(statement.encode())
    findings = check_database(town.ledger)
    wanted = 2 if field == "opening" else 9
    assert any(f.position == wanted and f.field.startswith(field) for f in findings), [str(f) for f in findings]
    assert min(f.position for f in findings if f.position) >= wanted


def test_a_removed_entry_and_a_rewound_head_are_named(town: Town) -> None:
    town.ledger.evidence.checkpoint()
    with _tampering(town) as connection:
        last = town.ledger.size()
        connection.execute("DELETE FROM opening WHERE entry_id = (SELECT id FROM entry WHERE position = %s)", (last,))
        connection.execute("DELETE FROM entry_tag WHERE position = %s", (last,))
        connection.execute("DELETE FROM entry WHERE position = %s", (last,))
    fields = {f.field for f in check_database(town.ledger)}
    assert {"log_head", "checkpoint"} <= fields


def test_a_published_head_of_another_root_is_named_and_decides_only_where_the_log_signed_it(town: Town) -> None:
    size = town.ledger.size()
    given = town.ledger.evidence.checkpoint()
    with _tampering(town) as connection:
        connection.execute("UPDATE checkpoint SET root = sha256('x') WHERE size = %s", (size,))
    assert {f.field for f in check_database(town.ledger)} == {"checkpoint root"}
    town.ledger.heads.check_last()
    assert town.ledger.evidence.checkpoint() == given

    other = town.ledger.heads.signer.sign(Checkpoint(town.ledger.origin, size, bytes(32)), 0)
    with _tampering(town) as connection:
        connection.execute("UPDATE checkpoint SET note = %s WHERE size = %s", (other, size))
    with pytest.raises(EvidenceError) as refusal:
        town.ledger.heads.check_last()
    assert refusal.value.code == "last_head_wrong"
    with pytest.raises(EvidenceError) as two:
        town.ledger.evidence.checkpoint()
    assert two.value.code == "two_heads"


def test_an_entry_without_its_countersignature_is_named(town: Town) -> None:
    good = town.signed("PrincipalRegistered", D, principal_id="Z", kind="pseudonym")
    lonely = dsse.sign(good.envelope.body, town.cast.key("opr"))
    statement = parse(good.envelope.body)
    town.ledger.recorder.append_commands(
        [AppendCommand((NewEvent(statement.id, statement.type, lonely.to_bytes(), statement.tags),))]
    )
    assert [(f.field, f.expected) for f in check_database(town.ledger)] == [("countersignature", "SECH")]


def test_an_entry_signed_by_an_unknown_key_is_named(town: Town) -> None:
    """A whole forged entry, with leaf hash and frontier made to fit: the signature still tells."""
    good = town.signed("IncidentRecorded", date(2023, 6, 1), org="A", incident_id="I1", category="other", authority="x")
    forged = dsse.sign(good.envelope.body, PrivateKey(bytes(32)))
    statement = parse(good.envelope.body)
    town.ledger.recorder.append_commands(
        [AppendCommand((NewEvent(statement.id, statement.type, forged.to_bytes(), statement.tags),))]
    )
    assert {f.field for f in check_database(town.ledger)} == {"signature", "actor"}
