"""Packs, periods and calendars."""

from __future__ import annotations

import contextlib
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.regulation.pack import interpreted_value, parse_pack
from ledger.regulation.parameters import PARAMETERS, expand, spec_of
from ledger.regulation.periods import (
    UnknownCalendarYearError,
    WorkdayCalendar,
    YearCalendar,
    add_months,
    add_workdays,
    add_years,
    period_end,
    roll_over,
)
from ledger.regulation.readings import READINGS, is_registered
from ledger.regulation.shipped import seed_calendars, shipped_packs
from ledger.regulation.stated import Absence

CALENDAR = WorkdayCalendar(
    {
        y: YearCalendar(frozenset(c.holidays), frozenset(c.makeup_workdays), f"cal-{y}")
        for y, c in seed_calendars().items()
    }
)

# Origin: parameter matrix of the five texts; amounts in fen. (value, article)
MATRIX = {
    ("zhongyuan/draft", "validity"): (4, "27"),
    ("zhongyuan/draft", "prize.first.quality"): (20_000_000, "4"),
    ("zhongyuan/draft", "prize.rewin.quality"): (0, "27"),
    ("zhongyuan/draft", "rewin.counts_quota"): (False, "27"),
    ("zhongyuan/draft", "notice.min"): (5, "17(6)"),
    ("zhongyuan/draft", "revoke.fraud.ban"): (4, "24"),
    ("zhongyuan/draft", "revoke.accident.ban"): (4, "24"),
    ("zhongyuan/draft", "revoke.violation.clawback"): (True, "24"),
    ("zhongyuan/draft", "fund_misuse.clawback"): ("serious_with_government_approval", "23"),
    ("zhongyuan/draft", "quota.max.quality"): Absence.SILENT,
    ("zhongyuan/draft", "score.threshold.quality"): Absence.SILENT,
    ("jindong/draft", "score.threshold.quality"): (610, "四(二)"),
    ("jindong/draft", "score.threshold.innovation"): (600, "四(二)"),
    ("jindong/draft", "quota.max.innovation"): (3, "一(五)"),
    ("jindong/draft", "shortlist.max"): (8, "五(三)2"),
    ("jindong/draft", "prize.first.innovation"): (15_000_000, "六(一)"),
    ("jindong/draft", "prize.rewin.innovation"): (0, "六(一)"),
    ("jindong/draft", "prize.rewin.quality"): Absence.SILENT,
    ("jindong/draft", "validity"): Absence.SILENT,
    ("jindong/draft", "revoke.fraud.ban"): Absence.SILENT,
    ("jindong/draft", "revoke.fraud.credit_record"): (True, "七(二)"),
    ("jindong/draft", "revoke.accident.credit_record"): Absence.SILENT,
    ("hengyang/draft", "score.threshold.quality"): (600, "9"),
    ("hengyang/draft", "quota.max.quality"): (6, "3"),
    ("hengyang/draft", "prize.first.quality"): Absence.SILENT,
    ("hengyang/draft", "validity"): (3, "17"),
    ("hengyang/draft", "revoke.fraud.ban"): (5, "19"),
    ("hengyang/draft", "revoke.accident.ban"): Absence.SILENT,
    ("hengyang/draft", "revoke.accident.clawback"): Absence.SILENT,
    ("jinshui/interpretation", "validity"): Absence.UNKNOWN,
    ("jinshui/interpretation", "prize.first.quality"): Absence.UNKNOWN,
    ("jinshui/interpretation", "prize.mode"): ("lump_sum", "四.7(§17)"),
    ("ganzhou/2022", "quota.max.nomination"): (5, "6"),
    ("ganzhou/2022", "prize.first.quality"): (50_000_000, "8"),
    ("ganzhou/2022", "prize.first.nomination"): (0, "8"),
    ("ganzhou/2022", "notice.min"): (10, "21"),
    ("ganzhou/2022", "revoke.fraud.ban"): (10, "28"),
    ("ganzhou/2022", "revoke.tax.ban"): (5, "30"),
    ("ganzhou/2022", "revoke.tax.clawback"): Absence.SILENT,
    ("ganzhou/2022", "recusal.scope"): Absence.SILENT,
    ("ganzhou/2022", "ban.scope"): (("own", "井冈质量奖", "中国质量奖"), "28,30"),
}


@pytest.mark.parametrize(("where", "expected"), list(MATRIX.items()))
def test_packs_state_the_matrix(where: tuple[str, str], expected: object) -> None:
    parameter = shipped_packs()[where[0]][0].parameter(where[1])
    actual = parameter.absence if parameter.absence else (parameter.value, parameter.article)
    assert actual == expected


def test_five_packs_and_the_predecessors_their_texts_name() -> None:
    packs = {name: pack for name, (pack, _) in shipped_packs().items()}
    statuses = {name: p.status for name, p in packs.items() if p.status != "legacy_stub"}
    assert statuses == {
        "zhongyuan/draft": "draft",
        "jindong/draft": "draft",
        "hengyang/draft": "draft",
        "jinshui/interpretation": "interpretation_only",
        "ganzhou/2022": "in_force",
    }
    stubs = {p.doc_no or p.title for p in packs.values() if p.status == "legacy_stub"}
    named = {document for p in packs.values() for document in p.repeals}
    assert named <= stubs
    assert stubs - named == {"金政文〔2011〕106号"}  # named by the interpretation as amended, not as repealed


@pytest.mark.parametrize("name", [n for n, (p, _) in shipped_packs().items() if p.status != "legacy_stub"])
def test_a_complete_pack_states_every_parameter(name: str) -> None:
    pack = shipped_packs()[name][0]
    assert set(pack.parameters) == set(expand(pack.awards, pack.grounds))
    assert all(p.article for p in pack.parameters.values() if p.absence is None)


def test_parameter_paths_are_unique() -> None:
    assert len({p.path for p in PARAMETERS}) == len(PARAMETERS)


_GOOD = shipped_packs()["ganzhou/2022"][1].decode()


@pytest.mark.parametrize(
    ("desc", "old", "new", "key"),
    [
        ("missing parameter", '"validity" = ', '"# validity" = ', "# validity"),
        ("two answers", '"validity" = { value = 3,', '"validity" = { silent = true, value = 3,', "validity"),
        ("silent = false", '"score.full" = { silent = true }', '"score.full" = { silent = false }', "score.full"),
        ("another unit", 'value = 10, unit = "day"', 'value = 10, unit = "week"', "notice.min"),
        ("float", '"data_years" = { value = 3,', '"data_years" = { value = 3.5,', "data_years"),
        ("negative", '"data_years" = { value = 3,', '"data_years" = { value = -3,', "data_years"),
        (
            "unknown word",
            '"recusal.scope" = { silent = true',
            '"recusal.scope" = { value = ["cat"], article = "1"',
            "recusal.scope",
        ),
        (
            "value without article",
            '"cycle" = { value = 2, unit = "year", article = "6"',
            '"cycle" = { value = 2, unit = "year"',
            "cycle",
        ),
        ("unknown status", 'status = "in_force"', 'status = "law"', "pack.status"),
        ("issued text without number", 'doc_no = "赣市府发〔2022〕15号"\n', "", "pack.status"),
        ("unknown ground", '"fraud", "accident"', '"Cheating!", "accident"', "pack.grounds"),
        ("unknown member of the head", "encoding = 1", "encoding = 1\ncolour = 1", "pack.colour"),
        ("no transition", 'money = "pinned"\n', "", "transition.money"),
        ("unknown category", 'category = "stat_fraud"', 'category = "stats"', "lookback.rules"),
        ("step twice", '{ step = "opinions"', '{ step = "call"', "procedure"),
        (
            "gap without editions",
            '{ kind = "gap_editions", editions = 2 }',
            '{ kind = "gap_editions" }',
            "reapply.quality",
        ),
        (
            "sector in two groups",
            'sectors = ["manufacturing"]',
            'sectors = ["manufacturing", "service"]',
            "quota.by_sector",
        ),
        ("text for a number", "max = 3 }", 'max = "three" }', "quota.by_sector"),
        ("not toml", "[pack]", "[pack", "(file)"),
        ("money without yuan", 'value = 500000, unit = "yuan"', 'value = 500000, unit = "fen"', "prize.first.quality"),
    ],
)
def test_an_invalid_pack_names_file_key_and_reason(desc: str, old: str, new: str, key: str) -> None:
    assert old in _GOOD, desc
    with pytest.raises(MalformedError) as refusal:
        parse_pack(_GOOD.replace(old, new, 1).encode(), "strange.toml")
    assert refusal.value.code == "invalid_pack"
    assert refusal.value.en.startswith("strange.toml: ")
    assert key in str(refusal.value.details["key"])


def test_a_pack_accepted_before_the_catalogue_grew_stays_good() -> None:
    """Its bytes are in the log for ever; what it was never asked is unknown, not silent and not an error."""
    older = "\n".join(line for line in _GOOD.splitlines() if not line.startswith('"prize.budget"')).encode()
    with pytest.raises(MalformedError):
        parse_pack(older, "older.toml")
    pack = parse_pack(older, "older.toml", accepted=True)
    assert pack.parameter("prize.budget").absence is Absence.UNKNOWN
    assert pack.parameter("validity").value == 3


#: Bounds that came after packs had been enacted: refused of a new pack, read of one that a log holds.
LATER_BOUNDS = [
    ("audit not a number", '"late.grace_days" = 3', '"late.grace_days" = nan', 'audit."late.grace_days"'),
    ("audit of text", '"late.grace_days" = 3', '"late.grace_days" = "x"', 'audit."late.grace_days"'),
    ("audit too long", '"late.grace_days" = 3', '"late.grace_days" = 1000000000000', 'audit."late.grace_days"'),
    ("audit misspelt", '"late.grace_days" = 3', '"late.grce_days" = 3', 'audit."late.grce_days"'),
    ("audit of a day", '"late.grace_days" = 3', '"late.grace_days" = 2023-01-01T00:00:00', 'audit."late.grace_days"'),
    ("hours of a number", '"working_hours" = "08:00-18:00"', '"working_hours" = 5', 'audit."working_hours"'),
    ("hours of no clock", '"08:00-18:00"', '"99:99-x"', 'audit."working_hours"'),
    ("hours turned round", '"08:00-18:00"', '"18:00-08:00"', 'audit."working_hours"'),
    ("a share without end", 'of_full" = 8', 'of_full" = inf', 'audit."score.outlier_percent_of_full"'),
    ("a share over the whole", 'of_full" = 8', 'of_full" = 100.5', 'audit."score.outlier_percent_of_full"'),
    ("a gap of no register", 'gap = "G17"', 'gap = "B-999"', "gap"),
    ("a gap of no form", 'gap = "G17"', 'gap = "G/../x"', "gap"),
    ("no gap", 'gap = "G17"', 'gap = ""', "gap"),
    ("encoding", "encoding = 1", f"encoding = {10**30}", "pack.encoding"),
    ("in force after ages", '"on_publication"', f'"days_after", days = {10**18}', "pack.in_force.days"),
    ("in force before", '"on_publication"', '"days_after", days = -99999999', "pack.in_force.days"),
    ("in force before days", '"on_publication"', '"fixed", on = 0001-01-01', "pack.in_force.on"),
    ("issued after days", "issued_on = 2022-09-27", "issued_on = 9999-12-31", "pack.issued_on"),
]


@pytest.mark.parametrize(("desc", "old", "new", "key"), LATER_BOUNDS, ids=[row[0] for row in LATER_BOUNDS])
def test_bounds_that_came_later_refuse_a_new_pack_and_leave_a_recorded_one_readable(
    desc: str, old: str, new: str, key: str
) -> None:
    assert old in _GOOD, desc
    odd = _GOOD.replace(old, new, 1).encode()
    with pytest.raises(MalformedError) as refusal:
        parse_pack(odd, "strange.toml")
    assert key in str(refusal.value.details["key"])
    assert (refusal.value.en.isascii(), "strange.toml" in refusal.value.zh) == (True, True)
    assert parse_pack(odd, "strange.toml", accepted=True).parameter("validity").value == 3


def test_every_gap_that_is_named_anywhere_stands_in_a_register() -> None:
    named = {part for reading in READINGS.values() for part in reading.ids.split("/")}
    assert {name for name in named if re.match(r"[BG]", name) and not is_registered(name)} == set()
    assert [
        n for n in ("B-1", "B-93", "G01", "G31", "B-94", "G32", "B-0", "G00", "B-01", "G1") if is_registered(n)
    ] == [
        "B-1",
        "B-93",
        "G01",
        "G31",
    ]


def test_a_share_of_the_audit_may_have_decimals() -> None:
    audit = parse_pack(_GOOD.replace('of_full" = 8', 'of_full" = 7.5', 1).encode(), "x.toml").audit
    assert audit["score.outlier_percent_of_full"] == Decimal("7.5")


def test_a_draft_with_a_document_number_is_no_draft() -> None:
    text = shipped_packs()["zhongyuan/draft"][1].decode().replace("[awards]", "", 1)
    text = text.replace('status = "draft"', 'status = "draft"\ndoc_no = "x"') + "\n[awards]\n"
    with pytest.raises(MalformedError):
        parse_pack(text.encode(), "x.toml")


#: Where the library of origin is wrong: 国办发明电〔2005〕35号 has the last Saturday of 2005 worked.
MENDED = {date(2005, 12, 31): True}


def test_workdays_are_those_of_the_published_arrangements() -> None:
    days = [date(2004, 1, 1) + timedelta(n) for n in range((date(2026, 12, 31) - date(2004, 1, 1)).days + 1)]
    differing = {d: CALENDAR.is_workday(d) for d in days if CALENDAR.is_workday(d) != chinese_calendar.is_workday(d)}
    assert differing == MENDED


@pytest.mark.parametrize(
    ("day", "worked", "notice"),
    [
        (date(2005, 12, 31), True, "国办发明电〔2005〕35号"),
        (date(2006, 1, 2), False, "国办发明电〔2005〕35号"),
        (date(2006, 12, 30), True, "国办发明电〔2006〕49号"),
        (date(2006, 12, 31), True, "国办发明电〔2006〕49号"),
        (date(2007, 1, 3), False, "国办发明电〔2006〕49号"),
        (date(2007, 4, 28), True, "国办发明电〔2006〕49号"),
        (date(2015, 9, 3), False, "国发明电〔2015〕1号"),
        (date(2015, 9, 6), True, "国发明电〔2015〕1号"),
        (date(2020, 1, 31), False, "国办发明电〔2020〕1号"),
        (date(2020, 2, 1), False, "国办发明电〔2020〕1号"),
        (date(2020, 2, 3), True, "国办发明电〔2020〕1号"),
    ],
)
def test_days_are_worked_as_the_notice_says(day: date, worked: bool, notice: str) -> None:
    assert CALENDAR.is_workday(day) is worked, notice


def test_no_day_is_said_twice_and_each_changes_the_rule_of_the_week() -> None:
    for year, calendar in seed_calendars().items():
        said = [*calendar.holidays, *calendar.makeup_workdays]
        assert (len(said), {d.year for d in said}) == (len(set(said)), {year})
        assert all(d.weekday() >= 5 for d in calendar.makeup_workdays)


def test_an_unpublished_year_is_never_extrapolated() -> None:
    with pytest.raises(UnknownCalendarYearError) as unknown:
        add_workdays(date(2026, 12, 30), 5, CALENDAR)
    assert unknown.value.year == 2027


@pytest.mark.parametrize(
    ("start", "count", "end", "desc"),
    [
        (date(2023, 6, 19), 5, date(2023, 6, 27), "Dragon Boat, Sunday 25 worked"),
        (date(2023, 9, 28), 5, date(2023, 10, 11), "National Day, 7 and 8 worked"),
        (date(2024, 2, 8), 5, date(2024, 2, 21), "Spring Festival, Sunday 18 worked"),
        (date(2023, 5, 6), 1, date(2023, 5, 8), "published on a worked Saturday"),
        (date(2023, 7, 7), 5, date(2023, 7, 14), "an ordinary week; the start day is not counted"),
    ],
)
def test_working_day_notices_end_as_counted(start: date, count: int, end: date, desc: str) -> None:
    assert add_workdays(start, count, CALENDAR) == end


def test_a_last_day_on_a_rest_day_moves_on() -> None:
    assert roll_over(date(2023, 9, 30), CALENDAR) == date(2023, 10, 7)
    assert roll_over(date(2023, 9, 28), CALENDAR) == date(2023, 9, 28)


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2022, 5, 10), 3, date(2025, 5, 10)),
    ],
)
def test_years_end_on_the_corresponding_day_or_the_month_end(start: date, years: int, end: date) -> None:
    assert add_years(start, years) == end
    assert period_end(start, years, "year", CALENDAR) == end


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 240), st.integers(0, 240))
def test_longer_periods_never_end_earlier(start: date, fewer: int, more: int) -> None:
    low, high = sorted((fewer, more))
    assert add_months(start, low) <= add_months(start, high)
    assert add_months(start, 12) - start in (timedelta(365), timedelta(366))


def test_pack_files_name_no_rule_that_is_not_well_formed() -> None:
    for name, (_, data) in shipped_packs().items():
        for rule in re.findall(r'rule = "([^"]*)"', data.decode()):
            for one in rule.split(", "):
                assert re.fullmatch(r"(ZY|JD|HY|JS|GZ)-[0-9A-Za-z.-]+", one), (name, rule)


_SIX = (Path(__file__).parents[2] / "docs" / "examples" / "yunlan.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("percent = 50, after", "percent = 60, after", "prize.instalments"),
        ('{ kind = "share", percent = 80 }', '{ kind = "share", percent = 180 }', "revoke.fraud.clawback_part"),
        ('{ kind = "share", percent = 80 }', '{ kind = "share" }', "revoke.fraud.clawback_part"),
        ('amount = 4, unit = "working_day"', 'amount = 4, unit = "day"', "notice.extension"),
        ('"panel.size_min" = { value = 4', '"panel.size_min" = { value = 14', "panel.size_min"),
        ('    { step = "recommendation", article = "10" },\n', "", "procedure"),
        ("{ min = 3, max = 4 }", "{ min = 5, max = 4 }", "onsite.days"),
        ('"18" },\n]', '"18" },\n    { step = "publication", article = "17" },\n]', "procedure"),
        ('"18" },\n]', '"18" },\n    { step = "circular", article = "17" },\n]', "procedure"),
        ('"18" },\n]', '"18" },\n    { step = "opinions", article = "10" },\n]', "procedure"),
        ('after = "grant" }', 'after = "someday" }', "prize.instalments"),
    ],
)
def test_a_strangers_pack_that_makes_no_sense_names_its_parameter(old: str, new: str, key: str) -> None:
    assert old in _SIX
    with pytest.raises(MalformedError) as refusal:
        parse_pack(_SIX.replace(old, new, 1).encode(), "strange.toml")
    assert key in str(refusal.value.details["key"])


_LEAVES = [m.span(2) for m in re.finditer(r"(= )([^,\n{}\[\]]+)", _SIX)]
_JUNK = ["true", "false", "-1", "0", '"x"', '""', "[]", "[[]]", "{}", "{ a = 1 }", "1.5", "2024-01-01", "9" * 30, "nan"]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_LEAVES), st.sampled_from(_JUNK)), min_size=1, max_size=3))
def test_a_spoilt_pack_is_read_or_named_and_nothing_else(changes: list[tuple[tuple[int, int], str]]) -> None:
    text = _SIX
    for (start, end), junk in sorted(dict(changes).items(), reverse=True):
        text = text[:start] + junk + text[end:]
    with contextlib.suppress(MalformedError):
        parse_pack(text.encode(), "spoilt.toml")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**53) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "unit", "kind", "max", "years"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([s.path for s in PARAMETERS]), _JSON)
def test_an_interpretation_gives_a_value_of_the_catalogue_or_is_malformed(path: str, value: Any) -> None:
    name = path.replace("{award}", "quality").replace("{ground}", "fraud")
    with contextlib.suppress(MalformedError):
        interpreted_value(name, spec_of(name), value)
