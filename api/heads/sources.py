"""Where a log's files come from: a folder, or a URL prefix, laid out as c2sp.org/tlog-tiles."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from api.sentences import sentence
from ledger.errors import NotFoundError, TooLargeError, UnavailableError, not_installed
from ledger.tlog.tiles import ENTRY_LENGTH_MAX, WIDTH, Fetch

if TYPE_CHECKING:
    import httpx

#: The largest thing there is: a full entry bundle.
LENGTH_MAX = WIDTH * (ENTRY_LENGTH_MAX + 2)

_ATTEMPTS = 3
_PATIENCE = 30.0


def fetch_from(source: str, token: str | None = None) -> Fetch:
    """The files below a folder or an ``http(s)://`` prefix; ``token`` is a reader token for entries.

    Raises NotInstalledError for a prefix where the library that asks over HTTP is missing; a folder needs none.
    """
    return _http(source.rstrip("/"), token) if source.startswith(("http://", "https://")) else _folder(Path(source))


def _folder(folder: Path) -> Fetch:
    if not folder.is_dir():
        raise UnavailableError("source_unavailable", sentence("{folder} is no folder", folder=folder))

    def fetch(path: str) -> bytes:
        file = folder / path
        try:
            if file.stat().st_size > LENGTH_MAX:
                raise _too_large(path)
            return file.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NotFoundError("file_missing", sentence("{path} is missing", path=path)) from error
        except OSError as error:
            raise UnavailableError(
                "source_unavailable", sentence("{file} cannot be read: {why}", file=file, why=error.strerror)
            ) from error

    return fetch


def _http(prefix: str, token: str | None) -> Fetch:
    try:
        import httpx
    except ModuleNotFoundError as error:
        raise not_installed("httpx") from error
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client = httpx.Client(timeout=_PATIENCE, follow_redirects=False, headers=headers)

    def fetch(path: str) -> bytes:
        for attempt in range(_ATTEMPTS):
            try:
                with client.stream("GET", f"{prefix}/{path}") as answer:
                    if answer.status_code == 404:
                        raise NotFoundError("file_missing", sentence("{path} is missing", path=path))
                    if answer.status_code == 200:
                        return _body(answer, path)
                    status = answer.status_code
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if attempt == _ATTEMPTS - 1:
                    raise UnavailableError(
                        "source_unavailable", sentence("{prefix} does not answer: {error}", prefix=prefix, error=error)
                    ) from error
                time.sleep(0.5 * 2**attempt)
                continue
            if status < 500:
                break
            time.sleep(0.5 * 2**attempt)
        told = {"prefix": prefix, "path": path, "status": str(status)}
        raise UnavailableError(
            "source_unavailable",
            sentence("{prefix}/{path} answers {status}: it asks for a reader token; set RONGJIAN_READER_TOKEN", **told)
            if status in (401, 403)
            else sentence("{prefix}/{path} answers {status}", **told),
        )

    return fetch


def _body(answer: httpx.Response, path: str) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > LENGTH_MAX:
            raise _too_large(path)
    return bytes(body)


def _too_large(path: str) -> TooLargeError:
    return TooLargeError(
        "file_too_large", sentence("{path} is larger than {length_max} bytes", path=path, length_max=LENGTH_MAX)
    )
