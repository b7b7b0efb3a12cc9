"""The workbench in a real browser: accessible in both languages at every width, something to do in every seat."""

from __future__ import annotations

import pytest

from tests.pages.in_a_browser import CHROMIUM, look_at
from tests.pages.signing import Enter

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not looked at in a browser")

BENCH = {
    "sec": (
        "",
        "mine/",
        "reports/",
        "record/EditionOpened/",
        "record/AnnouncementPublished/?award_ids=ZY-2023-B",
        "bulk/AnnouncementPublished/",
    ),
    "P1": ("", "record/ScoreSubmitted/?case_id=ZY-2023/A", "record/InterestDeclared/"),
    "A": ("", "case/ZY-2023%2FA/", "record/PostAwardReportFiled/"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("who", ["sec", "R1", "R2", "R3", "C"])
def test_the_practice_edition_has_something_to_do_in_every_seat(
    who: str, language: str, enter: Enter, site: str
) -> None:
    page = enter(who, language, "ganzhou-practice")
    for path in (
        "",
        *(("material/GZ-2026%2FA/",) if who in ("R1", "R2") else ()),
        *(("case/GZ-2026%2FC/",) if who == "C" else ()),
    ):
        look_at(page, f"{site}/{language}/bench/ganzhou-practice/{path}", dark=language == "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("who", BENCH)
def test_every_page_of_the_workbench_is_accessible_and_fits(who: str, language: str, enter: Enter, site: str) -> None:
    page = enter(who, language)
    for path in BENCH[who]:
        look_at(page, f"{site}/{language}/bench/zhongyuan/{path}", dark=language == "zh")
