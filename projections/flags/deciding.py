"""RF17 to RF23 and RF56: the notice, objections, approval, lists and places."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import UNSET

from ledger.derivation.answer import Undetermined
from ledger.derivation.history import LiveEvent
from ledger.derivation.law import Resolved
from ledger.derivation.notices import BLOCKING_KINDS, ends_of_notice, notice_end
from ledger.derivation.quota import Winner, free_places, places_decided_on
from ledger.derivation.setting_aside import void_from_the_start
from ledger.derivation.words import listed, word
from ledger.events.after_award import AwardRevoked, RevocationProposed
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.evaluation import CandidateListProposed, CommitteeResolutionAdopted, ScoreSubmitted
from ledger.events.money import ClawbackOrdered
from ledger.events.notice import (
    ObjectionInvestigated,
    ObjectionRaised,
    ObjectionResolved,
    PublicNoticeClosed,
    PublicNoticeOpened,
)
from ledger.regulation.periods import UnknownCalendarYearError, add_workdays
from ledger.regulation.readings import COUNTING
from ledger.sentences import Pair, enumeration
from projections.flags.flag import Found, Gap, Hit, silent
from projections.flags.inspected import Inspected, before
from projections.labels import called
from projections.sentences import sentence, term


def candidate_notices(v: Inspected) -> list[LiveEvent[PublicNoticeOpened]]:
    """The first announcement of each notice of candidates."""
    first: dict[str, LiveEvent[PublicNoticeOpened]] = {}
    for event in v.of(PublicNoticeOpened, kind="candidates"):
        first.setdefault(event.payload.notice_id, event)
    return list(first.values())


def _counting_is_settled(v: Inspected, opened: LiveEvent[PublicNoticeOpened]) -> bool:
    """Has an interpretation chosen how the days of a notice are counted? Then no other way makes a doubt."""
    return v.enacted is not None and any(v.law.interpretation(v.enacted.pack.id, r, opened.on) for r in COUNTING)


_WAYS = {
    "working_days": sentence("by working days"),
    "calendar_days": sentence("by calendar days"),
    "first_day_counted": sentence("the first day counted"),
    "calendar_days_moved_on": sentence("by calendar days, a last day of rest moved on"),
}


def _counted(how: str) -> Pair:
    """A way of counting days in words."""
    ways: list[Pair] = [_WAYS.get(part, (part, part)) for part in how.split(",")]
    return enumeration(ways, term("ways of counting", " and "))


def notice_too_short(v: Inspected) -> Found:
    """RF17: public notice too short (ZY17(6) JD五(四)2 HY10(6) GZ21)."""
    stated = v.parameter("notice.min")
    if not stated.stated:
        yield silent(stated)
        return
    for opened in candidate_notices(v):
        name = opened.payload.notice_id
        ruler = notice_end(v.live, v.law, name)
        if not ruler.is_value:
            if isinstance(ruler.result, Undetermined):
                yield Gap(("notice", name), ruler.result)
            continue
        end = ruler.value().end
        closed = v.live.last(PublicNoticeClosed, notice_id=name)
        promised = max(e.payload.promised_end for e in v.of(PublicNoticeOpened, notice_id=name))
        actual = min([promised, *([closed.payload.closed_on] if closed else [])])
        if actual >= end:
            continue
        fits = [_counted(how) for how, day in ends_of_notice(v.live, v.law, name).items() if actual >= day]
        told = sentence(
            "notice {name} ended on {actual}, it had to run through {end}", name=name, actual=actual, end=end
        )
        yield Hit(
            ("notice", name),
            "C",
            actual,
            (opened, *([closed] if closed else [])),
            *(sentence("{ended}; long enough by {ways}", ended=told, ways=enumeration(fits)) if fits else told),
            articles=stated.why.articles,
            thresholds={"notice.min": stated.value, "unit": stated.unit, "end": end},
            disputed=bool(fits) and not _counting_is_settled(v, opened),
        )


def award_before_notice_end(v: Inspected) -> Found:
    """RF18: decided before the notice ended (ZY17(7) JD五(四)3 HY10(7) GZ22)."""
    stated = v.parameter("notice.min")
    if not stated.stated:
        yield silent(stated)
        return
    for case, (day, act) in _first_decisions(v).items():
        notices = [n for n in candidate_notices(v) if case in n.payload.cases]
        rulers = [(n, notice_end(v.live, v.law, n.payload.notice_id)) for n in notices]
        gaps = [r.result for _, r in rulers if isinstance(r.result, Undetermined)]
        lasted = [(n, r.value()) for n, r in rulers if r.is_value]
        lasted = [(n, r) for n, r in lasted if r.cut_short is UNSET] or lasted
        ends = [(r.end, n) for n, r in lasted]
        if any(day > end for end, _ in ends):
            continue
        if gaps:
            yield Gap(("case", case), gaps[0])
            continue
        open_ = [n for _, n in ends if not _counting_is_settled(v, n)]
        fits = [e for n in open_ for e in ends_of_notice(v.live, v.law, n.payload.notice_id).values() if day > e]
        yield Hit(
            ("case", case),
            "C",
            day,
            (act, *notices),
            *(
                sentence(
                    "{case} was decided on {day}, the notice runs through {end}", case=case, day=day, end=ends[0][0]
                )
                if ends
                else sentence("{case} was decided on {day}, without any notice", case=case, day=day)
            ),
            case,
            v.org(case),
            articles=stated.why.articles,
            thresholds={"notice.min": stated.value, "unit": stated.unit},
            disputed=bool(fits),
        )


def _first_decisions(v: Inspected) -> dict[str, tuple[date, LiveEvent]]:
    """The day on which each case was first decided or granted, and the act that did."""
    acts: list[tuple[date, LiveEvent, str | None]] = [
        (d.payload.decided_on, d, i.case)
        for d in v.of(GovernmentDecisionMade, subject="award")
        for i in d.payload.approved
    ]
    acts += [(g.payload.granted_on, g, g.payload.case_id) for g in v.grants.values()]
    first: dict[str, tuple[date, LiveEvent]] = {}
    for day, act, case in acts:
        if case is not None and v.holds(case) and (case not in first or day < first[case][0]):
            first[case] = (min(day, act.on), act)
    return first


def decided_before_announced_end(v: Inspected) -> Found:
    """RF56: decided before the end that was announced (ZY17(6),17(7) JD五(四)2,五(四)3 HY10(6),10(7) GZ21,22)."""
    for case, (day, act) in _first_decisions(v).items():
        running = [n for n in candidate_notices(v) if case in n.payload.cases and n.payload.opened_on <= day]
        if not running:
            continue
        name = running[-1].payload.notice_id
        said = [e for e in v.of(PublicNoticeOpened, notice_id=name) if e.on <= day]
        last = max(said, key=lambda e: e.payload.promised_end, default=running[-1])
        end = last.payload.promised_end
        if day > end:
            continue
        yield Hit(
            ("case", case),
            "H",
            day,
            (act, *said),
            *sentence(
                "{case} was decided on {day}; the public was told that notice {name} runs through {end}",
                case=case,
                day=day,
                name=name,
                end=end,
            ),
            case,
            v.org(case),
            articles=v.parameter("notice.min", last.on).why.articles,
            thresholds={"promised_end": end},
        )


def award_with_open_objection(v: Inspected) -> Found:
    """RF19: awarded with an objection open (JD五(四)2 HY10(7) GZ21,22 ZY17(6))."""
    handling = v.parameter("objection.handling", v.live.on)
    resolved = {e.payload.objection_id: e for e in v.live.of(ObjectionResolved)}
    decided: dict[str, LiveEvent] = {}
    for decision in v.of(GovernmentDecisionMade, subject="award"):
        decided |= {
            i.case: decision for i in decision.payload.approved if i.case and v.holds(i.case) and i.case not in decided
        }
    for grant in v.grants.values():
        decided.setdefault(grant.payload.case_id, grant)
    for case, act in decided.items():
        given: LiveEvent = next((g for g in v.grants.values() if g.payload.case_id == case), act)
        for raised in v.live.of(ObjectionRaised, case_id=case):
            end = resolved.get(raised.payload.objection_id)
            open_at = [a for a in (act, given) if raised.on <= a.on and (end is None or end.on > a.on)]
            if raised.payload.kind in BLOCKING_KINDS and open_at:
                yield Hit(
                    ("case", case),
                    "C",
                    open_at[0].on,
                    (open_at[0], raised, *([end] if end else [])),
                    *sentence(
                        "objection {objection_id} to {case} was open at the decision",
                        objection_id=raised.payload.objection_id,
                        case=case,
                    ),
                    case,
                    v.org(case),
                    articles=handling.why.articles,
                )


def objection_stalled_or_conflicted(v: Inspected) -> Found:
    """RF20: objection stalled, or investigated by those concerned (ZY10(7) JD二(二)4 HY23 GZ11(5))."""
    handling = v.parameter("objection.handling", v.live.on)
    most = v.audit("objection.max_workdays")
    for raised in v.of(ObjectionRaised):
        name, case = raised.payload.objection_id, raised.payload.case_id
        looked = v.live.of(ObjectionInvestigated, objection_id=name)
        ended = v.live.of(ObjectionResolved, objection_id=name)
        subject = ("objection", name)
        try:
            limit = add_workdays(raised.on, most, v.law.calendar)
        except UnknownCalendarYearError as error:
            yield Gap(
                subject,
                Undetermined(
                    f"calendar.{error.year}",
                    "B-3",
                    *sentence("the calendar of {year} is not recorded", year=error.year),
                ),
            )
            limit = date.max
        if v.live.on > limit and not any(e.on <= limit for e in (*looked, *ended)):
            yield Hit(
                subject,
                "M",
                limit + timedelta(days=1),
                (raised,),
                *sentence("objection {name} not looked into by {limit}", name=name, limit=limit),
                case,
                v.org(case) if case else None,
                articles=handling.why.articles,
                thresholds={"objection.max_workdays": most},
            )
        for look in looked:
            clash = _concerned(v, raised, look)
            if clash:
                yield Hit(
                    subject,
                    "H",
                    look.on,
                    (look, raised),
                    *sentence("objection {name} was investigated by {clash}, who is concerned", name=name, clash=clash),
                    case,
                    v.org(case) if case else None,
                    clash,
                    articles=handling.why.articles,
                )
        for e in ended:
            if e.payload.outcome not in ("not_admitted", "transferred") and not any(before(i, e) for i in looked):
                yield Hit(
                    subject,
                    "H",
                    e.on,
                    (e, raised),
                    *sentence("objection {name} was resolved without an investigation", name=name),
                    case,
                    v.org(case) if case else None,
                    articles=handling.why.articles,
                )


def _concerned(
    v: Inspected, raised: LiveEvent[ObjectionRaised], looked: LiveEvent[ObjectionInvestigated]
) -> str | None:
    p = raised.payload
    people: dict[str, None] = dict.fromkeys([looked.actor, *looked.payload.investigators])
    scored = {e.actor for e in v.of(ScoreSubmitted, case_id=p.case_id)} if p.case_id else set()
    office = {"SEC", "SECH"}
    against_office = p.person is not None and v.roles(p.person, looked.on) & office
    for person in people:
        if person == p.person or person in scored or (against_office and v.roles(person, looked.on) & office):
            return person
    return None


def approval_defective(v: Inspected) -> Found:
    """RF21: approval missing or by the wrong body (ZY17(7),23 JD五(四)3 HY10(7),19 GZ22,28,30)."""
    chain = v.parameter("approval.chain", v.live.on)
    for grant in v.grants.values():
        case = grant.payload.case_id
        found = v.live.of(GovernmentDecisionMade, decision_id=grant.payload.decision_id)
        approving = [d for d in found if any(i.case == case for i in d.payload.approved)]
        if not approving or before(grant, approving[0]):
            yield Hit(
                ("case", case),
                "C",
                grant.on,
                (grant, *approving),
                *sentence("no earlier decision approves the award of {case}", case=case),
                case,
                v.org(case),
                award=grant.payload.award_id,
                articles=chain.why.articles,
            )
            continue
        decision = approving[0]
        if chain.stated and decision.payload.form not in chain.words:
            yield Hit(
                ("case", case),
                "C",
                decision.on,
                (decision, grant),
                *sentence(
                    "decided by {form}, the text wants {chain}",
                    form=word(decision.payload.form),
                    chain=listed(chain.words),
                ),
                case,
                v.org(case),
                articles=chain.why.articles,
            )
        reviewed = [
            e
            for e in v.of(CommitteeResolutionAdopted, subject="chair_review")
            if any(a.case == case for a in e.payload.approved) and before(e, decision)
        ]
        if chain.stated and "chair_review" in chain.words and not reviewed:
            yield Hit(
                ("case", case),
                "C",
                decision.on,
                (decision,),
                *sentence("{case} was not reviewed by the chair", case=case),
                case,
                v.org(case),
                articles=chain.why.articles,
            )
    yield from _later_approval(v)


def _later_approval(v: Inspected) -> Found:
    for act in v.of(AwardRevoked, ClawbackOrdered):
        p = act.payload
        if isinstance(p, AwardRevoked) and v.enacted is not None:
            steps = v.parameter(f"revoke.{p.ground}.steps", act.on)
            yield from _skipped_steps(v, act, p, steps)
            if steps.stated and "government_decision" not in steps.words:
                continue
        found = [
            d
            for d in v.live.of(GovernmentDecisionMade, decision_id=p.decision_id)
            if any(i.award_id == p.award_id for i in d.payload.approved)
        ]
        if not found or before(act, found[0]):
            stated = v.parameter("revoke.decided_by" if isinstance(p, AwardRevoked) else "approval.chain", act.on)
            yield Hit(
                ("award", p.award_id),
                "C",
                act.on,
                (act, *found),
                *sentence(
                    "no earlier decision approves {act} of {award_id}", act=called(act.payload), award_id=p.award_id
                ),
                org=p.org,
                award=p.award_id,
                articles=stated.why.articles,
            )


def _skipped_steps(v: Inspected, revoked: LiveEvent, p: AwardRevoked, steps: Resolved) -> Found:
    """The office's request and the committee's resolution, where the text has them (B-61: the request always)."""
    award, case = p.award_id, v.grants[p.award_id].payload.case_id if p.award_id in v.grants else None
    wanted = steps.words if steps.stated else ("office_request",)
    done = {
        "office_request": [e for e in v.live.of(RevocationProposed, award_id=award) if before(e, revoked)],
        "committee_resolution": [
            e
            for e in v.of(CommitteeResolutionAdopted, subject="revocation_proposal")
            if any(a.case == case for a in e.payload.approved) and before(e, revoked)
        ],
    }
    names = {
        "office_request": sentence("the request of the office"),
        "committee_resolution": sentence("the resolution of the committee"),
    }
    for step in [s for s in wanted if s in done and not done[s]] if case is not None else []:
        yield Hit(
            ("award", award),
            "C",
            revoked.on,
            (revoked,),
            *sentence("the revocation of {award} lacks {step}", award=award, step=names[step]),
            case,
            p.org,
            award=award,
            articles=steps.why.articles,
        )


def granted_outside_list(v: Inspected) -> Found:
    """RF22: granted outside the lists (ZY17 JD五(四) HY10(5)-(7) GZ20-22)."""
    names = {
        "candidate_list": sentence("the candidate list"),
        "committee_decision": sentence("the resolution of the committee"),
        "notice": sentence("the public notice"),
        "decision": sentence("the decision of the government"),
    }
    yield from _notice_lists(v)
    for grant in v.grants.values():
        case, kind = grant.payload.case_id, grant.payload.award
        lists: dict[str, list[tuple[LiveEvent, str | None]]] = {
            "candidate_list": [
                (e, r.award) for e in v.of(CandidateListProposed) for r in e.payload.rows if r.case == case
            ],
            "committee_decision": [
                (e, a.award)
                for e in v.of(CommitteeResolutionAdopted, subject="proposed_awardees")
                for a in e.payload.approved
                if a.case == case
            ],
            "notice": [(e, None) for e in candidate_notices(v) if case in e.payload.cases],
            "decision": [
                (e, i.award)
                for e in v.of(GovernmentDecisionMade, subject="award")
                for i in e.payload.approved
                if i.case == case
            ],
        }
        missing = [n for n in names if not lists[n] and n in v.steps]
        other = [(n, e, k) for n, found in lists.items() for e, k in found[-1:] if k not in (None, kind)]
        if missing:
            yield Hit(
                ("case", case),
                "C",
                grant.on,
                (grant,),
                *sentence(
                    "{case} was awarded and is not in {lists}", case=case, lists=enumeration(names[n] for n in missing)
                ),
                case,
                v.org(case),
                award=grant.payload.award_id,
                articles=v.parameter("procedure", v.live.on).why.articles,
            )
        for name, event, stated in other[:1]:
            yield Hit(
                ("case", case),
                "C",
                grant.on,
                (grant, event),
                *sentence(
                    "{case} was given {kind}, {name} says {value}", case=case, kind=kind, name=names[name], value=stated
                ),
                case,
                v.org(case),
                award=grant.payload.award_id,
            )


def _notice_lists(v: Inspected) -> Found:
    """A notice names the cases that the committee approved, no more and no fewer."""
    for notice in candidate_notices(v):
        earlier = [r for r in v.of(CommitteeResolutionAdopted, subject="proposed_awardees") if before(r, notice)]
        approved = {a.case for r in earlier for a in r.payload.approved}
        more = sorted(set(notice.payload.cases) - approved)
        left = sorted(approved - {c for n in candidate_notices(v) for c in n.payload.cases})
        if earlier and (more or left):
            yield Hit(
                ("notice", notice.payload.notice_id),
                "H",
                notice.on,
                (notice, earlier[-1]),
                *sentence(
                    "notice {name} differs from the resolution: beyond it {more}, left out {left}",
                    name=notice.payload.notice_id,
                    more=enumeration(more) if more else term("of cases", "none"),
                    left=enumeration(left) if left else term("of cases", "none"),
                ),
            )


def quota_exceeded(v: Inspected) -> Found:
    """RF23: more than the places (JD一(五) HY3 GZ6)."""
    granted = {g.payload.case_id: g for g in v.grants.values() if not void_from_the_start(v.live, g.payload.award_id)}
    void = {g.payload.case_id for g in v.grants.values()} - granted.keys()
    resolutions = v.of(CommitteeResolutionAdopted, subject="proposed_awardees")
    coming = {a.case: (a.award, r) for r in resolutions for a in r.payload.approved}
    winners = [Winner(c, k) for c, (k, _) in coming.items() if c in v.filed and c not in void]
    winners += [Winner(c, g.payload.award) for c, g in granted.items() if c not in coming]
    places = free_places(v.live, v.law, v.edition, winners, places_decided_on(v.live, v.edition))
    if winners and not any(p.maximum is not None for p in places):
        yield from (silent(p.stated) for p in places[:1] if not p.stated.stated)
        return
    for place in places:
        if place.maximum is not None and place.used > place.maximum:
            events: tuple[LiveEvent, ...] = tuple(granted.values()) or tuple(resolutions)
            yield Hit(
                ("edition", v.edition),
                "C",
                max(e.on for e in events),
                (events[-1], *events[:-1]),
                *sentence(
                    "{used} hold or are proposed for {name}, at most {maximum}",
                    used=place.used,
                    name=place.name,
                    maximum=place.maximum,
                ),
                articles=place.stated.why.articles,
                thresholds={place.of: place.maximum},
            )
