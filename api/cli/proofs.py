"""Commands about portable proofs: take one out of a log, and check one where there is no log."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.cli.instants import beijing, beijing_of
from api.cli.loading import lazily
from api.cli.terminal import Terminal
from api.files import read_file, writing
from api.sentences import sentence
from ledger import entry as entries
from ledger.clock import format_instant
from ledger.errors import EvidenceError
from ledger.log_signer import LOG_KEYS
from ledger.sentences import enumeration
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.policy import parse_policy
from ledger.tlog.proof import parse_proof

if TYPE_CHECKING:
    from api.cli import opened_log
else:
    opened_log = lazily("api.cli.opened_log")


def proof_get(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write ``<position>.json`` (the entry's exact bytes) and ``<position>.tlog-proof`` into a folder."""
    with opened_log.opened(terminal, options.log) as log:
        position = log.ledger.event(opened_log.event_at(log, options.id)).position
        files = {
            f"{position}.json": log.ledger.entry(position).entry,
            f"{position}.tlog-proof": log.ledger.evidence.proof(position).to_bytes(),
        }
    with writing(options.output):
        options.output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (options.output / name).write_bytes(content)
    written = [str(options.output / name) for name in files]
    terminal.give(written, lambda: terminal.say(sentence("written: {written}", written=enumeration(written))))
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
            sentence(
                "the entry is of {log}, the checkpoint of {origin}",
                log=(event.statement.log, repr(event.statement.log)),
                origin=(head.origin, repr(head.origin)),
            ),
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
        terminal.say(
            sentence(
                "holds: {act} is entry {position} of {origin}, recorded {recorded}, of {size} entries then",
                act=sentence("“{name}”", name=(event.statement.spec.zh, event.statement.spec.en)),
                position=event.position,
                origin=head.origin,
                recorded=beijing(event.recorded_at),
                size=head.size,
            ),
        )
        for name, at in trusted.cosigned.items():
            terminal.say(sentence("  witness {name} cosigned at {at}", name=name, at=beijing_of(at)))
        if not trusted.cosigned:
            terminal.say(
                sentence("  no witness was asked for: whether others were shown the same log, this proof does not say"),
            )

    terminal.give(value, human)
    return 0
