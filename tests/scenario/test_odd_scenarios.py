"""A scenario file of whatever content is played, or refused with its name, the place in it and what should be there."""

from __future__ import annotations

import copy
import random
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from api.scenario.document import scenario_of
from api.scenario.play import SimulatedClock
from api.scenario.run import Report, packs_for, play
from ledger.errors import MalformedError, RongjianError
from tests.flags.fired import DEMO
from tests.law.test_scenarios import FILES
from tests.memory_ledger import MemoryLedger

STORY = """
[scenario]
title = "x"
pack = "ganzhou/2022"
starts = 2023-01-02
[organisations]
A = { name = "甲（演示）", uscc = "91360700DEM000196Q", sector = "manufacturing" }
[reviewers]
R1 = { leader = true }
R2 = {}
[[chapter]]
title = "x"
acts = [
  { on = 2023-05-08, do = "EditionOpened", edition_id = "GZ-2023", number = 4, window_from = 2023-05-08, \
window_to = 2023-06-30 },
  ACT
]
expect = [
  EXPECT
]
"""
PANEL = 'do = "BodyConstituted", kind = "panel", body_id = "p", edition_id = "GZ-2026"'


def _played(toml: dict[str, Any], path: Path) -> Report:
    scenario = scenario_of(toml, path)
    ledger: Any = MemoryLedger(clock := SimulatedClock(scenario.starts))
    return play(scenario, packs_for(scenario), ledger, b"s" * 32, clock)


def _told(text: str) -> Report:
    return _played(tomllib.loads(text.replace("ACT", "").replace("EXPECT", "")), Path("story.toml"))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (', uscc = "91360700DEM000196Q"', "", "organisations.A.uscc"),
        ('"91360700DEM000196Q"', '"91360700DEM000196X"', "organisations.A.uscc"),
        ('name = "甲（演示）", ', "", "organisations.A.name"),
        ('sector = "manufacturing"', "seat = 1", "organisations.A.seat"),
        ('sector = "manufacturing"', 'sector = "Not A Word"', "organisations.A"),
        ("leader = true", 'leader = "yes"', "reviewers.R1.leader"),
        ("R2 = {}", "R2 = { pool = 5 }", "reviewers.R2"),
        ("[[chapter]]", "[committee]\nmembers = 1000000000000\n[[chapter]]", "committee.members"),
        ("starts = 2023-01-02", 'starts = 2023-01-02\nmode = "play"', "scenario"),
        ("starts = 2023-01-02", "starts = 0001-01-02", "scenario.starts"),
        ('pack = "ganzhou/2022"', 'pack = "no/such"', "scenario.pack"),
        ("ACT", '{ on = 2023-05-09, do = "RegulationEnacted", pack = "no/such" },', "chapter[0].acts[1].pack"),
        ("ACT", '{ on = 2023-05-09, do = "RegulationEnacted", pack = ["x"] },', "chapter[0].acts[1].pack"),
        (
            "ACT",
            '{ on = 2023-05-09, do = "EditionOpened", edition_id = "E", pack = "zhongyuan/draft" },',
            "acts[1].pack",
        ),
        ("ACT", '{ on = 2023-05-09, do = "ApplicationInvented" },', "chapter[0].acts[1].do"),
        ("ACT", '{ on = 2023-05-09, do = "PrizePaid", case = "A", amount_yuan = "x" },', "acts[1].amount_yuan"),
        (
            "ACT",
            '{ on = 0001-01-02, recorded = 2023-05-10, do = "ApplicationFiled", org = "A" },',
            "chapter[0].acts[1].on",
        ),
        (
            "ACT",
            '{ on = 2023-05-09, do = "RegulationEnacted", issued_on = 9999-12-31 },',
            "chapter[0].acts[1].issued_on",
        ),
        ("EXPECT", '{ as_of = 2023-05-09, known_at = 9999-12-31, case = "A" },', "chapter[0].expect[0].known_at"),
        ("EXPECT", '{ as_of = 2023-05-09, case = "A", stat = "filed" },', "chapter[0].expect[0].stat"),
        ("EXPECT", '{ as_of = 2023-05-09, org = "A", fact = "org.bans", vlaue = 1 },', "chapter[0].expect[0].vlaue"),
        ("EXPECT", "{ as_of = 2023-05-09 },", "chapter[0].expect[0]"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_place_in_both_languages(old: str, new: str, place: str) -> None:
    assert old in STORY
    with pytest.raises(MalformedError) as refusal:
        _told(STORY.replace(old, new, 1))
    error = refusal.value
    assert (error.code, error.details["file"]) == ("invalid_scenario", "story.toml")
    assert str(error.details["key"]).endswith(place)
    assert error.en.startswith(f"story.toml: {error.details['key']}: ")
    assert error.zh.startswith(f"story.toml：{error.details['key']}：")


def test_a_pack_whose_name_no_file_may_have_is_named() -> None:
    with pytest.raises(MalformedError) as refusal:
        _told(STORY.replace("ganzhou/2022", "\\u0000.toml", 1))
    assert refusal.value.code == "pack_unreadable"


@pytest.mark.parametrize("members", ['["R1", "R2"]', "[]"])
def test_a_panel_of_an_edition_that_nobody_opened_does_not_stop_the_play(members: str) -> None:
    later = '{ on = 2023-05-10, do = "ApplicationFiled", org = "A" },'
    report = _told(STORY.replace("ACT", f"{{ on = 2023-05-09, {PANEL}, members = {members} }}, {later}"))
    assert [o.act.do for o in report.outcomes] == ["EditionOpened", "BodyConstituted", "ApplicationFiled"]
    assert report.outcomes[-1].recorded is not None


def test_a_case_that_needs_a_review_where_nobody_reviews_is_named() -> None:
    path = next(p for p in FILES if p.stem == "committee-yunlan")
    toml = tomllib.loads(path.read_text("utf-8"))
    del toml["reviewers"]
    with pytest.raises(MalformedError) as refusal:
        _played(toml, path)
    assert (refusal.value.code, refusal.value.details["key"]) == ("invalid_scenario", "chapter[0].acts[2]")
    assert "[reviewers]" in refusal.value.en


def test_a_number_of_places_of_an_award_that_there_is_not_is_an_expectation_that_is_not_met() -> None:
    asked = 'expect = [\n  { as_of = 2023-06-01, edition = "GZ-2023", quota_used = { zz = 1 } },'
    report = _told(STORY.replace("ACT", "").replace("expect = [", asked, 1))
    assert [(v.expected, v.actual, v.met) for v in report.verdicts][:1] == [({"zz": 1}, {"zz": None}, False)]


ODD: list[Any] = [
    *(0, 1, -1, 2**53, 2**63, 10**30, True, False, "", " ", "x", "A", "a/b", "A" * 5000, "\x00", "中", "2023-05-08"),
    *(1.5, float("nan"), float("inf"), [], {}, [[]], [{}], ["A"], [1], {"a": 1}, {"case": "A"}, [{"case": "A"}]),
    *(date(1, 1, 1), date(9999, 12, 31), datetime(2023, 1, 1, tzinfo=UTC), time(1, 2)),
]
NAMES = ["org", "case", "zz", "members", "approved", "rows", "on", "recorded", "late", "override", "with", "by", "acts"]
#: A few seconds a run, each with its own seed, which a failure names.
TRIES = 12


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*place, key)
        yield from _places(item, (*place, key))


def _spoil(toml: dict[str, Any], chance: random.Random) -> str:
    """Change one place of a file; returns what was done."""
    *above, key = chance.choice(list(_places(toml)))
    parent: Any = toml
    for step in above:
        parent = parent[step]
    match chance.randrange(8):
        case 0:
            del parent[key]
            return f"{above} {key} left out"
        case 1 if isinstance(parent, dict):
            name = chance.choice(NAMES)
            parent[name] = copy.deepcopy(parent[key])
            return f"{above} {key} also as {name}"
        case _:
            parent[key] = copy.deepcopy(chance.choice(ODD))
            return f"{above} {key} = {parent[key]!r:.80}"


def test_an_odd_file_is_played_or_refused_with_words_and_nothing_else() -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    stories = [(path, tomllib.loads(path.read_text("utf-8"))) for path in (*DEMO, *FILES)]
    short = sorted(stories, key=lambda s: sum(len(c.get("acts", [])) for c in s[1].get("chapter", [])))[:12]
    for _ in range(TRIES):
        path, toml = chance.choice(short)
        odd = copy.deepcopy(toml)
        done = [_spoil(odd, chance) for _ in range(chance.choice((1, 1, 2)))]
        try:
            _played(odd, path)
        except RongjianError as error:
            nameless = ".toml" not in error.en
        except Exception as error:
            raise AssertionError(f"seed {seed}: {path.name}, {done}") from error
        else:
            nameless = False
        assert not nameless, f"seed {seed}: {path.name}, {done}: the file is not named"
