"""What a page of the desk or the workbench consists of, and the drawings that several of them show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from api.home.open_logs import OpenLog
from api.inspector.answers import Trace
from api.inspector.inquiry import Asked, Inquiry, asked
from api.inspector.labels import said
from api.rendering.blocks import Arcs, Box, Code, Content, Folded, Lanes, Link, Paragraph, Status
from api.rendering.drawings import arcs as drawn_arcs
from api.rendering.drawings import dots
from api.rendering.layout import Layout
from api.rendering.place import Place
from api.sentences import sentence, term
from api.v1.axes import Axes, axes
from api.workplace.visitors import Visitor
from ledger.clock import shanghai_day
from ledger.derivation.answer import NotApplicable, NotDerivable, Undetermined, plain
from ledger.events.edition import EditionOpened
from ledger.sentences import Pair, told_in
from projections import public_pages
from projections.as_of import Told, tell
from projections.facts import EDITION_COURSE
from projections.figures import without_unit
from projections.inquiry import timeline
from projections.inquiry.names import Names, names_known

A = TypeVar("A", bound=Mapping[str, object])
A_co = TypeVar("A_co", bound=Mapping[str, object], covariant=True)


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a page's form, sent by GET: every answer has an address."""

    name: str
    label: Content
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    kind: str = "text"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and what stands under it."""

    heading: str
    body: Content


class Given(Protocol):
    """The value of a page, and as it is given out."""

    @property
    def answer(self) -> Mapping[str, object]:
        """What the page shows."""

    def to_json(self) -> dict[str, object]:
        """The same, with the question where it answers one."""


@dataclass(frozen=True, slots=True)
class Plain(Generic[A_co]):
    """The value of a page that answers no inquiry."""

    answer: A_co

    def to_json(self) -> dict[str, object]:
        return dict(self.answer)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page. ``data`` is what it shows as a value: its JSON file holds it, and its CSV file the ``rows`` in it.

    ``calendar`` offers these rows as a calendar too: each has ``due``, ``duty``, ``award_id``, ``org``, ``state``,
    ``article``.
    """

    title: str
    parts: Sequence[Part] = ()
    lead: Content = ""
    fields: Sequence[Field] = ()
    data: Given | None = None
    template: str = "sheet.html"
    context: Mapping[str, object] = field(default_factory=dict)
    calendar: bool = False

    @property
    def formats(self) -> tuple[str, ...]:
        """The files beside the page, by their ``format`` in the address."""
        if self.data is None:
            return ()
        rows = ("csv", *(("ics",) if self.calendar else ())) if "rows" in self.data.answer else ()
        return ("json", *rows)


@dataclass(frozen=True)
class Desk:
    """One log at one (D, K), read by somebody, with what was asked in the address."""

    log: OpenLog
    at: Axes
    place: Place
    visitor: Visitor
    query: Mapping[str, str]

    @property
    def now(self) -> Desk:
        """The same today, with everything known: what somebody may see is asked of this moment, whatever day is looked
        at.
        """
        return replace(self, at=axes(self.log, None, None))

    @property
    def layout(self) -> Layout:
        return Layout(self.place, self.log.home.name, self.names, self._event_told)

    @cached_property
    def names(self) -> Names:
        """What cases, awards, organisations and offices are called, by the section that has their pages."""
        return names_known(self.log.ledger, self.at.known_at)

    @cached_property
    def texts(self) -> frozenset[str]:
        """The letters of the texts that the log knows: ``ZY`` of every version ``ZY@2020-46``."""
        known = public_pages.rules(self.log.ledger, public_pages.Corner(self.at.as_of, self.at.known_at))
        return frozenset(version["id"].partition("@")[0] for version in known)

    def _event_told(self, event_id: str) -> Pair | None:
        """An entry by its number; for who inspects, with its act: others are told of no acts that are not theirs."""
        event = self.log.ledger.log.event(event_id)
        if event is None:
            return None
        if not self.visitor.inspects:
            return sentence("entry {position}", position=event.position)
        spec = event.statement.spec
        return sentence("entry {position} {act}", position=event.position, act=(spec.zh, spec.en))

    def say(self, told: Pair) -> str:
        return told_in(self.place.language, told)

    def pick(self, value: Mapping[str, object], stem: str = "") -> str:
        """The text of a row that has it in both languages."""
        return self.say((str(value[f"{stem}zh"]), str(value[f"{stem}en"])))

    def word(self, name: str, member: str = "", of: str = "") -> str:
        """A word in the reader's language, as the value of a member of an event type or fact."""
        return self.say(said(name, member, of))

    def ask(self, inquiry: Inquiry[A], **given: str) -> Asked[A]:
        """An inquiry at this (D, K); parameters left empty are left out."""
        return asked(inquiry, self.log, self.at, {k: v for k, v in given.items() if v})

    def to(self, *parts: str, **query: str) -> str:
        """A page of the same area, desk or workbench."""
        return self.place.to(self.place.parts[0], self.log.home.name, *parts, **query)

    def link(self, text: Content, *parts: str, **query: str) -> Link:
        return Link(text, self.to(*parts, **query))

    def none(self, told: Pair) -> Paragraph:
        """That there is nothing, in words."""
        return Paragraph(self.say(told), "none")


def unclosed(desk: Desk, edition: str) -> Content:
    """Of an edition whose cases are all over and whose end nobody has recorded, that this is so; else nothing."""
    told = tell(desk.log.ledger, EDITION_COURSE, edition, desk.at.as_of, desk.at.known_at).answer
    if not told.is_value or told.value().state != "open" or told.value().open_cases:
        return ""
    opened = desk.log.ledger.acts(EditionOpened, f"ed:{edition}", until=desk.at.known_at)
    if desk.at.as_of <= max(p.window_to for _, p in opened):
        return ""
    return Status(desk.say(sentence("every case is over; the end of the edition is not on record")), "over_not_closed")


def fact_part(desk: Desk, told: Told[object]) -> Part:
    """An answer by its name, and what it rests on: articles, versions, readings, calendars, events."""
    fact, answer = told.fact, told.answer
    body: Content
    match answer.absent:
        case None:
            body = replace(desk.layout, of=fact.name).value(plain(answer.value()), fact.name)
        case NotApplicable() as reason:
            body = desk.none((reason.zh, reason.en))
        case NotDerivable() as fault:
            body = Paragraph(desk.say((fault.zh, fault.en)), "flagged")
        case Undetermined() as gap:
            body = Box((desk.say(sentence("Undetermined:")), " ", desk.layout.value(gap.to_json())), "silent")
    why = desk.layout.value({k: v for k, v in answer.why.to_json().items() if v})
    named = Paragraph((Code(fact.name), " ", Code(fact.number)))
    reasons = Folded(desk.say(term("of a row", "Why")), (why, named), "why")
    return Part(without_unit(desk.say((fact.zh, fact.en))), (body, reasons))


class TimelineRow(timeline.TimelineRow):
    """An entry of a timeline, and whether it was recorded past a rule."""

    override: bool


def lanes(desk: Desk, rows: Sequence[TimelineRow]) -> Content:
    """Two lanes, when it happened and when it was recorded, with a line between; the table beside them says the
    same.
    """
    if not rows:
        return ""
    days = [
        (date.fromisoformat(r["effective_on"]), shanghai_day(datetime.fromisoformat(r["recorded_at"]))) for r in rows
    ]
    entries = [
        (
            r["state"],
            f"{r['position']} {desk.layout.type(r['type'])} {r['effective_on']} → {recorded}",
            desk.to("events", r["event"]),
        )
        for r, (_, recorded) in zip(rows, days, strict=True)
    ]
    return Lanes(
        desk.say(sentence("Two lanes, happened and recorded; the table below says the same")),
        desk.say(sentence("happened")),
        desk.say(sentence("recorded")),
        min(min(d) for d in days).isoformat(),
        max(max(d) for d in days).isoformat(),
        dots(days, entries),
    )


#: Events of one picture of arcs.
_ARCS_SHOWN = 80


def arcs(desk: Desk, told: Trace) -> Arcs:
    """Events one under the other, arcs to what the asked event rests on and to what rests on it."""
    event = told["event"]
    direct = [(e["from"], e["to"]) for e in told["edges"] if event["position"] in (e["from"], e["to"])]
    near = {event["position"], *(position for edge in direct for position in edge)}
    steps = sorted(
        (s for s in [*told["rests_on"], event, *told["rested_on_by"]] if s["position"] in near),
        key=lambda s: s["position"],
    )[:_ARCS_SHOWN]
    nodes = [
        (
            s["position"],
            f"{s['position']} {desk.pick(s)} {s['effective_at'][:10]} {s['actor']}/{s['role']}",
            desk.to("events", s["event"]),
            s is event,
        )
        for s in steps
    ]
    return drawn_arcs(desk.say(sentence("Events directly related; the table below lists all")), nodes, direct)
