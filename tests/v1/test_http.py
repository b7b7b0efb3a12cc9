"""HTTP: submissions and receipts, both axes on reads, pages, ETags, problems with stable codes."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.home.bootstrap import log_named, open_log
from api.home.open_logs import OpenLogs
from api.home.settings import Settings, read_settings
from ledger import canonical
from ledger.entry import unframe
from ledger.errors import EvidenceError, RongjianError
from ledger.tlog import checkpoint, note
from ledger.tlog.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion, verify_subtree
from ledger.tlog.policy import parse_policy
from ledger.tlog.proof import parse_proof
from ledger.tlog.tiles import split_bundle
from projections.public_entries import AFTER_DECISION, AT_ONCE


@pytest.fixture(scope="module")
def home(own_demo_home: Settings) -> Settings:
    return own_demo_home


@pytest.fixture(scope="module")
def client(home: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(OpenLogs(home, str(home.database_url)))) as client:
        yield client


def _json(client: TestClient, path: str, **parameters: Any) -> Any:
    response = client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def _fact(answer: Any, name: str) -> Any:
    return next(f for f in answer["facts"] if f["fact"] == name)


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
    answer = _json(client, "/v1/logs/zhongyuan/awards/ZY-2023-A", **parameters)
    fact = _fact(answer, "award.status")
    assert fact["value"]["status"] == status
    assert "ZY:27" in fact["why"]["articles"]
    assert isinstance(answer["known_at"], int)


def test_lists_page_by_cursor_and_filter(client: TestClient) -> None:
    seen, cursor = [], None
    while True:
        page = _json(
            client, "/v1/logs/ganzhou/cases", as_of="2023-11-03", limit=2, **({"cursor": cursor} if cursor else {})
        )
        seen += [item["subject"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["GZ-2016/V", "GZ-2023/V", "GZ-2023/W", "GZ-2023/X", "GZ-2023/Y", "GZ-2025/W"]
    awarded = _json(client, "/v1/logs/ganzhou/cases", as_of="2023-11-03", case_state="awarded")
    assert [i["subject"] for i in awarded["items"]] == [
        "GZ-2016/V",
        "GZ-2023/V",
        "GZ-2023/W",
        "GZ-2023/X",
        "GZ-2023/Y",
    ]


def test_bans_and_money_and_counts(client: TestClient) -> None:
    bans = _json(client, "/v1/logs/ganzhou/bans", as_of="2026-01-01")
    assert {i["subject"]: i["value"]["last_day"] for i in bans["items"]} == {"X": "2035-09-25", "Y": "2029-10-11"}
    money = _json(client, "/v1/logs/ganzhou/money", as_of="2026-01-01")
    assert {i["subject"]: i["value"]["paid"] for i in money["items"]}["GZ-2023-X"] == 50_000_000
    counts = _json(client, "/v1/logs/zhongyuan/awards/counts", as_of="2026-01-01")
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
    answer = _json(client, "/v1/logs/zhongyuan/principals/P1", as_of="2023-06-01")
    assert sorted(answer["roles"]) == ["LEAD", "REV"]
    assert [k["value"] for k in answer["keys"].values()] == [True]
    fact = _json(
        client, "/v1/logs/zhongyuan/facts/case.scores", subject="ZY-2023/A", as_of="2023-06-25", known_at="2023-06-25"
    )
    lags = [
        _json(client, f"/v1/logs/zhongyuan/statements/{e}")["lag_days"]
        for e in fact["value"]["onsite"]["value"]["history"]
    ]
    assert sorted(lags) == [0, 0, 0, 13]  # the backdated score: effective 7 June, recorded 20 June


def test_packs_and_parameters_at_a_date(client: TestClient) -> None:
    packs = _json(client, "/v1/logs/ganzhou/packs", as_of="2023-01-01")["packs"]
    assert [(p["pack"], p["status"], p["governs"]) for p in packs] == [
        ("GZ@2017-12#1", "legacy_stub", False),
        ("GZ@2022#1", "in_force", True),
    ]
    parameters = _json(client, "/v1/logs/ganzhou/packs/GZ/2022/parameters", as_of="2023-01-01")["parameters"]
    found = {p["path"]: (p["value"], p["absence"], p["why"]["articles"]) for p in parameters}
    assert found["validity"] == (3, None, ["GZ:23"])
    assert found["score.full"] == (None, "silent", [])
    assert found["revoke.tax.clawback"][:2] == (None, "silent")


def test_the_log_is_checked_from_outside(client: TestClient) -> None:
    key = note.parse_verifier_key(client.get("/logs/hengyang/vkey").text.strip())
    signed = client.get("/logs/hengyang/checkpoint").content
    head = checkpoint.verify(signed, [key], "demo.rongjian.example/hengyang")
    bundle = client.get(f"/logs/hengyang/tile/entries/000.p/{head.size}").content
    hashes = client.get(f"/logs/hengyang/tile/0/000.p/{head.size}").content
    entries = split_bundle(bundle)
    assert b"".join(leaf_hash(e) for e in entries) == hashes
    proof = _json(client, "/logs/hengyang/proof/inclusion", position=17, size=head.size)
    verify_inclusion(leaf_hash(entries[16]), 16, head.size, [base64.b64decode(h) for h in proof["proof"]], head.root)
    assert client.get("/logs/hengyang/entry/17").content == entries[16]
    old_root = root_of([leaf_hash(e) for e in entries[:40]])
    part = _json(client, "/logs/hengyang/proof/subtree", start=32, end=40, size=head.size)
    assert base64.b64decode(part["hash"]) == root_of([leaf_hash(e) for e in entries[32:40]])
    hashes_of_part = [base64.b64decode(h) for h in part["proof"]]
    verify_subtree(32, 40, head.size, base64.b64decode(part["hash"]), head.root, hashes_of_part)
    consistency = _json(client, "/logs/hengyang/proof/consistency", old=40, new=head.size)
    verify_consistency(40, head.size, old_root, head.root, [base64.b64decode(h) for h in consistency["proof"]])


def test_a_proof_file_and_a_policy_are_all_that_a_reader_needs(client: TestClient) -> None:
    policy = parse_policy(client.get("/logs/hengyang/policy").content)
    answer = client.get("/logs/hengyang/entry/17.tlog-proof")
    assert answer.headers["cache-control"] == "no-cache"
    trusted = parse_proof(answer.content).verify(leaf_hash(client.get("/logs/hengyang/entry/17").content), policy)
    assert (trusted.checkpoint.origin, dict(trusted.cosigned)) == ("demo.rongjian.example/hengyang", {})
    for position, status in (("0", 404), ("99999", 404), ("-1", 404), ("x", 400)):
        assert client.get(f"/logs/hengyang/entry/{position}.tlog-proof").status_code == status


def test_a_receipt_stands_for_the_entry(client: TestClient) -> None:
    page = client.get("/logs/zhongyuan/entry/30").json()
    statement = json.loads(base64.b64decode(page["envelope"]["payload"]))
    receipt = _json(client, f"/v1/logs/zhongyuan/statements/{statement['id']}/receipt")
    assert (receipt["position"], receipt["leaf_index"]) == (30, 29)
    again = client.post("/v1/logs/zhongyuan/statements", json={"envelope": page["envelope"]})
    assert (again.status_code, again.json()["position"], again.json()["leaf_hash"]) == (201, 30, receipt["leaf_hash"])


def test_a_refusal_cites_rule_and_article(client: TestClient, home: Settings) -> None:
    """The award's holder files again while it is valid: 422 with the rule id and its article."""
    from api.cli.submissions import new_statement_id
    from api.home.bootstrap import demo_seed, log_named
    from api.home.demo import demo_scenarios
    from api.scenario.cast import Cast
    from api.scenario.document import read_scenario
    from ledger.signing import envelope as dsse
    from ledger.statement import compose

    scenario = read_scenario(next(p for p in demo_scenarios() if p.stem == "hengyang"))
    cast = Cast(demo_seed(log_named(home, "hengyang")), scenario)
    payload = {
        "case_id": "HY-2025/K2",
        "org": "N",
        "award": "quality",
        "sector": "agri_processing",
        "years_operating": "8",
        "form_hash": "0" * 64,
        "self_assessment_hash": "0" * 64,
        "data_years": 3,
        "truth_declared": True,
        "state_secret_claimed": False,
    }
    body = compose(
        type="ApplicationFiled",
        log="demo.rongjian.example/hengyang",
        id=new_statement_id(),
        actor="N",
        role="APP",
        effective_at="2025-07-19",
        payload=payload,
    )
    envelope = canonical.parse(dsse.sign(body, cast.key("N")).to_bytes(), "e")
    response = client.post(
        "/v1/logs/hengyang/statements", json={"envelope": envelope}, headers={"Accept-Language": "en"}
    )
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, problem["code"]) == (422, "already_applied")
    assert problem["type"] == "urn:rongjian:problem:already_applied"
    assert {"rule", "zh", "en", "title", "status"} <= problem.keys()
    batch = client.post(
        "/v1/logs/hengyang/statements/batch", json={"statements": [{"envelope": envelope}, {"x": 1}]}
    ).json()
    assert [(o["status"], o["problem"]["code"]) for o in batch["outcomes"]] == [
        (422, "already_applied"),
        (400, "malformed_submission"),
    ]


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


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b"[" * 200_000, 400, "malformed_json"),
        (b'{"envelope":{"a":1,"a":2}}', 400, "malformed_json"),
        (b'{"envelope":{"a":1.5}}', 400, "malformed_json"),
        (b"x" * 300_000, 413, "body_too_large"),
    ],
)
def test_a_bad_submission_is_a_problem_and_stores_nothing(
    client: TestClient, body: bytes, status: int, code: str
) -> None:
    size = client.get("/health/ready").json()["logs"]["ganzhou"]["size"]
    response = client.post("/v1/logs/ganzhou/statements", content=body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert client.get("/health/ready").json()["logs"]["ganzhou"]["size"] == size


def test_schemas_are_served_for_the_whole_vocabulary(client: TestClient) -> None:
    events = client.get("/v1/vocabulary").json()["events"]
    assert len(events) == 71
    schema = client.get("/v1/vocabulary/PrizePaid").json()
    assert schema["x-restricted"]["/payee_account"]["class"] == "payee"
    description = client.get("/openapi.json").json()
    assert description["info"]["title"] == "荣鉴 Rongjian"
    assert all(f"{path}" in description["paths"] for path in ("/v1/logs/{log}/awards", "/logs/{log}/checkpoint"))
    assert client.get("/").json()["logs"][0]["awards"] == "/v1/logs/ganzhou/awards"


def test_a_fault_of_ours_shows_none_of_its_insides(client: TestClient) -> None:
    log = client.app.state.logs["ganzhou"]  # type: ignore[attr-defined]
    log.ledger.evidence.checkpoint, before = None, log.ledger.evidence.checkpoint
    try:
        response = client.get("/logs/ganzhou/checkpoint")
    finally:
        log.ledger.evidence.checkpoint = before
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "NoneType" not in response.text
    assert response.headers["x-request-id"] in response.json()["en"]


def test_readers_need_the_token_where_one_is_set(home: Settings) -> None:
    from dataclasses import replace

    settings = replace(home, reader_token="secret")
    with TestClient(create_app(OpenLogs(settings, str(settings.database_url)))) as client:
        assert client.get("/v1/logs/ganzhou/awards").json()["code"] == "reader_unknown"
        assert client.get("/logs/ganzhou/tile/entries/000.p/9").json()["code"] == "reader_unknown"
        assert client.post("/v1/logs/ganzhou/documents", content=b"x").json()["code"] == "document_unsigned"
        assert client.post("/v1/logs/ganzhou/statements", content=b"x").json()["code"] == "malformed_json"
        strange = client.get("/v1/logs/ganzhou/awards", headers={"Authorization": "Bearer \u00e9".encode("latin-1")})
        assert (strange.status_code, strange.json()["code"]) == (401, "token_unknown")
        for hidden in (
            "/v1/logs/ganzhou/orgs/checkpoint",
            "/v1/logs/ganzhou/orgs/policy",
            "/logs/ganzhou/entry/01/",
            "/logs/ganzhou/entry/1/policy",
            "/logs/ganzhou/tile/entries/000.p/9/tile/0/000",
        ):
            assert client.get(hidden).json()["code"] == "reader_unknown", hidden
        for event in client.app.state.logs["ganzhou"].ledger.events():  # type: ignore[attr-defined]
            answer = client.get(f"/logs/ganzhou/entry/{event.position}")
            if isinstance(event.statement.payload, AT_ONCE):
                assert (answer.status_code, leaf_hash(answer.content).hex()) == (200, answer.headers["x-leaf-hash"])
            elif not isinstance(event.statement.payload, AFTER_DECISION):
                assert (answer.status_code, answer.json()["code"]) == (403, "reader_unknown"), event.statement.type
        for public in (
            "checkpoint",
            "vkey",
            "policy",
            "tile/0/000.p/9",
            "entry/3.tlog-proof",
            "proof/inclusion?position=3",
            "proof/consistency?old=3&new=9",
        ):
            assert client.get(f"/logs/ganzhou/{public}").status_code == 200, public
        for page in ("/zh/", "/en/ganzhou/awards/", "/static/verify.js", f"/v1/logs/ganzhou/document/{'0' * 64}"):
            assert client.get(page).status_code == 200, page
        assert client.get("/v1/logs/ganzhou/inspect/flags").json()["code"] == "reader_unknown"
        assert client.get("/v1/across/flags").json()["code"] == "reader_unknown"
        assert client.get("/v1/logs/ganzhou/awards", headers={"Authorization": "Bearer secret"}).status_code == 200


@pytest.mark.parametrize(
    ("environment", "code"),
    [({"RONGJIAN_PORT": "x"}, "bad_setting"), ({"RONGJIAN_PROT": "1"}, "unknown_setting")],
)
def test_bad_settings_are_named(environment: dict[str, str], code: str) -> None:
    with pytest.raises(RongjianError) as refusal:
        read_settings(environment)
    assert refusal.value.code == code


def test_serving_the_world_without_a_token_is_refused(tmp_path: Path) -> None:
    from api.home.settings import refuse_unsafe

    with pytest.raises(RongjianError) as refusal:
        refuse_unsafe(read_settings({"RONGJIAN_HOME": str(tmp_path), "RONGJIAN_HOST": "0.0.0.0"}))
    assert refusal.value.code == "unsafe_start"


def test_an_opening_that_fails_holds_no_connections(home: Settings, tmp_path: Path) -> None:
    """A supervisor that restarts a misconfigured service must not eat the database's connections."""
    from dataclasses import replace

    lost, threads = replace(home, kek_file=tmp_path / "nowhere"), set(threading.enumerate())
    for _ in range(3):
        with pytest.raises(RongjianError):
            open_log(lost, str(lost.database_url), log_named(lost, "ganzhou"))
    left = set(threading.enumerate()) - threads
    for thread in left:
        # Whoever watched a commit is on the way out.
        thread.join(timeout=10)
    assert {t.name for t in left if t.is_alive()} == set()


def test_a_lost_key_encryption_key_is_not_replaced(home: Settings, tmp_path: Path) -> None:
    from dataclasses import replace

    lost = replace(home, kek_file=tmp_path / "nowhere")
    with pytest.raises(RongjianError) as refusal:
        OpenLogs(lost, str(lost.database_url))
    assert refusal.value.code == "kek_lost"
    assert not (tmp_path / "nowhere").exists()
    wrong = replace(home, kek_file=tmp_path / "wrong")
    wrong.kek_file.write_text("00" * 32)
    wrong.kek_file.chmod(0o600)
    with pytest.raises(RongjianError) as refusal:
        OpenLogs(wrong, str(wrong.database_url))
    assert refusal.value.code == "wrong_kek"


def test_what_a_text_leaves_open_is_listed_with_who_settled_it(client: TestClient) -> None:
    rows = {g["path"]: g for g in _json(client, "/v1/logs/hengyang/packs/HY/draft/gaps", as_of="2024-01-01")["gaps"]}
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
    award = _json(client, "/v1/logs/jindong/awards/JD-2023-A", as_of="2025-08-01")
    revoked = _fact(award, "award.status")["why"]["events"][-1]
    told = _json(client, f"/v1/logs/jindong/events/{revoked}/trace")
    assert {"IncidentRecorded", "RevocationProposed", "GovernmentDecisionMade", "AwardGranted"} <= {
        row["type"] for row in told["rests_on"]
    }
    changed = _json(
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
    plaque = _json(client, "/v1/logs/jindong/certificates/JD-2023-P1", as_of="2025-08-01")
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
    case = _json(client, "/v1/logs/jindong/cases/JD-2023/A", as_of="2023-04-14")
    assert {f["number"] for f in case["facts"]} == {"D07", "D08", "D09", "D10", "D13", "D14", "D15", "D27"}
    organisation = _json(client, "/v1/logs/jindong/organisations/A", as_of="2025-10-01")
    assert {f["number"] for f in organisation["facts"]} == {"D19", "D20", "D21", "D23"}
    edition = _json(client, "/v1/logs/jindong/editions/JD-2023", as_of="2023-07-12")
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


def test_a_service_that_may_not_sign_is_not_ready(client: TestClient) -> None:
    ledger = client.app.state.logs["ganzhou"].ledger  # type: ignore[attr-defined]
    heads, envelope = ledger.heads, unframe(ledger.entry(1).entry)[0]
    heads.stop(EvidenceError("rolled_back", "a witness has seen more", "见证人见过更多"))
    try:
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        parts = answer.json()["logs"]["ganzhou"]["parts"]
        assert {part: said["state"] for part, said in parts.items() if said["state"] != "ok"} == {
            "signing": "rolled_back"
        }
        sent = client.post("/v1/logs/ganzhou/statements", content=b'{"envelope":%s}' % envelope)
        assert (sent.status_code, sent.json()["code"], sent.headers.get("retry-after")) == (503, "rolled_back", None)
    finally:
        heads._stopped = None
    assert client.get("/health/ready").status_code == 200
