"""Help is told in one language: the one asked for, else that of the environment, else Chinese."""

from __future__ import annotations

import re

import pytest

from api.cli.parser import main

HAN = re.compile("[\u3400-\u9fff]")


def _help(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", [(), ("verify",), ("evidence", "make"), ("document", "put")])
def test_english_help_says_nothing_in_chinese(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    said = _help(capsys, *command, "--lang=en")
    assert HAN.findall(said) == []


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


def test_a_language_that_there_is_not_is_refused_as_any_other_word(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "ganzhou", "--lang", "fr"])
    assert ended.value.code == 2
    assert "--lang" in capsys.readouterr().err
