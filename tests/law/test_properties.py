"""Properties of answers: order of recording, later knowledge, money that adds up, intervals that do not overlap."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.derivation.history import History
from ledger.errors import RefusedError
from projections.as_of import state
from projections.facts import AWARD_MONEY, FACTS
from projections.slices import history_for
from projections.timelines import timelines
from tests.builders import Town

_HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_SUBJECTS = (("org", "A"), ("case", "GZ-2023/A"), ("award", "GZ-2023-A"), ("edition", "GZ-2023"))


def _lived(town: Town) -> None:
    """Two awards with money, a late report, a revocation, a successor, a corrected reading."""
    if any(e.statement.type == "AwardRevoked" for e in town.ledger.events()):
        return
    town.edition(number=4)
    town.award("A", date(2023, 6, 20))
    town.award("B", date(2023, 6, 26))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    town.must("PostAwardReportFiled", date(2024, 6, 19), case="A", kind="performance", period="1")
    town.must(
        "IncidentRecorded",
        date(2023, 5, 2),
        recorded=date(2024, 7, 1),
        org="A",
        incident_id="LATE",
        category="stat_fraud",
        authority="x",
        late={"kind": "delayed", "reason": "迟报"},
    )
    town.revoke("A", "tax", date(2024, 8, 1))
    town.must("PrincipalUpdated", date(2024, 9, 2), principal_id="A", kind="merged", successor_ids=["C"])
    town.must(
        "RegulationInterpreted", date(2024, 9, 3), **town.interpretation("reading.silent_consequence", "undetermined")
    )


def _answers(town: Town, history: History, on: date, known: int) -> dict[str, Any]:
    live, law = state(history, town.ledger.packs(), on, known)
    result = {}
    for kind, subject in _SUBJECTS:
        for fact in FACTS.values():
            if fact.subject == kind:
                answer = fact.fold(live, law, subject).to_json()
                result[fact.name] = {k: v for k, v in answer.items() if k != "why"}
    return result


@settings(max_examples=25, deadline=None, suppress_health_check=_HEALTH)
@given(data=st.data())
def test_the_order_of_recording_days_apart_changes_no_answer(town: Town, data: st.DataObject) -> None:
    """Events of different days may have been recorded in any order: folds take them by effective day.

    What is about the record itself (annulments, interpretations, versions) and what a day holds twice keep their order.
    """
    _lived(town)
    size = town.ledger.size()
    events = {
        e.position: e for kind, subject in _SUBJECTS for e in history_for(town.ledger, kind, subject, size).events
    }
    days = sorted({e.statement.effective_on for e in events.values()})
    shuffled = data.draw(st.permutations(days))
    order = sorted(events.values(), key=lambda e: (shuffled.index(e.statement.effective_on), e.position))
    moved = History(replace(e, position=n) for n, e in enumerate(order, start=1))
    on = data.draw(st.dates(date(2023, 5, 1), date(2027, 1, 1)))
    told, before = (_answers(town, h, on, size) for h in (moved, History(events.values())))
    # Flags ask in which order things were recorded: that is their business.
    assert told.keys() == before.keys()
    assert {n: a for n, a in told.items() if not n.endswith(".flags")} == {
        n: a for n, a in before.items() if not n.endswith(".flags")
    }


@settings(max_examples=25, deadline=None, suppress_health_check=_HEALTH)
@given(data=st.data())
def test_what_was_known_at_k_is_the_same_in_every_longer_log(town: Town, data: st.DataObject) -> None:
    _lived(town)
    size = town.ledger.size()
    events = {
        e.position: e for kind, subject in _SUBJECTS for e in history_for(town.ledger, kind, subject, size).events
    }
    known = data.draw(st.integers(1, size))
    on = data.draw(st.dates(date(2023, 5, 1), date(2027, 1, 1)))
    shorter = History(e for e in events.values() if e.position <= known)
    assert _answers(town, shorter, on, known) == _answers(town, History(events.values()), on, known)


def test_intervals_of_a_fact_follow_each_other_without_overlap_or_gap(town: Town) -> None:
    _lived(town)
    size = town.ledger.size()
    for kind, subject in _SUBJECTS:
        history = history_for(town.ledger, kind, subject, size)
        for fact, segments in timelines(kind, subject, history, town.ledger.packs(), size).items():
            assert [end for _, end, _ in segments[:-1]] == [start for start, _, _ in segments[1:]], fact
            assert segments[-1][1] is None


@settings(max_examples=12, deadline=None, suppress_health_check=_HEALTH)
@given(data=st.data())
def test_money_always_adds_up(new_town: Callable[..., Town], data: st.DataObject) -> None:
    """Whatever is tried and refused: 0 <= received + waived <= ordered <= paid, and paid never exceeds what is due."""
    town = new_town("ganzhou/2022")
    town.edition(number=4)
    town.award("A", date(2023, 6, 20))
    day = date(2023, 7, 1)
    paid: list[tuple[str, int]] = []
    amounts = st.sampled_from([1, 10_000_000, 25_000_000, 50_000_000, 60_000_000])
    acts = data.draw(
        st.lists(
            st.tuples(st.sampled_from(["pay", "reverse", "revoke", "order", "receive", "waive"]), amounts), max_size=9
        )
    )
    for step, (act, amount) in enumerate(acts):
        day += timedelta(days=3)
        with contextlib.suppress(RefusedError):
            _try(town, act, amount, day, step, paid)
        value = _money(town, day)
        assert 0 <= value.clawback_received + value.clawback_waived <= value.clawback_ordered <= value.paid
        assert value.clawback_outstanding == value.clawback_ordered - value.clawback_received - value.clawback_waived
        assert 0 <= value.paid <= 50_000_000
        assert value.outstanding_prize == max(0, (value.due or 0) - value.paid)


def _money(town: Town, day: date) -> Any:
    from projections.as_of import tell

    return tell(town.ledger, AWARD_MONEY, "GZ-2023-A", day, town.ledger.size()).answer.value()


def _try(town: Town, act: str, amount: int, day: date, step: int, paid: list[tuple[str, int]]) -> None:
    match act:
        case "pay":
            paid.append((town.must("PrizePaid", day, case="A", amount=amount), amount))
        case "reverse" if paid:
            event, of = paid[-1]
            town.must("PrizePaid", day, case="A", amount=of, reversal_of=event)
        case "revoke":
            town.revoke("A", "fraud", day, decision=f"R{step}")
        case "order":
            revoked = next(
                (e.statement.payload.decision_id for e in town.ledger.events() if e.statement.type == "AwardRevoked"),
                "none",
            )
            town.must(
                "ClawbackOrdered",
                day,
                case="A",
                clawback_id=f"CB{step}",
                reason="revoked_fraud",
                amount=amount,
                due_on=day + timedelta(days=60),
                decision_id=revoked,
            )
        case "receive" | "waive":
            order = next(
                (
                    e.statement.payload.clawback_id
                    for e in town.ledger.events()
                    if e.statement.type == "ClawbackOrdered"
                ),
                "none",
            )
            if act == "receive":
                town.must("ClawbackReceived", day, case="A", clawback_id=order, amount=amount)
            else:
                town.must(
                    "GovernmentDecisionMade",
                    day,
                    decision_id=f"W{step}",
                    subject="waiver",
                    approved=[{"award_id": "GZ-2023-A"}],
                )
                town.must(
                    "ClawbackWaived",
                    day,
                    case="A",
                    clawback_id=order,
                    amount=amount,
                    reason="court",
                    decision_id=f"W{step}",
                    basis=("LAW:民事诉讼法第二百五十七条",),
                )
        case _:
            return


def test_every_event_that_an_answer_shows_stands_in_its_why(town: Town) -> None:
    _lived(town)
    town.must("CertificateIssued", date(2024, 9, 4), case="B", items=[{"kind": "plaque", "serial": "S1"}])
    ids = {e.statement.id for e in town.ledger.events()}
    known, silent = town.ledger.size(), dict[str, list[str]]()
    for kind, subject in _SUBJECTS:
        live, law = state(history_for(town.ledger, kind, subject, known), town.ledger.packs(), date(2025, 1, 1), known)
        for fact in (f for f in FACTS.values() if f.subject == kind):
            answer = fact.fold(live, law, subject).to_json()
            shown = set(_texts({k: v for k, v in answer.items() if k != "why"})) & ids
            if not shown <= set(answer["why"]["events"]):
                silent[fact.name] = sorted(shown - set(answer["why"]["events"]))
    assert silent == {}


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for member in value.values() for text in _texts(member)]
        case list():
            return [text for member in value for text in _texts(member)]
        case _:
            return []
