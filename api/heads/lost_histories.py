"""A mirror from before a loss, beside the log that went on without: what two founders declared, said in words.

To a mirror, a log that lost entries and one that shows two histories look alike. Where the entry at which
the two part declares the loss of what the mirror holds, that is said: the mirror is what is left of it.
"""

from __future__ import annotations

from api.sentences import sentence
from ledger.derivation.losses import covers, declares, range_lost
from ledger.entry import RecordedEvent
from ledger.entry import parse as parse_entry
from ledger.errors import EvidenceError, RongjianError
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.tiles import WIDTH, Fetch, Tile, TileLevels, entry_bundle, hash_tile


def declared_by_source(fetch: Fetch, head: Checkpoint, mirror: Fetch, held: Checkpoint) -> EvidenceError | None:
    """What to say of a source that does not go on from the head held; None where it declares no loss of that."""
    try:
        event = _parting(fetch, head, mirror, held)
    except RongjianError:
        # A source that does not answer, or not with what it signed, declares nothing: what was found before is said.
        return None
    return history_lost(event, held) if event is not None and covers(event, held.size) else None


def history_lost(event: RecordedEvent, held: Checkpoint) -> EvidenceError:
    """``event`` declares the loss of entries up to a head at or above the one held: that one is named, or falls among
    them.

    A head that is not named is a second history as long as nobody shows that it led to the one that is (docs/spec,
    section 4).
    """
    first, last = range_lost(event)
    if declares(event, held.size, held.root):
        return EvidenceError(
            "history_lost",
            sentence(
                "the log lost entries {first} to {last} and went on without them, as founders declare in entry "
                "{first}; this folder holds them, and perhaps it alone: keep it, and follow the log into a new folder",
                first=first,
                last=last,
            ),
            lost_from=first,
            lost_to=last,
        )
    return EvidenceError(
        "another_history",
        sentence(
            "the log lost entries {first} to {last} and went on without them, as founders declare in entry {first}; "
            "this folder holds entries up to {held} of before, under a head that the declaration does not name. Only "
            "who holds the head of size {last} can tell whether this one led to it or is a second history: keep it, "
            "and follow the log into a new folder",
            first=first,
            last=last,
            held=held.size,
        ),
        lost_from=first,
        lost_to=last,
    )


def index_heads_lost(event: RecordedEvent) -> EvidenceError:
    """``event`` declares a loss since which the log of index heads is another than the one held."""
    first, last = range_lost(event)
    return EvidenceError(
        "history_lost",
        sentence(
            "the log lost entries {first} to {last}, as founders declare in entry {first}, and its log of index heads "
            "is another one since; this folder holds index heads of before: keep it, and follow the log into a new "
            "folder",
            first=first,
            last=last,
        ),
        lost_from=first,
        lost_to=last,
    )


def _parting(fetch: Fetch, head: Checkpoint, mirror: Fetch, held: Checkpoint) -> RecordedEvent | None:
    """The source's first entry that the mirror has not, if the hashes lead to the source's head and there is one."""
    theirs, ours = _leaves(fetch, head.size), _leaves(mirror, held.size)
    levels = TileLevels()
    for leaf in theirs:
        levels.add(leaf)
    apart = next((n for n, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b), None)
    if apart is None or levels.frontier.root() != head.root:
        return None
    index = apart // WIDTH
    entry = entry_bundle(fetch, index, min(WIDTH, head.size - index * WIDTH))[apart - index * WIDTH]
    return parse_entry(apart + 1, entry) if leaf_hash(entry) == theirs[apart] else None


def _leaves(fetch: Fetch, size: int) -> list[bytes]:
    indices = range(-(-size // WIDTH))
    return [leaf for n in indices for leaf in hash_tile(fetch, Tile(0, n, min(WIDTH, size - n * WIDTH)))]
