"""The one table of commands: what each is called, what it is about, what it takes and what it runs.

The parser, the help, what is completed and what is said about a mistyped word are made from it. A command loads what it
runs, and no other one: most need neither the service nor the pages.
"""

from __future__ import annotations

from api.cli.command import Command, Heading, option, switch
from api.cli.commands.asking import ASKING
from api.cli.commands.attesting import ATTESTING
from api.cli.commands.proving import PROVING
from api.cli.commands.recording import RECORDING
from api.cli.commands.serving import SERVING
from api.cli.languages import languages
from api.sentences import sentence, term
from ledger.sentences import Sentence

COMMANDS: tuple[Command, ...] = (*ASKING, *RECORDING, *PROVING, *ATTESTING, *SERVING)

#: What every command takes, before its name or after it.
COMMON = (
    switch("--json", sentence("machine-readable output")),
    option("--lang", about=sentence("language (default: as LANG says, else Chinese)"), choices=languages()),
)

GROUPS: dict[str, Sentence] = {
    "key": sentence("keys of signers"),
    "mirror": sentence("mirrors: follow a log over HTTP, rebuild a lost log"),
    "head": sentence("the newest head beside the log's key"),
    "timestamp": sentence("time from outside (RFC 3161)"),
    "visits": sentence("the record of who read what"),
    "proof": sentence("portable proofs of single entries (c2sp.org/tlog-proof)"),
    "disclosure": sentence("restricted fields: open by a signed statement, check an opening"),
    "evidence": sentence("evidence packages: entries, proofs and answers in one file"),
    "witness": sentence("witnesses: cosign other logs, ask others to cosign ours"),
    "token": sentence("tokens by which programs read entries and answers"),
    "document": sentence("documents that statements name by hash"),
}

HEADINGS = (
    Heading(sentence("look things up"), ("show", "as-of", "trace", "diff", "inspect", "inquiries", "across")),
    Heading(term("heading of commands", "record"), ("init", "key", "sign", "submit", "disclosure", "document")),
    Heading(sentence("verify and hand over"), ("verify", "proof", "evidence", "export", "mirror", "rebuild")),
    Heading(sentence("have others attest"), ("witness", "timestamp", "visits", "head")),
    Heading(term("heading of commands", "rules"), ("pack", "scenario", "generate", "spec")),
    Heading(term("heading of commands", "serve"), ("serve", "publish", "token", "completion")),
)
