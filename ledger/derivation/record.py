"""The values of answers: one record a fact, whose members say of what kind they are.

A record is a struct in the order of its JSON. A member whose value does not arise is UNSET and left out; None is said
as null. The kind of a member is what pages, documents and exports take its form from: money is in fen here and in yuan
wherever people read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, inspect

from ledger.derivation.answer import Undetermined

#: What a member is: an amount in fen; a day; a number of things, or of a thing; a score as its text says it; a share
#: in percent; a word of an enumeration or a parameter's path; the name or id of somebody or something; an article
#: (``ZY:27``) or reading; the id of an event; whether something is so; text for people in one language.
Kind = Literal["money", "day", "count", "number", "score", "percent", "word", "name", "article", "event", "yes", "text"]


def _kind(kind: Kind) -> Meta:
    return Meta(extra={"kind": kind})


Money = Annotated[int, _kind("money")]
Day = Annotated[date, _kind("day")]
Count = Annotated[int, _kind("count")]
Number = Annotated[int, _kind("number")]
Score = Annotated[str, _kind("score")]
Percent = Annotated[int, _kind("percent")]
Word = Annotated[str, _kind("word")]
Name = Annotated[str, _kind("name")]
Article = Annotated[str, _kind("article")]
EventRef = Annotated[str, _kind("event")]
Yes = Annotated[bool, _kind("yes")]
Text = Annotated[str, _kind("text")]


#: Members of what stands where no value can be derived.
_OF_A_GAP: dict[str, Kind] = {"parameter": "word", "gap": "article", "zh": "text", "en": "text"}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the values of answers and of what they hold."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a record: its path (``prior[].award_id``), its kind, and what it may be besides."""

    path: str
    kind: Kind
    optional: bool
    nullable: bool

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2].removesuffix("[]").removesuffix("{}")


def members_of(record: type[msgspec.Struct], path: str = "") -> Iterator[Member]:
    """Every member of a record that holds a value itself, in order; lists are ``[]``, values by a name ``{}``."""
    info = inspect.type_info(record)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{record.__name__} is no record")
    for field in info.fields:
        yield from _within(field.type, path + field.encode_name, optional=not field.required, kind=None)


def _within(info: inspect.Type, path: str, *, optional: bool, kind: Kind | None) -> Iterator[Member]:
    match info:
        case inspect.Metadata(type=inner, extra=extra):
            yield from _within(inner, path, optional=optional, kind=(extra or {}).get("kind", kind))
        case inspect.UnionType(types=types):
            nullable = any(isinstance(t, inspect.NoneType) for t in types)
            for held in types:
                if not isinstance(held, inspect.NoneType):
                    for member in _within(held, path, optional=optional, kind=kind):
                        yield Member(member.path, member.kind, member.optional, member.nullable or nullable)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            yield from _within(item, f"{path}[]", optional=optional, kind=kind)
        case inspect.DictType(value_type=value):
            yield from _within(value, f"{path}{{}}", optional=optional, kind=kind)
        case inspect.StructType(cls=cls):
            yield from members_of(cls, f"{path}.")
        case inspect.DataclassType(cls=cls) if cls is Undetermined:
            for name, its in _OF_A_GAP.items():
                yield Member(f"{path}.{name}", its, optional=True, nullable=False)
        case _ if kind is not None:
            yield Member(path, kind, optional, nullable=False)
        case _:
            raise TypeError(f"{path} says no kind")
