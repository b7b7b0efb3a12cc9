"""Which guards stand before which event, in the order in which they look.

An act out of order, or about somebody else's object, is refused for that before anything that a later step would need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from ledger.admission import (
    after_award_guards,
    application_guards,
    decision_guards,
    edition_guards,
    erasure_guards,
    evaluation_guards,
    identity_guards,
    money_guards,
    notice_guards,
    object_guards,
    order_guards,
    oversight_guards,
    rules_guards,
)
from ledger.admission.view import View
from ledger.events.after_award import (
    AwardRevoked,
    AwardSetAside,
    HigherAwardRecorded,
    IncidentRecorded,
    PostAwardReportFiled,
    RevocationProposed,
    SanctionImposed,
    TitleMisuseFound,
)
from ledger.events.application import (
    ApplicationFiled,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CreditRepairConfirmed,
    DepartmentOpinionGiven,
    EligibilityDecided,
    RecommendationIssued,
)
from ledger.events.decision import (
    AnnouncementPublished,
    AwardGranted,
    CertificateIssued,
    CertificateReturned,
    GovernmentDecisionMade,
)
from ledger.events.edition import BodyConstituted, BodyDissolved, EditionClosed, EditionOpened
from ledger.events.evaluation import (
    ApplicantNotified,
    CandidateListProposed,
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    RevieweeFeedbackGiven,
    ReviewReportSubmitted,
    ScoreSubmitted,
    ShortlistDecided,
)
from ledger.events.identity import (
    GenesisDeclared,
    KeyRegistered,
    KeyRevoked,
    PrincipalRegistered,
    PrincipalUpdated,
    RoleGranted,
    RoleWithdrawn,
)
from ledger.events.money import (
    ClawbackOrdered,
    ClawbackReceived,
    ClawbackWaived,
    FundMisuseFound,
    FundUseReported,
    PostAwardCheckHeld,
    PrizePaid,
)
from ledger.events.notice import (
    CaseDisqualified,
    ObjectionInvestigated,
    ObjectionRaised,
    ObjectionResolved,
    PublicNoticeClosed,
    PublicNoticeOpened,
)
from ledger.events.oversight import (
    AccessRecordAttested,
    ClockCorrected,
    EventAnnulled,
    EventCorrected,
    HistoryLossDeclared,
    LateRecordingApproved,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
    TimeAttested,
)
from ledger.events.registry import Payload
from ledger.events.reviewers import RecusalOrdered, ReviewerQualified
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed

A = TypeVar("A", bound=Payload)
Guards = tuple[Callable[[View], None], ...]


def of(kind: type[A], *guards: Callable[[View[A]], None]) -> tuple[type[Payload], Guards]:
    """The guards of an event; the type checker sees that each can judge it."""
    return kind, cast("Guards", guards)


_ALL = (
    of(GenesisDeclared, identity_guards.genesis_is_first),
    of(PrincipalRegistered, identity_guards.registers_once),
    of(PrincipalUpdated, identity_guards.updates_known),
    of(KeyRegistered, identity_guards.registers_key, identity_guards.passkey_is_of_a_site),
    of(KeyRevoked, identity_guards.revokes_known_key),
    of(RoleGranted, identity_guards.grants, identity_guards.gives_nothing_to_oneself),
    of(RoleWithdrawn, identity_guards.withdraws),
    of(RegulationEnacted, rules_guards.enacts_a_known_pack),
    of(RegulationRepealed, rules_guards.repeals_known),
    of(RegulationInterpreted, rules_guards.interprets_silence_only),
    of(CalendarPublished, rules_guards.calendar_is_sound),
    of(EditionOpened, edition_guards.opens_under_a_text),
    of(EditionClosed, edition_guards.closes_when_settled),
    of(BodyConstituted, edition_guards.constitutes_lawfully),
    of(BodyDissolved, edition_guards.dissolves_finished_bodies),
    of(ReviewerQualified, edition_guards.meets_the_criteria, identity_guards.gives_nothing_to_oneself),
    of(RecusalOrdered, edition_guards.orders_participants),
    of(
        ApplicationFiled,
        application_guards.files_into_an_open_edition,
        application_guards.may_apply_at_all,
        application_guards.is_not_listed_while_filing,
        application_guards.is_not_barred,
    ),
    of(ApplicationSupplemented, object_guards.case_is_the_organisations, application_guards.supplements_undecided),
    of(ApplicationWithdrawn, object_guards.case_is_the_organisations, application_guards.withdraws_before_the_award),
    of(RecommendationIssued, object_guards.case_is_the_organisations, application_guards.recommends_as_the_text_allows),
    of(DepartmentOpinionGiven, object_guards.case_is_the_organisations, application_guards.covers_the_lookback),
    of(CreditRepairConfirmed, object_guards.case_is_the_organisations, application_guards.repairs_where_allowed),
    of(
        EligibilityDecided,
        order_guards.skips_no_step,
        object_guards.judges_unless_recused,
        object_guards.case_is_the_organisations,
        application_guards.decides_every_condition,
        order_guards.review_is_supervised,
    ),
    of(
        ScoreSubmitted,
        order_guards.review_has_not_ended,
        order_guards.skips_no_step,
        evaluation_guards.scores_as_an_unconflicted_panel_member,
        evaluation_guards.score_is_sound,
        order_guards.scores_under_review_rules,
    ),
    of(
        ReviewReportSubmitted,
        order_guards.review_has_not_ended,
        order_guards.skips_no_step,
        object_guards.judges_unless_recused,
        evaluation_guards.reports_all_live_scores,
    ),
    of(
        ShortlistDecided,
        order_guards.review_has_not_ended,
        order_guards.skips_no_step,
        evaluation_guards.shortlists_all_eligible,
    ),
    of(
        OnsiteVisitHeld,
        order_guards.review_has_not_ended,
        order_guards.skips_no_step,
        object_guards.judges_unless_recused,
        evaluation_guards.visits_the_selected,
        object_guards.leads_the_panel,
    ),
    of(
        OnsiteReportConfirmed,
        order_guards.skips_no_step,
        object_guards.case_is_the_organisations,
        evaluation_guards.confirms_a_report,
    ),
    of(RevieweeFeedbackGiven, object_guards.case_is_the_organisations, evaluation_guards.feeds_back_after_a_visit),
    of(ApplicantNotified, object_guards.case_is_the_organisations, evaluation_guards.notifies_of_a_decision),
    of(
        CandidateListProposed,
        order_guards.review_has_not_ended,
        order_guards.skips_no_step,
        evaluation_guards.lists_reported_cases,
        evaluation_guards.lists_scores_above_the_line,
    ),
    of(
        CommitteeVoteCast,
        order_guards.review_has_not_ended,
        order_guards.skips_no_step,
        evaluation_guards.votes_once_as_a_member,
    ),
    of(CommitteeResolutionAdopted, order_guards.skips_no_step, evaluation_guards.resolves_something),
    of(PublicNoticeOpened, order_guards.skips_no_step, notice_guards.notices_what_was_resolved),
    of(PublicNoticeClosed, notice_guards.closes_an_open_notice),
    of(
        ObjectionRaised,
        object_guards.award_is_the_organisations,
        object_guards.case_is_the_organisations,
        notice_guards.names_its_target,
    ),
    of(
        ObjectionInvestigated,
        object_guards.judges_unless_recused,
        object_guards.case_is_the_organisations,
        object_guards.investigates_what_was_raised,
        object_guards.is_no_judge_in_the_own_cause,
        notice_guards.investigates_without_own_interest,
    ),
    of(
        ObjectionResolved,
        object_guards.judges_unless_recused,
        object_guards.is_no_judge_in_the_own_cause,
        notice_guards.resolves_after_investigation,
    ),
    of(
        CaseDisqualified,
        object_guards.judges_unless_recused,
        object_guards.rests_on_facts_of_the_same,
        notice_guards.disqualifies_on_facts,
        after_award_guards.facts_are_of_the_ground,
    ),
    of(
        GovernmentDecisionMade,
        order_guards.skips_no_step,
        decision_guards.decides_in_the_form_of_the_text,
        decision_guards.decides_on_ripe_cases,
        decision_guards.passes_on_with_reasons,
        decision_guards.chooses_a_milder_rule_only,
    ),
    of(AwardGranted, order_guards.skips_no_step, decision_guards.grants_what_was_decided),
    of(CertificateIssued, decision_guards.issues_once),
    of(CertificateReturned, object_guards.award_is_the_organisations, decision_guards.returns_issued_items),
    of(AnnouncementPublished, decision_guards.announces_known_events),
    of(
        PrizePaid,
        order_guards.skips_no_step,
        money_guards.pays_for_an_award,
        money_guards.pays_what_is_due,
        money_guards.pays_the_bonus_of_the_text,
    ),
    of(FundUseReported, money_guards.reports_no_more_than_paid),
    of(PostAwardCheckHeld, money_guards.checks_a_granted_award),
    of(FundMisuseFound, money_guards.misuse_at_most_paid),
    of(ClawbackOrdered, money_guards.orders_what_the_text_gives),
    of(
        ClawbackReceived,
        object_guards.award_is_the_organisations,
        object_guards.clawback_is_the_awards,
        money_guards.settles_at_most_ordered,
    ),
    of(
        ClawbackWaived,
        object_guards.award_is_the_organisations,
        object_guards.clawback_is_the_awards,
        money_guards.settles_at_most_ordered,
        money_guards.waives_on_an_outside_basis,
    ),
    of(HigherAwardRecorded, after_award_guards.records_once),
    of(PostAwardReportFiled, after_award_guards.reports_within_validity),
    of(IncidentRecorded, after_award_guards.incident_is_determined),
    of(TitleMisuseFound, object_guards.award_is_the_organisations, after_award_guards.misuse_is_forbidden),
    of(SanctionImposed, after_award_guards.sanctions_on_facts),
    of(
        RevocationProposed,
        after_award_guards.ground_is_in_the_text,
        after_award_guards.proposes_on_facts,
        after_award_guards.facts_are_of_the_ground,
        after_award_guards.fact_lies_in_the_window,
        after_award_guards.facts_are_grave_enough,
        object_guards.rests_on_facts_of_the_same,
    ),
    of(AwardRevoked, after_award_guards.ground_is_in_the_text, after_award_guards.revokes_step_by_step),
    of(AwardSetAside, after_award_guards.sets_aside_a_standing_award),
    of(OversightFindingIssued, oversight_guards.finds_about_known_events),
    of(OversightFindingAnswered, object_guards.answers_for_oneself, oversight_guards.closes_only_by_the_issuer),
    of(RestrictedDataHandled, erasure_guards.erases_what_may_go, oversight_guards.opens_what_the_role_may),
    of(
        EventCorrected,
        oversight_guards.corrects_papers_only,
        oversight_guards.corrects_after_a_decision_under_supervision,
    ),
    of(
        EventAnnulled,
        object_guards.annuls_what_can_be_undone,
        oversight_guards.annuls_live_events,
        oversight_guards.brings_back_an_award_that_can_stand,
    ),
    of(LateRecordingApproved, oversight_guards.approves_others_late_entries),
    of(TimeAttested, oversight_guards.token_says_what_is_stated),
    of(ClockCorrected, oversight_guards.doubts_entries_that_are_there),
    of(HistoryLossDeclared, oversight_guards.names_what_was_lost),
    of(AccessRecordAttested, oversight_guards.continues_the_last_record),
)

GUARDS: dict[type[Payload], Guards] = dict(_ALL)
