"""The tag index: a sorted Merkle tree that says, for a log of some size, which entries carry which tag and type.

A proof of inclusion shows that an entry is in the log; it cannot show that no other entry of the same case was left
out. The index can: for each key there is one leaf with the number of its entries and a hash chain over them, and the
log signs the root. A reader with the whole log recomputes it; a reader with a package checks each key it rests on.

Keys of an entry: its type, each of its tags, and each pair of type and tag. A leaf holds the SHA-256 of the key, and
leaves stand in the order of these hashes, so that the two neighbours that prove an absence do not name others' cases.
"""

from __future__ import annotations

import base64
import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger import canonical
from ledger.errors import EvidenceError, MalformedError
from ledger.sentences import sentence
from ledger.tlog import note
from ledger.tlog.merkle import LeafTree, inclusion_proof, leaf_hash, verify_inclusion

_HEADER = "rongjian/tag-index@v1"
_TEXT = re.compile(rf"{_HEADER}\n([^\n]+)\n(0|[1-9][0-9]{{0,18}})\n(0|[1-9][0-9]{{0,18}})\n([A-Za-z0-9+/]{{43}}=)\n")
_START = bytes(32)


def keys_of(type_: str, tags: Iterable[str]) -> list[str]:
    """The keys under which an entry stands: type, tags, and pairs of both."""
    tags = list(tags)
    return [type_, *tags, *(f"{type_} {tag}" for tag in tags)]


def chained(chain: bytes, position: int, leaf: bytes) -> bytes:
    """The chain after one more entry: SHA-256(chain || u64 position || leaf hash); the first is 32 zero bytes."""
    return hashlib.sha256(chain + position.to_bytes(8, "big") + leaf).digest()


def chain_of(entries: Iterable[tuple[int, bytes]]) -> bytes:
    """The chain over (position, leaf hash) in the order of positions."""
    chain = _START
    for position, leaf in entries:
        chain = chained(chain, position, leaf)
    return chain


@dataclass(frozen=True, slots=True)
class IndexHead:
    """What the log signs: ``keys`` leaves under ``root`` for the log ``origin`` of ``size`` entries."""

    origin: str
    size: int
    keys: int
    root: bytes

    @property
    def text(self) -> str:
        """The five lines that are signed, as a note under the log's name."""
        return f"{self.named}{self.keys}\n{base64.b64encode(self.root).decode()}\n"

    @property
    def named(self) -> str:
        """How the text of every index head of this log and size begins."""
        return f"{_HEADER}\n{self.origin}\n{self.size}\n"


def parse_head(signed: bytes, keys: Sequence[note.NoteKey], origin: str) -> IndexHead:
    """The index head of a note that the log signed. Raises EvidenceError."""
    match = _TEXT.fullmatch(note.verify(signed, [key for key in keys if key.name == origin]))
    if match is None or match[1] != origin:
        raise EvidenceError("bad_index", sentence("the note is no tag index of this log"))
    return IndexHead(origin, int(match[2]), int(match[3]), note.decode_base64(match[4]))


@dataclass(frozen=True, slots=True)
class IndexLeaf:
    """Hash of a key, the number of its entries, and the chain over them."""

    key: str
    count: int
    chain: bytes

    def hash(self) -> bytes:
        """Leaf hash of its canonical JSON."""
        return leaf_hash(canonical.encode({"chain": self.chain.hex(), "count": self.count, "key": self.key}))


class TagIndex:
    """The index of a log, built by adding its entries in order, sealed whenever one likes, and built on."""

    def __init__(self) -> None:
        #: By the SHA-256 of a key: the number of its entries, and the chain over them.
        self._chains: dict[bytes, tuple[int, bytes]] = {}
        self._changed: set[bytes] = set()
        self._order: list[bytes] = []
        self._tree = LeafTree()

    def __len__(self) -> int:
        return len(self._chains)

    def add(self, position: int, leaf: bytes, type_: str, tags: Iterable[str]) -> None:
        """One more entry."""
        for key in keys_of(type_, tags):
            digest = hashlib.sha256(key.encode()).digest()
            count, chain = self._chains.get(digest, (0, _START))
            self._chains[digest] = count + 1, chained(chain, position, leaf)
            self._changed.add(digest)

    def sealed(self) -> SealedIndex:
        """The tree over what was added. Only leaves of keys that have changed since the last time are hashed."""
        hashes = {digest: _leaf_of(digest, self._chains[digest]).hash() for digest in self._changed}
        if len(self._order) < len(self._chains):
            self._put_in(hashes)
        else:
            self._tree.change({bisect_left(self._order, digest): leaf for digest, leaf in hashes.items()})
        self._changed.clear()
        return SealedIndex(self._order.copy(), self._chains.copy(), self._tree.copy())

    def _put_in(self, hashes: dict[bytes, bytes]) -> None:
        """Leaves of new keys between those that are there."""
        before, old = self._order, self._tree
        first = bisect_left(before, min(hashes))
        behind = dict(zip(before[first:], old.leaves(first), strict=True)) | hashes
        self._order = before[:first] + sorted(behind)
        self._tree.follow(first, [behind[digest] for digest in self._order[first:]])


class SealedIndex:
    """A finished index: its root, and proofs for any key."""

    def __init__(self, order: list[bytes], chains: dict[bytes, tuple[int, bytes]], tree: LeafTree) -> None:
        self._order = order
        self._chains = chains
        self._tree = tree
        self.root = tree.root()
        self.keys = len(order)

    def prove(self, key: str) -> dict[str, object]:
        """``{"key", "at": [leaf]}`` if the key has entries, else ``{"key", "between": [before, after]}``, null at an
        end.
        """
        wanted = hashlib.sha256(key.encode()).digest()
        at = bisect_left(self._order, wanted)
        if at < self.keys and self._order[at] == wanted:
            return {"key": key, "at": self._told(at)}
        before, after = at - 1, at
        return {"key": key, "between": [self._told(i) if 0 <= i < self.keys else None for i in (before, after)]}

    def _told(self, at: int) -> dict[str, object]:
        leaf = _leaf_of(self._order[at], self._chains[self._order[at]])
        proof = inclusion_proof(at, self.keys, self._tree.subtree)
        return {
            "key": leaf.key,
            "count": leaf.count,
            "chain": leaf.chain.hex(),
            "index": at,
            "proof": [h.hex() for h in proof],
        }


def _leaf_of(digest: bytes, chain: tuple[int, bytes]) -> IndexLeaf:
    return IndexLeaf(digest.hex(), *chain)


def check_key(told: object, key: str, entries: Sequence[tuple[int, bytes]], head: IndexHead) -> None:
    """Raise EvidenceError unless ``entries`` (position, leaf hash) are all that the log has under ``key``."""
    try:
        if not isinstance(told, dict):
            raise TypeError("a proof is an object")
        if told["key"] != key:
            raise _incomplete(key, "the proof is of another key")
        if "at" in told:
            _check_present(told["at"], key, entries, head)
        else:
            _check_absent(told["between"], key, entries, head)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedError("bad_index_proof", sentence("the index proof of {key} is malformed", key=key)) from error


def _check_present(told: object, key: str, entries: Sequence[tuple[int, bytes]], head: IndexHead) -> None:
    leaf = _leaf(told, head)
    if leaf.key != _hashed(key):
        raise _incomplete(key, "the leaf is of another key")
    if leaf.count != len(entries) or leaf.chain != chain_of(entries):
        raise _incomplete(key, f"the log has {leaf.count} entries, here are {len(entries)} or others")


def _check_absent(told: object, key: str, entries: Sequence[tuple[int, bytes]], head: IndexHead) -> None:
    if not isinstance(told, list):
        raise TypeError("the leaves beside a key are a list")
    before, after = told
    wanted = _hashed(key)
    if entries:
        raise _incomplete(key, "entries are here that the index denies")
    first = -1 if before is None else _number(before["index"])
    last = head.keys if after is None else _number(after["index"])
    lower, upper = (_leaf(t, head).key if t is not None else None for t in (before, after))
    between = (lower is None or lower < wanted) and (upper is None or wanted < upper)
    if last != first + 1 or not between:
        raise _incomplete(key, "the leaves beside it are not neighbours")


def _leaf(told: object, head: IndexHead) -> IndexLeaf:
    if not isinstance(told, dict):
        raise TypeError("a leaf is an object")
    leaf = IndexLeaf(str(told["key"]), _number(told["count"]), bytes.fromhex(told["chain"]))
    proof = [bytes.fromhex(h) for h in told["proof"]]
    verify_inclusion(leaf.hash(), _number(told["index"]), head.keys, proof, head.root)
    return leaf


def _number(value: object) -> int:
    """A JSON integer and nothing that Python would make one of."""
    if type(value) is not int:
        raise TypeError(value)
    return value


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _incomplete(key: str, why: str) -> EvidenceError:
    return EvidenceError(
        "incomplete", sentence("entries under {key} are not proven complete: {why}", key=key, why=why), key=key
    )
