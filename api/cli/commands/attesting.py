"""Commands about others who attest a log, and about the head that it has come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.command import Command, file, option, switch, whole_number
from api.cli.commands.shared import POLICY, a_log, drafted_by
from api.cli.loading import lazily
from api.sentences import sentence, term

if TYPE_CHECKING:
    from api.cli import attestations, continuity, witness
else:
    attestations = lazily("api.cli.attestations")
    continuity = lazily("api.cli.continuity")
    witness = lazily("api.cli.witness")

ATTESTING = (
    Command(
        group="witness",
        name="new",
        about=sentence("make a witness with its key"),
        run=lambda: witness.new,
        takes=(
            file("folder", term("of an argument", "where it lives")),
            option("--name", about=sentence("its name, such as witness.example.org/w1"), required=True),
        ),
    ),
    Command(
        group="witness",
        name="serve",
        about=sentence("serve a witness"),
        run=lambda: witness.serve,
        takes=(
            file("folder", term("of an argument", "where it lives")),
            option("--host", about=sentence("the address on which it listens"), default="127.0.0.1"),
            option("--port", about=sentence("the port on which it listens"), kind=whole_number, default=8322),
        ),
    ),
    Command(
        group="witness",
        name="ask",
        about=sentence("have the witnesses of a log cosign its head now"),
        run=lambda: attestations.ask,
        takes=(a_log(),),
    ),
    Command(
        group="witness",
        name="join",
        about=sentence("print what a public witness asks for, ready to paste"),
        run=lambda: attestations.join,
        takes=(
            a_log(),
            option("--contact", about=sentence("an address for other operators, e.g. ledger@example.gov.cn")),
        ),
    ),
    Command(
        group="witness",
        name="evidence",
        about=sentence("judge a request that a witness refused"),
        run=lambda: witness.evidence,
        takes=(
            file("file", sentence("what the witness kept")),
            option("--policy", about=POLICY, kind=Path, required=True),
        ),
    ),
    Command(
        group="timestamp",
        name="ask",
        about=sentence("have the head of a log time-stamped now"),
        run=lambda: attestations.stamp,
        takes=(a_log(),),
    ),
    Command(
        group="timestamp",
        name="attest",
        about=sentence("draft an entry that holds the newest token"),
        run=lambda: attestations.attest,
        takes=(a_log(), *drafted_by(("OPR", "SECH", "SUP"))),
    ),
    Command(
        group="visits",
        name="attest",
        about=sentence("draft an entry that holds the head of its chain"),
        run=lambda: attestations.attest_visits,
        takes=(a_log(), *drafted_by(("OPR", "SUP", "DIS"))),
    ),
    Command(
        group="head",
        name="show",
        about=sentence("how far the log has come here"),
        run=lambda: continuity.show,
        takes=(a_log(),),
    ),
    Command(
        group="head",
        name="loss",
        about=sentence("draft the declaration of lost entries"),
        run=lambda: continuity.loss,
        takes=(
            a_log(),
            option("--reason", about=sentence("why they are gone"), required=True),
            *drafted_by(("OPR", "GOV", "SECH")),
        ),
    ),
    Command(
        group="head",
        name="adopt",
        about=sentence("set it from a checkpoint seen elsewhere"),
        run=lambda: continuity.adopt,
        takes=(
            a_log(),
            option(
                "--from",
                about=term("of an argument", "the checkpoint"),
                kind=Path,
                required=True,
                metavar="FILE",
                dest="source",
            ),
            switch("--unattested", sentence("only the log's own lines: you know that it comes from a mirror")),
        ),
    ),
    Command(
        group="head",
        name="keep",
        about=sentence("this machine alone signs from now on"),
        run=lambda: continuity.keep,
        takes=(a_log(),),
    ),
)
