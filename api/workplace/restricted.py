"""Restricted fields of an entry, and the way to the act that opens them: signed, with purpose and basis, recorded
before anything is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.rendering.blocks import Content, Link, Paragraph
from api.sentences import sentence
from api.workplace.sheets import Desk
from ledger.submission import WHY_NOT_OPENED, FieldState


def opening(d: Desk, event_id: str, fields: Sequence[FieldState], **given: str) -> Content:
    """A link to the form of the opening, filled in with what is withheld; ``given`` fills in more.

    Nothing where nothing is.
    """
    withheld = ",".join(f.pointer for f in fields if f.state == "withheld")
    if not withheld:
        return ""
    form = d.place.to(
        "bench",
        d.log.home.name,
        "record",
        "RestrictedDataHandled",
        target_event=event_id,
        paths=withheld,
        action="opened",
        opening_ok="true",
        **given,
    )
    words = d.say(
        sentence("Open (signed, with purpose and basis; shown once it is recorded)"),
    )
    return Paragraph(Link(words, form))


def gone(d: Desk, fields: Sequence[FieldState]) -> Content:
    """What does not open and why, in words: a field that is lost never reads as if it were withheld.

    Nothing where all is there.
    """
    said = [(f, WHY_NOT_OPENED[f.state]) for f in fields if f.state in WHY_NOT_OPENED]
    return tuple(
        d.none(sentence("{field}: {message}", field=d.layout.label(f.pointer[1:]), message=why)) for f, why in said
    )
