"""What each command does; parsing and printing of errors are in ``api/cli.py``."""

from __future__ import annotations

import argparse
import json
import logging
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict

import uvicorn

from api.app import create_app
from api.bootstrap import check_home, database_of
from api.demo import DemoLog, load_demos
from api.demo_witness import demo_witness
from api.files import writing
from api.json_text import json_text
from api.listening import listener
from api.open_logs import OpenLogs
from api.opening import opened
from api.reader_tokens import read_tokens
from api.reference import write_spec
from api.scenario.run import Report, run_file
from api.settings import refuse_unsafe
from api.telemetry import configure_logging
from api.terminal import Terminal
from api.witness.app import InThisProcess
from ledger import canonical
from ledger.clock import SHANGHAI, shanghai_day, system_clock
from projections.replayed import Differing, compare
from projections.suspect_keys import suspects_of


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


def show(terminal: Terminal, options: argparse.Namespace) -> int:
    """List entries, or print one event."""
    with opened(terminal, options.log) as log:
        if options.id:
            event = log.ledger.event(options.id)
            value = {
                "position": event.position,
                "recorded_at": event.recorded_at.isoformat(),
                "suspect_signatures": [s.to_json() for s in suspects_of(log.ledger, event, log.ledger.size())],
                "statement": canonical.parse(event.statement.body, "statement"),
                "receipt": log.ledger.evidence.receipt(event.position).to_json(),
            }
            print(json_text(value, indent=2))
            return 0
        events = log.ledger.events(after=options.after, until=options.after + options.limit)
    rows = [
        {
            "position": e.position,
            "recorded_at": e.recorded_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "effective_on": e.statement.effective_on.isoformat(),
            "type": e.statement.type,
            "zh": e.statement.payload.SPEC.zh,
            "actor": e.statement.actor,
            "role": e.statement.role,
            "id": e.statement.id,
        }
        for e in events
    ]
    terminal.give(rows, lambda: terminal.table(rows))
    return 0


def scenario(terminal: Terminal, options: argparse.Namespace) -> int:
    """Run scenario files; 1 if an act or an expectation is not as written."""
    reports: list[Report] = []
    with database_of(terminal.settings) as url:
        for path in options.files:
            bar, advance = terminal.progress(f"情景 {path.name}", f"scenario {path.name}")
            with bar:
                reports.append(run_file(path, url, advance))

    def human() -> None:
        for report in reports:
            _report(terminal, report)

    terminal.give([_report_json(r) for r in reports], human)
    return 0 if all(r.passed for r in reports) else 1


def _report(terminal: Terminal, report: Report) -> None:
    acts = [o for o in report.outcomes if not o.as_expected]
    met = sum(v.met for v in report.verdicts)
    title = report.scenario.title if terminal.chinese else report.scenario.title_en
    terminal.say(
        f"{title}：{len(report.outcomes)} 项行为，{len(acts)} 项与所写不符；{met}/{len(report.verdicts)} 项期望成立",
        f"{title}: {len(report.outcomes)} acts, {len(acts)} not as written; {met}/{len(report.verdicts)} "
        "expectations met",
    )
    if report.filled:
        terminal.say(
            f"  （另补 {report.filled} 个情景从略的步骤）",
            f"  ({report.filled} ordinary steps that the file leaves out were played)",
        )
    for o in acts:
        terminal.console.print(
            f"  ✗ {o.act.where} {o.act.do}\n      expected: {o.expected}\n      actual:   {o.actual}", markup=False
        )
    for v in report.verdicts:
        mark = "✓" if v.met else "✗"
        terminal.console.print(
            f"  {mark} {v.question}: expected {_short(v.expected)}, actual {_short(v.actual)}", markup=False
        )


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


def _report_json(report: Report) -> dict[str, object]:
    return {
        "scenario": report.scenario.name,
        "passed": report.passed,
        "filled": report.filled,
        "acts": [
            {
                "where": o.act.where,
                "do": o.act.do,
                "as_expected": o.as_expected,
                "expected": o.expected,
                "actual": o.actual,
            }
            for o in report.outcomes
        ],
        "expectations": [
            {"where": v.where, "question": v.question, "met": v.met, "expected": v.expected, "actual": v.actual}
            for v in report.verdicts
        ],
    }


def rebuild(terminal: Terminal, options: argparse.Namespace) -> int:
    """Rebuild the register beside the old one, swap, and compare samples with replay.

    With ``--check`` what differed before is told: the rebuilding mends it, and it was shown until then. 1 if there was
    any.
    """
    with opened(terminal, options.log) as log:
        differed: tuple[Differing, ...] = ()
        if options.check:
            bar, advance = terminal.progress("比对清单", "comparing the register")
            with bar:
                differed = compare(log.ledger, log.register, log.ledger.size(), advance).differing
        bar, advance = terminal.progress("重建清单", "rebuilding the register")
        with bar:
            reached = log.runner.rebuild(advance)
        wrong = log.runner.check(options.check) if options.check else []
    value = {
        "position": reached,
        "checked": options.check,
        "wrong": [list(w) for w in wrong],
        "differed": [asdict(d) for d in differed],
    }

    def human() -> None:
        for d in differed:
            terminal.say(
                f"  此前不符：{d.subject} {d.fact} {d.on}（自第 {d.known} 条起）：应为 {(d.replayed or '无')[:100]}，曾为 "
                f"{(d.stored or '无')[:100]}",
                f"  differed before: {d.subject} {d.fact} {d.on} (from entry {d.known} on): expected "
                f"{(d.replayed or 'nothing')[:100]}, was {(d.stored or 'nothing')[:100]}",
            )
        terminal.say(
            f"清单已重建至第 {reached} 条；此前 {len(differed)} 处不符；抽查 {options.check} 处，{len(wrong)} 处不符",
            f"register rebuilt to position {reached}; {len(differed)} places differed before; {options.check} "
            f"samples, {len(wrong)} differ",
        )

    terminal.give(value, human)
    return 1 if wrong or differed else 0


def spec(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write the generated part of the specification."""
    with writing(options.folder):
        files = write_spec(options.folder)
    terminal.give(
        [str(f) for f in files], lambda: terminal.say(f"已写入 {len(files)} 个文件", f"{len(files)} files written")
    )
    return 0
