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
    _p("eligible_objects", "words", "授奖对象", "who may get the award"),
    _p(
        "procedure",
        "tables",
        "程序(按条文次序)",
        "the procedure, in the order of the text",
        table=Step,
    ),
    _p("application.voluntary", "bool", "自愿申请", "application is voluntary and the applicant's own"),
    _p("application.truth_declared", "bool", "申报材料真实性承诺", "the applicant declares that the file is true"),
    _p("review_rules.by_committee", "bool", "评审细则由评委会审定", "the committee approves the review rules"),
    _p(
        "committee.composition",
        "words",
        "评委会组成",
        "groups that the committee is composed of",
        words="department expert enterprise other",
    ),
    _p(
        "committee.seats",
        "table",
        "评委会主任与副主任人数",
        "chairs and vice chairs",
        table=Seats,
    ),
    _p("cycle", "period", "评选周期", "cycle of editions", units="year month"),
    _p("quota.max.{award}", "int", "名额上限", "most winners of an edition"),
    _p(
        "quota.by_sector",
        "tables",
        "行业名额",
        "most winners by sector",
        table=SectorGroup,
    ),
    _p(
        "quota.by_size",
        "tables",
        "规模名额",
        "most winners by size of organisation",
        table=SizeGroup,
    ),
    _p("quota.vacancy_allowed", "bool", "可以空缺", "vacancy allowed"),
    _p("rewin.counts_quota", "bool", "再次获奖占名额", "a re-win counts in the quota"),
    _p(
        "rewin.kinds",
        "words",
        "再次获奖不占名额规定所及奖项",
        "awards that the rule on re-wins and quota is about",
        optional=True,
    ),
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
    _p(
        "onsite.days",
        "table",
        "现场评审天数",
        "days on site",
        table=SiteDays,
    ),
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
    _p("panel.dissolves", "bool", "评审结束自动解散", "the panel dissolves when the review ends"),
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
        table=Criteria,
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
    _p("recommender.kinds", "words", "推荐单位", "recommending bodies", words=RECOMMENDERS),
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
        words="vote ballot deliberation plenary",
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
        "notice.extension",
        "table",
        "公示延长",
        "extension of the notice",
        table=Extension,
    ),
    _p("result.published", "bool", "结果向社会公布", "the result is published"),
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
        table=TopUp,
    ),
    _p(
        "prize.superior_bonus",
        "tables",
        "上级奖项奖励",
        "bonus for a higher award",
        table=SuperiorBonus,
    ),
    _p("prize.budget", "text", "经费来源", "budget"),
    _p("prize.mode", "text", "发放方式", "mode of payment", words="lump_sum instalments"),
    _p(
        "prize.instalments",
        "tables",
        "分期拨付",
        "instalments of the prize",
        table=PrizePart,
    ),
    _p("prize.channel", "text", "拨付渠道", "channel of payment", words="treasury policy_platform"),
    _p("rewin.objects", "words", "再次获奖颁发物", "objects given on a re-win", words="certificate plaque cup title"),
    _p("objects_given", "words", "颁发物", "objects given", words="certificate plaque cup"),
    _p("validity", "period", "有效期", "validity", units="year month"),
    _p(
        "reapply.{award}",
        "table",
        "再次申报",
        "re-application",
        table=ReapplyRule,
    ),
    _p(
        "watch_window",
        "table",
        "获奖后观察期",
        "window of post-award grounds",
        table=WatchWindow,
    ),
    _p(
        "revoke.accident_min",
        "text",
        "撤销的事故等级",
        "smallest accident that revokes",
        words=SEVERITY,
    ),
    _p(
        "revoke.accident_fields",
        "words",
        "撤销的事故领域（限于所列）",
        "fields of accident that revoke, where the list is closed",
        words="quality safety environment public_health food other",
        optional=True,
    ),
    _p(
        "revoke.grave_grounds",
        "words",
        "须情节重大或严重的撤销事由",
        "grounds whose facts have to be grave",
        optional=True,
    ),
    _p(
        "revoke.loss_years",
        "int",
        "严重亏损须连续的年数",
        "years of loss in a row that revoke",
        optional=True,
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
    _p(
        "revoke.{ground}.steps",
        "words",
        "撤销程序",
        "steps of a revocation",
        words="office_request committee_resolution government_decision",
    ),
    _p(
        "revoke.{ground}.clawback_part",
        "table",
        "追缴比例",
        "part of the prize clawed back",
        table=ClawbackPart,
    ),
    _p("revoke.{ground}.return", "bool", "收回证书奖牌", "return of certificate and plaque"),
    _p("revoke.{ground}.ban", "period", "禁止再申报", "ban on re-applying", units="year month"),
    _p("revoke.{ground}.publish", "bool", "公布", "publication"),
    _p("revoke.{ground}.credit_record", "bool", "记入信用档案", "credit record"),
    _p("clawback.due", "period", "追缴期限", "time for repayment", units="day working_day month"),
    _p("ban.scope", "words", "禁止范围", "awards that the ban covers"),
    _p("fund_use.categories", "words", "奖金用途", "purposes of the prize", words=FUND),
    _p("fund_use.staff_reward", "bool", "可用于人员奖励", "may reward staff"),
    _p("fund_misuse.measures", "words", "奖金使用不当的处理", "measures for misuse", words=MEASURE),
    _p(
        "fund_misuse.clawback",
        "text",
        "奖金使用不当的追缴",
        "clawback for misuse",
        words="serious_with_government_approval any_with_government_approval",
    ),
    _p("fund_misuse.clawback_limit", "text", "使用不当追缴上限", "ceiling of that clawback", words="whole misused"),
    _p(
        "duty.annual_report",
        "text",
        "年度报告",
        "annual report",
        words="self_assessment performance improvement",
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
        words=MISUSE,
    ),
    _p(
        "reviewer.measures",
        "words",
        "对评审人员的处理",
        "measures against reviewers",
        words=MEASURE,
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
    ),
    _p(
        "eligibility.excellence_model",
        "table",
        "卓越绩效模式",
        "excellence model",
        table=ExcellenceModel,
    ),
    _p(
        "eligibility.org_forms",
        "words",
        "申报主体类型",
        "kinds of organisation that may apply",
        words="enterprise institution social_org other",
    ),
    _p(
        "eligibility.certificates",
        "tables",
        "认证要求",
        "certificates required",
        table=CertificateRule,
    ),
    _p(
        "eligibility.money",
        "table",
        "经营指标",
        "financial condition",
        table=MoneyCondition,
    ),
    _p("eligibility.preferred", "words", "优先对象", "preferred applicants"),
    _p(
        "eligibility.conditions",
        "tables",
        "申报条件",
        "conditions to be checked",
        table=StatedCondition,
    ),
    _p("lookback", "period", "回溯期", "look-back before filing", units="year month"),
    _p(
        "lookback.rules",
        "tables",
        "否决情形",
        "disqualifying facts in the look-back",
        table=LookbackRule,
    ),
    _p("fraud_lookback", "period", "评审作假限制", "bar after cheating in an assessment", units="year month"),
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
