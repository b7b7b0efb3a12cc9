"""The entry: the leaf bytes of the log (docs/spec, section 4).

``{"envelope":<envelope>,"recorded_at":"<instant>"}`` is canonical JSON by construction: the envelope is
canonical and "envelope" sorts before "recorded_at". So an entry is framed and unframed by slicing, without
re-serialising anything that was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

import msgspec

from ledger import canonical
from ledger.clock import INSTANT_LENGTH, format_instant
from ledger.dcb import DCBQuery, matches
from ledger.errors import EvidenceError, MalformedError
from ledger.events.registry import Payload
from ledger.identifiers import parse_instant
from ledger.sentences import sentence
from ledger.signing import envelope as dsse
from ledger.statement import Statement
from ledger.statement import parse as parse_statement
from ledger.statement import parse_again as parse_statement_again

A = TypeVar("A", bound=Payload)

_PREFIX = b'{"envelope":'
_MIDDLE = b',"recorded_at":"'
_SUFFIX = b'"}'
_TAIL = len(_MIDDLE) + INSTANT_LENGTH + len(_SUFFIX)


def frame(envelope: bytes, recorded_at: datetime) -> bytes:
    """The entry of canonical envelope bytes recorded at an instant."""
    return _PREFIX + envelope + _MIDDLE + format_instant(recorded_at).encode("ascii") + _SUFFIX


def unframe(entry: bytes) -> tuple[bytes, datetime]:
    """Envelope bytes and ``recorded_at`` of an entry. Raises EvidenceError if the frame is damaged."""
    tail = entry[-_TAIL:]
    if entry.startswith(_PREFIX) and tail.startswith(_MIDDLE) and tail.endswith(_SUFFIX):
        try:
            text = tail[len(_MIDDLE) : -len(_SUFFIX)].decode("ascii")
            instant = parse_instant(text, "recorded_at")
        except (UnicodeDecodeError, MalformedError) as error:
            raise _damaged("recorded_at") from error
        if format_instant(instant) == text:
            return entry[len(_PREFIX) : -_TAIL], instant
    raise _damaged("frame")


class RecordedEvent(msgspec.Struct, frozen=True):
    """An entry of the log, parsed: position (1 for the first), when it was recorded, who signed what."""

    position: int
    recorded_at: datetime
    envelope: dsse.Envelope
    statement: Statement

    def matches(self, query: DCBQuery | None) -> bool:
        """Would the query find it? As the recorder does: any item, of its types, with all of its tags."""
        return query is None or matches(query, self.statement.type, self.statement.tags)


def acts(kind: type[A], events: Iterable[RecordedEvent]) -> Iterator[tuple[RecordedEvent, A]]:
    """Those of some entries that are acts of a class, each with what it says."""
    for event in events:
        if isinstance(event.statement.payload, kind):
            yield event, event.statement.payload


def parse(position: int, entry: bytes) -> RecordedEvent:
    """Parse stored entry bytes. Raises EvidenceError where they are not what was recorded."""
    envelope_bytes, recorded_at = unframe(entry)
    try:
        # A frame around a canonical envelope is canonical.
        envelope = dsse.parse(envelope_bytes)
        statement = parse_statement(envelope.body)
    except MalformedError as error:
        error = _of_whole(entry) or error
        raise EvidenceError(
            "entry_damaged",
            sentence("entry {position}: {error}", position=position, error=error.told),
            position=position,
        ) from error
    return RecordedEvent(position, recorded_at, envelope, statement)


def parse_again(position: int, entry: bytes) -> RecordedEvent:
    """The event of bytes that :func:`parse` has accepted before: whoever asks knows their hash from then, and has
    compared it.
    """
    envelope_bytes, recorded_at = unframe(entry)
    envelope = dsse.parse_again(envelope_bytes)
    return RecordedEvent(position, recorded_at, envelope, parse_statement_again(envelope.body))


def _of_whole(entry: bytes) -> MalformedError | None:
    """What is wrong with an entry as JSON, whatever is in it."""
    try:
        canonical.parse_canonical(entry, "entry")
    except MalformedError as error:
        return error
    return None


def _damaged(field: str) -> EvidenceError:
    return EvidenceError("entry_damaged", sentence("the entry's {field} is damaged", field=field), field=field)
