"""Readings: the register is complete, each choice is consulted by code, and choosing another changes the answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.regulation.pack import Pack
from ledger.regulation.readings import READINGS
from ledger.regulation.shipped import shipped_packs
from projections.as_of import tell
from projections.facts import AWARD_DUTIES, EDITION_QUOTA, FACTS, NOTICE_END, PRIZE_DUE
from tests.builders import Town

ROOT = Path(__file__).parents[2]


def test_the_register_holds_every_ambiguity_and_every_gap() -> None:
    ids = {one for reading in READINGS.values() for one in reading.ids.split("/")}
    assert {f"B-{n}" for n in range(1, 91)} <= ids
    assert {f"G{n:02}" for n in range(1, 32)} <= ids


def test_a_reading_with_choices_is_consulted_by_code_and_rests_on_known_facts() -> None:
    source = "".join(
        p.read_text("utf-8")
        for f in ("ledger", "projections")
        for p in (ROOT / f).rglob("*.py")
        if p.name != "readings.py"
    )
    choosable = [path for path, r in READINGS.items() if len(r.choices) > 1]
    # The day on which a text of "30 days after" takes effect is stated by the enactment, which may use either reading.
    assert [path for path in choosable if f'"{path}"' not in source] == []
    known = {*FACTS, "rules", "award.standing"}
    assert {fact for r in READINGS.values() for fact in r.facts} - known == set()


def test_every_gap_that_a_pack_names_is_in_the_register() -> None:
    ids = {one for reading in READINGS.values() for one in reading.ids.split("/")}
    named = {(p.id, q.path): q.gap for p, _ in shipped_packs().values() for q in p.parameters.values() if q.gap}
    assert {key: gap for key, gap in named.items() if gap not in ids} == {}


def test_reading_defaults_cited_in_answers_are_of_the_register() -> None:
    source = "".join(p.read_text("utf-8") for f in ("ledger", "projections") for p in (ROOT / f).rglob("*.py"))
    cited = {one for ids in re.findall(r'"([BG]-?[0-9][^":]*):default"', source) for one in ids.split("/")}
    assert cited <= {one for reading in READINGS.values() for one in reading.ids.split("/")}


def _interpret(town: Town, path: str, value: Any, on: date = date(2023, 1, 5)) -> None:
    pack: Pack = town.player.pack
    town.must("RegulationInterpreted", on, pack_id=pack.id, param_path=path, value=value, retroactive=True)


@pytest.mark.parametrize(
    ("path", "value", "end"),
    [
        (None, None, date(2023, 6, 30)),
        ("reading.notice_first_day", "counted", date(2023, 6, 29)),
        ("reading.plain_days", "working_days", date(2023, 7, 5)),
        ("reading.rest_day_at_end", "stays", date(2023, 6, 30)),
    ],
)
def test_how_days_are_counted(town: Town, path: str | None, value: str | None, end: date) -> None:
    """Ten days from 20 June 2023; 22 and 23 June are the Dragon Boat holiday, 25 June is worked."""
    if path is not None:
        _interpret(town, path, value)
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    town.must("CommitteeResolutionAdopted", date(2023, 6, 19), resolution_id="r", edition_id="GZ-2023", approved=["A"])
    town.must("PublicNoticeOpened", date(2023, 6, 20), notice_id="N", cases=["A"], promised_end=date(2023, 7, 10))
    assert tell(town.ledger, NOTICE_END, "N", date(2023, 6, 21), town.ledger.size()).answer.value().end == end


def test_sector_places_for_all_kinds_together(town: Town) -> None:
    """G11: by default three of manufacturing for each kind; read together, two winners of two kinds use two of
    three.
    """
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.award("B", date(2023, 6, 26), kind="nomination")
    value = tell(town.ledger, EDITION_QUOTA, "GZ-2023", date(2023, 7, 1), town.ledger.size()).answer.value()
    assert value["quality"].sectors[0].used == 1
    _interpret(town, "reading.sector_quota", "all_kinds_together", date(2023, 7, 2))
    value = tell(town.ledger, EDITION_QUOTA, "GZ-2023", date(2023, 7, 3), town.ledger.size()).answer.value()
    assert (value["quality"].sectors[0].used, value["nomination"].sectors[0].free) == (2, 1)


def test_two_kinds_in_one_session_by_another_reading(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must(
        "ApplicationFiled", date(2023, 5, 10), date(2023, 7, 1), org="A", case_id="GZ-2023/A2", award="nomination"
    )
    decision = {"decision_id": "D2", "approved": ["GZ-2023/A2"]}
    town.must(
        "CommitteeResolutionAdopted",
        date(2023, 7, 1),
        resolution_id="r2",
        edition_id="GZ-2023",
        approved=["GZ-2023/A2"],
    )
    town.must(
        "PublicNoticeOpened", date(2023, 7, 1), notice_id="N2", cases=["GZ-2023/A2"], promised_end=date(2023, 7, 20)
    )
    assert town.refused("GovernmentDecisionMade", date(2023, 8, 1), **decision).code == "two_kinds_in_one_session"
    _interpret(town, "reading.two_kinds_one_session", "both_kinds", date(2023, 8, 1))
    town.must("GovernmentDecisionMade", date(2023, 8, 1), **decision)


@pytest.mark.parametrize(("choice", "amount"), [("no_prize", 0), ("first_prize", 50_000_000)])
def test_a_repeat_quality_award_of_jindong(new_town: Callable[..., Town], choice: str, amount: int) -> None:
    """B-34: by default the prize waits for a reasoned decision; the text bars repetition of the innovation award
    only.
    """
    town = new_town("jindong/draft")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="金区政办〔2023〕1号（演示）", issued_on=date(2022, 12, 1))
    town.edition("JD-2023", number=1)
    town.award("A", date(2023, 6, 20))
    town.edition("JD-2024", date(2024, 3, 1), number=2)
    town.award("A", date(2024, 6, 20))
    day = date(2024, 7, 1)
    before = tell(town.ledger, PRIZE_DUE, "JD-2024-A", day, town.ledger.size()).answer.to_json()
    assert (before["state"], before["undetermined"]["gap"]) == ("undetermined", "G07")
    _interpret(town, "reading.repeat_quality_prize", choice, day)
    assert tell(town.ledger, PRIZE_DUE, "JD-2024-A", day, town.ledger.size()).answer.value() == amount


def test_misuse_is_clawed_back_whole_or_in_part(new_town: Callable[..., Town]) -> None:
    """B-51 (ZY-23e): the ceiling is the whole prize, or the misused part where that reading is adopted."""
    town = new_town("zhongyuan/draft")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="中原政〔2023〕1号（演示）")
    town.edition("ZY-2023", number=1)
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=20_000_000)
    town.must("FundMisuseFound", date(2024, 1, 5), case="A", amount=1_000_000, severity="serious")
    town.must(
        "GovernmentDecisionMade",
        date(2024, 2, 1),
        decision_id="C",
        subject="clawback",
        approved=[{"award_id": "ZY-2023-A"}],
    )
    order = {"case": "A", "clawback_id": "CB", "reason": "fund_misuse", "due_on": date(2024, 6, 1), "decision_id": "C"}
    _interpret(town, "reading.misuse_clawback", "misused_part", date(2024, 2, 2))
    assert town.refused("ClawbackOrdered", date(2024, 2, 3), **order, amount=20_000_000).code == "more_than_misused"
    _interpret(town, "reading.misuse_clawback", "whole_prize", date(2024, 2, 4))
    town.must("ClawbackOrdered", date(2024, 2, 5), **order, amount=20_000_000)


def test_reports_by_the_end_of_the_calendar_year(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))

    def due() -> list[Any]:
        value = tell(town.ledger, AWARD_DUTIES, "GZ-2023-A", date(2023, 7, 1), town.ledger.size()).answer.value()
        return [d.due for d in value.duties if d.duty == "annual_report"]

    assert due() == [date(2024, 6, 20), date(2025, 6, 20), date(2026, 6, 20)]
    _interpret(town, "reading.annual_report_due", "end_of_calendar_year", date(2023, 7, 1))
    assert due() == [date(2023, 12, 31), date(2024, 12, 31), date(2025, 12, 31)]
