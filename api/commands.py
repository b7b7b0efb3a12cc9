"""What each command does; parsing and printing of errors are in ``api/cli.py``."""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from rich.table import Table

from api.app import create_app
from api.bootstrap import create_log, database_of, log_named, logs_of, open_log
from api.demo import load_demos
from api.open_logs import OpenLog, OpenLogs
from api.scenario.run import Report, run_file
from api.settings import Settings, refuse_unsafe
from api.spec import write_spec
from api.telemetry import configure_logging
from api.terminal import Terminal
from api.v1.asking import axes
from ledger import canonical, disclosure
from ledger.application import Ledger, Submission, parse_submission
from ledger.clock import SHANGHAI, shanghai_day, system_clock
from ledger.errors import MalformedError, UnavailableError
from ledger.events.registry import event_class
from ledger.fsck import check_database
from ledger.regulation.pack import parse_pack
from ledger.regulation.shipped import shipped_packs
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey, from_pem, to_pem
from ledger.statement import compose
from projections.as_of import tell, tell_all
from projections.register import Register
from projections.runner import Runner

_STATEMENT_MEMBERS = {"type", "log", "id", "actor", "role", "effective_at", "payload", "basis", "causes", "evidence", "late", "override", "restricted"}  # fmt: skip


@contextmanager
def _opened(terminal: Terminal, name: str) -> Iterator[OpenLog]:
    with database_of(terminal.settings) as url:
        home = log_named(terminal.settings, name)
        ledger = open_log(terminal.settings, url, home)
        try:
            yield OpenLog(home, ledger, Register(ledger.database), Runner(ledger, ledger.database, ledger.size))
        finally:
            ledger.close()


def serve(terminal: Terminal, options: argparse.Namespace) -> int:
    """Start the service; with --demo load the demo logs first."""
    settings = terminal.settings
    refuse_unsafe(settings)
    with _listener(settings) as listener, database_of(settings) as url:
        if options.demo:
            bar, advance = terminal.progress("装载演示账本", "loading the demo logs")
            with bar:
                load_demos(
                    settings, url, shanghai_day(system_clock()), lambda _title, done, total: advance(done, total)
                )
        logs = OpenLogs(settings, url)
        base = f"http://{settings.host}:{settings.port}"
        _welcome(terminal, logs, base, demo=options.demo)
        configure_logging(logging.INFO)
        config = uvicorn.Config(create_app(logs), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listener(settings: Settings) -> socket.socket:
    """The port, taken before anything is started."""
    try:
        return socket.create_server((settings.host, settings.port), backlog=128)
    except OSError as error:
        raise UnavailableError(
            "port_in_use",
            f"port {settings.port} on {settings.host} cannot be opened: {error.strerror}; set RONGJIAN_PORT",
            f"{settings.host} 的端口 {settings.port} 无法使用；请设置 RONGJIAN_PORT",
        ) from error


def _welcome(terminal: Terminal, logs: OpenLogs, base: str, *, demo: bool) -> None:
    terminal.say("荣鉴已就绪。看这里：", "Rongjian is ready. Where to look:")
    for log in logs.all():
        terminal.say(f"  {base}/v1/logs/{log.home.name}/awards   {log.ledger.origin}（{log.ledger.size()} 条）",
                     f"  {base}/v1/logs/{log.home.name}/awards   {log.ledger.origin} ({log.ledger.size()} entries)")  # fmt: skip
    terminal.say(f"  {base}/docs   接口文档", f"  {base}/docs   the API")
    if demo:
        example = f"{base}/v1/logs/zhongyuan/awards/ZY-2023-A?as_of=2025-12-01&known_at=2025-11-20"
        terminal.say(
            f"  试一试：{example}\n         再去掉 known_at 看一遍。Ctrl-C 停止。",
            f"  Try: {example}\n       then without known_at. Ctrl-C stops.",
        )


def init(terminal: Terminal, options: argparse.Namespace) -> int:
    """Create a log, founders' keys and the genesis."""
    with database_of(terminal.settings) as url:
        log = create_log(terminal.settings, url, options.name, options.origin)
        ledger = open_log(terminal.settings, url, log)
        try:
            if ledger.size():
                raise MalformedError(
                    "genesis_exists", f"log {options.name} already has its genesis", f"账本 {options.name} 已创立"
                )
            keys = {
                role: _founder_key(log.folder / "founders" / f"{role.lower()}.pem") for role in ("OPR", "GOV", "SECH")
            }
            receipt = ledger.submit(_genesis(ledger.origin, keys, options))
        finally:
            ledger.close()
    value = {
        "log": log.name,
        "origin": log.origin,
        "vkey": str(ledger.verifier_key),
        "founders": str(log.folder / "founders"),
        "receipt": receipt.to_json(),
    }
    terminal.give(
        value,
        lambda: terminal.say(
            f"账本 {log.origin} 已创立。创立人密钥在 {value['founders']}，请移交本人并从此处删除。\n验证密钥：{value['vkey']}",
            f"Log {log.origin} exists. The founders' keys are in {value['founders']}: hand them over and delete them here.\nVerifier key: {value['vkey']}",
        ),
    )
    return 0


def _founder_key(path: Path) -> PrivateKey:
    key = PrivateKey(secrets.token_bytes(32))
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _new_file(path, to_pem(key, None))
    return key


def _genesis(origin: str, keys: dict[str, PrivateKey], options: argparse.Namespace) -> Submission:
    founders = [
        {
            "principal_id": role.lower(), "kind": "public_body", "role": role, "algorithm": "Ed25519",
            "key_id": key.public.keyid, "public_key": key.public.raw.hex(), "org_name": f"{options.jurisdiction} {role}",
        }
        for role, key in keys.items()
    ]  # fmt: skip
    body = compose(
        type="GenesisDeclared", log=origin, id=new_statement_id(), actor="opr", role="OPR",
        effective_at=shanghai_day(system_clock()).isoformat(),
        payload={"mode": options.mode, "jurisdiction": options.jurisdiction, "jurisdiction_code": options.code, "founders": founders},
    )  # fmt: skip
    envelope = dsse.sign(body, *keys.values())
    return Submission(envelope, envelope.to_bytes(), {})


def key_new(terminal: Terminal, options: argparse.Namespace) -> int:
    """Make an Ed25519 key file, encrypted if RONGJIAN_KEY_PASSWORD is set."""
    key = PrivateKey(secrets.token_bytes(32))
    _new_file(options.file, to_pem(key, _password()))
    value = {
        "file": str(options.file),
        "key_id": key.public.keyid,
        "public_key": key.public.raw.hex(),
        "algorithm": "Ed25519",
    }
    terminal.give(value, lambda: terminal.say(f"密钥已写入 {options.file}\n标识 {value['key_id']}\n公钥 {value['public_key']}",
                                              f"key written to {options.file}\nid {value['key_id']}\npublic key {value['public_key']}"))  # fmt: skip
    return 0


def sign(terminal: Terminal, options: argparse.Namespace) -> int:
    """Sign a draft, or add signatures to a submission."""
    data = _read(options.file)
    value = canonical.parse_object(data, str(options.file))
    keys = [from_pem(_read(path), _password()) for path in options.key]
    if "envelope" in value:
        submission = parse_submission(data)
        envelope = submission.envelope
        for key in keys:
            envelope = dsse.countersign(envelope, key)
        submission = Submission(envelope, envelope.to_bytes(), submission.openings)
    else:
        submission = _signed_draft(value, keys)
    text = json.dumps(submission.to_json(), ensure_ascii=False, indent=1) + "\n"
    if options.output is not None:
        _write_text(options.output, text)
        terminal.say(f"已写入 {options.output}", f"written to {options.output}")
    else:
        print(text, end="")
    return 0


def _signed_draft(value: dict[str, Any], keys: list[PrivateKey]) -> Submission:
    unknown = value.keys() - _STATEMENT_MEMBERS
    if unknown or not {"type", "log", "actor", "role", "payload"} <= value.keys():
        raise MalformedError(
            "malformed_draft",
            f"a draft has type, log, actor, role, payload; may have {', '.join(sorted(_STATEMENT_MEMBERS))}",
            "声明草稿应有 type、log、actor、role、payload",
            field=sorted(unknown)[0] if unknown else "",
        )
    event_class(value["type"], 1)
    openings = [disclosure.Opening(p, secrets.token_bytes(32), v) for p, v in value.pop("restricted", {}).items()]
    value.setdefault("id", new_statement_id())
    value.setdefault("effective_at", shanghai_day(system_clock()).isoformat())
    for name in ("basis", "causes", "evidence"):
        value[name] = tuple(value.get(name, ()))
    envelope = dsse.sign(compose(**value, sd={o.pointer: o.commitment() for o in openings}), *keys)
    return Submission(envelope, envelope.to_bytes(), {o.pointer: o for o in openings})


def submit(terminal: Terminal, options: argparse.Namespace) -> int:
    """Submit files in order, to a service or straight into this home's log."""
    submissions = [parse_submission(_read(path)) for path in options.files]
    if options.url:
        receipts = [_post(options.url, options.log, s) for s in submissions]
    else:
        with _opened(terminal, options.log) as log:
            receipts = [log.ledger.submit(s).to_json() for s in submissions]

    def human() -> None:
        for receipt in receipts:
            terminal.say(f"已登记：第 {receipt['position']} 条 {receipt['id']} {receipt['recorded_at']}",
                         f"recorded: position {receipt['position']} {receipt['id']} {receipt['recorded_at']}")  # fmt: skip

    terminal.give(receipts, human)
    return 0


def _post(url: str, log: str, submission: Submission) -> dict[str, Any]:
    try:
        response = httpx.post(f"{url.rstrip('/')}/v1/logs/{log}/statements", json=submission.to_json(), timeout=60)
        value: dict[str, Any] = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise UnavailableError(
            "service_unavailable", f"{url} does not answer as a ledger: {error}", f"{url} 无法访问或不是账本服务"
        ) from error
    if response.status_code != 201:
        raise MalformedError(
            value.get("code", "refused"), value.get("en", response.text), value.get("zh", response.text)
        )
    return value


def show(terminal: Terminal, options: argparse.Namespace) -> int:
    """List entries, or print one event."""
    with _opened(terminal, options.log) as log:
        if options.id:
            event = log.ledger.event(options.id)
            value = {"position": event.position, "recorded_at": event.recorded_at.isoformat(),
                     "statement": canonical.parse(event.statement.body, "statement"),
                     "receipt": log.ledger.receipt(event.position).to_json()}  # fmt: skip
            print(json.dumps(value, ensure_ascii=False, indent=2))
            return 0
        events = log.ledger.events(after=options.after, until=options.after + options.limit)
    rows = [
        {"position": e.position, "recorded_at": e.recorded_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
         "effective_on": e.statement.effective_on.isoformat(), "type": e.statement.type,
         "zh": e.statement.payload.SPEC.zh, "actor": e.statement.actor, "role": e.statement.role, "id": e.statement.id}
        for e in events
    ]  # fmt: skip
    terminal.give(rows, lambda: _table(terminal, rows))
    return 0


def as_of(terminal: Terminal, options: argparse.Namespace) -> int:
    """Answers about one subject at (D, K), with their reasons."""
    with _opened(terminal, options.log) as log:
        at = axes(log, options.on, options.known)
        if options.fact:
            told = [tell(log.ledger, options.fact, options.subject, at.as_of, at.known_at)]
        else:
            told = tell_all(log.ledger, options.kind, options.subject, at.as_of, at.known_at)
        values = [t.to_json() for t in told]

    def human() -> None:
        terminal.say(
            f"{options.subject}：事实日 {at.as_of}，知悉至第 {at.known_at} 条",
            f"{options.subject}: as of {at.as_of}, known at {at.known_at}",
        )
        for value in values:
            terminal.say(f"\n{value['number']} {value['zh']}", f"\n{value['number']} {value['en']}")
            shown = value.get("value", value.get("undetermined", value.get("not_applicable")))
            terminal.console.print(f"  {value['state']}: {json.dumps(shown, ensure_ascii=False)}", markup=False)
            for name, items in value["why"].items():
                if items:
                    terminal.console.print(f"    {name}: {', '.join(items)}", style="dim", markup=False)

    terminal.give({**at.to_json(), "facts": values}, human)
    return 0


def pack(terminal: Terminal, options: argparse.Namespace) -> int:
    """Check a pack file, or list the shipped packs."""
    if options.action == "list":
        rows = [
            {"name": n, "pack": p.reference, "status": p.status, "title": p.title, "sha256": p.sha256}
            for n, (p, _) in shipped_packs().items()
        ]
        terminal.give(rows, lambda: _table(terminal, rows))
        return 0
    if options.file is None:
        raise MalformedError("no_file", "pack check needs a file", "pack check 须指定文件")
    checked = parse_pack(_read(options.file), str(options.file))
    absent = [p.path for p in checked.parameters.values() if p.absence is not None]
    value = {
        "pack": checked.reference,
        "status": checked.status,
        "sha256": checked.sha256,
        "parameters": len(checked.parameters),
        "without_value": absent,
    }
    terminal.give(
        value,
        lambda: terminal.say(
            f"有效：{checked.reference}（{checked.status}），{len(checked.parameters)} 个参数，其中 {len(absent)} 个未规定或未见条文。\n{checked.sha256}",
            f"valid: {checked.reference} ({checked.status}), {len(checked.parameters)} parameters, {len(absent)} of them without a value.\n{checked.sha256}",
        ),
    )
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
        f"{title}: {len(report.outcomes)} acts, {len(acts)} not as written; {met}/{len(report.verdicts)} expectations met",
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


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "scenario": report.scenario.name,
        "passed": report.passed,
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
    """Rebuild the register beside the old one, swap, and compare samples with replay."""
    with _opened(terminal, options.log) as log:
        bar, advance = terminal.progress("重建清单", "rebuilding the register")
        with bar:
            reached = log.runner.rebuild(advance)
        wrong = log.runner.check(options.check) if options.check else []
    value = {"position": reached, "checked": options.check, "wrong": [list(w) for w in wrong]}
    terminal.give(value, lambda: terminal.say(f"清单已重建至第 {reached} 条；抽查 {options.check} 处，{len(wrong)} 处不符",
                                              f"register rebuilt to position {reached}; {options.check} samples, {len(wrong)} differ"))  # fmt: skip
    return 1 if wrong else 0


def verify(terminal: Terminal, options: argparse.Namespace) -> int:
    """Recompute everything; name every wrong place. 1 if there is one."""
    names = options.log or [log.name for log in logs_of(terminal.settings)]
    if not names:
        raise MalformedError("no_logs", "there is no log in this home", "此处没有账本")
    results = []
    for name in names:
        with _opened_for_verification(terminal, name) as ledger:
            bar, advance = terminal.progress(f"核验 {name}", f"verifying {name}")
            with bar:
                findings = check_database(ledger, advance)
            results.append({"log": name, "origin": ledger.origin, "size": ledger.size(), "findings": [
                {"position": f.position, "field": f.field, "expected": f.expected, "actual": f.actual} for f in findings]})  # fmt: skip

    def human() -> None:
        for result in results:
            count = len(result["findings"])
            terminal.say(f"{result['origin']}：{result['size']} 条，{'全部相符' if not count else f'{count} 处不符'}",
                         f"{result['origin']}: {result['size']} entries, {'all fits' if not count else f'{count} wrong places'}")  # fmt: skip
            for f in result["findings"]:
                terminal.say(f"  第 {f['position']} 条 {f['field']}：应为 {f['expected'][:100]}，实为 {f['actual'][:100]}",
                             f"  position {f['position']} {f['field']}: expected {f['expected'][:100]}, found {f['actual'][:100]}")  # fmt: skip

    terminal.give(results, human)
    return 1 if any(r["findings"] for r in results) else 0


@contextmanager
def _opened_for_verification(terminal: Terminal, name: str) -> Iterator[Ledger]:
    """Like opening a log, but a head that does not fit is for verify to name, not a reason to stop."""
    with database_of(terminal.settings) as url:
        ledger = open_log(terminal.settings, url, log_named(terminal.settings, name), check_head=False)
        try:
            yield ledger
        finally:
            ledger.close()


def spec(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write the generated part of the specification."""
    files = write_spec(options.folder)
    terminal.give(
        [str(f) for f in files], lambda: terminal.say(f"已写入 {len(files)} 个文件", f"{len(files)} files written")
    )
    return 0


def new_statement_id() -> str:
    """A UUIDv7 (RFC 9562 section 5.7) of now."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def _password() -> bytes | None:
    return os.environ["RONGJIAN_KEY_PASSWORD"].encode() if "RONGJIAN_KEY_PASSWORD" in os.environ else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MalformedError(
            "file_unreadable", f"{path}: {error.strerror}", f"{path}：无法读取", file=str(path)
        ) from error


def _new_file(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(data)
    except OSError as error:
        raise MalformedError(
            "file_unwritable", f"{path}: {error.strerror}", f"{path}：无法写入", file=str(path)
        ) from error


def _write_text(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise MalformedError(
            "file_unwritable", f"{path}: {error.strerror}", f"{path}：无法写入", file=str(path)
        ) from error


def _table(terminal: Terminal, rows: list[dict[str, Any]]) -> None:
    table = Table(show_header=True, header_style="bold", box=None)
    for column in rows[0] if rows else ():
        table.add_column(column)
    for row in rows:
        table.add_row(*(str(v) for v in row.values()))
    terminal.console.print(table)
