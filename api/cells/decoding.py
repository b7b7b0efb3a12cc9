"""Bytes of a file as text: UTF-8, UTF-16 with a byte order mark, or GB 18030, which Chinese spreadsheets write.

Nothing else.

No byte is guessed. A file that is none of these is refused with its first wrong byte; one that was UTF-8 and is damaged
is refused too, although most bytes are also letters of GB 18030, and so is one that could be either. GB 18030-2022
gives 19 positions code points of their own that older tables, the interpreter's among them, map to private use.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from api.sentences import sentence
from ledger.errors import MalformedError


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes were read, in words."""

    name: str
    zh: str
    en: str


UTF_8 = Encoding("utf-8", "UTF-8", "UTF-8")
UTF_16 = Encoding("utf-16", "UTF-16", "UTF-16")
GB_18030 = Encoding("gb18030", *sentence("GB 18030 (as spreadsheets of a Chinese Windows save it)"))

#: GB 18030-2022: FE59, FE61, FE66, FE67, FE6D, FE7E, FE90, FEA0 and A6D9–A6DF, A6EC, A6ED, A6F3; since 2005 A8BC.
_2022 = {
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE832: 0x9FB8,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE864: 0x9FBB,
    0xE78D: 0xFE10,
    0xE78E: 0xFE12,
    0xE78F: 0xFE11,
    0xE790: 0xFE13,
    0xE791: 0xFE14,
    0xE792: 0xFE15,
    0xE793: 0xFE16,
    0xE794: 0xFE17,
    0xE795: 0xFE18,
    0xE796: 0xFE19,
    0xE7C7: 0x1E3F,
}

#: Two-byte characters that stand in Chinese tables beside ASCII alone: signs of money, of yes and no, of degrees.
_SIGNS = frozenset("¥£§°±·×÷")

#: In text that was UTF-8 and is damaged, most bytes above 0x7F still are UTF-8; in GB 18030 few are, by chance.
_GOOD_PER_BAD = 3

_UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)

_REMEDY = sentence("save it as “CSV UTF-8” in the spreadsheet program")


def decoded(data: bytes) -> tuple[str, Encoding]:
    """The text without its byte order mark, and how it was read. Raises MalformedError naming the first wrong byte."""
    if data.startswith(_UTF_32):
        raise MalformedError(
            "encoding_unknown",
            sentence("UTF-32 is not read; {remedy}", remedy=_REMEDY),
            offset=0,
            line=1,
        )
    for mark, codec in _UTF_16:
        if data.startswith(mark):
            return _strictly(data, codec, UTF_16, len(mark)), UTF_16
    if data.startswith(codecs.BOM_UTF8):
        # Programs that each add a mark leave several.
        start = len(data) - len(_unmarked(data))
        return _strictly(data, "utf-8", UTF_8, start), UTF_8
    _check_no_nul_bytes(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _as_gb_18030(data, error), GB_18030
    beyond = {c for c in text if not c.isascii()}
    if beyond - _SIGNS and max(beyond) < "\u0800":
        # Every character takes two bytes, as in GB 18030: "ͨ" is "通" there.
        raise MalformedError(
            "encoding_ambiguous",
            sentence("the file can be read as UTF-8 and as GB 18030; {remedy}", remedy=_REMEDY),
        )
    return text, UTF_8


def _unmarked(data: bytes) -> bytes:
    while data.startswith(codecs.BOM_UTF8):
        data = data.removeprefix(codecs.BOM_UTF8)
    return data


def _strictly(data: bytes, codec: str, encoding: Encoding, start: int) -> str:
    try:
        return data[start:].decode(codec)
    except UnicodeDecodeError as error:
        lines = data[start : start + error.start].decode(codec, "replace").count("\n")
        raise _refused(encoding.en, start + error.start, data, line=lines + 1) from error


def _as_gb_18030(data: bytes, not_utf_8: UnicodeDecodeError) -> str:
    """Bytes that are no UTF-8, unless they nearly are."""
    read = data.decode("utf-8", "surrogateescape")
    bad = sum(1 for c in read if "\udc80" <= c <= "\udcff")
    good = sum(len(c.encode()) for c in read if not c.isascii() and not "\udc80" <= c <= "\udcff")
    if good >= _GOOD_PER_BAD * bad:
        raise _refused("UTF-8", not_utf_8.start, data)
    try:
        return data.decode("gb18030").translate(_2022)
    except UnicodeDecodeError as error:
        raise _refused("GB 18030", error.start, data, not_utf_8.start) from error


def _check_no_nul_bytes(data: bytes) -> None:
    """Text in UTF-16 without its mark, or no text at all: every other byte is NUL.

    A single one is refused in its cell.
    """
    if data.count(0) * 8 > len(data):
        raise _refused("UTF-8", data.index(0), data)


def _refused(
    nearest: str, offset: int, data: bytes, other: int | None = None, line: int | None = None
) -> MalformedError:
    line = data.count(b"\n", 0, offset) + 1 if line is None else line
    place: dict[str, object] = {"line": line, "offset": offset + 1, "byte": f"0x{data[offset]:02X}"}
    return MalformedError(
        "encoding_unknown",
        sentence(
            "line {line}, byte {offset} ({byte}) is not {nearest}; {remedy}", nearest=nearest, remedy=_REMEDY, **place
        )
        if other is None
        else sentence(
            "line {line}, byte {offset} ({byte}) is not {nearest}, nor UTF-8 (from byte {other}); {remedy}",
            nearest=nearest,
            other=other + 1,
            remedy=_REMEDY,
            **place,
        ),
        offset=offset,
        line=line,
    )
