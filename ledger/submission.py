"""What a signer sends and takes away: the envelope with its openings, the receipt, and the state of a restricted
field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ledger import canonical
from ledger.disclosure import Opening, parse_opening
from ledger.entry import RecordedEvent
from ledger.errors import InvariantError, MalformedError, TooLargeError
from ledger.events.oversight import RestrictedDataHandled
from ledger.sentences import sentence
from ledger.signing import envelope as dsse

#: One submission: an envelope (at most 65 kB) and its openings.
SUBMISSION_LENGTH_MAX = 256_000


#: Why a restricted field does not open, by its state, in Chinese and English.
WHY_NOT_OPENED = {
    "erased": sentence("its opening was erased by an order in the log"),
    "not_kept": sentence("the log was rebuilt from a mirror, and its opening was never kept here"),
    "lost": sentence(
        "its opening is lost: it ought to be here, and no order in the log erased it; restore it from a backup and "
        "run rongjian verify"
    ),
}


@dataclass(frozen=True, slots=True)
class Submission:
    """An envelope in canonical bytes and the openings that travel beside it."""

    envelope: dsse.Envelope
    envelope_bytes: bytes
    openings: Mapping[str, Opening]

    def to_json(self) -> dict[str, object]:
        """The form in which submissions travel."""
        return {
            "envelope": canonical.parse(self.envelope_bytes, "envelope"),
            "openings": {o.pointer: o.to_json() for o in self.openings.values()},
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the signer takes away: where the statement is in the log, and the proof that it is there."""

    log: str
    id: str
    position: int
    recorded_at: str
    leaf_hash: str
    tree_size: int
    inclusion_proof: tuple[str, ...]
    checkpoint: str

    def to_json(self) -> dict[str, object]:
        value = {name: getattr(self, name) for name in self.__slots__}
        return value | {"inclusion_proof": list(self.inclusion_proof), "leaf_index": self.position - 1}


@dataclass(frozen=True, slots=True)
class FieldState:
    """A restricted field of an event; ``erasure`` is the event that ordered its destruction.

    ``withheld``: its opening is here and fits. ``erased``: by an order in the log. ``not_kept``: the entry came from a
    mirror, which holds no openings. ``lost``: it ought to be here, does not open, and nothing in the log says why.
    """

    pointer: str
    commitment: str
    state: Literal["withheld", "erased", "not_kept", "lost"]
    erasure: RecordedEvent | None

    def to_json(self) -> dict[str, object]:
        value: dict[str, object] = {"pointer": self.pointer, "commitment": self.commitment, "state": self.state}
        if self.state in ("not_kept", "lost"):
            value["zh"], value["en"] = WHY_NOT_OPENED[self.state]
        if self.erasure is not None:
            s, order = self.erasure.statement, self.erasure.statement.payload
            if not isinstance(order, RestrictedDataHandled):
                raise InvariantError(f"{s.id} erases nothing")
            value["erased"] = {
                "event": s.id,
                "by": s.actor,
                "role": s.role,
                "on": s.effective_on.isoformat(),
                "purpose": order.purpose,
                "legal_basis": order.legal_basis,
                **{n: v for n in ("ground", "instrument_no") if (v := getattr(order, n)) is not None},
            }
        return value


def parse_submission(data: bytes) -> Submission:
    """Parse ``{"envelope": {...}, "openings": {...}}``; ``openings`` may be left out where nothing is restricted."""
    if len(data) > SUBMISSION_LENGTH_MAX:
        raise TooLargeError(
            "submission_too_large",
            sentence(
                "a submission has at most {submission_length_max} bytes, not {data}; attachments go in by hash",
                submission_length_max=SUBMISSION_LENGTH_MAX,
                data=len(data),
            ),
        )
    return submission_of(canonical.parse_object(data, "submission"))


def submission_of(value: Mapping[str, object]) -> Submission:
    """A submission from parsed JSON."""
    unknown = value.keys() - {"envelope", "openings"}
    envelope, given = value.get("envelope"), value.get("openings", {})
    if unknown or not isinstance(envelope, dict) or not isinstance(given, dict):
        raise MalformedError(
            "malformed_submission",
            sentence("a submission has envelope and openings, both objects, and nothing else"),
            field=sorted(unknown)[0] if unknown else "envelope",
        )
    envelope_bytes = canonical.encode(envelope)
    openings = {pointer: parse_opening(pointer, item) for pointer, item in given.items()}
    return Submission(dsse.parse(envelope_bytes), envelope_bytes, openings)
