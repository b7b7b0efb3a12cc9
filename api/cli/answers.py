"""Commands that ask about one subject: answers at (D, K), traces and differences."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from api.cli.columns import CHANGE, COLUMNS, STEPS, tell_rows
from api.cli.names import LogNames
from api.cli.opened_log import event_at, opened
from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.inspector.labels import said
from api.sentences import sentence, term
from api.v1.axes import axes
from ledger.derivation.answer import plain
from ledger.derivation.record import part
from ledger.sentences import enumeration
from projections.as_of import Told, tell, tell_all
from projections.facts import fact_named
from projections.inquiry.differences import Change, Difference, difference
from projections.tracing import Trace
from projections.tracing import trace as traced


def as_of(terminal: Terminal, options: argparse.Namespace) -> int:
    """Answers about one subject at (D, K), with their reasons."""
    with opened(terminal, options.log) as log:
        at = axes(log, options.on, options.known)
        if options.fact:
            fact = fact_named(options.fact)
            told: Sequence[Told[object]] = [tell(log.ledger, fact, options.subject, at.as_of, at.known_at)]
        else:
            told = tell_all(log.ledger, options.kind, options.subject, at.as_of, at.known_at)
        reader = Reader(terminal.language, LogNames(log.ledger, at.known_at, at.as_of), terminal.width)

        def human() -> None:
            subject = reader.names.subject(options.kind, options.subject)
            terminal.say(
                sentence(
                    "{subject}: as of {as_of}, known at {known_at}",
                    subject=subject,
                    as_of=at.as_of,
                    known_at=at.known_at,
                ),
            )
            for each in told:
                _tell(terminal, reader, each)

        terminal.give({**at.to_json(), "facts": [t.to_json() for t in told]}, human)
    return 0


def _tell(terminal: Terminal, reader: Reader, told: Told[object]) -> None:
    """An answer with what it rests on; its number and its name, by which commands take it, in the last line."""
    fact = told.fact
    terminal.line(f"\n{reader.fact(fact.name)}", "bold")
    _print_answer(terminal, reader, part(told.answer).state, plain(told.answer.result), fact.name)
    for line in reader.why(told.answer.why):
        terminal.line(f"    {line}", "faint")
    terminal.line(f"    {fact.number} {fact.name}", "faint")


def _print_answer(terminal: Terminal, reader: Reader, state: str, value: object, fact: str) -> None:
    """The value of an answer, or why there is none, in words."""
    if state != "value":
        terminal.line(f"  {reader.text(state, 'state')}")
    elif fact.endswith(".flags"):
        _print_flags(terminal, reader, value)
        return
    for line in reader.lines(value, fact, fact, room=terminal.width - 2):
        terminal.line(f"  {line}")


#: What becomes of a flag that is not raised, in the order in which it is told.
_NOT_RAISED = ("undetermined", "not_applicable", "clear")


def _print_flags(terminal: Terminal, reader: Reader, value: object) -> None:
    """Every flag: where it is raised as a table, then the others by what became of them."""
    flags = value["flags"] if isinstance(value, Mapping) else []
    hits = [hit for flag in flags for hit in flag["hits"]]
    tell_rows(terminal, COLUMNS["flags"], hits, lambda _: reader)
    for outcome in _NOT_RAISED:
        named = [_named_flag(reader, flag) for flag in flags if flag["outcome"] == outcome]
        if named:
            told = reader.text(outcome, "outcome", "edition.flags")
            terminal.say(sentence("  {name}: {value}", name=told, value=enumeration(named)))


def _named_flag(reader: Reader, flag: Mapping[str, object]) -> str:
    """A flag by its name, with what is missing where it cannot be told."""
    named, gaps = reader.flag(str(flag["flag"])), flag["undetermined"]
    missing = enumeration((gap["zh"], gap["en"]) for gap in gaps) if isinstance(gaps, list) and gaps else None
    return named if missing is None else reader.say(sentence("{what}: {name}", what=named, name=missing))


def trace(terminal: Terminal, options: argparse.Namespace) -> int:
    """What an event rests on and what rests on it, numbered."""
    with opened(terminal, options.log) as log:
        at = axes(log, None, options.known)
        value = traced(log.ledger, event_at(log, options.id), at.known_at)
        reader = Reader(terminal.language, LogNames(log.ledger, at.known_at), terminal.width)
        terminal.give(value, lambda: _tell_trace(terminal, reader, value))
    return 0


def _tell_trace(terminal: Terminal, reader: Reader, value: Trace) -> None:
    for said_, rows in (
        (sentence("the event ({count})", count=1), [value["event"]]),
        (sentence("it rests on ({count})", count=len(value["rests_on"])), value["rests_on"]),
        (sentence("rests on it ({count})", count=len(value["rested_on_by"])), value["rested_on_by"]),
    ):
        terminal.line("")
        terminal.say(said_)
        tell_rows(terminal, STEPS, rows, lambda _: reader, indent="  ")
    cited = [
        article for row in (*value["rests_on"], value["event"], *value["rested_on_by"]) for article in row["basis"]
    ]
    texts = {article.partition(":")[0] for article in cited}
    if texts:
        terminal.line("")
        told = enumeration((reader.names.text_of(text) for text in sorted(texts)), term("between values", "; "))
        terminal.detail(sentence("articles of {texts}", texts=told))
    if not value["complete"]:
        terminal.say(sentence("not complete: more rests on it, or it on more, than is followed here"))


def diff(terminal: Terminal, options: argparse.Namespace) -> int:
    """Facts of a subject that two corners answer differently."""
    with opened(terminal, options.log) as log:
        a, b = axes(log, options.from_on, options.from_known), axes(log, options.on, options.known)
        corners = (a.as_of, a.known_at), (b.as_of, b.known_at)
        value = difference(log.ledger, options.kind, options.subject, *corners)
        reader = Reader(terminal.language, LogNames(log.ledger, max(a.known_at, b.known_at)), terminal.width)

        def human() -> None:
            subject = reader.names.subject(options.kind, options.subject)
            terminal.say(
                sentence(
                    "{subject}: {day} as known at {known}, beside {other_day} as known at {other_known}",
                    subject=subject,
                    day=a.as_of,
                    known=a.known_at,
                    other_day=b.as_of,
                    other_known=b.known_at,
                )
            )
            _tell_difference(terminal, reader, value)

        terminal.give(value, human)
    return 0


def _tell_difference(terminal: Terminal, reader: Reader, value: Difference) -> None:
    if not value["changed"]:
        terminal.say(sentence("nothing changed"))
    for row in value["changed"]:
        terminal.line(f"\n{reader.fact(row['fact'])}", "bold")
        _tell_change(terminal, reader, row)


def _tell_change(terminal: Terminal, reader: Reader, row: Change) -> None:
    """The members of an answer that differ, and what makes the difference."""
    fact = row["fact"]
    tell_rows(terminal, CHANGE, [{**each, "fact": fact} for each in row["members"]], lambda _: reader, indent="  ")
    if row["members_left_out"]:
        terminal.say(
            sentence("  {count} more members differ; --json has both answers whole", count=row["members_left_out"])
        )
    causes = enumeration(said(cause, "causes") for cause in row["causes"])
    terminal.detail(sentence("    because of: {causes}", causes=causes))
    if row["events"]:
        terminal.detail(sentence("    newly resting on {entries}", entries=reader.entries(row["events"])))
    terminal.line(f"    {row['number']} {fact}", "faint")
