"""Documents by content: packs and texts, which entries name by the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib

from ledger.errors import NotFoundError, SpoiltError, TooLargeError
from ledger.regulation.pack import parse_pack
from ledger.sentences import sentence
from ledger.store.database import Database
from ledger.store.deposits import deposit, deposited

PACK_MEDIA_TYPE = "application/vnd.rongjian.pack+toml"

#: A regulation with its points table is well below.
DOCUMENT_LENGTH_MAX = 1_000_000


class Documents:
    """The documents of one log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def store(self, content: bytes, media_type: str, *, accepted: bool = False) -> str:
        """Keep a document by content; returns its SHA-256. A pack is validated before it is kept.

        ``accepted`` is for packs that a log enacted long ago: the catalogue of parameters may have grown since.
        """
        if media_type == PACK_MEDIA_TYPE:
            parse_pack(content, "pack", accepted=accepted)
        if len(content) > DOCUMENT_LENGTH_MAX:
            raise TooLargeError(
                "document_too_large",
                sentence(
                    "a document has at most {document_length_max} bytes", document_length_max=f"{DOCUMENT_LENGTH_MAX:,}"
                ),
            )
        digest = hashlib.sha256(content)
        with self._database.transaction() as connection:
            deposit(connection, digest.digest(), media_type, content)
        return digest.hexdigest()

    def read(self, sha256: str) -> tuple[str, bytes]:
        """Media type and bytes of a document.

        Raises NotFoundError where there is none, SpoiltError (``document_altered``) where its bytes are other ones.
        """
        with self._database.connection() as connection:
            found = deposited(connection, bytes.fromhex(sha256))
        if found is None:
            raise NotFoundError("document_unknown", sentence("no document {sha256}", sha256=sha256[:16]))
        if hashlib.sha256(found[1]).hexdigest() != sha256:
            raise SpoiltError(
                "document_altered",
                sentence(
                    "the stored document {sha256} has other bytes than were deposited; run rongjian verify, then "
                    "restore it from a mirror",
                    sha256=sha256[:16],
                ),
                sha256=sha256,
            )
        return found
