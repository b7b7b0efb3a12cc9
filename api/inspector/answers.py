"""What inquiries answer, as the JSON that is given out: the members that pages and sheets read by name.

An answer may hold more than stands here; what nobody reads is only passed on. Members that are shown and never looked
into are ``object``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from ledger.errors import InvariantError
from projections.inquiry import narrative
from projections.inquiry.differences import Change
from projections.inquiry.flag_queue import EditionFailed, FlagRow
from projections.inquiry.hypotheses import ChangedSubject
from projections.inquiry.people import Act
from projections.inquiry.scoring import StageOfScores
from projections.tracing import Edge, TracedStep

Row = Mapping[str, object]


class Rows(TypedDict):
    """A list, and nothing beside it."""

    rows: Sequence[Row]


class InBoth(TypedDict):
    zh: str
    en: str


class FlagQueue(TypedDict):
    rows: Sequence[FlagRow]
    outcomes: Mapping[str, Mapping[str, str]]
    not_derivable: Sequence[EditionFailed]


class Trace(TypedDict):
    """What an event rests on and what rests on it; drawn as text in two languages and two forms."""

    event: TracedStep
    rests_on: Sequence[TracedStep]
    rested_on_by: Sequence[TracedStep]
    edges: Sequence[Edge]
    complete: bool
    documents: list[str]
    persons: list[str]
    articles: list[str]
    texts: object
    readings: object
    rows: Sequence[Row]
    dot_zh: str
    dot_en: str
    mermaid_zh: str
    mermaid_en: str


Difference = TypedDict("Difference", {"from": object, "to": object, "changed": Sequence[Change], "rows": Sequence[Row]})


class Consequences(TypedDict):
    """What follows from a hypothesis."""

    supposed: Sequence[Row]
    as_of: str
    known_at: int
    consequences: Sequence[ChangedSubject]
    not_settled: Sequence[Row]
    refused_today: Row | None
    rows: Sequence[Row]


class Narrative(narrative.Narrative):
    """The story of a decision, as rows and as text in two languages."""

    rows: Sequence[Row]
    text_zh: str
    text_en: str


class Footprint(TypedDict):
    person: str
    roles: Sequence[Row]
    acts: Mapping[str, int]
    rows: Sequence[Act]


class FourEyes(TypedDict):
    edition: str | None
    rows: Sequence[Row]


class ScoresLaidOpen(TypedDict):
    edition: str
    stages: Mapping[str, StageOfScores]
    rows: Sequence[Row]


class Money(TypedDict):
    as_of: str
    totals: Mapping[str, int]
    by_org: object
    by_edition: object
    rows: Sequence[Row]
    lines: Sequence[Row]
    undetermined: Sequence[Row]
    balanced: bool


class DutyRow(TypedDict):
    """A duty of an award's holder; ``due`` is None where its day cannot be told."""

    award_id: str
    org: str
    duty: str
    period: str
    due: str | None
    state: str
    fulfilled_by: list[str]
    article: list[str]
    rule: NotRequired[str | None]


class DutiesAhead(TypedDict):
    until: str
    rows: Sequence[DutyRow]


class Reviewer(TypedDict):
    """Whether somebody of the pool may act on a case."""

    person: str
    state: str
    free: bool
    events: list[str]


class Available(TypedDict):
    case: str
    panel: object
    rows: Sequence[Reviewer]


def rows_of(told: Mapping[str, object], name: str = "rows") -> list[Row]:
    """The rows of an answer that was asked for by its name; none where it has none."""
    rows = told.get(name, [])
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise InvariantError(f"the {name} of an answer are not rows")
    return list(rows)
