"""Answers as lines of plain text: names and words in one language, money in yuan, scores with two decimals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from api.inspector.labels import MEMBER_NAMES, is_money, member_named, said
from api.sentences import sentence
from ledger.events.vocabulary import EVENTS
from ledger.regulation.parameters import is_amount
from ledger.sentences import enumeration
from ledger.text import visible
from ledger.yuan import in_words
from projections.figures import flag_sentence, score, without_unit
from projections.kinds import SCORES, member_of

#: Members that repeat what stands beside.
_HIDDEN = frozenset({"name_zh", "name_en"})


def label(name: str, *, chinese: bool) -> str:
    """A member's name in words; an event type's, and as it is where there is none."""
    pair = MEMBER_NAMES.get(name) or said(name)
    return without_unit(pair[0 if chinese else 1])


def place(path: str, *, chinese: bool) -> str:
    """Where a value stands in an answer: ``/value/items/0/state`` is "items › no. 1 › state"."""
    parts = [p for p in path.split("/") if p and p != "value"]
    return " › ".join(_numbered(p, chinese) if p.isdecimal() else label(p, chinese=chinese) for p in parts) or "—"


def _numbered(index: str, chinese: bool) -> str:
    return sentence("no. {int}", int=int(index) + 1)[0 if chinese else 1]


def scalar(value: object, name: str = "", of: str = "", *, chinese: bool, path: str = "") -> str:
    """One value of a member, of an event type or fact; ``path`` names the parameter whose value it is."""
    column = 0 if chinese else 1
    match value:
        case None:
            return "—"
        case bool():
            return {True: sentence("yes"), False: sentence("no")}[value][column]
        case int():
            return in_words(value)[column] if is_money(name) or (path and is_amount(path, name)) else str(value)
        case str() if value in EVENTS:
            return (EVENTS[value].SPEC.zh, EVENTS[value].SPEC.en)[column]
        case str() if name in SCORES:
            return score(value)
        case _:
            return visible(said(str(value), name, of)[column])


def lines(value: object, name: str = "", of: str = "", *, chinese: bool) -> Iterator[str]:
    """A value of any kind: a line for a scalar, a line per member, lists of scalars in one line, the rest indented."""
    match value:
        case {"flag": str(flag), "zh": str(zh), "en": str(en)}:
            yield f"{flag} {flag_sentence(flag, zh if chinese else en)}"
        case {"zh": str(zh), "en": str(en)}:
            yield zh if chinese else en
        case Mapping():
            path = value.get("param_path")
            for member, each in value.items():
                if member == "value" and isinstance(path, str) and not isinstance(each, Mapping | list):
                    shown = scalar(each, chinese=chinese, path=path)
                    yield _told(label(member, chinese=chinese), shown, chinese)
                elif member not in _HIDDEN:
                    yield from _member(member, each, name, of, chinese=chinese)
        case list() | tuple() if not any(isinstance(v, Mapping | list | tuple) for v in value):
            named = enumeration(scalar(v, name, of, chinese=chinese) for v in value)
            yield named[0 if chinese else 1] or "—"
        case list() | tuple():
            for each in value:
                first, *rest = [*lines(each, name, of, chinese=chinese)] or ["—"]
                yield f"- {first}"
                yield from (f"  {line}" for line in rest)
        case _:
            yield scalar(value, name, of, chinese=chinese)


def _member(member: str, value: object, over: str, of: str, *, chinese: bool) -> Iterator[str]:
    # What stands under an id is what the member over it holds.
    member = member_named(member)
    shown = label(member_of(member, value), chinese=chinese)
    # A correction holds the new value of the member over it.
    read = over if over and (member == "new" or member not in MEMBER_NAMES) else member
    told = list(lines(value, read, of, chinese=chinese))
    nested = isinstance(value, Mapping) and not {"zh", "en"} <= value.keys()
    if len(told) == 1 and not told[0].startswith("- ") and not nested:
        yield _told(shown, told[0], chinese)
    else:
        yield sentence("{name}:", name=shown)[0 if chinese else 1] if told else _told(shown, "—", chinese)
        yield from (f"  {line}" for line in told)


def _told(name: str, value: str, chinese: bool) -> str:
    return sentence("{name}: {value}", name=name, value=value)[0 if chinese else 1]
