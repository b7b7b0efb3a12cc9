"""What a witness of ours keeps in its folder: its key, the logs it knows, the heads it cosigned, what it refused.

``witness.json`` names it, ``witness.key`` is its Ed25519 key, ``logs.policy`` lists the logs (c2sp.org/tlog-policy).
A folder per origin (hex SHA-256) holds ``checkpoint``, the head last cosigned, and ``refused/``: each request that a
log signed and that does not fit what was cosigned before, as one portable file.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.sentences import sentence
from ledger.clock import Clock, format_instant, system_clock
from ledger.errors import EvidenceError, MalformedError, NotFoundError, UnavailableError
from ledger.signing.keys import PrivateKey, from_pem, to_pem
from ledger.store.private_file import write_private
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import Ed25519Cosigner, cosign_ed25519, timestamp_of
from ledger.tlog.index_origin import index_key, index_origin
from ledger.tlog.policy import Policy, parse_policy
from ledger.tlog.witness import StaleSizeError, consider, parse_add_checkpoint

#: Files of refused requests that are kept per log: enough to prove anything, too few to fill a disk.
REFUSED_MAX = 1_000

EVIDENCE_KIND = "rongjian/refused-checkpoint@v1"


@dataclass(frozen=True, slots=True)
class Refused:
    """Two heads of one origin, both signed by the log, that a witness could not reconcile."""

    origin: str
    held: bytes
    offered: bytes
    proof: tuple[bytes, ...]
    reason: str
    at: str

    def to_bytes(self) -> bytes:
        """The portable file."""
        value = {
            "kind": EVIDENCE_KIND,
            "origin": self.origin,
            "held": self.held.decode(),
            "offered": self.offered.decode(),
            "proof": [base64.b64encode(h).decode() for h in self.proof],
            "reason": self.reason,
            "at": self.at,
        }
        return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def create_witness(folder: Path, name: str, seed: bytes) -> Ed25519Cosigner:
    """Make a witness's folder with its key. Raises MalformedError for a name that is none, or a folder in use."""
    if not note.NAME.fullmatch(name) or len(name.encode()) > 255:
        raise MalformedError(
            "malformed_field", sentence("witness name {name}: no spaces, no +", name=(name, repr(name)))
        )
    if (folder / "witness.json").exists():
        raise MalformedError("witness_exists", sentence("{folder} already holds a witness", folder=folder))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(folder / "witness.key", to_pem(PrivateKey(seed), None))
    write_private(folder / "witness.json", json.dumps({"name": name}, ensure_ascii=False).encode())
    return Ed25519Cosigner(name, PrivateKey(seed).public.raw)


class WitnessHome:
    """A witness at work; one process at a time holds a folder."""

    def __init__(self, folder: Path, clock: Clock = system_clock) -> None:
        self._folder = folder
        self._clock = clock
        self._deciding = threading.Lock()
        try:
            self.name = str(json.loads((folder / "witness.json").read_text("utf-8"))["name"])
            seed = from_pem((folder / "witness.key").read_bytes(), None).seed
            self._policy: Policy = parse_policy((folder / "logs.policy").read_bytes())
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnavailableError(
                "witness_running", sentence("another process serves {folder}", folder=folder)
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnavailableError(
                "witness_incomplete",
                sentence(
                    "{folder} needs witness.json and witness.key (rongjian witness new {folder} --name NAME) and "
                    "logs.policy (one line `log VKEY` per log, and `quorum none`)",
                    folder=folder,
                ),
            ) from error
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.cosigner = Ed25519Cosigner(self.name, self._key.public_key().public_bytes_raw())

    def close(self) -> None:
        os.close(self._lock)

    def add_checkpoint(self, data: bytes) -> bytes:
        """The cosignature line for a request, once the head is on disk; or the reason why not.

        Deciding and remembering are one step: two requests for one log never see the same last head.
        """
        request = parse_add_checkpoint(data)
        origin = request.head().origin
        keys = self._keys_of(origin)
        if not keys:
            raise NotFoundError(
                "witness_origin", sentence("{origin} is not a log of this witness", origin=(origin, repr(origin)))
            )
        with self._deciding:
            last = self._last(origin, keys)
            try:
                head = consider(request, last[0] if last else None, keys)
            except (EvidenceError, StaleSizeError) as error:
                # Two roots of one size are proof whatever old size came with them.
                if isinstance(error, EvidenceError) or _other_root(last, request.head()):
                    at = format_instant(self._clock())
                    held = last[1] if last else b""
                    self._keep(Refused(origin, held, request.checkpoint, request.proof, error.code, at))
                raise
            now = int(self._clock().timestamp())
            if last is not None and now < self._dated(last[1]):
                raise UnavailableError(
                    "witness_clock",
                    sentence("the clock reads earlier than the last cosignature; set it right"),
                )
            line = cosign_ed25519(head.text, self.name, self._key, now)
            signed = _without(request.checkpoint, self.cosigner) + line.encode()
            write_private(self._place(origin) / "checkpoint", signed)
        return line.encode()

    def checkpoint(self, origin_hash: str) -> bytes:
        """The head last cosigned of an origin (hex SHA-256), with the log's lines and ours."""
        names = {name for key in self._policy.logs for name in (key.name, index_origin(key.name))}
        known = {hashlib.sha256(name.encode()).hexdigest() for name in names}
        path = self._folder / origin_hash / "checkpoint"
        if origin_hash not in known or not path.exists():
            raise NotFoundError("witness_origin", sentence("no head of that origin was cosigned"))
        return path.read_bytes()

    def _keys_of(self, origin: str) -> list[note.NoteKey]:
        """The keys trusted for an origin: a log of the policy, or the log of index heads of one."""
        listed = [key for key in self._policy.logs if key.name == origin]
        return listed or [index_key(key) for key in self._policy.logs if index_origin(key.name) == origin]

    def _last(self, origin: str, keys: list[note.NoteKey]) -> tuple[Checkpoint, bytes] | None:
        path = self._place(origin) / "checkpoint"
        if not path.exists():
            return None
        signed = path.read_bytes()
        return checkpoint.verify(signed, [*keys, self.cosigner], origin), signed

    def _dated(self, signed: bytes) -> int:
        """The time in POSIX seconds of our own line under a stored head."""
        return max(timestamp_of(signature) for _, signature in note.verified(signed, [self.cosigner])[1])

    def _keep(self, refused: Refused) -> None:
        # The time is no part of the name: the same request again and again is one file.
        named = hashlib.sha256(refused.held + b"\0" + refused.offered).hexdigest()
        folder = self._place(refused.origin) / "refused"
        path = folder / f"{named}.json"
        if not path.exists() and (not folder.exists() or len(list(folder.iterdir())) < REFUSED_MAX):
            write_private(path, refused.to_bytes())

    def _place(self, origin: str) -> Path:
        return self._folder / hashlib.sha256(origin.encode()).hexdigest()


def parse_refused(data: bytes) -> Refused:
    """Parse a file of a refused request."""
    try:
        value = json.loads(data)
        if value.pop("kind") != EVIDENCE_KIND or len(value) != 6:
            raise ValueError("kind")
        proof = tuple(note.decode_base64(h) for h in value["proof"])
        return Refused(
            str(value["origin"]),
            value["held"].encode(),
            value["offered"].encode(),
            proof,
            str(value["reason"]),
            str(value["at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedError(
            "bad_evidence_file", sentence("it is not a file of kind {evidence_kind}", evidence_kind=EVIDENCE_KIND)
        ) from error


def judge(refused: Refused, keys: list[note.NoteKey]) -> str:
    """``equivocation`` where both heads are the log's and of one size with two roots; else ``inconsistent_claim``.

    Two heads of two sizes prove nothing by themselves: the request may hold a wrong proof with two true heads.
    Raises EvidenceError where a head is not signed by the log.
    """
    held, offered = (checkpoint.verify(signed, keys, refused.origin) for signed in (refused.held, refused.offered))
    return "equivocation" if held.size == offered.size and held.root != offered.root else "inconsistent_claim"


def _other_root(last: tuple[Checkpoint, bytes] | None, head: Checkpoint) -> bool:
    return last is not None and last[0].size == head.size and last[0].root != head.root


def _without(signed: bytes, key: note.NoteKey) -> bytes:
    """A checkpoint without lines of ``key``: a log sends what it has, our older line included."""
    text, lines = note.split(signed)
    kept = (
        f"— {s.name} {base64.b64encode(s.key_id + s.signature).decode()}\n"
        for s in lines
        if (s.name, s.key_id) != (key.name, key.key_id)
    )
    return (text + "\n" + "".join(kept)).encode()
