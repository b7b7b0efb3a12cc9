"""The address of the database: refused before it is used where it is mistyped, and never repeated.

A library that cannot read an address quotes it, password and all; one that can, but was given a password with an
unescaped ``@`` or ``/``, takes the rest of the password for a host, a port or a database and names that in its errors.
So what is not plainly an address is said to be none, in words that hold nothing of it.
"""

from __future__ import annotations

import re

from api.sentences import sentence
from ledger.errors import MalformedError

_SCHEME = re.compile(r"postgres(ql)?://")
_PORTS = re.compile(r"[0-9]{0,5}(,[0-9]{0,5})*")


def checked(address: str) -> str:
    """The address, or MalformedError, which shows no part of it.

    Where the library that reads addresses is missing, nothing opens a database either, and the address is not judged.
    """
    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
    except ModuleNotFoundError:
        return address
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error:
        # Not chained: what libpq says quotes the address.
        raise _refused() from None
    scheme = _SCHEME.match(address)
    if scheme is not None:
        place = address[scheme.end() :].partition("?")[0]
        authority, _, path = place.partition("/")
        if authority.count("@") > 1 or "@" in path:
            raise _refused()
    if not _PORTS.fullmatch(str(parts.get("port") or "")):
        raise _refused()
    return address


def _refused() -> MalformedError:
    return MalformedError(
        "bad_setting",
        sentence(
            "RONGJIAN_DATABASE_URL is no address of PostgreSQL; write postgresql://USER:PASSWORD@HOST:PORT/NAME, with "
            "what is special in user or password percent-encoded (@ as %40, / as %2F, : as %3A). It is not shown "
            "here, since it may hold the password"
        ),
        field="RONGJIAN_DATABASE_URL",
    )
