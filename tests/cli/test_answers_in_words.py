"""What people read of answers, on the desk and in reports: words of the member, yuan, short decimals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.evidence.report import report
from api.home.settings import Settings
from api.rendering.blocks import Hint, Members, Quoted
from api.rendering.environment import drawn
from api.rendering.layout import Layout
from api.rendering.place import Place
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
