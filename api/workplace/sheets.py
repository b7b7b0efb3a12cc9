"""What a page of the desk or the workbench consists of, and the drawings that several of them show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from markupsafe import Markup

from api.home.open_logs import OpenLog
from api.inspector.answers import Trace
from api.inspector.inquiry import Asked, Inquiry, asked
from api.inspector.labels import said
from api.public.rendering import Place
from api.sentences import sentence, term
from api.v1.axes import Axes, axes
from api.workplace.laying_out import Layout
from api.workplace.visitors import Visitor
from ledger.clock import shanghai_day
from ledger.derivation.answer import NotApplicable, NotDerivable, Undetermined, plain
from ledger.events.application import ApplicationFiled
from ledger.events.edition import EditionOpened
from ledger.sentences import Pair, told_in
from projections.as_of import Told, tell
from projections.facts import EDITION_COURSE
from projections.figures import without_unit
from projections.inquiry import timeline
from projections.inquiry.knowledge import identities

A = TypeVar("A", bound=Mapping[str, object])

#: Chinese up to its last character, then English.
_TWICE = re.compile(r"(.*[\u3400-\u9fff）]) +([\x20-\x7e]+)")


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a page's form, sent by GET: every answer has an address."""

    name: str
    label: str
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    kind: str = "text"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and what stands under it."""

    heading: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: ``data`` is what its JSON file holds, ``rows`` in it what its CSV file holds.

    ``calendar`` offers these rows as a calendar too: each has ``due``, ``duty``, ``award_id``, ``org``, ``state``,
    ``article``.
    """

    title: str
    parts: Sequence[Part] = ()
    lead: str | Markup = ""
    fields: Sequence[Field] = ()
    data: Mapping[str, object] | None = None
    template: str = "sheet.html"
    context: Mapping[str, object] = field(default_factory=dict)
    calendar: bool = False

    @property
    def formats(self) -> tuple[str, ...]:
        """The files beside the page, by their ``format`` in the address."""
        if not self.data:
            return ()
        rows = ("csv", *(("ics",) if self.calendar else ())) if "rows" in self.data else ()
        return ("json", *rows)


@dataclass(frozen=True, slots=True)
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
        return Layout(self.place, self.log.home.name)

    def say(self, told: Pair) -> str:
        return told_in(self.place.language, told)

    def pick(self, value: Mapping[str, object], stem: str = "") -> str:
        """The text of a row that has it in both languages."""
        return self.say((str(value[f"{stem}zh"]), str(value[f"{stem}en"])))

    def word(self, name: str, member: str = "", of: str = "") -> str:
        """A word in the reader's language, as the value of a member of an event type or fact."""
        return self.say(said(name, member, of))

    def meaning(self, text: str) -> str:
        """The half in the reader's language of a text that says one thing in Chinese, then in English."""
        both = _TWICE.fullmatch(text)
        return self.say((both[1], both[2])) if both else text

    def ask(self, inquiry: Inquiry[A], **given: str) -> Asked[A]:
        """An inquiry at this (D, K); parameters left empty are left out."""
        return asked(inquiry, self.log, self.at, {k: v for k, v in given.items() if v})

    def to(self, *parts: str, **query: str) -> str:
        """A page of the same area, desk or workbench."""
        return self.place.to(self.place.parts[0], self.log.home.name, *parts, **query)

    def link(self, text: str, *parts: str, **query: str) -> Markup:
        return Markup('<a href="{}">{}</a>').format(self.to(*parts, **query), text)


def applicants(desk: Desk) -> dict[str, str]:
    """Case -> the name of its applicant, for lists of cases."""
    filed = desk.log.ledger.acts(ApplicationFiled, until=desk.at.known_at)
    known = identities(desk.log.ledger, desk.at.known_at).principals
    orgs = {p.case_id: p.org for _, p in filed}
    return {case: (known[org].org_name if org in known else None) or org for case, org in orgs.items()}


def unclosed(desk: Desk, edition: str) -> Markup:
    """Of an edition whose cases are all over and whose end nobody has recorded, that this is so; else nothing."""
    told = tell(desk.log.ledger, EDITION_COURSE, edition, desk.at.as_of, desk.at.known_at).answer
    if not told.is_value or told.value().state != "open" or told.value().open_cases:
        return Markup("")
    opened = desk.log.ledger.acts(EditionOpened, f"ed:{edition}", until=desk.at.known_at)
    if desk.at.as_of <= max(p.window_to for _, p in opened):
        return Markup("")
    words = desk.say(sentence("every case is over; the end of the edition is not on record"))
    return Markup('<span class="status over_not_closed">{}</span>').format(words)


def links(items: Sequence[Markup]) -> Markup:
    return Markup('<ul class="plain links">{}</ul>').format(
        Markup("").join(Markup("<li>{}</li>").format(i) for i in items)
    )


def fact_part(desk: Desk, told: Told[object]) -> Part:
    """An answer with its number, its name, and what it rests on: articles, versions, readings, calendars, events."""
    fact, answer = told.fact, told.answer
    match answer.absent:
        case None:
            body = replace(desk.layout, of=fact.name).value(plain(answer.value()), fact.name)
        case NotApplicable() as reason:
            body = Markup('<p class="none">{}</p>').format(desk.say((reason.zh, reason.en)))
        case NotDerivable() as fault:
            body = Markup('<p class="flagged">{}</p>').format(desk.say((fault.zh, fault.en)))
        case Undetermined() as gap:
            body = Markup('<div class="silent">{} {}</div>').format(
                desk.say(sentence("Undetermined:")), desk.layout.value(gap.to_json())
            )
    why = desk.layout.value({k: v for k, v in answer.why.to_json().items() if v})
    reasons = Markup('<details class="why"><summary>{}</summary>{}</details>').format(
        desk.say(term("of a row", "Why")), why
    )
    return Part(f"{fact.number} {without_unit(desk.say((fact.zh, fact.en)))}", body + reasons)


class TimelineRow(timeline.TimelineRow):
    """An entry of a timeline, and whether it was recorded past a rule."""

    override: bool


def lanes(desk: Desk, rows: Sequence[TimelineRow]) -> Markup:
    """V1: two lanes, when it happened and when it was recorded, with a line between; the table beside it says the
    same.
    """
    if not rows:
        return Markup("")
    days = [
        (date.fromisoformat(r["effective_on"]), shanghai_day(datetime.fromisoformat(r["recorded_at"]))) for r in rows
    ]
    first, last = min(min(d) for d in days), max(max(d) for d in days)
    span, width = max(1, (last - first).days), 940

    def x(day: date) -> int:
        return 30 + round((day - first).days / span * width)

    lines, dots = [], []
    for row, (happened, recorded) in zip(rows, days, strict=True):
        late = "late" if row["lag_days"] > 3 else "prompt"
        title = f"{row['position']} {desk.layout.type(row['type'])} {row['effective_on']} → {recorded}"
        lines.append(
            Markup('<line x1="{}" y1="34" x2="{}" y2="86" class="{}"/>').format(x(happened), x(recorded), late)
        )
        dots.append(
            Markup('<a href="{}"><circle cx="{}" cy="34" r="6" class="{}"><title>{}</title></circle></a>').format(
                desk.to("events", row["event"]), x(happened), row["state"], title
            )
        )
        dots.append(Markup('<circle cx="{}" cy="86" r="4" class="recorded"/>').format(x(recorded)))
    labels = Markup(
        '<text x="30" y="16">{} · {}</text><text x="30" y="112">{}</text><text x="970" y="16" text-anchor="end">'
        "{}</text>"
    ).format(desk.say(sentence("happened")), first.isoformat(), desk.say(sentence("recorded")), last.isoformat())
    name = desk.say(sentence("Two lanes, happened and recorded; the table below says the same"))
    return Markup(
        '<div class="table" role="region" tabindex="0" aria-label="{}"><svg class="lanes" viewBox="0 0 1000 120" '
        'role="group" aria-label="{}">{}{}{}</svg></div>'
    ).format(name, name, labels, Markup("").join(lines), Markup("").join(dots))


def arcs(desk: Desk, told: Trace) -> Markup:
    """V3: events one under the other, arcs to what the asked event rests on and to what rests on it; at most 80 of
    them.
    """
    event = told["event"]
    direct = [e for e in told["edges"] if event["position"] in (e["from"], e["to"])]
    near = {e["from"] for e in direct} | {e["to"] for e in direct}
    nodes = sorted(
        (s for s in [*told["rests_on"], event, *told["rested_on_by"]] if s["position"] in near | {event["position"]}),
        key=lambda s: s["position"],
    )[:80]
    y = {s["position"]: 20 + i * 26 for i, s in enumerate(nodes)}
    drawn = [
        Markup('<path d="M 250 {a} C {c} {a}, {c} {b}, 250 {b}"/>').format(
            a=y[e["from"]], b=y[e["to"]], c=250 - min(240, 40 + abs(y[e["from"]] - y[e["to"]]) // 3)
        )
        for e in direct
        if e["from"] in y and e["to"] in y
    ]
    texts = [
        Markup('<a href="{}"><circle cx="250" cy="{}" r="{}"/><text x="262" y="{}"{}>{}</text></a>').format(
            desk.to("events", s["event"]),
            y[s["position"]],
            7 if s is event else 4,
            y[s["position"]] + 5,
            Markup(' class="asked"') if s is event else "",
            f"{s['position']} {desk.pick(s)} {s['effective_at'][:10]} {s['actor']}/{s['role']}",
        )
        for s in nodes
    ]
    name = desk.say(sentence("Events directly related; the table below lists all"))
    return Markup(
        '<div class="table" role="region" tabindex="0" aria-label="{}"><svg class="arcs" viewBox="0 0 900 {}" '
        'role="group" aria-label="{}">{}{}</svg></div>'
    ).format(name, 20 + 26 * len(nodes), name, Markup("").join(drawn), Markup("").join(texts))


def table(name: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    """Cells as they are given; text among them is escaped. ``name`` is what a screen reader says of it."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(h) for h in heads)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(c) for c in row)) for row in rows
    )
    return Markup(
        '<div class="table" role="region" tabindex="0" aria-label="{}"><table><thead><tr>{}</tr></thead><tbody>'
        "{}</tbody></table></div>"
    ).format(name, head, body)
