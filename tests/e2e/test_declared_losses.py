"""A log that lost entries and went on as two founders declared, beside mirrors from before and after: by the command
line and both verifiers.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from api.cli.parser import main
from tests.small_home import LOG, Home, begun_home, own_database, settings_of
from tests.spec.both import NODE, Asked, ours, places, second

#: Sizes: of the restored backup, of a mirror from before the loss, of the newest head before it.
KEPT, BETWEEN, NEWEST = 4, 6, 7


class Lost:
    """A home whose log came to NEWEST, and whose database was then restored at KEPT; mirrors of before by their
    size.
    """

    def __init__(self, home: Home, folder: Path) -> None:
        self.home, self.folder = home, folder
        with home.open() as ledger:
            self.vkeys = tuple(map(str, ledger.heads.signer.keys))
            (folder / "policy").write_text(ledger.heads.own_policy())

    def grows(self, size: int) -> None:
        with self.home.open() as ledger:
            while ledger.size() < size:
                self.home.records(ledger)

    def mirror(self, size: int) -> Path:
        return self.folder / f"before-{size}"

    def declares(self) -> None:
        """As operations.md says."""
        draft, signed = self.folder / "draft.json", self.folder / "signed.json"
        keys = [f"--key={self.home.folder / 'founders' / name}.pem" for name in ("opr", "gov")]
        assert main(["head", "loss", LOG, "--reason", "备份不全", "-o", str(draft)]) == 0
        assert main(["sign", str(draft), *keys, "-o", str(signed)]) == 0
        assert main(["submit", str(signed), "--log", LOG]) == 0

    def exported(self) -> Path:
        """The log now, in a new folder."""
        folder = self.folder / "now"
        shutil.rmtree(folder, ignore_errors=True)
        assert main(["export", LOG, str(folder)]) == 0
        return folder

    def follow(self, mirror: Path) -> int:
        policy = str(self.folder / "policy")
        return main(["mirror", "follow", str(self.exported()), str(mirror), "--policy", policy, "--lang", "en"])


@pytest.fixture
def lost(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lost]:
    with ExitStack() as stack:
        url = stack.enter_context(own_database(database_url))
        backup = stack.enter_context(own_database(database_url))
        lost = Lost(Home(stack.enter_context(begun_home(tmp_path / "home", url))), tmp_path)
        lost.grows(KEPT)
        _copy(database_url, url, backup)
        for size in (KEPT, BETWEEN, NEWEST):
            lost.grows(size)
            assert main(["export", LOG, str(lost.mirror(size))]) == 0
        monkeypatch.setenv("RONGJIAN_DATABASE_URL", backup)
        lost.home.settings = settings_of(lost.home.settings.home, backup)
        yield lost


def _copy(server: str, source: str, target: str) -> None:
    names = [sql.Identifier(str(conninfo_to_dict(url)["dbname"])) for url in (target, source)]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {}").format(names[0]))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))


def _files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.skipif(NODE is None, reason="no Node on this machine")
def test_both_verifiers_find_nothing_in_the_log_and_nothing_in_what_it_was(lost: Lost) -> None:
    lost.declares()
    lost.grows(NEWEST + 2)
    now = lost.exported()
    asked = [Asked(folder, lost.vkeys) for folder in (now, *map(lost.mirror, (KEPT, BETWEEN, NEWEST)))]
    assert [ours(a) for a in asked] == [(set(), [])] * 4
    assert [(places(told), told["notes"]) for told in second(asked)] == [(set(), [])] * 4
    assert main(["verify", str(now), "--policy", str(lost.folder / "policy")]) == 0
    assert main(["verify", LOG]) == 0


@pytest.mark.parametrize("size", [KEPT + 1, NEWEST + 2])
@pytest.mark.parametrize(("held", "code"), [(NEWEST, "history_lost"), (BETWEEN, "another_history")])
def test_a_mirror_that_holds_what_is_lost_is_told_so_and_stays_as_it_was(
    lost: Lost, held: int, code: str, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    lost.declares()
    lost.grows(size)
    before, description = _files(lost.mirror(held)), (lost.home.folder / "log.json").read_bytes()
    assert lost.follow(lost.mirror(held)) == 4
    said = (
        f"the log lost entries {KEPT + 1} to {NEWEST} and went on without them, as founders declare in "
        f"entry {KEPT + 1}; this folder"
    )
    err = capsys.readouterr().err
    assert (said in err, f"code: {code}\n" in err) == (True, True)
    after = _files(lost.mirror(held))
    assert {name: after[name] for name in before} == before
    assert {name.split("/")[0] for name in after.keys() - before.keys()} == {"refused"}
    # Nor is the log restored from it; and what is refused leaves no trace in what the home remembers.
    assert main(["mirror", "restore", str(lost.mirror(held)), LOG, "--lang", "en"]) == 4
    assert said in capsys.readouterr().err
    assert (lost.home.folder / "log.json").read_bytes() == description


def test_verification_against_what_is_lost_says_so(lost: Lost, capsys: pytest.CaptureFixture[str]) -> None:
    lost.declares()
    capsys.readouterr()

    def told(held: int) -> tuple[int, dict[str, Any]]:
        code = main(["verify", LOG, "--against", str(lost.mirror(held)), "--json"])
        return code, json.loads(capsys.readouterr().out)[0]

    code, result = told(NEWEST)
    assert (code, result["findings"], result["lost"]) == (0, [], {"lost_from": KEPT + 1, "lost_to": NEWEST})
    code, result = told(BETWEEN)
    [finding] = result["findings"]
    assert (code, finding["actual"], "lost" in result) == (
        1,
        "entries 5 to 7 are lost, as founders declare in entry 5; now 5 entries: rolled back",
        False,
    )
    assert told(KEPT)[1]["findings"] == []
    assert main(["verify", LOG, "--against", str(lost.mirror(NEWEST)), "--lang", "en"]) == 0
    assert "entries 5 to 7 are lost, as founders declare in entry 5" in capsys.readouterr().out


@pytest.mark.parametrize(("size", "code"), [(KEPT, "rolled_back"), (NEWEST + 2, "another_history")])
def test_where_nothing_is_declared_the_log_went_back_or_shows_two_histories(
    lost: Lost, size: int, code: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who sets aside what would stop him."""
    monkeypatch.setattr("ledger.continuity.Continuity.lost", lambda _self: None)
    monkeypatch.setattr("ledger.continuity.Continuity.keep", lambda _self, _head: None)
    (lost.home.folder / "newest-index-head.json").unlink()
    lost.grows(size)
    assert lost.follow(lost.mirror(NEWEST)) == 4
    told = capsys.readouterr().err
    assert told.endswith(f"\ncode: {code}\n")
    assert "lost" not in told


def test_a_mirror_of_what_was_kept_goes_on(lost: Lost) -> None:
    shutil.rmtree(lost.mirror(KEPT) / "index-log")
    lost.declares()
    lost.grows(NEWEST + 2)
    assert lost.follow(lost.mirror(KEPT)) == 0
    assert _files(lost.mirror(KEPT))["checkpoint"] == _files(lost.folder / "now")["checkpoint"]


def test_a_mirror_that_holds_index_heads_which_are_lost_is_told_so(
    lost: Lost, capsys: pytest.CaptureFixture[str]
) -> None:
    """They were signed after the backup, over entries that it has."""
    lost.declares()
    lost.grows(NEWEST + 2)
    before = _files(lost.mirror(KEPT))
    assert lost.follow(lost.mirror(KEPT)) == 4
    said = (
        "the log lost entries 5 to 7, as founders declare in entry 5, and its log of index heads is another one since"
    )
    err = capsys.readouterr().err
    assert (said in err, "code: history_lost\n" in err) == (True, True)
    after = _files(lost.mirror(KEPT))
    assert {name: after[name] for name in before} == before
