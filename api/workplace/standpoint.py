"""The ribbon above a page of the desk or the workbench that is not of now: on the desk with links to what has
changed.
"""

from __future__ import annotations

from api.public.ribbon import Named, Ribbon, in_words, is_now, looked_after, made
from api.v1.axes import axes
from api.workplace.sheets import Desk
from projections.public_pages import Corner
from projections.since import all_changes, public_changes

#: Sections of the desk about one subject, and kinds that its forms ask for -> the tags of its entries.
TAGS = {
    "cases": ("c",),
    "awards": ("a",),
    "organisations": ("o", "p"),
    "editions": ("ed",),
    "notices": ("n",),
    "persons": ("p",),
    "case": ("c",),
    "award": ("a",),
    "org": ("o", "p"),
    "edition": ("ed",),
    "notice": ("n",),
}


def ribbon(d: Desk, area: str, section: str, subject: str) -> Ribbon | None:
    """None where the page shows now. The workbench names what anybody may know, the desk everything."""
    now, language = axes(d.log, None, None), d.place.language
    if is_now(d.at, now):
        return None
    asked = {k: v for k, v in d.query.items() if k not in ("as_of", "known_at", "format", "large")}
    place = type(d.place)(language, d.place.parts, {k: v for k, v in d.place.query.items() if k == "large"})
    to_now = place.to(*place.parts, **asked)
    then, today = Corner(d.at.as_of, d.at.known_at), Corner(now.as_of, now.known_at)
    after, source = looked_after(d.log, d.at, now), d.log.ledger
    if area != "desk":
        return made(d.log, language, d.at, now, to_now, numbers=public_changes(source, then, today, after=after))
    kind, about = (section, subject) if section in TAGS else (d.query.get("kind", ""), d.query.get("subject", ""))
    if kind not in TAGS or not about:
        return made(d.log, language, d.at, now, to_now, numbers=all_changes(source, then, today, after=after))
    found = all_changes(source, then, today, [f"{tag}:{about}" for tag in TAGS[kind]])
    named: list[Named] = [in_words(language, c, d.to("events", c.event)) for c in found]
    return made(d.log, language, d.at, now, to_now, named)
