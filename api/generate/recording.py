"""A history on its way into a log: in large batches, through the same door as everybody's statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from api.generate.history import Drafted, History
from api.generate.terms import Terms
from api.sentences import sentence
from ledger.application import Ledger
from ledger.documents import PACK_MEDIA_TYPE
from ledger.errors import MalformedError, RongjianError

#: Statements that are decided together.
BATCH = 200
#: A batch is recorded when its last statement was drawn up: nothing waits longer for those that follow it.
_WAITS = timedelta(days=2)
#: The head is signed once in so many batches, and at the end.
_BATCHES_A_HEAD = 50


class StoryClock:
    """The clock of a log into which a story is recorded: it shows what the story has come to."""

    def __init__(self) -> None:
        self._now = datetime(1900, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, instant: datetime) -> None:
        """Go on to an instant, never back."""
        self._now = max(self._now, instant)


@dataclass(slots=True)
class Made:
    """What was recorded so far: entries by the type of their statement; overrides and late entries among them."""

    by_type: Counter[str] = field(default_factory=Counter)
    overridden: int = 0
    late: int = 0

    @property
    def entries(self) -> int:
        return self.by_type.total()

    def add(self, drafted: Drafted) -> None:
        self.by_type[drafted.act.do] += 1
        self.overridden += drafted.act.override is not None
        self.late += drafted.act.late is not None


def batches(drafted: Iterator[Drafted], size: int = BATCH) -> Iterator[list[Drafted]]:
    """Statements that may be recorded together: not too many, and none that has waited long."""
    waiting: list[Drafted] = []
    for one in drafted:
        if waiting and (len(waiting) >= size or one.instant - waiting[0].instant > _WAITS):
            yield waiting
            waiting = []
        waiting.append(one)
    if waiting:
        yield waiting


def record(
    ledger: Ledger, clock: StoryClock, terms: Terms, history: History, progress: Callable[[Made], None] = lambda _: None
) -> Made:
    """Record a whole history into an empty log whose clock is ``clock``; every statement is admitted like any other.

    Raises MalformedError where the log has entries, and the first refusal there is: a history is right, or it is a
    fault of the program.
    """
    if ledger.size():
        raise MalformedError(
            "log_has_entries", sentence("log {log} has entries; a history begins a new one", log=ledger.origin)
        )
    ledger.documents.store(terms.pack_bytes, PACK_MEDIA_TYPE)
    made = Made()
    for number, batch in enumerate(batches(history.drafted()), 1):
        clock.advance(batch[-1].instant)
        for one, outcome in zip(batch, ledger.submitting.record_many([d.submission for d in batch]), strict=True):
            if isinstance(outcome, RongjianError):
                raise outcome
            made.add(one)
        if number % _BATCHES_A_HEAD == 0:
            ledger.heads.sign(ledger.log.head())
        progress(made)
    # Nobody takes a receipt meanwhile.
    ledger.heads.sign(ledger.log.head())
    return made
