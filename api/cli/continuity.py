"""Commands about the newest head beside a log's key: how far the log has come here, and how it goes on after a loss."""

from __future__ import annotations

import argparse
import json
import secrets
import shlex

from api.cli.drafts import sign_and_submit
from api.cli.instants import beijing
from api.cli.terminal import Terminal
from api.files import read_file, writing
from api.home.bootstrap import database_of, head_file_of, log_named, open_log
from api.sentences import sentence
from ledger.errors import ConflictError, EvidenceError
from ledger.newest_head import NewestHead
from ledger.sentences import enumeration
from ledger.store.head_keepers import keep_alone
from ledger.tlog import checkpoint, note
from ledger.tlog.policy import Policy


def show(terminal: Terminal, options: argparse.Namespace) -> int:
    """What the file says: the size and root of the newest head, and the database it was seen in."""
    head = head_file_of(terminal.settings, log_named(terminal.settings, options.log)).read()
    told: dict[str, object] = {
        "origin": head.origin,
        "at": ("—", "-") if head.recorded_at is None else beijing(head.recorded_at),
    }
    said = (
        sentence("{origin}: 1 entry, last recorded at {at}", **told)
        if head.size == 1
        else sentence("{origin}: {size} entries, last recorded at {at}", size=head.size, **told)
    )

    def human() -> None:
        terminal.say(said)
        terminal.detail(sentence("  root {root}", root=head.root.hex()))

    terminal.give(head.to_json(), human)
    return 0


def loss(terminal: Terminal, options: argparse.Namespace) -> int:
    """Draft the declaration of what is lost, for two founders to sign (``rongjian sign``) and anybody to submit."""
    home = log_named(terminal.settings, options.log)
    with database_of(terminal.settings) as url:
        ledger = open_log(terminal.settings, url, home, after_loss=True)
        try:
            lost = ledger.heads.lost()
        finally:
            ledger.close()
    if lost is None:
        raise ConflictError(
            "nothing_lost",
            sentence("the database leads to the newest head of this log; nothing is lost"),
        )
    payload = {
        "lost_from": lost.first,
        "lost_to": lost.last,
        "root_hash": lost.root.hex(),
        "reason": options.reason,
    }
    draft = {
        "type": "HistoryLossDeclared",
        "log": home.origin,
        "actor": options.actor,
        "role": options.role,
        "payload": payload,
    }
    with writing(options.output):
        options.output.write_text(json.dumps(draft, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sign, submit = sign_and_submit(options.output, options.log, 2)
    terminal.give(
        draft,
        lambda: terminal.say(
            sentence(
                "written to {output}: entries {first} to {last} are lost; {actor} and another founder sign it (two "
                "keys), then it is submitted:\n  {sign}\n  {submit}",
                output=options.output,
                first=lost.first,
                last=lost.last,
                actor=options.actor,
                sign=sign,
                submit=submit,
            ),
        ),
    )
    return 0


def adopt(terminal: Terminal, options: argparse.Namespace) -> int:
    """Set a lost file from a checkpoint of this log, or move it forward to one that was seen elsewhere; never back."""
    home = log_named(terminal.settings, options.log)
    with database_of(terminal.settings) as url:
        ledger = open_log(terminal.settings, url, home, proving=False)
        try:
            signed = read_file(options.source)
            seen = checkpoint.verify(signed, ledger.heads.signer.all_keys, home.origin)
            policy = ledger.heads.policy
            witnesses = sorted(_cosigners(signed, policy) if policy is not None else ())
        finally:
            ledger.close()
    if not witnesses and not options.unattested:
        raise EvidenceError(
            "head_unattested",
            sentence(
                "{source} bears this log's own lines only: no witness of this home attests it, and whoever rolled the "
                "log back could have taken it from this service. If you know that it comes from a mirror, confirm it: "
                "rongjian head adopt {name} --from {quoted} --unattested",
                source=options.source,
                name=home.name,
                quoted=shlex.quote(str(options.source)),
            ),
        )
    file = head_file_of(terminal.settings, home)
    with file.held():
        try:
            there = file.read() if file.path.exists() else None
        except EvidenceError:
            # What was altered is set anew like what is lost.
            there = None
        if there is not None and seen.size < there.size:
            raise ConflictError(
                "head_behind",
                sentence(
                    "{source} is of size {size}, and this log has come to {there}; it never goes back",
                    source=options.source,
                    size=seen.size,
                    there=there.size,
                ),
            )
        if there is not None and seen.size == there.size and seen.root != there.root:
            raise EvidenceError(
                "two_heads",
                sentence("{source} has another root for size {size}", source=options.source, size=seen.size),
            )
        if there is None:
            file.write(NewestHead(home.origin, seen.size, seen.root, None, secrets.token_hex(16), None))
        elif seen.size > there.size:
            # What was there before stays beside it: the database has to lead to both.
            file.write(there.followed_by(seen.size, seen.root, None, None, kept=there.size))
    value = {"origin": home.origin, "size": seen.size, "root": seen.root.hex(), "witnesses": witnesses}
    attested = (
        sentence("witnesses: {witnesses}", witnesses=enumeration(witnesses))
        if witnesses
        else sentence("signed by the log itself alone, attested by no witness")
    )
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "{origin}: the newest head is of size {size}; {attested}",
                origin=home.origin,
                size=seen.size,
                attested=attested,
            ),
        ),
    )
    return 0


def _cosigners(signed: bytes, policy: Policy) -> list[str]:
    """The witnesses whose lines stand under a head."""
    lines = note.verified(signed, [*policy.witnesses.values()])[1]
    return [name for name, key in policy.witnesses.items() if key in dict(lines)]


def keep(terminal: Terminal, options: argparse.Namespace) -> int:
    """From now on this home alone signs the log, wherever it was copied from: another one of the same database is
    refused at once.
    """
    home = log_named(terminal.settings, options.log)
    keeper = secrets.token_hex(16)
    head_file_of(terminal.settings, home).settle(keeper)
    with database_of(terminal.settings) as url:
        ledger = open_log(terminal.settings, url, home, proving=False)
        try:
            ended = keep_alone(ledger.database, keeper)
        finally:
            ledger.close()
    terminal.give(
        {"origin": home.origin, "ended": ended},
        lambda: terminal.say(
            sentence(
                "{origin} is signed by this machine alone from now on; {ended} others are ended",
                origin=home.origin,
                ended=ended,
            ),
        ),
    )
    return 0
