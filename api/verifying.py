"""Commands about a log's bytes: verify them, write them as static files, mirror a log, rebuild a lost one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.bootstrap import database_of, log_named, logs_of, open_log
from api.files import read_file, writing
from api.mirroring import follow, from_ledger, restore
from api.opening import opened
from api.sources import fetch_from
from api.terminal import Terminal
from ledger import canonical
from ledger.application import Ledger
from ledger.clock import system_clock
from ledger.errors import EvidenceError, MalformedError
from ledger.fsck.database import check_against, check_database
from ledger.fsck.entries import Finding
from ledger.fsck.index_log import check_index_log, check_index_records
from ledger.fsck.notes import Note, Strictness
from ledger.fsck.resume import Mark, Resumption
from ledger.fsck.tiles import check_tiles
from ledger.identifiers import parse_digest
from ledger.store.database import create_log_schema, schema_of
from ledger.tlog import checkpoint
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.policy import Policy, parse_policy


def verify(terminal: Terminal, options: argparse.Namespace) -> int:
    """Recompute everything; name every wrong place. 1 if there is one; notes about what is whole change no exit code."""
    if options.policy is not None:
        policy = parse_policy(read_file(options.policy))
        results = [_verify_files(terminal, source, policy, options.resume) for source in options.log]
    else:
        names = options.log or [log.name for log in logs_of(terminal.settings)]
        results = [_verify_log(terminal, name, options.against, options.resume) for name in names]
    if not results:
        raise MalformedError("no_logs", "there is nothing to verify: name a log or a source", "没有可核验的账本或来源")

    def human() -> None:
        for result in results:
            count = len(result["findings"])
            terminal.say(f"{result['origin']}：{result['size']} 条，{'全部相符' if not count else f'{count} 处不符'}",
                         f"{result['origin']}: {result['size']} entries, {'all fits' if not count else f'{count} wrong places'}")  # fmt: skip
            for f in result["findings"]:
                terminal.say(f"  第 {f['position']} 条 {f['field']}：应为 {f['expected'][:100]}，实为 {f['actual'][:100]}",
                             f"  position {f['position']} {f['field']}: expected {f['expected'][:100]}, found {f['actual'][:100]}")  # fmt: skip
            if result["notes"]:
                terminal.say(
                    f"  说明 {len(result['notes'])} 处：以下条目完好，但按今日的登记要求不会被接受",
                    f"  {len(result['notes'])} notes: these entries are whole, and would not be admitted today",
                )
            for note in result["notes"]:
                terminal.say(f"  第 {note['position']} 条 {note['zh']}", f"  position {note['position']} {note['en']}")

    terminal.give(results, human)
    return 1 if any(r["findings"] for r in results) else 0


def _verify_log(terminal: Terminal, name: str, against: str | None, marks: Path | None) -> dict[str, Any]:
    """A log of this home from its database; ``against`` compares it with the head of a mirror."""
    with _opened_for_verification(terminal, name) as ledger:
        bar, advance = terminal.progress(f"核验 {name}", f"verifying {name}")
        strictness = Strictness(system_clock())
        with bar:
            findings = check_database(
                ledger, advance, resumption=_resumption(marks, ledger.origin), strictness=strictness
            )
        findings += check_index_records(ledger)
        if against is not None:
            seen = checkpoint.verify(fetch_from(against)("checkpoint"), ledger.heads.signer.keys, ledger.origin)
            findings += check_against(ledger, seen)
        return _verified(name, ledger.origin, ledger.size(), findings, strictness.notes)


def _verify_files(terminal: Terminal, source: str, policy: Policy, marks: Path | None) -> dict[str, Any]:
    """Static files of a log, from a folder or a URL, by the reader's own policy."""
    fetch = fetch_from(source, terminal.settings.reader_token)
    head = policy.verify(fetch("checkpoint")).checkpoint
    bar, advance = terminal.progress(f"核验 {source}", f"verifying {source}")
    strictness = Strictness(system_clock())
    with bar:
        findings = check_tiles(
            fetch, head, advance, keys=policy.logs, resumption=_resumption(marks, head.origin), strictness=strictness
        )
    findings += check_index_log(fetch, head, policy)
    return _verified(source, head.origin, head.size, findings, strictness.notes)


def _resumption(file: Path | None, origin: str) -> Resumption:
    """Where the verifier's own file says that an earlier run had come to, and where this one writes how far it is."""
    if file is None:
        return Resumption()
    marks = canonical.parse_object(read_file(file), str(file)) if file.exists() else {}
    earlier = _mark(file, marks[origin]) if origin in marks else None

    def keep(mark: Mark) -> None:
        marks[origin] = {"size": mark.size, "root": mark.root.hex()}
        unfinished = file.with_name(file.name + ".new")
        with writing(file):
            unfinished.write_bytes(canonical.encode(marks))
            unfinished.replace(file)

    return Resumption(earlier, keep)


def _mark(file: Path, value: object) -> Mark:
    match value:
        case {"size": int(size), "root": str(root)} if size > 0 and not isinstance(size, bool):
            return Mark(size, bytes.fromhex(parse_digest(root, "root")))
    raise MalformedError("malformed_mark", f"{file}: a mark has size and root", f"{file}：标记应有 size 与 root")


def _verified(name: str, origin: str, size: int, findings: list[Finding], notes: list[Note]) -> dict[str, Any]:
    return {
        "log": name,
        "origin": origin,
        "size": size,
        "findings": [
            {"position": f.position, "field": f.field, "expected": f.expected, "actual": f.actual} for f in findings
        ],
        "notes": [{"position": n.position, "code": n.code, "zh": n.zh, "en": n.en} for n in notes],
    }


def export(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write a log as static files, or bring the folder up to its head."""
    with opened(terminal, options.log) as log:
        policy = parse_policy(log.ledger.heads.own_policy().encode())
        bar, advance = terminal.progress("写出", "writing")
        with bar:
            head = follow(from_ledger(log.ledger), options.folder, policy, advance)
    _followed(terminal, head, options.folder)
    return 0


def mirror_follow(terminal: Terminal, options: argparse.Namespace) -> int:
    """Follow a log over HTTP into a folder: verify, then store."""
    fetch = fetch_from(options.source, terminal.settings.reader_token)
    policy = parse_policy(read_file(options.policy))
    bar, advance = terminal.progress("镜像", "mirroring")
    with bar:
        head = follow(fetch, options.folder, policy, advance)
    _followed(terminal, head, options.folder)
    return 0


def mirror_restore(terminal: Terminal, options: argparse.Namespace) -> int:
    """Rebuild a lost log from a folder, once every byte of it has been verified by the log's own keys."""
    fetch = fetch_from(str(options.folder))
    with database_of(terminal.settings) as url:
        home = log_named(terminal.settings, options.log)
        create_log_schema(url, schema_of(home.origin))
        # A restore that broke off left a head which its entries do not reach yet.
        ledger = open_log(terminal.settings, url, home, check_head=False)
        try:
            head = checkpoint.verify(fetch("checkpoint"), ledger.heads.signer.keys, ledger.origin)
            findings = check_tiles(fetch, head, keys=ledger.heads.signer.keys)
            if findings:
                raise EvidenceError("mirror_damaged", f"the mirror: {findings[0]}", f"镜像有误：{findings[0]}")
            bar, advance = terminal.progress("重建", "restoring")
            with bar:
                restore(ledger, options.folder, fetch, advance)
        finally:
            ledger.close()
    value = {"origin": head.origin, "size": head.size}
    terminal.give(value, lambda: terminal.say(
        f"{head.origin} 已重建至第 {head.size} 条。受限字段的开启值不在镜像中，须另由数据库备份恢复",
        f"{head.origin} is restored up to entry {head.size}. Openings of restricted fields are not in a mirror"))  # fmt: skip
    return 0


def _followed(terminal: Terminal, head: Checkpoint, folder: Path) -> None:
    value = {"origin": head.origin, "size": head.size, "folder": str(folder)}
    terminal.give(value, lambda: terminal.say(f"{head.origin}：{head.size} 条，已核验并写入 {folder}",
                                              f"{head.origin}: {head.size} entries, verified and written to {folder}"))  # fmt: skip


@contextmanager
def _opened_for_verification(terminal: Terminal, name: str) -> Iterator[Ledger]:
    """Like opening a log, but a head that does not fit is for verify to name, not a reason to stop."""
    with database_of(terminal.settings) as url:
        ledger = open_log(terminal.settings, url, log_named(terminal.settings, name), check_head=False)
        try:
            yield ledger
        finally:
            ledger.close()
