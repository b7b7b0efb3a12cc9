"""What several pages of the desk show: facts, timeline, flags, ways on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem
from markupsafe import Markup

from api.inspector.answers import Row
from api.inspector.inquiries import FLAGS
from api.json_text import json_text
from api.sentences import sentence, term
from api.workplace.sheets import Desk, Field, Part, TimelineRow, fact_part, lanes, links, table
from ledger.errors import MalformedError, NotFoundError
from ledger.sentences import enumeration
from projections.as_of import tell_all
from projections.figures import flag_sentence
from projections.inquiry.flag_queue import FlagRow, editions_of
from projections.inquiry.timeline import timeline

#: Subjects of which facts are told, with their names.
KINDS = {
    "case": sentence("case"),
    "award": sentence("award"),
    "org": sentence("organisation"),
    "edition": sentence("edition"),
    "notice": sentence("public notice"),
}


def facts_of(d: Desk, kind: str, subject: str) -> list[Part]:
    """Every answer about a subject, with article, reading and events behind each."""
    if kind not in KINDS:
        raise MalformedError(
            "subject_kind_unknown", sentence("kind: one of {kinds}", kinds=enumeration(KINDS)), field="kind"
        )
    told = tell_all(d.log.ledger, kind, subject, d.at.as_of, d.at.known_at, flags=False)
    return [fact_part(d, t) for t in told]


def ways_on(d: Desk, kind: str, subject: str) -> Part:
    """Ways on from a subject."""
    items = [
        d.link(d.say(sentence("State at two points in time")), "state", kind=kind, subject=subject),
        d.link(d.say(sentence("Difference of two points")), "difference", kind=kind, subject=subject),
    ]
    # Of what was not granted there is no decision to tell of.
    if kind == "award" or (kind == "case" and _granted(d, subject)):
        items += [
            d.link(d.say(sentence("Dossier of the decision")), "ask", "narrative", **{kind: subject}),
            d.link(d.say(sentence("Who could have known")), "ask", "who-knew", **{kind: subject}),
        ]
    if kind in ("case", "award", "org"):
        items.append(d.link(d.say(sentence("Evidence package")), "package", kind=kind, subject=subject))
    return Part(d.say(sentence("Go on")), links(items))


def _granted(d: Desk, case: str) -> bool:
    grant = DCBQueryItem(types=["AwardGranted"], tags=[f"c:{case}"])
    return bool(d.log.ledger.events(DCBQuery([grant]), until=d.at.known_at))


def entries_under(d: Desk, tag: str) -> list[TimelineRow]:
    """What is recorded under a tag, in the order of recording. Raises NotFoundError where nothing is."""
    return [
        {
            "position": r["position"],
            "event": r["event"],
            "type": r["type"],
            "phase": r["phase"],
            "actor": r["actor"],
            "role": r["role"],
            "effective_on": r["effective_on"],
            "recorded_at": r["recorded_at"],
            "lag_days": r["lag_days"],
            "state": r["state"],
            "override": r["override"],
        }
        for r in timeline(d.log.ledger, tag, d.at.known_at)
    ]


def timeline_of(d: Desk, tag: str) -> Part:
    """What is recorded under a tag: nothing yet of an organisation that has only been registered."""
    try:
        rows = entries_under(d, tag)
    except NotFoundError as nothing:
        return Part(
            d.say(sentence("Timeline")), Markup('<p class="none">{}</p>').format(d.say((nothing.zh, nothing.en)))
        )
    return timeline_part(d, rows)


#: How much of each event a timeline shows.
DENSITIES = {
    "full": sentence("each entry"),
    "compact": sentence("one line a day and type"),
    "raw": sentence("as recorded"),
}


def timeline_part(d: Desk, rows: Sequence[TimelineRow], density: str = "full") -> Part:
    """Rows of a timeline, drawn on two lanes and written in one of three densities."""
    match density:
        case "compact":
            merged = ("effective_on", "type", "times", "persons", "recorded_at", "lag_days", "events")
            written = d.layout.table(_merged(rows), merged)
        case "raw":
            written = Markup("").join(_raw(d, r) for r in rows)
        case _:
            each = ("position", "type", "actor", "role", "effective_on", "recorded_at", "lag_days", "state", "event")
            written = d.layout.table(rows, each)
    return Part(d.say(sentence("Timeline")), lanes(d, rows) + written)


def _merged(rows: Sequence[TimelineRow]) -> list[Row]:
    """One line for events of a type that happened on one day and stand next to each other."""
    merged: list[Row] = []
    for _, group in groupby(rows, key=lambda r: (r["effective_on"], r["type"])):
        same = list(group)
        merged.append(
            {
                "effective_on": same[0]["effective_on"],
                "type": same[0]["type"],
                "times": len(same),
                "persons": list(dict.fromkeys(r["actor"] for r in same)),
                "recorded_at": same[-1]["recorded_at"],
                "lag_days": max(r["lag_days"] for r in same),
                "events": [r["event"] for r in same],
            }
        )
    return merged


def _raw(d: Desk, row: TimelineRow) -> Markup:
    """The statement itself: the bytes that were signed, laid out."""
    body = json.loads(d.log.ledger.event(row["event"]).statement.body)
    text = json_text(body, indent=1)
    return Markup('<h3>{} {}</h3><pre tabindex="0"><code>{}</code></pre>').format(
        row["position"], d.link(d.layout.type(row["type"]), "events", row["event"]), text
    )


def flags_of(d: Desk, **given: str) -> Part:
    rows = d.ask(FLAGS, **given).answer["rows"]
    return Part(d.say(sentence("Flags")), flag_table(d, rows))


def flag_table(d: Desk, rows: Sequence[FlagRow]) -> Markup:
    if not rows:
        return Markup('<p class="none">{}</p>').format(d.say(sentence("No flags.")))
    heads = [
        sentence("flag"),
        sentence("meaning"),
        sentence("subject"),
        sentence("since"),
        sentence("state"),
        sentence("events"),
        term("on a finding", "act"),
    ]
    return table(d.say(sentence("Flags")), [d.say(h) for h in heads], [_flag_row(d, r) for r in rows])


_GRADES = {"C": "critical", "H": "high", "M": "medium", "L": "low"}


def _flag_row(d: Desk, r: FlagRow) -> list[str | Markup]:
    """One flag with its evidence, and the form of a finding about it."""
    name = Markup('<abbr class="severity {s}" title="{grade}">{s}</abbr> {flag} {words}').format(
        s=r["severity"],
        grade=d.word(r["severity"], "severity"),
        flag=d.link(r["flag"], "rules", r["flag"]),
        words=d.pick(r, "name_"),
    )
    disputed = d.say(sentence(" (disputed)")) if r["outcome"] == "disputed" else ""
    finding = d.place.to(
        "bench",
        d.log.home.name,
        "record",
        "OversightFindingIssued",
        flag_ids=r["id"],
        targets=",".join(r["events"][:20]),
        edition_id=r["edition"],
        severity=_GRADES[r["severity"]],
    )
    act = Markup('<a href="{}">{}</a>').format(finding, d.say(sentence("Issue a finding")))
    return [
        name,
        flag_sentence(r["flag"], d.pick(r)),
        d.layout.value(r["subject"]),
        d.layout.value(r["since"]),
        d.word(r["state"], "state", "edition.flags") + disputed,
        d.layout.value(r["events"], "events"),
        act,
    ]


def subject_fields(d: Desk, kind: str, subject: str) -> list[Field]:
    kinds = [(k, d.say(words)) for k, words in KINDS.items()]
    return [
        Field("kind", d.say(sentence("Kind")), kind, kinds),
        Field("subject", d.say(sentence("Id")), subject, required=True),
    ]


def edition_field(d: Desk, chosen: str, *, all_: bool = False) -> Field:
    options = [(e, e) for e in editions_of(d.log.ledger, d.at.known_at)]
    return Field(
        "edition", d.say(sentence("Edition")), chosen, [("", d.say(sentence("all"))), *options] if all_ else options
    )
