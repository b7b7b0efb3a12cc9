"""Checkpoints (c2sp.org/tlog-checkpoint): origin, size and root of a tree as a signed note."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import EvidenceError
from ledger.sentences import Pair, sentence
from ledger.tlog import note
from ledger.tlog.merkle import EMPTY_ROOT

#: What a head of a log of ours is: lines of others behind these three are signed and mean nothing here.
NO_EXTENSIONS = "origin, size and root without extension lines"

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: ``size`` leaves under ``root`` in the log ``origin``.

    ``extensions`` are lines that a log of others may add: opaque, signed, and said by nobody but that log. Ours add
    none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The lines that are signed: origin, size, root, and the extension lines where there are any."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def named(self) -> str:
        """How the text of every head of this log and size begins."""
        return f"{self.origin}\n{self.size}\n"

    def signed(self, private_key: note.Ed25519Signer) -> str:
        """The signed note; the key name is the origin."""
        return note.sign(self.text, self.origin, private_key)


def parse(text: str) -> Checkpoint:
    """Parse the text part of a checkpoint note: three lines, and extension lines, none of them empty."""
    *lines, end = text.split("\n")
    if len(lines) < 3 or end != "" or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise _bad_checkpoint(sentence("is not origin, size and root on three lines"))
    try:
        root = note.decode_base64(lines[2])
    except binascii.Error as error:
        raise _bad_checkpoint(sentence("has a root that is not base64")) from error
    if len(root) != 32:
        raise _bad_checkpoint(sentence("has a root that is not 32 bytes"))
    if lines[1] == "0" and root != EMPTY_ROOT:
        raise _bad_checkpoint(sentence("of size 0 has a root other than SHA-256 of nothing"))
    return Checkpoint(lines[0], int(lines[1]), root, tuple(lines[3:]))


def verify(signed: bytes, keys: Sequence[note.NoteKey], origin: str) -> Checkpoint:
    """Verify the note by one of ``keys``, parse it and require the origin."""
    checkpoint = parse(note.verify(signed, keys))
    if checkpoint.origin != origin:
        raise _bad_checkpoint(sentence("is of “{found}”, not of “{origin}”", found=checkpoint.origin, origin=origin))
    return checkpoint


def _bad_checkpoint(told: Pair) -> EvidenceError:
    return EvidenceError("bad_checkpoint", sentence("checkpoint {told}", told=told))
