"""The values of answers: one record a fact, whose members say of what kind they are.

A record is a struct with the members of its JSON. One whose value does not arise is UNSET and left out; None is said
as null. The kind of a member is what pages, documents and exports take its form from: money is in fen here and in yuan
wherever people read it. Words of an enumeration are written ``Annotated[Literal["valid", "expired"], WORD]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType, inspect

from ledger.derivation.answer import Answer, NotApplicable, NotDerivable, Undetermined
from ledger.errors import InvariantError

T = TypeVar("T")

#: What a member is: an amount in fen; a day; a number of things, or of a thing; a score as its text says it; a share
#: in percent; a word of an enumeration or a parameter's path; the name or id of somebody or something; an article
#: (``ZY:27``) or reading; the id of an event; whether something is so; text for people in one language; an instant;
#: what a flag compared with: a number, a day, words.
Kind = Literal[
    "money",
    "day",
    "count",
    "number",
    "score",
    "percent",
    "word",
    "name",
    "article",
    "event",
    "yes",
    "text",
    "instant",
    "threshold",
]


def _kind(kind: Kind, *, daily: bool = False) -> Meta:
    return Meta(extra={"kind": kind, "daily": daily})


WORD = _kind("word")

Money = Annotated[int, _kind("money")]
Day = Annotated[date, _kind("day")]
Count = Annotated[int, _kind("count")]
#: A number of days that grows or shrinks with every day D.
DaysSince = Annotated[int, _kind("count", daily=True)]
Number = Annotated[int, _kind("number")]
Score = Annotated[str, _kind("score")]
Percent = Annotated[int, _kind("percent")]
Word = Annotated[str, WORD]
Name = Annotated[str, _kind("name")]
Article = Annotated[str, _kind("article")]
EventRef = Annotated[str, _kind("event")]
Yes = Annotated[bool, _kind("yes")]
Text = Annotated[str, _kind("text")]
Instant = Annotated[str, _kind("instant")]
Threshold = Annotated[bool | int | str | tuple[str, ...] | None, _kind("threshold")]


#: Members of what stands where no value can be derived.
_OF_THE_ABSENT: Mapping[type, Mapping[str, Kind]] = {
    Undetermined: {"parameter": "word", "gap": "article", "zh": "text", "en": "text"},
    NotApplicable: {"zh": "text", "en": "text"},
    NotDerivable: {"fault": "word", "zh": "text", "en": "text"},
}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the values of answers and of what they hold."""


class Said(Record, frozen=True, kw_only=True):
    """A sentence in both languages."""

    zh: Text
    en: Text


#: What an answer has: a value, or what stands in its place.
PartState = Annotated[Literal["value", "undetermined", "not_applicable", "not_derivable"], WORD]


class Part(Record, Generic[T], frozen=True, kw_only=True):
    """An answer within another, whose reasons are among those of the whole."""

    state: PartState
    value: T | UnsetType = UNSET
    undetermined: Undetermined | UnsetType = UNSET
    not_applicable: NotApplicable | UnsetType = UNSET
    not_derivable: NotDerivable | UnsetType = UNSET


def part(answer: Answer[T]) -> Part[T]:
    """An answer as a part of another."""
    match answer.result:
        case Undetermined() as gap:
            return Part(state="undetermined", undetermined=gap)
        case NotApplicable() as reason:
            return Part(state="not_applicable", not_applicable=reason)
        case NotDerivable() as fault:
            return Part(state="not_derivable", not_derivable=fault)
        case _:
            return Part(state="value", value=answer.value())


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a record: its path (``prior[].award_id``), its kind, and what it may be besides.

    ``optional`` ones may be left out, by themselves or with what holds them. ``words`` are those of an enumeration;
    ``daily`` says that the value changes with every day.
    """

    path: str
    kind: Kind
    optional: bool = False
    nullable: bool = False
    words: tuple[str, ...] = ()
    daily: bool = False

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2].removesuffix("[]").removesuffix("{}")


def members_of(record: object) -> Iterator[Member]:
    """Every member of a record, or of records by a name, that holds a value itself, in order.

    Lists are ``[]`` in the path of a member, values by a name ``{}``.
    """
    yield from dict.fromkeys(_within(inspect.type_info(record), Member("", "text"), kinded=False))


def _within(info: inspect.Type, here: Member, *, kinded: bool) -> Iterator[Member]:
    """``here`` is what is known of the member so far; ``kinded`` says that its kind is."""
    match info:
        case inspect.Metadata(type=inner, extra=extra) if extra is not None and "kind" in extra:
            yield from _within(inner, replace(here, kind=extra["kind"], daily=extra["daily"]), kinded=True)
        case inspect.Metadata(type=inner):
            yield from _within(inner, here, kinded=kinded)
        case inspect.UnionType(types=types):
            nullable = here.nullable or any(isinstance(t, inspect.NoneType) for t in types)
            for held in types:
                if not isinstance(held, inspect.NoneType):
                    yield from _within(held, replace(here, nullable=nullable), kinded=kinded)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            yield from _within(item, replace(here, path=f"{here.path}[]"), kinded=kinded)
        case inspect.DictType(value_type=value):
            yield from _within(value, replace(here, path=f"{here.path}{{}}"), kinded=kinded)
        case inspect.StructType(fields=fields):
            for field in fields:
                held_by = _held_by(here, field.encode_name, "text", optional=not field.required)
                yield from _within(field.type, held_by, kinded=False)
        case inspect.DataclassType(cls=cls) if cls in _OF_THE_ABSENT:
            yield from (_held_by(here, name, kind) for name, kind in _OF_THE_ABSENT[cls].items())
        case inspect.LiteralType(values=values) if kinded:
            yield replace(here, words=tuple(str(v) for v in values))
        case _ if kinded:
            yield here
        case _:
            raise InvariantError(f"the member {here.path} says no kind")


def _held_by(here: Member, name: str, kind: Kind, *, optional: bool = False) -> Member:
    """A member of what stands here: it is left out where that is left out, or null."""
    path = f"{here.path}.{name}" if here.path else name
    return Member(path, kind, optional or here.optional or here.nullable)
