"""A page is made again where something was recorded that it rests on, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.home.open_logs import OpenLog
from api.public import pages
from api.public.kept import KeptUntilTouched, bytes_of
from api.public.pages import Window
from api.public.routes import WrittenPages
from api.rendering.place import Place
from api.v1.axes import Axes, axes
from ledger.errors import NotFoundError
from ledger.events.edition import EditionOpened
from ledger.room import Room
from projections import public_pages
from projections.noted import NotedSource
from projections.public_pages import Corner
from projections.public_rows import EditionRow
from projections.slices import Source

PAGES = ("", "awards", "awards/ZY-2023-A", "revocations", "notices", "organisations/A", "statistics", "rules")


def _log(client: TestClient, name: str) -> OpenLog:
    found: OpenLog = client.app.state.logs[name]  # type: ignore[attr-defined]
    return found


def _shown(window: Window, path: str) -> pages.Shown | str:
    section, _, rest = path.partition("/")
    try:
        return pages.page(window, Place("zh", ("l", *path.split("/"))), section, (rest,) if rest else ())
    except NotFoundError as error:
        return error.code


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_kept_shows_at_each_position_what_one_made_anew_shows(
    path: str, demo_client: TestClient
) -> None:
    log = _log(demo_client, "zhongyuan")
    day, kept = axes(log, None, None).as_of, KeptUntilTouched[pages.Shown | str]()
    made = 0
    for known in range(1, log.ledger.size() + 1, 4):
        window = Window(log, Axes(day, known))

        def make(noted: NotedSource, window: Window = window) -> pages.Shown | str:
            nonlocal made
            made += 1
            return _shown(replace(window, noted=noted), path)

        assert kept.get(path, log.ledger, known, make) == _shown(window, path), known
    assert made < log.ledger.size() / 4


def test_pages_that_share_what_they_make_alike_show_what_each_shows_by_itself(
    demo_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _log(demo_client, "zhongyuan")
    day, kept = axes(log, None, None).as_of, KeptUntilTouched[pages.Shown | str]()
    made, row = list[int](), public_pages._row

    def counted(source: Source, at: Corner, edition: str, call: EditionOpened) -> EditionRow | None:
        made.append(at.known)
        return row(source, at, edition, call)

    for known in range(1, log.ledger.size() + 1, 9):
        window = Window(log, Axes(day, known))
        by_itself = {path: _shown(window, path) for path in PAGES}
        made.clear()
        with monkeypatch.context() as patch:
            patch.setattr(public_pages, "_row", counted)
            for path in PAGES:

                def make(noted: NotedSource, window: Window = window, path: str = path) -> pages.Shown | str:
                    return _shown(replace(window, noted=noted), path)

                assert kept.get(path, log.ledger, known, make) == by_itself[path], (known, path)
        # Of each edition, once for all pages.
        assert len(made) <= len([e for e in log.ledger.acts(EditionOpened) if e[0].position <= known])


def test_what_is_about_others_makes_no_page_again(demo_client: TestClient) -> None:
    """The rules stay as they were shown while reviewers score."""
    log = _log(demo_client, "ganzhou-practice")
    opened = [e for e in log.ledger.events() if e.statement.type == "ScoreSubmitted"]
    assert opened
    kept, made = KeptUntilTouched[object](), list[int]()
    for event in opened:
        window = Window(log, Axes(axes(log, None, None).as_of, event.position))

        def make(noted: NotedSource, window: Window = window) -> object:
            made.append(window.at.known_at)
            return _shown(replace(window, noted=noted), "rules")

        kept.get("rules", log.ledger, event.position, make)
    assert made == [opened[0].position]


def test_pages_take_no_more_room_than_there_is(demo_client: TestClient) -> None:
    log, room = _log(demo_client, "zhongyuan"), Room(60_000)
    day, kept, texts = axes(log, None, None).as_of, KeptUntilTouched[pages.Shown | str](room), WrittenPages(room)
    for known in (log.ledger.size() - 1, log.ledger.size()):
        for path in PAGES:
            window = Window(log, Axes(day, known))

            def make(noted: NotedSource, window: Window = window, path: str = path) -> pages.Shown | str:
                return _shown(replace(window, noted=noted), path)

            assert kept.get(path, log.ledger, known, make) == _shown(window, path)
            assert texts.get((path, str(known)), lambda: "页" * 5_000).body == ("页" * 5_000).encode()
            assert 0 < room.bytes <= room.most


def test_what_a_page_shows_counts_with_everything_in_it() -> None:
    shown = pages.Shown("t", {"rows": [{"name": "x" * 10_000}]}, ("y" * 20_000, {"z" * 30_000}))
    assert 60_000 < bytes_of(shown) < 63_000
