"""Names of what inquiries answer with, in Chinese and English, beside those of facts and payloads."""

from __future__ import annotations

from ledger.derivation.meanings import meaning
from ledger.derivation.words import WORDS
from ledger.events.labels import LABELS
from ledger.sentences import Pair, names_in
from projections.kinds import MONEY
from projections.labels import MEMBERS

#: What facts and payloads call a member goes before what is said here of inquiries.
MEMBER_NAMES: dict[str, tuple[str, str]] = names_in("api.inspector", "member_names.txt") | LABELS | MEMBERS
WORD_NAMES: dict[str, tuple[str, str]] = names_in("api.inspector", "word_names.txt") | WORDS


def said(text: str, member: str = "", of: str = "") -> Pair:
    """A word in Chinese and English, as the value of a member of an event type or fact; what is no word as it is."""
    return meaning(text, member, of) or WORD_NAMES.get(text, (text, text))


#: Members of inquiries whose whole numbers are fen, beside those of facts and payloads.
_FEN = frozenset(
    {
        "decided",
        "entitled",
        "misused",
        "outstanding",
        "overdue",
        "prize_due",
        "received",
        "recovered",
        "reversed",
        "waived",
    }
)


def is_money(name: str) -> bool:
    """Is a whole number under this name an amount in fen?"""
    return name in _FEN or name in MONEY


#: Inquiries whose rows use the words of a fact.
OF_FACT = {"reviewers": "case.reviewers", "flags": "edition.flags", "duties": "award.duties", "next-steps": "case.next"}


def member_at(path: str, fact: str) -> str:
    """The member that stands at a place in an answer to a fact: ``/value/parts/0/amount`` is ``amount``, ``/value`` the
    fact.
    """
    named = [p for p in path.split("/") if p and not p.isdecimal()]
    return fact if named in ([], ["value"]) else named[-1]


def member_named(key: str) -> str:
    """The member that a JSON Pointer names at its end, where a key is one: ``/tax_per_mu`` is ``tax_per_mu``."""
    return key.rpartition("/")[2] if key.startswith("/") else key
