"""What ``rongjian verify`` says to people: causes first, in their language, and what to do next."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.cli.finding_words import kind_of, place_of, values_of
from api.cli.parser import main
from api.home.bootstrap import head_file_of, log_named
from api.home.settings import Settings
from ledger.audit.entries import Finding
from ledger.fsck.causes import follow_from_others
from ledger.newest_head import NewestHead
from tests.given_out.given import GIVEN, home_of

ROOT = Path(__file__).parents[2]
[ERASED] = [g for g in GIVEN if str(g) == "v0.1/erased"]
_LATIN_SENTENCE = re.compile(r"[a-z]+ [a-z]+ [a-z]+")


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with home_of(ERASED, tmp_path / "home", database_url, restored=True) as settings:
        monkeypatch.setenv("RONGJIAN_HOME", str(settings.home))
        monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(settings.database_url))
        yield settings


def _superuser(settings: Settings, *statements: str) -> None:
    with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        [(schema,)] = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'log\\_%'").fetchall()
        connection.execute(f'SET search_path TO "{schema}", public'.encode())
        for statement in statements:
            connection.execute(statement.encode())


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["verify", ERASED.name, *arguments]) == 1
    return capsys.readouterr().out


def test_one_altered_entry_is_named_first_and_what_follows_from_it_is_counted(
    home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _superuser(home, "UPDATE entry SET entry = set_byte(entry, 150, get_byte(entry, 150) # 4) WHERE position = 40")
    [result] = json.loads(_said(capsys, "--json"))
    causes = [f for f in result["findings"] if not f["follows"]]
    assert {f["position"] for f in causes} == {40}
    assert {f["field"] for f in result["findings"]} >= {"leaf_hash", "log_head"}
    chinese = _said(capsys, "--lang", "zh").splitlines()
    assert len(chinese) < 15
    assert chinese[1].startswith("  第 40 条的")
    assert "第 0 条" not in "".join(chinese)
    assert re.search(r"另有 \d+ 处随之不符：.*账本头", "".join(chinese))
    assert not [line for line in chinese if _LATIN_SENTENCE.search(line.split("rongjian")[0])]
    english = _said(capsys, "--lang", "en")
    assert re.search(r"and \d+ places? that follows? from it|and \d+ places that follow", english)
    for text in ("\n".join(chinese), english):
        assert f"rongjian verify {ERASED.name} --against " in text
        assert f"rongjian mirror restore DIR {ERASED.name}" in text
        assert "pg_dump" in text
    everything = _said(capsys, "--lang", "zh", "--all").splitlines()
    assert len([line for line in everything if line.startswith("  ") and "应为" in line]) == len(result["findings"])


def test_an_altered_time_is_told_in_beijing_time(home: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    _superuser(home, "UPDATE entry SET recorded_at = recorded_at + interval '3 hours' WHERE position = 7")
    chinese, english = _said(capsys, "--lang", "zh"), _said(capsys, "--lang", "en")
    assert re.search(
        r"第 7 条的登记时间（不符）：应为北京时间 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d，实为北京时间 [-\d]+ [:\d]+$",
        chinese,
        re.MULTILINE,
    )
    assert re.search(r"entry 7, time recorded \(does not fit\): expected [-\d]+ [:\d]+ Beijing time, found", english)
    _superuser(
        home,
        "UPDATE entry SET recorded_at = recorded_at - interval '3 hours' + interval '5 microseconds' WHERE "
        "position = 7",
    )
    assert re.search(r"应为北京时间 \S+ \d\d:\d\d:\d\d\.\d{6}，", _said(capsys, "--lang", "zh"))


def test_what_a_log_was_compared_with_is_said(home: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", ERASED.name, "--json"]) == 0  # which keeps a newest head
    log = log_named(home, ERASED.name)
    file = head_file_of(home, log)
    with file.held():
        file.write(NewestHead(log.origin, 200, bytes(32), None, "k", None))
    chinese, english = _said(capsys, "--lang", "zh"), _said(capsys, "--lang", "en")
    assert "条目数（不符）：应为至少 200 条，实为101 条，已回退；比对的是这台机器自己记下的最新树头" in chinese
    assert f"compared with the newest head that this machine itself keeps ({file.path})" in english
    assert "elsewhere" not in english
    assert "别处" not in chinese


def test_every_finding_has_words() -> None:
    """Each field and each phrase that a finding is written with is in the catalogue, whatever stands in its gaps."""
    missing = []
    for field, expected, actual in _written():
        if place_of(3, field)[0] in (field, f"第 3 条的{field}"):
            missing.append(field)
        for value, (zh, _en) in zip((expected, actual), values_of(field, expected, actual), strict=True):
            if value and (zh is None or _LATIN_SENTENCE.search(zh)):
                missing.append(f"{field}: {value}")
    assert missing == []


def _written() -> Iterator[tuple[str, str, str]]:
    """What stands in the sources, with a 7 for whatever is put in; what another part says is left out."""
    files = [*(ROOT / "ledger/fsck").glob("*.py"), ROOT / "ledger/audit/entries.py", ROOT / "api/cli/verified.py"]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                field, expected, actual = (_text(a) for a in node.args[1:4])
                if field and not field.startswith("7"):
                    yield field, expected, actual


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            texts = [p.value if isinstance(p, ast.Constant) else "7" for p in parts]
            return "" if any(_is_of_an_error(p) for p in parts) else "".join(map(str, texts))
        case ast.BoolOp(values=[*_, ast.Constant(value=str(text))]):
            return text
    return ""


def _is_of_an_error(part: Any) -> bool:
    return isinstance(part, ast.FormattedValue) and "error" in ast.unparse(part.value)


def test_what_is_wrong_by_itself_is_no_consequence() -> None:
    entry = Finding(5, "leaf_hash", "a", "b")
    node, apart = Finding(0, "tile_node 1/0", "a", "b"), Finding(0, "tile_node 0/6", "a", "b")
    head, signed = (
        Finding(9, "checkpoint root", "a", "b"),
        Finding(9, "checkpoint note", "a note signed by the log's key", "no"),
    )
    before, other = Finding(3, "checkpoint root", "a", "b"), Finding(0, "root seen elsewhere", "a", "b")
    told = [entry, node, apart, head, signed, before, other]
    assert follow_from_others(told) == [False, True, False, True, False, False, False]
    assert follow_from_others(told[1:]) == [False] * 6
    assert [kind_of(f.field)[1] for f in told[:4]] == ["leaf hash", "tree nodes", "tree nodes", "root of the head"]


def test_a_missing_row_is_the_cause_of_what_comes_after_it() -> None:
    gap, nobody = Finding(5, "position", "5", "6"), Finding(6, "signature", "a registered key", "unknown key 7")
    tags, head = (
        Finding(5, "entry_tag", "nothing: there is no such entry", "org:A"),
        Finding(0, "log_head", "size 8 and the frontier of the entries", "size 9"),
    )
    assert follow_from_others([gap, nobody, tags, head]) == [False, True, True, True]
    assert follow_from_others([head, Finding(9, "checkpoint", "at most 8 entries", "a published head of size 9")]) == [
        False,
        True,
    ]
