"""Duties and standing: when they fall due, how they are met, and which a revocation brings."""

from __future__ import annotations

from datetime import date

from tests.builders import Town
from tests.law.answered import value_of


def _states(town: Town, award: str, on: date) -> dict[tuple[str, str], str]:
    return {(d["duty"], d["period"]): d["state"] for d in value_of(town, "award.duties", award, on)["duties"]}


def test_duties_fall_due_on_anniversaries_and_are_fulfilled_late_overdue_or_at_risk(town: Town) -> None:
    """GZ 24, 25 with B-19 and B-20; the whole table at four days."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    assert _states(town, "GZ-2023-A", date(2023, 7, 1)) == {
        ("annual_report", "1"): "due",
        ("annual_report", "2"): "not_yet",
        ("annual_report", "3"): "not_yet",
        ("reassessment", "validity"): "due",
        ("promotion_summary", "2023"): "due",
        ("exchange_event", "validity"): "due",
    }
    town.must("PostAwardReportFiled", date(2024, 6, 20), case="A", kind="performance", period="1")
    town.must("PostAwardReportFiled", date(2024, 7, 1), case="A", kind="promotion_summary", period="2023")
    assert _states(town, "GZ-2023-A", date(2026, 3, 1)) == {
        ("annual_report", "1"): "fulfilled",
        ("annual_report", "2"): "overdue",
        ("annual_report", "3"): "due",
        ("reassessment", "validity"): "at_risk",
        ("promotion_summary", "2023"): "late",
        ("exchange_event", "validity"): "at_risk",
    }
    value = value_of(town, "award.duties", "GZ-2023-A", date(2026, 6, 21))
    assert {d["state"] for d in value["duties"]} == {"fulfilled", "overdue", "late"}
    assert [d["what"] for d in value["undated"]] == ["按专家建议改进", "配合质量公益专题宣传"]
    assert value["title"] == {
        "usable": False,
        "year_required": True,
        "edition": "GZ-2023",
        "forbidden": [
            "no_year",
            "product_promotion",
            "packaging",
            "after_expiry",
            "after_revocation",
            "forgery",
            "impersonation",
            "unauthorised_review_activity",
        ],
    }


def test_a_revocation_brings_its_own_duties_and_lapses_the_others(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must("CertificateIssued", date(2023, 6, 21), case="A", items=[{"kind": "plaque", "serial": "S1"}])
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    revoked = town.revoke("A", "fraud", date(2024, 3, 1))
    states = _states(town, "GZ-2023-A", date(2024, 3, 2))
    assert {k[0]: s for k, s in states.items() if k[1] == "revocation"} == {
        "return": "due",
        "publish": "due",
        "clawback": "due",
    }
    assert states["annual_report", "1"] == "lapsed"
    town.must("CertificateReturned", date(2024, 3, 5), case="A", items=[{"serial": "S1", "state": "returned"}])
    town.must("AnnouncementPublished", date(2024, 3, 5), kind="revocation", about=[revoked], awards=["GZ-2023-A"])
    assert value_of(town, "award.duties", "GZ-2023-A", date(2024, 3, 6))["settled"] is False
    town.must(
        "ClawbackOrdered",
        date(2024, 3, 6),
        case="A",
        clawback_id="CB",
        reason="revoked_fraud",
        amount=50_000_000,
        due_on=date(2024, 9, 1),
        decision_id="R",
    )
    town.must("ClawbackReceived", date(2024, 5, 6), case="A", clawback_id="CB", amount=50_000_000)
    assert value_of(town, "award.duties", "GZ-2023-A", date(2024, 5, 6))["settled"] is True
    register = value_of(town, "certificate.register", "GZ-2023-A", date(2024, 5, 6))
    assert register["items"] == [
        {
            "serial": "S1",
            "kind": "plaque",
            "issued_on": "2023-06-21",
            "state": "returned",
            "genuine": False,
            "by_text": True,
        }
    ]


def test_standing_says_yes_no_or_undetermined_with_its_reason(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.revoke("A", "tax", date(2024, 3, 1))
    value = value_of(town, "org.standing", "A", date(2024, 4, 1))
    assert (value["may_apply"]["quality"]["answer"], value["may_apply"]["quality"]["reason"]["reason"]) == ("no", "ban")
    assert value["awards"][0]["value"]["status"] == "revoked"
    assert value_of(town, "org.standing", "B", date(2024, 4, 1))["may_apply"]["quality"]["answer"] == "yes"
    town.must("IncidentRecorded", date(2024, 4, 2), org="B", incident_id="V", category="violation", authority="x")
    unclear = value_of(town, "org.standing", "B", date(2024, 4, 3))["may_apply"]["quality"]
    assert (unclear["answer"], unclear["reasons"][0]["certain"]) == ("undetermined", False)


def test_a_clawback_of_unsettled_amount_is_met_for_certain_only_by_all_that_was_paid(town: Town) -> None:
    """The months that remain of a validity that cannot be told: nothing says how much is owed."""
    town.must(
        "RegulationInterpreted", date(2023, 5, 2), **town.interpretation("reading.validity_runs_from", "announcement")
    )
    part = {"kind": "remaining_months"}
    town.must("RegulationInterpreted", date(2023, 5, 2), **town.interpretation("revoke.fraud.clawback_part", part))
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    town.revoke("A", "fraud", date(2024, 3, 1))

    def told(on: date) -> tuple[list[str], bool | None]:
        value = value_of(town, "award.duties", "GZ-2023-A", on)
        return [d["state"] for d in value["duties"] if d["duty"] == "clawback"], value["title"]["usable"]

    assert told(date(2024, 2, 1)) == ([], None)
    assert told(date(2024, 3, 2)) == (["undetermined"], False)
    town.must(
        "ClawbackOrdered",
        date(2024, 3, 2),
        case="A",
        clawback_id="C",
        reason="revoked_fraud",
        amount=50_000_000,
        due_on=date(2024, 6, 1),
        decision_id="R",
    )
    town.must("ClawbackReceived", date(2024, 4, 1), case="A", clawback_id="C", amount=50_000_000)
    assert told(date(2024, 4, 2)) == (["fulfilled"], False)
