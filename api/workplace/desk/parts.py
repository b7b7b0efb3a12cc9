"""What several pages of the desk show: facts, timeline, flags, ways on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from api.inspector.answers import Row
from api.json_text import json_text
from api.rendering.blocks import Content, Heading, Hint, Link, Preformatted, Table, links
from api.sentences import sentence, term
from api.workplace.sheets import Desk, Field, Part, TimelineRow, fact_part, lanes
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.errors import MalformedError, NotFoundError
from ledger.events.decision import AwardGranted
from ledger.events.registry import topics
from ledger.sentences import enumeration
from projections.as_of import Told, tell_all
from projections.figures import flag_sentence
from projections.flags.inspection import FlagsAbout
from projections.inquiry.flag_queue import FlagRow, editions_of, flag_row, gravest_first
from projections.inquiry.timeline import timeline

#: Subjects of which facts are told, with their names.
KINDS = {
    "case": sentence("case"),
    "award": sentence("award"),
    "org": sentence("organisation"),
    "edition": sentence("edition"),
    "notice": sentence("public notice"),
}


def facts_of(d: Desk, kind: str, subject: str, *, flags: bool = False) -> list[Part]:
    """Every answer about a subject, with article, reading and events behind each; its ``flags`` last, as a table."""
    if kind not in KINDS:
        raise MalformedError(
            "subject_kind_unknown", sentence("kind: one of {kinds}", kinds=enumeration(KINDS)), field="kind"
        )
    told = tell_all(d.log.ledger, kind, subject, d.at.as_of, d.at.known_at, flags=flags)
    return [_flags_about(d, t) or fact_part(d, t) for t in told]


def _flags_about(d: Desk, told: Told[object]) -> Part | None:
    """The flags of a subject as a table; nothing of any other fact, or where they cannot be told."""
    if not told.answer.is_value:
        return None
    match told.answer.value():
        case FlagsAbout(flags=hits):
            packs = editions_of(d.log.ledger, d.at.known_at)
            rows = [flag_row(hit, packs.get(hit.edition, ""), d.at.as_of) for hit in hits]
            return flag_part(d, gravest_first(rows))
        case _:
            return None


def ways_on(d: Desk, kind: str, subject: str) -> Part:
    """Ways on from a subject."""
    items: list[Content] = [
        d.link(d.say(sentence("State at two points in time")), "state", kind=kind, subject=subject),
        d.link(d.say(sentence("Difference between two points in time")), "difference", kind=kind, subject=subject),
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
    grant = DCBQueryItem(types=topics(AwardGranted), tags=[f"c:{case}"])
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
        return Part(d.say(sentence("Timeline")), d.none((nothing.zh, nothing.en)))
    return timeline_part(d, rows)


#: How much of each event a timeline shows.
DENSITIES = {
    "full": sentence("each entry"),
    "compact": sentence("one line a day and type"),
    "raw": sentence("as recorded"),
}


def timeline_part(d: Desk, rows: Sequence[TimelineRow], density: str = "full") -> Part:
    """Rows of a timeline, drawn on two lanes and written in one of three densities."""
    written: Content
    match density:
        case "compact":
            merged = ("effective_on", "type", "times", "persons", "recorded_at", "lag_days", "events")
            written = d.layout.table(_merged(rows), merged)
        case "raw":
            written = tuple(_raw(d, r) for r in rows)
        case _:
            each = ("position", "type", "actor", "role", "effective_on", "recorded_at", "lag_days", "state", "event")
            written = d.layout.table(rows, each)
    return Part(d.say(sentence("Timeline")), (lanes(d, rows), written))


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


def _raw(d: Desk, row: TimelineRow) -> Content:
    """The statement itself: the bytes that were signed, laid out."""
    body = json.loads(d.log.ledger.event(row["event"]).statement.body)
    named = d.link(d.layout.type(row["type"]), "events", row["event"])
    return (Heading((f"{row['position']} ", named)), Preformatted(json_text(body, indent=1)))


def flag_part(d: Desk, rows: Sequence[FlagRow]) -> Part:
    """Flags under their heading."""
    return Part(d.say(sentence("Flags")), flag_table(d, rows))


def flag_table(d: Desk, rows: Sequence[FlagRow]) -> Content:
    """Flags with what they rest on; that there are none where there are none."""
    if not rows:
        return d.none(sentence("No flags."))
    heads = [
        sentence("flag"),
        sentence("meaning"),
        sentence("subject"),
        sentence("since"),
        sentence("state"),
        sentence("events"),
        term("on a finding", "act"),
    ]
    return Table(d.say(sentence("Flags")), [d.say(h) for h in heads], [_flag_row(d, r) for r in rows])


_GRADES = {"C": "critical", "H": "high", "M": "medium", "L": "low"}


def _flag_row(d: Desk, r: FlagRow) -> list[Content]:
    """One flag with its evidence, and the form of a finding about it."""
    grade = Hint(d.word(r["severity"], "severity"), r["severity"], f"severity {r['severity']}")
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
    return [
        (grade, " ", d.link(d.pick(r, "name_"), "rules", r["flag"])),
        flag_sentence(r["flag"], d.pick(r)),
        d.layout.value(r["subject"]),
        d.layout.value(r["since"]),
        d.word(r["state"], "state", "edition.flags") + disputed,
        d.layout.value(r["events"], "events"),
        Link(d.say(sentence("Issue a finding")), finding),
    ]


def subject_fields(d: Desk) -> list[Field]:
    """Kind and id of a subject."""
    kinds = [(k, d.say(words)) for k, words in KINDS.items()]
    return [
        Field("kind", d.say(sentence("Kind")), d.query.get("kind", ""), kinds),
        Field("subject", d.say(sentence("Id")), d.query.get("subject", ""), required=True),
    ]


def edition_field(d: Desk, *, all_: bool = False, chosen: str | None = None) -> Field:
    """The editions to choose from, ``all_`` of them where an answer can be about all."""
    options = [(e, e) for e in editions_of(d.log.ledger, d.at.known_at)]
    value = d.query.get("edition", "") if chosen is None else chosen
    return Field(
        "edition", d.say(sentence("Edition")), value, [("", d.say(sentence("all"))), *options] if all_ else options
    )
