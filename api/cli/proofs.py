"""Commands about portable proofs: take one out of a log, and check one where there is no log."""

from __future__ import annotations

import argparse
from datetime import datetime

from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.files import read_file, writing
from ledger import entry as entries
from ledger.clock import SHANGHAI, format_instant
from ledger.errors import EvidenceError
from ledger.log_signer import LOG_KEYS
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.policy import parse_policy
from ledger.tlog.proof import parse_proof


def proof_get(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write ``<position>.json`` (the entry's exact bytes) and ``<position>.tlog-proof`` into a folder."""
    with opened(terminal, options.log) as log:
        position = log.ledger.event(options.id).position
        files = {
            f"{position}.json": log.ledger.entry(position).entry,
            f"{position}.tlog-proof": log.ledger.evidence.proof(position).to_bytes(),
        }
    with writing(options.output):
        options.output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (options.output / name).write_bytes(content)
    written = [str(options.output / name) for name in files]
    terminal.give(written, lambda: terminal.say(f"已写入 {'、'.join(written)}", f"written: {', '.join(written)}"))
    return 0


def proof_check(terminal: Terminal, options: argparse.Namespace) -> int:
    """Check an entry, its proof and the checkpoint against the reader's own policy; needs no log and no network."""
    policy = parse_policy(read_file(options.policy), LOG_KEYS)
    content = read_file(options.entry)
    proof = parse_proof(read_file(options.proof))
    trusted = proof.verify(leaf_hash(content), policy)
    head, event = trusted.checkpoint, entries.parse(proof.index + 1, content)
    if event.statement.log != head.origin:
        raise EvidenceError(
            "other_log",
            f"the entry is of {event.statement.log!r}, the checkpoint of {head.origin!r}",
            f"条目属于“{event.statement.log}”，检查点属于“{head.origin}”",
        )
    value = {
        "origin": head.origin,
        "position": event.position,
        "size": head.size,
        "id": event.statement.id,
        "type": event.statement.type,
        "recorded_at": format_instant(event.recorded_at),
        "cosigned": dict(trusted.cosigned),
    }

    def human() -> None:
        recorded = event.recorded_at.astimezone(SHANGHAI).isoformat(timespec="seconds")
        spec = event.statement.payload.SPEC
        terminal.say(
            f"成立：“{spec.zh}”（{event.statement.type}）是账本 {head.origin} 的第 {event.position} 条，记录于 {recorded}；"
            f"该账本当时共 {head.size} 条",
            f"holds: {event.statement.type} is entry {event.position} of {head.origin}, recorded {recorded}, of "
            f"{head.size} entries then",
        )
        for name, at in trusted.cosigned.items():
            terminal.say(f"  见证人 {name} 于 {_instant(at)} 见证", f"  witness {name} cosigned at {_instant(at)}")
        if not trusted.cosigned:
            terminal.say(
                "  策略未要求见证：另一些人看到的账本是否相同，此证明不能说明",
                "  no witness was asked for: whether others were shown the same log, this proof does not say",
            )

    terminal.give(value, human)
    return 0


def _instant(seconds: int) -> str:
    """A witness's time; one beyond the calendar is shown as the number it is."""
    try:
        return datetime.fromtimestamp(seconds, SHANGHAI).isoformat()
    except (OverflowError, ValueError, OSError):
        return str(seconds)
