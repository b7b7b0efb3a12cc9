"""Subjects that are kept no more, of which it is remembered where they look and what their answers rest on.

Each calendar of a year concerns everybody, each report of a year a whole case of long ago, and next to nobody's answers
rest on it: without this every one of them would have all be made from nothing whom it concerns.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.after_award import AwardSetAside
from ledger.events.registry import Payload
from projections.kept_law import KeptLaw, RestsOnLaw
from projections.reach import Lead, Looks, about_entries
from projections.slices import Source, changes_of

#: What a lead and what else a subject rests on count for, in characters of answers.
LEAD_COUNTS_FOR: Final = 200
REST_COUNTS_FOR: Final = 3_000

#: Entries after which a subject is made anew though its answers rest on none of them: they add days to it.
PASSED_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class RestsOn:
    """What a subject's answers rest on: of the law; classes of acts (Payload stands for all) and entries by id that
    were asked for; ``first`` is the first day on which it is answered.
    """

    law: RestsOnLaw
    classes: frozenset[type[Payload]]
    ids: frozenset[str]
    first: date

    def touched_by(self, event: RecordedEvent) -> bool:
        """May an answer be another for a further entry?"""
        statement = event.statement
        kind = type(statement.payload)
        return (
            kind in self.classes
            or Payload in self.classes
            or statement.id in self.ids
            or statement.effective_on < self.first
            # Whatever rests on it is told by the days of its rulings.
            or kind is AwardSetAside
        )


@dataclass(slots=True)
class _Rests:
    looks: Looks
    rests_on: RestsOn
    passed: int = 0


class Resting:
    """As many of them as there is room for, those that came to rest last."""

    def __init__(self, room: int) -> None:
        """``room`` is in characters of answers."""
        self._room = room
        self.held = 0
        self._subjects: OrderedDict[str, _Rests] = OrderedDict()
        #: Tag -> who looks there -> by which leads.
        self._by_tag: dict[str, dict[str, list[Lead]]] = {}

    def put(self, subject: str, looks: Looks, rests_on: RestsOn) -> None:
        """A subject rests whose answers are those of now."""
        self.wake(subject)
        self._subjects[subject] = _Rests(looks, rests_on)
        self.held += _counts_for(looks.leads)
        for lead in looks.leads:
            self._by_tag.setdefault(lead.tag, {}).setdefault(subject, []).append(lead)
        while self.held > self._room:
            self.wake_oldest()

    def wake(self, subject: str) -> None:
        """What was known of a subject no longer holds, or is no longer needed."""
        rests = self._subjects.pop(subject, None)
        if rests is None:
            return
        self.held -= _counts_for(rests.looks.leads)
        for tag in {lead.tag for lead in rests.looks.leads}:
            under = self._by_tag[tag]
            del under[subject]
            if not under:
                del self._by_tag[tag]

    def wake_oldest(self) -> bool:
        """Wake the one that has rested longest; False where nobody does."""
        oldest = next(iter(self._subjects), None)
        if oldest is not None:
            self.wake(oldest)
        return oldest is not None

    def wake_reached(self, event: RecordedEvent, source: Source) -> None:
        """Wake those whose answers may rest on a further entry, or on what it changes, through however many."""
        if not self._subjects:
            return
        changed = self._changed_by(event, source)
        # What changes an entry was perhaps recorded before it.
        others = bool(changed) or (
            not self._by_tag.keys().isdisjoint(event.statement.tags)
            and bool(changes_of(source, [event], event.position))
        )
        for entry in (event, *changed):
            for subject, found_by in self._looking_at(entry).items():
                if others or self._may_be_others(self._subjects[subject], event, found_by):
                    self.wake(subject)

    def _looking_at(self, entry: RecordedEvent) -> dict[str, list[Lead]]:
        """Who looks where an entry is, and by which leads."""
        found: dict[str, list[Lead]] = {}
        for tag in entry.statement.tags:
            for subject, leads in self._by_tag.get(tag, {}).items():
                finding = [lead for lead in leads if lead.finds(entry)]
                if finding:
                    found.setdefault(subject, []).extend(finding)
        return found

    @staticmethod
    def _may_be_others(rests: _Rests, event: RecordedEvent, found_by: list[Lead]) -> bool:
        rests.passed += 1
        return (
            rests.passed > PASSED_MAX or rests.rests_on.touched_by(event) or rests.looks.goes_on_from(event, found_by)
        )

    @staticmethod
    def _changed_by(event: RecordedEvent, source: Source) -> list[RecordedEvent]:
        """What an entry annuls or corrects, what that does, and so on, as far as it is there."""
        found, seen, pending = list[RecordedEvent](), {event.statement.id}, about_entries(event)
        while pending:
            event_id = pending.pop()
            if event_id in seen:
                continue
            seen.add(event_id)
            try:
                entry = source.event(event_id)
            except NotFoundError:
                continue
            found.append(entry)
            pending += about_entries(entry)
        return found

    def stands(self, subject: str, law: KeptLaw) -> bool:
        """Does a subject rest here, and does what concerns everybody leave its answers as they were?"""
        rests = self._subjects.get(subject)
        return rests is not None and not law.reaches(rests.rests_on.law)


def _counts_for(leads: tuple[Lead, ...]) -> int:
    return REST_COUNTS_FOR + LEAD_COUNTS_FOR * len(leads)
