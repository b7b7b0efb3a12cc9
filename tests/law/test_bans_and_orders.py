"""From which day a revocation bans, and what becomes of an order to pay back whose ground was annulled."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from msgspec import UNSET

from projections.as_of import tell
from projections.facts import AWARD_MONEY, CASE_ELIGIBILITY, CASE_NEXT, EDITION_FLAGS, EDITION_QUOTA, ORG_BANS, Fact
from tests.builders import Town

ROOT = Path(__file__).parent.parent.parent

WON, DECIDED, EFFECTIVE = date(2023, 6, 20), date(2024, 2, 1), date(2024, 2, 6)
PRIZE = 50_000_000


def _told(town: Town, fact: Fact[Any], subject: str, on: date) -> Any:
    return tell(town.ledger, fact, subject, on, town.ledger.size()).answer


def _decided(town: Town, on: date = DECIDED) -> None:
    fact = town.must(
        "IncidentRecorded",
        on,
        org="A",
        incident_id="I",
        category="award_fraud",
        authority="x",
        occurred_on=date(2023, 4, 1),
    )
    town.must("RevocationProposed", on, case="A", ground="fraud", facts=[fact])
    town.must("GovernmentDecisionMade", on, decision_id="R", subject="revocation", approved=[{"award_id": "GZ-2023-A"}])


def test_a_ban_that_runs_from_the_decision_runs_before_the_revocation_takes_effect(town: Town) -> None:
    town.edition()
    town.award("A", WON)
    _decided(town)
    town.must("AwardRevoked", EFFECTIVE, case="A", ground="fraud", decision_id="R")
    told = {on: _told(town, ORG_BANS, "A", on).value() for on in (date(2024, 1, 31), DECIDED, EFFECTIVE)}
    assert [(on, bans.banned, bans.last_day) for on, bans in told.items()] == [
        (date(2024, 1, 31), False, None),
        (DECIDED, True, date(2034, 2, 1)),
        (EFFECTIVE, True, date(2034, 2, 1)),
    ]


def test_before_a_revocation_from_the_start_was_decided_nobody_was_banned(town: Town) -> None:
    town.edition()
    town.award("A", WON)
    _decided(town)
    town.must("AwardRevoked", EFFECTIVE, case="A", ground="fraud", decision_id="R", void_from="origin")
    before = _told(town, ORG_BANS, "A", date(2023, 10, 1)).value()
    assert (before.banned, [(b.since, b.until) for b in before.bans]) == (False, [(DECIDED, date(2034, 2, 1))])


def test_a_decision_to_revoke_that_is_not_carried_out_is_told(town: Town) -> None:
    town.edition()
    town.award("A", WON)
    _decided(town)
    flags = {row.flag: row for row in _told(town, EDITION_FLAGS, "GZ-2023", date(2024, 12, 1)).value().flags}
    assert [hit.zh for hit in flags["RF32"].hits] == ["GZ-2023-A 已于 2024-02-01 决定撤销，30 日后仍未登记撤销"]


def test_an_order_whose_ground_was_annulled_is_owed_no_more_and_what_it_brought_is_due_again(town: Town) -> None:
    town.edition()
    town.award("A", WON)
    payment = town.must("PrizePaid", date(2023, 7, 1), case="A", amount=PRIZE)
    _decided(town)
    revocation = town.must("AwardRevoked", DECIDED, case="A", ground="fraud", decision_id="R")
    town.must(
        "ClawbackOrdered",
        date(2024, 2, 7),
        clawback_id="CB",
        case="A",
        reason="revoked_fraud",
        amount=PRIZE,
        due_on=date(2024, 3, 1),
        decision_id="R",
    )
    town.must("ClawbackReceived", date(2024, 2, 20), clawback_id="CB", case="A", amount=20_000_000)
    owed = _told(town, AWARD_MONEY, "GZ-2023-A", date(2024, 4, 1)).value()
    assert (owed.clawback_ordered, owed.clawback_overdue, owed.outstanding_prize) == (PRIZE, 30_000_000, 0)
    town.must("EventAnnulled", date(2024, 3, 20), target=revocation, reason="overturned")
    money = _told(town, AWARD_MONEY, "GZ-2023-A", date(2024, 4, 1)).value()
    assert (money.due, money.paid, money.outstanding_prize) == (PRIZE, 30_000_000, 20_000_000)
    assert (money.clawback_ordered, money.clawback_outstanding, money.clawback_overdue) == (0, 0, 0)
    assert money.expected_clawback == 0
    reversed_ = town.refused("PrizePaid", date(2024, 4, 2), case="A", amount=PRIZE, reversal_of=payment)
    assert reversed_.code == "reversal_below_returned"
    again = town.refused("AwardRevoked", date(2024, 4, 2), case="A", ground="fraud", decision_id="R")
    assert again.code == "decision_overturned"
    town.must("PrizePaid", date(2024, 4, 3), case="A", amount=20_000_000)
    paid = _told(town, AWARD_MONEY, "GZ-2023-A", date(2024, 4, 3)).value()
    assert (paid.due, paid.paid, paid.outstanding_prize) == (PRIZE, PRIZE, 0)
    flags = {row.flag: row for row in _told(town, EDITION_FLAGS, "GZ-2023", date(2024, 4, 1)).value().flags}
    assert (flags["RF27"].outcome, flags["RF32"].outcome) == ("clear", "clear")
    assert (flags["RF33"].outcome, [hit.zh for hit in flags["RF30"].hits]) == (
        "clear",
        ["GZ-2023-A 的追缴 CB：所据的“因弄虚作假撤销”已作废"],
    )


def test_a_second_nomination_takes_a_place(town: Town) -> None:
    """GZ27 exempts those who win the quality award again; of nominations it says only that one may go on to apply."""
    for year, number in ((2023, 4), (2025, 5)):
        edition, decision, on = f"GZ-{year}", f"DEC-{year}", date(year, 6, 20)
        town.edition(edition, date(year, 5, 4), number)
        town.must("ApplicationFiled", date(year, 5, 10), org="A", award="nomination")
        town.must("GovernmentDecisionMade", on, decision_id=decision, approved=["A"])
        town.must("AwardGranted", on, case="A", award="nomination", decision_id=decision)
    places = _told(town, EDITION_QUOTA, "GZ-2025", date(2025, 7, 1))
    nominations = places.value()["nomination"]
    assert (nominations.used, nominations.counted, nominations.not_counted) == (1, ("A",), ())
    assert {"GZ:27", "GZ:6"} <= set(places.why.articles)


def test_a_case_that_was_turned_down_may_be_approved_later_but_not_twice(town: Town) -> None:
    """No text says that a rejection is final."""
    town.edition()
    for org in "AB":
        town.must("ApplicationFiled", date(2023, 5, 10), org=org)
    first, second = date(2023, 7, 20), date(2023, 7, 24)
    town.must("GovernmentDecisionMade", first, decision_id="D1", approved=["B"], rejected_cases=["A"])
    town.must("GovernmentDecisionMade", second, decision_id="D2", approved=["A"])
    for case, decision in (("B", "D3"), ("A", "D4")):
        refusal = town.refused("GovernmentDecisionMade", date(2023, 7, 25), decision_id=decision, approved=[case])
        assert refusal.code == "already_decided"


def test_one_fact_that_suffices_carries_a_request_whatever_else_is_cited(town: Town) -> None:
    """GZ28: an accident that is grave enough is a ground, beside another that is not."""
    town.edition()
    town.award("A", WON)
    facts = [_accident(town, severity) for severity in ("general", "major")]
    asked = {"case": "A", "ground": "accident"}
    refusal = town.refused("RevocationProposed", date(2024, 1, 9), **asked, facts=facts[:1])
    assert refusal.code == "accident_too_small"
    town.must("RevocationProposed", date(2024, 1, 9), **asked, facts=facts)


def _accident(town: Town, severity: str) -> str:
    said = {"org": "A", "incident_id": f"I-{severity}", "category": "accident", "domain": "safety"}
    return town.must("IncidentRecorded", date(2024, 1, 8), **said, severity=severity, responsible=True, authority="x")


def test_a_ban_closes_an_application_that_was_filed_before(town: Town) -> None:
    """B-18: the case is inadmissible, whatever was decided of its conditions before, and says so at once."""
    town.edition(number=4)
    town.award("A", WON)
    town.edition("GZ-2025", date(2025, 5, 6), number=5)
    town.must("ApplicationFiled", date(2025, 5, 7), org="A", award="nomination")
    town.must("EligibilityDecided", date(2025, 5, 15), case="A")
    town.revoke("GZ-2023/A", "fraud", date(2025, 6, 3))
    case, after = "GZ-2025/A", date(2025, 6, 4)
    before = _told(town, CASE_ELIGIBILITY, case, date(2025, 6, 2)).value()
    told = _told(town, CASE_ELIGIBILITY, case, after)
    assert (before.result, before.agrees) != (told.value().result, False)
    ban = told.value().conditions[-1]
    assert (told.value().result, ban.condition, ban.result, ban.article) == ("ineligible", "ban", "fail", "GZ:28")
    assert ban.detail.zh == "禁止申报至 2035-06-03"
    assert "B-18:default" in told.why.readings
    comes_next = _told(town, CASE_NEXT, case, after)
    note = comes_next.value().note
    assert note is not UNSET
    assert note.zh == "申报单位禁止申报至 2035-06-03，在办申报应不予受理"
    decided = {"decision_id": "D", "approved": [{"case": case, "award": "nomination"}]}
    refusal = town.act("GovernmentDecisionMade", date(2025, 8, 4), **decided).refusal
    assert refusal is not None
    assert refusal.code == "banned"
    assert refusal.zh.endswith("在办申报应不予受理")


def test_an_edition_with_a_decision_is_not_cancelled(town: Town) -> None:
    """B-22: only one that was cancelled before any decision counts as none."""
    town.edition(number=4)
    town.award("A", WON)
    closing = {"edition_id": "GZ-2023", "reason": "cancelled"}
    refusal = town.refused("EditionClosed", date(2023, 12, 1), **closing)
    assert (refusal.code, refusal.details["rule"]) == ("edition_decided", "B-22")
    town.edition("GZ-2025", date(2025, 5, 6), number=5)
    town.must("EditionClosed", date(2025, 6, 1), **closing | {"edition_id": "GZ-2025"})


def test_who_was_disqualified_has_nothing_left_to_withdraw(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    town.must("ApplicationWithdrawn", date(2023, 5, 12), case="A")
    refusal = town.refused("ApplicationWithdrawn", date(2023, 5, 15), case="A")
    assert refusal.code == "no_longer_a_candidate"
