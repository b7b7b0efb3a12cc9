"""What inquiries answer, as the JSON that is given out: the members that pages and sheets read by name.

An answer may hold more than stands here; what nobody reads is only passed on. Members that are shown and never looked
into are ``object``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from ledger.errors import InvariantError

Row = Mapping[str, object]

Edge = TypedDict("Edge", {"from": int, "to": int, "via": str})


class Rows(TypedDict):
    """A list, and nothing beside it."""

    rows: Sequence[Row]


class InBoth(TypedDict):
    zh: str
    en: str


class FlagRow(InBoth):
    """One flag that is up."""

    id: str
    flag: str
    severity: str
    outcome: str
    state: str
    since: str
    subject: object
    edition: str
    events: list[str]
    name_zh: str
    name_en: str


class EditionFailed(InBoth):
    edition: str


class FlagQueue(TypedDict):
    rows: Sequence[FlagRow]
    outcomes: Mapping[str, Mapping[str, str]]
    not_derivable: Sequence[EditionFailed]


class TracedStep(InBoth):
    """An event of a trace."""

    event: str
    position: int
    actor: str
    role: str
    effective_at: str
    basis: list[str]
    evidence: list[str]


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


class Responsible(TypedDict):
    """An event that makes an answer another."""

    event: str
    position: int
    new: bool


class Change(InBoth):
    """A fact that is answered otherwise at the second point."""

    fact: str
    number: str
    members: Sequence[Row]
    causes: list[str]
    responsible: Sequence[Responsible]


Difference = TypedDict("Difference", {"from": object, "to": object, "changed": Sequence[Change], "rows": Sequence[Row]})


class ChangedSubject(TypedDict):
    kind: str
    subject: str
    changed: Sequence[Change]


class Consequences(TypedDict):
    """What follows from a hypothesis."""

    supposed: Sequence[Row]
    as_of: str
    known_at: int
    consequences: Sequence[ChangedSubject]
    not_settled: Sequence[Row]
    refused_today: Row | None
    rows: Sequence[Row]


class Sentence(InBoth):
    """One sentence of a story; without an event it has no number."""

    n: int | None
    event: NotRequired[str | None]
    position: NotRequired[int | None]


class Section(InBoth):
    sentences: Sequence[Sentence]


class Narrative(TypedDict):
    """The story of a decision."""

    event: str
    as_of: str
    known_at: int
    entries: list[int]
    complete: bool
    sections: Sequence[Section]
    rows: Sequence[Row]
    text_zh: str
    text_en: str


class Act(TypedDict):
    """What a person did, or was named in."""

    orgs: list[str]


class Footprint(TypedDict):
    person: str
    roles: Sequence[Row]
    acts: Mapping[str, int]
    rows: Sequence[Act]


class FourEyes(TypedDict):
    edition: str | None
    rows: Sequence[Row]


class ScoreCell(TypedDict):
    """The score of one reviewer for one case."""

    case: str
    reviewer: str
    total: str
    event: str


class StageOfScores(TypedDict):
    matrix: Sequence[ScoreCell]
    cases: Mapping[str, Row]
    revisions: Sequence[Row]
    void: Sequence[Row]
    recused: Sequence[Row]
    similarity: Sequence[Row]
    without: Sequence[Row]


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
