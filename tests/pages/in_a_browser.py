"""A running service and a real browser for the tests of pages."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.rate_limit import RateLimit
from ledger.clock import system_clock

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}


@contextmanager
def served(home: Settings) -> Iterator[str]:
    """The service on a free port of the loopback; its address by a name, since passkeys belong to one."""
    app = create_app(OpenLogs(home, str(home.database_url)))
    # More people come in through one address here than in an office.
    app.state.doors.tries = RateLimit(10_000, timedelta(minutes=1), system_clock)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join(timeout=30)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Pages, each in a context of its own, on which nothing may go wrong unseen."""
    contexts, errors = [], list[str]()

    def page() -> Page:
        context = browser.new_context(viewport={"width": 1200, "height": 900})
        contexts.append(context)
        made = context.new_page()
        made.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        made.on("pageerror", lambda error: errors.append(str(error)))
        return made

    yield page
    for context in contexts:
        context.close()
    # What the service refuses is reported by the browser itself.
    unseen = [e for e in errors if not any(status in e for status in ("400", "403", "404", "422"))]
    assert unseen == [], unseen


def _keep(page: Page, width: int) -> None:
    """A picture for whoever looks at the run, where SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        name = re.sub(r"[^A-Za-z0-9.-]+", "_", page.url.partition("://")[2].partition("/")[2])[:100]
        page.screenshot(path=Path(folder) / f"{name or 'home'}.{width}.png")


#: Every layout shift since the page began to load, a moment after it has: how much, and what moved from where to where.
SHIFTS = """() => new Promise((done) => {
  const seen = [];
  const of = (r) => `${r.x},${r.y} ${r.width}x${r.height}`;
  const moved = ({ node, previousRect, currentRect }) =>
    `${node?.nodeName} ${node?.textContent?.trim().slice(0, 30)}: ${of(previousRect)} > ${of(currentRect)}`;
  const keep = (list) => { for (const e of list.getEntries()) seen.push([e.value, ...e.sources.map(moved)]); };
  new PerformanceObserver(keep).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(seen), 60);
})"""


def look_at(page: Page, address: str, *, dark: bool = True) -> None:
    """WCAG 2.2 AA, wide and light, narrow and dark; nothing wider than the window, up to 1920 pixels; nothing moves
    once painted.

    ``dark`` is left out for a second language: colours are the same there.
    """
    page.set_viewport_size({"width": 1200, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(address)
    shifts = page.evaluate(SHIFTS)
    assert shifts == [], (address, "layout shift", shifts)
    for width, scheme in ((1200, "light"), (360, "dark"), (1920, "light")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        if width != 1920:
            _keep(page, width)
        if width == 1200 or (dark and width == 360):
            found = Axe().run(page, options=WCAG)
            assert found.violations_count == 0, found.generate_report()
