"""Awards, validity, re-wins, bans and the earliest re-application (D16, D17, D20, D21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import edition_number, pinned_pack
from ledger.derivation.history import Live, LiveEvent, next_day
from ledger.derivation.law import Enacted, Law
from ledger.regulation.pack import Absence
from ledger.regulation.periods import add_years, period_end
from ledger.statement import edition_of

#: Severity scale of IncidentRecorded, ascending.
SEVERITY = ("na", "general", "larger", "major", "extraordinary")


@dataclass(frozen=True, slots=True)
class Award:
    """One award and the events around it that its standing rests on."""

    award_id: str
    granted: LiveEvent
    decision: LiveEvent | None
    revoked: LiveEvent | None
    enacted: Enacted | None

    @property
    def kind(self) -> str:
        return str(self.granted.payload.award)

    @property
    def org(self) -> str:
        return str(self.granted.payload.org)

    @property
    def edition(self) -> str:
        return edition_of(self.granted.payload.case_id)

    @property
    def label(self) -> str:
        """Award name and edition, as people write it: 区长质量奖/ZY-2023."""
        names = self.enacted.pack.awards.get(self.kind) if self.enacted else None
        return f"{names.zh if names else self.kind}/{self.edition}"


def award_of(live: Live, law: Law, award_id: str) -> Award | None:
    """The award by its id, if it was granted by D."""
    granted = live.last("AwardGranted", award_id=award_id)
    if granted is None:
        return None
    revoked = [e for e in live.known_of("AwardRevoked", award_id=award_id) if _revocation_counts(e, live.on)]
    return Award(
        award_id,
        granted,
        live.last("GovernmentDecisionMade", decision_id=granted.payload.decision_id),
        revoked[-1] if revoked else None,
        pinned_pack(live, law, edition_of(granted.payload.case_id)),
    )


def awards_of(live: Live, law: Law, org: str) -> list[Award]:
    """Every award granted to an organisation by D, in folding order."""
    ids = dict.fromkeys(e.payload.award_id for e in live.of("AwardGranted", org=org))
    return [award for award in (award_of(live, law, i) for i in ids) if award is not None]


def _revocation_counts(event: LiveEvent, on: date) -> bool:
    return bool(event.payload.void_from == "origin" or event.payload.effective_on <= on)


def validity(live: Live, law: Law, award: Award) -> Answer[tuple[date, date]]:
    """First and last day of validity, both inclusive (B-9, B-10)."""
    period = law.parameter(award.enacted, "validity", award.granted.on)
    why = Why(events=(award.granted.id,)) | period.why
    start, start_why = _validity_start(live, law, award)
    why |= start_why
    if not period.stated:
        return Answer(period.undetermined(), why)
    if start is None:
        return Answer(_no_start(), why)
    last = period_end(start, period.value, period.unit or "year", law.calendar)  # type: ignore[arg-type]
    return Answer((start, last), why | Why(readings=("B-10:default",)))


def _validity_start(live: Live, law: Law, award: Award) -> tuple[date | None, Why]:
    chosen, why = law.reading(award.enacted, "reading.validity_runs_from", award.granted.on)
    match chosen:
        case "award_document":
            return award.granted.payload.granted_on, why
        case "announcement":
            published = [
                e for e in live.of("AnnouncementPublished", kind="award") if award.award_id in e.payload.awards
            ]
            return (
                (published[0].payload.published_on, why | Why(events=(published[0].id,))) if published else (None, why)
            )
        case "ceremony":
            issued = live.of("CertificateIssued", award_id=award.award_id)
            return (issued[0].payload.on, why | Why(events=(issued[0].id,))) if issued else (None, why)
        case _:
            if award.decision is None:
                return None, why
            return award.decision.payload.decided_on, why | Why(events=(award.decision.id,))


def _no_start() -> Undetermined:
    return Undetermined(
        "reading.validity_runs_from",
        "B-9/G17",
        "起算所依据的文件未登记",
        "the document from which validity runs is not recorded",
    )


def award_status(live: Live, law: Law, award_id: str) -> Answer[dict[str, Any]]:
    """D16: valid, expired, revoked or granted without a rule of validity; with the interval."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    answer = validity(live, law, award)
    value: dict[str, Any] = {
        "award": award.kind,
        "label": award.label,
        "org": award.org,
        "edition": award.edition,
        "granted_on": award.granted.payload.granted_on,
    }
    why = answer.why | Why(events=(award.granted.id,))
    if award.revoked is not None:
        value |= {
            "status": "revoked",
            "revoked_on": _revoked_on(award),
            "ground": award.revoked.payload.ground,
            "basis": list(award.revoked.recorded.statement.basis),
        }
        if answer.is_value:
            value |= {"valid_from": answer.value()[0], "valid_until": answer.value()[1]}
        return Answer(value, why | Why(events=(award.revoked.id,)) | _ground_articles(law, award))
    if answer.is_value:
        start, last = answer.value()
        status = "valid" if live.on <= last else "expired"
        value |= {"status": status, "valid_from": start, "valid_until": last}
        value |= _stated_differs(award, last)
        return Answer(value, why, frozenset({next_day(last)}))
    if law.parameter(award.enacted, "validity", award.granted.on).absence is Absence.SILENT:
        value |= {"status": "granted_no_validity_rule"}
        return Answer(value, why | Why(readings=("B-58:default",)))
    return Answer(answer.result, why)  # type: ignore[arg-type]


def _revoked_on(award: Award) -> date:
    assert award.revoked is not None
    p = award.revoked.payload
    day: date = award.granted.payload.granted_on if p.void_from == "origin" else p.effective_on
    return day


def _stated_differs(award: Award, last: date) -> dict[str, Any]:
    stated = award.granted.payload.stated_valid_until
    return {"stated_valid_until": stated} if stated is not None and stated != last else {}


def _ground_articles(law: Law, award: Award) -> Why:
    assert award.revoked is not None
    return law.parameter(award.enacted, f"revoke.{award.revoked.payload.ground}.publish", award.revoked.on).why


def rewin(live: Live, law: Law, award_id: str) -> Answer[dict[str, Any]]:
    """D17: is this a first win or a re-win, and what follows for prize and quota."""
    award = award_of(live, law, award_id)
    if award is None:
        return Answer(NotApplicable("到该日尚未授予", "not granted by that day"))
    prior = [
        a
        for a in awards_of(live, law, award.org)
        if (a.granted.on, a.granted.position) < (award.granted.on, award.granted.position)
    ]
    same = [a for a in prior if a.kind == award.kind]
    why = Why(events=(award.granted.id, *(a.granted.id for a in prior)))
    after_revoked = bool(same) and all(a.revoked is not None for a in same)
    value: dict[str, Any] = {
        "first": not same,
        "prior": [
            {
                "award_id": a.award_id,
                "award": a.kind,
                "edition": a.edition,
                "revoked": a.revoked is not None,
            }
            for a in prior
        ],
        "after_revocation": after_revoked,
        "certificate": True,
    }
    counts, counts_why = _counts_in_quota(law, award, rewinning=bool(same), after_revoked=after_revoked)
    return Answer(value | {"counts_quota": counts}, why | counts_why)


def _counts_in_quota(law: Law, award: Award, *, rewinning: bool, after_revoked: bool) -> tuple[bool, Why]:
    if not rewinning:
        return True, Why()
    exempt = law.parameter(award.enacted, "rewin.counts_quota", award.granted.on)
    if after_revoked:
        chosen, why = law.reading(award.enacted, "reading.rewin_after_revocation", award.granted.on)
        if chosen != "rewin":
            return True, why
    if exempt.stated:
        return bool(exempt.value), exempt.why
    chosen, why = law.reading(award.enacted, "reading.rewin_silent_quota", award.granted.on)
    return chosen == "counted", exempt.why | why


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
        found.append(ban)
        why |= ban_why
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
    unsettled = [w["undetermined"] for w in without if "undetermined" in w]
    if unsettled and not current:
        return Answer(unsettled[0], why, frozenset(turns))
    value["no_ban_laid_down"] = [
        {k: v.to_json() if isinstance(v, Undetermined) else v for k, v in w.items()} for w in without
    ]
    return Answer(value, why, frozenset(turns))


def _ban_of_revocation(live: Live, law: Law, award: Award) -> tuple[dict[str, Any], Why]:
    assert award.revoked is not None
    event = award.revoked
    ground = event.payload.ground
    period = law.parameter(award.enacted, f"revoke.{ground}.ban", event.on)
    why = Why(events=(event.id,)) | period.why
    base = {"kind": "revocation", "cause": event.id, "ground": ground, "award_id": award.award_id}
    if not period.stated:
        if period.absence is Absence.SILENT:
            return base | {"gap": period.gap}, why
        return base | {"undetermined": period.undetermined()}, why
    chosen, start_why = law.reading(award.enacted, "reading.ban_runs_from", event.on)
    decision = live.last("GovernmentDecisionMade", decision_id=event.payload.decision_id)
    start = event.payload.effective_on
    if chosen == "decision":
        if decision is None:
            gap = Undetermined(
                "reading.ban_runs_from",
                "B-17/G01",
                "撤销决定未登记",
                "the decision of revocation is not recorded",
            )
            return base | {"undetermined": gap}, why | start_why
        start, why = decision.payload.decided_on, why | Why(events=(decision.id,))
    scope = law.parameter(award.enacted, "ban.scope", event.on)
    until = period_end(start, period.value, period.unit or "year", law.calendar)  # type: ignore[arg-type]
    why |= start_why | scope.why
    articles = list(period.why.articles)
    return base | {
        "scope": list(scope.value or ("own",)),
        "from": start,
        "until": until,
        "articles": articles,
    }, why


def _fraud_lookback(live: Live, law: Law, org: str) -> list[tuple[dict[str, Any], Why]]:
    """A bar after cheating in an assessment, won or not (ZY14(5); B-60: from the act)."""
    result = []
    for event in [
        *live.of("CaseDisqualified", org=org, ground="fraud"),
        *live.of("IncidentRecorded", org=org, category="award_fraud"),
    ]:
        enacted = law.in_force(event.on)
        if event.type == "CaseDisqualified":
            enacted = pinned_pack(live, law, edition_of(event.payload.case_id)) or enacted
        period = law.parameter(enacted, "fraud_lookback", event.on)
        if not period.stated:
            continue
        start = event.payload.occurred_on if event.type == "IncidentRecorded" else event.on
        ban = {
            "kind": "lookback",
            "cause": event.id,
            "ground": "award_fraud",
            "scope": ["own"],
            "from": start,
            "until": add_years(start, period.value),
            "articles": list(period.why.articles),
        }
        result.append((ban, Why(events=(event.id,), readings=("B-60:default",)) | period.why))
    return result


def _joint_punishment(live: Live, law: Law, org: str) -> list[tuple[dict[str, Any], Why]]:
    """Organisations listed for joint punishment may not apply while listed (JS四.6)."""
    result = []
    for event in live.of("IncidentRecorded", org=org, category="joint_punishment"):
        bars = law.parameter(law.in_force(event.on), "joint_punishment.bars", event.on)
        if bars.stated and bars.value and event.payload.until is not None:
            ban = {
                "kind": "joint_punishment",
                "cause": event.id,
                "ground": "joint_punishment",
                "scope": ["own"],
                "from": event.payload.determined_on,
                "until": event.payload.until,
                "articles": list(bars.why.articles),
            }
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
    for hit, hit_why in lookback_hits(live, law, org, live.on):
        reasons.append(hit)
        why |= hit_why
        turns.add(hit["date"])
    dated = [r for r in reasons if "date" in r and r["date"] > live.on]
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
    rule = law.parameter(award.enacted, f"reapply.{award.kind}", award.granted.on)
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


def lookback_hits(live: Live, law: Law, org: str, filing: date) -> list[tuple[dict[str, Any], Why]]:
    """Incidents within the look-back of a filing day that bar the organisation; each until its exclusion ends."""
    enacted = law.in_force(filing)
    years = law.parameter(enacted, "lookback", filing)
    rules = law.parameter(enacted, "lookback.rules", filing)
    if not (years.stated and rules.stated):
        return []
    repair = law.parameter(enacted, "credit_repair.allowed", filing)
    result = []
    for event in live.of("IncidentRecorded", org=org):
        p = event.payload
        end = add_years(p.occurred_on, years.value)
        rule = next((r for r in rules.value if matches_lookback(r, p)), None)
        if rule is None or not p.responsible or not p.occurred_on <= filing <= end:
            continue
        repaired = live.of("CreditRepairConfirmed", incident_id=p.incident_id)
        if repaired and repair.stated and repair.value:
            continue
        assert enacted is not None
        hit = {
            "reason": "lookback",
            "incident": event.id,
            "category": p.category,
            "date": next_day(end),
            "articles": [f"{enacted.pack.id}:{rule['article']}"],
        }
        result.append((hit, Why(events=(event.id,), readings=("B-12/G18:default",)) | rules.why))
    return result


def matches_lookback(rule: dict[str, Any], incident: Any) -> bool:
    """Equality on enumerations only: category, level, and severity at least the rule's."""
    if rule["category"] != incident.category:
        return False
    if "levels" in rule and incident.level not in rule["levels"]:
        return False
    needed = rule["severity"]
    if needed == "any":
        return True
    if needed == "fatal":
        return bool(incident.fatal)
    return SEVERITY.index(incident.severity) >= SEVERITY.index(needed)
