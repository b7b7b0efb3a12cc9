"""A superuser of the database writes what he likes, without any key: nothing false is decided, recorded or signed on
it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api.cli.submissions import signed_draft
from api.home.settings import Settings
from ledger.entry import frame, unframe
from ledger.errors import RongjianError
from ledger.signing import envelope as dsse
from ledger.tlog.merkle import leaf_hash
from tests.store.attacks import Attacked, attacked


def _altered(entry: bytes) -> bytes:
    """The entry with another digit in its statement: no signature fits it."""
    at = entry.index(b'"payload"') + 12
    return entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :]


def _entry_bytes(a: Attacked) -> None:
    a.root.does("UPDATE entry SET entry = %s WHERE position = 9", _altered(a.root.entries()[8]))


def _entry_and_leaf(a: Attacked) -> None:
    new = _altered(a.root.entries()[8])
    a.root.does("UPDATE entry SET entry = %s, leaf_hash = %s WHERE position = 9", new, leaf_hash(new))


def _entry_leaf_and_head(a: Attacked) -> None:
    entries, rows = a.root.history()
    entries[8] = _altered(entries[8])
    a.root.rewrites(entries, rows)


def _two_swapped(a: Attacked) -> None:
    """Two entries whose signatures stay good, and whose times differ by the frame alone, change places."""
    entries, rows = a.root.history()
    first, second = unframe(entries[-2])[0], unframe(entries[-1])[0]
    entries[-2], entries[-1] = frame(second, rows[-2][2]), frame(first, rows[-1][2])
    rows[-2], rows[-1] = (*rows[-1][:2], rows[-2][2], rows[-1][3]), (*rows[-2][:2], rows[-1][2], rows[-2][3])
    a.root.rewrites(entries, rows)


def _dated_back(a: Attacked) -> None:
    entries, rows = a.root.history()
    at = rows[-1][2] - timedelta(days=1)
    entries[-1], rows[-1] = frame(unframe(entries[-1])[0], at), (*rows[-1][:2], at, rows[-1][3])
    a.root.rewrites(entries, rows)


def _last_five_gone(a: Attacked) -> None:
    entries, rows = a.root.history()
    a.root.rewrites(entries[:-5], rows[:-5])


def _one_cut_out(a: Attacked) -> None:
    entries, rows = a.root.history()
    revoked = next(i for i, row in enumerate(rows) if row[1] == "AwardRevoked")
    a.root.rewrites(entries[:revoked] + entries[revoked + 1 :], rows[:revoked] + rows[revoked + 1 :])


def _forged_grant(a: Attacked, *, signed: bool = False) -> None:
    """A role that nobody with a seat has given, at the end of a tree that fits."""
    entries, rows = a.root.history()
    submission = signed_draft(
        {
            "type": "RoleGranted",
            "log": a.ledger.origin,
            "actor": "sech",
            "role": "SECH",
            "payload": {"principal_id": "n1", "role": "DIS", "valid_from": "2026-01-01", "instrument_no": "1"},
        },
        [a.home.key("opr")],
    )
    envelope = submission.envelope if signed else dsse.Envelope(submission.envelope.body, ())
    at = rows[-1][2] + timedelta(seconds=1)
    a.root.rewrites([*entries, frame(envelope.to_bytes(), at)], [*rows, ("0" * 36, "RoleGranted", at, ["p:n1"])])


def _pack_bytes(a: Attacked) -> None:
    (name,) = a.root.reads(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'document'::regclass AND pg_get_constraintdef(oid) "
        "LIKE '%%sha256(content)%%'"
    )[0]
    a.root.does(f'ALTER TABLE document DROP CONSTRAINT "{name}"')
    a.root.does("UPDATE document SET content = content || '# '::bytea")


#: What is done to the database -> what becomes of the next submission, and of the next start with a submission after
#: it.
TAMPERINGS: dict[str, tuple[Callable[[Attacked], None], str, str]] = {
    "an entry's bytes": (_entry_bytes, "recorded", "log_spoilt"),
    "an entry's bytes and leaf hash": (_entry_and_leaf, "recorded", "log_spoilt"),
    "an entry, every hash and the head": (_entry_leaf_and_head, "log_spoilt", "log_spoilt"),
    "two entries swapped": (_two_swapped, "log_spoilt", "another_history"),
    "the last entry dated back": (_dated_back, "log_spoilt", "another_history"),
    "the last five entries and heads deleted": (_last_five_gone, "rolled_back", "rolled_back"),
    "the revocation cut out and the rest renumbered": (_one_cut_out, "rolled_back", "another_history"),
    "a middle entry deleted": (lambda a: a.root.does("DELETE FROM entry WHERE position = 9"), "recorded", "log_spoilt"),
    "a grant that nobody signed": (_forged_grant, "log_spoilt", "log_spoilt"),
    "a grant signed by the wrong person": (lambda a: _forged_grant(a, signed=True), "log_spoilt", "log_spoilt"),
    "a column that says when": (
        lambda a: a.root.does("UPDATE entry SET recorded_at = recorded_at - interval '1 day' WHERE position = 9"),
        "recorded",
        "log_spoilt",
    ),
    "a column that says what": (
        lambda a: a.root.does("UPDATE entry SET type = 'TimeAttested' WHERE position = 9"),
        "recorded",
        "log_spoilt",
    ),
    "a column that says which": (
        lambda a: a.root.does("UPDATE entry SET id = 'x' || id WHERE position = 9"),
        "recorded",
        "log_spoilt",
    ),
    "a tag deleted": (lambda a: a.root.does("DELETE FROM entry_tag WHERE position = 9"), "recorded", "log_spoilt"),
    "a tag added": (
        lambda a: a.root.does("INSERT INTO entry_tag SELECT 'a:other', 9, type FROM entry WHERE position = 9"),
        "recorded",
        "log_spoilt",
    ),
    "a leaf hash": (
        lambda a: a.root.does("UPDATE entry SET leaf_hash = %s WHERE position = 9", bytes(32)),
        "recorded",
        "log_spoilt",
    ),
    "the head's clock a year ahead": (
        lambda a: a.root.does("UPDATE log_head SET last_recorded_at = last_recorded_at + interval '1 year'"),
        "log_spoilt",
        "log_spoilt",
    ),
    "the head's clock a year behind": (
        lambda a: a.root.does("UPDATE log_head SET last_recorded_at = last_recorded_at - interval '1 year'"),
        "log_spoilt",
        "log_spoilt",
    ),
    "a column that says when: never": (
        lambda a: a.root.does("UPDATE entry SET recorded_at = 'infinity' WHERE position = 9"),
        "recorded",
        "log_spoilt",
    ),
    "a column that says when: before the year 1": (
        lambda a: a.root.does("UPDATE entry SET recorded_at = '4000-01-01 BC' WHERE position = 9"),
        "recorded",
        "log_spoilt",
    ),
    "the head's clock at the end of time": (
        lambda a: a.root.does("UPDATE log_head SET last_recorded_at = 'infinity'"),
        "log_spoilt",
        "log_spoilt",
    ),
    "the head's clock before the year 1": (
        lambda a: a.root.does("UPDATE log_head SET last_recorded_at = '4000-01-01 BC'"),
        "log_spoilt",
        "log_spoilt",
    ),
    "a frontier of nothing": (
        lambda a: a.root.does("UPDATE log_head SET frontier = ARRAY[%s]::bytea[]", bytes(32)),
        "log_spoilt",
        "log_spoilt",
    ),
    "a head beyond the entries": (
        lambda a: a.root.does("UPDATE log_head SET size = size + 3"),
        "log_spoilt",
        "log_spoilt",
    ),
    "a head of no entries": (
        lambda a: a.root.does("UPDATE log_head SET size = 0, frontier = '{}', last_recorded_at = '-infinity'"),
        "rolled_back",
        "rolled_back",
    ),
    "the bytes of the rules": (_pack_bytes, "recorded", "schema_altered"),
    "the rules deleted": (lambda a: a.root.does("DELETE FROM document"), "recorded", "document_missing"),
    "rules that nobody enacted, of no form": (
        lambda a: a.root.does("INSERT INTO document VALUES (sha256('x'), 'application/vnd.rongjian.pack+toml', 'x')"),
        "recorded",
        "recorded",
    ),
    "the rules called something else": (
        lambda a: a.root.does("UPDATE document SET media_type = 'text/plain'"),
        "recorded",
        "recorded",
    ),
    "ids that look alike forgotten": (lambda a: a.root.does("DELETE FROM lookalike"), "recorded", "recorded"),
    "nodes of the tree": (
        lambda a: a.root.does("INSERT INTO tile_node VALUES (1, 0, %s)", bytes(32)),
        "recorded",
        "recorded",
    ),
    "signed heads deleted": (lambda a: a.root.does("DELETE FROM checkpoint"), "recorded", "recorded"),
    "the last signed head's root": (
        lambda a: a.root.does(
            "UPDATE checkpoint SET root = %s WHERE size = (SELECT max(size) FROM checkpoint)", bytes(32)
        ),
        "recorded",
        "recorded",
    ),
    "a head of the next size that was never signed": (
        lambda a: a.root.does("INSERT INTO checkpoint SELECT size + 1, sha256('x'), 'whatever he likes' FROM log_head"),
        "recorded",
        "recorded",
    ),
    "a head far ahead that was never signed": (
        lambda a: a.root.does("INSERT INTO checkpoint VALUES (9223372036854775807, sha256('x'), 'whatever he likes')"),
        "recorded",
        "recorded",
    ),
    "sixty heads ahead that were never signed": (
        lambda a: a.root.does("INSERT INTO checkpoint SELECT 5000 + n, sha256('x'), 'x' FROM generate_series(1, 60) n"),
        "recorded",
        "recorded",
    ),
    "the last signed head's note that of another": (
        lambda a: a.root.does(
            "UPDATE checkpoint SET note = (SELECT note FROM checkpoint ORDER BY size LIMIT 1) || ' ' WHERE size "
            "= (SELECT max(size) FROM checkpoint)"
        ),
        "recorded",
        "recorded",
    ),
    "an index head that was never signed": (
        lambda a: a.root.does("INSERT INTO tag_index SELECT size + 1, sha256('x'), 'whatever he likes' FROM log_head"),
        "recorded",
        "recorded",
    ),
    "another key that seals": (
        lambda a: a.root.does("INSERT INTO key_encryption_key VALUES ('0123456789abcdef', 'x')"),
        "recorded",
        "recorded",
    ),
    "what shows the key that seals": (
        lambda a: a.root.does("UPDATE key_encryption_key SET probe = 'x'"),
        "recorded",
        "recorded",
    ),
    "a migration that is none of ours": (
        lambda a: a.root.does("INSERT INTO migration VALUES (9999, 'x', 'y')"),
        "recorded",
        "schema_altered",
    ),
    "a migration that was another": (
        lambda a: a.root.does("UPDATE migration SET sha256 = 'x' WHERE number = 2"),
        "recorded",
        "migration_changed",
    ),
}

#: What a verification of the database alone cannot tell from what never was: a mirror or a witness can.
NOT_NAMED = {"signed heads deleted"}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_what_is_written_without_a_key_is_noticed_before_it_decides(
    tampering: str, one_demo: Settings, database_url: str, tmp_path: Path
) -> None:
    tamper, at_next, at_start = TAMPERINGS[tampering]
    with attacked(one_demo, database_url, tmp_path) as log:
        tamper(log)
        assert log.verifies() == (tampering in NOT_NAMED)
        assert (log.submits(), log.starts()) == (at_next, at_start)


def test_answers_do_not_change_with_a_row(one_demo: Settings, database_url: str, tmp_path: Path) -> None:
    """A running process answers from what it has proven; what it has to read anew it compares first."""
    with attacked(one_demo, database_url, tmp_path) as log:
        event = log.ledger.events(until=9)[8]
        _entry_and_leaf(log)
        assert log.ledger.event(event.statement.id) == event
        with pytest.raises(RongjianError) as refused:
            log.ledger.entry(9)
        assert (refused.value.code, refused.value.details["position"]) == ("log_spoilt", 9)


def test_a_document_is_compared_at_each_load(one_demo: Settings, database_url: str, tmp_path: Path) -> None:
    with attacked(one_demo, database_url, tmp_path) as log:
        digest = log.ledger.documents.store(b"of a day", "text/plain")
        _pack_bytes(log)
        with pytest.raises(RongjianError) as refused:
            log.ledger.documents.read(digest)
        assert refused.value.code == "document_altered"
        assert digest == hashlib.sha256(b"of a day").hexdigest()
