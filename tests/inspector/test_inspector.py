"""The inspector's questions: by one call of the API and one of the command line, with exports that can be checked."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.home.demo import demo_scenarios
from api.home.settings import Settings
from api.inspector.export import to_csv
from api.inspector.inquiries import INQUIRIES
from api.inspector.labels import is_money
from api.inspector.questions import QUESTIONS, Question
from ledger.disclosure import Disclosure, Opening
from projections.inquiry.accounts import AMOUNTS

#: What the placeholders of the questions stand for in one of the demo logs.
ASKED = {
    "log": "zhongyuan",
    "edition": "ZY-2023",
    "day": "2026-01-10",
    "award": "ZY-2023-A",
    "case": "ZY-2023/A",
    "org": "A",
    "person": "P3",
    "notice": "N-2023",
    "ground": "accident",
    "valid_award": "ZY-2023-B",
    "open_case": "ZY-2023/C",
}


def _get(client: TestClient, path: str, **parameters: Any) -> Any:
    response = client.get(path, params=parameters or None)
    assert response.status_code == 200, response.text
    return response.json()


def _ask(client: TestClient, log: str, inquiry: str, **parameters: Any) -> Any:
    return _get(client, f"/v1/logs/{log}/inspect/{inquiry}", **parameters)


def _run(home: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RONGJIAN_")}
    environment |= {
        "RONGJIAN_HOME": str(home.home),
        "RONGJIAN_DATABASE_URL": str(home.database_url),
        "LANG": "zh_CN.UTF-8",
    }
    command = [str(Path(sys.executable).with_name("rongjian")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: str(q.number))
def test_each_question_is_answered_alike_by_one_call_and_one_command(
    question: Question, demo_client: TestClient, demo_home: Settings
) -> None:
    told = _get(demo_client, question.path.format(**ASKED))
    ran = _run(demo_home, *shlex.split(question.command.format(**ASKED))[1:], "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shown = json.loads(ran.stdout)
    if "/inspect/" in question.path and "inspect" in question.command:
        assert shown == told
    else:
        assert shown


def test_there_are_thirty_questions_in_five_groups_of_askers(demo_client: TestClient) -> None:
    rows = _get(demo_client, "/v1/questions")["questions"]
    assert [r["number"] for r in rows] == list(range(1, 31))
    assert all(r["zh"] and r["en"] and r["get"] and r["command"] for r in rows)


# What the answers say


def test_the_head_beside_an_answer_is_the_root_of_what_was_known(demo_client: TestClient) -> None:
    told = _ask(demo_client, "zhongyuan", "flags", as_of="2026-01-10", known_at="150")
    assert (told["known_at"], told["checkpoint"]["tree_size"]) == (150, 150)
    later = _ask(demo_client, "zhongyuan", "flags", as_of="2026-01-10", known_at="151")
    assert later["checkpoint"]["root_hash"] != told["checkpoint"]["root_hash"]


def test_a_permalink_gives_the_same_answer_for_ever(demo_client: TestClient) -> None:
    told = _ask(demo_client, "zhongyuan", "flags", severity="H")
    assert "known_at=218" in told["permalink"]
    assert _get(demo_client, told["permalink"]) == told


def test_a_revocation_is_told_from_the_application_to_the_return_of_the_certificate(demo_client: TestClient) -> None:
    told = _ask(demo_client, "zhongyuan", "narrative", revocation="ZY-2023-A", as_of="2026-01-10")
    sections = {s["en"]: s["sentences"] for s in told["sections"]}
    assert list(sections) == [
        "What led to it",
        "The decision",
        "What follows by the text",
        "What came after",
        "Flags",
        "Texts and readings",
    ]
    numbered = [s["n"] for name in ("What led to it", "The decision", "What came after") for s in sections[name]]
    assert numbered == list(range(1, len(numbered) + 1))
    assert sections["The decision"][0]["zh"] == (
        "2025年11月28日，政府 gov 登记“撤销授奖”，ZY-2023-A：事由为弄虚作假；生效日期为2025年11月28日；"
        "文号为中原政文〔2025〕9904号（演示）。依据 ZY:24(1)（账本第 213 条）。"
    )
    follows = " ".join(s["zh"] for s in sections["What follows by the text"])
    assert "自 2025年11月28日 至 2029年11月28日 禁止申报，范围 本奖项（条款 ZY:24" in follows
    assert "依规应追缴 200,000.00 元" in follows
    late = [s["en"] for s in sections["What led to it"] if "days later" in s["en"]]
    assert len(late) == 2
    assert "13 days later" in late[0]
    others = [s for s in sections["What led to it"] if "ZY-2023/B" in s["zh"]]
    assert others == []


def test_a_trace_is_a_graph_whose_arrows_lead_to_what_came_before(demo_client: TestClient) -> None:
    told = _ask(demo_client, "zhongyuan", "trace", award="ZY-2023-A")
    positions = {s["position"] for s in told["rows"]}
    assert told["edges"]
    assert told["texts"] == ["ZY@draft#1"]
    assert any(r.startswith("B-9/G17@") for r in told["readings"])
    assert all(e["to"] < e["from"] and {e["from"], e["to"]} <= positions for e in told["edges"])
    assert told["dot_zh"].startswith("digraph trace {")
    assert told["mermaid_en"].splitlines()[0] == "flowchart BT"
    for text in (told["dot_en"], told["mermaid_en"]):
        assert text.count("->" if "digraph" in text else "-->") == len(told["edges"])
    plain = demo_client.get(
        "/v1/logs/zhongyuan/inspect/trace", params={"award": "ZY-2023-A", "format": "dot", "lang": "en"}
    )
    assert plain.text == told["dot_en"]


def test_a_late_score_is_named_as_what_changed_the_answer(demo_client: TestClient) -> None:
    day = "2023-06-15"
    told = _ask(
        demo_client,
        "zhongyuan",
        "difference",
        kind="case",
        subject="ZY-2023/A",
        from_on=day,
        from_known=day,
        as_of=day,
        known_at="2023-06-21",
    )
    [scores] = [f for f in told["changed"] if f["fact"] == "case.scores"]
    assert scores["causes"] == ["event"]
    members = {m["path"]: (m["before"], m["after"]) for m in scores["members"]}
    assert members["/value/onsite/value/total"] == ("646", "653")
    assert [(e["type"], e["effective_at"], e["recorded_at"][:10], e["new"]) for e in scores["responsible"]] == [
        ("ScoreSubmitted", "2023-06-07", "2023-06-20", True)
    ]


def test_a_day_a_reading_and_an_event_are_told_apart_as_causes(demo_client: TestClient) -> None:
    by_day = _ask(
        demo_client,
        "zhongyuan",
        "difference",
        kind="award",
        subject="ZY-2023-B",
        from_on="2027-07-06",
        as_of="2027-07-07",
    )
    assert {f["fact"]: f["causes"] for f in by_day["changed"]}["award.status"] == ["day"]
    day = "2024-06-20"
    reading = _ask(
        demo_client,
        "jinshui",
        "difference",
        kind="edition",
        subject="JS-2024",
        from_on=day,
        from_known="2024-06-19",
        as_of=day,
        known_at=day,
    )
    assert {f["fact"]: f["causes"] for f in reading["changed"]}["edition.quota"] == ["reading"]


def test_what_if_says_what_follows_what_is_refused_and_what_is_open(demo_client: TestClient) -> None:
    before = _get(demo_client, "/v1/logs")["logs"]
    told = _ask(demo_client, "hengyang", "what-if", revoke="HY-2025-N", ground="violation", as_of="2026-03-01")
    changed = {(c["kind"], f["fact"]): f["after"] for c in told["consequences"] for f in c["changed"]}
    assert changed["award", "award.status"]["value"]["status"] == "revoked"
    # HY20 gives neither ban nor clawback for a violation after the award (G05).
    assert {g["gap"] for g in told["not_settled"]} == {"G05"}
    assert told["refused_today"]["code"] == "revocation_step_missing"
    ban = _ask(demo_client, "ganzhou", "what-if", revoke="GZ-2023-V", ground="fraud", as_of="2024-03-01")
    after = {f["fact"]: f["after"] for c in ban["consequences"] if c["kind"] == "org" for f in c["changed"]}
    assert after["org.bans"]["value"]["last_day"] == "2034-03-01"
    assert _get(demo_client, "/v1/logs")["logs"] == before


def test_leaving_out_a_score_and_winning_again_are_hypotheses_too(demo_client: TestClient) -> None:
    history = _get(demo_client, "/v1/logs/zhongyuan/facts/case.scores", subject="ZY-2023/A", as_of="2026-01-01")
    score = history["value"]["onsite"]["value"]["counted"][-1]
    told = _ask(demo_client, "zhongyuan", "what-if", exclude=score, as_of="2026-01-10")
    members = {m["path"]: (m["before"], m["after"]) for m in told["rows"] if m["fact"] == "case.scores"}
    assert members["/value/onsite/value/count"] == (3, 2)
    won = _ask(demo_client, "zhongyuan", "what-if", win="ZY-2023/C", as_of="2026-01-10")
    assert won["refused_today"]["code"] == "step_missing"
    assert "award.status" in {r["fact"] for r in won["rows"]}


def test_who_could_have_known_counts_signing_telling_and_opening(demo_client: TestClient) -> None:
    told = _ask(demo_client, "zhongyuan", "who-knew", revocation="ZY-2023-A", as_of="2026-01-10")
    rows = {r["person"]: r for r in told["rows"]}
    assert {"A", "P1", "chr", "gov", "sec", "sech", "dep"} <= rows.keys()
    assert rows["gov"]["acted"]
    assert not rows["P1"]["acted"]
    assert rows["dep"]["before_the_act"]
    assert all(r["how"] in {"signed", "opened", "given", "told", "published", "cited"} for r in told["ways"])
    only = _ask(demo_client, "zhongyuan", "who-knew", revocation="ZY-2023-A", only="1")
    assert {r["person"] for r in only["rows"] if r["how"] == "signed"} == {"gov", "sech"}


def test_a_person_a_pair_and_who_signs_with_whom(demo_client: TestClient) -> None:
    person = _ask(demo_client, "zhongyuan", "person", person="P3")
    assert {r["role"] for r in person["roles"]} == {"REV"}
    assert person["acts"]["InterestDeclared"] >= 2
    pair = _ask(demo_client, "zhongyuan", "pair", person="P3", org="C")
    assert [r["type"] for r in pair["rows"] if r["type"] in ("InterestDeclared", "RecusalOrdered")] == [
        "InterestDeclared",
        "RecusalOrdered",
    ]
    eyes = _ask(demo_client, "zhongyuan", "four-eyes", edition="ZY-2023")["rows"]
    assert {"type": "EligibilityDecided", "originator": "sec", "countersigner": "sech", "times": 4} in eyes
    assert all(r["originator"] != r["countersigner"] for r in eyes)


def test_scores_are_laid_open_with_voids_recusals_and_the_result_without_each(demo_client: TestClient) -> None:
    told = _ask(demo_client, "zhongyuan", "scores", edition="ZY-2023", as_of="2026-01-10")
    material, onsite = told["stages"]["material"], told["stages"]["onsite"]
    assert [(r["case"], r["reviewer"], r["total"]) for r in material["void"]] == [("ZY-2023/C", "P3", "612")]
    assert onsite["cases"]["ZY-2023/A"]["combined"] == "646"
    assert {r["reviewer"] for r in onsite["without"]} == {"P1", "P2", "P3", "P4"}
    assert all(set(r["order"]) <= {"ZY-2023/A", "ZY-2023/B", "ZY-2023/C"} for r in onsite["without"])
    [items] = [c for c in onsite["matrix"] if c["needs_opening"]]
    assert (items["reviewer"], items["needs_opening"]) == ("P3", ["/item_scores"])


@pytest.mark.parametrize("log", ["zhongyuan", "ganzhou", "hengyang", "jindong", "jinshui"])
def test_money_adds_up_to_the_fen_at_every_level(log: str, demo_client: TestClient) -> None:
    whole = _ask(demo_client, log, "money", as_of="2026-05-01")
    assert whole["balanced"]
    for name in AMOUNTS:
        assert (
            whole["totals"][name]
            == sum(r[name] or 0 for r in whole["rows"])
            == sum(o[name] for o in whole["by_org"].values())
        )
    for org, sums in whole["by_org"].items():
        assert _ask(demo_client, log, "money", org=org, as_of="2026-05-01")["totals"] == sums
    assert all(line["event"] and line["on"] for line in whole["lines"])


def test_several_logs_are_looked_at_together_and_keep_their_own_heads(demo_client: TestClient) -> None:
    heads = _get(demo_client, "/v1/across/flags", severity="C")["logs"]
    assert sorted(heads) == ["ganzhou", "ganzhou-practice", "hengyang", "jindong", "jinshui", "zhongyuan"]
    assert len({h["root_hash"] for h in heads.values()}) == 6
    story = tomllib.loads(str(next(p for p in demo_scenarios() if p.stem == "ganzhou").read_text("utf-8")))
    uscc = story["organisations"]["V"]["uscc"]
    told = _get(demo_client, f"/v1/across/organisations/{uscc}", as_of="2025-01-01")
    assert [(r["log"], r["org"]) for r in told["rows"]] == [("ganzhou", "V")]
    assert all(n["reaches"] for n in told["notices"])
    assert _get(demo_client, "/v1/across/patterns")["rows"] == []


# Exports


def test_a_sheet_carries_its_question_and_no_formula(demo_client: TestClient, demo_home: Settings) -> None:
    response = demo_client.get(
        "/v1/logs/zhongyuan/inspect/flags", params={"as_of": "2026-01-10", "severity": "H", "format": "csv"}
    )
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = _rows_of(response.content)
    told = _ask(demo_client, "zhongyuan", "flags", as_of="2026-01-10", severity="H")
    assert [r["id"] for r in rows] == [r["id"] for r in told["rows"]]
    assert {(r["asked_log"], r["asked_query"], r["asked_as_of"], r["root_hash"]) for r in rows} == {
        ("demo.rongjian.example/zhongyuan", '{"severity": "H"}', "2026-01-10", told["checkpoint"]["root_hash"])
    }
    assert all(not cell.startswith(("=", "+", "@")) for r in rows for cell in r.values())
    ran = _run(demo_home, "inspect", "zhongyuan", "flags", "severity=H", "--on", "2026-01-10", "--format", "csv")
    assert ran.stdout == response.content.decode().replace("\r\n", "\n")


def _rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_money_is_in_yuan_in_a_sheet_and_in_fen_in_json(demo_client: TestClient) -> None:
    told = _ask(demo_client, "zhongyuan", "money", as_of="2026-01-10")["rows"]
    content = demo_client.get(
        "/v1/logs/zhongyuan/inspect/money", params={"as_of": "2026-01-10", "format": "csv"}
    ).content
    rows = _rows_of(content)
    assert [r["paid_yuan"] for r in rows] == ["200000.00", "200000.00"]
    assert [t["paid"] for t in told] == [20_000_000, 20_000_000]
    columns = (
        "entitled",
        "decided",
        "paid",
        "reversed",
        "clawback_ordered",
        "received",
        "waived",
        "outstanding",
        "overdue",
    )
    assert [name for name in rows[0] if name.removesuffix("_yuan") in columns] == [
        # Nothing was decided beside the text: a column without an amount has no unit.
        name if name == "decided" else f"{name}_yuan"
        for name in columns
    ]


def test_amounts_among_other_values_are_in_yuan_and_their_rows_say_so(demo_client: TestClient) -> None:
    asked = {"kind": "award", "subject": "ZY-2023-A", "from_on": "2024-01-01", "as_of": "2026-01-10", "format": "csv"}
    rows = {
        r["path"]: r for r in _rows_of(demo_client.get("/v1/logs/zhongyuan/inspect/difference", params=asked).content)
    }
    ordered, status = rows["/value/clawback_ordered"], rows["/value/status"]
    assert (ordered["before"], ordered["after"], ordered["unit"]) == ("0.00", "200000.00", "yuan")
    assert (status["before"], status["after"], status["unit"]) == ("valid", "revoked", "")
    asked = {"edition": "ZY-2023", "format": "csv"}
    rows = {
        r["path"]: r for r in _rows_of(demo_client.get("/v1/logs/zhongyuan/inspect/governing", params=asked).content)
    }
    assert (rows["prize.first.quality"]["value"], rows["prize.first.quality"]["unit"]) == ("200000.00", "yuan")


def test_scores_and_sums_inside_a_cell_are_read_like_those_beside_it(demo_client: TestClient) -> None:
    value = {
        "log": "l",
        "inquiry": "i",
        "query": {},
        "as_of": "2026-01-10",
        "known_at": 1,
        "checkpoint": {"tree_size": 1, "root_hash": "r"},
        "rows": [
            {
                "case": "X",
                "mean": "584.6666666666666666666666667",
                "value": {"paid": 150, "median": "1.005", "away": {"R1": "-0.125"}},
            }
        ],
    }
    [row] = _rows_of(to_csv(value))
    assert (row["mean"], json.loads(row["value"])) == (
        "584.67",
        {"paid_yuan": "1.50", "median": "1.01", "away": {"R1": "-0.13"}},
    )


@pytest.mark.parametrize("name", [i.name for i in INQUIRIES.values() if not any(n.endswith("*") for n in i.takes)])
def test_every_sheet_starts_with_a_byte_order_mark_and_shows_no_fen(name: str, demo_client: TestClient) -> None:
    response = demo_client.get(f"/v1/logs/zhongyuan/inspect/{name}", params={"format": "csv", "as_of": "2026-01-10"})
    if response.status_code == 200:
        heads, *_ = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
        assert response.content.startswith(b"\xef\xbb\xbf")
        assert [h for h in heads if is_money(h) and h not in ("due", "decided")] == []
        assert "20000000" not in response.text


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
    told = _ask(demo_client, "zhongyuan", "flags", as_of="1990-01-01")
    assert told["rows"] == []
    empty = _ask(demo_client, "zhongyuan", "flags", as_of="2026-01-10", known_at="0")
    assert (empty["rows"], empty["checkpoint"]) == ([], {"tree_size": 0, "root_hash": None})
    assert _ask(demo_client, "zhongyuan", "money", as_of="1990-01-01")["rows"] == []


@pytest.mark.parametrize("day", ["1949-10-01", "2200-12-31"])
@pytest.mark.parametrize("log", ["zhongyuan", "ganzhou", "ganzhou-practice", "hengyang", "jindong", "jinshui"])
def test_the_first_and_the_last_day_there_are_have_answers(day: str, log: str, demo_client: TestClient) -> None:
    for inquiry in ("flags", "money", "duties", "holders", "notices", "statistics"):
        told = _ask(demo_client, log, inquiry, as_of=day)
        assert (told["as_of"], isinstance(told["rows"], list)) == (day, True)
    page = demo_client.get(f"/zh/{log}/", params={"as_of": day})
    assert page.status_code == 200, page.text


def test_commands_say_what_is_wrong_and_print_tables_for_people(demo_home: Settings) -> None:
    shown = _run(demo_home, "inspect", "zhongyuan", "flags", "severity=C", "--on", "2026-01-10", "--lang", "zh")
    assert shown.returncode == 0
    assert "倒签补录" in shown.stdout or "迟录" in shown.stdout
    wrong = _run(demo_home, "inspect", "zhongyuan", "flags", "colour")
    assert (wrong.returncode, "argument_unclear" in wrong.stderr) == (2, True)
    story = _run(
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
    assert _run(demo_home, "inquiries", "questions").returncode == 0
    assert _run(demo_home, "across", "patterns").returncode == 0
    assert _run(demo_home, "across", "organisation").returncode == 2


def test_opened_items_fill_the_matrix_and_are_checked_against_their_commitment(
    demo_home: Settings, demo_client: TestClient, tmp_path: Path
) -> None:
    matrix = _ask(demo_client, "zhongyuan", "scores", edition="ZY-2023", as_of="2026-01-10")["stages"]["onsite"][
        "matrix"
    ]
    score = next(c["event"] for c in matrix if c["needs_opening"])
    opening = Opening("/item_scores", b"\x07" * 32, {"leadership": "74"})
    file = tmp_path / "opened.json"
    file.write_text(json.dumps([Disclosure("demo.rongjian.example/zhongyuan", score, opening).to_json()]), "utf-8")
    forged = _run(demo_home, "inspect", "zhongyuan", "scores", "edition=ZY-2023", "--disclosures", str(file), "--json")
    assert forged.returncode == 4
    assert json.loads(forged.stdout)["error"]["code"] == "opening_mismatch"
    other = _run(demo_home, "inspect", "zhongyuan", "flags", "--disclosures", str(file), "--json")
    assert (other.returncode, json.loads(other.stdout)["error"]["code"]) == (2, "option_not_known")
