"""The vault: openings of restricted fields, each encrypted under a key of its own.

AES-256-GCM. Each opening has a data key, wrapped by the key-encryption key from configuration; key and opening are
sealed with (entry id, pointer) as associated data, so that neither can be moved to another place. Destroying a data
key, and what is sealed under it, erases exactly this value and its salt. Which erasures were ordered the log says
(:mod:`ledger.erasures`); here they are carried out.

Openings of earlier versions lie under a key of their subject until :meth:`Vault.rewrap` has sealed them anew. The vault
is opened with the wrong or a lost key-encryption key only to be refused: nothing is ever sealed under a second key
unnoticed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import Connection

from ledger import canonical
from ledger.disclosure import Opening, parse_opening
from ledger.errors import EvidenceError, NotFoundError, SpoiltError, UnavailableError
from ledger.sentences import sentence
from ledger.store.database import Database, Row
from ledger.store.identity_links import IdentityLinks

KEK_LENGTH = 32
KEY_LENGTH = 32
_NONCE_LENGTH = 12
_PROBE = b"rongjian/vault/v1"


def derived(kek: bytes, purpose: bytes) -> bytes:
    """A key of 32 bytes for another purpose of a home, drawn from its key-encryption key."""
    return HKDF(hashes.SHA256(), KEY_LENGTH, salt=None, info=purpose).derive(kek)


#: Entry, pointer, subject, the sealed opening, the id of the key-encryption key, the opening's key wrapped under it.
SealedOpening = tuple[str, str, str, bytes, str, bytes]


class Vault:
    """The openings of one log."""

    def __init__(self, database: Database, kek: bytes) -> None:
        if len(kek) != KEK_LENGTH:
            raise UnavailableError(
                "bad_kek", sentence("the key-encryption key must have {kek_length} bytes", kek_length=KEK_LENGTH)
            )
        self._database = database
        self._kek = AESGCM(kek)
        self.kek_id = hashlib.sha256(b"rongjian/kek-id/v1" + kek).hexdigest()[:16]
        # Seals are of one log: a home has several, whose rows somebody may copy from one to another.
        of_log = b"\n" + database.schema.encode()
        self._seal_key = derived(kek, b"rongjian/seal/v1" + of_log)
        self.links = IdentityLinks(
            database, derived(kek, b"rongjian/identity-link/v1"), derived(kek, b"rongjian/identity-seal/v1" + of_log)
        )
        self._beside = AESGCM(derived(kek, b"rongjian/pending/v1"))

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
                sentence(
                    "the vault was sealed under key-encryption key {rows}, not {kek_id}; restore the right key "
                    "(RONGJIAN_KEK_FILE). Nothing was changed.",
                    rows=rows[0][0],
                    kek_id=self.kek_id,
                ),
            )

    def is_probe(self, probe: object) -> bool:
        """Was what the vault keeps to know its key by sealed under this one?"""
        try:
            return isinstance(probe, bytes) and _unseal(self._kek, probe, _PROBE) == _PROBE
        except EvidenceError:
            return False

    def sealed(self, entry_id: str, openings: Iterable[tuple[Opening, str]]) -> list[SealedOpening]:
        """Openings of an entry, each with its subject, as the transaction that records the entry writes them."""
        made = [(opening.pointer, subject, self._sealed(entry_id, opening)) for opening, subject in openings]
        return [
            (entry_id, pointer, subject, sealed, self.kek_id, wrapped) for pointer, subject, (sealed, wrapped) in made
        ]

    def seal_of(self, told: bytes) -> bytes:
        """32 bytes over what this home states of this log, which nobody without its key-encryption key can make."""
        return hmac.digest(self._seal_key, told, "sha256")

    def seal_beside(self, kind: str, name: str, plain: bytes) -> bytes:
        """What is kept beside the log for a time and may hold what is restricted, under a key of its own."""
        return _seal(self._beside, plain, _associated(kind, name))

    def open_beside(self, kind: str, name: str, sealed: bytes) -> bytes:
        """It again. Raises EvidenceError where it was altered or moved to another place."""
        return _unseal(self._beside, sealed, _associated(kind, name))

    def open(self, entry_id: str, pointer: str) -> Opening:
        """The opening of a field; NotFoundError if there is none or it was erased.

        Whether an erasure was ordered is the caller's to have asked: a row that somebody copied back would open.
        """
        with self._database.connection() as connection:
            row = connection.execute(
                f"SELECT {_STORED} FROM {_OPENINGS} WHERE o.entry_id = %s AND o.pointer = %s", (entry_id, pointer)
            ).fetchone()
        stored = StoredOpening(*row) if row is not None else None
        if stored is None or stored.erased_by is not None:
            told = sentence("the opening of {pointer} was erased", pointer=pointer)
            if stored is None:
                told = sentence("the opening of {pointer} is not here", pointer=pointer)
            raise NotFoundError("no_opening", told)
        return self.opened(stored)

    def stored(self, entry_ids: Collection[str]) -> list[StoredOpening]:
        """The rows of some entries' openings, by entry and pointer, whatever they hold."""
        with self._database.connection() as connection:
            rows = connection.execute(
                f"SELECT {_STORED} FROM {_OPENINGS} WHERE o.entry_id = ANY(%s) ORDER BY o.entry_id, o.pointer",
                (sorted(entry_ids),),
            ).fetchall()
        return [StoredOpening(*row) for row in rows]

    def kept(self, entry_id: str) -> list[str]:
        """Pointers of an entry for which an opening is kept and not erased."""
        return [s.pointer for s in self.stored([entry_id]) if s.erased_by is None]

    def erase(self, connection: Connection[Row], entry_id: str, pointers: Iterable[str], order_id: str) -> int:
        """Destroy what is kept of some fields of an entry on the ground of the entry that orders it; how many there
        were.
        """
        named = sorted(set(pointers))
        # What lies under the key of a subject gets keys of its own first: nothing else may go with it.
        for (subject,) in connection.execute(
            "SELECT DISTINCT o.subject FROM opening o JOIN data_key k USING (subject)"
            " WHERE o.entry_id = %s AND o.pointer = ANY(%s) AND o.wrapped IS NULL",
            (entry_id, named),
        ).fetchall():
            self._rewrap(connection, subject)
        return connection.execute(
            "UPDATE opening SET sealed = '', kek_id = NULL, wrapped = NULL, erased_by = %s"
            " WHERE entry_id = %s AND pointer = ANY(%s) AND (erased_by IS NULL OR wrapped IS NOT NULL OR sealed <> '')",
            (order_id, entry_id, named),
        ).rowcount

    def erase_subject(self, connection: Connection[Row], subject: str, until: int, order_id: str) -> int:
        """Destroy everything of a subject that entries up to a position brought: an erasure as earlier versions had
        them.
        """
        count = connection.execute(
            "UPDATE opening o SET sealed = '', kek_id = NULL, wrapped = NULL, erased_by = %s FROM entry e"
            " WHERE o.entry_id = e.id AND o.subject = %s AND e.position <= %s"
            " AND (o.erased_by IS NULL OR o.wrapped IS NOT NULL OR o.sealed <> '')",
            (order_id, subject, until),
        ).rowcount
        connection.execute(
            "DELETE FROM data_key k WHERE subject = %s AND NOT EXISTS"
            " (SELECT FROM opening o WHERE o.subject = k.subject AND o.wrapped IS NULL AND o.erased_by IS NULL)",
            (subject,),
        )
        return count

    def epoch(self) -> int:
        """The size of the log when keys became those of single openings: erasures up to there were of whole
        subjects.
        """
        with self._database.connection() as connection:
            row = connection.execute("SELECT size FROM erasure_epoch").fetchone()
        return int(row[0]) if row else 0

    def under_one_key(self) -> list[str]:
        """Subjects whose openings still lie under one key of theirs."""
        with self._database.connection() as connection:
            return [str(row[0]) for row in connection.execute("SELECT subject FROM data_key ORDER BY 1").fetchall()]

    def rewrap(self, subject: str) -> None:
        """Seal what lies under a subject's key under keys of its own, and delete that key, in one transaction."""
        with self._database.transaction() as connection:
            self._rewrap(connection, subject)

    def _rewrap(self, connection: Connection[Row], subject: str) -> None:
        connection.execute("SELECT FROM data_key WHERE subject = %s FOR UPDATE", (subject,))
        rows = connection.execute(
            f"SELECT {_STORED} FROM {_OPENINGS} WHERE o.subject = %s AND o.wrapped IS NULL AND o.erased_by IS NULL",
            (subject,),
        ).fetchall()
        for stored in (StoredOpening(*row) for row in rows):
            if stored.erased_by is not None:
                new: tuple[object, ...] = (b"", None, None, stored.erased_by)
            else:
                sealed, wrapped = self._sealed(stored.entry_id, self.opened(stored))
                new = (sealed, self.kek_id, wrapped, None)
            connection.execute(
                "UPDATE opening SET sealed = %s, kek_id = %s, wrapped = %s, erased_by = %s WHERE entry_id = %s "
                "AND pointer = %s",
                (*new, stored.entry_id, stored.pointer),
            )
        connection.execute("DELETE FROM data_key WHERE subject = %s", (subject,))

    def _sealed(self, entry_id: str, opening: Opening) -> tuple[bytes, bytes]:
        """An opening under a new key, and that key, wrapped."""
        key = secrets.token_bytes(KEY_LENGTH)
        sealed = _seal(AESGCM(key), canonical.encode(opening.to_json()), _associated(entry_id, opening.pointer))
        return sealed, _seal(self._kek, key, _associated("opening-key", f"{entry_id}\n{opening.pointer}"))

    def opened(self, stored: StoredOpening) -> Opening:
        """What a row opens. Raises EvidenceError where it was altered or moved, or has lost its key."""
        of = (
            (stored.wrapped, _associated("opening-key", f"{stored.entry_id}\n{stored.pointer}"))
            if stored.wrapped is not None
            else (stored.of_subject, _associated("data-key", stored.subject))
        )
        if of[0] is None:
            raise SpoiltError(
                "vault_damaged",
                sentence("the key of {pointer} is gone and no order says why", pointer=stored.pointer),
            )
        key = AESGCM(_unseal(self._kek, of[0], of[1]))
        plain = _unseal(key, stored.sealed, _associated(stored.entry_id, stored.pointer))
        return parse_opening(stored.pointer, canonical.parse(plain, "opening"))


#: What is stored of an opening. An order stands with the opening; of earlier versions, with the key of its subject.
_OPENINGS = "opening o LEFT JOIN data_key k USING (subject)"
_STORED = (
    "o.entry_id, o.pointer, o.subject, o.sealed, o.wrapped, k.wrapped, coalesce(o.erased_by, CASE WHEN "
    "o.wrapped IS NULL THEN k.erased_by END)"
)


@dataclass(frozen=True, slots=True)
class StoredOpening:
    """A row: the key is the opening's own (``wrapped``), or that of its subject (``of_subject``)."""

    entry_id: str
    pointer: str
    subject: str
    sealed: bytes
    wrapped: bytes | None
    of_subject: bytes | None
    erased_by: str | None


def _associated(first: str, second: str) -> bytes:
    return f"{first}\n{second}".encode()


def _seal(key: AESGCM, plain: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    return nonce + key.encrypt(nonce, plain, associated)


def _unseal(key: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], associated)
    # ValueError: not even as long as a nonce. TypeError: no bytes at all.
    except (InvalidTag, ValueError, TypeError) as error:
        raise SpoiltError(
            "vault_damaged",
            sentence("a sealed value does not open: it was altered or moved"),
        ) from error
