"""The contract of an event class and the register TOPIC -> class.

An event class is a frozen msgspec struct of its payload; everything else about it (who signs, which tags it
gets, which fields are restricted) is data given to :func:`event`. Topic, schema version and payload of an
accepted event are for ever: a change of shape is a class of the next schema version with an upcaster, never an edit.
What was signed under an earlier version keeps that version's tags, seats and restricted members; folds see the newest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, Literal, TypeVar, get_args

import msgspec

from ledger.errors import InvariantError, MalformedError
from ledger.events.kinds import RoleCode
from ledger.events.misfits import in_chinese
from ledger.sentences import sentence

DisclosureClass = Literal["business", "personal", "interest", "scores", "complainant", "payee", "findings"]


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all payloads: unknown members are errors, absent members are omitted (never null)."""

    SPEC: ClassVar[EventSpec]


@dataclass(frozen=True, slots=True)
class Restricted:
    """A field that enters the log only as a commitment.

    ``subject`` names the payload member (or ``actor``) whose data key encrypts the opening; ``kind`` is the Python type
    of the value, checked like any field; ``disclosure`` who may open it (``ledger/admission/reading_rights.py``).
    """

    kind: object
    subject: str
    disclosure: DisclosureClass


@dataclass(frozen=True, slots=True)
class Seat:
    """One way to sign an event: who originates, who countersigns, and in which special case only."""

    originator: RoleCode
    countersigner: RoleCode | None = None
    only_if: str | None = None


#: What a decision about an event reads besides what is about the same things as the event.
Reads = Literal[
    "past",  # of its organisation: awards, bans, debts, and those whom it succeeds
    "edition",  # all of it
    "editions",  # the founding and every one of them
    "bodies",  # that follow its case though they are of no edition; the cases of the body that it dissolves
    "seats",  # of the persons whom it names
    "own_kind",  # all events of its own type
    "finding",  # the entries and cases that the finding is about which it answers
    "annulled",  # the award and the money that rest on the entry which it annuls
    "erased",  # what an entry is about, and is owed, whose fields it erases, and every open inquiry
]


@dataclass(frozen=True, slots=True)
class EventSpec:
    """What the vocabulary says of one event besides its payload."""

    topic: str
    schema: int
    zh: str
    en: str
    phase: str
    seats: tuple[Seat, ...]
    tags: tuple[tuple[str, str], ...]
    serves: str
    guard: str
    restricted: Mapping[str, Restricted] = field(default_factory=dict)
    #: The version of the derivation (ledger.derivation.version) that knew the type first.
    since: int = 1
    reads: frozenset[Reads] = frozenset()

    def __reduce__(self) -> tuple[Callable[[str, int], EventSpec], tuple[str, int]]:
        """Between processes a spec travels by name: the types of its restricted members cannot be pickled."""
        return _spec_of, (self.topic, self.schema)


_SEAT = re.compile(r"([A-Z]+)(?:\+([A-Z]+))?(?:\[([a-z_]+)\])?")
#: TOPIC -> its classes, that of schema version n at n - 1; and what makes a payload of version n one of n + 1.
_REGISTER: dict[str, list[type[Payload]]] = {}
_UPCASTERS: dict[type[Payload], Callable[[Any], Payload]] = {}


def prepare(kind: object) -> None:
    """Have msgspec build its tables of a type, and of all that it holds, while the one thread that imports is at work.

    It builds them at the first conversion otherwise, and a second thread that sees them half built ends the process.
    """
    with suppress(msgspec.ValidationError):
        msgspec.convert({}, kind)


P = TypeVar("P", bound=Payload)
Q = TypeVar("Q", bound=Payload)


def event(
    topic: str,
    zh: str,
    en: str,
    *,
    signers: str,
    tags: str,
    serves: str,
    guard: str,
    restricted: Mapping[str, Restricted] | None = None,
    upcast: Callable[[Q], Payload] | None = None,
    since: int = 1,
    reads: str = "",
) -> Callable[[type[P]], type[P]]:
    """Register a payload class under its topic; a second class of a topic is its schema version 2, and so on.

    ``upcast`` makes a payload of the version before into one of this class; it is pure, and wanted from version 2 on.
    ``signers`` is written as in the vocabulary: ``SEC+SECH / SUP[sec_concerned]``. ``tags`` is a list of
    ``kind:path``; a path is a member, ``list[]`` or ``list[].member``; absent members give no tag. ``reads`` is a list
    of what a decision about it reads besides (:data:`Reads`).
    """

    def register(cls: type[P]) -> type[P]:
        earlier = _REGISTER.setdefault(topic, [])
        if bool(earlier) != (upcast is not None):
            raise InvariantError(f"topic {topic}: a further schema version, and only that, comes with an upcaster")
        cls.SPEC = EventSpec(
            topic=topic,
            schema=len(earlier) + 1,
            zh=zh,
            en=en,
            phase=cls.__module__.rsplit(".", 1)[-1],
            seats=tuple(_seat(part) for part in signers.split(" / ")),
            tags=tuple(_tag(part) for part in tags.split()),
            serves=serves,
            guard=guard,
            restricted={f"/{name}": value for name, value in (restricted or {}).items()},
            since=since,
            reads=frozenset(_read(word) for word in reads.split()),
        )
        if upcast is not None:
            _UPCASTERS[earlier[-1]] = upcast
        earlier.append(cls)
        for kind in (cls, *(r.kind for r in cls.SPEC.restricted.values())):
            prepare(kind)
        return cls

    return register


def _read(word: str) -> Reads:
    match word:
        case "past" | "edition" | "editions" | "bodies" | "seats" | "own_kind" | "finding" | "annulled" | "erased":
            return word
        case _:
            raise InvariantError(f"what a decision reads: {word}")


def _seat(text: str) -> Seat:
    match = _SEAT.fullmatch(text.strip())
    if match is None:
        raise InvariantError(f"seat {text!r} is malformed")
    return Seat(_role(match[1]), _role(match[2]) if match[2] else None, match[3])


def _role(code: str) -> RoleCode:
    found: RoleCode | None = next((role for role in get_args(RoleCode) if role == code), None)
    if found is None:
        raise InvariantError(f"no role has the code {code}")
    return found


def _tag(text: str) -> tuple[str, str]:
    kind, _, path = text.partition(":")
    return kind, path


def event_class(topic: str, schema: int) -> type[Payload]:
    """The class of a topic and schema version; unknown ones are refused with what is known."""
    versions = _REGISTER.get(topic)
    if versions is None:
        raise MalformedError(
            "unknown_type",
            sentence("“{topic}” is not an event type of this ledger", topic=topic[:60]),
            field="type",
        )
    if not 1 <= schema <= len(versions):
        raise MalformedError(
            "unknown_schema",
            sentence(
                "{topic} has schema versions up to {versions}, not {schema}",
                topic=topic,
                versions=len(versions),
                schema=schema,
            ),
            field="schema",
        )
    return versions[schema - 1]


def _spec_of(topic: str, schema: int) -> EventSpec:
    return event_class(topic, schema).SPEC


@lru_cache(1_000)
def topics(*kinds: type[Payload]) -> tuple[str, ...]:
    """The topics of classes, as a query of the log names them."""
    return tuple(kind.SPEC.topic for kind in kinds)


def newest_schema(topic: str) -> int:
    """The schema version under which statements of a topic are signed now; 1 for a topic that is not known."""
    return len(_REGISTER.get(topic, ())) or 1


def versions(topic: str) -> tuple[type[Payload], ...]:
    """The classes of a topic, that of schema version n at n - 1."""
    return tuple(_REGISTER[topic])


def upcasted(payload: Payload) -> Payload:
    """The payload as its topic's newest schema version has it: what folds and guards see."""
    while (step := _UPCASTERS.get(type(payload))) is not None:
        payload = step(payload)
    return payload


def all_events() -> Mapping[str, type[Payload]]:
    """Every registered event by its newest schema version, in the order of the vocabulary."""
    return {topic: versions[-1] for topic, versions in _REGISTER.items()}


def decode_payload(cls: type[P], data: object) -> P:
    """Convert parsed JSON into a payload; errors name the member and say what was expected."""
    hidden = [name for name in cls.SPEC.restricted if isinstance(data, dict) and name[1:] in data]
    if hidden:
        raise MalformedError(
            "restricted_plaintext",
            sentence(
                "{topic}{hidden} is restricted: put a commitment into sd and send the opening beside",
                topic=cls.SPEC.topic,
                hidden=hidden[0],
            ),
            field=hidden[0],
        )
    try:
        return msgspec.convert(data, cls, strict=True)
    except msgspec.ValidationError as error:
        raise MalformedError(
            "malformed_payload",
            sentence(
                "{topic}: {error}",
                topic=(cls.SPEC.zh, cls.SPEC.en),
                error=(in_chinese(str(error)), str(error)),
            ),
            field=_field_of(str(error)),
        ) from error


def check_restricted(cls: type[Payload], pointer: str, value: object) -> None:
    """Type-check an opened value like any field."""
    restricted = cls.SPEC.restricted[pointer]
    try:
        msgspec.convert(value, restricted.kind, strict=True)
    except msgspec.ValidationError as error:
        raise MalformedError(
            "malformed_payload",
            sentence(
                "{topic}, {pointer}: the opened value does not fit: {error}",
                topic=(cls.SPEC.zh, cls.SPEC.en),
                pointer=pointer,
                error=(in_chinese(f"{error} - at `$.{pointer[1:]}`"), str(error)),
            ),
            field=pointer,
        ) from error


def values_at(payload: object, path: str) -> Iterator[object]:
    """The values at a tag path of a payload; nothing for absent members."""
    head, _, rest = path.partition(".")
    name, many = (head[:-2], True) if head.endswith("[]") else (head, False)
    value = getattr(payload, name)
    for item in (value or ()) if many else (() if value is None else (value,)):
        if rest:
            yield from values_at(item, rest)
        else:
            yield item


def _field_of(message: str) -> str:
    match = re.search(r"`\$\.?([^`]*)`|field `([^`]+)`", message)
    return f"/{(match[1] or match[2] or '').replace('.', '/')}" if match else ""
