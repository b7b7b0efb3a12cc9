"""Which principals are one natural person (separation S2): by the links of their identity numbers, proven.

A link decides who may sign beside whom, so it is believed only under its seal. Where no seal fits, the link is made of
the opening of the registration, which must fit the commitment in the log; where that is gone as well, nobody can say,
and nothing is decided on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.disclosure import Opening
from ledger.disclosure import check as check_opening
from ledger.entry import RecordedEvent, acts
from ledger.erasures import Erasures, Read
from ledger.errors import EvidenceError, MalformedError, NotFoundError, SpoiltError
from ledger.events.identity import PrincipalRegistered
from ledger.events.registry import topics
from ledger.sentences import sentence
from ledger.store.identity_links import Hashes, IdentityLinks, Linked

ID_NUMBER = "/id_number"

_NONE: Hashes = frozenset()
_NOBODY: Mapping[str, Hashes] = {}


class Identities:
    """The natural persons of one log.

    ``restored`` says of a position that it came from a mirror, which holds no numbers.
    """

    def __init__(self, links: IdentityLinks, erasures: Erasures, read: Read, restored: Callable[[int], bool]) -> None:
        self._links = links
        self._erasures = erasures
        self._read = read
        self._restored = restored

    def same_person(self, principal_ids: Iterable[str], ahead: Mapping[str, Hashes] = _NOBODY) -> bool:
        """Do any two of these principals hide the same natural person?

        They do where they share a spelling of the number. ``ahead`` are the hashes of those who are registered in a
        batch that is not recorded yet.

        Raises EvidenceError (``identity_link_lost``) where of one of them nobody can say any more.
        """
        named = sorted(set(principal_ids))
        met: set[bytes] = set()
        if len(named) < 2:
            return False
        proven = self._proven(self._numbered(named)) | {p: ahead[p] for p in named if p in ahead}
        for hashes in proven.values():
            if not met.isdisjoint(hashes):
                return True
            met |= hashes
        return False

    def hashes(self, number: Opening) -> frozenset[bytes]:
        """The keyed hashes of an identity number, one a spelling, which are kept beside its registration."""
        return self._of(number)

    def seal(self, *, adopting: bool) -> int:
        """Seal the links of those who have none under a seal with every spelling, from openings that are still here;
        how many.

        ``adopting`` seals what is stored where the opening is gone too: for the first start of a version that seals.
        """
        registered, linked = self._numbered(None), self._links.of()
        anew: dict[str, tuple[Hashes, bool]] = {}
        for principal, event in registered.items():
            of = linked.get(principal, Linked({}, _NONE, _NONE))
            if of.sealed and all(of.stored[keyed] for keyed in of.sealed):
                continue
            hashes, normal = self._opened(event), True
            if hashes is None and adopting:
                hashes, normal = frozenset(of.stored), False
            if hashes and (normal or not of.sealed):
                anew[principal] = hashes, normal
        if anew:
            self._links.write_all(anew)
        return len(anew)

    def _proven(self, registered: Mapping[str, RecordedEvent]) -> dict[str, Hashes]:
        """The hashes of those who were registered with a number, by their seals, or else by their openings."""
        linked = self._links.of(registered) if registered else {}
        proven = {p: of.sealed for p, of in linked.items() if of.sealed}
        for principal, event in registered.items():
            if principal in proven:
                continue
            hashes = self._opened(event)
            if hashes is None and not self._restored(event.position):
                raise _lost(principal)
            proven[principal] = hashes or _NONE
        return proven

    def _numbered(self, principal_ids: Collection[str] | None) -> dict[str, RecordedEvent]:
        """The registration of each principal who was registered with an identity number; of some, or of all."""
        tags = [[]] if principal_ids is None else [[f"p:{p}"] for p in principal_ids]
        items = [DCBQueryItem(types=topics(PrincipalRegistered), tags=t) for t in tags]
        events = self._read(DCBQuery(items)) if items else []
        return {p.principal_id: e for e, p in acts(PrincipalRegistered, events) if ID_NUMBER in e.statement.sd}

    def _opened(self, event: RecordedEvent) -> Hashes | None:
        """The hashes of the number that a registration commits to; None where it does not open."""
        try:
            opening = self._erasures.open(event, ID_NUMBER)
            check_opening(opening, event.statement.sd[ID_NUMBER])
        except (NotFoundError, EvidenceError, MalformedError):
            return None
        return self._of(opening)

    def _of(self, number: Opening) -> Hashes:
        return frozenset(self._links.hashes(str(number.value)).values())


def _lost(principal: str) -> EvidenceError:
    return SpoiltError(
        "identity_link_lost",
        sentence(
            "whether {principal} is one natural person with another cannot be said: the link of the identity number "
            "is altered or gone, and so is the number. Run rongjian verify, then restore the vault from a backup",
            principal=principal,
        ),
        principal=principal,
    )
