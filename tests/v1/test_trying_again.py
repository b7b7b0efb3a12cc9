"""A refusal that passes by itself says when: in the header, in the problem, and in words on the page."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from api.app import create_app
from api.heads import sources
from api.home.open_logs import OpenLogs
from api.rate_limit import RateLimit
from api.v1 import axes, turns
from api.witness.app import _refusal
from ledger.errors import NotFoundError, TooManyError, UnavailableError, try_again
from ledger.signing.envelope import sign
from ledger.signing.keys import PrivateKey
from ledger.store import database, error_reports, pending, sequencer
from tests.small_home import LOG, begin_log, environment_of, own_database, settings_of

START = datetime(2026, 1, 1, tzinfo=UTC)


@given(gaps=st.lists(st.integers(0, 90_000), min_size=3, max_size=3), most=st.integers(1, 3))
def test_who_waits_as_long_as_told_is_let_in_and_a_second_earlier_is_not(gaps: list[int], most: int) -> None:
    now = [START]
    limit = RateLimit(most, timedelta(minutes=1), lambda: now[0])
    for gap in gaps:
        now[0] += timedelta(milliseconds=gap)
        try:
            limit.count("a")
        except TooManyError as refused:
            wait = refused.retry_after
            assert wait is not None
            assert 1 <= wait <= 60
            # Not a second too long, either.
            now[0] += timedelta(seconds=wait - 1)
            with pytest.raises(TooManyError):
                limit.count("a")
            now[0] += timedelta(seconds=1)
            limit.count("a")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, ("请在 1 秒后再试。", "Try again in 1 second.")),
        (40, ("请在 40 秒后再试。", "Try again in 40 seconds.")),
        (119, ("请在 119 秒后再试。", "Try again in 119 seconds.")),
        (121, ("请在 3 分钟后再试。", "Try again in 3 minutes.")),
        (3600, ("请在 60 分钟后再试。", "Try again in 60 minutes.")),
        (7201, ("请在 3 小时后再试。", "Try again in 3 hours.")),
        (None, None),
    ],
)
def test_a_wait_is_told_in_words_and_never_too_short(seconds: int | None, words: tuple[str, str] | None) -> None:
    assert try_again(UnavailableError("x", ("x", "x"), retry_after=seconds)) == words


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("home")
    with own_database(database_url) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(folder, url).items():
            patch.setenv(name, value)
        begin_log()
        yield folder, url


@pytest.fixture
def client(home: tuple[Path, str]) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(settings_of(*home), home[1]))) as client:
        yield client


def _told(response: Any) -> tuple[int, str, int]:
    """Status, code and seconds; the header says what the problem says."""
    problem = response.json()
    assert response.headers["retry-after"] == str(problem["retry_after"])
    return response.status_code, problem["code"], problem["retry_after"]


def test_too_many_tries_to_log_in_say_when_the_minute_lets_one_in(client: TestClient) -> None:
    now = [START]
    client.app.state.doors.tries = RateLimit(2, timedelta(minutes=1), lambda: now[0])  # type: ignore[attr-defined]
    challenge = f"/v1/logs/{LOG}/login/challenge"
    for seconds in (0, 15):
        now[0] = START + timedelta(seconds=seconds)
        assert client.post(challenge).status_code == 200
    now[0] = START + timedelta(seconds=20)
    assert _told(client.post(challenge)) == (429, "too_many_requests", 40)


def test_too_many_reports_of_one_reader_say_so_on_the_page(client: TestClient) -> None:
    now = [START]
    client.app.state.report_limit = RateLimit(1, timedelta(minutes=10), lambda: now[0])  # type: ignore[attr-defined]
    sent = {"page": "", "text": "错字", "contact": ""}
    for language, words in (("zh", "请在 9 分钟后再试。"), ("en", "Try again in 9 minutes.")):
        client.post(f"/{language}/{LOG}/report/", data=sent, follow_redirects=False)
        now[0] = START + timedelta(seconds=70)
        refused = client.post(f"/{language}/{LOG}/report/", data=sent)
        assert (refused.status_code, refused.headers["retry-after"], words in refused.text) == (429, "530", True)


def test_a_list_behind_the_log_says_how_long_the_rest_takes(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = client.app.state.logs[LOG].register  # type: ignore[attr-defined]
    log = client.app.state.logs[LOG]  # type: ignore[attr-defined]
    monkeypatch.setattr(axes, "CATCH_UP", 0.2)
    log.runner.stop()
    moved = iter(range(10_000))
    # Five entries each time it is looked at, which is every twentieth of a second.
    monkeypatch.setattr(type(register), "position", lambda _: -2_000 + 5 * next(moved))
    size = log.ledger.size()
    status, code, seconds = _told(client.get(f"/v1/logs/{LOG}/awards?known_at={size}"))
    assert (status, code) == (409, "register_behind")
    assert 10 <= seconds <= 60
    monkeypatch.setattr(type(register), "position", lambda _: 0)
    assert _told(client.get(f"/v1/logs/{LOG}/awards")) == (409, "register_behind", axes.CATCH_UP_UNSEEN)


def test_a_list_of_which_no_time_was_asked_is_as_of_where_the_register_has_come(
    demo_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list is not refused because others write."""
    log = demo_client.app.state.logs["zhongyuan"]  # type: ignore[attr-defined]
    monkeypatch.setattr(axes, "CATCH_UP_NEWEST", 0.1)
    monkeypatch.setattr(type(log.register), "position", lambda _: log.ledger.size() - 3)
    for path in ("awards", "awards/counts", "cases"):
        answer = demo_client.get(f"/v1/logs/zhongyuan/{path}")
        assert (answer.status_code, answer.json()["known_at"]) == (200, log.ledger.size() - 3), path


def test_a_database_that_is_gone_is_said_so_on_pages_and_to_programs(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path, url).items():
            monkeypatch.setenv(name, value)
        begin_log()
        monkeypatch.setattr(database, "CONNECT_TIMEOUT", 1)
        # The server would say that there is no such database, which waiting does not mend: here it says nothing at all.
        monkeypatch.setattr(database.Database, "_reach", _no_answer)
        with TestClient(create_app(OpenLogs(settings_of(tmp_path, url), url))) as client:
            _drop(database_url, url)
            assert _told(client.get(f"/v1/logs/{LOG}/awards")) == (503, "database_unavailable", database.RECONNECT)
            assert _told(client.get("/health/ready"))[0] == 503
            for page, words in (
                (f"/zh/{LOG}/", "请在 10 秒后再试。"),
                ("/en/", "Try again in 10 seconds."),
                (f"/en/{LOG}/feed.atom", "Try again in 10 seconds."),
                (f"/zh/{LOG}/report/", "请在 10 秒后再试。"),
            ):
                answer = client.get(page, headers={"Accept": "text/html"})
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "10"), page
                assert (words in answer.text, answer.headers["cache-control"]) == (True, "no-store")


def _no_answer(_: database.Database) -> None:
    raise psycopg.OperationalError("connection refused")


def _drop(database_url: str, url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))


def test_a_full_queue_and_one_that_ends_say_when_to_come_back(client: TestClient) -> None:
    log = client.app.state.logs[LOG]  # type: ignore[attr-defined]
    own = sequencer.Sequencer(log.ledger.recorder)
    own._batch_seconds = 0.5
    own._queue.maxsize = 0
    own.close()
    with pytest.raises(UnavailableError) as closing:
        own.submit(sequencer.AppendCommand((), None))
    assert (closing.value.code, closing.value.retry_after) == ("closing", sequencer.RESTART)
    own._closed, own._queue.maxsize = False, 1
    own._queue.put_nowait(None)
    with pytest.raises(UnavailableError) as busy:
        own.submit(sequencer.AppendCommand((), None))
    assert (busy.value.code, busy.value.retry_after) == ("busy", 20)


def test_a_line_that_is_full_says_when_to_come_back_and_pages_are_written_meanwhile(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = client.app.state.logs[LOG].ledger  # type: ignore[attr-defined]
    going, inside = threading.Event(), threading.Semaphore(0)
    monkeypatch.setattr(turns, "WAITING_EACH", 0)

    def decided(_submission: object) -> None:
        inside.release()
        going.wait(timeout=60)
        raise NotFoundError("decided", ("x", "x"))

    monkeypatch.setattr(ledger, "submit", decided)
    envelope = json.loads(sign(b"{}", PrivateKey(bytes(32))).to_bytes())
    body = {"envelope": envelope, "openings": {}}
    with ThreadPoolExecutor(turns.AT_ONCE) as pool:

        def submitted() -> httpx.Response:
            return client.post(f"/v1/logs/{LOG}/statements", json=body)

        taken = [pool.submit(submitted) for _ in range(turns.AT_ONCE)]
        for _ in taken:
            assert inside.acquire(timeout=60)
        refused = submitted()
        assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (503, "busy", "1")
        assert client.get(f"/v1/logs/{LOG}/awards").status_code == 200
        going.set()
        assert [one.result(timeout=60).json()["code"] for one in taken] == ["decided"] * turns.AT_ONCE
    assert submitted().json()["code"] == "decided"


def test_a_full_store_of_reports_or_of_waiting_submissions_says_when_to_look_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = client.app.state.logs[LOG].ledger  # type: ignore[attr-defined]
    for module, most in ((error_reports, "OPEN_MAX"), (pending, "WAITING_MAX")):
        monkeypatch.setattr(module, most, 0)
    with pytest.raises(TooManyError) as reports:
        error_reports.ErrorReports(ledger.database, ledger.vault).put(
            error_reports.ErrorReport("0" * 32, START, "", 1, None), "x", ""
        )
    with pytest.raises(TooManyError) as waiting:
        pending.PendingSubmissions(ledger.database, ledger.vault).put(
            pending.Pending("x", "CalendarPublished", "opr", "OPR", (), START), b"x"
        )
    assert [(e.value.code, e.value.retry_after) for e in (reports, waiting)] == [
        ("too_many_reports", 3600),
        ("too_many_pending", 3600),
    ]


def test_what_waiting_does_not_mend_names_no_time(client: TestClient) -> None:
    """A key that is lost, an id used before: to come back in a second would find the same."""
    answer = client.get(f"/v1/logs/{LOG}/awards?known_at=9")
    assert (answer.status_code, "retry-after" in answer.headers, "retry_after" in answer.json()) == (404, False, False)
    for code in ("kek_lost", "wrong_kek", "runner_stopped", "subject_erased", "database_full"):
        error = UnavailableError(code, ("x", "x"))
        assert (error.retry_after, try_again(error)) == (None, None)


def test_a_witness_that_cannot_is_unavailable_and_not_broken() -> None:
    refusal = _refusal(UnavailableError("witness_clock", ("x", "x"), retry_after=7))
    assert (refusal.status_code, refusal.headers["retry-after"]) == (503, "7")


@pytest.mark.parametrize("status", [401, 403])
def test_a_source_that_asks_for_a_token_says_so_in_both_languages(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answering = httpx.MockTransport(lambda _: httpx.Response(status))
    client = httpx.Client(transport=answering)
    monkeypatch.setattr(httpx, "Client", lambda **_: client)
    with pytest.raises(UnavailableError) as refused:
        sources.fetch_from("https://ledger.example/logs/a")("tile/entries/000")
    for said in (refused.value.zh, refused.value.en):
        assert (str(status) in said, "RONGJIAN_READER_TOKEN" in said) == (True, True)
    assert "读者令牌" in refused.value.zh
