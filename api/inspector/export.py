"""A list as CSV: the rows of the answer, each with log, question, D, K and tree head, so that a sheet alone can be checked."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

#: Spreadsheets take a cell that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(value: dict[str, Any]) -> str:
    """UTF-8 text with a header line; nested values are JSON in their cell."""
    rows = [_flat(row) for row in value.get("rows", [])]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    asked = {
        "asked_log": value["log"], "asked_inquiry": value["inquiry"], "asked_query": json.dumps(value["query"], ensure_ascii=False),
        "asked_as_of": value["as_of"], "asked_known_at": value["known_at"], "tree_size": value["checkpoint"]["tree_size"],
        "root_hash": value["checkpoint"]["root_hash"],
    }  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*columns, *asked])
    for row in rows or [{}]:
        writer.writerow([*(_cell(row.get(c)) for c in columns), *(_cell(v) for v in asked.values())])
    return out.getvalue()


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {k: json.dumps(v, ensure_ascii=False) if isinstance(v, dict | list) else v for k, v in row.items()}


def _cell(value: Any) -> str:
    text = "" if value is None else "true" if value is True else "false" if value is False else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
