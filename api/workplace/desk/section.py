"""A page of the desk over one answer: what is asked, with which fields, and how the answer is shown.

The page, its JSON file and its CSV file all come from that one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from api.inspector.inquiry import Inquiry
from api.rendering.blocks import Content
from api.workplace.sheets import Desk, Field, Part, Sheet
from ledger.sentences import Pair

V = TypeVar("V", bound=Mapping[str, object])
V_co = TypeVar("V_co", bound=Mapping[str, object], covariant=True)


class Answered(Protocol[V_co]):
    """A typed answer, and as it is given out."""

    @property
    def answer(self) -> V_co:
        """What the page shows."""

    def to_json(self) -> dict[str, object]:
        """What its JSON file holds."""


Shown = Callable[[Desk, V], Sequence[Part]]


def _no_fields(_: Desk) -> Sequence[Field]:
    return ()


def _no_lead(_: Desk, __: Mapping[str, object]) -> Content:
    return ""


@dataclass(frozen=True, slots=True)
class Section(Generic[V]):
    """``needs`` are the fields without which nothing is asked: the page then shows its form alone."""

    title: Pair
    ask: Callable[[Desk], Answered[V]]
    show: Shown[V]
    fields: Callable[[Desk], Sequence[Field]] = _no_fields
    lead: Callable[[Desk, V], Content] = _no_lead
    needs: tuple[str, ...] = ()
    calendar: bool = False

    def __call__(self, d: Desk, _: str) -> Sheet:
        """The page for what its address asks."""
        title, fields = d.say(self.title), self.fields(d)
        if not all(d.query.get(name) for name in self.needs):
            return Sheet(title, fields=fields)
        told = self.ask(d)
        return Sheet(
            title,
            self.show(d, told.answer),
            self.lead(d, told.answer),
            fields=fields,
            data=told,
            calendar=self.calendar,
        )


def asking(inquiry: Inquiry[V], **fixed: str) -> Callable[[Desk], Answered[V]]:
    """Ask an inquiry for what the address says of its parameters; ``fixed`` ones are not of the address."""

    def ask(d: Desk) -> Answered[V]:
        return d.ask(inquiry, **{name: d.query.get(name, "") for name in inquiry.parameters} | fixed)

    return ask
