"""Cells that hold one of a few things: true or false, and words of an enumeration by code or by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from api.cells.columns import folded
from api.cells.figures import quoted
from api.cells.table import BLANKS, Cell
from api.languages import languages
from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.sentences import Pair, enumeration, told_in

#: What people and spreadsheets write for yes and no. A plain x is neither: some tick with it, others cross out.
_YES = ("true", "yes", "y", "1", "是", "有", "√", "✓", "✔", "☑")
_NO = ("false", "no", "n", "0", "否", "无", "×", "✗", "✘")


@cache
def _truths() -> Mapping[str, bool]:
    """What people write, and what each language that there is calls yes and no."""
    written = {folded(word): truth for words, truth in ((_YES, True), (_NO, False)) for word in words}
    said = ((sentence("yes"), True), (sentence("no"), False))
    return {folded(word.in_language(each)): truth for word, truth in said for each in languages()} | written


def truth(cell: Cell) -> bool:
    """True or false. Raises MalformedError that says what is accepted."""
    if isinstance(cell, bool):
        return cell
    found = _truths().get(folded(str(cell).strip(BLANKS)))
    if found is None:
        raise MalformedError(
            "cell_not_a_truth",
            sentence(
                "{cell} is neither yes ({yes}) nor no ({no})",
                cell=quoted(cell),
                yes=enumeration(_YES),
                no=enumeration(_NO),
            ),
        )
    return found


def code(cell: Cell, names: Mapping[str, Pair]) -> str | None:
    """The code that a cell means: the code itself, or its name in any language; None where it means none of them.

    Raises MalformedError where a name stands for several.
    """
    text = str(cell).strip(BLANKS)
    exact = [c for c in names if folded(c) == folded(text)]
    found = exact or [
        c for c, name in names.items() if folded(text) in {folded(told_in(each, name)) for each in languages()}
    ]
    if len(found) > 1:
        raise MalformedError(
            "word_ambiguous",
            sentence("{cell} may be {codes}; write the code", cell=quoted(cell), codes=_any_of(found)),
        )
    return found[0] if found else None


def none_of(cell: Cell, names: Iterable[tuple[str, Pair]]) -> MalformedError:
    """A cell that is no word of an enumeration, with the words there are."""
    known = enumeration(_with_code(c, name) for c, name in names)
    return MalformedError("word_unknown", sentence("{cell} is none of: {known}", cell=quoted(cell), known=known))


def _with_code(code: str, name: Pair) -> Pair:
    """A name with its code behind it; the code once, where English calls it so."""
    said = sentence("{name} ({code})", name=name, code=code)
    return (said[0], code) if name[1] == code else said


def _any_of(codes: Sequence[str]) -> Pair:
    """Two codes or more, one of which is meant."""
    first, second, *others = codes
    said = sentence("{some} or {other}", some=first, other=second)
    for other in others:
        said = sentence("{some} or {other}", some=said, other=other)
    return said
