"""Answers as a clerk reads them: names and words in one language, money in yuan, articles as they are cited, entries by
their position. What machines go by, ids and codes, is left to ``--json`` and to lines of details.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard

from api.cli.layout import table
from api.cli.names import Names
from api.cli.terminal import WIDE
from api.inspector.labels import MEMBER_NAMES, WORD_NAMES, is_money, member_named, said
from api.sentences import sentence, term
from ledger.clock import SHANGHAI
from ledger.derivation.answer import Why
from ledger.derivation.procedure import STEP_NAMES
from ledger.events.vocabulary import EVENTS
from ledger.regulation.citations import cited
from ledger.regulation.parameters import is_amount, spec_of
from ledger.regulation.readings import reading_in_words
from ledger.sentences import Pair, enumeration, told_in
from ledger.text import visible
from ledger.yuan import in_words
from projections.facts import FACTS
from projections.figures import flag_sentence, score, without_unit
from projections.flags.register import FLAGS
from projections.kinds import SCORES, member_of

_EVENT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HIT = re.compile(r"(RF[0-9]{2}):[^:]*:([a-z]+):(.+):[0-9a-f]+", re.ASCII)
_OF_THE_LEDGER = sentence("a rule of the ledger")
_TEXT = re.compile(r"[A-Za-z0-9._-]{1,40}@[^#]+#[0-9]+", re.ASCII)

#: Members that name people or organisations, cases, awards, articles, readings, paths of parameters.
_PRINCIPALS = frozenset(
    {
        "about_reviewer",
        "actor",
        "attendees",
        "counted",
        "countersigner",
        "in",
        "investigators",
        "leader",
        "members",
        "not_counted",
        "one",
        "org",
        "organisation",
        "orgs",
        "originator",
        "other",
        "out",
        "person",
        "persons",
        "present",
        "principal_id",
        "reviewer",
        "reviewer_id",
        "reviewers",
        "successor_ids",
    }
)
_ROLES = frozenset({"role", "roles", "signed_by"})
_CASES = frozenset({"case", "cases", "won"})
_AWARDS = frozenset({"earlier_awards"})
_ARTICLES = frozenset({"article", "articles", "basis"})
_READINGS = frozenset({"reading", "readings"})
_PATHS = frozenset({"param_path", "parameter", "path"})

#: Members whose own members are named by cases.
_BY_CASE = frozenset({"cases", "open_cases"})

#: Whether a part of an answer has a value, or why it has none (``ledger.derivation.record.Part``).
_STATES = frozenset({"value", "undetermined", "not_applicable", "not_derivable"})

#: Lists of which a row is named by one of its members.
_NAMED_BY = {"duties": "duty", "conditions": "condition"}

#: Members that repeat what stands beside, or serve machines.
_OF_A_SENTENCE = frozenset({"fault", "gap", "parameter", "rule", "step"})
_HIDDEN = frozenset({"name_zh", "name_en", "rule", "schema"})

#: Who could have known may be a role or everybody.
_ROLE = "role:"
_EVERYBODY = "public"


#: Nobody has a name where there is no log to give them.
NO_NAMES = Names()


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads the answers of a log in one language."""

    language: str
    names: Names = NO_NAMES
    width: int = WIDE
    #: Articles without the titles of their texts, as cells of a table hold them.
    short: bool = False

    def say(self, told: Pair) -> str:
        return told_in(self.language, told)

    def label(self, name: str) -> str:
        """A member's name in words; that of an event type, of a case or a person, and as it is where there is none."""
        if name in EVENTS:
            return self.say((EVENTS[name].SPEC.zh, EVENTS[name].SPEC.en))
        if name not in MEMBER_NAMES and name not in WORD_NAMES:
            if "/" in name and not name.startswith("/"):
                return self.say(self.names.case(name))
            if self.names.is_principal(name):
                return self.say(self.names.principal(name))
        return without_unit(self.say(MEMBER_NAMES.get(name) or said(name)))

    def place(self, path: str, value: object = None) -> str:
        """Where a value stands in an answer: ``/value/items/0/state`` is "items › no. 1 › state"."""
        parts = _parts(path)
        named = [self._part(p, over) for over, p in zip(["", *parts], parts, strict=False)]
        if parts and not parts[-1].isdecimal() and member_of(parts[-1], value) != parts[-1]:
            named[-1] = self.label(member_of(parts[-1], value))
        return " › ".join(named) or "—"

    def _part(self, part: str, over: str) -> str:
        """A step on the way to a value: a member, the number of a row, or what names a row of the list over it."""
        if part.isdecimal():
            return self.say(sentence("no. {int}", int=int(part) + 1))
        if _EVENT.fullmatch(part):
            return self.entry(part)
        if found := _HIT.fullmatch(part):
            return self.hit(found[1], found[2], found[3])
        return self.say(said(part, _NAMED_BY[over])) if over in _NAMED_BY else self.label(part)

    def text(self, value: object, name: str = "", of: str = "", *, path: str = "") -> str:
        """One value of a member, of an event type or fact; ``path`` names the parameter whose value it is."""
        match value:
            case None | "":
                return "—"
            case bool():
                return self.say({True: sentence("yes"), False: sentence("no")}[value])
            case int():
                amount = is_money(name) or (path and is_amount(path, name))
                return self.say(in_words(value)) if amount else str(value)
            case str():
                return visible(self._word(value, name, of))
            case _:
                return str(value)

    def _word(self, text: str, name: str, of: str) -> str:
        if text in EVENTS:
            return self.say((EVENTS[text].SPEC.zh, EVENTS[text].SPEC.en))
        if _EVENT.fullmatch(text):
            return self.entry(text)
        if _INSTANT.fullmatch(text):
            return self.instant(datetime.fromisoformat(text))
        if _HASH.fullmatch(text):
            return f"{text[:12]}…"
        if _TEXT.fullmatch(text):
            return self.say(self.names.text(text))
        if name in SCORES:
            return score(text)
        if name in _PRINCIPALS:
            return self._who(text)
        if name in _CASES:
            return self.say(self.names.case(text))
        if name in _ROLES:
            return self.say(said(text, "role"))
        if name in _AWARDS:
            return self.say(self.names.award(text))
        if name in _ARTICLES:
            return self.article(text)
        if name in _READINGS:
            return self.say(reading_in_words(text) or (text, text))
        if name == "flag":
            return self.flag(text)
        if name in _PATHS:
            return self.place(text) if text.startswith("/") else self.parameter(text)
        told = said(text, name, of)
        # What a list holds is what a member of its name in the singular says: sectors are words of a sector.
        return self.say(said(text, name.removesuffix("s"), of) if told == (text, text) else told)

    def _who(self, text: str) -> str:
        if text == _EVERYBODY:
            return self.say(sentence("the public"))
        if text.startswith(_ROLE):
            return self.say(said(text.removeprefix(_ROLE), "role"))
        if "/" in text:
            return self.say(self.names.case(text))
        return self.say(self.names.principal(text))

    def entry(self, event: str) -> str:
        """An entry by its position; an id that the log does not hold by its end."""
        position = self.names.position(event)
        return f"…{event[-8:]}" if position is None else self.say(sentence("entry {position}", position=position))

    def entries(self, events: Iterable[str]) -> str:
        """Entries by their positions, in order."""
        found = [self.names.position(event) for event in events]
        known = sorted({p for p in found if p is not None})
        told = [] if not known else [sentence("entries {positions}", positions=enumeration(known))]
        if len(known) == 1:
            told = [sentence("entry {position}", position=known[0])]
        unknown = [f"…{e[-8:]}" for e, p in zip(events, found, strict=False) if p is None]
        return self.say(enumeration([*told, *unknown]))

    def instant(self, at: datetime) -> str:
        """An instant in Beijing time, to the minute."""
        return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")

    def article(self, text: str) -> str:
        """An article as people cite it; its text is named beside all of them."""
        return self.say(_OF_THE_LEDGER if text == "AUD" else cited(text))

    def articles(self, citations: Sequence[str]) -> str:
        """Articles under the titles of their texts; without these where there is no room for them."""
        if self.short:
            return self.say(enumeration(dict.fromkeys(self.article(each) for each in citations)))
        by_text: dict[str, list[str]] = {}
        for each in citations:
            text, colon, _ = each.partition(":")
            by_text.setdefault(text if colon else "", []).append(self.article(each))
        told = (
            sentence("{text} {articles}", text=self.names.text_of(text), articles=enumeration(of))
            if text
            else enumeration(of)
            for text, of in by_text.items()
        )
        return self.say(enumeration(told, term("between values", "; ")))

    def fact(self, name: str) -> str:
        """A fact by its name in words, without the unit of JSON; one that is not known here as it is called."""
        fact = FACTS.get(name)
        return name if fact is None else without_unit(self.say((fact.zh, fact.en)))

    def parameter(self, path: str) -> str:
        """A parameter by its name in the catalogue."""
        try:
            spec = spec_of(path)
        except KeyError:
            return self.say(said(path))
        return self.say((spec.zh, spec.en))

    def lines(
        self, value: object, name: str = "", of: str = "", *, path: str = "", room: int | None = None
    ) -> Iterator[str]:
        """A value of any kind: a line for a scalar, a line a member, lists of scalars in one line, rows as a table of
        ``room`` cells where there is one, the rest indented.
        """
        match value:
            case {"flag": str(flag), "zh": str(zh), "en": str(en)}:
                yield self.flagged(flag, (zh, en))
            case {"zh": str(zh), "en": str(en), **others}:
                yield self.say((zh, en))
                # What else is said of it, unless that is what machines go by.
                for member, each in others.items():
                    if member not in _OF_A_SENTENCE:
                        yield from self._member(str(member), each, name, of, path=path, room=room)
            case {"state": str(state), **others} if state in _STATES and state in others:
                # A part of an answer: its value, or why it has none, stands for itself.
                beside = {str(member): each for member, each in others.items() if member != state}
                match others[state]:
                    case Mapping() as members if "zh" not in members:
                        yield from self.lines({**beside, **members}, name, of, path=path, room=room)
                    case inner:
                        yield from self.lines(beside, name, of, path=path, room=room)
                        yield from self.lines(inner, name, of, path=path, room=room)
            case {"step": str(step), **others} if step in STEP_NAMES:
                article, told = others.get("article"), STEP_NAMES[step][:2]
                named = sentence("{name} ({number})", name=told, number=self.article(str(article)))
                yield self.say(named if article else told)
            case Mapping():
                path = str(value.get("param_path") or path)
                for member, each in value.items():
                    if member not in _HIDDEN:
                        yield from self._member(member, each, name, of, path=path, room=room)
            case list() | tuple() if not any(isinstance(v, Mapping | list | tuple) for v in value):
                yield self.listed(value, name, of, path=path)
            case list() | tuple() if room is not None and len(value) > 1 and all(map(_is_flat, value)):
                yield from self._table(value, of, room)
            case list() | tuple():
                for each in value:
                    below = None if room is None else room - 2
                    first, *rest = [*self.lines(each, name, of, path=path, room=below)] or ["—"]
                    yield f"- {first}"
                    yield from (f"  {line}" for line in rest)
            case _:
                yield self.text(value, name, of, path=path)

    def flagged(self, flag: str, told: Pair, person: object = None) -> str:
        """What a flag says of a place, with applicants by name, and whoever it is about by a role."""
        text = self.names.in_sentence(flag_sentence(flag, self.say(told)))
        if isinstance(person, str):
            called = self.say(self.names.principal(person))
            text = re.sub(rf"(?<![A-Za-z0-9_/-]){re.escape(person)}(?![A-Za-z0-9_/-])", lambda _: called, text)
        return text

    def flag(self, name: str) -> str:
        """A flag by its name, with the id under which it is asked for."""
        if name not in FLAGS:
            return name
        return self.say(sentence("{name} ({number})", name=(FLAGS[name].texts.zh, FLAGS[name].texts.en), number=name))

    def hit(self, flag: str, kind: str, subject: str) -> str:
        """A place where a flag is raised, by the flag and whom or what it is about."""
        about = self.entry(subject) if kind == "event" else self.say(self.names.subject(kind, subject))
        return self.say(sentence("{flag}: {about}", flag=self.flag(flag), about=about))

    def listed(self, values: Sequence[object], name: str = "", of: str = "", *, path: str = "") -> str:
        """Several scalars in one line; entries by their positions, articles under their texts."""
        texts = [v for v in values if isinstance(v, str)]
        if texts and len(texts) == len(values):
            if all(_EVENT.fullmatch(t) for t in texts):
                return self.entries(texts)
            if name in _ARTICLES:
                return self.articles(texts)
        return self.say(enumeration(self.text(v, name, of, path=path) for v in values)) or "—"

    def one_line(self, value: object, name: str = "", of: str = "", *, path: str = "") -> str:
        """A value of any kind in one line, as a cell of a table holds it; empty where there is none."""
        if value is None or value in ("", [], {}):
            return ""
        between = self.say(term("between values", "; "))
        lines = replace(self, short=True).lines(value, name, of, path=path)
        return between.join(line.strip().removeprefix("- ") for line in lines)

    def at_path(self, value: object, path: str, fact: str) -> str:
        """A value at a place in an answer to a fact, or of a parameter where the path is one's."""
        if not path.startswith("/"):
            return self.one_line(value, of=path, path=path)
        named = [part for part in _parts(path) if part in MEMBER_NAMES]
        return self.one_line(value, named[-1] if named else fact, fact)

    def _table(self, rows: Sequence[Mapping[str, object]], of: str, room: int) -> Iterator[str]:
        """Rows of an answer that hold nothing nested."""
        members = list(dict.fromkeys(m for row in rows for m in row if m not in _HIDDEN))
        heads = [self.label(next(member_of(m, row[m]) for row in rows if m in row)) for m in members]
        cells = [[self.one_line(row.get(m), member_of(m, row.get(m)), of) for m in members] for row in rows]
        amounts = [all(_is_whole(row.get(m)) for row in rows) for m in members]
        yield from table(heads, cells, room, right=amounts, colon=self.say(term("behind the head of a member", ": ")))

    def _member(self, member: str, value: object, over: str, of: str, *, path: str, room: int | None) -> Iterator[str]:
        # What stands under an id is what the member over it holds.
        member = member_named(member)
        shown = self.label(member_of(member, value))
        # A correction holds the new value of the member over it.
        read = over if over and (member == "new" or member not in MEMBER_NAMES) else member
        below = None if room is None else room - 2
        told = list(self.lines(value, read, of, path=path if member == "value" else "", room=below))
        nested = isinstance(value, Mapping) and not {"zh", "en"} <= value.keys() and "step" not in value
        if len(told) == 1 and not told[0].startswith("- ") and not nested:
            yield self.say(sentence("{name}: {value}", name=shown, value=told[0]))
        else:
            yield self.say(
                sentence("{name}:", name=shown) if told else sentence("{name}: {value}", name=shown, value="—")
            )
            yield from (f"  {line}" for line in told)

    def why(self, why: Why) -> Iterator[str]:
        """What an answer rests on: articles, readings, entries."""
        if why.articles:
            yield self.say(sentence("by {articles}", articles=self.articles(why.articles)))
        for reading in why.readings:
            yield self.say(self.reading(reading))
        entries = (*why.events, *why.calendars)
        if entries:
            yield self.say(sentence("from {entries} of the log", entries=self.entries(entries)))

    def reading(self, reference: str) -> Pair:
        """A reading by what it says, and who chose it: the ledger by default, or an entry."""
        ids, at, event = reference.partition("@")
        called = reading_in_words(reference) or (ids.partition(":")[0],) * 2
        if at:
            return sentence("read so: {reading} ({entry})", reading=called, entry=self.entry(event))
        return sentence("read so: {reading} (by default)", reading=called)


def _parts(path: str) -> list[str]:
    """The steps of a path in an answer. A case has a slash in its number, which is a step of its own."""
    parts: list[str] = []
    for part in (p for p in path.split("/") if p and p != "value"):
        if len(parts) > 1 and parts[-2] in _BY_CASE and "/" not in parts[-1]:
            parts[-1] = f"{parts[-1]}/{part}"
        else:
            parts.append(part)
    return parts


def _is_flat(row: object) -> TypeGuard[Mapping[str, object]]:
    """A row that a table can hold: members that are scalars, lists of scalars, or said in two languages."""
    return isinstance(row, Mapping) and "flag" not in row and "step" not in row and all(map(_is_cell, row.values()))


def _is_cell(value: object) -> bool:
    match value:
        case {"zh": str(), "en": str()}:
            return True
        case Mapping():
            return False
        case list() | tuple():
            return not any(isinstance(v, Mapping | list | tuple) for v in value)
        case _:
            return True


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
