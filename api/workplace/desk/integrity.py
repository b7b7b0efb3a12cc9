"""The signed head, any entry verified in the browser, another head compared."""

from __future__ import annotations

from api.rendering.blocks import Code, Paragraph, Preformatted
from api.sentences import sentence
from api.workplace.sheets import Desk, Field, Part, Sheet

#: Entries that a page has the browser verify: as many as are named, the newest where none is.
_NAMED, _NEWEST = 50, 8


def integrity(d: Desk, _: str) -> Sheet:
    """The head of the log, and whether a head from elsewhere is an earlier state of it."""
    ledger = d.log.ledger
    size = ledger.size()
    named = [n for n in (_number(p) for p in d.query.get("entry", "").replace("，", ",").split(",")) if 0 < n <= size]
    shown = named[:_NAMED] or list(range(max(1, size - _NEWEST + 1), size + 1))
    entries = [{"position": e.position, "title": d.layout.type(e.type)} for e in map(ledger.entry, shown)]
    old = _number(d.query.get("size", ""))
    return Sheet(
        d.say(sentence("Integrity")),
        [
            *([_compared(d, old, size)] if 0 < old <= size else []),
            Part(d.say(sentence("Signed tree head")), Preformatted(ledger.evidence.checkpoint())),
        ],
        fields=[
            Field("entry", d.say(sentence("Positions of entries, separated by commas")), d.query.get("entry", "")),
            Field("size", d.say(sentence("Size of a head from elsewhere")), d.query.get("size", "")),
            Field("root", d.say(sentence("Its root (hex)")), d.query.get("root", "")),
        ],
        template="integrity.html",
        context={"entries": entries},
    )


def _number(text: str) -> int:
    """A position or size that was typed; 0, which none is, for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def _compared(d: Desk, old: int, size: int) -> Part:
    """A head from elsewhere beside the tree of its size."""
    root, _ = d.log.ledger.evidence.subtree(0, old, size)
    given = d.query.get("root", "").strip().lower()
    verdict = (
        sentence("The same: that head is the beginning of today's log.")
        if given == root.hex()
        else sentence("Different: these are not an earlier and a later state of one log.")
    )
    return Part(
        d.say(sentence("Compared with a head from elsewhere")),
        (
            Paragraph((d.say(sentence("Root of the first {old}", old=old)), " ", Code(root.hex()))),
            Paragraph(d.say(verdict) if given else ""),
        ),
    )
