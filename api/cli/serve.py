"""The command that starts the service; parsing and printing of errors are in ``api/cli/parser.py``."""

from __future__ import annotations

import argparse
import gc
import logging
import signal
from collections.abc import Sequence
from contextlib import ExitStack

import uvicorn

from api.app import create_app
from api.cli.demo_witness import demo_witness
from api.cli.terminal import Terminal
from api.home.bootstrap import check_home, database_of
from api.home.demo import DemoLog, Telling, load_demos
from api.home.listening import http_of, listener
from api.home.open_logs import OpenLogs
from api.home.settings import refuse_unsafe
from api.home.telemetry import configure_logging
from api.readers.tokens import read_tokens
from api.rendering.environment import prepare
from api.sentences import sentence
from api.witness.app import InThisProcess
from ledger.clock import shanghai_day, system_clock
from ledger.sentences import Sentence


def serve(terminal: Terminal, options: argparse.Namespace) -> int:
    """Start the service; with --demo load the demo logs first."""
    settings = terminal.settings
    refuse_unsafe(settings)
    read_tokens(settings.reader_tokens_file)
    check_home(settings)
    # The server hands the signal back once it has ended its connections; by default that would end the process
    # there, and leave the embedded database running.
    signal.signal(signal.SIGTERM, _ended)
    with ExitStack() as stack:
        listening = stack.enter_context(listener(settings.host, settings.port))
        url = stack.enter_context(database_of(settings))
        demos, own_witness = None, dict[str, InThisProcess]()
        if options.demo:
            work, tell = terminal.work()
            with work:
                today = shanghai_day(system_clock())
                demos = load_demos(settings, url, today, lambda telling: tell(_part(telling), *_so_far(telling)))
            own_witness = stack.enter_context(demo_witness(settings, demos))
        bar, advance = terminal.progress(sentence("proving the logs"))
        with bar:
            logs = OpenLogs(settings, url, advance, own_witness)
        base = settings.base_url or f"http://{settings.host}:{settings.port}"
        terminal.announce(lambda: _welcome(terminal, logs, base, demos))
        configure_logging(logging.INFO)
        config = http_of(create_app(logs))
        prepare()
        settle_heap()
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def settle_heap() -> None:
    """What has been loaded by now stays for the life of the process: the collector of cycles need not look at it again.

    A look at all of it takes a tenth of a second, in which nobody is answered; and next to nothing of a request is a
    cycle, so that it looks more seldom as well.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _part(telling: Telling) -> Sentence:
    """Which of the demo logs is being recorded; one that is there already is gone through again."""
    about = {"number": telling.number, "of": telling.of, "title": telling.title}
    if telling.new:
        return sentence("recording {number} of {of}: {title}", **about)
    return sentence("going through {number} of {of}: {title}", **about)


def _so_far(telling: Telling) -> tuple[int, int]:
    return telling.done, telling.total


def _ended(_signal: int, _frame: object) -> None:
    """Asked to stop: everything that was opened is closed on the way out, which asking again does not cut short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def _welcome(terminal: Terminal, logs: OpenLogs, base: str, demos: Sequence[DemoLog] | None) -> None:
    terminal.say(sentence("Rongjian is ready. Where to look:"))
    terminal.say(sentence("  {base}/en/   the public window, for a browser", base=base))
    for log in logs.all():
        terminal.say(
            sentence(
                "  {base}/v1/logs/{name}/awards   {origin} ({size} entries)",
                base=base,
                name=log.home.name,
                origin=log.ledger.origin,
                size=log.ledger.size(),
            ),
        )
    for name, why in logs.refused.items():
        terminal.say(sentence("  the log {name} was not opened: {why}", name=name, why=why.told))
    if not logs.all():
        terminal.say(
            sentence(
                "  No log is here yet. To create one: rongjian init NAME --origin ORIGIN --jurisdiction NAME --code "
                "CODE; to load the demo: rongjian serve --demo"
            ),
        )
    terminal.say(sentence("  {base}/openapi.json   the API", base=base))
    for demo in demos or ():
        _show_in(terminal, demo, base)
    if demos and (demos[0].home.folder / "witnesses.policy").exists():
        name = demos[0].home.name
        terminal.say(
            sentence(
                "  {base}/en/{name}/seen/   who outside has seen it; the demo's witness is the operator's own, proof "
                "of nothing",
                base=base,
                name=name,
            ),
        )
    if demos is not None:
        terminal.say(sentence("  Ctrl-C stops."))


#: Who is worth being in a demo, and an address to begin with.
_SEATS = {
    "zhongyuan": sentence("dis inspects: an edition that is over, with a revocation and a clawback"),
    "ganzhou-practice": sentence("sec and sech run the office, R1 reviews, C applies: an edition under way"),
}
_EXAMPLES = {"zhongyuan": "awards/ZY-2023-A?as_of=2025-12-01&known_at=2025-11-20"}


def _show_in(terminal: Terminal, demo: DemoLog, base: str) -> None:
    """How to come into a demo log; one of another version is served as it is, and what this version knows of it is not
    said.
    """
    name = demo.home.name
    if not demo.current:
        terminal.say(
            sentence(
                "  {name}: loaded by another version of Rongjian, served as it is; another RONGJIAN_HOME loads this "
                "version's demo",
                name=name,
            ),
        )
    if demo.cast is not None:
        said = sentence(
            "  Log in: {base}/en/desk/{name}/login/ with a key file of {folder}", base=base, name=name, folder=demo.cast
        )
        seats = _SEATS.get(name) if demo.current else None
        terminal.say(said if seats is None else sentence("{login} ({seats})", login=said, seats=seats))
    if demo.current and name in _EXAMPLES:
        example = f"{base}/v1/logs/{name}/{_EXAMPLES[name]}"
        terminal.say(
            sentence("  Try: {example}\n       then without known_at.", example=example),
        )
