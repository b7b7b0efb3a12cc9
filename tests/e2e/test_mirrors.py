"""A log as static files: verified wherever it is flipped, mirrored, forked, rolled back, lost and rebuilt."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.heads.mirror import follow, from_ledger, held_head, restore
from api.heads.sources import fetch_from
from ledger.application import Ledger
from ledger.errors import EvidenceError, MalformedError, NotFoundError
from ledger.fsck.database import check_against, check_database
from ledger.fsck.tiles import check_tiles
from ledger.log_signer import LogSigner
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import Frontier, leaf_hash
from ledger.tlog.policy import Policy, parse_policy
from ledger.tlog.tiles import Fetch, Tile, bundle, split_bundle
from tests.builders import Town


def _policy(town: Town) -> Policy:
    return parse_policy(town.ledger.heads.own_policy().encode())


def _grown_and_followed(town: Town, folder: Path) -> tuple[Town, Path]:
    """A town with more than two bundles of entries, and its mirror."""
    town.edition()
    town.grow(520, date(2023, 5, 5))
    follow(from_ledger(town.ledger), folder, _policy(town))
    return town, folder


@pytest.fixture(scope="module")
def held(new_lasting_town: Callable[[], Town], tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, Path]:
    return _grown_and_followed(new_lasting_town(), tmp_path_factory.mktemp("held") / "m")


@pytest.fixture
def mirrored(held: tuple[Town, Path], tmp_path: Path) -> tuple[Town, Path]:
    """A town that nobody records anything in any more, and a mirror to be spoilt."""
    town, folder = held
    return town, shutil.copytree(folder, tmp_path / "m")


def _head(folder: Path) -> Checkpoint:
    head = held_head(folder)
    assert head is not None
    return head


def test_a_mirror_holds_every_file_of_the_log_and_all_fits(mirrored: tuple[Town, Path]) -> None:
    town, folder = mirrored
    head = _head(folder)
    assert head.size == town.ledger.size() >= 520
    assert check_tiles(fetch_from(str(folder)), head) == []
    names = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    partial = head.size - 512
    assert {
        "checkpoint",
        "tile/0/000",
        "tile/0/001",
        f"tile/0/002.p/{partial}",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        f"tile/entries/002.p/{partial}",
    } <= names
    assert [n for n in names if n.startswith("documents/")] == [
        f"documents/{d}" for d in town.ledger.packs() if (folder / "documents" / d).exists()
    ]
    assert any(n.startswith("documents/") for n in names)


def test_wherever_a_bit_is_flipped_the_place_is_named(mirrored: tuple[Town, Path]) -> None:
    """Every file, at places drawn at random; the finding stands at the position that was touched."""
    _, folder = mirrored
    head, draw = _head(folder), random.Random(20261121)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.relative_to(folder).parts[0] == "tile"]
    for path in files:
        good = path.read_bytes()
        for _ in range(6 if "entries" in path.parts else 3):
            at = draw.randrange(len(good))
            path.write_bytes(good[:at] + bytes([good[at] ^ 1 << draw.randrange(8)]) + good[at + 1 :])
            findings = check_tiles(fetch_from(str(folder)), head)
            positions = {f.position for f in findings}
            assert positions & _touched(path.relative_to(folder), good, at, head.size), (path, at, findings[:3])
        path.write_bytes(good)
    assert check_tiles(fetch_from(str(folder)), head) == []


def _touched(path: Path, good: bytes, at: int, size: int) -> set[int]:
    """Positions that a finding may name for byte ``at`` of a file."""
    index = int(path.parts[2].partition(".")[0])
    if path.parts[1] == "entries":
        seen, position = 0, index * 256
        for entry in split_bundle(good):
            position += 1
            seen += 2 + len(entry)
            if at < seen:
                # A damaged length breaks the whole bundle, which is named by its first position.
                return {position, index * 256 + 1}
    level = int(path.parts[1])
    return {min((index * 256 + at // 32 + 1) * 256**level, size)}


@pytest.mark.parametrize("missing", ["tile/entries/001", "tile/0/001", "tile/1/000.p/2"])
def test_a_missing_file_is_named_and_the_rest_is_still_checked(mirrored: tuple[Town, Path], missing: str) -> None:
    _, folder = mirrored
    (folder / missing).unlink()
    [finding] = check_tiles(fetch_from(str(folder)), _head(folder))
    assert (finding.field, "missing" in finding.actual) == (missing, True)


def test_entries_and_tiles_that_agree_with_each_other_and_not_with_the_head_are_found(
    mirrored: tuple[Town, Path],
) -> None:
    _, folder = mirrored
    entries = split_bundle((folder / "tile/entries/000").read_bytes())
    entries[7] = entries[7].replace(b"2023-01", b"2023-02", 1)
    (folder / "tile/entries/000").write_bytes(bundle(entries))
    tile = (folder / "tile/0/000").read_bytes()
    (folder / "tile/0/000").write_bytes(tile[: 7 * 32] + leaf_hash(entries[7]) + tile[8 * 32 :])
    findings = check_tiles(fetch_from(str(folder)), _head(folder))
    assert {"root", "tile/1/000.p/2 hash 0"} <= {f.field for f in findings}


def test_many_processes_find_what_one_finds(mirrored: tuple[Town, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a good log and on spoilt ones, from files and from the database."""
    town, folder = mirrored
    head, fetch = _head(folder), fetch_from(str(folder))
    assert check_database(town.ledger) == []
    monkeypatch.setattr("ledger.audit.pool.WORTH_IT", 1)
    good = (folder / "tile/entries/000").read_bytes()
    for at in (0, 5_000, 200_000):
        (folder / "tile/entries/000").write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert check_tiles(fetch, head, cores=2) == check_tiles(fetch, head, cores=1) != []
    (folder / "tile/entries/000").write_bytes(good)
    assert check_tiles(fetch, head, keys=town.ledger.heads.signer.keys, cores=2) == []
    assert check_database(town.ledger, cores=2) == []


def test_a_mirror_follows_growth_and_asks_only_for_what_is_new(town: Town, tmp_path: Path) -> None:
    _, folder = _grown_and_followed(town, tmp_path / "m")
    before = _head(folder).size
    town.grow(before + 300, date(2023, 5, 6))
    asked: list[str] = []
    source = from_ledger(town.ledger)

    def watched(path: str) -> bytes:
        asked.append(path)
        return source(path)

    assert follow(watched, folder, _policy(town)).size == before + 300
    assert "tile/entries/000" not in asked
    assert "tile/entries/002" in asked
    assert check_tiles(fetch_from(str(folder)), _head(folder)) == []
    assert check_against(town.ledger, _head(folder)) == []


def _signed_as(town: Town, leaves: list[bytes]) -> bytes:
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.extended(leaf)[0]
    return Checkpoint(town.ledger.origin, frontier.size, frontier.root()).signed(town.log_key).encode()


def test_a_fork_signed_by_the_log_itself_is_refused_and_kept(mirrored: tuple[Town, Path]) -> None:
    town, folder = mirrored
    source = from_ledger(town.ledger)
    held = _head(folder)
    good = [h for i in range(3) for h in _hashes(source, i, held.size)]
    last = split_bundle(source(Tile(None, 2, held.size - 512).path))
    other = [*last[:-1], last[-2]]
    leaves = [*good[:-1], leaf_hash(other[-1])]
    forks: dict[str, bytes] = {
        "checkpoint": _signed_as(town, leaves),
        Tile(0, 2, held.size - 512).path: b"".join(leaves[512:]),
        Tile(None, 2, held.size - 512).path: bundle(other),
    }
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with pytest.raises(EvidenceError) as refused:
        follow(lambda path: forks.get(path) or source(path), folder, _policy(town))
    assert refused.value.code == "another_history"
    after = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    [kept] = set(after) - set(before)
    assert (kept.parent.name, after[kept]) == ("refused", forks["checkpoint"])
    assert {p: after[p] for p in before} == before


def _hashes(source: Fetch, index: int, size: int) -> list[bytes]:
    data = source(Tile(0, index, min(256, size - index * 256)).path)
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def test_a_log_that_goes_back_is_noticed_by_its_mirror(mirrored: tuple[Town, Path]) -> None:
    town, folder = mirrored
    source = from_ledger(town.ledger)
    leaves = _hashes(source, 0, 256)[:100]
    with pytest.raises(EvidenceError) as refused:
        follow(lambda p: _signed_as(town, leaves) if p == "checkpoint" else source(p), folder, _policy(town))
    assert refused.value.code == "rolled_back"


@pytest.mark.parametrize("bad", [b"", b"\xff", b"origin\n3\nAAAA\n\n", b"x" * 9000])
def test_a_checkpoint_that_is_none_is_refused(town: Town, tmp_path: Path, bad: bytes) -> None:
    with pytest.raises(EvidenceError):
        follow(lambda _: bad, tmp_path / "m", _policy(town))
    assert not (tmp_path / "m" / "checkpoint").exists()


def test_a_source_with_another_entry_under_the_same_hashes_is_refused(town: Town, tmp_path: Path) -> None:
    source, size = from_ledger(town.ledger), town.ledger.size()
    path = Tile(None, 0, size).path
    entries = split_bundle(source(path))
    swapped = bundle([*entries[:3], entries[4], entries[3], *entries[5:]])
    with pytest.raises(EvidenceError) as refused:
        follow(lambda p: swapped if p == path else source(p), tmp_path / "m", _policy(town))
    assert refused.value.code == "entry_damaged"


def test_a_lost_log_is_rebuilt_from_its_mirror_and_goes_on(
    mirrored: tuple[Town, Path], new_schema: Callable[[], tuple[str, str]], database_url: str
) -> None:
    town, folder = mirrored
    _, schema = new_schema()
    database = Database(database_url, schema, size=2).open()
    ledger = Ledger(database, Vault(database, town.kek), LogSigner(town.ledger.origin, town.log_key))
    ledger.vault.check()
    fetch = fetch_from(str(folder))
    # Half of it, as a crash would leave it; then the rest.
    for digest in (folder / "documents").iterdir():
        ledger.documents.store(digest.read_bytes(), "application/vnd.rongjian.pack+toml")
    ledger.restore(split_bundle(fetch("tile/entries/000"))[:100])
    restore(ledger, folder, fetch)
    assert check_database(ledger) == []
    assert [e.entry for e in ledger.recorder.entries()] == [e.entry for e in town.ledger.recorder.entries()]
    assert ledger.recorder.tags_of([1, 400]) == town.ledger.recorder.tags_of([1, 400])
    head = checkpoint.verify(ledger.evidence.checkpoint().encode(), ledger.heads.signer.keys, ledger.origin)
    assert head == _head(folder)
    opening = town.signed("EditionClosed", date(2023, 12, 30), edition_id="GZ-2023")
    assert ledger.submit(opening).position == head.size + 1
    ledger.close()


def test_half_a_restored_log_is_not_opened_until_the_rest_is_there(
    mirrored: tuple[Town, Path], new_schema: Callable[[], tuple[str, str]], database_url: str
) -> None:
    """Whoever recorded on would fork from what the mirror has."""
    town, folder = mirrored
    _, schema = new_schema()
    database = Database(database_url, schema, size=2).open()
    ledger = Ledger(database, Vault(database, town.kek), LogSigner(town.ledger.origin, town.log_key))
    ledger.vault.check()
    fetch = fetch_from(str(folder))

    def broken(path: str) -> bytes:
        if path == "tile/entries/001":
            raise NotFoundError("file_missing", (path, path))
        return fetch(path)

    with pytest.raises(NotFoundError):
        restore(ledger, folder, broken)
    assert ledger.size() == 256
    with pytest.raises(EvidenceError) as half:
        ledger.heads.check_last()
    assert half.value.code == "last_head_wrong"
    restore(ledger, folder, fetch)
    ledger.heads.check_last()
    assert check_database(ledger) == []
    ledger.close()


def test_a_mirror_of_another_log_restores_nothing(
    mirrored: tuple[Town, Path], new_schema: Callable[[], tuple[str, str]], database_url: str
) -> None:
    town, folder = mirrored
    origin, schema = new_schema()
    database = Database(database_url, schema, size=2).open()
    ledger = Ledger(database, Vault(database, town.kek), LogSigner(origin, Ed25519PrivateKey.generate()))
    ledger.vault.check()
    with pytest.raises(MalformedError):
        restore(ledger, folder, fetch_from(str(folder)))
    with pytest.raises(NotFoundError):
        ledger.entry(1)
    ledger.close()


def test_a_restored_old_backup_differs_from_its_mirror(town: Town, tmp_path: Path) -> None:
    follow(from_ledger(town.ledger), tmp_path / "m", _policy(town))
    seen = _head(tmp_path / "m")
    ahead = Checkpoint(seen.origin, seen.size + 4, seen.root)
    other = Checkpoint(seen.origin, seen.size, bytes(32))
    assert check_against(town.ledger, seen) == []
    assert [f.field for f in check_against(town.ledger, ahead)] == ["size"]
    assert [f.field for f in check_against(town.ledger, other)] == ["root seen elsewhere"]
    assert note.split((tmp_path / "m" / "checkpoint").read_bytes())[0] == seen.text
