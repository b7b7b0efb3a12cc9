"""Where a command speaks: in one language, for people or as JSON.

Lines and tables are written by the standard library alone. Bars are drawn on a screen (``api/cli/screen.py``), which
needs ``rich``: the verifier alone has none, and draws none.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Literal, TextIO

from api.cli.layout import table
from api.cli.loading import lazily
from api.cli.streams import as_shown, write_no_more
from api.home.settings import Settings
from api.json_text import json_text
from api.sentences import sentence, term
from ledger.errors import RongjianError, try_again
from ledger.sentences import Pair, told_in
from ledger.text import visible

if TYPE_CHECKING:
    from api.cli import screen
else:
    screen = lazily("api.cli.screen")

#: Cells of a line that no terminal shows: it is for other programs, and tables keep their columns whole.
WIDE = 240

#: Seconds between two lines about work that goes on, where no bar can be drawn.
TOLD_EVERY = 2.0

#: How lines stand out on a terminal (ECMA-48, SGR): headings, what stands back, what is wrong.
Style = Literal["bold", "faint", "loud"]
_STYLES: Mapping[Style, str] = {"bold": "\x1b[1m", "faint": "\x1b[2m", "loud": "\x1b[1;31m"}
_PLAIN = "\x1b[0m"

Advance = Callable[[int, int], None]
#: Says of a part of the work how much of it is done, of how much.
Tell = Callable[[Pair, int, int], None]


class Terminal:
    """Where a command speaks: one language, human or JSON."""

    def __init__(self, settings: Settings, *, json_output: bool, language: str) -> None:
        self.json_output = json_output
        self.language = language
        self.width = _width()
        self.settings = settings

    @property
    def chinese(self) -> bool:
        return self.language == "zh"

    def told(self, said: Pair) -> str:
        """A sentence in the language spoken here."""
        return told_in(self.language, said)

    def say(self, told: Pair) -> None:
        """A line for people; nothing with --json."""
        self.line(self.told(told))

    def line(self, text: str, style: Style | None = None) -> None:
        """Lines for people that are in their language already; nothing with --json."""
        if not self.json_output:
            _write(text, style, sys.stdout)

    def detail(self, told: Pair) -> None:
        """A line of details, which stands back behind the others."""
        self.line(self.told(told), "faint")

    def note(self, told: Pair) -> None:
        """What is to be known of the output and is no part of it, on standard error: also with --json."""
        self.announce(lambda: _write(self.told(told), "faint", sys.stderr))

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

    def table(
        self, heads: Sequence[Pair], rows: Iterable[Sequence[str]], *, right: Sequence[bool] = (), indent: str = ""
    ) -> None:
        """Rows under their heads, as wide as the terminal is; one member a line where it is too narrow."""
        shown = [[as_shown(visible(cell), sys.stdout) for cell in row] for row in rows]
        named = [as_shown(self.told(head), sys.stdout) for head in heads]
        colon = self.told(term("behind the head of a member", ": "))
        for line in table(named, shown, self.width - len(indent), right=right, colon=colon):
            self.line(indent + line)

    def progress(self, told: Pair) -> tuple[AbstractContextManager[object], Advance]:
        """A progress bar on standard error, shown on terminals only, and where one can be drawn."""
        if not self.json_output and sys.stderr.isatty():
            with contextlib.suppress(ModuleNotFoundError):
                bar, update = screen.bar(self.told(told))
                return bar, lambda done, total: update(self.told(told), done, total)
        return nullcontext(), lambda _done, _total: None

    def work(self) -> tuple[AbstractContextManager[object], Tell]:
        """Work of several parts, each with its name and how far it is: a bar on a terminal, else plain lines on
        standard error, one as a part begins and further ones every :data:`TOLD_EVERY` seconds.
        """
        if not sys.stderr.isatty():
            return nullcontext(), _Lines(self).tell
        bar, update = screen.bar()
        return bar, lambda part, done, total: update(self.told(part), done, total)

    def fail(self, error: RongjianError, meant: Iterable[Pair] = ()) -> None:
        """An error in the reader's language; the command ends as the error says, heard or not."""
        self.announce(lambda: self._tell(error, meant))

    def _tell(self, error: RongjianError, meant: Iterable[Pair]) -> None:
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
        _write(self.told(error.told), "loud", sys.stderr)
        for told in meant:
            _write(self.told(told), None, sys.stderr)
        recourse = error.details.get("recourse")
        if isinstance(recourse, Mapping):
            _write(str(recourse["zh" if self.chinese else "en"]), "faint", sys.stderr)
        again = try_again(error)
        if again is not None:
            _write(self.told(again), "faint", sys.stderr)
        _write(self.told(sentence("code: {code}", code=error.code)), "faint", sys.stderr)


def _write(text: str, style: Style | None, stream: TextIO) -> None:
    """A line, on a terminal in a style, unless NO_COLOR is set (https://no-color.org).

    No control character is passed on: what a name holds must not move the cursor or turn the line.
    """
    styled = style is not None and stream.isatty() and not os.environ.get("NO_COLOR")
    if style is not None and styled and os.environ.get("TERM") != "dumb":
        print(f"{_STYLES[style]}{visible(text)}{_PLAIN}", file=stream)
    else:
        print(visible(text), file=stream)


class _Lines:
    """Work that goes on, told in plain lines."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._part: Pair | None = None
        self._at = 0.0

    def tell(self, told: Pair, done: int, total: int) -> None:
        now = time.monotonic()
        if told == self._part and now < self._at + TOLD_EVERY:
            return
        self._part, self._at = told, now
        percent = 100 * done // total if total else 0
        self._terminal.note(sentence("{what}, {percent} %", what=told, percent=percent))


def _width() -> int:
    """Cells of a line: as COLUMNS says, as the terminal is, and wide where the output goes elsewhere."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isascii() and asked.isdigit() and 0 < len(asked) < 5 and int(asked):
        return int(asked)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or WIDE
    except (OSError, ValueError):
        return WIDE
