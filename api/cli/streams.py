"""Standard output and error as commands find them: closed, full, read by nobody, or without most characters."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import TextIO

#: Marks of ours that a terminal without them is shown otherwise.
_PLAIN = {
    "—": "-",
    "–": "-",
    "…": "...",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "›": ">",
    "→": "->",
    "·": "-",
    "✓": "ok",
    "✗": "x",
    "⟨": "<",
    "⟩": ">",
}
_SHOWN = "rongjian.shown"


def _in_plain_marks(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that a stream does not have: a plain mark, or the number of the character."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    told = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode("ascii") for c in lost)
    return "".join(told), error.end


codecs.register_error(_SHOWN, _in_plain_marks)


def open_streams() -> None:
    """A stream that is closed swallows what is written, one that is not UTF-8 shows what it has for the rest."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (for the length of the process)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (for the length of the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_SHOWN)


def as_shown(text: str, stream: TextIO) -> str:
    """A text as a stream will show it: what it does not have takes more room."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, _SHOWN).decode(encoding)


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


def complain(line: str) -> None:
    """A line on standard error, heard or not."""
    with contextlib.suppress(OSError, ValueError):
        print(line, file=sys.stderr)
