"""One inquiry: its name, what it takes, and how it is answered; and the answer with everything needed to ask it
again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypedDict, TypeVar
from urllib.parse import urlencode

from api.home.open_logs import OpenLog
from api.sentences import sentence, term
from api.v1.axes import Axes
from ledger.errors import MalformedError
from ledger.sentences import Pair, enumeration, told_in

#: Longer values of a parameter are refused; the longest are hypotheses written as JSON.
VALUE_MAX = 20_000

Arguments = Mapping[str, str]
#: The members that an inquiry answers with (api/inspector/answers.py).
A_co = TypeVar("A_co", bound=Mapping[str, object], covariant=True)
A = TypeVar("A", bound=Mapping[str, object])


class Head(TypedDict):
    """Size and root of a tree; an empty one has no root."""

    tree_size: int
    root_hash: str | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a parameter means, ``more`` that is the same in every language (a default), and the words there are."""

    named: Pair
    more: str = ""
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(self.named) + self.more + (f": {', '.join(self.choices)}" if self.choices else "")

    def in_language(self, language: str) -> str:
        """The meaning in one language."""
        return told_in(language, self.named) + self.more


@dataclass(frozen=True, slots=True)
class Inquiry(Generic[A_co]):
    """``takes`` maps parameters to their meaning; a name with ``*`` has to be given."""

    name: str
    zh: str
    en: str
    takes: Mapping[str, Meaning]
    answer: Callable[[OpenLog, Axes, Arguments], A_co]
    formats: tuple[str, ...] = ("json", "csv")

    @property
    def parameters(self) -> list[str]:
        return [name.rstrip("*") for name in self.takes]

    def check(self, given: Arguments) -> None:
        """Refuse parameters that do not exist, that are missing or too long, by name."""
        for name, value in given.items():
            if name not in self.parameters:
                raise MalformedError(
                    "parameter_not_known",
                    sentence(
                        "{inquiry} takes {parameters}; not {given!r}",
                        inquiry=self.name,
                        parameters=enumeration(self.parameters) if self.takes else term("parameters", "nothing"),
                        given=name[:40],
                    ),
                    field=name[:40],
                )
            if len(value) > VALUE_MAX or not value:
                raise MalformedError(
                    "parameter_length",
                    sentence("{name}: 1 to {value_max} characters", name=name, value_max=VALUE_MAX),
                    field=name,
                )
        missing = [n.rstrip("*") for n in self.takes if n.endswith("*") and n.rstrip("*") not in given]
        if missing:
            raise MalformedError(
                "parameter_missing",
                sentence("{name} needs {missing}", name=self.name, missing=missing[0]),
                field=missing[0],
            )


@dataclass(frozen=True, slots=True)
class Asked(Generic[A_co]):
    """An answer, and what stands beside it where it is given out: the question, D, K and the tree head at K."""

    inquiry: Inquiry[A_co]
    log: OpenLog
    at: Axes
    given: Arguments
    answer: A_co

    def question(self) -> dict[str, object]:
        """By what the answer can be asked for again, and compared with a checkpoint."""
        pinned = urlencode({**dict(sorted(self.given.items())), **self.at.to_json()})
        return {
            "permalink": f"/v1/logs/{self.log.home.name}/inspect/{self.inquiry.name}?{pinned}",
            "log": self.log.ledger.origin,
            "inquiry": self.inquiry.name,
            "query": dict(sorted(self.given.items())),
            **self.at.to_json(),
            "checkpoint": head_at(self.log, self.at.known_at),
        }

    def to_json(self) -> dict[str, object]:
        return {**self.question(), **self.answer}


def asked(inquiry: Inquiry[A], log: OpenLog, at: Axes, given: Arguments) -> Asked[A]:
    """The answer at (D, K), which can be asked for again by what stands beside it."""
    inquiry.check(given)
    return Asked(inquiry, log, at, given, inquiry.answer(log, at, given))


def head_at(log: OpenLog, known: int) -> Head:
    """Size and root of the tree that holds everything known, to compare with a checkpoint."""
    if known == 0:
        return {"tree_size": 0, "root_hash": None}
    root, _ = log.ledger.evidence.subtree(0, known, known)
    return {"tree_size": known, "root_hash": root.hex()}


def number(given: Arguments, name: str, default: int | None = None) -> int | None:
    """A parameter that is a number of days."""
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise MalformedError(
            "parameter_not_a_number", sentence("{name}: a whole number of days", name=name), field=name
        )
    return int(text)
