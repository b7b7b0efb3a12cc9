"""Pages whose day or knowledge is not now: their ribbon, and how programs are led to them (RFC 7089)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.public.pages import Window, page, written
from api.public.ribbon import sentences
from api.rendering.place import Place
from api.rendering.values import day_in
from api.v1.axes import Axes, axes
from ledger.clock import shanghai_day, system_clock
from ledger.derivation.doubts import Doubt
from tests.builders import Town
from tests.pages.in_a_browser import CHROMIUM, chromium, look_at, opened, served
from tests.workplace.cast import Cast

AWARD = "/zh/zhongyuan/awards/ZY-2023-A/"
NOW = "回到现在"
_TAG = re.compile(r"<[^>]+>")
_LINK = re.compile(r'<([^>]+)>; rel="([^"]+)"(?:; (?:type|datetime)="[^"]+")?')


def _ribbon(client: TestClient, address: str) -> list[str]:
    """The ribbon's lines as they are read; none where a page has no ribbon."""
    text = client.get(address).text
    _, found, rest = text.partition('<section class="ribbon"')
    lines = rest.partition(">")[2].partition("</section>")[0].replace("<li>", "\n").split("\n")
    return [line for line in (_TAG.sub("", line).strip() for line in lines) if line] if found else []


def test_a_page_of_a_day_past_says_so_and_what_changed_of_its_subject(demo_client: TestClient) -> None:
    assert _ribbon(demo_client, f"{AWARD}?as_of=2024-06-30") == [
        "您看到的是截至 2024年6月30日、按账本现在所知的情况，不是现在的情况。",
        "此后变化：",
        "2025年11月28日 撤销授奖",
        "2025年11月28日 追缴决定",
        "2025年12月1日 公告/通报发布",
        "2025年12月25日 追缴到账",
        "2025年12月30日 证书/奖牌/奖杯收回",
        NOW,
    ]
    assert _ribbon(demo_client, "/en/zhongyuan/notices/N-2023/?as_of=2023-06-20") == [
        "You see how things stood on 20 June 2023, by what the ledger knows now. This is not how they stand now.",
        "Since then:",
        "28 June 2023 Public notice closed",
        "Back to now",
    ]
    assert _ribbon(demo_client, "/zh/zhongyuan/notices/N-2023/embed/?as_of=2023-06-20")[-2:] == [
        "2023年6月28日 公示结束",
        NOW,
    ]


def test_a_page_of_an_earlier_knowledge_says_by_which_entry(demo_client: TestClient) -> None:
    both = _ribbon(demo_client, "/zh/zhongyuan/?as_of=2024-06-30&known_at=120")
    assert both[0] == "您看到的是截至 2024年6月30日、按账本第 120 条所知的情况，不是现在的情况。"
    assert both[1].startswith("此后变化 23 项： 节假日安排登记 3、追缴到账 3、")
    known = _ribbon(demo_client, f"{AWARD}?known_at=120")
    assert known[:3] == ["您看到的是按账本第 120 条所知的情况，不是现在所知的情况。", "此后变化：", "2023年7月6日 授奖"]
    # What is not there yet is said under the ribbon too.
    assert demo_client.get(f"{AWARD}?known_at=120").status_code == 404


def test_a_day_to_come_and_a_day_before_the_log_are_said_to_be(demo_client: TestClient) -> None:
    assert _ribbon(demo_client, f"{AWARD}?as_of=2130-01-01") == [
        "您看到的是以后的日子 2130年1月1日：按现在所知推算，此后的登记可能使它改变。",
        NOW,
    ]
    early = _ribbon(demo_client, "/zh/zhongyuan/?as_of=1999-01-01")
    assert early[1] == "这一天早于账本建立之日（2023年3月1日），账本只有其后补录的情况。"


def test_headings_of_a_past_day_do_not_speak_of_now(demo_client: TestClient) -> None:
    def headings(address: str) -> list[str]:
        return re.findall("<h2>([^<]*)</h2>", demo_client.get(address).text)[:2]

    assert headings("/zh/zhongyuan/") == ["正在进行的公示", "现有获奖单位"]
    assert headings("/zh/zhongyuan/?as_of=2024-06-30") == ["该日正在进行的公示", "该日的获奖单位"]
    assert headings("/en/zhongyuan/?as_of=2024-06-30") == ["Notices running on that day", "Holders on that day"]


def test_a_page_of_now_has_no_ribbon_whether_it_is_asked_for_by_day_or_not(demo_client: TestClient) -> None:
    today = shanghai_day(system_clock())
    for query in ("", f"?as_of={today}"):
        assert _ribbon(demo_client, AWARD + query) == [], query
    yesterday = _ribbon(demo_client, f"{AWARD}?as_of={today - timedelta(days=1)}")
    assert (
        yesterday[0]
        == f"您看到的是截至 {day_in('zh', today - timedelta(days=1))}、按账本现在所知的情况，不是现在的情况。"
    )
    assert yesterday[-2:] == ["此后登记的公开情况没有变化。", NOW]


def test_the_desk_names_all_that_changed_and_the_workbench_counts_what_anybody_may_know(
    demo_home: Settings, demo_client: TestClient
) -> None:
    cast = Cast(demo_home, demo_client)
    cast.enter("dis")
    then = "您看到的是截至 2024年6月30日、按账本现在所知的情况，不是现在的情况。"
    assert _ribbon(demo_client, "/zh/desk/zhongyuan/awards/ZY-2023-A/?as_of=2024-06-30") == [
        then,
        "此后变化：",
        "2025年11月20日 提请撤销",
        "2025年11月28日 政府审定/决定",
        "2025年11月28日 撤销授奖",
        "2025年11月28日 追缴决定",
        "2025年12月1日 公告/通报发布",
        "2025年12月25日 追缴到账",
        "2025年12月30日 证书/奖牌/奖杯收回",
        NOW,
    ]
    assert _ribbon(demo_client, "/en/desk/zhongyuan/flags/?as_of=2130-01-01") == [
        "You see 1 January 2130, a day to come: worked out from what the ledger knows now. What is recorded "
        "until then may change it.",
        "Back to now",
    ]
    # What was not known then is refused under the ribbon.
    assert demo_client.get("/zh/desk/zhongyuan/awards/ZY-2023-A/?known_at=120").status_code == 404
    assert _ribbon(demo_client, "/zh/desk/zhongyuan/awards/ZY-2023-A/?known_at=120")[0] == (
        "您看到的是按账本第 120 条所知的情况，不是现在所知的情况。"
    )
    assert _ribbon(demo_client, "/zh/desk/zhongyuan/") == []
    cast.enter("sec")
    assert _ribbon(demo_client, "/zh/bench/zhongyuan/?as_of=2024-06-30") == [
        then,
        "此后变化 12 项： 追缴到账 3、奖金使用不当认定 2、节假日安排登记 2、追缴决定 2、公告/通报发布 1、撤销授奖 1、其他 1",
        NOW,
    ]
    assert _ribbon(demo_client, "/zh/bench/zhongyuan/") == []


def test_nobody_who_did_not_win_is_named_by_a_ribbon(demo_client: TestClient) -> None:
    for path in ("organisations/A/", "editions/ZY-2023/", "awards/", ""):
        text = "".join(_ribbon(demo_client, f"/en/zhongyuan/{path}?as_of=2023-03-02"))
        assert "Since then" in text
        for kind in ("Application", "Score", "Objection", "Examination", "Vote", "recus"):
            assert kind not in text, (path, kind)


def test_a_page_is_a_memento_with_absolute_links_and_the_original_varies_by_date(demo_client: TestClient) -> None:
    address = f"http://testserver{AWARD}"
    original, memento = demo_client.get(AWARD), demo_client.get(f"{AWARD}?as_of=2024-06-30")
    shared = [(address, "original timegate"), (f"{address}timemap.link", "timemap")]
    assert _LINK.findall(original.headers["link"]) == shared
    assert _LINK.findall(memento.headers["link"]) == [*shared, (f"{address}?as_of=2024-06-30", "memento")]
    assert ("memento-datetime" in original.headers, original.headers["vary"]) == (
        False,
        "Accept-Encoding, Accept-Datetime",
    )
    assert memento.headers["memento-datetime"] == "Sun, 30 Jun 2024 15:59:59 GMT"
    # Nobody can have kept a page of a day to come.
    assert "memento-datetime" not in demo_client.get(f"{AWARD}?as_of=2130-01-01").headers


def test_the_time_gate_names_the_original_and_the_memento_it_leads_to(demo_client: TestClient) -> None:
    def led(wanted: str) -> tuple[int, str, str, list[tuple[str, str]]]:
        r = demo_client.get(AWARD, headers={"Accept-Datetime": wanted}, follow_redirects=False)
        return r.status_code, r.headers["location"], r.headers["vary"], _LINK.findall(r.headers["link"])

    status, location, vary, link = led("Mon, 01 Jan 2024 00:00:00 GMT")
    assert (status, location, vary) == (302, f"{AWARD}?as_of=2024-01-01", "Accept-Datetime")
    address = f"http://testserver{AWARD}"
    assert link == [
        (address, "original timegate"),
        (f"{address}timemap.link", "timemap"),
        (f"{address}?as_of=2024-01-01", "memento"),
        (f"{address}?as_of=2023-07-06", "first memento"),
        (f"{address}?as_of=2025-12-30", "last memento"),
    ]
    # Before the first memento the first, after today today's.
    assert led("Sat, 01 Jan 2000 00:00:00 GMT")[1] == f"{AWARD}?as_of=2023-07-06"
    assert led("Tue, 01 Jan 2130 00:00:00 GMT")[1] == f"{AWARD}?as_of={shanghai_day(system_clock())}"


def test_a_published_page_leads_to_how_things_stand_now_and_claims_nothing(demo_home: Settings) -> None:
    logs = OpenLogs(demo_home, str(demo_home.database_url))
    try:
        events = logs["zhongyuan"].ledger.events()
        known = next(e.position for e in events if getattr(e.statement.payload, "notice_id", None) == "N-2023")
        at = Axes(axes(logs["zhongyuan"], None, None).as_of, known)
        window, place = Window(logs["zhongyuan"], at), Place("zh", ("zhongyuan", "notices", "N-2023"), published=True)
        text = written(window, place, page(window, place, "notices", ("N-2023",)), "https://honours.example/")
    finally:
        logs.close()
    line = text.partition('<p class="ribbon written">')[2].partition("</p>")[0]
    assert _TAG.sub("", line) == (
        f"本页写于 {day_in('zh', at.as_of)}，所依据的最后一条是账本第 {known} 条；页面不会自行更新。 现在的情况"
    )
    assert 'href="https://honours.example/zh/zhongyuan/notices/N-2023/"' in line


def test_a_page_asked_by_a_time_that_is_not_to_be_believed_says_so(town: Town) -> None:
    class Log:
        ledger = town.ledger

    doubt = Doubt(100, 120, datetime(2024, 1, 1, tzinfo=UTC), 130, datetime(2024, 2, 1, tzinfo=UTC))
    at = Axes(date(2024, 6, 30), 110, doubt)
    said = sentences(Log, "zh", at, Axes(date(2026, 6, 1), 400))  # type: ignore[arg-type]
    assert said[-1].startswith("第 100 至 120 条的登记时间经时钟校正列为存疑")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not looked at in a browser")
def test_the_ribbon_is_accessible_and_fits(demo_home: Settings) -> None:
    with served(demo_home) as site, chromium() as browser, opened(browser) as pages:
        window = pages()
        for path in (
            f"{AWARD}?as_of=2024-06-30&known_at=150",
            "/en/zhongyuan/?as_of=2024-06-30",
            "/en/zhongyuan/notices/N-2023/?as_of=2023-06-20",
            f"{AWARD}?as_of=2130-01-01",
        ):
            look_at(window, f"{site}{path}")
            assert window.locator(".ribbon").is_visible()
        window.goto(f"{site}{AWARD}?as_of=2024-06-30")
        good = "getComputedStyle(document.documentElement).getPropertyValue('--good')"
        colour = "getComputedStyle(document.querySelector('.status.valid')).color"
        probe = (
            f"(() => {{ const e = document.createElement('i'); e.style.color = {good}; document.body.append(e); "
            "return getComputedStyle(e).color; })()"
        )
        assert window.evaluate(colour) != window.evaluate(probe)
        window.get_by_role("link", name=NOW).click()
        assert window.locator(".ribbon").count() == 0
