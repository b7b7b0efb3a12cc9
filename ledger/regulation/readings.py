"""Named readings of ambiguities (registers B-1..B-90 and G01..G31): the default, the choices, what rests on them.

A reading is never a silent code change: ``RegulationInterpreted`` with the reading's path replaces the
default from a date, and answers name the reading and who set it. A reading with one choice is a rule of the
ledger that no text gives; it is named so that it can be contested, and has no second implementation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

#: Who set the defaults, and since when; an interpretation event names its own signer and day.
SET_BY = "rongjian"
SINCE = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Reading:
    """One ambiguity: its ids in the registers, the packs it concerns, choices, default, and facts that rest on it.

    ``settled_by`` is the parameter whose explicit text leaves nothing to read; an interpretation then contradicts
    the text and is refused.
    """

    ids: str
    packs: frozenset[str]
    default: str
    choices: tuple[str, ...]
    facts: tuple[str, ...]
    settled_by: str | None
    zh: str
    en: str
    defaults: Mapping[str, str]

    def default_for(self, pack_id: str | None) -> str:
        """The default in a text; some differ because the texts do."""
        return self.defaults.get(pack_id or "", self.default)

    def concerns(self, pack_id: str) -> bool:
        """Does the ambiguity arise in this text? One of no particular text arises in all, also in new ones."""
        return not self.packs or pack_id in self.packs


# path | ids | packs (blank: every text; GZ=choice: another default there) | default/other choices | facts | settled by | zh | en
_TABLE = """
notice_first_day|B-1|  |not_counted/counted|notice.end||公示当日不计，次日为第一日|the day of publication is not counted
plain_days|B-2/G03|JD GZ|calendar_days/working_days|notice.end||“天”按日历日计算|plain 天 are calendar days
rest_day_at_end|B-2/G04|  |moves_on/stays|notice.end||末日为休息日的顺延|a last day that is a rest day moves to the next working day
workday_calendar|B-3|  |state_council|notice.end||工作日依国务院办公厅节假日安排（已登记的日历事件）|working days follow the State Council's arrangement as recorded; a missing year is undetermined
notice_longer|B-4|JD HY GZ|minimum|notice.end||所写期限为最短期限，可以更长|the stated length is a minimum
notice_list_changed|B-5|  |new_name_new_notice|case.status||增列或更换名单须重新公示；删除不重新起算|an added name needs a full notice of its own; a removal restarts nothing
notice_interrupted|B-6|  |lost_days_added|notice.end||公示中断的天数不计入|days on which the notice was down do not count
in_force_days_after|B-7|JD|day_after_the_period/last_day_of_the_period|rules||“30日后”指满30日的次日|30 days after: the day after the 30th full day
promulgation_day|B-8/G19|GZ|day_of_issue|rules||发布之日为印发日期|the day of promulgation is the day of issue
validity_runs_from|B-9/G17|  |decision/award_document/announcement/ceremony|award.status org.reapply award.duties||有效期自批准决定之日起算|validity runs from the day of the approving decision
validity_last_day|B-10|  |anniversary_inclusive/day_before_anniversary|award.status org.reapply||有效期届满日为相应日，含当日；无相应日的为月末|the last day is the corresponding day, inclusive; where there is none, the month's end
watch_window_date|B-11/G20|  |occurrence|award.standing||以事故或行为发生日为准，首尾日含在内|the day of the accident or act counts, both ends inclusive
lookback_anchor|B-12/G18|  |filing|case.eligibility org.reapply||回溯期自申报之日向前计算|look-back counts back from the day of filing
accounting_years|B-13|ZY GZ JD|closed_years|case.eligibility||经营指标按申报前已结账的会计年度|figures are of accounting years closed before filing
loss_years|B-13/G10|ZY|any_year/all_years|case.eligibility||近3年任一年亏损即属亏损|a loss in any one of the years
three_limbs|B-14|ZY|window_governs_all|case.eligibility||“近3年”统摄三种情形|the three years govern all three limbs
violation_window|B-15|HY|window_governs|case.eligibility||“近3年内”统摄违法情形|the three years govern violations too
inclusive_numbers|B-16|  |inclusive|case.eligibility edition.quota case.scores||以上、不超过、不得低于均含本数|numbers are inclusive
ban_runs_from|B-17/G01|  |decision/effective|org.bans org.reapply||禁报期自撤销决定之日起算，末日含在内|a ban runs from the day of the revocation decision, last day inclusive
ban_on_pending_case|B-18|  |closed_as_inadmissible|case.eligibility||申报后遭禁报的，案件不予受理|a case pending when a ban begins is inadmissible
annual_report_due|B-19/G22|  |anniversary/end_of_calendar_year|award.duties||年度报告每满一年到期|yearly reports fall due on each anniversary
award_year|B-20|GZ|calendar_year|award.duties||获奖当年为自然年，至12月31日|the award year is the calendar year
gap_editions|B-21/G02|GZ|whole_editions_between/counts_from_next|org.reapply||“间隔两届”指中间隔满两届|two whole editions lie between
counted_editions|B-22|GZ|announced_editions|org.reapply||已公告的届次均计入，决定前取消的不计|every announced edition counts, one cancelled before any decision does not
expiry_and_interval|B-23|GZ|both_stand|org.reapply award.status||有效期与申报间隔各自独立|validity and interval are two things
filing_day_decides|B-24|ZY HY|filing|org.reapply||期满与否以申报日为准|whether validity is over is judged on the filing day
rewin_derived|B-25|  |from_own_awards|award.rewin edition.quota||是否再次获奖由账本推导|a re-win is derived from the organisation's own awards
rewin_silent_quota|B-26|JD HY|counted/not_counted|edition.quota award.rewin|rewin.counts_quota|未写豁免的，再次获奖占名额|where the text is silent a re-win takes a place
rewin_after_revocation|B-27/G16|  |ask/first_win/rewin|award.prize_due edition.quota||前次获奖被撤销后再获奖：须由政府说明理由后决定|a win after a revoked one: ask; the government decides with a reason
earlier_rules_count|B-28|  |count_when_imported|award.rewin||旧办法下的获奖补录后计为前次获奖|awards under repealed texts count once imported
session_cap|B-29/G08|ZY|plan_may_set|edition.quota||办法未设名额，届次方案可设|no cap in the text; the session plan may set one
sector_quota|B-30/G11|GZ|per_award_kind/all_kinds_together|edition.quota||行业名额按奖项分别计算|sector limits apply per award kind
unused_places|B-31|GZ|no_shifting|edition.quota||行业名额不得调剂|unused places of a sector are not shifted
nomination_money|B-32|GZ|none|award.prize_due||提名奖不发奖金|no money for the nomination award
rewin_trophy|B-33|ZY|not_given|award.rewin||再次获奖不再颁发奖杯|no trophy on a re-win
repeat_quality_prize|B-34/G07|JD|government_decides/no_prize/first_prize|award.prize_due|prize.rewin.quality|再获质量奖的奖金由政府说明理由后决定|the prize of a repeat quality award waits for a reasoned decision
two_kinds_one_session|B-35|JD GZ|one_kind/both_kinds|case.eligibility||同一届一个组织只授一种奖|one kind per organisation in a session
top_up_literal|B-36|JD|literal/ask|award.prize_due||补差按条文数额35万元|the top-up is the literal amount
kind_applied_for|B-37/G30|JD GZ=list_decides|only_kinds_applied_for/list_decides|case.status||只授予所申报的奖项|an award only of a kind applied for
standard_of_second_kind|B-38|JD|same_standard|case.scores||创新奖适用同一标准|the same standard for the innovation award
stacking|B-39|JD|recorded_apart|org.money||区级与上级奖励分别登记，不抵扣|district and higher rewards stand apart
prize_by_decision|B-40/G15|HY JS|signed_decision|award.prize_due|prize.first.quality|奖金数额依签署的决定|the amount comes from a signed decision
vacancy_silent|B-41|JD|zero_allowed|edition.quota|quota.vacancy_allowed|“不超过”含零|not more than includes zero
governing_version|B-42/G21|  |announced_version|rules||以届次公告时的文本为准|the version in force when the edition was announced governs it
milder_rule|B-43|  |reasoned_decision_only|org.bans award.money||新文本较轻的，须经说明理由的决定方可适用|a later milder rule by reasoned decision only, never a heavier one
draft|B-44|  |never_governs|rules||草案不作为依据|a draft never governs
text_not_seen|B-45/G26|JS|refuse_until_stated|rules||条文未见的，不作推断|what was not seen has no value, and is never "no rule"
history_is_no_norm|B-46|JS|not_applied|award.prize_due||历史金额不是现行参数|history is not a norm
circular_order|B-47|JS|flag_only|case.next||“区政府通报”在程序中的位置未写明|the place of the circular is not stated: flagged, not refused
standard_version|B-48|JD GZ|announcement_day|case.scores||以公告日现行版本为准|the version current on the announcement day
designation|B-49/G24|ZY JD HY|as_printed|rules||标准编号照录|designations are kept as printed
clawback_amount|B-50|  |full_amount_paid|award.money||追缴该奖项已付全额，不计息|the full amount paid, no interest
misuse_clawback|B-51|ZY|whole_prize/misused_part|award.money|fund_misuse.clawback_limit|使用不当的追缴以全部奖金为限|the ceiling for misuse is the whole prize
misuse_and_title|B-52|ZY|title_stands|award.status||奖金使用不当不影响称号|misuse alone does not end the title
rewin_revoked|B-53|  |each_award_its_own_money|award.money||撤销再次获奖不涉及前次奖金|a revoked re-win leaves the earlier prize alone
top_up_revoked|B-54|JD|each_award_its_own_money|award.money||各奖项各自负责其款项|each award answers for its own payment
silent_consequence|B-55/B-56/G05/G06|HY GZ|none/undetermined|award.money award.duties||同一办法他处列明而此处未写的，视为没有该后果|silence beside an explicit list is no consequence
no_ban_stated|B-57/G07|JD|no_ban|org.bans||未规定禁报年限|no ban is laid down
no_validity_stated|B-58/G07|JD|no_expiry|award.status|validity|未规定有效期|no expiry in the text
accident_fields|B-59|JD|either|award.standing||重大质量事故或安全事故均属之|a major accident in quality or in safety
two_bars_for_fraud|B-60/G23|ZY|both_shown_later_wins|org.bans||两种限制并列，以较后者为准|both bars stand, the later end wins
revoking_body|B-61/G09|ZY HY|conferring_government|award.status|revoke.fraud.steps|未写撤销机构的，由授予机关撤销|who conferred revokes, where the text names nobody
fraud_after_expiry|B-62|  |still_possible|award.status||骗取的，有效期满后仍可撤销|fraud is revoked even after expiry
hearing|B-63|  |flag_only|award.duties||未听取陈述的作提示|no statement heard: flagged, not refused
decision_set_aside|B-64|  |compensating_event|award.status org.bans||决定被撤销的以补偿事件恢复|a decision set aside is a compensating event
succession|B-65/G25|  |by_reasoned_decision|org.bans org.money award.rewin||更名不影响；合并、分立后禁报与债务经说明理由的决定方随转|a renaming changes nothing; after merger or split, bans and debts pass only by reasoned decision
ban_of_other_awards|B-66/G27|GZ|notified_not_enforced|org.bans||他级奖项只作通报|other awards are notified, not banned here
misuse_sanction|B-67|GZ|circulated_only|award.money|fund_misuse.clawback|使用不当只通报，不追缴|misuse is circulated; nothing is clawed back
duty_not_met|B-68|ZY GZ JS|flag_only|award.duties||未履行义务只作提示|a duty not met is flagged only
clawback_deadline|B-69|  |none_stated|award.money|clawback.due|未规定追缴期限，以决定所定日期计龄|no time for repayment in the text; the order's own day counts
credit_entry|B-70|JD|fraud_only|org.standing||仅骗取记入信用档案|credit file only for fraud
recommenders|B-71/G12|JD|wider_list|case.eligibility||以五(二)的三类推荐单位为准|the later, specific clause names the recommenders
recommendation_optional|B-72/G13|GZ|optional|case.eligibility|recommender.kinds|程序中无推荐环节|no recommendation step
registration_elsewhere|B-73|HY|flag_only|case.eligibility|eligibility.registered_locally|异地注册作提示|registration elsewhere is flagged
minor_violations|B-74|HY ZY GZ|human_decision|case.eligibility||轻微违法由人说明理由后判断|a violation is judged by a reasoned human decision
unproven_objection|B-75|HY|goes_on|case.objections||异议查否的继续程序|an unproven objection does not stop the case
no_recusal_clause|B-76/G31|GZ|declared_and_flagged|case.reviewers|recusal.scope|无回避条款，申明与提示|no recusal clause: declared and flagged
interest_of_committee|B-77|ZY JD HY|as_the_text_scopes/all|case.reviewers||回避范围按各文本所写|who must withdraw follows the scope words of each text
conflict_found_later|B-78|  |score_leaves_the_result|case.scores||事后发现的，评分不计入|a score of a person recused later leaves the result
majority|B-79|  |declared_result|case.status||未规定表决规则的，只登记结果|without a rule the declared result is recorded
dual_roles|B-80|JD HY|allowed_and_flagged|case.reviewers||兼任依文本允许，作提示|dual roles are allowed by the text and flagged
score_order|B-81|ZY GZ|reason_recorded|case.scores||名单与得分次序不同须有理由|departing from score order needs a recorded reason
shortlist_both_kinds|B-82/G29|JD|together/each|case.status||8个名额两奖合计|eight places for both kinds together
supervision_power|B-83|JD|answer_before_next_step|finding.state||监督意见须答复后方可进入下一步|a suspension blocks the next step until answered
publicity|B-84|  |allow_list|publication.list||公开范围依白名单|what is public is an allow-list
erasure|B-85|  |commitments|disclosure.register||个人信息只留承诺值|personal data stay outside the log by commitment
words_of_publication|B-86|  |as_printed|publication.list||公示、公告、公开照录|the word of the text is recorded
title_after_expiry|B-87|  |as_the_text_says|award.status||期满后称号使用依各文本|use after expiry as each text says
open_complaint|B-88|  |candidate_waits|notice.end case.objections||有未结异议的候选者不予审定，其他继续|a candidate with an open objection waits, others go on
office_succession|B-89|  |signatures_stand|rules||机构变更不影响原签名|old signatures stand after a reform
late_facts|B-90|  |two_axes|case.status||事实日与知悉日分列|when it happened and when it was known are two axes
score_combination|G14|  |review_rules|case.scores|score.aggregation|评分合成依评审细则决议|scores are combined as the review rules say
circular_criticism|G28|ZY|as_printed|org.standing||通报批评照草案登记|circular criticism is recorded as the draft prints it
"""


def _reading(line: str) -> tuple[str, Reading]:
    path, ids, packs, choices, facts, settled_by, zh, en = (part.strip() for part in line.split("|"))
    several = tuple(choices.split("/"))
    named = [part.partition("=") for part in packs.split()]
    return f"reading.{path}", Reading(
        ids, frozenset(n for n, _, _ in named), several[0], several, tuple(facts.split()), settled_by or None, zh, en,
        {name: choice for name, equals, choice in named if equals},
    )  # fmt: skip


READINGS: dict[str, Reading] = dict(_reading(line) for line in _TABLE.strip().splitlines())
