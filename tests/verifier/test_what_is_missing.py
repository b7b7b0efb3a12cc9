"""Where the verifier is installed by itself, every other command says in one sentence what to install."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.given_out.given import GIVEN
from tests.verifier.alone import Alone

SERVICE = [
    "serve",
    "serve --demo",
    "init x --origin x.example/y --jurisdiction 某区 --code 410102",
    "sign FILE --key FILE",
    "submit FILE --log x",
    "show x",
    "as-of x award A",
    "trace x E",
    "diff x award A",
    "inspect x flags",
    "inquiries",
    "across flags",
    "publish DIR",
    "scenario run FILE",
    "rebuild x",
    "verify",
    "verify x",
    "verify https://honours.example.gov/logs/x --policy POLICY",
    "export x DIR",
    "mirror follow DIR DIR --policy POLICY",
    "mirror restore DIR x",
    "head show x",
    "timestamp ask x",
    "visits attest x -o FILE",
    "proof get x E",
    "evidence make x award A -o FILE",
    "evidence check PACKAGE --tsa PEM",
    "document put FILE --log x",
    "token list",
    "token new x",
    "witness new DIR --name witness.example/w",
    "witness ask x",
    "witness join x",
    "key new pkcs11:object=x?module-path=y",
    "pack check FILE",
    "spec DIR",
]


@pytest.mark.parametrize("command", SERVICE)
def test_a_command_of_the_service_says_what_to_install(alone: Alone, tmp_path: Path, command: str) -> None:
    given = next(g for g in GIVEN if str(g) == "v0.1/story")
    places = {
        "POLICY": str(given.folder / "policy"),
        "PACKAGE": str(given.folder / "award.zip"),
        "PEM": str(given.folder / "tsa.pem"),
        "FILE": str(given.folder / "1.json"),
        "DIR": str(tmp_path),
    }
    arguments = [places.get(word, word) for word in command.split()]
    said = alone.run(*arguments, "--lang=zh")
    told = said.err.decode()
    assert (said.code, said.out) == (3, b""), told
    assert re.fullmatch(r"这一步需要完整的服务.*pip install 'rongjian\[service\]'\n代码：not_installed\n", told), told


def test_programs_and_english_readers_are_told_the_same(alone: Alone) -> None:
    error = json.loads(alone.run("inquiries", "--json").out)["error"]
    assert (error["code"], error["en"][-31:]) == ("not_installed", "pip install 'rongjian[service]'")
    told = alone.run("inquiries", "--lang=en").err.decode()
    assert told == f"{error['en']}\ncode: not_installed\n"


def test_files_without_a_policy_are_not_taken_for_a_log(alone: Alone, tmp_path: Path) -> None:
    said = alone.run("verify", tmp_path, "--json")
    assert said == alone.run_whole("verify", tmp_path, "--json")
    assert (said.code, json.loads(said.out)["error"]["code"]) == (2, "policy_missing")


def test_the_address_of_a_database_that_nobody_opens_is_not_judged(alone: Alone) -> None:
    given = next(g for g in GIVEN if str(g) == "v0.1/story")
    command = (
        "proof",
        "check",
        given.folder / "2.json",
        given.folder / "2.tlog-proof",
        "--policy",
        given.folder / "policy",
    )
    assert alone.run(*command, RONGJIAN_DATABASE_URL="postgresql://a@b@c/d") == alone.run(*command)
