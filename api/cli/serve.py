"""The command that starts the service; parsing and printing of errors are in ``api/cli/parser.py``."""

from __future__ import annotations

import argparse
import logging
import signal
from collections.abc import Sequence
from contextlib import ExitStack

import uvicorn

from api.app import create_app
from api.cli.demo_witness import demo_witness
from api.cli.terminal import Terminal
from api.home.bootstrap import check_home, database_of
from api.home.demo import DemoLog, load_demos
from api.home.listening import listener
from api.home.open_logs import OpenLogs
from api.home.settings import refuse_unsafe
from api.home.telemetry import configure_logging
from api.readers.tokens import read_tokens
from api.witness.app import InThisProcess
from ledger.clock import shanghai_day, system_clock


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
            bar, advance = terminal.progress("装载演示账本", "loading the demo logs")
            with bar:
                demos = load_demos(
                    settings, url, shanghai_day(system_clock()), lambda _title, done, total: advance(done, total)
                )
            own_witness = stack.enter_context(demo_witness(settings, demos))
        bar, advance = terminal.progress("核验账本", "proving the logs")
        with bar:
            logs = OpenLogs(settings, url, advance, own_witness)
        base = settings.base_url or f"http://{settings.host}:{settings.port}"
        terminal.announce(lambda: _welcome(terminal, logs, base, demos))
        configure_logging(logging.INFO)
        config = uvicorn.Config(create_app(logs), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def _ended(_signal: int, _frame: object) -> None:
    """Asked to stop: everything that was opened is closed on the way out, which asking again does not cut short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def _welcome(terminal: Terminal, logs: OpenLogs, base: str, demos: Sequence[DemoLog] | None) -> None:
    terminal.say("荣鉴已就绪。看这里：", "Rongjian is ready. Where to look:")
    terminal.say(f"  {base}/zh/   公众窗口，用浏览器打开", f"  {base}/en/   the public window, for a browser")
    for log in logs.all():
        terminal.say(
            f"  {base}/v1/logs/{log.home.name}/awards   {log.ledger.origin}（{log.ledger.size()} 条）",
            f"  {base}/v1/logs/{log.home.name}/awards   {log.ledger.origin} ({log.ledger.size()} entries)",
        )
    for name, why in logs.refused.items():
        terminal.say(f"  账本 {name} 未打开：{why.zh}", f"  the log {name} was not opened: {why.en}")
    if not logs.all():
        terminal.say(
            "  此处还没有账本：用 rongjian init NAME --origin ORIGIN --jurisdiction NAME --code CODE 创立，或用 rongjian serve "
            "--demo 装载演示",
            "  No log is here yet. To create one: rongjian init NAME --origin ORIGIN --jurisdiction NAME --code "
            "CODE; to load the demo: rongjian serve --demo",
        )
    terminal.say(f"  {base}/openapi.json   接口说明", f"  {base}/openapi.json   the API")
    for demo in demos or ():
        _show_in(terminal, demo, base)
    if demos and (demos[0].home.folder / "witnesses.policy").exists():
        name = demos[0].home.name
        terminal.say(
            f"  {base}/zh/{name}/seen/   外部何人见过；演示的见证人属同一运营者，仅为演示，不证明任何事",
            f"  {base}/en/{name}/seen/   who outside has seen it; the demo's witness is the operator's own, "
            "proof of nothing",
        )
    if demos is not None:
        terminal.say("  Ctrl-C 停止。", "  Ctrl-C stops.")


#: Who is worth being in a demo, and an address to begin with.
_SEATS = {
    "zhongyuan": (
        "dis 纪检：一届已办结，含撤销与追缴",
        "dis inspects: an edition that is over, with a revocation and a clawback",
    ),
    "ganzhou-practice": (
        "sec、sech 评审办，R1 评审员，C 申报组织：一届正在办理",
        "sec and sech run the office, R1 reviews, C applies: an edition under way",
    ),
}
_EXAMPLES = {"zhongyuan": "awards/ZY-2023-A?as_of=2025-12-01&known_at=2025-11-20"}


def _show_in(terminal: Terminal, demo: DemoLog, base: str) -> None:
    """How to come into a demo log; one of another version is served as it is, and what this version knows of it is not
    said.
    """
    name = demo.home.name
    if not demo.current:
        terminal.say(
            f"  {name}：由另一版本的荣鉴装载，照原样提供；要看本版本的演示，请另设 RONGJIAN_HOME",
            f"  {name}: loaded by another version of Rongjian, served as it is; another RONGJIAN_HOME loads this "
            "version's demo",
        )
    if demo.cast is not None:
        zh, en = _SEATS.get(name, ("", "")) if demo.current else ("", "")
        terminal.say(
            f"  登录：{base}/zh/desk/{name}/login/ ，密钥文件在 {demo.cast}" + (f"（{zh}）" if zh else ""),
            f"  Log in: {base}/en/desk/{name}/login/ with a key file of {demo.cast}" + (f" ({en})" if en else ""),
        )
    if demo.current and name in _EXAMPLES:
        example = f"{base}/v1/logs/{name}/{_EXAMPLES[name]}"
        terminal.say(
            f"  试一试：{example}\n         再去掉 known_at 看一遍。",
            f"  Try: {example}\n       then without known_at.",
        )
