"""Who signs an act of a scenario, and what they sign: its statement under everybody's keys, with its openings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from api.scenario.cast import SEATED, Cast
from api.scenario.defaults import Filler, Memory
from api.scenario.document import Act
from ledger.disclosure import Opening
from ledger.events.registry import EventSpec, Payload, Seat
from ledger.regulation.pack import Pack
from ledger.signing import envelope as dsse
from ledger.statement import draw_up
from ledger.submission import Submission


class Hand:
    """Signs acts as their seats want it: the originator, a second person, and whoever answers for an override."""

    def __init__(self, origin: str, cast: Cast, pack: Pack, memory: Memory, filler: Filler) -> None:
        self._origin = origin
        self._cast = cast
        self._pack = pack
        self._memory = memory
        self._filler = filler

    def submission(self, act: Act, cls: type[Payload], key: str, event: str) -> tuple[Submission, dict[str, object]]:
        """An act signed under the id ``event``, and the members of its payload; ``key`` names the act for whatever is
        derived from the cast's seed.
        """
        members = self._filler.fill(act, cls, key)
        openings = [
            Opening(pointer, self._cast.salt(key, pointer), members.pop(pointer[1:]))
            for pointer in cls.SPEC.restricted
            if pointer[1:] in members
        ]
        actor, role, others = self._signers(act, cls.SPEC, members)
        body = draw_up(
            type=act.do,
            log=self._origin,
            id=event,
            actor=actor,
            role=role,
            effective_at=act.on.isoformat(),
            payload=members,
            basis=act.basis,
            causes=tuple(self._memory.event(c) for c in act.causes),
            sd={o.pointer: o.commitment() for o in openings},
            late=act.late,
            override={k: v for k, v in act.override.items() if k != "by"} if act.override else None,
        )
        keys = [self._cast.key(name) for name in dict.fromkeys([actor, *others])]
        envelope = dsse.sign(body, *keys)
        return Submission(envelope, envelope.to_bytes(), {o.pointer: o for o in openings}), members

    def _signers(self, act: Act, spec: EventSpec, members: dict[str, object]) -> tuple[str, str, list[str]]:
        seat = self._seat(act, spec, members)
        actor = act.by or self._default_actor(seat.originator, members)
        others = list(act.with_) if act.with_ is not None else []
        if act.with_ is None and seat.countersigner is not None:
            others.append("fin2" if (seat.countersigner == "FIN" and actor == "fin1") else SEATED[seat.countersigner])
        if act.override is not None:
            others.append(act.override.get("by", "sup"))
        return actor, act.role or seat.originator, others

    def _seat(self, act: Act, spec: EventSpec, members: dict[str, object]) -> Seat:
        seats: Sequence[Seat] = spec.seats
        if act.role is not None:
            seats = [s for s in seats if s.originator == act.role] or seats
        elif act.by is not None:
            held = self._cast.roles(act.by)
            seats = [s for s in seats if s.originator in held] or seats
        if len(seats) > 1:
            prefer = _PREFERRED.get(act.do)
            preferred = prefer(members, self._pack) if prefer else None
            seats = [s for s in seats if s.originator == preferred] or seats
        return seats[0]

    def _default_actor(self, role: str, members: dict[str, object]) -> str:
        if role == "APP":
            return str(members.get("org") or members.get("principal_id"))
        if role in ("LEAD", "REV"):
            return self._memory.panel_leader
        return SEATED[role]


def _body_seat(members: dict[str, object], _pack: Pack) -> str:
    match members.get("kind"):
        case "panel":
            return "SECH"
        case "supervision_group":
            return "CHR"
        case _:
            return "GOV"


def _notice_seat(_members: dict[str, object], pack: Pack) -> str:
    return "CHR" if "committee" in pack.parameter("notice.published_by").words else "SEC"


_PREFERRED: dict[str, Callable[[dict[str, object], Pack], str]] = {
    "BodyConstituted": _body_seat,
    "PublicNoticeOpened": _notice_seat,
    "RoleGranted": lambda m, _p: (
        "GOV" if m.get("role") in ("SECH", "COM", "CHR", "FIN", "SUP", "DIS", "OPR") else "SECH"
    ),
    "ObjectionResolved": lambda m, _p: "CHR" if "case_id" in m else "SECH",
    "CaseDisqualified": lambda _m, _p: "CHR",
    "EventAnnulled": lambda _m, _p: "SUP",
    "HigherAwardRecorded": lambda _m, _p: "DEP",
}
