"""What the folds answer about the logs that are kept, as digests, and which version first knew each fact and flag:
``python -m tests.law.derivation_answers`` writes them.

To be written anew only together with a raised ``ledger.derivation.version.DERIVATION`` and a line in docs/spec section
10; while a version has not been released, its line grows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from api.evidence.comparing import without_words
from ledger.dcb import DCBQuery
from ledger.derivation.version import DERIVATION
from ledger.entry import RecordedEvent
from ledger.entry import parse as parse_entry
from ledger.errors import NotFoundError
from ledger.regulation.pack import Pack, parse_pack
from ledger.tlog import checkpoint, note
from ledger.tlog.tiles import WIDTH, entry_bundle
from projections.as_of import tell_all
from projections.facts import ALL
from projections.flags.register import FLAGS
from tests.given_out.given import GIVEN, Given

FILE = Path(__file__).with_name("derivation.json")

#: Tag -> kind of the subjects that answers are asked about.
_KINDS = {"o": "org", "c": "case", "a": "award", "ed": "edition", "n": "notice", "f": "finding"}

_DAYS = (date(2023, 6, 20), date(2023, 9, 1), date(2025, 11, 27), date(2026, 6, 1))


class ExportedLog:
    """A source of events over an export: no database, no network."""

    def __init__(self, given: Given) -> None:
        self._folder = given.folder / "export"

    @cached_property
    def _events(self) -> list[RecordedEvent]:
        size = checkpoint.parse(note.split((self._folder / "checkpoint").read_bytes())[0]).size
        assert size < WIDTH
        entries = entry_bundle(lambda path: (self._folder / path).read_bytes(), 0, size)
        return [parse_entry(position, entry) for position, entry in enumerate(entries, 1)]

    def events(self, query: DCBQuery | None = None, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        last = len(self._events) if until is None else until
        return [e for e in self._events if after < e.position <= last and e.matches(query)]

    def event(self, event_id: str) -> RecordedEvent:
        for event in self._events:
            if event.statement.id == event_id:
                return event
        raise NotFoundError("event_unknown", event_id, event_id)

    @cached_property
    def _packs(self) -> dict[str, Pack]:
        return {
            p.name: parse_pack(p.read_bytes(), p.name, accepted=True) for p in (self._folder / "documents").iterdir()
        }

    def packs(self) -> dict[str, Pack]:
        return self._packs

    def subjects(self) -> list[tuple[str, str]]:
        """Kind and id of everything that the log speaks of."""
        tags = {tag for event in self._events for tag in event.statement.tags}
        found = {(_KINDS[kind], name) for kind, _, name in (t.partition(":") for t in tags) if kind in _KINDS}
        return sorted(found)

    def size(self) -> int:
        return len(self._events)


def answers(given: Given) -> Iterator[dict[str, Any]]:
    """Every fact about every subject of a log, at some days and at two positions."""
    log = ExportedLog(given)
    for known in (log.size() // 2, log.size()):
        for kind, subject in log.subjects():
            for on in _DAYS:
                try:
                    yield from (t.to_json() for t in tell_all(log, kind, subject, on, known, flags=kind == "edition"))
                except NotFoundError as error:
                    yield {"fact": f"{kind}: {error.code}"}


def digests() -> dict[str, str]:
    """Per log and fact one digest over its answers, without words and without the version that derived them."""
    found: dict[str, Any] = {}
    for given in GIVEN:
        for answer in answers(given):
            if "why" in answer:
                answer["why"].pop("derivation")
            digest = found.setdefault(f"{given} {answer['fact']}", hashlib.sha256())
            digest.update(json.dumps(without_words(answer), ensure_ascii=False, sort_keys=True).encode())
    return {name: digest.hexdigest()[:16] for name, digest in sorted(found.items())}


def stated_since() -> dict[str, int]:
    """Each fact and flag with the version that it says to be of (``since``)."""
    return {fact.name: fact.since for fact in ALL} | {flag.id: flag.texts.since for flag in FLAGS.values()}


def first_known(kept: Mapping[str, int]) -> dict[str, int]:
    """Each fact and flag with the version that first knew it: as is kept, and of a new one this version."""
    return {name: kept.get(name, DERIVATION) for name in sorted(stated_since())}


if __name__ == "__main__":
    known = first_known(json.loads(FILE.read_text("utf-8"))["since"])
    value = {"derivation": DERIVATION, "since": known, "answers": digests()}
    FILE.write_text(json.dumps(value, indent=1) + "\n", "utf-8")
