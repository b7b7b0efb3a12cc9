"""D23: everything about one organisation in one answer: awards, cases, bans, incidents, money, duties, may it apply."""

from __future__ import annotations

from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.bans import bans, earliest_reapply
from ledger.derivation.cases import FINAL, case_status
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.lookback import Hit, hits
from ledger.derivation.money import org_money
from ledger.derivation.standing import award_status, awards_of
from ledger.derivation.succession import predecessors
from ledger.events.after_award import SanctionImposed, TitleMisuseFound
from ledger.events.application import ApplicationFiled
from ledger.events.edition import EditionOpened
from ledger.events.identity import PrincipalRegistered, PrincipalUpdated
from projections.duties import duties


def standing(live: Live, law: Law, org: str) -> Answer[dict[str, Any]]:
    """D23 at D: may it apply today is yes, no with the reason, or undetermined with the gap, per award kind."""
    registered = live.last(PrincipalRegistered, principal_id=org)
    if registered is None:
        return Answer(NotApplicable("到该日尚未登记", "not registered by that day"))
    why = Why(events=(registered.id,))
    parts = {"awards": awards_of(live, law, org)}
    awards, overdue = [], []
    for award in parts["awards"]:
        status, owed = award_status(live, law, award.award_id), duties(live, law, award.award_id)
        awards.append({"award_id": award.award_id, **_short(status)})
        overdue += [d | {"award_id": award.award_id} for d in owed.value()["duties"] if d["state"] == "overdue"]
        why |= status.why | owed.why
    cases = list(dict.fromkeys(e.payload.case_id for e in live.of(ApplicationFiled, org=org)))
    stages = {c: case_status(live, law, c) for c in cases}
    states = {c: stage.value()["state"] for c, stage in stages.items()}
    banned, money = bans(live, law, org), org_money(live, law, org)
    found = hits(live, law, law.in_force(live.on), org, live.on)
    sanctions = live.of(SanctionImposed, subject=org)
    misuse = live.of(TitleMisuseFound, org=org)
    why |= banned.why | money.why | Why(events=tuple(e.id for e in (*sanctions, *misuse)))
    for rest in (*(stage.why for stage in stages.values()), *(hit.why for hit in found)):
        why |= rest
    may_apply, apply_why = _may_apply(live, law, org, found)
    why |= apply_why
    value = {
        "name": _name(live, org),
        "awards": awards,
        "open_cases": {c: s for c, s in states.items() if s not in FINAL},
        "bans": _short(banned),
        "lookback": [h.to_json() for h in found],
        "sanctions": [{"event": e.id, "measure": e.payload.measure, "on": e.on} for e in sanctions],
        "title_misuse": [{"event": e.id, "kind": e.payload.kind, "on": e.on} for e in misuse],
        "money": _short(money),
        "duties_overdue": overdue,
        "predecessors": list(predecessors(live, org)),
        "may_apply": may_apply,
    }
    return Answer(value, why, banned.turns_on | money.turns_on)


def _short(answer: Answer[Any]) -> dict[str, Any]:
    return {k: v for k, v in answer.to_json().items() if k != "why"}


def _name(live: Live, org: str) -> str | None:
    renamed = [e.payload.new_name for e in live.of(PrincipalUpdated, principal_id=org) if e.payload.new_name]
    registered = live.last(PrincipalRegistered, principal_id=org)
    return renamed[-1] if renamed else registered.payload.org_name if registered else None


def _may_apply(live: Live, law: Law, org: str, found: list[Hit]) -> tuple[dict[str, Any], Why]:
    enacted = law.in_force(live.on)
    if enacted is None:
        return {}, Why()
    result, why = dict[str, Any](), Why()
    for kind in enacted.pack.awards:
        answer = earliest_reapply(live, law, org, kind)
        why |= answer.why
        if isinstance(answer.result, Undetermined):
            result[kind] = {"answer": "undetermined", "undetermined": answer.result.to_json()}
            continue
        value = answer.value()
        unclear = [h.to_json() for h in found if not h.bars]
        if value["binding"] is not None and (value["date"] is not None or _number_lies_ahead(live, value)):
            result[kind] = {"answer": "no", "reason": value["binding"]}
        elif unclear:
            result[kind] = {"answer": "undetermined", "reasons": unclear}
        else:
            result[kind] = {"answer": "yes", "reasons": value["reasons"]}
    return result, why


def _number_lies_ahead(live: Live, value: dict[str, Any]) -> bool:
    """The first edition that is open to the organisation again has not been announced yet."""
    if value["edition_no"] is None:
        return False
    return all(e.payload.number < value["edition_no"] for e in live.of(EditionOpened))
