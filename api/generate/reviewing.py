"""The second part of an edition: the panel reads and scores the files, and sees the sites of the best."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from api.generate.case import Case, Setting
from api.generate.days import spread, workday, workdays_after
from api.generate.lines import Told, act
from api.generate.names import WORDS, phrase

Stage = Literal["material", "onsite"]

#: Files that the panel reads a day, sites that it sees a day.
READ_A_DAY, SEEN_A_DAY = 30, 4
#: Sites are seen of at most so many times the winners, where the text has no limit.
_TIMES_THE_WINNERS = 2
#: How reviewers differ, in thousandths of the full score.
_BIAS, _SCATTER = 7.0, 9.0


class Reviewing:
    """From the review rules to the last report."""

    def __init__(self, setting: Setting, cases: Sequence[Case]) -> None:
        """``cases`` are those that are eligible."""
        self._setting = setting
        self._cases = list(cases)
        scale = setting.terms.full_score / 1000
        self._bias = {r: setting.chances.around(0, _BIAS * scale) for r in setting.reviewers}
        self._scatter = _SCATTER * scale

    def told(self, begins: date) -> Told[tuple[list[Case], date]]:
        """Tell it; returns the cases of which the site was seen, the best first, and the first day after."""
        yield from self._set_up(begins)
        day = declared = workdays_after(begins, 1)
        for day, case in spread(self._cases, declared, READ_A_DAY):
            yield from self._declare(case, day)
        day = yield from self._scored(list(spread(self._cases, workdays_after(day, 1), READ_A_DAY)), "material")
        reported = workdays_after(day, 1)
        for case in self._cases:
            yield from self._report(case, "material", reported)
        chosen, day = yield from self._shortlist(workdays_after(reported, 2))
        for case in chosen:
            case.worth += self._setting.chances.around(0, 2 * self._scatter)
        day = yield from self._scored(list(spread(chosen, workdays_after(day, 2), SEEN_A_DAY)), "onsite")
        reported = workdays_after(day, 2)
        for case in chosen:
            yield from self._report(case, "onsite", reported)
        yield from self._confirmed(chosen, workdays_after(reported, 1))
        return sorted(chosen, key=lambda c: (-c.mean, c.id)), workdays_after(reported, 2)

    def _set_up(self, on: date) -> Told[None]:
        s = self._setting
        rules = {
            "aggregation": "mean",
            "decisive_stage": "onsite",
            "decimals": 2,
        }
        yield act(
            "CommitteeResolutionAdopted",
            on,
            subject="review_rules",
            resolution_id=f"rules-{s.id}",
            edition_id=s.id,
            rules=rules,
        )
        yield act(
            "BodyConstituted",
            on,
            kind="panel",
            body_id=f"panel-{s.id}",
            edition_id=s.id,
            members=list(s.reviewers),
            leader=s.leader,
        )

    def _declare(self, case: Case, on: date) -> Told[None]:
        s = self._setting
        for reviewer in s.reviewers:
            if reviewer != s.leader and not case.recused and s.rare.once_in(45, "conflict"):
                yield from self._conflict(case, reviewer, on)
                continue
            if s.rare.once_in(400, "undeclared") and reviewer != s.leader:
                case.unsworn.add(reviewer)
                continue
            yield from s.mending.recorded(act("InterestDeclared", on, by=reviewer, case=case.id))

    def _conflict(self, case: Case, reviewer: str, on: date) -> Told[None]:
        s = self._setting
        case.recused.add(reviewer)
        declared = yield act(
            "InterestDeclared",
            on,
            by=reviewer,
            case=case.id,
            result="conflict",
            relation=s.chances.one_of(("kinship", "consulting", "employed", "competitor")),
            details=phrase("conflict_details"),
        )
        if s.rare.once_in(2, "recusal ordered"):
            yield act(
                "RecusalOrdered",
                on,
                case_ids=[case.id],
                person=reviewer,
                source="own_check",
                causes=(declared,),
                reason=phrase("recusal_reason"),
                edition=s.id,
            )

    # Scores and reports

    def _scored(self, several: Sequence[tuple[date, Case]], stage: Stage) -> Told[date]:
        """Every reviewer scores every case that begins on a day, one reviewer a day later than the other; returns the
        last day.
        """
        s, agenda = self._setting, list[tuple[date, int, int]]()
        for number, (day, case) in enumerate(several):
            case.scores = {}
            agenda += [(workdays_after(day, later), number, later) for later in range(len(s.reviewers))]
            if stage == "onsite":
                agenda.append((day, number, -1))
        for day, number, later in sorted(agenda):
            case = several[number][1]
            if later < 0:
                yield from self._visit(case, day)
            elif s.reviewers[later] not in case.recused:
                yield from self._score(case, s.reviewers[later], stage, day)
        return max((day for day, _, _ in agenda), default=s.begins)

    def _score(self, case: Case, reviewer: str, stage: Stage, on: date) -> Told[None]:
        s, points = self._setting, self._points(case, reviewer)
        score = act(
            "ScoreSubmitted",
            on,
            by=reviewer,
            case=case.id,
            stage=stage,
            total=str(points),
            full=s.terms.full_score,
            override=self._unsworn(on) if reviewer in case.unsworn else None,
            also={"comments": phrase("comment")} if s.chances.happens(0.1) else {},
        )
        event = yield from s.mending.recorded(score, {"total": str(points - s.chances.between(10, 90))})
        if s.rare.once_in(90, "score replaced"):
            points += s.chances.between(1, 5)
            event = yield act(
                "ScoreSubmitted",
                on,
                by=reviewer,
                case=case.id,
                stage=stage,
                total=str(points),
                full=s.terms.full_score,
                replaces=event,
                change_reason=phrase("replaced"),
            )
        case.scores[event] = points

    def _points(self, case: Case, reviewer: str) -> Decimal:
        points = case.worth + self._bias[reviewer] + self._setting.chances.around(0, self._scatter)
        return Decimal(round(points * 2)) / 2

    def _unsworn(self, on: date) -> dict[str, str]:
        return {
            "reason": phrase("override_interest"),
            "instrument_no": phrase("instrument", year=on.year, number=self._setting.number),
        }

    def _report(self, case: Case, stage: Stage, on: date) -> Told[None]:
        s = self._setting
        case.mean = case.averaged()
        told = act(
            "ReviewReportSubmitted",
            on,
            by=s.leader,
            case=case.id,
            stage=stage,
            score_ids=list(case.scores),
            advice=s.chances.one_of(WORDS["advice"]),
            also={"stated_score": str(case.mean)} if stage == "onsite" else {},
        )
        case.report = yield from s.mending.with_paper(told, "report_hash", s.leader)

    # The sites

    def _shortlist(self, on: date) -> Told[tuple[list[Case], date]]:
        s = self._setting
        most = s.terms.visits or max(6, _TIMES_THE_WINNERS * sum(s.terms.places.values()))
        ranked = sorted(self._cases, key=lambda c: (-c.mean, c.id))
        chosen, others = ranked[:most], ranked[most:]
        decided = yield act(
            "ShortlistDecided",
            on,
            edition=s.id,
            selected=[c.id for c in chosen],
            not_selected=[{"case": c.id, "reason": phrase("not_shortlisted")} for c in others],
        )
        told = workdays_after(on, 1)
        for case in others:
            case.out = True
            yield act(
                "ApplicantNotified",
                told,
                case=case.id,
                org=case.org,
                about="not_shortlisted",
                decision=decided,
            )
        return chosen, told

    def _visit(self, case: Case, on: date) -> Told[None]:
        s = self._setting
        going = [r for r in s.reviewers if r not in case.recused]
        visit = act("OnsiteVisitHeld", on, by=s.leader, case=case.id, attendees=going)
        yield from s.mending.recorded(visit)

    def _confirmed(self, chosen: Sequence[Case], on: date) -> Told[None]:
        terms = self._setting.terms
        for case in chosen:
            if terms.says("onsite.report_confirmed"):
                yield act("OnsiteReportConfirmed", on, case=case.id, org=case.org, report_id=case.report)
            if terms.says("onsite.reviewee_feedback"):
                yield act(
                    "RevieweeFeedbackGiven",
                    workday(on),
                    case=case.id,
                    org=case.org,
                    work_quality=self._setting.chances.between(3, 5),
                )
