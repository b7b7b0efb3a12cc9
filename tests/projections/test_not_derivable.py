"""What one subject makes a fold raise stays with this subject: lists go on, the register goes on, and it is tried
again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from ledger.derivation.answer import Answer, NotDerivable
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.errors import InvariantError, MalformedError
from projections import public_pages
from projections.as_of import tell, tell_all
from projections.deriving import NotDerivableWarning, derived
from projections.facts import AWARD_MONEY, AWARD_STATUS, FACTS, Fold
from projections.inquiry.accounts import reconciliation
from projections.inquiry.flag_queue import Wanted, flag_queue
from projections.public_pages import Corner
from projections.register import Register
from projections.runner import Runner
from projections.timelines import DAYS_MAX
from tests.builders import Town
from tests.unfrozen import Unfrozen

ON = date(2024, 1, 1)

#: Here faults are the subject; everywhere else the warning is an error.
pytestmark = pytest.mark.filterwarnings("ignore::projections.deriving.NotDerivableWarning")


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with capture_logs() as entries:
        yield entries


def _spoil(monkeypatch: pytest.MonkeyPatch, name: str, subject: str, error: Exception | None = None) -> None:
    """The fact fails on one subject; without an error it turns every day for ever."""
    whole: Fold[Any] = FACTS[name].fold

    def fold(live: Live, law: Law, about: str) -> Answer[Any]:
        if about != subject:
            return whole(live, law, about)
        if error is not None:
            raise error
        answer = whole(live, law, about)
        return replace(answer, turns_on=frozenset({live.on + timedelta(days=1)}))

    monkeypatch.setitem(Unfrozen(FACTS[name]), "fold", fold)


def _runner(town: Town) -> Runner:
    return Runner(town.ledger, town.ledger.database, town.ledger.size)


def _two_awards(town: Town) -> None:
    town.edition(number=4)
    for org in ("A", "B"):
        town.award(org, date(2023, 6, 1))


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"),
        TypeError("x"),
        ZeroDivisionError(),
        InvariantError("x"),
        AttributeError("x"),
        ValueError("x"),
        RecursionError(),
        MalformedError("odd", ("怪", "odd")),
    ],
    ids=lambda e: type(e).__name__,
)
def test_a_fault_is_an_answer_that_names_it_without_its_insides(error: Exception) -> None:
    def fold() -> Answer[Any]:
        raise error

    with pytest.warns(NotDerivableWarning, match="award.status of X"):
        answer = derived("award.status of X", fold)
    fault = error.code if isinstance(error, MalformedError) else type(error).__name__
    assert (answer.is_value, answer.to_json()["state"]) == (False, "not_derivable")
    assert isinstance(answer.result, NotDerivable)
    assert answer.result.fault == fault
    assert all(fault in said for said in (answer.result.zh, answer.result.en))


def test_what_is_around_us_is_no_fault_of_a_subject() -> None:
    def fold() -> Answer[Any]:
        raise MemoryError

    with pytest.raises(MemoryError):
        derived("award.status of X", fold)


@pytest.mark.parametrize("error", [KeyError("gone"), None], ids=["raises", "turns for ever"])
def test_the_register_goes_on_beside_a_subject_that_fails(
    error: Exception | None, town: Town, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    _two_awards(town)
    monkeypatch.setattr("projections.timelines.DAYS_MAX", 40)
    _spoil(monkeypatch, "award.status", "GZ-2023-A", error)
    size = town.ledger.size()
    assert _runner(town).catch_up() == size
    listed = {r.subject: r.answer for r in Register(town.ledger.database).listing("award.status", ON, size)}
    assert {s: a["state"] for s, a in listed.items()} == {
        "award:GZ-2023-A": "not_derivable",
        "award:GZ-2023-B": "value",
    }
    fault = "KeyError" if error else "turns_too_often"
    assert listed["award:GZ-2023-A"]["not_derivable"]["fault"] == fault
    assert Register(town.ledger.database).count("award.status", ON, size, "status") == {"not_derivable": 1, "valid": 1}
    told = [e for e in logged if e["event"] == "subject_not_derivable"]
    assert {(e["subject"], e["fault"], e["log_level"]) for e in told} == {("award:GZ-2023-A", fault, "error")}
    # Of a fold that fails only its own fact is without an answer; where the days cannot be had, all are.
    money = {r.subject: r.answer["state"] for r in Register(town.ledger.database).listing("award.money", ON, size)}
    assert money["award:GZ-2023-A"] == ("value" if error else "not_derivable")


def test_it_is_tried_again_when_something_of_it_changes_and_by_a_rebuild(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _two_awards(town)
    register = Register(town.ledger.database)
    with monkeypatch.context() as spoilt:
        _spoil(spoilt, "award.status", "GZ-2023-A", KeyError("gone"))
        _spoil(spoilt, "award.status", "GZ-2023-B", KeyError("gone"))
        before = _runner(town).catch_up()

    def states(known: int) -> dict[str, str]:
        return {r.subject: r.answer["state"] for r in register.listing("award.status", ON, known)}

    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    size = _runner(town).catch_up()
    assert states(before) == {"award:GZ-2023-A": "not_derivable", "award:GZ-2023-B": "not_derivable"}
    assert states(size) == {"award:GZ-2023-A": "value", "award:GZ-2023-B": "not_derivable"}
    _runner(town).rebuild()
    assert states(before) == states(size) == {"award:GZ-2023-A": "value", "award:GZ-2023-B": "value"}


def test_a_check_of_the_register_finds_replay_to_fail_alike(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_awards(town)
    _spoil(monkeypatch, "award.status", "GZ-2023-A", KeyError("gone"))
    _runner(town).catch_up()
    assert _runner(town).check(500) == []


def test_an_answer_with_nul_is_stored_and_listed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's jsonb has no NUL; old entries may hold one."""
    _two_awards(town)

    def fold(live: Live, law: Law, about: str) -> Answer[Any]:
        return Answer({"status": "子\0公司 \\u0000"})

    monkeypatch.setitem(Unfrozen(AWARD_STATUS), "fold", fold)
    size = _runner(town).catch_up()
    listed = Register(town.ledger.database).listing("award.status", ON, size)
    assert {r.answer["value"]["status"] for r in listed} == {"子⟨U+0000⟩公司 \\u0000"}
    assert _runner(town).check(100) == []


def test_lists_of_the_public_and_of_inspectors_go_on(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_awards(town)
    town.edition("GZ-2024", date(2024, 5, 6), number=5)
    at, size = Corner(date(2024, 12, 1), town.ledger.size()), town.ledger.size()
    _spoil(monkeypatch, "publication.list", "GZ-2023", KeyError("gone"))
    _spoil(monkeypatch, "edition.flags", "GZ-2024", KeyError("gone"))
    rows = {r["edition"]: r for r in public_pages.editions(town.ledger, at)}
    assert (rows["GZ-2023"]["not_derivable"]["fault"], rows["GZ-2023"]["call"]["year"]) == ("KeyError", 2023)
    assert rows["GZ-2024"]["not_derivable"] is None
    assert [f.get("not_derivable", {}).get("fault") for f in public_pages.figures(list(rows.values()))] == [
        None,
        "KeyError",
    ]
    assert public_pages.awards(list(rows.values())) == []
    queue = flag_queue(town.ledger, at.on, size, Wanted())
    assert (set(queue["outcomes"]), [f["edition"] for f in queue["not_derivable"]]) == ({"GZ-2023"}, ["GZ-2024"])


def test_one_award_that_fails_stands_in_its_edition_as_such(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_awards(town)

    def spoilt(whole: Fold[Any]) -> Fold[Any]:
        def fold(live: Live, law: Law, about: str) -> Answer[Any]:
            if about == "GZ-2023-A":
                raise KeyError(about)
            return whole(live, law, about)

        return fold

    monkeypatch.setattr("projections.publication.award_status", spoilt(AWARD_STATUS.fold))
    monkeypatch.setattr("projections.publication.money", spoilt(AWARD_MONEY.fold))
    monkeypatch.setattr("projections.inquiry.accounts.money", spoilt(AWARD_MONEY.fold))
    [row] = public_pages.editions(town.ledger, Corner(ON, town.ledger.size()))
    found = {a["award_id"]: (a["status"], a["granted_on"], a["recorded_on"]) for a in public_pages.awards([row])}
    assert found["GZ-2023-A"] == ("not_derivable", None, "2023-06-01")
    assert found["GZ-2023-B"][0] == "valid"
    assert row["statistics"]["without_money_of"] == ["GZ-2023-A"]
    accounts = reconciliation(town.ledger, ON, town.ledger.size())
    assert [r["award_id"] for r in accounts["rows"]] == ["GZ-2023-B"]
    assert accounts["undetermined"] == [{"award_id": "GZ-2023-A", "amount": "all"}]
    assert accounts["balanced"] is True


@pytest.mark.filterwarnings("error")
def test_nothing_of_a_whole_story_fails(town: Town) -> None:
    """The warning is an error here: whatever a fold of ours could not derive would end this test."""
    _two_awards(town)
    size = town.ledger.size()
    for kind, subject in (("award", "GZ-2023-A"), ("org", "C"), ("case", "GZ-2023/B"), ("edition", "GZ-2023")):
        assert all(
            t.answer.to_json()["state"] != "not_derivable" for t in tell_all(town.ledger, kind, subject, ON, size)
        )
    assert tell(town.ledger, AWARD_STATUS, "GZ-2023-A", ON, size).answer.is_value
    assert _runner(town).catch_up() == size
    assert DAYS_MAX > 1_000
