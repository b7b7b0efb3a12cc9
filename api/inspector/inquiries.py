"""The register of inquiries: each by one call of the API and one of the command line."""

from __future__ import annotations

from api.home.open_logs import OpenLog
from api.inspector import lists
from api.inspector.answers import (
    Available,
    Consequences,
    Difference,
    DutiesAhead,
    FlagQueue,
    Footprint,
    FourEyes,
    Money,
    Narrative,
    Row,
    Rows,
    ScoresLaidOpen,
    Trace,
)
from api.inspector.inquiry import Arguments, Inquiry, Meaning, number
from api.inspector.supposing import what_if
from api.sentences import sentence
from api.v1.axes import Axes, axes
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.answer import plain
from ledger.errors import MalformedError, NotFoundError
from ledger.events.after_award import AwardRevoked
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.events.registry import Payload
from ledger.regulation.parameters import matter_of
from ledger.sentences import enumeration
from projections.as_of import state
from projections.inquiry import accounts, graph, people, scoring
from projections.inquiry.differences import difference
from projections.inquiry.flag_queue import STATES, Wanted, editions_of, flag_queue
from projections.inquiry.knowledge import who_could_have_known
from projections.inquiry.narrative import narrative, rests_on
from projections.inquiry.narrative import text as as_text
from projections.slices import global_history, history_for
from projections.tracing import trace

SUBJECTS = ("org", "case", "award", "edition", "notice", "finding")


def _flags(log: OpenLog, at: Axes, given: Arguments) -> FlagQueue:
    names = ("edition", "severity", "state", "outcome", "case", "org", "person", "award", "pack")
    asked = {n: given.get(n) for n in names}
    flags = tuple(f.strip().upper() for f in given.get("flag", "").split(",") if f.strip())
    wanted = Wanted(**asked, flags=flags, older_than=number(given, "older_than"))
    if wanted.edition is not None and wanted.edition not in editions_of(log.ledger, at.known_at):
        raise NotFoundError("edition_unknown", sentence("no edition {edition} is known", edition=wanted.edition[:60]))
    told = flag_queue(log.ledger, at.as_of, at.known_at, wanted)
    return {"rows": told["rows"], "outcomes": told["outcomes"], "not_derivable": told["not_derivable"]}


def event_of(log: OpenLog, at: Axes, given: Arguments) -> str:
    """The event asked about: by its id, or the decision on a subject: the grant or revocation of an award, the grant of
    a case.
    """
    by_kind: dict[str, tuple[type[Payload], str]] = {
        "award": (AwardGranted, "a"),
        "revocation": (AwardRevoked, "a"),
        "case": (AwardGranted, "c"),
    }
    chosen = [n for n in ("event", *by_kind) if n in given]
    if len(chosen) != 1:
        raise MalformedError(
            "subject_unclear",
            sentence("give one of event, award, revocation, case"),
            field="event",
        )
    if chosen[0] == "event":
        return given["event"]
    kind, tag = by_kind[chosen[0]]
    topic = kind.SPEC.topic
    query = DCBQuery([DCBQueryItem(types=[topic], tags=[f"{tag}:{given[chosen[0]]}"])])
    found = log.ledger.events(query, until=at.known_at)
    if not found:
        raise NotFoundError(
            "event_unknown",
            sentence("no {topic} of {chosen} is known", topic=topic, chosen=given[chosen[0]][:80]),
        )
    return found[-1].statement.id


def _trace(log: OpenLog, at: Axes, given: Arguments) -> Trace:
    told = trace(log.ledger, event_of(log, at, given), at.known_at)
    steps = [
        *({**s, "part": "rests_on"} for s in told["rests_on"]),
        {**told["event"], "part": "event"},
        *({**s, "part": "rested_on_by"} for s in told["rested_on_by"]),
    ]
    texts, readings = rests_on(log.ledger, log.ledger.event(told["event"]["event"]), at.as_of, at.known_at)
    reached = [*told["rests_on"], told["event"], *told["rested_on_by"]]
    documents = sorted({h for s in reached for h in s["evidence"]})
    persons = sorted({s["actor"] for s in reached})
    articles = sorted({a for s in reached for a in s["basis"]})
    return {
        "event": told["event"],
        "rests_on": told["rests_on"],
        "rested_on_by": told["rested_on_by"],
        "edges": told["edges"],
        "complete": told["complete"],
        "documents": documents,
        "persons": persons,
        "articles": articles,
        "texts": texts,
        "readings": readings,
        "rows": steps,
        "dot_zh": graph.dot(told, chinese=True),
        "dot_en": graph.dot(told, chinese=False),
        "mermaid_zh": graph.mermaid(told, chinese=True),
        "mermaid_en": graph.mermaid(told, chinese=False),
    }


def _narrative(log: OpenLog, at: Axes, given: Arguments) -> Narrative:
    told = narrative(log.ledger, event_of(log, at, given), at.as_of, at.known_at)
    rows = [
        {
            "section": s["zh"],
            "section_en": s["en"],
            "n": x["n"],
            "zh": x["zh"],
            "en": x["en"],
            "position": x["position"],
        }
        for s in told["sections"]
        for x in s["sentences"]
    ]
    return {
        "event": told["event"],
        "as_of": told["as_of"],
        "known_at": told["known_at"],
        "entries": told["entries"],
        "complete": told["complete"],
        "sections": told["sections"],
        "rows": rows,
        "text_zh": as_text(told, chinese=True),
        "text_en": as_text(told, chinese=False),
    }


def _difference(log: OpenLog, at: Axes, given: Arguments) -> Difference:
    if given["kind"] not in SUBJECTS:
        raise MalformedError(
            "subject_kind_unknown",
            sentence("kind: one of {subjects}", subjects=enumeration(SUBJECTS)),
            field="kind",
        )
    first = axes(log, given.get("from_on", at.as_of.isoformat()), given.get("from_known"))
    told = difference(
        log.ledger, given["kind"], given["subject"], (first.as_of, first.known_at), (at.as_of, at.known_at)
    )
    rows = [
        {"fact": f["fact"], "causes": f["causes"], **m, "events": [e["event"] for e in f["responsible"]]}
        for f in told["changed"]
        for m in f["members"]
    ]
    return {"from": told["from"], "to": told["to"], "changed": told["changed"], "rows": rows}


def _who_knew(log: OpenLog, at: Axes, given: Arguments) -> Row:
    return who_could_have_known(
        log.ledger,
        event_of(log, at, {k: v for k, v in given.items() if k != "only"}),
        at.known_at,
        whole="only" not in given,
    )


def _governing(log: OpenLog, at: Axes, given: Arguments) -> Row:
    """The version that an edition is pinned to, and per parameter which version governs an act on the day."""
    edition = given["edition"]
    live, law = state(
        history_for(log.ledger, "edition", edition, at.known_at), log.ledger.packs(), at.as_of, at.known_at
    )
    opened = live.last(EditionOpened, edition_id=edition)
    pinned = law.enacted(opened.payload.pack_hash) if opened else None
    newest = law.in_force(at.as_of)
    rows = []
    for path in pinned.pack.parameters if pinned else ():
        governs = law.governing(pinned, path, at.as_of)
        told = law.parameter(pinned, path, at.as_of)
        rows.append(
            {
                "path": path,
                "matter": matter_of(path),
                "governed_by": governs.pack.reference if governs else None,
                "value": plain(told.value),
                "absence": told.absence,
                "gap": told.gap or None,
                "articles": list(told.why.articles),
                "readings": list(told.why.readings),
            }
        )
    return {
        "edition": edition,
        "pinned": pinned.pack.reference if pinned else None,
        "in_force": newest.pack.reference if newest else None,
        "rows": rows,
    }


def _text_change(log: OpenLog, at: Axes, given: Arguments) -> Row:
    """Parameters that two versions of a text state differently."""
    _, law = state(global_history(log.ledger, at.known_at), log.ledger.packs(), at.as_of, at.known_at)
    both = []
    for name in (given["from"], given["to"]):
        found = [v for v in law.enacted_by(at.as_of) if name in (v.pack.reference, v.pack.version, v.pack.doc_no)]
        if not found:
            raise NotFoundError("pack_unknown", sentence("{name} is not enacted at this (D, K)", name=name[:60]))
        both.append(found[-1])
    rows = []
    for path in dict.fromkeys([*both[0].pack.parameters, *both[1].pack.parameters]):
        old, new = (law.stated(v, path, at.as_of) for v in both)
        if (old.value, old.unit, old.absence) != (new.value, new.unit, new.absence):
            rows.append(
                {
                    "path": path,
                    "before": plain(old.value),
                    "before_absence": old.absence,
                    "after": plain(new.value),
                    "after_absence": new.absence,
                    "articles": [*old.why.articles, *new.why.articles],
                }
            )
    return {"from": both[0].pack.reference, "to": both[1].pack.reference, "rows": rows}


def _person(log: OpenLog, at: Axes, given: Arguments) -> Footprint:
    told = people.footprint(log.ledger, given["person"], at.known_at)
    return {"person": told["person"], "roles": told["roles"], "acts": told["acts"], "rows": told["rows"]}


def _four_eyes(log: OpenLog, at: Axes, given: Arguments) -> FourEyes:
    told = people.four_eyes(log.ledger, at.known_at, given.get("edition"))
    return {"edition": told["edition"], "rows": told["rows"]}


def _pairings(log: OpenLog, at: Axes, given: Arguments) -> Rows:
    return {"rows": people.pairings(log.ledger, at.known_at)["rows"]}


def _scores(log: OpenLog, at: Axes, given: Arguments) -> ScoresLaidOpen:
    return scores_laid_open(log, at, given["edition"])


def scores_laid_open(log: OpenLog, at: Axes, edition: str, opened: scoring.Opened | None = None) -> ScoresLaidOpen:
    """The scores of an edition, with the items that have been opened."""
    told = scoring.forensics(log.ledger, edition, at.as_of, at.known_at, opened)
    return {"edition": told["edition"], "stages": told["stages"], "rows": told["rows"]}


def _money(log: OpenLog, at: Axes, given: Arguments) -> Money:
    told = accounts.reconciliation(
        log.ledger, at.as_of, at.known_at, org=given.get("org"), edition=given.get("edition")
    )
    return {
        "as_of": told["as_of"],
        "totals": told["totals"],
        "by_org": told["by_org"],
        "by_edition": told["by_edition"],
        "rows": told["rows"],
        "lines": told["lines"],
        "undetermined": told["undetermined"],
        "balanced": told["balanced"],
    }


_SUBJECT_KIND = Meaning(sentence("kind of subject"), choices=SUBJECTS)

_ON_EVENT = {
    "event": Meaning(sentence("event id")),
    "award": Meaning(sentence("award, its grant")),
    "revocation": Meaning(sentence("award, its revocation")),
    "case": Meaning(sentence("case, its grant")),
}

FLAGS: Inquiry[FlagQueue] = Inquiry(
    "flags",
    *sentence("flag queue"),
    {
        "edition": Meaning(sentence("edition")),
        "flag": Meaning(sentence("flags, separated by commas")),
        "severity": Meaning(sentence("least severity"), choices=("L", "M", "H", "C")),
        "state": Meaning(sentence("state"), choices=STATES),
        "outcome": Meaning(sentence("outcome"), choices=("raised", "disputed")),
        "case": Meaning(sentence("case")),
        "org": Meaning(sentence("organisation")),
        "person": Meaning(sentence("person")),
        "award": Meaning(sentence("award")),
        "pack": Meaning(sentence("text, as ZY")),
        "older_than": Meaning(sentence("days since it could be known")),
    },
    _flags,
)
TRACE: Inquiry[Trace] = Inquiry(
    "trace",
    *sentence("what an event rests on, and what rests on it"),
    _ON_EVENT,
    _trace,
    ("json", "csv", "dot", "mermaid"),
)
NARRATIVE: Inquiry[Narrative] = Inquiry(
    "narrative",
    *sentence("the story of a decision in numbered sentences"),
    _ON_EVENT,
    _narrative,
    ("json", "csv", "text"),
)
DIFFERENCE: Inquiry[Difference] = Inquiry(
    "difference",
    *sentence("what two points (D, K) answer differently, and why"),
    {
        "kind*": _SUBJECT_KIND,
        "subject*": Meaning(sentence("id")),
        "from_on": Meaning(sentence("from as-of day")),
        "from_known": Meaning(sentence("from known (K)")),
    },
    _difference,
)
WHAT_IF: Inquiry[Consequences] = Inquiry(
    "what-if",
    *sentence("consequences of a hypothesis; nothing is recorded"),
    {
        "revoke": Meaning(sentence("if an award is revoked")),
        "ground": Meaning(sentence("ground")),
        "exclude": Meaning(sentence("if an event does not count")),
        "reading": Meaning(sentence("if a parameter is read otherwise")),
        "value": Meaning(sentence("the value read, JSON, amounts in fen")),
        "pack": Meaning(sentence("text of the reading")),
        "from": Meaning(sentence("reading from day")),
        "win": Meaning(sentence("if a case wins")),
        "award": Meaning(sentence("award kind")),
        "suppose": Meaning(sentence("acts supposed, JSON"), " [{type, payload}]"),
        "kind": _SUBJECT_KIND,
        "subject": Meaning(sentence("id")),
    },
    what_if,
)
WHO_KNEW: Inquiry[Row] = Inquiry(
    "who-knew",
    *sentence("who could have known, since when and how"),
    _ON_EVENT | {"only": Meaning(sentence("this event only (1)"))},
    _who_knew,
)
PERSON: Inquiry[Footprint] = Inquiry(
    "person",
    *sentence("one person's footprint"),
    {"person*": Meaning(sentence("id"))},
    _person,
)
PAIR: Inquiry[Row] = Inquiry(
    "pair",
    *sentence("a person and an organisation"),
    {"person*": Meaning(sentence("id")), "org*": Meaning(sentence("id"))},
    lambda log, at, g: people.pair(log.ledger, g["person"], g["org"], at.known_at),
)
FOUR_EYES: Inquiry[FourEyes] = Inquiry(
    "four-eyes",
    *sentence("who signs with whom"),
    {"edition": Meaning(sentence("edition"))},
    _four_eyes,
)
PAIRINGS: Inquiry[Rows] = Inquiry(
    "pairings",
    *sentence("reviewers and organisations that met in several editions"),
    {},
    _pairings,
)
SCORES: Inquiry[ScoresLaidOpen] = Inquiry(
    "scores",
    *sentence("score analysis"),
    {"edition*": Meaning(sentence("edition"))},
    _scores,
)
MONEY: Inquiry[Money] = Inquiry(
    "money",
    *sentence("money reconciled"),
    {"org": Meaning(sentence("organisation")), "edition": Meaning(sentence("edition"))},
    _money,
)
NEXT_STEPS: Inquiry[Rows] = Inquiry(
    "next-steps",
    *sentence("what comes next for each case"),
    {"edition*": Meaning(sentence("edition"))},
    lists.next_steps,
)
DUTIES: Inquiry[DutiesAhead] = Inquiry(
    "duties",
    *sentence("duties due soon or overdue"),
    {"days": Meaning(sentence("days ahead"), ", 90"), "org": Meaning(sentence("organisation"))},
    lists.duties,
)
REVIEWERS: Inquiry[Available] = Inquiry(
    "reviewers", *sentence("who of the pool may act on a case"), {"case*": Meaning(sentence("case"))}, lists.reviewers
)
HOLDERS: Inquiry[Rows] = Inquiry(
    "holders",
    *sentence("awards and how they stand"),
    {"status": Meaning(sentence("state"), choices=("valid", "expired", "revoked", "granted_no_validity_rule"))},
    lists.holders,
)
NOTICES: Inquiry[Rows] = Inquiry(
    "notices", *sentence("notices running"), {"all": Meaning(sentence("closed ones too (1)"))}, lists.notices
)
STATISTICS: Inquiry[Rows] = Inquiry(
    "statistics",
    *sentence("applications, awards and money per edition"),
    {"edition": Meaning(sentence("edition"))},
    lists.statistics,
)
GOVERNING: Inquiry[Row] = Inquiry(
    "governing", *sentence("which version governs an edition"), {"edition*": Meaning(sentence("edition"))}, _governing
)
TEXT_CHANGE: Inquiry[Row] = Inquiry(
    "text-change",
    *sentence("what two versions state differently"),
    {"from*": Meaning(sentence("version")), "to*": Meaning(sentence("version"))},
    _text_change,
)

#: Every inquiry by its name, for callers that were given a name.
INQUIRIES: dict[str, Inquiry[Row]] = {
    i.name: i
    for i in (
        FLAGS,
        TRACE,
        NARRATIVE,
        DIFFERENCE,
        WHAT_IF,
        WHO_KNEW,
        PERSON,
        PAIR,
        FOUR_EYES,
        PAIRINGS,
        SCORES,
        MONEY,
        NEXT_STEPS,
        DUTIES,
        REVIEWERS,
        HOLDERS,
        NOTICES,
        STATISTICS,
        GOVERNING,
        TEXT_CHANGE,
    )
}


def inquiry_named(name: str) -> Inquiry[Row]:
    """The inquiry of a name; refused with the names there are."""
    found = INQUIRIES.get(name)
    if found is None:
        raise NotFoundError(
            "inquiry_unknown",
            sentence(
                "no inquiry {name}; there are {inquiries}",
                name=(name[:40], repr(name[:40])),
                inquiries=enumeration(INQUIRIES),
            ),
        )
    return found
