"""The workbench: what a person has to do next, a form for every act they may record, signatures asked of them, and
what they signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from msgspec import UNSET

from api.inspector.inquiries import DUTIES
from api.inspector.lists import steps_of
from api.public.reporting import reports_of
from api.rendering.blocks import Content, Folded, Link, Paragraph, Status, Table, links
from api.sentences import sentence
from api.workplace.bulk import bulk
from api.workplace.own_keys import keys_from_others
from api.workplace.reports import reads_reports, reports
from api.workplace.reviewing import cases_reviewed, material, reviews
from api.workplace.sheets import Desk, Part, Plain, Sheet, fact_part, unclosed
from api.workplace.signing import signing_context
from api.workplace.visitors import may_record, require
from api.workplace.waiting import waiting_for, waiting_one
from ledger import canonical
from ledger.clock import shanghai_day, system_clock
from ledger.derivation.answer import plain
from ledger.derivation.editions import pinned_pack
from ledger.derivation.gaps import counting_asked
from ledger.derivation.law import Law
from ledger.errors import NotFoundError
from ledger.events.application import ApplicationFiled
from ledger.events.edition import EditionClosed, EditionOpened
from ledger.events.kinds import SECTORS
from ledger.events.schema import event_schema, labels_of
from ledger.events.vocabulary import EVENTS, PHASES
from ledger.identifiers import parse_statement_id
from ledger.regulation.citations import cited, cited_of
from ledger.regulation.points import points_tables, table_for
from ledger.regulation.tables import StatedCondition
from ledger.statement import edition_of, parse
from projections.as_of import Told, state, tell, tell_all
from projections.facts import CASE_ELIGIBILITY, CASE_NEXT, CASE_STATUS
from projections.inquiry.flag_queue import editions_of
from projections.inquiry.knowledge import holders, signers
from projections.inquiry.people import footprint
from projections.inquiry.search import KINDS
from projections.next_steps import NextStep
from projections.slices import global_history, history_for

#: Rows of "what I signed" on one page.
SIGNED_SHOWN = 200


def home(d: Desk, _: str) -> Sheet:
    """What this person has to do, by the seats held."""
    parts = [*keys_from_others(d), _inbox(d)]
    if reads_reports(d.visitor):
        parts += _reported(d)
    if d.visitor.is_office:
        parts += _editions(d)
    if d.visitor.orgs:
        parts += _own_cases(d)
    if d.visitor.reviews:
        parts.append(reviews(d))
    return Sheet(d.say(sentence("Workbench")), [*parts, *_forms(d)])


def _inbox(d: Desk) -> Part:
    mine = waiting_for(d.log, d.visitor)
    items: list[Content] = [
        (
            d.link(d.layout.type(r.type), "countersign", r.id),
            f" {r.actor} · ",
            d.say(sentence("for your signature"))
            if r.actor != d.visitor.principal
            else d.say(sentence("signed by you, waiting")),
        )
        for r in mine
    ]
    return Part(
        d.say(sentence("{mine} waiting for a second signature", mine=len(mine))),
        links(items) if items else d.none(sentence("Nothing is waiting for a countersignature.")),
    )


def _reported(d: Desk) -> list[Part]:
    """A line where readers reported errors that nobody has answered."""
    waiting = reports_of(d.log).waiting()
    if not waiting:
        return []
    told = d.say(sentence("{waiting} reports to answer", waiting=waiting))
    return [Part(d.say(sentence("Reports of errors")), links([d.link(told, "reports")]))]


def _editions(d: Desk) -> list[Part]:
    """Per case of each open edition: the next step, who signs it, by when, and its form where the visitor holds the
    seat.
    """
    closed = {p.edition_id for _, p in d.log.ledger.acts(EditionClosed, until=d.at.known_at)}
    parts = []
    for edition in reversed(editions_of(d.log.ledger, d.at.known_at)):
        if edition in closed:
            continue
        rows = [
            _step(d, d.layout.named("cases", case), case, told) for case, told in steps_of(d.log, d.at, edition).items()
        ]
        if rows:
            heading = d.say(sentence("Edition {edition}: next steps", edition=edition))
            parts.append(Part(heading, (unclosed(d, edition), _steps(d, rows))))
    return parts


#: Case, next step (a link to its form where the visitor may sign it), who signs, by when.
_Step = tuple[Content, Content, Content, Content]


def _step(d: Desk, named_case: Content, case: str, told: Told[NextStep]) -> _Step:
    if told.answer.absent is not None:
        return named_case, d.layout.value(told.answer.absent.to_json()), "—", "—"
    v = told.answer.value()
    told_step, type_ = (v.zh, v.en), d.layout.type(v.event)
    named = d.say(
        sentence("{step} ({event}; {article})", step=told_step, event=type_, article=cited(v.article))
        if v.article
        else sentence("{step} ({event})", step=told_step, event=type_)
    )
    may = bool(set(v.signed_by) & d.visitor.roles)
    given = {"case_id": case} | ({"answers": v.sent_back_by} if v.sent_back_by else {})
    step: list[Content] = [d.link(named, "record", v.event, **given) if may else named]
    if v.missing:
        step.append(Paragraph((d.say(sentence("Missing papers: ")), d.layout.value(v.missing))))
    if v.blocked_by:
        step += [" ", Status(d.say(sentence("blocked")), "undetermined")]
    step += [Paragraph(d.say((said.zh, said.en))) for said in (v.note, v.undetermined) if said is not UNSET]
    return named_case, tuple(step), d.layout.value(v.signed_by, "signed_by"), _due(d, v)


def _due(d: Desk, v: NextStep) -> Content:
    note = v.deadline_note
    if not v.deadline:
        return d.say((note.zh, note.en)) if note else "—"
    due = d.layout.value(plain(v.deadline))
    passed = v.deadline.by is not UNSET and v.deadline.by < d.at.as_of
    return (due, " ", Status(d.say(sentence("passed")), "over_not_closed")) if passed else due


def _steps(d: Desk, rows: list[_Step]) -> Table:
    heads = (
        d.say(sentence("Case")),
        d.say(sentence("Next step")),
        d.say(sentence("Signed by")),
        d.say(sentence("Deadline")),
    )
    return Table(d.say(sentence("Next steps")), heads, rows)


def _cases_of(d: Desk) -> list[str]:
    """Cases of the organisations that the visitor applies for; a query without items would be for everything."""
    if not d.visitor.orgs:
        return []
    own = (f"o:{org}" for org in sorted(d.visitor.orgs))
    return list(dict.fromkeys(p.case_id for _, p in d.log.ledger.acts(ApplicationFiled, *own, until=d.at.known_at)))


def _own_cases(d: Desk) -> list[Part]:
    """An applicant's cases: where they stand, what is missing, what comes next; and duties of awards held."""
    cases = _cases_of(d)
    rows = [
        _step(d, d.link(c, "case", c), c, tell(d.log.ledger, CASE_NEXT, c, d.at.as_of, d.at.known_at)) for c in cases
    ]
    duties = [r for org in sorted(d.visitor.orgs) for r in d.ask(DUTIES, days="365", org=org).answer["rows"]]
    return [
        Part(
            d.say(sentence("My applications")),
            _steps(d, rows) if cases else d.none(sentence("No application yet.")),
        ),
        Part(d.say(sentence("Duties")), d.layout.table(duties, ("award_id", "duty", "due", "state", "article"))),
    ]


def _forms(d: Desk) -> list[Part]:
    """Everything the visitor may record, grouped by phase."""
    grouped: dict[str, list[Content]] = {}
    for topic in may_record(d.visitor):
        grouped.setdefault(EVENTS[topic].SPEC.phase, []).append(d.link(d.layout.type(topic), "record", topic))
    body = tuple(
        Folded(d.say(sentence("{name} ({count})", name=PHASES[phase][:2], count=len(items))), links(items))
        for phase, items in grouped.items()
    )
    return [Part(d.say(sentence("What you may record")), body)]


def record(d: Desk, topic: str) -> Sheet:
    """The form of one act; the script builds it from the schema."""
    require(
        topic in may_record(d.visitor),
        sentence(
            "{act} is signed by {signers}", act=(EVENTS[topic].SPEC.zh, EVENTS[topic].SPEC.en), signers=_signers(topic)
        ),
    )
    options = _options(d)
    if topic == "ApplicationSupplemented":
        options["pointer"] = [f"/{name}" for name in labels_of(ApplicationFiled)]
    context = signing_context(d) | {
        "schema": event_schema(EVENTS[topic]),
        "known": _known(d),
        "options": options,
        "defaults": _defaults(d, topic, options),
        "next": _afterwards(d, topic),
        "prefilled": {k: v for k, v in d.query.items() if k not in ("as_of", "known_at", "format")},
    }
    tables = list(points_tables().values()) if topic == "ScoreSubmitted" else []
    announced = _announced(d, _own_case(d)) if tables else []
    if tables:
        named = table_for(announced, ())
        context["points"] = (named or tables[-1]).to_json() | {"announced": named is not None}
    roles = sorted({s.originator for s in EVENTS[topic].SPEC.seats} & d.visitor.roles)
    return Sheet(
        d.layout.type(topic),
        template="record.html",
        context={
            "context": context,
            "roles": roles,
            "topic": topic,
            "articles": cited_of(d.texts, EVENTS[topic].SPEC.serves),
            "tables": tables,
            "counting": _counting_asked(d) if topic == "EditionOpened" else [],
            "announced": announced,
            "is_named": table_for(announced, ()) is not None,
            "today": shanghai_day(system_clock()).isoformat(),
        },
    )


def _own_case(d: Desk) -> str:
    """The case that a form is asked for, where the visitor has to do with it; else nothing: a form tells nothing of
    others' cases, not even whether there are any.
    """
    case_id = d.query.get("case_id", "")
    everybodys = d.visitor.works_on_every_case or d.visitor.inspects
    return case_id if everybodys or case_id in _cases_of(d.now) or case_id in cases_reviewed(d.now) else ""


def _afterwards(d: Desk, topic: str) -> dict[str, str]:
    """The page to go to once the act is recorded: after a declaration of interest, the material of the case."""
    case_id = d.query.get("case_id", "")
    if topic == "InterestDeclared" and case_id in cases_reviewed(d.now):
        return {"to": d.to("material", case_id), "words": d.say(sentence("Read the material"))}
    return {"to": d.to(), "words": d.say(sentence("Back to the workbench"))}


def _announced(d: Desk, case_id: str) -> list[str]:
    """The standards that the call of the case's edition names, as printed; often without a year."""
    opened = d.log.ledger.acts(EditionOpened, f"ed:{case_id.rpartition('/')[0]}", until=d.at.known_at)
    return list(opened[-1][1].standard_versions) if opened else []


def _law(d: Desk) -> Law:
    return state(global_history(d.log.ledger, d.at.known_at), d.log.ledger.packs(), d.at.as_of, d.at.known_at)[1]


def _counting_asked(d: Desk) -> list[Content]:
    """How days are counted under the text in force, as far as nobody has said: each a link to the form that says it."""
    law = _law(d)
    version = law.in_force(d.at.as_of)
    if version is None:
        return []
    may = "RegulationInterpreted" in may_record(d.visitor)
    return [
        d.link(d.say((g.zh, g.en)), "record", "RegulationInterpreted", pack_id=version.pack.id, param_path=g.path)
        if may
        else d.say((g.zh, g.en))
        for g in counting_asked(version.pack, law, d.at.as_of)
    ]


def _options(d: Desk) -> dict[str, list[str]]:
    """Values to choose from that the text in force names: its id and hash, the kinds of its award, its standards."""
    law = _law(d)
    version = law.in_force(d.at.as_of)
    if version is None:
        return {}
    pack = version.pack
    kinds, standards = list(pack.awards), list(law.stated(version, "standard", d.at.as_of).words)
    return {
        "pack_id": [pack.id],
        "pack_hash": [pack.sha256],
        "award": kinds,
        "awards": kinds,
        "standard_versions": standards,
        "ground": list(pack.grounds),
        "sector": list(SECTORS),
    }


def _defaults(d: Desk, topic: str, options: Mapping[str, list[str]]) -> dict[str, object]:
    """What a form begins with: an applicant's own id; for an edition the text in force, whole."""
    if topic == "EditionOpened":
        single = {k: options[k][0] for k in ("pack_id", "pack_hash") if options.get(k)}
        return single | {k: options.get(k, []) for k in ("awards", "standard_versions")} | {"revision": 1}
    labels, case_id = labels_of(EVENTS[topic]), _own_case(d)
    filed = d.log.ledger.acts(ApplicationFiled, f"c:{case_id}", until=d.at.known_at)
    own = [filed[-1][1].org] if filed else sorted(d.visitor.orgs)
    given: dict[str, object] = {"org": own[0]} if own and "org" in labels else {}
    if topic == "EligibilityDecided" and filed:
        given["checks"] = _conditions(d, case_id)
    return given


def _conditions(d: Desk, case_id: str) -> list[dict[str, str]]:
    """The conditions of the version that governs a case, for the office to say of each whether it is met."""
    history = history_for(d.log.ledger, "case", case_id, d.at.known_at)
    live, law = state(history, d.log.ledger.packs(), d.at.as_of, d.at.known_at)
    stated = law.parameter(pinned_pack(live, law, edition_of(case_id)), "eligibility.conditions", d.at.as_of)
    return [{"condition_id": c.id, "article": c.article} for c in stated.rows(StatedCondition)]


def _signers(topic: str) -> str:
    return " / ".join(sorted({s.originator for s in EVENTS[topic].SPEC.seats}))


def _known(d: Desk) -> dict[str, list[str]]:
    """Ids to choose from, by tag. Applicants and reviewers are offered their own cases only."""
    if not (d.visitor.is_office or d.visitor.inspects):
        return {"c": [*_cases_of(d), *cases_reviewed(d)], "o": sorted(d.visitor.orgs)}
    found: dict[str, dict[str, None]] = {}
    for e in d.log.ledger.events(until=d.at.known_at):
        for tag in e.statement.tags:
            prefix, _, subject = tag.partition(":")
            if prefix in KINDS:
                found.setdefault(prefix, {})[subject] = None
    return {prefix: list(ids)[-500:] for prefix, ids in found.items()}


def countersign(d: Desk, statement_id: str) -> Sheet:
    """Everything that the first person signed, before the second does."""
    row, submission = waiting_one(d.log, d.visitor, statement_id)
    statement = parse(submission.envelope.body)
    clear = canonical.parse(statement.body, "statement")
    shown = replace(d.layout, of=statement.type, whole=True)
    parts = [
        Part(
            d.say(sentence("Who, when, on what basis")),
            d.layout.value(
                {
                    k: clear[k]
                    for k in ("actor", "role", "effective_at", "basis", "causes", "late", "override")
                    if k in clear
                }
            ),
        ),
        Part(d.say(sentence("Content")), shown.value(clear["payload"])),
    ]
    if submission.openings:
        parts.append(
            Part(
                d.say(sentence("Restricted content")),
                shown.value({p[1:]: o.value for p, o in submission.openings.items()}),
            )
        )
    return Sheet(
        d.layout.type(row.type),
        parts,
        template="countersign.html",
        context={
            "context": signing_context(d) | {"id": statement_id, "statement": clear},
            "own": row.actor == d.visitor.principal,
        },
    )


def mine(d: Desk, _: str) -> Sheet:
    """What the visitor has signed, each with its receipt."""
    rows = [r for r in footprint(d.log.ledger, d.visitor.principal, d.at.known_at)["rows"] if r["how"] != "named"][
        ::-1
    ][:SIGNED_SHOWN]
    items: list[Content] = [
        (
            f"{r['position']} {d.layout.type(r['type'])} ",
            d.layout.value(r["effective_at"]),
            " · ",
            Link(
                d.say(sentence("receipt")),
                d.place.to("bench", d.log.home.name, "receipt", r["event"], format="json"),
            ),
        )
        for r in rows
    ]
    return Sheet(
        d.say(sentence("What I signed")), [Part(d.say(sentence("The last {rows}", rows=len(rows))), links(items))]
    )


def receipt(d: Desk, statement_id: str) -> Sheet:
    """The receipt of something the visitor signed, as data. What others signed is refused as what nobody signed is."""
    try:
        event = d.log.ledger.event(parse_statement_id(statement_id))
        signed = d.visitor.principal in signers(event, holders(d.log.ledger, [event], event.position))
    except NotFoundError:
        signed = False
    require(signed, sentence("the receipt of what you did not sign"))
    told = d.log.ledger.evidence.receipt(event.position).to_json()
    return Sheet(
        d.say(sentence("Receipt")),
        [Part(d.say(sentence("Receipt")), d.layout.value({k: v for k, v in told.items() if k != "checkpoint"}))],
        data=Plain(told),
    )


def case(d: Desk, case_id: str) -> Sheet:
    """An own case as its applicant may see it: the facts, without scores, reviewers or flags."""
    require(case_id in _cases_of(d.now), sentence("a case of somebody else"))
    told = tell_all(d.log.ledger, "case", case_id, d.at.as_of, d.at.known_at, flags=False)
    parts = [fact_part(d, t) for t in told if t.fact in _FOR_APPLICANTS]
    on = [
        d.link(d.layout.type(t), "record", t, case_id=case_id)
        for t in (
            "ApplicationSupplemented",
            "ApplicationWithdrawn",
            "OnsiteReportConfirmed",
            "RevieweeFeedbackGiven",
            "ObjectionRaised",
        )
        if t in may_record(d.visitor)
    ]
    return Sheet(
        d.say(sentence("My case {case_id}", case_id=case_id)),
        [*parts, Part(d.say(sentence("What you may do")), links(on) if on else d.none(sentence("None.")))],
    )


#: What an applicant may know of its case while it runs: where it stands, whether it is eligible, what comes next.
_FOR_APPLICANTS = (CASE_STATUS, CASE_ELIGIBILITY, CASE_NEXT)

Making = Callable[[Desk, str], Sheet]

SECTIONS: dict[str, Making] = {
    "": home,
    "record": record,
    "bulk": bulk,
    "countersign": countersign,
    "mine": mine,
    "receipt": receipt,
    "case": case,
    "material": material,
    "reports": reports,
}


def sheet(d: Desk, section: str, subject: str) -> Sheet:
    """A page of the workbench. Raises NotFoundError where there is none."""
    if section not in SECTIONS or (section in ("record", "bulk") and subject not in EVENTS):
        raise NotFoundError("path_unknown", sentence("no such page"))
    return SECTIONS[section](d, subject)
