"""Commands about texts of law as data: check a pack, list the shipped ones, and show what a text leaves open."""

from __future__ import annotations

import argparse
from pathlib import Path

from api.cli.names import LogNames
from api.cli.opened_log import opened
from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.files import read_file
from api.inspector.labels import said
from api.sentences import sentence, term
from api.v1.axes import axes
from ledger.derivation.gaps import Gap, counting_asked, gaps
from ledger.errors import MalformedError
from ledger.regulation.pack import Pack, parse_pack
from ledger.regulation.readings import READINGS, SET_BY, reading_of_absence
from ledger.regulation.shipped import shipped_pack, shipped_packs
from ledger.sentences import Pair, enumeration
from projections.as_of import state
from projections.facts import FACTS
from projections.slices import global_history


def pack(terminal: Terminal, options: argparse.Namespace) -> int:
    """Check a pack file, list the shipped packs, or show what a text leaves open."""
    if options.action == "list":
        rows = [
            {"name": n, "pack": p.reference, "status": p.status, "title": p.title, "sha256": p.sha256}
            for n, (p, _) in shipped_packs().items()
        ]
        terminal.give(rows, lambda: _tell_shipped(terminal))
        return 0
    if options.file is None:
        raise MalformedError("no_file", sentence("name a pack file or a shipped pack"))
    return _gaps(terminal, options) if options.action == "gaps" else _check(terminal, options)


def _tell_shipped(terminal: Terminal) -> None:
    """The shipped texts, each with the name under which commands take it."""
    heads = (term("of a pack", "name"), term("head of a column", "text"), term("head of a column", "status"))
    rows = [
        (name, terminal.told((pack.title, pack.title_en)), terminal.told(said(pack.status, "status")))
        for name, (pack, _) in shipped_packs().items()
    ]
    terminal.table(heads, rows)


def _named(name: str) -> Pack:
    """A pack file, or a shipped pack by its name."""
    return parse_pack(read_file(Path(name)), name) if name.endswith(".toml") else shipped_pack(name)[0]


def _check(terminal: Terminal, options: argparse.Namespace) -> int:
    checked = _named(options.file)
    absent = [p.path for p in checked.parameters.values() if p.absence is not None]
    value = {
        "pack": checked.reference,
        "status": checked.status,
        "sha256": checked.sha256,
        "parameters": len(checked.parameters),
        "without_value": absent,
    }
    asked = counting_asked(checked)

    def human() -> None:
        terminal.say(
            sentence(
                "valid: {text} ({status}), {parameters} parameters, {absent} of them without a value",
                text=(checked.title, checked.title_en),
                status=said(checked.status, "status"),
                parameters=len(checked.parameters),
                absent=len(absent),
            ),
        )
        for gap in asked:
            terminal.say(
                sentence(
                    "how are days counted? The text does not say; read so until somebody interprets it: {about}",
                    about=(gap.zh, gap.en),
                ),
            )
            terminal.detail(
                sentence(
                    "    {path} = {settled}; there are {choices}",
                    path=gap.path,
                    settled=gap.settled,
                    choices=enumeration(gap.choices),
                )
            )
        terminal.line(f"    {checked.reference} sha256 {checked.sha256}", "faint")

    terminal.give(value | {"counting_asked": [g.to_json() for g in asked]}, human)
    return 0


def _gaps(terminal: Terminal, options: argparse.Namespace) -> int:
    asked = _named(options.file)
    if options.log is None:
        _give_gaps(terminal, Reader(terminal.language, width=terminal.width), asked, gaps(asked))
        return 0
    with opened(terminal, options.log) as log:
        at = axes(log, options.on, options.known)
        _, law = state(global_history(log.ledger, at.known_at), log.ledger.packs(), at.as_of, at.known_at)
        reader = Reader(terminal.language, LogNames(log.ledger, at.known_at), terminal.width)
        _give_gaps(terminal, reader, asked, gaps(asked, law, at.as_of))
    return 0


def _give_gaps(terminal: Terminal, reader: Reader, asked: Pack, rows: list[Gap]) -> None:
    value = {"pack": asked.reference, "gaps": [g.to_json() for g in rows]}
    terminal.give(value, lambda: _tell_gaps(terminal, reader, asked, rows))


_KINDS = {
    "silent": sentence("silent"),
    "unknown": sentence("not seen"),
    "ambiguous": sentence("ambiguous"),
    "settled_by_text": sentence("settled by the text"),
}


def _tell_gaps(terminal: Terminal, reader: Reader, pack: Pack, rows: list[Gap]) -> None:
    """Open points of a text: what is open, why, how it is read and by whose choice, and which answers turn on it."""
    title = (pack.title, pack.title_en)
    terminal.say(sentence("{text}: {rows} open points", text=title, rows=len(rows)))
    heads = (
        term("of a gap", "what"),
        term("head of a column", "why"),
        term("head of a column", "readings"),
        term("head of a column", "set by"),
        term("head of a column", "answers that turn on it"),
        term("head of a column", "parameter"),
    )
    terminal.table(heads, [_row(terminal, reader, pack, gap) for gap in rows])


def _row(terminal: Terminal, reader: Reader, pack: Pack, gap: Gap) -> tuple[str, ...]:
    kind = _KINDS[gap.kind]
    return (
        terminal.told((gap.zh, gap.en)),
        terminal.told(sentence("{kind}, {ids}", kind=kind, ids=gap.ids) if gap.ids else kind),
        terminal.told(_settled(pack, gap)),
        _chosen(terminal, reader, gap),
        terminal.told(enumeration(reader.fact(fact) for fact in gap.facts if fact in FACTS)),
        gap.path,
    )


def _chosen(terminal: Terminal, reader: Reader, gap: Gap) -> str:
    """Who chose a reading, and from which day it is applied; nobody did where it is the default."""
    if gap.set_by is None:
        return ""
    if gap.set_by == SET_BY:
        return terminal.told(sentence("by default"))
    return f"{reader.say(reader.names.principal(gap.set_by))} {gap.since}"


def _settled(pack: Pack, gap: Gap) -> Pair:
    """How a point is read: the sentence of the reading while its default stands, else the word that was chosen."""
    if gap.settled is None:
        return sentence("none")
    name = gap.path
    if name not in READINGS:
        name = reading_of_absence(pack.id, gap.path, gap.ids, seen=gap.kind != "unknown") or ""
    reading = READINGS.get(name)
    if reading is not None and gap.settled == reading.default_for(pack.id) == reading.default:
        return reading.zh, reading.en
    return said(gap.settled)
