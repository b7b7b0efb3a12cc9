"""D24: what the public may see of an edition, on an allow-list of clear fields (B-84).

Never here: single scores, reviewers, reasons of those who did not win, complainants. An expired award stays with its
mark, a revoked one too.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ledger.derivation.answer import Answer, NotApplicable, Why
from ledger.derivation.editions import edition_opened
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.money import money
from ledger.derivation.notices import notice_end
from ledger.derivation.quota import quota
from ledger.derivation.standing import award_status
from ledger.events.application import ApplicationFiled, EligibilityDecided
from ledger.events.decision import AnnouncementPublished, AwardGranted
from ledger.events.notice import PublicNoticeClosed, PublicNoticeOpened
from ledger.statement import edition_of
from projections.deriving import derived


def publication(live: Live, law: Law, edition_id: str) -> Answer[dict[str, Any]]:
    """D24 of one edition: the call, running and past notices, awards and revocations, announcements, totals."""
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable("到该日届次未启动", "the edition was not opened by that day"))
    notices, notice_why = _notices(live, law, edition_id)
    awards, award_why = _awards(live, law, edition_id)
    own = {a["award_id"] for a in awards}
    announced = [e for e in live.of(AnnouncementPublished) if own & set(e.payload.awards)]
    statistics, statistics_why = _statistics(live, law, edition_id, awards)
    value = {
        "call": {
            "number": opened.payload.number,
            "year": opened.payload.year,
            "window_from": opened.payload.window_from,
            "window_to": opened.payload.window_to,
            "awards": list(opened.payload.awards),
        },
        "notices": notices,
        "awards": awards,
        "announcements": [
            {"event": e.id, "kind": e.payload.kind, "published_on": e.payload.published_on, "doc_no": e.payload.doc_no}
            for e in announced
        ],
        "statistics": statistics,
    }
    why = Why(events=(opened.id, *(e.id for e in announced))) | notice_why | award_why | statistics_why
    return Answer(value, why)


def _notices(live: Live, law: Law, edition_id: str) -> tuple[list[dict[str, Any]], Why]:
    rows, why = [], Why()
    for notice_id in dict.fromkeys(e.payload.notice_id for e in live.of(PublicNoticeOpened, edition_id=edition_id)):
        p = live.of(PublicNoticeOpened, notice_id=notice_id)[-1].payload
        closed = live.last(PublicNoticeClosed, notice_id=notice_id)
        ruler = derived(f"notice.end of {notice_id}", partial(notice_end, live, law, notice_id))
        filed = {c: live.last(ApplicationFiled, case_id=c) for c in p.cases}
        rows.append(
            {
                "notice_id": notice_id,
                "kind": p.kind,
                "opened_on": p.opened_on,
                "promised_end": p.promised_end,
                "running": closed is None,
                "contact": p.contact,
                "channels": list(p.channels),
                "names": [{"org": f.payload.org, "award": f.payload.award} for f in filed.values() if f],
                "ruler": {k: v for k, v in ruler.to_json().items() if k != "why"},
            }
        )
        why |= ruler.why
    return rows, why


def _awards(live: Live, law: Law, edition_id: str) -> tuple[list[dict[str, Any]], Why]:
    rows, why = [], Why()
    for grant in live.of(AwardGranted):
        if edition_of(grant.payload.case_id) != edition_id:
            continue
        award_id = grant.payload.award_id
        answer = derived(f"award.status of {award_id}", partial(award_status, live, law, award_id))
        row = {k: v for k, v in answer.to_json().items() if k != "why"}
        rows.append({"award_id": award_id, "org": grant.payload.org, "award": grant.payload.award, **row})
        why |= answer.why
    return rows, why


def _statistics(live: Live, law: Law, edition_id: str, awards: list[dict[str, Any]]) -> tuple[dict[str, Any], Why]:
    checks = [e for e in live.of(EligibilityDecided) if edition_of(e.payload.case_id) == edition_id]
    decided = {e.payload.case_id: e.payload.outcome for e in checks}
    filings = [e for e in live.of(ApplicationFiled) if edition_of(e.payload.case_id) == edition_id]
    filed = {e.payload.case_id for e in filings}
    ids = [a["award_id"] for a in awards]
    accounts = [derived(f"award.money of {a}", partial(money, live, law, a)) for a in ids]
    totals = [account.value() for account in accounts if account.is_value]
    places = derived(f"edition.quota of {edition_id}", partial(quota, live, law, edition_id))
    why = Why(events=tuple(e.id for e in (*filings, *checks))) | places.why
    for account in accounts:
        why |= account.why
    used = {k: {"max": v["max"], "used": v["used"]} for k, v in places.value().items()} if places.is_value else {}
    value: dict[str, Any] = {
        "applications": len(filed),
        "ineligible": sum(outcome == "ineligible" for outcome in decided.values()),
        "awards": len(awards),
        "revoked": sum(a.get("value", {}).get("status") == "revoked" for a in awards),
        "quota": used,
        "prize_paid": sum(t["paid"] for t in totals),
        "clawback_received": sum(t["clawback_received"] for t in totals),
    }
    left_out = [a for a, account in zip(ids, accounts, strict=True) if not account.is_value]
    if left_out:
        value["without_money_of"] = left_out
    return value, why
