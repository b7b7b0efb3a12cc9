"""The public window as files: every page in each language that there is, data, feeds, public entries with their
proofs, styles and scripts.

Written from one (D, K), so the same log at the same point gives the same bytes, but for who has seen its heads; a file
whose content is the same is not touched. Links are relative: any web server serves the folder at any address.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from api.files import writing
from api.languages import languages
from api.public import feeds, pages
from api.public.assets import assets
from api.public.datafiles import FILES
from api.public.kept import KeptUntilTouched
from api.public.pages import Window
from api.public.routes import data_file
from api.rendering.place import Place
from ledger.tlog.tiles import tiles_of
from projections import public_pages


def site(windows: list[Window], base: str) -> Iterator[tuple[str, bytes]]:
    """Path -> content of every file; ``base`` is the address that permalinks and feeds name."""
    kept = KeptUntilTouched[object]()
    windows = [replace(window, noted=kept.source(window.log.ledger)) for window in windows]
    for name, content in assets().items():
        yield f"static/{name}", content
    for language in languages():
        yield f"{language}/index.html", pages.home(windows, Place(language, (), published=True)).encode()
        yield f"{language}/rules/index.html", pages.compared(Place(language, ("rules",), published=True)).encode()
        for window in windows:
            yield from _log(window, language, base)
    for window in windows:
        yield from _proofs(window)
        for name, (_, make) in FILES.items():
            yield f"data/{window.log.home.name}/{name}", make(window, base)


def _log(window: Window, language: str, base: str) -> Iterator[tuple[str, bytes]]:
    name = window.log.home.name
    for parts in pages.addresses(window):
        place = Place(language, (name, *parts), published=True)
        shown = pages.page(window, place, parts[0] if parts else "", parts[1:])
        folder = "/".join((language, name, *parts))
        yield f"{folder}/index.html", pages.written(window, place, shown, base).encode()
        if shown.data is not None:
            yield f"{folder}/data.json", data_file(window, shown, "data.json")
        if shown.rows:
            yield f"{folder}/data.csv", data_file(window, shown, "data.csv")
    place = Place(language, (name,), published=True)
    yield f"{language}/{name}/feed.atom", feeds.atom(window, place, base)
    yield f"{language}/{name}/feed.json", feeds.json_feed(window, place, base)


def _proofs(window: Window) -> Iterator[tuple[str, bytes]]:
    """What the pages verify: the log's key, and each entry they name with its proof under the published head."""
    ledger, name = window.log.ledger, window.log.home.name
    yield f"logs/{name}/vkey", f"{ledger.evidence.verifier_key}\n".encode()
    size, signed = ledger.heads.published()
    yield f"logs/{name}/checkpoint", signed.encode()
    yield f"logs/{name}/policy", ledger.heads.own_policy().encode()
    yield f"logs/{name}/witnesses", ledger.heads.witness_keys().encode()
    # Hashes are public at once; bundles of entries are not.
    for tile in tiles_of(size):
        if tile.level is not None:
            yield f"logs/{name}/{tile.path}", ledger.evidence.tile(tile)
    rows = public_pages.editions(window.source, window.corner)
    tags = [f"a:{a['award_id']}" for a in public_pages.awards(rows)] + [
        f"n:{n['notice_id']}" for n in public_pages.notices(rows)
    ]
    for position in sorted(_named(window, tags)):
        yield f"logs/{name}/entry/{position}", ledger.entry(position).entry
        yield f"logs/{name}/entry/{position}.tlog-proof", ledger.evidence.proof(position).to_bytes()


def _named(window: Window, tags: list[str]) -> set[int]:
    return {e["position"] for tag in tags for e in public_pages.entries(window.source, window.corner, tag)}


def publish(windows: list[Window], folder: Path, base: str) -> dict[str, int]:
    """Write the site; files that are no longer part of it are removed.

    Returns how many were written, kept and removed.
    """
    count = {"written": 0, "kept": 0, "removed": 0}
    paths = set()
    with writing(folder):
        for path, content in site(windows, base):
            target = folder / path
            paths.add(target)
            if target.is_file() and target.read_bytes() == content:
                count["kept"] += 1
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            count["written"] += 1
        listing = folder / "site.json"
        known = json.loads(listing.read_text("utf-8")) if listing.is_file() else []
        for path in sorted(set(known) - {str(p.relative_to(folder)) for p in paths}):
            (folder / path).unlink(missing_ok=True)
            count["removed"] += 1
        listing.write_text(json.dumps(sorted(str(p.relative_to(folder)) for p in paths), indent=0), "utf-8")
    return count
