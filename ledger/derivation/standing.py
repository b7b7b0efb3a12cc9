"""Awards, their validity and status, first wins and re-wins (D16, D17)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Literal, TypedDict

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.record import WORD, Article, Day, Name, Record, Word, Yes
from ledger.derivation.setting_aside import annulled_decision, known_ruling, set_aside
from ledger.derivation.succession import carried
from ledger.errors import InvariantError
from ledger.events.after_award import AwardRevoked, AwardSetAside
from ledger.events.decision import AnnouncementPublished, AwardGranted, CertificateIssued, GovernmentDecisionMade
from ledger.events.oversight import LateRecordingApproved
from ledger.regulation.periods import add_months, add_years, period_end
from ledger.regulation.stated import Absence
from ledger.regulation.tables import WatchWindow, needed
from ledger.sentences import sentence
from ledger.statement import edition_of


@dataclass(frozen=True, slots=True)
class Award:
    """One award and the events around it that its standing rests on."""

    award_id: str
    granted: LiveEvent[AwardGranted]
    decision: LiveEvent[GovernmentDecisionMade] | None
    revoked: LiveEvent[AwardRevoked] | None
    enacted: Enacted | None
    set_aside: LiveEvent[AwardSetAside] | None = None

    @property
    def void(self) -> bool:
        """Did a review body or a court set it aside from the start, so that there never was such an award?"""
        return self.set_aside is not None and self.set_aside.payload.void_from == "origin"

    @property
    def stands(self) -> bool:
        """Has neither a revocation nor a ruling ended it by D?"""
        return self.revoked is None and self.set_aside is None

    @property
    def kind(self) -> str:
        return self.granted.payload.award

    @property
    def org(self) -> str:
        return self.granted.payload.org

    @property
    def edition(self) -> str:
        return edition_of(self.granted.payload.case_id)

    @property
    def label(self) -> str:
        """Award name and edition, as people write it: 区长质量奖/ZY-2023."""
        names = self.enacted.pack.awards.get(self.kind) if self.enacted else None
        return f"{names.zh if names else self.kind}/{self.edition}"


def award_of(live: Live, law: Law, award_id: str) -> Award | None:
    """The award by its id, if it was granted by D."""
    granted = live.last(AwardGranted, award_id=award_id)
    if granted is None:
        return None
    revoked = [e for e in live.known_of(AwardRevoked, award_id=award_id) if _revocation_counts(e, live.on)]
    return Award(
        award_id,
        granted,
        live.last(GovernmentDecisionMade, decision_id=granted.payload.decision_id),
        revoked[-1] if revoked else None,
        pinned_pack(live, law, edition_of(granted.payload.case_id)),
        set_aside(live, award_id),
    )


def awards_of(live: Live, law: Law, org: str) -> list[Award]:
    """Every award granted to an organisation by D, in folding order."""
    ids = dict.fromkeys(e.payload.award_id for e in live.of(AwardGranted, org=org))
    return [award for award in (award_of(live, law, i) for i in ids) if award is not None]


def _revocation_counts(event: LiveEvent[AwardRevoked], on: date) -> bool:
    return event.payload.void_from == "origin" or event.payload.effective_on <= on


def validity(live: Live, law: Law, award: Award) -> Answer[tuple[date, date]]:
    """First and last day of validity, both inclusive (B-9, B-10).

    A ruling shortens it as soon as it is known; there is none of an award that a ruling or a revocation ended from the
    start.
    """
    if award.void:
        events = (award.granted.id, *((award.set_aside.id,) if award.set_aside is not None else ()))
        return Answer(NO_AWARD, Why(events=events, readings=("B-91:default",)))
    if award.revoked is not None and award.revoked.payload.void_from == "origin":
        return Answer(REVOKED_FROM_THE_START, Why(events=(award.granted.id, award.revoked.id)))
    interval, ruling = term(live, law, award), known_ruling(live, award.award_id)
    if not interval.is_value or ruling is None or ruling.payload.from_on is None:
        return interval
    start, last = interval.value()
    last = min(last, ruling.payload.from_on - timedelta(days=1))
    return Answer((start, last), interval.why | Why(events=(ruling.id,), readings=("B-91:default",)))


def term(live: Live, law: Law, award: Award) -> Answer[tuple[date, date]]:
    """First and last day for which the text gives the award, whatever became of it."""
    period = law.parameter(award.enacted, "validity", award.granted.on)
    why = Why(events=(award.granted.id,)) | period.why
    start, start_why = award_date(live, law, award)
    why |= start_why
    if not period.stated:
        return Answer(period.undetermined(), why)
    if start is None:
        return Answer(_no_start(live, award), why)
    last = period_end(start, period.number, period.period_unit, law.calendar)
    chosen, last_why = law.reading(award.enacted, "reading.validity_last_day", award.granted.on)
    if chosen == "day_before_anniversary":
        last -= timedelta(days=1)
    return Answer((start, last), why | last_why)


def award_date(live: Live, law: Law, award: Award) -> tuple[date | None, Why]:
    """The day from which validity and windows run (B-9); None where the document it rests on is not recorded."""
    chosen, why = law.reading(award.enacted, "reading.validity_runs_from", award.granted.on)
    match chosen:
        case "award_document":
            return award.granted.payload.granted_on, why
        case "announcement":
            published = [e for e in live.of(AnnouncementPublished, kind="award") if award.award_id in e.payload.awards]
            return (
                (published[0].payload.published_on, why | Why(events=(published[0].id,))) if published else (None, why)
            )
        case "ceremony":
            issued = live.of(CertificateIssued, award_id=award.award_id)
            return (issued[0].payload.on, why | Why(events=(issued[0].id,))) if issued else (None, why)
        case _:
            if award.decision is None:
                annulment = annulled_decision(live, award.granted.payload.decision_id)
                return None, why | Why(events=(annulment.id, annulment.payload.target) if annulment else ())
            return award.decision.payload.decided_on, why | Why(events=(award.decision.id,))


#: What is said of the validity of an award that was set aside from the start.
NO_AWARD = NotApplicable(*sentence("the award was set aside from the start"))
REVOKED_FROM_THE_START = NotApplicable(*sentence("the award was revoked from the start"))


def _no_start(live: Live, award: Award) -> Undetermined:
    zh, en = sentence("the document from which validity runs is not recorded")
    if award.decision is None and annulled_decision(live, award.granted.payload.decision_id) is not None:
        zh, en = sentence("the decision from which validity runs was recorded and annulled")
    return Undetermined("reading.validity_runs_from", "B-9/G17", zh, en)


#: What became of an award by D.
Status = Literal["valid", "expired", "revoked", "set_aside", "granted_no_validity_rule"]


class AwardStatus(Record, frozen=True, kw_only=True):
    """An award at D (D16); ``label`` is its name and edition, as people write them.

    ``watch_until`` is the last day on which a fact can be a ground of revocation. ``stated_valid_until`` is what the
    grant says of the end, where it says another day than the rules. One that was set aside names the ruling that ended
    it.
    """

    award: Word
    label: Name
    org: Name
    edition: Name
    granted_on: Day
    watch_until: Day | UnsetType = UNSET
    status: Annotated[Status, WORD]
    revoked_on: Day | UnsetType = UNSET
    ground: Word | UnsetType = UNSET
    basis: tuple[Article, ...] | UnsetType = UNSET
    valid_from: Day | UnsetType = UNSET
    valid_until: Day | UnsetType = UNSET
    stated_valid_until: Day | UnsetType = UNSET
    set_aside_on: Day | UnsetType = UNSET
    void_from: Annotated[Literal["origin", "date"], WORD] | UnsetType = UNSET
    body: Name | UnsetType = UNSET
    ruling_no: Name | UnsetType = UNSET
    ruled_on: Day | UnsetType = UNSET


class _End(TypedDict, total=False):
    """Members of D16 that say how an award ended before its time."""

    revoked_on: date
    ground: str
    basis: tuple[str, ...]
    set_aside_on: date
    void_from: Literal["origin", "date"]
    body: str
    ruling_no: str
    ruled_on: date


def award_status(live: Live, law: Law, award_id: str) -> Answer[AwardStatus]:
    """Whether an award is valid, expired, revoked, set aside or granted without a rule of validity; with the interval
    (D16).
    """
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable(*sentence("not granted by that day")))
    answer, watch = validity(live, law, award), watch_window(live, law, award)
    start, last = answer.value() if answer.is_value else (UNSET, UNSET)
    stated = award.granted.payload.stated_valid_until
    why, turns = answer.why | Why(events=(award.granted.id,)), frozenset[date]()
    status, end, why_ended = _end_of(law, award)
    why |= why_ended | (watch.why if watch.is_value and not award.void else _no_watch(law, award))
    if status is not None:
        stated = None
    elif last is not UNSET:
        status = "valid" if live.on <= last else "expired"
        turns = frozenset({next_day(last)})
    elif law.parameter(award.enacted, "validity", award.granted.on).absence is Absence.SILENT:
        status = "granted_no_validity_rule"
    else:
        return answer.without_value(why)
    value = AwardStatus(
        award=award.kind,
        label=award.label,
        org=award.org,
        edition=award.edition,
        granted_on=award.granted.payload.granted_on,
        status=status,
        watch_until=watch.value()[1] if watch.is_value and not award.void else UNSET,
        valid_from=start,
        valid_until=last,
        stated_valid_until=stated if last is not UNSET and stated not in (None, last) else UNSET,
        **end,
    )
    return Answer(value, why, turns)


def _no_watch(law: Law, award: Award) -> Why:
    return law.parameter(award.enacted, "watch_window", award.granted.on).left_open


def _end_of(law: Law, award: Award) -> tuple[Status | None, _End, Why]:
    """How an award has ended before its time, by a ruling or by revocation; None where it has not."""
    granted_on = award.granted.payload.granted_on
    if award.set_aside is not None:
        ruling = award.set_aside.payload
        by_ruling: _End = {
            "set_aside_on": ruling.from_on or granted_on,
            "void_from": ruling.void_from,
            "body": ruling.body,
            "ruling_no": ruling.ruling_no,
            "ruled_on": ruling.ruled_on,
        }
        return "set_aside", by_ruling, Why(events=(award.set_aside.id,))
    if award.revoked is not None:
        revoked = award.revoked.payload
        by_revocation: _End = {
            "revoked_on": granted_on if revoked.void_from == "origin" else revoked.effective_on,
            "ground": revoked.ground,
            "basis": award.revoked.recorded.statement.basis,
        }
        return "revoked", by_revocation, Why(events=(award.revoked.id,)) | _ground_articles(law, award, award.revoked)
    return None, {}, Why()


def _ground_articles(law: Law, award: Award, revoked: LiveEvent[AwardRevoked]) -> Why:
    return law.parameter(award.enacted, f"revoke.{revoked.payload.ground}.publish", revoked.on).why


class Earlier(Record, frozen=True, kw_only=True):
    """An award that was won before."""

    award_id: Name
    award: Word
    edition: Name
    revoked: Yes


class Rewin(Record, frozen=True, kw_only=True):
    """What an award is after those before it (D17), of the organisation and of those whose awards passed on to it.

    ``first`` can be asserted as far back as earlier history was imported, up to ``history_complete_until``; None where
    none was. ``first`` is None where an earlier award was revoked and nobody has decided what a win after it is:
    ``undetermined`` is the question (B-27).
    """

    first: Yes | None
    prior: tuple[Earlier, ...]
    after_revocation: Yes
    certificate: Yes
    history_complete_until: Day | None
    counts_quota: Yes
    undetermined: Undetermined | UnsetType = UNSET


def rewin(live: Live, law: Law, award_id: str) -> Answer[Rewin]:
    """Whether this is a first win or a re-win, and what follows for prize and quota (D17)."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable(*sentence("not granted by that day")))
    if award.void:
        return Answer(NO_AWARD, validity(live, law, award).why)
    wins = wins_before(live, law, award)
    counts, counts_why = _counts(law, award, wins)
    first, first_why = first_win(law, award, wins)
    # That it is derived from what the organisation won before is itself a reading (B-25).
    why = wins.why | first_why | counts_why | Why(readings=("B-25:default",))
    value = Rewin(
        first=None if isinstance(first, Undetermined) else first,
        prior=wins.prior,
        after_revocation=wins.after_revocation,
        certificate=True,
        history_complete_until=max(
            (until for e in live.of(LateRecordingApproved, says_complete=True) if (until := e.payload.complete_until)),
            default=None,
        ),
        counts_quota=counts,
        undetermined=first if isinstance(first, Undetermined) else UNSET,
    )
    return Answer(value, why)


def takes_a_place(live: Live, law: Law, award: Award) -> tuple[bool, Why]:
    """Does a win take a place of its edition?"""
    wins = wins_before(live, law, award)
    counts, why = _counts(law, award, wins)
    return counts, wins.why | why


def _counts(law: Law, award: Award, wins: Wins) -> tuple[bool, Why]:
    return counts_in_quota(
        law, award.enacted, award.kind, award.granted.on, rewinning=not wins.first, after_revoked=wins.after_revocation
    )


def first_win(law: Law, award: Award, wins: Wins) -> tuple[bool | Undetermined, Why]:
    """Is it a first win? After one that was revoked that is a question, unless a reading answers it (B-27)."""
    if not wins.after_revocation:
        return wins.first, Why()
    chosen, why = law.reading(award.enacted, "reading.rewin_after_revocation", award.granted.on)
    if chosen != "ask":
        return chosen == "first_win", why
    question = Undetermined(
        "reading.rewin_after_revocation",
        "B-27/G16",
        *sentence("the earlier award was revoked; the government decides whether this is a first win or a re-win"),
    )
    return question, why


@dataclass(frozen=True, slots=True)
class Wins:
    """What was won before an award: ``first`` of its kind, or again; ``after_revocation``: all of its kind before were
    revoked.
    """

    first: bool
    prior: tuple[Earlier, ...]
    after_revocation: bool
    why: Why


def wins_before(live: Live, law: Law, award: Award) -> Wins:
    """What the organisation, and those whose awards passed on to it, had won before; whatever became of the award."""
    heritage = carried(live, award.org, "awards")
    earlier = [
        a
        for org in (award.org, *(h.predecessor for h in heritage))
        for a in awards_of(live, law, org)
        if (a.granted.on, a.granted.position) < (award.granted.on, award.granted.position)
    ]
    prior = [a for a in earlier if not a.void]
    same = [a for a in prior if a.kind == award.kind]
    why = Why(events=(award.granted.id, *(a.granted.id for a in earlier), *(h.decision for h in heritage)))
    rulings = tuple(a.set_aside.id for a in (*earlier, award) if a.set_aside is not None)
    # What a ruling ended from a day on was won; what it ended from the start was not.
    why |= Why(events=rulings, readings=("B-91:default",) if rulings else ())
    return Wins(
        first=not same,
        prior=tuple(
            Earlier(award_id=a.award_id, award=a.kind, edition=a.edition, revoked=a.revoked is not None) for a in prior
        ),
        after_revocation=bool(same) and all(_revoked_before(a, award) for a in same),
        why=why,
    )


def _revoked_before(earlier: Award, award: Award) -> bool:
    """Had it been revoked when the next one was granted, or from the start?

    A later revocation unsettles no later win.
    """
    if earlier.revoked is None:
        return False
    p = earlier.revoked.payload
    return p.void_from == "origin" or p.effective_on <= award.granted.payload.granted_on


def counts_in_quota(
    law: Law, enacted: Enacted | None, kind: str, on: date, *, rewinning: bool, after_revoked: bool
) -> tuple[bool, Why]:
    """Does a win take a place? A first win does; a re-win as the text or, where it is silent, the reading says.

    A text that rules on winning some of its awards again is silent on the others.
    """
    if not rewinning:
        # Nothing exempts a first win: the text's exemption is for those who win again.
        return True, replace(law.parameter(enacted, "rewin.counts_quota", on).why, events=())
    exempt = law.parameter(enacted, "rewin.counts_quota", on)
    if after_revoked:
        after, after_why = law.reading(enacted, "reading.rewin_after_revocation", on)
        if after != "rewin":
            return True, after_why
    why = exempt.why
    if exempt.stated:
        about = law.parameter(enacted, "rewin.kinds", on)
        if not about.stated or kind in about.words:
            return exempt.yes, why
        why |= about.why
    chosen, reading = law.reading(enacted, "reading.rewin_silent_quota", on)
    return chosen == "counted", why | reading


def by_decision(live: Live, law: Law, award: Award, path: str, decision_id: str, on: date) -> tuple[Resolved, Why]:
    """A parameter of the award's own version, or of the milder newer one that a reasoned decision chose (B-43)."""
    # A revocation from the start is known on days before its decision, and that with it.
    known = live.known_of(GovernmentDecisionMade, decision_id=decision_id)
    decision = known[-1] if known else None
    version = decision.payload.applies_version if decision else None
    if decision is None or version is None or award.enacted is None:
        return law.parameter(award.enacted, path, on), Why()
    chosen = law.called(award.enacted.pack.id, version)
    if chosen is None:
        return law.parameter(award.enacted, path, on), Why()
    return law.stated(chosen, path, on), Why(events=(decision.id,), readings=("B-43:default",))


def watch_window(live: Live, law: Law, award: Award) -> Answer[tuple[date, date]]:
    """First and last day on which a fact can be a ground of revocation after the award (B-11)."""
    stated = law.parameter(award.enacted, "watch_window", award.granted.on)
    start, why = award_date(live, law, award)
    why |= stated.why | Why(readings=("B-11/G20:default",))
    if not stated.stated:
        return Answer(stated.undetermined(), why)
    if start is None:
        return Answer(_no_start(live, award), why)
    interval = validity(live, law, award)
    watch = stated.table(WatchWindow)
    if watch.kind == "validity" and not interval.is_value:
        return interval.without_value(why | interval.why)
    return Answer((start, window_end(watch, start, interval.value()[1] if interval.is_value else None)), why)


def window_end(watch: WatchWindow, start: date, valid_until: date | None) -> date:
    """Last day, inclusive, on which a fact after the award can be a ground (B-11): of the validity, or of its own."""
    match watch.kind:
        case "years":
            return add_years(start, needed(watch.years))
        case "months":
            return add_months(start, needed(watch.months))
        case _:
            if valid_until is None:
                raise InvariantError("a watch over the validity of an award that has none")
            return valid_until
