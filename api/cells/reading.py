"""A file of cells as acts of one event type: how it was read, and per row its values or everything that is wrong with
it.

Bytes become a table, the table's heads members of the event, and its cells values. What is wrong with the file refuses
it; what is wrong with a row is said of that row, and the others are still read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from api.cells.columns import EFFECTIVE_AT, Column, Member, columns_of
from api.cells.decoding import decoded
from api.cells.figures import fen
from api.cells.separated import SEPARATORS, separated
from api.cells.table import FILE_MAX, Fault, Row, Table, column_name, headless, is_blank
from api.cells.values import CATALOGUE, Names, Reader
from api.sentences import sentence
from ledger.errors import MalformedError, TooLargeError
from ledger.events.misfits import in_chinese
from ledger.events.registry import Payload
from ledger.regulation.parameters import is_amount


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that was read: its values, or its faults and no values."""

    row: Row
    payload: Mapping[str, object] = field(default_factory=dict)
    restricted: Mapping[str, object] = field(default_factory=dict)
    effective_at: str | None = None
    faults: Sequence[Fault] = ()
    #: Columns whose text was put into NFC.
    normalised: Sequence[int] = ()

    def to_json(self, heads: Sequence[str]) -> dict[str, object]:
        told: dict[str, object] = {
            "row": self.row.number,
            "cells": ["" if c is None else str(c) for c in self.row.cells],
        }
        if self.faults:
            return told | {"errors": [_told(f, self.row.number, heads) for f in self.faults]}
        return told | {
            "payload": dict(self.payload),
            "restricted": dict(self.restricted),
            "effective_at": self.effective_at,
            "normalised": [column_name(c) for c in self.normalised],
        }


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read."""

    encoding: tuple[str, str, str]
    separator: tuple[str, str]
    table: Table
    columns: Sequence[Column]
    rows: Sequence[ReadRow]

    def to_json(self) -> dict[str, object]:
        name, zh, en = self.encoding
        return {
            "encoding": {"name": name, "zh": zh, "en": en},
            "separator": dict(zip(("zh", "en"), self.separator, strict=True)),
            "columns": [c.to_json() for c in self.columns],
            "empty_rows": self.table.empty_rows,
            "rows": [r.to_json(self.table.heads) for r in self.rows],
        }


def read_file(data: bytes, cls: type[Payload], names: Names | None = None) -> ReadFile:
    """Acts of an event type from a CSV file.

    Raises MalformedError or TooLargeError where the file as a whole is none.
    """
    if len(data) > FILE_MAX:
        raise TooLargeError("file_too_large", sentence("a file has at most {file_max} bytes", file_max=f"{FILE_MAX:,}"))
    text, encoding = decoded(data)
    table, separator = separated(text)
    columns = columns_of(table.heads, cls)
    known = {**CATALOGUE, **(names or {})}
    rows = [_read(row, table.heads, columns, cls, known) for row in table.rows]
    return ReadFile((encoding.name, encoding.zh, encoding.en), SEPARATORS[separator], table, columns, rows)


def _read(row: Row, heads: Sequence[str], columns: Sequence[Column], cls: type[Payload], names: Names) -> ReadRow:
    """One row: every cell is looked at, so that everything wrong with it is said at once."""
    faults, spoilt = list(row.faults), {f.column for f in row.faults}
    faults += [
        Fault(i, headless()) for i, (h, c) in enumerate(zip(heads, row.cells, strict=True)) if not h and not is_blank(c)
    ]
    values: dict[str, object] = {}
    normalised: list[int] = []
    # The value of a parameter is read by its path, wherever the columns stand.
    for column in sorted(columns, key=lambda c: c.member.name == "value"):
        cell = row.cells[column.index]
        if is_blank(cell) or column.index in spoilt:
            continue
        reader = Reader(cls.SPEC.topic, names, lambda at=column.index: normalised.append(at))  # type: ignore[misc]
        amount = column.member.name == "value" and is_amount(str(values.get("param_path", "")))
        try:
            value = fen(cell, "yuan") if amount else reader.value(column, cell)
            values[column.member.name] = _fitting(cls, column.member, value)
        except MalformedError as error:
            faults.append(Fault(column.index, error))
    for column in columns:
        empty = column.member.when_blank
        if column.member.required and empty is not None and is_blank(row.cells[column.index]):
            values[column.member.name] = empty
    faults += _missing(columns, values, {f.column for f in faults})
    if faults:
        return ReadRow(row, faults=sorted(faults, key=lambda f: -1 if f.column is None else f.column))
    effective_at = values.pop(EFFECTIVE_AT, None)
    sealed = {f"/{c.member.name}" for c in columns if c.member.restricted}
    payload = {n: v for n, v in values.items() if f"/{n}" not in sealed}
    restricted = {f"/{n}": v for n, v in values.items() if f"/{n}" in sealed}
    day = effective_at if isinstance(effective_at, str) else None
    return ReadRow(row, payload, restricted, day, normalised=tuple(normalised))


def _missing(columns: Sequence[Column], values: Mapping[str, object], spoilt: set[int | None]) -> list[Fault]:
    """Blank cells of members that have to be given."""
    return [
        Fault(c.index, MalformedError("cell_missing", sentence("it is blank and has to be given")))
        for c in columns
        if c.member.required and c.member.name not in values and c.index not in spoilt
    ]


def _fitting(cls: type[Payload], member: Member, value: object) -> object:
    """The value, if it is one of the member's type: what stands inside JSON is checked here."""
    kinds = {f.encode_name: f.type for f in msgspec.structs.fields(cls)} | {
        p[1:]: r.kind for p, r in cls.SPEC.restricted.items()
    }
    if member.name in kinds:
        try:
            msgspec.convert(value, kinds[member.name], strict=True)
        except msgspec.ValidationError as error:
            raise MalformedError(
                "cell_out_of_form", sentence("out of form: {error}", error=(in_chinese(str(error)), str(error)))
            ) from error
    return value


def _told(fault: Fault, number: int, heads: Sequence[str]) -> dict[str, object]:
    """A fault with where it is: the row's number, the column's letter and head."""
    where, column = sentence("row {row}", row=number), None
    if fault.column is not None:
        column = column_name(fault.column)
        head = heads[fault.column] if fault.column < len(heads) else ""
        where = (
            sentence("row {row}, column {column} ({head})", row=number, column=column, head=head)
            if head
            else sentence("row {row}, column {column}", row=number, column=column)
        )
    zh, en = sentence("{where}: {told}", where=where, told=fault.error.told)
    return {"column": column, "code": fault.error.code, "zh": zh, "en": en}
