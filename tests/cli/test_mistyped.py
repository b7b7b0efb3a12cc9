"""A word that is wrong by one letter is refused with the word that was meant, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.commands.table import COMMANDS, COMMON, GROUPS
from api.cli.mistyped import near
from api.cli.parser import main
from api.inspector.inquiries import INQUIRIES
from projections.facts import FACTS
from tests.small_home import LOG, begun_home, own_database

TOP = sorted({command.group or command.name for command in COMMANDS})


def _wrong_by_one(word: str) -> Iterator[str]:
    """The word with a letter left out, doubled, exchanged for its neighbour, or for another letter."""
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]
        yield word[:i] + word[i] + word[i:]
        yield word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :]
        yield word[:i] + "q" + word[i + 1 :]


@pytest.mark.parametrize(
    "names",
    [
        TOP,
        *(sorted(c.name for c in COMMANDS if c.group == group) for group in GROUPS),
        sorted(INQUIRIES),
        sorted(FACTS),
    ],
    ids=lambda names: names[0],
)
def test_every_name_is_found_again_from_what_is_wrong_by_one_letter(names: list[str]) -> None:
    missed = [
        (wrong, name)
        for name in names
        for wrong in _wrong_by_one(name)
        if wrong and wrong not in names and name not in near(wrong, names)
    ]
    assert missed == []


def test_every_option_is_found_again_from_what_is_wrong_by_one_letter() -> None:
    for command in COMMANDS:
        names = [n for a in (*COMMON, *command.takes) for n in a.names if n.startswith("--")]
        missed = [
            (command.words, wrong)
            for name in names
            for wrong in _wrong_by_one(name.removeprefix("--"))
            if len(wrong) > 1 and f"--{wrong}" not in names and name not in near(f"--{wrong}", names)
        ]
        assert missed == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shwo", "x"), "rongjian: there is no command shwo; did you mean show?"),
        (("key", "nwe", "x"), "rongjian key: there is no command nwe; did you mean new?"),
        (("verify", "x", "--polcy", "y"), "rongjian verify: there is no option --polcy; did you mean --policy?"),
        (("--jsn", "show", "x"), "rongjian: there is no option --jsn; did you mean --json?"),
        (("submit", "x", "--lgo", "y"), "rongjian submit: there is no option --lgo; did you mean --log or --lang?"),
        (("as-of", "x", "awrad", "y"), "rongjian as-of: kind: there is no awrad; did you mean award?"),
        (("init", "x", "--mode=simulaton"), "rongjian init: --mode: there is no simulaton; did you mean simulation?"),
        (("pack", "chekc"), "rongjian pack: action: there is no chekc; did you mean check?"),
        (("completion", "bsah"), "rongjian completion: shell: there is no bsah; did you mean bash?"),
        (("key", "xyzzy"), "rongjian key: there is no command xyzzy; there are new, show"),
    ],
)
def test_a_mistyped_command_option_or_choice_is_refused_with_what_was_meant(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--lang", "en"])
    first, second = capsys.readouterr().err.splitlines()
    assert (ended.value.code, first) == (2, said)
    assert re.fullmatch(r"rongjian.* --help tells more", second)


def test_in_chinese_it_is_said_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["shwo", "--lang", "zh"])
    assert capsys.readouterr().err == "rongjian: 没有命令 shwo；是否为 show？\n详见 rongjian --help\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[None]:
    with own_database(database_url) as url, begun_home(tmp_path_factory.mktemp("home"), url):
        yield


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("show", LOG[:-1]), LOG),
        (("inspect", LOG, "narative", "award=x"), "narrative"),
        (("inspect", LOG, "scores", "edtion=x"), "edition="),
        (("inspect", LOG, "flags", "--format", "jso"), "json"),
        (("as-of", LOG, "award", "x", "--fact", "award.prize_deu"), "award.prize_due"),
        (("pack", "gaps", "ganzou/2022"), "ganzhou/2022"),
        (("verify", f"{LOG}x"), LOG),
    ],
)
def test_a_name_that_only_the_home_or_a_register_knows_is_refused_with_what_was_meant(
    arguments: tuple[str, ...], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main([*arguments, "--lang", "zh"]) == 2
    assert f"\n是否为 {meant}" in capsys.readouterr().err
    # What programs read is as it was.
    assert main([*arguments, "--json"]) == 2
    assert "did you mean" not in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_a_pack_file_that_there_is_not_is_no_mistyped_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "check", str(tmp_path / "draft.toml"), "--lang", "en"]) == 2
    assert "did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize("command", [("show", "nowhere"), ("token", "revoke", "nobody")])
def test_where_there_is_none_that_is_said_in_the_language_of_the_reader(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGJIAN_HOME", str(tmp_path))
    said = []
    for language in ("zh", "en"):
        assert main([*command, "--lang", language]) == 2
        said.append(
            capsys.readouterr().err.splitlines()[0].endswith({"zh": "现有：无", "en": "there are: none"}[language])
        )
    assert said == [True, True]
