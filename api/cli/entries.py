"""Commands that play scenarios and rebuild the register."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict

from api.cli.opened_log import opened
from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.home.bootstrap import database_of
from api.scenario.expect import Verdict
from api.scenario.run import Report, run_file
from api.sentences import sentence, term
from ledger.sentences import Pair
from projections.facts import FACTS
from projections.replayed import Differing, compare


def scenario(terminal: Terminal, options: argparse.Namespace) -> int:
    """Run scenario files; 1 if an act or an expectation is not as written."""
    reports: list[Report] = []
    with database_of(terminal.settings) as url:
        for path in options.files:
            bar, advance = terminal.progress(sentence("scenario {name}", name=path.name))
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
    reader = Reader(terminal.language, width=terminal.width)
    for o in acts:
        called, found = o.expected_words, o.actual_words
        terminal.say(
            sentence(
                "  ✗ {where} {do}\n      expected: {name}\n      actual:   {found}",
                where=o.act.where,
                do=reader.label(o.act.do),
                name=called,
                found=found,
            ),
        )
    if report.verdicts:
        heads = (
            ("", ""),
            term("head of a column", "day"),
            term("head of a column", "about"),
            term("of a change", "what"),
            _EXPECTED,
            _ACTUAL,
        )
        names = {key: str(org.get("name", key)) for key, org in report.scenario.organisations.items()}
        terminal.table(heads, [_verdict(reader, names, v) for v in report.verdicts], indent="  ")


_EXPECTED, _ACTUAL = term("of an expectation", "expected"), term("of an expectation", "actual")

#: What may be expected of a subject, where no answer has a member of this name.
_OF_SUBJECTS = {
    "ban_last_day": sentence("last day of the ban"),
    "clawback_ordered_yuan": sentence("clawback ordered, yuan"),
    "clawback_outstanding_yuan": sentence("clawback outstanding, yuan"),
    "clawback_overdue_yuan": sentence("clawback overdue, yuan"),
    "clawback_paid_yuan": sentence("clawback received, yuan"),
    "earliest_decision": sentence("earliest day of the decision"),
    "end": sentence("last day of the notice"),
    "open_objections": sentence("open objections"),
    "prize_entitled_yuan": sentence("prize due, yuan"),
    "prize_paid_yuan": sentence("prize paid, yuan"),
    "quota_free": sentence("places free"),
    "quota_used": sentence("places used"),
    "score_material": sentence("score of the file"),
    "score_onsite": sentence("score on site"),
    "validity_end": sentence("end of validity"),
}


def _verdict(reader: Reader, names: Mapping[str, str], verdict: Verdict) -> tuple[str, ...]:
    """An expectation as a row: whether it is met, of which day and subject, what was expected and what is."""
    mark = "✓" if verdict.met else "✗"
    asked = verdict.question
    name, subject = asked.name, asked.subject
    if name in _OF_SUBJECTS:
        what = reader.say(_OF_SUBJECTS[name])
    else:
        what = reader.fact(name) if name in FACTS else reader.label(name)
    if asked.of:
        what = f"{what} › {reader.label(asked.of)}"
    told = [
        _value(reader, value, asked.of or name, "case.status" if name == "state" else name)
        for value in (verdict.expected, verdict.actual)
    ]
    if verdict.refusal is not None:
        told[1] = reader.say(verdict.actual_words)
    org = names.get(subject.rpartition("/")[2])
    called = subject if org is None else f"{org} {subject}" if "/" in subject else org
    return mark, asked.as_of.isoformat(), called, what, *told


def _value(reader: Reader, value: object, name: str, of: str) -> str:
    return "—" if value is None else reader.one_line(value, name, of) or str(value)


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
            bar, advance = terminal.progress(sentence("comparing the register"))
            with bar:
                differed = compare(log.ledger, log.register, log.ledger.size(), advance).differing
        bar, advance = terminal.progress(sentence("rebuilding the register"))
        with bar:
            reached = log.runner.rebuild(advance)
        log.finder.rebuild()
        wrong = log.runner.check(options.check) if options.check else []
    value = {
        "position": reached,
        "checked": options.check,
        "wrong": [list(w) for w in wrong],
        "differed": [asdict(d) for d in differed],
    }

    reader = Reader(terminal.language, width=terminal.width)

    def human() -> None:
        for d in differed:
            fact = FACTS.get(d.fact)
            terminal.say(
                sentence(
                    "  differed before: {subject} {fact} {on} (from entry {known} on): expected {expected}, was "
                    "{found}",
                    subject=d.subject,
                    fact=d.fact if fact is None else (fact.zh, fact.en),
                    on=d.on,
                    known=d.known,
                    expected=_answered(reader, d.replayed, d.fact),
                    found=_answered(reader, d.stored, d.fact),
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


#: Characters of an answer that are told where the register had another one; --json has both whole.
_ANSWER_MAX = 200


def _answered(reader: Reader, answer: str | None, fact: str) -> Pair | str:
    """An answer of the register in words; what is no answer, as somebody else wrote it, as it is."""
    if not answer:
        return term("of a register", "nothing")
    try:
        value = json.loads(answer)
    except ValueError:
        value = answer
    told = reader.one_line(value, fact, fact)
    return told if len(told) <= _ANSWER_MAX else f"{told[:_ANSWER_MAX]}…"
