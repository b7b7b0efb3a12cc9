"""RF51 to RF53 and RF58: what was decided and not done, and what documents say that the rules do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from ledger.derivation.answer import NotApplicable, Undetermined
from ledger.derivation.history import LiveEvent
from ledger.derivation.objects import objects_of
from ledger.derivation.owed_back import expected_clawback
from ledger.derivation.standing import award_of, rewin, term, wins_before
from ledger.derivation.words import listed, word
from ledger.events.after_award import AwardRevoked, RevocationProposed, SanctionImposed
from ledger.events.decision import AnnouncementPublished, AwardGranted, CertificateIssued
from ledger.events.edition import EditionClosed
from ledger.events.notice import CaseDisqualified, ObjectionRaised, ObjectionResolved
from ledger.events.oversight import EventAnnulled, EventCorrected
from ledger.events.registry import Payload
from ledger.events.reviewers import RecusalOrdered
from ledger.sentences import enumeration
from projections.flags.flag import Found, Gap, Hit, Off, Severity, silent
from projections.flags.inspected import Inspected, before
from projections.sentences import sentence


def upheld_objection_not_executed(v: Inspected) -> Found:
    """RF51: objection upheld and not acted on (ZY17(6) JD五(四)2 HY10(7),19,23 GZ21)."""
    days = timedelta(days=v.audit("follow_up_days"))
    handling = v.parameter("objection.handling", v.live.on)
    for ended in v.of(ObjectionResolved):
        p = ended.payload
        raised = v.live.last(ObjectionRaised, objection_id=p.objection_id)
        if p.outcome not in ("upheld", "partly") or raised is None:
            continue
        case = raised.payload.case_id
        awarded = [g for g in v.grants.values() if case is not None and g.payload.case_id == case and before(ended, g)]
        undone = [m for m in p.measures if m != "none" and not _carried_out(v, m, raised, ended, ended.on + days)]
        kept = "disqualify" in undone and bool(awarded)
        if kept or (undone and v.live.on > ended.on + days):
            severity: Severity = "C" if kept else "H"
            since = awarded[0].on if kept else ended.on + days + timedelta(days=1)
            told = sentence(
                "objection {objection_id} was upheld; not done: {undone}",
                objection_id=p.objection_id,
                undone=listed(undone),
            )
            yield Hit(
                ("objection", p.objection_id),
                severity,
                since,
                (ended, raised, *awarded[:1]),
                *(sentence("{upheld}; the case was awarded", upheld=told) if kept else told),
                case,
                v.org(case) if case else None,
                articles=handling.why.articles,
                thresholds={"follow_up_days": days.days},
            )


_CARRIES: dict[str, tuple[type[Payload], ...]] = {
    "disqualify": (CaseDisqualified,),
    "recuse": (RecusalOrdered,),
    "sanction": (SanctionImposed,),
    "correct": (EventCorrected, EventAnnulled),
    "revoke_proposal": (RevocationProposed,),
}


def _carried_out(
    v: Inspected, measure: str, raised: LiveEvent[ObjectionRaised], ended: LiveEvent, deadline: date
) -> bool:
    case, org, person = raised.payload.case_id, raised.payload.org, raised.payload.person
    subjects = {t for t in (case and f"c:{case}", org and f"o:{org}", person and f"p:{person}") if t}
    if case is not None and v.org(case) is not None:
        subjects.add(f"o:{v.org(case)}")
    for event in v.live.of(*_CARRIES[measure]):
        tags = set(event.recorded.statement.tags)
        cited = ended.id in event.recorded.statement.causes or f"x:{ended.id}" in tags
        if (
            (cited or subjects & tags or measure == "correct")
            and event.position > raised.position
            and event.on <= deadline
        ):
            return True
    return False


def stated_value_differs(v: Inspected) -> Found:
    """RF52: a document says something else than the rules (ZY24,27 HY17,19 GZ23,27,28,30 (AUD))."""
    for award, act, zh, en, stated, derived, articles in _statements(v):
        if stated is not None and derived is not None and stated != derived:
            yield Hit(
                ("award", award),
                "M",
                act.on,
                (act,),
                *sentence(
                    "{award}: the document says {name} {stated}, the rules {derived}",
                    award=award,
                    name=(zh, en),
                    stated=_told(stated),
                    derived=_told(derived),
                ),
                award=award,
                org=act.payload.org,
                articles=articles,
                thresholds={"derived": derived},
            )


#: A day, an amount in fen, or whether something is so; None where there is none.
Compared = date | int | bool | None


class Statement(NamedTuple):
    """What the document of an award states, in words of both languages, beside what the rules give."""

    award: str
    act: LiveEvent[AwardGranted | AwardRevoked]
    zh: str
    en: str
    stated: Compared
    derived: Compared
    articles: tuple[str, ...]


def _statements(v: Inspected) -> Iterator[Statement]:
    for award_id, grant in v.grants.items():
        award = award_of(v.live, v.law, award_id)
        if award is None:
            continue
        p = grant.payload
        interval = term(v.live, v.law, award)
        yield Statement(
            award_id,
            grant,
            *sentence("valid until"),
            p.stated_valid_until,
            interval.value()[1] if interval.is_value else None,
            interval.why.articles,
        )
        won = rewin(v.at(grant.on), v.law, award_id)
        yield Statement(
            award_id,
            grant,
            *sentence("counts against the quota"),
            p.stated_counts_quota,
            won.value().counts_quota if won.is_value else None,
            won.why.articles,
        )
        if award.revoked is not None:
            r = award.revoked.payload
            claw = expected_clawback(v.live, v.law, award)
            yield Statement(
                award_id,
                award.revoked,
                *sentence("clawback (fen)"),
                r.stated_clawback,
                claw.result if isinstance(claw.result, int) else None,
                claw.why.articles,
            )
            back = v.parameter(f"revoke.{r.ground}.return", award.revoked.on)
            yield Statement(
                award_id,
                award.revoked,
                *sentence("return of the certificate"),
                r.stated_return,
                back.yes if back.stated else None,
                back.why.articles,
            )


def _told(value: Compared) -> object:
    """Yes or no in words; a day or a number as it is."""
    if not isinstance(value, bool):
        return value
    return sentence("yes") if value else sentence("no")


def result_not_published(v: Inspected) -> Found:
    """RF53: result not published (JD五(四)3 HY10(7) GZ22 JS四.7)."""
    wanted = v.parameter("result.published", v.live.on)
    steps = [s for s in ("publication", "circular") if s in v.steps]
    if not wanted.yes and not steps:
        yield silent(wanted)
        return
    closed = v.of(EditionClosed)[:1]
    told = [e for e in v.live.of(AnnouncementPublished) if e.payload.kind in ("award", "circular")]
    for award, grant in v.grants.items():
        deadline = min([grant.on + timedelta(days=v.audit("follow_up_days")), *(c.on for c in closed)])
        if v.live.on > deadline and not any(award in e.payload.awards and e.on <= deadline for e in told):
            yield Hit(
                ("award", award),
                "M",
                deadline + timedelta(days=1),
                (grant, *closed),
                *sentence("{award} was not published", award=award),
                grant.payload.case_id,
                grant.payload.org,
                award=award,
                articles=wanted.why.articles or v.parameter("procedure", v.live.on).why.articles,
                thresholds={"follow_up_days": v.audit("follow_up_days")},
            )


def objects_on_a_rewin(v: Inspected) -> Found:
    """RF58: objects on a re-win (ZY27 HY17 GZ27)."""
    for award_id, grant in v.grants.items():
        issued = v.live.of(CertificateIssued, award_id=award_id)
        award = award_of(v.live, v.law, award_id)
        if not issued or award is None or wins_before(v.live, v.law, award).first:
            continue
        objects = objects_of(v.live, v.law, award)
        match objects.result:
            case Undetermined():
                yield Gap(("award", award_id), objects.result)
                continue
            case NotApplicable():
                yield Off(objects.result.zh, objects.result.en)
                continue
            case _:
                kinds = objects.value()
        for event in issued:
            more = [item for item in event.payload.items if item.kind not in kinds]
            if more:
                yield Hit(
                    ("award", award_id),
                    "M",
                    event.on,
                    (event, grant),
                    *sentence(
                        "{award_id} was given {items}; the text gives {kinds}",
                        award_id=award_id,
                        items=enumeration(
                            sentence("{kind} {serial}", kind=word(i.kind), serial=i.serial) for i in more
                        ),
                        kinds=listed(kinds),
                    ),
                    grant.payload.case_id,
                    grant.payload.org,
                    award=award_id,
                    articles=objects.why.articles,
                    thresholds={"objects_given": list(kinds)},
                )
