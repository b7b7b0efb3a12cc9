"""The desk: what its pages lay out, in one language and in words, as which files, and which addresses are none."""

from __future__ import annotations

import re
from datetime import date

import pytest

from api.home.bootstrap import create_log
from api.home.settings import Settings
from api.rendering.layout import Layout
from api.rendering.place import Place
from api.workplace.calendar_file import calendar_file
from ledger.errors import MalformedError
from projections.inquiry.timeline import counted
from tests.workplace.cast import Cast


def test_pages_of_the_desk_give_json_csv_calendar_and_package(cast: Cast) -> None:
    cast.enter("dis")
    base = "/zh/desk/zhongyuan"
    flags = cast.client.get(f"{base}/flags/?format=csv")
    assert (flags.headers["content-type"], "RF02" in flags.text) == ("text/csv; charset=utf-8", True)
    calendar = cast.client.get(f"{base}/duties/?days=900&format=ics").text
    assert calendar.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert "DTSTART;VALUE=DATE:20240706" in calendar
    package = cast.client.get(f"{base}/package/?kind=award&subject=ZY-2023-A&format=zip")
    assert (package.headers["content-type"], package.content[:2]) == ("application/zip", b"PK")
    # Nothing of these pages is kept by a cache or shown in a frame.
    assert flags.headers["cache-control"] == "private, no-store"
    assert "frame-ancestors 'none'" in cast.client.get(f"{base}/").headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing/", 404),
        ("cases/ZY-2023%2FZ/", 404),
        ("events/7/", 400),
        ("persons/%3Cscript%3E/", 404),
        ("state/?kind=star&subject=x", 400),
        ("scores/?edition=X", 404),
        ("flags/?flag=RF99", 400),
        ("flags/?severity=X", 400),
        ("?as_of=tomorrow", 400),
        ("?known_at=999999", 404),
        ("ask/nothing/", 404),
        ("search/?q=" + "x" * 21_000, 400),
        ("integrity/?entry=-1,0,99999999999999999999,x", 200),
        ("search/?q=%25%27%3Cb%3E", 200),
        ("compare/?one=ZY-2023%2FA&other=NO%2FNO", 404),
        ("package/?kind=star&subject=x&format=zip", 400),
    ],
)
def test_bad_addresses_are_refused_as_pages_that_say_why(path: str, status: int, cast: Cast) -> None:
    cast.enter("dis")
    response = cast.client.get(f"/zh/desk/zhongyuan/{path}")
    assert response.status_code == status, response.text[:300]
    assert "<script>" not in response.text
    assert "<b>" not in response.text


def test_calendar_lines_are_folded_between_characters() -> None:
    body = calendar_file("账本", [(date(2026, 1, 31), "年度报告" * 12, "a,b;c")], "20260101T000000Z")
    lines = body.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    text = body.replace(b"\r\n ", b"").decode()
    assert f"SUMMARY:{'年度报告' * 12}\r\n" in text
    assert "DESCRIPTION:a\\,b\\;c" in text
    assert "DTEND;VALUE=DATE:20260201" in text


@pytest.mark.parametrize("name", ["desk", "bench", "rules"])
def test_no_log_takes_the_address_of_a_page(name: str, home: Settings) -> None:
    with pytest.raises(MalformedError) as refused:
        create_log(home, str(home.database_url), name, f"test.rongjian.example/{name}")
    assert refused.value.code == "log_name_reserved"


def test_the_ruler_counts_a_notice_each_way(cast: Cast) -> None:
    ledger = cast.client.app.state.logs["zhongyuan"].ledger  # type: ignore[attr-defined]
    rows = counted(ledger, "N-2023", date(2026, 1, 1), ledger.size())
    # Opened on Monday, 19 June 2023, for five working days; the 22nd and 23rd were a holiday, Sunday the 25th was
    # worked.
    assert rows == [
        {"counting": "working_days", "first_day_counted": False, "last_day": "2023-06-27"},
        {"counting": "working_days", "first_day_counted": True, "last_day": "2023-06-26"},
    ]
    cast.enter("dis")
    page = cast.client.get("/zh/desk/zhongyuan/notices/N-2023/").text
    assert ("各种计日方法的届满日" in page, "2023年6月26日" in page) == (True, True)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("zh", ["应得", "0.00 元", "主体登记", "天数"]),
        ("en", ["amount due", "CNY 0.00", "Principal registered", "days ahead, 90"]),
    ],
)
def test_answers_are_laid_out_in_one_language(language: str, texts: list[str], cast: Cast) -> None:
    cast.enter("dis")
    base = f"/{language}/desk/zhongyuan"
    organisation, person, duties = (
        cast.client.get(f"{base}/{p}/").text for p in ("organisations/A", "persons/P3", "ask/duties")
    )
    assert [f"<dt>{texts[0]}</dt><dd>{texts[1]}</dd>" in organisation, texts[2] in person, texts[3] in duties] == [
        True,
        True,
        True,
    ]
    assert "PrincipalRegistered" not in person
    assert ("天数" in duties) == (language == "zh")


def test_sums_are_sums_by_their_own_label() -> None:
    layout = Layout(Place("zh", ("desk", "zhongyuan")), "zhongyuan")
    for name in ("tax_per_mu", "revenue", "prize_amount", "paid"):
        assert (layout.value(123_456, name), "(分)" in layout.label(name)) == ("1,234.56 元", False)
    assert layout.value(123_456, "years") == "123,456"


def test_ends_of_validity_and_bans_name_article_and_events(cast: Cast) -> None:
    cast.enter("dis")
    rows = cast.client.get("/zh/desk/zhongyuan/duties/?days=2000&format=json").json()["rows"]
    ends = [r for r in rows if r["duty"] in ("validity_end", "ban_end")]
    assert ends
    assert [(bool(r["article"]), bool(r["packs"]), bool(r["events"])) for r in ends] == [(True, True, True)] * len(ends)


def test_a_timeline_is_told_in_three_densities_and_two_orders(cast: Cast) -> None:
    cast.enter("dis")
    page = "/zh/desk/zhongyuan/cases/ZY-2023%2FA/"
    rows = cast.client.get(f"{page}?lane=happened&format=json").json()["rows"]
    assert [r["effective_on"] for r in rows] == sorted(r["effective_on"] for r in rows)
    recorded = cast.client.get(f"{page}?format=json").json()["rows"]
    assert [r["position"] for r in recorded] == sorted(r["position"] for r in recorded)
    assert {r["event"] for r in rows} == {r["event"] for r in recorded}
    compact = cast.client.get(f"{page}?density=compact").text
    # Ten votes of one day on one line.
    assert re.search(r"<td>评委会委员表决</td><td>10</td>", compact) is not None
    raw = cast.client.get(f"{page}?density=raw&person=P4").text
    assert raw.count("<pre") == sum(r["actor"] == "P4" for r in rows)
    assert "&#34;total&#34;: &#34;674&#34;" in raw


def _main(text: str) -> str:
    shown = text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))


def test_a_difference_names_members_sums_and_causes_in_words(cast: Cast) -> None:
    cast.enter("dis")
    page = "/desk/zhongyuan/difference/?kind=award&subject=ZY-2023-A&from_on=2025-11-01"
    chinese = _main(cast.client.get(f"/zh{page}").text)
    for said in ("状态 有效 已撤销", "已决定追缴 0.00 元 200,000.00 元", "原因：事实日不同", "义务 › 年度报告 › 状态"):
        assert said in chinese
    assert "/value/" not in chinese
    assert "amount ordered back CNY 0.00 CNY 200,000.00" in _main(cast.client.get(f"/en{page}").text)


def test_a_hypothesis_is_told_answer_by_answer_and_links_to_nothing_that_is_not_there(cast: Cast) -> None:
    cast.enter("dis")
    text = cast.client.get("/zh/desk/zhongyuan/ask/what-if/?revoke=ZY-2023-B&ground=fraud").text
    told = _main(text)
    for said in ("奖项 ZY-2023-B 奖项状态与有效期", "今日会被拒绝"):
        assert said in told
    assert "假设 撤销授奖 郑州市中原区 GOV" in told
    events = set(re.findall(r'href="[^"]*/events/([0-9a-f-]+)/', text.partition("<main")[2]))
    assert [e for e in events if cast.client.get(f"/zh/desk/zhongyuan/events/{e}/").status_code != 200] == []


def test_notices_are_listed_with_the_last_day_that_the_text_gives(cast: Cast) -> None:
    cast.enter("dis")
    told = _main(cast.client.get("/zh/desk/zhongyuan/notices/").text)
    cases = "星河精密制造（演示） ZY-2023/A 、 绿洲社区医院（演示） ZY-2023/B"
    assert f"N-2023 候选 ZY-2023 {cases} 2023年6月19日 2023年6月27日 2023年6月27日 否" in told


def test_every_parameter_and_every_field_of_an_inquiry_has_a_name(cast: Cast) -> None:
    cast.enter("dis")
    told = _main(cast.client.get("/zh/desk/zhongyuan/ask/governing/?edition=ZY-2023").text)
    assert "授奖对象 eligible_objects" in told
    for name in ("what-if", "narrative", "who-knew", "notices", "difference", "flags", "holders"):
        page = cast.client.get(f"/zh/desk/zhongyuan/ask/{name}/").text
        labels = re.findall(r"<label>([^<]*)", page.partition('class="asking"')[2])
        assert [x for x in labels if re.search(r"[\u4e00-\u9fff]", x) is None] == [], name
        english = cast.client.get(f"/en/desk/zhongyuan/ask/{name}/").text
        assert re.findall(r"<label>([^<]*[\u4e00-\u9fff][^<]*)", english.partition('class="asking"')[2]) == []
