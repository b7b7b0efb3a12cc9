"""Time-stamps from outside: which authorities a log asks, asking them, and when.

``timestamps.toml`` in a log's folder lists them: ``[[authority]]`` with ``name``, ``url`` and ``roots`` (a PEM file
beside it).
"""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from api.sentences import sentence
from ledger.application import Ledger
from ledger.errors import EvidenceError, MalformedError, RongjianError, UnavailableError
from ledger.store.odd_rows import reading_rows
from ledger.tlog import timestamp
from ledger.tlog.note import split

#: Seconds between two rounds, and seconds an authority has for an answer.
INTERVAL = 3600.0
PATIENCE = 20.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority and the certificates that its chain must end in."""

    name: str
    url: str
    roots: tuple[x509.Certificate, ...]


def authorities_of(folder: Path) -> list[Authority]:
    """The authorities that a log's folder lists; none where there is no file."""
    path = folder / "timestamps.toml"
    if not path.exists():
        return []
    try:
        rows = tomllib.loads(path.read_text("utf-8"))["authority"]
        return [
            Authority(
                str(row["name"]), str(row["url"]), tuple(timestamp.parse_roots((folder / row["roots"]).read_bytes()))
            )
            for row in rows
        ]
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise MalformedError(
            "bad_timestamps",
            sentence("{path}: [[authority]] needs name, url and roots (a PEM file): {error}", path=path, error=error),
        ) from error


def believed(authorities: Sequence[Authority]) -> dict[str, tuple[x509.Certificate, ...]]:
    """By whose certificates a time-stamp of which authority is believed."""
    return {authority.name: authority.roots for authority in authorities}


class Stamper:
    """Has the published heads of one log time-stamped."""

    def __init__(self, ledger: Ledger, authorities: list[Authority], client: httpx.Client | None = None) -> None:
        self._ledger = ledger
        self._authorities = authorities
        self._client = client or httpx.Client(timeout=PATIENCE, follow_redirects=False)
        self._ending = threading.Event()

    def round(self) -> dict[str, str]:
        """Ask every authority to stamp the published head; what came of it: ``stamped``, or the code of what went
        wrong.
        """
        size, signed = self._ledger.heads.published()
        text = split(signed.encode())[0]
        told = {}
        for authority in self._authorities:
            try:
                response = self._ask(authority, text)
                stamp = timestamp.verify(response, text, authority.roots)
                self._ledger.heads.add_timestamp(size, authority.name, response, stamp.at)
                told[authority.name] = "stamped"
            except (EvidenceError, UnavailableError) as error:
                _log.warning("timestamp_failed", log=self._ledger.origin, authority=authority.name, code=error.code)
                told[authority.name] = error.code
        return told

    def follow(self) -> None:
        """A round at once and then every hour, until :meth:`stop`."""
        while True:
            try:
                with reading_rows():
                    self.round()
            except RongjianError as error:
                _log.warning("stamping_failed", log=self._ledger.origin, code=error.code)
            if self._ending.wait(INTERVAL):
                return

    def stop(self) -> None:
        """End :meth:`follow` after the round that it is in."""
        self._ending.set()

    def close(self) -> None:
        """Let the connections go; no round may be under way."""
        self._client.close()

    def _ask(self, authority: Authority, text: str) -> bytes:
        request = TimestampRequestBuilder().data(text.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            with self._client.stream("POST", authority.url, content=request.as_bytes(), headers=headers) as answer:
                body = bytearray()
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > timestamp.RESPONSE_LENGTH_MAX:
                        break
                if answer.status_code != 200:
                    raise UnavailableError(
                        "authority_refused",
                        sentence("{name} answers {status_code}", name=authority.name, status_code=answer.status_code),
                    )
                return bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(
                "authority_unreachable",
                sentence("{name} cannot be reached at {url}", name=authority.name, url=authority.url),
            ) from error
