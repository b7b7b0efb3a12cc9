"""Commands that look things up, and change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.command import Command, option, positional, switch, whole_number
from api.cli.commands.shared import KINDS, a_log, an_event, known, on
from api.cli.loading import lazily
from api.sentences import sentence

if TYPE_CHECKING:
    from api.cli import answers, inquiries, showing
else:
    answers = lazily("api.cli.answers")
    inquiries = lazily("api.cli.inquiries")
    showing = lazily("api.cli.showing")

ASKING = (
    Command(
        name="show",
        about=sentence("list entries, or show one"),
        run=lambda: showing.show,
        takes=(
            a_log(),
            positional("id", sentence("one entry, by its position or its id"), nargs="?"),
            option("--after", about=sentence("begin behind this position"), kind=whole_number, default=0, metavar="N"),
            option("--limit", about=sentence("how many at most (default: 50)"), kind=whole_number, metavar="N"),
            switch("--all", sentence("all of them")),
        ),
    ),
    Command(
        name="as-of",
        about=sentence("how a subject stands on a day, as known at a time, and why"),
        run=lambda: answers.as_of,
        takes=(
            a_log(),
            positional("kind", sentence("kind of subject"), choices=KINDS),
            positional("subject", sentence("its number or id")),
            on(),
            known(),
            option("--fact", about=sentence("one fact alone"), among="facts"),
        ),
    ),
    Command(
        name="trace",
        about=sentence("what an event rests on, and what rests on it"),
        run=lambda: answers.trace,
        takes=(a_log(), an_event(), known()),
    ),
    Command(
        name="diff",
        about=sentence("what two points in time answer differently about a subject"),
        run=lambda: answers.diff,
        takes=(
            a_log(),
            positional("kind", sentence("kind of subject"), choices=KINDS),
            positional("subject", sentence("its number or id")),
            on("--from-on", sentence("the first day (default: today)")),
            known("--from-known", sentence("as known then, of the first (default: now)")),
            on("--on", sentence("the second day (default: today)")),
            known("--known", sentence("as known then, of the second (default: now)")),
        ),
    ),
    Command(
        name="inspect",
        about=sentence("inquiries of inspectors: flags, stories, what-if, money …"),
        run=lambda: inquiries.inspect,
        takes=(
            a_log(),
            positional(
                "inquiry",
                sentence("which of the inquiries; see rongjian inquiries"),
                among="inquiries",
            ),
            positional(
                "arguments",
                sentence("what it is asked about"),
                nargs="*",
                metavar="NAME=VALUE",
                among="parameters",
            ),
            on(),
            known(),
            option(
                "--format",
                about=sentence("json, csv; of some inquiries dot, mermaid, text"),
                among="formats",
            ),
            option("--disclosures", about=sentence("opened items of scores"), kind=Path),
        ),
    ),
    Command(
        name="inquiries",
        about=sentence("which inquiries there are; which questions they answer"),
        run=lambda: inquiries.list_inquiries,
        takes=(
            positional(
                "what",
                sentence("the inquiries, or the questions with the command for each"),
                nargs="?",
                choices=("inquiries", "questions"),
                default="inquiries",
            ),
        ),
    ),
    Command(
        name="across",
        about=sentence("several logs: an organisation, flags, patterns"),
        run=lambda: inquiries.over_logs,
        takes=(
            positional("what", sentence("what is looked for"), choices=("organisation", "flags", "patterns")),
            positional("uscc", sentence("credit code of the organisation"), nargs="?"),
            positional(
                "arguments",
                sentence("of flags: flag=, severity=, state=, org=, person="),
                nargs="*",
                metavar="NAME=VALUE",
            ),
            on(),
        ),
    ),
)
