"""The newest head beside the log's key: an older database is noticed at once, and goes on only as two founders
declare.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from api.cli.parser import main
from api.cli.submissions import signed_draft
from api.home.bootstrap import NEWEST_HEAD, LogHome, log_named, note_restored, restored_ranges
from api.home.settings import Settings
from ledger.errors import PermissionRefusedError, RongjianError
from ledger.fsck.database import check_database
from ledger.newest_head import RECENT, NewestHead
from ledger.store.database import Server, schema_of
from ledger.tlog.checkpoint import parse as parse_checkpoint
from ledger.tlog.note import split
from ledger.tlog.tag_index import parse_head
from tests.demo_logs import copied, settings_of
from tests.small_home import Home
from tests.store.attacks import Superuser

LOG = "zhongyuan"


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(RongjianError) as refused:
        act()
    return refused.value.code


@pytest.fixture
def home(one_demo: Settings, database_url: str, tmp_path: Path) -> Iterator[Home]:
    with copied(one_demo, database_url, tmp_path / "home") as settings:
        yield Home(settings, LOG, "cast")


@pytest.fixture
def older(home: Home, database_url: str, tmp_path: Path) -> Iterator[tuple[Home, int]]:
    """The home, once three entries more were recorded than the database has that it is connected to now; and their
    number.
    """
    with home.open() as ledger:
        home.records(ledger)
        size = ledger.size()
    with ExitStack() as stack:
        before = stack.enter_context(copied(home.settings, database_url, tmp_path / "before"))
        with home.open() as ledger:
            for _ in range(3):
                home.records(ledger)
        home.settings = settings_of(home.settings.home, str(before.database_url))
        yield home, size


def test_the_newest_head_is_on_disk_before_a_receipt_is_given(home: Home) -> None:
    with home.open() as ledger:
        receipt = home.records(ledger)
        head = home.file.read()
        assert (head.size, head.root) == (receipt.tree_size, ledger.log.head().frontier.root())
        assert head.recorded_at == ledger.log.head().last_recorded_at
        assert (home.folder / NEWEST_HEAD).stat().st_mode & 0o777 == 0o600
    assert home.code_of_start() == "open"


def test_an_older_database_is_not_signed_on(older: tuple[Home, int]) -> None:
    home, size = older
    assert home.code_of_start() == "rolled_back"
    with home.open(after_loss=True) as ledger:
        assert code_of(lambda: home.records(ledger)) == "rolled_back"
        assert code_of(ledger.evidence.checkpoint) == "rolled_back"
        assert ledger.size() == size


def test_two_founders_declare_what_is_lost_and_the_log_goes_on(older: tuple[Home, int]) -> None:
    home, size = older
    lost = home.file.read()
    with home.open(after_loss=True) as ledger:
        for wrong in (
            (size + 2, lost.size, lost.root),
            (size + 1, lost.size - 1, lost.root),
            (size + 1, lost.size, bytes(32)),
        ):
            assert code_of(lambda w=wrong: home.declares(ledger, *w)) == "other_range"  # type: ignore[misc]
        receipt = home.declares(ledger, size + 1, lost.size, lost.root)
        assert (receipt.position, receipt.tree_size) == (size + 1, size + 1)
        assert code_of(lambda: home.declares(ledger, size + 1, lost.size, lost.root)) == "nothing_lost"
        home.records(ledger)
        assert (home.file.read().size, check_database(ledger)) == (size + 2, [])
    assert home.code_of_start() == "open"


def test_one_founder_alone_declares_nothing(older: tuple[Home, int]) -> None:
    home, size = older
    lost = home.file.read()
    draft = {
        "type": "HistoryLossDeclared",
        "actor": "opr",
        "role": "OPR",
        "payload": {"lost_from": size + 1, "lost_to": lost.size, "root_hash": lost.root.hex(), "reason": "x"},
    }
    with home.open(after_loss=True) as ledger:
        alone = signed_draft(draft | {"log": ledger.origin}, [home.key("opr")])
        with pytest.raises(PermissionRefusedError) as refused:
            ledger.submit(alone)
    error = refused.value
    assert (error.code, error.details) == ("founder_signature_missing", {"signed": ["opr"], "missing": ["gov", "sech"]})
    assert "gov 或 sech 的签名" in error.zh


def test_nothing_is_declared_lost_of_a_log_that_is_whole(home: Home) -> None:
    with home.open() as ledger:
        receipt = home.records(ledger)
        root = ledger.log.head().frontier.root()
        assert (
            code_of(lambda: home.declares(ledger, receipt.tree_size + 1, receipt.tree_size + 2, root)) == "nothing_lost"
        )


def test_a_declaration_is_drafted_signed_and_submitted_on_the_command_line(
    older: tuple[Home, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, size = older
    monkeypatch.setenv("RONGJIAN_HOME", str(home.settings.home))
    monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(home.settings.database_url))
    draft, signed = tmp_path / "draft.json", tmp_path / "signed.json"
    assert main(["head", "show", LOG]) == 0
    assert "最后登记于 北京时间 " in capsys.readouterr().out
    capsys.readouterr()
    assert main(["verify", LOG, "--no-register"]) == 1
    assert "比对的是这台机器自己记下的最新树头" in capsys.readouterr().out
    assert main(["show", LOG]) == 4
    assert f"rongjian head loss {LOG} --reason REASON -o DRAFT" in capsys.readouterr().err
    assert main(["head", "loss", LOG, "--reason", "备份不全", "-o", str(draft)]) == 0
    told = capsys.readouterr().out
    assert (f"rongjian sign {draft} --key FILE --key FILE -o {draft}.signed" in told, f"--log {LOG}" in told) == (
        True,
        True,
    )
    assert main(["submit", str(draft), "--log", LOG]) == 2
    assert "代码：draft_unsigned" in capsys.readouterr().err
    keys = [f"--key={home.folder / 'cast' / name}.pem" for name in ("opr", "sech")]
    assert main(["sign", str(draft), *keys, "-o", str(signed)]) == 0
    assert main(["submit", str(signed), "--log", LOG]) == 0
    assert home.code_of_start() == "open"
    capsys.readouterr()
    assert main(["head", "loss", LOG, "--reason", "x", "-o", str(draft)]) == 3
    assert "nothing_lost" in capsys.readouterr().err
    assert json.loads(draft.read_text())["payload"]["lost_from"] == size + 1


def test_a_file_that_was_altered_or_deleted_is_no_way_back(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home.folder / NEWEST_HEAD
    with home.open() as ledger:
        home.records(ledger)
        checkpoint = tmp_path / "checkpoint"
        checkpoint.write_text(ledger.evidence.checkpoint())
    good = path.read_bytes()
    path.write_bytes(good.replace(b'"size":', b'"size":1'))
    assert home.code_of_start() == "newest_head_altered"
    path.unlink()
    assert home.code_of_start() == "newest_head_lost"
    monkeypatch.setenv("RONGJIAN_HOME", str(home.settings.home))
    monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(home.settings.database_url))
    assert main(["head", "adopt", LOG, "--from", str(checkpoint)]) == 4
    assert ("代码：head_unattested" in capsys.readouterr().err, path.exists()) == (True, False)
    assert main(["head", "adopt", LOG, "--from", str(checkpoint), "--unattested"]) == 0
    assert "没有见证人作证" in capsys.readouterr().out
    # It is another file, and this machine says that it alone goes on.
    assert home.code_of_start() == "two_machines"
    assert main(["head", "keep", LOG]) == 0
    with home.open() as ledger:
        home.records(ledger)
    assert main(["head", "adopt", LOG, "--from", str(checkpoint), "--unattested"]) == 3


def test_another_home_with_the_same_keys_asks_for_a_witness_or_one_file(home: Home, tmp_path: Path) -> None:
    with home.open() as ledger:
        home.records(ledger)
    elsewhere = Home(settings_of(tmp_path / "elsewhere", str(home.settings.database_url)), LOG, "cast")
    shutil.copytree(home.settings.home, elsewhere.settings.home)
    # A copy of the file knows as much as the file, and is not where that was.
    assert (elsewhere.code_of_start(), home.code_of_start()) == ("home_copied", "open")
    description = json.loads((elsewhere.folder / "log.json").read_text())
    (elsewhere.folder / "log.json").write_text(json.dumps({k: v for k, v in description.items() if k != "newest_head"}))
    (elsewhere.folder / NEWEST_HEAD).unlink()
    assert (elsewhere.code_of_start(), home.code_of_start()) == ("two_machines", "two_machines")


def test_a_copied_home_signs_only_once_somebody_says_that_it_alone_goes_on(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Home(settings_of(tmp_path / "elsewhere", str(home.settings.database_url)), LOG, "cast")
    with home.open() as ledger:
        home.records(ledger)
        shutil.copytree(home.settings.home, elsewhere.settings.home)
        assert elsewhere.code_of_start() == "home_copied"
        monkeypatch.setenv("RONGJIAN_HOME", str(elsewhere.settings.home))
        monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(home.settings.database_url))
        assert main(["head", "keep", LOG]) == 0
        elsewhere.count = 50
        with elsewhere.open() as copy:
            elsewhere.records(copy)
        # The one that was open all the time is refused at its next submission.
        assert home.outcome(ledger) == "head_retired"
    assert (home.code_of_start(), elsewhere.code_of_start()) == ("head_retired", "open")


def test_verify_names_another_home_that_signs(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with home.open() as ledger:
        home.records(ledger)
    root = Superuser(str(home.settings.database_url), schema_of(log_named(home.settings, LOG).origin))
    root.does("INSERT INTO head_keeper (keeper) VALUES ('somebody')")
    root.close()
    monkeypatch.setenv("RONGJIAN_HOME", str(home.settings.home))
    monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(home.settings.database_url))
    capsys.readouterr()
    assert main(["verify", LOG, "--no-register", "--json"]) == 1
    [told] = json.loads(capsys.readouterr().out)
    assert [(f["field"], f["actual"]) for f in told["findings"]] == [("head_keeper", "somebody")]


def test_a_quorum_of_nobody_is_no_witness_of_two_homes(home: Home, tmp_path: Path) -> None:
    with home.open() as ledger:
        policy = ledger.heads.own_policy()
    elsewhere = Home(settings_of(tmp_path / "elsewhere", str(home.settings.database_url)), LOG, "cast")
    shutil.copytree(home.settings.home, elsewhere.settings.home)
    for one in (home, elsewhere):
        (one.folder / "witnesses.policy").write_text(policy)
    with elsewhere.file.held():
        elsewhere.file.write(replace(elsewhere.file.read(), keeper="0" * 32, place=None))
    assert elsewhere.code_of_start() == "two_machines"


def test_a_home_that_is_moved_stays_where_it_was(home: Home, tmp_path: Path) -> None:
    with home.open() as ledger:
        home.records(ledger)
    moved = Home(settings_of(tmp_path / "moved", str(home.settings.database_url)), LOG, "cast")
    home.settings.home.rename(moved.settings.home)
    assert moved.code_of_start() == "open"


def test_a_primary_of_before_a_failover_is_refused(home: Home) -> None:
    with home.open() as ledger:
        home.records(ledger)
    there = home.file.read()
    assert there.server is not None
    later = Server(there.server.identifier, there.server.timeline + 1)
    with home.file.held():
        home.file.write(replace(there, server=later))
    assert home.code_of_start() == "old_primary"


def test_two_processes_share_the_file(home: Home) -> None:
    with home.open() as one, home.open() as other:
        for _ in range(3):
            first, second = home.records(one), home.records(other)
            assert (second.position, home.file.read().size) == (first.position + 1, second.tree_size)


def test_what_was_recorded_before_a_kill_is_no_loss(home: Home) -> None:
    """Killed between recording and writing the file: the database is ahead, and leads to it."""
    path = home.folder / NEWEST_HEAD
    with home.open() as ledger:
        before = path.read_bytes()
        receipt = home.records(ledger)
    path.write_bytes(before)
    assert home.code_of_start() == "open"
    with home.open() as ledger:
        assert home.records(ledger).position == receipt.position + 1


def test_heads_of_before_are_kept_near_and_far() -> None:
    """What is left of a log that lost its end is compared with the nearest head below the cut: never twice as far as
    the loss.
    """
    head = NewestHead("x", 1, bytes(32), None, "k", None)
    for size in range(2, 1_001):
        head = head.followed_by(size, size.to_bytes(32, "big"), None, None, kept=size)
    sizes = [size for size, _ in head.earlier]
    assert sizes[-RECENT:] == list(range(1_000 - RECENT, 1_000))
    assert all(any(lost <= 1_000 - size <= 4 * lost for size in sizes) for lost in range(1, 250))
    assert len(sizes) < 100


@pytest.mark.parametrize("gone", [1, 3, 9])
def test_a_past_that_was_rewritten_is_no_loss(home: Home, gone: int) -> None:
    """An entry is cut out, and the last ones with it: not a shorter log, another one."""
    with home.open() as ledger:
        for _ in range(12):
            home.records(ledger)
    root = Superuser(str(home.settings.database_url), schema_of(log_named(home.settings, LOG).origin))
    entries, rows = root.history()
    cut = len(entries) - 11
    root.rewrites(entries[:cut] + entries[cut + 1 : -gone], rows[:cut] + rows[cut + 1 : -gone])
    root.close()
    assert home.code_of_start() == "another_history"


def test_the_head_that_is_there_can_be_adopted_again_and_nothing_is_forgotten(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with home.open() as ledger:
        for _ in range(3):
            home.records(ledger)
        (tmp_path / "checkpoint").write_text(ledger.evidence.checkpoint())
    monkeypatch.setenv("RONGJIAN_HOME", str(home.settings.home))
    monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(home.settings.database_url))
    before = home.file.read()
    assert main(["head", "adopt", LOG, "--from", str(tmp_path / "checkpoint"), "--unattested"]) == 0
    assert home.file.read() == before


def test_where_the_file_cannot_be_written_nothing_goes_on(home: Home) -> None:
    with home.open() as ledger:
        home.records(ledger)
        blocked = (home.folder / NEWEST_HEAD).with_suffix(".json.new")
        blocked.mkdir()
        size = ledger.size()
        # The first is recorded and has no receipt; after it nothing is recorded.
        assert [home.outcome(ledger) for _ in range(3)] == ["newest_head_unwritable"] * 3
        assert ledger.size() == size + 1
        blocked.rmdir()
        assert home.outcome(ledger) == "recorded"
        # Nor where not even the lock beside it can be had.
        lock = (home.folder / NEWEST_HEAD).with_suffix(".lock")
        lock.unlink()
        lock.mkdir()
        size = ledger.size()
        assert [home.outcome(ledger) for _ in range(3)] == ["newest_head_unwritable"] * 3
        assert ledger.size() == size + 1
        lock.rmdir()
        assert home.outcome(ledger) == "recorded"


def test_no_head_over_index_heads_is_signed_that_does_not_follow(home: Home) -> None:
    with home.open() as ledger:
        for _ in range(3):
            home.records(ledger)
            ledger.evidence.tag_index(ledger.size())
        ledger.index_log.published()
    root = Superuser(str(home.settings.database_url), schema_of(log_named(home.settings, LOG).origin))
    root.does("CREATE TEMP TABLE reversed (number bigint, size bigint)")
    # In another order, with nothing that says what was signed.
    root.does("WITH gone AS (DELETE FROM index_entry RETURNING number, size) INSERT INTO reversed SELECT * FROM gone")
    root.does("INSERT INTO index_entry SELECT (SELECT max(number) + 1 FROM reversed) - number, size FROM reversed")
    root.does("DELETE FROM index_checkpoint")
    root.close()
    with home.open() as ledger:
        assert code_of(ledger.index_log.published) == "index_log_spoilt"


def test_an_index_head_that_was_never_signed_is_no_entry_and_stops_none(home: Home) -> None:
    with home.open() as ledger:
        home.records(ledger)
        ledger.evidence.tag_index(ledger.size())
        root = Superuser(str(home.settings.database_url), schema_of(ledger.origin))
        root.does("INSERT INTO tag_index VALUES (%s, sha256('x'), 'whatever he likes')", ledger.size() + 1)
        root.does("INSERT INTO index_checkpoint VALUES (2, sha256('x'), 'whatever he likes')")
        root.close()
        home.records(ledger)
        sealed, note = ledger.evidence.tag_index(ledger.size())
        assert parse_head(note.encode(), ledger.heads.signer.keys, ledger.origin).root == sealed.root
        signed = ledger.index_log.published()
        assert (ledger.index_log.size(), parse_checkpoint(split(signed.encode())[0]).size) == (1, 1)
        assert home.outcome(ledger) == "recorded"


def test_what_a_home_notes_of_a_log_at_once_is_all_noted(tmp_path: Path) -> None:
    """Several processes change ``log.json``: none loses what another has written."""
    folder = tmp_path / "logs" / "town"
    folder.mkdir(parents=True)
    (folder / "log.json").write_text('{"origin": "test.rongjian.example/town"}')
    log = LogHome("town", "test.rongjian.example/town", folder)
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda at: note_restored(log, at, at), range(1, 41)))
    assert sorted(restored_ranges(log)) == [(at, at) for at in range(1, 41)]
