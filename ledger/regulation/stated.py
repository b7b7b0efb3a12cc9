"""What is stated of a parameter: its value, and the typed ways to read it.

The catalogue (:mod:`ledger.regulation.parameters`) says of what type the value of each path is; a pack that states
another is refused. Code asks for the type that it needs, and asking for another than the catalogue's is a programming
error.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from ledger.errors import InvariantError
from ledger.regulation.tables import Table

R = TypeVar("R", bound=Table)

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    #: The words that the catalogue gives for the path, where it gives any: ``typecheck/words_of_law.py``.
    W = TypeVarWithDefault("W", bound=str, default=str, covariant=True)
else:
    W = TypeVar("W", bound=str, covariant=True)

#: Numbers, amounts in fen and periods; yes or no; text or a word; words; a table or tables. None where none is stated.
Value = bool | int | str | tuple[str, ...] | Table | tuple[Table, ...] | None


class Absence(StrEnum):
    """Why a parameter has no value: the text says nothing, or the text was not seen."""

    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stated(Generic[W]):
    """The value at a path, None where the text gives none; money is in fen."""

    path: str
    value: Value

    @property
    def yes(self) -> bool:
        """Does the text say so? Not where it is silent."""
        if self.value is not None and not isinstance(self.value, bool):
            raise self._other("yes or no")
        return self.value is True

    @property
    def number(self) -> int:
        """The number, amount in fen or length of a period; there must be one."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self._other("a number")
        return self.value

    @property
    def text(self) -> W:
        """The text or word; there must be one."""
        if not isinstance(self.value, str):
            raise self._other("text")
        return cast("W", self.value)

    @property
    def words(self) -> tuple[W, ...]:
        """The words; none where the text is silent."""
        value = () if self.value is None else self.value
        if isinstance(value, tuple):
            words = tuple(v for v in value if isinstance(v, str))
            if len(words) == len(value):
                return cast("tuple[W, ...]", words)
        raise self._other("words")

    def table(self, kind: type[R]) -> R:
        """The table; there must be one."""
        if not isinstance(self.value, kind):
            raise self._other(kind.__name__)
        return self.value

    def rows(self, kind: type[R]) -> tuple[R, ...]:
        """The tables; none where the text is silent."""
        value = () if self.value is None else self.value
        if isinstance(value, tuple):
            rows = tuple(v for v in value if isinstance(v, kind))
            if len(rows) == len(value):
                return rows
        raise self._other(f"rows of {kind.__name__}")

    def _other(self, wanted: str) -> InvariantError:
        return InvariantError(f"{self.path} is not {wanted}: {self.value!r}")


@dataclass(frozen=True, slots=True)
class Parameter(Stated[W]):
    """One stated parameter. ``value`` is None where ``absence`` says why."""

    absence: Absence | None
    article: str | None
    unit: str | None = None
    gap: str | None = None
    note: str | None = None
    rule: str | None = None
