"""JSON as it is given out: Chinese as it is written, and what no document should hold as escapes."""

from __future__ import annotations

import json

from ledger.text import escaped


def json_text(value: object, *, indent: int | None = None) -> str:
    """The value as JSON text. Its strings are exact: readers of JSON get every character that the log holds."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=indent))
