"""The timelines of one subject, made from nothing: each listed fact's answer, day by day, at one position.

The plain way, and the oracle of the one that keeps what it has made (:mod:`projections.followed`): every fact is folded
on every day on which anything takes effect, ends or turns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date

from ledger.derivation.history import EVER, History, Live
from ledger.derivation.law import Law, law_of
from ledger.derivation.reach_of_law import turns_of_law
from ledger.derivation.setting_aside import turns_of_rulings
from ledger.entry import RecordedEvent
from ledger.errors import RongjianError
from ledger.regulation.pack import Pack
from ledger.text import visible
from projections.deriving import FAULTS, derived, not_derivable
from projections.facts import Fact, facts_about
from projections.sentences import sentence

#: A subject's answers are evaluated on at most this many days per position; a real one has a few dozen.
DAYS_MAX = 5_000

Segment = tuple[date, date | None, str]

#: U+0000 as JSON writes it, after any escaped backslashes.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_SEEN_NUL = r"\1" + visible("\0")

#: How a stored answer begins that could not be derived: its members are in the order of the alphabet.
_FAULTY = '{"not_derivable":'


class TurnsTooOftenError(RongjianError):
    """A subject's answers turn on more days than any real one: a fold that never comes to an end."""


#: Fact -> its answers, range by range.
Timelines = dict[str, list[Segment]]


def timelines(kind: str, subject: str, history: History, packs: Mapping[str, Pack], known: int) -> Timelines:
    """Per listed fact: half-open ranges of days with the answer (canonical JSON) at K, without gaps.

    Cuts at every effective day known, and at every day on which the law or an answer turns by time alone. What cannot
    be derived is a ``not_derivable`` answer: of one fact on the days on which its fold fails, or of all, from the
    subject's first day, where its days cannot be had.
    """
    facts = facts_about(kind, listed_only=True)
    try:
        answers = _answers(facts, kind, subject, history, packs, known)
    except FAULTS as error:
        return of_a_fault(facts, f"{kind}:{subject}", history.events[: history.seen(known)], error)
    days = sorted(answers)
    return {fact.name: merged(days, [answers[d][fact.name] for d in days]) for fact in facts}


def _answers(
    facts: Iterable[Fact[object]], kind: str, subject: str, history: History, packs: Mapping[str, Pack], known: int
) -> dict[date, dict[str, str]]:
    """Day -> fact -> answer, for the subject's every day of change."""
    everything = history.live(EVER, known)
    # The law is the same at every D of one K.
    law, events = law_of(everything, packs), history.turning_days(known)
    first, answers = min(events), dict[date, dict[str, str]]()
    pending = [*events, *turns_of_law(everything), *turns_of_rulings(everything)]
    while pending:
        day = pending.pop()
        if day in answers or day < first:
            continue
        answers[day] = {}
        for fact in facts:
            live = history.live(day, known)
            answers[day][fact.name], turns = answered(fact, live, law, f"{kind}:{subject}", day)
            pending += [turn for turn in turns if turn not in answers]
        limited(len(answers), f"{kind}:{subject}")
    return answers


def too_many(days: int) -> bool:
    """Are these more days than there may be?"""
    return days > DAYS_MAX


def limited(days: int, named: str) -> None:
    """Refuses to go on over more days than there may be."""
    if too_many(days):
        raise TurnsTooOftenError(
            "turns_too_often", sentence("{named} turns on more than {days_max} days", named=named, days_max=DAYS_MAX)
        )


def answered(fact: Fact[object], live: Live, law: Law, named: str, day: date) -> tuple[str, frozenset[date]]:
    """The answer of a day about a subject (``award:ZY-2023-A``), as it is stored, and the days on which it turns."""
    answer = derived(f"{fact.name} of {named} on {day}", lambda: fact.fold(live, law, named.partition(":")[2]))
    return stored(answer.to_json()), answer.turns_on


def of_a_fault(facts: Iterable[Fact[object]], named: str, seen: Iterable[RecordedEvent], error: Exception) -> Timelines:
    """What stands for each fact of a subject whose days cannot be had, from its first day on."""
    instead = stored(not_derivable(named, error).to_json())
    return {fact.name: [(min(e.statement.effective_on for e in seen), None, instead)] for fact in facts}


def stored(answer: Mapping[str, object]) -> str:
    """An answer as canonical JSON that PostgreSQL takes: jsonb has no NUL, which texts of old entries may hold."""
    text = json.dumps(answer, ensure_ascii=False, sort_keys=True)
    return _NUL.sub(_SEEN_NUL, text) if "\\u0000" in text else text


def faults(timelines: Mapping[str, Iterable[Segment]]) -> dict[str, str]:
    """The facts that could not be derived on some day, each with what failed: for the operator's log."""
    told = {fact: [v for _, _, v in segments if v.startswith(_FAULTY)] for fact, segments in timelines.items()}
    return {fact: json.loads(values[0])["not_derivable"]["fault"] for fact, values in told.items() if values}


def merged(days: Iterable[date], values: Iterable[str]) -> list[Segment]:
    """Days in order, each with the answer from there on, as ranges."""
    segments: list[Segment] = []
    for day, value in zip(days, values, strict=True):
        if segments and segments[-1][2] == value:
            continue
        if segments:
            start, _, before = segments[-1]
            segments[-1] = (start, day, before)
        segments.append((day, None, value))
    return segments
