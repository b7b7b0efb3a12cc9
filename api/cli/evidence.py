"""``rongjian evidence``: make a package about a subject, and check one anywhere."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.evidence import archive
from api.evidence.check import Checked, check
from api.evidence.making import made
from api.evidence.report import reports
from api.files import read_disclosures, read_file, writing
from ledger.clock import SHANGHAI, format_instant, shanghai_day, system_clock
from ledger.derivation.version import DERIVATION
from ledger.entry import parse as parse_entry
from ledger.errors import EvidenceError
from ledger.identifiers import parse_date
from ledger.log_signer import LOG_KEYS
from ledger.tlog.policy import parse_policy
from ledger.tlog.timestamp import parse_roots


def make(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write the package of a subject."""
    on = parse_date(options.on, "--on") if options.on else shanghai_day(system_clock())
    disclosures = read_disclosures(options.disclosures) if options.disclosures else []
    attachments = [read_file(path) for path in options.attach]
    with opened(terminal, options.log, signing=True) as log:
        files, checked = made(
            log.ledger,
            options.kind,
            options.subject,
            on,
            flags=options.flags,
            disclosures=disclosures,
            attachments=attachments,
        )
    with writing(options.output):
        options.output.write_bytes(archive.write(files))
    value = {
        "file": str(options.output),
        **checked.question.to_json(),
        "events": checked.events,
        "answers": len(checked.answers),
    }
    terminal.give(
        value,
        lambda: terminal.say(
            f"已写入 {options.output}：{checked.events} 条事件，{len(checked.answers)} 个答案",
            f"written to {options.output}: {checked.events} events, {len(checked.answers)} answers",
        ),
    )
    return 0


#: Exit code of a package that proves its entries, while today's folds answer otherwise than its own version did.
DERIVED_OTHERWISE = 5


def verify(terminal: Terminal, options: argparse.Namespace) -> int:
    """Check a package; needs no log and no network. Without --policy the log's key is taken from the package itself.

    0 where it holds, 5 where it proves its entries and today's derivation answers otherwise than that of its version.
    """
    files = archive.read(read_file(options.file))
    if options.policy is None and "policy" not in files:
        raise EvidenceError("package_wrong", "policy: it is missing", "policy：缺少此文件", file="policy")
    roots = [certificate for path in options.tsa for certificate in parse_roots(read_file(path))]
    checked = check(
        files, parse_policy(read_file(options.policy) if options.policy else files["policy"], LOG_KEYS), roots
    )
    value = {
        **checked.question.to_json(),
        "events": checked.events,
        "keys": checked.keys,
        "cosigned": dict(checked.cosigned),
        "stamped": {name: format_instant(stamp.at) for name, stamp in checked.stamps.items()},
        "attested": {str(position): format_instant(stamp.at) for position, stamp in checked.attested.items()},
        "unverified": list(checked.unverified),
        "own_policy": options.policy is not None,
        "verdict": checked.verdict,
        "derivation": checked.derivation,
        "later": list(checked.later),
        "report_compared": checked.report_compared,
        "differences": [d.to_json() for d in checked.differences],
        "answers": checked.answers,
        "disclosures": [d.to_json() for d in checked.disclosures],
    }
    if options.report is not None:
        _write_report(files, checked, options.report)
    terminal.give(value, lambda: _tell(terminal, checked, own_policy=options.policy is not None))
    return 0 if checked.verdict == "holds" else DERIVED_OTHERWISE


def _write_report(files: Mapping[str, bytes], checked: Checked, folder: Path) -> None:
    """The report in the words of this installation, from what the package has proven."""
    events = [parse_entry(p, files[f"entries/{p}.json"]) for p in checked.positions]
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in reports(checked.question.to_json(), checked.answers, events, checked.disclosures).items():
            (folder / name).write_bytes(content)


def _tell(terminal: Terminal, checked: Checked, *, own_policy: bool) -> None:
    _tell_verdict(terminal, checked)
    _tell_others(terminal, checked)
    if not own_policy:
        terminal.say(
            "  注意：账本公钥取自证据包本身；请用 --policy 指定另行取得的公钥",
            "  note: the log's key was taken from the package itself; give --policy with a key from another source",
        )


def _tell_verdict(terminal: Terminal, checked: Checked) -> None:
    """What is proven, and in the same place whatever is not: answers that differ, words that were not compared."""
    q = checked.question
    if checked.verdict == "holds":
        terminal.say(
            f"成立：{q.subject} 的 {len(checked.answers)} 个答案（事实日 {q.as_of}）由账本 {q.origin} 前 {q.known_at} 条中的 "
            f"{checked.events} 条推导而得；"
            f"{checked.keys} 个索引键之下一条不少",
            f"holds: {len(checked.answers)} answers about {q.subject} as of {q.as_of} follow from "
            f"{checked.events} of the first {q.known_at} "
            f"entries of {q.origin}; nothing is missing under {checked.keys} index keys",
        )
    else:
        terminal.say(
            f"条目属实，答案不同：包中 {checked.events} 条确为账本 {q.origin} 前 {q.known_at} 条所载，{checked.keys} 个索引键之下一条不少；"
            f"但对 {q.subject}（事实日 {q.as_of}），包内答案出自推导版本 {checked.derivation}，按今日版本 {DERIVATION} 推导有 "
            f"{len(checked.differences)} 处不同：",
            f"entries proven, answers differ: {checked.events} entries are of the first {q.known_at} of "
            f"{q.origin}, and nothing is missing "
            f"under {checked.keys} index keys; about {q.subject} as of {q.as_of} the package answers by version "
            f"{checked.derivation} of the "
            f"derivation, and {len(checked.differences)} facts are derived otherwise by today's version {DERIVATION}:",
        )
    for difference in checked.differences:
        terminal.say(
            f"  {difference.fact}\n    包内：{_shown(difference.stated)}\n    今日：{_shown(difference.derived)}",
            f"  {difference.fact}\n    stated: {_shown(difference.stated)}\n    today:  {_shown(difference.derived)}",
        )
    for key in checked.later:
        terminal.say(
            f"  推导版本 {checked.derivation} 未查阅“{key}”之下的事件；按证据包所载推导，如同账本中没有其他此类事件",
            f"  version {checked.derivation} of the derivation did not look under {key!r}; answered as if the log held "
            "none there but those of the package",
        )
    if not checked.report_compared:
        terminal.say(
            "报告文字未核对：由另一版本书写。以 --report 文件夹 可按上述条目重写",
            "the words of its report were not compared: another version wrote them. --report FOLDER writes it "
            "anew from these entries",
        )


def _shown(answer: Mapping[str, object] | None) -> str:
    """State and value of an answer on one line; a dash where the side has none."""
    if answer is None:
        return "—"
    return f"{answer.get('state')} {json.dumps(answer.get(str(answer.get('state'))), ensure_ascii=False)}"[:500]


def _tell_others(terminal: Terminal, checked: Checked) -> None:
    """Who outside has vouched for head and times, or that nobody has."""
    for name, at in checked.cosigned.items():
        when = datetime.fromtimestamp(at, SHANGHAI).isoformat() if at < 2**33 else str(at)
        terminal.say(f"  见证人 {name} 于 {when} 见证", f"  witness {name} cosigned at {when}")
    if not checked.cosigned:
        terminal.say(
            "  策略未要求见证：他人所见是否为同一账本，不能说明",
            "  no witness was asked for: whether others saw the same log is not shown",
        )
    for name, stamp in checked.stamps.items():
        by = stamp.at.astimezone(SHANGHAI).isoformat(timespec="seconds")
        terminal.say(
            f"  {name}：以上条目不晚于 {by} 存在（{stamp.authority}）",
            f"  {name}: these entries existed by {by} ({stamp.authority})",
        )
    for position, stamp in checked.attested.items():
        since = stamp.at.astimezone(SHANGHAI).isoformat(timespec="seconds")
        terminal.say(
            f"  第 {position} 条及以后的条目登记于 {since} 之后（{stamp.authority}）",
            f"  entries from {position} on were recorded after {since} ({stamp.authority})",
        )
    for name in checked.unverified:
        terminal.say(
            f"  {name}：未核验；请用 --tsa 指定时间戳机构的根证书",
            f"  {name}: not checked; give the authority's root with --tsa",
        )
