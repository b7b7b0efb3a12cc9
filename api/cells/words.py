"""Cells that hold one of a few things: true or false, and words of an enumeration by code or by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.cells.columns import folded
from api.cells.figures import shown
from api.cells.table import BLANKS, Cell
from ledger.derivation.meanings import Pair
from ledger.errors import MalformedError

#: What people and spreadsheets write for yes and no. A plain x is neither: some tick with it, others cross out.
_YES = ("true", "yes", "y", "1", "是", "有", "√", "✓", "✔", "☑")
_NO = ("false", "no", "n", "0", "否", "无", "×", "✗", "✘")
_TRUTH = {folded(word): truth for words, truth in ((_YES, True), (_NO, False)) for word in words}


def truth(cell: Cell) -> bool:
    """True or false. Raises MalformedError that says what is accepted."""
    if isinstance(cell, bool):
        return cell
    found = _TRUTH.get(folded(str(cell).strip(BLANKS)))
    if found is None:
        raise MalformedError(
            "cell_not_a_truth",
            f"{shown(cell)!r} is neither yes ({', '.join(_YES)}) nor no ({', '.join(_NO)})",
            f"“{shown(cell)}”既不是“是”（{'、'.join(_YES)}）也不是“否”（{'、'.join(_NO)}）",
        )
    return found


def code(cell: Cell, names: Mapping[str, Pair]) -> str | None:
    """The code that a cell means: the code itself, or its name in either language; None where it means none of them.

    Raises MalformedError where a name stands for several.
    """
    text = str(cell).strip(BLANKS)
    exact = [c for c in names if folded(c) == folded(text)]
    found = exact or [c for c, pair in names.items() if folded(text) in {folded(name) for name in pair}]
    if len(found) > 1:
        raise MalformedError(
            "word_ambiguous",
            f"{shown(cell)!r} may be {' or '.join(found)}; write the code",
            f"“{shown(cell)}”可以是 {'、'.join(found)}；请写代码",
        )
    return found[0] if found else None


def none_of(cell: Cell, names: Iterable[tuple[str, Pair]]) -> MalformedError:
    """A cell that is no word of an enumeration, with the words there are."""
    known = list(names)
    return MalformedError(
        "word_unknown",
        f"{shown(cell)!r} is none of: {', '.join(en if en == c else f'{en} ({c})' for c, (_, en) in known)}",
        f"“{shown(cell)}”不是可选的值；可填：{'、'.join(f'{zh}（{c}）' for c, (zh, _) in known)}",
    )
