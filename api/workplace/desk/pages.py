"""Where an inspection starts, any inquiry with a form of its own, and which pages there are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem
from markupsafe import Markup

from api.cells.columns import members_of
from api.cells.figures import fen
from api.cells.values import in_fen
from api.inspector.answers import Consequences, Narrative, Row, rows_of
from api.inspector.inquiries import DUTIES, FLAGS, INQUIRIES, NARRATIVE, NOTICES, WHAT_IF
from api.inspector.labels import OF_FACT
from api.inspector.questions import QUESTIONS
from api.sentences import sentence
from api.workplace.desk import obligations, packages, subjects, views
from api.workplace.desk.parts import KINDS
from api.workplace.sheets import Desk, Field, Part, Sheet, links
from ledger.errors import NotFoundError
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import is_amount
from ledger.sentences import enumeration
from projections.inquiry.flag_queue import editions_of
from projections.inquiry.narrative import Sentence
from projections.inquiry.search import search


def home(d: Desk, _: str) -> Sheet:
    """What waits: flags by severity, notices that run, duties, the newest entries."""
    flags = d.ask(FLAGS, state="open").answer["rows"]
    duties = d.ask(DUTIES, days="30").answer["rows"]
    notices = [n["notice_state"] for n in d.ask(NOTICES, all="1").answer["rows"]]
    running, unclosed = notices.count("running"), notices.count("over_not_closed")
    size = d.at.known_at
    newest = d.log.ledger.events(after=max(0, size - 8), until=size)[::-1]
    rows = [
        {
            "position": e.position,
            "type": e.statement.type,
            "actor": e.statement.actor,
            "effective_at": e.statement.effective_at,
            "event": e.statement.id,
        }
        for e in newest
    ]
    grave = {s: sum(f["severity"] == s for f in flags) for s in ("C", "H", "M", "L")}
    counted = d.say(enumeration(f"{s} {n}" for s, n in grave.items() if n)) or d.say(sentence("none"))
    parts = [
        Part(
            d.say(sentence("Waiting")),
            links(
                [
                    d.link(
                        d.say(sentence("{flags} open flags ({counted})", flags=len(flags), counted=counted)),
                        "flags",
                        state="open",
                    ),
                    d.link(
                        d.say(
                            sentence("{duties} duties overdue or due within 30 days", duties=len(duties)),
                        ),
                        "duties",
                    ),
                    d.link(d.say(sentence("{running} notices running", running=running)), "notices"),
                    *(
                        [
                            d.link(
                                d.say(
                                    sentence("{unclosed} notices over whose end is not on record", unclosed=unclosed),
                                ),
                                "notices",
                            )
                        ]
                        if unclosed
                        else []
                    ),
                ]
            ),
        ),
        Part(d.say(sentence("Editions")), links([d.link(e, "editions", e) for e in editions_of(d.log.ledger, size)])),
        Part(d.say(sentence("Newest entries")), d.layout.table(rows)),
    ]
    return Sheet(
        d.say(sentence("Inspector's desk")),
        parts,
        fields=[_search_field(d, "")],
        template="desk_home.html",
        context={"questions": _questions(d)},
    )


def _questions(d: Desk) -> list[dict[str, str]]:
    """The thirty questions that one call answers, as links where nothing has to be filled in, else as the page that
    asks.
    """
    found = []
    for q in QUESTIONS:
        name = q.path.rpartition("/inspect/")[2].partition("?")[0]
        if "/inspect/" in q.path:
            given = dict(p.partition("=")[::2] for p in q.path.partition("?")[2].split("&") if p and "{" not in p)
            found.append({"text": q.zh if d.place.language == "zh" else q.en, "href": d.to("ask", name, **given)})
    return found


def _search_field(d: Desk, value: str) -> Field:
    return Field(
        "q",
        d.say(sentence("Organisation, person, credit code, document number, hash or id")),
        value,
        kind="search",
        required=True,
    )


def found(d: Desk, _: str) -> Sheet:
    """Where an inquiry starts."""
    text = d.query.get("q", "")
    rows = search(d.log.ledger, text, d.at.known_at)
    sections = {
        "case": "cases",
        "award": "awards",
        "org": "organisations",
        "person": "persons",
        "notice": "notices",
        "edition": "editions",
        "event": "events",
    }
    kinds = {
        "case": sentence("case"),
        "award": sentence("award"),
        "org": sentence("organisation"),
        "person": sentence("person"),
        "notice": sentence("public notice"),
        "edition": sentence("edition"),
        "event": sentence("entry"),
        "objection": sentence("objection"),
        "finding": sentence("finding"),
    }
    items = [
        Markup("{} {} {}").format(
            d.say(kinds[r["kind"]]),
            d.link(r["subject"], sections[r["kind"]], r["subject"])
            if r["kind"] in sections
            else _first_of(d, r["kind"], r["subject"]),
            f"{d.layout.type(r['type'])} {r['name']}" if r["kind"] == "event" else r["name"],
        )
        for r in rows
    ]
    body = (
        links(items)
        if items
        else Markup('<p class="none">{}</p>').format(
            d.say(
                sentence(
                    "Nothing found. Try a name, an 18-character credit code, a document number, or the first 8 "
                    "characters of a hash."
                ),
            )
        )
    )
    return Sheet(
        d.say(sentence("Search")),
        [Part(d.say(sentence("“{text}”: {count}", text=text, count=len(rows))), body)] if text else [],
        fields=[_search_field(d, text)],
        data={"query": {"q": text}, "rows": rows},
    )


#: Tags of subjects that have no page of their own.
_TAGS = {"objection": "ob", "finding": "f"}


def _first_of(d: Desk, kind: str, subject: str) -> Markup:
    """What has no page of its own is opened at the entry that brought it up."""
    tag = f"{_TAGS[kind]}:{subject}"
    first = d.log.ledger.events(DCBQuery([DCBQueryItem(tags=[tag])]), until=d.at.known_at)[0]
    return d.link(subject, "events", first.statement.id)


def ask(d: Desk, name: str) -> Sheet:
    """Any inquiry with a form made from what it takes; its story, text or rows."""
    if not name:
        items = [d.link(d.say((i.zh, i.en)), "ask", i.name) for i in INQUIRIES.values()]
        return Sheet(d.say(sentence("All inquiries")), [Part(d.say(sentence("Inquiries")), links(items))])
    inquiry = INQUIRIES.get(name)
    if inquiry is None:
        raise NotFoundError("inquiry_unknown", sentence("no inquiry “{name}”", name=name[:40]))
    given = {p: d.query[p] for p in inquiry.parameters if d.query.get(p)}
    fields = [
        Field(n.rstrip("*"), _label(d, name, n, meaning), given.get(n.rstrip("*"), ""), required=n.endswith("*"))
        for n, meaning in inquiry.takes.items()
    ]
    title = d.say((inquiry.zh, inquiry.en[:1].upper() + inquiry.en[1:]))
    # What the asker has to say, the form asks for, with what is said already.
    if any(f.required and not f.value for f in fields) or (name in _NEEDS and not given):
        return Sheet(title, fields=fields)
    told = given | _in_fen(name, given)
    match inquiry:
        case _ if inquiry is NARRATIVE:
            story = d.ask(NARRATIVE, **told)
            return Sheet(title, _story(d, story.answer), fields=fields, data=story.to_json())
        case _ if inquiry is WHAT_IF:
            supposed = d.ask(WHAT_IF, **told)
            return Sheet(title, _followed(d, supposed.answer), fields=fields, data=supposed.to_json())
        case _:
            answer = d.ask(inquiry, **told).to_json()
            return Sheet(title, _answer(d, inquiry.name, answer), fields=fields, data=answer)


def _label(d: Desk, inquiry: str, name: str, meaning: str) -> str:
    if (inquiry, name) == ("what-if", "suppose"):
        return d.say(sentence("acts supposed (JSON [{type, payload}]; amounts in yuan)"))
    if (inquiry, name) == ("what-if", "value"):
        return d.say(sentence("the value read (JSON; amounts in yuan)"))
    return d.meaning(meaning)


def _in_fen(inquiry: str, given: Mapping[str, str]) -> dict[str, str]:
    """The value of a parameter that is an amount: people type yuan, the inquiry takes fen as JSON does."""
    if inquiry != "what-if":
        return {}
    read = {}
    if "value" in given and is_amount(given.get("reading", "")):
        read["value"] = str(fen(given["value"], "yuan"))
    if "suppose" in given:
        read["suppose"] = _acts_in_fen(given["suppose"])
    return read


def _acts_in_fen(text: str) -> str:
    """Acts supposed, with amounts in fen; what is no list of acts is left as it is, for the inquiry to refuse."""
    try:
        acts = json.loads(text)
        for act in acts:
            members = members_of(EVENTS[act["type"]])
            act["payload"] = {
                n: in_fen(members[n], members[n].schema, v) if n in members else v for n, v in act["payload"].items()
            }
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return text
    return json.dumps(acts, ensure_ascii=False)


_NEEDS = frozenset({"trace", "narrative", "who-knew", "what-if"})


_FRAME = frozenset(
    {
        "permalink",
        "log",
        "inquiry",
        "query",
        "as_of",
        "known_at",
        "checkpoint",
        "rows",
        "text_zh",
        "text_en",
        "dot_zh",
        "dot_en",
        "mermaid_zh",
        "mermaid_en",
        "edges",
        "ways",
        "sections",
        "entries",
    }
)


def _story(d: Desk, told: Narrative) -> list[Part]:
    """Numbered sentences that lead to their entries."""
    return [
        Part(d.pick(s), Markup("<ol>{}</ol>").format(Markup("").join(_sentence(d, x) for x in s["sentences"])))
        for s in told["sections"]
    ]


def _answer(d: Desk, inquiry: str, told: Row) -> list[Part]:
    """Any answer member by member, its rows last."""
    layout = replace(d.layout, of=OF_FACT.get(inquiry, ""))
    shown = {k: v for k, v in told.items() if k not in _FRAME and v not in (None, [], {})}
    parts = [Part(layout.label(k), layout.value(v, k)) for k, v in shown.items()]
    if "rows" not in told:
        return parts
    rows = rows_of(told)
    return [*parts, Part(d.say(sentence("{rows} rows", rows=len(rows))), layout.table(rows))]


def _followed(d: Desk, told: Consequences) -> list[Part]:
    """A hypothesis: the acts supposed, what the rules would say of the last, and each answer that becomes another."""
    refused = told["refused_today"]
    said = (
        d.say(
            sentence(
                "{refusal} ({rules})",
                refusal=d.pick(refused),
                rules=" ".join(str(refused[k]) for k in ("rule", "article") if refused.get(k)),
            )
        )
        if refused
        else ""
    )
    changed = [
        views.change(d, f, f"{d.say(KINDS.get(c['kind'], (c['kind'],) * 2))} {c['subject']}")
        for c in told["consequences"]
        for f in c["changed"]
    ]
    gaps = told["not_settled"]
    return [
        Part(d.say(sentence("Acts supposed")), d.layout.table(told["supposed"], ("type", "effective_at", "tags"))),
        *(
            [Part(d.say(sentence("Refused today")), Markup('<p class="flagged">{}</p>').format(said))]
            if refused
            else []
        ),
        *(changed or [Part(d.say(sentence("Nothing changed")), Markup(""))]),
        *([Part(d.say(sentence("What no text settles")), d.layout.table(gaps))] if gaps else []),
    ]


def _sentence(d: Desk, x: Sentence) -> Markup:
    event = x.get("event")
    if event is None:
        return Markup('<li class="unnumbered">{}</li>').format(d.pick(x))
    return Markup('<li value="{}">{} {}</li>').format(
        x["n"], d.pick(x), d.link(f"[{x.get('position')}]", "events", event)
    )


Making = Callable[[Desk, str], Sheet]


SECTIONS: dict[str, Making] = {
    "": home,
    "search": found,
    "cases": subjects.case,
    "awards": subjects.award,
    "organisations": subjects.organisation,
    "editions": subjects.edition,
    "notices": subjects.notice,
    "events": subjects.event,
    "persons": subjects.person,
    "state": views.state,
    "difference": views.difference,
    "scores": views.scores,
    "money": views.money,
    "duties": obligations.duties,
    "flags": views.flags,
    "rules": views.rules,
    "four-eyes": views.four_eyes,
    "integrity": views.integrity,
    "package": packages.package,
    "access": views.access,
    "compare": views.compare,
    "patterns": views.patterns,
    "ask": ask,
}

#: Sections that need a subject; without one they list or ask.
LISTS = {
    "cases": "search",
    "awards": "search",
    "organisations": "search",
    "persons": "search",
    "events": "search",
    "editions": "",
}


def sheet(d: Desk, section: str, subject: str) -> Sheet:
    """A page of the desk. Raises NotFoundError where there is none."""
    if section not in SECTIONS:
        raise NotFoundError("path_unknown", sentence("no such page"))
    if section == "notices" and not subject:
        return subjects.notices(d)
    if section in LISTS and not subject:
        return SECTIONS[LISTS[section]](d, "")
    return SECTIONS[section](d, subject)
