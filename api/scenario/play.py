"""Plays a scenario into a ledger: implied boilerplate, then each act, signed and submitted like anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from api.scenario.cast import FOUNDERS, OFFICIALS, SEATED, Cast
from api.scenario.course import Course, Progress, StepRefusedError
from api.scenario.defaults import Filler, Memory
from api.scenario.document import Act, Scenario
from api.scenario.outcome import Outcome
from api.scenario.stand_ins import STAND_INS
from api.scenario.written import INVALID, text, wrong
from api.sentences import sentence
from ledger.application import Ledger
from ledger.clock import SHANGHAI
from ledger.disclosure import Opening
from ledger.documents import PACK_MEDIA_TYPE
from ledger.errors import InvariantError, MalformedError, RefusedError
from ledger.events.edition import EditionOpened
from ledger.events.registry import EventSpec, Payload, Seat
from ledger.events.vocabulary import EVENTS
from ledger.identifiers import parse_uscc
from ledger.regulation.pack import Pack
from ledger.regulation.shipped import CALENDAR_SOURCE, seed_calendars
from ledger.regulation.tables import Seats
from ledger.signing import envelope as dsse
from ledger.statement import compose
from ledger.submission import Submission

#: Statements of a simulated day start at this time in Shanghai and follow each other by the clock's pace.
_MORNING = time(9, 0, tzinfo=SHANGHAI)

#: The next year's calendar is published on this day of the simulated year (month, day).
_CALENDAR_DAY = (12, 1)


class SimulatedClock:
    """A clock that the player sets; it never goes back."""

    def __init__(self, start: date, pace: timedelta = timedelta(seconds=1)) -> None:
        self._now = datetime.combine(start, _MORNING)
        self._pace = pace

    def __call__(self) -> datetime:
        return self._now.astimezone(UTC)

    def advance(self, day: date) -> None:
        """Move on by the pace, or to the morning of a later day."""
        self._now = max(self._now + self._pace, datetime.combine(day, _MORNING))


class Player:
    """One scenario on its way into one ledger."""

    def __init__(self, ledger: Ledger, cast: Cast, packs: dict[str, tuple[Pack, bytes]], clock: SimulatedClock) -> None:
        self._ledger = ledger
        self._cast = cast
        self._scenario: Scenario = cast.scenario
        self._packs = packs
        self._clock = clock
        self.pack = packs[self._scenario.pack][0]
        self.memory = Memory({name: pack for name, (pack, _) in packs.items()})
        self._filler = Filler(cast, self.pack, self.memory)
        self._declared: set[tuple[str, str]] = set()
        self._published: set[int] = set()
        self._implied = 0
        self._reached: datetime | None = None
        self.progress = Progress()
        leaders = [name for name, declared in self._scenario.reviewers.items() if declared.get("leader")]
        self.course = Course(
            self.progress, list(self._scenario.reviewers), leaders[0] if leaders else None, self._play_implied
        )

    def play(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Iterator[Outcome]:
        """Submit everything in order; yields the outcome of each written act. Goes on where an earlier play stopped."""
        self._reached = self._ledger.log.head().last_recorded_at
        for _, data in self._packs.values():
            self._ledger.documents.store(data, PACK_MEDIA_TYPE)
        self._open()
        total = len(self._scenario.acts)
        for number, act in enumerate(self._scenario.acts):
            self._publish_calendars(act.recorded)
            self._declare_before_scoring(act)
            yield self._perform(act, f"act/{number}")
            progress(number + 1, total)
        # Nobody takes a receipt of a play: its head is signed once, over all of it.
        self._ledger.heads.sign(self._ledger.log.head())

    # Boilerplate

    def _open(self) -> None:
        self._genesis()
        for person in self._cast.persons():
            self._enrol(person, "person")
        self._enrol("pub", "pseudonym")
        for org, declared in self._scenario.organisations.items():
            self._enrol(org, "organisation", declared)
        self._publish_calendars(self._scenario.starts)
        enacted = [
            a.members.get("pack", self._scenario.pack) for a in self._scenario.acts if a.do == "RegulationEnacted"
        ]
        if self.pack.status == "in_force" and self._scenario.pack not in enacted:
            self._imply("RegulationEnacted", {})
        for reviewer in self._scenario.reviewers:
            declared = {k: v for k, v in self._scenario.reviewers[reviewer].items() if k != "leader"}
            self._imply("ReviewerQualified", {"reviewer_id": reviewer, **declared}, where=f"reviewers.{reviewer}")
        committees = [
            a
            for a in self._scenario.acts
            if a.do == "BodyConstituted" and a.members.get("kind") == "committee" and a.refused is None
        ]
        if not committees:
            members = self._default_committee()
            constituted = {"kind": "committee", "body_id": "committee", "members": members}
            self._imply("BodyConstituted", constituted, where="committee")

    def _default_committee(self) -> list[dict[str, str]]:
        """The chair, as many vice chairs as the text wants, and the members: of every group that the text names."""
        seats = self.pack.parameter("committee.seats").value
        vices = seats.vice if isinstance(seats, Seats) else 0
        others = [
            *self._scenario.committee,
            *(n for n in ("sech", "dep") if len(self._scenario.committee) < vices),
        ]
        named = [("chr", "chair"), *((n, "vice" if i < vices else "member") for i, n in enumerate(others))]
        groups = self.pack.parameter("committee.composition").words
        capacities = ["department", *(g for g in groups if g != "department"), *("expert" for _ in named)]
        return [{"principal_id": n, "seat": s, "capacity": c} for (n, s), c in zip(named, capacities, strict=False)]

    def _genesis(self) -> None:
        founders = [
            {
                "principal_id": name,
                "kind": "public_body",
                "role": OFFICIALS[name][0],
                "algorithm": "Ed25519",
                "key_id": self._cast.key(name).public.keyid,
                "public_key": self._cast.key(name).public.raw.hex(),
                "org_name": STAND_INS["founder"].format(jurisdiction=self.pack.jurisdiction, role=OFFICIALS[name][0]),
            }
            for name in FOUNDERS
        ]
        members = {
            "mode": self._scenario.mode,
            "jurisdiction": self.pack.jurisdiction,
            "jurisdiction_code": self.pack.jurisdiction_code,
            "founders": founders,
        }
        self._imply("GenesisDeclared", members, by="opr", with_=("gov", "sech"))

    def _enrol(self, principal: str, kind: str, declared: Mapping[str, object] | None = None) -> None:
        where = f"organisations.{principal}" if declared is not None else principal
        members: dict[str, object] = {"principal_id": principal, "kind": kind}
        if declared is not None:
            members |= {
                "org_name": declared["name"],
                "org_form": declared.get("form", "enterprise"),
                **_of_org(declared),
            }
        elif kind == "person":
            members |= {
                "person_name": STAND_INS["person"].format(principal=principal),
                "id_number": f"DEMO-ID-{principal}",
                "contact": f"DEMO-TEL-{principal}",
            }
        self._imply("PrincipalRegistered", members, where=where)
        for role in self._cast.roles(principal):
            if role != "PUB":
                scope = {"scope": {"org": principal}} if role == "APP" else {}
                granter = "gov" if role in ("SECH", "COM", "CHR", "FIN", "SUP", "DIS", "OPR") else "sech"
                self._imply("RoleGranted", {"principal_id": principal, "role": role, **scope}, by=granter, where=where)
        key = self._cast.key(principal)
        members = {
            "principal_id": principal,
            "key_id": key.public.keyid,
            "public_key": key.public.raw.hex(),
            "valid_from": f"{self._scenario.starts}T00:00:00+08:00",
            "valid_until": "2099-12-31T00:00:00+08:00",
        }
        self._imply("KeyRegistered", members, by=principal, where=where)

    def _publish_calendars(self, day: date) -> None:
        """Calendars known by a day: every year up to the current one, and the next from 1 December on."""
        known = day.year + (1 if (day.month, day.day) >= _CALENDAR_DAY else 0)
        for year in sorted(set(seed_calendars()) - self._published):
            if year > known or year < self._scenario.starts.year - 1:
                continue
            self._published.add(year)
            seed = seed_calendars()[year]
            on = max(self._scenario.starts, date(year - 1, *_CALENDAR_DAY))
            members = {
                "year": year,
                "holidays": list(seed.holidays),
                "makeup_workdays": list(seed.makeup_workdays),
                "source_doc_no": CALENDAR_SOURCE,
            }
            self._imply("CalendarPublished", members, on=on)

    def _declare_before_scoring(self, act: Act) -> None:
        """A reviewer who has said nothing declares `none` for the case, at the first score."""
        if act.do == "InterestDeclared" and act.by and act.case:
            self._declared.add((act.by, self.memory.case_id(act, act.case)))
        if act.do == "RecusalOrdered":
            return
        if act.do == "ScoreSubmitted" and act.by and act.case:
            pair = (act.by, self.memory.case_id(act, act.case))
            if pair not in self._declared and act.refused is None and act.override is None:
                self._declared.add(pair)
                self._imply(
                    "InterestDeclared",
                    {"case_id": pair[1]},
                    by=act.by,
                    on=act.on,
                    recorded=act.recorded,
                    where=act.where,
                )

    def _imply(
        self,
        do: str,
        members: Mapping[str, object],
        *,
        by: str | None = None,
        with_: tuple[str, ...] | None = None,
        on: date | None = None,
        recorded: date | None = None,
        where: str = "scenario",
    ) -> None:
        """Record what the file implies; where it is refused, the place of the file that implies it is told."""
        self._implied += 1
        day = on or self._scenario.starts
        act = Act(
            f"implied {do}",
            day,
            recorded or day,
            do,
            by,
            None,
            with_,
            None,
            None,
            None,
            None,
            (),
            (),
            None,
            None,
            members,
        )
        outcome = self._perform(act, f"implied/{self._implied}")
        if outcome.refusal is not None:
            refusal = outcome.refusal
            raise wrong(
                where, sentence("implies {act}, which is refused: {why}", act=do, why=refusal.told)
            ) from refusal

    # Acts

    def _perform(self, act: Act, key: str) -> Outcome:
        cls = EVENTS.get(act.do)
        if cls is None:
            raise wrong(f"{act.where}.do", sentence("there is no event {do}", do=(act.do, repr(act.do))))
        if not self._scenario.complete and act.refused is None and act.override is None and not _imports(act):
            try:
                self.course.before(act, self._foreseen(act, cls, key))
            except StepRefusedError as error:
                return Outcome(act, None, error.refusal, filling=error.step)
        self._clock.advance(act.recorded)
        try:
            submission, members = self._submission(act, cls, key)
            if act.refused is not None and self._reached is not None and self._clock() <= self._reached:
                return Outcome(act, None, None, refused_before=True)
            recorded = self._ledger.submitting.record(submission)
        except RefusedError as error:
            if error.code == INVALID:
                raise
            return Outcome(act, None, error)
        self.memory.remember(act.do, members, act.label, recorded.id)
        payload = _payload(cls, members)
        pack = self.memory.by_hash(payload.pack_hash) if isinstance(payload, EditionOpened) else None
        self.progress.note(payload, act.on, recorded.id, pack or self.pack)
        return Outcome(act, recorded, None)

    def _foreseen(self, act: Act, cls: type[Payload], key: str) -> Payload | None:
        """The payload that an act will have, without using up numbers; None where its members do not fit."""
        with self.memory.untouched():
            try:
                return _payload(cls, self._filler.fill(act, cls, key))
            except (MalformedError, msgspec.ValidationError):
                return None

    def _play_implied(self, act: Act) -> str:
        """One step of the ordinary course; the scenario is at fault if even that is refused, and is told which."""
        self._implied += 1
        self._declare_before_scoring(act)
        outcome = self._perform(act, f"course/{self._implied}")
        if outcome.refusal is not None:
            raise StepRefusedError(outcome.filling or (act.do, act.on), outcome.refusal)
        if outcome.recorded is None:
            raise InvariantError(f"{act.do} was neither recorded nor refused")
        return outcome.recorded.id

    def _submission(self, act: Act, cls: type[Payload], key: str) -> tuple[Submission, dict[str, object]]:
        members = self._filler.fill(act, cls, key)
        openings = [
            Opening(pointer, self._cast.salt(key, pointer), members.pop(pointer[1:]))
            for pointer in cls.SPEC.restricted
            if pointer[1:] in members
        ]
        actor, role, others = self._signers(act, cls.SPEC, members)
        body = compose(
            type=act.do,
            log=self._ledger.origin,
            id=self._cast.statement_id(key, self._clock()),
            actor=actor,
            role=role,
            effective_at=act.on.isoformat(),
            payload=members,
            basis=act.basis,
            causes=tuple(self.memory.event(c) for c in act.causes),
            sd={o.pointer: o.commitment() for o in openings},
            late=act.late,
            override={k: v for k, v in act.override.items() if k != "by"} if act.override else None,
        )
        keys = [self._cast.key(name) for name in dict.fromkeys([actor, *others])]
        envelope = dsse.sign(body, *keys)
        return Submission(envelope, envelope.to_bytes(), {o.pointer: o for o in openings}), members

    def _signers(self, act: Act, spec: EventSpec, members: dict[str, object]) -> tuple[str, str, list[str]]:
        seat = self._seat(act, spec, members)
        actor = act.by or self._default_actor(seat.originator, act, members)
        others = list(act.with_) if act.with_ is not None else []
        if act.with_ is None and seat.countersigner is not None:
            others.append("fin2" if (seat.countersigner == "FIN" and actor == "fin1") else SEATED[seat.countersigner])
        if act.override is not None:
            others.append(act.override.get("by", "sup"))
        return actor, act.role or seat.originator, others

    def _seat(self, act: Act, spec: EventSpec, members: dict[str, object]) -> Seat:
        seats = list(spec.seats)
        if act.role is not None:
            seats = [s for s in seats if s.originator == act.role] or seats
        elif act.by is not None:
            held = self._cast.roles(act.by)
            seats = [s for s in seats if s.originator in held] or seats
        if len(seats) > 1:
            prefer = _PREFERRED.get(act.do)
            preferred = prefer(members, self.pack) if prefer else None
            seats = [s for s in seats if s.originator == preferred] or seats
        return seats[0]

    def _default_actor(self, role: str, act: Act, members: dict[str, object]) -> str:
        if role == "APP":
            return str(members.get("org") or members.get("principal_id"))
        if role in ("LEAD", "REV"):
            return self.memory.panel_leader
        return SEATED[role]


def _imports(act: Act) -> bool:
    return act.late is not None and act.late.get("kind") == "legacy_import"


def _payload(cls: type[Payload], members: dict[str, object]) -> Payload:
    clear = {k: v for k, v in members.items() if f"/{k}" not in cls.SPEC.restricted}
    return msgspec.convert(clear, cls)


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


def _of_org(declared: Mapping[str, object]) -> dict[str, object]:
    known = {k: declared[k] for k in ("sector", "reg_place", "established_on") if k in declared}
    return known | {"uscc": parse_uscc(text(declared["uscc"], "organisations.uscc"))}
