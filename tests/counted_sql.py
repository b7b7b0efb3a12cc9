"""What is sent to the database meanwhile, for tests that count."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from ledger.store.database import Database


@contextmanager
def statements_sent(database: Database) -> Iterator[list[str]]:
    """Every statement of SQL that is sent to a log, of whichever thread: services that other tests have left running
    follow other logs. Not what tells other processes of a commit a moment after it, nor the empty one that asks whether
    a connection that has rested is still there.
    """
    sent, execute = list[str](), psycopg.Cursor.execute

    def executed(cursor: Any, query: Any, *arguments: Any, **more: Any) -> Any:
        own = cursor.connection in database._lent and threading.current_thread().name != "announcing"
        if query and own:
            sent.append(str(query))
        return execute(cursor, query, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", executed)
        yield sent
