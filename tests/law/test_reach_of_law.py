"""Which axis cuts what: knowledge by K alone; an act by D; a reading, a text and a calendar by the days they name."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.derivation.answer import Undetermined
from ledger.derivation.law import Law
from ledger.derivation.reach_of_law import turns_of_law
from projections.as_of import state, tell
from projections.facts import CASE_STATUS, NOTICE_END, ORG_REAPPLY
from projections.register import Register
from projections.runner import Runner
from projections.slices import global_history
from tests.builders import Town
from tests.law.test_versions import _amended, _enact

DAY = date(2023, 6, 21)


def _law(town: Town, on: date, known: int | None = None) -> Law:
    known = known or town.ledger.size()
    return state(global_history(town.ledger, known), town.ledger.packs(), on, known)[1]


def _noticed(town: Town) -> None:
    """A notice of ten days from 20 June 2023, by default through 30 June."""
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    town.must("CommitteeResolutionAdopted", date(2023, 6, 19), resolution_id="r", edition_id="GZ-2023", approved=["A"])
    town.must("PublicNoticeOpened", date(2023, 6, 20), notice_id="N", cases=["A"], promised_end=date(2023, 7, 10))


def _end(town: Town, on: date = DAY, known: int | None = None) -> Any:
    answer = tell(town.ledger, NOTICE_END, "N", on, known or town.ledger.size()).answer
    return answer.result if isinstance(answer.result, Undetermined) else answer.value().end


def _reading(town: Town, value: str, on: date, **members: Any) -> str:
    """How plain days are counted: working_days makes the notice end on 5 July."""
    members = {"pack_id": "GZ", "param_path": "reading.plain_days", "value": value} | members
    return town.must("RegulationInterpreted", on, **members)


# An act


def test_an_act_reaches_from_its_own_day_whenever_it_was_recorded(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), date(2023, 7, 1), org="A")
    known = town.ledger.size()
    state_of = [
        tell(town.ledger, CASE_STATUS, "GZ-2023/A", day, known).answer.to_json()["state"]
        for day in (date(2023, 5, 9), date(2023, 5, 10), date(2023, 7, 1))
    ]
    assert state_of == ["not_applicable", "value", "value"]


# A reading


def test_a_retroactive_reading_reaches_days_before_its_own(town: Town) -> None:
    _noticed(town)
    before = town.ledger.size()
    reading = _reading(town, "working_days", date(2023, 9, 1), retroactive=True)
    assert (_end(town, DAY, before), _end(town), _end(town, date(2023, 9, 2))) == (
        date(2023, 6, 30),
        date(2023, 7, 5),
        date(2023, 7, 5),
    )
    # The corners of one axis alone: known and before its day, after its day and not known.
    assert _end(town, date(2023, 9, 2), before) == date(2023, 6, 30)
    why = tell(town.ledger, NOTICE_END, "N", DAY, town.ledger.size()).answer.why
    assert any(r.endswith(reading) for r in why.readings)


def test_a_reading_reaches_from_the_day_it_names_though_it_was_given_later(town: Town) -> None:
    _noticed(town)
    _reading(town, "working_days", date(2023, 9, 1), applies_from=date(2023, 6, 21))
    assert _end(town) == date(2023, 6, 30)
    _reading(town, "working_days", date(2023, 9, 2), applies_from=date(2023, 6, 20))
    assert _end(town) == date(2023, 7, 5)


def test_a_later_reading_that_looks_back_takes_the_place_of_one_before_it(town: Town) -> None:
    _noticed(town)
    first = _reading(town, "working_days", date(2023, 9, 1), applies_from=date(2023, 6, 1))
    assert _end(town) == date(2023, 7, 5)
    second = _reading(town, "calendar_days", date(2023, 9, 2), retroactive=True)
    assert _end(town) == date(2023, 6, 30)
    why = tell(town.ledger, NOTICE_END, "N", DAY, town.ledger.size()).answer.why
    assert (first in why.events, second in why.events) == (False, True)


def test_a_reading_given_after_one_that_looks_back_holds_from_its_day(town: Town) -> None:
    _noticed(town)
    _reading(town, "working_days", date(2023, 9, 1), retroactive=True, applies_from=date(2023, 9, 1))
    assert _end(town) == date(2023, 7, 5)
    _reading(town, "calendar_days", date(2023, 9, 2), applies_from=date(2023, 6, 1))
    assert _end(town) == date(2023, 6, 30)


def test_an_annulled_reading_reaches_no_day_and_one_annulled_from_a_day_only_those_before(town: Town) -> None:
    _noticed(town)
    known = town.ledger.size()
    first = _reading(town, "working_days", date(2023, 9, 1), retroactive=True)
    ended = town.must(
        "EventAnnulled", date(2023, 9, 5), target=first, reason="error", effect="from_date", from_on=date(2023, 6, 21)
    )
    # What was asked for on 20 June is read as it was, at every D; what is asked for from the 21st on is not.
    assert [_end(town, day) for day in (DAY, date(2023, 10, 1))] == [date(2023, 7, 5)] * 2
    for day in (DAY, date(2023, 10, 1)):
        law = _law(town, day)
        readings = [
            law.reading(law.in_force(on), "reading.plain_days", on)[0] for on in (date(2023, 6, 20), date(2023, 6, 21))
        ]
        assert readings[0] == "working_days" != readings[1]
    town.must("EventAnnulled", date(2023, 9, 6), target=ended, reason="error")
    second = _reading(town, "working_days", date(2023, 9, 7), retroactive=True)
    town.must("EventAnnulled", date(2023, 9, 8), target=first, reason="error")
    town.must("EventAnnulled", date(2023, 9, 8), target=second, reason="error")
    assert [_end(town), _end(town, date(2023, 10, 1))] == [date(2023, 6, 30)] * 2
    assert _end(town, DAY, known) == date(2023, 6, 30)


# A text


def test_a_text_reaches_the_days_it_is_in_force_though_it_was_recorded_later(town: Town) -> None:
    before = town.ledger.size()
    pack = _enact(town, _amended("2024"), date(2024, 3, 1), kind="amendment", issued_on=date(2024, 1, 10))
    early = date(2024, 1, 20)

    def governs(on: date, at: date, known: int | None = None) -> str:
        found = _law(town, at, known).in_force(on)
        return found.pack.version if found else ""

    assert [
        governs(on, at) for on in (date(2024, 1, 9), early) for at in (date(2023, 3, 1), early, date(2025, 1, 1))
    ] == [
        *["2022"] * 3,
        *["2024"] * 3,
    ]
    assert governs(early, date(2025, 1, 1), before) == "2022"
    # A list of texts shows those enacted by the day, or in force on it.
    shown = [[v.pack.version for v in _law(town, day).enacted_by(day)] for day in (date(2024, 1, 9), early)]
    assert [pack.version in versions for versions in shown] == [False, True]


def test_a_repeal_reaches_from_its_day_on_and_an_annulled_one_until_it_was_annulled(town: Town) -> None:
    members = {"pack_or_doc_no": "赣市府发〔2022〕15号", "repealed_by": "GZ"}
    repeal = town.must("RegulationRepealed", date(2024, 3, 1), **members, repealed_on=date(2024, 1, 10))

    def in_force() -> list[bool]:
        return [
            _law(town, at).in_force(on) is not None
            for at in (date(2023, 3, 1), date(2025, 1, 1))
            for on in (date(2024, 1, 9), date(2024, 1, 10), date(2024, 6, 1))
        ]

    assert in_force() == [True, False, False] * 2
    town.must(
        "EventAnnulled", date(2024, 5, 5), target=repeal, reason="error", effect="from_date", from_on=date(2024, 5, 1)
    )
    assert in_force() == [True, False, True] * 2


# A calendar


def test_a_calendar_reaches_its_year_though_it_was_recorded_later(town: Town) -> None:
    town.edition("GZ-2026", date(2026, 11, 2), number=6)
    town.must("ApplicationFiled", date(2026, 11, 3), org="A")
    town.must("CommitteeResolutionAdopted", date(2026, 12, 20), edition_id="GZ-2026", approved=["A"])
    town.must("PublicNoticeOpened", date(2026, 12, 25), notice_id="N", cases=["A"], promised_end=date(2027, 1, 8))
    before, asked = town.ledger.size(), date(2026, 12, 26)
    first = town.must(
        "CalendarPublished", date(2027, 1, 15), year=2027, holidays=[date(2027, 1, 1)], makeup_workdays=[]
    )
    assert isinstance(_end(town, asked, before), Undetermined)
    assert _end(town, asked) == _end(town, date(2027, 2, 1)) == date(2027, 1, 4)
    # What replaces it is known later, whatever day it bears.
    second = town.must(
        "CalendarPublished",
        date(2027, 1, 14),
        year=2027,
        holidays=[date(2027, 1, 1), date(2027, 1, 4)],
        makeup_workdays=[],
        supersedes=first,
    )
    assert _end(town, asked) == date(2027, 1, 5)
    # Annulled from a day on, what was published before holds for the days from then on; annulled, for all.
    ended = town.must(
        "EventAnnulled", date(2027, 1, 20), target=second, reason="error", effect="from_date", from_on=date(2027, 1, 4)
    )
    assert _end(town, asked) == date(2027, 1, 4)
    town.must("EventAnnulled", date(2027, 1, 21), target=ended, reason="error")
    assert _end(town, asked) == date(2027, 1, 5)
    town.must("EventAnnulled", date(2027, 1, 22), target=first, reason="error")
    assert _end(town, asked) == date(2027, 1, 5)


# Admission, and the register


def test_admission_reads_the_law_as_answers_do(town: Town) -> None:
    """Decided on 3 July, recorded in September after a reading that makes the notice run through the 5th."""
    _noticed(town)
    decision = {"decision_id": "D", "approved": ["A"], "late": {"kind": "delayed", "reason": "演示"}}
    _reading(town, "working_days", date(2023, 9, 1), retroactive=True)
    assert _end(town, date(2023, 7, 3)) == date(2023, 7, 5)
    refusal = town.refused("GovernmentDecisionMade", date(2023, 7, 3), date(2023, 9, 2), **decision)
    assert refusal.details["earliest"] == "2023-07-06"
    town.must("GovernmentDecisionMade", date(2023, 7, 6), date(2023, 9, 2), **decision)


def test_the_register_turns_on_the_days_of_the_law_though_nothing_happens_on_them(town: Town) -> None:
    """Until when a win bars a new application is asked of the law of the day; on 1 March 2024 that changes."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    later = _amended("2024", ('kind = "gap_editions", editions = 2', 'kind = "at_once"'))
    later = later.replace('in_force = { kind = "on_publication"', 'in_force = { kind = "fixed", on = 2024-03-01')
    rule = {"kind": "fixed", "on": date(2024, 3, 1)}
    _enact(town, later, date(2024, 1, 10), kind="amendment", in_force_rule=rule, in_force_on=date(2024, 3, 1))
    size = town.ledger.size()
    history = global_history(town.ledger, size)
    assert date(2024, 3, 1) in set(turns_of_law(history.live(date(2024, 1, 1), size)))
    runner = Runner(town.ledger, town.ledger.database, town.ledger.size)
    runner.catch_up()
    register = Register(town.ledger.database)
    for day in (date(2024, 2, 29), date(2024, 3, 1)):
        [row] = register.listing("org.reapply", day, size, where=None, limit=1)
        told = tell(town.ledger, ORG_REAPPLY, "A", day, size).answer.to_json()
        assert row.answer == told
