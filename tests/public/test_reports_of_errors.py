"""Anybody reports an error in a public page; the office answers; the log and other readers learn nothing of the
text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.home.settings import Settings
from api.public.reporting import LIMITS
from api.rate_limit import RateLimit
from ledger.clock import system_clock
from ledger.errors import ConflictError, EvidenceError, NotFoundError, TooManyError, UnavailableError
from ledger.store import error_reports
from ledger.store.error_reports import Answer, ErrorReport, ErrorReports
from tests.workplace.cast import Cast

FORM = "/zh/zhongyuan/report/"
GOOD = {"page": "zhongyuan/awards/ZY-2023-A", "text": "有效期截止日与证书不符", "contact": "读者 138****0000"}


@pytest.fixture
def home(demo_home: Settings) -> Settings:
    return demo_home


@pytest.fixture
def client(demo_client: TestClient) -> Iterator[TestClient]:
    """The demo logs, which a report leaves as they are."""
    state = demo_client.app.state  # type: ignore[attr-defined]
    state.report_limit = RateLimit(1_000, timedelta(minutes=1), system_clock)
    state.doors.tries = RateLimit(1_000, timedelta(minutes=1), system_clock)
    demo_client.cookies.clear()
    yield demo_client
    demo_client.cookies.clear()
    ledger = state.logs["zhongyuan"].ledger
    with ledger.database.connection() as connection:
        connection.execute("DELETE FROM error_report")


def _sent(client: TestClient, **fields: str) -> Any:
    return client.post(FORM, data=GOOD | fields, follow_redirects=False)


def _number(response: Any) -> str:
    assert response.status_code == 303, response.text
    return str(response.headers["location"]).rstrip("/").rpartition("/")[2]


def _told(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.partition("<main")[2].partition("</main>")[0]))


def test_a_report_gets_a_number_and_its_page_repeats_nothing_of_it(client: TestClient) -> None:
    before = client.get("/logs/zhongyuan/checkpoint").text
    page = client.get("/zh/zhongyuan/awards/ZY-2023-A/").text
    assert 'href="../../../../zh/zhongyuan/report/?page=zhongyuan%2Fawards%2FZY-2023-A"' in page
    assert 'value="zhongyuan/awards/ZY-2023-A"' in client.get(f"{FORM}?page=zhongyuan/awards/ZY-2023-A").text
    number = _number(_sent(client))
    assert re.fullmatch(r"[0-9a-f]{32}", number)
    receipt = client.get(f"{FORM}{number}/")
    assert ("尚未答复" in receipt.text, "有效期截止日" in receipt.text, "138" in receipt.text) == (True, False, False)
    assert receipt.headers["cache-control"] == "no-store"
    assert client.get("/logs/zhongyuan/checkpoint").text == before


def test_the_office_answers_once_and_the_reporter_reads_it(client: TestClient, home: Settings) -> None:
    number = _number(_sent(client))
    cast = Cast(home, client)
    header = cast.enter("sec")
    listed = client.get("/zh/bench/zhongyuan/reports/").text
    assert "有效期截止日与证书不符" in listed
    assert 'href="../../../../zh/zhongyuan/awards/ZY-2023-A/"' in listed
    answer = {"csrf": header["X-CSRF-Token"], "outcome": "corrected", "answer": "已更正，见第 227 条"}
    to = f"/zh/bench/zhongyuan/reports/{number}/"
    assert client.post(to, data=answer, follow_redirects=False).status_code == 303
    assert client.post(to, data=answer).status_code == 409
    client.cookies.clear()
    told = _told(client.get(f"{FORM}{number}/").text)
    assert "结论 已更正 答复 已更正，见第 227 条" in told


@pytest.mark.parametrize(("who", "reads", "answers"), [("dis", 200, 403), ("A", 403, 403), ("P1", 403, 403)])
def test_inspectors_read_reports_and_others_do_not(
    who: str, reads: int, answers: int, client: TestClient, home: Settings
) -> None:
    number = _number(_sent(client))
    header = Cast(home, client).enter(who)
    assert client.get("/zh/bench/zhongyuan/reports/").status_code == reads
    answer = {"csrf": header["X-CSRF-Token"], "outcome": "no_error", "answer": "x"}
    assert client.post(f"/zh/bench/zhongyuan/reports/{number}/", data=answer).status_code == answers


def test_an_answer_comes_from_the_form_of_a_session(client: TestClient, home: Settings) -> None:
    number = _number(_sent(client))
    to = f"/zh/bench/zhongyuan/reports/{number}/"
    answer = {"csrf": "guessed", "outcome": "no_error", "answer": "无误"}
    assert client.post(to, data=answer).status_code == 403
    header = Cast(home, client).enter("sec")
    assert client.post(to, data=answer).status_code == 403
    assert client.post(to, data={k: v for k, v in answer.items() if k != "csrf"}).status_code == 400
    good = answer | {"csrf": header["X-CSRF-Token"]}
    for spoilt in ({"outcome": "x"}, {"answer": " "}, {"answer": "长" * 2_001}, {"answer": "a\0b"}):
        assert client.post(to, data=good | spoilt).status_code == 400
    assert client.post("/zh/bench/zhongyuan/reports/0/", data=good).status_code == 404
    assert client.post(to, content=b"\xff").status_code == 400


@pytest.mark.parametrize(
    "fields",
    [{"text": " "}, {"extra": "1"}, *({name: "长" * (most + 1)} for name, most in LIMITS.items()), {"contact": "a\0b"}],
)
def test_a_report_that_is_none_is_refused_with_its_reason(fields: dict[str, str], client: TestClient) -> None:
    response = _sent(client, **fields)
    assert (response.status_code, response.headers["content-type"]) == (400, "text/html; charset=utf-8")


@pytest.mark.parametrize("body", [b"", b"text=%ff&page=&contact=", b"text=a&text=b&page=&contact=", b"{}", b"text=a"])
def test_a_body_that_is_no_form_is_refused(body: bytes, client: TestClient) -> None:
    assert client.post(FORM, content=body).status_code == 400


def test_another_site_cannot_send_and_one_client_not_without_end(client: TestClient) -> None:
    assert client.post(FORM, data=GOOD, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    client.app.state.report_limit = RateLimit(2, timedelta(minutes=1), system_clock)  # type: ignore[attr-defined]
    assert [_sent(client).status_code for _ in range(3)] == [303, 303, 429]


def test_markup_in_a_report_stays_text(client: TestClient, home: Settings) -> None:
    _sent(client, text="<script>alert(1)</script>", page='"><b>', contact="<i>")
    Cast(home, client).enter("sec")
    listed = client.get("/zh/bench/zhongyuan/reports/").text
    assert ("<script>alert" in listed, "&lt;script&gt;alert" in listed, '"><b>' in listed) == (False, True, False)
    shown = client.get("/zh/zhongyuan/report/", params={"page": '"><script>'}).text
    assert '"><script>' not in shown


def test_the_page_of_a_report_leads_to_our_own_pages_only(client: TestClient, home: Settings) -> None:
    for page in (
        "zhongyuan/notices?as_of=2023-06-20&self=1&language=x",
        "https://elsewhere.example/",
        "//x",
        "javascript:x",
    ):
        _sent(client, page=page)
    Cast(home, client).enter("sec")
    listed = client.get("/zh/bench/zhongyuan/reports/").text.partition("<main")[2]
    links = re.findall(r'<a href="([^"]*)"', listed.partition("</main>")[0])
    assert links == ["../../../../zh/zhongyuan/notices/?as_of=2023-06-20"]


def test_an_unknown_number_and_an_unknown_log_are_said(client: TestClient) -> None:
    assert client.get(f"{FORM}{'0' * 32}/").status_code == 404
    assert client.get("/zh/nowhere/report/").status_code == 404
    assert client.post("/zh/nowhere/report/", data=GOOD).status_code == 404


def _kept(client: TestClient) -> ErrorReports:
    ledger = client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    return ErrorReports(ledger.database, ledger.vault)


def test_a_report_is_sealed_and_an_altered_one_is_named(client: TestClient, home: Settings) -> None:
    number = _number(_sent(client))
    kept = _kept(client)
    assert kept.said(number) == (GOOD["text"], GOOD["contact"])
    database = client.app.state.logs["zhongyuan"].ledger.database  # type: ignore[attr-defined]
    with database.connection() as connection:
        row = connection.execute("SELECT sealed FROM error_report WHERE id = %s", (number,)).fetchone()
        assert row is not None
        assert GOOD["text"].encode() not in bytes(row[0])
        spoilt = bytes(row[0][:-1]) + bytes([row[0][-1] ^ 1])
        connection.execute("UPDATE error_report SET sealed = %s WHERE id = %s", (spoilt, number))
    with pytest.raises(EvidenceError):
        kept.said(number)
    other = _number(_sent(client, text="另一件"))
    Cast(home, client).enter("sec")
    listed = client.get("/zh/bench/zhongyuan/reports/").text
    assert ("封存的数据无法开启" in listed, "另一件" in listed, other in listed) == (True, True, True)
    with database.connection() as connection:
        connection.execute("DELETE FROM error_report WHERE id = %s", (number,))
    with pytest.raises(NotFoundError):
        kept.said(number)


def test_answered_reports_go_when_they_are_old_and_open_ones_are_not_without_end(
    client: TestClient, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, now = _kept(client), system_clock()
    old = ErrorReport("0" * 32, now - error_reports.KEPT * 2, "", 1, None)
    kept.put(old, "旧", "")
    kept.settle(old.id, Answer("no_error", "无误", "sec", now - error_reports.KEPT - timedelta(days=1)))
    with pytest.raises(ConflictError):
        kept.settle(old.id, Answer("corrected", "又", "sec", now))
    Cast(home, client).enter("sec")
    assert client.get("/zh/bench/zhongyuan/reports/").status_code == 200
    with pytest.raises(NotFoundError):
        kept.get(old.id)
    kept.put(old, "旧", "")
    kept.settle(old.id, Answer("no_error", "无误", "sec", now - error_reports.KEPT - timedelta(days=1)))
    kept.put(ErrorReport("1" * 32, now, "", 1, None), "新", "")
    with pytest.raises(NotFoundError):
        kept.get(old.id)
    assert kept.get("1" * 32).answer is None
    monkeypatch.setattr(error_reports, "OPEN_MAX", kept.waiting())
    with pytest.raises(TooManyError):
        kept.put(ErrorReport("2" * 32, now, "", 1, None), "多", "")


def test_half_an_answer_cannot_be_stored(client: TestClient) -> None:
    number = _number(_sent(client))
    database = client.app.state.logs["zhongyuan"].ledger.database  # type: ignore[attr-defined]
    with pytest.raises(UnavailableError, match="check constraint"), database.connection() as connection:
        connection.execute("UPDATE error_report SET outcome = 'corrected' WHERE id = %s", (number,))
