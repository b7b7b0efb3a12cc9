"""Several logs at once, as a province looks at its cities: by credit code, by flag; each log keeps its own proofs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from api.inspector.inquiry import Arguments, head_at
from api.open_logs import OpenLog
from api.v1.asking import Axes, axes
from ledger.errors import EvidenceError, NotFoundError, RongjianError
from ledger.events.after_award import AwardRevoked, IncidentRecorded
from ledger.events.decision import AwardGranted
from ledger.events.identity import PrincipalRegistered
from ledger.events.registry import topics
from ledger.identifiers import parse_uscc
from projections.as_of import tell
from projections.facts import ORG_BANS, ORG_STANDING
from projections.inquiry.flag_queue import Wanted, flag_queue

Refused = Mapping[str, RongjianError]

_Row = dict[str, Any]


def organisation(logs: list[OpenLog], refused: Refused, uscc: str, as_of: str | None) -> dict[str, Any]:
    """One credit code in every log: standing, bans, and notices of bans that reach beyond the award they come from.

    ``refused`` are logs that cannot be asked; the answer of every function here names them, and those that broke while
    asked.
    """
    code = parse_uscc(uscc)
    found, told = _over(logs, refused, as_of, lambda log, at: _registrations(log, at, code))
    if not found and not told["not_asked"]:
        raise NotFoundError("org_unknown", f"no log that you may read here knows {code}", f"您可查阅的账本均无 {code}")
    notices = [notice for row in found for notice in _beyond(row)]
    return {"uscc": code, **told, "rows": found, "notices": notices}


def _registrations(log: OpenLog, at: Axes, code: str) -> list[_Row]:
    rows = []
    for _, p in log.ledger.acts(PrincipalRegistered, f"u:{code}", until=at.known_at):
        org = p.principal_id
        rows.append(
            {
                "log": log.home.name,
                "origin": log.ledger.origin,
                "org": org,
                "name": p.org_name,
                "standing": tell(log.ledger, ORG_STANDING, org, at.as_of, at.known_at).to_json(),
                "bans": tell(log.ledger, ORG_BANS, org, at.as_of, at.known_at).to_json(),
            }
        )
    return rows


def _beyond(row: _Row) -> list[_Row]:
    """The bans of an organisation that name other awards."""
    notices = []
    for ban in row["bans"].get("value", {}).get("bans", []):
        beyond = [s for s in ban["scope"] if s != "own"]
        if beyond:
            notices.append(
                {
                    "log": row["log"],
                    "org": row["org"],
                    "reaches": beyond,
                    "from": ban["from"],
                    "until": ban["until"],
                    "cause": ban["cause"],
                    "articles": ban["articles"],
                    "zh": "该禁令及于其他奖项；其他奖项由各自机关决定",
                    "en": "the ban names other awards; these are decided by their own authorities",
                }
            )
    return notices


def flags(logs: list[OpenLog], refused: Refused, as_of: str | None, given: Arguments) -> dict[str, Any]:
    """The queues of all logs in one, each row with its log."""
    wanted = Wanted(
        flags=tuple(f for f in given.get("flag", "").split(",") if f),
        severity=given.get("severity"),
        state=given.get("state"),
        org=given.get("org"),
        person=given.get("person"),
    )

    def queue(log: OpenLog, at: Axes) -> list[_Row]:
        return [{"log": log.home.name, **row} for row in flag_queue(log.ledger, at.as_of, at.known_at, wanted)["rows"]]

    rows, told = _over(logs, refused, as_of, queue)
    return {**told, "rows": rows}


def patterns(logs: list[OpenLog], refused: Refused, as_of: str | None) -> dict[str, Any]:
    """Credit codes that several logs know: their awards, revocations and incidents side by side."""
    found, told = _over(logs, refused, as_of, _counts)
    seen: dict[str, list[_Row]] = {}
    for row in found:
        seen.setdefault(row.pop("uscc"), []).append(row)
    rows = [
        {"uscc": code, "logs": len(places), "places": places}
        for code, places in sorted(seen.items())
        if len(places) > 1
    ]
    return {**told, "rows": rows}


_COUNTED = (AwardGranted, AwardRevoked, IncidentRecorded)


def _counts(log: OpenLog, at: Axes) -> list[_Row]:
    """Each organisation with a credit code, and how often each of what is counted has happened to it."""
    rows = []
    for _, p in log.ledger.acts(PrincipalRegistered, until=at.known_at):
        if p.uscc is None:
            continue
        own = DCBQuery([DCBQueryItem(types=topics(*_COUNTED), tags=[f"o:{p.principal_id}"])])
        happened = [
            type(e.statement.payload)
            for e in log.ledger.events(own, until=at.known_at)
            if e.statement.effective_on <= at.as_of
        ]
        count = {kind.SPEC.topic: happened.count(kind) for kind in _COUNTED}
        rows.append({"uscc": p.uscc, "log": log.home.name, "org": p.principal_id, "name": p.org_name, **count})
    return rows


def _over(
    logs: list[OpenLog], refused: Refused, as_of: str | None, ask: Callable[[OpenLog, Axes], list[_Row]]
) -> tuple[list[_Row], dict[str, Any]]:
    """The rows of every log that answers, and by which heads; with the logs that do not, and why.

    One stops no other.
    """
    rows: list[_Row] = []
    heads: dict[str, Any] = {}
    broken = dict(refused)
    for log in logs:
        try:
            at = axes(log, as_of, None)
            found, head = ask(log, at), {**at.to_json(), **head_at(log, at.known_at)}
        except EvidenceError as error:
            broken[log.home.name] = error
            continue
        rows += found
        heads[log.home.name] = head
    not_asked = {name: {"code": e.code, "zh": e.zh, "en": e.en} for name, e in sorted(broken.items())}
    return rows, {"logs": heads, "not_asked": not_asked}
