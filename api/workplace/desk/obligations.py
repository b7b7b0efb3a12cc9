"""What is due or overdue, when validity and bans end, and the same as a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NotRequired

from msgspec import UNSET

from api.inspector.answers import DutiesAhead, DutyRow
from api.inspector.inquiries import DUTIES
from api.inspector.inquiry import Asked
from api.inspector.lists import duty_row, granted
from api.sentences import sentence
from api.workplace.calendar_file import Entry, Status, calendar_file, sequence_of
from api.workplace.sheets import Desk
from ledger.derivation.answer import Why, plain
from ledger.regulation.citations import cited
from projections.as_of import tell
from projections.facts import AWARD_DUTIES, AWARD_STATUS, ORG_BANS

#: States of duties that a calendar shows otherwise than as they stand.
_STATUS: dict[str, Status] = {"lapsed": "CANCELLED", "undetermined": "TENTATIVE"}


def days_ahead(d: Desk) -> str:
    """How far the page looks, as its address says it."""
    return d.query.get("days") or "365"


def ahead(d: Desk) -> Asked[DutiesAhead]:
    """Duties, with the ends of validity and bans among them."""
    told = d.ask(DUTIES, days=days_ahead(d), org=d.query.get("org", ""))
    until, today = told.answer["until"], d.at.as_of.isoformat()
    ends = [r for r in _ends(d) if r["due"] is not None and today <= r["due"] <= until and r["state"] == "due"]
    rows = sorted([*told.answer["rows"], *ends], key=lambda r: (r["due"] or "", r["award_id"], r["duty"]))
    return replace(told, answer={"until": until, "rows": rows})


def _holders(d: Desk) -> dict[str, str]:
    """Award -> its holder, of one organisation where one is asked for."""
    wanted = d.query.get("org", "")
    return {award: org for award, org in granted(d.log, d.at).items() if wanted in ("", org)}


class End(DutyRow):
    """The end of a validity or a ban, told as a duty is; ``cause`` is what brought a ban."""

    packs: list[str]
    events: list[str]
    cause: NotRequired[str]


def _ends(d: Desk) -> Iterator[End]:
    """When validity and bans end or ended, with article and events; the validity of a revoked award has lapsed."""
    holders = _holders(d)
    for award, org in holders.items():
        told = tell(d.log.ledger, AWARD_STATUS, award, d.at.as_of, d.at.known_at).answer
        last = told.value().valid_until if told.is_value else UNSET
        if isinstance(last, date):
            lapsed = told.value().status in ("revoked", "set_aside")
            yield _end(d, award, org, "validity_end", last.isoformat(), told.why, lapsed=lapsed)
    for org in dict.fromkeys(holders.values()):
        bans = tell(d.log.ledger, ORG_BANS, org, d.at.as_of, d.at.known_at).answer
        for ban in bans.value().bans if bans.is_value else ():
            end = _end(d, ban.award_id or "", org, "ban_end", plain(ban.until), bans.why)
            end["cause"] = ban.cause
            yield end


def _end(d: Desk, award: str, org: str, duty: str, due: str, why: Why, *, lapsed: bool = False) -> End:
    return {
        "award_id": award,
        "org": org,
        "duty": duty,
        "period": "",
        "due": due,
        "state": "lapsed" if lapsed else "due" if d.at.as_of.isoformat() <= due else "passed",
        "fulfilled_by": [],
        "article": list(why.articles),
        "packs": list(why.packs),
        "events": list(why.events),
    }


def calendar(d: Desk, stamp: str) -> bytes:
    """Every deadline up to the last day asked for, as a file: also those that were met or lapsed, so that a calendar
    which took an earlier file learns it.
    """
    until = d.ask(DUTIES, days=days_ahead(d)).answer["until"]
    obligations = d.say(sentence("duties"))
    return calendar_file(
        f"{d.log.ledger.origin} {obligations}", _entries(d, until), stamp, sequence_of(d.at.as_of, d.at.known_at)
    )


def _entries(d: Desk, until: str) -> Iterator[Entry]:
    for award, org in _holders(d).items():
        told = tell(d.log.ledger, AWARD_DUTIES, award, d.at.as_of, d.at.known_at).answer
        for duty in told.value().duties if told.is_value else ():
            if duty.due is not None and duty.due.isoformat() <= until:
                yield _entry(d, duty_row(award, org, duty), duty.due)
    for row in _ends(d):
        if row["due"] is not None and row["due"] <= until:
            yield _entry(d, row, date.fromisoformat(row["due"]), row.get("cause", ""))


def _entry(d: Desk, row: DutyRow, due: date, cause: str = "") -> Entry:
    identity = (d.log.ledger.origin, row["award_id"], row["org"], row["duty"], row["period"], cause)
    said = (row["org"], d.word(row["state"], "state", "award.duties"), d.say(cited(row["article"])))
    return Entry(
        due,
        f"{d.word(row['duty'], 'duty')} {row['award_id']}".strip(),
        " · ".join(x for x in said if x),
        "\n".join(identity),
        _STATUS.get(row["state"], "CONFIRMED"),
    )
