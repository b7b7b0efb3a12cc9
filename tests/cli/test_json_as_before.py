"""What programs read is what it was before people got tables: ``--json`` gives the same bytes.

``json_as_before.txt`` holds, for commands about a log that an earlier version gave out, how each ended and the digest
of what it printed then. Words may change and are left out of the digest: strings that are not ASCII, and those under a
name that ends in ``en``. After a deliberate change of what JSON says: ``python -m
tests.cli.test_json_as_before FOLDER``.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.parser import main
from ledger.store import embedded
from tests.given_out.given import GIVEN, home_of

FILE = Path(__file__).with_name("json_as_before.txt")
STORY = [given for given in GIVEN if given.name == "story"][-1]

_FOREIGN = re.compile(r'"(?:[^"\\]|\\.)*[^\x00-\x7f](?:[^"\\]|\\.)*"')
_ENGLISH = re.compile(r'("(?:[a-z]+_)?en": )"(?:[^"\\]|\\.)*"')


def _lines() -> list[tuple[int, str, str]]:
    """Exit code, digest and command of each line."""
    rows = [line.split(" ", 2) for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [(int(code), digest, command) for code, digest, command in rows]


def printed(command: str) -> tuple[int, str]:
    """How a command ends, and the digest of what it prints, without words."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main(shlex.split(command.replace("GIVEN", str(STORY.folder))))
    out.seek(0)
    text = _ENGLISH.sub(r'\1"…"', _FOREIGN.sub('"…"', out.read().replace(str(STORY.folder), "GIVEN")))
    return code, hashlib.sha256(text.encode()).hexdigest()


@contextlib.contextmanager
def _story(folder: Path, database_url: str) -> Iterator[None]:
    with home_of(STORY, folder, database_url, restored=True) as home, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RONGJIAN_")]:
            patch.delenv(name)
        patch.setenv("RONGJIAN_HOME", str(home.home))
        patch.setenv("RONGJIAN_DATABASE_URL", str(home.database_url))
        patch.setenv("LANG", "zh_CN.UTF-8")
        yield


def test_what_programs_read_is_as_it_was(tmp_path: Path, database_url: str) -> None:
    with _story(tmp_path / "home", database_url):
        changed = {c: (code, digest[:8]) for code, digest, c in _lines() if printed(c) != (code, digest)}
    assert changed == {}


def test_a_list_of_entries_says_beside_json_how_many_there_are(
    tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with _story(tmp_path / "home", database_url):
        assert main(["show", "story", "--json"]) == 0
    said = capsys.readouterr()
    assert (said.out.count('"position"'), said.err) == (50, "共 219 条，列出 50 条；其余用 --all 或 --after 50\n")


if __name__ == "__main__":
    head = [line for line in FILE.read_text("utf-8").splitlines() if line.startswith("#")]
    new = Path(sys.argv[1])
    with embedded.running(new / "postgresql") as server, _story(new / "home", server.url):
        rows = ["{} {} {}".format(*printed(command), command) for _, _, command in _lines()]
    FILE.write_text("\n".join([*head, *rows, ""]), "utf-8")
