"""Plays a scenario into a ledger: implied boilerplate, then each act, signed and submitted like anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from api.scenario.cast import Cast
from api.scenario.course import Course, Progress, StepRefusedError
from api.scenario.defaults import Filler, Memory
from api.scenario.document import Act, Scenario
from api.scenario.founding import Founding, Implied
from api.scenario.outcome import Outcome
from api.scenario.signing import Hand
from api.scenario.written import INVALID, wrong
from api.sentences import sentence
from ledger.application import Ledger
from ledger.clock import SHANGHAI
from ledger.documents import PACK_MEDIA_TYPE
from ledger.errors import InvariantError, MalformedError, RefusedError
from ledger.events.edition import EditionOpened
from ledger.events.registry import Payload
from ledger.events.vocabulary import EVENTS
from ledger.regulation.pack import Pack
from ledger.submission import Submission

#: Statements of a simulated day start at this time in Shanghai and follow each other by the clock's pace.
_MORNING = time(9, 0, tzinfo=SHANGHAI)


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
        filler = Filler(cast, self.pack, self.memory)
        self._filler = filler
        self._hand = Hand(ledger.origin, cast, self.pack, self.memory, filler)
        self._founding = Founding(cast, self.pack)
        self._declared: set[tuple[str, str]] = set()
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
        for implied in self._founding.log():
            self._imply_at(implied)
        self._publish_calendars(self._scenario.starts)
        enacted = [
            a.members.get("pack", self._scenario.pack) for a in self._scenario.acts if a.do == "RegulationEnacted"
        ]
        if self.pack.status == "in_force" and self._scenario.pack not in enacted:
            self._imply("RegulationEnacted", {})
        for implied in self._founding.reviewers():
            self._imply_at(implied)
        committees = [
            a
            for a in self._scenario.acts
            if a.do == "BodyConstituted" and a.members.get("kind") == "committee" and a.refused is None
        ]
        if not committees:
            self._imply_at(self._founding.committee())

    def _publish_calendars(self, day: date) -> None:
        for implied in self._founding.calendars(day):
            self._imply_at(implied)

    def _imply_at(self, implied: Implied) -> None:
        self._imply(
            implied.do,
            implied.members,
            by=implied.by,
            with_=implied.with_,
            on=implied.on,
            where=implied.where,
        )

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
        return self._hand.submission(act, cls, key, self._cast.statement_id(key, self._clock()))


def _imports(act: Act) -> bool:
    return act.late is not None and act.late.get("kind") == "legacy_import"


def _payload(cls: type[Payload], members: dict[str, object]) -> Payload:
    clear = {k: v for k, v in members.items() if f"/{k}" not in cls.SPEC.restricted}
    return msgspec.convert(clear, cls)
