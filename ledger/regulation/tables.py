"""The tables that values of parameters are made of: one class a parameter, whose members are those a pack may state.

A pack's table becomes one of these where it is parsed, so that code which reads a rule can name no member that the
rule does not have. Members that are not stated are None, and left out wherever a value is shown as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

from ledger.errors import InvariantError
from ledger.regulation.words import CATEGORY, SEVERITY, STEPS

MemberKind = Literal["int", "yuan", "bool", "text", "names", "word"]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a table: its type, whether it must stand, and its words where it is an enumeration.

    ``yuan`` is a whole amount in yuan, kept in fen; ``names`` a list of texts; ``word`` one of ``words``.
    """

    kind: MemberKind
    required: bool = True
    words: frozenset[str] = frozenset()


#: An amount: in yuan in the pack, in fen here.
Fen = Annotated[int, "yuan"]
StepWord = Annotated[str, frozenset(STEPS)]
CategoryWord = Annotated[str, frozenset(CATEGORY.split())]
SeverityWord = Annotated[str, frozenset(SEVERITY.split())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Base of the tables. The order of the members is the one in which they are shown."""

    def members(self) -> dict[str, object]:
        """What is stated, by its name in the pack."""
        told = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in told if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Table):
    """A step of the procedure."""

    step: StepWord
    article: str
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats(Table):
    """How many chair the committee, and how many are their deputies."""

    chair: int
    vice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorGroup(Table):
    """Sectors that share places."""

    group: str
    sectors: tuple[str, ...]
    max: int

    @property
    def among(self) -> tuple[str, ...]:
        return self.sectors


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeGroup(Table):
    """Sizes of organisations that share places."""

    group: str
    sizes: tuple[str, ...]
    max: int

    @property
    def among(self) -> tuple[str, ...]:
        return self.sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDays(Table):
    """How many days a review on site takes."""

    min: int
    max: int
    usual: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria(Table):
    """What a reviewer must have."""

    degree_or_senior_title: bool | None = None
    years_experience: int | None = None
    trained: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Table):
    """What lengthens a public notice, by how much, and how often."""

    amount: int
    unit: Literal["day", "working_day"]
    when: Literal["objection", "announcement"]
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp(Table):
    """What a first win of a kind brings after a win of another."""

    after: str
    award: str
    amount: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperiorBonus(Table):
    """What a higher award brings."""

    level: Literal["city", "province", "national"]
    kind: str
    amount: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class PrizePart(Table):
    """A part of a prize that is paid in instalments, and after what."""

    percent: int
    after: Literal["grant", "report", "reassessment"]
    months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReapplyRule(Table):
    """When a winner may apply for the same kind again."""

    kind: Literal["after_expiry", "gap_editions", "at_once", "after_months"]
    editions: int | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchWindow(Table):
    """How long after an award a fact can be a ground of its revocation."""

    kind: Literal["validity", "years", "months"]
    years: int | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClawbackPart(Table):
    """Which part of a prize is clawed back."""

    kind: Literal["share", "remaining_months"]
    percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcellenceModel(Table):
    """Must an applicant run a model of excellence, and for how many years?"""

    required: bool
    years: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRule(Table):
    """A certificate that an applicant must hold."""

    id: str
    kinds: tuple[str, ...]
    years: int | None = None
    applies: Literal["all", "for_profit"] | None = None
    article: str
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyCondition(Table):
    """The figures that an applicant must have."""

    kind: Literal["no_loss", "profit", "tax_per_mu"]
    years: int | None = None
    industrial_tax_per_mu_yuan: int | None = None
    sectors: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCondition(Table):
    """A condition that the office checks."""

    id: str
    article: str
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookbackRule(Table):
    """Facts before the filing that disqualify."""

    category: CategoryWord
    severity: SeverityWord
    levels: tuple[str, ...] | None = None
    article: str
    rule: str | None = None
    months: int | None = None
    standing: bool | None = None
    human: bool | None = None


_PLAIN: Mapping[object, MemberKind] = {int: "int", bool: "bool", str: "text", tuple[str, ...]: "names"}


def members_of(table: type[Table]) -> dict[str, Member]:
    """What a pack may state in a table of this class, in order: what has no default must stand."""
    hints = get_type_hints(table, include_extras=True)
    return {f.name: _member(f.name, hints[f.name], required=f.default is MISSING) for f in fields(table)}


def _member(name: str, hint: object, *, required: bool) -> Member:
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (t for t in get_args(hint) if t is not NoneType)
    match get_args(hint):
        case (_, frozenset() as words) if get_origin(hint) is Annotated:
            return Member("word", required, words)
        case (_, "yuan") if get_origin(hint) is Annotated:
            return Member("yuan", required)
        case words if get_origin(hint) is Literal:
            return Member("word", required, frozenset(words))
    if hint not in _PLAIN:
        raise InvariantError(f"the member {name} of a table has a type that no pack can state: {hint}")
    return Member(_PLAIN[hint], required)


def needed(number: int | None) -> int:
    """A number that the kind of its table needs: a pack without it was refused."""
    if number is None:
        raise InvariantError("a table states no number that its kind needs")
    return number
