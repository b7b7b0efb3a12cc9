"""RF40: on which rules an edition was run."""

from __future__ import annotations

from ledger.derivation.answer import Undetermined
from ledger.derivation.history import LiveEvent
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.edition import EditionClosed, EditionOpened
from ledger.events.evaluation import CandidateListProposed, CommitteeResolutionAdopted, ScoreSubmitted
from ledger.events.money import PrizePaid
from ledger.events.rules import RegulationInterpreted
from ledger.regulation.parameters import spec_of
from ledger.regulation.periods import add_months
from ledger.regulation.readings import READINGS
from ledger.regulation.stated import Absence
from projections.flags.flag import Found, Gap, Hit, Off
from projections.flags.inspected import DECISIVE, Inspected, imported
from projections.sentences import sentence


def rule_basis_defect(v: Inspected) -> Found:
    """RF40: defect of the rules in use (ZY4,30 JD一(五),八 HY3,27,29 GZ6,34)."""
    if v.opened is None:
        return
    if imported(v.opened):
        yield Off(*sentence("an imported edition: its rules are older than the ledger"))
        return
    edition = ("edition", v.edition)
    if v.enacted is None:
        yield Gap(
            edition,
            Undetermined("edition.pack", "B-45", *sentence("the text that the edition names is not recorded")),
        )
        return
    if v.enacted.status in ("draft", "legacy_stub"):
        yield Hit(
            edition,
            "H",
            v.opened.on,
            (v.opened,),
            *sentence("the edition is run on {reference}, which is not in force", reference=v.enacted.pack.reference),
        )
    elif v.enacted.in_force_on is not None and v.opened.on < v.enacted.in_force_on:
        yield Hit(
            edition,
            "H",
            v.opened.on,
            (v.opened,),
            *sentence(
                "the text is in force from {in_force_on}, the edition was opened on {on}",
                in_force_on=v.enacted.in_force_on,
                on=v.opened.on,
            ),
        )
    elif v.enacted.repealed_on is not None and v.enacted.repealed_on <= v.opened.on:
        yield Hit(
            edition,
            "H",
            v.opened.on,
            (v.opened,),
            *sentence("the text was repealed on {repealed_on}", repealed_on=v.enacted.repealed_on),
        )
    yield from _cycle(v, v.opened)
    yield from _late_rules(v)


def _cycle(v: Inspected, opened: LiveEvent[EditionOpened]) -> Found:
    cycle = v.parameter("cycle")
    if not cycle.stated:
        if cycle.absence is Absence.UNKNOWN:
            yield Gap(("edition", v.edition), cycle.undetermined())
        return
    same = [
        e
        for e in v.live.of(EditionOpened)
        if not imported(e)
        and e.payload.pack_id == opened.payload.pack_id
        and e.payload.edition_id != v.edition
        and e.payload.year <= opened.payload.year
        and not v.live.of(EditionClosed, edition_id=e.payload.edition_id, reason="cancelled")
    ]
    previous = max(same, key=lambda e: e.payload.year, default=None)
    if previous is None:
        return
    months = cycle.number * (12 if cycle.unit == "year" else 1)
    expected = add_months(previous.on.replace(day=1), months)
    if opened.payload.year != expected.year:
        yield Hit(
            ("edition", v.edition),
            "H",
            opened.on,
            (opened, previous),
            *sentence(
                "the edition before was of {year}, the cycle is {months} months, this one is of {opened}",
                year=previous.payload.year,
                months=months,
                opened=opened.payload.year,
            ),
            articles=cycle.why.articles,
            thresholds={"cycle_months": months},
        )


def _late_rules(v: Inspected) -> Found:
    scores = sorted(v.of(ScoreSubmitted), key=lambda e: e.position)
    rules = [e for e in v.of(CommitteeResolutionAdopted, subject="review_rules") if e.payload.rules is not None]
    if scores and rules and all(r.position > scores[0].position or r.on > scores[0].on for r in rules):
        yield Hit(
            ("edition", v.edition),
            "H",
            rules[0].on,
            (rules[0], scores[0]),
            *sentence("the review rules were adopted after the first score"),
            articles=v.parameter("review_rules.by_committee", v.live.on).why.articles,
        )
    aggregation = v.parameter("score.aggregation", v.live.on)
    lists = v.of(CandidateListProposed)
    if scores and lists and not rules and not aggregation.stated:
        yield Hit(
            ("edition", v.edition),
            "H",
            lists[0].on,
            (lists[0], scores[0]),
            *sentence("candidates were listed with no text and no resolution that says how scores are combined"),
            articles=v.parameter("review_rules.by_committee", v.live.on).why.articles,
        )
    pack_id = v.enacted.pack.id if v.enacted else ""
    decided = [e for e in v.own if isinstance(e.payload, DECISIVE)]
    for reading in v.live.of(RegulationInterpreted, pack_id=pack_id):
        p = reading.payload
        bound = [e for e in decided if e.position < reading.position and (p.retroactive or p.applies_from <= e.on)]
        if bound and v.opened is not None and (p.retroactive or p.applies_from >= v.opened.on):
            yield Hit(
                ("edition", v.edition),
                "H",
                reading.on,
                (reading, bound[0]),
                *sentence(
                    "the reading of “{param_path}” was fixed after what it decides",
                    param_path=_path_called(p.param_path),
                ),
            )
    for award, grant in v.grants.items():
        paid = v.live.of(PrizePaid, award_id=award)
        path = v.parameter(f"prize.first.{grant.payload.award}", grant.on)
        decision = v.live.last(GovernmentDecisionMade, decision_id=grant.payload.decision_id)
        decided_amount = decision and any(
            i.case == grant.payload.case_id and i.prize_amount is not None for i in decision.payload.approved
        )
        if paid and not path.stated and not decided_amount:
            yield Hit(
                ("award", award),
                "H",
                paid[0].on,
                (paid[0], grant),
                *sentence("neither text nor decision gives the prize of {award}", award=award),
                grant.payload.case_id,
                grant.payload.org,
                award=award,
            )


def _path_called(path: str) -> tuple[str, str]:
    """What a reading or a parameter is about, in Chinese and English."""
    named = READINGS.get(path) or spec_of(path)
    return named.zh, named.en
