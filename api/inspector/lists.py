"""Inquiries that list how things stand: next steps, duties, reviewers, holders, notices, statistics."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from msgspec import UNSET

from api.home.open_logs import OpenLog
from api.inspector.answers import Available, DutiesAhead, DutyRow, Reviewer, Row, Rows
from api.inspector.inquiry import Arguments, number
from api.sentences import sentence
from api.v1.axes import Axes
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.answer import NotDerivable, plain
from ledger.derivation.record import part
from ledger.errors import InvariantError, NotFoundError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.notice import PublicNoticeOpened
from ledger.events.reviewers import ReviewerQualified
from projections.as_of import Told, state, tell
from projections.duties import Duty
from projections.facts import AWARD_DUTIES, AWARD_STATUS, CASE_NEXT, CASE_PANEL, PUBLICATION
from projections.inquiry.flag_queue import editions_of
from projections.next_steps import NextStep
from projections.notice_state import notice_on
from projections.reviewers import eligibility_of
from projections.slices import history_for

T = TypeVar("T")


def steps_of(log: OpenLog, at: Axes, edition: str) -> dict[str, Told[NextStep]]:
    """What comes next for each case of an edition."""
    filed = log.ledger.acts(ApplicationFiled, f"ed:{edition}", until=at.known_at)
    if edition not in editions_of(log.ledger, at.known_at):
        raise NotFoundError("edition_unknown", sentence("no edition {edition} is known", edition=edition[:60]))
    cases = dict.fromkeys(p.case_id for _, p in filed)
    return {case: tell(log.ledger, CASE_NEXT, case, at.as_of, at.known_at) for case in cases}


def next_steps(log: OpenLog, at: Axes, given: Arguments) -> Rows:
    steps = steps_of(log, at, given["edition"])
    return {"rows": [{"case": case, **_short(told)} for case, told in steps.items()]}


def _short(told: Told[T]) -> dict[str, object]:
    """State and value of an answer, without what it rests on."""
    said = part(told.answer)
    return {"state": said.state, said.state: plain(told.answer.result)}


def duties(log: OpenLog, at: Axes, given: Arguments) -> DutiesAhead:
    until = at.as_of + timedelta(days=number(given, "days", 90) or 0)
    rows: list[DutyRow] = []
    for award, org in granted(log, at).items():
        if given.get("org") not in (None, org):
            continue
        told = tell(log.ledger, AWARD_DUTIES, award, at.as_of, at.known_at).answer
        if isinstance(told.result, NotDerivable):
            rows.append(
                {
                    "award_id": award,
                    "org": org,
                    "duty": "",
                    "period": "",
                    "due": None,
                    "state": "not_derivable",
                    "fulfilled_by": [],
                    "article": [],
                }
            )
        for duty in told.value().duties if told.is_value else ():
            to_come = duty.state in ("due", "at_risk", "not_yet") and duty.due is not None and duty.due <= until
            if duty.state == "overdue" or to_come:
                rows.append(duty_row(award, org, duty))
    rows.sort(key=lambda r: (r["due"] or "", r["award_id"], r["duty"]))
    return {"until": until.isoformat(), "rows": rows}


def duty_row(award: str, org: str, duty: Duty) -> DutyRow:
    return {
        "award_id": award,
        "org": org,
        "duty": duty.duty,
        "period": duty.period,
        "due": None if duty.due is None else duty.due.isoformat(),
        "state": duty.state,
        "fulfilled_by": list(duty.fulfilled_by),
        "article": list(duty.article),
        "rule": duty.rule,
    }


def granted(log: OpenLog, at: Axes) -> dict[str, str]:
    """Award -> its holder: all that are granted, however they stand."""
    acts = log.ledger.acts(AwardGranted, until=at.known_at)
    return {p.award_id: p.org for e, p in acts if e.statement.effective_on <= at.as_of}


def reviewers(log: OpenLog, at: Axes, given: Arguments) -> Available:
    """Everybody of the pool: may they act on the case, and does the panel then have its lawful size?"""
    case = given["case"]
    history = history_for(log.ledger, "case", case, at.known_at)
    pool = log.ledger.acts(ReviewerQualified, until=at.known_at)
    names = list(dict.fromkeys(p.reviewer_id for _, p in pool))
    events = list(history.events)
    for name in names:
        events += log.ledger.events(DCBQuery([DCBQueryItem(tags=[f"p:{name}"])]), until=at.known_at)
    live, _ = state(type(history)(events), log.ledger.packs(), at.as_of, at.known_at)
    rows: list[Reviewer] = []
    for name in names:
        standing, why = eligibility_of(live, name, case, None)
        rows.append(
            {
                "person": name,
                "state": standing,
                "free": standing in ("eligible", "not_on_panel", "undeclared"),
                "events": list(why),
            }
        )
    panel = tell(log.ledger, CASE_PANEL, case, at.as_of, at.known_at)
    return {"case": case, "panel": _short(panel), "rows": rows}


def holders(log: OpenLog, at: Axes, given: Arguments) -> Rows:
    rows = []
    for award, org in granted(log, at).items():
        told = tell(log.ledger, AWARD_STATUS, award, at.as_of, at.known_at)
        stands = part(told.answer)
        status = stands.value.status if stands.value is not UNSET else stands.state
        if given.get("status") in (None, status):
            rows.append({"award_id": award, "org": org, "status": status, **_short(told)})
    return {"rows": rows}


def notices(log: OpenLog, at: Axes, given: Arguments) -> Rows:
    """Running ones, or all: what each is on the day by its own days, and whether its end is on record."""
    opened = log.ledger.acts(PublicNoticeOpened, until=at.known_at)
    named = dict.fromkeys(p.notice_id for e, p in opened if e.statement.effective_on <= at.as_of)
    found = [notice_on(log.ledger, notice, at.as_of, at.known_at) for notice in named]
    rows = [_with_ruler(n) for n in found if n is not None]
    return {"rows": [r for r in rows if r["running"] or "all" in given]}


def _with_ruler(notice: Row) -> Row:
    """A notice with the state and value of its ruler among its members."""
    row = {k: v for k, v in notice.items() if k != "ruler"}
    match notice["ruler"]:
        case {"state": str(state), **ruler}:
            return {**row, "state": state, state: ruler[state]}
        case _:
            raise InvariantError("a notice without its ruler")


def statistics(log: OpenLog, at: Axes, given: Arguments) -> Rows:
    rows = []
    for edition in editions_of(log.ledger, at.known_at):
        told = tell(log.ledger, PUBLICATION, edition, at.as_of, at.known_at).answer
        if given.get("edition") not in (None, edition):
            continue
        if told.is_value:
            rows.append({"edition": edition, **plain(told.value().statistics)})
        elif isinstance(told.result, NotDerivable):
            rows.append({"edition": edition, "not_derivable": told.result.to_json()})
    return {"rows": rows}
