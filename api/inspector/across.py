"""Several logs at once, as a province looks at its cities: by credit code, by flag; each log keeps its own proofs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeVar

from api.home.open_logs import OpenLog
from api.inspector.answers import Row
from api.inspector.inquiry import Arguments, head_at
from api.sentences import sentence
from api.v1.axes import Axes, axes
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.answer import plain
from ledger.derivation.bans import Bans
from ledger.errors import EvidenceError, NotFoundError, RongjianError
from ledger.events.after_award import AwardRevoked, IncidentRecorded
from ledger.events.decision import AwardGranted
from ledger.events.identity import PrincipalRegistered
from ledger.events.registry import topics
from ledger.identifiers import parse_uscc
from projections.as_of import Told, tell
from projections.facts import ORG_BANS, ORG_STANDING
from projections.inquiry.flag_queue import Wanted, flag_queue
from projections.org_standing import OrgStanding

Refused = Mapping[str, RongjianError]

R = TypeVar("R")


class Across(TypedDict):
    """What several logs answer: their heads by name, those that could not be asked, and the rows of the others."""

    logs: Mapping[str, object]
    not_asked: Mapping[str, Mapping[str, str]]
    rows: Sequence[Row]


class OrganisationAcross(Across):
    """An organisation in several logs, and the bans of one that reach beyond it."""

    uscc: str
    notices: Sequence[Row]


class Over(TypedDict):
    """By which heads logs were asked, and why others were not."""

    logs: Mapping[str, object]
    not_asked: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Registration:
    """An organisation as one log knows it."""

    log: str
    origin: str
    org: str
    name: str | None
    standing: Told[OrgStanding]
    bans: Told[Bans]

    def to_json(self) -> Row:
        return {
            "log": self.log,
            "origin": self.origin,
            "org": self.org,
            "name": self.name,
            "standing": self.standing.to_json(),
            "bans": self.bans.to_json(),
        }


def organisation(logs: list[OpenLog], refused: Refused, uscc: str, as_of: str | None) -> OrganisationAcross:
    """One credit code in every log: standing, bans, and notices of bans that reach beyond the award they come from.

    ``refused`` are logs that cannot be asked; the answer of every function here names them, and those that broke while
    asked.
    """
    code = parse_uscc(uscc)
    found, told = _over(logs, refused, as_of, lambda log, at: _registrations(log, at, code))
    if not found and not told["not_asked"]:
        raise NotFoundError("org_unknown", sentence("no log that you may read here knows {code}", code=code))
    notices = [notice for registration in found for notice in _beyond(registration)]
    return {"uscc": code, **told, "rows": [r.to_json() for r in found], "notices": notices}


def _registrations(log: OpenLog, at: Axes, code: str) -> list[_Registration]:
    return [
        _Registration(
            log.home.name,
            log.ledger.origin,
            p.principal_id,
            p.org_name,
            tell(log.ledger, ORG_STANDING, p.principal_id, at.as_of, at.known_at),
            tell(log.ledger, ORG_BANS, p.principal_id, at.as_of, at.known_at),
        )
        for _, p in log.ledger.acts(PrincipalRegistered, f"u:{code}", until=at.known_at)
    ]


def _beyond(registration: _Registration) -> list[Row]:
    """The bans of an organisation that name other awards."""
    bans = registration.bans.answer
    notices: list[Row] = []
    zh, en = sentence("the ban names other awards; these are decided by their own authorities")
    for ban in bans.value().bans if bans.is_value else ():
        beyond = [s for s in ban.scope if s != "own"]
        if beyond:
            notices.append(
                {
                    "log": registration.log,
                    "org": registration.org,
                    "reaches": beyond,
                    "from": plain(ban.since),
                    "until": plain(ban.until),
                    "cause": ban.cause,
                    "articles": list(ban.articles),
                    "zh": zh,
                    "en": en,
                }
            )
    return notices


def flags(logs: list[OpenLog], refused: Refused, as_of: str | None, given: Arguments) -> Across:
    """The queues of all logs in one, each row with its log."""
    wanted = Wanted(
        flags=tuple(f for f in given.get("flag", "").split(",") if f),
        severity=given.get("severity"),
        state=given.get("state"),
        org=given.get("org"),
        person=given.get("person"),
    )

    def queue(log: OpenLog, at: Axes) -> list[Row]:
        return [{"log": log.home.name, **row} for row in flag_queue(log.ledger, at.as_of, at.known_at, wanted)["rows"]]

    rows, told = _over(logs, refused, as_of, queue)
    return {**told, "rows": rows}


def patterns(logs: list[OpenLog], refused: Refused, as_of: str | None) -> Across:
    """Credit codes that several logs know: their awards, revocations and incidents side by side."""
    found, told = _over(logs, refused, as_of, _counts)
    seen: dict[str, list[Row]] = {}
    for code, place in found:
        seen.setdefault(code, []).append(place)
    rows: list[Row] = [
        {"uscc": code, "logs": len(places), "places": places}
        for code, places in sorted(seen.items())
        if len(places) > 1
    ]
    return {**told, "rows": rows}


_COUNTED = (AwardGranted, AwardRevoked, IncidentRecorded)


def _counts(log: OpenLog, at: Axes) -> list[tuple[str, Row]]:
    """Each credit code with the organisation that has it, and how often each of what is counted has happened to it."""
    rows: list[tuple[str, Row]] = []
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
        rows.append((p.uscc, {"log": log.home.name, "org": p.principal_id, "name": p.org_name, **count}))
    return rows


def _over(
    logs: list[OpenLog], refused: Refused, as_of: str | None, ask: Callable[[OpenLog, Axes], list[R]]
) -> tuple[list[R], Over]:
    """The rows of every log that answers, and by which heads; with the logs that do not, and why.

    One stops no other.
    """
    rows: list[R] = []
    heads: dict[str, object] = {}
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
