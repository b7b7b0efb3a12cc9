"""Settings: one frozen object, read once from the environment; refuses what is unsafe."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from api.home import database_address
from api.sentences import sentence
from ledger.errors import MalformedError, UnavailableError
from ledger.sentences import Pair, enumeration

#: A host as a ``Host`` header names it, without its port: a name, an IPv4 address, or an IPv6 address in brackets.
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
_PORT_MAX = 65_535

_KNOWN = frozenset(
    {
        "ALLOWED_HOSTS",
        "BASE_URL",
        "DATABASE_URL",
        "EMBEDDED_USER",
        "HOME",
        "HOST",
        "KEK_FILE",
        "KEY_PASSWORD",
        "PORT",
        "READER_TOKEN",
        "READER_TOKENS_FILE",
        "TEST_DATABASE_URL",
    }
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs.

    ``home`` holds keys and the embedded database's data; ``database_url`` None means the embedded server; everybody who
    reads entries or answers shows ``reader_token``, if it is set, or a token of ``reader_tokens_file``, if that file
    exists; ``key_password`` opens key files and hardware tokens. ``base_url`` is where the world finds this service,
    without a slash at its end; ``allowed_hosts`` are further names that requests may be for.
    """

    home: Path
    database_url: str | None = field(repr=False)
    kek_file: Path
    host: str
    port: int
    reader_token: str | None = field(repr=False)
    reader_tokens_file: Path
    key_password: bytes | None = field(repr=False)
    base_url: str | None
    allowed_hosts: frozenset[str]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from ``RONGJIAN_*`` variables; unknown ones of that prefix are refused, so that typos show."""
    for name in environment:
        if name.startswith("RONGJIAN_") and name.removeprefix("RONGJIAN_") not in _KNOWN:
            raise MalformedError(
                "unknown_setting",
                sentence(
                    "{name} is not a setting; there are {settings}",
                    name=name,
                    settings=enumeration(f"RONGJIAN_{known}" for known in sorted(_KNOWN)),
                ),
                field=name,
            )
    home = Path(environment.get("RONGJIAN_HOME", ".rongjian")).absolute()
    port = environment.get("RONGJIAN_PORT", "8321")
    if not port.isascii() or not port.isdigit() or len(port) > 5 or not 0 < int(port) < 65536:
        raise _bad("RONGJIAN_PORT", sentence("must be a port number"))
    database = environment.get("RONGJIAN_DATABASE_URL")
    return Settings(
        home=home,
        database_url=None if database is None else database_address.checked(database),
        kek_file=Path(environment.get("RONGJIAN_KEK_FILE", home / "kek")),
        host=environment.get("RONGJIAN_HOST", "127.0.0.1"),
        port=int(port),
        reader_token=environment.get("RONGJIAN_READER_TOKEN"),
        reader_tokens_file=Path(environment.get("RONGJIAN_READER_TOKENS_FILE", home / "reader-tokens.toml")),
        key_password=environment["RONGJIAN_KEY_PASSWORD"].encode() if "RONGJIAN_KEY_PASSWORD" in environment else None,
        base_url=_base_url(environment.get("RONGJIAN_BASE_URL")),
        allowed_hosts=_hosts(environment.get("RONGJIAN_ALLOWED_HOSTS", "")),
    )


def host_name(host: str) -> str | None:
    """The host of a ``Host`` header (RFC 9110, 7.2) in lower case and without its port; None where it is none."""
    name, colon, port = host.lower().rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host.lower(), ""
    well = _HOST.fullmatch(name) is not None and (port == "" or _PORT.fullmatch(port) is not None)
    return name if well and int(port or 0) <= _PORT_MAX else None


def refuse_unsafe(settings: Settings) -> None:
    """Serving to other machines without a reader token would publish entries before their time; an address that stands
    for every address of this machine is a name that nobody asks for.
    """
    if not _is_loopback(settings.host) and settings.reader_token is None and not settings.reader_tokens_file.exists():
        raise UnavailableError(
            "unsafe_start",
            sentence(
                "serving on {host} without RONGJIAN_READER_TOKEN would show entries to everybody; set it, or make a "
                "token with rongjian token new NAME",
                host=settings.host,
            ),
        )
    if _is_every_address(settings.host) and settings.base_url is None and not settings.allowed_hosts:
        raise UnavailableError(
            "unsafe_start",
            sentence(
                "serving on {host}, every address of this machine, needs the name by which readers know this service: "
                "set RONGJIAN_BASE_URL, such as https://honours.example.gov",
                host=settings.host,
            ),
        )


def _base_url(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        # Reading the port is what checks it.
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    whole = parts.scheme in ("http", "https") and parts.path in ("", "/") and not parts.query and not parts.fragment
    if not whole or parts.username is not None or port == 0 or host_name(parts.netloc) is None:
        raise _bad(
            "RONGJIAN_BASE_URL",
            sentence("must be http:// or https:// with a host, perhaps a port, and nothing else"),
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _hosts(text: str) -> frozenset[str]:
    hosts = [part.strip() for part in text.split(",") if part.strip()]
    names = {name for host in hosts if (name := host_name(host)) is not None}
    if len(names) < len(set(hosts)):
        raise _bad("RONGJIAN_ALLOWED_HOSTS", sentence("must be host names, comma between them, without ports"))
    return frozenset(names)


def _bad(name: str, told: Pair) -> MalformedError:
    return MalformedError("bad_setting", sentence("{name} {told}", name=name, told=told), field=name)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_every_address(host: str) -> bool:
    """An empty host is one as well, as the socket takes it."""
    try:
        return host == "" or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
