"""Cells as values of an event's members: what a person meant, by the member's JSON Schema, or a refusal in words.

A text stays a text: leading zeros are kept, and a number that a spreadsheet has written in scientific notation is
refused, because its last digits are lost. What may stand in a text is the text policy's (ledger/text.py); a text that
is not in NFC is put into it where that changes nothing that can be seen.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from api.cells import days, figures, words
from api.cells.columns import WIDTHS, Column, Member, Unit, folded, is_amount
from api.cells.figures import quoted, shown
from api.cells.table import BLANKS, Cell
from api.sentences import sentence
from ledger import canonical, text
from ledger.derivation.words import word
from ledger.errors import MalformedError
from ledger.events import kinds
from ledger.events.schema import Schema, schema_of
from ledger.sentences import Pair
from ledger.yuan import grouped

#: Codes beyond those of the vocabulary, with their names: kinds of awards, grounds and sectors of the text in force.
Names = Mapping[str, Mapping[str, Pair]]

#: Sectors that the catalogue names.
CATALOGUE: Names = {member: {s: word(s, "sector") for s in kinds.SECTORS} for member in ("sector", "new_sector")}

_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?e[+-]?[0-9]{2,3}", re.ASCII)
#: What spreadsheets write where a formula has failed.
_FAULTS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
#: Whole numbers beyond this were rounded by the spreadsheet that kept them as numbers.
_EXACT_MAX = 10**15

#: Fields of several paragraphs; shorter ones are one line.
_LINES_FROM = 501

_LIST_MARKS = "、;；\n"
_SEPARATORS = re.compile(f"[{_LIST_MARKS}]")


def _pattern(kind: object) -> str:
    return schema_of(kind)["pattern"]


_DECIMAL = _pattern(kinds.Dec)

#: What a pattern of the vocabulary means, in words.
_GRAMMARS: dict[str, Pair] = {
    _pattern(kinds.Id): sentence("an id has letters, digits and ._/-, at most 80"),
    _pattern(kinds.CaseId): sentence("a case is <edition>/<id>, as GZ-2023/A"),
    _pattern(kinds.EventId): sentence("the id of an entry is a UUIDv7 in lower case"),
    _pattern(kinds.Hash): sentence("a hash has 64 lower-case hexadecimal digits"),
    _pattern(kinds.PublicKeyText): sentence("a public key is in lower-case hexadecimal"),
    _pattern(kinds.Token): sentence("a token is in base64"),
    _pattern(kinds.Path): sentence("a field is written /name"),
    _pattern(kinds.AwardKind): sentence("a code of the text: lower-case letters and underscores"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads cells of one event type; ``names`` are codes with names beyond the vocabulary's, by member."""

    topic: str
    names: Names
    #: Told where a text was put into NFC.
    normalised: Callable[[], None] = lambda: None

    def value(self, column: Column, cell: Cell) -> object:
        """The value of a cell that is not blank. Raises MalformedError that says what is wrong."""
        return self._of(column.member, column.member.resolved(), cell, column.unit)

    def _of(self, member: Member, schema: Schema, cell: Cell, unit: Unit | None = None) -> object:
        match schema:
            case {"enum": [*codes]}:
                return self._code(member, [c for c in codes if c is not None], cell)
            case {"const": str(only)}:
                return self._code(member, [only], cell)
            case {"type": "boolean"}:
                return words.truth(cell)
            case {"type": "integer"} if unit is not None:
                return _within(figures.fen(cell, unit), schema, cell, grouped)
            case {"type": "integer"}:
                return _within(figures.whole_number(cell), schema, cell)
            case {"format": "date"}:
                return days.day(cell)
            case {"format": "date-time"}:
                return days.instant(cell)
            case {"format": "day-or-instant"}:
                return days.day_or_instant(cell)
            case {"type": "string", "pattern": pattern} if pattern == _DECIMAL:
                return self._matching(member, schema, figures.decimal(cell))
            case {"type": "string"}:
                return self._text(member, schema, cell)
            case {"type": "array"}:
                return self._list(member, schema, cell)
            case {"type": "object"}:
                return in_fen(member, schema, _json(cell, member, schema))
            case _:
                return self._anything(member, cell)

    def _code(self, member: Member, codes: list[str], cell: Cell) -> str:
        named = {c: word(c, member.name, self.topic) for c in codes}
        found = words.code(cell, named)
        if found is None:
            raise words.none_of(cell, named.items())
        return found

    def _text(self, member: Member, schema: Schema, cell: Cell) -> str:
        known = self.names.get(member.name)
        if known and (found := words.code(cell, known)) is not None:
            return found
        plain = self._in_form(_as_text(cell))
        if "pattern" in schema or member.name == "uscc":
            # These are ASCII: full-width letters and digits are a way of typing.
            plain = plain.translate(WIDTHS)
        _check(plain, lines=schema.get("maxLength", _LINES_FROM) >= _LINES_FROM)
        if len(plain) > schema.get("maxLength", len(plain)):
            most = schema["maxLength"]
            raise MalformedError(
                "text_too_long", sentence("{plain} characters, at most {most}", plain=len(plain), most=most)
            )
        return self._matching(member, schema, plain)

    def _matching(self, member: Member, schema: Schema, plain: str) -> str:
        pattern = schema.get("pattern")
        if pattern is not None and re.search(pattern, plain) is None:
            known = self.names.get(member.name)
            if known:
                raise words.none_of(plain, known.items())
            wanted = _GRAMMARS.get(pattern) or sentence("out of form")
            raise MalformedError("text_out_of_form", sentence("“{cell}”: {wanted}", cell=shown(plain), wanted=wanted))
        return plain

    def _in_form(self, plain: str) -> str:
        """The text in NFC; one whose characters would become others is refused."""
        if unicodedata.is_normalized("NFC", plain):
            return plain
        for character in plain:
            other = unicodedata.normalize("NFC", character)
            if "CJK COMPATIBILITY" in unicodedata.name(character, "") and other != character:
                raise MalformedError(
                    "text_not_normalised",
                    sentence(
                        "{character} ({code_point}) is a compatibility character; write {other} ({other_point})",
                        character=character,
                        code_point=text.code_point(character),
                        other=other,
                        other_point=text.code_point(other),
                    ),
                    code_point=text.code_point(character),
                )
        self.normalised()
        return unicodedata.normalize("NFC", plain)

    def _list(self, member: Member, schema: Schema, cell: Cell) -> object:
        """Plain values one after the other, by 、 or ; or line; records, and what begins as JSON, are JSON."""
        items = member.resolved(schema["items"])
        if items.get("type") in ("object", "array") or (isinstance(cell, str) and cell.lstrip(BLANKS).startswith("[")):
            return in_fen(member, schema, _json(cell, member, schema))
        parts = [p.strip(BLANKS) for p in _SEPARATORS.split(cell)] if isinstance(cell, str) else [cell]
        while len(parts) > 1 and parts[-1] == "":
            parts.pop()
        if "" in parts:
            raise MalformedError(
                "list_with_a_gap",
                sentence(
                    "the list has an empty item; write items one after the other with {mark} or ; between them",
                    mark=_LIST_MARKS[0],
                ),
            )
        return [self._of(member, items, p) for p in parts]

    def _anything(self, member: Member, cell: Cell) -> object:
        """A value of any kind: JSON where it is written as JSON, else a text; a decimal is a text everywhere."""
        if isinstance(cell, bool) or (isinstance(cell, int) and abs(cell) < _EXACT_MAX):
            return cell
        plain = _as_text(cell).strip(BLANKS)
        if re.fullmatch(r"-?(?:0|[1-9][0-9]*)|true|false|[\[{\"].*", plain, re.DOTALL):
            return _json(plain, member, {})
        return self._text(member, {"type": "string", "maxLength": 8000}, plain)


def _check(plain: str, *, lines: bool) -> None:
    """The text policy, said without the name of a field: the column is named beside."""
    try:
        text.check(plain, "", lines=lines)
    except MalformedError as error:
        details = {k: v for k, v in error.details.items() if k != "field"}
        raise MalformedError(error.code, error.told, **details) from error


def _as_text(cell: Cell) -> str:
    """A cell as text; a number only where no digit of it can have been lost."""
    if isinstance(cell, bool | date):
        raise MalformedError(
            "cell_not_a_text",
            sentence("{cell} is no text; format the column as text", cell=cell),
        )
    if isinstance(cell, int | Decimal):
        if not -_EXACT_MAX < cell < _EXACT_MAX or cell != int(cell):
            raise _spoilt(str(cell))
        return str(int(cell))
    plain = str(cell).strip(BLANKS)
    if plain in _FAULTS or set(plain) == {"#"}:
        raise MalformedError(
            "cell_is_a_fault",
            sentence("{plain}: the spreadsheet could not work this cell out; enter what it should say", plain=plain),
        )
    if _SCIENTIFIC.fullmatch(folded(plain)):
        raise _spoilt(plain)
    return plain


def _spoilt(plain: str) -> MalformedError:
    return MalformedError(
        "digits_lost",
        sentence(
            "{plain}: the spreadsheet took the digits for a number and has lost some; format the column as text and "
            "enter them anew",
            plain=quoted(plain),
        ),
    )


def _within(number: int, schema: Schema, cell: Cell, written: Callable[[int], str] = str) -> int:
    """The number, if it lies between the bounds of its schema; ``written`` says how people write one."""
    least, most = schema.get("minimum", -canonical.INTEGER_MAX), schema.get("maximum", canonical.INTEGER_MAX)
    if number < least or number > most:
        raise MalformedError(
            "number_out_of_range",
            sentence(
                "{cell} lies outside {least} to {most}", cell=quoted(cell), least=written(least), most=written(most)
            ),
        )
    return number


def _json(cell: Cell, member: Member, schema: Schema) -> object:
    """Records, as JSON."""
    try:
        return canonical.parse(str(cell).strip(BLANKS).encode(), "cell")
    except (MalformedError, UnicodeEncodeError) as error:
        called = (error.zh, error.en) if isinstance(error, MalformedError) else sentence("not encodable")
        like = json.dumps(_example(member, schema), ensure_ascii=False)
        raise MalformedError(
            "cell_not_json", sentence("write it as JSON, like {like}: {name}", like=like, name=called)
        ) from error


def in_fen(member: Member, schema: Schema, value: object) -> object:
    """Records with every amount inside in fen: people write yuan in a cell of records as in a cell of one amount."""
    match member.resolved(schema), value:
        case {"items": items}, list():
            return [in_fen(member, items, v) for v in value]
        case {"properties": members}, dict():
            return {n: in_fen(member, members[n], v) if n in members else v for n, v in value.items()}
        case found, str() | int() if is_amount(found) and not isinstance(value, bool):
            return figures.fen(value, "yuan")
        case _:
            return value


def _example(member: Member, schema: Schema) -> object:
    """What a value of this type looks like, amounts in yuan."""
    match member.resolved(schema):
        case {"items": items}:
            return [_example(member, items)]
        case {"properties": members, "required": needed}:
            return {n: _example(member, members[n]) for n in needed}
        case {"enum": [first, *_]}:
            return first
        case {"type": "integer"} as found:
            return "200000.00" if is_amount(found) else 1
        case {"type": "boolean"}:
            return True
        case _:
            return "…"
