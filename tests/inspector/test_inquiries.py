"""What inquiries say: of revocations, causes, hypotheses, people, scores and money, in one log and several."""

from __future__ import annotations

import tomllib

import pytest
from fastapi.testclient import TestClient

from api.home.demo import demo_scenarios
from projections.inquiry.accounts import AMOUNTS
from tests.inspector.inquiries import ask, get


def test_a_revocation_is_told_from_the_application_to_the_return_of_the_certificate(demo_client: TestClient) -> None:
    told = ask(demo_client, "zhongyuan", "narrative", revocation="ZY-2023-A", as_of="2026-01-10")
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
        "文号为中原政文〔2025〕9904号（演示）。依据：第二十四条第（一）项（账本第 213 条）。"
    )
    follows = " ".join(s["zh"] for s in sections["What follows by the text"])
    assert "自 2025年11月28日 至 2029年11月28日 禁止申报，范围 本奖项（第二十四条" in follows
    assert "依规应追缴 200,000.00 元" in follows
    late = [s["en"] for s in sections["What led to it"] if "days later" in s["en"]]
    assert len(late) == 2
    assert "13 days later" in late[0]
    others = [s for s in sections["What led to it"] if "ZY-2023/B" in s["zh"]]
    assert others == []


def test_a_trace_is_a_graph_whose_arrows_lead_to_what_came_before(demo_client: TestClient) -> None:
    told = ask(demo_client, "zhongyuan", "trace", award="ZY-2023-A")
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
    told = ask(
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
    by_day = ask(
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
    reading = ask(
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
    before = get(demo_client, "/v1/logs")["logs"]
    told = ask(demo_client, "hengyang", "what-if", revoke="HY-2025-N", ground="violation", as_of="2026-03-01")
    changed = {(c["kind"], f["fact"]): f["after"] for c in told["consequences"] for f in c["changed"]}
    assert changed["award", "award.status"]["value"]["status"] == "revoked"
    # HY20 gives neither ban nor clawback for a violation after the award (G05).
    assert {g["gap"] for g in told["not_settled"]} == {"G05"}
    assert told["refused_today"]["code"] == "revocation_step_missing"
    ban = ask(demo_client, "ganzhou", "what-if", revoke="GZ-2023-V", ground="fraud", as_of="2024-03-01")
    after = {f["fact"]: f["after"] for c in ban["consequences"] if c["kind"] == "org" for f in c["changed"]}
    assert after["org.bans"]["value"]["last_day"] == "2034-03-01"
    assert get(demo_client, "/v1/logs")["logs"] == before


def test_leaving_out_a_score_and_winning_again_are_hypotheses_too(demo_client: TestClient) -> None:
    history = get(demo_client, "/v1/logs/zhongyuan/facts/case.scores", subject="ZY-2023/A", as_of="2026-01-01")
    score = history["value"]["onsite"]["value"]["counted"][-1]
    told = ask(demo_client, "zhongyuan", "what-if", exclude=score, as_of="2026-01-10")
    members = {m["path"]: (m["before"], m["after"]) for m in told["rows"] if m["fact"] == "case.scores"}
    assert members["/value/onsite/value/count"] == (3, 2)
    won = ask(demo_client, "zhongyuan", "what-if", win="ZY-2023/C", as_of="2026-01-10")
    assert won["refused_today"]["code"] == "step_missing"
    assert "award.status" in {r["fact"] for r in won["rows"]}


def test_who_could_have_known_counts_signing_telling_and_opening(demo_client: TestClient) -> None:
    told = ask(demo_client, "zhongyuan", "who-knew", revocation="ZY-2023-A", as_of="2026-01-10")
    rows = {r["person"]: r for r in told["rows"]}
    assert {"A", "P1", "chr", "gov", "sec", "sech", "dep"} <= rows.keys()
    assert rows["gov"]["acted"]
    assert not rows["P1"]["acted"]
    assert rows["dep"]["before_the_act"]
    assert all(r["how"] in {"signed", "opened", "given", "told", "published", "cited"} for r in told["ways"])
    only = ask(demo_client, "zhongyuan", "who-knew", revocation="ZY-2023-A", only="1")
    assert {r["person"] for r in only["rows"] if r["how"] == "signed"} == {"gov", "sech"}


def test_a_person_a_pair_and_who_signs_with_whom(demo_client: TestClient) -> None:
    person = ask(demo_client, "zhongyuan", "person", person="P3")
    assert {r["role"] for r in person["roles"]} == {"REV"}
    assert person["acts"]["InterestDeclared"] >= 2
    pair = ask(demo_client, "zhongyuan", "pair", person="P3", org="C")
    assert [r["type"] for r in pair["rows"] if r["type"] in ("InterestDeclared", "RecusalOrdered")] == [
        "InterestDeclared",
        "RecusalOrdered",
    ]
    eyes = ask(demo_client, "zhongyuan", "four-eyes", edition="ZY-2023")["rows"]
    assert {"type": "EligibilityDecided", "originator": "sec", "countersigner": "sech", "times": 4} in eyes
    assert all(r["originator"] != r["countersigner"] for r in eyes)


def test_scores_are_laid_open_with_voids_recusals_and_the_result_without_each(demo_client: TestClient) -> None:
    told = ask(demo_client, "zhongyuan", "scores", edition="ZY-2023", as_of="2026-01-10")
    material, onsite = told["stages"]["material"], told["stages"]["onsite"]
    assert [(r["case"], r["reviewer"], r["total"]) for r in material["void"]] == [("ZY-2023/C", "P3", "612")]
    assert onsite["cases"]["ZY-2023/A"]["combined"] == "646"
    assert {r["reviewer"] for r in onsite["without"]} == {"P1", "P2", "P3", "P4"}
    assert all(set(r["order"]) <= {"ZY-2023/A", "ZY-2023/B", "ZY-2023/C"} for r in onsite["without"])
    [items] = [c for c in onsite["matrix"] if c["needs_opening"]]
    assert (items["reviewer"], items["needs_opening"]) == ("P3", ["/item_scores"])


@pytest.mark.parametrize("log", ["zhongyuan", "ganzhou", "hengyang", "jindong", "jinshui"])
def test_money_adds_up_to_the_fen_at_every_level(log: str, demo_client: TestClient) -> None:
    whole = ask(demo_client, log, "money", as_of="2026-05-01")
    assert whole["balanced"]
    for name in AMOUNTS:
        assert (
            whole["totals"][name]
            == sum(r[name] or 0 for r in whole["rows"])
            == sum(o[name] for o in whole["by_org"].values())
        )
    for org, sums in whole["by_org"].items():
        assert ask(demo_client, log, "money", org=org, as_of="2026-05-01")["totals"] == sums
    assert all(line["event"] and line["on"] for line in whole["lines"])


def test_several_logs_are_looked_at_together_and_keep_their_own_heads(demo_client: TestClient) -> None:
    heads = get(demo_client, "/v1/across/flags", severity="C")["logs"]
    assert sorted(heads) == ["ganzhou", "ganzhou-practice", "hengyang", "jindong", "jinshui", "zhongyuan"]
    assert len({h["root_hash"] for h in heads.values()}) == 6
    story = tomllib.loads(str(next(p for p in demo_scenarios() if p.stem == "ganzhou").read_text("utf-8")))
    uscc = story["organisations"]["V"]["uscc"]
    told = get(demo_client, f"/v1/across/organisations/{uscc}", as_of="2025-01-01")
    assert [(r["log"], r["org"]) for r in told["rows"]] == [("ganzhou", "V")]
    assert all(n["reaches"] for n in told["notices"])
    assert get(demo_client, "/v1/across/patterns")["rows"] == []
