"""A log of a home, as ``rongjian generate`` begins one, grown by a made-up history to any size; and statements besides,
always of the same mixture, about the organisations of that history.
"""

from __future__ import annotations

import random
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from api.generate.history import Drafted, History
from api.generate.lines import act
from api.generate.recording import StoryClock, batches
from api.generate.terms import Terms, terms_of
from api.home.bootstrap import LogHome, create_log, note_restored, open_log
from api.home.demo import hand_out
from api.home.settings import Settings
from api.scenario.defaults import Filler, Memory
from api.scenario.document import Act
from api.scenario.signing import Hand
from ledger.application import Ledger
from ledger.documents import PACK_MEDIA_TYPE
from ledger.entry import frame
from ledger.errors import RongjianError
from ledger.events.vocabulary import EVENTS
from ledger.submission import Receipt, Submission
from tests.small_home import own_database, settings_of

REGULATION, APPLICANTS, SEED = "ganzhou", 12, 19
#: Editions of a history, as a city comes to in forty years, and entries that one of an edition's applicants makes at
#: least: it is told only as far as asked.
EDITIONS, EACH = 40, 20
#: Entries that are taken over at once where a log is grown without decisions.
RESTORED = 5_000
#: Of a hundred statements of the mixture: annulments by target, and persons with restricted fields; the others are
#: incidents.
ANNULLED, PERSONS = 2, 18


@dataclass
class Grown:
    """One log and what is still to be told of its history."""

    settings: Settings
    url: str
    home: LogHome
    ledger: Ledger
    clock: StoryClock
    history: History
    terms: Terms
    _told: Iterator[list[Drafted]] = field(init=False)
    _hand: Hand = field(init=False)
    _orgs: list[str] = field(default_factory=list)
    _number: int = 0

    def __post_init__(self) -> None:
        self._told = batches(self.history.drafted())
        memory = Memory({self.terms.name: self.terms.pack})
        self._hand = Hand(
            self.home.origin,
            self.history.cast,
            self.terms.pack,
            memory,
            Filler(self.history.cast, self.terms.pack, memory),
        )

    # Growing

    def admit(self, size: int) -> None:
        """Let the history go on, decided like anybody's statements, until the log has so many entries."""
        for batch in self._batches(size):
            checked(self.ledger.submitting.record_many([one.submission for one in batch]))
        self.ledger.heads.sign(self.ledger.log.head())

    def restore(self, size: int) -> None:
        """The same without deciding: entries as they would have been recorded, as of a mirror that is trusted."""
        waiting: list[bytes] = []
        first = self.ledger.size() + 1
        for batch in self._batches(size):
            waiting += [frame(one.submission.envelope_bytes, one.instant) for one in batch]
            if len(waiting) >= RESTORED:
                self.ledger.restore(waiting)
                waiting = []
        if waiting:
            self.ledger.restore(waiting)
        if self.ledger.size() >= first:
            note_restored(self.home, first, self.ledger.size())
        self.ledger.heads.sign(self.ledger.log.head())

    def _batches(self, size: int) -> Iterator[list[Drafted]]:
        have = self.ledger.size()
        while have < size:
            batch = next(self._told)
            self.clock.advance(batch[-1].instant)
            self._orgs += [str(one.act.members["org"]) for one in batch if one.act.do == "ApplicationFiled"]
            have += len(batch)
            yield batch

    # What is submitted besides

    def mixture(
        self, count: int, on: date | None = None, now: Callable[[], datetime] | None = None
    ) -> list[Submission]:
        """So many statements, signed: incidents (half of them with a restricted text), persons with restricted fields,
        and annulments of what is before them. The same mixture however large the log is.
        """
        instant, made, targets = now or self.clock, list[Submission](), list[str]()
        day = on or self.clock().date()
        drawn = random.Random(self._number)
        for _ in range(count):
            self._number += 1
            kind = self._number % 100
            key = f"mixture/{secrets.token_hex(4)}/{self._number}"
            event = self.history.cast.statement_id(key, instant())
            if kind >= 100 - ANNULLED and targets:
                told = act("EventAnnulled", day, target=targets.pop(0), effect="void_ab_initio", reason="error")
            elif kind >= 100 - ANNULLED - PERSONS:
                told = self._person(day, key)
            else:
                told = self._incident(day, key, drawn)
                targets.append(event)
            made.append(self._hand.submission(told, EVENTS[told.do], key, event)[0])
        return made

    def _person(self, day: date, key: str) -> Act:
        return act(
            "PrincipalRegistered",
            day,
            principal_id=f"x{key.replace('/', '-')}",
            kind="person",
            person_name=f"某{self._number}（演示）",
            id_number=f"X{key}",
        )

    def _incident(self, day: date, key: str, drawn: random.Random) -> Act:
        details = {"details": f"事由 {self._number}（演示）"} if self._number % 2 else {}
        return act(
            "IncidentRecorded",
            day,
            by="dep",
            org=drawn.choice(self._orgs),
            incident_id=f"INC-{key.replace('/', '-')}",
            category="service_quality",
            authority="x",
            also={"severity": "general", **details},
        )


@contextmanager
def a_grown_log(database_url: str, *, applicants: int = APPLICANTS, editions: int = EDITIONS) -> Iterator[Grown]:
    """A home with a database of its own and one log, whose history has not begun. Heads bear both signatures, and the
    newest one goes into its file, as the product ships it.
    """
    with tempfile.TemporaryDirectory(prefix="rongjian-grown-") as folder, own_database(database_url) as url:
        settings = settings_of(Path(folder), url)
        origin = "bench.rongjian.example/grown"
        terms = terms_of(REGULATION)
        home = create_log(settings, url, "grown", origin)
        history = History(origin, terms, editions=editions, applicants=applicants, seed=SEED)
        clock = StoryClock()
        ledger = open_log(settings, url, home, clock)
        hand_out(home, history.cast)
        ledger.documents.store(terms.pack_bytes, PACK_MEDIA_TYPE)
        grown = Grown(settings, url, home, ledger, clock, history, terms)
        try:
            yield grown
        finally:
            # Others are told of the last commit first.
            time.sleep(0.1)
            grown.ledger.close()


def checked(outcomes: Sequence[object]) -> None:
    """Raise the first refusal."""
    for outcome in outcomes:
        if isinstance(outcome, RongjianError):
            raise outcome


def receipts(outcomes: Sequence[Receipt | RongjianError]) -> None:
    """The same where each has its receipt; their positions follow one another."""
    checked(outcomes)
    positions = [outcome.position for outcome in outcomes if isinstance(outcome, Receipt)]
    assert positions == list(range(positions[0], positions[0] + len(positions)))
