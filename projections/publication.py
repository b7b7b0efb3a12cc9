"""What the public may see of an edition, on an allow-list of clear fields (D24, B-84).

Never here: single scores, reviewers, reasons of those who did not win, complainants. An expired award stays with its
mark, a revoked one too.
"""

from __future__ import annotations

from functools import partial

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict

from ledger.derivation.answer import Answer, NotApplicable, NotDerivable, Undetermined, Why
from ledger.derivation.editions import edition_opened
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.money import money
from ledger.derivation.notices import NoticeRuler, notice_end
from ledger.derivation.quota import quota
from ledger.derivation.record import (
    Count,
    Day,
    EventRef,
    Money,
    Name,
    Number,
    Part,
    PartState,
    Record,
    Text,
    Word,
    Yes,
    part,
)
from ledger.derivation.standing import AwardStatus, award_status
from ledger.events.application import ApplicationFiled, EligibilityDecided
from ledger.events.decision import AnnouncementPublished, AwardGranted
from ledger.events.notice import PublicNoticeClosed, PublicNoticeOpened
from ledger.statement import edition_of
from projections.deriving import derived
from projections.sentences import sentence


class Call(Record, frozen=True, kw_only=True):
    """What the announcement of an edition says."""

    number: Number
    year: Number
    window_from: Day
    window_to: Day
    awards: tuple[Word, ...]


class Noticed(Record, frozen=True, kw_only=True):
    """Somebody on public notice, and for which award kind."""

    org: Name
    award: Word


class Notice(Record, frozen=True, kw_only=True):
    """A public notice; ``running`` while nobody has closed it (its own days say whether it runs); ``ruler`` is D12."""

    notice_id: Name
    kind: Word
    opened_on: Day
    promised_end: Day
    running: Yes
    contact: Text
    channels: tuple[Text, ...]
    names: tuple[Noticed, ...]
    ruler: Part[NoticeRuler]


class AwardOfEdition(Record, frozen=True, kw_only=True):
    """The status of one of the edition's awards."""

    award_id: Name
    org: Name
    award: Word
    state: PartState
    value: AwardStatus | UnsetType = UNSET
    undetermined: Undetermined | UnsetType = UNSET
    not_applicable: NotApplicable | UnsetType = UNSET
    not_derivable: NotDerivable | UnsetType = UNSET


class Announcement(Record, frozen=True, kw_only=True):
    """An announcement about awards of the edition."""

    event: EventRef
    kind: Word
    published_on: Day
    doc_no: Text | None


class PlacesUsed(Record, frozen=True, kw_only=True):
    """Places of an award kind; ``max`` is None where nothing sets a number."""

    max: Count | None
    used: Count


class Statistics(Record, frozen=True, kw_only=True):
    """Totals of the edition; ``without_money_of`` are awards whose money could not be derived, and is in no sum."""

    applications: Count
    ineligible: Count
    awards: Count
    revoked: Count
    set_aside: Count
    quota: dict[str, PlacesUsed]
    prize_paid: Money
    clawback_received: Money
    without_money_of: tuple[Name, ...] | UnsetType = UNSET


class Publication(Record, frozen=True, kw_only=True):
    """All that the public may see of an edition (D24)."""

    call: Call
    notices: tuple[Notice, ...]
    awards: tuple[AwardOfEdition, ...]
    announcements: tuple[Announcement, ...]
    statistics: Statistics


def publication(live: Live, law: Law, edition_id: str) -> Answer[Publication]:
    """All that the public may see of one edition (D24): the call, running and past notices, awards and revocations,
    announcements, totals.
    """
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable(*sentence("the edition was not opened by that day")))
    notices, notice_why = _notices(live, law, edition_id)
    awards, award_why = _awards(live, law, edition_id)
    own = {a.award_id for a in awards}
    announced = [e for e in live.of(AnnouncementPublished) if own & set(e.payload.awards)]
    statistics, statistics_why = _statistics(live, law, edition_id, awards)
    value = Publication(
        call=Call(
            number=opened.payload.number,
            year=opened.payload.year,
            window_from=opened.payload.window_from,
            window_to=opened.payload.window_to,
            awards=tuple(opened.payload.awards),
        ),
        notices=tuple(notices),
        awards=tuple(awards),
        announcements=tuple(
            Announcement(event=e.id, kind=e.payload.kind, published_on=e.payload.published_on, doc_no=e.payload.doc_no)
            for e in announced
        ),
        statistics=statistics,
    )
    why = Why(events=(opened.id, *(e.id for e in announced))) | notice_why | award_why | statistics_why
    return Answer(value, why)


def _notices(live: Live, law: Law, edition_id: str) -> tuple[list[Notice], Why]:
    rows, why = [], Why()
    for notice_id in dict.fromkeys(e.payload.notice_id for e in live.of(PublicNoticeOpened, edition_id=edition_id)):
        p = live.of(PublicNoticeOpened, notice_id=notice_id)[-1].payload
        closed = live.last(PublicNoticeClosed, notice_id=notice_id)
        ruler = derived(f"notice.end of {notice_id}", partial(notice_end, live, law, notice_id))
        filed = {c: live.last(ApplicationFiled, case_id=c) for c in p.cases}
        rows.append(
            Notice(
                notice_id=notice_id,
                kind=p.kind,
                opened_on=p.opened_on,
                promised_end=p.promised_end,
                running=closed is None,
                contact=p.contact,
                channels=tuple(p.channels),
                names=tuple(Noticed(org=f.payload.org, award=f.payload.award) for f in filed.values() if f),
                ruler=part(ruler),
            )
        )
        why |= ruler.why
    return rows, why


def _awards(live: Live, law: Law, edition_id: str) -> tuple[list[AwardOfEdition], Why]:
    rows, why = [], Why()
    for grant in live.of(AwardGranted):
        if edition_of(grant.payload.case_id) != edition_id:
            continue
        award_id = grant.payload.award_id
        answer = derived(f"award.status of {award_id}", partial(award_status, live, law, award_id))
        told = asdict(part(answer))
        rows.append(AwardOfEdition(award_id=award_id, org=grant.payload.org, award=grant.payload.award, **told))
        why |= answer.why
    return rows, why


def _statistics(live: Live, law: Law, edition_id: str, awards: list[AwardOfEdition]) -> tuple[Statistics, Why]:
    checks = [e for e in live.of(EligibilityDecided) if edition_of(e.payload.case_id) == edition_id]
    decided = {e.payload.case_id: e.payload.outcome for e in checks}
    filings = [e for e in live.of(ApplicationFiled) if edition_of(e.payload.case_id) == edition_id]
    filed = {e.payload.case_id for e in filings}
    ids = [a.award_id for a in awards]
    accounts = [derived(f"award.money of {a}", partial(money, live, law, a)) for a in ids]
    totals = [account.value() for account in accounts if account.is_value]
    places = derived(f"edition.quota of {edition_id}", partial(quota, live, law, edition_id))
    why = Why(events=tuple(e.id for e in (*filings, *checks))) | places.why
    for account in accounts:
        why |= account.why
    used = places.value().items() if places.is_value else ()
    value = Statistics(
        applications=len(filed),
        ineligible=sum(outcome == "ineligible" for outcome in decided.values()),
        awards=len(awards),
        revoked=sum(a.value is not UNSET and a.value.status == "revoked" for a in awards),
        set_aside=sum(a.value is not UNSET and a.value.status == "set_aside" for a in awards),
        quota={kind: PlacesUsed(max=of.max, used=of.used) for kind, of in used},
        prize_paid=sum(t.paid for t in totals),
        clawback_received=sum(t.clawback_received for t in totals),
        without_money_of=tuple(a for a, account in zip(ids, accounts, strict=True) if not account.is_value) or UNSET,
    )
    return value, why
