"""The installed command in a home of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.cli.command import Run


@pytest.fixture
def rongjian(tmp_path: Path, database_url: str) -> Iterator[Run]:
    """Runs the installed command in a home of its own."""
    name = f"cli_{secrets.token_hex(6)}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = psycopg.conninfo.make_conninfo(**(psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": name}))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RONGJIAN_")}
    environment |= {"RONGJIAN_HOME": str(tmp_path / "home"), "RONGJIAN_DATABASE_URL": url, "LANG": "zh_CN.UTF-8"}

    def run(*arguments: object, stdout: Any = subprocess.PIPE, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("rongjian")), *map(str, arguments)]
        return subprocess.run(
            command,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | more,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )

    run.url = url  # type: ignore[attr-defined]
    yield run
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
