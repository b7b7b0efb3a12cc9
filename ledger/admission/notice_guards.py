"""Guards of public notice, objection and disqualification; nobody decides an own objection (separation S6)."""

from __future__ import annotations

from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.history import LiveEvent
from ledger.derivation.notices import ends_of_notice, extensions
from ledger.derivation.procedure import ordered_steps
from ledger.derivation.words import word
from ledger.errors import PermissionRefusedError
from ledger.events.decision import AwardGranted
from ledger.events.evaluation import CandidateListProposed, CommitteeResolutionAdopted, ScoreSubmitted
from ledger.events.notice import (
    CaseDisqualified,
    ObjectionInvestigated,
    ObjectionRaised,
    ObjectionResolved,
    PublicNoticeClosed,
    PublicNoticeOpened,
)
from ledger.regulation.tables import Extension
from ledger.sentences import enumeration, sentence
from ledger.statement import edition_of


def notices_what_was_resolved(view: View[PublicNoticeOpened]) -> None:
    p = view.payload
    before = view.live.last(PublicNoticeOpened, notice_id=p.notice_id)
    if before is not None:
        _revises(view, before)
    elif p.revision != 1:
        refuse("revision_unsound", "AUD", None, sentence("the first notice has revision 1"))
    if p.promised_end < p.opened_on:
        refuse("notice_unsound", "AUD", None, sentence("the notice ends before it begins"))
    if p.kind != "candidates":
        return
    approved = _may_be_noticed(view)
    wrong = sorted(set(p.cases) - approved)
    if wrong or not p.cases:
        stated = view.law.parameter(view.enacted_for(p.edition_id), "notice.min", view.on)
        refuse_by(
            stated,
            "notice_differs_from_resolution",
            sentence("not on the list to be noticed: {cases}", cases=enumeration(wrong))
            if wrong
            else sentence("a notice names somebody"),
        )


def _may_be_noticed(view: View[PublicNoticeOpened]) -> set[str]:
    """The committee's list; the candidate list where the text notices before the committee decides."""
    edition = view.payload.edition_id
    _, steps = ordered_steps(view.law, view.enacted_for(edition), view.on)
    names = [s.step for s in steps]
    if "notice" in names and "committee_decision" in names[names.index("notice") :]:
        lists = view.live.of(CandidateListProposed)
        return {r.case for e in lists for r in e.payload.rows if edition_of(r.case) == edition}
    resolutions = view.live.of(CommitteeResolutionAdopted, edition_id=edition, subject="proposed_awardees")
    return {a.case for r in resolutions for a in r.payload.approved}


def _revises(view: View[PublicNoticeOpened], before: LiveEvent[PublicNoticeOpened]) -> None:
    """A further announcement of the same notice: with a later end it extends it, else it changes how it is published.

    The list and the days already announced stay as they are: another list is another notice.
    """
    p, b = view.payload, before.payload
    if p.revision != b.revision + 1:
        refuse(
            "notice_exists",
            "AUD",
            None,
            sentence(
                "notice {notice_id} exists; a revision has {revision}", notice_id=p.notice_id, revision=b.revision + 1
            ),
        )
    if (p.kind, p.cases, p.awards, p.opened_on) != (b.kind, b.cases, b.awards, b.opened_on):
        refuse(
            "revision_unsound",
            "AUD",
            None,
            sentence("a revision keeps list and start of the notice"),
            remedy=sentence("another list is put on a notice of its own"),
        )
    if p.promised_end < b.promised_end:
        refuse(
            "revision_unsound",
            "AUD",
            None,
            sentence(
                "the notice was announced to run through {promised_end}; a revision does not end earlier",
                promised_end=b.promised_end,
            ),
            field="promised_end",
        )
    if p.promised_end > b.promised_end:
        _may_extend(view, before)


def _may_extend(view: View[PublicNoticeOpened], before: LiveEvent[PublicNoticeOpened]) -> None:
    """As often as the text lets it: by an announcement with a reason, or for each objection during the notice."""
    notice = before.payload.notice_id
    stated = view.law.parameter(view.enacted_for(before.payload.edition_id), "notice.extension", view.on)
    rule = stated.table(Extension) if stated.stated else None
    done = len(extensions(view.live.of(PublicNoticeOpened, notice_id=notice)))
    caused = len(view.live.of(ObjectionRaised, during_notice=notice))
    if rule is None or done >= (rule.times if rule.when == "announcement" else min(rule.times, caused)):
        refuse_by(
            stated,
            "extension_not_allowed",
            sentence("the text allows no (further) extension of this notice"),
            remedy=sentence("a longer notice is promised when it opens"),
        )
    if not view.payload.extension_reason:
        refuse_by(
            stated,
            "extension_unsound",
            sentence("an extension gives its reason"),
            field="extension_reason",
        )


def closes_an_open_notice(view: View[PublicNoticeClosed]) -> None:
    p = view.payload
    opened = view.live.last(PublicNoticeOpened, notice_id=p.notice_id)
    if opened is None or view.live.of(PublicNoticeClosed, notice_id=p.notice_id):
        refuse("notice_not_open", "AUD", None, sentence("notice {notice_id} is not open", notice_id=p.notice_id))
    if set(p.cases) != set(opened.payload.cases):
        refuse(
            "notice_differs",
            "B-5",
            None,
            sentence("the closed notice names other cases than the opened one"),
        )
    raised = len([e for e in view.live.of(ObjectionRaised, during_notice=p.notice_id) if e.on <= p.closed_on])
    if p.objections != raised:
        refuse(
            "objections_miscounted",
            "AUD",
            None,
            sentence("{raised} objections were raised, not {objections}", raised=raised, objections=p.objections),
        )


def names_its_target(view: View[ObjectionRaised]) -> None:
    p = view.payload
    target = {"case": p.case_id, "award": p.award_id, "person": p.person, "body": p.body_id}[p.target_kind]
    if target is None:
        refuse(
            "target_missing",
            "AUD",
            None,
            sentence("an objection against a {target_kind} names it", target_kind=word(p.target_kind, "target_kind")),
        )
    if view.live.of(ObjectionRaised, objection_id=p.objection_id):
        refuse(
            "objection_exists", "AUD", None, sentence("objection {objection_id} exists", objection_id=p.objection_id)
        )
    if p.case_id is not None:
        view.case(p.case_id)
    if p.during_notice is not None:
        _falls_in_the_notice(view, p.during_notice)


def _falls_in_the_notice(view: View[ObjectionRaised], notice_id: str) -> None:
    """It is raised between the first and the last day: the day of closing, the announced end, or the law's if later."""
    opened = view.live.of(PublicNoticeOpened, notice_id=notice_id)
    closed = view.live.last(PublicNoticeClosed, notice_id=notice_id)
    if not opened:
        refuse("notice_unknown", "AUD", None, sentence("notice {notice_id} was not opened", notice_id=notice_id))
    ends = [opened[-1].payload.promised_end, *ends_of_notice(view.live, view.law, notice_id).values()]
    last = closed.payload.closed_on if closed is not None else max(ends)
    if not opened[0].payload.opened_on <= view.on <= last:
        refuse(
            "not_during_notice",
            "AUD",
            None,
            sentence(
                "notice {notice_id} ran from {opened_on} through {last}",
                notice_id=notice_id,
                opened_on=opened[0].payload.opened_on,
                last=last,
            ),
            remedy=sentence("record it as an objection outside the notice"),
            field="during_notice",
        )


def _open_objection(view: View[ObjectionInvestigated | ObjectionResolved]) -> LiveEvent[ObjectionRaised]:
    objection = view.payload.objection_id
    raised = view.live.last(ObjectionRaised, objection_id=objection)
    if raised is None or view.live.of(ObjectionResolved, objection_id=objection):
        refuse("objection_not_open", "AUD", None, sentence("objection {objection} is not open", objection=objection))
    return raised


def investigates_without_own_interest(view: View[ObjectionInvestigated]) -> None:
    p = view.payload
    raised = _open_objection(view)
    target = raised.payload
    everyone = {view.statement.actor, *p.investigators}
    if target.case_id is not None:
        scorers = {e.actor for e in view.live.of(ScoreSubmitted, case_id=target.case_id)} & everyone
        if scorers:
            raise PermissionRefusedError(
                "duties_not_separated",
                sentence("{scorers} scored the case (separation S6)", scorers=enumeration(sorted(scorers))),
                separation="S6",
            )
    about_secretariat = target.person is not None and view.identities.roles_of(target.person, view.today) & {
        "SEC",
        "SECH",
    }
    if about_secretariat and view.statement.role == "SEC":
        raise PermissionRefusedError(
            "duties_not_separated",
            sentence(
                "a complaint against the secretariat goes to discipline inspection or to the department concerned "
                "(separation S6)"
            ),
            separation="S6",
        )


def resolves_after_investigation(view: View[ObjectionResolved]) -> None:
    p = view.payload
    raised = _open_objection(view)
    if p.case_id != raised.payload.case_id:
        refuse("case_differs", "AUD", None, sentence("the objection is about another case"))
    if p.outcome not in ("not_admitted", "transferred") and not view.live.of(
        ObjectionInvestigated, objection_id=p.objection_id
    ):
        path, case_id = "objection.handling", raised.payload.case_id
        refuse_by(
            view.parameter(path, case_id=case_id) if case_id else view.parameter(path),
            "not_investigated",
            sentence("an objection is investigated before it is resolved"),
        )


def disqualifies_on_facts(view: View[CaseDisqualified]) -> None:
    p = view.payload
    filed = view.case(p.case_id)
    if filed.payload.org != p.org:
        refuse("case_of_another", "AUD", None, sentence("the case is another organisation's"))
    if not p.facts:
        refuse("facts_missing", "AUD", None, sentence("the facts are cited by event id"))
    if (granted := view.live.last(AwardGranted, case_id=p.case_id)) is not None:
        told = sentence("the award is granted; it can only be revoked")
        refuse("already_granted", "AUD", None, told, decided=granted)
