"""The command that makes up histories: each goes into a new log, and what was made is told at the end."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from functools import partial

from api.cli.terminal import Terminal
from api.generate.history import History
from api.generate.recording import Made, StoryClock, record
from api.generate.terms import REGULATIONS, terms_of
from api.home.bootstrap import check_home, create_log, database_of, logs_of, open_log
from api.home.demo import ORIGIN, hand_out
from api.home.settings import Settings
from api.home.telemetry import configure_logging
from api.sentences import sentence, term
from ledger.errors import MalformedError
from ledger.events.vocabulary import EVENTS

#: Of these acts people ask first how many there are.
_TOLD_FIRST = ("AwardGranted", "AwardRevoked", "ClawbackOrdered", "ClawbackReceived", "EventAnnulled", "EventCorrected")


def generate(terminal: Terminal, options: argparse.Namespace) -> int:
    """Record histories: of one regulation into the log that is named, of all into a log each."""
    one = options.regulation != "all"
    names = {options.regulation: options.log} if one else {r: f"{options.log}-{r}" for r in REGULATIONS}
    check_home(terminal.settings)
    configure_logging(logging.ERROR)
    for name in names.values():
        _check_new(terminal.settings, name)
    made: dict[str, Made] = {}
    with database_of(terminal.settings) as url:
        work, tell = terminal.work()
        with work:
            for number, (regulation, name) in enumerate(names.items(), 1):
                part = sentence("{name}: {number} of {of}", name=name, number=number, of=len(names))
                made[name] = _made(terminal.settings, url, name, regulation, options, partial(tell, part))
    terminal.give({name: _as_json(of) for name, of in made.items()}, lambda: _tell(terminal, made))
    return 0


def _check_new(settings: Settings, name: str) -> None:
    if any(log.name == name for log in logs_of(settings)):
        raise MalformedError(
            "log_has_entries",
            sentence("there is a log {name}; a history begins a new one: give another name with --log", name=name),
        )


def _made(
    settings: Settings,
    url: str,
    name: str,
    regulation: str,
    options: argparse.Namespace,
    advance: Callable[[int, int], None],
) -> Made:
    terms = terms_of(regulation)
    origin = f"{ORIGIN}/{name}"
    history = History(origin, terms, editions=options.editions, applicants=options.applicants, seed=options.seed)
    log = create_log(settings, url, name, origin)
    clock = StoryClock()
    ledger = open_log(settings, url, log, clock)
    try:
        hand_out(log, history.cast)
        return record(ledger, clock, terms, history, lambda m: advance(m.by_type["EditionClosed"], options.editions))
    finally:
        ledger.close()


def _as_json(made: Made) -> dict[str, object]:
    return {
        "entries": made.entries,
        "overridden": made.overridden,
        "late": made.late,
        "by_type": dict(sorted(made.by_type.items())),
    }


def _tell(terminal: Terminal, made: dict[str, Made]) -> None:
    for name, of in made.items():
        terminal.say(
            sentence(
                "{name}: {entries} entries, {late} of them late and {overridden} by override",
                name=name,
                entries=of.entries,
                late=of.late,
                overridden=of.overridden,
            )
        )
        kinds = [*(k for k in _TOLD_FIRST if k in of.by_type), *(k for k in EVENTS if k in of.by_type)]
        rows = [
            (terminal.told((EVENTS[k].SPEC.zh, EVENTS[k].SPEC.en)), str(of.by_type[k])) for k in dict.fromkeys(kinds)
        ]
        terminal.table(
            (term("head of a column", "act"), term("head of a column", "entries")), rows, right=(False, True)
        )
