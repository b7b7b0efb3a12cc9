"""Working days: made-up days, years nobody has published, and a calendar changed after the fact."""

from __future__ import annotations

from datetime import date

from ledger.derivation.answer import Undetermined
from projections.as_of import tell
from projections.facts import NOTICE_END
from tests.builders import Town

OVERRIDE = {"reason": "演示公示尺", "instrument_no": "演〔2020〕1号", "by": "sup"}


def _noticed(town: Town, opened: date, notice: str = "N") -> None:
    """A notice to be measured; how its list came about is not the point here."""
    edition = f"GZ-{opened.year}"
    town.edition(
        edition,
        opened.replace(month=1, day=2) if opened.month > 1 else opened,
        number=opened.year - 2000,
        override=OVERRIDE,
    )
    town.must("ApplicationFiled", opened, org="A", edition=edition)
    town.must("PublicNoticeOpened", opened, notice_id=notice, cases=["A"], promised_end=opened, override=OVERRIDE)


def test_january_2020_the_end_before_the_change_was_known_and_after(new_town_from: object) -> None:
    """On 26 January 2020 the Spring Festival holiday was prolonged to 2 February; ends move only from that position."""
    town: Town = new_town_from(date(2020, 1, 2))  # type: ignore[operator]
    published = town.ledger.recorder.head().size
    assert published
    first = next(
        e for e in town.ledger.events() if e.statement.type == "CalendarPublished" and e.statement.payload.year == 2020
    )
    before = [
        d for d in first.statement.payload.holidays if d not in (date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 2))
    ]
    original = town.must(
        "CalendarPublished",
        date(2020, 1, 3),
        year=2020,
        holidays=before,
        source_doc_no="国办发明电〔2019〕16号（演示）",
        makeup_workdays=[
            date(2020, 1, 19),
            date(2020, 2, 1),
            *[d for d in first.statement.payload.makeup_workdays if d > date(2020, 3, 1)],
        ],
        supersedes=first.statement.id,
    )
    _noticed(town, date(2020, 1, 20))
    known = town.ledger.size()
    town.must(
        "CalendarPublished",
        date(2020, 1, 27),
        year=2020,
        holidays=list(first.statement.payload.holidays),
        makeup_workdays=list(first.statement.payload.makeup_workdays),
        source_doc_no="国办发明电〔2020〕1号（演示）",
        supersedes=original,
    )
    asked = date(2020, 2, 10)
    then = tell(town.ledger, NOTICE_END, "N", asked, known).answer
    now = tell(town.ledger, NOTICE_END, "N", asked, town.ledger.size()).answer
    assert (then.value().end, now.value().end) == (date(2020, 1, 31), date(2020, 2, 3))
    assert then.why.calendars == (original,)
    assert now.why.calendars != then.why.calendars


def test_a_calendar_is_replaced_by_name_and_never_silently(town: Town) -> None:
    refusal = town.refused("CalendarPublished", date(2023, 2, 1), year=2023, holidays=[], makeup_workdays=[])
    assert (refusal.code, refusal.details["rule"]) == ("calendar_exists", "AUD")
    outside = town.refused(
        "CalendarPublished", date(2023, 2, 1), year=2031, holidays=[date(2030, 1, 1)], makeup_workdays=[]
    )
    assert outside.code == "calendar_unsound"


def test_a_decision_waits_for_the_calendar_of_its_year(town: Town) -> None:
    """A year that nobody has published is undetermined with the reason, and no decision rests on a guess (B-3)."""
    town.edition("GZ-2026", date(2026, 11, 2), number=6)
    town.must("ApplicationFiled", date(2026, 11, 3), org="A")
    town.must("CommitteeResolutionAdopted", date(2026, 12, 20), edition_id="GZ-2026", approved=["A"])
    town.must("PublicNoticeOpened", date(2026, 12, 25), notice_id="N", cases=["A"], promised_end=date(2027, 1, 8))
    answer = tell(town.ledger, NOTICE_END, "N", date(2026, 12, 26), town.ledger.size()).answer
    assert isinstance(answer.result, Undetermined)
    assert (answer.result.parameter, answer.result.gap) == ("calendar.2027", "B-3")
    refusal = town.refused("GovernmentDecisionMade", date(2027, 1, 15), decision_id="D", approved=["A"])
    assert (refusal.code, refusal.details["refused_by"]) == ("notice_end_undetermined", "ledger")
    town.must("CalendarPublished", date(2027, 1, 15), year=2027, holidays=[date(2027, 1, 1)], makeup_workdays=[])
    town.must("GovernmentDecisionMade", date(2027, 1, 15), decision_id="D", approved=["A"])
