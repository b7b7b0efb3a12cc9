"""Reads over HTTP: both axes, pages, ETags, and problems with stable codes."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.v1.answers import fact_of, json_of


@pytest.mark.parametrize(
    ("as_of", "known_at", "status"),
    [
        ("2025-12-01", "2025-11-20", "valid"),
        ("2025-12-01", "2025-11-20T23:59:59+08:00", "valid"),
        ("2025-12-01", None, "revoked"),
        ("2025-11-27", None, "valid"),
        ("2025-11-28", None, "revoked"),
    ],
)
def test_an_award_on_both_axes(client: TestClient, as_of: str, known_at: str | None, status: str) -> None:
    parameters = {"as_of": as_of} | ({"known_at": known_at} if known_at else {})
    answer = json_of(client, "/v1/logs/zhongyuan/awards/ZY-2023-A", **parameters)
    fact = fact_of(answer, "award.status")
    assert fact["value"]["status"] == status
    assert "ZY:27" in fact["why"]["articles"]
    assert isinstance(answer["known_at"], int)


def test_lists_page_by_cursor_and_filter(client: TestClient) -> None:
    seen, cursor = [], None
    while True:
        page = json_of(
            client, "/v1/logs/ganzhou/cases", as_of="2023-11-03", limit=2, **({"cursor": cursor} if cursor else {})
        )
        seen += [item["subject"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["GZ-2016/V", "GZ-2023/V", "GZ-2023/W", "GZ-2023/X", "GZ-2023/Y", "GZ-2025/W"]
    awarded = json_of(client, "/v1/logs/ganzhou/cases", as_of="2023-11-03", case_state="awarded")
    assert [i["subject"] for i in awarded["items"]] == [
        "GZ-2016/V",
        "GZ-2023/V",
        "GZ-2023/W",
        "GZ-2023/X",
        "GZ-2023/Y",
    ]


def test_bans_and_money_and_counts(client: TestClient) -> None:
    bans = json_of(client, "/v1/logs/ganzhou/bans", as_of="2026-01-01")
    assert {i["subject"]: i["value"]["last_day"] for i in bans["items"]} == {"X": "2035-09-25", "Y": "2029-10-11"}
    money = json_of(client, "/v1/logs/ganzhou/money", as_of="2026-01-01")
    assert {i["subject"]: i["value"]["paid"] for i in money["items"]}["GZ-2023-X"] == 50_000_000
    counts = json_of(client, "/v1/logs/zhongyuan/awards/counts", as_of="2026-01-01")
    assert counts["counts"] == {"revoked": 1, "valid": 1}


def test_an_unchanged_answer_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/v1/logs/hengyang/organisations/J", params={"as_of": "2025-09-01"})
    again = client.get(
        "/v1/logs/hengyang/organisations/J",
        params={"as_of": "2025-09-01"},
        headers={"If-None-Match": first.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/health/live",
        "/v1/logs/zhongyuan/awards",
        "/logs/zhongyuan/vkey",
        "/zh/",
        "/zh/zhongyuan/awards/ZY-2023-A/",
        "/zh/zhongyuan/awards/NO/",
        "/zh/desk/zhongyuan/login/",
        "/static/public.css",
        "/nothing",
        "/v1/logs/zhongyuan/statements",
    ],
)
def test_a_head_request_gets_what_get_would_without_its_body(client: TestClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    unique = {"x-request-id"}
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert [h for h in head.headers.items() if h[0] not in unique] == [
        h for h in get.headers.items() if h[0] not in unique
    ]


def test_roles_keys_and_lag(client: TestClient) -> None:
    answer = json_of(client, "/v1/logs/zhongyuan/principals/P1", as_of="2023-06-01")
    assert sorted(answer["roles"]) == ["LEAD", "REV"]
    assert [k["value"] for k in answer["keys"].values()] == [True]
    fact = json_of(
        client, "/v1/logs/zhongyuan/facts/case.scores", subject="ZY-2023/A", as_of="2023-06-25", known_at="2023-06-25"
    )
    lags = [
        json_of(client, f"/v1/logs/zhongyuan/statements/{e}")["lag_days"]
        for e in fact["value"]["onsite"]["value"]["history"]
    ]
    assert sorted(lags) == [0, 0, 0, 13]  # the backdated score: effective 7 June, recorded 20 June


def test_packs_and_parameters_at_a_date(client: TestClient) -> None:
    packs = json_of(client, "/v1/logs/ganzhou/packs", as_of="2023-01-01")["packs"]
    assert [(p["pack"], p["status"], p["governs"]) for p in packs] == [
        ("GZ@2017-12#1", "legacy_stub", False),
        ("GZ@2022#1", "in_force", True),
    ]
    parameters = json_of(client, "/v1/logs/ganzhou/packs/GZ/2022/parameters", as_of="2023-01-01")["parameters"]
    found = {p["path"]: (p["value"], p["absence"], p["why"]["articles"]) for p in parameters}
    assert found["validity"] == (3, None, ["GZ:23"])
    assert found["score.full"] == (None, "silent", [])
    assert found["revoke.tax.clawback"][:2] == (None, "silent")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/logs/nowhere/awards", 404, "log_unknown"),
        ("/v1/logs/ganzhou/awards/NOPE", 404, "award_unknown"),
        ("/v1/logs/ganzhou/organisations/NOPE", 404, "org_unknown"),
        ("/v1/logs/ganzhou/awards?as_of=2023-02-30", 400, "malformed_field"),
        ("/v1/logs/ganzhou/awards?as_of=yesterday", 400, "malformed_field"),
        ("/v1/logs/ganzhou/awards?known_at=999999", 404, "beyond_head"),
        ("/v1/logs/ganzhou/awards?known_at=007", 400, "malformed_field"),
        ("/v1/logs/ganzhou/awards?limit=0", 400, "bad_request"),
        ("/v1/logs/ganzhou/awards?cursor=***", 400, "bad_cursor"),
        ("/v1/logs/ganzhou/facts/no.such?subject=A", 404, "fact_unknown"),
        ("/v1/logs/ganzhou/statements/01890a5d-ac96-7774-bcce-b302099a8057", 404, "event_unknown"),
        ("/v1/logs/ganzhou/statements/x", 400, "malformed_field"),
        ("/v1/vocabulary/Nothing", 404, "unknown_type"),
        ("/logs/ganzhou/tile/0/999", 404, "beyond_head"),
        ("/logs/ganzhou/tile/zero/000", 400, "bad_tile_path"),
        ("/logs/ganzhou/entry/100000", 404, "position_unknown"),
        ("/logs/ganzhou/entry/99999999999999999999999", 404, "position_unknown"),
        ("/logs/ganzhou/entry/0", 404, "position_unknown"),
        ("/logs/ganzhou/tile/63/x999/x999/x999/x999/999", 404, "beyond_head"),
        ("/v1/logs/ganzhou/awards?known_at=9999-12-31", 400, "malformed_field"),
        ("/v1/logs/ganzhou/awards/GZ-2023-X?as_of=9999-12-31", 400, "malformed_field"),
        ("/logs/ganzhou/proof/consistency?old=9&new=3", 422, "proof_out_of_range"),
        ("/logs/ganzhou/proof/subtree?start=1&end=3&size=9", 422, "proof_out_of_range"),
        ("/nothing", 404, "path_unknown"),
    ],
)
def test_a_bad_read_is_a_problem_with_a_stable_code(client: TestClient, path: str, status: int, code: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "zh", "en"} <= response.json().keys()


def test_schemas_are_served_for_the_whole_vocabulary(client: TestClient) -> None:
    events = client.get("/v1/vocabulary").json()["events"]
    assert len(events) == 71
    schema = client.get("/v1/vocabulary/PrizePaid").json()
    assert schema["x-restricted"]["/payee_account"]["class"] == "payee"
    description = client.get("/openapi.json").json()
    assert description["info"]["title"] == "荣鉴 Rongjian"
    assert all(f"{path}" in description["paths"] for path in ("/v1/logs/{log}/awards", "/logs/{log}/checkpoint"))
    assert client.get("/").json()["logs"][0]["awards"] == "/v1/logs/ganzhou/awards"


def test_what_a_text_leaves_open_is_listed_with_who_settled_it(client: TestClient) -> None:
    rows = {g["path"]: g for g in json_of(client, "/v1/logs/hengyang/packs/HY/draft/gaps", as_of="2024-01-01")["gaps"]}
    prize = rows["prize.first.quality"]
    assert (prize["kind"], prize["settled"], prize["set_by"], prize["since"]) == (
        "silent",
        "30000000",
        "gov",
        "2023-06-01",
    )
    ban = rows["revoke.accident.ban"]
    assert (ban["kind"], ban["ids"], ban["settled"], ban["set_by"]) == ("silent", "G05", "none", "rongjian")
    assert rows["reading.validity_runs_from"]["settled"] == "award_document"
    assert "reading.gap_editions" not in rows
    assert client.get("/v1/logs/hengyang/packs/HY/none/gaps").status_code == 404


def test_traces_differences_findings_and_certificates(client: TestClient) -> None:
    award = json_of(client, "/v1/logs/jindong/awards/JD-2023-A", as_of="2025-08-01")
    revoked = fact_of(award, "award.status")["why"]["events"][-1]
    told = json_of(client, f"/v1/logs/jindong/events/{revoked}/trace")
    assert {"IncidentRecorded", "RevocationProposed", "GovernmentDecisionMade", "AwardGranted"} <= {
        row["type"] for row in told["rests_on"]
    }
    changed = json_of(
        client,
        "/v1/logs/jindong/diff/award/JD-2023-A",
        from_as_of="2025-07-19",
        from_known_at="2025-07-19",
        as_of="2025-07-20",
    )["changed"]
    [status] = [row for row in changed if row["fact"] == "award.status"]
    assert (status["before"]["value"]["status"], status["after"]["value"]["status"]) == (
        "granted_no_validity_rule",
        "revoked",
    )
    plaque = json_of(client, "/v1/logs/jindong/certificates/JD-2023-P1", as_of="2025-08-01")
    assert plaque["register"]["value"]["items"][0] == {
        "serial": "JD-2023-P1",
        "kind": "plaque",
        "issued_on": "2023-07-12",
        "state": "returned",
        "genuine": False,
        "by_text": True,
    }
    assert client.get("/v1/logs/jindong/certificates/NOPE").json()["code"] == "certificate_unknown"
    assert client.get("/v1/logs/jindong/findings/NOPE").status_code == 404
    assert client.get("/v1/logs/jindong/diff/planet/X").status_code == 404
    assert client.get("/v1/logs/jindong/events/no-such/trace").status_code == 404


def test_every_fact_of_a_case_and_an_organisation_is_answered(client: TestClient) -> None:
    case = json_of(client, "/v1/logs/jindong/cases/JD-2023/A", as_of="2023-04-14")
    assert {f["number"] for f in case["facts"]} == {"D07", "D08", "D09", "D10", "D13", "D14", "D15", "D27"}
    organisation = json_of(client, "/v1/logs/jindong/organisations/A", as_of="2025-10-01")
    assert {f["number"] for f in organisation["facts"]} == {"D19", "D20", "D21", "D23"}
    edition = json_of(client, "/v1/logs/jindong/editions/JD-2023", as_of="2023-07-12")
    assert {f["number"] for f in edition["facts"]} == {"D08", "D11", "D24", "D26", "D29", "D30", "AUD"}


@pytest.mark.parametrize("path", ["awards/%00", "organisations/a%00b", "cases/x?as_of=%00", "statements/%00/fields"])
def test_a_nul_in_an_address_is_the_callers_fault(client: TestClient, path: str) -> None:
    assert client.get(f"/v1/logs/ganzhou/{path}").json()["code"] == "bad_request"


@pytest.mark.parametrize("strange", ["0", "-1", "99999999999999999999", "1e3", "１", "9" * 400, "218.0", "%2e%2e"])
def test_a_strange_number_in_a_log_path_is_refused_with_a_problem(client: TestClient, strange: str) -> None:
    for path in (
        "entry/{}",
        "entry/{}.tlog-proof",
        "index/{}",
        "timestamp/{}/x.tsr",
        "tile/0/{}",
        "tile/entries/{}",
        "documents/{}",
        "proof/inclusion?position={}",
        "proof/consistency?old=3&new={}",
        "proof/subtree?start={}&end=8&size=7",
    ):
        answer = client.get(f"/logs/ganzhou/{path.format(strange)}")
        assert answer.status_code in (200, 400, 404, 409, 422), (path, answer.status_code)
        if answer.status_code != 200:
            assert {"code", "zh", "en"} <= answer.json().keys()
