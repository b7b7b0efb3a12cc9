"""What a text leaves open: its silences, what was not seen, the reading taken for each, and the answers that rest on
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.derivation.answer import plain
from ledger.derivation.law import Law
from ledger.errors import InvariantError
from ledger.regulation.pack import Pack
from ledger.regulation.parameters import spec_of
from ledger.regulation.readings import COUNTING, READINGS, SET_BY, SINCE, Reading, reading_of_absence
from ledger.regulation.stated import Absence


@dataclass(frozen=True, slots=True)
class Gap:
    """One open point. ``settled`` is what stands in: a reading, an interpretation, or nothing at all."""

    path: str
    kind: str
    ids: str
    zh: str
    en: str
    settled: str | None
    choices: tuple[str, ...]
    set_by: str | None
    since: date | None
    facts: tuple[str, ...]
    note: str | None

    def to_json(self) -> dict[str, object]:
        return {name: plain(getattr(self, name)) for name in self.__slots__}


def gaps(pack: Pack, law: Law | None = None, on: date | None = None) -> list[Gap]:
    """Parameters without a value, then the ambiguities of the text; interpretations of a log where one is given.

    What the catalogue did not ask yet when the pack was written is no open point of it.
    """
    asked = {path: p for path, p in pack.parameters.items() if path not in pack.unasked}
    rows = [_parameter(pack, path, law, on) for path, p in asked.items() if p.absence is not None]
    return rows + [_ambiguity(pack, path, r, law, on) for path, r in READINGS.items() if r.concerns(pack.id)]


def counting_asked(pack: Pack, law: Law | None = None, on: date | None = None) -> list[Gap]:
    """How days are counted under a text, as far as it does not say and nobody has chosen: asked of who takes it."""
    open_points = gaps(pack, law, on)
    return [g for g in open_points if g.path in COUNTING and g.kind == "ambiguous" and g.set_by == SET_BY]


def _parameter(pack: Pack, path: str, law: Law | None, on: date | None) -> Gap:
    stated, spec = pack.parameter(path), spec_of(path)
    if stated.absence is None:
        raise InvariantError(f"{path} is stated, and asked for as a gap")
    chosen = law.interpretation(pack.id, path, on) if law is not None and on is not None else None
    named = reading_of_absence(pack.id, path, stated.gap or "", seen=stated.absence is not Absence.UNKNOWN)
    reading = READINGS[named] if named is not None else None
    settled = f"{chosen.payload.value}" if chosen else reading.default_for(pack.id) if reading else None
    return Gap(
        path,
        "unknown" if stated.absence is Absence.UNKNOWN else "silent",
        stated.gap or "",
        spec.zh,
        spec.en,
        settled,
        reading.choices if reading else (),
        chosen.actor if chosen else SET_BY if reading else None,
        chosen.payload.applies_from if chosen else SINCE if reading else None,
        reading.facts if reading else (),
        stated.note,
    )


def _ambiguity(pack: Pack, path: str, reading: Reading, law: Law | None, on: date | None) -> Gap:
    chosen = law.interpretation(pack.id, path, on) if law is not None and on is not None else None
    explicit = pack.parameters.get(reading.settled_by) if reading.settled_by else None
    kind = "settled_by_text" if explicit is not None and explicit.absence is None else "ambiguous"
    return Gap(
        path,
        kind,
        reading.ids,
        reading.zh,
        reading.en,
        str(chosen.payload.value) if chosen else reading.default_for(pack.id),
        reading.choices,
        chosen.actor if chosen else SET_BY,
        chosen.payload.applies_from if chosen else SINCE,
        reading.facts,
        None,
    )
