"""Who a pseudonym is, as keyed hashes of the identity number in each of its spellings (separation S2).

The hashes of one principal are sealed together: nobody who can write rows can add one or take one away unnoticed.
A seal does not say that a number is whose it is said to be; that the opening of the registration does
(:mod:`ledger.identities`).
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ledger.identifiers import spellings
from ledger.store.database import Database

#: Hashes of one principal's number.
Hashes = frozenset[bytes]

#: A row: the principal, one hash, and the seal over all hashes of the principal.
IdentityLink = tuple[str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Linked:
    """What is stored of one principal: every hash, whether it was made with the normal form beside it; those under a
    seal that fits, and those without any, as earlier versions wrote them.
    """

    stored: Mapping[bytes, bool]
    sealed: Hashes
    bare: Hashes


class IdentityLinks:
    """The links of one log.

    ``link_key`` makes hashes, ``seal_key`` seals them; both are drawn from the key-encryption key.
    """

    def __init__(self, database: Database, link_key: bytes, seal_key: bytes) -> None:
        self._database = database
        self._link_key = link_key
        self._seal_key = seal_key

    def hashes(self, id_number: str) -> dict[str, bytes]:
        """The keyed hash of each spelling of an identity number, its normal form first."""
        return {s: hmac.digest(self._link_key, s.encode(), "sha256") for s in spellings(id_number)}

    def sealed(self, principal_id: str, hashes: Iterable[bytes]) -> list[IdentityLink]:
        """The rows that link a principal to all of these hashes and no others."""
        together = frozenset(hashes)
        seal = self._seal(principal_id, together)
        return [(principal_id, keyed, seal) for keyed in sorted(together)]

    def write_all(self, linked: Mapping[str, tuple[Hashes, bool]]) -> None:
        """Link several principals in one transaction: to the hashes of each, and whether the normal form is among
        them.
        """
        with self._database.transaction() as connection:
            for principal_id, (hashes, normal) in linked.items():
                for _, keyed, seal in self.sealed(principal_id, hashes):
                    connection.execute(
                        "INSERT INTO identity_link VALUES (%s, %s, %s, %s) ON CONFLICT (principal_id, keyed_hash)"
                        " DO UPDATE SET normal = EXCLUDED.normal, seal = EXCLUDED.seal",
                        (principal_id, keyed, normal, seal),
                    )

    def of(self, principal_ids: Collection[str] | None = None) -> dict[str, Linked]:
        """What is stored of some principals, or of all; of one of whom nothing is stored there is no answer.

        A row that holds anything else than was written is passed over: it links nobody.
        """
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT principal_id, keyed_hash, normal, seal FROM identity_link WHERE %s::text[] IS NULL OR "
                "principal_id = ANY(%s)",
                [sorted(principal_ids) if principal_ids is not None else None] * 2,
            ).fetchall()
        stored: defaultdict[str, dict[bytes, bool]] = defaultdict(dict)
        under: defaultdict[str, defaultdict[bytes, set[bytes]]] = defaultdict(lambda: defaultdict(set))
        for principal, keyed, normal, seal in rows:
            if isinstance(keyed, bytes) and isinstance(seal, bytes):
                stored[principal][keyed] = bool(normal)
                under[principal][seal].add(keyed)
        return {
            p: Linked(hashes, self._sealed(p, under[p]), frozenset(under[p].get(b"", ())))
            for p, hashes in stored.items()
        }

    def _sealed(self, principal_id: str, under: Mapping[bytes, set[bytes]]) -> Hashes:
        """Of a seal the hashes that stand under it, where they are those that it was made over."""
        fitting = (h for seal, h in under.items() if hmac.compare_digest(seal, self._seal(principal_id, h)))
        return frozenset[bytes]().union(*fitting)

    def _seal(self, principal_id: str, hashes: Collection[bytes]) -> bytes:
        return hmac.digest(self._seal_key, b"".join((principal_id.encode(), b"\n", *sorted(hashes))), "sha256")
