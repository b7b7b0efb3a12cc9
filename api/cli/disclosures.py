"""Commands about restricted fields: open one by a signed statement, and check what somebody opened."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from api.cli.loading import lazily
from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.files import read_disclosures, read_file, writing
from api.sentences import sentence
from ledger import disclosure
from ledger import entry as entries
from ledger.errors import EvidenceError, RongjianError
from ledger.submission import parse_submission

if TYPE_CHECKING:
    from api.cli import opened_log
else:
    opened_log = lazily("api.cli.opened_log")


def disclosure_open(terminal: Terminal, options: argparse.Namespace) -> int:
    """Record the statement, and write the openings it asks for into a new file."""
    submission = parse_submission(read_file(options.submission))
    # Opened once only: the file must be writable before anything is recorded.
    with writing(options.output), options.output.open("x", encoding="utf-8") as file:
        options.output.chmod(0o600)
        try:
            with opened_log.opened(terminal, options.log, signing=True) as log:
                recorded, disclosures = log.ledger.disclosing.disclose(submission)
                receipt = log.ledger.evidence.receipt(recorded.position)
        except RongjianError:
            options.output.unlink()
            raise
        json.dump([d.to_json() for d in disclosures], file, ensure_ascii=False, indent=1)
    value = {"receipt": receipt.to_json(), "file": str(options.output)}
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "recorded as position {position}; {disclosures} fields written to {output}",
                position=receipt.position,
                disclosures=len(disclosures),
                output=options.output,
            ),
        ),
    )
    return 0


def disclosure_check(terminal: Terminal, options: argparse.Namespace) -> int:
    """Check openings against the commitments in an entry; needs no log."""
    event = entries.parse(1, read_file(options.entry))
    found = read_disclosures(options.file)
    for item in found:
        if (item.log, item.event) != (event.statement.log, event.statement.id):
            raise EvidenceError("other_entry", sentence("{event} is not this entry", event=item.event))
        disclosure.check(item.opening, event.statement.sd.get(item.opening.pointer, ""))
    opened = [d.opening for d in found]
    rows = [{"pointer": o.pointer, "value": o.value} for o in opened]

    def human() -> None:
        reader = Reader(terminal.language)
        for o in opened:
            name = o.pointer.rpartition("/")[2]
            shown = reader.one_line(o.value, name, event.statement.type)
            terminal.say(sentence("holds: {pointer} = {shown}", pointer=reader.label(name), shown=shown))

    terminal.give({"event": event.statement.id, "fields": rows}, human)
    return 0
