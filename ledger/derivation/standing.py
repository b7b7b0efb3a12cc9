"""Awards, their validity and status, first wins and re-wins (D16, D17)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.succession import carried
from ledger.events.after_award import AwardRevoked
from ledger.events.decision import AnnouncementPublished, AwardGranted, CertificateIssued, GovernmentDecisionMade
from ledger.events.oversight import LateRecordingApproved
from ledger.regulation.pack import Absence
from ledger.regulation.periods import add_months, add_years, period_end
from ledger.statement import edition_of


@dataclass(frozen=True, slots=True)
class Award:
    """One award and the events around it that its standing rests on."""

    award_id: str
    granted: LiveEvent[AwardGranted]
    decision: LiveEvent[GovernmentDecisionMade] | None
    revoked: LiveEvent[AwardRevoked] | None
    enacted: Enacted | None

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
    )


def awards_of(live: Live, law: Law, org: str) -> list[Award]:
    """Every award granted to an organisation by D, in folding order."""
    ids = dict.fromkeys(e.payload.award_id for e in live.of(AwardGranted, org=org))
    return [award for award in (award_of(live, law, i) for i in ids) if award is not None]


def _revocation_counts(event: LiveEvent[AwardRevoked], on: date) -> bool:
    return event.payload.void_from == "origin" or event.payload.effective_on <= on


def validity(live: Live, law: Law, award: Award) -> Answer[tuple[date, date]]:
    """First and last day of validity, both inclusive (B-9, B-10)."""
    period = law.parameter(award.enacted, "validity", award.granted.on)
    why = Why(events=(award.granted.id,)) | period.why
    start, start_why = award_date(live, law, award)
    why |= start_why
    if not period.stated:
        return Answer(period.undetermined(), why)
    if start is None:
        return Answer(_no_start(), why)
    last = period_end(start, period.value, period.period_unit, law.calendar)
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
                return None, why
            return award.decision.payload.decided_on, why | Why(events=(award.decision.id,))


def _no_start() -> Undetermined:
    return Undetermined(
        "reading.validity_runs_from",
        "B-9/G17",
        "起算所依据的文件未登记",
        "the document from which validity runs is not recorded",
    )


def award_status(live: Live, law: Law, award_id: str) -> Answer[dict[str, Any]]:
    """D16: valid, expired, revoked or granted without a rule of validity; with the interval."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    answer = validity(live, law, award)
    value: dict[str, Any] = {
        "award": award.kind,
        "label": award.label,
        "org": award.org,
        "edition": award.edition,
        "granted_on": award.granted.payload.granted_on,
    }
    why = answer.why | Why(events=(award.granted.id,))
    watch = watch_window(live, law, award)
    if watch.is_value:
        value["watch_until"] = watch.value()[1]
    if award.revoked is not None:
        value |= {
            "status": "revoked",
            "revoked_on": _revoked_on(award),
            "ground": award.revoked.payload.ground,
            "basis": list(award.revoked.recorded.statement.basis),
        }
        if answer.is_value:
            value |= {"valid_from": answer.value()[0], "valid_until": answer.value()[1]}
        return Answer(value, why | Why(events=(award.revoked.id,)) | _ground_articles(law, award))
    if answer.is_value:
        start, last = answer.value()
        status = "valid" if live.on <= last else "expired"
        value |= {"status": status, "valid_from": start, "valid_until": last}
        value |= _stated_differs(award, last)
        return Answer(value, why, frozenset({next_day(last)}))
    if law.parameter(award.enacted, "validity", award.granted.on).absence is Absence.SILENT:
        value |= {"status": "granted_no_validity_rule"}
        return Answer(value, why | Why(readings=("B-58:default",)))
    return Answer(answer.result, why)  # type: ignore[arg-type]


def _revoked_on(award: Award) -> date:
    assert award.revoked is not None
    p = award.revoked.payload
    return award.granted.payload.granted_on if p.void_from == "origin" else p.effective_on


def _stated_differs(award: Award, last: date) -> dict[str, Any]:
    stated = award.granted.payload.stated_valid_until
    return {"stated_valid_until": stated} if stated is not None and stated != last else {}


def _ground_articles(law: Law, award: Award) -> Why:
    assert award.revoked is not None
    return law.parameter(award.enacted, f"revoke.{award.revoked.payload.ground}.publish", award.revoked.on).why


def rewin(live: Live, law: Law, award_id: str) -> Answer[dict[str, Any]]:
    """D17: is this a first win or a re-win, and what follows for prize and quota."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    heritage = carried(live, award.org, "awards")
    prior = [
        a
        for org in (award.org, *(h.predecessor for h in heritage))
        for a in awards_of(live, law, org)
        if (a.granted.on, a.granted.position) < (award.granted.on, award.granted.position)
    ]
    same = [a for a in prior if a.kind == award.kind]
    why = Why(events=(award.granted.id, *(a.granted.id for a in prior), *(h.decision for h in heritage)))
    after_revoked = bool(same) and all(a.revoked is not None for a in same)
    value: dict[str, Any] = {
        "first": not same,
        "prior": [
            {
                "award_id": a.award_id,
                "award": a.kind,
                "edition": a.edition,
                "revoked": a.revoked is not None,
            }
            for a in prior
        ],
        "after_revocation": after_revoked,
        "certificate": True,
        # How far back "first" can be asserted: earlier history was imported up to this day, or not at all.
        "history_complete_until": max(
            (e.payload.complete_until for e in live.of(LateRecordingApproved) if e.payload.complete_until),
            default=None,
        ),
    }
    counts, counts_why = counts_in_quota(
        law, award.enacted, award.granted.on, rewinning=bool(same), after_revoked=after_revoked
    )
    prize = law.parameter(award.enacted, f"prize.{'rewin' if same else 'first'}.{award.kind}", award.granted.on)
    places = law.parameter(award.enacted, f"quota.max.{award.kind}", award.granted.on)
    why |= replace(places.why, events=())
    if prize.absence is Absence.UNKNOWN:
        why |= Why(readings=("B-45/G26:default",))
    return Answer(value | {"counts_quota": counts}, why | counts_why | replace(prize.why, events=()))


def counts_in_quota(
    law: Law, enacted: Enacted | None, on: date, *, rewinning: bool, after_revoked: bool
) -> tuple[bool, Why]:
    """Does a win take a place? A first win does; a re-win as the text or, where it is silent, the reading says."""
    if not rewinning:
        # Nothing exempts a first win: the text's exemption is for those who win again.
        return True, replace(law.parameter(enacted, "rewin.counts_quota", on).why, events=())
    exempt = law.parameter(enacted, "rewin.counts_quota", on)
    if after_revoked:
        chosen, why = law.reading(enacted, "reading.rewin_after_revocation", on)
        if chosen != "rewin":
            return True, why
    if exempt.stated:
        return bool(exempt.value), exempt.why
    chosen, why = law.reading(enacted, "reading.rewin_silent_quota", on)
    return chosen == "counted", exempt.why | why


def by_decision(live: Live, law: Law, award: Award, path: str, decision_id: str, on: date) -> tuple[Resolved, Why]:
    """A parameter of the award's own version, or of the milder newer one that a reasoned decision chose (B-43)."""
    decision = live.last(GovernmentDecisionMade, decision_id=decision_id)
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
        return Answer(_no_start(), why)
    interval = validity(live, law, award)
    if stated.value["kind"] == "validity" and not interval.is_value:
        return Answer(interval.result, why | interval.why)
    return Answer((start, window_end(stated.value, start, interval.value()[1] if interval.is_value else None)), why)


def window_end(watch: dict[str, Any], start: date, valid_until: date | None) -> date:
    """Last day, inclusive, on which a fact after the award can be a ground (B-11): of the validity, or of its own."""
    match watch["kind"]:
        case "years":
            return add_years(start, watch["years"])
        case "months":
            return add_months(start, watch["months"])
        case _:
            assert valid_until is not None
            return valid_until
