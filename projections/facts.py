"""The register of facts: which question, about which kind of subject, answered by which fold.

Names and numbers are for ever (vocabulary part 3). A fold is a pure function of the live events at (D, K), the
law at the same (D, K), and the subject; it returns a three-valued answer with its reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ledger.derivation import bans, cases, money, notices, standing
from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.eligibility import eligibility
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.quota import quota
from ledger.derivation.scores import scores
from ledger.derivation.version import UNNAMED
from projections import duties, edition_course, next_steps, org_standing, oversight, publication, reviewers
from projections.flags.inspection import edition_flags, flags_about

Fold = Callable[[Live, Law, str], Answer[Any]]


@dataclass(frozen=True, slots=True)
class Fact:
    """One derived fact."""

    name: str
    number: str
    subject: str
    fold: Fold
    zh: str
    en: str
    #: Kept in the two-axis register for lists; the others are answered by replay only.
    listed: bool = True
    #: Another slice than the subject's own kind, where the answer rests on more.
    slice: str | None = None
    #: The version of the derivation that answered it first (ledger.derivation.version).
    since: int = UNNAMED


def _reapply(live: Live, law: Law, org: str) -> Answer[Any]:
    """D21 for every award kind of the text in force that day."""
    enacted = law.in_force(live.on)
    if enacted is None:
        return Answer(NotApplicable("该日没有施行的办法", "no text is in force that day"))
    value, why, turns = {}, Why(), frozenset[Any]()
    for kind in enacted.pack.awards:
        answer = bans.earliest_reapply(live, law, org, kind)
        value[kind] = {k: v for k, v in answer.to_json().items() if k != "why"}
        why, turns = why | answer.why, turns | answer.turns_on
    return Answer(value, why, turns)


def _asked(name: str, number: str, subject: str, fold: Fold, zh: str, en: str) -> Fact:
    return Fact(name, number, subject, fold, zh, en, listed=False)


FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact(
            "case.status",
            "D07",
            "case",
            cases.case_status,
            "案件状态",
            "case status",
        ),
        Fact("case.scores", "D10", "case", scores, "评审得分", "scores"),
        Fact("edition.quota", "D11", "edition", quota, "名额使用", "quota"),
        Fact("notice.end", "D12", "notice", notices.notice_end, "公示截止", "end of the notice"),
        Fact(
            "case.objections",
            "D13",
            "case",
            lambda live, _, s: cases.open_objections(live, s),
            "未结异议",
            "open objections",
        ),
        Fact("award.status", "D16", "award", standing.award_status, "奖项状态与有效期", "award status and validity"),
        Fact("award.rewin", "D17", "award", standing.rewin, "首次或再次获奖", "first win or re-win"),
        Fact("award.prize_due", "D18", "award", money.prize_due, "应得奖金(分)", "prize due (fen)"),
        Fact("award.money", "D19", "award", money.money, "奖金与追缴(分)", "money of an award (fen)"),
        Fact("org.money", "D19", "org", money.org_money, "组织资金汇总(分)", "money of an organisation (fen)"),
        Fact("org.bans", "D20", "org", bans.bans, "禁止申报", "bans"),
        Fact("org.reapply", "D21", "org", _reapply, "最早可再申报", "earliest re-application"),
        _asked("case.next", "D08", "case", next_steps.next_step, "下一步与期限", "next step and deadline"),
        _asked("case.eligibility", "D09", "case", eligibility, "申报条件与回溯", "conditions and look-backs"),
        _asked("case.panel", "D14", "case", reviewers.panel, "评审组", "panel"),
        _asked("case.reviewers", "D15", "case", reviewers.reviewers, "评审员可否参与", "may the reviewers act"),
        _asked("award.instalments", "D18", "award", money.instalments_answer, "分期拨付", "instalments"),
        _asked("award.duties", "D22", "award", duties.duties, "获奖后义务", "duties after the award"),
        _asked("certificate.register", "D24", "award", duties.certificates, "证书登记", "certificates of an award"),
        _asked("edition.course", "D08", "edition", edition_course.edition_course, "届次进程", "how an edition stands"),
        _asked("org.standing", "D23", "org", org_standing.standing, "组织总况", "standing of an organisation"),
        _asked("publication.list", "D24", "edition", publication.publication, "公开清单", "what the public may see"),
        Fact("edition.flags", "D29", "edition", edition_flags, "红旗", "red flags", listed=False, slice="inspection"),
        *(
            Fact(
                f"{kind}.flags",
                "D29",
                kind,
                partial(flags_about, kind),
                "红旗",
                "red flags",
                listed=False,
                slice="inspection",
            )
            for kind in ("case", "award", "org")
        ),
        _asked("edition.recusals", "D26", "edition", reviewers.recusals, "回避登记", "register of recusals"),
        _asked("disclosure.register", "D27", "case", oversight.disclosures, "启封登记", "register of disclosures"),
        _asked(
            "edition.overrides", "AUD", "edition", oversight.overrides, "越过规则的记录", "acts recorded by override"
        ),
        _asked("finding.state", "D28", "finding", oversight.finding_state, "监督意见状态", "state of a finding"),
        _asked("edition.undetermined", "D30", "edition", oversight.undetermined, "未定事项", "what is undetermined"),
    )
}


def facts_about(subject: str, *, listed_only: bool = False, flags: bool = True) -> list[Fact]:
    """The facts of one kind of subject; without ``flags`` those that look at others' records are left out."""
    return [
        fact
        for fact in FACTS.values()
        if fact.subject == subject and (fact.listed or not listed_only) and (flags or fact.slice is None)
    ]
