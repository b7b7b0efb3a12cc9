"""Keys of signers: made and shown, in files and in hardware tokens."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.loading import lazily
from api.cli.terminal import Terminal
from api.files import read_file, writing
from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.signing import sm2
from ledger.signing.keys import PrivateKey
from ledger.signing.suites import AnyPrivateKey, AnyPublicKey, from_pem, to_pem

# Keys in files need nothing but the verifier's libraries; those in tokens are the service's.
if TYPE_CHECKING:
    from api.home import hardware_keys
else:
    hardware_keys = lazily("api.home.hardware_keys")


def key_new(terminal: Terminal, options: argparse.Namespace) -> int:
    """Make a key: in a file, encrypted if RONGJIAN_KEY_PASSWORD is set, or in a hardware token."""
    password = terminal.settings.key_password
    if _is_in_token(options.key):
        if options.algorithm != "ed25519":
            raise MalformedError("malformed_token_uri", sentence("keys in tokens are Ed25519"), field="algorithm")
        return _told(terminal, hardware_keys.create_key(hardware_keys.parse_uri(options.key, password)).public)
    key = sm2.generate() if options.algorithm == "sm2" else PrivateKey(secrets.token_bytes(32))
    new_file(Path(options.key), to_pem(key, password))
    return _told(terminal, key.public, str(options.key))


def key_show(terminal: Terminal, options: argparse.Namespace) -> int:
    """The public half of a key in a file or a token, as registrations state it."""
    return _told(terminal, signing_key(terminal, options.key).public)


def _told(terminal: Terminal, public: AnyPublicKey, file: str | None = None) -> int:
    value = {"key_id": public.keyid, "public_key": public.raw.hex(), "algorithm": public.algorithm}
    value |= {"file": file} if file is not None else {}
    written = sentence("key written to {file}\n", file=file) if file is not None else ("", "")
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "{written}id {key_id}\npublic key {public_key}",
                written=written,
                key_id=value["key_id"],
                public_key=value["public_key"],
            ),
        ),
    )
    return 0


def signing_key(terminal: Terminal, reference: str) -> AnyPrivateKey:
    """A signer's key: a PKCS 8 PEM file, or one in a token by its URI."""
    password = terminal.settings.key_password
    if _is_in_token(reference):
        return hardware_keys.open_key(hardware_keys.parse_uri(reference, password))
    return from_pem(read_file(Path(reference)), password)


def _is_in_token(reference: str) -> bool:
    """Is a key named by a PKCS#11 URI (RFC 7512)?"""
    return reference.startswith("pkcs11:")


def new_file(path: Path, data: bytes) -> None:
    with writing(path), path.open("xb") as file:
        path.chmod(0o600)
        file.write(data)
