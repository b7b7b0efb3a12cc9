"""JSON Schema of every event's payload, and what the types of its members say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, get_args

import msgspec

from ledger.errors import InvariantError
from ledger.events.kinds import Fen, SignedFen
from ledger.events.labels import LABELS
from ledger.events.registry import Payload

#: What is read of the JSON Schemas that msgspec writes; what else they hold is only passed on.
Schema = TypedDict(
    "Schema",
    {
        "$ref": str,
        "$defs": dict[str, "Schema"],
        "anyOf": list["Schema"],
        "type": str,
        "const": str,
        "enum": list[str | None],
        "format": str,
        "pattern": str,
        "description": str,
        "maxLength": int,
        "minimum": int,
        "maximum": int,
        "items": "Schema",
        "properties": dict[str, "Schema"],
        "required": list[str],
    },
    total=False,
)


def schema_of(kind: object) -> Schema:
    """The JSON Schema of a type, to be read."""
    return msgspec.convert(msgspec.json.schema(kind), Schema)


def event_schema(cls: type[Payload]) -> dict[str, object]:
    """JSON Schema of a payload, with what else the vocabulary says of the event."""
    spec = cls.SPEC
    schema = msgspec.json.schema(cls)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{spec.zh} / {spec.en}",
        "x-type": spec.topic,
        "x-schema": spec.schema,
        "x-phase": spec.phase,
        "x-signers": [
            {"originator": s.originator, "countersigner": s.countersigner, "only_if": s.only_if} for s in spec.seats
        ],
        "x-tags": [f"{kind}:{path}" for kind, path in spec.tags],
        "x-serves": spec.serves,
        "x-guard": spec.guard,
        "x-labels": labels_of(cls),
        "x-restricted": {
            pointer: {"class": r.disclosure, "subject": r.subject, "schema": msgspec.json.schema(r.kind)}
            for pointer, r in spec.restricted.items()
        },
        **schema,
    }


def labels_of(cls: type[Payload]) -> dict[str, dict[str, str]]:
    """The members of an event, restricted ones too, with their names."""
    names = [f.encode_name for f in msgspec.structs.fields(cls)] + [pointer[1:] for pointer in cls.SPEC.restricted]
    missing = [name for name in names if name not in LABELS]
    if missing:
        raise InvariantError(f"{missing[0]} of {cls.__name__} has no name: give it a line in ledger/events/labels.txt")
    return {name: dict(zip(("zh", "en"), LABELS[name], strict=True)) for name in names}


def money_members(cls: type[Payload]) -> frozenset[str]:
    """Members of an event, restricted and inner ones too, whose whole numbers are fen: their type says so."""
    restricted = (name for pointer, r in cls.SPEC.restricted.items() for name in _in_fen(r.kind, pointer[1:]))
    return frozenset([*_in_fen(cls, ""), *restricted])


def _in_fen(kind: object, name: str) -> Iterator[str]:
    if kind in (Fen, SignedFen):
        yield name
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield from _in_fen(field.type, field.encode_name)
    for inner in get_args(kind):
        yield from _in_fen(inner, name)
