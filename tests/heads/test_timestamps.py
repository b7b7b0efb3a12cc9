"""RFC 3161: an authority on this machine stamps our heads; spoilt, foreign and misplaced tokens are refused."""

from __future__ import annotations

import base64
import secrets
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from api.evidence.check import check
from api.evidence.making import gather
from api.heads.mirror import follow, from_ledger
from api.heads.sources import fetch_from
from api.heads.stamper import Authority, Stamper, authorities_of, believed
from ledger.clock import format_instant
from ledger.errors import EvidenceError, GuardRefusedError, MalformedError, RongjianError
from ledger.fsck.database import check_database
from ledger.fsck.tiles import check_tiles
from ledger.signing import envelope as dsse
from ledger.statement import compose
from ledger.submission import Submission
from ledger.tlog import timestamp
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import split
from ledger.tlog.policy import parse_policy
from tests.builders import Town

OPENSSL = shutil.which("openssl")

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl command to play the authority")

_CONFIG = """
[tsa]
default_tsa = t
[t]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    stamping: bool,
    days: int = 30,
) -> x509.Certificate:
    subject, by = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in (name, issuer))
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=not stamping, path_length=None), critical=True)
    )
    if stamping:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def make_authority(folder: Path, days: int = 30) -> tuple[Path, Callable[[bytes], bytes]]:
    """A folder with ``ca.pem``, and a function from request to response."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("Test CA", ca_key, "Test CA", ca_key, stamping=False, days=days)
    tsa = _certificate("Test TSA", key, "Test CA", ca_key, stamping=True, days=days)
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    other = _certificate("Other CA", key, "Other CA", key, stamping=False)
    (folder / "stranger.pem").write_bytes(other.public_bytes(serialization.Encoding.PEM))
    (folder / "tsa.pem").write_bytes(tsa.public_bytes(serialization.Encoding.PEM))
    (folder / "tsa.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "serial").write_text("01\n")
    (folder / "t.cnf").write_text(_CONFIG.format(folder=folder))

    def stamp(request: bytes) -> bytes:
        (folder / "q.tsq").write_bytes(request)
        subprocess.run(
            [
                str(OPENSSL),
                "ts",
                "-reply",
                "-config",
                folder / "t.cnf",
                "-section",
                "t",
                "-queryfile",
                folder / "q.tsq",
                "-out",
                folder / "r.tsr",
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        return (folder / "r.tsr").read_bytes()

    return folder, stamp


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Callable[[bytes], bytes]]:
    return make_authority(tmp_path_factory.mktemp("tsa"))


def _stamper(
    town: Town,
    authority: tuple[Path, Callable[[bytes], bytes]],
    answer: Callable[[bytes], bytes] | None = None,
    status: int = 200,
) -> Stamper:
    folder, stamp = authority
    reply = answer or stamp
    client = httpx.Client(transport=httpx.MockTransport(lambda r: httpx.Response(status, content=reply(r.content))))
    roots = tuple(timestamp.parse_roots((folder / "ca.pem").read_bytes()))
    asked = [Authority("test-tsa", "http://tsa.example/", roots)]
    town.ledger.outside.authorities = believed(asked)
    return Stamper(town.ledger, asked, client)


def test_a_stamped_head_bounds_every_entry_under_it(
    town: Town, authority: tuple[Path, Callable[[bytes], bytes]]
) -> None:
    size = town.ledger.size()
    before = datetime.now(UTC) - timedelta(seconds=2)
    assert _stamper(town, authority).round() == {"test-tsa": "stamped"}
    token = town.ledger.outside.stamped(1)
    assert token is not None
    assert (token.size, before <= token.at <= datetime.now(UTC) + timedelta(seconds=2)) == (size, True)
    assert town.ledger.outside.stamped(size) == token
    town.edition()
    assert town.ledger.outside.stamped(size + 1) is None
    done = subprocess.run(
        [
            str(OPENSSL),
            "ts",
            "-verify",
            "-in",
            "/dev/stdin",
            "-data",
            _text_file(town, authority[0], size),
            "-CAfile",
            authority[0] / "ca.pem",
            "-untrusted",
            authority[0] / "tsa.pem",
        ],
        input=token.response,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _text_file(town: Town, folder: Path, size: int) -> Path:
    path = folder / "text"
    path.write_text(split(town.ledger.heads.cosigned(size).encode())[0])
    return path


def test_a_token_over_other_text_or_by_another_authority_is_refused(
    town: Town, authority: tuple[Path, Callable[[bytes], bytes]]
) -> None:
    folder, _ = authority
    _stamper(town, authority).round()
    size = town.ledger.size()
    [token] = town.ledger.outside.rows.timestamps(size)
    text = split(town.ledger.heads.cosigned(size).encode())[0]
    roots = timestamp.parse_roots((folder / "ca.pem").read_bytes())
    timestamp.verify(token.response, text, roots)
    key = ec.generate_private_key(ec.SECP256R1())
    stranger = _certificate("Test CA", key, "Test CA", key, stamping=False)
    for response, said, trusted in (
        (token.response, text + "\n", roots),
        (token.response, text, [stranger]),
        (token.response, text, []),
        (b"", text, roots),
        (token.response + b"\0", text, roots),
        (token.response[:-1], text, roots),
        (b"\x30" * 70_000, text, roots),
    ):
        with pytest.raises(EvidenceError):
            timestamp.verify(response, said, trusted)


def test_no_flipped_bit_of_a_token_changes_what_it_says(
    town: Town, authority: tuple[Path, Callable[[bytes], bytes]]
) -> None:
    folder, _ = authority
    _stamper(town, authority).round()
    size = town.ledger.size()
    [token] = town.ledger.outside.rows.timestamps(size)
    text = split(town.ledger.heads.cosigned(size).encode())[0]
    roots = timestamp.parse_roots((folder / "ca.pem").read_bytes())
    good = timestamp.verify(token.response, text, roots)
    for at in range(0, len(token.response) * 8, 13):
        spoilt = bytearray(token.response)
        spoilt[at // 8] ^= 1 << at % 8
        try:
            assert timestamp.verify(bytes(spoilt), text, roots).at == good.at
        except RongjianError:
            continue


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (b"", 200, "bad_timestamp"),
        (b"oops", 200, "bad_timestamp"),
        (b"x" * 100_000, 200, "bad_timestamp"),
        (b"", 503, "authority_refused"),
    ],
)
def test_an_authority_that_fails_is_named_and_nothing_is_kept(
    town: Town, authority: tuple[Path, Callable[[bytes], bytes]], answer: bytes, status: int, code: str
) -> None:
    assert _stamper(town, authority, lambda _: answer, status).round() == {"test-tsa": code}
    assert town.ledger.outside.stamped(1) is None


def test_a_package_carries_the_token_and_its_reader_checks_it(
    town: Town, authority: tuple[Path, Callable[[bytes], bytes]]
) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    _stamper(town, authority).round()
    files = gather(town.ledger, "award", "GZ-2023-A", date(2023, 7, 1))
    policy = parse_policy(files["policy"])
    assert check(files, policy).unverified == ("timestamps/test-tsa.tsr",)
    roots = timestamp.parse_roots((authority[0] / "ca.pem").read_bytes())
    stamps = check(files, policy, roots).stamps
    assert list(stamps) == ["timestamps/test-tsa.tsr"]


def test_the_authorities_of_a_log_are_read_from_its_folder(
    tmp_path: Path, authority: tuple[Path, Callable[[bytes], bytes]]
) -> None:
    assert authorities_of(tmp_path) == []
    (tmp_path / "ca.pem").write_bytes((authority[0] / "ca.pem").read_bytes())
    (tmp_path / "timestamps.toml").write_text(
        '[[authority]]\nname = "a"\nurl = "http://a.example/"\nroots = "ca.pem"\n'
    )
    [found] = authorities_of(tmp_path)
    assert (found.name, found.url, len(found.roots)) == ("a", "http://a.example/", 1)
    for bad in (
        "",
        "x",
        '[[authority]]\nname = "a"\n',
        '[[authority]]\nname = "a"\nurl = "u"\nroots = "none.pem"\n',
        "authority = 3\n",
    ):
        (tmp_path / "timestamps.toml").write_text(bad)
        with pytest.raises(MalformedError):
            authorities_of(tmp_path)
    with pytest.raises(MalformedError):
        timestamp.parse_roots(b"not a certificate")


def _attesting(town: Town, **changes: Any) -> Submission:
    """A TimeAttested by the operator from the newest token; not submitted."""
    token, head = town.ledger.outside.newest_timestamp()
    payload = {
        "tree_size": head.size,
        "root_hash": head.root.hex(),
        "attested_at": format_instant(token.at),
        "time_authority": token.authority,
        "token": base64.b64encode(token.response).decode(),
    } | changes
    body = compose(
        type="TimeAttested",
        log=town.ledger.origin,
        id=town.cast.statement_id(secrets.token_hex(4), town.clock()),
        actor="opr",
        role="OPR",
        effective_at=town.clock().date().isoformat(),
        payload=payload,
    )
    envelope = dsse.sign(body, town.cast.key("opr"))
    return Submission(envelope, envelope.to_bytes(), {})


def test_a_token_logged_in_bounds_what_follows_from_below(
    town: Town, authority: tuple[Path, Callable[[bytes], bytes]]
) -> None:
    """Each entry of a package lies between two times of the authority; the reader checks both."""
    town.edition()
    _stamper(town, authority).round()
    size, day = town.ledger.size(), datetime.now(UTC).date() + timedelta(days=1)
    with pytest.raises(GuardRefusedError, match="later than this ledger's clock"):
        town.ledger.submit(_attesting(town))
    town.clock.advance(day)
    for changes in (
        {"tree_size": size - 1},
        {"root_hash": "00" * 32},
        {"attested_at": "2020-01-01T00:00:00Z"},
        {"token": "AAAA"},
        {"token": "A"},
        {"token": base64.b64encode(b"x" * 24_000).decode()},
    ):
        with pytest.raises(RongjianError):
            town.ledger.submit(_attesting(town, **changes))
    assert (town.ledger.size(), town.ledger.attested(size)) == (size, None)
    receipt = town.ledger.submit(_attesting(town))
    attested = town.ledger.attested(receipt.position)
    assert attested is not None
    assert attested[0].statement.id == receipt.id
    assert town.ledger.attested(receipt.position - 1) is None
    town.must("PrincipalRegistered", day, principal_id="P1", kind="person", person_name="某", id_number="X1")
    files = gather(town.ledger, "edition", "GZ-2023", day)
    policy, roots = parse_policy(files["policy"]), timestamp.parse_roots((authority[0] / "ca.pem").read_bytes())
    stranger = timestamp.parse_roots((authority[0] / "stranger.pem").read_bytes())
    with pytest.raises(EvidenceError, match=f"entries/{receipt.position}.json"):
        check(files, policy, stranger)
    assert check(files, policy).unverified == (f"entries/{receipt.position}.json",)
    _stamper(town, authority).round()
    checked = check(gather(town.ledger, "edition", "GZ-2023", day), policy, roots)
    assert {p: s.at for p, s in checked.attested.items()} == {receipt.position: attested[1].attested_at}
    assert list(checked.stamps) == ["timestamps/test-tsa.tsr"]
    assert "时间戳所载，不早于" in files["report.zh.html"].decode()


def test_a_head_that_was_attested_and_never_was_one_of_the_log_is_named_in_database_and_mirror(
    town: Town, authority: tuple[Path, Callable[[bytes], bytes]], tmp_path: Path
) -> None:
    """An authority stamps what it is given, and who has the log's rows alone cannot tell by the token."""
    size, day = town.ledger.size(), datetime.now(UTC).date() + timedelta(days=1)
    head = Checkpoint(town.ledger.origin, size, bytes(32))
    request = TimestampRequestBuilder().data(head.text.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    token = authority[1](request.as_bytes())
    town.clock.advance(day)
    payload = {
        "tree_size": size,
        "root_hash": head.root.hex(),
        "attested_at": format_instant(timestamp.read(token, head.text)),
        "time_authority": "x",
        "token": base64.b64encode(token).decode(),
    }
    position = town.ledger.event(town.must("TimeAttested", day, by="opr", as_="OPR", **payload)).position
    policy = parse_policy(town.ledger.heads.own_policy().encode())
    seen = follow(from_ledger(town.ledger), tmp_path, policy)
    for findings in (check_database(town.ledger), check_tiles(fetch_from(str(tmp_path)), seen, keys=policy.logs)):
        assert [(f.position, f.field, f.actual) for f in findings] == [(position, "root_hash", "00" * 32)]
