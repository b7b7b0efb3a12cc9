"""Bans, bars that look back from a filing, and the earliest re-application (D20, D21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ledger.derivation.answer import Answer, Undetermined, Why
from ledger.derivation.editions import edition_number, pinned_pack
from ledger.derivation.history import Live, next_day
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.lookback import hits
from ledger.derivation.standing import Award, awards_of, by_decision, validity
from ledger.derivation.succession import carried, predecessors
from ledger.events.after_award import IncidentRecorded
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.notice import CaseDisqualified
from ledger.regulation.pack import Absence
from ledger.regulation.periods import period_end
from ledger.statement import edition_of


def bans(live: Live, law: Law, org: str) -> Answer[dict[str, Any]]:
    """D20: every ban known for D, current, past or still to come; and grounds for which no ban is laid down."""
    found: list[dict[str, Any]] = []
    without: list[dict[str, Any]] = []
    why, turns = Why(), set[date]()
    for award in awards_of(live, law, org):
        if award.revoked is not None:
            ban, ban_why = _ban_of_revocation(live, law, award)
            why |= ban_why
            (found if "until" in ban else without).append(ban)
    for ban, ban_why in [*_fraud_lookback(live, law, org), *_joint_punishment(live, law, org)]:
        (found if "until" in ban else without).append(ban)
        why |= ban_why
    before, heritage_why = _of_predecessors(live, law, org)
    found += [ban | {"of": row["org"]} for row in before if row["carried_by"] for ban in row["bans"]]
    why |= heritage_why
    if not found:
        why |= _what_bans(law, live.on)
    for ban in found:
        turns |= {ban["from"], next_day(ban["until"])}
    current = [b for b in found if b["from"] <= live.on <= b["until"]]
    own = [b for b in current if "own" in b["scope"]]
    value = {
        "banned": bool(own),
        # The ban that a revocation brings, apart from bars that look back from a filing (B-60 shows both).
        "last_day": max((b["until"] for b in own if b["kind"] == "revocation"), default=None),
        "barred_until": max((b["until"] for b in own), default=None),
        "bans": found,
        "no_ban_laid_down": without,
    }
    if before:
        value["predecessors"] = before
    unsettled = [w["undetermined"] for w in without if "undetermined" in w]
    if unsettled and not current:
        return Answer(unsettled[0], why, frozenset(turns))
    value["no_ban_laid_down"] = [
        {k: v.to_json() if isinstance(v, Undetermined) else v for k, v in w.items()} for w in without
    ]
    return Answer(value, why, frozenset(turns))


def _what_bans(law: Law, on: date) -> Why:
    """By what nobody is banned who is not: the articles in force that lay down a ban, and those that lay down none."""
    why, enacted = Why(), law.in_force(on)
    for ground in enacted.pack.grounds if enacted is not None else ():
        stated = law.parameter(enacted, f"revoke.{ground}.ban", on)
        why |= replace(stated.why, events=())
        if stated.absence is Absence.SILENT:
            why |= _silence(law, enacted, ground, stated, on)
    for path in ("fraud_lookback", "joint_punishment.bars"):
        why |= replace(law.parameter(enacted, path, on).why, events=())
    return why


def _silence(law: Law, enacted: Enacted | None, ground: str, stated: Resolved, on: date) -> Why:
    """The articles that give a ground lay down no ban; what their silence means is a reading."""
    path = "reading.no_ban_stated" if stated.gap == "G07" else "reading.silent_consequence"
    return replace(law.about_ground(enacted, ground, on), events=()) | law.reading(enacted, path, on)[1]


def _of_predecessors(live: Live, law: Law, org: str) -> tuple[list[dict[str, Any]], Why]:
    """Bans of those whom the organisation succeeds; they bind it only where a decision says so (B-65)."""
    decided = {c.predecessor: c.decision for c in carried(live, org, "bans")}
    rows, why = [], Why()
    for predecessor, event_id in predecessors(live, org).items():
        answer = bans(live, law, predecessor)
        own = answer.value()["bans"] if answer.is_value else []
        if own:
            rows.append({"org": predecessor, "carried_by": decided.get(predecessor), "bans": own})
            why |= answer.why | Why(events=(event_id,), readings=("B-65/G25:default",))
            why |= Why(events=(decided[predecessor],)) if predecessor in decided else Why()
    return rows, why


def _ban_of_revocation(live: Live, law: Law, award: Award) -> tuple[dict[str, Any], Why]:
    assert award.revoked is not None
    event = award.revoked
    ground = event.payload.ground
    period, chosen_why = by_decision(live, law, award, f"revoke.{ground}.ban", event.payload.decision_id, event.on)
    why = Why(events=(event.id,)) | period.why | chosen_why
    base = {"kind": "revocation", "cause": event.id, "ground": ground, "award_id": award.award_id}
    if not period.stated:
        if period.absence is Absence.SILENT:
            return base | {"gap": period.gap}, why | _silence(law, award.enacted, ground, period, event.on)
        return base | {"undetermined": period.undetermined()}, why
    chosen, start_why = law.reading(award.enacted, "reading.ban_runs_from", event.on)
    decision = live.last(GovernmentDecisionMade, decision_id=event.payload.decision_id)
    start = event.payload.effective_on
    if chosen == "decision":
        steps = law.parameter(award.enacted, f"revoke.{ground}.steps", event.on)
        if decision is None and steps.stated and "government_decision" not in steps.value:
            # The text has another body decide; its act is the revocation itself.
            return _running(live, law, award, base, period, start, why | start_why)
        if decision is None:
            gap = Undetermined(
                "reading.ban_runs_from",
                "B-17/G01",
                "撤销决定未登记",
                "the decision of revocation is not recorded",
            )
            return base | {"undetermined": gap}, why | start_why
        start, why = decision.payload.decided_on, why | Why(events=(decision.id,))
    return _running(live, law, award, base, period, start, why | start_why)


def _running(
    live: Live, law: Law, award: Award, base: dict[str, Any], period: Resolved, start: date, why: Why
) -> tuple[dict[str, Any], Why]:
    """The interval of a ban from its first day; a period of nothing is no ban."""
    assert award.revoked is not None
    if period.value == 0:
        return base | {"gap": ""}, why
    scope = law.parameter(award.enacted, "ban.scope", award.revoked.on)
    until = period_end(start, period.value, period.period_unit, law.calendar)
    return base | {
        "scope": list(scope.value or ("own",)),
        "from": start,
        "until": until,
        "articles": list(period.why.articles),
    }, why | _its_own(scope.why, period.why)


def _its_own(scope: Why, ban: Why) -> Why:
    """Of a scope that several articles state together, those by which the ban itself is laid down."""
    own = tuple(a for a in scope.articles if a.partition("(")[0] in {b.partition("(")[0] for b in ban.articles})
    return replace(scope, articles=own or scope.articles)


def _fraud_lookback(live: Live, law: Law, org: str) -> list[tuple[dict[str, Any], Why]]:
    """A bar after cheating in an assessment, won or not (ZY14(5); B-60: from the act)."""
    result = []
    for event in [
        *live.of(CaseDisqualified, org=org, ground="fraud"),
        *live.of(IncidentRecorded, org=org, category="award_fraud"),
    ]:
        enacted = law.in_force(event.on)
        if isinstance(event.payload, CaseDisqualified):
            enacted = pinned_pack(live, law, edition_of(event.payload.case_id)) or enacted
        period = law.parameter(enacted, "fraud_lookback", event.on)
        if not period.stated:
            continue
        start = event.payload.occurred_on if isinstance(event.payload, IncidentRecorded) else event.on
        ban = {
            "kind": "lookback",
            "cause": event.id,
            "ground": "award_fraud",
            "scope": ["own"],
            "from": start,
            "until": period_end(start, period.value, period.period_unit, law.calendar),
            "articles": list(period.why.articles),
        }
        result.append((ban, Why(events=(event.id,), readings=("B-60:default",)) | period.why))
    return result


def _joint_punishment(live: Live, law: Law, org: str) -> list[tuple[dict[str, Any], Why]]:
    """Organisations listed for joint punishment may not apply while listed (JS四.6)."""
    result = []
    for event in live.of(IncidentRecorded, org=org, category="joint_punishment"):
        bars = law.parameter(law.in_force(event.on), "joint_punishment.bars", event.on)
        if not (bars.stated and bars.value):
            continue
        ban: dict[str, Any] = {
            "kind": "joint_punishment",
            "cause": event.id,
            "ground": "joint_punishment",
            "scope": ["own"],
            "from": event.payload.determined_on,
            "articles": list(bars.why.articles),
        }
        if event.payload.until is not None:
            ban["until"] = event.payload.until
        else:
            ban["undetermined"] = Undetermined(
                "incident.until",
                "JS-14a",
                "列入联合惩戒，但未登记解除日期",
                "listed for joint punishment, no end recorded",
            )
        result.append((ban, Why(events=(event.id,)) | bars.why))
    return result


def earliest_reapply(live: Live, law: Law, org: str, kind: str) -> Answer[dict[str, Any]]:
    """D21: from when the organisation may apply for an award kind, the binding reason first, the others beside."""
    reasons: list[dict[str, Any]] = []
    why, turns = Why(), set[date]()
    for award in awards_of(live, law, org):
        if award.kind != kind or award.revoked is not None:
            continue
        reason = _reapply_reason(live, law, award)
        if isinstance(reason, Answer):
            return Answer(reason.result, reason.why)
        reasons.append(reason[0])
        why |= reason[1]
    banned = bans(live, law, org)
    why |= banned.why
    turns |= banned.turns_on
    if banned.is_value:
        reasons += [
            {
                "reason": "ban",
                "ground": b["ground"],
                "date": next_day(b["until"]),
                "articles": b["articles"],
            }
            for b in banned.value()["bans"]
            if "own" in b["scope"] and b["until"] >= live.on
        ]
    for hit in hits(live, law, law.in_force(live.on), org, live.on):
        reasons.append(hit.to_json())
        why |= hit.why
    dated = [r for r in reasons if "date" in r and r["date"] > live.on and r.get("certain", True)]
    numbered = [r for r in reasons if "edition_no" in r]
    binding = max(dated, key=lambda r: r["date"], default=None)
    value = {
        "date": binding["date"] if binding else None,
        "edition_no": max((r["edition_no"] for r in numbered), default=None),
        "binding": binding or (max(numbered, key=lambda r: r["edition_no"]) if numbered else None),
        "reasons": reasons,
    }
    turns |= {r["date"] for r in reasons if "date" in r}
    return Answer(value, why, frozenset(turns))


def _reapply_reason(live: Live, law: Law, award: Award) -> tuple[dict[str, Any], Why] | Answer[Any]:
    rule = law.parameter(law.in_force(live.on) or award.enacted, f"reapply.{award.kind}", live.on)
    base = Why(events=(award.granted.id,)) | rule.why
    named = {"award_id": award.award_id, "articles": list(rule.why.articles)}
    if not rule.stated:
        if rule.absence is Absence.SILENT:
            return {"reason": "no_rule", "gap": rule.gap, **named}, base
        return Answer(rule.undetermined(), base)
    match rule.value["kind"]:
        case "after_expiry":
            answer = validity(live, law, award)
            if not answer.is_value:
                return Answer(answer.result, answer.why)
            return {
                "reason": "validity",
                "date": next_day(answer.value()[1]),
                **named,
            }, base | answer.why
        case "gap_editions":
            number = edition_number(live, award.edition)
            if number is None:
                gap = Undetermined(
                    "edition.number",
                    "B-22",
                    f"{award.edition} 的届次未登记",
                    f"the number of edition {award.edition} is not recorded",
                )
                return Answer(gap, base)
            chosen, why = law.reading(award.enacted, "reading.gap_editions", award.granted.on)
            extra = 1 if chosen == "whole_editions_between" else 0
            return {
                "reason": "gap_editions",
                "edition_no": number + rule.value["editions"] + extra,
                **named,
            }, base | why
        case _:
            return {"reason": "at_once", **named}, base
