"""JSON Schema of every event's payload."""

from __future__ import annotations

from typing import TypedDict

import msgspec

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
    return {name: dict(zip(("zh", "en"), LABELS[name], strict=True)) for name in names}
