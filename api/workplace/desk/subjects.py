"""Pages of one thing: a case, an award, an organisation, an edition, a notice, an entry, a person."""

from __future__ import annotations

from dataclasses import replace

from api.inspector.inquiries import FLAGS, NEXT_STEPS, PERSON, TRACE
from api.rendering.blocks import Ruler, RulerDay, Status, links
from api.rendering.layout import HIDDEN
from api.sentences import sentence
from api.workplace.desk.parts import (
    DENSITIES,
    entries_under,
    facts_of,
    flag_part,
    subject_fields,
    timeline_of,
    timeline_part,
    ways_on,
)
from api.workplace.restricted import gone, opening
from api.workplace.sheets import Desk, Field, Part, Plain, Sheet, arcs, unclosed
from ledger import canonical
from ledger.events.vocabulary import PHASES
from ledger.identifiers import parse_statement_id
from projections import public_pages
from projections.as_of import tell
from projections.facts import NOTICE_END
from projections.inquiry.flag_queue import editions_of
from projections.inquiry.timeline import counted


def state(d: Desk, _: str) -> Sheet:
    """Every answer about a subject on the day and with the knowledge that the two dials say."""
    kind, subject = d.query.get("kind", ""), d.query.get("subject", "")
    return Sheet(
        d.say(sentence("State at a point in time")),
        facts_of(d, kind, subject) if subject else [],
        fields=subject_fields(d),
        lead=d.say(
            sentence(
                "The two settings above: the day (what had happened by then) and the entry (what was on record by "
                "then)."
            )
        ),
    )


def case(d: Desk, subject: str) -> Sheet:
    """A case on two lanes, by phase and person if asked, in either order, in three densities; its facts, its
    flags.
    """
    rows = entries_under(d, f"c:{subject}")
    phases, persons = list(dict.fromkeys(r["phase"] for r in rows)), list(dict.fromkeys(r["actor"] for r in rows))
    any_, phase, person = ("", d.say(sentence("all"))), d.query.get("phase", ""), d.query.get("person", "")
    lane, density = d.query.get("lane", "recorded"), d.query.get("density", "full")
    fields = [
        Field("phase", d.say(sentence("Stage")), phase, [any_, *((p, d.say(PHASES[p][:2])) for p in phases)]),
        Field("person", d.say(sentence("Person")), person, [any_, *((p, p) for p in persons)]),
        Field(
            "lane",
            d.say(sentence("In the order of")),
            lane,
            [("recorded", d.say(sentence("recorded"))), ("happened", d.say(sentence("happened")))],
        ),
        Field("density", d.say(sentence("Density")), density, [(n, d.say(words)) for n, words in DENSITIES.items()]),
    ]
    shown = [r for r in rows if phase in ("", r["phase"]) and person in ("", r["actor"])]
    if lane == "happened":
        shown.sort(key=lambda r: (r["effective_on"], r["position"]))
    parts = [
        ways_on(d, "case", subject),
        timeline_part(d, shown, density),
        *facts_of(d, "case", subject, flags=True),
    ]
    title = d.say(sentence("Case {subject} {name}", subject=subject, name=d.names["cases"].get(subject, ""))).strip()
    return Sheet(title, parts, fields=fields, data=Plain({"rows": shown}))


def award(d: Desk, subject: str) -> Sheet:
    """An award: its facts with its flags, and its timeline."""
    name = d.names["awards"].get(subject, "")
    title = sentence("Award {subject} {name}", subject=subject, name=name)
    return _with_timeline(d, "award", subject, f"a:{subject}", d.say(title).strip())


def organisation(d: Desk, subject: str) -> Sheet:
    """An organisation: its facts with the flags of its editions, and its timeline."""
    name = d.names["organisations"].get(subject, "")
    title = sentence("Organisation {subject} {name}", subject=subject, name=name)
    return _with_timeline(d, "org", subject, f"o:{subject}", d.say(title).strip())


def _with_timeline(d: Desk, kind: str, subject: str, tag: str, title: str) -> Sheet:
    return Sheet(title, [ways_on(d, kind, subject), *facts_of(d, kind, subject, flags=True), timeline_of(d, tag)])


def edition(d: Desk, subject: str) -> Sheet:
    if subject not in editions_of(d.log.ledger, d.at.known_at):
        return _before_the_ledger(d, subject)
    on = links(
        [
            d.link(d.say(sentence("Score analysis")), "scores", edition=subject),
            d.link(d.say(sentence("Who signs with whom")), "four-eyes", edition=subject),
            d.link(d.say(sentence("Flags")), "flags", edition=subject),
            d.link(d.say(sentence("Money")), "money", edition=subject),
            d.link(d.say(sentence("Governing rules")), "ask", "governing", edition=subject),
            d.link(d.say(sentence("Evidence package")), "package", kind="edition", subject=subject),
            d.link(d.say(sentence("State on a day")), "state", kind="edition", subject=subject),
        ]
    )
    steps = d.ask(NEXT_STEPS, edition=subject).answer["rows"]
    return Sheet(
        d.say(sentence("Edition {subject}", subject=subject)),
        [
            Part(d.say(sentence("Go on")), on),
            Part(d.say(sentence("Cases")), d.layout.table(steps)),
            *facts_of(d, "edition", subject),
        ],
        lead=unclosed(d, subject),
    )


def _before_the_ledger(d: Desk, subject: str) -> Sheet:
    """An edition that was never opened here, known by what was recorded of it afterwards.

    NotFoundError where nothing was.
    """
    facts = facts_of(d, "edition", subject)
    lead = d.say(
        sentence("This edition was never opened in this ledger; what follows was recorded of it afterwards."),
    )
    return Sheet(
        d.say(sentence("Edition {subject}", subject=subject)), [timeline_of(d, f"ed:{subject}"), *facts], lead=lead
    )


def notice(d: Desk, subject: str) -> Sheet:
    """The ruler with working days and make-up days, and the first day of a lawful decision."""
    n = public_pages.notice(d.log.ledger, public_pages.Corner(d.at.as_of, d.at.known_at), subject)
    days = [
        RulerDay(
            x["day"],
            ("work" if x["workday"] else "rest") + (" made-up" if x["made_up"] else ""),
            d.say(
                sentence("make-up") if x["made_up"] else sentence("working day") if x["workday"] else sentence("rest")
            ),
        )
        for x in n["days"]
    ]
    ruler = tell(d.log.ledger, NOTICE_END, subject, d.at.as_of, d.at.known_at).to_json()
    parts = [
        Part(d.say(sentence("Notice calendar")), Ruler(d.say(sentence("Days of the notice")), days)),
        Part(
            d.say(sentence("The last day by each way of counting")),
            d.layout.table(counted(d.log.ledger, subject, d.at.as_of, d.at.known_at)),
        ),
        *facts_of(d, "notice", subject),
        timeline_of(d, f"n:{subject}"),
    ]
    return Sheet(
        d.say(sentence("Notice {subject}", subject=subject)),
        parts,
        lead=Status(d.word(n["state"]), n["state"]),
        data=Plain({"rows": n["days"], "ruler": ruler}),
    )


def event(d: Desk, subject: str) -> Sheet:
    """One entry: what it says, what it rests on, who could have known, and its proof."""
    recorded = d.log.ledger.event(parse_statement_id(subject))
    s = recorded.statement
    clear = canonical.parse(s.body, "statement")
    told = d.ask(TRACE, event=s.id)
    traced = told.answer
    fields = d.log.ledger.disclosing.fields(s.id)
    position = recorded.position
    said = {k: clear[k] for k in ("actor", "role", "effective_at", "basis", "late", "override") if k in clear} | {
        "position": position,
        "recorded_at": recorded.recorded_at.isoformat(),
    }
    parts = [
        Part(d.say(sentence("Who and when")), d.layout.value(said)),
        Part(d.say(sentence("What it says")), replace(d.layout, of=s.type).value(clear["payload"])),
        *(
            [
                Part(
                    d.say(sentence("Restricted fields")),
                    (
                        d.layout.table([{k: v for k, v in f.to_json().items() if k not in HIDDEN} for f in fields]),
                        gone(d, fields),
                        opening(d, s.id, fields),
                    ),
                )
            ]
            if fields
            else []
        ),
        *([Part(d.say(sentence("Documents named")), d.layout.table(clear["evidence"]))] if clear["evidence"] else []),
        Part(
            d.say(sentence("Go on")),
            links(
                [
                    d.link(d.say(sentence("Decision step by step")), "ask", "narrative", event=s.id),
                    d.link(d.say(sentence("Who could have known")), "ask", "who-knew", event=s.id),
                    d.link(d.say(sentence("If this entry did not count")), "ask", "what-if", exclude=s.id),
                    d.link(d.say(sentence("Verify this entry")), "integrity", entry=str(position)),
                ]
            ),
        ),
        Part(
            d.say(sentence("Persons, documents, articles and versions")),
            d.layout.value(
                {
                    "persons": traced["persons"],
                    "documents": traced["documents"],
                    "articles": traced["articles"],
                    "texts": traced["texts"],
                    "readings": traced["readings"],
                }
            ),
        ),
        Part(
            d.say(sentence("What it rests on and what rests on it")),
            (
                arcs(d, traced),
                d.layout.table(
                    traced["rows"], ("part", "position", "type", "actor", "role", "effective_at", "via", "event")
                ),
            ),
        ),
    ]
    return Sheet(d.layout.type(s.type) + f" · {position}", parts, data=told)


def person(d: Desk, subject: str) -> Sheet:
    """A person's roles, acts, ties to organisations, and the flags about them."""
    asked = d.ask(PERSON, person=subject)
    told = asked.answer
    orgs = sorted({o for r in told["rows"] for o in r["orgs"]})
    parts = [
        Part(d.say(sentence("Roles")), d.layout.table(told["roles"])),
        Part(
            d.say(sentence("With organisations")),
            links([d.link(o, "ask", "pair", person=subject, org=o) for o in orgs]),
        )
        if orgs
        else Part(d.say(sentence("Acts")), d.layout.value(told["acts"])),
        Part(
            d.say(sentence("Footprint")),
            d.layout.table(
                told["rows"],
                ("position", "type", "how", "role", "effective_at", "recorded_at", "cases", "override", "event"),
            ),
        ),
        flag_part(d, d.ask(FLAGS, person=subject).answer["rows"]),
    ]
    return Sheet(d.say(sentence("Person {subject}", subject=subject)), parts, data=asked)
