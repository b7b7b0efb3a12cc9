"""Hypotheses as people put them: revoke this award, leave out that score, adopt this reading, let that case win."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime, time
from typing import NotRequired, TypedDict

from api.home.open_logs import OpenLog
from api.inspector.answers import Consequences, Row
from api.inspector.inquiry import Arguments
from api.sentences import sentence
from api.v1.axes import Axes
from ledger.clock import SHANGHAI, system_clock
from ledger.derivation.history import EVER
from ledger.errors import InvariantError, MalformedError, NotFoundError, RongjianError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.vocabulary import EVENTS
from ledger.statement import Statement, compose, edition_of, parse
from projections.as_of import state
from projections.inquiry.hypotheses import consequences, suppose
from projections.inquiry.knowledge import identities
from projections.slices import history_for

#: Acts of one hypothesis.
ACTS_MAX = 50

_PAPER = "0" * 64
#: What stands where a document has its number, in the language of the texts.
_NUMBER = sentence("supposed").in_language("zh")

#: Acts about identities and rules are not supposed: they change who may do what, not what follows.
_PHASES = frozenset({"identity", "rules"})


def what_if(log: OpenLog, at: Axes, given: Arguments) -> Consequences:
    """Consequences of a hypothesis at D, what the rules would say of it today, and which points no text settles."""
    acts, subjects = _acts(log, at, given)
    statements = [_statement(log, at, n, act) for n, act in enumerate(acts)]
    supposed = suppose(log.ledger, at.known_at, statements)
    for statement in statements:
        subjects += subjects_of(log, at, statement)
    if "kind" in given and "subject" in given:
        subjects.append((given["kind"], given["subject"]))
    told = consequences(supposed, at.as_of, subjects)
    main = statements[-1]
    refusal = log.ledger.submitting.foresee(main, system_clock())
    return {
        "supposed": told["supposed"],
        "as_of": told["as_of"],
        "known_at": told["known_at"],
        "consequences": told["consequences"],
        "not_settled": told["not_settled"],
        "refused_today": None if refusal is None else _refused(refusal),
        "rows": [
            {"kind": c["kind"], "subject": c["subject"], "fact": f["fact"], **m}
            for c in told["consequences"]
            for f in c["changed"]
            for m in f["members"]
        ],
    }


def _refused(refusal: RongjianError) -> Row:
    details = {k: v for k, v in refusal.details.items() if v is not None}
    return {"code": refusal.code, "zh": refusal.zh, "en": refusal.en, **details}


class Act(TypedDict):
    """An act that is supposed; by whom, in which role and on which day may be left out."""

    type: str
    payload: Mapping[str, object]
    effective_at: NotRequired[str]
    actor: NotRequired[str | None]
    role: NotRequired[str]


def _acts(log: OpenLog, at: Axes, given: Arguments) -> tuple[list[Act], list[tuple[str, str]]]:
    """The acts of a hypothesis, the one that matters last; and subjects it is about beside those it names."""
    wanted = [name for name in ("revoke", "exclude", "reading", "win", "suppose") if name in given]
    if len(wanted) != 1:
        raise MalformedError(
            "hypothesis_unclear",
            sentence("give exactly one of revoke, exclude, reading, win, suppose"),
            field="suppose",
        )
    match wanted[0]:
        case "revoke":
            return _revoke(log, at, given), []
        case "exclude":
            event = log.ledger.event(given["exclude"])
            return [
                {
                    "type": "EventAnnulled",
                    "payload": {"target": event.statement.id, "reason": "ordered", "effect": "void_ab_initio"},
                }
            ], _of_tags(event.statement)
        case "reading":
            return _reading(at, given), []
        case "win":
            return _win(log, at, given), []
        case _:
            return _given(given["suppose"]), []


def _revoke(log: OpenLog, at: Axes, given: Arguments) -> list[Act]:
    award, ground = given["revoke"], given.get("ground")
    if ground is None:
        raise MalformedError("parameter_missing", sentence("revoke needs ground"), field="ground")
    live, _ = state(history_for(log.ledger, "award", award, at.known_at), log.ledger.packs(), EVER, at.known_at)
    granted = live.last(AwardGranted, award_id=award)
    if granted is None:
        raise InvariantError("an award that was met was never granted")
    org, decision = granted.payload.org, "hypothesis"
    day = at.as_of.isoformat()
    return [
        {
            "type": "RevocationProposed",
            "payload": {"award_id": award, "org": org, "ground": ground, "facts": [granted.id], "report_hash": _PAPER},
        },
        {
            "type": "GovernmentDecisionMade",
            "payload": {
                "decision_id": decision,
                "subject": "revocation",
                "form": "government_study",
                "meeting_or_doc_no": _NUMBER,
                "decided_on": day,
                "approved": [{"award_id": award}],
                "document_hash": _PAPER,
            },
        },
        {
            "type": "AwardRevoked",
            "payload": {
                "award_id": award,
                "org": org,
                "decision_id": decision,
                "ground": ground,
                "effective_on": day,
                "doc_no": _NUMBER,
                "void_from": "effective",
            },
        },
    ]


def _reading(at: Axes, given: Arguments) -> list[Act]:
    missing = [n for n in ("pack", "value") if n not in given]
    if missing:
        raise MalformedError(
            "parameter_missing", sentence("reading needs {missing}", missing=missing[0]), field=missing[0]
        )
    payload = {
        "pack_id": given["pack"],
        "param_path": given["reading"],
        "value": _json(given["value"]),
        "applies_from": given.get("from", at.as_of.isoformat()),
        "retroactive": True,
        "reasoning_hash": _PAPER,
    }
    return [{"type": "RegulationInterpreted", "payload": payload}]


def _win(log: OpenLog, at: Axes, given: Arguments) -> list[Act]:
    case = given["win"]
    live, _ = state(history_for(log.ledger, "case", case, at.known_at), log.ledger.packs(), EVER, at.known_at)
    filed = live.last(ApplicationFiled, case_id=case)
    if filed is None:
        raise InvariantError("a case that was met was never filed")
    kind, day = given.get("award", filed.payload.award), at.as_of.isoformat()
    if live.last(AwardGranted, case_id=case) is not None:
        raise MalformedError("already_granted", sentence("{case} has won", case=case), field="win")
    return [
        {
            "type": "GovernmentDecisionMade",
            "payload": {
                "decision_id": "hypothesis",
                "subject": "award",
                "form": "government_study",
                "meeting_or_doc_no": _NUMBER,
                "decided_on": day,
                "approved": [{"case": case, "award": kind}],
                "document_hash": _PAPER,
            },
        },
        {
            "type": "AwardGranted",
            "payload": {
                "award_id": f"{case.replace('/', '-')}",
                "case_id": case,
                "org": filed.payload.org,
                "award": kind,
                "decision_id": "hypothesis",
                "granted_on": day,
                "doc_no": _NUMBER,
            },
        },
    ]


def _given(text: str) -> list[Act]:
    acts = _json(text)
    if not isinstance(acts, list) or not acts or len(acts) > ACTS_MAX:
        raise _unclear()
    return [_act(a) for a in acts]


def _act(given: object) -> Act:
    """One act as JSON has it, with the members that were given."""
    match given:
        case {"type": kind, "payload": dict(payload), **others} if others.keys() <= {"effective_at", "actor", "role"}:
            act: Act = {"type": str(kind), "payload": payload}
        case _:
            raise _unclear()
    for name, said in others.items():
        match name, said:
            case "effective_at", str():
                act["effective_at"] = said
            case "actor", str() | None:
                act["actor"] = said
            case "role", _:
                act["role"] = str(said)
            case _:
                raise _unclear()
    return act


def _unclear() -> MalformedError:
    return MalformedError(
        "hypothesis_unclear",
        sentence(
            "suppose: a JSON list of up to {acts_max} {{type, payload, effective_at?, actor?, role?}}",
            acts_max=ACTS_MAX,
        ),
        field="suppose",
    )


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedError("not_json", sentence("the value is not JSON"), field="value") from error


def _statement(log: OpenLog, at: Axes, number: int, act: Act) -> Statement:
    """A statement nobody signs; parsed as strictly as one that somebody does."""
    cls = EVENTS.get(act["type"])
    if cls is None or cls.SPEC.phase in _PHASES - {"rules" if act["type"] == "RegulationInterpreted" else ""}:
        raise MalformedError(
            "event_not_supposable",
            sentence("{event_type!r} cannot be supposed", event_type=act["type"][:40]),
            field="type",
        )
    role = act.get("role", cls.SPEC.seats[0].originator)
    body = compose(
        type=act["type"],
        log=log.ledger.origin,
        id=_identity(at, number, act),
        actor=act.get("actor") or _holder(log, at, role),
        role=role,
        effective_at=act.get("effective_at", at.as_of.isoformat()),
        payload=act["payload"],
    )
    return parse(body)


def _holder(log: OpenLog, at: Axes, role: str) -> str:
    """Somebody who holds the role on the day, so that a supposed act is not wrong for who does it."""
    known = identities(log.ledger, at.known_at)
    return next((g.principal_id for g in known.grants if g.role == role and g.held_on(at.as_of)), "hypothesis")


def _identity(at: Axes, number: int, act: Act) -> str:
    """The same hypothesis has the same id: a UUIDv7 of the day asked about and the hash of the act."""
    milliseconds = int(datetime.combine(at.as_of, time(0), tzinfo=SHANGHAI).timestamp() * 1000)
    digest = int.from_bytes(hashlib.sha256(json.dumps([number, act], sort_keys=True).encode()).digest()[:10], "big")
    value = (
        (max(milliseconds, 0) & (2**48 - 1)) << 80
        | 0x7 << 76
        | (digest >> 62 & 0xFFF) << 64
        | 0b10 << 62
        | digest & (2**62 - 1)
    )
    return str(uuid.UUID(int=value))


def _of_tags(statement: Statement) -> list[tuple[str, str]]:
    kinds = {"c": "case", "a": "award", "o": "org", "ed": "edition"}
    return [(kinds[k], v) for k, _, v in (t.partition(":") for t in statement.tags) if k in kinds]


def subjects_of(log: OpenLog, at: Axes, statement: Statement) -> list[tuple[str, str]]:
    """Whom a supposed act concerns: what it names, the organisation of a case, the edition of an award."""
    found = _of_tags(statement)
    for kind, subject in list(found):
        if kind in ("award", "case"):
            try:
                live, _ = state(
                    history_for(log.ledger, kind, subject, at.known_at), log.ledger.packs(), EVER, at.known_at
                )
            except NotFoundError:
                continue
            own = (
                live.last(AwardGranted, award_id=subject)
                if kind == "award"
                else live.last(ApplicationFiled, case_id=subject)
            )
            if own is not None:
                found += [("org", own.payload.org), ("edition", edition_of(own.payload.case_id))]
    return [
        (k, s)
        for k, s in dict.fromkeys(found)
        if not (k == "edition" and isinstance(statement.payload, GovernmentDecisionMade))
    ]
