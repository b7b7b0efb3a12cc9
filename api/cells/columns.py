"""What the columns of a table are: members of an event, found by name or label, with their types and the unit of money.

A head is the member's name or its label in any language that there is, in either width and case, with or without
something in brackets of either form: the unit (yuan where none is named), or the member's name again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from api.cells.table import column_name
from api.languages import languages
from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.events.kinds import Fen, SignedFen
from ledger.events.labels import label
from ledger.events.registry import Payload
from ledger.events.schema import Schema, labels_of, schema_of
from ledger.sentences import Pair, enumeration, told_in

Unit = Literal["yuan", "fen", "wan_yuan"]

#: The column of the day on which an act happened; it stands beside the payload.
EFFECTIVE_AT = "effective_at"
_HAPPENED: Pair = sentence("day of the act")

_UNITS: Mapping[str, Unit] = {
    "元": "yuan",
    "人民币": "yuan",
    "人民币元": "yuan",
    "yuan": "yuan",
    "cny": "yuan",
    "rmb": "yuan",
    "¥": "yuan",
    "分": "fen",
    "fen": "fen",
    "万元": "wan_yuan",
    "人民币万元": "wan_yuan",
    "wan_yuan": "wan_yuan",
    "10,000 yuan": "wan_yuan",
}
UNIT_NAMES: Mapping[Unit, Pair] = {
    "yuan": sentence("yuan"),
    "fen": sentence("fen"),
    "wan_yuan": sentence("10,000 yuan"),
}

_BRACKETED = re.compile(r"(.*?) ?[(\[]([^()\[\]]*)[)\]]")
_MONEY = frozenset(schema_of(kind)["description"] for kind in (Fen, SignedFen))

#: Full-width forms of ASCII, the ideographic blank, and signs that mean the same: what :func:`folded` makes one.
WIDTHS = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0x00A0: 0x20,
    0xFFE5: 0xA5,
    0x2212: 0x2D,
    0x3014: 0x28,
    0x3015: 0x29,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A member that a column may hold: its type as JSON Schema, whether it is sealed, and whether it has to be
    there.
    """

    name: str
    label: Pair
    schema: Schema
    defs: Mapping[str, Schema]
    restricted: bool = False
    required: bool = False

    def resolved(self, schema: Schema | None = None) -> Schema:
        """The schema without references and without the alternative of nothing."""
        found = self.schema if schema is None else schema
        while "$ref" in found or "anyOf" in found:
            if "$ref" in found:
                found = self.defs[found["$ref"].rpartition("/")[2]]
            else:
                found = next(s for s in found["anyOf"] if s.get("type") != "null")
        return found

    @property
    def when_blank(self) -> list[object] | dict[str, object] | None:
        """What a blank cell of a member that has to be given is: a list or map of nothing; None where it has to be
        filled.
        """
        match self.resolved():
            case {"type": "array"}:
                return []
            case {"type": "object"} as schema if "properties" not in schema:
                return {}
        return None

    @property
    def is_money(self) -> bool:
        return is_amount(self.resolved())


def is_amount(schema: Schema) -> bool:
    """Is this the type of an amount in fen?"""
    return schema.get("description") in _MONEY


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the member that it holds, under which head, in which unit."""

    index: int
    head: str
    member: Member
    unit: Unit | None = None

    def to_json(self) -> dict[str, object]:
        unit = UNIT_NAMES[self.unit] if self.unit else None
        return {
            "column": column_name(self.index),
            "head": self.head,
            "member": self.member.name,
            "zh": self.member.label[0],
            "en": self.member.label[1],
            "unit": unit and {"zh": unit[0], "en": unit[1]},
            "restricted": self.member.restricted,
        }


def folded(text: str) -> str:
    """One width and one case, for heads and words that people write either way."""
    return text.translate(WIDTHS).casefold()


@cache
def members_of(cls: type[Payload]) -> Mapping[str, Member]:
    """Every member that a statement of this event may have a column for, in the order of the vocabulary."""
    schema = schema_of(cls)
    defs = schema["$defs"]
    payload = defs[schema["$ref"].rpartition("/")[2]]
    effective = Member(EFFECTIVE_AT, _HAPPENED, {"type": "string", "format": "day-or-instant"}, {})
    found = {EFFECTIVE_AT: effective}
    for name, said in labels_of(cls).items():
        sealed = cls.SPEC.restricted.get(f"/{name}")
        own = schema_of(sealed.kind) if sealed else payload["properties"][name]
        found[name] = Member(
            name,
            _label(name, (said["zh"], said["en"])),
            own,
            own.get("$defs", {}) if sealed else defs,
            sealed is not None,
            name in payload.get("required", ()),
        )
    return found


def _label(name: str, said: Pair) -> Pair:
    """The label of the vocabulary, which can be told in any language, where the type says no other."""
    known = label(name)
    return known if known == said else said


def heads_of(cls: type[Payload], language: str) -> list[str]:
    """Heads of an empty table: labels in one language, amounts with their unit."""
    return [told_in(language, _head(m)) for m in members_of(cls).values()]


def _head(member: Member) -> Pair:
    return sentence("{label} (yuan)", label=member.label) if member.is_money else member.label


def columns_of(heads: Sequence[str], cls: type[Payload]) -> list[Column]:
    """The columns of a line of heads; a column without a head is left out. Raises MalformedError for what it does not
    know, and where a member that has to be given has none.
    """
    members = members_of(cls)
    found: dict[str, Column] = {}
    for index, head in enumerate(heads):
        if not head:
            continue
        column = column_named(index, head, members)
        other = found.get(column.member.name)
        if other is not None:
            raise MalformedError(
                "head_twice",
                sentence(
                    "columns {columns}: both are {label} ({name}); keep one",
                    columns=enumeration([column_name(other.index), column_name(index)]),
                    label=column.member.label,
                    name=column.member.name,
                ),
                field=column.member.name,
            )
        found[column.member.name] = column
    missing = [m for m in members.values() if m.required and m.name not in found]
    if missing:
        raise MalformedError(
            "head_missing",
            sentence(
                "no column for {columns}: every row has to give it",
                columns=enumeration(sentence("{label} ({name})", label=m.label, name=m.name) for m in missing),
            ),
            field=missing[0].name,
        )
    return list(found.values())


def column_named(index: int, head: str, members: Mapping[str, Member]) -> Column:
    """The column under one head. Raises MalformedError where it names no member, or a unit that the member has not."""
    named = _named(members)
    text = folded(" ".join(head.split()))
    bracketed = _BRACKETED.fullmatch(text)
    stem, inside = (bracketed[1], bracketed[2].strip()) if bracketed else (text, "")
    member = named.get(text) or named.get(stem)
    unit = _UNITS.get(inside.removeprefix("单位").removeprefix("unit").lstrip(": "))
    if member is None and text.endswith(("_yuan", "_fen")):
        stem, _, suffix = text.rpartition("_")
        member, unit = named.get(stem), _UNITS[suffix]
    if member is None:
        raise _unknown(index, head, members)
    if (
        named.get(text) is not member
        and inside
        and named.get(inside) is not member
        and (unit is None or not member.is_money)
    ):
        raise MalformedError(
            "unit_unknown",
            sentence(
                "column {index}, {head}: {label} has no such unit; money is in yuan, 10,000 yuan or fen",
                index=column_name(index),
                head=(head[:60], repr(head[:60])),
                label=member.label,
            ),
            field=member.name,
        )
    return Column(index, head, member, (unit or "yuan") if member.is_money else None)


def _named(members: Mapping[str, Member]) -> dict[str, Member]:
    """Every written form of a member's name; a name goes before a label."""
    labels = {
        folded(told_in(language, said)): m
        for m in members.values()
        for language in languages()
        for said in (m.label, _head(m))
    }
    return labels | {folded(name): m for name, m in members.items()}


def _unknown(index: int, head: str, members: Mapping[str, Member]) -> MalformedError:
    return MalformedError(
        "head_unknown",
        sentence(
            "column {index}: there is no member {head}; there are: {known}",
            index=column_name(index),
            head=(head[:60], repr(head[:60])),
            known=enumeration(m.label for m in members.values()),
        ),
        field=head[:60],
    )
