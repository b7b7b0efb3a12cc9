"""Atom (RFC 4287) and JSON Feed 1.1 of a log: notices, awards, revocations; a revocation is an entry of its own."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from api.public.pages import Window
from api.public.rendering import Place, day_in, translator
from projections import public_pages
from projections.labels import word

ATOM = "http://www.w3.org/2005/Atom"
#: Entries that are no more (RFC 6721).
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
ITEMS_MAX = 100


def items(w: Window, language: str) -> list[dict[str, str]]:
    """Newest first: id, day, title, and the page's path below the log."""
    rows = public_pages.editions(w.source, w.corner)
    t, column = translator(language), 0 if language == "zh" else 1
    found = []
    for n in public_pages.notices(rows):
        found.append(
            {
                "id": f"notice/{n['notice_id']}",
                "day": n["opened_on"],
                "title": f"{t('Public notice')} {n['notice_id']}",
                "path": f"notices/{n['notice_id']}",
            }
        )
    for a in public_pages.awards(rows):
        kind = (a["kind_zh"], a["kind_en"])[column]
        found.append(
            {
                "id": f"award/{a['award_id']}",
                "day": a["granted_on"] or "",
                "title": f"{a['name']} · {kind} {a['year']}",
                "path": f"awards/{a['award_id']}",
            }
        )
        if a["status"] == "revoked":
            ground = word(str(a["ground"]), "ground")[column]
            found.append(
                {
                    "id": f"revocation/{a['award_id']}",
                    "day": a["revoked_on"] or "",
                    "title": f"{t('Revoked')}: {a['name']} · {kind} {a['year']} · {ground}",
                    "path": f"awards/{a['award_id']}",
                }
            )
    return sorted(found, key=lambda i: (i["day"], i["id"]), reverse=True)[:ITEMS_MAX]


def atom(w: Window, place: Place, base: str) -> bytes:
    """The Atom feed as bytes."""
    ET.register_namespace("", ATOM)
    head, root = w.head(), f"{base}{place.language}/{w.log.home.name}/"
    feed = ET.Element(f"{{{ATOM}}}feed")
    rows = items(w, place.language)
    for name, text in (
        ("id", f"urn:rongjian:{w.log.ledger.origin}"),
        ("title", head["jurisdiction"]),
        ("updated", f"{rows[0]['day'] if rows else w.at.as_of}T00:00:00+08:00"),
    ):
        ET.SubElement(feed, f"{{{ATOM}}}{name}").text = text
    ET.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{root}feed.atom")
    ET.SubElement(ET.SubElement(feed, f"{{{ATOM}}}author"), f"{{{ATOM}}}name").text = head["jurisdiction"]
    for row in rows:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        ET.SubElement(entry, f"{{{ATOM}}}id").text = f"urn:rongjian:{w.log.ledger.origin}:{row['id']}"
        ET.SubElement(entry, f"{{{ATOM}}}title").text = row["title"]
        ET.SubElement(entry, f"{{{ATOM}}}updated").text = f"{row['day']}T00:00:00+08:00"
        ET.SubElement(entry, f"{{{ATOM}}}link", href=f"{root}{row['path']}/")
        ET.SubElement(entry, f"{{{ATOM}}}summary").text = f"{row['title']} · {day_in(place.language, row['day'])}"
    for gone in public_pages.withdrawn(w.source, w.corner):
        ET.register_namespace("at", TOMBSTONES)
        section, _, subject = gone["path"].partition("/")
        ref = f"urn:rongjian:{w.log.ledger.origin}:{section.removesuffix('s')}/{subject}"
        entry = ET.SubElement(feed, f"{{{TOMBSTONES}}}deleted-entry", ref=ref, when=f"{gone['on']}T00:00:00+08:00")
        ET.SubElement(entry, f"{{{TOMBSTONES}}}comment").text = f"{gone['position']}"
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def json_feed(w: Window, place: Place, base: str) -> dict[str, Any]:
    """JSON Feed 1.1."""
    head, root = w.head(), f"{base}{place.language}/{w.log.home.name}/"
    return {
        "version": "https://jsonfeed.org/version/1.1", "title": head["jurisdiction"], "home_page_url": root, "feed_url": f"{root}feed.json",
        "language": "zh-CN" if place.language == "zh" else "en",
        "items": [
            {"id": f"urn:rongjian:{w.log.ledger.origin}:{r['id']}", "url": f"{root}{r['path']}/", "title": r["title"], "content_text": r["title"], "date_published": f"{r['day']}T00:00:00+08:00"}
            for r in items(w, place.language)
        ],
    }  # fmt: skip
