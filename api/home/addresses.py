"""Where this service is found: which names requests may be for, and what its links begin with.

What the ``Host`` header says is the caller's word. Permalinks, citations, codes on certificates, feeds and the site
that a login signs are made of it only where it is one of the names that this service answers for, and not at all where
``RONGJIAN_BASE_URL`` says what they begin with.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from api.home.settings import Settings, host_name
from api.sentences import sentence
from ledger.errors import MisdirectedError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def check_host(request: Request) -> None:
    """Raise MisdirectedError (421; RFC 9110, 15.5.20) for a request that is for another host than ours."""
    settings = _settings(request)
    given = request.headers.getlist("host")
    name = host_name(given[0]) if len(given) == 1 else None
    if name is None or name not in names_of(settings):
        raise MisdirectedError(
            "misdirected_request",
            sentence(
                "this service does not answer for the host of this request; ask for it by its own name (whoever runs "
                "it sets RONGJIAN_BASE_URL or RONGJIAN_ALLOWED_HOSTS)"
            ),
        )


def names_of(settings: Settings) -> frozenset[str]:
    """The hosts that requests may be for, without ports: the base URL's and the allowed ones; without a base URL this
    machine's own names and the address that is listened on.
    """
    if settings.base_url is not None:
        own = frozenset({host_name(urlsplit(settings.base_url).netloc) or ""})
    else:
        bound = settings.host.lower()
        own = _LOOPBACK | {f"[{bound}]" if ":" in bound else bound}
    return own | settings.allowed_hosts


def path_of(request: Request) -> str:
    """The path that routes are chosen by. What makes an address of it first reads the caller's host as a part of it."""
    path: str = request.scope["path"]
    return path


def query_of(request: Request) -> str:
    """The query as it was asked, with its question mark; empty where there is none."""
    query = request.scope["query_string"].decode("latin-1")
    return f"?{query}" if query else ""


def base_of(request: Request) -> str:
    """What addresses of this service begin with, with a slash at the end."""
    own = _settings(request).base_url
    return f"{own}/" if own is not None else str(request.base_url)


def site_of(request: Request) -> str:
    """Host and port of this service, as a login names them."""
    return urlsplit(base_of(request)).netloc


def is_secure(request: Request) -> bool:
    """Is this service reached by HTTPS?"""
    return base_of(request).startswith("https:")


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.logs.settings
    return settings
