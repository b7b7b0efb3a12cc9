"""Commands by which something is recorded: keys, signatures, submissions, what is opened and kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.command import Command, file, option, positional, switch
from api.cli.commands.shared import KEY, a_log, for_log
from api.cli.loading import lazily
from api.sentences import sentence, term

if TYPE_CHECKING:
    from api.cli import disclosures, keys, submissions
else:
    disclosures = lazily("api.cli.disclosures")
    keys = lazily("api.cli.keys")
    submissions = lazily("api.cli.submissions")

RECORDING = (
    Command(
        name="init",
        about=sentence("create a log with its genesis"),
        run=lambda: submissions.init,
        takes=(
            positional("name", sentence("its short name, for addresses and commands")),
            option(
                "--origin",
                about=sentence("its name for all the world, such as ledger.example.gov/awards"),
                required=True,
            ),
            option("--jurisdiction", about=sentence("whose awards it records"), required=True),
            option("--code", about=sentence("division code"), required=True),
            option(
                "--mode",
                about=sentence("in earnest or to practise"),
                choices=("production", "simulation"),
                default="production",
            ),
            option(
                "--founder",
                about=sentence("write a draft that founders sign"),
                repeated=True,
                metavar="ROLE=PUBLIC_KEY",
            ),
            switch("--sm2", sentence("checkpoints get an SM2 line too")),
            option("--log-key", about=sentence("the log's own key is in a token"), metavar="pkcs11:URI"),
            option("-o", "--output", about=sentence("the genesis draft"), kind=Path),
        ),
    ),
    Command(
        group="key",
        name="new",
        about=sentence("make a key"),
        run=lambda: keys.key_new,
        takes=(
            option(
                "--algorithm",
                about=sentence("suite (sm2: GB/T 32918)"),
                choices=("ed25519", "sm2"),
                default="ed25519",
            ),
            positional("key", term("of an argument", "where it goes"), metavar=KEY),
        ),
    ),
    Command(
        group="key",
        name="show",
        about=sentence("public key and key id"),
        run=lambda: keys.key_show,
        takes=(positional("key", term("of an argument", "where it is"), metavar=KEY),),
    ),
    Command(
        name="sign",
        about=sentence("sign a statement, or countersign a submission"),
        run=lambda: submissions.sign,
        takes=(
            file("file", sentence("a statement draft or a submission")),
            option("--key", about=sentence("whose key; once for each"), repeated=True, required=True, metavar=KEY),
            option("-o", "--output", about=sentence("where the submission goes (default: standard output)"), kind=Path),
        ),
    ),
    Command(
        name="submit",
        about=sentence("submit signed statements"),
        run=lambda: submissions.submit,
        takes=(
            file("files", sentence("what was signed, in order"), nargs="+"),
            for_log(required=True),
            option("--url", about=sentence("of a service; else this home's log")),
        ),
    ),
    Command(
        group="disclosure",
        name="open",
        about=sentence("record a statement about restricted data and write what it opens"),
        run=lambda: disclosures.disclosure_open,
        takes=(
            a_log(),
            file("submission", term("of an argument", "the signed statement")),
            option("-o", "--output", about=sentence("a new file"), kind=Path, required=True),
        ),
    ),
    Command(
        group="disclosure",
        name="check",
        about=sentence("check openings against an entry, offline"),
        run=lambda: disclosures.disclosure_check,
        takes=(file("file", sentence("what was opened")), file("entry", sentence("the entry's exact bytes"))),
    ),
    Command(
        group="document",
        name="put",
        about=sentence("keep a document, such as a pack"),
        run=lambda: submissions.document_put,
        takes=(
            file("file", term("of an argument", "the document")),
            for_log(required=True),
            option("--url", about=sentence("of a service; else this home's log")),
            option("--key", about=sentence("with --url: a registered key"), metavar=KEY),
            option("--type", about=sentence("media type; of .toml that of packs")),
        ),
    ),
)
