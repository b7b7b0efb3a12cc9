"""Names, codes and days of histories."""

from __future__ import annotations

import itertools
from datetime import date

from api.generate.chances import Chances, seed_bytes
from api.generate.days import EDITIONS_MAX, beginnings, calendars, spread, workday, workdays_after
from api.generate.names import Organisations, person_name
from ledger.identifiers import completed_uscc, parse_uscc
from ledger.regulation.shipped import seed_calendars

SEED = seed_bytes(1)


def test_every_organisation_has_a_right_code_of_its_own_and_nearly_every_one_a_name_of_its_own() -> None:
    several = Organisations(SEED, "360700", "赣州市", 2020)
    made = [several.made(number) for number in range(1, 2_001)]
    codes = [parse_uscc(o.uscc) for o in made]
    assert len(set(codes)) == len(codes)
    assert {code[2:11] for code in codes} == {"360700DEM"}
    assert len({o.name for o in made}) > 1_950
    assert {o.form for o in made} == {"enterprise", "institution"}
    assert {o.sector for o in made if o.form == "institution"} == {"medical", "education"}


def test_an_organisation_is_the_same_whenever_it_is_asked_for_and_is_never_listed() -> None:
    one, other = (Organisations(SEED, "360700", "赣州市", 2020) for _ in range(2))
    assert one["E000007"] == other["E000007"]
    assert (list(one), "E000007" in one, "chr" in one) == ([], True, False)


def test_a_code_is_completed_as_it_is_parsed() -> None:
    assert completed_uscc("91410102DEM00001") == "91410102DEM000014L"


def test_persons_have_names_of_their_own() -> None:
    assert len({person_name(SEED, f"R{n}") for n in range(15)}) >= 14


def test_what_happens_once_in_so_many_times_happens_once_in_each() -> None:
    chances = Chances(SEED, "x")
    happened = [chances.once_in(7, "it") for _ in range(70)]
    assert [sum(happened[n : n + 7]) for n in range(0, 70, 7)] == [1] * 10
    assert len({happened[n : n + 7].index(True) for n in range(0, 70, 7)}) > 1


def test_nobody_works_on_rest_days() -> None:
    # National Day of 2023: 29 September to 6 October; 7 and 8 October, a weekend, were worked.
    assert workday(date(2023, 9, 29)) == date(2023, 10, 7)
    assert workdays_after(date(2023, 9, 28), 2) == date(2023, 10, 8)
    assert workdays_after(date(2023, 10, 8), -2) == date(2023, 9, 28)
    assert [day for day, _ in spread("abc", date(2023, 9, 28), 2)] == [date(2023, 9, 28)] * 2 + [date(2023, 10, 7)]


def test_editions_keep_their_cycle_while_the_years_suffice_and_move_closer_when_they_do_not() -> None:
    assert beginnings(3, 2) == [date(2020, 3, 2), date(2022, 3, 2), date(2024, 3, 1)]
    several = beginnings(100, 2)
    apart = {(later - earlier).days for earlier, later in itertools.pairwise(several)}
    assert several[0].year == 2006
    assert min(apart) >= 55
    assert beginnings(EDITIONS_MAX, 2)[0].year >= 1971


def test_of_years_before_any_calendar_one_is_made_up_and_says_so() -> None:
    assert calendars()[1960].holidays == tuple(date(1960, m, d) for m, d in ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3)))
    assert calendars()[1960].source != calendars()[2023].source
    assert {year: calendars()[year] for year in seed_calendars()} == seed_calendars()
