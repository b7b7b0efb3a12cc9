"""Commands that ask: answers at (D, K), traces, differences, and what a regulation leaves open."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.files import read_file
from api.inspector.in_words import label, lines, scalar
from api.sentences import sentence
from api.v1.axes import axes
from ledger.derivation.answer import plain
from ledger.derivation.gaps import counting_asked, gaps
from ledger.derivation.record import part
from ledger.errors import MalformedError
from ledger.regulation.pack import Pack, parse_pack
from ledger.regulation.shipped import shipped_pack, shipped_packs
from ledger.sentences import enumeration
from projections.as_of import Told, state, tell, tell_all
from projections.facts import fact_named
from projections.figures import without_unit
from projections.inquiry.differences import difference
from projections.slices import global_history
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

    def human() -> None:
        terminal.say(
            sentence(
                "{subject}: as of {as_of}, known at {known_at}",
                subject=options.subject,
                as_of=at.as_of,
                known_at=at.known_at,
            ),
        )
        for t in told:
            number, zh, en = t.fact.number, without_unit(t.fact.zh), without_unit(t.fact.en)
            terminal.say((f"\n{number} {zh}", f"\n{number} {en}"))
            _print_answer(terminal, part(t.answer).state, plain(t.answer.result), t.fact.name)
            for name, items in t.answer.why.to_json().items():
                if items:
                    said = ", ".join(items) if isinstance(items, list) else items
                    named = label(name, chinese=terminal.chinese)
                    reasons = sentence("    {name}: {reasons}", name=named, reasons=said).in_language(terminal.language)
                    terminal.console.print(reasons, style="dim", markup=False)

    terminal.give({**at.to_json(), "facts": [t.to_json() for t in told]}, human)
    return 0


def _print_answer(terminal: Terminal, state: str, said: object, fact: str) -> None:
    """The value of an answer, or why there is none, in words."""
    if state != "value":
        terminal.console.print(f"  {scalar(state, 'state', chinese=terminal.chinese)}", markup=False)
    for line in lines(said, fact, fact, chinese=terminal.chinese):
        terminal.console.print(f"  {line}", markup=False)


def trace(terminal: Terminal, options: argparse.Namespace) -> int:
    """What an event rests on and what rests on it, numbered."""
    with opened(terminal, options.log) as log:
        at = axes(log, None, options.known)
        value = traced(log.ledger, options.id, at.known_at)

    def human() -> None:
        for said, rows in (
            (sentence("\nthe event ({count})", count=1), [value["event"]]),
            (sentence("\nit rests on ({count})", count=len(value["rests_on"])), value["rests_on"]),
            (sentence("\nrests on it ({count})", count=len(value["rested_on_by"])), value["rested_on_by"]),
        ):
            terminal.say(said)
            for row in rows:
                basis = f" {', '.join(row['basis'])}" if row["basis"] else ""
                name = row["zh"] if terminal.chinese else row["en"]
                terminal.console.print(
                    f"  {row['position']}. {row['effective_at'][:10]} {name} {row['actor']}/{row['role']}{basis} "
                    f"[{row['via']}]",
                    markup=False,
                )

    terminal.give(value, human)
    return 0


def diff(terminal: Terminal, options: argparse.Namespace) -> int:
    """Facts of a subject that two corners answer differently."""
    with opened(terminal, options.log) as log:
        a, b = axes(log, options.from_on, options.from_known), axes(log, options.on, options.known)
        corners = (a.as_of, a.known_at), (b.as_of, b.known_at)
        value = difference(log.ledger, options.kind, options.subject, *corners)

    def human() -> None:
        if not value["changed"]:
            terminal.say(sentence("nothing changed"))
        for row in value["changed"]:
            terminal.say((f"{row['number']} {without_unit(row['zh'])}", f"{row['number']} {without_unit(row['en'])}"))
            for name, answer in (("before", row["before"]), ("after", row["after"])):
                terminal.console.print(f" {label(name, chinese=terminal.chinese)}", markup=False)
                state = str(answer["state"])
                _print_answer(terminal, state, answer[state], row["fact"])
            terminal.console.print(f"  events: {', '.join(row['events'])}", style="dim", markup=False)

    terminal.give(value, human)
    return 0


def pack(terminal: Terminal, options: argparse.Namespace) -> int:
    """Check a pack file, list the shipped packs, or show what a text leaves open."""
    if options.action == "list":
        rows = [
            {"name": n, "pack": p.reference, "status": p.status, "title": p.title, "sha256": p.sha256}
            for n, (p, _) in shipped_packs().items()
        ]
        terminal.give(rows, lambda: terminal.table(rows))
        return 0
    if options.file is None:
        raise MalformedError("no_file", sentence("name a pack file or a shipped pack"))
    return _gaps(terminal, options) if options.action == "gaps" else _check(terminal, options)


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
                "valid: {reference} ({status}), {parameters} parameters, {absent} of them without a value.\n{sha256}",
                reference=checked.reference,
                status=checked.status,
                parameters=len(checked.parameters),
                absent=len(absent),
                sha256=checked.sha256,
            ),
        )
        for gap in asked:
            terminal.say(
                sentence(
                    "how are days counted? {about} ({settled}); the text does not say. Choose of {choices}, and "
                    "record it as an interpretation ({path})",
                    about=(gap.zh, gap.en),
                    settled=gap.settled,
                    choices=enumeration(gap.choices),
                    path=gap.path,
                ),
            )

    terminal.give(value | {"counting_asked": [g.to_json() for g in asked]}, human)
    return 0


def _gaps(terminal: Terminal, options: argparse.Namespace) -> int:
    asked = _named(options.file)
    if options.log is None:
        rows = gaps(asked)
    else:
        with opened(terminal, options.log) as log:
            at = axes(log, options.on, options.known)
            _, law = state(global_history(log.ledger, at.known_at), log.ledger.packs(), at.as_of, at.known_at)
        rows = gaps(asked, law, at.as_of)

    def human() -> None:
        kinds = {
            "silent": sentence("silent"),
            "unknown": sentence("not seen"),
            "ambiguous": sentence("ambiguous"),
            "settled_by_text": sentence("settled by the text"),
        }
        terminal.say(sentence("{reference}: {rows} open points", reference=asked.reference, rows=len(rows)))
        for gap in rows:
            kind = kinds[gap.kind]
            terminal.say(
                sentence(
                    "- {path} ({kind}) {about}; reading: {reading} {who}",
                    path=gap.path,
                    kind=sentence("{kind}, {ids}", kind=kind, ids=gap.ids) if gap.ids else kind,
                    about=(gap.zh, gap.en),
                    reading=gap.settled or sentence("none"),
                    who=f"{gap.set_by}, {gap.since}" if gap.set_by else "",
                ),
            )
            if gap.facts:
                terminal.say(sentence("    answers: {facts}", facts=", ".join(gap.facts)))

    terminal.give({"pack": asked.reference, "gaps": [g.to_json() for g in rows]}, human)
    return 0
