"""The suite sm2-sm3: the vector of GB/T 32918.5, strict signatures, key files, and a log of both suites."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from api.heads.mirror import follow, from_ledger
from ledger.errors import EvidenceError, MalformedError, RongjianError, SignatureRefusedError, UnavailableError
from ledger.fsck.database import check_database
from ledger.log_signer import LogSigner, SM2NoteKey
from ledger.signing import envelope as dsse
from ledger.signing import sm2
from ledger.signing.keys import PrivateKey
from ledger.signing.suites import from_pem, parse_public_key, to_pem
from ledger.submission import Submission
from ledger.tlog import note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.policy import parse_policy
from tests.builders import Town

POINT = (
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05"
    "fbf35e084a6632f6072da9ad13"
)
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GOOD = encode_dss_signature(R, S)


def test_the_standards_own_signature_verifies() -> None:
    parse_public_key(POINT).verify(GOOD, b"message digest")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        GOOD[:-1],
        GOOD + b"\0",
        GOOD[:1] + b"\x81" + GOOD[1:],
        b"\x30\x80" + GOOD[2:] + b"\0\0",
        R.to_bytes(32, "big") + S.to_bytes(32, "big"),
        encode_dss_signature(S, R),
        encode_dss_signature(R, ORDER - S),
        encode_dss_signature(0, S),
        encode_dss_signature(R, 0),
        encode_dss_signature(R, ORDER - R),
        encode_dss_signature(R + ORDER, S),
        bytes(64),
        bytes(3000),
    ],
)
def test_another_form_or_another_pair_is_refused(signature: bytes) -> None:
    with pytest.raises(SignatureRefusedError):
        parse_public_key(POINT).verify(signature, b"message digest")


def test_another_message_or_key_is_refused() -> None:
    key, other = sm2.generate(), sm2.generate()
    signature = key.sign(b"message")
    key.public.verify(signature, b"message")
    for public, message in ((key.public, b"messagf"), (key.public, b""), (other.public, b"message")):
        with pytest.raises(SignatureRefusedError):
            public.verify(signature, message)


def test_no_nonce_is_used_twice() -> None:
    key = sm2.generate()
    assert len({decode_dss_signature(key.sign(b"same"))[0] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "text", ["04" + "00" * 64, POINT[:-1] + "4", POINT.upper(), "05" + POINT[2:], "zz" * 65, "04" + "ff" * 64]
)
def test_what_is_no_point_of_the_curve_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_public_key(text)


@pytest.mark.parametrize("password", [None, b"open sesame"])
def test_a_key_file_comes_back_as_it_was(password: bytes | None) -> None:
    key = sm2.generate()
    pem = to_pem(key, password)
    assert from_pem(pem, password) == key
    assert (b"ENCRYPTED" in pem) is (password is not None)
    if password:
        for wrong in (None, b"", b"other"):
            with pytest.raises(UnavailableError):
                from_pem(pem, wrong)


@pytest.mark.parametrize("data", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_refused(data: bytes) -> None:
    with pytest.raises(UnavailableError):
        from_pem(data, None)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command to compare with")
def test_openssl_verifies_ours_and_we_verify_openssls(tmp_path: Path) -> None:
    key = sm2.generate()
    (tmp_path / "k.pem").write_bytes(to_pem(key, None))
    (tmp_path / "m").write_bytes(b"message")
    (tmp_path / "s").write_bytes(key.sign(b"message"))
    option = ["-pkeyopt", "distid:1234567812345678"]
    common = ["-inkey", str(tmp_path / "k.pem"), "-rawin", "-digest", "sm3", *option, "-in", str(tmp_path / "m")]
    subprocess.run(
        ["openssl", "pkeyutl", "-verify", *common, "-sigfile", str(tmp_path / "s")],
        check=True,
        capture_output=True,
        timeout=60,
    )
    subprocess.run(
        ["openssl", "pkeyutl", "-sign", *common, "-out", str(tmp_path / "t")],
        check=True,
        capture_output=True,
        timeout=60,
    )
    key.public.verify((tmp_path / "t").read_bytes(), b"message")


# A log of both suites


def test_a_log_of_both_suites_records_and_verifies(town: Town, tmp_path: Path) -> None:
    key = sm2.generate()
    receipt = town.ledger.submit(town.registration(key))
    assert check_database(town.ledger) == []
    follow(from_ledger(town.ledger), tmp_path, parse_policy(town.ledger.heads.own_policy().encode()))
    node = shutil.which("node")
    if node is not None:
        verifier = Path(__file__).parents[2] / "docs" / "spec" / "verifier" / "verify.mjs"
        done = subprocess.run(
            [node, str(verifier), str(tmp_path), str(town.ledger.evidence.verifier_key)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert json.loads(done.stdout)["findings"] == [], done.stderr
    assert town.ledger.event(receipt.id).statement.payload.algorithm == "SM2"


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithm": "Ed25519"},
        {"public_key": POINT},
        {"key_id": "0" * 64},
        {"public_key": "00" * 32},
        {"public_key": "04" + "00" * 64},
        {"algorithm": "RSA"},
    ],
)
def test_a_registration_whose_parts_do_not_belong_together_is_refused(town: Town, changes: dict[str, Any]) -> None:
    size = town.ledger.size()
    with pytest.raises(RongjianError):
        town.ledger.submit(town.registration(sm2.generate(), **changes))
    assert town.ledger.size() == size


def test_an_sm2_signature_under_an_ed25519_key_id_is_refused(town: Town) -> None:
    submission = town.registration(sm2.generate())
    mine = town.cast.key("fin1")
    forged = tuple(
        dsse.Signature(s.keyid, sm2.generate().sign(dsse.pre_authentication_encoding(submission.envelope.body)))
        if s.keyid == mine.public.keyid
        else s
        for s in submission.envelope.signatures
    )
    envelope = dsse.Envelope(submission.envelope.body, forged)
    with pytest.raises(SignatureRefusedError):
        town.ledger.submit(Submission(envelope, envelope.to_bytes(), {}))
    assert isinstance(mine, PrivateKey)


def test_an_sm2_line_stands_under_checkpoints_and_others_pass_over_it() -> None:
    """Its key id is of type 0xff; a reader that knows the key sees every forgery of the line."""
    ed25519, key = Ed25519PrivateKey.from_private_bytes(bytes(range(32))), sm2.generate()
    signer = LogSigner("ledger.example.gov/awards", ed25519, None, key)
    head = Checkpoint(signer.origin, 3, bytes(32))
    signed = signer.sign(head, 0).encode()
    third = signer.all_keys[-1]
    assert note.parse_key(str(third), [SM2NoteKey]) == third
    expected = hashlib.sha256(b"ledger.example.gov/awards\n\xffrongjian/sm2-sm3" + key.public.raw).digest()[:4]
    assert third.key_id == expected
    assert [k for k, _ in note.verified(signed, signer.all_keys)[1]] == list(signer.all_keys)
    assert note.verify(signed, [signer.verifier_key]) == head.text
    lines = signed.decode().splitlines(keepends=True)
    moved = Checkpoint(signer.origin, 4, bytes(32)).signed(ed25519) + lines[-1]
    with pytest.raises(EvidenceError):
        note.verify(moved.encode(), signer.all_keys)
    assert parse_policy(f"log {signer.verifier_key}\nquorum none\n".encode()).accepts(signed)
    with pytest.raises(MalformedError):
        parse_policy(f"log {third}\nquorum none\n".encode())
