"""Keys registered for somebody who had one, without a signature by any that was theirs: others brought them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ledger.derivation.identity import KeyState
from ledger.entry import RecordedEvent
from ledger.events.identity import KeyRegistered


@dataclass(frozen=True, slots=True)
class FurtherKey:
    """One such registration; ``had_one``: a key of the holder's own was valid then."""

    registration: RecordedEvent
    key: KeyState
    had_one: bool


def brought_by_others(registrations: Iterable[RecordedEvent], keys: Mapping[str, KeyState]) -> Iterator[FurtherKey]:
    """Among ``KeyRegistered`` events in the order of recording; ``keys`` are all that are known, founders' included."""
    own: dict[str, list[KeyState]] = {}
    for key in keys.values():
        if key.valid_from is None:
            own.setdefault(key.principal_id, []).append(key)
    for event in registrations:
        p = event.statement.payload
        if not isinstance(p, KeyRegistered):
            continue
        before, signed = own.setdefault(p.principal_id, []), {s.keyid for s in event.envelope.signatures}
        if before and not signed & {k.key_id for k in before}:
            yield FurtherKey(event, keys[p.key_id], any(k.valid_at(event.recorded_at) for k in before))
        before.append(keys[p.key_id])
