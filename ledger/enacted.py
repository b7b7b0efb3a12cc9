"""The packs that a log's law is read from: those that its entries enact, parsed once, each from bytes that have the
hash enacted.

A document that nobody enacted is not read: whatever lies beside them decides nothing, and stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent, acts
from ledger.errors import MalformedError, NotFoundError, SpoiltError
from ledger.events.registry import topics
from ledger.events.rules import RegulationEnacted
from ledger.regulation.pack import Pack, parse_pack
from ledger.sentences import sentence
from ledger.statement import Statement

ENACTMENTS = DCBQuery([DCBQueryItem(types=topics(RegulationEnacted))])


class EnactedPacks:
    """The packs of one log, by hash. ``document`` gives the bytes of a hash, and has compared them."""

    def __init__(self, document: Callable[[str], bytes]) -> None:
        self._document = document
        self._parsed: dict[str, Pack] = {}

    def of(self, enactments: Iterable[RecordedEvent]) -> dict[str, Pack]:
        """The packs that recorded entries enact. Raises EvidenceError where one is missing or altered."""
        found = {}
        for event, enacted in acts(RegulationEnacted, enactments):
            digest = enacted.pack_hash
            try:
                found[digest] = self._pack(digest)
            except NotFoundError as error:
                raise SpoiltError(
                    "document_missing",
                    sentence(
                        "the rules {digest}, enacted by entry {position}, are not stored: what they decide cannot be "
                        "answered. Run rongjian verify, then restore them from a mirror",
                        digest=digest[:16],
                        position=event.position,
                    ),
                    sha256=digest,
                ) from error
        return found

    def proposed(self, statements: Iterable[Statement]) -> dict[str, Pack]:
        """The packs that statements would enact, as far as they are kept here and are packs."""
        found = {}
        for statement in statements:
            if isinstance(statement.payload, RegulationEnacted):
                digest = statement.payload.pack_hash
                try:
                    found[digest] = parse_pack(self._document(digest), digest[:16])
                except (NotFoundError, MalformedError):
                    continue
        return found

    def _pack(self, digest: str) -> Pack:
        if digest not in self._parsed:
            self._parsed[digest] = parse_pack(self._document(digest), digest[:16], accepted=True)
        return self._parsed[digest]
