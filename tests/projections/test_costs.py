"""What an entry costs the register: counted, never timed, and not growing with what was recorded of its subject."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from ledger.derivation import growing
from ledger.entry import RecordedEvent
from ledger.events.rules import CalendarPublished, RegulationRepealed
from ledger.submission import Receipt
from projections import followed
from projections.followed import Followed, FollowedRoom
from projections.replayed import InMemory
from projections.runner import Batch, Runner
from tests.builders import Town
from tests.counted_sql import statements_sent
from tests.projections.mixed_up import Entries
from tests.quick.played import SCENARIOS, played

DAY = date(2023, 6, 1)


@dataclass
class Counted:
    """Answers made, entries folded and read, statements sent to the database."""

    answers: list[str] = field(default_factory=list)
    folded: int = 0
    read: int = 0
    sql: int = 0

    @property
    def work(self) -> tuple[int, int, int, int]:
        return len(self.answers), self.folded, self.read, self.sql


@contextmanager
def _counting(monkeypatch: pytest.MonkeyPatch, town: Town | None = None) -> Iterator[Counted]:
    counted = Counted()
    answered, as_corrected = followed.answered, growing.as_corrected

    def answering(fact: Any, live: Any, law: Any, named: str, day: date) -> Any:
        counted.answers.append(f"{fact.name} of {named} on {day}")
        return answered(fact, live, law, named, day)

    def folding(*given: Any) -> Any:
        counted.folded += 1
        return as_corrected(*given)

    with monkeypatch.context() as patch, ExitStack() as stack:
        patch.setattr(followed, "answered", answering)
        patch.setattr(growing, "as_corrected", folding)
        sent = list[str]()
        if town is not None:
            sent = stack.enter_context(statements_sent(town.database))
            events = town.ledger.log.events

            def reading(*given: Any, **more: Any) -> Any:
                found = events(*given, **more)
                counted.read += len(found)
                return found

            patch.setattr(town.ledger.log, "events", reading)
        yield counted
        counted.sql = len(sent)


def _incidents(town: Town, first: int, count: int) -> None:
    many = [
        town.signed("IncidentRecorded", DAY, org="A", incident_id=f"I{n}", category="other", authority="x")
        for n in range(first, first + count)
    ]
    assert all(isinstance(outcome, Receipt) for outcome in town.ledger.submit_many(many))


def test_an_entry_costs_what_it_changes_however_much_was_recorded_of_its_subject(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.edition()
    town.award("A", date(2023, 7, 3))
    runner = Runner(town.ledger, town.ledger.database, town.ledger.size)

    def cost_of_one_more(number: int) -> Counted:
        runner.catch_up()
        _incidents(town, number, 1)
        with _counting(monkeypatch, town) as counted:
            runner.catch_up()
        return counted

    _incidents(town, 0, 9)
    tenth = cost_of_one_more(9)
    _incidents(town, 10, 989)
    thousandth = cost_of_one_more(999)
    assert thousandth.work == tenth.work
    # No rule of the text is about such an incident: it is taken in by the organisation and its case, and nothing is
    # asked anew.
    assert (tenth.answers, tenth.folded) == ([], 2)


def _moved_to_the_end(
    kind: type[CalendarPublished | RegulationRepealed], fits: Callable[[Any], bool], demo: str = "zhongyuan"
) -> Entries:
    """The log of a demo, in which one statement of the law was recorded last."""
    path = next(p.values[0] for p in SCENARIOS if p.id == demo)
    _, ledger = played(path)  # type: ignore[arg-type]
    late = next(e for e in ledger.events() if isinstance(e.statement.payload, kind) and fits(e.statement.payload))
    events = [*(e for e in ledger.events() if e is not late), late]
    return Entries([replace(e, position=n) for n, e in enumerate(events, 1)], ledger.packs())


#: Room for all subjects of a demo, and for a third of them: the others are kept no more, and rest.
AMPLE, SCANT = 1_000_000_000, 500_000


def _of_the_last(log: Entries, monkeypatch: pytest.MonkeyPatch, room: int = AMPLE) -> Counted:
    memory, keeping, events = InMemory(), Followed(FollowedRoom(room)), log.events()
    _follow(log, memory, events[:-1], keeping)
    with _counting(monkeypatch) as counted:
        _follow(log, memory, events[-1:], keeping)
    return counted


def _follow(log: Entries, memory: InMemory, events: list[RecordedEvent], keeping: Followed) -> None:
    Batch(log, memory, events, keeping).process()


def test_a_calendar_recorded_late_makes_anew_what_counts_in_its_year_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made = _of_the_last(_moved_to_the_end(CalendarPublished, lambda p: p.year == 2023), monkeypatch).answers
    assert {answer.partition(" on ")[0] for answer in made} == {
        "notice.end of notice:N-2023",
        # Whether the notice of their edition was cut short.
        "case.status of case:ZY-2023/A",
        "case.status of case:ZY-2023/B",
    }


def test_whoever_is_kept_no_more_is_made_from_nothing_only_where_it_counts_in_the_year(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = _moved_to_the_end(CalendarPublished, lambda p: p.year == 2023)
    made = _of_the_last(log, monkeypatch, SCANT).answers
    about = {answer.partition(" of ")[2].partition(" on ")[0] for answer in made}
    assert about == {"notice:N-2023", "case:ZY-2023/A", "case:ZY-2023/B"}


@pytest.mark.parametrize("room", [AMPLE, SCANT], ids=["ample", "scant"])
def test_a_calendar_of_a_year_in_which_nobody_counts_makes_nothing_anew(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _moved_to_the_end(CalendarPublished, lambda p: p.year == 2023)
    *before, late = log.events()
    nobodys = replace(late, statement=replace(late.statement, payload=_of_another_year(late)))
    assert _of_the_last(Entries([*before, nobodys], log.packs()), monkeypatch, room).answers == []


def _of_another_year(late: RecordedEvent) -> CalendarPublished:
    payload = late.statement.payload
    assert isinstance(payload, CalendarPublished)
    return CalendarPublished(**{name: getattr(payload, name) for name in payload.__struct_fields__} | {"year": 2099})


def test_a_text_repealed_late_makes_anew_what_stands_under_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    log = _moved_to_the_end(RegulationRepealed, lambda _: True, "jinshui")
    made = _of_the_last(log, monkeypatch).answers
    about = {answer.partition(" of ")[2].partition(" on ")[0] for answer in made}
    under_it = {"edition:JS-2018", "case:JS-2018/Q", "award:JS-2018-Q", "org:Q"}
    assert about >= under_it
    # Who came after it.
    assert about.isdisjoint({"case:JS-2024/S", "award:JS-2024-S", "org:S"})


def test_a_repeal_of_a_text_that_was_replaced_before_makes_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    log = _moved_to_the_end(RegulationRepealed, lambda _: True, "ganzhou")
    assert _of_the_last(log, monkeypatch).answers == []


def test_of_those_who_are_linked_to_a_tag_only_those_are_asked_whose_entries_are_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All who took part in an edition are linked to it; nearly all rest on nothing that one of its entries says."""
    _, ledger = played(next(p.values[0] for p in SCENARIOS if p.id == "zhongyuan"))
    asked, linked = list[str](), list[str]()
    timelines, touched = Followed.timelines, Batch._touched

    def asking(self: Followed, source: Any, subject: str, known: int) -> Any:
        asked.append(subject)
        return timelines(self, source, subject, known)

    def linking(self: Batch, event: RecordedEvent) -> list[str]:
        found = touched(self, event)
        linked.extend(found)
        return found

    monkeypatch.setattr(Followed, "timelines", asking)
    monkeypatch.setattr(Batch, "_touched", linking)
    Batch(ledger, InMemory(), ledger.events(), Followed(FollowedRoom(10**9))).process()
    # The larger an edition, the fewer of all: here a few organisations took part.
    assert 0 < len(asked) < 0.55 * len(linked)


def test_logs_share_one_room_and_whoever_holds_more_than_a_share_gives_it_up() -> None:
    _, ledger = played(next(p.values[0] for p in SCENARIOS if p.id == "zhongyuan"))
    room = FollowedRoom(800_000)
    first, second = Followed(room), Followed(room)
    *before, last = ledger.events()
    memory = InMemory()
    Batch(ledger, memory, before, first).process()
    alone = len(first._subjects)
    # By itself it holds more than the half that two logs have.
    assert first._held > room.most // 2
    Batch(ledger, InMemory(), ledger.events(), second).process()
    Batch(ledger, memory, [last], first).process()
    assert room.has_room_for(first, first._held + first._resting.held)
    assert room.has_room_for(second, second._held + second._resting.held)
    assert 1 <= len(first._subjects) < alone
