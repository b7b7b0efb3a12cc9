"""Help is told in one language: the one asked for, else that of the environment, else Chinese."""

from __future__ import annotations

import re

import pytest

from api.cli.commands.table import COMMANDS, COMMON, GROUPS
from api.cli.layout import width_of
from api.cli.parser import main
from api.inspector.inquiries import INQUIRIES

HAN = re.compile("[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_.:/@-]*")

#: What is typed after ``rongjian`` to be told about: nothing, a group, a command.
EVERYTHING = [(), *((group,) for group in GROUPS), *(command.words for command in COMMANDS)]

#: Words of help that are no names of ours: of standards, formats and protocols, and the parts of metavars.
OTHERS = frozenset(
    [
        "ACTION",
        "COMMAND",
        "LANG",
        "GB/T",
        "FILE.zip",
        "h",
        "help",
        "rongjian",
        "csv",
        "dot",
        "json",
        "mermaid",
        "text",
        "toml",
        "tlog-proof",
    ]
)
ADDRESS = re.compile(r"https:/?/?|logs/NAME|(ledger|witness)[.@]example[a-z.0-9/]*")


def _names() -> set[str]:
    """Names of commands, options, metavars, choices, and of what inquiries take."""
    names = set(OTHERS) | set(GROUPS) | set(INQUIRIES) | {p for i in INQUIRIES.values() for p in i.parameters}
    for command in COMMANDS:
        names |= set(command.words)
        for argument in (*command.takes, *COMMON):
            names |= {name.lstrip("-") for name in argument.names} | set(argument.choices or ())
            names |= {argument.member.upper(), *re.split(r"[|=]", argument.metavar or "")}
    return names


def _help(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_english_help_says_nothing_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    said = {words: HAN.findall(_help(capsys, *words, "--lang=en")) for words in EVERYTHING}
    assert {words: found for words, found in said.items() if found} == {}


def test_chinese_help_has_no_latin_words_but_names(capsys: pytest.CaptureFixture[str]) -> None:
    names = _names()
    foreign = {
        word
        for words in EVERYTHING
        for word in LATIN.findall(_help(capsys, *words, "--lang", "zh"))
        if word not in names and not ADDRESS.fullmatch(word)
    }
    assert foreign == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_fits_forty_columns(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = [line for words in EVERYTHING for line in _help(capsys, *words, "--lang", language).splitlines()]
    # What argparse writes of an argument, its names and its choices, is not broken.
    told = [line for line in lines if not re.search(r"[\[{|]|^ *-", line)]
    assert [line for line in told if width_of(line) > 40 and not ADDRESS.search(line)] == []


def test_every_argument_says_what_it_is() -> None:
    silent = [(c.words, a.member) for c in COMMANDS for a in (*c.takes, *COMMON) if a.about is None]
    assert silent == []


def test_help_follows_the_environment_unless_a_language_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    zh, en = "核验账本", "recompute every hash, signature and column"
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert en in _help(capsys, "verify")
    assert zh in _help(capsys, "verify", "--lang", "zh")
    monkeypatch.setenv("LANG", "C")
    assert zh in _help(capsys, "verify")
    assert en not in _help(capsys, "verify")


@pytest.mark.parametrize(
    "arguments", [("--lang", "en", "inquiries"), ("inquiries", "--lang=en"), ("--lan", "en", "inquiries")]
)
def test_a_language_is_asked_for_before_a_command_or_after_it(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert main(arguments) == 0
    assert capsys.readouterr().out.split()[:2] == ["name", "what"]


@pytest.mark.parametrize("arguments", [("--json", "inquiries"), ("inquiries", "--json")])
def test_json_is_asked_for_before_a_command_or_after_it(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("[\n  {\n")


@pytest.mark.parametrize("arguments", [("verify", "ganzhou", "--lang", "fr"), ("--lang=fr", "verify", "ganzhou")])
def test_a_language_that_there_is_not_is_refused_with_those_that_there_are(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "--lang：没有 fr；有 zh、en\n" in capsys.readouterr().err


def test_the_commands_stand_under_headings_and_each_of_them_once(capsys: pytest.CaptureFixture[str]) -> None:
    listed = re.findall(r"^  ([a-z][a-z-]*)  ", _help(capsys, "--lang", "en"), re.MULTILINE)
    assert sorted(listed) == sorted({command.group or command.name for command in COMMANDS})


def test_chinese_help_has_the_marks_of_chinese_and_lines_that_begin_below_each_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = _help(capsys, "show", "--lang", "zh").splitlines()
    assert [line for line in lines if re.search(r":$|^[^ ].*：$", line)] == ["各项参数：", "选项："]
    begin, *more = lines[: lines.index("")]
    assert [len(line) - len(line.lstrip()) for line in more] == [width_of("用法：rongjian show ")] * len(more)
    assert (begin.startswith("用法：rongjian show [-h]"), len(more) > 0) == (True, True)
