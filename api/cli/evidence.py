"""``rongjian evidence``: make a package about a subject, and check one anywhere."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.instants import beijing, beijing_of
from api.cli.loading import lazily
from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.evidence import archive
from api.evidence.check import Checked, check
from api.evidence.report import pages, printed
from api.files import read_disclosures, read_file, writing
from api.sentences import sentence
from ledger.clock import format_instant, shanghai_day, system_clock
from ledger.derivation.version import DERIVATION
from ledger.entry import parse as parse_entry
from ledger.errors import EvidenceError, NotInstalledError
from ledger.identifiers import parse_date
from ledger.log_signer import LOG_KEYS
from ledger.sentences import enumeration
from ledger.tlog.policy import parse_policy
from ledger.tlog.timestamp import parse_roots

if TYPE_CHECKING:
    from api.cli import opened_log
    from api.evidence import making
else:
    opened_log = lazily("api.cli.opened_log")
    making = lazily("api.evidence.making")


def make(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write the package of a subject."""
    on = parse_date(options.on, "--on") if options.on else shanghai_day(system_clock())
    disclosures = read_disclosures(options.disclosures) if options.disclosures else []
    attachments = [read_file(path) for path in options.attach]
    with opened_log.opened(terminal, options.log, signing=True) as log:
        files, checked = making.made(
            log.ledger,
            options.kind,
            options.subject,
            on,
            flags=options.flags,
            disclosures=disclosures,
            attachments=attachments,
        )
    with writing(options.output):
        options.output.write_bytes(archive.write(files))
    value = {
        "file": str(options.output),
        **checked.question.to_json(),
        "events": checked.events,
        "answers": len(checked.answers),
    }
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "written to {output}: {events} events, {answers} answers",
                output=options.output,
                events=checked.events,
                answers=len(checked.answers),
            ),
        ),
    )
    return 0


#: Exit code of a package that proves its entries, while today's folds answer otherwise than its own version did.
DERIVED_OTHERWISE = 5


def verify(terminal: Terminal, options: argparse.Namespace) -> int:
    """Check a package; needs no log and no network. Without --policy the log's key is taken from the package itself.

    0 where it holds, 5 where it proves its entries and today's derivation answers otherwise than that of its version.
    """
    files = archive.read(read_file(options.file))
    if options.policy is None and "policy" not in files:
        raise EvidenceError("package_wrong", sentence("policy: it is missing"), file="policy")
    roots = [certificate for path in options.tsa for certificate in parse_roots(read_file(path))]
    checked = check(
        files, parse_policy(read_file(options.policy) if options.policy else files["policy"], LOG_KEYS), roots
    )
    value = {
        **checked.question.to_json(),
        "events": checked.events,
        "keys": checked.keys,
        "cosigned": dict(checked.cosigned),
        "stamped": {name: format_instant(stamp.at) for name, stamp in checked.stamps.items()},
        "attested": {str(position): format_instant(stamp.at) for position, stamp in checked.attested.items()},
        "unverified": list(checked.unverified),
        "own_policy": options.policy is not None,
        "verdict": checked.verdict,
        "derivation": checked.derivation,
        "later": list(checked.later),
        "report_compared": checked.report_compared,
        "not_compared": list(checked.not_compared),
        "differences": [d.to_json() for d in checked.differences],
        "answers": checked.answers,
        "disclosures": [d.to_json() for d in checked.disclosures],
    }
    if options.report is not None:
        _write_report(terminal, files, checked, options.report)
    terminal.give(value, lambda: _tell(terminal, checked, own_policy=options.policy is not None))
    return 0 if checked.verdict == "holds" else DERIVED_OTHERWISE


def _write_report(terminal: Terminal, files: Mapping[str, bytes], checked: Checked, folder: Path) -> None:
    """The report in the words of this installation, from what the package has proven; as PDF too where it can be."""
    events = [parse_entry(p, files[f"entries/{p}.json"]) for p in checked.positions]
    written = pages(checked.question.to_json(), checked.answers, events, checked.disclosures)
    try:
        written |= printed(written)
    except NotInstalledError:
        terminal.say(
            sentence("the report is written as pages only; as PDF too it needs pip install 'rongjian[service]'"),
        )
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in written.items():
            (folder / name).write_bytes(content)


def _tell(terminal: Terminal, checked: Checked, *, own_policy: bool) -> None:
    _tell_verdict(terminal, checked)
    _tell_others(terminal, checked)
    if not own_policy:
        terminal.say(
            sentence(
                "  note: the log's key was taken from the package itself; give --policy with a key from another source"
            ),
        )


def _tell_verdict(terminal: Terminal, checked: Checked) -> None:
    """What is proven, and in the same place whatever is not: answers that differ, words that were not compared."""
    q = checked.question
    if checked.verdict == "holds":
        terminal.say(
            sentence(
                "holds: {answers} answers about {subject} as of {as_of} follow from {events} of the first {known_at} "
                "entries of {origin}; nothing is missing under {keys} index keys",
                answers=len(checked.answers),
                subject=q.subject,
                as_of=q.as_of,
                events=checked.events,
                known_at=q.known_at,
                origin=q.origin,
                keys=checked.keys,
            ),
        )
    else:
        terminal.say(
            sentence(
                "entries proven, answers differ: {events} entries are of the first {known_at} of {origin}, and "
                "nothing is missing under {keys} index keys; about {subject} as of {as_of} the package answers by "
                "version {derivation} of the derivation; today's version {own} answers {differences} of these "
                "questions otherwise:",
                events=checked.events,
                known_at=q.known_at,
                origin=q.origin,
                keys=checked.keys,
                subject=q.subject,
                as_of=q.as_of,
                derivation=checked.derivation,
                differences=len(checked.differences),
                own=DERIVATION,
            ),
        )
    reader = Reader(terminal.language)
    for difference in checked.differences:
        terminal.say(
            sentence(
                "  {fact}\n    stated: {stated}\n    today:  {derived}",
                fact=reader.fact(difference.fact),
                stated=_shown(reader, difference.stated, difference.fact),
                derived=_shown(reader, difference.derived, difference.fact),
            ),
        )
    for key in checked.later:
        terminal.say(
            sentence(
                "  version {derivation} of the derivation did not look under {key}; answered as if the log held none "
                "there but those of the package",
                derivation=checked.derivation,
                key=_under(reader, key),
            ),
        )
    if not checked.report_compared:
        terminal.say(
            sentence(
                "the words of its report were not compared: another version wrote them. --report FOLDER writes it "
                "anew from these entries"
            ),
        )


def _under(reader: Reader, key: str) -> str:
    """A key of the index in words: the type of its events, and the tag under which they stand."""
    kind, _, tag = key.partition(" ")
    return f"{reader.label(kind)} {tag}".strip()


#: Characters of an answer that are told where two differ; --json has both whole.
_ANSWER_MAX = 500


def _shown(reader: Reader, answer: Mapping[str, object] | None, fact: str) -> str:
    """Value of an answer, or why there is none, on one line; a dash where the side has no answer."""
    if answer is None:
        return "—"
    told = reader.one_line(answer.get(str(answer.get("state"))), fact, fact) or "—"
    return told if len(told) <= _ANSWER_MAX else f"{told[:_ANSWER_MAX]}…"


def _tell_others(terminal: Terminal, checked: Checked) -> None:
    """Who outside has vouched for head and times, or that nobody has."""
    for name, at in checked.cosigned.items():
        terminal.say(sentence("  witness {name} cosigned at {when}", name=name, when=beijing_of(at)))
    if not checked.cosigned:
        terminal.say(
            sentence("  no witness was asked for: whether others saw the same log is not shown"),
        )
    for name, stamp in checked.stamps.items():
        terminal.say(
            sentence(
                "  {name}: these entries existed by {by} ({authority})",
                name=name,
                by=beijing(stamp.at),
                authority=stamp.authority,
            ),
        )
    for position, stamp in checked.attested.items():
        terminal.say(
            sentence(
                "  entries from {position} on were recorded after {since} ({authority})",
                position=position,
                since=beijing(stamp.at),
                authority=stamp.authority,
            ),
        )
    if checked.not_compared:
        terminal.say(
            sentence(
                "  {files}: not compared with the page of the same name; that needs pip install 'rongjian[service]'",
                files=enumeration(checked.not_compared),
            ),
        )
    for name in checked.unverified:
        terminal.say(
            sentence("  {name}: not checked; give the authority's root with --tsa", name=name),
        )
