"""Any inquiry with a form made from what it takes; its story, text or rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from api.cells.columns import members_of
from api.cells.figures import fen
from api.cells.values import in_fen
from api.inspector.answers import Consequences, Narrative, Row, rows_of
from api.inspector.inquiries import INQUIRIES, NARRATIVE, WHAT_IF
from api.inspector.inquiry import Meaning
from api.inspector.labels import OF_FACT
from api.rendering.blocks import Code, Content, Numbered, Paragraph, links
from api.sentences import sentence
from api.workplace.desk.overviews import change
from api.workplace.desk.parts import KINDS
from api.workplace.sheets import Desk, Field, Part, Sheet
from ledger.errors import NotFoundError
from ledger.events.vocabulary import EVENTS
from ledger.regulation.citations import cited
from ledger.regulation.parameters import is_amount
from projections.inquiry.narrative import Sentence


def ask(d: Desk, name: str) -> Sheet:
    """Any inquiry with a form made from what it takes; its story, text or rows."""
    if not name:
        items = [d.link(d.say((i.zh, i.en)), "ask", i.name) for i in INQUIRIES.values()]
        return Sheet(d.say(sentence("All inquiries")), [Part(d.say(sentence("Inquiries")), links(items))])
    inquiry = INQUIRIES.get(name)
    if inquiry is None:
        raise NotFoundError("inquiry_unknown", sentence("no inquiry “{name}”", name=name[:40]))
    given = {p: d.query[p] for p in inquiry.parameters if d.query.get(p)}
    fields = [_field(d, name, n, meaning, given.get(n.rstrip("*"), "")) for n, meaning in inquiry.takes.items()]
    title = d.say((inquiry.zh, inquiry.en[:1].upper() + inquiry.en[1:]))
    # What the asker has to say, the form asks for, with what is said already.
    if any(f.required and not f.value for f in fields) or (name in _NEEDS and not given):
        return Sheet(title, fields=fields)
    told = given | _in_fen(name, given)
    match inquiry:
        case _ if inquiry is NARRATIVE:
            story = d.ask(NARRATIVE, **told)
            return Sheet(title, _story(d, story.answer), fields=fields, data=story)
        case _ if inquiry is WHAT_IF:
            supposed = d.ask(WHAT_IF, **told)
            return Sheet(title, _followed(d, supposed.answer), fields=fields, data=supposed)
        case _:
            asked = d.ask(inquiry, **told)
            return Sheet(title, _answer(d, inquiry.name, asked.answer), fields=fields, data=asked)


def _field(d: Desk, inquiry: str, taken: str, meaning: Meaning, value: str) -> Field:
    """The field of a parameter; where only some words are taken, these to choose from."""
    name, fact = taken.rstrip("*"), OF_FACT.get(inquiry, "")
    kinds = {**KINDS, "finding": sentence("finding")} if name == "kind" else {}
    choices = [(c, d.say(kinds[c]) if c in kinds else d.word(c, name, fact)) for c in meaning.choices]
    options = [("", "—"), *choices] if choices else ()
    return Field(name, _label(d, inquiry, name, meaning), value, options, required=taken.endswith("*"))


def _label(d: Desk, inquiry: str, name: str, meaning: Meaning) -> Content:
    if (inquiry, name) == ("what-if", "suppose"):
        told = d.say(sentence("acts supposed (JSON, amounts in yuan)"))
        return (told, " ", Code('[{"type": …, "payload": …}]'))
    if (inquiry, name) == ("what-if", "value"):
        return d.say(sentence("the value read (JSON; amounts in yuan)"))
    return meaning.in_language(d.place.language)


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


#: Members that are not shown as such: rows stand in a table, and the rest is drawn or written elsewhere.
_ELSEWHERE = frozenset(
    {
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
    return [Part(d.pick(s), Numbered([_sentence(d, x) for x in s["sentences"]])) for s in told["sections"]]


def _answer(d: Desk, inquiry: str, told: Row) -> list[Part]:
    """Any answer member by member, its rows last."""
    layout = replace(d.layout, of=OF_FACT.get(inquiry, ""))
    shown = {k: v for k, v in told.items() if k not in _ELSEWHERE and v not in (None, [], {})}
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
                "{refusal} ({articles})", refusal=d.pick(refused), articles=cited(str(refused.get("article") or "—"))
            )
        )
        if refused
        else ""
    )
    changed = [
        change(d, f, f"{d.say(KINDS.get(c['kind'], (c['kind'],) * 2))} {c['subject']}")
        for c in told["consequences"]
        for f in c["changed"]
    ]
    gaps = told["not_settled"]
    return [
        Part(d.say(sentence("Acts supposed")), d.layout.table(told["supposed"], ("type", "effective_at", "tags"))),
        *([Part(d.say(sentence("Refused today")), Paragraph(said, "flagged"))] if refused else []),
        *(changed or [Part(d.say(sentence("Nothing changed")), "")]),
        *([Part(d.say(sentence("What no text settles")), d.layout.table(gaps))] if gaps else []),
    ]


def _sentence(d: Desk, x: Sentence) -> tuple[int | None, Content]:
    event = x.get("event")
    if event is None:
        return None, d.pick(x)
    return x["n"], (d.pick(x), " ", d.link(f"[{x.get('position')}]", "events", event))
