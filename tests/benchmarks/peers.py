"""What others do on the same server with the same settings: the stock library, which admits and proves nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict


class _Account(Aggregate):
    """An aggregate whose events hold some 500 bytes, as a statement's do."""

    def __init__(self) -> None:
        self.told = ""

    @event("Told")
    def tell(self, told: str) -> None:
        self.told = told


class _Accounts(Application):
    pass


def one_per_save(url: str, count: int) -> Callable[[int], object]:
    """``count`` events, each of an aggregate of its own and in a transaction of its own."""
    given = conninfo_to_dict(url)
    application = _Accounts(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(given["dbname"]),
            "POSTGRES_HOST": str(given["host"]),
            "POSTGRES_PORT": str(given.get("port", 5432)),
            "POSTGRES_USER": str(given["user"]),
            "POSTGRES_PASSWORD": str(given.get("password", "")),
        }
    )
    told = secrets.token_hex(250)
    accounts = [_Account() for _ in range(10)]
    application.save(*accounts)

    def work(_run: int) -> None:
        for n in range(count):
            account = accounts[n % len(accounts)]
            account.tell(told)
            application.save(account)

    return work
