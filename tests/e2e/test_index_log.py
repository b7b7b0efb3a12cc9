"""Index heads are entries of a second small log: no two readers can be given two roots, and no fault of it stops the
log.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from api.heads.mirror import follow, from_ledger, restore
from api.heads.publisher import Publisher
from api.heads.sources import fetch_from
from api.witness.app import create_witness_app
from api.witness.home import WitnessHome, create_witness
from ledger.application import Ledger
from ledger.errors import EvidenceError, NotFoundError, SigningStoppedError
from ledger.fsck.index_log import check_index_log, fetched_index_log
from ledger.fsck.index_records import check_index_records
from ledger.heads import Heads
from ledger.log_signer import LogSigner
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.index_origin import index_key, index_policy
from ledger.tlog.merkle import leaf_hash, root_of
from ledger.tlog.policy import Policy, parse_policy
from ledger.tlog.tag_index import IndexHead, parse_head
from ledger.tlog.tiles import bundle
from tests.builders import Town, sign_under


def _policy(town: Town) -> Policy:
    return parse_policy(town.ledger.heads.own_policy().encode())


def _head(folder: Path) -> Checkpoint:
    return checkpoint.parse(note.split((folder / "checkpoint").read_bytes())[0])


@pytest.fixture
def mirrored(town: Town, tmp_path: Path) -> tuple[Town, Path]:
    """A town with index heads of three sizes, and its mirror."""
    town.ledger.evidence.tag_index(town.ledger.size() - 2)
    town.ledger.evidence.tag_index(3)
    follow(from_ledger(town.ledger), tmp_path / "m", _policy(town))
    return town, tmp_path / "m"


def test_every_index_head_that_was_signed_is_an_entry_in_the_order_of_signing(mirrored: tuple[Town, Path]) -> None:
    town, folder = mirrored
    size = town.ledger.size()
    files = fetched_index_log(fetch_from(str(folder)), _policy(town), town.ledger.origin)
    assert files is not None
    keys = town.ledger.heads.signer.keys
    assert [parse_head(n, keys, town.ledger.origin).size for n in files.notes] == [size - 2, 3, size]
    assert files.notes[-1] == (folder / "index" / str(size)).read_bytes()
    assert (files.head.origin, files.head.size) == (f"{town.ledger.origin}/index", 3)
    assert files.head.root == root_of([leaf_hash(n) for n in files.notes])
    assert check_index_log(fetch_from(str(folder)), _head(folder), _policy(town)) == []
    assert check_index_records(town.ledger) == []
    # Asked for again, it is the same entry.
    town.ledger.evidence.tag_index(3)
    assert town.ledger.index_log.size() == 3


def test_index_heads_of_before_the_second_log_become_entries_too(town: Town) -> None:
    signer, size = town.ledger.heads.signer, town.ledger.size()
    for at in (size, 2):
        town.ledger.heads.sign_index(IndexHead(town.ledger.origin, at, 1, bytes(32)))
    assert town.ledger.index_log.size() == 0
    head = checkpoint.verify(
        town.ledger.index_log.published().encode(), [index_key(k) for k in signer.keys], town.ledger.index_log.origin
    )
    assert head.size == 2


def _signed_over(town: Town, notes: list[bytes]) -> bytes:
    origin = town.ledger.index_log.origin
    return Checkpoint(origin, len(notes), root_of([leaf_hash(n) for n in notes])).signed(town.log_key).encode()


def test_a_second_root_of_one_size_is_found_whoever_signed_the_log_of_it(mirrored: tuple[Town, Path]) -> None:
    town, folder = mirrored
    origin, signer = town.ledger.origin, town.ledger.heads.signer
    files = fetched_index_log(fetch_from(str(folder)), _policy(town), origin)
    assert files is not None
    other = signer.sign_index(IndexHead(origin, 3, 1, bytes(32))).encode()
    notes = [*files.notes, other]
    (folder / "index-log/tile/entries/000.p/4").write_bytes(bundle(notes))
    (folder / "index-log/checkpoint").write_bytes(_signed_over(town, notes))
    [found] = check_index_log(fetch_from(str(folder)), _head(folder), _policy(town))
    assert (found.field, found.actual) == (
        "index-log",
        "the log of index heads: two roots of the index of size 3 are logged",
    )


def test_an_index_root_that_is_served_and_not_the_one_logged_is_found(mirrored: tuple[Town, Path]) -> None:
    town, folder = mirrored
    size, signer = town.ledger.size(), town.ledger.heads.signer
    other = signer.sign_index(IndexHead(town.ledger.origin, size, 1, bytes(32)))
    (folder / "index" / str(size)).write_text(other)
    assert [f.field for f in check_index_log(fetch_from(str(folder)), _head(folder), _policy(town))] == [
        f"index/{size}"
    ]


@pytest.mark.parametrize("path", ["tile/entries/000.p/3", "tile/0/000.p/3", "checkpoint"])
def test_a_bit_flipped_anywhere_in_it_is_named(mirrored: tuple[Town, Path], path: str) -> None:
    town, folder = mirrored
    file = folder / "index-log" / path
    good = file.read_bytes()
    for at in range(0, len(good), 97):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        found = check_index_log(fetch_from(str(folder)), _head(folder), _policy(town))
        assert [f.field.split("/")[0] for f in found] == ["index-log"], at


def test_a_mirror_refuses_another_history_of_index_heads_and_keeps_its_head(mirrored: tuple[Town, Path]) -> None:
    town, folder = mirrored
    held, source = (folder / "index-log/checkpoint").read_bytes(), from_ledger(town.ledger)
    signer = town.ledger.heads.signer
    notes = [signer.sign_index(IndexHead(town.ledger.origin, at, 1, bytes(32))).encode() for at in range(1, 5)]
    forged = {"index-log/checkpoint": _signed_over(town, notes), "index-log/tile/entries/000.p/4": bundle(notes)}
    with pytest.raises(EvidenceError) as refused:
        follow(lambda path: forged.get(path) or source(path), folder, _policy(town))
    assert refused.value.code == "another_history"
    assert (folder / "index-log/checkpoint").read_bytes() == held
    assert [p.read_bytes() for p in (folder / "index-log/refused").iterdir()] == [forged["index-log/checkpoint"]]


def test_a_folder_and_a_source_of_before_have_none_and_all_fits(mirrored: tuple[Town, Path], tmp_path: Path) -> None:
    town, folder = mirrored
    shutil.rmtree(folder / "index-log")
    assert check_index_log(fetch_from(str(folder)), _head(folder), _policy(town)) == []
    follow(fetch_from(str(folder)), tmp_path / "again", _policy(town))
    assert not (tmp_path / "again/index-log").exists()


@pytest.mark.parametrize(
    ("act", "named"),
    [
        ("DELETE FROM index_entry WHERE number = 2", ["index_entry 2"]),
        (
            "UPDATE tag_index SET note = replace(note, E'\\n3\\n', E'\\n4\\n') WHERE size = 3",
            ["index_entry 2", "index_checkpoint 3"],
        ),
        ("DELETE FROM index_entry WHERE number = 3", ["index_checkpoint 3"]),
    ],
)
def test_what_a_superuser_does_to_its_rows_is_named_by_verify(
    mirrored: tuple[Town, Path], act: str, named: list[str]
) -> None:
    town, _ = mirrored
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(town.database.schema)))
        connection.execute("SET session_replication_role = replica")
        connection.execute(act.encode())
    assert [f.field for f in check_index_records(town.ledger)] == named


def test_a_lost_log_is_rebuilt_with_its_index_heads_and_goes_on_from_there(
    mirrored: tuple[Town, Path], new_schema: Callable[[], tuple[str, str]], database_url: str
) -> None:
    town, folder = mirrored
    database = Database(database_url, new_schema()[1], size=2).open()
    ledger = Ledger(database, Vault(database, town.kek), LogSigner(town.ledger.origin, town.log_key))
    ledger.vault.check()
    restore(ledger, folder, fetch_from(str(folder)))
    assert ledger.index_log.published() == town.ledger.index_log.published()
    ledger.evidence.tag_index(5)
    assert ledger.index_log.size() == 4
    follow(from_ledger(ledger), folder, _policy(town))
    assert check_index_records(ledger) == []
    ledger.close()


# Witnesses


@pytest.fixture
def watched(town: Town, tmp_path: Path) -> Iterator[tuple[Town, WitnessHome, Policy, httpx.Client]]:
    """A town whose witness knows it by one line, and not its second log by name."""
    create_witness(tmp_path / "w", "witness.example/w1", bytes(range(32, 64)))
    (tmp_path / "w/logs.policy").write_text(f"log {town.ledger.evidence.verifier_key}\nquorum none\n")
    home = WitnessHome(tmp_path / "w")
    policy = parse_policy(
        f"log {town.ledger.evidence.verifier_key}\nwitness w1 {home.cosigner} http://w1.example/\nquorum w1\n".encode()
    )
    sign_under(town.ledger, Heads(town.database, town.ledger.log, town.ledger.heads.signer, town.clock, policy))
    with TestClient(create_witness_app(home)) as client:

        def answer(request: httpx.Request) -> httpx.Response:
            told = client.post(request.url.path, content=request.content)
            return httpx.Response(told.status_code, content=told.content)

        yield town, home, policy, httpx.Client(transport=httpx.MockTransport(answer))
    home.close()


def test_the_same_witness_cosigns_the_log_of_index_heads_under_the_same_quorum(
    watched: tuple[Town, WitnessHome, Policy, httpx.Client],
) -> None:
    town, home, policy, client = watched
    town.ledger.evidence.tag_index(3)
    with pytest.raises(NotFoundError):
        town.ledger.index_log.published()
    publisher = Publisher(town.ledger, policy, client)
    assert publisher.round() == {"w1": "cosigned"}
    trusted = index_policy(policy).verify(town.ledger.index_log.published().encode())
    assert (trusted.checkpoint.origin, trusted.checkpoint.size, list(trusted.cosigned)) == (
        town.ledger.index_log.origin,
        1,
        ["w1"],
    )
    town.ledger.evidence.tag_index(4)
    assert publisher.index_round() == {"w1": "cosigned"}
    assert index_policy(policy).verify(town.ledger.index_log.published().encode()).checkpoint.size == 2
    # The witness holds another root of two entries: the log may not show it a second history of index heads.
    assert len([p for p in home._folder.iterdir() if p.is_dir()]) == 2


def test_a_witness_that_knows_nothing_of_it_changes_nothing_for_the_log(
    watched: tuple[Town, WitnessHome, Policy, httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    town, home, policy, client = watched
    monkeypatch.setattr(home, "_keys_of", lambda origin: [k for k in home._policy.logs if k.name == origin])
    town.ledger.evidence.tag_index(3)
    publisher = Publisher(town.ledger, policy, client)
    assert publisher.round() == {"w1": "cosigned"}
    assert town.ledger.heads.published()[0] == town.ledger.size()
    with pytest.raises(NotFoundError):
        town.ledger.index_log.published()


def test_a_row_of_it_that_is_missing_stops_no_package_and_no_head_of_the_log(
    watched: tuple[Town, WitnessHome, Policy, httpx.Client],
) -> None:
    town, _, policy, client = watched
    for size in (3, 4, 5):
        town.ledger.evidence.tag_index(size)
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(town.database.schema)))
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM index_entry WHERE number = 2")
    again = Ledger(town.database, town.ledger.vault, town.ledger.heads.signer, town.clock, policy)
    assert Publisher(again, policy, client).round() == {"w1": "cosigned"}
    assert parse_head(again.evidence.tag_index(6)[1].encode(), again.heads.signer.keys, again.origin).size == 6
    with pytest.raises(EvidenceError) as gap:
        again.index_log.sign()
    assert gap.value.code == "index_log_gap"


def test_where_a_witness_has_seen_more_index_heads_their_signing_stops_and_the_log_goes_on(
    watched: tuple[Town, WitnessHome, Policy, httpx.Client],
) -> None:
    town, home, policy, client = watched
    notes = [
        town.ledger.heads.signer.sign_index(IndexHead(town.ledger.origin, at, 1, bytes(32))).encode()
        for at in (1, 2, 3)
    ]
    home.add_checkpoint(b"old 0\n\n" + _signed_over(town, notes))
    town.ledger.evidence.tag_index(3)
    publisher = Publisher(town.ledger, policy, client)
    assert publisher.round() == {"w1": "cosigned"}
    with pytest.raises(SigningStoppedError) as stopped:
        town.ledger.index_log.sign()
    assert stopped.value.code == "rolled_back"
    town.edition(on=date(2023, 5, 4))
    assert publisher.round() == {"w1": "cosigned"}
    assert town.ledger.heads.published()[0] == town.ledger.size()
