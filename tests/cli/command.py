"""The installed command: how it is run, what it prints as JSON, and the database that it works on."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

Run = Callable[..., subprocess.CompletedProcess[str]]


def json_of(result: subprocess.CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stdout + result.stderr
    return json.loads(result.stdout)


def url_of(rongjian: Run) -> str:
    """The database that the command of a test works on."""
    return str(rongjian.url)  # type: ignore[attr-defined]


def code_of(said: str) -> str:
    """The code of an error, which stands in the last line that is said of it."""
    found = re.search(r"^(?:代码：|code: )(\w+)$", said, re.MULTILINE)
    return "" if found is None else found[1]
