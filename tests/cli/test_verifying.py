"""What the commands say: verify over several sources, a restored mirror, a register that was changed, fields that are
lost.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.cli.parser import main
from api.home.bootstrap import log_named, open_log
from api.home.settings import Settings
from tests.given_out.given import GIVEN, Given, home_of
from tests.given_out.served import client_of, enter

[STORY] = [g for g in GIVEN if str(g) == "v0.1/story"]
[ERASED] = [g for g in GIVEN if str(g) == "v0.1/erased"]

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(settings: Settings, *arguments: object) -> tuple[int, Any]:
        monkeypatch.setenv("RONGJIAN_HOME", str(settings.home))
        monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(settings.database_url))
        capsys.readouterr()
        code = main([*map(str, arguments), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    with home_of(ERASED, tmp_path / "home", database_url, restored=True) as settings:
        yield settings


@pytest.fixture
def empty_home(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    with home_of(ERASED, tmp_path / "home", database_url, restored=False) as settings:
        yield settings


def _superuser(settings: Settings, *statements: str) -> None:
    with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log\\_%'").fetchall()
        connection.execute(f'SET search_path TO "{schema}", public'.encode())
        for statement in statements:
            connection.execute(statement.encode())


def test_a_bad_folder_among_several_is_its_own_result_and_the_others_are_verified(
    tmp_path: Path, home: Settings, run: Run
) -> None:
    good = ERASED.folder / "export"
    policy = ("--policy", ERASED.folder / "policy")
    code, told = run(home, "verify", tmp_path / "nothing", good, *policy)
    assert (code, [(r.get("failure", {}).get("code"), r["size"], r["findings"]) for r in told]) == (
        1,
        [("source_unavailable", None, []), (None, 101, [])],
    )
    code, told = run(home, "verify", "unknown", ERASED.name)
    assert (code, [r.get("failure", {}).get("code") for r in told]) == (1, ["log_unknown", None])


def test_erasures_are_counted_in_the_result(home: Settings, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    code, [told] = run(home, "verify", ERASED.name)
    assert (code, told["findings"], told["erasures"]) == (0, [], {"orders": 4, "fields": 10, "carried_out": 10})
    assert main(["verify", ERASED.name, "--lang", "en"]) == 0
    assert "4 orders to erase 10 fields, of which 10 are erased" in capsys.readouterr().out


def _restore(run: Run, home: Settings, folder: Path) -> tuple[int, str]:
    code, told = run(home, "mirror", "restore", folder, ERASED.name)
    return code, told.get("error", {}).get("code", "")


def _rows(settings: Settings, table: str) -> int:
    with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
        [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log\\_%'").fetchall()
        row = connection.execute(f'SELECT count(*) FROM "{schema}".{table}'.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_a_mirror_with_a_wrong_or_a_missing_pack_restores_nothing(
    tmp_path: Path, empty_home: Settings, run: Run
) -> None:
    folder = shutil.copytree(ERASED.folder / "export", tmp_path / "m")
    [pack] = (folder / "documents").iterdir()
    content = pack.read_bytes()
    pack.write_bytes(content + b"\n")
    assert _restore(run, empty_home, folder) == (4, "mirror_damaged")
    pack.unlink()
    assert _restore(run, empty_home, folder) == (4, "mirror_damaged")
    assert (_rows(empty_home, "entry"), _rows(empty_home, "document")) == (0, 0)
    # A document that no entry names, and that is not what its name says.
    pack.write_bytes(content)
    (folder / "documents" / ("0" * 64)).write_bytes(content)
    assert _restore(run, empty_home, folder) == (4, "document_wrong")
    assert (_rows(empty_home, "entry"), _rows(empty_home, "document")) == (0, 0)
    (folder / "documents" / ("0" * 64)).unlink()
    assert _restore(run, empty_home, folder) == (0, "")
    assert run(empty_home, "verify", ERASED.name)[1][0]["findings"] == []


def _states(settings: Settings, given: Given) -> set[str]:
    ledger = open_log(settings, str(settings.database_url), log_named(settings, given.name))
    states = {f.state for e in ledger.events() for f in ledger.disclosing.fields(e.statement.id)}
    ledger.close()
    return states


def _words_of_lost(settings: Settings) -> set[tuple[str, str]]:
    ledger = open_log(settings, str(settings.database_url), log_named(settings, ERASED.name))
    told = [f.to_json() for e in ledger.events() for f in ledger.disclosing.fields(e.statement.id)]
    ledger.close()
    return {(t["zh"], t["en"]) for t in told if t["state"] == "lost"}


def test_a_lost_opening_reads_as_lost_and_one_of_a_restored_log_as_never_kept(home: Settings, run: Run) -> None:
    assert _states(home, ERASED) == {"withheld", "erased"}
    _superuser(
        home,
        "DELETE FROM opening WHERE erased_by IS NULL AND entry_id IN (SELECT id FROM entry WHERE position % 2 = 0)",
    )
    _superuser(home, "UPDATE opening SET sealed = 'x' WHERE erased_by IS NULL AND pointer = '/id_number'")
    assert _states(home, ERASED) == {"withheld", "erased", "lost"}
    code, [told] = run(home, "verify", ERASED.name)
    assert (code, {f["severity"] for f in told["findings"]}) == (1, {"lost"})
    assert _words_of_lost(home) == {
        (
            "开启值缺失：应在此处，账本中亦无销毁命令；请由备份恢复，并运行 rongjian verify",
            "its opening is lost: it ought to be here, and no order in the log erased it; restore it from a "
            "backup and run rongjian verify",
        )
    }
    _superuser(home, "DELETE FROM opening WHERE erased_by IS NULL")
    assert _states(home, ERASED) == {"erased", "lost"}


def test_what_a_mirror_brought_was_never_kept_here(empty_home: Settings, run: Run) -> None:
    assert _restore(run, empty_home, ERASED.folder / "export") == (0, "")
    assert _states(empty_home, ERASED) == {"not_kept", "erased"}


def test_a_changed_register_is_named_and_a_rebuild_says_what_differed(home: Settings, run: Run) -> None:
    assert run(home, "rebuild", ERASED.name)[0] == 0
    assert run(home, "verify", ERASED.name)[1][0]["register"] == 101
    changed = (
        "UPDATE register_fact SET answer = '\"x\"' WHERE ctid IN (SELECT ctid FROM register_fact WHERE fact = "
        "'award.status' LIMIT 1)"
    )
    _superuser(home, changed, "DELETE FROM register_link WHERE ctid IN (SELECT ctid FROM register_link LIMIT 1)")
    code, [told] = run(home, "verify", ERASED.name)
    places = [(f["field"].split()[0], f["severity"], f["actual"]) for f in told["findings"]]
    assert (code, sorted(places)) == (1, [("register", "derived", '"x"'), ("register", "derived", "nothing")])
    assert run(home, "verify", ERASED.name, "--no-register")[0] == 0
    code, rebuilt = run(home, "rebuild", ERASED.name, "--check", 5)
    assert (code, len(rebuilt["differed"]), rebuilt["wrong"]) == (1, 2, [])
    assert [d["stored"] for d in rebuilt["differed"] if d["stored"]] == ['"x"']
    assert run(home, "rebuild", ERASED.name, "--check", 5)[1]["differed"] == []
    assert run(home, "verify", ERASED.name)[0] == 0


def test_a_page_says_of_a_lost_field_that_it_is_lost(home: Settings) -> None:
    with client_of(home) as client:
        enter(client, ERASED.name, "dis")
        with psycopg.connect(str(home.database_url)) as connection:
            [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log\\_%'").fetchall()
            query = f'SELECT entry_id FROM "{schema}".opening WHERE erased_by IS NULL ORDER BY 1 LIMIT 1'
            [(event,)] = connection.execute(query.encode()).fetchall()
        paths = [f"/{language}/desk/{ERASED.name}/events/{event}/" for language in ("zh", "en")]
        said = ("开启值缺失：应在此处", "its opening is lost: it ought to be here")
        assert [words in client.get(path).text for path, words in zip(paths, said, strict=True)] == [False, False]
        _superuser(home, f"DELETE FROM opening WHERE entry_id = '{event}'")
        assert [words in client.get(path).text for path, words in zip(paths, said, strict=True)] == [True, True]
