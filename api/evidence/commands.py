"""``rongjian evidence``: make a package about a subject, and check one anywhere."""

from __future__ import annotations

import argparse
from datetime import datetime

from api.evidence import archive
from api.evidence.check import Checked, check
from api.evidence.making import made
from api.files import read_disclosures, read_file, writing
from api.opening import opened
from api.terminal import Terminal
from ledger.clock import SHANGHAI, format_instant, shanghai_day, system_clock
from ledger.errors import EvidenceError
from ledger.identifiers import parse_date
from ledger.tlog.policy import parse_policy
from ledger.tlog.timestamp import parse_roots


def make(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write the package of a subject."""
    on = parse_date(options.on, "--on") if options.on else shanghai_day(system_clock())
    disclosures = read_disclosures(options.disclosures) if options.disclosures else []
    attachments = [read_file(path) for path in options.attach]
    with opened(terminal, options.log, signing=True) as log:
        files, checked = made(log.ledger, options.kind, options.subject, on,
                              flags=options.flags, disclosures=disclosures, attachments=attachments)  # fmt: skip
    with writing(options.output):
        options.output.write_bytes(archive.write(files))
    value = {
        "file": str(options.output),
        **checked.question.to_json(),
        "events": checked.events,
        "answers": len(checked.answers),
    }
    terminal.give(value, lambda: terminal.say(
        f"已写入 {options.output}：{checked.events} 条事件，{len(checked.answers)} 个答案",
        f"written to {options.output}: {checked.events} events, {len(checked.answers)} answers"))  # fmt: skip
    return 0


def verify(terminal: Terminal, options: argparse.Namespace) -> int:
    """Check a package; needs no log and no network. Without --policy the log's key is taken from the package itself."""
    files = archive.read(read_file(options.file))
    if options.policy is None and "policy" not in files:
        raise EvidenceError("package_wrong", "policy: it is missing", "policy：缺少此文件", file="policy")
    roots = [certificate for path in options.tsa for certificate in parse_roots(read_file(path))]
    checked = check(files, parse_policy(read_file(options.policy) if options.policy else files["policy"]), roots)
    value = {
        **checked.question.to_json(), "events": checked.events, "keys": checked.keys, "cosigned": dict(checked.cosigned),
        "stamped": {name: format_instant(stamp.at) for name, stamp in checked.stamps.items()},
        "attested": {str(position): format_instant(stamp.at) for position, stamp in checked.attested.items()},
        "unverified": list(checked.unverified), "own_policy": options.policy is not None, "answers": checked.answers,
        "disclosures": [d.to_json() for d in checked.disclosures],
    }  # fmt: skip
    terminal.give(value, lambda: _tell(terminal, checked, own_policy=options.policy is not None))
    return 0


def _tell(terminal: Terminal, checked: Checked, *, own_policy: bool) -> None:
    q = checked.question
    terminal.say(
        f"成立：{q.subject} 的 {len(checked.answers)} 个答案（事实日 {q.as_of}）由账本 {q.origin} 前 {q.known_at} 条中的 {checked.events} 条推导而得；"
        f"{checked.keys} 个索引键之下一条不少",
        f"holds: {len(checked.answers)} answers about {q.subject} as of {q.as_of} follow from {checked.events} of the first {q.known_at} "
        f"entries of {q.origin}; nothing is missing under {checked.keys} index keys",
    )
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
    if not own_policy:
        terminal.say(
            "  注意：账本公钥取自证据包本身；请用 --policy 指定另行取得的公钥",
            "  note: the log's key was taken from the package itself; give --policy with a key from another source",
        )
