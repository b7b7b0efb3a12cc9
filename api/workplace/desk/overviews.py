"""Pages over the whole log, one table of them: difference, scores, money, flags, four eyes, patterns, duties, notices,
who read what, two cases compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from api.inspector import inquiries
from api.inspector.answers import Difference, DutiesAhead, FlagQueue, FourEyes, Money, Row, Rows, ScoresLaidOpen
from api.inspector.inquiries import FOUR_EYES, MONEY, PAIRINGS, SCORES
from api.rendering.blocks import Code, Content, Paragraph, Strong, Table
from api.sentences import sentence, term
from api.workplace.desk import obligations
from api.workplace.desk.parts import edition_field, flag_table, subject_fields
from api.workplace.desk.section import Answered, Section, asking
from api.workplace.sheets import Desk, Field, Part, Plain, Sheet
from ledger.events.oversight import AccessRecordAttested, RestrictedDataHandled
from ledger.sentences import Pair, enumeration
from ledger.store.visits import chain_head, visits
from projections.figures import score, without_unit
from projections.flags.register import FLAGS
from projections.inquiry.differences import Change
from projections.inquiry.flag_queue import STATES, editions_of
from projections.inquiry.scoring import Cell as ScoreCell
from projections.inquiry.timeline import Compared, comparison

#: Rows of the record of reading on one page.
VISITS_SHOWN = 300


def _difference_fields(d: Desk) -> list[Field]:
    return [
        *subject_fields(d),
        Field("from_on", d.say(sentence("From as-of day")), d.query.get("from_on", ""), kind="date"),
        Field("from_known", d.say(sentence("From known (day or position)")), d.query.get("from_known", "")),
    ]


def _differences(d: Desk, told: Difference) -> list[Part]:
    return [change(d, f) for f in told["changed"]] or [Part(d.say(sentence("No difference")), "")]


def change(d: Desk, f: Change, of: str = "") -> Part:
    """One answer that differs, ``of`` a subject: its members, what changes it, the events responsible."""
    causes = d.say(enumeration(d.word(c, "causes") for c in f["causes"]))
    supposed = frozenset(r["event"] for r in f["responsible"] if r["position"] > d.at.known_at)
    layout = replace(d.layout, supposed=supposed, of=f["fact"])
    unrecorded: Row = {"recorded_at": None, "recorded_since": None}
    responsible = [
        {**r, **(unrecorded if r["event"] in supposed else {"recorded_since": r["new"]})} for r in f["responsible"]
    ]
    columns = ("event", "position", "type", "actor", "effective_at", "recorded_at", "recorded_since")
    said = Paragraph(d.say(sentence("Cause: ")) + causes)
    body = (layout.table(f["members"], ("path", "before", "after")), said, layout.table(responsible, columns))
    return Part(f"{of} {without_unit(d.pick(f))}".strip(), body)


def _edition_of_scores(d: Desk) -> str:
    """The edition asked for, else the first there is."""
    return d.query.get("edition", "") or next(iter(editions_of(d.log.ledger, d.at.known_at)), "")


def _scores(d: Desk, told: ScoresLaidOpen) -> list[Part]:
    """Reviewer by case, revisions, what leaving one out would change, how alike two reviewers score."""
    parts = []
    for stage, value in told["stages"].items():
        name = d.word(stage, "stage")
        parts.append(
            Part(d.say(sentence("{name}: matrix of scores", name=name)), _matrix(d, value["matrix"], value["cases"]))
        )
        for rows, heading in (
            (value["revisions"], sentence("{stage}: changes of scores", stage=name)),
            (value["void"], sentence("{stage}: annulled scores", stage=name)),
            (value["recused"], sentence("{stage}: scores of recused reviewers", stage=name)),
            (value["without"], sentence("{stage}: with one reviewer left out", stage=name)),
            (value["similarity"], sentence("{stage}: similarity of two reviewers", stage=name)),
        ):
            if rows:
                parts.append(Part(d.say(heading), d.layout.table(rows)))
    return parts


def _matrix(d: Desk, cells: Sequence[ScoreCell], cases: Mapping[str, Row]) -> Table:
    reviewers = list(dict.fromkeys(c["reviewer"] for c in cells))
    figures = ("mean", "median", "sd", "combined")
    rows: list[list[Content]] = []
    for name, told in cases.items():
        own = {c["reviewer"]: d.link(score(c["total"]), "events", c["event"]) for c in cells if c["case"] == name}
        means = (d.layout.value(told[f], f) for f in figures)
        rows.append([d.layout.link("cases", name), *(own.get(r, "—") for r in reviewers), *means])
    heads = [
        d.say(sentence("case")),
        *reviewers,
        d.say(sentence("mean")),
        d.say(sentence("median")),
        d.say(sentence("sd")),
        d.say(sentence("combined")),
    ]
    return Table(d.say(sentence("Matrix of scores")), heads, rows)


def _money(d: Desk, told: Money) -> list[Part]:
    parts = [
        Part(d.say(sentence("Totals")), d.layout.value(told["totals"])),
        Part(d.say(sentence("By award")), d.layout.table(told["rows"])),
        Part(d.say(sentence("Items")), d.layout.table(told["lines"])),
    ]
    if told["undetermined"]:
        parts.append(Part(d.say(sentence("Undetermined")), d.layout.table(told["undetermined"])))
    return parts


def _balance(d: Desk, told: Money) -> str:
    return d.say(
        sentence("The accounts balance.") if told["balanced"] else sentence("The accounts do not balance."),
    )


def _flag_fields(d: Desk) -> list[Field]:
    any_ = ("", d.say(sentence("all")))
    grades = [(g, d.word(g, "severity")) for g in ("C", "H", "M", "L")]
    states = [(s, d.word(s, "state", "edition.flags")) for s in STATES]
    return [
        edition_field(d, all_=True),
        Field("severity", d.say(sentence("At least")), d.query.get("severity", ""), [any_, *grades]),
        Field("state", d.say(sentence("State")), d.query.get("state", ""), [any_, *states]),
        Field("flag", d.say(sentence("Flag ids")), d.query.get("flag", "")),
    ]


def _flag(flag: str) -> Pair:
    """A flag by its name, with its id."""
    texts = FLAGS[flag].texts
    return sentence("{name} ({code})", name=(texts.zh, texts.en), code=flag)


def _flags(d: Desk, told: FlagQueue) -> list[Part]:
    outcomes = [
        {
            "edition": e,
            **{o: d.say(enumeration(_flag(f) for f, x in by.items() if x == o)) for o in dict.fromkeys(by.values())},
        }
        for e, by in told["outcomes"].items()
    ]
    failed = [
        Part(d.say(sentence("Edition {edition}", edition=f["edition"])), Paragraph(d.pick(f), "flagged"))
        for f in told["not_derivable"]
    ]
    return [
        Part(d.say(sentence("{told} flags", told=len(told["rows"]))), flag_table(d, told["rows"])),
        Part(d.say(sentence("Outcome of every flag")), d.layout.table(outcomes)),
        *failed,
    ]


def _four_eyes(d: Desk, told: FourEyes) -> list[Part]:
    return [Part(d.say(sentence("Act, originator, countersigner")), d.layout.table(told["rows"]))]


def _patterns(d: Desk, told: Rows) -> list[Part]:
    name = d.say(sentence("Reviewers and organisations that met in several editions"))
    return [Part(name, d.layout.table(told["rows"]))]


#: Columns of the list of notices.
_NOTICES = (
    "notice_id",
    "kind",
    "edition",
    "cases",
    "opened_on",
    "promised_end",
    "last_day",
    "running",
    "notice_state",
    "contact",
)


def _notices(d: Desk, told: Rows) -> list[Part]:
    """Every notice with the last day that its text gives it, and what it is on the day."""
    rows = [{**r, "last_day": _last_day(r)} for r in reversed(told["rows"])]
    return [Part(d.say(sentence("Public notices: {rows}", rows=len(rows))), d.layout.table(rows, _NOTICES))]


def _last_day(notice: Row) -> object:
    """The end that the rules give a notice, or what stands where none can be told."""
    match notice:
        case {"state": "value", "value": {"end": end}}:
            return end
        case {"state": str(state)}:
            return notice[state]
        case _:
            return None


class Access(TypedDict):
    """Who of those with a seat read what, what restricted data was opened, and the chain over the record."""

    rows: list[Row]
    opened: list[Row]
    visits: int
    chain: str


def _accesses(d: Desk) -> Plain[Access]:
    handled = d.log.ledger.acts(RestrictedDataHandled, until=d.at.known_at)
    opened: list[Row] = [
        {
            "position": e.position,
            "actor": e.statement.actor,
            "role": e.statement.role,
            "purpose": p.purpose,
            "action": p.action,
            "effective_at": e.statement.effective_at,
            "event": e.statement.id,
        }
        for e, p in handled
    ]
    head = chain_head(d.log.ledger.database)
    read = visits(d.log.ledger.database, d.query.get("person") or None, VISITS_SHOWN)
    rows: list[Row] = [v.to_json() for v in read]
    return Plain({"rows": rows, "opened": opened, "visits": head.visits, "chain": head.chain.hex()})


def _access(d: Desk, told: Access) -> list[Part]:
    return [
        Part(d.say(sentence("Opened, disclosed, erased (in the log)")), d.layout.table(told["opened"][::-1])),
        Part(
            d.say(sentence("The last {visits_shown} pages read", visits_shown=VISITS_SHOWN)),
            d.layout.table(told["rows"]),
        ),
        Part(d.say(sentence("Chain of the record")), _chain(d, told)),
    ]


def _chain(d: Desk, told: Access) -> Content:
    """What there is to attest now, and what was attested last."""
    attested = d.log.ledger.acts(AccessRecordAttested, until=d.at.known_at)
    now = Paragraph(
        (d.say(sentence("{visits} rows now; hash of the chain:", visits=told["visits"])), " ", Code(told["chain"]))
    )
    if not attested:
        return (now, Paragraph(d.say(sentence("Never attested: so far only the database vouches for the record."))))
    entry, last = attested[-1]
    said = sentence("Last attested by entry {position}: {visits} rows.", position=entry.position, visits=last.visits)
    return (now, Paragraph(d.say(said)))


class Comparison(TypedDict):
    """Two cases by type of act."""

    rows: list[Compared]


def _comparison(d: Desk) -> Plain[Comparison]:
    return Plain({"rows": comparison(d.log.ledger, d.query["one"], d.query["other"], d.at.known_at)})


def _compared(d: Desk, told: Comparison) -> list[Part]:
    rows = [
        (
            Strong(d.layout.type(r["type"])) if r["differs"] else d.layout.type(r["type"]),
            d.layout.value(r["first"]),
            d.layout.value(r["second"]),
        )
        for r in told["rows"]
    ]
    heads = [d.say(sentence("act")), d.query["one"], d.query["other"]]
    return [Part(d.say(sentence("By type of act")), Table(d.say(sentence("Comparison")), heads, rows))]


def _two_cases(d: Desk) -> list[Field]:
    return [
        Field("one", d.say(sentence("First case")), d.query.get("one", ""), required=True),
        Field("other", d.say(sentence("Second case")), d.query.get("other", ""), required=True),
    ]


def _scores_asked(d: Desk) -> Answered[ScoresLaidOpen]:
    return d.ask(SCORES, edition=_edition_of_scores(d))


def _due(d: Desk, told: DutiesAhead) -> list[Part]:
    return [Part(d.say(sentence("Due and overdue")), d.layout.table(told["rows"]))]


def _as_calendar(d: Desk, _: DutiesAhead) -> Content:
    words = d.say(sentence("Download as calendar (ICS)"))
    return d.link(words, "duties", days=obligations.days_ahead(d), format="ics")


def _of_all_editions(d: Desk) -> list[Field]:
    return [edition_field(d, all_=True)]


DIFFERENCE = Section(
    sentence("Difference between two points in time"),
    asking(inquiries.DIFFERENCE),
    _differences,
    _difference_fields,
    needs=("subject",),
)
OVERVIEWS: dict[str, Callable[[Desk, str], Sheet]] = {
    "difference": DIFFERENCE,
    "scores": Section(
        sentence("Score analysis"),
        _scores_asked,
        _scores,
        lambda d: [edition_field(d, chosen=_edition_of_scores(d))],
    ),
    "money": Section(term("accounts", "Money"), asking(MONEY), _money, _of_all_editions, _balance),
    "duties": Section(
        sentence("Calendar of duties"),
        obligations.ahead,
        _due,
        lambda d: [Field("days", d.say(sentence("Days ahead")), obligations.days_ahead(d), kind="number")],
        _as_calendar,
        calendar=True,
    ),
    "flags": Section(sentence("Flag queue"), asking(inquiries.FLAGS), _flags, _flag_fields),
    "four-eyes": Section(sentence("Who signs with whom"), asking(FOUR_EYES), _four_eyes, _of_all_editions),
    "patterns": Section(sentence("Patterns across editions"), asking(PAIRINGS), _patterns),
    "notices": Section(sentence("Public notices"), asking(inquiries.NOTICES, all="1"), _notices),
    "access": Section(
        sentence("Access log"),
        _accesses,
        _access,
        lambda d: [Field("person", d.say(sentence("Person")), d.query.get("person", ""))],
    ),
    "compare": Section(sentence("Two cases compared"), _comparison, _compared, _two_cases, needs=("one", "other")),
}
