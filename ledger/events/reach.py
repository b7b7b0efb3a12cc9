"""How far a seat reaches: whether it signs about what is its own, about another's, and about what it has no part in.

The seats say who may sign an event (``EventSpec.seats``); this says about which objects, and why. ``own`` is what the
signer did, is, or applies for; ``another's`` is somebody else's, in which the signer has a seat or a part;
``unrelated`` is somebody else's without one. ``docs/spec/vocabulary.md`` shows the table, and a test holds admission to
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Literal

from ledger.errors import InvariantError
from ledger.events.registry import Seat
from ledger.events.vocabulary import EVENTS

#: ``-``: the question does not arise, since such an act is about nobody's own, or gives nobody a part.
Reached = Literal["yes", "no", "-"]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a seat signs about the own, another's and the unrelated, with its reason in both languages."""

    own: Reached
    anothers: Reached
    unrelated: Reached
    zh: str
    en: str


#: What a role does anywhere, unless the event says otherwise below: ``role|own|another's|unrelated|zh|en``.
_OF_ROLES = "reach_of_roles.txt"

#: ``event|roles|own|another's|unrelated|zh|en``; ``*`` is every role that has a seat and no line of its own.
_OF_EVENTS = "reach_of_events.txt"


def reach(topic: str, role: str) -> Reach:
    """How far the seat of a role at an event reaches; KeyError where it has none."""
    if role not in {seat.originator for seat in EVENTS[topic].SPEC.seats}:
        raise KeyError((topic, role))
    return _EVENT_REACH.get((topic, role)) or _EVENT_REACH.get((topic, "*")) or _ROLE_REACH[role]


def seat_text(seat: Seat) -> str:
    """A seat as the vocabulary writes it: ``SEC+SECH (on_behalf)``."""
    beside = f"+{seat.countersigner}" if seat.countersigner else ""
    return seat.originator + beside + (f" ({seat.only_if})" if seat.only_if else "")


def _read(table: str) -> list[list[str]]:
    text = resources.files("ledger.events").joinpath(table).read_text("utf-8")
    return [line.split("|") for line in text.splitlines()]


def _reached(word: str) -> Reached:
    match word:
        case "yes" | "no" | "-":
            return word
        case _:
            raise InvariantError(f"{word} says not how far a seat reaches")


def _reach(own: str, anothers: str, unrelated: str, zh: str, en: str) -> Reach:
    return Reach(_reached(own), _reached(anothers), _reached(unrelated), zh, en)


_ROLE_REACH = {role: _reach(*rest) for role, *rest in _read(_OF_ROLES)}
_EVENT_REACH = {(topic, role): _reach(*rest) for topic, roles, *rest in _read(_OF_EVENTS) for role in roles.split()}
