"""The signed statement: what an actor signs, parsed once and strictly (docs/spec, section 2).

Members: type, schema, log, id, actor, role, effective_at, basis, causes, evidence, payload, sd, and where they
apply late and override. Absent members are left out; null appears nowhere. Tags are not among them: they are
a pure function of the statement, computed here, so that no signer can slip out of a consistency boundary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal, ParamSpec

import msgspec
from msgspec import Meta

from ledger import canonical, disclosure
from ledger.errors import MalformedError
from ledger.events.after_award import HigherAwardRecorded, IncidentRecorded
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AnnouncementPublished, AwardGranted, GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, EditionOpened
from ledger.events.evaluation import CandidateListProposed, CommitteeResolutionAdopted
from ledger.events.identity import GenesisDeclared, PrincipalRegistered
from ledger.events.kinds import Hash, Id, RoleCode, Text
from ledger.events.misfits import in_chinese
from ledger.events.money import ClawbackOrdered
from ledger.events.notice import ObjectionRaised, PublicNoticeOpened
from ledger.events.oversight import OversightFindingIssued
from ledger.events.registry import (
    EventSpec,
    Payload,
    Restricted,
    decode_payload,
    event_class,
    newest_schema,
    prepare,
    upcasted,
    values_at,
)
from ledger.events.vocabulary import EVENTS  # noqa: F401  (registers the vocabulary)
from ledger.identifiers import YEAR_MAX, YEAR_MIN, parse_effective, parse_origin, parse_statement_id
from ledger.sentences import sentence

M = ParamSpec("M")

#: Most events that one statement answers or rests on; a shortlist of 8 cites a few dozen reports.
CAUSES_MAX = 500
#: Most tags of one statement: cases of an edition and members of its panel.
TAGS_MAX = 2_000

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.+Z-]*)?", re.ASCII)

_YEAR = re.compile(rb'"([0-9]{4})-[0-9]{2}-[0-9]{2}')

Article = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,40}:.{1,80}$(?!\n)", description="<pack>:<article>")]


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A document by hash; class P may be shown, R is restricted."""

    sha256: Hash
    label: Text
    class_: Literal["P", "R"] = msgspec.field(name="class")


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a statement is recorded long after the fact."""

    kind: Literal["delayed", "legacy_import"]
    reason: Text


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why an act that a guard refuses is recorded all the same; SUP or GOV signs too."""

    reason: Text
    instrument_no: Text


class _Members(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    type: str
    schema: int
    log: str
    id: str
    actor: Id
    role: RoleCode
    effective_at: str
    basis: list[Article]
    causes: list[str]
    evidence: list[Evidence]
    sd: dict[str, str]
    late: Late | None = None
    override: Override | None = None


class _Wire(_Members, frozen=True, forbid_unknown_fields=True, kw_only=True):
    payload: dict[str, Any]


class _Recorded(_Members, frozen=True, forbid_unknown_fields=True, kw_only=True):
    payload: msgspec.Raw


prepare(_Wire)
_RECORDED = msgspec.json.Decoder(_Recorded)


class Statement(msgspec.Struct, frozen=True):
    """A parsed statement; ``body`` are the bytes that were signed and that stay in the log.

    ``spec`` is of the schema version that was signed: its tags, seats and restricted members. ``payload`` is as the
    newest version has it.
    """

    body: bytes
    spec: EventSpec
    id: str
    type: str
    log: str
    actor: str
    role: RoleCode
    effective_at: str
    effective_on: date
    effective_instant: datetime | None
    basis: tuple[str, ...]
    causes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    payload: Payload
    sd: Mapping[str, str]
    late: Late | None
    override: Override | None
    tags: tuple[str, ...]


def parse(body: bytes) -> Statement:
    """Parse the exact bytes of a statement. Raises MalformedError naming the member at fault."""
    value = canonical.parse_canonical(body, "statement")
    if not _has_usual_members(body):
        _check_members(value, "")
    try:
        wire = msgspec.convert(value, _Wire, strict=True)
    except msgspec.ValidationError as error:
        raise MalformedError(
            "malformed_statement",
            sentence("statement: {error}", error=(in_chinese(str(error)), str(error))),
            field=str(error),
        ) from error
    cls = event_class(wire.type, wire.schema)
    payload = decode_payload(cls, wire.payload)
    parse_origin(wire.log)
    parse_statement_id(wire.id)
    for cause in wire.causes:
        parse_statement_id(cause)
    if len(wire.causes) > CAUSES_MAX:
        raise MalformedError(
            "too_many_causes",
            sentence("causes: at most {causes_max}", causes_max=CAUSES_MAX),
            field="causes",
        )
    _check_commitments(cls, wire.sd)
    return _statement(body, wire, payload)


def parse_again(body: bytes) -> Statement:
    """The statement of bytes that :func:`parse` has accepted before and that are known to be the same since: what it
    checks is checked no more.
    """
    recorded = _RECORDED.decode(body)
    cls = event_class(recorded.type, recorded.schema)
    return _statement(body, recorded, _decoder(cls).decode(recorded.payload))


@cache
def _decoder(cls: type[Payload]) -> msgspec.json.Decoder[Payload]:
    return msgspec.json.Decoder(cls)


def _statement(body: bytes, members: _Members, payload: Payload) -> Statement:
    effective_on, instant = parse_effective(members.effective_at)
    return Statement(
        body=body,
        spec=payload.SPEC,
        id=members.id,
        type=members.type,
        log=members.log,
        actor=members.actor,
        role=members.role,
        effective_at=members.effective_at,
        effective_on=effective_on,
        effective_instant=instant,
        basis=tuple(members.basis),
        causes=tuple(members.causes),
        evidence=tuple(members.evidence),
        payload=upcasted(payload),
        sd=members.sd,
        late=members.late,
        override=members.override,
        tags=tags_of(payload, members.actor),
    )


def draw_up(
    *,
    type: str,  # noqa: A002  (the member's name in the format)
    log: str,
    id: str,  # noqa: A002
    actor: str,
    role: str,
    effective_at: str,
    payload: Mapping[str, object],
    basis: tuple[str, ...] = (),
    causes: tuple[str, ...] = (),
    evidence: tuple[Mapping[str, str], ...] = (),
    sd: Mapping[str, str] | None = None,
    late: Mapping[str, str] | None = None,
    override: Mapping[str, str] | None = None,
) -> bytes:
    """The canonical bytes of a statement, looked at by nobody yet: who records it parses it."""
    value: dict[str, object] = {
        "type": type,
        "schema": newest_schema(type),
        "log": log,
        "id": id,
        "actor": actor,
        "role": role,
        "effective_at": effective_at,
        "basis": list(basis),
        "causes": list(causes),
        "evidence": [dict(item) for item in evidence],
        "payload": dict(payload),
        "sd": dict(sd or {}),
    }
    if late is not None:
        value["late"] = dict(late)
    if override is not None:
        value["override"] = dict(override)
    return canonical.encode(value)


def _looked_at(draw: Callable[M, bytes]) -> Callable[M, bytes]:
    def composed(*args: M.args, **members: M.kwargs) -> bytes:
        body = draw(*args, **members)
        parse(body)
        return body

    return composed


#: The canonical bytes of a statement from its members, checked as :func:`parse` will check them.
compose = _looked_at(draw_up)


def tags_of(payload: Payload, actor: str) -> tuple[str, ...]:
    """The tags of a statement: by its event's tag list, its editions through its cases, and its actor."""
    tags = {f"by:{actor}"}
    for kind, path in payload.SPEC.tags:
        for item in values_at(payload, path):
            tags.add(f"{kind}:{item}")
            if kind == "c":
                tags.add(f"ed:{edition_of(str(item))}")
    if len(tags) > TAGS_MAX:
        raise MalformedError("too_many_tags", sentence("a statement has at most {tags_max} tags", tags_max=TAGS_MAX))
    return tuple(sorted(tags))


#: Acts by which an id comes into being -> the kind of its tag.
INTRODUCES: dict[type[Payload], str] = {
    GenesisDeclared: "p",
    PrincipalRegistered: "p",
    EditionOpened: "ed",
    BodyConstituted: "b",
    ApplicationFiled: "c",
    CandidateListProposed: "l",
    CommitteeResolutionAdopted: "r",
    PublicNoticeOpened: "n",
    ObjectionRaised: "ob",
    GovernmentDecisionMade: "d",
    AwardGranted: "a",
    AnnouncementPublished: "pub",
    ClawbackOrdered: "cb",
    HigherAwardRecorded: "h",
    IncidentRecorded: "in",
    OversightFindingIssued: "f",
}


_INTRODUCES = {act.SPEC.topic: kind for act, kind in INTRODUCES.items()}


def introduced(topic: str, tags: Iterable[str]) -> list[str]:
    """Tags of the ids that an event of a topic brings into being."""
    kind = _INTRODUCES.get(topic)
    return [tag for tag in tags if kind is not None and tag.startswith(f"{kind}:")]


def subject_of(statement: Statement, restricted: Restricted) -> str:
    """Whose value a restricted member is: the actor's, or the principal that a payload member names."""
    if restricted.subject == "actor":
        return statement.actor
    return str(getattr(statement.payload, restricted.subject))


def events_named(statement: Statement) -> set[str]:
    """Ids of the events that a statement names, its causes aside."""
    return {tag[2:] for tag in statement.tags if tag.startswith("x:")}


def edition_of(case_id: str) -> str:
    """A case id carries its edition: ``<edition_id>/<slug>``."""
    return case_id.rpartition("/")[0]


def _check_commitments(cls: type[Payload], sd: Mapping[str, str]) -> None:
    for pointer, commitment in sd.items():
        if pointer not in cls.SPEC.restricted:
            raise MalformedError(
                "unknown_commitment",
                sentence("{topic} has no restricted field {pointer}", topic=cls.SPEC.topic, pointer=pointer),
                field=pointer,
            )
        disclosure.parse_commitment(commitment, pointer)


def _has_usual_members(body: bytes) -> bool:
    """Is there nothing that :func:`_check_members` would refuse? A quick look, which is right where it says so."""
    return b"null" not in body and all(YEAR_MIN <= int(year) <= YEAR_MAX for year in _YEAR.findall(body))


def _check_members(value: object, path: str) -> None:
    """No null anywhere, and no day so far off that a period counted from it would leave the calendar."""
    match value:
        case None:
            raise MalformedError(
                "null_member",
                sentence("{path} is null; leave absent members out", path=path),
                field=path,
            )
        case str():
            if _DAY.fullmatch(value) and not YEAR_MIN <= int(value[:4]) <= YEAR_MAX:
                raise MalformedError(
                    "day_out_of_range",
                    sentence(
                        "{path} {value} lies outside {year_min} to {year_max}",
                        path=path,
                        value=value[:10],
                        year_min=YEAR_MIN,
                        year_max=YEAR_MAX,
                    ),
                    field=path,
                )
        case dict():
            for name, item in value.items():
                _check_members(item, f"{path}/{name}")
        case list():
            for index, item in enumerate(value):
                _check_members(item, f"{path}/{index}")
        case _:
            return
