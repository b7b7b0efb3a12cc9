"""Commands that have others attest a log's head now, its witnesses and time-stamping authorities, and drafts of what a
person attests.
"""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path

from api.cli.drafts import sign_and_submit
from api.cli.instants import beijing
from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.files import writing
from api.heads.publisher import INTERVAL, Publisher
from api.heads.stamper import Stamper, authorities_of
from api.sentences import sentence, term
from ledger.clock import format_instant, system_clock
from ledger.errors import MalformedError
from ledger.sentences import enumeration
from ledger.store.visits import chain_head


def ask(terminal: Terminal, options: argparse.Namespace) -> int:
    """One round: have the witnesses of a log cosign its present head. 1 if the quorum is not met."""
    with opened(terminal, options.log) as log:
        policy = log.ledger.heads.policy
        if policy is None:
            raise MalformedError(
                "no_witnesses",
                sentence(
                    "{folder} does not exist; it names the log, its witnesses and the quorum",
                    folder=log.home.folder / "witnesses.policy",
                ),
            )
        publisher = Publisher(log.ledger, policy)
        told = publisher.round()
        publisher.close()
        size = log.ledger.size()
        met = policy.accepts(log.ledger.heads.cosigned(size).encode()) if size else False

    def human() -> None:
        for name, state in told.items():
            failed = sentence("did not cosign ({code})", code=state)
            came_to = term("of a witness", "cosigned") if state == "cosigned" else failed
            terminal.say(sentence("  {name}: {state}", name=name, state=came_to))
        terminal.say(
            (
                sentence("the head of size {size} meets the quorum", size=size)
                if met
                else sentence("the head of size {size} does not meet the quorum", size=size)
            ),
        )

    terminal.give({"size": size, "witnesses": told, "quorum_met": met}, human)
    return 0 if met else 1


def join(terminal: Terminal, options: argparse.Namespace) -> int:
    """What a public witness asks of a log, ready to paste: the lines of a log list, and who to ask about it.

    As https://witness-network.org asks for it: origin (the key's name), Ed25519 key, requests a day, contact. The log
    of index heads is a log of its own there.
    """
    with opened(terminal, options.log) as log:
        ledger, name = log.ledger, log.home.name
        keys = [ledger.evidence.verifier_key, ledger.index_log.signer.verifier_key]
    base = (terminal.settings.base_url or "").rstrip("/")
    contact, a_day = options.contact or "CONTACT", int(86_400 / INTERVAL)
    logs = [
        {
            "origin": key.name,
            "vkey": str(key),
            "qpd": a_day,
            "contact": contact,
            "checkpoint": f"{base}/logs/{path}checkpoint" if base else None,
        }
        for key, path in zip(keys, (f"{name}/", f"{name}/index-log/"), strict=True)
    ]

    def human() -> None:
        terminal.say(
            sentence(
                "Ready to be sent to a public network of witnesses (e.g. https://witness-network.org/participate ), "
                "or to whoever runs one:"
            ),
        )
        for row in logs:
            lines = f"\nvkey {row['vkey']}\nqpd {row['qpd']}\ncontact {row['contact']}"
            address = f"\n# {row['checkpoint']}" if row["checkpoint"] else ""
            terminal.say((lines + address, lines + address))
        missing = [flag for flag, value in (("--contact", options.contact), ("RONGJIAN_BASE_URL", base)) if not value]
        if missing:
            terminal.say(sentence("Still to be given: {missing}", missing=enumeration(missing)))
        terminal.say(
            sentence(
                "Once they answer with their key and address, add to {folder}:",
                folder=log.home.folder / "witnesses.policy",
            ),
        )
        terminal.say(("witness NAME VKEY URL", "witness NAME VKEY URL"))

    terminal.give(logs, human)
    return 0


def attest(terminal: Terminal, options: argparse.Namespace) -> int:
    """Draft a TimeAttested statement from the newest token, to be signed and submitted like any other."""
    with opened(terminal, options.log) as log:
        token, head = log.ledger.outside.newest_timestamp()
    at = format_instant(token.at)
    payload = {
        "tree_size": head.size,
        "root_hash": head.root.hex(),
        "attested_at": at,
        "time_authority": token.authority,
        "token": base64.b64encode(token.response).decode("ascii"),
    }
    draft = {
        "type": "TimeAttested",
        "log": head.origin,
        "actor": options.actor,
        "role": options.role,
        "payload": payload,
    }
    _write(options.output, draft)
    sign, submit = sign_and_submit(options.output, options.log)
    terminal.give(
        draft,
        lambda: terminal.say(
            sentence(
                "written to {output}: the token of {authority} of {at}; sign and submit it:\n  {sign}\n  {submit}",
                output=options.output,
                authority=token.authority,
                at=beijing(token.at),
                sign=sign,
                submit=submit,
            ),
        ),
    )
    return 0


def attest_visits(terminal: Terminal, options: argparse.Namespace) -> int:
    """Draft an AccessRecordAttested from the record of visits as it is now, to be signed and submitted like any
    other.
    """
    with opened(terminal, options.log) as log:
        head, origin = chain_head(log.ledger.database), log.ledger.origin
    now = system_clock()
    until = format_instant(now)
    draft = {
        "type": "AccessRecordAttested",
        "log": origin,
        "actor": options.actor,
        "role": options.role,
        "payload": {"visits": head.visits, "chain": head.chain.hex(), "until": until},
    }
    _write(options.output, draft)
    sign, submit = sign_and_submit(options.output, options.log)
    terminal.give(
        draft,
        lambda: terminal.say(
            sentence(
                "written to {output}: {visits} rows of visits until {until}; sign and submit it:\n  {sign}\n  {submit}",
                output=options.output,
                visits=head.visits,
                until=beijing(now),
                sign=sign,
                submit=submit,
            ),
        ),
    )
    return 0


def _write(path: Path, draft: dict[str, object]) -> None:
    with writing(path):
        path.write_text(json.dumps(draft, ensure_ascii=False, indent=1) + "\n", "utf-8")


def stamp(terminal: Terminal, options: argparse.Namespace) -> int:
    """One round: have the authorities of a log time-stamp its published head. 1 if none did."""
    with opened(terminal, options.log) as log:
        authorities = authorities_of(log.home.folder)
        if not authorities:
            raise MalformedError(
                "no_authorities",
                sentence("{folder} lists none", folder=log.home.folder / "timestamps.toml"),
            )
        stamper = Stamper(log.ledger, authorities)
        told = stamper.round()
        stamper.close()

    def human() -> None:
        for name, state in told.items():
            failed = sentence("did not stamp ({code})", code=state)
            came_to = term("of an authority", "stamped") if state == "stamped" else failed
            terminal.say(sentence("  {name}: {state}", name=name, state=came_to))

    terminal.give(told, human)
    return 0 if "stamped" in told.values() else 1
