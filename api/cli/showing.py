"""``rongjian show``: the entries of a log as a list, and one of them whole."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence

from api.cli.instants import beijing
from api.cli.names import LogNames
from api.cli.opened_log import event_at, opened
from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.home.open_logs import OpenLog
from api.inspector.labels import said
from api.sentences import sentence, term
from ledger import canonical
from ledger.clock import SHANGHAI
from ledger.entry import RecordedEvent
from ledger.events.identity import KeyRegistered
from ledger.sentences import Pair, enumeration
from ledger.statement import Statement
from ledger.submission import WHY_NOT_OPENED, FieldState
from projections.labels import called
from projections.suspect_keys import SuspectSignature, suspects_of

#: Entries that are listed unless more are asked for.
LISTED = 50

#: Tags that say what an entry is about, the most telling first, and the kind of subject that each names.
_ABOUT = {"c": "case", "a": "award", "n": "notice", "o": "org", "p": "org", "ed": "edition"}


def show(terminal: Terminal, options: argparse.Namespace) -> int:
    """List entries, or tell one event."""
    with opened(terminal, options.log) as log:
        names = LogNames(log.ledger, log.ledger.size())
        reader = Reader(terminal.language, names, terminal.width)
        if options.id:
            _show_one(terminal, log, reader, names, log.ledger.event(event_at(log, options.id)))
        else:
            _list(terminal, log, reader, options)
    return 0


def _list(terminal: Terminal, log: OpenLog, reader: Reader, options: argparse.Namespace) -> None:
    """Entries in order; that there are more is said beside the list, also where the list is JSON."""
    size = log.ledger.size()
    limit = LISTED if options.limit is None else options.limit
    events = log.ledger.events(after=options.after, until=size if options.all else options.after + limit)
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
    terminal.give(rows, lambda: _tell_list(terminal, reader, events))
    left = size - options.after - len(events)
    if left > 0 or options.after:
        told = sentence("{shown} of {size} entries shown", shown=len(events), size=size)
        after = options.after + len(events)
        more = sentence("{told}; --all or --after {after} for the rest", told=told, after=after)
        terminal.note(more if left > 0 else told)


def _tell_list(terminal: Terminal, reader: Reader, events: Sequence[RecordedEvent]) -> None:
    heads = (
        term("head of a column", "no."),
        term("head of a column", "day"),
        term("head of a column", "recorded on"),
        term("head of a column", "act"),
        term("head of a column", "by"),
        term("head of a column", "about"),
    )
    terminal.table(
        heads,
        [
            (
                str(e.position),
                e.statement.effective_on.isoformat(),
                _late(e),
                reader.say(called(e.statement.payload)),
                reader.say(reader.names.principal(e.statement.actor, e.statement.role)),
                reader.say(about(reader, e.statement)),
            )
            for e in events
        ],
        right=(True,),
    )


def _late(event: RecordedEvent) -> str:
    """The day on which an entry was recorded, where that is another one than its own."""
    recorded = event.recorded_at.astimezone(SHANGHAI).date()
    return "" if recorded == event.statement.effective_on else recorded.isoformat()


def about(reader: Reader, statement: Statement) -> Pair:
    """Whom or what an entry is about: its case, its award, a notice, an organisation or person, an edition."""
    for tag, kind in _ABOUT.items():
        named = [t.removeprefix(f"{tag}:") for t in statement.tags if t.startswith(f"{tag}:")]
        if len(named) > 1 and kind == "case":
            return sentence("{count} cases", count=len(named))
        if named:
            return reader.names.subject(kind, named[0])
    return "", ""


def _show_one(terminal: Terminal, log: OpenLog, reader: Reader, names: LogNames, event: RecordedEvent) -> None:
    """One entry: what was done, when and by whom, what it says, and in the last lines what machines go by."""
    suspects = suspects_of(log.ledger, event, log.ledger.size())
    receipt = log.ledger.evidence.receipt(event.position).to_json()
    statement = canonical.parse(event.statement.body, "statement")
    value = {
        "position": event.position,
        "recorded_at": event.recorded_at.isoformat(),
        "suspect_signatures": [s.to_json() for s in suspects],
        "statement": statement,
        "receipt": receipt,
    }

    def human() -> None:
        s = event.statement
        title = sentence("entry {position}: {act}", position=event.position, act=called(s.payload))
        terminal.line(reader.say(title), "bold")
        for name, text in _particulars(log, reader, names, event):
            terminal.say(sentence("  {name}: {value}", name=name, value=text))
        content = sentence("{name}:", name=term("head of a column", "content"))
        terminal.line(f"  {reader.say(content)}")
        for line in reader.lines(statement["payload"], of=s.type, room=terminal.width - 4):
            terminal.line(f"    {line}")
        for field in log.ledger.disclosing.fields(s.id):
            named = reader.label(field.pointer.rpartition("/")[2])
            terminal.say(sentence("    {name}: {value}", name=named, value=_kept(reader, field)))
        for suspect in suspects:
            terminal.say(_doubt(reader, suspect))
        terminal.detail(sentence("  id {id}", id=s.id))
        terminal.detail(
            sentence("  leaf hash {hash}, of {size} entries", hash=receipt["leaf_hash"], size=receipt["tree_size"])
        )

    terminal.give(value, human)


def _particulars(
    log: OpenLog, reader: Reader, names: LogNames, event: RecordedEvent
) -> Iterator[tuple[Pair, Pair | str]]:
    """When an entry was done and recorded, by whom, and what it rests on; what there is not is left out."""
    s = event.statement
    yield term("head of a column", "day"), s.effective_on.isoformat()
    yield term("head of a column", "recorded at"), beijing(event.recorded_at)
    yield term("head of a column", "by"), reader.names.principal(s.actor, s.role)
    yield term("head of a column", "signed with the keys of"), enumeration(_signers(log, names, event))
    yield from ((term("head of a column", "about"), told) for told in [about(reader, s)] if told[0])
    if s.basis:
        yield term("head of a column", "basis"), reader.articles(s.basis)
    if s.causes:
        yield term("head of a column", "because of"), reader.entries(s.causes)
    if s.evidence:
        yield term("head of a column", "evidence"), enumeration(e.label for e in s.evidence)
    if s.late is not None:
        yield term("head of a column", "recorded late"), reader.one_line(_members(s, "late"), of=s.type)
    if s.override is not None:
        yield term("head of a column", "by override"), reader.one_line(_members(s, "override"), of=s.type)


def _members(statement: Statement, name: str) -> Mapping[str, object]:
    """A member of a statement as it was signed."""
    value = canonical.parse(statement.body, "statement")[name]
    return value if isinstance(value, Mapping) else {}


def _signers(log: OpenLog, names: LogNames, event: RecordedEvent) -> list[Pair | str]:
    """Whose keys signed; a key that nobody registered, such as a founder's, by the beginning of its id."""
    found: list[Pair | str] = []
    for signature in event.envelope.signatures:
        registered = log.ledger.acts(KeyRegistered, f"k:{signature.keyid}")
        holders = [p.principal_id for _, p in registered if p.key_id == signature.keyid]
        founder = names.founder(signature.keyid)
        holder = next(iter(holders), founder)
        found.append(f"{signature.keyid[:12]}…" if holder is None else names.principal(holder))
    return found


def _kept(reader: Reader, field: FieldState) -> Pair:
    """What became of a restricted field."""
    if field.erasure is not None:
        return sentence("erased by {entry}", entry=reader.entry(field.erasure.statement.id))
    return WHY_NOT_OPENED.get(field.state) or said(field.state)


def _doubt(reader: Reader, suspect: SuspectSignature) -> Pair:
    return sentence(
        "  doubtful: signed with a key of {name} that was in other hands since {at}, as was found later ({entry})",
        name=reader.names.principal(suspect.principal_id),
        at=beijing(suspect.compromised_since),
        entry=reader.entry(suspect.revocation),
    )
