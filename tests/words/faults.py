"""What is wrong with a catalogue, in sentences that name its file, the entry, and what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError

from tests.words.catalogues import Template, read

#: A member: ``{name}``, ``{}`` or ``%(name)s``. Two braces are one brace, and what is no name between braces is text.
_MEMBER = re.compile(r"\{\{|\}\}|\{(\w*)(?:![rs])?\}|%\((\w+)\)s")
#: A comment on an entry whose translation leaves members out on purpose.
_LEFT_OUT = re.compile(r"left out: (.+)")


def faults(file: str, written: bytes, wanted: Collection[Template]) -> list[str]:
    """Whatever an entry lacks, has too much or has wrong, by ``wanted``, the templates that the code says."""
    try:
        catalog = read(written)
    except PoFileError as error:
        line = written.decode(errors="replace").split("\n")[error.lineno or 0]
        return [f"{file}, line {(error.lineno or 0) + 1}: “{line}”: {str(error).rpartition(' on ')[0]}; mend the line"]
    has = {(message.context, message.id) for message in catalog if message.id}
    found = [f"{shown(file, *t)}: it is not in the catalogue; run make words, then translate it" for t in wanted - has]
    found += [f"{shown(file, *t)}: nothing says it any more; run make words, which takes it out" for t in has - wanted]
    for message in catalog:
        if message.id:
            found += [f"{shown(file, message.context, message.id)}: {wrong}" for wrong in _wrong(catalog, message)]
    return sorted(found)


def shown(file: str, context: str | None, template: str | tuple[str, ...]) -> str:
    """Where an entry stands, as a fault names it."""
    said = template if isinstance(template, str) else " / ".join(template)
    return f"{file}: “{said}”{f' [{context}]' if context else ''}"


def _wrong(catalog: Catalog, message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "it is marked fuzzy; read the translation, and take the mark away"
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    if not all(forms):
        wanted = f" of {len(forms)} forms, as this language counts; write msgstr[0] to msgstr[{len(forms) - 1}]"
        yield f"it has no translation{wanted if len(forms) > 1 else '; write one'}"
        return
    several = isinstance(message.id, tuple)
    given = {member for text in ([*message.id] if several else [message.id]) for member in members_of(str(text))}
    left_out = {name for c in message.user_comments for m in [_LEFT_OUT.search(c)] if m for name in m[1].split(", ")}
    for form in forms:
        asked = members_of(form)
        for member in sorted(asked - given):
            yield f"the translation asks for {member}, which nobody gives; take it out, or write what the template has"
        for member in sorted(given - asked - left_out):
            yield f"the translation loses {member}; write it in, or put the comment “left out: {member}” on the entry"
    for member in sorted(left_out - given | left_out.intersection(*map(members_of, forms))):
        yield f"the comment leaves out {member}, which is not left out; take the comment away"


def members_of(template: str) -> set[str]:
    """The members of a template, as it writes them but for how a value is shown."""
    found = _MEMBER.finditer(template)
    return {f"%({m[2]})s" if m[2] else f"{{{m[1]}}}" for m in found if m[1] is not None or m[2]}
