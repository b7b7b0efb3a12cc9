"""The law as a runner follows it: made once for all subjects, and told what of it each further entry has changed.

The law is the same for every subject and on every day of one position (:mod:`ledger.derivation.reach_of_law`). What an
answer asked of it is kept; when the law is another, the same is asked again of both, and only answers that asked for
what is told otherwise are made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.growing import GrowingHistory, asks
from ledger.derivation.history import EVER, Question
from ledger.derivation.law import Consulted, LawQuestion, law_of
from ledger.derivation.reach_of_law import turns_of_law
from ledger.entry import RecordedEvent
from ledger.events.registry import Payload, topics
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from ledger.regulation.pack import Pack
from projections.reach import about_entries
from projections.slices import GLOBAL_TYPES, Source, changes_of

#: Statements of the law: they reach answers through it alone, so that nothing turns on their own days.
STATEMENTS_OF_LAW: frozenset[type[Payload]] = frozenset(
    {RegulationEnacted, RegulationRepealed, RegulationInterpreted, CalendarPublished}
)


@dataclass(frozen=True, slots=True)
class RestsOnLaw:
    """What some answers have asked of the law, up to one of its versions, and which acts they have asked for of those
    that concern everybody.
    """

    version: int
    asked: frozenset[LawQuestion]
    acts: frozenset[Question]


@dataclass(frozen=True, slots=True)
class _Change:
    """A further entry that concerns everybody: its act (None where it changes the record), what it has changed of what
    was asked, on which days another text is in force, and whether the law turns on other days or begins on another one.
    """

    act: Payload | None
    questions: frozenset[LawQuestion]
    days: frozenset[date]
    turns: bool


class KeptLaw:
    """The law at the position that was come to, with the entries that concern everybody."""

    def __init__(self, source: Source, packs: Mapping[str, Pack], until: int) -> None:
        of_all = source.events(DCBQuery([DCBQueryItem(types=topics(*GLOBAL_TYPES))]), until=until)
        found = {e.position: e for e in (*of_all, *changes_of(source, of_all, until))}
        self._source = source
        self._ids: set[str] = set()
        self._history = GrowingHistory()
        self._changes: list[_Change] = []
        self._asked: dict[frozenset[LawQuestion], frozenset[LawQuestion]] = {}
        self._days: set[date] = set()
        #: Whatever concerns everybody, in the order in which it was taken in.
        self.events: list[RecordedEvent] = []
        self._take([found[position] for position in sorted(found)])
        self._make(packs, until)

    def _take(self, events: list[RecordedEvent]) -> None:
        self.events += events
        self._ids |= {e.statement.id for e in events}
        self._history.grow(events)

    def _make(self, packs: Mapping[str, Pack], known: int) -> None:
        everything = self._history.live(EVER, known)
        self.law = law_of(everything, packs)
        self.turns = sorted(set(turns_of_law(everything)))
        self.days = self._history.own_days()

    def offer(self, event: RecordedEvent, packs: Mapping[str, Pack]) -> None:
        """Take in a further entry of the log, where it concerns everybody."""
        if not isinstance(event.statement.payload, GLOBAL_TYPES) and self._ids.isdisjoint(about_entries(event)):
            return
        # What changes it was perhaps recorded before it.
        earlier = changes_of(self._source, [event], event.position)
        self._take([event, *(e for e in earlier if e.statement.id not in self._ids)])
        before, turned = self.law, self._turning
        self._make(packs, event.position)
        asked = {question for questions in self._asked for question in questions}
        other = frozenset(q for q in asked if before.answer(q) != self.law.answer(q))
        days = frozenset(d for d in self._days if before.in_force(d) != self.law.in_force(d))
        act = event.statement.payload
        of_all = act if isinstance(act, GLOBAL_TYPES) else None
        self._changes.append(_Change(of_all, other, days, turned != self._turning))

    @property
    def _turning(self) -> tuple[list[date], date]:
        return self.turns, min(self.days, default=EVER)

    @property
    def version(self) -> int:
        """How often the law has changed."""
        return len(self._changes)

    def changed_since(self, version: int) -> tuple[frozenset[LawQuestion], frozenset[date]]:
        """Which questions have other answers than at a version, and on which days another text is in force."""
        questions, days = set[LawQuestion](), set[date]()
        for change in self._changes[version:]:
            questions |= change.questions
            days |= change.days
        return frozenset(questions), frozenset(days)

    def reaches(self, rests: RestsOnLaw) -> bool:
        """May answers be others for what concerns everybody since? A text in force on other days may reach any, and so
        may a change of the record.
        """
        return any(
            change.act is None
            or change.turns
            or bool(change.days)
            or asks(rests.acts, change.act)
            or not change.questions.isdisjoint(rests.asked)
            for change in self._changes[rests.version :]
        )

    def note_day(self, day: date) -> None:
        """Somebody has been told which text is in force on a day."""
        self._days.add(day)

    def noted(self, consulted: Consulted) -> frozenset[LawQuestion]:
        """Remember what was asked, so that it is asked again when the law is another; the same questions are kept
        once.
        """
        asked = frozenset(consulted.asked)
        self._days |= consulted.days
        return self._asked.setdefault(asked, asked)
