"""Answers as blocks: names and words in the reader's language, money as money, days as days, and links where something
has a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from api.inspector.labels import MEMBER_NAMES, WORD_NAMES, is_money, member_at, member_named, said
from api.rendering.blocks import (
    Code,
    Content,
    Hint,
    Id,
    Items,
    Link,
    Members,
    Moment,
    Named,
    Paragraph,
    Quoted,
    Table,
    joined,
)
from api.rendering.place import Place
from api.rendering.values import NAMELESS, day_in, money_in, word_member
from api.sentences import sentence, term
from ledger.clock import SHANGHAI
from ledger.derivation.words import known_word
from ledger.errors import InvariantError
from ledger.events.vocabulary import EVENTS
from ledger.regulation.citations import cited
from ledger.regulation.parameters import is_amount, spec_of
from ledger.regulation.readings import READINGS, reading_in_words
from ledger.sentences import Pair, between_names, told_in
from projections.figures import score, without_unit
from projections.inquiry.narrative import ROLES
from projections.kinds import SCORES, member_of
from projections.tracing import way_in_words

_EVENT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\+00:00)", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)

#: Member -> the section of the desk that has a page for its values.
PAGES = {
    "case": "cases",
    "case_id": "cases",
    "cases": "cases",
    "person": "persons",
    "persons": "persons",
    "actor": "persons",
    "reviewer": "persons",
    "reviewer_id": "persons",
    "members": "persons",
    "leader": "persons",
    "originator": "persons",
    "countersigner": "persons",
    "principal_id": "persons",
    "one": "persons",
    "other": "persons",
    "award_id": "awards",
    "org": "organisations",
    "orgs": "organisations",
    "edition": "editions",
    "edition_id": "editions",
    "notice_id": "notices",
    "event": "events",
    "events": "events",
}

#: Who could have known is a person, a role (``role:FIN``) or everybody: neither of these has a page.
_ROLE = "role:"
_EVERYBODY = {"public": sentence("the public")}

#: What stands where there is no value.
_NOBODY = frozenset({"—", ""})

#: Members that people do not read: they repeat what stands beside, or serve machines.
HIDDEN = frozenset({"zh", "en", "name_zh", "name_en", "section", "section_en", "rule"})


#: Members that hold the path of a parameter.
_PATHS = frozenset({"path", "parameter", "param_path"})


@dataclass(frozen=True, slots=True)
class Layout:
    """How values are written on the pages of one log."""

    place: Place
    log: str
    #: Section of the desk -> the names of those that it has pages of, by id.
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: What an event is called, by its id; None for one that the log does not have.
    event_told: Callable[[str], Pair | None] = lambda _: None
    #: Ids of events that a hypothesis supposes: there is no page of them.
    supposed: frozenset[str] = frozenset()
    #: The event type or fact whose members are shown: by it some words say something else.
    of: str = ""
    #: What is about to be signed is shown whole; elsewhere scores have two decimals.
    whole: bool = False

    def label(self, name: str) -> str:
        """A member's name in words; as it is where there is none."""
        if name in EVENTS:
            return self.type(name)
        pair = MEMBER_NAMES.get(name) or WORD_NAMES.get(name, (name, name))
        return without_unit(self.say(pair))

    def type(self, topic: str) -> str:
        return self.say((EVENTS[topic].SPEC.zh, EVENTS[topic].SPEC.en)) if topic in EVENTS else topic

    def named(self, section: str, subject: str) -> Content:
        """Something by its name with its id beside it; by its id alone where it has no other name."""
        name = self.names.get(section, {}).get(subject, "")
        return Named(name, subject) if name and name != subject else Id(subject)

    def link(self, section: str, subject: str) -> Content:
        """Something by its name."""
        return self._linked(section, subject, self.named(section, subject))

    def event(self, event_id: str) -> Content:
        """An entry by its number and act, with its id where it is pointed at; a link to its page where there is one."""
        told = self.event_told(event_id)
        return self._linked("events", event_id, Hint(self.say(told) if told else f"…{event_id[-8:]}", event_id))

    def _linked(self, section: str, subject: str, shown: Content) -> Content:
        """A link to a page of the desk; the workbench has none of these."""
        if self.place.parts[:1] != ("desk",):
            return shown
        # An id is never broken; what an entry is called is a sentence.
        look = "" if section == "events" and isinstance(shown, Hint) else "id"
        return Link(shown, self.place.to("desk", self.log, section, subject), look)

    def value(self, value: object, name: str = "") -> Content:
        """Any value of an answer."""
        match value:
            case None:
                return "—"
            case bool():
                return self.say({True: sentence("yes"), False: sentence("no")}[value])
            case int():
                if is_money(name):
                    return money_in(self.place.language, value)
                return f"{value:,}" if name not in ("year", "position", "known_at") else str(value)
            case str():
                return self._text(value, name)
            case Mapping():
                return self._members(value, name)
            case Iterable():
                return self._list(list(value), name)
            case _:
                raise InvariantError(f"{type(value).__name__} is no value of an answer")

    def path(self, pointer: str) -> str:
        """Where a value stands in an answer, in words: ``/value/rows/0/until`` is "rows, 1st, until"."""
        parts = [p for p in pointer.split("/") if p and p != "value"]
        said = [self.say(sentence("no. {int}", int=int(p) + 1)) if p.isdecimal() else self.label(p) for p in parts]
        return " › ".join(said)

    def say(self, told: Pair) -> str:
        return told_in(self.place.language, told)

    def parameter(self, path: str) -> Content:
        """A parameter by its name in the catalogue, with its path."""
        try:
            spec = spec_of(path)
        except KeyError:
            return Code(path)
        return (self.say((spec.zh, spec.en)), " ", Code(path))

    def _text(self, text: str, name: str) -> Content:
        if text in EVENTS:
            return self.type(text)
        if name in _PATHS:
            return self.path(text) if text.startswith("/") else self.parameter(text)
        if name in SCORES and not self.whole and score(text) != text:
            return Hint(score(text), text)
        if text in self.supposed:
            return self.say(sentence("supposed"))
        if _EVENT.fullmatch(text):
            return self.event(text)
        if PAGES.get(name) == "persons" and (text in _EVERYBODY or text.startswith(_ROLE)):
            return self._several(text)
        if name in PAGES and text not in _NOBODY:
            return self.link(PAGES[name], text)
        if _DAY.fullmatch(text):
            return Moment(day_in(self.place.language, text), text)
        if _INSTANT.fullmatch(text):
            at = datetime.fromisoformat(text).astimezone(SHANGHAI)
            return Moment(f"{day_in(self.place.language, at.date())} {at:%H:%M:%S}", text)
        if _HASH.fullmatch(text):
            return Code(f"{text[:12]}…", text)
        if name == "via" and (way := way_in_words(text)) is not None:
            return self.say(way)
        if name in ("readings", "reading"):
            return self._reading(text)
        if name in ("articles", "article", "basis"):
            return self.say(cited(text))
        if name in ("role", "signed_by", "roles") and text in ROLES:
            return Hint(self.say(ROLES[text]), text)
        if name == "roles" and (several := text.split(",")) and all(role in ROLES for role in several):
            return joined([Hint(self.say(ROLES[role]), role) for role in several], self.say(between_names()))
        # What is no word is what somebody typed, or a word of the text itself.
        told = said(text, name, self.of)
        return Quoted(text) if told == (text, text) else self.say(told)

    def _reading(self, reference: str) -> Content:
        """A reading by what it says, with its id to be pointed at; one that an interpretation chose leads there."""
        named, _, chosen = reference.partition("@")
        words = reading_in_words(reference)
        if words is None and (registered := READINGS.get(named)) is not None and not chosen:
            words = (registered.zh, registered.en)
        told = (
            self.parameter(named) if words is None and not named.startswith("B-") else self.say(words or (named,) * 2)
        )
        said = Hint(told, named.partition(":")[0]) if isinstance(told, str) and told != named else told
        return (said, " ", self.event(chosen)) if _EVENT.fullmatch(chosen) else said

    def amount(self, path: str, value: object, member: str = "") -> Content:
        """The value of a parameter, its amounts in yuan."""
        match value:
            case bool():
                return self.value(value)
            case int() if is_amount(path, member):
                return money_in(self.place.language, value)
            case Mapping():
                rows = [(k, v) for k, v in value.items() if k not in HIDDEN]
                if [k for k, _ in rows if k not in NAMELESS]:
                    return Members([(self._named_in(path, k), self.amount(path, v, k)) for k, v in rows])
                return joined([self.amount(path, v, k) for k, v in rows])
            case list():
                return joined([self.amount(path, v, member) for v in value], self.say(term("between values", "; ")))
            case _:
                named = member or (word_member(value, path) if isinstance(value, str) else "")
                return replace(self, of=path).value(value, named)

    def _named_in(self, path: str, member: str) -> str:
        """What a member of a parameter's rows is called: by the words of rules, else as elsewhere."""
        known = known_word(member, "", path)
        return self.label(member) if known is None else self.say(known)

    def _several(self, text: str) -> Content:
        """Those who are not named one by one."""
        if text in _EVERYBODY:
            return self.say(_EVERYBODY[text])
        return self._text(text.removeprefix(_ROLE), "role")

    def _members(self, value: Mapping[str, object], name: str) -> Content:
        if set(value) == {"kind", "id"}:
            return self._text(str(value["id"]), str(value["kind"]))
        if set(value) in ({"zh", "en"}, {"zh", "en", "rule"}):
            text = self.say((str(value["zh"]), str(value["en"])))
            # The same in both is a word of the vocabulary.
            return self._text(text, "") if value["zh"] == value["en"] else text
        # What stands under an id is what the member over it holds, unless that has pages.
        over = "" if name in PAGES else name
        shown = [(k, v) for k, v in value.items() if k not in HIDDEN]
        if not shown:
            return "—"
        return Members([(self._name(k, v), self._beside(value, k, v, over)) for k, v in shown])

    def _beside(self, members: Mapping[str, object], name: str, value: object, over: str) -> Content:
        """A member among others: the value of a parameter is read by the path beside it."""
        path = members.get("param_path")
        if name == "value" and isinstance(path, str):
            return self.amount(path, value)
        # A correction holds the new value of the member over it.
        named = over if name == "new" and over else member_named(name)
        return self.value(value, named if named in MEMBER_NAMES or named in PAGES else over)

    def _name(self, key: str, value: object) -> Content:
        if "/" in key and not key.startswith("/"):
            return self.link("cases", key)
        return self.label(member_of(member_named(key), value))

    def _list(self, values: Sequence[object], name: str) -> Content:
        if not values:
            return "—"
        rows = [v for v in values if isinstance(v, Mapping)]
        if len(rows) == len(values):
            return self.table(rows)
        told = [self.value(v, name) for v in values]
        if all(isinstance(v, str | int) for v in values) and name != "readings":
            return joined(told, self.say(between_names()))
        return Items(told)

    def _cell(self, row: Mapping[str, object], column: str) -> Content:
        """A cell, read as what its row is about: a place in an answer, a parameter, or its column."""
        path, value = str(row.get("path", "")), row.get(column)
        if column == "position" and isinstance(event := row.get("event"), str):
            return self._text(event, "event") if event in self.supposed else self._linked("events", event, str(value))
        if column in ("before", "after", "value") and path and not path.startswith("/"):
            return self.amount(path, value)
        if column in ("before", "after") and path:
            fact = str(row.get("fact", self.of))
            return replace(self, of=fact).value(value, member_at(path, fact))
        return self.value(value, column)

    def table(
        self, rows: Iterable[Mapping[str, object]], columns: tuple[str, ...] = (), *, caption: str = ""
    ) -> Content:
        """Rows with the columns asked for, or all there are."""
        rows = list(rows)
        if not rows:
            return Paragraph(self.say(sentence("None")), "none")
        names = list(columns) or [n for n in dict.fromkeys(k for row in rows for k in row) if n not in HIDDEN]
        if "position" in names and "event" in names:  # The number of an entry leads to it.
            names.remove("event")
        return Table(
            caption or self.say(sentence("Table")),
            [self.label(n) for n in names],
            [[self._cell(row, n) for n in names] for row in rows],
            caption,
        )
