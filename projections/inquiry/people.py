"""One person's footprint, a person and an organisation, who signs with whom, and pairings that come again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.clock import format_instant
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.evaluation import ScoreSubmitted
from ledger.events.registry import topics
from ledger.events.reviewers import InterestDeclared, RecusalOrdered
from ledger.statement import edition_of
from projections.inquiry.knowledge import identities, signers
from projections.slices import Source, payloads


def _row(event: RecordedEvent, person: str, how: str) -> dict[str, Any]:
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


def footprint(source: Source, person: str, known: int) -> dict[str, Any]:
    """Everything a person signed, countersigned, or is named in; roles with their periods."""
    people = identities(source, known)
    if person not in people.principals and not any(k.principal_id == person for k in people.keys.values()):
        raise NotFoundError("principal_unknown", f"no principal {person}", f"没有主体 {person}")
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
    roles = [
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


def pair(source: Source, person: str, org: str, known: int) -> dict[str, Any]:
    """What ties a person to an organisation: declarations, recusals, scores, votes and decisions on its cases."""
    told = footprint(source, person, known)
    filed = source.events(DCBQuery([DCBQueryItem(types=topics(ApplicationFiled), tags=[f"o:{org}"])]), until=known)
    if not filed and not source.events(DCBQuery([DCBQueryItem(tags=[f"p:{org}"])]), until=known):
        raise NotFoundError(
            "org_unknown", f"no organisation {org} is known at position {known}", f"截至第 {known} 条没有组织 {org}"
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


def four_eyes(source: Source, known: int, edition: str | None = None) -> dict[str, Any]:
    """Event type x originator x countersigner: how often each two signed together."""
    people = identities(source, known)
    query = DCBQuery([DCBQueryItem(tags=[f"ed:{edition}"])]) if edition else None
    events = source.events(query, until=known)
    if edition and not events:
        raise NotFoundError("edition_unknown", f"no edition {edition} is known", f"没有届次 {edition}")
    count: Counter[tuple[str, str, str]] = Counter()
    for event in events:
        first, *others = signers(event, people)
        for other in others or ["—"]:
            count[event.statement.type, first, other] += 1
    rows = [{"type": t, "originator": a, "countersigner": b, "times": n} for (t, a, b), n in sorted(count.items())]
    return {"edition": edition, "rows": rows}


def pairings(source: Source, known: int) -> dict[str, Any]:
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
    rows = []
    for (person, org), cases in sorted(met.items()):
        editions = sorted({edition_of(c) for c in cases})
        if len(editions) > 1:
            rows.append(
                {"person": person, "org": org, "editions": editions, "won": sorted(cases & won), "cases": sorted(cases)}
            )
    return {"rows": rows}
