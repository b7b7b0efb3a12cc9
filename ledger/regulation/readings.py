"""Named readings of ambiguities (rules.md part B, vocabulary gaps G01..G31): the default, and the choices.

A reading is never a silent code change: ``RegulationInterpreted`` with the reading's path replaces the
default from a date, and answers name the reading and who set it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One ambiguity: its ids in the registers, the choices and the default."""

    ids: str
    default: str
    choices: tuple[str, ...]
    zh: str
    en: str


READINGS: dict[str, Reading] = {
    "reading.validity_runs_from": Reading(
        "B-9/G17",
        "decision",
        ("decision", "award_document", "announcement", "ceremony"),
        "有效期自批准决定之日起算",
        "validity runs from the day of the approving decision",
    ),
    "reading.ban_runs_from": Reading(
        "B-17/G01",
        "decision",
        ("decision", "effective"),
        "禁报期自撤销决定之日起算，末日含在内",
        "a ban runs from the day of the revocation decision, last day inclusive",
    ),
    "reading.plain_days": Reading(
        "B-2/G03",
        "calendar_days",
        ("calendar_days", "working_days"),
        "“天”按日历日计算",
        "plain 天 are calendar days",
    ),
    "reading.rest_day_at_end": Reading(
        "B-2/G04",
        "moves_on",
        ("moves_on", "stays"),
        "末日为休息日的顺延",
        "a last day that is a rest day moves to the next working day",
    ),
    "reading.gap_editions": Reading(
        "B-21/G02",
        "whole_editions_between",
        ("whole_editions_between", "counts_from_next"),
        "“间隔两届”指中间隔满两届",
        "two whole editions lie between",
    ),
    "reading.lookback_anchor": Reading(
        "B-12/G18",
        "filing",
        ("filing",),
        "回溯期自申报之日向前计算",
        "look-back counts back from the day of filing",
    ),
    "reading.in_force_days_after": Reading(
        "B-7",
        "day_after_the_period",
        ("day_after_the_period", "last_day_of_the_period"),
        "“30日后”指满30日的次日",
        "30 days after: the day after the 30th full day",
    ),
    "reading.sector_quota": Reading(
        "B-30/G11",
        "per_award_kind",
        ("per_award_kind", "all_kinds_together"),
        "行业名额按奖项分别计算",
        "sector limits apply per award kind",
    ),
    "reading.rewin_silent_quota": Reading(
        "B-26",
        "counted",
        ("counted", "not_counted"),
        "未写豁免的，再次获奖占名额",
        "where the text is silent a re-win takes a place",
    ),
    "reading.rewin_after_revocation": Reading(
        "B-27/G16",
        "ask",
        ("ask", "first_win", "rewin"),
        "前次获奖被撤销后再获奖：须由政府说明理由后决定",
        "a win after a revoked one: ask; the government decides with a reason",
    ),
    "reading.revoking_body": Reading(
        "B-61/G09",
        "conferring_government",
        ("conferring_government",),
        "未写撤销机构的，由授予机关撤销",
        "who conferred revokes, where the text names nobody",
    ),
    "reading.shortlist_both_kinds": Reading(
        "B-82/G29",
        "together",
        ("together", "each"),
        "8个名额两奖合计",
        "eight places for both kinds together",
    ),
    "reading.interest_of_committee": Reading(
        "B-77",
        "as_the_text_scopes",
        ("as_the_text_scopes", "all"),
        "回避范围按各文本所写",
        "who must withdraw follows the scope words of each text",
    ),
}
