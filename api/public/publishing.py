"""The public window as files: every page in each language that there is, data, feeds, public entries with their
proofs, styles and scripts.

Written from one (D, K), so the same log at the same point gives the same bytes, but for who has seen its heads and
under which of them a proof was written first. A page bears the place in the log of the last entry that it rests on:
nothing that was recorded after it changes the page, so that an entry makes only those pages anew that it concerns.
Links are relative: any web server serves the folder at any address.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Concatenate, ParamSpec

import msgspec

import api
import ledger
import projections
from api.files import writing
from api.languages import languages
from api.public import feeds, pages
from api.public.assets import assets
from api.public.datafiles import FILES
from api.public.pages import Window
from api.public.routes import data_file
from api.public.site_part import Part
from api.public.site_record import SiteRecord, Thing, recorded
from api.rendering.place import Place
from ledger.application import Ledger
from ledger.tlog.tiles import WIDTH, tiles_of

P = ParamSpec("P")


def publish(windows: Sequence[Window], folder: Path, base: str, record: Path | None = None) -> dict[str, int]:
    """Write the site; files that are no longer part of it are removed. ``base`` is the address that permalinks and
    feeds name, ``record`` the file that tells what was written the last time, outside the folder.

    Returns how many were written, kept and removed. Raises ConflictError while somebody else writes the same site.
    """
    try:
        return _publish(windows, folder, base, record)
    except sqlite3.DatabaseError:
        if record is None:
            raise
        # Whatever happened to the record, everything can be made anew.
        record.unlink(missing_ok=True)
        return _publish(windows, folder, base, record)


def _publish(windows: Sequence[Window], folder: Path, base: str, record: Path | None) -> dict[str, int]:
    with writing(folder), recorded(record, folder, lambda: _making(base)) as known:
        site = _Site(folder, base, known)
        site.write(windows)
        return {"written": site.written, "kept": site.kept, "removed": site.removed()}


@cache
def _programs() -> str:
    """A hash of all that makes pages: another version may write them otherwise."""
    total = hashlib.sha256()
    for package in (api, ledger, projections):
        for path in sorted(Path(str(package.__file__)).parent.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _making(base: str) -> str:
    return " ".join((_programs(), base, *languages()))


class _Site:
    """A site while it is written."""

    def __init__(self, folder: Path, base: str, record: SiteRecord) -> None:
        self._folder = folder
        self._base = base
        self._record = record
        self._paths: set[str] = set()
        self.written = self.kept = 0

    def write(self, windows: Sequence[Window]) -> None:
        parts = [Part(window, self._record) for window in windows]
        for part in parts:
            part.begin()
        for name, content in assets().items():
            self._write(f"static/{name}", content)
        for language in languages():
            shown = [part.reading()[0] for part in parts]
            self._write(f"{language}/index.html", pages.home(shown, _place(language)).encode())
            self._write(f"{language}/rules/index.html", pages.compared(_place(language, "rules")).encode())
        for part in parts:
            if not part.window.is_empty:
                self._log(part)

    def removed(self) -> int:
        """Remove what was written once and is part of the site no more."""
        listing = self._folder / "site.json"
        known = json.loads(listing.read_text("utf-8")) if listing.is_file() else []
        gone = sorted({*known} - self._paths)
        for path in gone:
            (self._folder / path).unlink(missing_ok=True)
        listing.write_text(json.dumps(sorted(self._paths), indent=0), "utf-8")
        return len(gone)

    def _write(self, path: str, content: bytes) -> None:
        self._paths.add(path)
        target = self._folder / path
        if target.is_file() and target.read_bytes() == content:
            self.kept += 1
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.written += 1

    def _stand(self, paths: Iterable[str]) -> None:
        """Files stand as they are."""
        before = len(self._paths)
        self._paths.update(paths)
        self.kept += len(self._paths) - before

    # The things of a log

    def _log(self, part: Part) -> None:
        name, named = part.window.log.home.name, set[int]()
        addresses = self._addresses(part)
        for language in languages():
            for parts in addresses:
                named.update(self._page(part, _place(language, name, *parts)))
            place = _place(language, name)
            self._file(part, f"{language}/{name}/feed.atom", feeds.atom, place, self._base)
            self._file(part, f"{language}/{name}/feed.json", feeds.json_feed, place, self._base)
        for file, (_, make) in FILES.items():
            self._file(part, f"data/{name}/{file}", make, self._base)
        self._proofs(part, sorted(named))

    def _addresses(self, part: Part) -> list[tuple[str, ...]]:
        found = self._record.thing(part.origin, "addresses")
        if found is not None and found.value is not None:
            return msgspec.json.decode(found.value, type=list[tuple[str, ...]])
        window, noted, rows = part.reading()
        addresses = [*pages.addresses(window)]
        part.keep("addresses", noted, rows, value=msgspec.json.encode(addresses))
        return addresses

    def _page(self, part: Part, place: Place) -> Sequence[int]:
        """Write a page and its data files where they do not stand: the entries that it offers for checking."""
        folder, parts = "/".join(place.parts), place.parts[1:]
        section, name = parts[0] if parts else "", f"page {place.language}/{folder}"
        found = self._standing(part, name)
        if found is not None:
            return found.named
        window, noted, rows = part.reading()
        shown = pages.page(window, place, section, parts[1:])
        window.head()
        if section not in pages.LIVE:
            window = replace(window, at=replace(window.at, known_at=part.last(noted, rows)))
        files = [(f"{place.language}/{folder}/{n}", c) for n, c in self._page_files(window, place, shown)]
        for path, content in files:
            self._write(path, content)
        if section not in pages.LIVE:
            part.keep(name, noted, rows, files=[path for path, _ in files], named=shown.named)
        return shown.named

    def _page_files(self, window: Window, place: Place, shown: pages.Shown) -> Iterator[tuple[str, bytes]]:
        yield "index.html", pages.written(window, place, shown, self._base).encode()
        if shown.data is not None:
            yield "data.json", data_file(window, shown, "data.json")
        if shown.rows:
            yield "data.csv", data_file(window, shown, "data.csv")

    def _file(
        self, part: Part, path: str, make: Callable[Concatenate[Window, P], bytes], *args: P.args, **named: P.kwargs
    ) -> None:
        """Write a file that is made of a log where it does not stand."""
        if self._standing(part, path) is not None:
            return
        window, noted, rows = part.reading()
        content = make(window, *args, **named)
        known = part.last(noted, rows)
        if known != window.at.known_at:
            # What it rests on is known once it is made.
            content = make(replace(window, at=replace(window.at, known_at=known)), *args, **named)
        self._write(path, content)
        part.keep(path, noted, rows, files=[path])

    def _standing(self, part: Part, name: str) -> Thing | None:
        """A thing of the last time, where it and its files stand."""
        found = self._record.thing(part.origin, name)
        files = self._record.files(part.origin, name) if found is not None else None
        if files is None:
            return None
        self._stand(files)
        return found

    # What the pages verify

    def _proofs(self, part: Part, named: Sequence[int]) -> None:
        """The log's key, and each entry that pages name with its proof under a published head."""
        opened, folder = part.window.log.ledger, f"logs/{part.window.log.home.name}"
        size, signed = opened.heads.published()
        cosigned = signed.count("\n\N{EM DASH} ")
        self._write(f"{folder}/vkey", f"{opened.evidence.verifier_key}\n".encode())
        self._write(f"{folder}/checkpoint", signed.encode())
        self._write(f"{folder}/policy", opened.heads.own_policy().encode())
        self._write(f"{folder}/witnesses", opened.heads.witness_keys().encode())
        # Hashes are public at once; bundles of entries are not.
        for tile in (tile for tile in tiles_of(size) if tile.level is not None):
            if tile.width == WIDTH:
                self._once(f"{folder}/{tile.path}", partial(opened.evidence.tile, tile))
            else:
                self._write(f"{folder}/{tile.path}", opened.evidence.tile(tile))
        for position in named:
            entry = f"{folder}/entry/{position}"
            self._once(entry, partial(_bytes_of, opened, position))
            if self._record.cosigned(part.origin, position) < cosigned or not self._record.stands(
                f"{entry}.tlog-proof"
            ):
                self._write(f"{entry}.tlog-proof", opened.evidence.proof(position).to_bytes())
                self._record.note(f"{entry}.tlog-proof")
                self._record.prove(part.origin, position, cosigned)
            else:
                self._stand([f"{entry}.tlog-proof"])

    def _once(self, path: str, make: Callable[[], bytes]) -> None:
        """Write a file that never becomes another, where it does not stand."""
        if self._record.stands(path):
            self._stand([path])
            return
        self._write(path, make())
        self._record.note(path)


def _bytes_of(ledger: Ledger, position: int) -> bytes:
    return ledger.entry(position).entry


def _place(language: str, *parts: str) -> Place:
    return Place(language, parts, published=True)
