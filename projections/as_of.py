"""One subject by replay: the answer at (D, K), from its own events only.

No snapshots: a backdated event would make them wrong. K is a position and stands in the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Generic, TypeVar

from ledger.derivation.answer import Answer
from ledger.derivation.history import History, Live
from ledger.derivation.law import Law, law_of
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.regulation.pack import Pack
from projections.deriving import derived
from projections.facts import Fact, facts_about
from projections.slices import Source, history_for, inspected_with, told_history

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Told(Generic[T_co]):
    """An answer with the question it answers."""

    fact: Fact[T_co]
    subject: str
    as_of: date
    known_at: int
    answer: Answer[T_co]

    def to_json(self) -> dict[str, object]:
        return {
            "fact": self.fact.name,
            "number": self.fact.number,
            "zh": self.fact.zh,
            "en": self.fact.en,
            "subject": self.subject,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at,
            **self.answer.to_json(),
        }


def state(history: History, packs: dict[str, Pack], on: date, known: int) -> tuple[Live, Law]:
    """Live events and law at one (D, K); everything that varies is cut at the same K."""
    live = history.live(on, known)
    return live, law_of(live, packs)


def tell(source: Source, fact: Fact[T], subject: str, on: date, known: int) -> Told[T]:
    """Answer one fact about one subject at (D, K)."""
    return tell_of(slice_of(source, fact, subject, known), source.packs(), fact, subject, on, known)


def tell_of(history: History, packs: dict[str, Pack], fact: Fact[T], subject: str, on: date, known: int) -> Told[T]:
    """The same from the events that the fact rests on (:func:`slice_of`)."""
    return _told(fact, subject, on, known, lambda: state(history, packs, on, known))


def tell_all(
    source: Source,
    kind: str,
    subject: str,
    on: date,
    known: int,
    *,
    flags: bool | None = None,
    whole: bool = False,
) -> list[Told[object]]:
    """Every fact about one subject at (D, K), from one slice each kind of which they rest on.

    Flags of a case, an award or an organisation rest on the records of all who took part with it, so they are told
    where they are asked for; those of an edition always, unless ``flags`` is False.
    """
    facts = facts_about(kind, flags=kind == "edition" if flags is None else flags)
    packs = source.packs()
    slices = {
        name: slice_of(source, fact, subject, known, whole=whole)
        for name, fact in {fact.slice: fact for fact in facts}.items()
    }

    @cache
    def stated(name: str | None) -> tuple[Live, Law]:
        return state(slices[name], packs, on, known)

    return [_told(fact, subject, on, known, partial(stated, fact.slice)) for fact in facts]


def _told(fact: Fact[T], subject: str, on: date, known: int, stated: Callable[[], tuple[Live, Law]]) -> Told[T]:
    answer = derived(f"{fact.name} of {subject}", lambda: fact.fold(*stated(), subject))
    return Told(fact, subject, on, known, answer)


def slice_of(source: Source, fact: Fact[object], subject: str, known: int, *, whole: bool = False) -> History:
    """The events that a fact about a subject rests on; the ``whole`` slice holds others about the subject too."""
    if fact.slice == "inspection" and fact.subject != "edition":
        return inspected_with(source, fact.subject, subject, known)
    read = history_for if whole else told_history
    return read(source, fact.slice or fact.subject, subject, known)


def members_of_org(source: Source, org: str, on: date, known: int) -> dict[str, list[str]]:
    """Ids of an organisation's cases and awards at (D, K)."""
    live = history_for(source, "org", org, known).live(on, known)
    return {
        "cases": list(dict.fromkeys(e.payload.case_id for e in live.of(ApplicationFiled, org=org))),
        "awards": list(dict.fromkeys(e.payload.award_id for e in live.of(AwardGranted, org=org))),
    }
