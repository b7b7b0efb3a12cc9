"""Events of rules and calendar."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ledger.events.kinds import Count, Day, EventId, Hash, Id, Json, Text, Year
from ledger.events.registry import Payload, event
from ledger.sentences import term


class InForceRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a text takes effect: on publication, N days after it, or on a fixed day."""

    kind: Literal["on_publication", "days_after", "fixed"]
    days: Count | None = None
    on: Day | None = None


@event(
    "RegulationEnacted",
    *term("act", "Regulation enacted or amended"),
    signers="GOV+OPR",
    tags="rg:pack_id",
    serves="ZY30 JD八 HY29 JS二,四.2,四.10 GZ34",
    guard="in_force_on = rule(issued_on); a draft has none; pack bytes known by hash",
)
class RegulationEnacted(Payload, frozen=True):
    pack_id: Id
    version: Text
    encoding: Annotated[int, Meta(ge=1, le=10_000)]
    kind: Literal["enactment", "amendment", "consultation_draft", "legacy_stub"]
    title: Text
    status: Literal["draft", "in_force", "interpretation_only", "legacy_stub"]
    in_force_rule: InForceRule
    text_hash: Hash
    pack_hash: Hash
    transition: Literal["pinned", "latest"]
    doc_no: Text | None = None
    adopted_on: Day | None = None
    issued_on: Day | None = None
    in_force_on: Day | None = None
    supersedes: Text | None = None


@event(
    "RegulationRepealed",
    *term("act", "Regulation repealed"),
    signers="GOV",
    tags="rg:repealed_by",
    serves="ZY30 JD八 HY27 JS四.10 GZ34",
    guard="target known (a legacy stub suffices)",
)
class RegulationRepealed(Payload, frozen=True):
    pack_or_doc_no: Text
    repealed_on: Day
    repealed_by: Id


@event(
    "RegulationInterpreted",
    *term("act", "Regulation interpreted"),
    signers="GOV / CHR[by_resolution]",
    tags="rg:pack_id x:resolution_id",
    serves="closes G01-G31, B-1..B-93",
    guard="the parameter is silent, unknown or a named reading; never overrides an explicit text",
)
class RegulationInterpreted(Payload, frozen=True):
    pack_id: Id
    param_path: Text
    value: Json
    applies_from: Day
    retroactive: bool
    reasoning_hash: Hash
    gap_id: Text | None = None
    resolution_id: EventId | None = None


@event(
    "CalendarPublished",
    *term("act", "Calendar published"),
    signers="OPR+SECH",
    tags="cal:year",
    serves="ZY17(6) HY10(6) JD五(四)2 GZ21 JD八",
    guard="all dates within the year; a day is not both",
)
class CalendarPublished(Payload, frozen=True):
    year: Year
    holidays: list[Day]
    makeup_workdays: list[Day]
    source_doc_no: Text
    supersedes: EventId | None = None
