"""The vault: openings of restricted fields, encrypted per subject (design 5.5).

AES-256-GCM. Each subject has a data key, wrapped by the key-encryption key from configuration; an opening is
sealed with (entry id, pointer) as associated data, so that a row cannot be moved to another place.
Destroying a data key erases the subject's values and salts at once. The vault is opened with the wrong or a
lost key-encryption key only to be refused: nothing is ever sealed under a second key unnoticed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import Connection

from ledger import canonical
from ledger.disclosure import Opening, parse_opening
from ledger.errors import EvidenceError, NotFoundError, UnavailableError
from ledger.store.database import Database, Row

KEK_LENGTH = 32
_NONCE_LENGTH = 12
_PROBE = b"rongjian/vault/v1"


class Vault:
    """The openings of one log."""

    def __init__(self, database: Database, kek: bytes) -> None:
        if len(kek) != KEK_LENGTH:
            raise UnavailableError(
                "bad_kek", f"the key-encryption key must have {KEK_LENGTH} bytes", f"密钥加密密钥应为 {KEK_LENGTH} 字节"
            )
        self._database = database
        self._kek = AESGCM(kek)
        self.kek_id = hashlib.sha256(b"rongjian/kek-id/v1" + kek).hexdigest()[:16]
        self._link_key = HKDF(hashes.SHA256(), 32, salt=None, info=b"rongjian/identity-link/v1").derive(kek)
        self._beside = AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"rongjian/pending/v1").derive(kek))

    def check(self) -> None:
        """Register this key on first use; raise UnavailableError if the vault was sealed under another."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT kek_id, probe FROM key_encryption_key").fetchall()
            if not rows:
                connection.execute(
                    "INSERT INTO key_encryption_key VALUES (%s, %s)", (self.kek_id, _seal(self._kek, _PROBE, _PROBE))
                )
                return
        if all(kek_id != self.kek_id for kek_id, _ in rows):
            raise UnavailableError(
                "wrong_kek",
                f"the vault was sealed under key-encryption key {rows[0][0]}, not {self.kek_id}; restore the right key "
                "(RONGJIAN_KEK_FILE). Nothing was changed.",
                f"保险库由密钥 {rows[0][0]} 封存，而当前是 {self.kek_id}；请恢复正确的密钥（RONGJIAN_KEK_FILE）。数据未作任何改动。",
            )

    def seal(
        self, connection: Connection[Row], entry_id: str, openings: Iterable[Opening], subjects: Mapping[str, str]
    ) -> None:
        """Write openings inside the transaction that records the entry; ``subjects`` maps pointer to subject."""
        for opening in openings:
            subject = subjects[opening.pointer]
            key = self._data_key(connection, subject)
            plain = canonical.encode(opening.to_json())
            sealed = _seal(key, plain, _associated(entry_id, opening.pointer))
            connection.execute(
                "INSERT INTO opening (entry_id, pointer, subject, sealed) VALUES (%s, %s, %s, %s)",
                (entry_id, opening.pointer, subject, sealed),
            )

    def seal_beside(self, kind: str, name: str, plain: bytes) -> bytes:
        """What is kept beside the log for a time and may hold what is restricted, under a key of its own."""
        return _seal(self._beside, plain, _associated(kind, name))

    def open_beside(self, kind: str, name: str, sealed: bytes) -> bytes:
        """It again. Raises EvidenceError where it was altered or moved to another place."""
        return _unseal(self._beside, sealed, _associated(kind, name))

    def link_identity(self, connection: Connection[Row], principal_id: str, id_number: str) -> None:
        """Remember who a pseudonym is, as a keyed hash of the identity number (separation S2)."""
        keyed = hmac.digest(self._link_key, id_number.encode(), "sha256")
        connection.execute("INSERT INTO identity_link VALUES (%s, %s) ON CONFLICT DO NOTHING", (principal_id, keyed))

    def same_person(self, principal_ids: Iterable[str]) -> bool:
        """Do any two of these principals hide the same natural person?"""
        with self._database.connection() as connection:
            row = connection.execute(
                "SELECT count(*) <> count(DISTINCT keyed_hash) FROM identity_link WHERE principal_id = ANY(%s)",
                (sorted(set(principal_ids)),),
            ).fetchone()
        return bool(row and row[0])

    def open(self, entry_id: str, pointer: str) -> Opening:
        """The opening of a field; NotFoundError if none was kept or the subject was erased."""
        with self._database.connection() as connection:
            row = connection.execute(
                "SELECT o.sealed, k.wrapped, k.subject, k.erased_by FROM opening o JOIN data_key k USING (subject)"
                " WHERE o.entry_id = %s AND o.pointer = %s",
                (entry_id, pointer),
            ).fetchone()
        if row is None or row[1] is None:
            why = "was erased" if row else "was never kept here"
            raise NotFoundError("no_opening", f"the opening of {pointer} {why}", f"{pointer} 的开启值已销毁或不在此处")
        key = AESGCM(_unseal(self._kek, bytes(row[1]), _associated("data-key", row[2])))
        plain = _unseal(key, bytes(row[0]), _associated(entry_id, pointer))
        return parse_opening(pointer, canonical.parse(plain, "opening"))

    def kept(self, entry_id: str) -> list[str]:
        """Pointers of an entry for which an opening is kept and not erased."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT o.pointer FROM opening o JOIN data_key k USING (subject)"
                " WHERE o.entry_id = %s AND k.wrapped IS NOT NULL ORDER BY 1",
                (entry_id,),
            ).fetchall()
        return [row[0] for row in rows]

    def erased(self, entry_id: str) -> dict[str, str]:
        """Pointers of an entry whose opening was destroyed, each with the id of the event that ordered it."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT o.pointer, k.erased_by FROM opening o JOIN data_key k USING (subject)"
                " WHERE o.entry_id = %s AND k.erased_by IS NOT NULL ORDER BY 1",
                (entry_id,),
            ).fetchall()
        return {str(pointer): str(event) for pointer, event in rows}

    def erase(self, connection: Connection[Row], subject: str, entry_id: str) -> int:
        """Destroy a subject's data key on the ground of the entry that orders it; 1 if there was one."""
        return connection.execute(
            "UPDATE data_key SET wrapped = NULL, erased_by = %s WHERE subject = %s AND wrapped IS NOT NULL",
            (entry_id, subject),
        ).rowcount

    def _data_key(self, connection: Connection[Row], subject: str) -> AESGCM:
        row = connection.execute("SELECT wrapped FROM data_key WHERE subject = %s", (subject,)).fetchone()
        if row is not None and row[0] is None:
            raise UnavailableError(
                "subject_erased",
                f"the data of {subject} was erased; new restricted data needs a new subject",
                f"{subject} 的数据已依法销毁；新的受限数据请用新的主体",
            )
        if row is not None:
            return AESGCM(_unseal(self._kek, bytes(row[0]), _associated("data-key", subject)))
        key = secrets.token_bytes(32)
        wrapped = _seal(self._kek, key, _associated("data-key", subject))
        connection.execute(
            "INSERT INTO data_key (subject, kek_id, wrapped) VALUES (%s, %s, %s)", (subject, self.kek_id, wrapped)
        )
        return AESGCM(key)


def _associated(first: str, second: str) -> bytes:
    return f"{first}\n{second}".encode()


def _seal(key: AESGCM, plain: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    return nonce + key.encrypt(nonce, plain, associated)


def _unseal(key: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], associated)
    except InvalidTag as error:
        raise EvidenceError(
            "vault_damaged",
            "a sealed value does not open: it was altered or moved",
            "封存的数据无法开启：已被改动或移位",
        ) from error
