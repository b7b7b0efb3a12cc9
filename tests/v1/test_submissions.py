"""Submissions over HTTP: receipts, refusals that cite rule and article, and what is checked from outside."""

from __future__ import annotations

import base64
import json

import pytest
from fastapi.testclient import TestClient

from api.home.settings import Settings
from ledger import canonical
from ledger.tlog import checkpoint, note
from ledger.tlog.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion, verify_subtree
from ledger.tlog.policy import parse_policy
from ledger.tlog.proof import parse_proof
from ledger.tlog.tiles import split_bundle
from tests.v1.answers import json_of


def test_the_log_is_checked_from_outside(client: TestClient) -> None:
    key = note.parse_verifier_key(client.get("/logs/hengyang/vkey").text.strip())
    signed = client.get("/logs/hengyang/checkpoint").content
    head = checkpoint.verify(signed, [key], "demo.rongjian.example/hengyang")
    bundle = client.get(f"/logs/hengyang/tile/entries/000.p/{head.size}").content
    hashes = client.get(f"/logs/hengyang/tile/0/000.p/{head.size}").content
    entries = split_bundle(bundle)
    assert b"".join(leaf_hash(e) for e in entries) == hashes
    proof = json_of(client, "/logs/hengyang/proof/inclusion", position=17, size=head.size)
    verify_inclusion(leaf_hash(entries[16]), 16, head.size, [base64.b64decode(h) for h in proof["proof"]], head.root)
    assert client.get("/logs/hengyang/entry/17").content == entries[16]
    old_root = root_of([leaf_hash(e) for e in entries[:40]])
    part = json_of(client, "/logs/hengyang/proof/subtree", start=32, end=40, size=head.size)
    assert base64.b64decode(part["hash"]) == root_of([leaf_hash(e) for e in entries[32:40]])
    hashes_of_part = [base64.b64decode(h) for h in part["proof"]]
    verify_subtree(32, 40, head.size, base64.b64decode(part["hash"]), head.root, hashes_of_part)
    consistency = json_of(client, "/logs/hengyang/proof/consistency", old=40, new=head.size)
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
    receipt = json_of(client, f"/v1/logs/zhongyuan/statements/{statement['id']}/receipt")
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
