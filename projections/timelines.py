"""The timelines of one subject: each listed fact's answer, day by day, at one position after the other.

An answer is a fold of what it reads. Whatever a fold asks is noted (:class:`ledger.derivation.history.Reads`), so that
further events make anew only the answers, and only on the days, that may rest on them. A subject that nobody has
followed yet is answered from nothing; both ways give the same (``tests/projections/test_timelines.py``).
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.derivation.history import EVER, Changes, History, Reads
from ledger.derivation.law import Consulted, Law, law_of
from ledger.derivation.reach_of_law import turns_of_law
from ledger.derivation.setting_aside import turns_of_rulings
from ledger.entry import RecordedEvent
from ledger.errors import RongjianError
from ledger.events.oversight import EventAnnulled, EventCorrected
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
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


_TEXTS = frozenset({RegulationEnacted, RegulationRepealed})
_LAW = _TEXTS | {RegulationInterpreted, CalendarPublished}
_RECORD = frozenset({EventAnnulled, EventCorrected})


class TurnsTooOftenError(RongjianError):
    """A subject's answers turn on more days than any real one: a fold that never comes to an end."""


@dataclass(frozen=True, slots=True)
class _Made:
    """An answer of one day, as it is stored, with the days on which it turns by time alone and what it rests on."""

    stored: str
    turns_on: tuple[date, ...]
    reads: Reads
    consulted: Consulted


@dataclass(frozen=True, slots=True)
class _Days:
    """The law at one position, the days on which it or a ruling turns, and what these rest on."""

    law: Law
    turns: tuple[date, ...]
    reads: Reads


class Timelines:
    """The timelines of one subject, kept from one position to the next."""

    def __init__(self, kind: str, subject: str) -> None:
        self._subject = subject
        self._named = f"{kind}:{subject}"
        self._facts = facts_about(kind, listed_only=True)
        self._made: dict[tuple[date, str], _Made] = {}
        self._days: _Days | None = None
        self._positions: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        """How much is kept, in characters of answers."""
        return sum(len(made.stored) for made in self._made.values())

    def at(self, history: History, packs: Mapping[str, Pack], known: int) -> dict[str, list[Segment]]:
        """Per fact: half-open ranges of days with the answer (canonical JSON) at K, without gaps.

        Cuts at every effective day known, and at every day on which the law or an answer turns by time alone. What
        cannot be derived is a ``not_derivable`` answer: of one fact on the days on which its fold fails, or of all,
        from the subject's first day, where its days cannot be had.
        """
        seen = history.events[: history.seen(known)]
        try:
            self._forget(history, seen)
            answers = self._answers(history, packs, known)
        except FAULTS as error:
            self._made, self._days, self._positions = {}, None, frozenset()
            first = min(e.statement.effective_on for e in seen)
            instead = stored(not_derivable(self._named, error).to_json())
            return {fact.name: [(first, None, instead)] for fact in self._facts}
        days = sorted(answers)
        return {fact.name: _merged(days, [answers[d][fact.name].stored for d in days]) for fact in self._facts}

    def _forget(self, history: History, seen: Sequence[RecordedEvent]) -> None:
        """Whatever may be otherwise by what has been recorded since."""
        positions = frozenset(e.position for e in seen)
        if self._positions - positions:
            # Of a slice that is not the one followed nothing is taken over.
            self._made, self._days = {}, None
        new = [e for e in seen if e.position not in self._positions]
        self._positions, changes = positions, history.changes(new)
        law = _changes_of_law(changes, new)
        if law is None:
            self._made = {}
        if self._days is not None and changes.touch(self._days.reads, EVER):
            self._days = None
        self._made = {
            (day, fact): made
            for (day, fact), made in self._made.items()
            if not changes.touch(made.reads, day)
            and not (law is not None and (law.paths & made.consulted.paths or law.years & made.consulted.years))
        }

    def _answers(self, history: History, packs: Mapping[str, Pack], known: int) -> dict[date, dict[str, _Made]]:
        """Day -> fact -> answer, for the subject's every day of change."""
        everything = history.live(EVER, known)
        days = sorted(everything.days())
        if self._days is None:
            self._days = _days(history, packs, known)
        law, kept = self._days.law, self._made
        answers: dict[date, dict[str, _Made]] = {}
        pending = [*days, *self._days.turns]
        while pending:
            day = pending.pop()
            if day in answers or day < days[0]:
                continue
            answers[day] = {
                fact.name: kept.get((day, fact.name)) or self._fold(fact, history, law, day, known)
                for fact in self._facts
            }
            pending += [d for made in answers[day].values() for d in made.turns_on if d not in answers]
            if len(answers) > DAYS_MAX:
                raise TurnsTooOftenError(
                    "turns_too_often",
                    sentence("{named} turns on more than {days_max} days", named=self._named, days_max=DAYS_MAX),
                )
        self._made = {(day, name): made for day, of_day in answers.items() for name, made in of_day.items()}
        return answers

    def _fold(self, fact: Fact[object], history: History, law: Law, day: date, known: int) -> _Made:
        reads, consulted = Reads(), Consulted()
        answer = derived(
            f"{fact.name} of {self._named} on {day}",
            lambda: fact.fold(history.live(day, known, reads), law.noting(consulted), self._subject),
        )
        return _Made(stored(answer.to_json()), tuple(answer.turns_on), reads, consulted)


def _changes_of_law(changes: Changes, new: Sequence[RecordedEvent]) -> Consulted | None:
    """Which questions further events may answer otherwise; None where it is every question: a text comes or goes, or
    the record of the law is changed.
    """
    changed, kinds = Consulted(), changes.kinds
    if kinds & _TEXTS or (kinds & _RECORD and kinds & _LAW):
        return None
    for event in new:
        match event.statement.payload:
            case RegulationInterpreted(pack_id=pack, param_path=path):
                changed.paths.add((pack, path))
            case CalendarPublished(year=year):
                changed.years.add(year)
            case _:
                continue
    return changed


def _days(history: History, packs: Mapping[str, Pack], known: int) -> _Days:
    reads = Reads()
    everything = history.live(EVER, known, reads)
    # The law is the same at every D of one K.
    law = law_of(everything, packs)
    return _Days(law, (*turns_of_law(everything), *turns_of_rulings(everything)), reads)


class Followed:
    """Subjects whose timelines are kept, those that were asked for last; no more of them than there is room for."""

    def __init__(self, room: int) -> None:
        """``room`` is in characters of answers."""
        self._room = room
        self._kept: OrderedDict[str, tuple[Timelines, int]] = OrderedDict()
        self._held = 0

    def take(self, subject: str) -> Timelines:
        """The timelines of a subject; whoever takes them gives them back."""
        kept = self._kept.pop(subject, None)
        if kept is not None:
            self._held -= kept[1]
            return kept[0]
        kind, _, name = subject.partition(":")
        return Timelines(kind, name)

    def give_back(self, subject: str, timelines: Timelines) -> None:
        """Keep them for the next time."""
        size = timelines.size
        self._kept[subject] = timelines, size
        self._held += size
        while self._held > self._room:
            _, (_, size) = self._kept.popitem(last=False)
            self._held -= size


def stored(answer: Mapping[str, object]) -> str:
    """An answer as canonical JSON that PostgreSQL takes: jsonb has no NUL, which texts of old entries may hold."""
    text = json.dumps(answer, ensure_ascii=False, sort_keys=True)
    return _NUL.sub(_SEEN_NUL, text) if "\\u0000" in text else text


def faults(timelines: Mapping[str, Iterable[Segment]]) -> dict[str, str]:
    """The facts that could not be derived on some day, each with what failed: for the operator's log."""
    told = {fact: [v for _, _, v in segments if v.startswith(_FAULTY)] for fact, segments in timelines.items()}
    return {fact: json.loads(values[0])["not_derivable"]["fault"] for fact, values in told.items() if values}


def _merged(days: list[date], values: list[str]) -> list[Segment]:
    segments: list[Segment] = []
    for day, value in zip(days, values, strict=True):
        if segments and segments[-1][2] == value:
            continue
        if segments:
            start, _, before = segments[-1]
            segments[-1] = (start, day, before)
        segments.append((day, None, value))
    return segments
