"""What becomes of a prize when the award ends: nothing more is paid where the text takes it back (B-50, B-92)."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.derivation.answer import Undetermined
from projections.as_of import tell
from projections.facts import AWARD_MONEY, AWARD_STATUS, EDITION_FLAGS, PRIZE_DUE, Fact
from tests.builders import Town

WON, REVOKED, LATER = date(2023, 6, 20), date(2024, 2, 1), date(2024, 3, 1)
PRIZE = 50_000_000


def _answer(town: Town, fact: Fact[Any], on: date = LATER, subject: str = "GZ-2023-A") -> Any:
    return tell(town.ledger, fact, subject, on, town.ledger.size()).answer


def _won(town: Town, paid: bool) -> None:
    town.edition()
    town.award("A", WON)
    payment = town.must("PrizePaid", date(2023, 7, 1), case="A", amount=PRIZE)
    if not paid:
        town.must("PrizePaid", date(2023, 7, 2), case="A", amount=PRIZE, reversal_of=payment)


def test_a_prize_that_the_text_takes_back_is_due_no_more_and_not_paid(town: Town) -> None:
    """GZ28 takes back the prize of fraud, so nothing is left to pay."""
    _won(town, paid=False)
    revocation = town.revoke("A", "fraud", REVOKED)
    due = _answer(town, PRIZE_DUE)
    assert (due.value(), "GZ:28" in due.why.articles, revocation in due.why.events) == (0, True, True)
    assert _answer(town, PRIZE_DUE, date(2024, 1, 31)).value() == PRIZE
    assert _answer(town, AWARD_MONEY).value().outstanding_prize == 0
    refusal = town.refused("PrizePaid", LATER, case="A", amount=PRIZE)
    assert (refusal.code, refusal.details["rule"], refusal.details["article"], refusal.details["decided_by"]) == (
        "award_revoked",
        "GZ-28d",
        "GZ:28",
        revocation,
    )


def test_revoked_from_the_start_names_the_article_and_has_no_validity(town: Town) -> None:
    _won(town, paid=True)
    town.revoke("A", "fraud", REVOKED, void_from="origin")
    due = _answer(town, PRIZE_DUE)
    assert (due.value(), due.why.articles) == (0, ("GZ:28",))
    money = _answer(town, AWARD_MONEY).value()
    assert (money.outstanding_prize, money.expected_clawback) == (0, PRIZE)
    status = _answer(town, AWARD_STATUS).to_json()["value"]
    assert (status["status"], status.get("valid_from"), status.get("valid_until")) == ("revoked", None, None)
    states = {row.flag: row.outcome for row in _answer(town, EDITION_FLAGS, subject="GZ-2023").value().flags}
    assert (states["RF25"], states["RF27"]) == ("clear", "clear")


def test_where_the_text_takes_nothing_back_what_was_paid_was_due(town: Town) -> None:
    """GZ30 is silent on money."""
    _won(town, paid=True)
    town.revoke("A", "tax", REVOKED)
    money = _answer(town, AWARD_MONEY).value()
    assert (money.due, money.paid, money.outstanding_prize, money.expected_clawback) == (PRIZE, PRIZE, 0, 0)


def test_whether_the_rest_is_still_paid_is_a_question_by_name(town: Town) -> None:
    _won(town, paid=False)
    town.revoke("A", "tax", REVOKED)
    due = _answer(town, PRIZE_DUE)
    assert isinstance(due.result, Undetermined)
    assert (due.result.gap, "GZ:30" in due.why.articles) == ("B-92", True)
    refusal = town.refused("PrizePaid", LATER, case="A", amount=PRIZE)
    assert (refusal.code, refusal.details["reading"]) == ("prize_undetermined", "B-92")
    reading = town.interpretation("reading.revoked_prize", "not_payable") | {"retroactive": True}
    town.must("RegulationInterpreted", LATER, **reading)
    assert _answer(town, PRIZE_DUE).value() == 0
    assert town.refused("PrizePaid", LATER, case="A", amount=PRIZE).code == "award_revoked"
    town.must("RegulationInterpreted", LATER, **(reading | {"value": "payable"}))
    town.must("PrizePaid", LATER, case="A", amount=PRIZE)


def test_more_than_was_overpaid_is_not_ordered_back(town: Town) -> None:
    _won(town, paid=True)
    order = {"case": "A", "clawback_id": "CB", "reason": "overpaid", "decision_id": "DC", "due_on": date(2024, 6, 1)}
    approved = [{"award_id": "GZ-2023-A"}]
    town.must("GovernmentDecisionMade", LATER, decision_id="DC", subject="clawback", approved=approved)
    refusal = town.refused("ClawbackOrdered", LATER, **order, amount=1)
    assert (refusal.code, refusal.zh) == (
        "more_than_overpaid",
        "已付 500,000.00 元，其中应得 500,000.00 元；可追缴 0.00 元",
    )


def test_what_was_overpaid_is_ordered_back(town: Town) -> None:
    _won(town, paid=True)
    override = {"reason": "x", "instrument_no": "y", "by": "sup"}
    town.must("PrizePaid", date(2023, 7, 2), case="A", amount=1_000, voucher_no="V2", override=override)
    order = {"case": "A", "clawback_id": "CB", "reason": "overpaid", "decision_id": "DC", "due_on": date(2024, 6, 1)}
    approved = [{"award_id": "GZ-2023-A"}]
    town.must("GovernmentDecisionMade", LATER, decision_id="DC", subject="clawback", approved=approved)
    assert town.refused("ClawbackOrdered", LATER, **order, amount=1_001).code == "more_than_overpaid"
    town.must("ClawbackOrdered", LATER, **order, amount=1_000)


def test_overpaid_is_no_way_round_a_text_that_takes_nothing_back(town: Town) -> None:
    _won(town, paid=True)
    town.revoke("A", "tax", REVOKED, void_from="origin")
    order = {"case": "A", "clawback_id": "CB", "reason": "overpaid", "decision_id": "DC", "due_on": date(2024, 6, 1)}
    approved = [{"award_id": "GZ-2023-A"}]
    town.must("GovernmentDecisionMade", LATER, decision_id="DC", subject="clawback", approved=approved)
    assert town.refused("ClawbackOrdered", LATER, **order, amount=PRIZE).code == "more_than_overpaid"


def test_a_settled_order_and_a_payment_that_was_ordered_back_stay_on_the_record(town: Town) -> None:
    _won(town, paid=True)
    town.revoke("A", "fraud", REVOKED)
    payment = next(e for e in town.ledger.events() if e.statement.type == "PrizePaid").statement.id
    order = {"case": "A", "clawback_id": "CB", "reason": "revoked_fraud", "decision_id": "R"}
    ordered = town.must("ClawbackOrdered", LATER, **order, amount=PRIZE, due_on=date(2024, 6, 1))
    assert town.refused("EventAnnulled", LATER, target=payment, reason="error").code == "payment_ordered_back"
    town.must("ClawbackReceived", LATER, case="A", clawback_id="CB", amount=PRIZE)
    assert town.refused("EventAnnulled", LATER, target=ordered, reason="error").code == "clawback_settled"


def test_a_revocation_takes_effect_after_the_grant_or_from_the_start(town: Town) -> None:
    _won(town, paid=True)
    fact = town.must("IncidentRecorded", REVOKED, org="A", incident_id="I", category="other", authority="x")
    town.must("RevocationProposed", REVOKED, case="A", ground="tax", facts=[fact])
    approved = [{"award_id": "GZ-2023-A"}]
    town.must("GovernmentDecisionMade", REVOKED, decision_id="R", subject="revocation", approved=approved)
    early = town.refused(
        "AwardRevoked", REVOKED, case="A", ground="tax", decision_id="R", effective_on=date(2023, 6, 1)
    )
    assert early.code == "revocation_unsound"
