"""Where an inquiry starts: a name, a credit code, a person, a document's number or hash, an id; never a stream's
name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import msgspec

from ledger.entry import RecordedEvent
from ledger.events.decision import CertificateIssued
from ledger.events.identity import PrincipalRegistered, PrincipalUpdated

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

#: Characters of a hash or an id by which it is found.
START = 8

#: Kind of a row that an entry itself is found by, and of one with the serial number of a certificate.
ENTRY, SERIAL = "event", "serial"


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


@dataclass(frozen=True, slots=True)
class Row:
    """A text that an entry is found by, and of what kind: kept of each entry that says it, or of the first only."""

    folded: str
    kind: str
    of_each: bool


def wanted_of(text: str) -> str:
    """What is looked for, as rows have it."""
    return text.strip().casefold()


def rows_of(event: RecordedEvent) -> Iterator[Row]:
    """By what parts of texts an entry is found, and the whole serial numbers that it gives out."""
    s = event.statement
    for kind, subject, name in _subjects(event):
        yield Row(subject.casefold(), kind, of_each=bool(name))
        if name:
            yield Row(name.casefold(), kind, of_each=True)
    for _, number in _numbers(event):
        yield Row(number.casefold(), ENTRY, of_each=True)
    if isinstance(s.payload, CertificateIssued):
        for item in s.payload.items:
            yield Row(item.serial, SERIAL, of_each=True)


def hashes_of(event: RecordedEvent) -> set[str]:
    """The first characters of hashes that an entry names."""
    named = [evidence.sha256 for evidence in event.statement.evidence]
    return {value[:START] for value in (*named, *(value for _, value in _hashes(event)))}


def search(events: Iterable[RecordedEvent], text: str) -> list[Found]:
    """What entries say of a text: subjects whose id, name or credit code holds it, then entries that name it.

    Hashes and ids are found by their first eight characters too. At most 200 rows, subjects first. ``events`` are in
    order; those that do not name the text change nothing.
    """
    wanted = wanted_of(text)
    if not wanted:
        return []
    subjects: dict[tuple[str, str], Found] = {}
    entries: list[Found] = []
    for event in events:
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
    if isinstance(p, PrincipalUpdated) and p.new_name:
        yield "org", p.principal_id, p.new_name
    for tag in event.statement.tags:
        prefix, _, subject = tag.partition(":")
        if prefix in KINDS:
            yield KINDS[prefix], subject, ""


def _named_in(event: RecordedEvent, wanted: str) -> str | None:
    """The member of an entry that holds a document's number or hash, or the entry's own id."""
    s = event.statement
    exact = len(wanted) >= START
    if (exact and s.id.startswith(wanted)) or wanted == str(event.position):
        return "id"
    for evidence in s.evidence:
        if exact and evidence.sha256.startswith(wanted):
            return f"evidence: {evidence.label}"
    for name, value in _numbers(event):
        if wanted in value.casefold():
            return f"{name}: {value}"
    for name, value in _hashes(event):
        if exact and value.startswith(wanted):
            return f"{name}: {value}"
    return None


def _numbers(event: RecordedEvent) -> Iterator[tuple[str, str]]:
    """The numbers of documents and things that an entry names, each with its member."""
    for name, value in _texts(event):
        if name.endswith(("_no", "doc_no", "serial")) or "doc_no" in name:
            yield name, value


def _hashes(event: RecordedEvent) -> Iterator[tuple[str, str]]:
    for name, value in _texts(event):
        if name.endswith("hash"):
            yield name, value


def _texts(event: RecordedEvent) -> Iterator[tuple[str, str]]:
    for name, value in msgspec.to_builtins(event.statement.payload).items():
        if isinstance(value, str):
            yield name, value
