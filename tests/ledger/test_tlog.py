"""Merkle tree, notes, checkpoints and tiles against published vectors, good and systematically spoilt.

Origin of the vectors: RFC 6962's eight inputs; the log key of seed 00..1f over entries {"i":N,"t":"award"};
c2sp.org/signed-note's example. They were checked with independent Go and Python implementations.
"""

from __future__ import annotations

import base64
import hashlib
import tracemalloc
from collections.abc import Sequence
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import EvidenceError, MalformedError
from ledger.tlog import checkpoint, merkle, note, tiles
from ledger.tlog.hash_tree import HashTree

RFC_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
RFC_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(bytes.fromhex(x)) for x in RFC_INPUTS]
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "ledger.example.gov/awards"
CHECKPOINT_3 = (
    "ledger.example.gov/awards\n3\nZvQm0gFBjfKC3ExRrRMcugeTUbyk+5HDt6v+VFA+l4w=\n\n"
    "\u2014 ledger.example.gov/awards /TfDvgyxDoJkMcstIJQna8LTk+OKWsROk9Yj7NNjqsVhcEAqOOhXrz9wkgJhX/"
    "RHB8EbkF2i9JKbcpKjI79bAU/d5A0=\n"
)
WITNESS_LINE = (
    "\u2014 witness.example/w1 IDJKvgAAAABpVbkAc2PVGGrSFvz0yRR3tQNri+dK9OHWwbrC+H9LB5jBmWCOFPGdV2p1uUkyvWxEsu"
    "fII2JvWb8hB+/E1cSB5ct7CQ==\n"
)


def _entries(size: int) -> list[bytes]:
    return [b'{"i":%d,"t":"award"}' % i for i in range(size)]


def _leaf_hashes(size: int) -> list[bytes]:
    return [merkle.leaf_hash(e) for e in _entries(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_rfc6962_roots(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]).hex() == RFC_ROOTS[size - 1]


def test_empty_root_is_the_hash_of_nothing() -> None:
    assert merkle.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_rfc6962_paths() -> None:
    subtree = merkle.subtree_of(LEAVES)
    assert [h.hex() for h in merkle.inclusion_proof(5, 8, subtree)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [h.hex() for h in merkle.consistency_proof(6, 8, subtree)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [h.hex()[:16] for h in merkle.consistency_proof(2, 5, subtree)] == ["5f083f0a1a33ca07", "bc1a0643b12e4d2d"]
    assert [h.hex()[:8] for h in merkle.consistency_proof(3, 7, subtree)] == [
        "0298d122",
        "07506a85",
        "fac54203",
        "837dbb15",
    ]


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (1, "ddEwihxVYc2OMa+hf2+/tatL9BRoerjm0mwPAaubIgw="),
        (255, "rLH3zSH6gs+rpl8U9SPDYzBjFuEq3AckJSsQLwCwUEs="),
        (256, "glC+H0ZMsNY2+pkDC1cUsQAHU3AuLQ3BwSsWkVOL4DY="),
        (257, "mU2UDBdBHsTmVj5IkSJZSWRxHKomczHSS6OFbVIgWq0="),
        (600, "d2bCDdRVI+5TXwbR4mdbq7pSwvHPwS+Es/H9i6nfS+M="),
        (70000, "KdNKltoKhvd9+dUOqrF9oOt8LtxgS66XUqM8WpmFTyM="),
    ],
)
def test_award_log_roots(size: int, root: str) -> None:
    assert base64.b64encode(merkle.root_of(_leaf_hashes(size))).decode() == root


@given(st.integers(1, 70), st.data())
@settings(deadline=None)
def test_every_inclusion_proof_verifies_and_no_spoilt_one_does(size: int, data: st.DataObject) -> None:
    leaves = _leaf_hashes(size)
    index = data.draw(st.integers(0, size - 1))
    root = merkle.root_of(leaves)
    proof = merkle.inclusion_proof(index, size, merkle.subtree_of(leaves))
    merkle.verify_inclusion(leaves[index], index, size, proof, root)
    spoilt = [
        (leaves[index - 1] if size > 1 else b"x" * 32, index, size, proof, root),
        (leaves[index], index, size, [*proof, root], root),
        (leaves[index], index, size, proof, b"\0" * 32),
    ]
    if proof:
        spoilt.append((leaves[index], index, size, proof[:-1], root))
        at = data.draw(st.integers(0, len(proof) - 1))
        bit = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        spoilt.append((leaves[index], index, size, [*proof[:at], bit, *proof[at + 1 :]], root))
        spoilt.append((leaves[index], (index + 1) % size, size, proof, root))
    for case in spoilt:
        with pytest.raises(EvidenceError):
            merkle.verify_inclusion(*case)


@given(st.integers(0, 70), st.data())
@settings(deadline=None)
def test_every_consistency_proof_verifies_and_no_spoilt_one_does(new: int, data: st.DataObject) -> None:
    leaves = _leaf_hashes(new)
    old = data.draw(st.integers(0, new))
    roots = merkle.root_of(leaves[:old]), merkle.root_of(leaves)
    proof = merkle.consistency_proof(old, new, merkle.subtree_of(leaves))
    merkle.verify_consistency(old, new, *roots, proof)
    spoilt = [(old, new, b"\0" * 32, roots[1], proof), (old, new, *roots, [*proof, roots[0]])]
    if proof:
        spoilt.append((old, new, *roots, proof[:-1]))
        spoilt.append((old, new, roots[0], b"\0" * 32, proof))
    for case in spoilt:
        with pytest.raises(EvidenceError):
            merkle.verify_consistency(*case)


@given(st.integers(1, 1200), st.data())
@settings(deadline=None, max_examples=40)
def test_subtrees_from_tiles_equal_subtrees_from_leaves(size: int, data: st.DataObject) -> None:
    leaves = _leaf_hashes(size)
    levels = {0: leaves, 1: [merkle.root_of(leaves[i : i + 256]) for i in range(0, size - size % 256, 256)]}
    subtree = tiles.subtree_from(lambda level, start, end: levels[level][start:end])
    index = data.draw(st.integers(0, size - 1))
    assert merkle.inclusion_proof(index, size, subtree) == merkle.inclusion_proof(
        index, size, merkle.subtree_of(leaves)
    )
    assert subtree(0, size) == merkle.root_of(leaves)


@given(st.integers(1, 700), st.data())
@settings(deadline=None, max_examples=40)
def test_a_tree_in_memory_has_the_hashes_of_the_same_tree_from_leaves(size: int, data: st.DataObject) -> None:
    leaves, tree = _leaf_hashes(size), HashTree()
    frontier = merkle.Frontier()
    for leaf in leaves:
        tree.add(leaf)
        frontier, _ = frontier.extended(leaf)
    whole = merkle.subtree_of(leaves)
    asked = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, asked - 1))
    assert tree.frontier == frontier
    assert merkle.inclusion_proof(index, asked, tree.subtree) == merkle.inclusion_proof(index, asked, whole)
    assert merkle.consistency_proof(asked, size, tree.subtree) == merkle.consistency_proof(asked, size, whole)
    assert tree.subtree(0, asked) == merkle.root_of(leaves[:asked])
    assert tree.hashes(0, index, asked + 5) == leaves[index : asked + 5]
    assert tree.hashes(1, 0, 9) == [merkle.root_of(leaves[i : i + 256]) for i in range(0, size - size % 256, 256)]
    assert tree.hashes(4, 0, 9) == []


def test_a_tree_in_memory_takes_no_more_than_48_bytes_a_leaf() -> None:
    leaves, tree = _leaf_hashes(8_000), HashTree()
    tracemalloc.start()
    try:
        for leaf in leaves:
            tree.add(leaf)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / len(leaves) <= 48


def test_checkpoint_is_signed_byte_for_byte() -> None:
    head = checkpoint.Checkpoint(ORIGIN, 3, merkle.root_of(_leaf_hashes(3)))
    assert head.signed(LOG_KEY) == CHECKPOINT_3


def test_verifier_key_text() -> None:
    key = note.VerifierKey(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    assert str(key) == "ledger.example.gov/awards+fd37c3be+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    assert note.parse_verifier_key(str(key)) == key


def test_checkpoint_with_an_unknown_cosignature_verifies() -> None:
    key = note.VerifierKey(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    head = checkpoint.verify((CHECKPOINT_3 + WITNESS_LINE).encode(), [key], ORIGIN)
    assert (head.origin, head.size, head.root) == (ORIGIN, 3, merkle.root_of(_leaf_hashes(3)))


def test_a_checkpoint_of_others_keeps_its_extension_lines_and_is_the_text_that_was_signed() -> None:
    # Origin: the grammar of c2sp.org/tlog-checkpoint (at least three non-empty lines), signed with the seed 00..1f.
    text = CHECKPOINT_3.partition("\n\n")[0] + "\nTimestamp: 1767225600\n\u2014 not a signature\n"
    signed = note.sign(text, ORIGIN, LOG_KEY)
    key = note.VerifierKey(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    head = checkpoint.verify(signed.encode(), [key], ORIGIN)
    lines = ("Timestamp: 1767225600", "\u2014 not a signature")
    assert head == checkpoint.Checkpoint(ORIGIN, 3, merkle.root_of(_leaf_hashes(3)), lines)
    assert head.text == text


@pytest.mark.parametrize("lines", ["\n", "more\n\n", "\nmore\n", "more\n\nmore\n"])
def test_an_empty_extension_line_is_refused(lines: str) -> None:
    with pytest.raises(EvidenceError):
        checkpoint.parse(CHECKPOINT_3.partition("\n\n")[0] + "\n" + lines)


def test_c2sp_example_note_verifies() -> None:
    key = note.parse_verifier_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = (
        "\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Y"
        "u72IneyaQM=\n"
    )
    assert note.verify(f"This is an example message.\n\n{line}".encode(), [key]) == "This is an example message.\n"


@pytest.mark.parametrize(
    ("desc", "text"),
    [
        ("another size", CHECKPOINT_3.replace("\n3\n", "\n4\n")),
        ("another root", CHECKPOINT_3.replace("ZvQm", "ZvQn")),
        ("another origin", CHECKPOINT_3.replace("example.gov", "example.com")),
        ("spoilt signature", CHECKPOINT_3.replace("jqsVh", "jqsVi")),
        ("no signature", CHECKPOINT_3.partition("\u2014")[0]),
        ("hyphen for em dash", CHECKPOINT_3.replace("\u2014", "-")),
        ("leading zero", CHECKPOINT_3.replace("\n3\n", "\n03\n")),
        ("no final newline", CHECKPOINT_3[:-1]),
        ("carriage return", CHECKPOINT_3.replace("\n", "\r\n")),
        ("root beyond ASCII", CHECKPOINT_3.replace("ZvQm", "Zvéé")),
        ("signature beyond ASCII", CHECKPOINT_3.replace("/TfD", "/Tfé")),
        ("another spelling of the signature", CHECKPOINT_3.replace("U/d5A0=", "U/d5A1=")),
        ("extension line that nobody signed", CHECKPOINT_3.replace("l4w=\n", "l4w=\nmore\n")),
    ],
)
def test_spoilt_checkpoint_is_refused(desc: str, text: str) -> None:
    key = note.VerifierKey(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    with pytest.raises(EvidenceError):
        checkpoint.verify(text.encode(), [key], ORIGIN)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (tiles.Tile(0, 0), "tile/0/000"),
        (tiles.Tile(0, 1000), "tile/0/x001/000"),
        (tiles.Tile(2, 1234067), "tile/2/x001/x234/067"),
        (tiles.Tile(None, 0, 3), "tile/entries/000.p/3"),
        (tiles.Tile(1, 0, 255), "tile/1/000.p/255"),
    ],
)
def test_tile_paths_round_trip(tile: tiles.Tile, path: str) -> None:
    assert tile.path == path
    assert tiles.parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000",
        "tile/64/000",
        "tile/0/0",
        "tile/0/x000/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/1000",
        "tile/0/000.p/01",
        "tile/data/000",
        "/tile/0/000",
    ],
)
def test_spoilt_tile_path_is_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        tiles.parse_path(path)


def test_tile_bytes_have_the_published_hashes() -> None:
    entries = _entries(600)
    hashes = [merkle.leaf_hash(e) for e in entries]
    assert (
        hashlib.sha256(b"".join(hashes[:256])).hexdigest()
        == "b0494897909d35e641144599ad64a8db613b06e71f8f42a0fc97ff57239eb13b"
    )
    assert (
        hashlib.sha256(tiles.bundle(entries[:256])).hexdigest()
        == "1fde26b96955e98b7682366d910109d20ee5757697cc6d16b5084996ccec2d59"
    )
    assert b"".join(merkle.root_of(hashes[i : i + 256]) for i in (0, 256)).hex() == (
        "8250be1f464cb0d636fa99030b5714b1000753702e2d0dc1c12b1691538be036"
        "06db3b9230e3849d776be9d7d5bed3793c7717b91f67687203df739326c6dc6e"
    )
    assert tiles.bundle(entries[:3]).hex() == "".join("0013" + e.hex() for e in entries[:3])


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_bundles_split_into_what_was_bundled(entries: list[bytes]) -> None:
    data = tiles.bundle(entries)
    assert tiles.split_bundle(data) == entries
    if data:
        with pytest.raises(EvidenceError):
            tiles.split_bundle(data + b"\x00")


def test_tiles_of_a_large_tree() -> None:
    found = list(tiles.tiles_of(70000))
    assert len([t for t in found if t.level == 0]) == 274
    assert [t.path for t in found if t.level == 2] == ["tile/2/000.p/1"]
    assert tiles.Tile(0, 273, 112) in found
    assert tiles.Tile(1, 1, 17) in found


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 515, 700])
def test_proofs_read_at_once_are_those_of_the_leaves(size: int) -> None:
    leaves = [merkle.leaf_hash(str(n).encode()) for n in range(size)]
    levels = [leaves, [merkle.root_of(leaves[i : i + 256]) for i in range(0, size - 255, 256)]]
    reads = []

    def read(ranges: Sequence[tuple[int, int, int]]) -> list[list[bytes]]:
        reads.append(len(ranges))
        return [levels[level][start:end] for level, start, end in ranges]

    for index in {0, size // 2, size - 1}:
        assert tiles.at_once(partial(merkle.inclusion_proof, index, size), read) == merkle.inclusion_proof(
            index, size, merkle.subtree_of(leaves)
        )
        old = index + 1
        assert tiles.at_once(partial(merkle.consistency_proof, old, size), read) == merkle.consistency_proof(
            old, size, merkle.subtree_of(leaves)
        )
    assert len(reads) == 2 * len({0, size // 2, size - 1})
