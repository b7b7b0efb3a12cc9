"""Files for other programs: grants as CSV, releases and records as JSON, and an SQLite file that opens in Datasette."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from api.cells.writing import MEDIA_TYPE, cell_of, written
from api.json_text import json_text
from api.public.pages import Window
from api.sentences import sentence
from ledger.text import visible
from ledger.yuan import plain
from projections import public_data, public_pages
from projections.kinds import MONEY

Row = Mapping[str, object]


def _csv(rows: Sequence[Row]) -> bytes:
    heads = list(rows[0]) if rows else ["Identifier"]
    return written(heads, [[cell_of(row[h]) for h in heads] for row in rows])


#: Said in the file itself: it has the form of OCDS 1.1, and is none of its publications.
_NOTE = sentence(
    "Written in the form of OCDS 1.1. The prefix of its ocids is not registered, it is about public honours "
    "and not about contracts, and tender is the only initiationType there is."
)


def _address(w: Window, base: str, name: str) -> str:
    """Where exactly this file is: the same address gives the same file for ever."""
    return f"{base}data/{w.log.home.name}/{name}?as_of={w.at.as_of}&known_at={w.at.known_at}"


def _package(w: Window, base: str, name: str, rows: Sequence[Row]) -> bytes:
    package = {
        "uri": _address(w, base, f"{name}.json"),
        "version": "1.1",
        "publisher": {"name": w.head()["jurisdiction"], "uri": f"{base}zh/{w.log.home.name}/"},
        "publicationPolicy": f"{base}zh/{w.log.home.name}/withheld/",
        "publishedDate": public_data.beginning(w.at.as_of.isoformat()),
        "knownAt": w.at.known_at,
        "note": {language: _NOTE.in_language(language) for language in ("zh", "en")},
        name: rows,
    }
    return json_text(package, indent=1).encode()


def _releases(w: Window, base: str) -> bytes:
    return _package(w, base, "releases", public_data.releases(w.source, w.corner, w.log.ledger.origin))


def _records(w: Window, base: str) -> bytes:
    address = _address(w, base, "releases.json")
    return _package(w, base, "records", public_data.records(w.source, w.corner, w.log.ledger.origin, address))


def sqlite_file(tables: Mapping[str, Sequence[Row]]) -> bytes:
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


def _value(value: object) -> str | int | float | None:
    match value:
        case str():
            return visible(value)
        case None | int() | float():
            return value
        case _:
            return json_text(value)


def _figures(rows: Sequence[Row]) -> list[Row]:
    """The figures of each edition; sums of money in yuan, with the unit in their name, as the grants have them."""
    return [dict(_figure(k, v) for k, v in row.items()) for row in rows]


def _figure(name: str, value: object) -> tuple[str, object]:
    return (f"{name}_yuan", plain(value)) if name in MONEY and isinstance(value, int) else (name, value)


def _sqlite(w: Window, base: str) -> bytes:
    rows = public_pages.editions(w.source, w.corner)
    known = [{"log": w.log.ledger.origin, **w.at.to_json()}]
    return sqlite_file(
        {
            "about": known,
            "awards": public_pages.awards(rows),
            "revocations": public_pages.revocations(w.source, w.corner, rows),
            "notices": public_pages.notices(rows),
            "editions": _figures(public_pages.figures(rows)),
            "grants": public_data.grants(w.source, w.corner, w.log.ledger.origin),
        }
    )


def _grants(w: Window, base: str) -> bytes:
    return _csv(public_data.grants(w.source, w.corner, w.log.ledger.origin))


#: Name -> media type, and how its bytes are made; the text is the address of the site.
FILES: dict[str, tuple[str, Callable[[Window, str], bytes]]] = {
    "grants.csv": (MEDIA_TYPE, _grants),
    "releases.json": ("application/json; charset=utf-8", _releases),
    "records.json": ("application/json; charset=utf-8", _records),
    "public.sqlite": ("application/vnd.sqlite3", _sqlite),
}
