"""Commands as processes of their own, on terminals of every sort: narrow, without Chinese, closed early, none."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from api.cli.layout import width_of
from tests.cli.story import LOG, LOOKED_UP, Story, on_a_terminal, told_story

HAN = re.compile("[\u3400-\u9fff]")
#: A sentence is not broken by us, a terminal does that; nor is a command that may be copied, nor an address.
SENTENCE = re.compile(r".*[：:，,。；;].*|.*(rongjian|http|“|《).*")
#: Commands that answer in tables, of which every line has to fit.
IN_TABLES = (
    ("show", LOG, "--limit", "60", "--after", "90"),
    ("trace", LOG, "213"),
    ("inspect", LOG, "flags", "--on", "2026-01-10"),
    ("inspect", LOG, "money", "--on", "2026-01-10"),
    ("inspect", LOG, "governing", "edition=ZY-2023", "--on", "2026-01-10"),
    ("inquiries",),
    ("pack", "list"),
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    with told_story(tmp_path_factory.mktemp("story") / "home", database_url) as told:
        yield told


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("columns", [40, 120])
def test_a_table_is_as_wide_as_its_terminal(columns: int, language: str, story: Story) -> None:
    for command in IN_TABLES:
        lines = story.said(*command, "--lang", language, COLUMNS=str(columns)).splitlines()
        wide = [line for line in lines if width_of(line) > columns and not SENTENCE.fullmatch(line)]
        assert (command, wide) == (command, [])


def test_on_forty_columns_each_member_has_a_line_of_its_own(story: Story) -> None:
    told = story.said("inspect", LOG, "holders", "--on", "2026-01-10", COLUMNS="40").splitlines()
    assert told[1:10] == [
        "1. 组织：星河精密制造（演示）",
        "   奖项：质量奖",
        "   届次：ZY-2023",
        "   状态：已撤销",
        "   授予日期：2023-07-06",
        "   有效期至：2027-07-06",
        "   事由：弄虚作假",
        "   奖项编号：ZY-2023-A",
        "2. 组织：绿洲社区医院（演示）",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_chinese_is_spoken_to_in_english_and_keeps_its_columns(encoding: str, story: Story) -> None:
    asked = ("inspect", LOG, "statistics", "--on", "2026-01-10")
    said = story.said(*asked, LANG="C", PYTHONIOENCODING=encoding, COLUMNS="120")
    assert said.splitlines()[1:] == [
        "edition  number of applications  ineligible  awards  revoked  set aside by a ruling"
        "      prize paid     clawed back",
        "ZY-2023                       4           1       2        1                      0"
        "  CNY 400,000.00  CNY 400,000.00",
    ]
    narrow = story.run("show", LOG, "213", LANG="C", PYTHONIOENCODING=encoding)
    assert (narrow.returncode, narrow.stderr, narrow.stdout.isascii()) == (0, b"", True)


def test_a_terminal_without_chinese_that_is_asked_for_chinese_shows_its_characters_by_number(story: Story) -> None:
    told = story.run("show", LOG, "--lang", "zh", PYTHONIOENCODING="ascii", LANG="C")
    assert (told.returncode, b"\\u" in told.stdout, b"Traceback" in told.stderr) == (0, True, False)


@pytest.mark.parametrize("command", LOOKED_UP, ids=" ".join)
def test_whoever_reads_one_line_and_goes_ends_nothing_badly(command: tuple[str, ...], story: Story) -> None:
    line = f'"{sys.executable}" -m api.cli "$@" | head -n 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", line, "_", *command], capture_output=True, env=story.environment, check=False, timeout=300
    )
    assert done.stdout.decode().splitlines()[-1] == "0"
    assert b"Traceback" not in done.stderr


def test_where_there_is_no_terminal_nothing_is_coloured_and_nothing_moves(story: Story) -> None:
    for command in (("show", LOG), ("verify", LOG), ("show", "nowhere")):
        done = story.run(*command)
        assert (command, b"\x1b" in done.stdout + done.stderr) == (command, False)


def test_on_a_terminal_a_table_fits_it_and_details_stand_back(story: Story) -> None:
    told = on_a_terminal(
        story.environment,
        60,
        "-m",
        "api.cli",
        "diff",
        LOG,
        "award",
        "ZY-2023-A",
        "--from-on",
        "2024-01-01",
        "--on",
        "2026-01-10",
    )
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rstrip("\r") for line in told.split("\n")]
    at = lines.index("应得奖金")
    assert lines[at + 1 : at + 3] == ["  何处  之前           之后", "  —     200,000.00 元  0.00 元"]
    assert "\x1b[2m    差别来自：事实日不同\x1b[0m" in told
    assert "\x1b[1m" in told


def test_an_error_is_one_sentence_of_one_language_and_its_code(story: Story) -> None:
    for language, said in (("zh", "代码：log_unknown"), ("en", "code: log_unknown")):
        done = story.run("show", "nowhere", "--lang", language)
        lines = done.stderr.decode().splitlines()
        assert (done.returncode, done.stdout, lines[-1], len(lines)) == (2, b"", said, 2)
        assert (HAN.search(lines[0]) is not None) == (language == "zh")


def test_a_mistyped_command_ends_with_2_and_no_traceback(story: Story) -> None:
    done = story.run("shwo", LOG)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == "rongjian: 没有命令 shwo；是否为 show？\n详见 rongjian --help\n"


def test_a_language_that_there_is_not_is_refused(story: Story) -> None:
    done = story.run("show", LOG, "--lang", "xx")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == "rongjian show: --lang：没有 xx；有 zh、en\n详见 rongjian show --help\n"
