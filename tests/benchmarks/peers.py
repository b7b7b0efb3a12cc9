"""What others do on the same server with the same settings: the stock library, which admits and proves nothing."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, DomainEvent, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
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


def _environment(url: str) -> dict[str, str]:
    given = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given["host"]),
        "POSTGRES_PORT": str(given.get("port", 5432)),
        "POSTGRES_USER": str(given["user"]),
        "POSTGRES_PASSWORD": str(given.get("password", "")),
    }


def one_per_save(url: str, count: int) -> Callable[[int], object]:
    """``count`` events, each of an aggregate of its own and in a transaction of its own."""
    application = _Accounts(env=_environment(url))
    told = secrets.token_hex(250)
    accounts = [_Account() for _ in range(10)]
    application.save(*accounts)

    def work(_run: int) -> None:
        for n in range(count):
            account = accounts[n % len(accounts)]
            account.tell(told)
            application.save(account)

    return work


def many_savers(url: str, count: int, clients: int) -> tuple[Callable[[int], object], str]:
    """The same by many clients at once, each with aggregates of its own; and the table that they write to."""
    # As many connections as clients: nobody waits for one.
    pool = {"POSTGRES_POOL_SIZE": str(clients), "POSTGRES_MAX_OVERFLOW": "0", "POSTGRES_MAX_WAITING": "0"}
    application = _Accounts(env=_environment(url) | pool)
    told = secrets.token_hex(250)
    accounts = [_Account() for _ in range(clients)]
    application.save(*accounts)

    def client(account: _Account, events: int) -> None:
        for _ in range(events):
            account.tell(told)
            application.save(account)

    def work(_run: int) -> None:
        shares = [count // clients + (n < count % clients) for n in range(clients)]
        threads = [
            threading.Thread(target=client, args=(account, share))
            for account, share in zip(accounts, shares, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return work, f"{_Accounts.__name__.lower()}_events"


class _Followed(PostgresTrackingRecorder):
    """Where a projection stands: the position with each event, as the library does it."""

    def follow(self, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)


def following(url: str, count: int) -> Callable[[int], object]:
    """The library's projection runner over ``count`` events and more, which it goes through from the first: it keeps
    its position, and makes nothing of them.
    """
    application = _Accounts(env=_environment(url))
    told = secrets.token_hex(250)
    for _ in range(count // 100):
        account = _Account()
        for _ in range(99):
            account.tell(told)
        application.save(account)
    last = application.recorder.max_notification_id()

    def work(_run: int) -> None:
        class Run(Projection[_Followed]):
            name = f"run{secrets.token_hex(4)}"

            def process_event(self, _event: DomainEvent, tracking: Tracking) -> None:
                self.view.follow(tracking)

        with ProjectionRunner(
            application_class=_Accounts, projection_class=Run, view_class=_Followed, env=_environment(url)
        ) as runner:
            runner.wait(last, timeout=600)

    return work
