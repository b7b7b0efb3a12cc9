"""One word, one place: every term that people read, from all catalogues and tables, and whether a meaning has one name.

A term is a short entry: up to four English words and eight Chinese characters, without a member and without a finite
verb, for what has one is a sentence. Case, article, plural and a colon at the end do not tell one term from another.
Entries stand in contexts, as gettext has them: that of ``term(context, …)``, of a member whose words say something else
(meanings.txt), and one for all that name none. In one context, one English term has one Chinese one, and one Chinese
term one English one.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from babel.messages.catalog import Message

from api.reference.glossary import read_glossary
from tests.words.catalogues import PACKAGES, ROOT, TABLES, catalogue, path_of

WORDS_MAX, CHARACTERS_MAX = 4, 8

_FINITE = re.compile(r"\b(is|are|was|were|has|have|had|do|does|did|may|must|can|cannot|will|would)\b")
#: What is a term at all: words, and no address, path, unit or pattern.
_WORDS = re.compile(r"[A-Za-z][A-Za-z' -]*")


@dataclass(frozen=True)
class Entry:
    """What is called ``english`` and ``chinese`` in a context, and where that stands."""

    context: str
    english: str
    chinese: str
    place: str


def entries() -> list[Entry]:
    """All that there are."""
    found = [e for package in PACKAGES for e in of_catalogue(package)]
    for package, file in TABLES:
        path = f"{package.replace('.', '/')}/{file}"
        found += of_table(path, (ROOT / path).read_text("utf-8"))
    path = "ledger/derivation/meanings.txt"
    found += of_meanings(path, (ROOT / path).read_text("utf-8"))
    return [*found, *_of_flags(), *_of_packs()]


def of_catalogue(package: str) -> Iterator[Entry]:
    file = str(path_of(package).relative_to(ROOT))
    for message in catalogue(package):
        yield from (Entry(message.context or "", en, zh, file) for en, zh in _forms(message) if en)


def _forms(message: Message) -> Iterator[tuple[str, str]]:
    if isinstance(message.id, str):
        yield message.id, str(message.string)
    else:
        yield from ((english, message.string[0]) for english in message.id)


def of_table(path: str, text: str) -> Iterator[Entry]:
    """A table of lines ``name|zh|en``."""
    for line in text.splitlines():
        name, zh, en = line.split("|")
        yield Entry("", en, zh, f"{path}, {name}")


def of_meanings(path: str, text: str) -> Iterator[Entry]:
    """Lines ``member|word|zh|en``: what a word says as the value of one member."""
    for line in text.splitlines():
        member, name, zh, en = line.split("|")
        yield Entry(member, en, zh, f"{path}, {member}|{name}")


def _of_flags() -> Iterator[Entry]:
    for path in sorted((ROOT / "projections/flags/texts").glob("*.toml")):
        text = tomllib.loads(path.read_text("utf-8"))
        yield Entry("flag", text["en"], text["zh"], str(path.relative_to(ROOT)))


def _of_packs() -> Iterator[Entry]:
    """What texts call their awards, grounds and groups: pairs of ``zh`` and ``en`` by a name."""
    for path in sorted((ROOT / "ledger/regulation/packs").rglob("*.toml")):
        place = str(path.relative_to(ROOT))
        yield from _pairs(tomllib.loads(path.read_text("utf-8")), place)


def _pairs(value: Any, place: str) -> Iterator[Entry]:
    if isinstance(value, dict):
        if isinstance(value.get("zh"), str) and isinstance(value.get("en"), str):
            yield Entry("of a text", value["en"], value["zh"], place)
        for name, each in value.items():
            yield from _pairs(each, f"{place}, {name}")
    elif isinstance(value, list):
        for each in value:
            yield from _pairs(each, place)


def is_term(entry: Entry) -> bool:
    english, chinese = _bare(entry.english), _bare(entry.chinese)
    return (
        0 < len(english.split()) <= WORDS_MAX
        and 0 < len(chinese) <= CHARACTERS_MAX
        and _WORDS.fullmatch(english) is not None
        and _FINITE.search(english.lower()) is None
    )


def _bare(text: str) -> str:
    return text.strip().removesuffix(":").removesuffix("：").strip()


def folded(english: str) -> str:
    """A term without case, article and plural."""
    words = [_singular(word) for word in _bare(english).lower().split()]
    return " ".join(word for word in words if word not in ("the", "a", "an"))


def _singular(word: str) -> str:
    for plural, one in (("ies", "y"), ("shes", "sh"), ("ches", "ch"), ("sses", "ss"), ("xes", "x")):
        if word.endswith(plural):
            return word.removesuffix(plural) + one
    return word.removesuffix("s") if len(word) > 2 and not word.endswith(("ss", "us", "is", "'s")) else word


def contradictions(among: Iterable[Entry]) -> list[str]:
    """Each term that has two renderings in one context, in a sentence with its places."""
    terms = [entry for entry in among if is_term(entry)]
    chinese_of: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    english_of: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in terms:
        chinese_of[entry.context, folded(entry.english)].append(entry)
        english_of[entry.context, _bare(entry.chinese)].append(entry)
    several = [held for held in chinese_of.values() if len({_bare(e.chinese) for e in held}) > 1]
    several += [held for held in english_of.values() if len({folded(e.english) for e in held}) > 1]
    return sorted(_said(held) for held in several)


def _said(held: list[Entry]) -> str:
    context = f" [{held[0].context}]" if held[0].context else ""
    told = "; ".join(dict.fromkeys(f"{_bare(e.english)} = {_bare(e.chinese)} ({e.place})" for e in held))
    return f"one term, two renderings{context}: {told}. Say the same in each, or give a second meaning a context"


@dataclass(frozen=True)
class Fixed:
    """A term of the field: English words that stand for it, of which Chinese words one is held then, and words that are
    never said for it.
    """

    forms: tuple[str, ...]
    holds: tuple[str, ...]
    never: tuple[str, ...]


def glossary() -> list[Fixed]:
    """The fixed terms of docs/glossary.toml."""
    terms = read_glossary((ROOT / "docs/glossary.toml").read_text("utf-8"))
    return [Fixed(t.forms, t.holds or (t.zh,), t.never) for t in terms if t.forms or t.never]


def of_glossary() -> list[Entry]:
    """The glossary's own terms are renderings like all others."""
    terms = read_glossary((ROOT / "docs/glossary.toml").read_text("utf-8"))
    return [Entry("", t.en, t.zh, "docs/glossary.toml") for t in terms]


#: What is no word of the language: members, commands, and what a program is told word by word.
_NO_WORDS = re.compile(r"\{[^{}]*\}|`[^`]*`|rongjian [a-z]+ [^,;.()]*|(?<![a-z])--[a-z-]+|\w+(?:\.\w+)+\S*")


def breaches(among: Iterable[Entry], fixed: Iterable[Fixed]) -> list[str]:
    """Each entry whose English holds a fixed term and whose Chinese does not, or that says what is never said."""
    found = []
    rules = [(re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, f.forms))})(?![\w-])"), f) for f in fixed]
    for entry in among:
        english = _NO_WORDS.sub(" ", entry.english).lower()
        for pattern, term in rules:
            held = pattern.search(english) if term.forms else None
            if held and not any(word in entry.chinese for word in term.holds):
                wanted = " or ".join(term.holds)
                found.append(
                    f"{entry.place}: “{entry.english}” says {held[1]}, and “{entry.chinese}” not {wanted}. Say it"
                )
            found += [
                f"{entry.place}: “{entry.chinese}” says {word}, which the glossary has as {term.holds[0]}. Say that"
                for word in term.never
                if word in entry.chinese
            ]
    return sorted(found)
