"""Commands about bytes and proofs: verified, taken away, mirrored, rebuilt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.command import Command, file, option, positional, switch, whole_number
from api.cli.commands.shared import POLICY, a_log, an_event, on
from api.cli.loading import lazily
from api.evidence.subjects import SUBJECTS
from api.sentences import sentence, term

if TYPE_CHECKING:
    from api.cli import entries, evidence, mirroring, proofs, verification
else:
    entries = lazily("api.cli.entries")
    evidence = lazily("api.cli.evidence")
    mirroring = lazily("api.cli.mirroring")
    proofs = lazily("api.cli.proofs")
    verification = lazily("api.cli.verification")

PROVING = (
    Command(
        name="verify",
        about=sentence("recompute every hash, signature and column"),
        run=lambda: verification.verify,
        takes=(
            positional(
                "log",
                sentence("logs; with --policy folders or URLs"),
                nargs="*",
                among="sources",
            ),
            option("--policy", about=sentence("a trust policy: verify static files"), kind=Path),
            option(
                "--resume",
                about=sentence("go on where the last run was; the verifier's own file"),
                kind=Path,
                metavar="FILE",
            ),
            switch("--law", sentence("also judge every entry by the rules of today (information)")),
            switch("--no-register", sentence("leave out comparing the register with replay")),
            switch("--all", sentence("name every place, those that follow from another too")),
            option("--against", about=sentence("compare with a mirror (folder or URL)")),
        ),
    ),
    Command(
        group="proof",
        name="get",
        about=sentence("write an entry and its .tlog-proof"),
        run=lambda: proofs.proof_get,
        takes=(
            a_log(),
            an_event(),
            option("-o", "--output", about=sentence("folder"), kind=Path, default=Path()),
        ),
    ),
    Command(
        group="proof",
        name="check",
        about=sentence("check offline, by a policy of your own"),
        run=lambda: proofs.proof_check,
        takes=(
            file("entry", sentence("the entry's exact bytes")),
            file("proof", sentence("its proof, .tlog-proof")),
            option("--policy", about=POLICY, kind=Path, required=True),
        ),
    ),
    Command(
        group="evidence",
        name="make",
        about=sentence("make the package of a subject"),
        run=lambda: evidence.make,
        takes=(
            a_log(),
            positional("kind", sentence("kind of subject"), choices=SUBJECTS),
            positional("subject", sentence("its number or id")),
            option("-o", "--output", about=sentence("the package, FILE.zip"), kind=Path, required=True),
            on(),
            switch("--flags", sentence("with flags; holds the entries of all who took part")),
            option("--disclosures", about=sentence("opened fields, from disclosure open"), kind=Path),
            option("--attach", about=sentence("a document that an event names"), kind=Path, repeated=True),
        ),
    ),
    Command(
        group="evidence",
        name="check",
        about=sentence("check a package offline"),
        run=lambda: evidence.verify,
        takes=(
            file("file", term("of an argument", "the package")),
            option("--policy", about=POLICY, kind=Path),
            option("--tsa", about=sentence("root of a time-stamping authority"), kind=Path, repeated=True),
            option("--report", about=sentence("write the report anew from the entries"), kind=Path, metavar="FOLDER"),
        ),
    ),
    Command(
        name="export",
        about=sentence("write a log as static files (c2sp.org/tlog-tiles)"),
        run=lambda: mirroring.export,
        takes=(a_log(), file("folder", sentence("where they go; what is there is brought up to date"))),
    ),
    Command(
        group="mirror",
        name="follow",
        about=sentence("follow a log: verify, then store"),
        run=lambda: mirroring.mirror_follow,
        takes=(
            positional("source", sentence("a folder, or an address such as https://…/logs/NAME")),
            file("folder", term("of an argument", "the mirror")),
            option("--policy", about=POLICY, kind=Path, required=True),
        ),
    ),
    Command(
        group="mirror",
        name="restore",
        about=sentence("rebuild a lost log from a folder"),
        run=lambda: mirroring.mirror_restore,
        takes=(file("folder", term("of an argument", "the mirror")), a_log()),
    ),
    Command(
        name="rebuild",
        about=sentence("rebuild the register"),
        run=lambda: entries.rebuild,
        takes=(
            a_log(),
            option(
                "--check",
                about=sentence("compare N samples with replay"),
                kind=whole_number,
                default=0,
                metavar="N",
            ),
        ),
    ),
)
