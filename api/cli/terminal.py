"""Where a command speaks: Chinese or English, for people or as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO, TypedDict, Unpack

from rich.console import Console, JustifyMethod, OverflowMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.style import Style
from rich.table import Table

from api.home.settings import Settings
from api.json_text import json_text
from ledger.errors import RongjianError, try_again
from ledger.sentences import Pair, told_in
from ledger.text import visible


def write_no_more(stream: TextIO) -> None:
    """Nothing more reaches a standard stream: Python flushes it once more at its end, and would end with 120 if that
    fails.
    """
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def lose_unwritable_errors() -> None:
    """What standard error still holds and cannot be written is lost; how a command ends does not depend on it."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        write_no_more(sys.stderr)


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


class _Screen(Console):
    """A console that passes on no control character: what a name holds must not move the cursor or turn the line."""

    def print(self, *objects: object, **options: Unpack[_Printing]) -> None:
        super().print(*(visible(o) if isinstance(o, str) else o for o in objects), **options)

    def on_broken_pipe(self) -> None:
        """By default a console ends the process where nobody reads what it says; a service goes on, and a command ends
        as it decides.
        """
        raise BrokenPipeError


class Terminal:
    """Where a command speaks: one language, human or JSON."""

    def __init__(self, settings: Settings, *, json_output: bool, chinese: bool) -> None:
        self.json_output = json_output
        self.chinese = chinese
        # Piped output is for other programs: wide, so that tables keep their columns whole.
        width = None if sys.stdout.isatty() else 240
        self.console = _Screen(stderr=False, soft_wrap=True, highlight=False, width=width)
        self.errors = _Screen(stderr=True, soft_wrap=True, highlight=False)
        self.settings = settings

    @property
    def language(self) -> str:
        return "zh" if self.chinese else "en"

    def say(self, told: Pair) -> None:
        """A line for people; nothing with --json."""
        if not self.json_output:
            self.console.print(told_in(self.language, told), markup=False)

    def announce(self, say: Callable[[], None]) -> None:
        """Say what nobody has to hear: a full disk or a closed pipe takes the words, and not the work that goes on
        after them.
        """
        try:
            say()
            sys.stdout.flush()
        except OSError:
            write_no_more(sys.stdout)

    def give(self, value: object, human: Callable[[], None]) -> None:
        """The result: JSON, or whatever ``human`` prints."""
        if self.json_output:
            print(json_text(value, indent=2))
        else:
            human()

    def table(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Rows under the names of their members."""
        table = Table(show_header=True, header_style="bold", box=None)
        for column in rows[0] if rows else ():
            table.add_column(column)
        for row in rows:
            table.add_row(*(visible(str(v)) for v in row.values()))
        self.console.print(table)

    def progress(self, zh: str, en: str) -> tuple[Progress, Callable[[int, int], None]]:
        """A progress bar on standard error, shown on terminals only."""
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.errors,
            disable=self.json_output or not sys.stderr.isatty(),
            transient=True,
        )
        task = bar.add_task(zh if self.chinese else en, total=None)
        return bar, lambda done, total: bar.update(task, completed=done, total=total)

    def fail(self, error: RongjianError) -> None:
        """An error in one line of Chinese and one of English; the command ends as the error says, heard or not."""
        self.announce(lambda: self._tell(error))

    def _tell(self, error: RongjianError) -> None:
        if self.json_output:
            details = {k: v for k, v in error.details.items() if v is not None}
            print(
                json.dumps(
                    {"error": {"code": error.code, "zh": error.zh, "en": error.en, **details}},
                    ensure_ascii=False,
                    default=str,
                )
            )
            return
        first, second = (error.zh, error.en) if self.chinese else (error.en, error.zh)
        self.errors.print(f"{error.code}: {first}", style="bold red", markup=False)
        self.errors.print(second, style="dim", markup=False)
        recourse = error.details.get("recourse")
        if isinstance(recourse, Mapping):
            self.errors.print(recourse["zh" if self.chinese else "en"], style="dim", markup=False)
        again = try_again(error)
        if again is not None:
            self.errors.print(again[0 if self.chinese else 1], style="dim", markup=False)
