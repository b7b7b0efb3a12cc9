"""The end of a public notice and the first day for the decision (D12; B-1..B-4, B-6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Law
from ledger.derivation.record import WORD, Count, Day, Name, Record
from ledger.events.notice import ObjectionRaised, ObjectionResolved, PublicNoticeClosed, PublicNoticeOpened
from ledger.regulation.periods import UnknownCalendarYearError, add_workdays, ends_by_counting, roll_over
from ledger.regulation.tables import Extension
from ledger.sentences import sentence


class NoticeRuler(Record, frozen=True, kw_only=True):
    """A notice measured (D12): the last lawful day, and the first day on which the decision may be taken.

    ``cut_short`` is the day on which it was closed before it had lasted long enough, by the way of counting that a
    reading has settled, or else by any: then no decision rests on it, and ``earliest_decision`` is None. ``minimum``
    and ``extended_by`` are in ``unit``. ``waiting_for`` are objections without a resolution; the candidates they are
    about wait for it, the others go on (B-88).
    """

    opened_on: Day
    first_counted_day: Day
    minimum: Count
    unit: Annotated[Literal["working_day", "day"], WORD]
    end: Day
    earliest_decision: Day | None
    waiting_for: tuple[Name, ...]
    extended_by: Count
    cut_short: Day | UnsetType = UNSET


def notice_end(live: Live, law: Law, notice_id: str) -> Answer[NoticeRuler]:
    """The end of a notice (D12): working days by the published calendar, or calendar days; interruptions are added."""
    revisions = live.of(PublicNoticeOpened, notice_id=notice_id)
    opened = revisions[0] if revisions else None
    if opened is None:
        return Answer(NotApplicable(*sentence("there is no such notice by that day")))
    enacted = pinned_pack(live, law, opened.payload.edition_id)
    minimum = law.parameter(enacted, "notice.min", opened.on)
    why = Why(events=(opened.id,)) | minimum.why
    if not minimum.stated:
        return Answer(minimum.undetermined(), why)
    plain, plain_why = law.reading(enacted, "reading.plain_days", opened.on)
    rolls, rolls_why = law.reading(enacted, "reading.rest_day_at_end", opened.on)
    first, first_why = law.reading(enacted, "reading.notice_first_day", opened.on)
    why |= first_why
    working = minimum.unit == "working_day" or plain == "working_days"
    if minimum.unit == "day":
        why |= plain_why | rolls_why
    start = opened.payload.opened_on
    closed = live.last(PublicNoticeClosed, notice_id=notice_id)
    lost = _lost(closed)
    if closed and lost:
        why |= Why(events=(closed.id,), readings=("B-6:default",))
    extended, extended_why = _extension(live, law, revisions)
    why |= extended_why
    first_counted = start if first == "counted" else next_day(start)
    length = minimum.number + lost + extended - (1 if first == "counted" else 0)
    try:
        if working:
            end = add_workdays(start, length, law.calendar)
            first_counted = roll_over(first_counted, law.calendar)
        else:
            end = start + timedelta(days=length)
            if rolls == "moves_on":
                end = roll_over(end, law.calendar)
        ways = ends_by_counting(start, minimum.number + lost + extended, minimum.unit or "", law.calendar)
        settled_way = any("@" in reading for reading in (first_why | plain_why | rolls_why).readings)
        cut_short = _cut_short(closed, end if settled_way else min([end, *ways.values()]))
    except UnknownCalendarYearError as error:
        gap = Undetermined(
            f"calendar.{error.year}",
            "B-3",
            *sentence("the calendar of {year} is not recorded", year=error.year),
        )
        return Answer(gap, why)
    calendars = law.calendar.sources(start, end)
    why |= Why(calendars=calendars, readings=("B-3:default",) if calendars else ())
    settled, waiting, objected = _objections(live, opened.payload.cases)
    if cut_short is not None:
        why |= Why(events=(cut_short.id,))
    ruler = NoticeRuler(
        opened_on=start,
        first_counted_day=first_counted,
        minimum=minimum.number,
        unit="working_day" if working else "day",
        end=end,
        earliest_decision=next_day(max([end, *settled])) if cut_short is None else None,
        waiting_for=waiting,
        extended_by=extended,
        cut_short=cut_short.payload.closed_on if cut_short is not None else UNSET,
    )
    return Answer(ruler, why | objected)


#: Kinds of objection that stop an award while they are open: those against the candidacy, not against what came after.
BLOCKING_KINDS = frozenset({"notice_objection", "complaint", "recusal_request"})


@dataclass(frozen=True, slots=True)
class CutShort:
    """A notice of candidates that was closed before it had lasted long enough: no notice step is done by it."""

    notice_id: str
    closed: LiveEvent[PublicNoticeClosed]
    why: Why


def notices_cut_short(live: Live, law: Law, case_id: str) -> list[CutShort]:
    """The notices of a case that were closed too early, in the order in which they were closed."""
    found = []
    for closed in live.of(PublicNoticeClosed):
        notice = closed.payload.notice_id
        if case_id in closed.payload.cases and live.of(PublicNoticeOpened, notice_id=notice, kind="candidates"):
            ruler = notice_end(live, law, notice)
            if ruler.is_value and ruler.value().cut_short is not UNSET:
                found.append(CutShort(notice, closed, ruler.why))
    return found


def first_day_to_decide(live: Live, law: Law, case_id: str) -> Answer[date]:
    """The day after the end of a notice of the case that was not cut short and after the last objection to it was
    settled (B-88: what is objected to others does not hold it up).
    """
    names = dict.fromkeys(e.payload.notice_id for e in live.of(PublicNoticeOpened) if case_id in e.payload.cases)
    rulers = [notice_end(live, law, name) for name in names]
    why, days = Why(), list[date]()
    for ruler in rulers:
        if not ruler.is_value:
            return ruler.without_value(ruler.why)
        if ruler.value().cut_short is UNSET:
            days.append(ruler.value().end)
            why |= ruler.why
    if not days:
        return Answer(NotApplicable(*sentence("there is no notice to decide on by that day")))
    settled, _, objected = _objections(live, {case_id})
    return Answer(next_day(max([min(days), *settled])), why | objected)


def ends_of_notice(live: Live, law: Law, notice_id: str) -> dict[str, date]:
    """The last day of a notice by each way of counting, with what was added to it; empty where it cannot be told."""
    ruler, opened = notice_end(live, law, notice_id), live.of(PublicNoticeOpened, notice_id=notice_id)
    if not ruler.is_value:
        return {}
    minimum = law.parameter(pinned_pack(live, law, opened[0].payload.edition_id), "notice.min", opened[0].on)
    closed = live.last(PublicNoticeClosed, notice_id=notice_id)
    length = ruler.value().minimum + ruler.value().extended_by + _lost(closed)
    return ends_by_counting(ruler.value().opened_on, length, minimum.unit or "", law.calendar)


def _lost(closed: LiveEvent[PublicNoticeClosed] | None) -> int:
    """Days on which a notice was interrupted: they do not count (B-6)."""
    return len(closed.payload.interrupted_days) if closed is not None else 0


def _cut_short(closed: LiveEvent[PublicNoticeClosed] | None, least: date) -> LiveEvent[PublicNoticeClosed] | None:
    """The closing of a notice before the earliest day on which it may end."""
    return closed if closed is not None and closed.payload.closed_on < least else None


def extensions(revisions: Sequence[LiveEvent[PublicNoticeOpened]]) -> list[LiveEvent[PublicNoticeOpened]]:
    """The announcements of a notice, in their order, that end it later than the one before."""
    return [e for b, e in pairwise(revisions) if e.payload.promised_end > b.payload.promised_end]


def _extension(live: Live, law: Law, revisions: list[LiveEvent[PublicNoticeOpened]]) -> tuple[int, Why]:
    """Days added by the text's own rule: for each objection during the notice, or for each announced extension."""
    opened = revisions[0]
    stated = law.parameter(pinned_pack(live, law, opened.payload.edition_id), "notice.extension", opened.on)
    if not stated.stated:
        return 0, stated.left_open
    rule = stated.table(Extension)
    raised = live.of(ObjectionRaised, during_notice=opened.payload.notice_id)
    causes: Sequence[LiveEvent] = raised if rule.when == "objection" else extensions(revisions)
    causes = causes[: rule.times]
    return rule.amount * len(causes), stated.why | Why(events=tuple(e.id for e in causes))


def _objections(live: Live, cases: Collection[str]) -> tuple[list[date], tuple[str, ...], Why]:
    """Days on which objections that stop an award of these cases were resolved, those that are not, and the events."""
    raised = [e for e in live.of(ObjectionRaised) if e.payload.case_id in cases and e.payload.kind in BLOCKING_KINDS]
    resolved = {e.payload.objection_id: e for e in live.of(ObjectionResolved)}
    settled = [resolved[e.payload.objection_id] for e in raised if e.payload.objection_id in resolved]
    waiting = tuple(e.payload.objection_id for e in raised if e.payload.objection_id not in resolved)
    readings = ("B-88:default",) if raised else ()
    return [e.on for e in settled], waiting, Why(events=tuple(e.id for e in (*raised, *settled)), readings=readings)
