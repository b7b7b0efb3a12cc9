"""The witness protocol (c2sp.org/tlog-witness): the request, and what a witness decides about it.

A witness remembers, for each log it knows, the largest tree it has cosigned, and cosigns another only if that one
extends it. Deciding is pure; remembering and answering are effects of the edge.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import (
    ConflictError,
    EvidenceError,
    MalformedError,
    RongjianError,
    SignatureRefusedError,
    UnavailableError,
)
from ledger.sentences import Pair, sentence
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import EMPTY_ROOT, PROOF_LENGTH_MAX, verify_consistency

#: 63 hashes, and a checkpoint with both kinds of signatures of a log and 32 witnesses.
REQUEST_LENGTH_MAX = 131_072

#: Content type of the body of a 409: the size last cosigned, and a newline.
SIZE_MEDIA_TYPE = "text/x.tlog.size"

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """Body of ``add-checkpoint``: the size last cosigned, the consistency proof from it, the signed checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """The request body."""
        lines = [f"old {self.old}", *(base64.b64encode(h).decode() for h in self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    def head(self) -> Checkpoint:
        """The tree head inside, not verified. Raises MalformedError where it cannot be read or is below ``old``."""
        try:
            head = checkpoint.parse(note.split(self.checkpoint)[0])
        except EvidenceError as error:
            # A size of 0 with a root of its own is readable, and wrong (422).
            if error.code == "bad_checkpoint" and "of size 0" in error.en:
                raise
            raise _malformed(error.told) from error
        if self.old > head.size:
            raise _malformed(sentence("old {old} is beyond the checkpoint's size {size}", old=self.old, size=head.size))
        return head


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Parse a request body; raises MalformedError."""
    head, separator, signed = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii", "strict").split("\n")
        proof = tuple(note.decode_base64(line) for line in lines[1:])
    except (UnicodeDecodeError, binascii.Error) as error:
        raise _malformed(sentence("the proof is not base64 lines")) from error
    old = _OLD.fullmatch(lines[0])
    if not separator or old is None or len(proof) > PROOF_LENGTH_MAX or any(len(h) != 32 for h in proof):
        raise _malformed(sentence("it is not `old N`, at most 63 hashes, an empty line and a checkpoint"))
    return AddCheckpoint(int(old[1]), proof, signed)


class StaleSizeError(ConflictError):
    """``old`` is not the size last cosigned; ``size`` is."""

    def __init__(self, size: int) -> None:
        super().__init__(
            "witness_size",
            sentence("the size last cosigned is {size}; prove consistency from there", size=size),
            size=size,
        )
        self.size = size


def consider(request: AddCheckpoint, last: Checkpoint | None, keys: Sequence[note.NoteKey]) -> Checkpoint:
    """The head to cosign, in the order of checks of the protocol.

    ``last`` is the head last cosigned for this origin, ``keys`` are those trusted for it. Raises
    MalformedError (400), SignatureRefusedError (403), StaleSizeError (409), EvidenceError (422).
    """
    head = request.head()
    try:
        note.verify(request.checkpoint, [key for key in keys if key.name == head.origin])
    except EvidenceError as error:
        raise SignatureRefusedError("witness_signature", error.told) from error
    size, root = (last.size, last.root) if last is not None else (0, EMPTY_ROOT)
    if request.old != size:
        raise StaleSizeError(size)
    verify_consistency(size, head.size, root, head.root, request.proof)
    return head


def agreed_lines(answer: bytes, text: str, key: note.NoteKey) -> list[tuple[note.NoteKey, bytes]]:
    """The cosignatures of ``key`` in a witness's answer over a checkpoint's text; lines of unknown keys are dropped.

    Raises UnavailableError for an answer that is no signature lines, or none of this key's that verifies.
    """
    try:
        signed = note.verified(text.encode() + b"\n" + answer, [key])[1]
    except RongjianError as error:
        raise UnavailableError("witness_answer", sentence("the witness's answer: {error}", error=error.told)) from error
    if not signed:
        raise UnavailableError("witness_answer", sentence("the witness did not cosign with its key"))
    if any(signature[:8] == bytes(8) for _, signature in signed):
        raise UnavailableError("witness_answer", sentence("the witness cosigned without a time"))
    return signed


def _malformed(told: Pair) -> MalformedError:
    return MalformedError("bad_witness_request", sentence("the request: {told}", told=told))
