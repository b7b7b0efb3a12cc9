"""The shape of every answer: a value, or undetermined with the gap, or not applicable; always with why.

Nothing is guessed where a text is silent: a derivation that needs an absent parameter returns
``Undetermined`` with the parameter's path and gap id, and says what would settle it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar, overload

import msgspec

from ledger.derivation.version import DERIVATION
from ledger.errors import InvariantError, RongjianError
from ledger.regulation.tables import Table
from ledger.sentences import sentence

#: An answer is never written to after it was made, so one of a narrower value is one of a wider.
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Why:
    """What an answer rests on: event ids, articles (``ZY:27``), pack versions, readings, calendar events."""

    events: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    calendars: tuple[str, ...] = ()

    def __or__(self, other: Why) -> Why:
        return Why(
            _union(self.events, other.events),
            _union(self.articles, other.articles),
            _union(self.packs, other.packs),
            _union(self.readings, other.readings),
            _union(self.calendars, other.calendars),
        )

    def to_json(self) -> dict[str, object]:
        """Its members as lists, and ``derivation``: the version of the folds that answered."""
        return {name: list(getattr(self, name)) for name in self.__slots__} | {"derivation": DERIVATION}


@dataclass(frozen=True, slots=True)
class Undetermined:
    """No value can be derived; ``parameter`` and ``gap`` say which silence is in the way."""

    parameter: str
    gap: str
    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        return {"parameter": self.parameter, "gap": self.gap, "zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The question does not arise for this subject."""

    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class NotDerivable:
    """The derivation itself failed on this subject: a fault of ours to report, never a silence of a text.

    ``fault`` names the error, for the people who mend it. Only readers meet it (projections/deriving.py); admission
    stops instead.
    """

    fault: str
    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        return {"fault": self.fault, "zh": self.zh, "en": self.en}


#: What stands where there is no value.
Absent = Undetermined | NotApplicable | NotDerivable


@dataclass(frozen=True, slots=True)
class Answer(Generic[T_co]):
    """A three-valued result with its reasons; where deriving it failed, the fault in its place.

    ``turns_on`` are days on which the value changes by the passing of time alone; the two-axis register cuts
    its intervals there.
    """

    result: T_co | Absent
    why: Why = field(default_factory=Why)
    turns_on: frozenset[date] = frozenset()

    @property
    def is_value(self) -> bool:
        return not isinstance(self.result, Absent)

    @property
    def absent(self) -> Absent | None:
        """What stands in place of the value; None if the answer has a value."""
        return self.result if isinstance(self.result, Absent) else None

    def value(self) -> T_co:
        """The value; a programming error where there is none."""
        if isinstance(self.result, Absent):
            raise NoValueError(
                "no_value",
                sentence("the answer has no value; look at its gap first"),
            )
        return self.result

    def without_value(self, why: Why) -> Answer[U]:
        """The answer to another question that fails for the same reason and turns on the same days.

        Where there is a value, that is a programming error.
        """
        if self.absent is None:
            raise InvariantError("the answer has a value; nothing is missing for another")
        return Answer(self.absent, why, self.turns_on)

    def to_json(self) -> dict[str, object]:
        """``state`` with ``value``, ``undetermined``, ``not_applicable`` or ``not_derivable``, and ``why``."""
        why = self.why.to_json()
        match self.result:
            case Undetermined():
                return {"state": "undetermined", "undetermined": self.result.to_json(), "why": why}
            case NotApplicable():
                return {
                    "state": "not_applicable",
                    "not_applicable": self.result.to_json(),
                    "why": why,
                }
            case NotDerivable():
                return {"state": "not_derivable", "not_derivable": self.result.to_json(), "why": why}
            case _:
                return {"state": "value", "value": plain(self.result), "why": why}


class NoValueError(RongjianError):
    """A caller took the value of an answer that has none."""


@overload
def plain(value: date) -> str: ...
@overload
def plain(value: Mapping[str, object]) -> dict[str, object]: ...
@overload
def plain(value: msgspec.Struct) -> dict[str, object]: ...
@overload
def plain(value: object) -> object: ...
def plain(value: object) -> object:
    """A value as JSON members: days as text, tuples as lists, records without the members that do not arise."""
    match value:
        case date():
            return value.isoformat()
        case Undetermined() | NotApplicable() | NotDerivable():
            return value.to_json()
        case msgspec.Struct():
            named = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
            members = ((name, getattr(value, attribute)) for name, attribute in named)
            return {name: plain(member) for name, member in members if member is not msgspec.UNSET}
        case Table():
            return plain(value.members())
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(v) for v in (sorted(value) if isinstance(value, set | frozenset) else value)]
        case _:
            return value


def _union(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    if not b:
        return a
    return a + tuple([item for item in b if item not in a]) if a else b
