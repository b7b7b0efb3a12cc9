"""Expectations of a scenario: what must be true at (D, K), beside what is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from msgspec import UNSET

from api.scenario.defaults import Memory
from api.scenario.document import Expectation
from ledger.application import Ledger
from ledger.clock import SHANGHAI
from ledger.derivation.answer import plain
from ledger.derivation.money import OrgMoney
from ledger.derivation.quota import Places
from ledger.derivation.standing import award_of
from ledger.errors import MalformedError, RongjianError
from ledger.yuan import plain as in_yuan
from projections.as_of import members_of_org, state, tell
from projections.facts import (
    AWARD_STATUS,
    CASE_OBJECTIONS,
    CASE_SCORES,
    CASE_STATUS,
    EDITION_QUOTA,
    NOTICE_END,
    ORG_BANS,
    ORG_MONEY,
    Fact,
    fact_named,
)
from projections.slices import history_for

_SUBJECTS = ("org", "case", "award", "edition", "notice", "finding")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One expected value beside the actual one."""

    where: str
    question: str
    expected: Any
    actual: Any
    why: dict[str, Any] | None = None

    @property
    def met(self) -> bool:
        return bool(self.expected == self.actual)


class Judge:
    """Compares expectations with answers by replay."""

    def __init__(self, ledger: Ledger, memory: Memory) -> None:
        self._ledger = ledger
        self._memory = memory

    def judge(self, expectation: Expectation) -> list[Verdict]:
        """Every member of one expectation."""
        known = self._known(expectation.known_at)
        members = dict(expectation.members)
        subject_kind = next((k for k in _SUBJECTS if k in members), None)
        if subject_kind is None:
            raise self._wrong(expectation, f"names one of {', '.join(_SUBJECTS)}")
        subject = str(members.pop(subject_kind))
        edition = members.pop("edition", None) if subject_kind in ("org", "case") else None
        if subject_kind == "case" and "/" not in subject:
            subject = f"{edition or self._memory.edition}/{subject}"
        fact = members.pop("fact", None)
        if fact is not None:
            return self._fact(expectation, str(fact), subject, known, members)
        verdicts = []
        for name, expected in members.items():
            question = _QUESTIONS.get((subject_kind, name))
            if question is None:
                asked = ", ".join(n for k, n in _QUESTIONS if k == subject_kind)
                raise self._wrong(
                    expectation, f"{name} is not asked of {subject_kind}; there are {asked}, or fact = ..."
                )
            actual = self._ask(question, subject, expectation.as_of, known, expected)
            verdicts.append(
                Verdict(expectation.where, f"{subject} {name} @{expectation.as_of}/{known}", plain(expected), actual)
            )
        return verdicts

    def _ask(self, question: Question, subject: str, on: date, known: int, expected: Any) -> Any:
        try:
            return plain(question(self._ledger, subject, on, known, expected))
        except RongjianError as error:
            return f"error {error.code}"

    def _fact(
        self, expectation: Expectation, fact: str, subject: str, known: int, members: dict[str, Any]
    ) -> list[Verdict]:
        label = f"{subject} {fact} @{expectation.as_of}/{known}"
        try:
            told = tell(self._ledger, fact_named(fact), subject, expectation.as_of, known).answer
            answer: dict[str, Any] = told.to_json()
        except RongjianError as error:
            return [Verdict(expectation.where, label, plain(members), f"error {error.code}")]
        verdicts = []
        if "undetermined" in members:
            gap = answer.get("undetermined", {}).get("gap")
            verdicts.append(Verdict(expectation.where, f"{label} gap", members["undetermined"], gap, answer["why"]))
        if "state" in members:
            verdicts.append(
                Verdict(expectation.where, f"{label} state", members["state"], answer["state"], answer["why"])
            )
        if "value" in members:
            wanted = plain(members["value"])
            actual = answer.get("value", {"state": answer["state"]})
            if isinstance(wanted, dict) and isinstance(actual, dict):
                actual = {k: actual.get(k) for k in wanted}
            verdicts.append(Verdict(expectation.where, label, wanted, actual, answer["why"]))
        if "articles" in members:
            found = [a for a in members["articles"] if a in answer["why"]["articles"]]
            verdicts.append(
                Verdict(expectation.where, f"{label} articles", list(members["articles"]), found, answer["why"])
            )
        return verdicts

    def _known(self, known_at: date | int | None) -> int:
        if known_at is None:
            return self._ledger.log.head().size
        if isinstance(known_at, int):
            return known_at
        end = datetime.combine(known_at, time(0), tzinfo=SHANGHAI) + timedelta(days=1) - timedelta(microseconds=1)
        return self._ledger.known_at(end)[0]

    def _wrong(self, expectation: Expectation, why: str) -> MalformedError:
        return MalformedError(
            "invalid_scenario",
            f"{expectation.where}: an expectation {why}",
            f"{expectation.where}：期望写法有误",
            key=expectation.where,
        )


Question = Callable[[Ledger, str, date, int, Any], Any]


def _status(ledger: Ledger, org: str, on: date, known: int, expected: Any) -> Any:
    found = {}
    for award in members_of_org(ledger, org, on, known)["awards"]:
        answer = tell(ledger, AWARD_STATUS, award, on, known).answer
        if answer.is_value:
            found[answer.value().label] = str(answer.value().status)
        else:
            live, law = state(history_for(ledger, "award", award, known), ledger.packs(), on, known)
            granted = award_of(live, law, award)
            found[granted.label if granted else award] = "undetermined" if granted else "not_granted"
    return {k: found.get(k) for k in expected} if expected else found


def _awards(ledger: Ledger, org: str, on: date, known: int, expected: Any) -> Any:
    return dict.fromkeys(members_of_org(ledger, org, on, known)["awards"], True)


def _validity_end(ledger: Ledger, org: str, on: date, known: int, _: Any) -> Any:
    ends = []
    for award in members_of_org(ledger, org, on, known)["awards"]:
        answer = tell(ledger, AWARD_STATUS, award, on, known).answer
        until = answer.value().valid_until if answer.is_value else UNSET
        if until is not UNSET:
            ends.append(until)
    return max(ends, default="none")


def _money(amount_of: Callable[[OrgMoney], int]) -> Question:
    def ask(ledger: Ledger, org: str, on: date, known: int, _: Any) -> Any:
        amount = amount_of(tell(ledger, ORG_MONEY, org, on, known).answer.value())
        return amount // 100 if amount % 100 == 0 else in_yuan(amount)

    return ask


def _ban(ledger: Ledger, org: str, on: date, known: int, _: Any) -> Any:
    answer = tell(ledger, ORG_BANS, org, on, known).answer
    return (answer.value().last_day or "none") if answer.is_value else answer.to_json()["state"]


def _value(fact: Fact[Any], *path: str) -> Question:
    def ask(ledger: Ledger, subject: str, on: date, known: int, _: Any) -> Any:
        answer = tell(ledger, fact, subject, on, known).answer.to_json()
        value = answer.get("value")
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value if answer["state"] == "value" else answer["state"]

    return ask


def _quota(number_of: Callable[[Places], int | None]) -> Question:
    def ask(ledger: Ledger, edition: str, on: date, known: int, expected: Any) -> Any:
        value = tell(ledger, EDITION_QUOTA, edition, on, known).answer.value()
        return {award: number_of(value[award]) for award in expected}

    return ask


_QUESTIONS: dict[tuple[str, str], Question] = {
    ("org", "status"): _status,
    ("org", "awards"): _awards,
    ("org", "validity_end"): _validity_end,
    ("org", "prize_paid_yuan"): _money(lambda m: m.paid),
    ("org", "prize_entitled_yuan"): _money(lambda m: m.due),
    ("org", "clawback_ordered_yuan"): _money(lambda m: m.clawback_ordered),
    ("org", "clawback_paid_yuan"): _money(lambda m: m.clawback_received),
    ("org", "clawback_outstanding_yuan"): _money(lambda m: m.clawback_outstanding),
    ("org", "clawback_overdue_yuan"): _money(lambda m: m.clawback_overdue),
    ("org", "ban_last_day"): _ban,
    ("case", "state"): _value(CASE_STATUS, "state"),
    ("case", "score_material"): _value(CASE_SCORES, "material", "value", "total"),
    ("case", "score_onsite"): _value(CASE_SCORES, "onsite", "value", "total"),
    ("case", "open_objections"): _value(CASE_OBJECTIONS, "open"),
    ("award", "status"): _value(AWARD_STATUS, "status"),
    ("award", "valid_until"): _value(AWARD_STATUS, "valid_until"),
    ("notice", "end"): _value(NOTICE_END, "end"),
    ("notice", "earliest_decision"): _value(NOTICE_END, "earliest_decision"),
    ("edition", "quota_used"): _quota(lambda p: p.used),
    ("edition", "quota_free"): _quota(lambda p: p.free),
}
