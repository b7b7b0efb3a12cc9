"""``rongjian witness``: make one, serve it, and judge what one refused."""

from __future__ import annotations

import argparse
import logging
import secrets

import uvicorn

from api.cli.terminal import Terminal
from api.files import read_file, writing
from api.home.listening import http_of, listener
from api.home.telemetry import configure_logging
from api.sentences import sentence
from api.witness.app import create_witness_app
from api.witness.home import WitnessHome, create_witness, judge, parse_refused
from ledger.tlog.index_origin import index_policy
from ledger.tlog.policy import parse_policy


def new(terminal: Terminal, options: argparse.Namespace) -> int:
    """Make a witness's folder; prints the vkey that logs put into their policies."""
    with writing(options.folder):
        key = create_witness(options.folder, options.name, secrets.token_bytes(32))
    terminal.give(
        {"name": key.name, "vkey": str(key)},
        lambda: terminal.say(
            sentence(
                "witness made. Its vkey:\n{key}\nList the logs to witness in {folder}/logs.policy (log VKEY), then "
                "quorum none",
                key=key,
                folder=options.folder,
            ),
        ),
    )
    return 0


def serve(terminal: Terminal, options: argparse.Namespace) -> int:
    """Serve the witness of a folder until it is stopped."""
    home = WitnessHome(options.folder)
    try:
        with listener(options.host, options.port) as listening:
            terminal.announce(
                lambda: terminal.say(
                    sentence(
                        "witness {name} is ready: http://{host}:{port}/ (Ctrl-C stops)",
                        name=home.name,
                        host=options.host,
                        port=options.port,
                    ),
                )
            )
            configure_logging(logging.INFO)
            uvicorn.Server(http_of(create_witness_app(home))).run(sockets=[listening])
    finally:
        home.close()
    return 0


def evidence(terminal: Terminal, options: argparse.Namespace) -> int:
    """Judge a file of a refused request by the reader's own policy. 1 if it proves two histories."""
    refused = parse_refused(read_file(options.file))
    policy = parse_policy(read_file(options.policy))
    verdict = judge(refused, [key for key in (*policy.logs, *index_policy(policy).logs) if key.name == refused.origin])
    words = {
        "equivocation": sentence("the log signed two roots for one size: two histories are proven"),
        "inconsistent_claim": sentence(
            "the heads are of two sizes and the proof sent does not join them; this file alone does not prove two "
            "histories"
        ),
    }[verdict]
    terminal.give({"origin": refused.origin, "verdict": verdict, "at": refused.at}, lambda: terminal.say(words))
    return 1 if verdict == "equivocation" else 0
