"""Which findings are causes, and which follow from one: an altered entry shifts every hash that was computed over it.

Nothing is left out of the findings: this says only what to read first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.audit.entries import Finding
from ledger.errors import InvariantError

#: What an entry is judged by, beside its bytes; wrong with the bytes, or for want of an entry before it.
_JUDGED = {"signature", "actor", "role", "countersignature", "override", "introduction", "recorded_at", "lost_from"}
_OF_BYTES = _JUDGED | {"genesis", "log", "id", "effective_at"}

_NODE = re.compile(r"tile_node (\d{1,2})/(\d{1,18})")
_SIZE = re.compile(r"size (\d+)")
_OVER_ENTRIES = re.compile(
    r"log_head.*|checkpoint (root|note)|tag_index( note)?|root_hash|index/\d+|index-log|tree_size"
)
_BESIDE = re.compile(r"(opening|lookalike|identity_link|document|documents/)\b.*")

#: A leaf of the tree for each node of a level below.
_WIDTH = 256


@dataclass(frozen=True, slots=True)
class _Causes:
    """Positions at which the bytes are not those that were recorded; from ``shifted`` on entries are missing or too
    many.
    """

    altered: frozenset[int]
    unread: int | None
    shifted: int | None
    #: Only the head of the rows, or a newer head, tells that entries are missing, at the end.
    cut: bool

    @property
    def first(self) -> int | None:
        """The first position from which on hashes differ."""
        return min(self.altered | ({self.shifted} if self.shifted is not None else set()), default=None)


def follow_from_others(findings: Sequence[Finding]) -> list[bool]:
    """For each finding: does it follow from another one that is named?"""
    causes = _causes(findings)
    if causes.first is None:
        return [False] * len(findings)
    return [not _is_cause(f) and _follows(f, causes) for f in findings]


def _causes(findings: Iterable[Finding]) -> _Causes:
    altered = frozenset(f.position for f in findings if f.position > 0 and _alters(f))
    unread = min((f.position for f in findings if f.field in ("entry", "position") and f.position > 0), default=None)
    shifted = min((f.position for f in findings if f.field == "position"), default=None)
    cut = not altered and shifted is None
    if cut:
        shifted = min((end for f in findings if (end := _cut_at(f)) is not None), default=None)
    return _Causes(altered, unread, shifted, cut)


def _alters(finding: Finding) -> bool:
    return finding.field in ("entry", "leaf_hash") or (finding.field, finding.expected) == (
        "signature",
        "a signature that verifies",
    )


def _cut_at(finding: Finding) -> int | None:
    """The first position that is missing at the end, as a newer head tells."""
    said, stored = _SIZE.match(finding.expected), _SIZE.match(finding.actual)
    if finding.field == "log_head" and said and stored and int(stored[1]) > int(said[1]):
        return int(said[1]) + 1
    rolled_back = re.search(r"(\d+) entries: rolled back", finding.actual) if finding.field == "size" else None
    return int(rolled_back[1]) + 1 if rolled_back else None


def _is_cause(finding: Finding) -> bool:
    """Is this one what others follow from, or told by somebody else than the rows?"""
    return _alters(finding) or finding.field in ("position", "size", "root seen elsewhere", "newest head")


def _follows(finding: Finding, causes: _Causes) -> bool:
    first, field, at = causes.first, finding.field, finding.position
    if first is None:
        raise InvariantError("a finding has no first entry")
    if at in causes.altered and (field in _OF_BYTES or field.startswith(("column ", "founder ", "entry_tag"))):
        return True
    if field in _JUDGED:
        return (causes.unread is not None and at > causes.unread) or (field == "recorded_at" and at > first)
    if _BESIDE.fullmatch(field):
        return at in causes.altered or (at == 0 and finding.expected.startswith("nothing:"))
    if node := _NODE.fullmatch(field):
        return _covers(int(node[1]), int(node[2]), causes)
    if field == "entry_tag" or (field in ("checkpoint", "tag_index") and finding.expected.startswith("at most")):
        return causes.shifted is not None
    if field == "log_head" and causes.cut:
        return False
    signed = finding.expected.startswith("a note signed")
    return bool(_OVER_ENTRIES.fullmatch(field)) and not signed and (at == 0 or at >= first)


def _covers(level: int, index: int, causes: _Causes) -> bool:
    """Is the node over an entry that is altered, or over one that has moved?"""
    first, last = index * _WIDTH**level + 1, (index + 1) * _WIDTH**level
    moved = causes.shifted is not None and last >= causes.shifted
    return moved or any(first <= position <= last for position in causes.altered)
