"""A case on its way through an edition, and what an edition of a history is made with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from api.generate.chances import Chances
from api.generate.field import Applicant
from api.generate.lines import Mending
from api.generate.names import Organisation
from api.generate.terms import Terms
from ledger.regulation.pack import Pack


@dataclass(slots=True, eq=False)
class Case:
    """One application."""

    id: str
    applicant: Applicant
    kind: str
    #: How good the file is, in points of the full score: scores scatter around it.
    worth: float
    out: bool = False
    #: Reviewers and members of the committee who may not look at it.
    recused: set[str] = field(default_factory=set)
    #: Reviewers who score it although they have not said on the record whether they have an interest in it.
    unsworn: set[str] = field(default_factory=set)
    #: Live scores of the stage that is under way: id -> points.
    scores: dict[str, Decimal] = field(default_factory=dict)
    report: str = ""
    mean: Decimal = Decimal(0)
    award_id: str = ""
    granted: str = ""

    @property
    def organisation(self) -> Organisation:
        return self.applicant.organisation

    @property
    def org(self) -> str:
        return self.applicant.organisation.id

    def averaged(self) -> Decimal:
        """The mean of the live scores, to two decimals."""
        exact = sum(self.scores.values(), Decimal(0)) / len(self.scores)
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Winner:
    """A case that won, and what matters of it afterwards: its prize in fen, and the numbers of what it was handed."""

    case_id: str
    organisation: Organisation
    kind: str
    award_id: str
    granted_on: date
    prize: int
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """An edition: its number and first day, who reviews and who decides, and what is left to chance in it."""

    terms: Terms
    number: int
    begins: date
    reviewers: tuple[str, ...]
    leader: str
    committee: tuple[str, ...]
    chances: Chances
    mending: Mending
    #: Chances of what is rare, which all editions share: once in so many, wherever.
    rare: Chances

    @property
    def id(self) -> str:
        return f"{self.terms.code}-{self.begins.year}-{self.number:03d}"

    @property
    def pack(self) -> Pack:
        return self.terms.pack
