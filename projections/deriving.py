"""Readers call folds here: what one subject makes a fold raise is an answer about this subject alone.

A fold is a pure function of what is live and the law, so whatever it raises is about its subject: a fault of ours, or a
record that nobody foresaw. It stays with the subject, named as not derivable, and the others are answered. Nothing of
the environment is caught: the database, a stored entry that does not fit, memory. A warning goes with each, so that the
tests, for which warnings are errors, hide none.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Never, TypeVar

from ledger.derivation.answer import Answer, NotDerivable
from ledger.errors import InvariantError, RongjianError
from ledger.regulation.periods import UnknownCalendarYearError
from projections.sentences import sentence

T = TypeVar("T")

#: What a computation on values raises where it is wrong about them, and the refusals of our own parsers.
FAULTS: tuple[type[Exception], ...] = (
    RongjianError,
    UnknownCalendarYearError,
    ArithmeticError,
    InvariantError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class NotDerivableWarning(RuntimeWarning):
    """An answer could not be derived; the message names it."""


def derived(what: str, derivation: Callable[[], Answer[T]]) -> Answer[T]:
    """The answer of a fold; NotDerivable where the fold fails. ``what`` names fact and subject."""
    try:
        return derivation()
    except FAULTS as error:
        return not_derivable(what, error)


def not_derivable(what: str, error: Exception) -> Answer[Never]:
    """The answer in place of one that failed."""
    return Answer(fault(what, error))


def fault(what: str, error: Exception) -> NotDerivable:
    """What stands where something failed. The kind of the fault is told, what it was about is for the warning."""
    warnings.warn(f"{what}: {type(error).__name__}: {error}", NotDerivableWarning, stacklevel=2)
    name = error.code if isinstance(error, RongjianError) else type(error).__name__
    return NotDerivable(
        name,
        *sentence(
            "this could not be derived ({name}); nothing else is affected, tell the operator of the ledger", name=name
        ),
    )
