"""From which day a case may be decided on its notice, and what a further announcement of a notice changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests.builders import Town
from tests.law.answered import value_of

OPENED, ENDS = date(2023, 6, 21), date(2023, 7, 3)
YUNLAN = str(Path(__file__).parents[2] / "docs" / "examples" / "yunlan.toml")


def _on_notice(town: Town, **more: object) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    town.must("ApplicationFiled", date(2023, 5, 10), org="B", award="nomination")
    both = ["A", "B"]
    town.must("CommitteeResolutionAdopted", date(2023, 6, 20), resolution_id="r", edition_id="GZ-2023", approved=both)
    town.must("PublicNoticeOpened", OPENED, **_NOTICE, promised_end=ENDS, **more)


_NOTICE = {"notice_id": "N", "cases": ["A", "B"]}


def test_a_case_is_decided_after_the_day_on_which_the_last_objection_to_it_was_settled(town: Town) -> None:
    _on_notice(town)
    raised = {"objection_id": "O", "kind": "notice_objection", "target_kind": "case", "during_notice": "N"}
    town.must("ObjectionRaised", date(2023, 6, 28), case="A", identified=True, summary_public="x", **raised)
    town.must(
        "ObjectionInvestigated", date(2023, 7, 5), objection_id="O", investigators=["sec"], outcome="unsubstantiated"
    )
    town.must("ObjectionResolved", date(2023, 7, 6), objection_id="O", outcome="dismissed", measures=["none"], case="A")
    told = {c: value_of(town, "case.next", f"GZ-2023/{c}", date(2023, 7, 6))["deadline"] for c in "AB"}
    assert told == {"A": {"not_before": "2023-07-07"}, "B": {"not_before": "2023-07-04"}}
    decision = {"decision_id": "D", "approved": ["A"]}
    refusal = town.refused("GovernmentDecisionMade", date(2023, 7, 6), **decision)
    assert (refusal.code, refusal.details["earliest"]) == ("objection_settled_today", "2023-07-07")
    # What is objected to A does not hold up B (B-88).
    town.must("GovernmentDecisionMade", date(2023, 7, 6), decision_id="DB", approved=["B"])
    town.must("GovernmentDecisionMade", date(2023, 7, 7), **decision)


def test_what_does_not_stop_an_award_is_waited_for_by_no_answer(town: Town) -> None:
    """A report of misuse of a title is handled on its own (GZ26): it is no objection to the candidacy."""
    _on_notice(town)
    raised = {"objection_id": "O", "kind": "title_misuse", "target_kind": "case", "during_notice": "N"}
    town.must("ObjectionRaised", date(2023, 6, 28), case="A", identified=True, summary_public="x", **raised)
    told = value_of(town, "notice.end", "N", date(2023, 7, 6))
    assert (told["waiting_for"], told["earliest_decision"]) == ([], "2023-07-04")
    town.must("GovernmentDecisionMade", date(2023, 7, 4), decision_id="D", approved=["A"])


def test_an_announcement_with_the_same_end_is_no_extension(town: Town) -> None:
    """How a notice is published may be mended; its list and what the public was told of its days may not."""
    _on_notice(town)
    again = {**_NOTICE, "opened_on": OPENED, "revision": 2}
    fewer = town.refused("PublicNoticeOpened", date(2023, 6, 26), **again | {"cases": ["A"]}, promised_end=ENDS)
    assert (fewer.code, fewer.zh) == ("revision_unsound", "修订公示应保持名单与起始日不变；名单有变的，请另行公示")
    earlier = town.refused("PublicNoticeOpened", date(2023, 6, 26), **again, promised_end=date(2023, 7, 2))
    assert (earlier.code, earlier.zh) == ("revision_unsound", "公示已公布至 2023-07-03 届满，修订不得提前")
    later = town.refused("PublicNoticeOpened", date(2023, 6, 26), **again, promised_end=date(2023, 7, 10))
    assert later.code == "extension_not_allowed"
    town.must("PublicNoticeOpened", date(2023, 6, 26), **again, promised_end=ENDS, contact="0797-8391234")
    assert value_of(town, "notice.end", "N", date(2023, 6, 27))["end"] == "2023-07-03"


def test_an_announcement_with_the_same_end_uses_up_no_extension(new_town: Callable[..., Town]) -> None:
    town = new_town(YUNLAN, starts=date(2024, 2, 1))
    town.edition("YL-2024", date(2024, 3, 1), 1)
    town.must("ApplicationFiled", date(2024, 3, 11), org="A", award="craft", size="small")
    notice = {"notice_id": "N", "cases": ["A"], "opened_on": date(2024, 5, 6)}
    ends = [date(2024, 5, 27), date(2024, 5, 27), date(2024, 6, 3)]
    reason = {"extension_reason": "异议较多"}
    town.must("PublicNoticeOpened", date(2024, 5, 6), **notice, promised_end=ends[0])
    before = value_of(town, "notice.end", "N", date(2024, 5, 7))
    town.must("PublicNoticeOpened", date(2024, 5, 8), **notice, promised_end=ends[1], revision=2)
    assert value_of(town, "notice.end", "N", date(2024, 5, 9)) == before
    longer = {**notice, "promised_end": ends[2], "revision": 3}
    assert town.refused("PublicNoticeOpened", date(2024, 5, 9), **longer).code == "extension_unsound"
    town.must("PublicNoticeOpened", date(2024, 5, 9), **longer, **reason)
    assert value_of(town, "notice.end", "N", date(2024, 5, 10))["extended_by"] == 4
    once_more = {**notice, "promised_end": date(2024, 6, 10), "revision": 4}
    refusal = town.refused("PublicNoticeOpened", date(2024, 5, 10), **once_more, **reason)
    assert (refusal.code, refusal.details["article"]) == ("extension_not_allowed", "YL:14")


def _objection(town: Town, on: date, name: str = "O", **more: object) -> dict[str, object]:
    said = {"objection_id": name, "kind": "notice_objection", "target_kind": "case", "case": "A", "identified": True}
    return said | {"summary_public": "x", "during_notice": "N"} | more


def test_a_candidate_whose_objection_was_upheld_wins_nothing_before_it_is_disqualified(town: Town) -> None:
    """GZ21: who is found to be as objected loses its candidacy; until that is recorded, nothing goes on."""
    _on_notice(town)
    town.must("ObjectionRaised", date(2023, 6, 28), **_objection(town, date(2023, 6, 28)))
    town.must(
        "ObjectionInvestigated", date(2023, 7, 5), objection_id="O", investigators=["sec"], outcome="substantiated"
    )
    upheld = {"objection_id": "O", "outcome": "upheld", "measures": ["disqualify"], "case": "A"}
    town.must("ObjectionResolved", date(2023, 7, 6), **upheld)
    told = value_of(town, "case.next", "GZ-2023/A", date(2023, 7, 10))
    assert (told["blocked_by"], told["note"]["zh"]) == (
        ["O"],
        "异议于 2023-07-06 查实成立，应取消资格；登记取消之前不得授奖",
    )
    refusal = town.refused("GovernmentDecisionMade", date(2023, 7, 10), decision_id="D", approved=["A"])
    assert (refusal.code, refusal.details["objection"]) == ("disqualification_due", "O")
    town.must("GovernmentDecisionMade", date(2023, 7, 10), decision_id="DB", approved=["B"])


def test_an_objection_belongs_to_a_notice_while_it_runs(town: Town) -> None:
    _on_notice(town)
    early = town.refused("ObjectionRaised", date(2023, 6, 20), **_objection(town, OPENED))
    late = town.refused("ObjectionRaised", date(2023, 7, 10), **_objection(town, ENDS))
    assert [early.code, late.code] == ["not_during_notice"] * 2
    assert late.details["field"] == "during_notice"
    town.must("ObjectionRaised", ENDS, **_objection(town, ENDS))
    unknown = town.refused("ObjectionRaised", ENDS, **_objection(town, ENDS, "O2", during_notice="N9"))
    assert unknown.code == "notice_unknown"
    closing = {**_NOTICE, "closed_on": ENDS}
    assert town.refused("PublicNoticeClosed", date(2023, 7, 4), **closing, objections=0).code == "objections_miscounted"
    town.must("PublicNoticeClosed", date(2023, 7, 4), **closing, objections=1)
    after = town.refused("ObjectionRaised", date(2023, 7, 4), **_objection(town, ENDS, "O3"))
    assert after.code == "not_during_notice"
