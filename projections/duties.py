"""What follows from an award and from its revocation, by when, and whether it was done (D22).

A duty that a text states without a day has none here; the reading that gives one is named (B-19, B-20). A duty
not met has no consequence by itself (B-68).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Law, Resolved
from ledger.derivation.objects import objects_of
from ledger.derivation.owed_back import expected_clawback, held, settled_of, standing_orders
from ledger.derivation.record import WORD, Article, Day, EventRef, Name, Record, Text, Word, Yes
from ledger.derivation.standing import NO_AWARD, Award, award_of, term, validity
from ledger.events.after_award import AwardRevoked, PostAwardReportFiled, SanctionImposed
from ledger.events.decision import AnnouncementPublished, CertificateIssued, CertificateReturned
from ledger.events.money import ClawbackReceived, ClawbackWaived, PostAwardCheckHeld, PrizePaid
from ledger.regulation.periods import add_years
from projections.sentences import sentence

#: Days before the end of validity in which a duty of the whole period is at risk.
AT_RISK = timedelta(days=180)

State = Literal[
    "not_yet",
    "due",
    "at_risk",
    "fulfilled",
    "late",
    "overdue",
    "lapsed",
    "no_due_date",
    "nothing_due",
    "undetermined",
]


#: What follows from an award, then what follows from its revocation.
Named = Literal[
    "annual_report",
    "reassessment",
    "promotion_summary",
    "exchange_event",
    "survey",
    "return",
    "publish",
    "credit_record",
    "clawback",
]


class Duty(Record, frozen=True, kw_only=True):
    """One duty of one period: a year or its number, ``validity``, ``revocation``, or empty where nothing sets one.

    ``due`` is its last day; None where nothing sets one.
    """

    duty: Annotated[Named, WORD]
    period: Word
    due: Day | None
    state: Annotated[State, WORD]
    fulfilled_by: tuple[EventRef, ...]
    article: tuple[Article, ...]
    rule: Article | None


class Asked(Record, frozen=True, kw_only=True):
    """What the text asks of the award's holder, in its own words, with neither a day nor a report."""

    what: Text
    article: tuple[Article, ...]


class DutyGap(Record, frozen=True, kw_only=True):
    """Why a duty has no day."""

    duty: Annotated[Named, WORD]
    zh: Text
    en: Text


class TitleUse(Record, frozen=True, kw_only=True):
    """May the title be used on the day (None: nothing says so); with its year; in none of the ``forbidden`` ways."""

    usable: Yes | None
    year_required: Yes | None
    forbidden: tuple[Word, ...]
    edition: Name


class Duties(Record, frozen=True, kw_only=True):
    """The duties that follow from an award and from its revocation (D22). ``settled`` of a revocation: everything it
    demands is done; None where that cannot be told.
    """

    duties: tuple[Duty, ...]
    undated: tuple[Asked, ...]
    undetermined: tuple[DutyGap, ...]
    title: TitleUse
    settled: Yes | UnsetType | None = UNSET


def duties(live: Live, law: Law, award_id: str) -> Answer[Duties]:
    """Duties of an award, then those of its revocation; ``settled`` once everything a revocation demands is done."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable(*sentence("not granted by that day")))
    if award.void:
        return Answer(NO_AWARD, validity(live, law, award).why)
    # A ruling that ends the award from a day on ends its duties; it does not make them due on the day before.
    interval = term(live, law, award)
    window = interval.value() if interval.is_value else None
    why = Why(events=(award.granted.id,)) | interval.why
    rows, gaps = list[Duty](), list[DutyGap]()
    for rule in (_annual, _reassessment, _summary, _exchange, _survey):
        found, rule_why, gap = rule(live, law, award, window)
        rows += found
        why |= rule_why
        gaps += [gap] if gap else []
    after = _after_revocation(live, law, award, award.revoked) if award.revoked is not None else []
    for duty, duty_why in after:
        rows.append(duty)
        why |= duty_why
    title, title_why = _title(law, award, live.on, window)
    why |= title_why | Why(events=tuple(e for d in rows for e in d.fulfilled_by))
    settled: bool | UnsetType | None = UNSET
    if award.revoked is not None:
        open_ = [duty for duty, _ in after if duty.state not in ("fulfilled", "late", "nothing_due")]
        settled = None if open_ and all(d.state == "undetermined" for d in open_) else not open_
    other = law.parameter(award.enacted, "duty.other", award.granted.on)
    why |= other.why
    value = Duties(
        undated=tuple(Asked(what=words, article=other.why.articles) for words in other.words),
        duties=tuple(rows),
        undetermined=tuple(gaps),
        title=title,
        settled=settled,
    )
    turns = {next_day(d.due) for d in rows if d.due is not None}
    return Answer(value, why, frozenset(turns))


def _title(law: Law, award: Award, on: date, window: tuple[date, date] | None) -> tuple[TitleUse, Why]:
    """May the title be used on the day, and how: with its year, in none of the forbidden ways (B-87)."""
    year = law.parameter(award.enacted, "title_use.year_required", on)
    forbidden = law.parameter(award.enacted, "title_use.forbidden", on)
    ways = forbidden.words
    # No validity, no end: whether a title that must not be used after its end may still be used is then open.
    over = None if window is None else on > window[1]
    usable = True if "after_expiry" not in ways else None if over is None else not over
    value = TitleUse(
        usable=usable if award.stands else False,
        year_required=year.yes if year.stated else None,
        forbidden=ways,
        edition=award.edition,
    )
    return value, year.why | forbidden.why | Why(readings=("B-87:default",))


class Item(Record, frozen=True, kw_only=True):
    """A certificate, plaque or cup. ``genuine`` says that it still stands for the award, ``by_text`` that the text
    gives such an object with it: None where it does not say, or nobody can tell yet.
    """

    serial: Name
    kind: Word
    issued_on: Day
    state: Annotated[Literal["held", "returned", "lost", "declared_void"], WORD]
    genuine: Yes
    by_text: Yes | None


class Certificates(Record, frozen=True, kw_only=True):
    """What was handed out with an award."""

    items: tuple[Item, ...]
    org: Name
    label: Name
    by_text_undetermined: Undetermined | UnsetType = UNSET


def certificates(live: Live, law: Law, award_id: str) -> Answer[Certificates]:
    """Every certificate, plaque and cup of an award by serial number, and what became of it."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable(*sentence("not granted by that day")))
    issued, returned = live.of(CertificateIssued, award_id=award_id), live.of(CertificateReturned, award_id=award_id)
    gone = {item.serial: item.state for e in returned for item in e.payload.items}
    objects = objects_of(live, law, award)
    rows = tuple(
        Item(
            serial=i.serial,
            kind=i.kind,
            issued_on=e.payload.on,
            state=gone.get(i.serial, "held"),
            genuine=award.stands and i.serial not in gone,
            by_text=i.kind in objects.value() if objects.is_value else None,
        )
        for e in issued
        for i in e.payload.items
    )
    ended = [e.id for e in (award.revoked, award.set_aside) if e is not None]
    events = (award.granted.id, *(e.id for e in (*issued, *returned)), *ended)
    value = Certificates(
        items=rows,
        org=award.org,
        label=award.label,
        by_text_undetermined=objects.result if isinstance(objects.result, Undetermined) else UNSET,
    )
    return Answer(value, Why(events=events) | objects.why)


Found = tuple[list[Duty], Why, DutyGap | None]
Window = tuple[date, date] | None


def _annual(live: Live, law: Law, award: Award, window: Window) -> Found:
    stated = law.parameter(award.enacted, "duty.annual_report", award.granted.on)
    if not stated.stated:
        return [], stated.why, None
    filed = live.of(PostAwardReportFiled, award_id=award.award_id)
    reports = [r for r in filed if r.payload.kind == stated.text]
    if window is None:
        zh, en = sentence("no interval or validity, so no due date")
        gap = DutyGap(duty="annual_report", zh=zh, en=en)
        undated = _undated("annual_report", "", "no_due_date", tuple(r.id for r in reports), stated)
        return [undated], stated.why | Why(readings=("B-19/G22:default",)), gap
    chosen, why = law.reading(award.enacted, "reading.annual_report_due", award.granted.on)
    start, last = window
    rows = []
    year = 1
    while add_years(start, year) <= last:
        since = add_years(start, year - 1)
        due = add_years(start, year) if chosen == "anniversary" else date(since.year, 12, 31)
        given = [r for r in reports if since < r.payload.done_on <= add_years(start, year)]
        rows.append(_duty(live, award, "annual_report", f"{year}", since, due, given, 1, stated))
        year += 1
    return rows, stated.why | why, None


def _reassessment(live: Live, law: Law, award: Award, window: Window) -> Found:
    stated = law.parameter(award.enacted, "duty.reassessment_min", award.granted.on)
    held = live.of(PostAwardCheckHeld, award_id=award.award_id, kind="reassessment")
    return _within_validity(live, award, "reassessment", stated, held, window)


def _exchange(live: Live, law: Law, award: Award, window: Window) -> Found:
    stated = law.parameter(award.enacted, "duty.exchange_events_min", award.granted.on)
    held = live.of(PostAwardReportFiled, award_id=award.award_id, kind="exchange_event")
    return _within_validity(live, award, "exchange_event", stated, held, window)


def _within_validity(
    live: Live, award: Award, name: Named, stated: Resolved, held: Sequence[LiveEvent], window: Window
) -> Found:
    if not stated.stated or window is None or not stated.value:
        return [], stated.why, None
    start, last = window
    given = [e for e in held if e.on <= last]
    duty = _duty(live, award, name, "validity", start, last, given, stated.number, stated)
    return [duty], stated.why, None


def _summary(live: Live, law: Law, award: Award, window: Window) -> Found:
    stated = law.parameter(award.enacted, "duty.promotion_summary", award.granted.on)
    if not stated.yes:
        return [], stated.why, None
    start = window[0] if window else award.granted.payload.granted_on
    given = live.of(PostAwardReportFiled, award_id=award.award_id, kind="promotion_summary")
    duty = _duty(live, award, "promotion_summary", f"{start.year}", start, date(start.year, 12, 31), given, 1, stated)
    return [duty], stated.why | Why(readings=("B-20:default",)), None


def _survey(live: Live, law: Law, award: Award, _: Window) -> Found:
    stated = law.parameter(award.enacted, "duty.survey", award.granted.on)
    if not stated.yes:
        return [], stated.why, None
    given = tuple(e.id for e in live.of(PostAwardReportFiled, award_id=award.award_id, kind="survey"))
    return [_undated("survey", "", "no_due_date", given, stated)], stated.why, None


def duties_of(live: Live, law: Law, award_id: str) -> tuple[Duty, ...]:
    """The duties of an award; none where there is no such award, or was none from the start."""
    answer = duties(live, law, award_id)
    return answer.value().duties if answer.is_value else ()


def _duty(
    live: Live,
    award: Award,
    name: Named,
    period: str,
    since: date,
    due: date,
    given: Sequence[LiveEvent],
    needed: int,
    stated: Resolved,
) -> Duty:
    """State of a dated duty at D: done, late, still open, or lapsed because the award ended before it fell due."""
    done = given[:needed]
    ended = award.revoked.payload.effective_on if award.revoked is not None else None
    if award.set_aside is not None:
        ended = award.set_aside.payload.from_on
    state: State
    if len(done) >= needed:
        state = "fulfilled" if max(e.on for e in done) <= due else "late"
    elif ended is not None and ended <= due:
        state = "lapsed"
    elif live.on > due:
        state = "overdue"
    elif live.on < since:
        state = "not_yet"
    else:
        state = "at_risk" if period == "validity" and due - live.on <= AT_RISK else "due"
    return Duty(
        duty=name,
        period=period,
        due=due,
        state=state,
        fulfilled_by=tuple(e.id for e in given),
        article=stated.why.articles,
        rule=stated.rule,
    )


def _undated(name: Named, period: str, state: State, given: tuple[str, ...], stated: Resolved) -> Duty:
    return Duty(
        duty=name,
        period=period,
        due=None,
        state=state,
        fulfilled_by=given,
        article=stated.why.articles,
        rule=stated.rule,
    )


def _after_revocation(live: Live, law: Law, award: Award, revoked: LiveEvent[AwardRevoked]) -> list[tuple[Duty, Why]]:
    """Return of what was given, publication, credit file, money: each only where the text demands it."""
    ground, on = revoked.payload.ground, revoked.on
    demands: tuple[tuple[Named, Callable[[Live, Law, Award], Examined]], ...] = (
        ("return", _returned),
        ("publish", _published),
        ("credit_record", _credited),
        ("clawback", _clawed_back),
    )
    result = []
    for name, examine in demands:
        stated = law.parameter(award.enacted, f"revoke.{ground}.{name}", on)
        if stated.yes:
            state, events, why = examine(live, law, award)
            result.append((_undated(name, "revocation", state, events, stated), stated.why | why))
    return result


#: The state of a demand: not applicable where there is nothing to hand or pay back, undetermined where no text settles
#: what would have to be done; the events; what else it rests on.
Examined = tuple[State, tuple[str, ...], Why]


def _state(done: bool) -> State:
    return "fulfilled" if done else "due"


def _returned(live: Live, _: Law, award: Award) -> Examined:
    given = live.of(CertificateIssued, award_id=award.award_id)
    issued = {i.serial for e in given for i in e.payload.items}
    returns = live.of(CertificateReturned, award_id=award.award_id)
    back = {i.serial for e in returns for i in e.payload.items}
    state: State = _state(issued <= back) if issued or back else "nothing_due"
    return state, tuple(e.id for e in returns), Why(events=tuple(e.id for e in given))


def _published(live: Live, _: Law, award: Award) -> Examined:
    told = [e for e in live.of(AnnouncementPublished, kind="revocation") if award.award_id in e.payload.awards]
    return _state(bool(told)), tuple(e.id for e in told), Why()


def _credited(live: Live, _: Law, award: Award) -> Examined:
    entries = live.of(SanctionImposed, subject=award.org, measure="credit_record")
    return _state(bool(entries)), tuple(e.id for e in entries), Why()


def _clawed_back(live: Live, law: Law, award: Award) -> Examined:
    expected = expected_clawback(live, law, award)
    paid, has = live.of(PrizePaid, award_id=award.award_id), held(live, law, award.award_id)
    received, waived = settled_of(live, standing_orders(live, law, award.award_id))
    settled: list[LiveEvent[ClawbackReceived | ClawbackWaived]] = [*received, *waived]
    back = sum(e.payload.amount for e in settled)
    state: State
    if not has and not back:
        state = "nothing_due"
    elif expected.is_value:
        state = _state(back >= expected.value())
    else:
        # An amount that no text settles is met for certain only by all that was ever paid.
        state = "fulfilled" if back >= has else "undetermined"
    return state, tuple(e.id for e in settled), expected.why | Why(events=tuple(e.id for e in paid))
