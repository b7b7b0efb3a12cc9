"""Commands that serve and publish, and those about rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.command import Command, file, option, positional, switch, whole_number
from api.cli.commands.shared import DATE, for_log, known, on
from api.cli.loading import lazily
from api.sentences import sentence, term

if TYPE_CHECKING:
    from api.cli import completion, entries, generation, packs, publication, serve, specification, tokens
else:
    completion = lazily("api.cli.completion")
    entries = lazily("api.cli.entries")
    generation = lazily("api.cli.generation")
    packs = lazily("api.cli.packs")
    publication = lazily("api.cli.publication")
    serve = lazily("api.cli.serve")
    specification = lazily("api.cli.specification")
    tokens = lazily("api.cli.tokens")

SERVING = (
    Command(
        name="pack",
        about=sentence("check a pack file, list the shipped ones, or show what a text leaves open"),
        run=lambda: packs.pack,
        takes=(
            positional("action", sentence("what to do"), choices=("check", "list", "gaps")),
            positional(
                "file",
                sentence("a file, or a shipped pack such as ganzhou/2022"),
                nargs="?",
                among="packs",
            ),
            for_log(about=sentence("with the interpretations of a log")),
            on(),
            known(),
        ),
    ),
    Command(
        name="scenario",
        about=sentence("run scenario files in throw-away logs"),
        run=lambda: entries.scenario,
        takes=(
            positional("action", sentence("what to do"), choices=("run",)),
            file("files", term("of an argument", "the scenarios"), nargs="+"),
        ),
    ),
    Command(
        name="generate",
        about=sentence("record made-up histories into new logs"),
        run=lambda: generation.generate,
        takes=(
            option("--editions", about=sentence("how many editions each has"), kind=whole_number, default=3),
            option("--applicants", about=sentence("how many apply for each edition"), kind=whole_number, default=20),
            option("--seed", about=sentence("the same number gives the same history"), kind=whole_number, default=1),
            option(
                "--regulation",
                about=sentence("under which regulation (default: each in a log of its own)"),
                choices=("all", "ganzhou", "hengyang", "jindong", "jinshui", "zhongyuan"),
                default="all",
            ),
            option(
                "--log", about=sentence("how the new log is called, or what its name begins with"), default="history"
            ),
        ),
    ),
    Command(
        name="spec",
        about=sentence("write the generated part of docs/spec"),
        run=lambda: specification.spec,
        takes=(file("folder", term("of an argument", "where it goes")),),
    ),
    Command(
        name="serve",
        about=sentence("start the HTTP service"),
        run=lambda: serve.serve,
        takes=(switch("--demo", sentence("load the demo logs first")),),
    ),
    Command(
        name="publish",
        about=sentence("write the public window as files"),
        run=lambda: publication.publish,
        takes=(
            file("folder", term("of an argument", "where it goes")),
            positional(
                "logs",
                sentence("logs; all if left out"),
                nargs="*",
                among="logs",
            ),
            option(
                "--base",
                about=sentence("the address that permalinks and feeds name"),
                default="https://example.invalid",
            ),
            on(),
        ),
    ),
    Command(
        group="token",
        name="new",
        about=sentence("make a token, shown once"),
        run=lambda: tokens.token_new,
        takes=(
            positional("name", sentence("what for, or whose")),
            option(
                "--log",
                about=sentence("logs; all if left out"),
                repeated=True,
                among="logs",
            ),
            option(
                "--reads",
                about=sentence("what of them; both if left out"),
                repeated=True,
                choices=("entries", "answers"),
            ),
            option("--until", about=term("of an argument", "the last day"), metavar=DATE),
        ),
    ),
    Command(
        group="token",
        name="list",
        about=sentence("list tokens, without their secrets"),
        run=lambda: tokens.token_list,
    ),
    Command(
        group="token",
        name="revoke",
        about=sentence("revoke a token"),
        run=lambda: tokens.token_revoke,
        takes=(positional("name", term("of an argument", "its name"), among="tokens"),),
    ),
    Command(
        name="completion",
        about=sentence("print what lets a shell complete commands"),
        run=lambda: completion.script,
        takes=(positional("shell", sentence("which shell"), choices=("bash", "zsh", "fish")),),
    ),
)
