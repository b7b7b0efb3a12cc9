"""A screen on which bars are drawn: the console of ``rich``, which the service brings."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ledger.text import visible


class _Screen(Console):
    """A console that ends no process."""

    def on_broken_pipe(self) -> None:
        """By default a console ends the process where nobody reads what it says; a service goes on, and a command ends
        as it decides.
        """
        raise BrokenPipeError


def bar(what: str = "") -> tuple[Progress, Callable[[str, int, int], None]]:
    """A bar on standard error for as long as a block lasts, and what moves it: what is done, how much, of how much."""
    drawn = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=_Screen(stderr=True),
        transient=True,
    )
    task = drawn.add_task(visible(what), total=None)

    def update(what: str, done: int, total: int) -> None:
        drawn.update(task, description=visible(what), completed=done, total=total)

    return drawn, update
