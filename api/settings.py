"""Settings: one frozen object, read once from the environment; refuses what is unsafe."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ledger.errors import MalformedError, UnavailableError


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs.

    ``home`` holds keys and the embedded database's data; ``database_url`` None means the embedded server;
    ``reader_token`` is asked of everybody who reads entries or answers, where it is set; ``key_password`` opens key files
    and hardware tokens.
    """

    home: Path
    database_url: str | None
    kek_file: Path
    host: str
    port: int
    reader_token: str | None = field(repr=False)
    key_password: bytes | None = field(repr=False)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from ``RONGJIAN_*`` variables; unknown ones of that prefix are refused, so that typos show."""
    known = {
        "HOME",
        "DATABASE_URL",
        "KEK_FILE",
        "HOST",
        "PORT",
        "READER_TOKEN",
        "TEST_DATABASE_URL",
        "EMBEDDED_USER",
        "KEY_PASSWORD",
    }
    for name in environment:
        if name.startswith("RONGJIAN_") and name.removeprefix("RONGJIAN_") not in known:
            raise MalformedError(
                "unknown_setting",
                f"{name} is not a setting; there are {', '.join('RONGJIAN_' + k for k in sorted(known))}",
                f"没有设置项 {name}",
                field=name,
            )
    home = Path(environment.get("RONGJIAN_HOME", ".rongjian")).absolute()
    port = environment.get("RONGJIAN_PORT", "8321")
    if not port.isascii() or not port.isdigit() or len(port) > 5 or not 0 < int(port) < 65536:
        raise MalformedError(
            "bad_setting", "RONGJIAN_PORT must be a port number", "RONGJIAN_PORT 应为端口号", field="RONGJIAN_PORT"
        )
    return Settings(
        home=home,
        database_url=environment.get("RONGJIAN_DATABASE_URL"),
        kek_file=Path(environment.get("RONGJIAN_KEK_FILE", home / "kek")),
        host=environment.get("RONGJIAN_HOST", "127.0.0.1"),
        port=int(port),
        reader_token=environment.get("RONGJIAN_READER_TOKEN"),
        key_password=environment["RONGJIAN_KEY_PASSWORD"].encode() if "RONGJIAN_KEY_PASSWORD" in environment else None,
    )


def refuse_unsafe(settings: Settings) -> None:
    """Serving to other machines without a reader token would publish entries before their time."""
    if settings.reader_token is None and not _is_loopback(settings.host):
        raise UnavailableError(
            "unsafe_start",
            f"serving on {settings.host} without RONGJIAN_READER_TOKEN would show entries to everybody; set it",
            f"在 {settings.host} 上提供服务须设置 RONGJIAN_READER_TOKEN，否则任何人都能读取条目",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
