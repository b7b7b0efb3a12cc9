"""Guards of decision, award and publication."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import UNSET

from ledger.admission.application_guards import refuse_banned
from ledger.admission.dissolved import refuse_dissolved, refuse_holder_dissolved
from ledger.admission.evaluation_guards import meets_threshold
from ledger.admission.object_guards import award_held_by
from ledger.admission.order_guards import refuse_cut_short, refuse_departed
from ledger.admission.view import View, refuse, refuse_by, refuse_set_aside
from ledger.derivation.answer import Why
from ledger.derivation.cases import open_objections, to_be_disqualified
from ledger.derivation.editions import edition_opened
from ledger.derivation.history import LiveEvent, next_day
from ledger.derivation.law import Enacted, Resolved
from ledger.derivation.notices import first_day_to_decide, notice_end
from ledger.derivation.quota import Winner, free_places
from ledger.derivation.setting_aside import quashed_in, void_from_the_start
from ledger.derivation.standing import award_of
from ledger.derivation.succession import predecessors
from ledger.derivation.words import listed, word
from ledger.errors import InvariantError
from ledger.events.after_award import AwardRevoked, AwardSetAside, RevocationProposed
from ledger.events.application import ApplicationWithdrawn
from ledger.events.decision import (
    AnnouncementPublished,
    AwardGranted,
    CertificateIssued,
    CertificateReturned,
    GovernmentDecisionMade,
)
from ledger.events.notice import CaseDisqualified, PublicNoticeOpened
from ledger.sentences import sentence
from ledger.statement import edition_of

ONE_DAY = timedelta(days=1)


def decides_in_the_form_of_the_text(view: View[GovernmentDecisionMade]) -> None:
    p = view.payload
    if view.live.of(GovernmentDecisionMade, decision_id=p.decision_id):
        refuse("decision_exists", "AUD", None, sentence("decision {decision_id} exists", decision_id=p.decision_id))
    for item in p.approved:
        named = {"award": item.case, "succession": item.org}.get(p.subject, item.award_id)
        if named is None or sum(i is not None for i in (item.case, item.award_id, item.org)) != 1:
            refuse(
                "item_unsound",
                "AUD",
                None,
                sentence("an award decision names cases, one on succession organisations, any other names awards"),
            )
        if item.case is not None:
            view.case(item.case)
        elif item.award_id is not None:
            view.award(item.award_id)
    chain = _chain(view)
    if p.subject == "award" and chain is not None and chain.stated and p.form not in chain.words:
        refuse_by(
            chain,
            "form_differs",
            sentence(
                "approval is by {words}, not {form}", words=listed(chain.words, "form"), form=word(p.form, "form")
            ),
        )


def _chain(view: View[GovernmentDecisionMade]) -> Resolved | None:
    case_id = next((item.case for item in view.payload.approved if item.case), None)
    return view.parameter("approval.chain", case_id=case_id) if case_id else None


def decides_on_ripe_cases(view: View[GovernmentDecisionMade]) -> None:
    """The notice is over, objections are settled, nobody is out or barred, scores reach the line, places suffice."""
    p = view.payload
    if p.subject != "award" or view.is_import:
        return
    for item in p.approved:
        if item.case is None:
            raise InvariantError("an approved award names no case")
        award = item.award or view.case(item.case).payload.award
        _is_still_a_candidate(view, item.case)
        _is_not_approved(view, item.case)
        _notice_is_over(view, item.case)
        _no_open_objection(view, item.case)
        _objections_were_settled_before(view, item.case)
        refuse_dissolved(view, item.case)
        refuse_banned(view, view.case(item.case).payload.org, view.on)
        meets_threshold(view, item.case, award)
        _kind_was_applied_for(view, item.case, award)
    for case_id in p.rejected_cases:
        _is_not_approved(view, case_id)
    winners = [Winner(i.case, i.award or view.case(i.case).payload.award) for i in p.approved if i.case]
    _fits_the_places(view, winners)
    _one_kind_each(view, winners)


def _is_still_a_candidate(view: View, case_id: str) -> None:
    gone = view.live.last(CaseDisqualified, ApplicationWithdrawn, case_id=case_id)
    if gone is not None:
        refuse_departed(view, case_id, gone)


def _is_not_approved(view: View[GovernmentDecisionMade], case_id: str) -> None:
    """A case is approved once; anew where a ruling has undone that decision, or it was annulled.

    No text says that a case that was rejected stays so: a later decision may approve it.
    """
    undone = quashed_in(view.live, case_id).acts
    for earlier in view.live.of(GovernmentDecisionMade, subject="award"):
        decided = earlier.payload
        if earlier.id in undone or case_id not in {item.case for item in decided.approved}:
            continue
        case = view.case_called(case_id)
        refuse(
            "already_decided",
            "AUD",
            None,
            sentence(
                "{case} was approved by a decision of {decided_on}, which stands",
                case=case,
                decided_on=decided.decided_on,
            ),
            remedy=sentence("where that decision was recorded in error, correct or annul it first"),
            decided=earlier,
            case=case_id,
            decision=decided.decision_id,
        )


def _notice_is_over(view: View, case_id: str) -> None:
    minimum = view.needs(view.parameter("notice.min", case_id=case_id))
    if not minimum.stated:
        return
    notices = {e.payload.notice_id for e in view.live.of(PublicNoticeOpened) if case_id in e.payload.cases}
    days, cut_short, why = [], list[date](), Why()
    for notice_id in sorted(notices):
        ruler = notice_end(view.live, view.law, notice_id)
        why |= ruler.why
        if ruler.is_value:
            short = ruler.value().cut_short
            if short is UNSET:
                days.append(next_day(ruler.value().end))
            else:
                cut_short.append(short)
        else:
            refuse(
                "notice_end_undetermined",
                "AUD",
                None,
                sentence("the end of notice {notice_id} cannot be computed", notice_id=notice_id),
                remedy=sentence("record the calendar of the year"),
            )
    if cut_short and not days:
        refuse_cut_short(view, case_id, max(cut_short), why)
    if not days:
        refuse_by(
            minimum,
            "not_noticed",
            sentence("{case_id} was never on public notice", case_id=view.case_called(case_id)),
            remedy=sentence("open a public notice"),
            steps=["notice"],
            case=case_id,
        )
    if view.on < min(days):
        refuse_by(
            minimum,
            "notice_running",
            sentence(
                "the notice of {case_id} runs through {one_day}",
                case_id=view.case_called(case_id),
                one_day=min(days) - ONE_DAY,
            ),
            remedy=sentence("decide from {days} on", days=min(days)),
            earliest=min(days).isoformat(),
            reading=", ".join(why.readings) or None,
        )


def _no_open_objection(view: View, case_id: str) -> None:
    case, upheld = view.case_called(case_id), to_be_disqualified(view.live, case_id)
    if upheld:
        refuse_by(
            view.parameter("objection.handling", case_id=case_id),
            "disqualification_due",
            sentence("an objection to {case} was upheld on {on}: it is to be disqualified", case=case, on=upheld[0].on),
            remedy=sentence("record the disqualification, or correct what was resolved"),
            decided=upheld[0],
            objection=upheld[0].payload.objection_id,
        )
    blocking = open_objections(view.live, case_id).value().blocking
    if blocking:
        handling = view.parameter("objection.handling", case_id=case_id)
        refuse_by(
            handling,
            "objection_open",
            sentence(
                "objection {blocking} to {case_id} is not settled",
                blocking=blocking[0],
                case_id=view.case_called(case_id),
            ),
            remedy=sentence("investigate and resolve it first; other candidates may go on"),
            reading="B-88:default",
            objection=blocking[0],
        )


def _objections_were_settled_before(view: View, case_id: str) -> None:
    first = first_day_to_decide(view.live, view.law, case_id)
    if not first.is_value or view.on >= first.value():
        return
    case, settled = view.case_called(case_id), first.value() - ONE_DAY
    refuse_by(
        view.parameter("objection.handling", case_id=case_id),
        "objection_settled_today",
        sentence(
            "an objection to {case} was settled on {settled}; it is decided after that day",
            case=case,
            settled=settled,
        ),
        remedy=sentence("decide from {first} on", first=first.value()),
        reading="B-88:default",
        earliest=first.value().isoformat(),
    )


def _kind_was_applied_for(view: View, case_id: str, award: str) -> None:
    filed = view.case(case_id).payload
    enacted = view.enacted_for(edition_of(case_id))
    chosen, why = view.law.reading(enacted, "reading.kind_applied_for", view.on)
    if chosen == "only_kinds_applied_for" and filed.award != award:
        stated = view.law.parameter(enacted, f"quota.max.{award}", view.on)
        called, named = (view.award_called(kind, edition_of(case_id)) for kind in (filed.award, award))
        refuse_by(
            stated,
            "kind_not_applied_for",
            sentence(
                "{case_id} applied for {kind}, not {other}",
                case_id=view.case_called(case_id),
                kind=called,
                other=named,
            ),
            reading=", ".join(why.readings),
        )


def _fits_the_places(view: View, winners: Iterable[Winner]) -> None:
    """No more than the places of kind, sector and size; a re-win that takes none is not counted."""
    winners = list(winners)
    for edition in {edition_of(w.case_id) for w in winners}:
        opened = edition_opened(view.live, edition)
        if opened is None:
            continue
        own = [w for w in winners if edition_of(w.case_id) == edition]
        for place in free_places(view.live, view.law, edition, own, view.on):
            view.needs(place.stated)
            if place.maximum is not None and place.used > place.maximum:
                refuse_by(
                    place.stated,
                    "quota_exceeded",
                    sentence(
                        "{used} would hold {places} of {edition}; at most {maximum}",
                        used=place.used,
                        places=place.name,
                        edition=edition,
                        maximum=place.maximum,
                    ),
                    remedy=sentence("at most that many win; a re-win outside the quota is derived, not stated"),
                    reading=place.reading or None,
                    decided=place.decided,
                )


def _one_kind_each(view: View, winners: Iterable[Winner]) -> None:
    seen = {(edition_of(g.payload.case_id), g.payload.org): g.payload.award for g in view.live.of(AwardGranted)}
    for winner in winners:
        edition, org = edition_of(winner.case_id), view.case(winner.case_id).payload.org
        chosen, why = view.law.reading(view.enacted_for(edition), "reading.two_kinds_one_session", view.on)
        other = seen.get((edition, org))
        if chosen == "one_kind" and other is not None and other != winner.award:
            called, named = (view.award_called(kind, edition) for kind in (other, winner.award))
            refuse(
                "two_kinds_in_one_session",
                "B-35",
                None,
                sentence(
                    "{org} wins {kind} and {other} in {edition}",
                    org=org,
                    kind=called,
                    other=named,
                    edition=edition,
                ),
                reading=", ".join(why.readings),
            )
        seen[edition, org] = winner.award


def passes_on_with_reasons(view: View[GovernmentDecisionMade]) -> None:
    """What a successor takes over is named, of somebody it succeeds, and reasoned (B-65)."""
    p = view.payload
    if p.subject != "succession":
        return
    for item in p.approved:
        if item.predecessor is None or item.org is None or not item.carries or p.reasons_hash is None:
            refuse(
                "succession_unsound",
                "B-65",
                None,
                sentence("names predecessor, what passes on, and the hash of the reasons"),
                reading="B-65/G25:default",
            )
        if item.predecessor not in predecessors(view.live, item.org):
            refuse(
                "not_a_predecessor",
                "B-65",
                None,
                sentence("{org} does not succeed {predecessor}", org=item.org, predecessor=item.predecessor),
                remedy=sentence("record the merger or split"),
                reading="B-65/G25:default",
            )


def chooses_a_milder_rule_only(view: View[GovernmentDecisionMade]) -> None:
    """A newer text governs an act after an older award only where it is milder, and with reasons (B-43)."""
    p = view.payload
    if p.applies_version is None:
        return
    for item in p.approved:
        award = award_of(view.live, view.law, item.award_id) if item.award_id else None
        if award is None or award.enacted is None:
            refuse("item_unsound", "AUD", None, sentence("a chosen version is for awards"))
        chosen = view.law.called(award.enacted.pack.id, p.applies_version)
        if chosen is None or chosen.in_force_on is None or chosen.in_force_on > view.on:
            refuse(
                "regulation_unknown",
                "AUD",
                None,
                sentence("{applies_version} is not in force", applies_version=p.applies_version),
            )
        if p.reasons_hash is None:
            refuse(
                "reasons_missing",
                "B-43",
                None,
                sentence("the choice of a later text is reasoned"),
                remedy=sentence("add the document of the reasons"),
                reading="B-43:default",
            )
        proposed = view.live.last(RevocationProposed, award_id=item.award_id) if item.award_id is not None else None
        grounds = [proposed.payload.ground] if proposed else list(award.enacted.pack.grounds)
        for ground in grounds:
            if _is_heavier(view, chosen, award.enacted, ground):
                refuse(
                    "heavier_rule",
                    "B-43",
                    None,
                    sentence(
                        "{applies_version} is heavier on {ground} than the award's own text",
                        applies_version=p.applies_version,
                        ground=word(ground, "ground"),
                    ),
                    remedy=sentence("apply the text of the award's edition"),
                    reading="B-43:default",
                )


def _is_heavier(view: View, newer: Enacted, older: Enacted, ground: str) -> bool:
    def weight(version: Enacted) -> tuple[int, bool]:
        ban = view.law.stated(version, f"revoke.{ground}.ban", view.on)
        claw = view.law.stated(version, f"revoke.{ground}.clawback", view.on)
        months = (ban.number if ban.stated else 0) * (12 if ban.unit == "year" else 1)
        return months, claw.yes

    (new_ban, new_claw), (old_ban, old_claw) = weight(newer), weight(older)
    return new_ban > old_ban or (new_claw and not old_claw)


def _is_void(view: View, grant: LiveEvent[AwardGranted]) -> bool:
    """Was it set aside from the start? Then the case may be decided anew, under another decision and award id."""
    return void_from_the_start(view.live, grant.payload.award_id) is not None


def grants_what_was_decided(view: View[AwardGranted]) -> None:
    p = view.payload
    filed = view.case(p.case_id)
    if filed.payload.org != p.org:
        refuse("case_of_another", "AUD", None, sentence("the case is another organisation's"))
    of_case = view.live.of(AwardGranted, case_id=p.case_id)
    standing = [*view.live.of(AwardGranted, award_id=p.award_id), *(g for g in of_case if not _is_void(view, g))]
    if standing:
        told = sentence("this case or award id is already granted")
        refuse("already_granted", "AUD", None, told, decided=standing[0])
    enacted = view.enacted_for(edition_of(p.case_id))
    if enacted is not None and p.award not in enacted.pack.awards:
        called = word(p.award, "award")
        refuse("award_kind_unknown", "AUD", None, sentence("the text has no {kind}", kind=called))
    if view.is_import:
        return
    if any(g.payload.decision_id == p.decision_id for g in of_case):
        refuse(
            "decision_set_aside",
            "AUD",
            None,
            sentence(
                "the award under decision {decision_id} was set aside; a new decision is needed",
                decision_id=p.decision_id,
            ),
        )
    decision = view.live.last(GovernmentDecisionMade, decision_id=p.decision_id)
    approving = view.parameter("body.approving", case_id=p.case_id)
    items = [i for i in decision.payload.approved if i.case == p.case_id] if decision else []
    if not items:
        refuse_by(
            approving,
            "decision_missing",
            sentence(
                "no decision {decision_id} approves {case_id}",
                decision_id=p.decision_id,
                case_id=view.case_called(p.case_id),
            ),
            remedy=sentence("record the government's decision on the awards first"),
            steps=["decision"],
            case=p.case_id,
        )
    if items[0].award is not None and items[0].award != p.award:
        called, named = (view.award_called(kind, edition_of(p.case_id)) for kind in (items[0].award, p.award))
        refuse_by(
            approving,
            "award_differs_from_decision",
            sentence("the decision gives {kind}, not {other}", kind=called, other=named),
            decided=decision,
        )
    _is_still_a_candidate(view, p.case_id)
    _no_open_objection(view, p.case_id)
    refuse_dissolved(view, p.case_id)
    refuse_banned(view, p.org, view.on)
    _fits_the_places(view, [Winner(p.case_id, p.award)])
    _one_kind_each(view, [Winner(p.case_id, p.award)])


def issues_once(view: View[CertificateIssued]) -> None:
    p = view.payload
    award_held_by(view, p.award_id, p.org)
    refuse_holder_dissolved(view)
    if (revoked := view.live.last(AwardRevoked, award_id=p.award_id)) is not None:
        refuse("award_revoked", "AUD", None, sentence("the award is revoked"), decided=revoked)
    refuse_set_aside(view, p.award_id)
    issued = {item.serial for e in view.live.of(CertificateIssued) for item in e.payload.items}
    serials = [item.serial for item in p.items]
    if issued & set(serials) or len(set(serials)) != len(serials):
        refuse("serial_taken", "AUD", None, sentence("a serial number is issued once"))


def returns_issued_items(view: View[CertificateReturned]) -> None:
    p = view.payload
    view.award(p.award_id)
    issued = {item.serial for e in view.live.of(CertificateIssued, award_id=p.award_id) for item in e.payload.items}
    unknown = [item.serial for item in p.items if item.serial not in issued]
    ended = [*view.live.of(AwardRevoked, award_id=p.award_id), *view.live.of(AwardSetAside, award_id=p.award_id)]
    if not ended and any(item.state == "returned" for item in p.items):
        refuse(
            "award_not_revoked",
            "AUD",
            None,
            sentence("items come back after a revocation or a ruling; a lost or void one is recorded as such"),
        )
    if unknown:
        refuse(
            "item_not_issued", "AUD", None, sentence("{unknown} was never issued for this award", unknown=unknown[0])
        )


def announces_known_events(view: View[AnnouncementPublished]) -> None:
    missing = [e for e in view.payload.about if e not in view.named]
    if missing:
        refuse("event_unknown", "AUD", None, sentence("{missing} is not in the log", missing=missing[0]))
