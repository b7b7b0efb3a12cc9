"""Atom (RFC 4287) and JSON Feed 1.1 of a log: notices, awards, revocations; a revocation is an entry of its own.

Valid whatever the log holds: an entry whose day cannot be told bears the day of its recording, a log without entries
gives a feed without any, and what no document should hold in a name is written as its code point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypedDict
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from api.json_text import json_text
from api.languages import tag_of
from api.public.pages import Window
from api.rendering.messages import translator
from api.rendering.place import Place
from api.rendering.values import day_in, place_name
from ledger.derivation.words import word
from ledger.sentences import told_in
from ledger.text import visible
from projections import public_pages
from projections.public_data import beginning

ATOM = "http://www.w3.org/2005/Atom"
#: Entries that are no more (RFC 6721).
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
ITEMS_MAX = 100


class NoticeOpened(TypedDict):
    notice_id: str
    opened_on: str


class AwardTold(TypedDict):
    """An award as feeds tell of it; days that cannot be told are None."""

    award_id: str
    name: str
    kind_zh: str
    kind_en: str
    year: int
    status: str
    recorded_on: str | None
    granted_on: str | None
    revoked_on: str | None
    ground: str | None
    set_aside_on: str | None
    body: str | None
    ruling_no: str | None


class Withdrawn(TypedDict):
    """A page that is no more: by which entry, and since when."""

    path: str
    on: str
    position: int


def items(w: Window, language: str) -> list[dict[str, str]]:
    """Newest first: id, day, title, and the page's path below the log."""
    if w.is_empty:
        return []
    rows = public_pages.editions(w.source, w.corner)
    notices: list[NoticeOpened] = [
        {"notice_id": n["notice_id"], "opened_on": n["opened_on"]} for n in public_pages.notices(rows)
    ]
    awards: list[AwardTold] = [
        {
            "award_id": a["award_id"],
            "name": a["name"],
            "kind_zh": a["kind_zh"],
            "kind_en": a["kind_en"],
            "year": a["year"],
            "status": a["status"],
            "recorded_on": a["recorded_on"],
            "granted_on": a["granted_on"],
            "revoked_on": a["revoked_on"],
            "ground": a["ground"],
            "set_aside_on": a["set_aside_on"],
            "body": a["body"],
            "ruling_no": a["ruling_no"],
        }
        for a in public_pages.awards(rows)
    ]
    return listed(notices, awards, language)


def listed(notices: Iterable[NoticeOpened], awards: Iterable[AwardTold], language: str) -> list[dict[str, str]]:
    """The newest of the entries that notices and awards give."""
    found = [_notice(n, language) for n in notices]
    for award in awards:
        found += _award(award, language)
    return sorted(found, key=lambda i: (i["day"], i["id"]), reverse=True)[:ITEMS_MAX]


def _notice(n: NoticeOpened, language: str) -> dict[str, str]:
    t = translator(language)
    return _item("notice", n["notice_id"], n["opened_on"], f"{t('Public notice')} {n['notice_id']}")


def _award(a: AwardTold, language: str) -> Iterator[dict[str, str]]:
    t = translator(language)
    title = f"{a['name']} · {told_in(language, (a['kind_zh'], a['kind_en']))} {a['year']}"
    said = [("award", a["granted_on"], title)]
    if a["status"] == "revoked":
        said += [
            (
                "revocation",
                a["revoked_on"],
                f"{t('Revoked')}: {title} · {told_in(language, word(str(a['ground']), 'ground'))}",
            )
        ]
    if a["status"] == "set_aside":
        said += [("ruling", a["set_aside_on"], f"{t('Set aside')}: {title} · {a['body']} {a['ruling_no']}")]
    for kind, on, sentence in said:
        day = on or a["recorded_on"]
        # An entry of a feed needs a day: where a correction gave the grant another id there may be none.
        if day is not None:
            yield _item(kind, a["award_id"], day, sentence)


def _item(kind: str, subject: str, day: str, title: str) -> dict[str, str]:
    section = "notices" if kind == "notice" else "awards"
    return {"id": f"{kind}/{subject}", "day": day, "title": title, "path": f"{section}/{quote(subject, safe='')}"}


def _title(w: Window, place: Place) -> str:
    """Whose feed it is; of a day or a knowledge that was asked for, with the day."""
    title = w.log.ledger.origin if w.is_empty else place_name(place.language, w.head())
    return f"{title} · {day_in(place.language, w.at.as_of.isoformat())}" if place.query else title


def _asked(place: Place) -> str:
    """What addresses end in where a day or a knowledge was asked for."""
    return f"?{urlencode(place.query)}" if place.query and not place.published else ""


def atom(w: Window, place: Place, base: str) -> bytes:
    """The Atom feed as bytes."""
    gone: list[Withdrawn] = [
        {"path": x["path"], "on": x["on"], "position": x["position"]}
        for x in ([] if w.is_empty else public_pages.withdrawn(w.source, w.corner))
    ]
    root, urn = f"{base}{place.language}/{w.log.home.name}/", f"urn:rongjian:{w.log.ledger.origin}"
    rows, on = items(w, place.language), w.at.as_of.isoformat()
    return atom_of(_title(w, place), root, urn, rows, gone, on, place.language, _asked(place))


def atom_of(
    title: str,
    root: str,
    urn: str,
    rows: Sequence[Mapping[str, str]],
    gone: Iterable[Withdrawn],
    on: str,
    language: str,
    asked: str = "",
) -> bytes:
    """A feed of entries, newest first, and of those that are no more; ``on`` is the day of a feed without entries,
    ``asked`` what its addresses end in where it is of a day that was asked for.
    """
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _texts(feed, id=urn, title=title, updated=beginning(rows[0]["day"] if rows else on))
    ET.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{root}feed.atom{asked}")
    ET.SubElement(feed, f"{{{ATOM}}}link", rel="alternate", href=f"{root}{asked}")
    _texts(ET.SubElement(feed, f"{{{ATOM}}}author"), name=title)
    for row in rows:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        summary = f"{row['title']} · {day_in(language, row['day'])}"
        _texts(entry, id=f"{urn}:{row['id']}", title=row["title"], updated=beginning(row["day"]), summary=summary)
        ET.SubElement(entry, f"{{{ATOM}}}link", href=f"{root}{row['path']}/{asked}")
    for withdrawn in gone:
        ET.register_namespace("at", TOMBSTONES)
        section, _, subject = withdrawn["path"].partition("/")
        ref = f"{urn}:{section.removesuffix('s')}/{subject}"
        entry = ET.SubElement(feed, f"{{{TOMBSTONES}}}deleted-entry", ref=ref, when=beginning(withdrawn["on"]))
        ET.SubElement(entry, f"{{{TOMBSTONES}}}comment").text = f"{withdrawn['position']}"
    text = visible(ET.tostring(feed, encoding="unicode"))
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()


def _texts(parent: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def json_feed(w: Window, place: Place, base: str) -> bytes:
    """JSON Feed 1.1 as bytes."""
    root, urn = f"{base}{place.language}/{w.log.home.name}/", f"urn:rongjian:{w.log.ledger.origin}"
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(w, place),
        "home_page_url": f"{root}{_asked(place)}",
        "feed_url": f"{root}feed.json{_asked(place)}",
        "language": tag_of(place.language),
        "items": [
            {
                "id": f"{urn}:{r['id']}",
                "url": f"{root}{r['path']}/{_asked(place)}",
                "title": r["title"],
                "content_text": r["title"],
                "date_published": beginning(r["day"]),
            }
            for r in items(w, place.language)
        ],
    }
    return json_text(feed).encode()
