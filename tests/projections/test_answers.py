"""Derived facts: both axes, three values, always with why; the register equals replay."""

from __future__ import annotations

import threading
import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.derivation.answer import NotApplicable, Undetermined
from ledger.derivation.scores import combine
from ledger.derivation.version import DERIVATION
from ledger.errors import ConflictError, NotFoundError
from ledger.events.after_award import IncidentRecorded
from projections.as_of import slice_of, state, tell, tell_all
from projections.facts import AWARD_REWIN, AWARD_STATUS, CASE_SCORES, FACTS, PRIZE_DUE
from projections.followed import FollowedTimelines
from projections.register import Register
from projections.runner import Runner
from tests.builders import Town


def _runner(town: Town) -> Runner:
    return Runner(town.ledger, town.ledger.database, town.ledger.size)


def _story(town: Town) -> None:
    """Two awards, one revoked, a late score, an annulment, an interpretation, money both ways."""
    town.edition(number=4)
    first = town.award("A", date(2023, 6, 1))
    town.award("B", date(2023, 6, 1))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    town.must(
        "RegulationInterpreted", date(2023, 8, 1), **town.interpretation("reading.validity_runs_from", "award_document")
    )
    fact = town.must(
        "IncidentRecorded",
        date(2024, 1, 5),
        org="A",
        incident_id="I1",
        category="tax_dishonesty",
        severity="major",
        authority="x",
    )
    town.must("RevocationProposed", date(2024, 2, 1), case="A", ground="tax", facts=[fact])
    town.must(
        "GovernmentDecisionMade",
        date(2024, 3, 1),
        decision_id="R",
        subject="revocation",
        approved=[{"award_id": first}],
    )
    town.must("AwardRevoked", date(2024, 3, 1), case="A", ground="tax", decision_id="R")
    town.must("EventAnnulled", date(2024, 6, 1), target=fact, reason="overturned")


def test_every_value_names_events_and_every_answer_its_state(town: Town) -> None:
    _story(town)
    for kind, subject in (("award", "GZ-2023-A"), ("org", "A"), ("case", "GZ-2023/A"), ("edition", "GZ-2023")):
        for told in tell_all(town.ledger, kind, subject, date(2024, 3, 1), town.ledger.size()):
            answer = told.to_json()
            assert answer["state"] in ("value", "undetermined", "not_applicable")
            assert answer["why"]["events"], told.fact.name


def test_validity_and_the_days_a_fact_can_end_it_name_their_articles_and_readings(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    told = tell(town.ledger, AWARD_STATUS, "GZ-2023-A", date(2024, 1, 1), town.ledger.size()).answer
    assert told.value().valid_until == told.value().watch_until == date(2026, 6, 1)
    # Article 23 gives the three years of validity; article 30 says that what happens within them can end the award.
    assert told.why.articles == ("GZ:23", "GZ:30")
    assert told.why.packs == ("GZ@2022#1",)
    assert told.why.readings == ("B-9/G17:default", "B-10:default", "B-11/G20:default")


@pytest.mark.parametrize(("day", "status"), [(date(2026, 6, 1), "valid"), (date(2026, 6, 2), "expired")])
def test_validity_ends_with_its_last_day(town: Town, day: date, status: str) -> None:
    town.edition()
    town.award("A", date(2023, 6, 1))
    assert tell(town.ledger, AWARD_STATUS, "GZ-2023-A", day, town.ledger.size()).answer.value().status == status


def test_an_award_at_three_dates_known_at_three_positions(town: Town) -> None:
    _story(town)
    positions = {e.statement.type: e.position for e in town.ledger.events()}
    table = {
        (on, known): tell(town.ledger, AWARD_STATUS, "GZ-2023-A", on, known).answer.value().status
        for on in (date(2023, 12, 1), date(2024, 3, 1), date(2026, 7, 1))
        for known in (positions["PrizePaid"], positions["RevocationProposed"], town.ledger.size())
    }
    assert list(table.values()) == [
        "valid",
        "valid",
        "valid",
        "valid",
        "valid",
        "revoked",
        "expired",
        "expired",
        "revoked",
    ]


def test_before_it_is_known_a_subject_is_unknown_and_before_it_happens_not_applicable(town: Town) -> None:
    _story(town)
    with pytest.raises(NotFoundError):
        tell(town.ledger, AWARD_STATUS, "GZ-2023-A", date(2024, 1, 1), 20)
    before = tell(town.ledger, AWARD_STATUS, "GZ-2023-A", date(2023, 5, 31), town.ledger.size()).answer
    assert isinstance(before.result, NotApplicable)


def test_scores_without_review_rules_are_undetermined_with_their_gap(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 6, 1), org="A")
    town.must("EligibilityDecided", date(2023, 6, 5), case="A")
    town.must("BodyConstituted", date(2023, 6, 6), kind="panel", body_id="p", members=["R1", "R2"], leader="R1")
    score = {"case": "A", "by": "R1", "stage": "material", "total": "600.5"}
    refusal = town.refused("ScoreSubmitted", date(2023, 6, 7), **score)
    assert (refusal.code, refusal.details["rule"]) == ("review_rules_missing", "GZ-10b")
    town.must("ScoreSubmitted", date(2023, 6, 7), **score, override={"reason": "x", "instrument_no": "y", "by": "sup"})
    value = tell(town.ledger, CASE_SCORES, "GZ-2023/A", date(2023, 6, 8), town.ledger.size()).answer.value()
    assert value.material.undetermined.gap == "G14"
    town.must(
        "CommitteeResolutionAdopted",
        date(2023, 6, 8),
        subject="review_rules",
        edition_id="GZ-2023",
        rules={"aggregation": "mean", "decisive_stage": "material"},
    )
    value = tell(town.ledger, CASE_SCORES, "GZ-2023/A", date(2023, 6, 8), town.ledger.size()).answer.value()
    assert value.material.value.total == "600.5"


def test_a_re_win_after_a_revoked_award_is_undetermined_until_somebody_decides(town: Town) -> None:
    _story(town)
    town.edition("GZ-2029", date(2029, 5, 4), number=7)
    town.must("CalendarPublished", date(2029, 5, 4), year=2029, holidays=[], makeup_workdays=[])
    town.award("A", date(2029, 6, 1))
    known = town.ledger.size()
    due = tell(town.ledger, PRIZE_DUE, "GZ-2029-A", date(2029, 7, 1), known).answer
    assert isinstance(due.result, Undetermined)
    assert due.result.gap == "B-27/G16"
    assert tell(town.ledger, AWARD_REWIN, "GZ-2029-A", date(2029, 7, 1), known).answer.value().counts_quota is True
    town.must(
        "RegulationInterpreted",
        date(2029, 7, 2),
        pack_id="GZ",
        param_path="reading.rewin_after_revocation",
        value="rewin",
        retroactive=True,
    )
    decided = tell(town.ledger, PRIZE_DUE, "GZ-2029-A", date(2029, 7, 2), town.ledger.size()).answer
    assert decided.value() == 0
    # What was known before stays what was known before.
    assert isinstance(tell(town.ledger, PRIZE_DUE, "GZ-2029-A", date(2029, 7, 2), known).answer.result, Undetermined)


def test_an_annulled_annulment_restores_its_target(town: Town) -> None:
    town.edition()
    fact = town.must(
        "IncidentRecorded", date(2024, 1, 5), org="A", incident_id="I1", category="award_fraud", authority="x"
    )
    town.must("ApplicationFiled", date(2023, 6, 1), recorded=date(2024, 1, 10), org="A", edition="GZ-2023")
    known = [town.ledger.size()]
    first = town.must("EventAnnulled", date(2024, 2, 1), target=fact, reason="overturned")
    known.append(town.ledger.size())
    town.must("EventAnnulled", date(2024, 3, 1), target=first, reason="error")
    known.append(town.ledger.size())
    from ledger.derivation.history import EVER
    from projections.slices import history_for

    history = history_for(town.ledger, "org", "A", known[-1])
    assert [bool(history.live(EVER, k).of(IncidentRecorded)) for k in known] == [True, False, True]


@pytest.mark.parametrize(
    ("totals", "aggregation", "decimals", "expected"),
    [
        (["1", "2", "4"], "mean", 2, "2.33"),
        (["1", "2", "4"], "median", None, "2"),
        (["1", "2", "3", "10"], "trimmed_mean", None, "2.5"),
        (["1", "3"], "trimmed_mean", None, "2"),
        (["0.005"], "mean", 2, "0.01"),
    ],
)
def test_scores_are_combined_in_exact_decimals(
    totals: list[str], aggregation: str, decimals: int | None, expected: str
) -> None:
    assert combine([Decimal(t) for t in totals], aggregation, decimals) == Decimal(expected)


def test_the_register_equals_replay_everywhere_it_is_asked(town: Town) -> None:
    _story(town)
    runner = _runner(town)
    assert runner.catch_up() == town.ledger.size()
    assert runner.check(400) == []
    register = Register(town.ledger.database)
    counts = register.count("award.status", date(2024, 3, 1), town.ledger.size(), "status")
    assert counts == {"revoked": 1, "valid": 1}
    assert [
        r.subject
        for r in register.listing("award.status", date(2024, 3, 1), town.ledger.size(), where={"status": "revoked"})
    ] == ["award:GZ-2023-A"]


def test_the_register_in_small_steps_equals_the_register_at_once(town: Town) -> None:
    _story(town)
    runner = _runner(town)
    import projections.runner as module

    module.BATCH, before = 3, module.BATCH
    try:
        runner.catch_up()
    finally:
        module.BATCH = before
    small = _rows(town)
    runner.rebuild()
    assert _rows(town) == small
    assert runner.check(100) == []


def _rows(town: Town) -> list[tuple[object, ...]]:
    with town.ledger.database.connection() as connection:
        return connection.execute(
            "SELECT subject, fact, valid, known, answer::text FROM register_fact ORDER BY 1, 2, 3, 4"
        ).fetchall()


def test_a_runner_that_dies_in_a_batch_resumes_without_doubling(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _story(town)
    runner = _runner(town)
    calls = iter(range(10_000))

    at = FollowedTimelines.at

    def failing(*given: Any) -> Any:
        if next(calls) == 20:
            raise KeyboardInterrupt
        return at(*given)

    monkeypatch.setattr(FollowedTimelines, "at", failing)
    with pytest.raises(KeyboardInterrupt):
        runner.catch_up()
    monkeypatch.undo()
    runner.catch_up()
    resumed = _rows(town)
    runner.rebuild()
    assert _rows(town) == resumed


def test_a_follower_that_waited_through_a_swap_goes_on(town: Town) -> None:
    """A rebuild holds the cursor at its swap; the follower, waiting for the old one, then finds it gone."""
    _story(town)
    follower = _runner(town)
    follower.catch_up()
    with town.ledger.database.transaction() as connection:
        connection.execute("UPDATE register_cursor SET current = false WHERE current")
        connection.execute("INSERT INTO register_cursor VALUES (2, 0, true, %s)", (DERIVATION,))
        waiting = threading.Thread(target=follower.catch_up)
        waiting.start()
        time.sleep(0.3)
        connection.execute("DELETE FROM register_cursor WHERE generation = 1")
        connection.execute("DELETE FROM register_fact WHERE generation = 1")
    waiting.join(timeout=60)
    assert Register(town.ledger.database).position() == town.ledger.size()
    assert follower.check(50) == []


def test_a_list_beyond_the_register_says_how_far_it_is(town: Town) -> None:
    with pytest.raises(ConflictError) as refusal:
        Register(town.ledger.database).listing("award.status", date(2024, 1, 1), town.ledger.size())
    assert refusal.value.code == "register_behind"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_as_of_now_equals_current_and_the_past_does_not_move(town: Town, data: st.DataObject) -> None:
    """Answers known at K do not change when the log grows: replay up to K equals replay of a longer slice cut at K."""
    if not any(e.statement.type == "AwardRevoked" for e in town.ledger.events()):
        _story(town)
    size = town.ledger.size()
    award = next(
        e.position
        for e in town.ledger.events()
        if e.statement.type == "AwardGranted" and e.statement.payload.org == "A"
    )
    known = data.draw(st.integers(award, size))
    on = data.draw(st.dates(date(2023, 5, 1), date(2030, 1, 1)))
    for fact in (f for f in FACTS.values() if f.subject == "award"):
        live, law = state(slice_of(town.ledger, fact, "GZ-2023-A", size), town.ledger.packs(), on, known)
        assert (
            fact.fold(live, law, "GZ-2023-A").to_json()
            == tell(town.ledger, fact, "GZ-2023-A", on, known).answer.to_json()
        )
