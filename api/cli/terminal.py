"""Where a command speaks: Chinese or English, for people or as JSON.

Lines are written plainly, by the standard library alone. Tables and bars are drawn on a screen (``api/cli/screen.py``),
which needs ``rich``: the verifier alone has none, and draws none.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from api.cli.loading import lazily
from api.home.settings import Settings
from api.json_text import json_text
from ledger.errors import RongjianError, try_again
from ledger.sentences import Pair, told_in
from ledger.text import visible

if TYPE_CHECKING:
    from api.cli import screen
else:
    screen = lazily("api.cli.screen")

#: How errors stand out on a terminal (ECMA-48, SGR): what is wrong, and what is said beside it.
_LOUD, _FAINT, _PLAIN = "\x1b[1;31m", "\x1b[2m", "\x1b[0m"


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


class Terminal:
    """Where a command speaks: one language, human or JSON."""

    def __init__(self, settings: Settings, *, json_output: bool, chinese: bool) -> None:
        self.json_output = json_output
        self.chinese = chinese
        self.settings = settings

    @cached_property
    def console(self) -> screen.Screen:
        """Standard output to draw on."""
        return screen.screen()

    @property
    def language(self) -> str:
        return "zh" if self.chinese else "en"

    def say(self, told: Pair) -> None:
        """A line for people; nothing with --json."""
        if not self.json_output:
            print(visible(told_in(self.language, told)))

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
        self.console.print(screen.table_of(rows))

    def progress(self, zh: str, en: str) -> tuple[AbstractContextManager[object], Callable[[int, int], None]]:
        """A progress bar on standard error, shown on terminals only, and where one can be drawn."""
        if not self.json_output and sys.stderr.isatty():
            with contextlib.suppress(ModuleNotFoundError):
                return screen.bar_of(zh if self.chinese else en)
        return contextlib.nullcontext(), lambda _done, _total: None

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
        _complain(f"{error.code}: {first}", _LOUD)
        _complain(second, _FAINT)
        recourse = error.details.get("recourse")
        if isinstance(recourse, Mapping):
            _complain(str(recourse["zh" if self.chinese else "en"]), _FAINT)
        again = try_again(error)
        if again is not None:
            _complain(again[0 if self.chinese else 1], _FAINT)


def _complain(line: str, style: str) -> None:
    """A line on standard error, on a terminal in a style, unless NO_COLOR is set (https://no-color.org)."""
    styled = sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    print(f"{style}{visible(line)}{_PLAIN}" if styled else visible(line), file=sys.stderr)
