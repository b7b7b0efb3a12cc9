"""What does not fit a payload's shape, said in Chinese: the parser says it in English only."""

from __future__ import annotations

import re
from collections.abc import Callable

from ledger.events.labels import label
from ledger.sentences import Sentence, enumeration, sentence, term

_WHERE = re.compile(r" - at `(\$[^`]*)`$")
_TYPES = {
    "str": sentence("some text"),
    "int": sentence("a whole number"),
    "float": sentence("a numerical value"),
    "bool": sentence("yes or no"),
    "object": sentence("a group of fields"),
    "array": sentence("a list"),
    "date": sentence("a date"),
    "datetime": sentence("a time"),
    "null": sentence("null"),
}

_SIGNS: dict[str, Callable[[str], Sentence]] = {
    ">=": lambda n: sentence("at least {n}", n=n),
    "<=": lambda n: sentence("no more than {n}", n=n),
    ">": lambda n: sentence("more than {n}", n=n),
    "<": lambda n: sentence("less than {n}", n=n),
}

#: What the parser says -> the same in words, of what it names.
_FORMS: tuple[tuple[str, Callable[..., Sentence]], ...] = (
    (r"Object missing required field `(.+)`", lambda name: sentence("{field} is missing", field=_called(name))),
    (r"Object contains unknown field `(.+)`", lambda name: sentence("there is no field {name}", name=name)),
    (r"Invalid enum value (.+)", lambda value: sentence("{value} is none of the words", value=value)),
    (r"Invalid value (.+)", lambda value: sentence("{value} is none of the words", value=value)),
    (r"Expected `([^`]+)` matching regex .+", lambda _: sentence("it is not written in the form laid down")),
    (r"Invalid RFC3339 encoded date", lambda: sentence("it is no day (write 2026-05-01)")),
    (r"Expected `str` of length >= (\d+)", lambda n: sentence("at least {n} characters", n=n)),
    (r"Expected `str` of length <= (\d+)", lambda n: sentence("at most {n} characters", n=n)),
    (r"Expected `([^`]+)` of length >= (\d+)", lambda _, n: sentence("at least {n} items", n=n)),
    (r"Expected `([^`]+)` of length <= (\d+)", lambda _, n: sentence("at most {n} items", n=n)),
    (r"Expected `([^`]+)` (>=|<=|>|<) (.+)", lambda _, sign, n: _SIGNS[sign](n)),
    (
        r"Expected `([^`]+)`, got `([^`]+)`",
        lambda wanted, got: sentence("{wanted} is expected, this is {got}", wanted=_typed(wanted), got=_typed(got)),
    ),
    (r"Expected `([^`]+)`", lambda wanted: sentence("{wanted} is expected", wanted=_typed(wanted))),
)


def in_chinese(message: str) -> str:
    """A message of the parser; what it says otherwise is told as not fitting, at its place."""
    place = _WHERE.search(message)
    said = message[: place.start()] if place else message
    for pattern, tell in _FORMS:
        if (match := re.fullmatch(pattern, said)) is not None:
            return _at(place[1] if place else "", tell(*match.groups())).in_language("zh")
    return _at(place[1] if place else "", sentence("it does not fit")).in_language("zh")


def _at(path: str, told: Sentence) -> Sentence:
    names = re.findall(r"[A-Za-z_]\w*", path)
    if not names:
        return told
    place = enumeration((_called(name) for name in names), term("between a field and its own", ", "))
    return sentence("{place}: {told}", place=place, told=told)


def _called(name: str) -> Sentence:
    return sentence("“{field}”", field=label(name))


def _typed(types: str) -> Sentence:
    return enumeration((_TYPES.get(kind, kind) for kind in types.split(" | ")), term("between kinds", " or "))
