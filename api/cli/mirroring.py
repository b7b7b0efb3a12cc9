"""Commands that copy a log: write it as static files, follow it over HTTP, rebuild a lost one."""

from __future__ import annotations

import argparse
from pathlib import Path

from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.files import read_file
from api.heads.mirror import follow, from_ledger, restore
from api.heads.sources import fetch_from
from api.home.bootstrap import database_of, log_named, note_restored, open_log
from api.sentences import sentence
from ledger.errors import EvidenceError
from ledger.fsck.tiles import check_tiles
from ledger.log_signer import LOG_KEYS
from ledger.store.database import create_log_schema, schema_of
from ledger.tlog import checkpoint
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.policy import parse_policy


def export(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write a log as static files, or bring the folder up to its head."""
    with opened(terminal, options.log) as log:
        policy = parse_policy(log.ledger.heads.own_policy().encode())
        bar, advance = terminal.progress(sentence("writing"))
        with bar:
            head = follow(from_ledger(log.ledger), options.folder, policy, advance)
    _followed(terminal, head, options.folder)
    return 0


def mirror_follow(terminal: Terminal, options: argparse.Namespace) -> int:
    """Follow a log over HTTP into a folder: verify, then store."""
    fetch = fetch_from(options.source, terminal.settings.reader_token)
    policy = parse_policy(read_file(options.policy), LOG_KEYS)
    bar, advance = terminal.progress(sentence("mirroring"))
    with bar:
        head = follow(fetch, options.folder, policy, advance)
    _followed(terminal, head, options.folder)
    return 0


def mirror_restore(terminal: Terminal, options: argparse.Namespace) -> int:
    """Rebuild a lost log from a folder, once every byte of it, documents too, has been verified by the log's own
    keys.
    """
    fetch = fetch_from(str(options.folder))
    with database_of(terminal.settings) as url:
        home = log_named(terminal.settings, options.log)
        create_log_schema(url, schema_of(home.origin))
        # A restore that broke off left a head which its entries do not reach yet.
        ledger = open_log(terminal.settings, url, home, proving=False)
        try:
            head = checkpoint.verify(fetch("checkpoint"), ledger.heads.signer.keys, ledger.origin)
            findings = check_tiles(fetch, head, keys=ledger.heads.signer.keys)
            if findings:
                raise EvidenceError("mirror_damaged", sentence("the mirror: {findings}", findings=findings[0]))
            bar, advance = terminal.progress(sentence("restoring"))
            with bar:
                restore(ledger, options.folder, fetch, advance, lambda first, last: note_restored(home, first, last))
        finally:
            ledger.close()
    value = {"origin": head.origin, "size": head.size}
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "{origin} is restored up to entry {size}. Openings of restricted fields are not in a mirror",
                origin=head.origin,
                size=head.size,
            ),
        ),
    )
    return 0


def _followed(terminal: Terminal, head: Checkpoint, folder: Path) -> None:
    value = {"origin": head.origin, "size": head.size, "folder": str(folder)}
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "{origin}: {size} entries, verified and written to {folder}",
                origin=head.origin,
                size=head.size,
                folder=folder,
            ),
        ),
    )
