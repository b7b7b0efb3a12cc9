"""Each thing that a superuser, or whoever wrote the first entries, can spoil is named by verify: in a database and in
files.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from api.evidence.check import check
from api.evidence.making import gather
from api.heads.mirror import follow, from_ledger, held_head
from api.heads.sources import fetch_from
from ledger.audit.entries import check_entries
from ledger.entry import frame, unframe
from ledger.errors import EvidenceError
from ledger.fsck.account import Account, Erased
from ledger.fsck.database import check_database
from ledger.fsck.tiles import check_tiles
from ledger.signing import envelope as dsse
from ledger.statement import parse
from ledger.store.records import AppendCommand, NewEvent
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.policy import parse_policy
from tests.builders import Town
from tests.spoiling import restated

D = date(2023, 6, 1)


@pytest.fixture(scope="module")
def lived(new_lasting_town: Callable[[], Town]) -> Town:
    """A town with restricted fields, an erasure, a signed head and an index: nobody records in it any more."""
    town = new_lasting_town()
    town.edition()
    town.award("A", D)
    event = town.must("InterestDeclared", D, case="A", by="R1", result="conflict", details="配偶受雇于申报单位")
    town.must(
        "PrincipalRegistered",
        D,
        principal_id="wxm",
        kind="person",
        person_name="王小明",
        id_number="11010519491231002X",
    )
    town.must(
        "RestrictedDataHandled",
        D,
        by="opr",
        as_="OPR",
        with_=("dis",),
        target_event=event,
        paths=["/details"],
        action="erased",
        subject="R1",
    )
    town.ledger.evidence.tag_index(town.ledger.size())
    return town


@contextmanager
def spoilt(town: Town, table: str, *statements: str) -> Iterator[None]:
    """One table as a superuser leaves it who switches our triggers off; as it was afterwards."""
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f'SET search_path TO "{town.database.schema}", public'.encode())
        connection.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {table}".encode())
        try:
            for statement in statements:
                connection.execute(statement.encode())
            yield
        finally:
            connection.execute(f'DELETE FROM "{town.database.schema}".{table}'.encode())
            connection.execute(
                f'INSERT INTO "{town.database.schema}".{table} OVERRIDING SYSTEM VALUE SELECT * FROM kept'.encode()
            )


def test_an_extension_line_that_the_log_itself_signed_is_named_in_a_stored_head_and_in_a_package(lived: Town) -> None:
    size = lived.ledger.heads.published()[0]
    root = checkpoint.parse(note.split(lived.ledger.evidence.checkpoint().encode())[0]).root
    extended = Checkpoint(lived.ledger.origin, size, root, ("x",)).signed(lived.log_key)
    with spoilt(lived, "checkpoint", f"UPDATE checkpoint SET note = '{extended}' WHERE size = {size}"):
        assert [(f.position, f.field, f.actual) for f in check_database(lived.ledger)] == [
            (size, "checkpoint note", "x")
        ]
    policy = parse_policy(lived.ledger.heads.own_policy().encode())
    package = restated(gather(lived.ledger, "case", "GZ-2023/A", D), checkpoint=extended.encode())
    with pytest.raises(EvidenceError, match="has no extension lines"):
        check(package, policy)


def test_a_log_that_lived_is_whole_and_its_erasures_are_counted(lived: Town) -> None:
    account = Account()
    assert check_database(lived.ledger, account=account) == []
    assert (account.size, account.erased) == (lived.ledger.size(), Erased(orders=1, fields=1, carried_out=1))
    assert len(account.documents) == 1


_LINKED = "identity_link wxm"
_FIRST_SEALED = "(SELECT entry_id FROM opening ORDER BY entry_id, pointer LIMIT 1)"


@pytest.mark.parametrize(
    ("table", "statement", "field", "severity"),
    [
        ("document", "DELETE FROM document", "document ", "lost"),
        ("opening", "DELETE FROM opening WHERE erased_by IS NULL", "opening /", "lost"),
        (
            "opening",
            "UPDATE opening SET sealed = '', wrapped = NULL, kek_id = NULL, erased_by = 'x' WHERE erased_by IS NULL",
            "opening /",
            "lost",
        ),
        ("opening", "UPDATE opening SET sealed = '' WHERE erased_by IS NULL", "opening /", "lost"),
        ("opening", f"UPDATE opening SET subject = 'nobody' WHERE entry_id = {_FIRST_SEALED}", "opening /", "error"),
        (
            "opening",
            "INSERT INTO opening SELECT gen_random_uuid()::text, pointer, subject, sealed FROM opening LIMIT 1",
            "opening /",
            "error",
        ),
        ("identity_link", "DELETE FROM identity_link WHERE principal_id = 'wxm'", _LINKED, "lost"),
        ("identity_link", "INSERT INTO identity_link VALUES ('wxm', 'x')", _LINKED, "error"),
        ("identity_link", "INSERT INTO identity_link VALUES ('opr', 'x')", "identity_link opr", "error"),
        (
            "log_head",
            "UPDATE log_head SET last_recorded_at = last_recorded_at + interval '1 year'",
            "log_head last_recorded_at",
            "error",
        ),
        ("log_head", "UPDATE log_head SET last_recorded_at = 'infinity'", "log_head last_recorded_at", "error"),
        ("log_head", "UPDATE log_head SET frontier = '{x,y}'", "log_head", "error"),
        ("log_head", "DELETE FROM log_head", "log_head", "error"),
        ("entry", "UPDATE entry SET recorded_at = '200000-01-01' WHERE position = 9", "column recorded_at", "error"),
        ("entry_tag", "UPDATE entry_tag SET type = 'AwardGranted' WHERE position = 9", "entry_tag type", "error"),
        ("entry_tag", "INSERT INTO entry_tag VALUES ('o:A', 99999, 'AwardGranted')", "entry_tag", "error"),
        ("checkpoint", "UPDATE checkpoint SET note = 'garbage'", "checkpoint note", "error"),
        ("tag_index", "UPDATE tag_index SET note = 'garbage'", "tag_index note", "error"),
        ("tag_index", "UPDATE tag_index SET size = 99999", "tag_index", "error"),
        (
            "cosignature",
            "INSERT INTO cosignature SELECT max(size), 'k', 'line', now() FROM checkpoint",
            "cosignature",
            "error",
        ),
        ("cosignature", "INSERT INTO cosignature VALUES (7777, 'k', 'line', now())", "checkpoint", "lost"),
        (
            "timestamp_token",
            "INSERT INTO timestamp_token SELECT max(size), 'a', 'x', now() FROM checkpoint",
            "timestamp_token",
            "error",
        ),
        ("lookalike", "DELETE FROM lookalike WHERE tag = 'p:wxm'", "lookalike p:wxm", "error"),
        ("lookalike", "INSERT INTO lookalike VALUES ('case p:zz', 'p:zz')", "lookalike p:zz", "error"),
        (
            "tile_node",
            "INSERT INTO tile_node VALUES (32767, 9223372036854775807, sha256('x'))",
            "tile_node 32767",
            "error",
        ),
        ("key_encryption_key", "UPDATE key_encryption_key SET kek_id = 'other'", "key_encryption_key", "error"),
    ],
)
def test_what_is_kept_beside_the_entries_is_named(
    lived: Town, table: str, statement: str, field: str, severity: str
) -> None:
    with spoilt(lived, table, statement):
        findings = check_database(lived.ledger)
    assert {(f.field.startswith(field), f.severity) for f in findings if f.field.startswith(field)} == {
        (True, severity)
    }, [str(f) for f in findings]
    assert check_database(lived.ledger) == []


def test_a_document_with_other_bytes_is_named(lived: Town) -> None:
    account = Account()
    check_database(lived.ledger, account=account)
    without = "ALTER TABLE document DROP CONSTRAINT document_check"
    digest = next(iter(account.documents))
    with spoilt(
        lived,
        "document",
        without,
        f"UPDATE document SET content = content || 'x' WHERE encode(sha256, 'hex') = '{digest}'",
    ):
        findings = check_database(lived.ledger)
    assert [(f.position > 0, f.field, f.severity) for f in findings] == [
        (True, f"document {digest[:16]}", "error"),
        (False, "schema", "error"),
    ]
    with psycopg.connect(lived.database.url, autocommit=True) as connection:
        table = sql.Identifier(lived.database.schema, "document")
        connection.execute(sql.SQL("ALTER TABLE {} ADD CHECK (sha256 = sha256(content))").format(table))


def test_an_erased_value_that_is_copied_back_is_named_and_not_counted(lived: Town) -> None:
    again = "UPDATE opening SET erased_by = NULL, sealed = 'x' WHERE erased_by IS NOT NULL"
    account = Account()
    with spoilt(lived, "opening", again):
        [finding] = check_database(lived.ledger, account=account)
    assert (finding.field, finding.expected.split(" by ")[0]) == ("opening /details", "nothing: erased")
    assert account.erased == Erased(orders=1, fields=1, carried_out=0)


def test_a_hole_is_named_and_what_lies_behind_it_is_still_checked(lived: Town) -> None:
    lived.ledger.evidence.checkpoint()
    last = lived.ledger.size()
    changed = f"UPDATE entry SET type = 'AwardGranted' WHERE position = {last - 2}"
    with spoilt(lived, "entry", "DELETE FROM entry WHERE position = 9", changed):
        found = {(f.position, f.field) for f in check_database(lived.ledger)}
    assert {(9, "position"), (last - 2, "column type"), (0, "log_head"), (last, "checkpoint")} <= found


def _appended(town: Town, envelope: dsse.Envelope, recorded_at: datetime | None = None) -> None:
    """An entry that nobody admitted."""
    statement = parse(envelope.body)
    command = AppendCommand((NewEvent(statement.id, statement.type, envelope.to_bytes(), statement.tags),))
    town.ledger.recorder.append_commands([command])


def test_an_act_that_takes_effect_after_its_recording_is_named(town: Town) -> None:
    late = town.signed("IncidentRecorded", date(2023, 6, 2), org="A", incident_id="I1", category="other", authority="x")
    entries = [(row.position, row.entry) for row in town.ledger.recorder.entries()]
    before = unframe(entries[-1][1])[1]
    entry = frame(late.envelope.to_bytes(), datetime(2023, 6, 1, 15, 59, tzinfo=UTC))
    assert before < datetime(2023, 6, 1, tzinfo=UTC)
    [finding] = check_entries([*entries, (len(entries) + 1, entry)], town.ledger.origin)[0]
    assert (finding.position, finding.field, finding.severity) == (len(entries) + 1, "effective_at", "irregular")
    on_its_day = frame(late.envelope.to_bytes(), datetime(2023, 6, 1, 16, 0, tzinfo=UTC))
    assert check_entries([*entries, (len(entries) + 1, on_its_day)], town.ledger.origin)[0] == []


def test_an_override_without_its_second_signature_is_named(town: Town) -> None:
    town.edition()
    override = {"reason": "r", "instrument_no": "n"}
    good = town.signed(
        "IncidentRecorded", D, org="A", incident_id="I1", category="other", authority="x", override=override
    )
    own = town.cast.key(parse(good.envelope.body).actor).public.keyid
    _appended(town, dsse.Envelope(good.envelope.body, tuple(s for s in good.envelope.signatures if s.keyid == own)))
    assert [(f.field, f.severity) for f in check_database(town.ledger) if f.severity == "irregular"] == [
        ("override", "irregular")
    ]


def test_a_genesis_that_one_founder_did_not_sign_is_named_as_such(town: Town) -> None:
    rows = [(row.position, row.entry) for row in town.ledger.recorder.entries()]
    envelope, recorded_at = unframe(rows[0][1])
    whole = dsse.parse(envelope)
    assert len(whole.signatures) == 3
    statement = parse(whole.body)
    [actor] = [f for f in statement.payload.founders if f.principal_id == statement.actor]
    own = [s for s in whole.signatures if s.keyid == actor.key_id]
    two = dsse.Envelope(
        whole.body, tuple(sorted([*own, next(s for s in whole.signatures if s not in own)], key=lambda s: s.keyid))
    )
    findings = check_entries([(1, frame(two.to_bytes(), recorded_at)), *rows[1:]], town.ledger.origin)[0]
    assert [(f.position, f.field.split()[0], f.severity) for f in findings] == [(1, "founder", "founding")]


def test_a_second_genesis_and_a_log_without_one_are_named(town: Town) -> None:
    rows = [(row.position, row.entry) for row in town.ledger.recorder.entries()]
    other = [
        (f.position, f.field, f.severity) for f in check_entries([rows[0], (2, rows[0][1])], town.ledger.origin)[0]
    ]
    assert (2, "genesis", "founding") in other
    none = check_entries([(1, rows[1][1])], town.ledger.origin)[0]
    assert (1, "genesis", "founding") in [(f.position, f.field, f.severity) for f in none]


def test_files_lack_no_pack_that_entries_name(lived: Town, tmp_path: Path) -> None:
    follow(from_ledger(lived.ledger), tmp_path / "m", parse_policy(lived.ledger.heads.own_policy().encode()))
    head = held_head(tmp_path / "m")
    assert head is not None
    account = Account()
    assert check_tiles(fetch_from(str(tmp_path / "m")), head, account=account) == []
    assert (len(account.documents), account.erased) == (1, Erased(orders=1, fields=None, carried_out=None))
    [pack] = (tmp_path / "m" / "documents").iterdir()
    pack.write_bytes(pack.read_bytes().replace(b"10", b"1", 1))
    [other] = check_tiles(fetch_from(str(tmp_path / "m")), head)
    assert (other.position > 0, other.field, other.severity) == (True, f"documents/{pack.name}", "error")
    shutil.rmtree(tmp_path / "m" / "documents")
    [gone] = check_tiles(fetch_from(str(tmp_path / "m")), head)
    assert (gone.position, gone.field, gone.severity) == (other.position, other.field, "lost")


def test_rows_that_no_constraint_would_allow_end_no_verification(lived: Town) -> None:
    """Two entries of one position, one of none, and columns that are null."""
    free = [
        f"ALTER TABLE entry DROP CONSTRAINT {name} CASCADE"
        for name in ("entry_pkey", "entry_id_key", "entry_position_check")
    ]
    null = [
        f"ALTER TABLE entry ALTER {column} DROP NOT NULL"
        for column in ("position", "recorded_at", "entry", "leaf_hash")
    ]
    doubled = "INSERT INTO entry SELECT position, id || 'x', type, NULL, NULL, NULL FROM entry WHERE position = 9"
    nowhere = "UPDATE entry SET position = NULL WHERE position = 12"
    with spoilt(lived, "entry", *free, *null, doubled, nowhere):
        found = {(f.position, f.field, f.actual) for f in check_database(lived.ledger)}
    assert {(10, "position", "9"), (12, "position", "13"), (0, "position", "1 entries without one")} <= found
    assert {f.field for f in check_database(lived.ledger)} == {"schema"}
