"""What a shell completes is what the table of commands holds, asked of the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from api.cli.commands.table import COMMANDS, COMMON, GROUPS
from api.cli.completion import script_of
from api.cli.parser import main
from api.inspector.inquiries import INQUIRIES
from ledger.regulation.shipped import shipped_packs
from projections.facts import FACTS

SHELLS = ("bash", "zsh", "fish")
#: Takes a line as it is typed, up to the cursor, and prints what the shell would offer, a word a line.
ASKED = {
    "bash": """
        source "$1"
        line=$2
        COMP_LINE=$line COMP_POINT=${#line}
        line=${line//=/ = }
        read -r -a COMP_WORDS <<< "$line"
        [[ $2 == *' ' || $2 == *= ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _rongjian
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "zsh": """
        compdef() { :; }
        compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- "$@"; }
        _describe() { print -l -- "${(@P)2}"; }
        _files() { print -- FILES; }
        source "$1"
        words=(${=2})
        [[ $2 == *' ' ]] && words+=("")
        CURRENT=${#words}
        _rongjian
    """,
    "fish": 'source "$argv[1]"; complete -C "$argv[2]"',
}

TOP = sorted({command.group or command.name for command in COMMANDS})
ALWAYS = [*(name for argument in COMMON for name in argument.names), "--help"]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed here")
    return name


@pytest.fixture
def script(shell: str, tmp_path: Path) -> Path:
    """The script of a shell, as a file."""
    file = tmp_path / f"completion.{shell}"
    file.write_text(script_of(shell, lambda told: told[1]), "utf-8")
    return file


def _offered(shell: str, script: Path, line: str, home: Path) -> list[str]:
    """The words that a shell offers behind a line, without what they are about."""
    command = {"bash": ["bash", "-c"], "zsh": ["zsh", "-f", "-c"], "fish": ["fish", "--no-config", "-c"]}[shell]
    arguments = [] if shell == "fish" else ["_"]
    done = subprocess.run(
        [*command, ASKED[shell], *arguments, str(script), line],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "RONGJIAN_HOME": str(home), "LANG": "C.UTF-8"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    words = [word.partition("\t")[0] for word in done.stdout.splitlines()]
    typed = line.rpartition(" ")[2].rpartition("=")[2] if shell == "bash" else line.rpartition(" ")[2]
    words = [word.partition(":")[0] for word in words] if shell == "zsh" else words
    return sorted(word for word in words if word.startswith(typed))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rongjian ", TOP),
        ("rongjian sh", ["show"]),
        ("rongjian key ", ["new", "show"]),
        ("rongjian head a", ["adopt"]),
        ("rongjian as-of town ", ["award", "case", "edition", "finding", "notice", "org"]),
        ("rongjian as-of town award X --fact ", sorted(FACTS)),
        ("rongjian as-of --fact award.sta", ["award.status"]),
        ("rongjian inspect town ", sorted(INQUIRIES)),
        ("rongjian inspect town scores ", ["edition="]),
        ("rongjian inspect town pair person=x ", ["org=", "person="]),
        ("rongjian --lang ", ["en", "zh"]),
        ("rongjian show town --lang z", ["zh"]),
        ("rongjian pack gaps ", sorted(shipped_packs())),
        ("rongjian key new --algorithm ", ["ed25519", "sm2"]),
        ("rongjian head show --json --", sorted(ALWAYS)),
        ("rongjian show --a", ["--after", "--all"]),
        ("rongjian show ", ["ganzhou", "town"]),
        ("rongjian submit x.json --log t", ["town"]),
        ("rongjian verify --policy p ga", ["ganzhou"]),
        ("rongjian inspect town trace --format ", ["csv", "dot", "json", "mermaid"]),
    ],
)
def test_a_shell_offers_what_may_come_next(
    shell: str, script: Path, line: str, words: list[str], tmp_path: Path
) -> None:
    for log in ("ganzhou", "town"):
        (tmp_path / "logs" / log).mkdir(parents=True)
    assert _offered(shell, script, line, tmp_path) == words


def test_every_option_of_every_command_is_offered(shell: str, script: Path, tmp_path: Path) -> None:
    missed = {}
    for command in COMMANDS:
        own = {argument.names[-1] for argument in command.takes if argument.is_option}
        offered = set(_offered(shell, script, f"{command.called} --", tmp_path))
        if offered != own | set(ALWAYS):
            missed[command.words] = offered ^ (own | set(ALWAYS))
    assert missed == {}


def test_a_value_after_an_equals_sign_is_completed_in_bash(tmp_path: Path) -> None:
    file = tmp_path / "completion.bash"
    file.write_text(script_of("bash", lambda told: told[1]), "utf-8")
    assert _offered("bash", file, "rongjian show town --lang=", tmp_path) == ["en", "zh"]


def test_a_script_says_how_it_is_put_to_use_in_the_language_of_the_reader(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash", "--lang", "zh"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == '# 启用方法：eval "$(rongjian completion bash)"'
    assert main(["completion", "zsh", "--lang", "en"]) == 0
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert (first, second) == (
        "#compdef rongjian",
        '# puts itself to use where it is read: eval "$(rongjian completion zsh)"',
    )


def test_words_are_told_with_what_they_are_about_where_a_shell_shows_it() -> None:
    told = script_of("fish", lambda said: said[0])
    assert [name for name in GROUPS if f"'{name}\t{GROUPS[name][0]}'" not in told] == []
    assert [c.words for c in COMMANDS if f"'{c.name}\t{c.about[0]}'" not in told] == []
