"""Inquiries on the command line: ``rongjian inspect LOG INQUIRY name=value …``, ``across``, ``questions``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from api.cli.beside import tell_after, tell_before
from api.cli.columns import ACROSS, COLUMNS, tell_rows
from api.cli.names import LogNames
from api.cli.opened_log import event_at, opened
from api.cli.reading import Reader
from api.cli.story import tell_story
from api.cli.terminal import Terminal
from api.files import read_disclosures
from api.home.bootstrap import database_of
from api.home.open_logs import OpenLog, OpenLogs
from api.inspector import across
from api.inspector.across import Across
from api.inspector.answers import Row, ScoresLaidOpen, rows_of
from api.inspector.export import to_csv
from api.inspector.inquiries import INQUIRIES, NARRATIVE, inquiry_named, scores_laid_open
from api.inspector.inquiry import Inquiry, asked
from api.inspector.questions import QUESTIONS
from api.sentences import sentence, term
from api.v1.axes import Axes, axes
from ledger.disclosure import check
from ledger.errors import MalformedError
from ledger.sentences import enumeration


def inspect(terminal: Terminal, options: argparse.Namespace) -> int:
    """One inquiry at (D, K)."""
    chosen = inquiry_named(options.inquiry)
    if options.format is not None and options.format not in chosen.formats:
        raise MalformedError(
            "format_unknown",
            sentence("--format: one of {formats}", formats=enumeration(chosen.formats)),
            field="format",
        )
    given = _given(options.arguments)
    with opened(terminal, options.log) as log:
        at = axes(log, options.on, options.known)
        if "event" in given:
            given["event"] = event_at(log, given["event"])
        value = asked(chosen, log, at, given).to_json()
        if options.disclosures is not None:
            value |= _with_items(log, at, chosen, given, options.disclosures)
        if options.format == "csv":
            sys.stdout.buffer.write(to_csv(value))
        elif options.format in ("dot", "mermaid", "text"):
            sys.stdout.write(str(value[f"{options.format}_{terminal.language if terminal.chinese else 'en'}"]))
        else:
            terminal.json_output = terminal.json_output or options.format == "json"
            names = LogNames(log.ledger, at.known_at, at.as_of)
            terminal.give(value, lambda: _tell(terminal, names, chosen, value))
    return 0


def _tell(terminal: Terminal, names: LogNames, chosen: Inquiry[Row], value: Row) -> None:
    """The answer for people: what was asked, its rows, and what else belongs to it."""
    reader = Reader(terminal.language, names, terminal.width)
    terminal.say(
        sentence(
            "{subject}: as of {as_of}, known at {known_at}",
            subject=(chosen.zh, chosen.en),
            as_of=value["as_of"],
            known_at=value["known_at"],
        ),
    )
    if chosen.name == NARRATIVE.name:
        tell_story(terminal, reader, names, value)
    else:
        tell_before(terminal, reader, chosen.name, value)
        rows = ({"pinned": value.get("pinned"), **row} for row in rows_of(value))
        tell_rows(terminal, COLUMNS[chosen.name], rows, lambda _: reader)
        tell_after(terminal, reader, chosen.name, value)
    if value.get("complete") is False:
        terminal.say(sentence("not complete: more rests on it, or it on more, than is followed here"))


def _with_items(log: OpenLog, at: Axes, chosen: Inquiry[Row], given: dict[str, str], path: Path) -> ScoresLaidOpen:
    """The matrix of scores with the items that have been opened, each checked against its commitment."""
    if chosen.name != "scores":
        raise MalformedError("option_not_known", sentence("--disclosures is for scores"), field="disclosures")
    found = {}
    for item in read_disclosures(path):
        statement = log.ledger.event(item.event).statement
        check(item.opening, statement.sd.get(item.opening.pointer, ""))
        found[item.event, item.opening.pointer] = item.opening.value
    return scores_laid_open(log, at, given["edition"], found)


def _given(arguments: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for argument in arguments:
        name, equals, text = argument.partition("=")
        if not equals or name in given:
            raise MalformedError(
                "argument_unclear",
                sentence(
                    "“{argument}”: write name=value, each name once",
                    argument=argument[:60],
                ),
                field=name[:40],
            )
        given[name] = text
    return given


def list_inquiries(terminal: Terminal, options: argparse.Namespace) -> int:
    """The inquiries and what they take, or the questions with their calls."""
    if options.what == "questions":
        terminal.give([q.to_json() for q in QUESTIONS], lambda: _tell_questions(terminal))
    else:
        rows = [
            {
                "name": i.name,
                "zh": i.zh,
                "en": i.en,
                "takes": {name: str(meaning) for name, meaning in i.takes.items()},
                "formats": list(i.formats),
            }
            for i in INQUIRIES.values()
        ]
        terminal.give(rows, lambda: _tell_inquiries(terminal))
    return 0


def _tell_questions(terminal: Terminal) -> None:
    heads = (term("head of a column", "no."), term("head of a column", "question"), term("head of a column", "command"))
    rows = [(str(q.number), terminal.told((q.zh, q.en)), q.command) for q in QUESTIONS]
    terminal.table(heads, rows, right=(True,))


def _tell_inquiries(terminal: Terminal) -> None:
    """What has to be given is marked; the command that asks stands below."""
    heads = (
        term("of an inquiry", "name"),
        term("head of a column", "what it answers"),
        term("head of a column", "what it is asked about"),
    )
    terminal.table(
        heads, [(i.name, terminal.told((i.zh, i.en)), terminal.told(enumeration(i.takes))) for i in INQUIRIES.values()]
    )
    terminal.line("")
    terminal.say(sentence("* has to be given. To ask: rongjian inspect LOG NAME edition=… --on DAY --known K"))


def over_logs(terminal: Terminal, options: argparse.Namespace) -> int:
    """Several logs at once."""
    with database_of(terminal.settings) as url:
        logs = OpenLogs(terminal.settings, url)
        try:
            match options.what:
                case "organisation":
                    if options.uscc is None:
                        raise MalformedError(
                            "parameter_missing",
                            sentence("across organisation needs a credit code"),
                            field="uscc",
                        )
                    value: Across = across.organisation(logs.all(), logs.refused, options.uscc, options.on)
                case "flags":
                    value = across.flags(logs.all(), logs.refused, options.on, _given(options.arguments))
                case _:
                    value = across.patterns(logs.all(), logs.refused, options.on)
            readers = {
                log.home.name: Reader(terminal.language, LogNames(log.ledger, log.ledger.size()), terminal.width)
                for log in logs.all()
            }
            terminal.give(value, lambda: _tell_across(terminal, readers, options.what, value))
        finally:
            logs.close()
    # Stored evidence does not fit together, as for any command that meets it (api/cli/parser.py).
    return 4 if value["not_asked"] else 0


def _tell_across(terminal: Terminal, readers: Mapping[str, Reader], what: str, value: Across) -> None:
    """The rows of all logs, each in the names of its own; then the logs that could not be asked."""
    nobody = Reader(terminal.language, width=terminal.width)
    tell_rows(terminal, ACROSS[what], value["rows"], lambda row: readers.get(str(row.get("log")), nobody))
    for name, why in value["not_asked"].items():
        terminal.say(sentence("not asked: the log {name}: {why}", name=name, why=(why["zh"], why["en"])))
