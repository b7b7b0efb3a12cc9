"""Before an act is signed: its form, what a preview says of it and tells of nobody, and the dry run of many."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.home.settings import Settings
from ledger import canonical
from ledger.disclosure import Opening
from ledger.signing import envelope as dsse
from tests.workplace.cast import V1, Cast, statement_of, status_and_code

NOTICE = {
    "notice_id": "N-9",
    "edition_id": "ZY-2023",
    "kind": "candidates",
    "cases": ["ZY-2023/C"],
    "opened_on": "2026-01-05",
    "promised_end": "2026-01-06",
    "channels": ["区政府网站"],
    "page_hash": "0" * 64,
    "contact": "评审办",
}


def test_a_preview_says_what_submitting_says_and_records_nothing(cast: Cast) -> None:
    header = cast.enter("sec")
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    size = ledger.size()
    body = statement_of("PublicNoticeOpened", "sec", "SEC", NOTICE)
    told = cast.client.post(f"{V1}/foresee", json={"statement": json.loads(body)}, headers=header).json()
    given = cast.client.post(
        f"{V1}/statements", json={"envelope": json.loads(dsse.sign(body, cast.key("sec")).to_bytes()), "openings": {}}
    )
    same = ("code", "zh", "en", "rule", "article")
    assert {k: told["refusal"].get(k) for k in same} == {k: given.json().get(k) for k in same}
    assert (given.status_code, ledger.size()) == (422, size)


def test_a_preview_tells_what_follows_and_which_flags_come_up(cast: Cast) -> None:
    header = cast.enter("sec")
    returned = {
        "award_id": "ZY-2023-A",
        "org": "A",
        "items": [{"serial": "ZY23-A-1", "state": "lost"}],
        "on": "2026-01-05",
    }
    told = []
    for kind, payload in (("CertificateReturned", returned), ("PublicNoticeOpened", NOTICE)):
        body = statement_of(kind, "sec", "SEC", payload)
        told.append(cast.client.post(f"{V1}/foresee", json={"statement": json.loads(body)}, headers=header).json())
    changed = {(c["kind"], c["subject"]): [f["fact"] for f in c["changed"]] for c in told[0]["consequences"]}
    assert (told[0]["refusal"], told[0]["seats"]) == (None, [{"originator": "SEC", "countersigner": None}])
    assert changed[("award", "ZY-2023-A")] == ["award.duties", "certificate.register"]
    assert [f["flag"] for f in told[1]["flags"]] == ["RF17", "RF10", "RF22"]


def test_a_preview_shows_nobody_what_a_page_would_not(cast: Cast) -> None:
    header = cast.enter("A")
    payload = {
        "objection_id": "O-9",
        "kind": "complaint",
        "target_kind": "case",
        "identified": True,
        "summary_public": "x",
        "on_behalf": False,
        "edition_id": "ZY-2023",
        "case_id": "ZY-2023/B",
    }
    body = statement_of("ObjectionRaised", "A", "APP", payload)
    told = cast.client.post(f"{V1}/foresee", json={"statement": json.loads(body)}, headers=header)
    assert told.status_code == 200, told.text
    assert (told.json()["consequences"], told.json()["flags"]) == ([], [])
    other = statement_of("PublicNoticeOpened", "sec", "SEC", NOTICE)
    assert status_and_code(
        cast.client.post(f"{V1}/foresee", json={"statement": json.loads(other)}, headers=header)
    ) == (
        403,
        "not_your_act",
    )


def test_reviewers_are_offered_their_own_cases_only(cast: Cast) -> None:
    cast.enter("P1")
    text = cast.client.get("/en/bench/zhongyuan/record/ScoreSubmitted/").text
    context = json.loads(text.partition('id="context">')[2].partition("</script>")[0])
    assert {k: len(v) for k, v in context["known"].items()} == {"c": 4, "o": 0}


def test_openings_that_do_not_fit_are_refused_in_a_preview(cast: Cast) -> None:
    header = cast.enter("P1")
    opening = Opening("/comments", b"s" * 32, "good")
    body = statement_of(
        "ScoreSubmitted",
        "P1",
        "REV",
        {"case_id": "ZY-2023/A", "stage": "material", "total": "1", "full": 1000},
        sd={"/comments": opening.commitment()},
    )
    value = {
        "statement": canonical.parse(body, "statement"),
        "openings": {"/comments": {**opening.to_json(), "value": "bad"}},
    }
    assert cast.client.post(f"{V1}/foresee", json=value, headers=header).status_code == 422


@pytest.mark.parametrize("openings", [[1], "x", 7, None])
def test_openings_that_are_no_object_are_refused_in_a_preview(openings: Any, cast: Cast) -> None:
    header = cast.enter("sec")
    body = statement_of("PublicNoticeOpened", "sec", "SEC", NOTICE)
    response = cast.client.post(
        f"{V1}/foresee", json={"statement": json.loads(body), "openings": openings}, headers=header
    )
    assert status_and_code(response) == (400, "malformed_preview")


def _row(kind: str, actor: str, role: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"statement": json.loads(statement_of(kind, actor, role, payload)), "openings": {}}


def _year(year: int) -> dict[str, Any]:
    return _row(
        "CalendarPublished",
        "opr",
        "OPR",
        {"year": year, "holidays": [], "makeup_workdays": [], "source_doc_no": "国办1号"},
    )


def test_a_row_of_a_dry_run_is_taken_after_the_rows_before_it(cast: Cast) -> None:
    header = cast.enter("opr")
    size = cast.client.get("/v1/logs").json()["logs"]
    told = cast.client.post(
        f"{V1}/foresee/batch",
        json={"after": [_year(2081)], "rows": [_year(2081), _year(2082), _year(2082)]},
        headers=header,
    ).json()
    codes = [r["refusal"] and r["refusal"]["code"] for r in told["rows"]]
    assert (codes, told["flags"]) == (["calendar_exists", None, "calendar_exists"], [])
    assert cast.client.get("/v1/logs").json()["logs"] == size


def test_a_row_that_is_no_statement_does_not_stop_the_others(cast: Cast) -> None:
    header = cast.enter("opr")
    wrong = _year(2083)
    wrong["statement"]["payload"]["year"] = "x"
    told = cast.client.post(
        f"{V1}/foresee/batch", json={"after": [], "rows": [wrong, 7, _year(2083)]}, headers=header
    ).json()
    assert [r["refusal"] and r["refusal"]["code"] for r in told["rows"]] == [
        "malformed_payload",
        "malformed_preview",
        None,
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"after": [], "rows": []},
        {"after": [], "rows": [1] * 26},
        {"after": 1, "rows": [1]},
        {"after": [1] * 501, "rows": [1]},
        {"after": [], "rows": [1], "x": 1},
    ],
)
def test_a_dry_run_of_something_else_is_refused(body: dict[str, Any], cast: Cast) -> None:
    assert status_and_code(cast.client.post(f"{V1}/foresee/batch", json=body, headers=cast.enter("opr"))) == (
        400,
        "malformed_preview",
    )


def test_a_dry_run_is_of_own_acts_and_from_a_page_of_the_session(cast: Cast) -> None:
    header = cast.enter("sec")
    body = {"after": [], "rows": [_year(2084)]}
    assert status_and_code(cast.client.post(f"{V1}/foresee/batch", json=body, headers=header)) == (403, "not_your_act")
    assert status_and_code(cast.client.post(f"{V1}/foresee/batch", json=body)) == (403, "csrf")


def test_the_examination_starts_with_the_conditions_of_the_governing_text(home: Settings, client: TestClient) -> None:
    Cast(home, client, "ganzhou-practice").enter("sec")
    page = client.get("/zh/bench/ganzhou-practice/record/EligibilityDecided/?case_id=GZ-2026/C").text
    context = json.loads(page.partition('id="context">')[2].partition("</script>")[0])
    assert context["defaults"]["org"] == "C"
    assert context["defaults"]["checks"][:2] == [
        {"condition_id": "registered", "article": "13(1)"},
        {"condition_id": "operating_years", "article": "13(1)"},
    ]
    assert len(context["defaults"]["checks"]) == 8


def test_whoever_opens_an_edition_is_asked_how_days_are_counted(home: Settings, client: TestClient) -> None:
    Cast(home, client, "ganzhou-practice").enter("sec")
    page = client.get("/zh/bench/ganzhou-practice/record/EditionOpened/").text
    asked = page.partition("文本没有写明计日方法")[2].partition("</ul>")[0]
    assert re.findall("<li>(.*?)</li>", asked) == [
        "公示当日不计，次日为第一日",
        "“天”按自然日计算",
        "末日为休息日的顺延",
    ]
