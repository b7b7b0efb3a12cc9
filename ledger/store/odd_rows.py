"""Rows with values that this program never writes: computing with them raises EvidenceError, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ledger.errors import InvariantError, RongjianError, SpoiltError
from ledger.sentences import sentence

#: What a computation raises over a value that nobody would have written.
ODD: tuple[type[Exception], ...] = (
    RongjianError,
    ArithmeticError,
    InvariantError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@contextmanager
def reading_rows() -> Iterator[None]:
    """Raise EvidenceError (``log_spoilt``) where rows cannot even be computed with; errors of ours leave as they
    are.
    """
    try:
        yield
    except RongjianError:
        raise
    except ODD as error:
        said = f"{type(error).__name__}: {error}"[:200]
        raise SpoiltError(
            "log_spoilt",
            sentence("rows of this log hold what cannot be computed with ({said}); run rongjian verify", said=said),
        ) from error
