"""The records of facts: what they say of their members, and that the answers of every scenario are what they say."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from api.scenario.document import read_scenario
from api.scenario.play import SimulatedClock
from api.scenario.run import packs_for, play
from ledger.derivation.answer import Answer, NotApplicable, Undetermined, plain
from ledger.derivation.record import (
    Count,
    Day,
    DaysSince,
    Member,
    Money,
    Name,
    Part,
    Record,
    Text,
    Word,
    members_of,
    part,
)
from ledger.derivation.words import known_word
from ledger.errors import InvariantError, NotFoundError
from projections.as_of import tell_all
from projections.facts import ALL, Fact
from projections.kinds import MONEY, SCORES
from projections.labels import MEMBERS
from tests.memory_ledger import MemoryLedger

ROOT = Path(__file__).parents[2]
#: A shipped scenario, one with what follows an award, one of money that is not due, and the invented regulation's.
SCENARIOS = [
    ROOT / "api" / "scenario" / "demo" / "zhongyuan.toml",
    ROOT / "api" / "scenario" / "demo" / "ganzhou-practice.toml",
    ROOT / "tests" / "law" / "scenarios" / "after-jindong.toml",
    ROOT / "docs" / "examples" / "yunlan-course.toml",
]
SUBJECTS = {"c": "case", "a": "award", "o": "org", "ed": "edition", "n": "notice", "f": "finding"}

#: How JSON writes a kind; the others are text.
_WRITTEN = {"money": "integer", "count": "integer", "number": "integer", "percent": "integer", "yes": "boolean"}

#: Members that say one thing here and another there; the form of neither is chosen by the name.
_TWO_KINDS = {
    "award": {"word", "name"},
    "by": {"name", "day"},
    "counted": {"name", "event"},
    "event": {"word", "event"},
    "reason": {"word", "text"},
}


def members() -> Iterator[tuple[Fact[Any], Member]]:
    for fact in ALL:
        for member in fact.members():
            yield fact, member


def test_a_member_has_one_kind_in_all_records() -> None:
    """Pages choose the form of a value by the name of its member and by what JSON makes of it."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, member in members():
        found[member.name, _WRITTEN.get(member.kind, "string")].add(member.kind)
    assert {name: kinds for (name, _), kinds in found.items() if len(kinds) > 1} == _TWO_KINDS


def test_amounts_and_scores_are_known_by_their_kind() -> None:
    assert {"award.prize_due", "paid", "expected_clawback", "amount", "prize_paid"} <= MONEY
    assert {"total", "median", "min", "max"} <= SCORES


def test_every_member_has_its_name_in_both_languages() -> None:
    parts = {part for _, m in members() for part in m.path.replace("[]", "").replace("{}", "").split(".")}
    # Sentences stand without a name.
    assert {name for name in parts if name not in MEMBERS} == {"", "zh", "en"}


def test_every_word_of_an_enumeration_says_something_in_both_languages() -> None:
    silent = [(f.name, m.path, w) for f, m in members() for w in m.words if known_word(w, m.name, f.name) is None]
    assert silent == []


@cache
def played(path: Path) -> MemoryLedger:
    """The log that a scenario leaves."""
    scenario = read_scenario(path)
    clock = SimulatedClock(scenario.starts)
    ledger: Any = MemoryLedger(clock)
    play(scenario, packs_for(scenario), ledger, secrets.token_bytes(32), clock)
    return ledger  # type: ignore[no-any-return]


def subjects(ledger: MemoryLedger) -> list[tuple[str, str]]:
    tags = {tag for event in ledger.events() for tag in event.statement.tags}
    return sorted({(SUBJECTS[k], name) for k, _, name in (t.partition(":") for t in tags) if k in SUBJECTS})


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_the_json_of_every_answer_is_what_the_record_says(path: Path) -> None:
    ledger, read = played(path), 0
    days = sorted({e.statement.effective_on for e in ledger.events()})
    for kind, subject in subjects(ledger):
        for on in (days[len(days) // 2], days[-1]):
            # Some subjects are named and never come to be.
            with suppress(NotFoundError):
                for told in tell_all(ledger, kind, subject, on, ledger.size(), flags=True):
                    answer = told.to_json()
                    if answer["state"] == "value":
                        value = msgspec.convert(answer["value"], told.fact.record)
                        assert plain(value) == answer["value"]
                        read += 1
    assert read > 50


class Inner(Record, frozen=True, kw_only=True):
    day: Day | None
    name: Name | UnsetType = UNSET


class Outer(Record, frozen=True, kw_only=True):
    many: tuple[Inner, ...]
    by_kind: dict[str, Part[Inner]]
    amount: Money | Undetermined
    said: tuple[Text, ...] | UnsetType = UNSET


def test_members_are_named_by_their_place() -> None:
    found = {m.path: (m.kind, m.optional, m.nullable) for m in members_of(Outer) if ".not_" not in m.path}
    assert found == {
        "many[].day": ("day", False, True),
        "many[].name": ("name", True, False),
        "by_kind{}.state": ("word", False, False),
        "by_kind{}.value.day": ("day", True, True),
        "by_kind{}.value.name": ("name", True, False),
        "by_kind{}.undetermined.parameter": ("word", True, False),
        "by_kind{}.undetermined.gap": ("article", True, False),
        "by_kind{}.undetermined.zh": ("text", True, False),
        "by_kind{}.undetermined.en": ("text", True, False),
        "amount": ("money", False, False),
        "amount.parameter": ("word", False, False),
        "amount.gap": ("article", False, False),
        "amount.zh": ("text", False, False),
        "amount.en": ("text", False, False),
        "said[]": ("text", True, False),
    }


def test_a_member_without_a_kind_is_no_member() -> None:
    class Loose(Record, frozen=True, kw_only=True):
        word: str

    with pytest.raises(InvariantError):
        list(members_of(Loose))


def test_a_part_is_the_answer_without_its_reasons() -> None:
    nothing: Answer[Inner] = Answer(NotApplicable("无", "none"))
    assert plain(part(nothing)) == {"state": "not_applicable", "not_applicable": {"zh": "无", "en": "none"}}
    told = part(Answer(Inner(day=date(2024, 1, 2))))
    assert plain(told) == {"state": "value", "value": {"day": "2024-01-02"}}


class Aged(Record, frozen=True, kw_only=True):
    status: Word
    days: DaysSince | None


class Plain(Record, frozen=True, kw_only=True):
    status: Word
    days: Annotated[Count, "as of the last event"]


def test_a_fact_that_turns_with_every_day_is_not_listed() -> None:
    """The register cuts its ranges where answers turn; one that turns daily would differ from replay in between."""

    def fold(_live: Any, _law: Any, _subject: str) -> Answer[Any]:
        raise NotImplementedError

    assert Fact("award.age", "D99", "award", fold, Aged, "天数", "age").members()
    assert Fact("award.age", "D99", "award", fold, Plain, "天数", "age", listed=True).members()
    with pytest.raises(InvariantError, match=r"award\.age is listed, and days counts by the day"):
        Fact("award.age", "D99", "award", fold, Aged, "天数", "age", listed=True)
