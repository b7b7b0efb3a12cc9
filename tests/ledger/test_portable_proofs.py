"""Subtrees, cosignatures, trust policies and .tlog-proof files against vectors, good and systematically spoilt.

The vectors are of fixed seeds (log 00..1f, Ed25519 witness 20..3f, ML-DSA-44 witness 40..5f) and were checked with
independent Go and Python implementations. ML-DSA signing is randomised: its vectors are the key and the message.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import EvidenceError, MalformedError, RongjianError
from ledger.tlog import cosignature, merkle, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import Ed25519Cosigner, MLDSA44Cosigner
from ledger.tlog.policy import Policy, parse_policy
from ledger.tlog.proof import InclusionProof, parse_proof

LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
W1_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(0x20, 0x40)))
ML_KEY = MLDSA44PrivateKey.from_seed_bytes(bytes(range(0x40, 0x60)))
LOG = note.VerifierKey("ledger.example.gov/awards", LOG_KEY.public_key().public_bytes_raw())
W1 = Ed25519Cosigner("witness.example/w1", W1_KEY.public_key().public_bytes_raw())
ML1 = MLDSA44Cosigner("witness.example/ml1", ML_KEY.public_key().public_bytes_raw())
ENTRIES = [b'{"i":%d,"t":"award"}' % i for i in range(3)]
LEAVES = [merkle.leaf_hash(e) for e in ENTRIES]
HEAD = Checkpoint(LOG.name, 3, merkle.root_of(LEAVES))
TIME = 1767225600
W1_LINE = (
    "\u2014 witness.example/w1 IDJKvgAAAABpVbkAc2PVGGrSFvz0yRR3tQNri+dK9OHWwbrC+H9LB5jBmWCOFPGdV2p1uUkyvWxEsu"
    "fII2JvWb8hB+/E1cSB5ct7CQ==\n"
)
SIGNED = HEAD.signed(LOG_KEY)
COSIGNED = (SIGNED + W1_LINE).encode()
PROOF_1 = (
    "c2sp.org/tlog-proof@v1\nindex 1\nddEwihxVYc2OMa+hf2+/tatL9BRoerjm0mwPAaubIgw=\n"
    "Z9pdWZ+1rzvCh+bQayX+20wZAZaeKwy2Cd+6Kf8BicM=\n\n"
)


def _policy(*lines: str) -> Policy:
    return parse_policy("".join(f"{line}\n" for line in lines).encode())


# Subtrees


def _leaves(size: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % i).digest() for i in range(size)]


def test_every_subtree_of_every_tree_up_to_forty_proves_itself_and_nothing_else() -> None:
    for size in range(1, 41):
        leaves = _leaves(size)
        root, subtree = merkle.root_of(leaves), merkle.subtree_of(leaves)
        for start in range(size):
            for end in range(start + 1, size + 1):
                if not merkle.is_subtree(start, end):
                    with pytest.raises(EvidenceError):
                        merkle.subtree_proof(start, end, size, subtree)
                    continue
                proof = merkle.subtree_proof(start, end, size, subtree)
                node = merkle.root_of(leaves[start:end])
                merkle.verify_subtree(start, end, size, node, root, proof)
                if start == 0:
                    assert proof == merkle.consistency_proof(end, size, subtree)
                if end - start == 1:
                    assert proof == merkle.inclusion_proof(start, size, subtree)


@given(st.integers(2, 69), st.data())
@settings(deadline=None)
def test_a_spoilt_subtree_proof_is_refused(size: int, data: st.DataObject) -> None:
    leaves = _leaves(size)
    root, subtree = merkle.root_of(leaves), merkle.subtree_of(leaves)
    ranges = [(s, e) for s in range(size) for e in range(s + 1, size + 1) if merkle.is_subtree(s, e)]
    start, end = data.draw(st.sampled_from(ranges))
    proof, node = merkle.subtree_proof(start, end, size, subtree), merkle.root_of(leaves[start:end])
    other = hashlib.sha256(b"other").digest()
    spoilt: list[tuple[int, int, int, bytes, bytes, Sequence[bytes]]] = [
        (start, end, size, other, root, proof),
        (start, end, size, node, other, proof),
        (start, end, size, node, root, [*proof, other]),
        (start, end, end - 1, node, root, proof),
        (start, start, size, node, root, proof),
        (start, end, size, node, root, [other] * 64),
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        spoilt.append((start, end, size, node, root, proof[:-1]))
        spoilt.append((start, end, size, node, root, [*proof[:at], other, *proof[at + 1 :]]))
    for case in spoilt:
        with pytest.raises(EvidenceError):
            merkle.verify_subtree(*case)


# Cosignatures


def test_an_ed25519_cosignature_is_the_vector() -> None:
    assert W1.key_id.hex() == "20324abe"
    assert cosignature.cosign_ed25519(HEAD.text, W1.name, W1_KEY, TIME) == W1_LINE
    text, lines = note.verified(COSIGNED, [LOG, W1])
    assert text == HEAD.text
    assert [(key.name, len(signature)) for key, signature in lines] == [(LOG.name, 64), (W1.name, 72)]
    assert cosignature.timestamp_of(lines[1][1]) == TIME


def test_an_ml_dsa_44_cosigner_has_the_key_and_the_message_of_the_vector() -> None:
    assert hashlib.sha256(ML1.public_key).hexdigest() == (
        "6c1c65071979225a139b3ec84688e2688ec30fabe8cc510cb688bc435f2d3cb9"
    )
    assert ML1.key_id.hex() == "1941e994"
    assert cosignature.mldsa44_message(HEAD.text, ML1.name, TIME).hex() == (
        "737562747265652f76310a00"
        "137769746e6573732e6578616d706c652f6d6c31"
        "000000006955b900"
        "196c65646765722e6578616d706c652e676f762f617761726473"
        "0000000000000000"
        "0000000000000003" + HEAD.root.hex()
    )
    line = cosignature.cosign_mldsa44(HEAD.text, ML1.name, ML_KEY, TIME)
    _, lines = note.verified((SIGNED + line).encode(), [ML1])
    assert [(key, len(signature)) for key, signature in lines] == [(ML1, 8 + 2420)]


@pytest.mark.parametrize("key", [W1, ML1], ids=["ed25519", "ml-dsa-44"])
def test_a_cosignature_binds_tree_and_time(key: note.NoteKey) -> None:
    sign = {
        W1: lambda: cosignature.cosign_ed25519(HEAD.text, W1.name, W1_KEY, TIME),
        ML1: lambda: cosignature.cosign_mldsa44(HEAD.text, ML1.name, ML_KEY, TIME),
    }[key]
    _, [(_, signature)] = note.verified((SIGNED + sign()).encode(), [key])
    key.verify(HEAD.text, signature)
    later = (TIME + 1).to_bytes(8, "big") + signature[8:]
    beyond = (2**63).to_bytes(8, "big") + signature[8:]
    flipped = signature[:-1] + bytes([signature[-1] ^ 1])
    for spoilt in (later, beyond, flipped, signature[:8], signature[:-1], b""):
        with pytest.raises(InvalidSignature):
            key.verify(HEAD.text, spoilt)
    with pytest.raises(InvalidSignature):
        key.verify(Checkpoint(HEAD.origin, 4, HEAD.root).text, signature)


def test_one_key_for_two_kinds_has_two_ids_and_neither_stands_for_the_other() -> None:
    """A log's signature is not a cosignature of the same key: the type is part of the key id."""
    as_witness = Ed25519Cosigner(LOG.name, LOG.public_key)
    assert note.verified(SIGNED.encode(), [as_witness]) == (HEAD.text, [])
    assert note.parse_key(str(as_witness), cosignature.COSIGNERS) == as_witness
    with pytest.raises(EvidenceError):
        note.parse_verifier_key(str(as_witness))


def test_a_second_line_of_a_known_key_is_refused() -> None:
    with pytest.raises(EvidenceError, match="signed twice"):
        note.verified(COSIGNED + W1_LINE.encode(), [LOG, W1])
    note.verified(COSIGNED + W1_LINE.encode(), [LOG])


def test_a_signature_line_ends_with_a_newline_and_nothing_else() -> None:
    for separator in ("\u2028", "\u0085", "\u2029"):
        with pytest.raises(EvidenceError):
            note.verify((SIGNED[:-1] + separator + W1_LINE).encode(), [LOG])


# Policies


TWO = (f"log {LOG}", f"witness w1 {W1}", f"witness ml {ML1} https://witness.example/", "group both all w1 ml")


@pytest.mark.parametrize(
    ("quorum", "heard"),
    [
        ("none", {"w1": TIME}),
        ("w1", {"w1": TIME}),
        ("ml", None),
        ("either", {"w1": TIME}),
        ("both", None),
        ("nest", {"w1": TIME}),
    ],
)
def test_a_quorum_is_met_by_what_was_heard(quorum: str, heard: dict[str, int] | None) -> None:
    groups = {
        "both": ["group both all w1 ml"],
        "either": ["group either any w1 ml"],
        "nest": ["group inner any ml", "group nest 1 inner w1"],
    }
    policy = _policy(*TWO[:3], *groups.get(quorum, []), f"quorum {quorum}")
    if heard is None:
        with pytest.raises(EvidenceError) as refused:
            policy.verify(COSIGNED)
        assert refused.value.code == "quorum_not_met"
        assert "'ml'" in refused.value.en
        return
    trusted = policy.verify(COSIGNED)
    assert (trusted.checkpoint, dict(trusted.cosigned)) == (HEAD, heard)


def test_both_kinds_of_witness_make_a_quorum_together() -> None:
    line = cosignature.cosign_mldsa44(HEAD.text, ML1.name, ML_KEY, TIME + 5)
    trusted = _policy(*TWO, "quorum both").verify(COSIGNED + line.encode())
    assert dict(trusted.cosigned) == {"w1": TIME, "ml": TIME + 5}


def test_a_witness_alone_makes_no_log() -> None:
    stranger = note.VerifierKey("other.example/log", W1_KEY.public_key().public_bytes_raw())
    with pytest.raises(EvidenceError) as refused:
        _policy(f"log {stranger}", f"witness ml {ML1}", "quorum none").verify(COSIGNED)
    assert refused.value.code == "log_not_trusted"


def test_a_listed_log_does_not_speak_for_another_origin() -> None:
    foreign = Checkpoint("other.example/log", 3, HEAD.root)
    signed = note.sign(foreign.text, LOG.name, LOG_KEY)
    with pytest.raises(EvidenceError) as refused:
        _policy(f"log {LOG}", "quorum none").verify(signed.encode())
    assert refused.value.code == "log_not_trusted"


def test_a_known_witness_whose_line_fails_spoils_the_whole_checkpoint() -> None:
    spoilt = COSIGNED.replace(b"ct7CQ==", b"ct7CR==")
    spoilt_text = COSIGNED.replace(b"c2PVGG", b"c2PVGH")
    for signed in (spoilt, spoilt_text):
        with pytest.raises(EvidenceError):
            _policy(f"log {LOG}", f"witness w1 {W1}", "quorum none").verify(signed)


def test_comments_blanks_and_tabs_are_read_over() -> None:
    text = f"# whom we believe\n\n \t# 见证人\nlog\t{LOG}  https://a.example/ \nquorum none\n"
    assert parse_policy(text.encode()).logs == (LOG,)


def test_a_policy_reads_a_foreign_head_with_extension_lines_and_both_kinds_of_cosigners() -> None:
    head = Checkpoint(LOG.name, 3, HEAD.root, ("Timestamp: 1767225600",))
    lines = (
        cosignature.cosign_ed25519(head.text, W1.name, W1_KEY, TIME),
        cosignature.cosign_mldsa44(head.text, ML1.name, ML_KEY, TIME),
    )
    policy = _policy(f"log {LOG}", f"witness a {W1}", f"witness b {ML1}", "group both all a b", "quorum both")
    found = policy.verify((head.signed(LOG_KEY) + "".join(lines)).encode())
    assert (found.checkpoint, dict(found.cosigned)) == (head, {"a": TIME, "b": TIME})


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        (0, ["quorum none"]),
        (0, [f"log {LOG}"]),
        (1, ["log example.com"]),
        (1, [f"log {LOG} https://a.example/ more"]),
        (1, [f"log {W1}"]),
        (2, [f"log {LOG}", f"log {LOG}"]),
        (2, [f"log {LOG}", f"witness none {W1}"]),
        (2, [f"log {LOG}", f"witness w1 {LOG}"]),
        (2, [f"log {LOG}", "group g all"]),
        (2, [f"log {LOG}", "group g all w1"]),
        (2, [f"log {LOG}", "quorum w1"]),
        (2, [f"log {LOG}", "believe everybody"]),
        (3, [f"log {LOG}", f"witness w1 {W1}", f"witness w2 {W1}"]),
        (3, [f"log {LOG}", f"witness w1 {W1}", f"witness w1 {ML1}"]),
        (3, [f"log {LOG}", f"witness w1 {W1}", "group g 2 w1"]),
        (3, [f"log {LOG}", f"witness w1 {W1}", "group g 0 w1"]),
        (3, [f"log {LOG}", f"witness w1 {W1}", "group g 01 w1"]),
        (3, [f"log {LOG}", f"witness w1 {W1}", "group w1 any w1"]),
        (3, [f"log {LOG}", f"witness w1 {W1}", "group g any w1 w1"]),
        (4, [f"log {LOG}", f"witness w1 {W1}", "group g any w1", "group h any w1"]),
        (3, [f"log {LOG}", "quorum none", "quorum none"]),
        (2, [f"log {LOG}", "quorum\x01 none"]),
    ],
)
def test_a_policy_that_says_two_things_or_none_is_refused_by_line(line: int, lines: list[str]) -> None:
    with pytest.raises(MalformedError) as refused:
        _policy(*lines)
    assert (refused.value.code, refused.value.details["line"]) == ("bad_policy", line)


@pytest.mark.parametrize("data", [b"", b"quorum none", b"log \xff\n", f"log {LOG}\r\nquorum none\r\n".encode()])
def test_a_policy_file_is_lines_of_utf8(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_policy(data)


# Proof files


def test_the_proof_file_is_the_vector() -> None:
    subtree = merkle.subtree_of(LEAVES)
    proof = InclusionProof(1, tuple(merkle.inclusion_proof(1, 3, subtree)), COSIGNED)
    data = PROOF_1.encode() + COSIGNED
    assert proof.to_bytes() == data
    assert parse_proof(data) == proof
    trusted = proof.verify(LEAVES[1], _policy(*TWO, "quorum w1"))
    assert (trusted.checkpoint.size, dict(trusted.cosigned)) == (3, {"w1": TIME})


def test_extra_bytes_travel_with_a_proof_and_prove_nothing() -> None:
    proof = InclusionProof(0, (), Checkpoint(LOG.name, 1, LEAVES[0]).signed(LOG_KEY).encode(), b"\x00more")
    assert proof.to_bytes().startswith(b"c2sp.org/tlog-proof@v1\nextra AG1vcmU=\nindex 0\n\n")
    assert parse_proof(proof.to_bytes()) == proof
    proof.verify(LEAVES[0], _policy(f"log {LOG}", "quorum none"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("proof@v1", "proof@v2"),
        ("index 1", "index 01"),
        ("index 1", "index -1"),
        ("index 1\n", ""),
        ("index 1", "extra AA==\nextra AA==\nindex 1"),
        ("index 1", "extra AB==\nindex 1"),
        ("ddEw", "dd w"),
        ("ddEwihx", "ddEwih"),
        ("IgwE", ""),
        ("\n\n", "\n"),
        ("index 1", "index １"),
        ("ddEw", "é"),
        ("\nZ9pdWZ", "\r\nZ9pdWZ"),
        ("c2sp", "\ufeffc2sp"),
    ],
)
def test_a_malformed_proof_file_is_refused(old: str, new: str) -> None:
    data = PROOF_1.replace(old, new, 1)
    if data == PROOF_1:
        data = PROOF_1.replace("Igw=", "IgwE", 1)
    with pytest.raises(EvidenceError):
        parse_proof(data.encode() + COSIGNED)


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_no_flipped_bit_of_a_proof_file_proves_another_thing(data: st.DataObject) -> None:
    """Whatever is flipped, either it is refused or it says exactly what the original says."""
    policy, good = _policy(*TWO, "quorum w1"), PROOF_1.encode() + COSIGNED
    at = data.draw(st.integers(0, len(good) * 8 - 1))
    flipped = bytearray(good)
    flipped[at // 8] ^= 1 << at % 8
    try:
        trusted = parse_proof(bytes(flipped)).verify(LEAVES[1], policy)
    except RongjianError:
        return
    assert (trusted.checkpoint, dict(trusted.cosigned)) == (HEAD, {"w1": TIME})


def test_an_entry_that_is_not_the_proven_one_is_refused() -> None:
    proof = parse_proof(PROOF_1.encode() + COSIGNED)
    for leaf in (LEAVES[0], LEAVES[2], base64.b64decode("ddEwihxVYc2OMa+hf2+/tatL9BRoerjm0mwPAaubIgw=")):
        with pytest.raises(EvidenceError):
            proof.verify(leaf, _policy(*TWO, "quorum none"))
