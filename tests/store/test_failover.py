"""A primary and its standby: what was lost in a failover is noticed and declared, and the old primary that comes back
is not signed on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.fsck.database import check_database
from tests.small_home import Home, begin_log, environment_of, settings_of
from tests.store.standby import Pair, pairs


@pytest.fixture
def pair() -> Iterator[Pair]:
    with pairs() as pair:
        pair.clone()
        yield pair


@pytest.fixture
def home(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that is told of both servers, and writes to whichever may be written to."""
    url = (
        f"postgresql://postgres@/postgres?host={pair.folder}/primary,{pair.folder}/standby&"
        "target_session_attrs=read-write"
    )
    for name, value in environment_of(tmp_path, url).items():
        monkeypatch.setenv(name, value)
    begin_log()
    return Home(settings_of(tmp_path, url))


def _fail_over(pair: Pair) -> None:
    pair.stop("primary")
    pair.promote()


def _once_it_answers(home: Home, ledger: Ledger) -> str:
    """What becomes of a submission once the process has found the server that answers now."""
    for _ in range(120):
        told = home.outcome(ledger)
        if told != "database_unavailable":
            return told
        time.sleep(0.5)
    return "database_unavailable"


def test_a_failover_that_loses_nothing_goes_on_and_the_old_primary_is_refused(pair: Pair, home: Home) -> None:
    with home.open() as ledger:
        before = home.records(ledger)
    _fail_over(pair)
    with home.open() as ledger:
        assert home.records(ledger).position == before.position + 1
    pair.stop("standby")
    pair.start("primary")
    pair.demand("")
    assert home.code_of_start() == "old_primary"


def test_a_failover_that_lost_entries_goes_on_once_founders_declare_it(pair: Pair, home: Home) -> None:
    with home.open() as ledger:
        before = home.records(ledger)
    pair.demand("")
    pair.stop("standby")
    with home.open() as ledger:
        home.records(ledger)
        lost = home.records(ledger)
        # The primary is gone, and the standby comes up without the last two entries, while the process runs.
        pair.stop("primary")
        pair.start("standby")
        pair.promote()
        assert _once_it_answers(home, ledger) == "rolled_back"
    assert home.code_of_start() == "rolled_back"
    head = home.file.read()
    with home.open(after_loss=True) as ledger:
        declared = home.declares(ledger, before.position + 1, lost.position, head.root)
        assert declared.position == before.position + 1
        home.records(ledger)
        assert check_database(ledger) == []
    # With the entries that were lost the old primary has more than was declared, and is on a timeline of before.
    pair.stop("standby")
    pair.start("primary")
    assert home.code_of_start() == "old_primary"


def test_an_old_primary_that_answers_a_running_process_is_not_signed_on(pair: Pair, home: Home) -> None:
    with home.open() as ledger:
        home.records(ledger)
        _fail_over(pair)
        assert _once_it_answers(home, ledger) == "recorded"
        size = home.file.read().size
        pair.stop("standby")
        pair.start("primary")
        pair.demand("")
        assert _once_it_answers(home, ledger) in ("old_primary", "rolled_back")
        assert home.file.read().size == size
