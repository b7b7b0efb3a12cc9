"""Organisations that change: a renaming carries everything, a merger or a split nothing without a reasoned decision
(B-65).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.errors import RefusedError
from ledger.events.identity import PrincipalRegistered
from projections.as_of import tell
from projections.facts import AWARD_REWIN, ORG_BANS, PRIZE_DUE, fact_named
from projections.runner import Runner
from tests.builders import Town

AFTER = date(2024, 6, 1)


def _banned_and_indebted(town: Town) -> None:
    town.edition(number=4)
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    town.revoke("A", "fraud", date(2024, 3, 1))
    town.must(
        "ClawbackOrdered",
        date(2024, 3, 1),
        case="A",
        clawback_id="CB",
        reason="revoked_fraud",
        amount=50_000_000,
        due_on=date(2024, 9, 1),
        decision_id="R",
    )


def _answer(town: Town, fact: str, org: str, on: date = AFTER) -> Any:
    return tell(town.ledger, fact_named(fact), org, on, town.ledger.size()).answer.to_json()["value"]


def test_a_renamed_organisation_stays_banned_under_its_new_name(town: Town) -> None:
    _banned_and_indebted(town)
    town.must("PrincipalUpdated", date(2024, 4, 1), principal_id="A", kind="renamed", new_name="新名（演示）")
    assert _answer(town, "org.bans", "A")["banned"] is True
    assert _answer(town, "org.standing", "A")["name"] == "新名（演示）"


def test_after_a_merger_bans_and_debts_pass_only_by_a_reasoned_decision(town: Town) -> None:
    _banned_and_indebted(town)
    town.must("PrincipalUpdated", date(2024, 4, 1), principal_id="A", kind="merged", successor_ids=["B"])
    bans, money = _answer(town, "org.bans", "B"), _answer(town, "org.money", "B")
    assert (bans["banned"], bans["predecessors"][0]["carried_by"]) == (False, None)
    assert money["inherited"][0] == {"org": "A", "carried_by": None, "clawback_outstanding": 50_000_000}
    decision = {
        "decision_id": "S",
        "subject": "succession",
        "approved": [{"org": "B", "predecessor": "A", "carries": ["bans", "debts", "awards"]}],
    }
    assert town.refused("GovernmentDecisionMade", date(2024, 5, 1), **decision).code == "succession_unsound"
    wrong = decision | {"approved": [{"org": "C", "predecessor": "A", "carries": ["bans"]}]}
    assert (
        town.refused("GovernmentDecisionMade", date(2024, 5, 1), **wrong, reasons_hash="0" * 64).code
        == "not_a_predecessor"
    )
    known = town.ledger.size()
    town.must("GovernmentDecisionMade", date(2024, 5, 1), **decision, reasons_hash="0" * 64)
    bans, money = _answer(town, "org.bans", "B"), _answer(town, "org.money", "B")
    assert (bans["banned"], bans["last_day"]) == (True, "2034-03-01")
    assert money["inherited"][0]["carried_by"] is not None
    assert tell(town.ledger, ORG_BANS, "B", AFTER, known).answer.value().banned is False


def test_a_ban_that_passed_on_refuses_the_successor(town: Town) -> None:
    _banned_and_indebted(town)
    town.must("PrincipalUpdated", date(2024, 4, 1), principal_id="A", kind="split", successor_ids=["B", "C"])
    town.must(
        "GovernmentDecisionMade",
        date(2024, 5, 1),
        decision_id="S",
        subject="succession",
        reasons_hash="0" * 64,
        approved=[{"org": "B", "predecessor": "A", "carries": ["bans"]}],
    )
    town.edition("GZ-2025", date(2025, 5, 6), number=5)
    refusal = town.refused("ApplicationFiled", date(2025, 5, 7), org="B")
    assert (refusal.code, refusal.details["rule"]) == ("banned", "GZ-28f")
    decisions = {e.statement.id: e.statement.payload for e in town.ledger.events()}
    passed_on = decisions[str(refusal.details["decided_by"])]
    assert (getattr(passed_on, "decision_id", None), refusal.details["of"]) == ("S", "A")
    assert refusal.zh.startswith(f"{_name(town, 'B')}禁止申报至 2034-03-01，系其所承继的{_name(town, 'A')}的禁止申报")
    town.must("ApplicationFiled", date(2025, 5, 7), org="C", sector="medical")


def _name(town: Town, org: str) -> str:
    """The name under which an organisation is registered."""
    registered = (e.statement.payload for e in town.ledger.events())
    return next(str(p.org_name) for p in registered if isinstance(p, PrincipalRegistered) and p.principal_id == org)


def test_debts_pass_on_through_several_successions(town: Town) -> None:
    """Who owes what a predecessor's predecessor owed is said by two decisions, one after the other."""
    _banned_and_indebted(town)
    paid = {"clawback_id": "CB", "award_id": "GZ-2023-A", "amount": 10_000_000}
    for on, before, after in ((date(2024, 4, 1), "A", "B"), (date(2024, 6, 1), "B", "C")):
        town.must("PrincipalUpdated", on, principal_id=before, kind="merged", successor_ids=[after])
        refusal = town.refused("ClawbackReceived", on, org=after, **paid)
        assert (refusal.code, refusal.details["debtor"]) == ("not_the_debtor", "A")
        assert _name(town, "A") in refusal.zh
        town.must(
            "GovernmentDecisionMade",
            on,
            decision_id=f"S-{after}",
            subject="succession",
            reasons_hash="0" * 64,
            approved=[{"org": after, "predecessor": before, "carries": ["debts"]}],
        )
        town.must("ClawbackReceived", on, org=after, **paid)
    assert _answer(town, "award.money", "GZ-2023-A")["clawback_outstanding"] == 30_000_000


def test_who_was_struck_off_applies_again_once_reinstated(town: Town) -> None:
    town.edition()
    town.must("PrincipalUpdated", date(2023, 5, 5), principal_id="A", kind="deregistered")
    refusal = town.refused("ApplicationFiled", date(2023, 5, 8), org="A")
    assert (refusal.code, refusal.details["article"]) == ("organisation_dissolved", "GZ:13(1)")
    town.must("PrincipalUpdated", date(2023, 5, 9), principal_id="A", kind="reinstated")
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")


def test_an_award_that_passed_on_makes_the_next_one_a_re_win(town: Town) -> None:
    town.edition(number=4)
    town.award("A", date(2023, 6, 20))
    town.must("PrincipalUpdated", date(2024, 4, 1), principal_id="A", kind="merged", successor_ids=["B"])
    town.must(
        "GovernmentDecisionMade",
        date(2024, 5, 1),
        decision_id="S",
        subject="succession",
        reasons_hash="0" * 64,
        approved=[{"org": "B", "predecessor": "A", "carries": ["awards"]}],
    )
    town.edition("GZ-2025", date(2025, 5, 6), number=5)
    town.award("B", date(2025, 7, 1))
    answer = tell(town.ledger, AWARD_REWIN, "GZ-2025-B", date(2025, 8, 1), town.ledger.size()).answer.value()
    assert (answer.first, answer.prior[0].award_id, answer.counts_quota) == (False, "GZ-2023-A", False)
    assert tell(town.ledger, PRIZE_DUE, "GZ-2025-B", date(2025, 8, 1), town.ledger.size()).answer.value() == 0


def test_the_register_follows_a_succession(town: Town) -> None:
    _banned_and_indebted(town)
    town.must("PrincipalUpdated", date(2024, 4, 1), principal_id="A", kind="merged", successor_ids=["B"])
    town.must(
        "GovernmentDecisionMade",
        date(2024, 5, 1),
        decision_id="S",
        subject="succession",
        reasons_hash="0" * 64,
        approved=[{"org": "B", "predecessor": "A", "carries": ["bans"]}],
    )
    runner = Runner(town.ledger, town.ledger.database, town.ledger.size)
    runner.catch_up()
    assert runner.check(400) == []


def _passed_on(town: Town, on: date, heir: str, before: str, *what: str) -> str:
    return town.must(
        "GovernmentDecisionMade",
        on,
        decision_id=f"S-{heir}-{what[0]}",
        subject="succession",
        reasons_hash="0" * 64,
        approved=[{"org": heir, "predecessor": before, "carries": list(what)}],
    )


def _turned_down(town: Town, do: str, on: date, **members: Any) -> RefusedError:
    """The refusal of an act before which every step was done that the text wants."""
    refusal = town.act(do, on, **members).refusal
    assert refusal is not None
    return refusal


def test_who_was_merged_away_before_the_decision_is_neither_approved_nor_awarded(town: Town) -> None:
    town.edition(number=4)
    filed = {"case": "A", "award": "quality"}
    town.must("ApplicationFiled", date(2023, 5, 10), org="A", award="quality")
    town.must("PrincipalUpdated", date(2023, 7, 10), principal_id="A", kind="merged", successor_ids=["B"])
    late = _turned_down(town, "GovernmentDecisionMade", date(2023, 7, 11), decision_id="D", approved=[filed])
    said = f"{_name(town, 'A')}已于 2023-07-10 合并，不复存在，由{_name(town, 'B')}承继"
    assert (late.code, late.details["article"], late.zh.split("；")[0]) == (
        "organisation_dissolved",
        "GZ:13(1)",
        said,
    )
    # It was still there on the day of a decision that is recorded late; the award is granted after the merger.
    before = date(2023, 7, 7)
    town.must("GovernmentDecisionMade", before, date(2023, 7, 12), decision_id="D", approved=[filed])
    granted = town.refused("AwardGranted", date(2023, 7, 12), **filed, decision_id="D")
    assert (granted.code, granted.zh.split("；")[0]) == ("organisation_dissolved", said)


def test_a_prize_is_paid_to_the_heir_to_whom_the_award_passed_through_however_many(town: Town) -> None:
    town.edition(number=4)
    town.award("A", date(2023, 6, 20))
    prize = {"case": "A", "amount": 50_000_000}
    town.must("PrincipalUpdated", date(2023, 7, 3), principal_id="A", kind="merged", successor_ids=["B"])
    gone = _turned_down(town, "PrizePaid", date(2023, 7, 4), **prize)
    assert (gone.code, gone.details["rule"]) == ("organisation_dissolved", "B-65")
    assert gone.zh.endswith("请先登记载明奖项由谁承继的决定，再以承继者名义登记")
    assert town.refused("PrizePaid", date(2023, 7, 4), **prize, org="B").code == "award_of_another"
    _passed_on(town, date(2023, 7, 5), "B", "A", "awards")
    town.must("PrincipalUpdated", date(2023, 7, 6), principal_id="B", kind="merged", successor_ids=["C"])
    assert town.refused("PrizePaid", date(2023, 7, 7), **prize, org="B").code == "organisation_dissolved"
    _passed_on(town, date(2023, 7, 10), "C", "B", "debts")
    assert town.refused("PrizePaid", date(2023, 7, 10), **prize, org="C").code == "award_of_another"
    _passed_on(town, date(2023, 7, 11), "C", "B", "awards")
    town.must("PrizePaid", date(2023, 7, 12), **prize, org="C")
    assert _answer(town, "award.money", "GZ-2023-A")["paid"] == 50_000_000
    check = {"case": "A", "kind": "inspection", "outcome": "maintained"}
    town.must("PostAwardCheckHeld", date(2023, 9, 1), **check, org="C")


def test_who_is_no_more_is_not_found_eligible_and_may_not_apply(town: Town) -> None:
    town.edition(number=4)
    town.must("ApplicationFiled", date(2023, 5, 10), org="A", award="quality")
    town.must("PrincipalUpdated", date(2023, 5, 12), principal_id="A", kind="deregistered")
    refusal = _turned_down(town, "EligibilityDecided", date(2023, 5, 16), case="A")
    assert (refusal.code, refusal.details["article"]) == ("organisation_dissolved", "GZ:13(1)")
    told = _answer(town, "case.next", "GZ-2023/A", date(2023, 5, 16))
    assert told["note"] == {"zh": "申报单位已不复存在，不得授奖", "en": "the applicant is no more; it wins nothing"}
    standing = _answer(town, "org.standing", "A", date(2023, 5, 16))
    no = {"answer": "no", "reason": {"reason": "dissolved", "articles": ["GZ:13(1)"]}}
    assert standing["may_apply"] == {"quality": no, "nomination": no}


def test_no_certificate_is_issued_to_who_is_no_more(town: Town) -> None:
    town.edition(number=4)
    town.award("A", date(2023, 6, 20))
    town.must("PrincipalUpdated", date(2023, 7, 3), principal_id="A", kind="merged", successor_ids=["B"])
    issued = {"case": "A", "items": [{"kind": "certificate", "serial": "S1"}]}
    gone = _turned_down(town, "CertificateIssued", date(2023, 7, 4), **issued)
    assert gone.code == "organisation_dissolved"
    _passed_on(town, date(2023, 7, 5), "B", "A", "awards")
    town.must("CertificateIssued", date(2023, 7, 6), **issued, org="B")
