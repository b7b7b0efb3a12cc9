"""Where an inspection starts: open flags, duties, notices that run, the newest entries."""

from __future__ import annotations

from api.inspector.inquiries import DUTIES, FLAGS, NOTICES
from api.inspector.questions import QUESTIONS
from api.rendering.blocks import Content, links
from api.sentences import sentence
from api.workplace.desk.searching import search_field
from api.workplace.sheets import Desk, Part, Sheet
from ledger.sentences import enumeration
from projections.inquiry.flag_queue import editions_of

#: Entries at the foot of the page.
_NEWEST = 8


def home(d: Desk, _: str) -> Sheet:
    """The start of an inspection."""
    size = d.at.known_at
    newest = d.log.ledger.events(after=max(0, size - _NEWEST), until=size)[::-1]
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
    editions = [d.link(e, "editions", e) for e in editions_of(d.log.ledger, size)]
    return Sheet(
        d.say(sentence("Inspector's desk")),
        [
            Part(d.say(sentence("Waiting")), links(_waiting(d))),
            Part(d.say(sentence("Editions")), links(editions)),
            Part(d.say(sentence("Newest entries")), d.layout.table(rows)),
        ],
        fields=[search_field(d, "")],
        template="desk_home.html",
        context={"questions": _questions(d)},
    )


def _waiting(d: Desk) -> list[Content]:
    """Open flags by grade, duties, notices: each a way to its list."""
    flags = d.ask(FLAGS, state="open").answer["rows"]
    duties = d.ask(DUTIES, days="30").answer["rows"]
    notices = [n["notice_state"] for n in d.ask(NOTICES, all="1").answer["rows"]]
    running, unclosed = notices.count("running"), notices.count("over_not_closed")
    grave = {s: sum(f["severity"] == s for f in flags) for s in ("C", "H", "M", "L")}
    counted = d.say(enumeration(f"{d.word(s, 'severity')} {n}" for s, n in grave.items() if n))
    told = sentence("{flags} open flags ({counted})", flags=len(flags), counted=counted or d.say(sentence("none")))
    due = sentence("{duties} duties overdue or due within 30 days", duties=len(duties))
    ways: list[Content] = [
        d.link(d.say(told), "flags", state="open"),
        d.link(d.say(due), "duties"),
        d.link(d.say(sentence("{running} notices running", running=running)), "notices"),
    ]
    if unclosed:
        over = sentence("{unclosed} notices over whose end is not on record", unclosed=unclosed)
        ways.append(d.link(d.say(over), "notices"))
    return ways


def _questions(d: Desk) -> list[dict[str, str]]:
    """The questions that one call answers, as links: to the answer, or to the page that asks for what is missing."""
    found = []
    for q in QUESTIONS:
        name = q.path.rpartition("/inspect/")[2].partition("?")[0]
        if "/inspect/" in q.path:
            given = dict(p.partition("=")[::2] for p in q.path.partition("?")[2].split("&") if p and "{" not in p)
            found.append({"text": q.zh if d.place.language == "zh" else q.en, "href": d.to("ask", name, **given)})
    return found
