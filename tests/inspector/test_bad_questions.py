"""What cannot be asked is refused by name; what lies before the log or at the ends of time has its answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.home.settings import Settings
from ledger.disclosure import Disclosure, Opening
from tests.inspector.inquiries import ask, run


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/logs/zhongyuan/inspect/nothing", 404, "inquiry_unknown"),
        ("/v1/logs/zhongyuan/inspect/flags?colour=red", 400, "parameter_not_known"),
        ("/v1/logs/zhongyuan/inspect/flags?flag=RF99", 400, "flag_unknown"),
        ("/v1/logs/zhongyuan/inspect/flags?severity=Z", 400, "filter_unknown"),
        ("/v1/logs/zhongyuan/inspect/flags?older_than=-1", 400, "parameter_not_a_number"),
        ("/v1/logs/zhongyuan/inspect/flags?flag=RF01&flag=RF02", 400, "parameter_twice"),
        ("/v1/logs/zhongyuan/inspect/flags?edition=NO-1", 404, "edition_unknown"),
        ("/v1/logs/zhongyuan/inspect/flags?format=xml", 400, "format_unknown"),
        ("/v1/logs/zhongyuan/inspect/flags?as_of=2025-02-30", 400, None),
        ("/v1/logs/zhongyuan/inspect/flags?known_at=999999", 404, "beyond_head"),
        ("/v1/logs/zhongyuan/inspect/scores", 400, "parameter_missing"),
        ("/v1/logs/zhongyuan/inspect/scores?edition=NO-1", 404, "edition_unknown"),
        ("/v1/logs/zhongyuan/inspect/narrative", 400, "subject_unclear"),
        ("/v1/logs/zhongyuan/inspect/narrative?award=NO", 404, "event_unknown"),
        ("/v1/logs/zhongyuan/inspect/narrative?award=ZY-2023-A&lang=fr", 400, "language_unknown"),
        ("/v1/logs/zhongyuan/inspect/trace?event=x", 404, None),
        ("/v1/logs/zhongyuan/inspect/person?person=nobody", 404, "principal_unknown"),
        ("/v1/logs/zhongyuan/inspect/pair?person=P3&org=nobody", 404, "org_unknown"),
        ("/v1/logs/zhongyuan/inspect/difference?kind=planet&subject=X", 400, "subject_kind_unknown"),
        ("/v1/logs/zhongyuan/inspect/what-if", 400, "hypothesis_unclear"),
        ("/v1/logs/zhongyuan/inspect/what-if?revoke=ZY-2023-A", 400, "parameter_missing"),
        ("/v1/logs/zhongyuan/inspect/what-if?revoke=NO&ground=fraud", 404, "award_unknown"),
        ("/v1/logs/zhongyuan/inspect/what-if?suppose=[]", 400, "hypothesis_unclear"),
        (
            "/v1/logs/zhongyuan/inspect/what-if?suppose=%5B%7B%22type%22:%22KeyRegistered%22,"
            "%22payload%22:%7B%7D%7D%5D",
            400,
            "event_not_supposable",
        ),
        (
            "/v1/logs/zhongyuan/inspect/what-if?suppose=%5B%7B%22type%22:%22AwardGranted%22,%22payload%22:%7B%7D%7D%5D",
            400,
            "malformed_payload",
        ),
        ("/v1/logs/zhongyuan/inspect/what-if?reading=prize.rewin.quality&pack=ZY&value=%7B", 400, "not_json"),
        ("/v1/across/organisations/123", 400, None),
        ("/v1/across/organisations/91110000600037341L", 404, "org_unknown"),
        ("/v1/across/flags?colour=red", 400, "parameter_not_known"),
    ],
)
def test_bad_questions_are_refused_by_name(path: str, status: int, code: str | None, demo_client: TestClient) -> None:
    response = demo_client.get(path)
    assert response.status_code == status, response.text
    body = response.json()
    assert body["zh"]
    assert body["en"]
    if code is not None:
        assert body["code"] == code


def test_before_the_log_there_is_nothing_and_nothing_fails(demo_client: TestClient) -> None:
    told = ask(demo_client, "zhongyuan", "flags", as_of="1990-01-01")
    assert told["rows"] == []
    empty = ask(demo_client, "zhongyuan", "flags", as_of="2026-01-10", known_at="0")
    assert (empty["rows"], empty["checkpoint"]) == ([], {"tree_size": 0, "root_hash": None})
    assert ask(demo_client, "zhongyuan", "money", as_of="1990-01-01")["rows"] == []


@pytest.mark.parametrize("day", ["1949-10-01", "2200-12-31"])
@pytest.mark.parametrize("log", ["zhongyuan", "ganzhou", "ganzhou-practice", "hengyang", "jindong", "jinshui"])
def test_the_first_and_the_last_day_there_are_have_answers(day: str, log: str, demo_client: TestClient) -> None:
    for inquiry in ("flags", "money", "duties", "holders", "notices", "statistics"):
        told = ask(demo_client, log, inquiry, as_of=day)
        assert (told["as_of"], isinstance(told["rows"], list)) == (day, True)
    page = demo_client.get(f"/zh/{log}/", params={"as_of": day})
    assert page.status_code == 200, page.text


def test_commands_say_what_is_wrong_and_print_tables_for_people(demo_home: Settings) -> None:
    shown = run(demo_home, "inspect", "zhongyuan", "flags", "severity=C", "--on", "2026-01-10", "--lang", "zh")
    assert shown.returncode == 0
    assert "倒签补录" in shown.stdout or "迟录" in shown.stdout
    wrong = run(demo_home, "inspect", "zhongyuan", "flags", "colour")
    assert (wrong.returncode, "argument_unclear" in wrong.stderr) == (2, True)
    story = run(
        demo_home,
        "inspect",
        "zhongyuan",
        "narrative",
        "revocation=ZY-2023-A",
        "--on",
        "2026-01-10",
        "--format",
        "text",
        "--lang",
        "en",
    )
    assert story.stdout.startswith("What led to it")
    assert run(demo_home, "inquiries", "questions").returncode == 0
    assert run(demo_home, "across", "patterns").returncode == 0
    assert run(demo_home, "across", "organisation").returncode == 2


def test_opened_items_fill_the_matrix_and_are_checked_against_their_commitment(
    demo_home: Settings, demo_client: TestClient, tmp_path: Path
) -> None:
    matrix = ask(demo_client, "zhongyuan", "scores", edition="ZY-2023", as_of="2026-01-10")["stages"]["onsite"][
        "matrix"
    ]
    score = next(c["event"] for c in matrix if c["needs_opening"])
    opening = Opening("/item_scores", b"\x07" * 32, {"leadership": "74"})
    file = tmp_path / "opened.json"
    file.write_text(json.dumps([Disclosure("demo.rongjian.example/zhongyuan", score, opening).to_json()]), "utf-8")
    forged = run(demo_home, "inspect", "zhongyuan", "scores", "edition=ZY-2023", "--disclosures", str(file), "--json")
    assert forged.returncode == 4
    assert json.loads(forged.stdout)["error"]["code"] == "opening_mismatch"
    other = run(demo_home, "inspect", "zhongyuan", "flags", "--disclosures", str(file), "--json")
    assert (other.returncode, json.loads(other.stdout)["error"]["code"]) == (2, "option_not_known")
