"""Where an inquiry starts: a name, a credit code, a person, a document's number or hash, an id; never a stream's
name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NotRequired, TypedDict

import msgspec

from ledger.entry import RecordedEvent
from ledger.events.identity import PrincipalRegistered
from projections.slices import Source

#: Tag prefix -> the kind of subject that it names.
KINDS = {
    "c": "case",
    "a": "award",
    "o": "org",
    "p": "person",
    "n": "notice",
    "ed": "edition",
    "ob": "objection",
    "f": "finding",
    "rv": "person",
}

FOUND_MAX = 200


class Found(TypedDict):
    """A subject that was found, by its name, or an entry, whose ``name`` is the member that says what was looked for.

    Entries alone have a type, a position and a day.
    """

    kind: str
    subject: str
    name: str
    type: NotRequired[str]
    position: NotRequired[int]
    effective_on: NotRequired[str]


def search(source: Source, text: str, known: int) -> list[Found]:
    """What the entries known say of a text: subjects whose id, name or credit code holds it, then entries that name it.

    Hashes and ids are found by their first eight characters too. At most 200 rows, subjects first.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return []
    subjects: dict[tuple[str, str], Found] = {}
    entries: list[Found] = []
    for event in source.events(until=known):
        for kind, subject, name in _subjects(event):
            if wanted in subject.casefold() or wanted in name.casefold():
                row = subjects.setdefault((kind, subject), {"kind": kind, "subject": subject, "name": ""})
                row["name"] = name or row["name"]
        where = _named_in(event, wanted)
        if where is not None:
            s = event.statement
            entries.append(
                {
                    "kind": "event",
                    "subject": s.id,
                    "name": where,
                    "type": s.type,
                    "position": event.position,
                    "effective_on": s.effective_on.isoformat(),
                }
            )
    return [*subjects.values(), *entries][:FOUND_MAX]


def _subjects(event: RecordedEvent) -> Iterator[tuple[str, str, str]]:
    p = event.statement.payload
    if isinstance(p, PrincipalRegistered):
        kind = "person" if p.kind in ("person", "pseudonym") else "org"
        yield kind, p.principal_id, " ".join(x for x in (p.org_name, p.uscc) if x)
        return
    for tag in event.statement.tags:
        prefix, _, subject = tag.partition(":")
        if prefix in KINDS:
            yield KINDS[prefix], subject, ""


def _named_in(event: RecordedEvent, wanted: str) -> str | None:
    """The member of an entry that holds a document's number or hash, or the entry's own id."""
    s = event.statement
    exact = len(wanted) >= 8
    if (exact and s.id.startswith(wanted)) or wanted == str(event.position):
        return "id"
    for evidence in s.evidence:
        if exact and evidence.sha256.startswith(wanted):
            return f"evidence: {evidence.label}"
    for name, value in msgspec.to_builtins(s.payload).items():
        if not isinstance(value, str):
            continue
        numbered = name.endswith(("_no", "doc_no", "serial")) or "doc_no" in name
        if (numbered and wanted in value.casefold()) or (exact and name.endswith("hash") and value.startswith(wanted)):
            return f"{name}: {value}"
    return None
