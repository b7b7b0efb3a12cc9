"""Answers as HTML: names and words in the reader's language, money as money, days as days, and links where something
has a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup, escape

from api.inspector.labels import MEMBER_NAMES, WORD_NAMES, is_money, member_at, member_named, said
from api.public.rendering import Place, day_in, money_in
from api.sentences import sentence, term
from ledger.clock import SHANGHAI
from ledger.errors import InvariantError
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import is_amount, spec_of
from ledger.sentences import Pair, enumeration, told_in
from projections.figures import score, without_unit
from projections.inquiry.narrative import ROLES
from projections.kinds import SCORES, member_of

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
HIDDEN = frozenset({"zh", "en", "name_zh", "name_en", "section", "section_en"})


#: Members that hold the path of a parameter.
_PATHS = frozenset({"path", "parameter", "param_path"})


@dataclass(frozen=True, slots=True)
class Layout:
    """How values are written on the pages of one log."""

    place: Place
    log: str
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

    def link(self, section: str, subject: str, text: str | None = None) -> Markup:
        """A link to a page of the desk; the workbench has none of these, and says the text alone."""
        shown = subject if text is None else text
        if self.place.parts[:1] != ("desk",):
            return escape(shown)
        address = self.place.to("desk", self.log, section, subject)
        return Markup('<a class="id" href="{}">{}</a>').format(address, shown)

    def value(self, value: object, name: str = "") -> Markup:
        """Any value of an answer."""
        match value:
            case None:
                return Markup("—")
            case bool():
                return Markup(self.say({True: sentence("yes"), False: sentence("no")}[value]))
            case int():
                return Markup(
                    money_in(self.place.language, value)
                    if is_money(name)
                    else f"{value:,}"
                    if name not in ("year", "position", "known_at")
                    else str(value)
                )
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

    def parameter(self, path: str) -> Markup:
        """A parameter by its name in the catalogue, with its path."""
        try:
            spec = spec_of(path)
        except KeyError:
            return escape(path)
        return Markup("{} <code>{}</code>").format(self.say((spec.zh, spec.en)), path)

    def _text(self, text: str, name: str) -> Markup:
        if text in EVENTS:
            return escape(self.type(text))
        if name in _PATHS:
            return escape(self.path(text)) if text.startswith("/") else self.parameter(text)
        if name in SCORES and not self.whole and score(text) != text:
            return Markup('<span title="{}">{}</span>').format(text, score(text))
        if text in self.supposed:
            return Markup(self.say(sentence("supposed")))
        if _EVENT.fullmatch(text):
            return self.link("events", text, f"…{text[-8:]}")
        if PAGES.get(name) == "persons" and (text in _EVERYBODY or text.startswith(_ROLE)):
            return self._several(text)
        if name in PAGES and text not in _NOBODY:
            return self.link(PAGES[name], text)
        if _DAY.fullmatch(text):
            return Markup('<time datetime="{}">{}</time>').format(text, day_in(self.place.language, text))
        if _INSTANT.fullmatch(text):
            at = datetime.fromisoformat(text).astimezone(SHANGHAI)
            return Markup('<time datetime="{}">{} {}</time>').format(
                text, day_in(self.place.language, at.date()), at.strftime("%H:%M:%S")
            )
        if _HASH.fullmatch(text):
            return Markup('<code title="{}">{}…</code>').format(text, text[:12])
        if name in ("articles", "article", "basis"):
            return escape(text.replace(":", " "))
        if name in ("role", "signed_by", "roles") and text in ROLES:
            return Markup("{} {}").format(self.say(ROLES[text]), text)
        return escape(self.say(said(text, name, self.of)))

    def amount(self, path: str, value: object, member: str = "") -> Markup:
        """The value of a parameter, its amounts in yuan."""
        match value:
            case bool():
                return self.value(value)
            case int() if is_amount(path, member):
                return Markup(money_in(self.place.language, value))
            case Mapping():
                rows = ((self.label(k), self.amount(path, v, k)) for k, v in value.items() if k not in HIDDEN)
                return Markup("<dl>{}</dl>").format(
                    Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*r) for r in rows)
                )
            case list():
                between = Markup(term("between values", "; ").in_language(self.place.language))
                return between.join(self.amount(path, v, member) for v in value)
            case _:
                return replace(self, of=path).value(value, member)

    def _several(self, text: str) -> Markup:
        """Those who are not named one by one."""
        if text in _EVERYBODY:
            return escape(self.say(_EVERYBODY[text]))
        return self._text(text.removeprefix(_ROLE), "role")

    def _members(self, value: Mapping[str, object], name: str) -> Markup:
        if set(value) == {"kind", "id"}:
            return self._text(str(value["id"]), str(value["kind"]))
        if set(value) in ({"zh", "en"}, {"zh", "en", "rule"}):
            text = self.say((str(value["zh"]), str(value["en"])))
            # The same in both is a word of the vocabulary.
            return self._text(text, "") if value["zh"] == value["en"] else escape(text)
        # What stands under an id is what the member over it holds, unless that has pages.
        over = "" if name in PAGES else name
        shown = [(k, v) for k, v in value.items() if k not in HIDDEN]
        rows = Markup("").join(
            Markup("<dt>{}</dt><dd>{}</dd>").format(self._name(k, v), self._beside(value, k, v, over)) for k, v in shown
        )
        return Markup("<dl>{}</dl>").format(rows) if shown else Markup("—")

    def _beside(self, members: Mapping[str, object], name: str, value: object, over: str) -> Markup:
        """A member among others: the value of a parameter is read by the path beside it."""
        path = members.get("param_path")
        if name == "value" and isinstance(path, str):
            return self.amount(path, value)
        # A correction holds the new value of the member over it.
        named = over if name == "new" and over else member_named(name)
        return self.value(value, named if named in MEMBER_NAMES or named in PAGES else over)

    def _name(self, key: str, value: object) -> str | Markup:
        if "/" in key and not key.startswith("/"):
            return self.link("cases", key)
        return self.label(member_of(member_named(key), value))

    def _list(self, values: Sequence[object], name: str) -> Markup:
        if not values:
            return Markup("—")
        rows = [v for v in values if isinstance(v, Mapping)]
        if len(rows) == len(values):
            return self.table(rows)
        if all(isinstance(v, str | int) for v in values):
            return Markup(enumeration(self.value(v, name) for v in values).in_language(self.place.language))
        return Markup("<ul>{}</ul>").format(
            Markup("").join(Markup("<li>{}</li>").format(self.value(v, name)) for v in values)
        )

    def _cell(self, row: Mapping[str, object], column: str) -> Markup:
        """A cell, read as what its row is about: a place in an answer, a parameter, or its column."""
        path, value = str(row.get("path", "")), row.get(column)
        if column in ("before", "after", "value") and path and not path.startswith("/"):
            return self.amount(path, value)
        if column in ("before", "after") and path:
            fact = str(row.get("fact", self.of))
            return replace(self, of=fact).value(value, member_at(path, fact))
        return self.value(value, column)

    def table(
        self, rows: Iterable[Mapping[str, object]], columns: tuple[str, ...] = (), *, caption: str = ""
    ) -> Markup:
        """Rows with the columns asked for, or all there are."""
        rows = list(rows)
        if not rows:
            return Markup('<p class="none">{}</p>').format(sentence("None").in_language(self.place.language))
        names = list(columns) or [n for n in dict.fromkeys(k for row in rows for k in row) if n not in HIDDEN]
        said = Markup("<caption>{}</caption>").format(caption) if caption else Markup("")
        head = Markup("").join(Markup('<th scope="col">{}</th>').format(self.label(n)) for n in names)
        body = Markup("").join(
            Markup("<tr>{}</tr>").format(
                Markup("").join(Markup("<td>{}</td>").format(self._cell(row, n)) for n in names)
            )
            for row in rows
        )
        named = caption or sentence("Table").in_language(self.place.language)
        return Markup(
            '<div class="table" role="region" tabindex="0" aria-label="{}"><table>{}<thead><tr>{}</tr></thead>'
            "<tbody>{}</tbody></table></div>"
        ).format(named, said, head, body)
