"""Who applies for an edition: newcomers, those who try again, and winners of long ago whom the text lets come back."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta

from api.generate.chances import Chances
from api.generate.names import Organisation, Organisations
from api.generate.terms import Terms

#: Of an edition's applicants so many have tried before, where there are that many.
_AGAIN = 0.45
#: One of so many editions sees a winner of long ago come back.
_COMEBACK = 3
#: A text that counts editions in between wants at most so many.
_EDITIONS_BETWEEN = 3


@dataclass(frozen=True, slots=True)
class Applicant:
    """An organisation that applies: registered before, or ``new``; ``won`` is the kind of award that it had before."""

    organisation: Organisation
    new: bool
    won: str | None = None


@dataclass(frozen=True, slots=True)
class _Resting:
    """A winner of an edition, until it may apply again."""

    number: int
    kind: str
    free_from: date
    edition: int


class Field:
    """Everybody who might apply; who has tried in vain too often is forgotten."""

    def __init__(self, terms: Terms, organisations: Organisations, chances: Chances, applicants: int) -> None:
        self._terms = terms
        self._organisations = organisations
        self._chances = chances
        self._applicants = applicants
        self._next = 1
        self._trying: deque[int] = deque(maxlen=2 * applicants)
        self._resting: deque[_Resting] = deque(maxlen=2 * applicants)

    def of_an_edition(self, edition: int, begins: date) -> list[Applicant]:
        """Who applies for the edition of a number, in the order of their filing."""
        several = []
        if self._chances.once_in(_COMEBACK, "comeback"):
            several += self._come_back(edition, begins)
        again = min(int(self._applicants * _AGAIN), len(self._trying))
        for _ in range(again):
            several.append(Applicant(self._organisations.made(self._trying.popleft()), new=False))
        while len(several) < self._applicants:
            several.append(Applicant(self._organisations.made(self._next), new=True))
            self._next += 1
        return self._chances.some_of(several, len(several))

    def _come_back(self, edition: int, begins: date) -> list[Applicant]:
        for resting in self._resting:
            if resting.free_from <= begins and resting.edition + _EDITIONS_BETWEEN <= edition:
                self._resting.remove(resting)
                return [Applicant(self._organisations.made(resting.number), new=False, won=resting.kind)]
        return []

    def did_not_win(self, organisation: Organisation) -> None:
        """Two of three try again, once the edition is over."""
        if self._chances.happens(0.67):
            self._trying.append(int(organisation.id[1:]))

    def won(self, organisation: Organisation, kind: str, granted: date, edition: int) -> None:
        """A winner rests until the award has run out, and longer."""
        years = self._terms.validity + 1
        free = granted + timedelta(days=366 * years)
        self._resting.append(_Resting(int(organisation.id[1:]), kind, free, edition))
