"""The catalogue of parameters: every question that a pack must answer, with a value or with its silence.

A pack states each path once: a value with its article, ``silent`` (the text was read and says nothing) or
``unknown`` (the text was not seen). ``{award}`` and ``{ground}`` are expanded by the pack's own award kinds
and revocation grounds, so that another city needs no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["int", "money", "bool", "text", "words", "tables", "period", "table"]


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter: type, allowed words or table members, and its name in both languages."""

    path: str
    kind: Kind
    zh: str
    en: str
    words: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    #: Allowed words of members, where a member is an enumeration.
    enumerations: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _p(path: str, kind: Kind, zh: str, en: str, words: str = "", members: str = "", units: str = "") -> ParameterSpec:
    return ParameterSpec(
        path,
        kind,
        zh,
        en,
        frozenset(words.split()),
        frozenset(members.split()),
        frozenset(units.split()),
    )


_SEVERITY = "any fatal general larger major extraordinary"
_RECOMMENDERS = "town street district_dept county_gov park industry_dept association"
_MISUSE = (
    "no_year product_promotion packaging after_expiry after_revocation forgery impersonation "
    "unauthorised_review_activity"
)
_FUND = (
    "publicity brand method_promotion training quality_breakthrough standards rnd lab_equipment public_welfare "
    "higher_award_preparation other"
)
_CATEGORY = (
    "accident spot_check_failure export_claim service_quality violation major_complaint loss_year tax_dishonesty "
    "labour_dishonesty stat_fraud award_fraud joint_punishment licence_missing policy_breach quality_problem "
    "social_impact other"
)
_MEASURE = (
    "criticism public_criticism circular warning review_eligibility_cancelled credit_record referred_employer "
    "referred_discipline referred_judicial per_rules clawback_with_approval counts_later"
)

#: In the order in which the office, the inspector and the public ask.
PARAMETERS: tuple[ParameterSpec, ...] = (
    _p("eligible_objects", "words", "授奖对象", "who may get the award"),
    _p("cycle", "period", "评选周期", "cycle of editions", units="year"),
    _p("quota.max.{award}", "int", "名额上限", "most winners of an edition"),
    _p(
        "quota.by_sector",
        "tables",
        "行业名额",
        "most winners by sector",
        members="group sectors max",
    ),
    _p("quota.vacancy_allowed", "bool", "可以空缺", "vacancy allowed"),
    _p("rewin.counts_quota", "bool", "再次获奖占名额", "a re-win counts in the quota"),
    _p("standard", "words", "评审标准", "review standard"),
    _p("score.full", "int", "总分", "full score"),
    _p("score.threshold.{award}", "int", "获奖分数线(含)", "threshold, inclusive"),
    _p(
        "score.aggregation",
        "text",
        "分数合成方法",
        "how scores are combined",
        words="mean median trimmed_mean",
    ),
    _p("data_years", "int", "数据年数", "years of data reviewed"),
    _p("shortlist.max", "int", "现场评审名额", "most cases on site"),
    _p("onsite.days", "table", "现场评审天数", "days on site", members="min max usual"),
    _p(
        "onsite.report_confirmed",
        "bool",
        "现场报告由申报单位确认",
        "applicant confirms the on-site report",
    ),
    _p("onsite.reviewee_feedback", "bool", "被评单位书面评价", "reviewee feedback"),
    _p(
        "onsite.notify_not_shortlisted",
        "bool",
        "向未入围单位反馈",
        "feedback to those not shortlisted",
    ),
    _p("panel.size_min", "int", "评审组人数下限", "smallest panel"),
    _p("panel.size_max", "int", "评审组人数上限", "largest panel"),
    _p("panel.leader", "bool", "组长负责制", "panel under a leader"),
    _p(
        "reviewer.pool",
        "words",
        "评审员专家库",
        "reviewer pools",
        words="district city province own other",
    ),
    _p(
        "reviewer.criteria",
        "table",
        "评审员资格",
        "reviewer criteria",
        members="degree_or_senior_title years_experience trained",
    ),
    _p(
        "recusal.scope",
        "words",
        "回避适用人员",
        "who must withdraw",
        words="reviewer staff committee all",
    ),
    _p(
        "confidentiality",
        "words",
        "保密",
        "secrets to be kept",
        words="commercial technical intellectual_property state",
    ),
    _p("fee", "money", "收费", "fee"),
    _p("recommender.kinds", "words", "推荐单位", "recommending bodies", words=_RECOMMENDERS),
    _p("opinions.required", "bool", "征求部门意见", "department opinions required"),
    _p("credit_report.required", "bool", "信用核查报告", "credit report in the file"),
    _p("credit_repair.allowed", "bool", "信用修复", "credit repair may lift the veto"),
    _p("joint_punishment.bars", "bool", "联合惩戒限制", "joint punishment bars"),
    _p("body.office", "text", "办事机构", "office"),
    _p("body.deliberating", "text", "审议机构", "deliberating body"),
    _p("body.approving", "text", "批准机构", "approving body"),
    _p(
        "committee.method",
        "text",
        "评委会方式",
        "how the committee decides",
        words="vote deliberation plenary",
    ),
    _p(
        "approval.chain",
        "words",
        "审批层级",
        "approval chain",
        words="chair_review government_study government_approval mayor_consent executive_meeting circular",
    ),
    _p("supervision_group.required", "bool", "监督组", "supervision group required"),
    _p(
        "disqualify.by",
        "words",
        "取消资格的机构",
        "who cancels candidacy",
        words="secretariat committee",
    ),
    _p("notice.min", "period", "公示期", "public notice", units="day working_day"),
    _p(
        "notice.published_by",
        "words",
        "公示机构",
        "who publishes the notice",
        words="office committee",
    ),
    _p("notice.stage", "text", "公示环节", "stage of the notice"),
    _p("objection.handling", "text", "异议处理", "handling of objections"),
    _p("notice.medium", "words", "公示媒体", "medium of the notice"),
    _p("prize.first.{award}", "money", "首次获奖奖金", "prize of a first win"),
    _p("prize.rewin.{award}", "money", "再次获奖奖金", "prize of a re-win of the same kind"),
    _p(
        "prize.top_up",
        "tables",
        "补差奖励",
        "top-up after another kind",
        members="after award amount",
    ),
    _p(
        "prize.superior_bonus",
        "tables",
        "上级奖项奖励",
        "bonus for a higher award",
        members="level kind amount",
    ),
    _p("prize.budget", "text", "经费来源", "budget"),
    _p("prize.mode", "text", "发放方式", "mode of payment", words="lump_sum instalments"),
    _p("prize.channel", "text", "拨付渠道", "channel of payment", words="treasury policy_platform"),
    _p("rewin.objects", "words", "再次获奖颁发物", "objects given on a re-win", words="certificate plaque cup title"),
    _p("objects_given", "words", "颁发物", "objects given", words="certificate plaque cup"),
    _p("validity", "period", "有效期", "validity", units="year month"),
    _p("reapply.{award}", "table", "再次申报", "re-application", members="kind editions"),
    _p(
        "watch_window",
        "table",
        "获奖后观察期",
        "window of post-award grounds",
        members="kind years",
    ),
    _p(
        "revoke.accident_min",
        "text",
        "撤销的事故等级",
        "smallest accident that revokes",
        words=_SEVERITY,
    ),
    _p("revoke.decided_by", "text", "撤销机构", "who revokes", words="government committee"),
    _p(
        "revoke.{ground}.window",
        "text",
        "事由期限",
        "window of the ground",
        words="unlimited watch_window",
    ),
    _p("revoke.{ground}.clawback", "bool", "追缴奖金", "clawback of the prize"),
    _p("revoke.{ground}.return", "bool", "收回证书奖牌", "return of certificate and plaque"),
    _p("revoke.{ground}.ban", "period", "禁止再申报", "ban on re-applying", units="year month"),
    _p("revoke.{ground}.publish", "bool", "公布", "publication"),
    _p("revoke.{ground}.credit_record", "bool", "记入信用档案", "credit record"),
    _p("ban.scope", "words", "禁止范围", "awards that the ban covers"),
    _p(
        "fraud_lookback",
        "period",
        "评审作假限制",
        "bar after cheating in an assessment",
        units="year",
    ),
    _p("fund_use.categories", "words", "奖金用途", "purposes of the prize", words=_FUND),
    _p("fund_use.staff_reward", "bool", "可用于人员奖励", "may reward staff"),
    _p("fund_misuse.measures", "words", "奖金使用不当的处理", "measures for misuse", words=_MEASURE),
    _p(
        "fund_misuse.clawback",
        "text",
        "奖金使用不当的追缴",
        "clawback for misuse",
        words="serious_with_government_approval",
    ),
    _p(
        "duty.annual_report",
        "text",
        "年度报告",
        "annual report",
        words="self_assessment performance",
    ),
    _p("duty.reassessment_min", "int", "有效期内复核评估次数", "re-assessments within validity"),
    _p("duty.promotion_summary", "bool", "获奖当年总结", "summary in the award year"),
    _p("duty.exchange_events_min", "int", "经验交流次数", "exchange events within validity"),
    _p("duty.survey", "bool", "绩效统计调查", "performance survey"),
    _p("duty.other", "words", "其他义务", "other duties"),
    _p("title_use.year_required", "bool", "须注明获奖年份", "the year must be stated"),
    _p(
        "title_use.forbidden",
        "words",
        "禁止的使用方式",
        "forbidden uses of the title",
        words=_MISUSE,
    ),
    _p(
        "reviewer.measures",
        "words",
        "对评审人员的处理",
        "measures against reviewers",
        words=_MEASURE,
    ),
    _p("eligibility.years_operating", "int", "经营年限", "years in operation"),
    _p(
        "eligibility.legal_form",
        "words",
        "主体形式",
        "legal form",
        words="legal_person other_organisation",
    ),
    _p("eligibility.registered_locally", "bool", "本地注册", "registered locally"),
    _p(
        "eligibility.sectors",
        "words",
        "行业范围",
        "sectors",
        words="agri_processing manufacturing engineering "
        "service medical education environment other primary secondary tertiary",
    ),
    _p(
        "eligibility.excellence_model",
        "table",
        "卓越绩效模式",
        "excellence model",
        members="required years",
    ),
    _p("eligibility.certificates", "words", "认证要求", "certificates required"),
    _p(
        "eligibility.money",
        "table",
        "经营指标",
        "financial condition",
        members="kind years industrial_tax_per_mu_yuan",
    ),
    _p("eligibility.preferred", "words", "优先对象", "preferred applicants"),
    _p(
        "eligibility.conditions",
        "tables",
        "申报条件",
        "conditions to be checked",
        members="id article",
    ),
    _p("lookback", "period", "回溯期", "look-back before filing", units="year"),
    replace(
        _p(
            "lookback.rules",
            "tables",
            "否决情形",
            "disqualifying facts in the look-back",
            members="category severity levels article",
        ),
        enumerations={"category": frozenset(_CATEGORY.split()), "severity": frozenset(_SEVERITY.split())},
    ),
    _p("appeal", "text", "申诉", "appeal"),
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
