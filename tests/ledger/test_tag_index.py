"""The tag index: complete lists are proven, and a list with one entry left out, put in or swapped is not."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import EvidenceError, MalformedError, RongjianError
from ledger.log_signer import LogSigner
from ledger.tlog import note
from ledger.tlog.merkle import leaf_hash, root_of
from ledger.tlog.tag_index import IndexHead, IndexLeaf, TagIndex, chain_of, check_key, keys_of, parse_head
from tests.spoiling import paths_of, with_at

ROWS = [
    ("Filed", ["c:1", "o:A"]),
    ("Filed", ["c:2", "o:B"]),
    ("Scored", ["c:1"]),
    ("Closed", []),
    ("Filed", ["c:3", "o:A"]),
]
LEAVES = [leaf_hash(b"%d" % n) for n in range(40)]


def _index(rows: list[tuple[str, list[str]]]) -> tuple[TagIndex, dict[str, list[tuple[int, bytes]]]]:
    index, under = TagIndex(), dict[str, list[tuple[int, bytes]]]()
    for position, (type_, tags) in enumerate(rows, 1):
        index.add(position, LEAVES[position], type_, tags)
        for key in keys_of(type_, tags):
            under.setdefault(key, []).append((position, LEAVES[position]))
    return index, under


def _head(rows: list[tuple[str, list[str]]]) -> tuple[Any, IndexHead, dict[str, list[tuple[int, bytes]]]]:
    index, under = _index(rows)
    sealed = index.sealed()
    return sealed, IndexHead("log.example/a", len(rows), sealed.keys, sealed.root), under


_SOME_ROWS = st.lists(
    st.tuples(st.sampled_from("TUV"), st.lists(st.sampled_from(["c:1", "c:2", "c:3", "o:A", "é:名"]), unique=True)),
    max_size=30,
)


@given(_SOME_ROWS, st.integers(1, 5))
def test_an_index_that_is_built_on_is_the_one_that_is_made_anew(rows: list[tuple[str, list[str]]], each: int) -> None:
    index, given_out = TagIndex(), []
    for position, (type_, tags) in enumerate(rows, 1):
        index.add(position, LEAVES[position], type_, tags)
        if position % each == 0:
            given_out.append((position, index.sealed()))
    for size, sealed in given_out:
        anew, head, under = _head(rows[:size])
        assert (sealed.root, sealed.keys) == (anew.root, anew.keys) == (root_of(_leaf_hashes(under)), len(under))
        for key in [*under, "nothing"]:
            assert sealed.prove(key) == anew.prove(key)
            check_key(sealed.prove(key), key, under.get(key, []), head)


def _leaf_hashes(under: dict[str, list[tuple[int, bytes]]]) -> list[bytes]:
    """Of every key, in the order of the tree: as the specification has them."""
    leaves = [IndexLeaf(hashlib.sha256(k.encode()).hexdigest(), len(e), chain_of(e)) for k, e in under.items()]
    return [leaf.hash() for leaf in sorted(leaves, key=lambda leaf: leaf.key)]


def test_only_keys_of_further_entries_are_hashed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    index, hashed, hash_ = TagIndex(), list[str](), IndexLeaf.hash

    def counted(leaf: IndexLeaf) -> bytes:
        hashed.append(leaf.key)
        return hash_(leaf)

    for position in range(1, 31):
        index.add(position, LEAVES[position], "Filed", [f"c:{position}", "o:A"])
    index.sealed()
    monkeypatch.setattr(IndexLeaf, "hash", counted)
    index.add(31, LEAVES[31], "Filed", ["c:31", "o:A"])
    index.sealed()
    assert len(hashed) == len(set(hashed)) == len(keys_of("Filed", ["c:31", "o:A"]))
    index.sealed()
    assert len(hashed) == 5


@given(
    st.lists(
        st.tuples(st.sampled_from("TUV"), st.lists(st.sampled_from(["c:1", "c:2", "o:A", "é:名"]), unique=True)),
        max_size=30,
    )
)
def test_every_key_is_proven_with_all_its_entries_and_with_no_others(rows: list[tuple[str, list[str]]]) -> None:
    sealed, head, under = _head(rows)
    for key in [*under, "T c:9", "nothing", ""]:
        entries = under.get(key, [])
        told = sealed.prove(key)
        check_key(told, key, entries, head)
        for wrong in ([*entries, (31, LEAVES[31])], entries[1:], entries[::-1], [(p + 1, h) for p, h in entries]):
            if wrong != entries:
                with pytest.raises(EvidenceError):
                    check_key(told, key, wrong, head)


def test_a_present_key_cannot_be_denied_nor_proven_by_another() -> None:
    sealed, head, under = _head(ROWS)
    keys = sorted(under)
    for key in keys:
        for other in [*keys, "absent"]:
            if other != key:
                told = sealed.prove(other) | {"key": key}
                with pytest.raises(EvidenceError):
                    check_key(told, key, [], head)
                with pytest.raises(EvidenceError):
                    check_key(told, key, under.get(other, []), head)


def test_every_spoilt_member_of_a_proof_is_refused() -> None:
    sealed, head, under = _head(ROWS)
    for key in ("c:1", "Filed o:A", "absent"):
        good = sealed.prove(key)
        for path in paths_of(good):
            for value in (None, -1, 99, 1.5, 1e400, "1", "", "00" * 32, "zz", [], {}, True):
                spoilt = with_at(good, path, value)
                if spoilt == good and type(value) is not bool:
                    continue
                with pytest.raises(RongjianError):
                    check_key(spoilt, key, under.get(key, []), head)
    for nonsense in (None, 3, [], {}, {"key": "c:1"}, {"key": "c:1", "between": []}, {"key": "c:1", "between": [None]}):
        with pytest.raises(MalformedError):
            check_key(nonsense, "c:1", under["c:1"], head)


def test_the_head_is_a_note_of_the_log_and_of_no_other() -> None:
    _, head, _ = _head(ROWS)
    signer = LogSigner(head.origin, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    signed = signer.sign_index(head).encode()
    assert parse_head(signed, signer.keys, head.origin) == head
    other = LogSigner("log.example/b", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    for bad, keys, origin in (
        (signed.replace(b"\n5\n", b"\n6\n"), signer.keys, head.origin),
        (signed, other.keys, "log.example/b"),
        (other.sign_index(head).encode(), other.keys, "log.example/b"),
        (signed, [], head.origin),
        (
            note.sign(
                "log.example/a\n5\nAAAA\n", head.origin, Ed25519PrivateKey.from_private_bytes(bytes(32))
            ).encode(),
            signer.keys,
            head.origin,
        ),
    ):
        with pytest.raises(EvidenceError):
            parse_head(bad, keys, origin)
