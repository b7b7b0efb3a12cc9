"""The first part of an edition: its call, the applications, and who is eligible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from api.generate.case import Case, Setting
from api.generate.days import spread, workday, workdays_after
from api.generate.field import Applicant
from api.generate.lines import Told, act, paper
from api.generate.names import phrase
from api.scenario.document import Act
from ledger.regulation.tables import MoneyCondition, StatedCondition

#: Days for which applications are taken.
WINDOW = timedelta(days=30)
#: Files that the office examines a day.
EXAMINED_A_DAY = 60

_Later = tuple[date, int, Callable[[], Told[None]]]


class Applying:
    """From the call to the decision on who is eligible."""

    def __init__(self, setting: Setting, applicants: list[Applicant], enrol: Callable[[str, date], Told[None]]) -> None:
        """``enrol`` registers an organisation with its role and key."""
        self._setting = setting
        self._applicants = applicants
        self._enrol = enrol
        self._late: list[str] = []

    def told(self) -> Told[tuple[list[Case], date]]:
        """Tell it; returns all cases and the first day after."""
        s = self._setting
        closes = workday(s.begins + WINDOW)
        yield act(
            "EditionOpened",
            s.begins,
            edition_id=s.id,
            year=s.begins.year,
            number=s.number,
            window_from=s.begins,
            window_to=closes,
        )
        if s.terms.says("supervision_group.required"):
            yield act(
                "BodyConstituted",
                workdays_after(s.begins, 1),
                kind="supervision_group",
                body_id=f"sup-{s.id}",
                edition_id=s.id,
                members=["sup"],
            )
        examined = workdays_after(closes, 14)
        cases = yield from self._filings(closes, examined)
        yield from self._late_ones(workdays_after(examined, -1))
        return cases, (yield from self._eligibility(cases, examined))

    # Applications

    def _filings(self, closes: date, examined: date) -> Told[list[Case]]:
        s, chances = self._setting, self._setting.chances
        cases, days, last = [], (closes - s.begins).days, workdays_after(examined, -2)
        agenda = list[_Later]()
        for number, applicant in enumerate(self._applicants):
            case = self._case(applicant)
            cases.append(case)
            filed = min(closes, workday(s.begins + timedelta(days=3 + chances.between(0, days - 4))))
            if number == 0 and s.rare.once_in(2, "filed too late"):
                filed = workdays_after(closes, 2)
            agenda += self._accompanying(case, number, filed, closes, last)
        for _day, _number, tell in sorted(agenda, key=lambda later: later[:2]):
            yield from tell()
        return cases

    def _case(self, applicant: Applicant) -> Case:
        s, chances = self._setting, self._setting.chances
        kind = applicant.won or (s.terms.kinds[0] if chances.happens(0.65) else s.terms.kinds[-1])
        worth = s.terms.full_score * min(0.9, max(0.45, chances.around(0.65, 0.06)))
        return Case(f"{s.id}/{applicant.organisation.id}", applicant, kind, worth)

    def _accompanying(self, case: Case, number: int, filed: date, closes: date, last: date) -> list[_Later]:
        """An application, what others say of it, and what becomes of some."""
        s, chances = self._setting, self._setting.chances
        items: list[_Later] = [(filed, number, lambda: self._file(case, filed, closes))]
        day = workdays_after(filed, chances.between(2, 3))
        if s.terms.words("recommender.kinds"):
            items.append((day, number, lambda: self._recommend(case, day)))
        asked = workdays_after(filed, chances.between(4, 6))
        entered = last if s.rare.once_in(25, "opinion recorded late") else asked
        items.append((entered, number, lambda: self._opinion(case, asked, entered)))
        if s.rare.once_in(45, "withdrawn"):
            gone = workdays_after(filed, chances.between(5, 7))
            items.append((gone, number, lambda: self._withdraw(case, gone)))
        return items

    def _file(self, case: Case, on: date, closes: date) -> Told[None]:
        s = self._setting
        if case.applicant.new:
            yield from self._enrol(case.org, on)
        late = on > closes
        override = (
            {
                "reason": phrase("override_window"),
                "instrument_no": phrase("instrument", year=on.year, number=s.number),
            }
            if late
            else None
        )
        filed = act(
            "ApplicationFiled",
            on,
            org=case.org,
            case=case.id,
            award=case.kind,
            size=case.organisation.size,
            override=override,
            also=self._figures(on),
        )
        yield from s.mending.with_paper(filed, "form_hash", case.org)

    def _figures(self, on: date) -> dict[str, object]:
        """The figures of the last years, where the text looks at them."""
        money, chances = self._setting.pack.parameter("eligibility.money").value, self._setting.chances
        if not isinstance(money, MoneyCondition) or money.kind not in ("no_loss", "profit"):
            return {}
        revenue = chances.between(2_000, 90_000) * 1_000_000
        years = {}
        for back in range(1, 4):
            revenue = revenue * chances.between(88, 99) // 100
            years[str(on.year - back)] = {
                "revenue": revenue,
                "profit": revenue * chances.between(2, 12) // 100,
                "tax": revenue * chances.between(2, 6) // 100,
            }
        return {"financials": years}

    def _recommend(self, case: Case, on: date) -> Told[None]:
        kind = self._setting.chances.one_of(self._setting.terms.words("recommender.kinds"))
        recommended = act(
            "RecommendationIssued", on, case=case.id, org=case.org, recommender_kind=kind, outcome="recommend"
        )
        yield from self._setting.mending.with_paper(recommended, "opinion_hash", "rec")

    def _opinion(self, case: Case, on: date, recorded: date) -> Told[None]:
        s = self._setting
        late = {"kind": "delayed", "reason": phrase("late_reason")} if recorded > on else None
        given = act(
            "DepartmentOpinionGiven",
            on,
            recorded=recorded,
            by="dep",
            case=case.id,
            org=case.org,
            subject=s.chances.one_of(("market", "credit", "tax", "safety", "environment")),
            late=late,
        )
        if late is None:
            yield from s.mending.recorded(given, {"subject": "other"})
        else:
            self._late.append((yield given))

    def _late_ones(self, on: date) -> Told[None]:
        """The head of the office and the supervision group approve what was entered late."""
        if self._late:
            yield act(
                "LateRecordingApproved",
                on,
                targets=self._late,
                kind="delayed",
                reason=phrase("late_approved"),
                edition_id=self._setting.id,
            )

    def _withdraw(self, case: Case, on: date) -> Told[None]:
        case.out = True
        yield act("ApplicationWithdrawn", on, case=case.id, org=case.org, by=case.org, reason=phrase("withdrawn"))

    # Eligibility

    def _eligibility(self, cases: list[Case], begins: date) -> Told[date]:
        s = self._setting
        left = [case for case in cases if not case.out]
        conditions = s.pack.parameter("eligibility.conditions").rows(StatedCondition)
        failing = [c.id for c in conditions] or ["text_not_seen"]
        day, returned = begins, list[tuple[Case, str]]()
        for day, case in spread(left, begins, EXAMINED_A_DAY):
            yield act("InterestDeclared", day, case=case.id, by="sec")
            if case.applicant.won is None and s.rare.once_in(16, "ineligible"):
                yield from self._turn_down(case, day, s.chances.one_of(failing))
            elif s.rare.once_in(14, "returned"):
                returned.append((case, (yield self._return(case, day))))
            else:
                yield from s.mending.recorded(act("EligibilityDecided", day, case=case.id, org=case.org))
        if returned:
            day = yield from self._supplemented(returned, workdays_after(day, 2))
        return workdays_after(day, 1)

    def _return(self, case: Case, day: date) -> Act:
        """A file that is not complete goes back."""
        missing = [phrase("supplement")]
        return act("EligibilityDecided", day, case=case.id, org=case.org, outcome="returned", missing=missing)

    def _supplemented(self, returned: Sequence[tuple[Case, str]], on: date) -> Told[date]:
        """Files that went back are completed, and decided on two days later, on the day that is returned."""
        for case, decision in returned:
            yield act(
                "ApplicationSupplemented",
                on,
                case=case.id,
                org=case.org,
                fields={"/results": phrase("supplement")},
                attachments=[paper(case.id)],
                reason=phrase("supplement_reason"),
                answers=decision,
            )
        decided = workdays_after(on, 2)
        for case, _ in returned:
            yield act("EligibilityDecided", decided, case=case.id, org=case.org)
        return decided

    def _turn_down(self, case: Case, day: date, condition: str) -> Told[None]:
        case.out = True
        decided = yield act("EligibilityDecided", day, case=case.id, org=case.org, failed=[condition])
        yield act("ApplicantNotified", day, case=case.id, org=case.org, about="ineligible", decision=decided)
