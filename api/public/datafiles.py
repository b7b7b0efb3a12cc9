"""Files for other programs: grants as CSV, releases and records as JSON, and an SQLite file that opens in Datasette."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from api.cells.writing import MEDIA_TYPE, written
from api.public.pages import Window
from ledger.yuan import plain
from projections import public_data, public_pages
from projections.labels import MONEY


def _csv(rows: list[dict[str, Any]]) -> bytes:
    heads = list(rows[0]) if rows else ["Identifier"]
    return written(heads, [[row[h] for h in heads] for row in rows])


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _package(w: Window, name: str, rows: list[dict[str, Any]]) -> bytes:
    return _json(
        {
            "uri": f"data/{w.log.home.name}/{name}.json",
            "version": "1.1",
            "publisher": {"name": w.head()["jurisdiction"]},
            "publishedDate": f"{w.at.as_of}T00:00:00+08:00",
            "knownAt": w.at.known_at,
            name: rows,
        }
    )


def sqlite_file(tables: Mapping[str, list[dict[str, Any]]]) -> bytes:
    """A database with a table per list; values are text, numbers or JSON. The same rows give the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "public.sqlite"
        with sqlite3.connect(path) as connection:
            for table, rows in tables.items():
                columns = list(dict.fromkeys(c for row in rows for c in row)) or ["id"]
                named = ", ".join(f'"{c}"' for c in columns)
                connection.execute(f'CREATE TABLE "{table}" ({named})')
                values = [tuple(_value(row.get(c)) for c in columns) for row in rows]
                connection.executemany(
                    f'INSERT INTO "{table}" ({named}) VALUES ({", ".join("?" * len(columns))})', values
                )
        connection.close()
        return path.read_bytes()


def _value(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _figure(name: str, value: Any) -> tuple[str, Any]:
    """A figure of an edition; sums of money in yuan, with the unit in their name, as the grants have them."""
    return (f"{name}_yuan", plain(value)) if name in MONEY else (name, value)


def _sqlite(w: Window) -> bytes:
    rows = public_pages.editions(w.source, w.corner)
    flat = [
        {
            "edition": e["edition"],
            "year": e["call"]["year"],
            **dict(_figure(k, v) for k, v in e["statistics"].items() if k != "quota"),
        }
        for e in rows
    ]
    known = [{"log": w.log.ledger.origin, **w.at.to_json()}]
    return sqlite_file(
        {
            "about": known, "awards": public_pages.awards(rows), "revocations": public_pages.revocations(w.source, w.corner, rows),
            "notices": public_pages.notices(rows), "editions": flat, "grants": public_data.grants(w.source, w.corner, w.log.ledger.origin),
        }
    )  # fmt: skip


FILES: dict[str, tuple[str, Callable[[Window], bytes]]] = {
    "grants.csv": (
        MEDIA_TYPE,
        lambda w: _csv(public_data.grants(w.source, w.corner, w.log.ledger.origin)),
    ),
    "releases.json": (
        "application/json; charset=utf-8",
        lambda w: _package(w, "releases", public_data.releases(w.source, w.corner, w.log.ledger.origin)),
    ),
    "records.json": (
        "application/json; charset=utf-8",
        lambda w: _package(w, "records", public_data.records(w.source, w.corner, w.log.ledger.origin)),
    ),
    "public.sqlite": ("application/vnd.sqlite3", _sqlite),
}
