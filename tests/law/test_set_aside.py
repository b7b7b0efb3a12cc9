"""Awards that a review body or a court quashes: an end of their own, and what old annulments of decisions say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import UNSET

from ledger.admission import oversight_guards
from ledger.derivation.answer import Undetermined
from projections import public_pages
from projections.as_of import tell
from projections.facts import (
    AWARD_DUTIES,
    AWARD_MONEY,
    AWARD_REWIN,
    AWARD_STATUS,
    CASE_NEXT,
    EDITION_COURSE,
    EDITION_FLAGS,
    EDITION_QUOTA,
    ORG_BANS,
    ORG_REAPPLY,
    ORG_STANDING,
    Fact,
)
from projections.public_pages import Corner
from projections.register import Register
from projections.runner import Runner
from tests.builders import Town

RULING = {
    "body": "赣州市中级人民法院（演示）",
    "ruling_no": "（2024）赣07行终1号（演示）",
    "ruled_on": date(2024, 3, 1),
}
RULED = date(2024, 3, 4)


def _awarded(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)


def _answer(town: Town, fact: Fact[Any], subject: str, on: date) -> Any:
    return tell(town.ledger, fact, subject, on, town.ledger.size()).answer


def _set_aside(town: Town, **members: Any) -> str:
    return town.must("AwardSetAside", RULED, case="A", decision_id="DEC-GZ-2023-A", **RULING, **members)


def test_what_was_paid_for_a_quashed_award_is_an_open_question_by_name(town: Town) -> None:
    _awarded(town)
    ruling = _set_aside(town, void_from="origin")
    money = _answer(town, AWARD_MONEY, "GZ-2023-A", RULED)
    assert (money.value().due, money.value().paid) == (0, 50_000_000)
    assert money.value().expected_clawback.gap == "B-91"
    assert ruling in money.why.events
    assert any(r.startswith("B-91:") for r in money.why.readings)
    bans = _answer(town, ORG_BANS, "A", RULED)
    assert (bans.value().banned, bans.value().bans) == (False, ())
    # It is no earlier win: the next edition is open, whatever the interval after a win.
    reapply = _answer(town, ORG_REAPPLY, "A", RULED).value()["quality"].value
    assert (reapply.date, reapply.edition_no) == (None, None)


def test_the_public_sees_since_when_and_by_which_ruling(town: Town) -> None:
    _awarded(town)
    _set_aside(town, void_from="origin")
    at = Corner(RULED, town.ledger.size())
    row = public_pages.award(town.ledger, at, "GZ-2023-A")
    assert [row[name] for name in ("status", "set_aside_on", "body", "ruling_no", "valid_until", "bans")] == [
        "set_aside",
        "2023-06-20",
        RULING["body"],
        RULING["ruling_no"],
        None,
        [],
    ]
    assert public_pages.revocations(town.ledger, at, public_pages.editions(town.ledger, at)) == []


def test_a_quashed_award_is_not_revoked_and_a_revoked_one_not_quashed(town: Town) -> None:
    _awarded(town)
    _set_aside(town, void_from="origin")
    fact = town.must("IncidentRecorded", RULED, org="A", incident_id="I", category="other", authority="x")
    for do, more in (("RevocationProposed", {"facts": [fact]}), ("AwardRevoked", {"decision_id": "R"})):
        assert town.refused(do, RULED, case="A", ground="tax", **more).code == "award_set_aside"


def test_a_revoked_award_that_a_ruling_reaches_behind_is_set_aside_and_stays_banned(town: Town) -> None:
    """The quashed award never was; the ban rests on the revocation until that entry is annulled."""
    _awarded(town)
    revocation = town.revoke("A", "tax", date(2024, 2, 1))
    after = {"case": "A", "decision_id": "DEC-GZ-2023-A", **RULING, "void_from": "date", "from_on": date(2024, 2, 2)}
    assert town.refused("AwardSetAside", RULED, **after).code == "already_revoked"
    _set_aside(town, void_from="origin")
    status = _answer(town, AWARD_STATUS, "GZ-2023-A", RULED).value()
    assert (status.status, status.valid_until) == ("set_aside", UNSET)
    assert [b.award_id for b in _answer(town, ORG_BANS, "A", RULED).value().bans] == ["GZ-2023-A"]
    town.must("EventAnnulled", RULED, target=revocation, reason="overturned", by="dis", as_="DIS")
    assert _answer(town, ORG_BANS, "A", RULED).value().bans == ()


def test_until_the_day_of_a_ruling_the_award_can_be_revoked(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    _set_aside(town, void_from="date", from_on=date(2024, 7, 1))
    fact = town.must("IncidentRecorded", RULED, org="A", incident_id="I", category="other", authority="x")
    town.must("RevocationProposed", date(2024, 6, 30), case="A", ground="tax", facts=[fact])
    late = town.refused("RevocationProposed", date(2024, 7, 1), case="A", ground="tax", facts=[fact])
    assert late.code == "award_set_aside"


def test_a_prize_is_in_question_from_the_day_on_which_the_ruling_is_recorded(town: Town) -> None:
    """Though the award stands until a coming day: what the guard refuses, no answer calls outstanding."""
    _awarded(town)
    [payment] = [e.statement.id for e in town.ledger.events() if e.statement.type == "PrizePaid"]
    town.must("PrizePaid", date(2023, 7, 2), case="A", amount=50_000_000, reversal_of=payment)
    _set_aside(town, void_from="date", from_on=date(2024, 7, 1))
    money = [_answer(town, AWARD_MONEY, "GZ-2023-A", day).value() for day in (date(2024, 3, 3), RULED)]
    assert [(m.due, m.outstanding_prize) for m in money] == [(50_000_000, 50_000_000), (None, None)]
    refusal = town.refused("PrizePaid", date(2024, 6, 30), case="A", amount=50_000_000)
    assert (refusal.code, refusal.details["reading"]) == ("prize_undetermined", "B-91")


def test_a_ruling_is_not_undone_once_the_case_was_decided_anew(town: Town) -> None:
    _awarded(town)
    ruling = _set_aside(town, void_from="origin")
    town.must("GovernmentDecisionMade", date(2024, 4, 1), decision_id="D2", approved=["A"])
    town.must("AwardGranted", date(2024, 4, 2), case="A", award_id="GZ-2023-A2", decision_id="D2")
    refusal = town.refused("EventAnnulled", date(2024, 5, 1), target=ruling, reason="overturned", by="dis", as_="DIS")
    assert (refusal.code, refusal.zh) == (
        "case_decided_anew",
        "该申报其后已授予 GZ-2023-A2，恢复原授奖将使一件申报有两项授奖；后一授奖依裁决自始撤除后，方可恢复原授奖",
    )


def test_a_chain_of_annulments_brings_back_no_second_award_of_a_case(town: Town) -> None:
    _awarded(town)
    ruling = _set_aside(town, void_from="origin")
    undone = town.must("EventAnnulled", RULED, target=ruling, reason="error", by="dis", as_="DIS")
    again = town.must("EventAnnulled", RULED, target=undone, reason="error", by="dis", as_="DIS")
    town.must("GovernmentDecisionMade", date(2024, 4, 1), decision_id="D2", approved=["A"])
    town.must("AwardGranted", date(2024, 4, 2), case="A", award_id="GZ-2023-A2", decision_id="D2")
    refusal = town.refused("EventAnnulled", date(2024, 5, 1), target=again, reason="error", by="dis", as_="DIS")
    assert refusal.code == "case_decided_anew"


def test_a_ruling_is_not_undone_once_its_place_went_to_another(town: Town) -> None:
    """Two places are for services; without the quashed award a third took one of them."""
    town.edition()
    for org in ("A", "B", "C"):
        town.must("ApplicationFiled", date(2023, 5, 10), org=org, sector="service")
    for org, on in (("A", date(2023, 6, 20)), ("B", date(2023, 6, 21))):
        town.must("GovernmentDecisionMade", on, decision_id=f"DEC-GZ-2023-{org}", approved=[org])
        town.must("AwardGranted", on, case=org, decision_id=f"DEC-GZ-2023-{org}")
    ruling = _set_aside(town, void_from="origin")
    town.must("GovernmentDecisionMade", date(2024, 4, 1), decision_id="D2", approved=["C"])
    town.must("AwardGranted", date(2024, 4, 1), case="C", decision_id="D2")
    places = _answer(town, EDITION_QUOTA, "GZ-2023", date(2024, 4, 1)).value()["quality"].sectors[1]
    assert (places.used, places.free) == (2, 0)
    refusal = town.refused("EventAnnulled", date(2024, 5, 1), target=ruling, reason="error", by="dis", as_="DIS")
    assert (refusal.code, refusal.details["article"]) == ("place_taken", "GZ:6")


def test_a_chain_of_annulments_takes_away_no_decision_under_an_award(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    decision = town.must("GovernmentDecisionMade", date(2023, 6, 20), decision_id="D", approved=["A"])
    undone = town.must("EventAnnulled", date(2023, 6, 21), target=decision, reason="error")
    again = town.must("EventAnnulled", date(2023, 6, 21), target=undone, reason="error", by="dis", as_="DIS")
    town.must("AwardGranted", date(2023, 6, 22), case="A", decision_id="D")
    codes = [
        town.refused("EventAnnulled", RULED, target=again, reason=reason, by="dis", as_="DIS").code
        for reason in ("overturned", "error")
    ]
    assert codes == ["use_set_aside", "award_rests_on_it"]


def test_an_award_comes_back_only_with_the_decision_it_rests_on(town: Town) -> None:
    _awarded(town)
    decision = next(e for e in town.ledger.events() if e.statement.type == "GovernmentDecisionMade").statement.id
    ruling = _set_aside(town, void_from="origin")
    town.must("EventAnnulled", RULED, target=decision, reason="overturned")
    refusal = town.refused("EventAnnulled", RULED, target=ruling, reason="error", by="dis", as_="DIS")
    assert refusal.code == "rests_on_annulled"


def test_nothing_is_annulled_from_a_day_that_has_not_come(town: Town) -> None:
    _awarded(town)
    ruling = _set_aside(town, void_from="origin")
    coming = {"effect": "from_date", "from_on": date(2030, 1, 1), "by": "dis", "as_": "DIS"}
    assert town.refused("EventAnnulled", RULED, target=ruling, reason="error", **coming).code == "annulment_ahead"


def test_whoever_contests_a_ruling_is_sent_to_what_the_ruling_says(town: Town) -> None:
    _awarded(town)
    _set_aside(town, void_from="origin")
    refusal = town.refused("CertificateIssued", date(2024, 4, 1), case="A", items=[{"kind": "plaque", "serial": "X"}])
    recourse = refusal.details["recourse"]
    assert isinstance(recourse, dict)
    assert (refusal.details["refused_by"], recourse["zh"]) == (
        "decision",
        "已有裁决（2024-03-01，赣州市中级人民法院（演示），（2024）赣07行终1号（演示））；对裁决不服的，依裁决所告知的途径提出",
    )


def test_kept_by_a_reading_the_prize_of_an_award_that_ended_on_a_day_is_paid(town: Town) -> None:
    _awarded(town)
    [payment] = [e.statement.id for e in town.ledger.events() if e.statement.type == "PrizePaid"]
    town.must("PrizePaid", date(2023, 7, 2), case="A", amount=50_000_000, reversal_of=payment)
    _set_aside(town, void_from="date", from_on=date(2024, 3, 2))
    assert town.refused("PrizePaid", RULED, case="A", amount=50_000_000).code == "prize_undetermined"
    for value, recorded in (("owed_back", False), ("kept", True)):
        reading = town.interpretation("reading.set_aside_money", value) | {"retroactive": True}
        town.must("RegulationInterpreted", RULED, **reading)
        if recorded:
            town.must("PrizePaid", RULED, case="A", amount=50_000_000)
            assert _flag(town, "RF46", RULED)[0] == "clear"
        else:
            assert town.refused("PrizePaid", RULED, case="A", amount=50_000_000).code == "award_set_aside"


def test_a_ruling_that_was_recorded_in_error_is_undone(town: Town) -> None:
    _awarded(town)
    ruling = _set_aside(town, void_from="origin")
    town.must("EventAnnulled", date(2024, 5, 1), target=ruling, reason="error", by="dis", as_="DIS")
    assert _answer(town, AWARD_STATUS, "GZ-2023-A", date(2024, 5, 1)).value().status == "valid"


def test_the_register_turns_on_the_day_from_which_a_ruling_ends_an_award(town: Town) -> None:
    """Ruled in March, ended from 1 July: nothing happens on that day."""
    _awarded(town)
    _set_aside(town, void_from="date", from_on=date(2024, 7, 1))
    Runner(town.ledger, town.ledger.database, town.ledger.size).catch_up()
    register, size = Register(town.ledger.database), town.ledger.size()
    found = []
    for day in (date(2024, 6, 30), date(2024, 7, 1)):
        [row] = register.listing("award.status", day, size)
        assert row.answer == tell(town.ledger, AWARD_STATUS, "GZ-2023-A", day, size).answer.to_json()
        found.append((row.answer["value"]["status"], row.answer["value"]["valid_until"]))
    assert found == [("valid", "2024-06-30"), ("set_aside", "2024-06-30")]


@pytest.mark.parametrize("reason", ["error", "duplicate", "forged_key"])
@pytest.mark.parametrize("paper", ["GovernmentDecisionMade", "ApplicationFiled"])
def test_what_an_award_rests_on_is_not_annulled_under_it(town: Town, paper: str, reason: str) -> None:
    _awarded(town)
    target = next(e for e in town.ledger.events() if e.statement.type == paper).statement.id
    assert town.refused("EventAnnulled", RULED, target=target, reason=reason).code == "award_rests_on_it"


def test_a_decision_whose_awards_are_all_set_aside_is_annulled(town: Town) -> None:
    _awarded(town)
    decision = next(e for e in town.ledger.events() if e.statement.type == "GovernmentDecisionMade").statement.id
    assert town.refused("EventAnnulled", RULED, target=decision, reason="overturned").code == "use_set_aside"
    _set_aside(town, void_from="origin")
    town.must("EventAnnulled", date(2024, 3, 5), target=decision, reason="overturned")


def test_an_annulled_decision_is_named_where_an_award_rests_on_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was recorded before there was a better way: the answer names the annulment, not a missing paper."""
    _awarded(town)
    decision = next(e for e in town.ledger.events() if e.statement.type == "GovernmentDecisionMade").statement.id
    monkeypatch.setattr(oversight_guards, "_granted_on", lambda view, act: [])
    annulment = town.must("EventAnnulled", RULED, target=decision, reason="error")
    status = _answer(town, AWARD_STATUS, "GZ-2023-A", RULED)
    assert isinstance(status.result, Undetermined)
    assert (status.result.gap, status.result.zh) == ("B-9/G17", "起算所依据的决定已被作废")
    assert {annulment, decision} <= set(status.why.events)


def test_a_decision_under_which_nothing_was_granted_is_annulled(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    decision = town.must("GovernmentDecisionMade", date(2023, 6, 20), decision_id="D", approved=["A"])
    town.must("EventAnnulled", date(2023, 6, 25), target=decision, reason="overturned")


def test_an_award_that_never_was_has_no_duties_and_silences_no_other_answer(town: Town) -> None:
    _awarded(town)
    _set_aside(town, void_from="origin")
    later = date(2026, 9, 1)
    standing = _answer(town, ORG_STANDING, "A", later)
    assert [(a.award_id, a.value.status) for a in standing.value().awards] == [("GZ-2023-A", "set_aside")]
    assert standing.value().duties_overdue == ()
    assert _answer(town, EDITION_FLAGS, "GZ-2023", later).is_value


def test_what_was_not_due_before_the_ruling_lapses(town: Town) -> None:
    """Due within three years of the award (GZ 24, 25); ended by the ruling after one."""
    _awarded(town)
    _set_aside(town, void_from="date", from_on=date(2024, 7, 1))
    rows = _answer(town, AWARD_DUTIES, "GZ-2023-A", date(2026, 9, 1)).value().duties
    assert {row.state for row in rows if row.due is not None and row.due >= date(2024, 7, 1)} == {"lapsed"}
    # What was due before, and was not done, stays overdue.
    overdue = _answer(town, ORG_STANDING, "A", date(2026, 9, 1)).value().duties_overdue
    assert {(d.duty, d.due) for d in overdue} == {
        ("promotion_summary", date(2023, 12, 31)),
        ("annual_report", date(2024, 6, 20)),
    }


def test_what_was_won_and_done_under_a_quashed_award_is_open_again(town: Town) -> None:
    """No winner of the edition, no earlier win, and the case goes on from the decision."""
    _awarded(town)
    before = _answer(town, EDITION_COURSE, "GZ-2023", RULED).value()
    _set_aside(town, void_from="origin")
    course = _answer(town, EDITION_COURSE, "GZ-2023", RULED).value()
    assert (before.winners, course.winners, course.open_cases) == (1, 0, {"GZ-2023/A": "notice_done"})
    assert _answer(town, CASE_NEXT, "GZ-2023/A", RULED).value().step == "decision"
    rewin = _answer(town, AWARD_REWIN, "GZ-2023-A", RULED)
    assert (rewin.result.zh, "B-91:default" in rewin.why.readings) == ("授奖自始被依裁决撤除", True)


def test_what_a_quashed_award_leaves_open_is_flagged(town: Town) -> None:
    """Nobody can say what becomes of the money until a reading does; then it is asked for."""
    _awarded(town)
    ruling = _set_aside(town, void_from="origin")
    later = date(2024, 12, 1)
    assert _flag(town, "RF32", later) == ("undetermined", ["B-91"], [])
    reading = town.interpretation("reading.set_aside_money", "owed_back") | {"retroactive": True}
    town.must("RegulationInterpreted", date(2024, 4, 1), **reading)
    assert _flag(town, "RF32", later) == ("raised", [], [[ruling]])
    override = {"reason": "x", "instrument_no": "y", "by": "sup"}
    paid = town.must("PrizePaid", date(2024, 5, 1), case="A", amount=1, voucher_no="V9", override=override)
    assert _flag(town, "RF46", later) == ("raised", [], [[paid, ruling]])


def _flag(town: Town, flag: str, on: date) -> tuple[str, list[str], list[list[str]]]:
    flags = _answer(town, EDITION_FLAGS, "GZ-2023", on).value().flags
    [row] = [f for f in flags if f.flag == flag]
    return row.outcome, [g.gap for g in row.undetermined], [list(h.events) for h in row.hits]
