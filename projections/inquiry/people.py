"""One person's footprint, a person and an organisation, who signs with whom, and pairings that come again."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

from ledger.clock import format_instant
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.evaluation import ScoreSubmitted
from ledger.events.registry import topics
from ledger.events.reviewers import InterestDeclared, RecusalOrdered
from ledger.statement import edition_of
from projections.inquiry.knowledge import holders, identities, signers
from projections.sentences import sentence
from projections.slices import Source, payloads


class Act(TypedDict):
    """An event that somebody signed, countersigned, or is named in; ``how`` says which."""

    position: int
    event: str
    type: str
    zh: str
    en: str
    person: str
    how: str
    role: str
    effective_at: str
    recorded_at: str
    cases: list[str]
    orgs: list[str]
    basis: list[str]
    override: bool


RoleHeld = TypedDict(
    "RoleHeld",
    {
        "role": str,
        "from": str,
        "until": str | None,
        "withdrawn_on": str | None,
        "edition": str | None,
        "org": str | None,
        "event": str,
    },
)


class Footprint(TypedDict):
    """Everything of a person: roles with their periods, how often which act, and the acts."""

    person: str
    roles: list[RoleHeld]
    acts: dict[str, int]
    rows: list[Act]


class Pair(TypedDict):
    """What ties a person to an organisation."""

    person: str
    org: str
    cases: list[str]
    editions: list[str]
    declared: list[str]
    rows: list[Act]


class SignedTogether(TypedDict):
    """How often two signed one type of act together; a dash stands for nobody."""

    type: str
    originator: str
    countersigner: str
    times: int


class FourEyes(TypedDict):
    """Who signs with whom, in an edition or the whole log."""

    edition: str | None
    rows: list[SignedTogether]


class MetAgain(TypedDict):
    """A reviewer and an organisation in several editions, with its cases and which of them won."""

    person: str
    org: str
    editions: list[str]
    won: list[str]
    cases: list[str]


class Pairings(TypedDict):
    """Pairings that come again."""

    rows: list[MetAgain]


def _row(event: RecordedEvent, person: str, how: str) -> Act:
    s = event.statement
    return {
        "position": event.position,
        "event": s.id,
        "type": s.type,
        "zh": s.payload.SPEC.zh,
        "en": s.payload.SPEC.en,
        "person": person,
        "how": how,
        "role": s.role,
        "effective_at": s.effective_at,
        "recorded_at": format_instant(event.recorded_at),
        "cases": [t[2:] for t in s.tags if t.startswith("c:")],
        "orgs": [t[2:] for t in s.tags if t.startswith("o:")],
        "basis": list(s.basis),
        "override": s.override is not None,
    }


def footprint(source: Source, person: str, known: int) -> Footprint:
    """Everything a person signed, countersigned, or is named in; roles with their periods."""
    people = identities(source, known)
    if person not in people.principals and not any(k.principal_id == person for k in people.keys.values()):
        raise NotFoundError("principal_unknown", sentence("no principal {person}", person=person))
    keys = {k.key_id for k in people.keys.values() if k.principal_id == person}
    rows = []
    for event in source.events(until=known):
        s = event.statement
        if s.actor == person:
            rows.append(_row(event, person, "acted"))
        elif any(sig.keyid in keys for sig in event.envelope.signatures):
            rows.append(_row(event, person, "countersigned"))
        elif {f"p:{person}", f"m:{person}", f"rv:{person}"} & set(s.tags):
            rows.append(_row(event, person, "named"))
    roles: list[RoleHeld] = [
        {
            "role": g.role,
            "from": g.valid_from.isoformat(),
            "until": g.valid_until.isoformat() if g.valid_until else None,
            "withdrawn_on": g.withdrawn_on.isoformat() if g.withdrawn_on else None,
            "edition": g.edition,
            "org": g.org,
            "event": g.event_id,
        }
        for g in people.grants
        if g.principal_id == person
    ]
    acts = Counter(r["type"] for r in rows if r["how"] != "named")
    return {"person": person, "roles": roles, "acts": dict(sorted(acts.items())), "rows": rows}


def pair(source: Source, person: str, org: str, known: int) -> Pair:
    """What ties a person to an organisation: declarations, recusals, scores, votes and decisions on its cases."""
    told = footprint(source, person, known)
    filed = source.events(DCBQuery([DCBQueryItem(types=topics(ApplicationFiled), tags=[f"o:{org}"])]), until=known)
    if not filed and not source.events(DCBQuery([DCBQueryItem(tags=[f"p:{org}"])]), until=known):
        raise NotFoundError(
            "org_unknown", sentence("no organisation {org} is known at position {known}", org=org, known=known)
        )
    cases = {p.case_id for p in payloads(ApplicationFiled, filed)}
    rows = [r for r in told["rows"] if cases & set(r["cases"]) or org in r["orgs"]]
    editions = sorted({edition_of(c) for r in rows for c in r["cases"] if c in cases})
    declared = [r for r in rows if r["type"] in topics(InterestDeclared, RecusalOrdered)]
    return {
        "person": person,
        "org": org,
        "cases": sorted(cases),
        "editions": editions,
        "declared": [r["event"] for r in declared],
        "rows": rows,
    }


def four_eyes(source: Source, known: int, edition: str | None = None) -> FourEyes:
    """Event type x originator x countersigner: how often each two signed together."""
    query = DCBQuery([DCBQueryItem(tags=[f"ed:{edition}"])]) if edition else None
    events = source.events(query, until=known)
    if edition and not events:
        raise NotFoundError("edition_unknown", sentence("no edition {edition} is known", edition=edition))
    people = holders(source, events, known)
    count: Counter[tuple[str, str, str]] = Counter()
    for event in events:
        first, *others = signers(event, people)
        for other in others or ["—"]:
            count[event.statement.type, first, other] += 1
    rows: list[SignedTogether] = [
        {"type": t, "originator": a, "countersigner": b, "times": n} for (t, a, b), n in sorted(count.items())
    ]
    return {"edition": edition, "rows": rows}


def pairings(source: Source, known: int) -> Pairings:
    """Reviewers and organisations that met in more than one edition, and how the scores lay to the others'."""
    scored = source.events(DCBQuery([DCBQueryItem(types=topics(ScoreSubmitted))]), until=known)
    filed = source.events(DCBQuery([DCBQueryItem(types=topics(ApplicationFiled))]), until=known)
    granted = source.events(DCBQuery([DCBQueryItem(types=topics(AwardGranted))]), until=known)
    org_of = {p.case_id: p.org for p in payloads(ApplicationFiled, filed)}
    won = {p.case_id for p in payloads(AwardGranted, granted)}
    met: dict[tuple[str, str], set[str]] = {}
    for event in scored:
        p = event.statement.payload
        if isinstance(p, ScoreSubmitted) and p.case_id in org_of:
            met.setdefault((event.statement.actor, org_of[p.case_id]), set()).add(p.case_id)
    rows: list[MetAgain] = []
    for (person, org), cases in sorted(met.items()):
        editions = sorted({edition_of(c) for c in cases})
        if len(editions) > 1:
            rows.append(
                {"person": person, "org": org, "editions": editions, "won": sorted(cases & won), "cases": sorted(cases)}
            )
    return {"rows": rows}
