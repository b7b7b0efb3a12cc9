"""The story of a decision on a terminal: its sentences, with everybody by name."""

from __future__ import annotations

import re

from api.cli.layout import wrapped
from api.cli.names import LogNames
from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.inspector.answers import Row, rows_of
from projections.inquiry.narrative import ROLES

#: A version of a text, as sentences of the story hold it.
_TEXT = re.compile(r"[A-Za-z0-9._-]{1,40}@[^\s#]+#[0-9]+", re.ASCII)


def tell_story(terminal: Terminal, reader: Reader, names: LogNames, value: Row) -> None:
    """Sections under their headings, sentences by their numbers."""
    for section in rows_of(value, "sections"):
        terminal.line(f"\n{reader.say((str(section['zh']), str(section['en'])))}", "bold")
        for line in rows_of(section, "sentences"):
            mark = f"{line['n']}. " if line["n"] else "- "
            first, *rest = wrapped(_told(reader, names, line), terminal.width - len(mark))
            terminal.line(mark + first)
            for each in rest:
                terminal.line(" " * len(mark) + each)


def _told(reader: Reader, names: LogNames, line: Row) -> str:
    """A sentence with everybody by name; one about a version of a text is its title."""
    text = reader.say((str(line["zh"]), str(line["en"])))
    if version := _TEXT.search(text):
        return reader.say(names.text(version[0]))
    if isinstance(event := line.get("event"), str):
        actor, role = names.actor(event)
        called = reader.say(ROLES[role])
        text = text.replace(f"{called} {actor}", reader.say(names.principal(actor, role)), 1)
    return names.in_sentence(text)
