"""Portable inclusion proofs (c2sp.org/tlog-proof, file extension ``.tlog-proof``).

One text file with index, inclusion proof and checkpoint. With the entry's bytes and a policy of the reader's own
it shows, offline and for ever, that the entry stands in the log.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from ledger.errors import EvidenceError
from ledger.sentences import Pair, sentence
from ledger.tlog.merkle import PROOF_LENGTH_MAX, verify_inclusion
from ledger.tlog.note import decode_base64
from ledger.tlog.policy import Policy, Trusted

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Leaf ``index``, sibling hashes with the leaf's first, the signed checkpoint verbatim, unauthenticated
    ``extra``.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """The file."""
        lines = [_HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines.extend(base64.b64encode(h).decode() for h in self.hashes)
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint

    def verify(self, leaf: bytes, policy: Policy) -> Trusted:
        """That the leaf hash stands at ``index`` under a checkpoint the policy accepts; else EvidenceError."""
        trusted = policy.verify(self.checkpoint)
        head = trusted.checkpoint
        verify_inclusion(leaf, self.index, head.size, self.hashes, head.root)
        return trusted


def parse_proof(data: bytes) -> InclusionProof:
    """Parse a ``.tlog-proof`` file strictly; the checkpoint inside is not verified here."""
    head, separator, signed = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii", "strict").split("\n")
    except UnicodeDecodeError as error:
        raise _bad(sentence("holds bytes other than ASCII before its checkpoint")) from error
    if not separator or lines[0] != _HEADER:
        raise _bad(sentence("does not begin with {header}", header=_HEADER))
    extra = _base64(lines.pop(1).removeprefix("extra ")) if len(lines) > 1 and lines[1].startswith("extra ") else None
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if index is None:
        raise _bad(sentence("has no line `index N`"))
    hashes = tuple(_base64(line) for line in lines[2:])
    if len(hashes) > PROOF_LENGTH_MAX or any(len(h) != 32 for h in hashes):
        raise _bad(sentence("holds a hash that is not 32 bytes, or too many"))
    return InclusionProof(int(index[1]), hashes, signed, extra)


def _base64(text: str) -> bytes:
    try:
        return decode_base64(text)
    except binascii.Error as error:
        raise _bad(sentence("holds malformed base64")) from error


def _bad(told: Pair) -> EvidenceError:
    return EvidenceError("bad_proof_file", sentence("the proof file {told}", told=told))
