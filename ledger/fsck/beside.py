"""What is kept beside the entries and can be computed from them: documents, ids that look alike, the key that seals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.documents import PACK_MEDIA_TYPE
from ledger.entry import RecordedEvent
from ledger.errors import RongjianError
from ledger.fsck.account import Account
from ledger.fsck.rows import Rows, octets
from ledger.identifiers import shapes
from ledger.regulation.pack import parse_pack
from ledger.statement import introduced
from ledger.store.catalogue import differences


def check_documents(rows: Rows, account: Account) -> Iterator[Finding]:
    """Every stored document has its hash; each that an entry names is there, and is the pack that it is to be."""
    found, named = set(), account.documents
    for key, media_type, content in rows.select("SELECT sha256, media_type, content FROM document ORDER BY sha256"):
        digest, kept = octets(key).hex(), octets(content)
        position = named.get(digest, 0)
        if hashlib.sha256(kept).hexdigest() != digest:
            yield Finding(
                position, f"document {digest[:16]}", f"bytes with SHA-256 {digest}", hashlib.sha256(kept).hexdigest()
            )
        elif digest in named and media_type != PACK_MEDIA_TYPE:
            yield Finding(position, f"document {digest[:16]} media_type", PACK_MEDIA_TYPE, str(media_type))
        elif media_type == PACK_MEDIA_TYPE:
            yield from _pack(position, digest, kept, account)
        found.add(digest)
    for digest, position in sorted(named.items()):
        if digest not in found:
            yield Finding(position, f"document {digest[:16]}", "the pack that the entry names", "nothing", "lost")


def _pack(position: int, digest: str, content: bytes, account: Account) -> Iterator[Finding]:
    try:
        account.packs[digest] = parse_pack(content, digest[:16], accepted=True)
    except RongjianError as error:
        yield Finding(position, f"document {digest[:16]}", "a pack", error.en)


class Introduced:
    """The ids that entries bring into being, by what they look like."""

    def __init__(self) -> None:
        self._positions: dict[tuple[str, str], int] = {}

    def take(self, event: RecordedEvent) -> None:
        """One more entry."""
        for tag in introduced(event.statement.type, event.statement.tags):
            for shape in shapes(tag):
                self._positions.setdefault((shape, tag), event.position)

    def findings(self, rows: Rows) -> Iterator[Finding]:
        """Rows that are missing, and rows that no entry brings: by them the next id is judged."""
        stored = {(str(shape), str(tag)) for shape, tag in rows.select("SELECT shape, tag FROM lookalike")}
        for shape, tag in sorted(self._positions.keys() - stored):
            yield Finding(self._positions[shape, tag], f"lookalike {tag}", shape, "nothing")
        for shape, tag in sorted(stored - self._positions.keys()):
            yield Finding(0, f"lookalike {tag}", "nothing: no entry brings this id", shape)


def check_sealing_key(ledger: Ledger, rows: Rows) -> Iterator[Finding]:
    """The vault says under which key-encryption key it is sealed, as that key itself says, and openings name no
    other.
    """
    own = ledger.vault.kek_id
    probes = {str(kek_id): probe for kek_id, probe in rows.select("SELECT kek_id, probe FROM key_encryption_key")}
    if own not in probes:
        yield Finding(0, "key_encryption_key", own, ", ".join(sorted(probes)) or "nothing")
    elif not ledger.vault.is_probe(probes[own]):
        yield Finding(0, "key_encryption_key probe", f"sealed under {own}", "bytes that do not open")
    for kek_id in sorted(probes.keys() - {own}):
        yield Finding(0, "key_encryption_key", f"{own} alone", kek_id)
    for entry_id, pointer, kek_id in rows.select(
        "SELECT entry_id, pointer, kek_id FROM opening WHERE kek_id <> %s ORDER BY 1, 2", (own,)
    ):
        yield Finding(0, f"opening {pointer} kek_id", own, f"{kek_id} of {entry_id}")


def check_schema(ledger: Ledger) -> Iterator[Finding]:
    """The log's tables are what the migrations make of them: what they do with rows is not to be seen in rows."""
    with ledger.database.connection() as connection:
        for expected, found in differences(connection, ledger.database.schema):
            yield Finding(0, "schema", expected, found)
