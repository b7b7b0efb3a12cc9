"""The catalogue of parameters: every question that a pack must answer, with a value or with its silence.

A pack states each path once: a value with its article, ``silent`` (the text was read and says nothing) or
``unknown`` (the text was not seen). ``{award}`` and ``{ground}`` are expanded by the pack's own award kinds
and revocation grounds, so that another city needs no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ledger.regulation.tables import (
    CertificateRule,
    ClawbackPart,
    Criteria,
    ExcellenceModel,
    Extension,
    LookbackRule,
    Member,
    MoneyCondition,
    PrizePart,
    ReapplyRule,
    Seats,
    SectorGroup,
    SiteDays,
    SizeGroup,
    StatedCondition,
    Step,
    SuperiorBonus,
    Table,
    TopUp,
    WatchWindow,
    members_of,
)
from ledger.regulation.words import FUND, MEASURE, MISUSE, RECOMMENDERS, SEVERITY
from ledger.sentences import sentence, term

Kind = Literal["int", "money", "bool", "text", "words", "tables", "period", "table"]


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter: type, allowed words or the class of its tables, and its name in both languages."""

    path: str
    kind: Kind
    zh: str
    en: str
    words: frozenset[str] = frozenset()
    table: type[Table] | None = None
    members: Mapping[str, Member] = field(default_factory=dict)
    units: frozenset[str] = frozenset()
    #: Joined the catalogue after packs were written: one that does not state it is silent on it.
    optional: bool = False


def _p(
    path: str,
    kind: Kind,
    zh: str,
    en: str,
    words: str = "",
    units: str = "",
    table: type[Table] | None = None,
    optional: bool = False,
) -> ParameterSpec:
    return ParameterSpec(
        path,
        kind,
        zh,
        en,
        frozenset(words.split()),
        table,
        members_of(table) if table else {},
        frozenset(units.split()),
        optional,
    )


#: In the order in which the office, the inspector and the public ask.
PARAMETERS: tuple[ParameterSpec, ...] = (
    _p("eligible_objects", "words", *sentence("who may get the award")),
    _p(
        "procedure",
        "tables",
        *sentence("the procedure, in the order of the text"),
        table=Step,
    ),
    _p("application.voluntary", "bool", *sentence("application is voluntary and the applicant's own")),
    _p("application.truth_declared", "bool", *term("parameter", "the applicant declares that the file is true")),
    _p("review_rules.by_committee", "bool", *sentence("the committee approves the review rules")),
    _p(
        "committee.composition",
        "words",
        *sentence("groups that the committee is composed of"),
        words="department expert enterprise other",
    ),
    _p(
        "committee.seats",
        "table",
        *sentence("chairs and vice chairs"),
        table=Seats,
    ),
    _p("cycle", "period", *sentence("cycle of editions"), units="year month"),
    _p("quota.max.{award}", "int", *sentence("most winners of an edition")),
    _p(
        "quota.by_sector",
        "tables",
        *sentence("most winners by sector"),
        table=SectorGroup,
    ),
    _p(
        "quota.by_size",
        "tables",
        *sentence("most winners by size of organisation"),
        table=SizeGroup,
    ),
    _p("quota.vacancy_allowed", "bool", *sentence("vacancy allowed")),
    _p("rewin.counts_quota", "bool", *sentence("a re-win counts in the quota")),
    _p(
        "rewin.kinds",
        "words",
        *sentence("awards that the rule on re-wins and quota is about"),
        optional=True,
    ),
    _p("standard", "words", *sentence("review standard")),
    _p("score.full", "int", *sentence("full score")),
    _p("score.threshold.{award}", "int", *sentence("threshold, inclusive")),
    _p(
        "score.aggregation",
        "text",
        *sentence("how scores are combined"),
        words="mean median trimmed_mean",
    ),
    _p("data_years", "int", *sentence("years of data")),
    _p("shortlist.max", "int", *sentence("most cases on site")),
    _p(
        "onsite.days",
        "table",
        *sentence("days on site"),
        table=SiteDays,
    ),
    _p(
        "onsite.report_confirmed",
        "bool",
        *sentence("applicant confirms the on-site report"),
    ),
    _p("onsite.reviewee_feedback", "bool", *sentence("reviewee feedback")),
    _p(
        "onsite.notify_not_shortlisted",
        "bool",
        *sentence("feedback to those not shortlisted"),
    ),
    _p("panel.size_min", "int", *sentence("smallest panel")),
    _p("panel.size_max", "int", *sentence("largest panel")),
    _p("panel.dissolves", "bool", *sentence("the panel dissolves when the review ends")),
    _p("panel.leader", "bool", *sentence("panel under a leader")),
    _p(
        "reviewer.pool",
        "words",
        *sentence("reviewer pools"),
        words="district city province own other",
    ),
    _p(
        "reviewer.criteria",
        "table",
        *sentence("reviewer criteria"),
        table=Criteria,
    ),
    _p(
        "recusal.scope",
        "words",
        *sentence("who must withdraw"),
        words="reviewer staff committee all",
    ),
    _p(
        "confidentiality",
        "words",
        *sentence("secrets to be kept"),
        words="commercial technical intellectual_property state",
    ),
    _p("fee", "money", *sentence("fee")),
    _p("recommender.kinds", "words", *sentence("recommenders"), words=RECOMMENDERS),
    _p("opinions.required", "bool", *sentence("department opinions required")),
    _p("credit_report.required", "bool", *sentence("credit report in the file")),
    _p("credit_repair.allowed", "bool", *sentence("credit repair may lift the veto")),
    _p("joint_punishment.bars", "bool", *sentence("joint punishment bars")),
    _p("body.office", "text", *sentence("office")),
    _p("body.deliberating", "text", *sentence("deliberating body")),
    _p("body.approving", "text", *sentence("approving body")),
    _p(
        "committee.method",
        "text",
        *sentence("how the committee decides"),
        words="vote ballot deliberation plenary",
    ),
    _p(
        "approval.chain",
        "words",
        *sentence("approval chain"),
        words="chair_review government_study government_approval mayor_consent executive_meeting circular",
    ),
    _p("supervision_group.required", "bool", *sentence("supervision group required")),
    _p(
        "disqualify.by",
        "words",
        *sentence("who cancels candidacy"),
        words="secretariat committee",
    ),
    _p("notice.min", "period", *sentence("period of public notice"), units="day working_day"),
    _p(
        "notice.extension",
        "table",
        *sentence("extension of the notice"),
        table=Extension,
    ),
    _p("result.published", "bool", *sentence("the result is published")),
    _p(
        "notice.published_by",
        "words",
        *sentence("who publishes the notice"),
        words="office committee",
    ),
    _p("notice.stage", "text", *sentence("stage of the notice")),
    _p("objection.handling", "text", *sentence("handling of objections")),
    _p("notice.medium", "words", *sentence("medium of the notice")),
    _p("prize.first.{award}", "money", *sentence("prize of a first win")),
    _p("prize.rewin.{award}", "money", *sentence("prize of a re-win of the same kind")),
    _p(
        "prize.top_up",
        "tables",
        *sentence("top-up after another kind"),
        table=TopUp,
    ),
    _p(
        "prize.superior_bonus",
        "tables",
        *sentence("bonus for a higher award"),
        table=SuperiorBonus,
    ),
    _p("prize.budget", "text", *sentence("source of funds")),
    _p("prize.mode", "text", *sentence("mode of payment"), words="lump_sum instalments"),
    _p(
        "prize.instalments",
        "tables",
        *sentence("instalments"),
        table=PrizePart,
    ),
    _p("prize.channel", "text", *sentence("channel of payment"), words="treasury policy_platform"),
    _p("rewin.objects", "words", *sentence("objects given on a re-win"), words="certificate plaque cup title"),
    _p("objects_given", "words", *sentence("objects given"), words="certificate plaque cup"),
    _p("validity", "period", *sentence("validity"), units="year month"),
    _p(
        "reapply.{award}",
        "table",
        *sentence("re-application"),
        table=ReapplyRule,
    ),
    _p(
        "watch_window",
        "table",
        *sentence("window of post-award grounds"),
        table=WatchWindow,
    ),
    _p(
        "revoke.accident_min",
        "text",
        *sentence("smallest accident that revokes"),
        words=SEVERITY,
    ),
    _p(
        "revoke.accident_fields",
        "words",
        *sentence("fields of accident that revoke, where the list is closed"),
        words="quality safety environment public_health food other",
        optional=True,
    ),
    _p(
        "revoke.loss_years",
        "int",
        *sentence("years of loss in a row that revoke"),
        optional=True,
    ),
    _p("revoke.decided_by", "text", *sentence("who revokes"), words="government committee"),
    _p(
        "revoke.{ground}.window",
        "text",
        *sentence("window of the ground"),
        words="unlimited watch_window",
    ),
    _p(
        "revoke.{ground}.grave",
        "bool",
        *sentence("the ground is about what is grave"),
        optional=True,
    ),
    _p("revoke.{ground}.clawback", "bool", *sentence("clawback of the prize")),
    _p(
        "revoke.{ground}.steps",
        "words",
        *sentence("steps of a revocation"),
        words="office_request committee_resolution government_decision",
    ),
    _p(
        "revoke.{ground}.clawback_part",
        "table",
        *sentence("part of the prize clawed back"),
        table=ClawbackPart,
    ),
    _p("revoke.{ground}.return", "bool", *sentence("return of certificate and plaque")),
    _p("revoke.{ground}.ban", "period", *sentence("ban"), units="year month"),
    _p("revoke.{ground}.publish", "bool", *sentence("publication")),
    _p("revoke.{ground}.credit_record", "bool", *sentence("entry in credit record")),
    _p("clawback.due", "period", *sentence("time for repayment"), units="day working_day month"),
    _p("ban.scope", "words", *sentence("awards that the ban covers")),
    _p("fund_use.categories", "words", *sentence("purposes of the prize"), words=FUND),
    _p("fund_use.staff_reward", "bool", *sentence("may reward staff")),
    _p("fund_misuse.measures", "words", *sentence("measures for misuse"), words=MEASURE),
    _p(
        "fund_misuse.clawback",
        "text",
        *sentence("clawback for misuse"),
        words="serious_with_government_approval any_with_government_approval",
    ),
    _p("fund_misuse.clawback_limit", "text", *sentence("ceiling of that clawback"), words="whole misused"),
    _p(
        "duty.annual_report",
        "text",
        *sentence("annual report"),
        words="self_assessment performance improvement",
    ),
    _p("duty.reassessment_min", "int", *sentence("re-assessments within validity")),
    _p("duty.promotion_summary", "bool", *sentence("summary in the award year")),
    _p("duty.exchange_events_min", "int", *sentence("exchange events within validity")),
    _p("duty.survey", "bool", *sentence("performance survey")),
    _p("duty.other", "words", *sentence("other duties")),
    _p("title_use.year_required", "bool", *sentence("the year must be stated")),
    _p(
        "title_use.forbidden",
        "words",
        *sentence("forbidden uses of the title"),
        words=MISUSE,
    ),
    _p(
        "reviewer.measures",
        "words",
        *sentence("measures against reviewers"),
        words=MEASURE,
    ),
    _p("eligibility.years_operating", "int", *sentence("years in operation")),
    _p(
        "eligibility.legal_form",
        "words",
        *sentence("legal form"),
        words="legal_person other_organisation",
    ),
    _p("eligibility.registered_locally", "bool", *sentence("registered locally")),
    _p(
        "eligibility.sectors",
        "words",
        *sentence("sectors covered"),
    ),
    _p(
        "eligibility.excellence_model",
        "table",
        *sentence("excellence model"),
        table=ExcellenceModel,
    ),
    _p(
        "eligibility.org_forms",
        "words",
        *sentence("kinds of organisation that may apply"),
        words="enterprise institution social_org other",
    ),
    _p(
        "eligibility.certificates",
        "tables",
        *sentence("certificates required"),
        table=CertificateRule,
    ),
    _p(
        "eligibility.money",
        "table",
        *sentence("financial condition"),
        table=MoneyCondition,
    ),
    _p("eligibility.preferred", "words", *sentence("preferred applicants")),
    _p(
        "eligibility.conditions",
        "tables",
        *sentence("conditions to be checked"),
        table=StatedCondition,
    ),
    _p("lookback", "period", *sentence("look-back"), units="year month"),
    _p(
        "lookback.rules",
        "tables",
        *sentence("disqualifying facts in the look-back"),
        table=LookbackRule,
    ),
    _p("fraud_lookback", "period", *sentence("bar after cheating in an assessment"), units="year month"),
    _p("appeal", "text", *sentence("appeal")),
)


def expand(awards: Iterable[str], grounds: Iterable[str]) -> dict[str, ParameterSpec]:
    """Every path that a pack with these award kinds and grounds must state."""
    result: dict[str, ParameterSpec] = {}
    awards, grounds = list(awards), list(grounds)
    for spec in PARAMETERS:
        if "{award}" in spec.path:
            result.update({spec.path.replace("{award}", a): spec for a in awards})
        elif "{ground}" in spec.path:
            result.update({spec.path.replace("{ground}", g): spec for g in grounds})
        else:
            result[spec.path] = spec
    return result


#: Which of the five matters of a transition clause a parameter belongs to, by the beginning of its path.
_MATTERS: tuple[tuple[str, str], ...] = (
    ("eligibility", "eligibility"),
    ("lookback", "eligibility"),
    ("credit_", "eligibility"),
    ("fraud_lookback", "eligibility"),
    ("joint_punishment", "eligibility"),
    ("reapply", "eligibility"),
    ("prize", "money"),
    ("clawback", "money"),
    ("fund_", "money"),
    ("validity", "validity"),
    ("duty", "validity"),
    ("watch_window", "validity"),
    ("revoke", "sanction"),
    ("ban", "sanction"),
    ("title_use", "sanction"),
    ("reviewer.measures", "sanction"),
)


def matter_of(path: str) -> str:
    """``procedure``, ``eligibility``, ``money``, ``validity`` or ``sanction``."""
    return next((matter for start, matter in _MATTERS if path.startswith(start)), "procedure")


def spec_of(path: str) -> ParameterSpec:
    """The catalogue's entry for an expanded path: ``prize.first.quality`` is one of ``prize.first.{award}``."""
    for spec in PARAMETERS:
        head, brace, tail = spec.path.partition("{")
        tail = tail.partition("}")[2]
        if path == spec.path or (
            brace and path.startswith(head) and path.endswith(tail) and len(path) > len(head + tail)
        ):
            return spec
    raise KeyError(path)


def is_path(path: str) -> bool:
    """Can a pack state this path?"""
    try:
        return bool(spec_of(path))
    except KeyError:
        return False


def is_amount(path: str, member: str = "") -> bool:
    """Are whole numbers of this parameter (of this member, in its rows) amounts, kept in fen?

    Not where the path is unknown.
    """
    try:
        spec = spec_of(path)
    except KeyError:
        return False
    return spec.members[member].kind == "yuan" if member in spec.members else spec.kind == "money"


#: Paths of the parameters that are amounts, as the catalogue has them: ``prize.first.{award}``.
AMOUNTS = tuple(p.path for p in PARAMETERS if p.kind == "money")
