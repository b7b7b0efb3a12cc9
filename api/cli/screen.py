"""A screen on which tables and bars are drawn: the console of ``rich``, which the service brings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict, Unpack

from rich.console import Console, JustifyMethod, OverflowMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.style import Style
from rich.table import Table

from ledger.text import visible


class _Printing(TypedDict, total=False):
    """What rich's print takes beside what it prints."""

    sep: str
    end: str
    style: str | Style | None
    justify: JustifyMethod | None
    overflow: OverflowMethod | None
    no_wrap: bool | None
    emoji: bool | None
    markup: bool | None
    highlight: bool | None
    width: int | None
    height: int | None
    crop: bool
    soft_wrap: bool | None
    new_line_start: bool


class Screen(Console):
    """A console that passes on no control character: what a name holds must not move the cursor or turn the line."""

    def print(self, *objects: object, **options: Unpack[_Printing]) -> None:
        super().print(*(visible(o) if isinstance(o, str) else o for o in objects), **options)

    def on_broken_pipe(self) -> None:
        """By default a console ends the process where nobody reads what it says; a service goes on, and a command ends
        as it decides.
        """
        raise BrokenPipeError


def screen(*, stderr: bool = False) -> Screen:
    """Standard output, or standard error, to draw on."""
    # Piped output is for other programs: wide, so that tables keep their columns whole.
    width = None if stderr or sys.stdout.isatty() else 240
    return Screen(stderr=stderr, soft_wrap=True, highlight=False, width=width)


def table_of(rows: Sequence[Mapping[str, object]]) -> Table:
    """Rows under the names of their members."""
    table = Table(show_header=True, header_style="bold", box=None)
    for column in rows[0] if rows else ():
        table.add_column(column)
    for row in rows:
        table.add_row(*(visible(str(v)) for v in row.values()))
    return table


def bar_of(task: str) -> tuple[Progress, Callable[[int, int], None]]:
    """A bar on standard error for as long as a block lasts, and what moves it: how many are done, of how many."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=screen(stderr=True), transient=True
    )
    number = bar.add_task(task, total=None)
    return bar, lambda done, total: bar.update(number, completed=done, total=total)
