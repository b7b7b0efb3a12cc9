"""One edition with two hundred applicants, to its closing: its flags, its page, its register, a package."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.serve import settle_heap
from api.evidence import making
from api.evidence.check import check
from api.home.open_logs import OpenLogs
from api.rendering.environment import prepare
from ledger.application import Ledger
from ledger.events.application import ApplicationFiled
from ledger.events.edition import EditionClosed
from ledger.tlog.policy import parse_policy
from projections.as_of import tell_all
from projections.runner import Runner
from tests.benchmarks.grown import Grown, a_grown_log, checked
from tests.benchmarks.measuring import timed
from tests.benchmarks.results import Results

CALLS = 10


def run(url: str, results: Results, applicants: int) -> None:
    """Record the edition as it happens, and ask of it the day after; times of calls that find what was kept before."""
    with a_grown_log(url, applicants=applicants, editions=1) as grown:
        ledger = grown.ledger
        while not ledger.acts(EditionClosed):
            grown.admit(ledger.size() + 1)
        [(_, closed)] = ledger.acts(EditionClosed)
        edition, day = closed.edition_id, grown.clock().date() + timedelta(days=1)
        results.number(f"edition of {applicants}: entries", ledger.size(), "entries")
        flags = partial(tell_all, ledger, "edition", edition, day, ledger.size(), flags=True)
        results.times(f"edition of {applicants}: all flags", timed([flags] * CALLS))
        runner = Runner(ledger, ledger.database, ledger.size, ledger.vault.seal_of)
        begun = time.perf_counter()
        runner.rebuild()
        results.number(f"edition of {applicants}: register, built from nothing", time.perf_counter() - begun, "s")
        checked(ledger.submit_many(grown.mixture(1)))
        results.times(f"edition of {applicants}: register after one more entry", timed([runner.catch_up]))
        _packages(ledger, results, applicants, grown)
        # The service opens the log itself.
        time.sleep(0.1)
        ledger.close()
        _page(grown, results, applicants, edition)


def _packages(ledger: Ledger, results: Results, applicants: int, grown: Grown) -> None:
    cases = [filed.case_id for _, filed in ledger.acts(ApplicationFiled)]
    day = grown.clock().date()
    calls = [partial(making.gather, ledger, "case", case, day) for case in cases[1 : CALLS + 1]]
    making.gather(ledger, "case", cases[0], day)
    results.times(f"edition of {applicants}: evidence package of a case, with PDF", timed(calls))
    policy, package = parse_policy(ledger.heads.own_policy().encode()), calls[0]()

    def read() -> None:
        assert check(package, policy).verdict == "holds"

    results.times(f"edition of {applicants}: evidence package checked", timed([read] * CALLS))
    with patch.object(making, "printed", lambda *_: {}):
        results.times(f"edition of {applicants}: evidence package of a case, without PDF", timed(calls))


def _page(grown: Grown, results: Results, applicants: int, edition: str) -> None:
    logs = OpenLogs(grown.settings, grown.url)
    # As the service does before it answers.
    prepare()
    settle_heap()
    with TestClient(create_app(logs)) as client:
        client.get("/health/live")
        page = f"/zh/{grown.home.name}/editions/{edition}/"

        def asked() -> None:
            answer = client.get(page)
            assert answer.status_code == 200, answer.text[:300]

        results.times(f"edition of {applicants}: its page, first writing", timed([asked]))
        results.times(f"edition of {applicants}: its page, written already", timed([asked] * CALLS))
