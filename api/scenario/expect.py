"""Expectations of a scenario: what must be true at (D, K), beside what is."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from msgspec import UNSET

from api.scenario.defaults import Memory
from api.scenario.document import Expectation
from api.scenario.written import text, texts, wrong
from api.sentences import sentence
from ledger.application import Ledger
from ledger.clock import SHANGHAI
from ledger.derivation.answer import Undetermined, plain
from ledger.derivation.money import OrgMoney
from ledger.derivation.quota import Places
from ledger.derivation.record import Part, part
from ledger.derivation.scores import StageScore
from ledger.derivation.standing import award_of
from ledger.errors import RongjianError
from ledger.sentences import enumeration
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

#: What may be expected of a fact.
_OF_FACTS = ("value", "state", "undetermined", "articles")

_SUBJECTS = ("org", "case", "award", "edition", "notice", "finding")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a subject, by its name, at (D, K); ``of`` is the part of the answer that is meant."""

    subject: str
    name: str
    as_of: date
    known: int
    of: str = ""

    def __str__(self) -> str:
        return f"{self.subject} {self.name} @{self.as_of}/{self.known}" + (f" {self.of}" if self.of else "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One expected value beside the actual one."""

    where: str
    question: Question
    expected: object
    actual: object
    why: Mapping[str, object] | None = None
    #: Why there is no answer; ``actual`` has its code.
    refusal: RongjianError | None = None

    @property
    def actual_words(self) -> tuple[str, str]:
        """The actual value for people, in Chinese and in English."""
        if self.refusal is not None:
            return sentence("no answer: {why}", why=self.refusal.told)
        return short(self.actual), short(self.actual)

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
            raise wrong(
                expectation.where,
                sentence("an expectation names one of {subjects}", subjects=enumeration(_SUBJECTS)),
            )
        subject = text(members.pop(subject_kind), f"{expectation.where}.{subject_kind}")
        edition = members.pop("edition", None) if subject_kind in ("org", "case") else None
        if subject_kind == "case" and "/" not in subject:
            subject = f"{edition or self._memory.edition}/{subject}"
        fact = members.pop("fact", None)
        if fact is not None:
            return self._fact(expectation, text(fact, f"{expectation.where}.fact"), subject, known, members)
        verdicts = []
        for name, expected in members.items():
            question = _QUESTIONS.get((subject_kind, name))
            if question is None:
                asked = ", ".join(n for k, n in _QUESTIONS if k == subject_kind)
                raise wrong(
                    f"{expectation.where}.{name}",
                    sentence(
                        "is not asked of {subject_kind}; there are {asked}, or fact = ...",
                        subject_kind=subject_kind,
                        asked=asked,
                    ),
                )
            asked_so = Question(subject, name, expectation.as_of, known)
            try:
                actual = plain(question(self._ledger, subject, expectation.as_of, known, expected))
            except RongjianError as error:
                verdicts.append(_unanswered(expectation, asked_so, expected, error))
            else:
                verdicts.append(Verdict(expectation.where, asked_so, plain(expected), actual))
        return verdicts

    def _fact(
        self, expectation: Expectation, fact: str, subject: str, known: int, members: Mapping[str, object]
    ) -> list[Verdict]:
        unknown = sorted(members.keys() - _OF_FACTS)
        if unknown:
            raise wrong(
                f"{expectation.where}.{unknown[0]}",
                sentence("is not expected of a fact; there are {of_facts}", of_facts=enumeration(_OF_FACTS)),
            )
        asked = Question(subject, fact, expectation.as_of, known)
        try:
            answer = tell(self._ledger, fact_named(fact), subject, expectation.as_of, known).answer
        except RongjianError as error:
            return [_unanswered(expectation, asked, members, error)]
        why, state_, verdicts = answer.why.to_json(), part(answer).state, []

        def hold(of: str, wanted: object, actual: object) -> None:
            verdicts.append(Verdict(expectation.where, replace(asked, of=of), wanted, actual, why))

        if "undetermined" in members:
            absent = answer.absent
            gap = absent.gap if isinstance(absent, Undetermined) else None
            # Of a gap with several ids one is enough, as of a refusal with several rules.
            wanted = members["undetermined"]
            hold("gap", wanted, wanted if gap is not None and wanted in gap.split("/") else gap)
        if "state" in members:
            hold("state", members["state"], state_)
        if "value" in members:
            wanted = plain(members["value"])
            actual = plain(answer.value()) if answer.is_value else {"state": state_}
            if isinstance(wanted, dict) and isinstance(actual, dict):
                actual = {k: actual.get(k) for k in wanted}
            hold("", wanted, actual)
        if "articles" in members:
            articles = texts(members["articles"], f"{expectation.where}.articles")
            hold("articles", articles, [a for a in articles if a in answer.why.articles])
        return verdicts

    def _known(self, known_at: date | int | None) -> int:
        if known_at is None:
            return self._ledger.log.head().size
        if isinstance(known_at, int):
            return known_at
        end = datetime.combine(known_at, time(0), tzinfo=SHANGHAI) + timedelta(days=1) - timedelta(microseconds=1)
        return self._ledger.known_at(end)[0]


def _unanswered(expectation: Expectation, asked: Question, expected: object, error: RongjianError) -> Verdict:
    return Verdict(expectation.where, asked, plain(expected), f"error {error.code}", refusal=error)


def short(value: object) -> str:
    """A value in one line: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


Answering = Callable[[Ledger, str, date, int, object], object]


def _named(expected: object) -> Collection[str]:
    """What an expectation names one by one."""
    match expected:
        case dict() | list():
            return expected
        case _:
            return ()


def _status(ledger: Ledger, org: str, on: date, known: int, expected: object) -> object:
    found = {}
    for award in members_of_org(ledger, org, on, known)["awards"]:
        answer = tell(ledger, AWARD_STATUS, award, on, known).answer
        if answer.is_value:
            found[answer.value().label] = str(answer.value().status)
        else:
            live, law = state(history_for(ledger, "award", award, known), ledger.packs(), on, known)
            granted = award_of(live, law, award)
            found[granted.label if granted else award] = "undetermined" if granted else "not_granted"
    named = _named(expected)
    return {k: found.get(k) for k in named} if named else found


def _awards(ledger: Ledger, org: str, on: date, known: int, expected: object) -> object:
    return dict.fromkeys(members_of_org(ledger, org, on, known)["awards"], True)


def _validity_end(ledger: Ledger, org: str, on: date, known: int, _: object) -> object:
    ends = []
    for award in members_of_org(ledger, org, on, known)["awards"]:
        answer = tell(ledger, AWARD_STATUS, award, on, known).answer
        until = answer.value().valid_until if answer.is_value else UNSET
        if until is not UNSET:
            ends.append(until)
    return max(ends, default="none")


def _money(amount_of: Callable[[OrgMoney], int]) -> Answering:
    def ask(ledger: Ledger, org: str, on: date, known: int, _: object) -> object:
        amount = amount_of(tell(ledger, ORG_MONEY, org, on, known).answer.value())
        return amount // 100 if amount % 100 == 0 else in_yuan(amount)

    return ask


def _ban(ledger: Ledger, org: str, on: date, known: int, _: object) -> object:
    answer = tell(ledger, ORG_BANS, org, on, known).answer
    return (answer.value().last_day or "none") if answer.is_value else part(answer).state


def _value(fact: Fact[T], member: Callable[[T], object]) -> Answering:
    """A member of a fact's value; the answer's state where it has none."""

    def ask(ledger: Ledger, subject: str, on: date, known: int, _: object) -> object:
        answer = tell(ledger, fact, subject, on, known).answer
        if not answer.is_value:
            return part(answer).state
        value = member(answer.value())
        return None if value is UNSET else value

    return ask


def _total(stage: Part[StageScore]) -> str | None:
    return None if stage.value is UNSET else stage.value.total


def _quota(number_of: Callable[[Places], int | None]) -> Answering:
    def ask(ledger: Ledger, edition: str, on: date, known: int, expected: object) -> object:
        value = tell(ledger, EDITION_QUOTA, edition, on, known).answer.value()
        return {award: number_of(value[award]) if award in value else None for award in _named(expected)}

    return ask


_QUESTIONS: dict[tuple[str, str], Answering] = {
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
    ("case", "state"): _value(CASE_STATUS, lambda s: s.state),
    ("case", "score_material"): _value(CASE_SCORES, lambda s: _total(s.material)),
    ("case", "score_onsite"): _value(CASE_SCORES, lambda s: _total(s.onsite)),
    ("case", "open_objections"): _value(CASE_OBJECTIONS, lambda o: o.open),
    ("award", "status"): _value(AWARD_STATUS, lambda s: s.status),
    ("award", "valid_until"): _value(AWARD_STATUS, lambda s: s.valid_until),
    ("notice", "end"): _value(NOTICE_END, lambda r: r.end),
    ("notice", "earliest_decision"): _value(NOTICE_END, lambda r: r.earliest_decision),
    ("edition", "quota_used"): _quota(lambda p: p.used),
    ("edition", "quota_free"): _quota(lambda p: p.free),
}
