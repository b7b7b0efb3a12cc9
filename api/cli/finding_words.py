"""Findings of a verification in words, Chinese and English: the place, what ought to be there, and what is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from api.sentences import sentence
from ledger.clock import SHANGHAI
from ledger.sentences import rows_of

#: Field of a finding -> its name in Chinese and English, and whether the position is that of an entry. The first match
#: counts.
FIELDS: Final = rows_of("api.cli", "finding_fields.tsv", "\t")

#: Fields whose position is the size of a signed head.
_OF_SIZE = re.compile(r"checkpoint.*|tag_index.*|cosignature|timestamp_token.*")

#: Phrases of findings -> Chinese, and English where it is said otherwise than in the finding. The first match counts.
PHRASES: Final = rows_of("api.cli", "finding_phrases.tsv", "\t")

_FIELDS = [(re.compile(pattern), zh, en, bool(entry)) for pattern, zh, en, entry in FIELDS]
_PHRASES = [(re.compile(pattern, re.DOTALL), zh, en or None) for pattern, zh, en in PHRASES]

#: Fields whose values are data, whatever they look like.
_DATA = re.compile(r"column .*|tag_index note|index/\d+|register .*|genesis|founders|lookalike .*|log")
_TIMES = re.compile(r"(column )?recorded_at|log_head last_recorded_at|timestamp_token stamped_at")
_TIME = re.compile(r"(not before )?(-?\d+(?:\.\d+)?|\d+-\S+|-?Infinity|NaN)(, the time of the last entry)?")
_HEX = re.compile(r"\b([0-9a-f]{16})[0-9a-f]{16,}\b")
_PARTICULAR = re.compile(
    r"^(tile_node|index_entry|index_checkpoint|visit|founder|register|opening"
    r"|lookalike|identity_link|document|column) .*"
)
_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST = 100

#: A value in Chinese and English; Chinese is None where it is an English sentence that nobody has put into words.
Said = tuple[str | None, str]


def place_of(position: int, field: str) -> tuple[str, str]:
    """Where a finding is, in Chinese and English; what belongs to no entry names none."""
    zh, en, of_entry = _field(field)
    if of_entry and position > 0:
        return sentence("entry {position}, {name}", position=position, name=(zh, en))
    if _OF_SIZE.fullmatch(field) and position > 0:
        return sentence("{name} (size {position})", name=(zh, en), position=position)
    return zh, en


def kind_of(field: str) -> tuple[str, str]:
    """What sort of place it is, in Chinese and English, without which one."""
    if field.startswith("tile/"):
        return sentence("tiles")
    zh, en, _ = _field(
        field
        if field in ("column id", "column recorded_at", "column type", "column tags")
        else _PARTICULAR.sub(r"\1", field)
    )
    return zh, en


def values_of(field: str, expected: str, actual: str) -> tuple[Said, Said]:
    """What ought to be there, and what is."""
    if _TIMES.fullmatch(field):
        return _times(expected, actual)
    if _DATA.fullmatch(field):
        return _phrase(expected, data=True), _phrase(actual, data=True)
    return _phrase(expected, data=False), _phrase(actual, data=False)


def _field(field: str) -> tuple[str, str, bool]:
    for pattern, zh, en, of_entry in _FIELDS:
        if found := pattern.fullmatch(field):
            return found.expand(zh), found.expand(en), of_entry
    return field, field, True


def _phrase(value: str, *, data: bool) -> Said:
    for pattern, zh, en in _PHRASES:
        if found := pattern.fullmatch(value):
            return _short(found.expand(zh)), _short(found.expand(en) if en is not None else value)
    said = _short(value)
    return said if data or " " not in value or not value.isascii() else None, said


def _short(value: str) -> str:
    shown = _HEX.sub(r"\1…", value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _times(expected: str, actual: str) -> tuple[Said, Said]:
    """Instants in Beijing time to the second, to the microsecond where they are of the same second."""
    found = [_TIME.fullmatch(value) for value in (expected, actual)]
    instants = [_instant(f[2]) if f is not None else None for f in found]
    whole = {i.replace(microsecond=0) for i in instants if i is not None}
    spec = "microseconds" if len(whole) == 1 and None not in instants else "seconds"
    told: list[Said] = []
    for value, match, instant in zip((expected, actual), found, instants, strict=True):
        if match is None:
            told.append(_phrase(value, data=False))
            continue
        if instant is None:
            told.append(sentence("no instant"))
            continue
        at = instant.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(" ", spec)
        before, last = bool(match[1]), bool(match[3])
        beijing = sentence("{at} Beijing time", at=at)
        beijing = sentence("{time}, the time of the last entry", time=beijing) if last else beijing
        told.append(sentence("not before {time}", time=beijing) if before else beijing)
    return told[0], told[1]


def _instant(value: str) -> datetime | None:
    """An instant given in microseconds since 1970, or as text; None where no calendar has it."""
    try:
        if "-" in value[1:] or "T" in value:
            return datetime.fromisoformat(value)
        return _EPOCH + timedelta(microseconds=int(Decimal(value)))
    except (ValueError, OverflowError, InvalidOperation):
        return None
