"""Where an inquiry starts: a name, a code, a number, a hash."""

from __future__ import annotations

from api.rendering.blocks import Content, Link, links
from api.sentences import sentence
from api.workplace.sheets import Desk, Field, Part, Plain, Sheet
from ledger.dcb import DCBQuery, DCBQueryItem
from projections.inquiry.search import Found


def search_field(d: Desk, value: str) -> Field:
    return Field(
        "q",
        d.say(sentence("Organisation, person, credit code, document number, hash or id")),
        value,
        kind="search",
        required=True,
    )


#: Kind of subject -> its word, and the section that has its page.
_KINDS = {
    "case": (sentence("case"), "cases"),
    "award": (sentence("award"), "awards"),
    "org": (sentence("organisation"), "organisations"),
    "person": (sentence("person"), "persons"),
    "notice": (sentence("public notice"), "notices"),
    "edition": (sentence("edition"), "editions"),
    "event": (sentence("entry"), "events"),
    "objection": (sentence("objection"), ""),
    "finding": (sentence("finding"), ""),
}


def found(d: Desk, _: str) -> Sheet:
    """What a text finds, each with the way to its page."""
    text = d.query.get("q", "")
    rows = d.log.finder.search(text, d.at.known_at)
    nothing = sentence(
        "Nothing found. Try a name, an 18-character credit code, a document number, or the first 8 characters of a "
        "hash."
    )
    body = links([_hit(d, r) for r in rows]) if rows else d.none(nothing)
    return Sheet(
        d.say(sentence("Search")),
        [Part(d.say(sentence("“{text}”: {count}", text=text, count=len(rows))), body)] if text else [],
        fields=[search_field(d, text)],
        data=Plain({"query": {"q": text}, "rows": rows}),
    )


def _hit(d: Desk, r: Found) -> Content:
    kind, section = _KINDS[r["kind"]]
    way = d.link(r["subject"], section, r["subject"]) if section else _first_of(d, r["kind"], r["subject"])
    name = f"{d.layout.type(r['type'])} {r['name']}" if r["kind"] == "event" else r["name"]
    return (d.say(kind), " ", way, " ", name)


#: Tags of subjects that have no page of their own.
_TAGS = {"objection": "ob", "finding": "f"}


def _first_of(d: Desk, kind: str, subject: str) -> Link:
    """What has no page of its own is opened at the entry that brought it up."""
    tag = f"{_TAGS[kind]}:{subject}"
    first = d.log.ledger.events(DCBQuery([DCBQueryItem(tags=[tag])]), until=d.at.known_at)[0]
    return d.link(subject, "events", first.statement.id)
