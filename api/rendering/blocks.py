"""What a page consists of, as data: the templates of this room (``templates/blocks.html``) draw each block by a macro
of its name.

A view returns blocks and never writes a tag, so that what it says can be tested, listed and written elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

#: A text, a block, or several of them one after the other.
Content: TypeAlias = Union[str, "Block", "tuple[Content, ...]"]


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere; ``look`` is the class that it is drawn with (``id``, ``button``)."""

    text: Content
    address: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day or an instant in words, with its ISO 8601 form for programs."""

    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class Code:
    """Characters that are a code; ``whole`` is what they shorten."""

    text: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Id:
    """An id that stands for somebody or something without another name: no word of any language."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """What somebody typed or a text says, in whatever language that is."""

    text: str


@dataclass(frozen=True, slots=True)
class Hint:
    """A text that stands for ``whole``, shown when it is pointed at; ``look`` makes it an abbreviation of a kind."""

    text: str
    whole: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """How something stands, in words, drawn as its ``state``."""

    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something by name, with the id beside it."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Strong:
    """What differs from its neighbours."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``look`` is ``none`` where there is nothing, ``flagged`` where something is wrong."""

    content: Content
    look: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """Blocks set apart: ``silent`` where the text of the law is."""

    content: Content
    look: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below that of its part."""

    content: Content


@dataclass(frozen=True, slots=True)
class Items:
    """A list without order; ``look`` is ``plain links`` where each item leads on."""

    items: Sequence[Content]
    look: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """Sentences of a story: those that rest on an entry have a number."""

    items: Sequence[tuple[int | None, Content]]


@dataclass(frozen=True, slots=True)
class Members:
    """Names and values of an answer."""

    rows: Sequence[tuple[Content, Content]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their heads; ``name`` is what a screen reader says of it, ``caption`` what everybody reads."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Content]]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Folded:
    """What is shown when its summary is opened."""

    summary: str
    content: Content
    look: str = ""


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Lines as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class RulerDay:
    """A day of a notice: its date, what it is (``work``, ``rest``, made up or not), and the word for that."""

    iso: str
    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class Ruler:
    """The days of a notice, one after the other."""

    name: str
    days: Sequence[RulerDay]


@dataclass(frozen=True, slots=True)
class Dot:
    """An entry on two lanes: where it happened and where it was recorded, in units of the drawing."""

    happened: int
    recorded: int
    late: bool
    state: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """Two lanes, when things happened and when they were recorded; ``first`` and ``last`` are the days of the ends."""

    name: str
    happened: str
    recorded: str
    first: str
    last: str
    dots: Sequence[Dot]


@dataclass(frozen=True, slots=True)
class ArcNode:
    """An event of a picture of arcs, at its height."""

    y: int
    text: str
    address: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Arc:
    """From one height to another, by way of a point ``bend`` to the left."""

    start: int
    end: int
    bend: int


@dataclass(frozen=True, slots=True)
class Arcs:
    """Events one under the other, with arcs between those that rest on each other."""

    name: str
    height: int
    nodes: Sequence[ArcNode]
    arcs: Sequence[Arc]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, how long it is, the figure that it shows."""

    series: str
    y: int
    length: int
    value: int


@dataclass(frozen=True, slots=True)
class BarGroup:
    """The bars of one name."""

    name: str
    y: int
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of two series; its figures stand in a table beside it."""

    name: str
    height: int
    groups: Sequence[BarGroup]


@dataclass(frozen=True, slots=True)
class ReplyForm:
    """The form by which a report of an error is answered, with the words of its outcomes."""

    action: str
    csrf: str
    outcome: str
    outcomes: Sequence[tuple[str, str]]
    answer: str
    longest: int
    send: str


Block: TypeAlias = (
    Link
    | Moment
    | Code
    | Id
    | Quoted
    | Hint
    | Status
    | Named
    | Strong
    | Paragraph
    | Box
    | Heading
    | Items
    | Numbered
    | Members
    | Table
    | Folded
    | Preformatted
    | Ruler
    | Lanes
    | Arcs
    | Bars
    | ReplyForm
)


def links(items: Sequence[Content]) -> Items:
    """Ways on, one under the other."""
    return Items(items, "plain links")


def joined(parts: Sequence[Content], between: str = " ") -> Content:
    """Contents one after the other, with a text between them."""
    told: list[Content] = []
    for part in parts:
        told += [between, part] if told else [part]
    return tuple(told)
