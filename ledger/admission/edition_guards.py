"""Guards of editions, bodies, reviewers and recusal."""

from __future__ import annotations

from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.cases import FINAL, case_status, open_objections
from ledger.derivation.editions import decided_on, edition_opened
from ledger.derivation.panels import recused_since
from ledger.derivation.words import listed, word
from ledger.errors import PermissionRefusedError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AnnouncementPublished, AwardGranted
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionClosed, EditionOpened
from ledger.events.evaluation import ApplicantNotified, ReviewReportSubmitted, ScoreSubmitted, ShortlistDecided
from ledger.events.reviewers import RecusalOrdered, ReviewerQualified
from ledger.regulation.tables import Criteria, Seats
from ledger.sentences import enumeration, sentence


def opens_under_a_text(view: View[EditionOpened]) -> None:
    p = view.payload
    enacted = view.law.enacted(p.pack_hash)
    if enacted is None or enacted.pack.id != p.pack_id:
        refuse("pack_unknown", "AUD", None, sentence("the pack is not enacted in this log"))
    imported = view.statement.late is not None and view.statement.late.kind == "legacy_import"
    if enacted.status == "draft" and view.mode != "simulation":
        refuse(
            "draft_never_governs",
            enacted.pack.in_force.rule or "B-44",
            enacted.pack.in_force.article,
            sentence("an edition cannot run under a draft"),
            reading="B-44:default",
        )
    if (
        enacted.status in ("in_force", "interpretation_only")
        and not imported
        and (
            enacted.in_force_on is None
            or enacted.in_force_on > view.on
            or (enacted.repealed_on is not None and enacted.repealed_on <= view.on)
        )
    ):
        refuse(
            "pack_not_in_force",
            enacted.pack.in_force.rule or "AUD",
            enacted.pack.in_force.article,
            sentence("the text is not in force on that day"),
            remedy=sentence("open the edition from {in_force_on} on", in_force_on=enacted.in_force_on),
        )
    if enacted.status == "legacy_stub" and not imported:
        refuse(
            "pack_not_in_force",
            "AUD",
            None,
            sentence("a repealed text carries imported history only"),
        )
    unknown = [a for a in p.awards if a not in enacted.pack.awards]
    if unknown:
        refuse("award_kind_unknown", "AUD", None, sentence("no award kind {unknown} in the text", unknown=unknown[0]))
    if p.window_to < p.window_from:
        refuse("window_unsound", "AUD", None, sentence("the window ends before it begins"))
    standard = view.law.parameter(enacted, "standard", view.on)
    unnamed = [s for s in standard.words if not _names(p.standard_versions, s)]
    if unnamed:
        refuse_by(
            standard,
            "standard_not_named",
            sentence("the announcement names the version of {unnamed} in use", unnamed=unnamed[0]),
            reading="B-48:default",
        )
    for award, count in (p.quota_override or {}).items():
        stated = view.law.parameter(enacted, f"quota.max.{award}", view.on)
        if stated.stated and count > stated.number:
            called = enacted.award_called(award)
            refuse_by(
                stated,
                "quota_override_too_large",
                sentence("at most {stated} for {name}", stated=stated.value, name=called),
            )
    _check_revision(view)


def _names(versions: list[str], standard: str) -> bool:
    """Is the designation, in whatever spacing, the beginning of a version named?"""
    wanted = standard.replace(" ", "")
    return any(version.replace(" ", "").startswith(wanted) for version in versions)


def _check_revision(view: View[EditionOpened]) -> None:
    p = view.payload
    before = edition_opened(view.live, p.edition_id)
    if before is None:
        if p.revision != 1:
            refuse("revision_unsound", "AUD", None, sentence("the first announcement has revision 1"))
        return
    b = before.payload
    same = all(
        getattr(p, n) == getattr(b, n) for n in ("number", "year", "pack_id", "pack_hash", "awards", "window_from")
    )
    if p.revision != b.revision + 1 or not same or p.window_to < b.window_to:
        refuse(
            "revision_unsound",
            "AUD",
            None,
            sentence("a further revision may only extend the window of the announcement before"),
        )


def closes_when_settled(view: View[EditionClosed]) -> None:
    edition = view.payload.edition_id
    if edition_opened(view.live, edition) is None or view.live.of(EditionClosed, edition_id=edition):
        refuse("edition_not_open", "AUD", None, sentence("edition {edition} is not open", edition=edition))
    if view.payload.reason == "cancelled":
        _nothing_was_decided(view, edition)
        return
    for filed in view.live.of(ApplicationFiled):
        case_id = filed.payload.case_id
        if case_id.rpartition("/")[0] != edition:
            continue
        state = case_status(view.live, view.law, case_id).value().state
        if state not in FINAL:
            called = word(state, "state", "case.status")
            refuse(
                "case_not_final",
                "AUD",
                None,
                sentence("case {case_id} is still “{name}”", case_id=case_id, name=called),
            )
        if open_objections(view.live, case_id).value().open:
            handling = view.parameter("objection.handling", case_id=case_id)
            refuse_by(
                handling,
                "objection_open",
                sentence("an objection against {case_id} is open", case_id=case_id),
                reading="B-88:default",
            )
    _everybody_was_told(view, edition)
    _result_is_published(view, edition)


def _nothing_was_decided(view: View[EditionClosed], edition: str) -> None:
    """An edition is cancelled before any decision on its awards, and then counts as none (B-22)."""
    act = decided_on(view.live, edition)
    if act is not None:
        refuse(
            "edition_decided",
            "B-22",
            None,
            sentence(
                "awards of edition {edition} were decided on {on}; it is not cancelled any more",
                edition=edition,
                on=act.on,
            ),
            remedy=sentence("close it as completed"),
            reading="B-22:default",
            decided=act,
        )


def _everybody_was_told(view: View, edition: str) -> None:
    """Applicants that did not go on site learn their result, where the text gives them that."""
    stated = view.law.parameter(view.enacted_for(edition), "onsite.notify_not_shortlisted", view.on)
    if not stated.yes:
        return
    told = {e.payload.case_id for e in view.live.of(ApplicantNotified, about="not_shortlisted")}
    for decided in view.live.of(ShortlistDecided):
        for row in decided.payload.not_selected:
            if row.case.rpartition("/")[0] == edition and row.case not in told:
                refuse_by(
                    stated,
                    "feedback_missing",
                    sentence("{case} was not told its result", case=row.case),
                    remedy=sentence("record that those not shortlisted were told"),
                    case=row.case,
                )


def _result_is_published(view: View, edition: str) -> None:
    enacted = view.enacted_for(edition)
    stated = view.law.parameter(enacted, "result.published", view.on)
    granted = [e for e in view.live.of(AwardGranted) if e.payload.case_id.rpartition("/")[0] == edition]
    announced = {a for e in view.live.of(AnnouncementPublished) for a in e.payload.awards}
    for grant in granted if stated.yes else ():
        if grant.payload.award_id not in announced:
            refuse_by(
                stated,
                "result_unpublished",
                sentence("{award_id} was not published", award_id=grant.payload.award_id),
                remedy=sentence("record the announcement of the awards, or the circular"),
                case=grant.payload.case_id,
            )
    vacancy = view.law.parameter(enacted, "quota.vacancy_allowed", view.on)
    if vacancy.stated and not vacancy.yes and not granted:
        refuse_by(vacancy, "vacancy_not_allowed", sentence("{edition} has no winner", edition=edition))


def constitutes_lawfully(view: View[BodyConstituted]) -> None:
    p = view.payload
    ids = [m.principal_id for m in p.members]
    if len(set(ids)) != len(ids):
        refuse("member_twice", "AUD", None, sentence("a member is named twice"))
    for member in ids:
        if member not in view.identities.principals:
            refuse("principal_unknown", "AUD", None, sentence("{member} is not registered", member=member))
    if p.kind == "panel":
        _check_panel(view)
    if p.kind == "committee":
        _check_committee(view)
    if p.kind == "supervision_group":
        for member in ids:
            held = view.identities.roles_of(member, view.today) & {"SEC", "SECH", "REV", "LEAD", "COM", "CHR"}
            if held:
                raise PermissionRefusedError(
                    "duties_not_separated",
                    sentence(
                        "{member} holds {held}; supervision is disjoint from it (separation S5)",
                        member=member,
                        held=enumeration(sorted(held)),
                    ),
                    separation="S5",
                )


def _check_committee(view: View[BodyConstituted]) -> None:
    p = view.payload
    enacted = view.enacted_for(p.edition_id) if p.edition_id else view.law.in_force(view.on)
    seats = view.law.parameter(enacted, "committee.seats", view.on)
    if not seats.stated:
        return
    chairs, vices = (sum(m.seat == seat for m in p.members) for seat in ("chair", "vice"))
    wanted = seats.table(Seats)
    if (chairs, vices) != (wanted.chair, wanted.vice):
        refuse_by(
            seats,
            "committee_seats_differ",
            sentence(
                "{chair} chair and {vice} vice chairs, not {chairs} and {vices}",
                chair=wanted.chair,
                vice=wanted.vice,
                chairs=chairs,
                vices=vices,
            ),
        )


def _check_panel(view: View[BodyConstituted]) -> None:
    p = view.payload
    edition = p.edition_id or (p.cases[0].rpartition("/")[0] if p.cases else None)
    enacted = view.enacted_for(edition) if edition else None
    size = len(p.members)
    smallest = view.law.parameter(enacted, "panel.size_min", view.on)
    largest = view.law.parameter(enacted, "panel.size_max", view.on)
    leader = view.law.parameter(enacted, "panel.leader", view.on)
    if smallest.stated and size < smallest.number:
        refuse_by(
            smallest,
            "panel_too_small",
            sentence("a panel has at least {smallest} members, not {size}", smallest=smallest.value, size=size),
        )
    if largest.stated and size > largest.number:
        refuse_by(
            largest,
            "panel_too_large",
            sentence("a panel has at most {largest} members, not {size}", largest=largest.value, size=size),
        )
    leaders = sum(m.seat == "leader" for m in p.members)
    if leader.yes and leaders != 1:
        refuse_by(leader, "panel_without_leader", sentence("a panel has exactly one leader"))
    for member in p.members:
        qualified = view.live.last(ReviewerQualified, reviewer_id=member.principal_id)
        if qualified is None or (qualified.payload.valid_until is not None and qualified.payload.valid_until < view.on):
            pool = view.law.parameter(enacted, "reviewer.pool", view.on)
            refuse_by(
                pool,
                "reviewer_not_in_pool",
                sentence("{principal_id} is not in the reviewer pool", principal_id=member.principal_id),
            )
        if view.identities.review_cancelled(member.principal_id, view.on):
            measures = view.law.parameter(enacted, "reviewer.measures", view.on)
            refuse_by(
                measures,
                "review_eligibility_cancelled",
                sentence("{principal_id} has lost the review qualification", principal_id=member.principal_id),
            )
        for case_id in p.cases or ():
            if recused_since(view.live, member.principal_id, case_id) is not None:
                scope = view.law.parameter(enacted, "recusal.scope", view.on)
                refuse_by(
                    scope,
                    "reviewer_recused",
                    sentence(
                        "{principal_id} is recused from {case_id}", principal_id=member.principal_id, case_id=case_id
                    ),
                )


def dissolves_finished_bodies(view: View[BodyDissolved]) -> None:
    body = view.live.last(BodyConstituted, body_id=view.payload.body_id)
    if body is None or view.live.of(BodyDissolved, body_id=view.payload.body_id):
        refuse("body_unknown", "AUD", None, sentence("no such body is live"))
    if body.payload.kind != "panel":
        return
    for case_id in body.payload.cases or ():
        for stage in ("material", "onsite"):
            scored = view.live.of(ScoreSubmitted, case_id=case_id, stage=stage)
            if scored and not view.live.of(ReviewReportSubmitted, case_id=case_id, stage=stage):
                refuse(
                    "case_unreported",
                    "AUD",
                    None,
                    sentence(
                        "{case_id} has scores and no report ({stage})", case_id=case_id, stage=word(stage, "stage")
                    ),
                )


def meets_the_criteria(view: View[ReviewerQualified]) -> None:
    p = view.payload
    stated = view.law.parameter(view.law.in_force(view.on), "reviewer.criteria", view.on)
    if not stated.stated:
        return
    rule = stated.table(Criteria)
    unmet = []
    if rule.degree_or_senior_title and p.education == "below" and not p.senior_title:
        unmet.append("degree_or_senior_title")
    if p.years_experience < (rule.years_experience or 0):
        unmet.append("years_experience")
    if rule.trained and not p.trained:
        unmet.append("trained")
    if unmet:
        refuse_by(
            stated,
            "reviewer_not_qualified",
            sentence("unmet: {unmet}", unmet=listed(unmet)),
        )


def orders_participants(view: View[RecusalOrdered]) -> None:
    person = view.payload.person
    takes_part = view.identities.roles_of(person, view.today) & {"SEC", "SECH", "REV", "LEAD", "COM", "CHR"}
    seated = any(person in {m.principal_id for m in b.payload.members} for b in view.live.of(BodyConstituted))
    if not takes_part and not seated:
        refuse("not_a_participant", "AUD", None, sentence("{person} takes no part in the case", person=person))
