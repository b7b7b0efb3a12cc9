"""Commands that show entries, play scenarios and rebuild the register; ``parser.py`` parses and prints errors."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.home.bootstrap import database_of
from api.json_text import json_text
from api.scenario.expect import short
from api.scenario.run import Report, run_file
from api.sentences import sentence, term
from ledger import canonical
from ledger.clock import SHANGHAI
from projections.replayed import Differing, compare
from projections.suspect_keys import suspects_of


def show(terminal: Terminal, options: argparse.Namespace) -> int:
    """List entries, or print one event."""
    with opened(terminal, options.log) as log:
        if options.id:
            event = log.ledger.event(options.id)
            value = {
                "position": event.position,
                "recorded_at": event.recorded_at.isoformat(),
                "suspect_signatures": [s.to_json() for s in suspects_of(log.ledger, event, log.ledger.size())],
                "statement": canonical.parse(event.statement.body, "statement"),
                "receipt": log.ledger.evidence.receipt(event.position).to_json(),
            }
            print(json_text(value, indent=2))
            return 0
        events = log.ledger.events(after=options.after, until=options.after + options.limit)
    rows = [
        {
            "position": e.position,
            "recorded_at": e.recorded_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "effective_on": e.statement.effective_on.isoformat(),
            "type": e.statement.type,
            "zh": e.statement.payload.SPEC.zh,
            "actor": e.statement.actor,
            "role": e.statement.role,
            "id": e.statement.id,
        }
        for e in events
    ]
    terminal.give(rows, lambda: terminal.table(rows))
    return 0


def scenario(terminal: Terminal, options: argparse.Namespace) -> int:
    """Run scenario files; 1 if an act or an expectation is not as written."""
    reports: list[Report] = []
    with database_of(terminal.settings) as url:
        for path in options.files:
            bar, advance = terminal.progress(*sentence("scenario {name}", name=path.name))
            with bar:
                reports.append(run_file(path, url, advance))

    def human() -> None:
        for report in reports:
            _report(terminal, report)

    terminal.give([_report_json(r) for r in reports], human)
    return 0 if all(r.passed for r in reports) else 1


def _report(terminal: Terminal, report: Report) -> None:
    acts = [o for o in report.outcomes if not o.as_expected]
    met = sum(v.met for v in report.verdicts)
    title = report.scenario.title if terminal.chinese else report.scenario.title_en
    terminal.say(
        sentence(
            "{title}: {outcomes} acts, {acts} not as written; {met}/{verdicts} expectations met",
            title=title,
            outcomes=len(report.outcomes),
            acts=len(acts),
            met=met,
            verdicts=len(report.verdicts),
        ),
    )
    if report.filled:
        terminal.say(
            sentence("  ({filled} ordinary steps that the file leaves out were played)", filled=report.filled),
        )
    for o in acts:
        called, found = o.expected_words, o.actual_words
        terminal.say(
            sentence(
                "  ✗ {where} {do}\n      expected: {name}\n      actual:   {found}",
                where=o.act.where,
                do=o.act.do,
                name=called,
                found=found,
            ),
        )
    for v in report.verdicts:
        mark = "✓" if v.met else "✗"
        found = v.actual_words
        terminal.say(
            sentence(
                "  {mark} {question}: expected {expected}, actual {found}",
                mark=mark,
                question=v.question,
                expected=short(v.expected),
                found=found,
            ),
        )


def _report_json(report: Report) -> dict[str, object]:
    return {
        "scenario": report.scenario.name,
        "passed": report.passed,
        "filled": report.filled,
        "acts": [
            {
                "where": o.act.where,
                "do": o.act.do,
                "as_expected": o.as_expected,
                "expected": o.expected,
                "actual": o.actual,
            }
            for o in report.outcomes
        ],
        "expectations": [
            {"where": v.where, "question": str(v.question), "met": v.met, "expected": v.expected, "actual": v.actual}
            for v in report.verdicts
        ],
    }


def rebuild(terminal: Terminal, options: argparse.Namespace) -> int:
    """Rebuild the register beside the old one, swap, and compare samples with replay.

    With ``--check`` what differed before is told: the rebuilding mends it, and it was shown until then. 1 if there was
    any.
    """
    with opened(terminal, options.log) as log:
        differed: tuple[Differing, ...] = ()
        if options.check:
            bar, advance = terminal.progress(*sentence("comparing the register"))
            with bar:
                differed = compare(log.ledger, log.register, log.ledger.size(), advance).differing
        bar, advance = terminal.progress(*sentence("rebuilding the register"))
        with bar:
            reached = log.runner.rebuild(advance)
        wrong = log.runner.check(options.check) if options.check else []
    value = {
        "position": reached,
        "checked": options.check,
        "wrong": [list(w) for w in wrong],
        "differed": [asdict(d) for d in differed],
    }

    def human() -> None:
        for d in differed:
            terminal.say(
                sentence(
                    "  differed before: {subject} {fact} {on} (from entry {known} on): expected {expected}, was "
                    "{found}",
                    subject=d.subject,
                    fact=d.fact,
                    on=d.on,
                    known=d.known,
                    expected=d.replayed[:100] if d.replayed else term("of a register", "nothing"),
                    found=d.stored[:100] if d.stored else term("of a register", "nothing"),
                ),
            )
        terminal.say(
            sentence(
                "register rebuilt to position {reached}; {differed} places differed before; {check} samples, {wrong} "
                "differ",
                reached=reached,
                differed=len(differed),
                check=options.check,
                wrong=len(wrong),
            ),
        )

    terminal.give(value, human)
    return 1 if wrong or differed else 0
