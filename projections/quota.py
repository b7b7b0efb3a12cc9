"""D11: places of an edition by award kind and sector group, used and free."""

from __future__ import annotations

from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.editions import edition_opened, pinned_pack
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Enacted, Law
from ledger.derivation.standing import rewin
from ledger.statement import edition_of


def quota(live: Live, law: Law, edition_id: str) -> Answer[dict[str, Any]]:
    """Per award kind: max (None where the text sets no number), used, free, who counts and who does not; sectors.

    A later revocation does not free a place.
    """
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable("到该日届次未启动", "the edition was not opened by that day"))
    enacted = pinned_pack(live, law, edition_id)
    grants = [e for e in live.of("AwardGranted") if edition_of(e.payload.case_id) == edition_id]
    value: dict[str, Any] = {}
    why = Why(events=(opened.id, *(g.id for g in grants)))
    for award in opened.payload.awards:
        counted: list[LiveEvent] = []
        exempt: list[LiveEvent] = []
        for grant in (g for g in grants if g.payload.award == award):
            answer = rewin(live, law, grant.payload.award_id)
            why |= answer.why
            (counted if answer.value()["counts_quota"] else exempt).append(grant)
        limit, limit_why = _limit(law, enacted, opened, award)
        why |= limit_why
        sectors, sector_why = _sectors(live, law, enacted, opened, counted)
        why |= sector_why
        value[award] = {
            "max": limit, "used": len(counted), "free": None if limit is None else limit - len(counted),
            "counted": [g.payload.org for g in counted], "not_counted": [g.payload.org for g in exempt], "sectors": sectors,
        }  # fmt: skip
    return Answer(value, why)


def _limit(law: Law, enacted: Enacted | None, opened: LiveEvent, award: str) -> tuple[int | None, Why]:
    override = (opened.payload.quota_override or {}).get(award)
    if override is not None:
        return int(override), Why(events=(opened.id,), readings=("B-29:default",))
    stated = law.parameter(enacted, f"quota.max.{award}", opened.on)
    return (int(stated.value) if stated.stated else None), stated.why


def _sectors(
    live: Live, law: Law, enacted: Enacted | None, opened: LiveEvent, counted: list[LiveEvent]
) -> tuple[list[dict[str, Any]], Why]:
    stated = law.parameter(enacted, "quota.by_sector", opened.on)
    if not stated.stated:
        return [], Why()
    _, reading = law.reading(enacted, "reading.sector_quota", opened.on)
    rows = []
    for group in stated.value:
        used = sum(_sector_of(live, grant) in group["sectors"] for grant in counted)
        rows.append({"group": group["group"], "max": group["max"], "used": used, "free": group["max"] - used})
    return rows, stated.why | reading


def _sector_of(live: Live, grant: LiveEvent) -> str | None:
    filed = live.last("ApplicationFiled", case_id=grant.payload.case_id)
    return str(filed.payload.sector) if filed else None
