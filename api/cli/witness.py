"""``rongjian witness``: make one, serve it, and judge what one refused."""

from __future__ import annotations

import argparse
import logging
import secrets

import uvicorn

from api.cli.terminal import Terminal
from api.files import read_file, writing
from api.home.listening import listener
from api.home.telemetry import configure_logging
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
            f"见证人已建立。验证密钥：\n{key}\n在 {options.folder}/logs.policy 中逐行列出要见证的账本（log VKEY），末行 quorum none",
            f"witness made. Its vkey:\n{key}\nList the logs to witness in {options.folder}/logs.policy (log "
            "VKEY), then quorum none",
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
                    f"见证人 {home.name} 已就绪：http://{options.host}:{options.port}/ （Ctrl-C 停止）",
                    f"witness {home.name} is ready: http://{options.host}:{options.port}/ (Ctrl-C stops)",
                )
            )
            configure_logging(logging.INFO)
            config = uvicorn.Config(create_witness_app(home), log_level="warning", access_log=False)
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        home.close()
    return 0


def evidence(terminal: Terminal, options: argparse.Namespace) -> int:
    """Judge a file of a refused request by the reader's own policy. 1 if it proves two histories."""
    refused = parse_refused(read_file(options.file))
    policy = parse_policy(read_file(options.policy))
    verdict = judge(refused, [key for key in (*policy.logs, *index_policy(policy).logs) if key.name == refused.origin])
    words = {
        "equivocation": (
            "账本以同一大小签署了两个不同的根：已证明其出示两份历史",
            "the log signed two roots for one size: two histories are proven",
        ),
        "inconsistent_claim": (
            "两个检查点大小不同，所附证明不能衔接；仅凭此文件不能断定账本有两份历史",
            "the heads are of two sizes and the proof sent does not join them; this file alone does not prove "
            "two histories",
        ),
    }[verdict]
    terminal.give({"origin": refused.origin, "verdict": verdict, "at": refused.at}, lambda: terminal.say(*words))
    return 1 if verdict == "equivocation" else 0
