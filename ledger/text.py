"""Which characters a text may hold (the text policy), and how a text that holds others is shown.

A statement is for ever, and what people read in it must be what it says. So its strings are in NFC and hold assigned
characters that can be seen: no controls, no marks that turn the direction of writing, nothing of no width, nothing
private, no mark without a letter to stand on, and not U+FFFD, which stands where somebody's reading of a file went
wrong. Blanks are U+0020 and U+3000.
Entries from before this policy stay as they are; :func:`visible` writes what they hold as code points.

Unicode 17.0 for ideographs (names of people and places use rare ones), the interpreter's tables for everything else.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable

from ledger.errors import MalformedError
from ledger.sentences import Pair, sentence

#: Ideographs that are assigned in Unicode 17.0 and may be newer than the interpreter's tables: ends of the blocks
#: (Unified Ideographs, Extensions A to J).
_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEAD),
    (0x2CEB0, 0x2EBE0),
    (0x2EBF0, 0x2EE5D),
    (0x30000, 0x3134A),
    (0x31350, 0x323AF),
    (0x323B0, 0x33479),
)

#: Letters and marks that are not seen (Default_Ignorable_Code_Point of DerivedCoreProperties.txt, without what the
#: categories below already refuse), signs that are blank, and the replacement character.
_UNSEEN = re.compile(
    "[\u2800\U0001d159\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufffd\U000e0100-\U000e01ef]"
)

#: Characters of nearly every text, all of which it may hold wherever they stand, and which are as NFC has them: ASCII
#: without the backslash (in JSON it writes another character), the punctuation of Chinese, ideographs, full width.
_COMMON = re.compile(r"[ -\[\]-~·—‘’“”…\u3001-\u3011\u3014-\u301f\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e]*")

#: Other (controls, formats, surrogates, private use, unassigned) and separators of lines and paragraphs.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANKS = frozenset({" ", "\u3000"})


def allowed(character: str) -> bool:
    """May a text hold this character? A newline is a matter of the field."""
    if character in _BLANKS:
        return True
    if _UNSEEN.match(character):
        return False
    category = unicodedata.category(character)
    if category == "Zs":
        return False
    return category not in _REFUSED or any(first <= ord(character) <= last for first, last in _IDEOGRAPHS)


def lone_mark(text: str) -> str | None:
    """The first mark that begins a line, with no letter before it to stand on."""
    starts = (line.lstrip(" \u3000")[:1] for line in text.split("\n"))
    return next((c for c in starts if c and unicodedata.category(c).startswith("M")), None)


def unremarkable(json_text: str) -> bool:
    """Is nothing in any string of this JSON text, which has no blanks between its tokens, refused by the policy?

    A quick look that is right where it says so; where it does not, each string has to be looked at.
    """
    return _COMMON.fullmatch(json_text) is not None and '" ' not in json_text


def check(text: str, field: str, *, lines: bool = False) -> None:
    """Raise MalformedError, naming the field and the code point, unless the text is as the policy wants it.

    ``lines`` lets it hold newlines (U+000A): what people write in several paragraphs.
    """
    if _COMMON.fullmatch(text) is not None and text[:1] not in _BLANKS:
        return
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        raise MalformedError(
            "text_not_normalised",
            sentence("{field}: the text is not in Unicode normalisation form C; write it in NFC", field=field),
            field=field,
        )
    odd = next((c for c in text if not allowed(c) and not (lines and c == "\n")), None) or lone_mark(text)
    if odd is not None:
        raise MalformedError(
            "text_not_allowed",
            sentence("{field}: {odd} {reason}; take it out", field=field, odd=code_point(odd), reason=_reason(odd)),
            field=field,
            code_point=code_point(odd),
        )
    if text and not text.strip(" \u3000\n"):
        raise MalformedError("text_blank", sentence("{field}: nothing but blanks", field=field), field=field)


def visible(text: str) -> str:
    """The text as it may stand on a page, in a feed, a file or a document: what the policy refuses is written as its
    code point, ``⟨U+202E⟩``. Newlines stay, in either of their written forms.
    """
    shown = _rewritten(text.replace("\r\n", "\n"), lambda c: f"⟨{code_point(c)}⟩")
    return shown if shown.isascii() else "\n".join(map(_with_lone_mark, shown.split("\n")))


def escaped(json_text: str) -> str:
    """JSON text whose strings hold what they held, with all that the policy refuses written as ``\\uXXXX`` (RFC 8259,
    7).
    """
    return _rewritten(json_text, lambda c: json.dumps(c)[1:-1])


def _with_lone_mark(line: str) -> str:
    """The line with the mark that begins it written as its code point."""
    lone = lone_mark(line)
    return line if lone is None else line.replace(lone, f"⟨{code_point(lone)}⟩", 1)


def _rewritten(text: str, write: Callable[[str], str]) -> str:
    """Line by line: nearly all of them hold nothing to rewrite, and are told so in one look."""
    if text.isprintable() and not _UNSEEN.search(text):
        return text
    return "\n".join(
        line
        if line.isprintable() and not _UNSEEN.search(line)
        else "".join(c if allowed(c) else write(c) for c in line)
        for line in text.split("\n")
    )


def code_point(character: str) -> str:
    """``U+202E``."""
    return f"U+{ord(character):04X}"


def _reason(character: str) -> Pair:
    if character == "\ufffd":
        return sentence("(replacement character: a file was not read rightly; save it as UTF-8 or GB 18030)")
    if allowed(character):
        return sentence("is a mark with no letter before it to stand on")
    match unicodedata.category(character):
        case "Cc":
            return sentence("is a control character")
        case "Zs":
            return sentence("is a special blank; use an ordinary one")
        case "Co":
            return sentence("is for private use and shown nowhere else")
        case _:
            return sentence("cannot be seen or is not assigned")
