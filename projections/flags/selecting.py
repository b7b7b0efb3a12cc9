"""RF10, RF11 and RF15: the order of steps, the lists that narrow, and the record of the visit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from ledger.derivation.cases import case_status, eligible_cases
from ledger.derivation.history import LiveEvent
from ledger.derivation.procedure import evidences
from ledger.derivation.scores import decisive_score
from ledger.events.edition import EditionClosed
from ledger.events.evaluation import (
    ApplicantNotified,
    CandidateListProposed,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    RevieweeFeedbackGiven,
    ShortlistDecided,
)
from ledger.events.kinds import Stage
from ledger.regulation.tables import SiteDays
from projections.flags.flag import Found, Hit, silent
from projections.flags.inspected import Inspected, before, imported
from projections.flags.scoring import total
from projections.labels import called
from projections.sentences import sentence


def step_out_of_order(v: Inspected) -> Found:
    """RF10: steps out of order (ZY17 JD五 HY10 GZ16-22)."""
    for case, filed in v.filed.items():
        if imported(filed):
            continue
        status = case_status(v.live, v.law, case)
        wrong = (
            [e for i in status.value().out_of_order if (e := v.live.by_id(i)) is not None] if status.is_value else []
        )
        articles = v.parameter("procedure", v.live.on).why.articles
        if wrong:
            yield Hit(
                ("case", case),
                "H",
                wrong[0].on,
                tuple(wrong),
                *sentence("{case}: {entry} is out of order", case=case, entry=called(wrong[0].payload)),
                case,
                v.org(case),
                articles=articles,
            )
            continue
        done = evidences(v.live, v.law, [step for step in v.steps if step not in _UNORDERED], case)
        for earlier, later in pairwise(done):
            if later.position < earlier.position and earlier.on <= later.on:
                yield Hit(
                    ("case", case),
                    "H",
                    earlier.on,
                    (later, earlier),
                    *sentence(
                        "{case}: {later} was recorded before {earlier}",
                        case=case,
                        later=called(later.payload),
                        earlier=called(earlier.payload),
                    ),
                    case,
                    v.org(case),
                    articles=articles,
                )
                break


#: Steps after the award, and the call, of which one serves many cases, may be recorded in any order.
_UNORDERED = frozenset({"call", "circular", "certificate", "prize", "publication"})


def selection_anomaly(v: Inspected) -> Found:
    """RF11: selection does not follow the scores (JD五(三)2 HY10(3) ZY17(4)(5) GZ18)."""
    most = v.parameter("shortlist.max")
    chosen: set[str] = set()
    for shortlist in v.of(ShortlistDecided):
        p = shortlist.payload
        chosen |= set(p.selected)
        if most.stated and len(p.selected) > most.number:
            yield Hit(
                ("edition", v.edition),
                "H",
                shortlist.on,
                (shortlist,),
                *sentence("{selected} on site, at most {most}", selected=len(p.selected), most=most.value),
                articles=most.why.articles,
                thresholds={"shortlist.max": most.value},
            )
        named = {*p.selected, *(n.case for n in p.not_selected)}
        for case in eligible_cases(v.at(shortlist.on, shortlist.position), v.edition):
            if case not in named:
                yield Hit(
                    ("case", case),
                    "H",
                    shortlist.on,
                    (shortlist,),
                    *sentence("{case} is eligible and the list does not name it", case=case),
                    case,
                    v.org(case),
                    articles=most.why.articles,
                )
    if v.of(ShortlistDecided):
        for visit in v.of(OnsiteVisitHeld):
            if visit.payload.case_id not in chosen:
                yield Hit(
                    ("case", visit.payload.case_id),
                    "H",
                    visit.on,
                    (visit,),
                    *sentence("{case_id} was visited without being selected", case_id=visit.payload.case_id),
                    visit.payload.case_id,
                    v.org(visit.payload.case_id),
                )
    for proposal in v.of(CandidateListProposed):
        yield from _list_problems(v, proposal, chosen)


def _list_problems(v: Inspected, proposal: LiveEvent[CandidateListProposed], chosen: set[str]) -> Found:
    p = proposal.payload
    for row in p.rows:
        if chosen and row.case not in chosen:
            yield Hit(
                ("case", row.case),
                "H",
                proposal.on,
                (proposal,),
                *sentence("{case} is a candidate without being selected", case=row.case),
                row.case,
                v.org(row.case),
            )
        derived = decisive_score(v.at(proposal.on, proposal.position), v.law, row.case)[0]
        if (
            row.score is not None
            and derived is not None
            and Decimal(row.score) != derived.quantize(Decimal(row.score), ROUND_HALF_UP)
        ):
            yield Hit(
                ("case", row.case),
                "H",
                proposal.on,
                (proposal,),
                *sentence(
                    "{case}: the list says {score}, the scores give {derived}",
                    case=row.case,
                    score=row.score,
                    derived=derived,
                ),
                row.case,
                v.org(row.case),
                thresholds={"derived": str(derived)},
            )
    if "/industry_balance_note" in proposal.recorded.statement.sd:
        return
    for award in dict.fromkeys(r.award for r in p.rows):
        rows = sorted((r for r in p.rows if r.award == award), key=lambda r: r.rank)
        left = [c for c in p.not_listed if v.filed.get(c) is not None and v.filed[c].payload.award == award]
        yield from _inverted(v, proposal, "onsite", [r.case for r in rows], left)
        scored = [(r, s) for r in rows if (s := decisive_score(v.live, v.law, r.case)[0]) is not None]
        for (high, high_score), (low, low_score) in pairwise(scored):
            if high_score < low_score:
                yield Hit(
                    ("case", low.case),
                    "H",
                    proposal.on,
                    (proposal,),
                    *sentence(
                        "{case} ({low_score}) ranks after {other} ({high_score}) with no reason on record",
                        case=low.case,
                        low_score=low_score,
                        other=high.case,
                        high_score=high_score,
                    ),
                    low.case,
                    v.org(low.case),
                )


def _inverted(v: Inspected, decision: LiveEvent, stage: Stage, inside: Sequence[str], outside: Sequence[str]) -> Found:
    then = v.at(decision.on, decision.position)
    scores = {c: s for c in (*inside, *outside) if (s := total(v, then, c, stage)) is not None}
    lowest = min((scores[c] for c in inside if c in scores), default=None)
    for case in outside:
        if lowest is not None and case in scores and scores[case] > lowest:
            yield Hit(
                ("case", case),
                "H",
                decision.on,
                (decision,),
                *sentence(
                    "{case} ({other}) was left out for one with {lowest} and no reason on record",
                    case=case,
                    other=scores[case],
                    lowest=lowest,
                ),
                case,
                v.org(case),
            )


def onsite_record_defect(v: Inspected) -> Found:
    """RF15: record of the on-site review incomplete (HY10(3),10(4),22)."""
    confirm, days, feedback, tell = (
        v.parameter(f"onsite.{n}") for n in ("report_confirmed", "days", "reviewee_feedback", "notify_not_shortlisted")
    )
    if not any(p.stated for p in (confirm, days, feedback, tell)):
        yield silent(confirm)
        return
    if confirm.yes:
        for proposal in v.of(CandidateListProposed):
            for row in proposal.payload.rows:
                given = [e for e in v.of(OnsiteReportConfirmed, case_id=row.case) if before(e, proposal)]
                if not given or given[-1].payload.outcome == "refused":
                    yield Hit(
                        ("case", row.case),
                        "H",
                        proposal.on,
                        (proposal, *given[-1:]),
                        *sentence("the on-site report of {case} was not confirmed by the applicant", case=row.case),
                        row.case,
                        v.org(row.case),
                        articles=confirm.why.articles,
                    )
    closed = v.of(EditionClosed)[:1]
    for visit in v.of(OnsiteVisitHeld):
        case, length = visit.payload.case_id, (visit.payload.to_on - visit.payload.from_on).days + 1
        wanted = days.table(SiteDays) if days.stated else None
        if wanted is not None and not wanted.min <= length <= wanted.max:
            yield Hit(
                ("case", case),
                "L",
                visit.on,
                (visit,),
                *sentence("{case} was visited for {length} days", case=case, length=length),
                case,
                v.org(case),
                articles=days.why.articles,
                thresholds=wanted.members(),
            )
        if feedback.yes and closed and not v.of(RevieweeFeedbackGiven, case_id=case):
            yield Hit(
                ("case", case),
                "L",
                closed[0].on,
                (closed[0], visit),
                *sentence("no feedback of the reviewee of {case}", case=case),
                case,
                v.org(case),
                articles=feedback.why.articles,
            )
    if tell.yes:
        yield from _untold(v, tell.why.articles, closed)


def _untold(v: Inspected, articles: tuple[str, ...], closed: list[LiveEvent[EditionClosed]]) -> Found:
    told = {e.payload.case_id for e in v.of(ApplicantNotified, about="not_shortlisted")}
    ends = [*v.of(CandidateListProposed)[:1], *closed]
    for shortlist in v.of(ShortlistDecided):
        for left in shortlist.payload.not_selected:
            if left.case not in told and ends:
                yield Hit(
                    ("case", left.case),
                    "M",
                    ends[0].on,
                    (shortlist, ends[0]),
                    *sentence("{case} was left out and not told", case=left.case),
                    left.case,
                    v.org(left.case),
                    articles=articles,
                )
