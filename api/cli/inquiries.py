"""Inquiries on the command line: ``rongjian inspect LOG INQUIRY name=value …``, ``across``, ``questions``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.files import read_disclosures
from api.home.bootstrap import database_of
from api.home.open_logs import OpenLog, OpenLogs
from api.inspector import across
from api.inspector.across import Across
from api.inspector.answers import Row, ScoresLaidOpen, rows_of
from api.inspector.export import to_csv
from api.inspector.in_words import label, place, scalar
from api.inspector.inquiries import INQUIRIES, inquiry_named, scores_laid_open
from api.inspector.inquiry import Inquiry, asked
from api.inspector.labels import OF_FACT, member_at
from api.inspector.questions import QUESTIONS
from api.sentences import sentence
from api.v1.axes import Axes, axes
from ledger.disclosure import check
from ledger.errors import MalformedError
from ledger.sentences import enumeration
from projections.figures import flag_sentence


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
        value = asked(chosen, log, at, given).to_json()
        if options.disclosures is not None:
            value |= _with_items(log, at, chosen, given, options.disclosures)
    language = terminal.language
    if options.format == "csv":
        sys.stdout.buffer.write(to_csv(value))
        return 0
    if options.format in ("dot", "mermaid", "text"):
        sys.stdout.write(str(value[f"{options.format}_{language}"]))
        return 0
    if options.format == "json":
        terminal.json_output = True

    def human() -> None:
        terminal.say(
            sentence(
                "{subject}: as of {as_of}, known at {known_at}",
                subject=(chosen.zh, chosen.en),
                as_of=value["as_of"],
                known_at=value["known_at"],
            ),
        )
        if f"text_{language}" in value:
            terminal.console.print(str(value[f"text_{language}"]), markup=False)
        else:
            _rows(terminal, rows_of(value), OF_FACT.get(chosen.name, ""), chinese=terminal.chinese)

    terminal.give(value, human)
    return 0


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


#: Columns that people do not read; they are in the other forms.
_HIDDEN = frozenset(
    {
        "id",
        "events",
        "zh",
        "en",
        "name_zh",
        "name_en",
        "recorded_at",
        "known_at",
        "articles",
        "thresholds",
        "findings",
        "subject",
        "pack",
    }
)


def _rows(terminal: Terminal, rows: Sequence[Row], of: str = "", *, chinese: bool) -> None:
    if not rows:
        terminal.say(sentence("nothing"))
        return
    told = "zh" if chinese else "en"
    shown = [
        {k: _cell(row, k, of, chinese=chinese) for k, v in row.items() if k not in _HIDDEN and not isinstance(v, dict)}
        | ({"": flag_sentence(str(row.get("flag", "")), str(row[told]))} if told in row else {})
        for row in rows
    ]
    columns = list(dict.fromkeys(k for row in shown for k in row))
    heads = {c: label(c, chinese=chinese) if c else "" for c in columns}
    terminal.table([{heads[c]: row.get(c, "") for c in columns} for row in shown])


def _cell(row: Row, name: str, of: str, *, chinese: bool) -> str:
    """A cell in words; before and after are read as what their path names: a member of an answer, or a parameter."""
    path, value = str(row.get("path", "")), row[name]
    about, read = path if name in ("before", "after", "value") and not path.startswith("/") else "", name
    if name == "path" and path.startswith("/"):
        return place(path, chinese=chinese)
    of = str(row.get("fact", of))
    if name in ("before", "after") and not about:
        read = member_at(path, of)
    values = value if isinstance(value, list) else [value]
    words = ", ".join(
        "…" if isinstance(v, dict | list) else "" if v is None else scalar(v, read, of, chinese=chinese, path=about)
        for v in values
    )
    return words if len(words) <= 60 else f"{words[:59]}…"


def list_inquiries(terminal: Terminal, options: argparse.Namespace) -> int:
    """The inquiries and what they take, or the questions with their calls."""
    if options.what == "questions":
        rows = [q.to_json() for q in QUESTIONS]
        shown = [{"no": q.number, "": q.zh if terminal.chinese else q.en, "command": q.command} for q in QUESTIONS]
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
        shown = [
            {"name": i.name, "": i.zh if terminal.chinese else i.en, "takes": ", ".join(i.takes)}
            for i in INQUIRIES.values()
        ]
    terminal.give(rows, lambda: terminal.table(shown))
    return 0


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
        finally:
            logs.close()
    terminal.give(value, lambda: _across_rows(terminal, value))
    # Stored evidence does not fit together, as for any command that meets it (api/cli/parser.py).
    return 4 if value["not_asked"] else 0


def _across_rows(terminal: Terminal, value: Across) -> None:
    _rows(terminal, value["rows"], chinese=terminal.chinese)
    for name, why in value["not_asked"].items():
        terminal.say(sentence("not asked: the log {name}: {why}", name=name, why=(why["zh"], why["en"])))
