"""The words of enumerations in packs; a text's own kinds (awards, grounds, sectors) are not among them."""

from __future__ import annotations

#: Steps that a text may put in an order; what is done in each is in ``ledger.derivation.procedure``.
STEPS: tuple[str, ...] = (
    "call",
    "application",
    "recommendation",
    "opinions",
    "eligibility",
    "material_review",
    "shortlist",
    "onsite_review",
    "report_confirmation",
    "candidate_list",
    "committee_decision",
    "notice",
    "chair_review",
    "decision",
    "award",
    "circular",
    "certificate",
    "prize",
    "publication",
)

#: Grounds of revocation that the five texts use; a pack may name others.
GROUNDS = (
    "fraud",
    "accident",
    "social_impact",
    "violation",
    "quality_problem",
    "severe_loss",
    "tax",
    "discipline",
    "other",
)

SEVERITY = "any fatal general larger major extraordinary"
RECOMMENDERS = "town street district_dept county_gov park industry_dept association"
MISUSE = (
    "no_year product_promotion packaging after_expiry after_revocation forgery impersonation "
    "unauthorised_review_activity"
)
FUND = (
    "publicity brand method_promotion training quality_breakthrough standards rnd lab_equipment public_welfare "
    "higher_award_preparation other"
)
CATEGORY = (
    "accident spot_check_failure export_claim service_quality violation major_complaint loss_year tax_dishonesty "
    "labour_dishonesty stat_fraud award_fraud joint_punishment licence_missing policy_breach quality_problem "
    "social_impact other"
)
MEASURE = (
    "criticism public_criticism circular warning review_eligibility_cancelled credit_record referred_employer "
    "referred_discipline referred_judicial per_rules clawback_with_approval counts_later"
)
