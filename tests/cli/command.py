"""The installed command: how it is run, what it prints as JSON, and the database that it works on."""

from __future__ import annotations

import json
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
