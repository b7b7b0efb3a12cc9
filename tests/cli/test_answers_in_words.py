"""What people read of answers, on the desk, on the command line and in reports: words of the member, yuan, short
decimals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.evidence.report import report
from api.home.settings import Settings
from api.inspector.in_words import lines
from api.rendering.blocks import Hint, Members, Quoted
from api.rendering.environment import drawn
from api.rendering.layout import Layout
from api.rendering.place import Place
from tests.inspector.inquiries import run
from tests.pages.figures import FEN, LONG
from tests.workplace.cast import Cast

PATHS = (
    "",
    "cases/ZY-2023%2FA/",
    "awards/ZY-2023-A/",
    "awards/ZY-2023-B/",
    "organisations/A/",
    "editions/ZY-2023/",
    "notices/N-2023/",
    "scores/",
    "money/",
    "duties/",
    "flags/",
    "state/?kind=award&subject=ZY-2023-A",
    "difference/?kind=award&subject=ZY-2023-A&from_on=2023-05-01",
    "ask/narrative/?award=ZY-2023-A",
    "ask/money/?org=A",
    "ask/statistics/",
    "ask/narrative/?revocation=ZY-2023-A",
    "ask/what-if/?revoke=ZY-2023-B&ground=fraud",
    "ask/governing/?edition=ZY-2023",
    "ask/scores/?edition=ZY-2023",
    "compare/?one=ZY-2023/A&other=ZY-2023/B",
)


@pytest.fixture
def cast(demo_home: Settings, demo_client: TestClient) -> Iterator[Cast]:
    yield Cast(demo_home, demo_client)
    demo_client.cookies.clear()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_the_desk_shows_fen_or_a_long_decimal(language: str, cast: Cast) -> None:
    cast.enter("dis")
    found = {}
    for path in PATHS:
        page = cast.client.get(f"/{language}/desk/zhongyuan/{path}")
        assert page.status_code == 200, path
        shown = re.sub(r"<script.*?</script>|<svg.*?</svg>|<[^>]*>", " ", page.text, flags=re.DOTALL)
        if match := FEN.search(shown) or LONG.search(shown):
            found[path] = match[0]
    assert found == {}


def test_the_command_line_says_words_and_yuan(demo_home: Settings) -> None:
    asked = ("as-of", "zhongyuan", "award", "ZY-2023-A", "--on", "2026-01-10")
    said = run(demo_home, *asked, "--lang", "zh").stdout
    assert [
        line in said
        for line in ("D18 应得奖金\n  0.00 元", "  已追回：200,000.00 元", "      状态：已交回", "  状态：已撤销")
    ] == [True] * 4
    assert FEN.search(said) is None
    # ZY-24 has taken it back; before the revocation it was due.
    asked = (*asked[:-1], "2024-01-01")
    english = run(demo_home, *asked, "--fact", "award.prize_due", "--lang", "en").stdout
    assert "D18 prize due\n  CNY 200,000.00" in english
    assert '"value": 20000000' in run(demo_home, *asked, "--fact", "award.prize_due", "--json").stdout
    table = run(demo_home, "inspect", "zhongyuan", "money", "--on", "2026-01-10", "--lang", "zh").stdout
    assert "200,000.00 元" in table
    assert FEN.search(table) is None
    changed = run(
        demo_home,
        "diff",
        "zhongyuan",
        "award",
        "ZY-2023-A",
        "--from-on",
        "2024-01-01",
        "--on",
        "2026-01-10",
        "--lang",
        "zh",
    ).stdout
    assert "  已决定追缴：0.00 元" in changed
    assert "  已决定追缴：200,000.00 元" in changed


@pytest.mark.parametrize(
    ("value", "name", "of", "said"),
    [
        (
            {"paid": 150, "due": 20, "state": "open"},
            "",
            "edition.course",
            ["已拨付：1.50 元", "应得：0.20 元", "状态：进行中"],
        ),
        ({"median": "584.6666666666666666666666667"}, "", "case.scores", ["中位数：584.67"]),
        (
            {"param_path": "prize.first.quality", "value": 20_000_000},
            "",
            "RegulationInterpreted",
            ["参数路径：prize.first.quality", "结果：200,000.00 元"],
        ),
        (
            {"fields": {"/tax_per_mu": 1_234_50}},
            "",
            "ApplicationSupplemented",
            ["补正字段：", "  亩均税收：1,234.50 元"],
        ),
        ({"open_cases": {"GZ/1": "returned"}}, "", "edition.course", ["在办案件：", "  GZ/1：退回补正"]),
        ([{"kind": "cup"}, {"kind": "plaque"}], "", "certificate.register", ["- 种类：奖杯", "- 种类：奖牌"]),
        (
            {"flag": "RF12", "zh": "甲 得分 599.9966，低于分数线 600", "en": "x"},
            "",
            "",
            ["RF12 甲 得分 599.99，低于分数线 600"],
        ),
        ([], "", "", ["—"]),
        (None, "", "", ["—"]),
        (True, "", "", ["是"]),
        ("癸\u000b", "", "", ["癸⟨U+000B⟩"]),
    ],
)
def test_a_value_is_told_in_lines(value: Any, name: str, of: str, said: list[str]) -> None:
    assert list(lines(value, name, of, chinese=True)) == said


def test_a_value_beside_the_path_of_a_parameter_is_read_by_it() -> None:
    layout = Layout(Place("zh", ("desk", "x")), "x", of="RegulationInterpreted")
    assert "200,000.00 元" in drawn("zh", layout.value({"param_path": "prize.first.quality", "value": 20_000_000}))
    assert "<dd>5</dd>" in drawn("zh", layout.value({"param_path": "panel.size_min", "value": 5}))
    cells = layout.table(
        [{"path": "prize.top_up", "value": [{"after": "x", "award": "quality", "amount": 35_000_000}]}]
    )
    assert "350,000.00 元" in drawn("zh", cells)


def test_what_is_about_to_be_signed_is_shown_whole() -> None:
    layout = Layout(Place("en", ("bench", "x")), "x", of="ScoreSubmitted")
    assert layout.value({"total": "85.125"}) == Members([("total", Hint("85.13", "85.125"))])
    whole = Layout(Place("en", ("bench", "x")), "x", of="ScoreSubmitted", whole=True)
    assert whole.value({"total": "85.125"}) == Members([("total", Quoted("85.125"))])


QUESTION = {
    "origin": "o",
    "subject": {"kind": "award", "id": "X"},
    "as_of": "2026-01-10",
    "known_at": 1,
    "flags": False,
}
WHY: dict[str, list[str]] = {"articles": [], "events": [], "readings": [], "packs": [], "calendars": []}


def _answer(fact: str, zh: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "number": "D0", "zh": zh, "en": zh, "state": "value", "value": value, "why": WHY}


def test_a_report_says_words_of_the_member_yuan_and_two_decimals() -> None:
    answers = [
        _answer("award.prize_due", "应得奖金(分)", 20_000_000),
        _answer("certificate.register", "证书登记", {"items": [{"state": "returned"}]}),
        _answer("case.scores", "评审得分", {"material": {"value": {"total": "584.6666666666666666666666667"}}}),
    ]
    page = report(QUESTION, answers, [], [], chinese=True)
    assert [f">{text}<" in page for text in ("200,000.00 元", "已交回", "584.67")] == [True] * 3
    assert "(分)" not in page
