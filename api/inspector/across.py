"""Several logs at once, as a province looks at its cities: by credit code, by flag; each log keeps its own proofs."""

from __future__ import annotations

from typing import Any

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from api.inspector.inquiry import Arguments, head_at
from api.open_logs import OpenLog
from api.v1.asking import axes
from ledger.errors import NotFoundError
from ledger.identifiers import parse_uscc
from projections.as_of import tell
from projections.inquiry.flag_queue import Wanted, flag_queue


def organisation(logs: list[OpenLog], uscc: str, as_of: str | None) -> dict[str, Any]:
    """One credit code in every log: standing, bans, and notices of bans that reach beyond the award they come from."""
    code = parse_uscc(uscc)
    found, notices, heads = [], [], {}
    for log in logs:
        at = axes(log, as_of, None)
        heads[log.home.name] = {**at.to_json(), **head_at(log, at.known_at)}
        registered = log.ledger.events(
            DCBQuery([DCBQueryItem(types=["PrincipalRegistered"], tags=[f"u:{code}"])]), until=at.known_at
        )
        for event in registered:
            org = event.statement.payload.principal_id
            standing = tell(log.ledger, "org.standing", org, at.as_of, at.known_at).to_json()
            bans = tell(log.ledger, "org.bans", org, at.as_of, at.known_at).to_json()
            found.append(
                {
                    "log": log.home.name,
                    "origin": log.ledger.origin,
                    "org": org,
                    "name": event.statement.payload.org_name,
                    "standing": standing,
                    "bans": bans,
                }
            )
            for ban in bans.get("value", {}).get("bans", []):
                beyond = [s for s in ban["scope"] if s != "own"]
                if beyond:
                    notices.append({"log": log.home.name, "org": org, "reaches": beyond, "from": ban["from"], "until": ban["until"], "cause": ban["cause"], "articles": ban["articles"],
                                    "zh": "该禁令及于其他奖项；其他奖项由各自机关决定", "en": "the ban names other awards; these are decided by their own authorities"})  # fmt: skip
    if not found:
        raise NotFoundError("org_unknown", f"no log that you may read here knows {code}", f"您可查阅的账本均无 {code}")
    return {"uscc": code, "logs": heads, "rows": found, "notices": notices}


def flags(logs: list[OpenLog], as_of: str | None, given: Arguments) -> dict[str, Any]:
    """The queues of all logs in one, each row with its log."""
    rows, heads = [], {}
    wanted = Wanted(
        flags=tuple(f for f in given.get("flag", "").split(",") if f),
        severity=given.get("severity"),
        state=given.get("state"),
        org=given.get("org"),
        person=given.get("person"),
    )
    for log in logs:
        at = axes(log, as_of, None)
        heads[log.home.name] = {**at.to_json(), **head_at(log, at.known_at)}
        rows += [{"log": log.home.name, **row} for row in flag_queue(log.ledger, at.as_of, at.known_at, wanted)["rows"]]
    return {"logs": heads, "rows": rows}


def patterns(logs: list[OpenLog], as_of: str | None) -> dict[str, Any]:
    """Credit codes that several logs know: their awards, revocations and incidents side by side."""
    seen: dict[str, list[dict[str, Any]]] = {}
    heads = {}
    for log in logs:
        at = axes(log, as_of, None)
        heads[log.home.name] = {**at.to_json(), **head_at(log, at.known_at)}
        registered = log.ledger.events(DCBQuery([DCBQueryItem(types=["PrincipalRegistered"])]), until=at.known_at)
        for event in registered:
            p = event.statement.payload
            if p.uscc is not None:
                own = log.ledger.events(
                    DCBQuery(
                        [
                            DCBQueryItem(
                                types=["AwardGranted", "AwardRevoked", "IncidentRecorded"], tags=[f"o:{p.principal_id}"]
                            )
                        ]
                    ),
                    until=at.known_at,
                )
                count = {
                    t: sum(e.statement.type == t and e.statement.effective_on <= at.as_of for e in own)
                    for t in ("AwardGranted", "AwardRevoked", "IncidentRecorded")
                }
                seen.setdefault(p.uscc, []).append(
                    {"log": log.home.name, "org": p.principal_id, "name": p.org_name, **count}
                )
    rows = [
        {"uscc": code, "logs": len(places), "places": places}
        for code, places in sorted(seen.items())
        if len(places) > 1
    ]
    return {"logs": heads, "rows": rows}
