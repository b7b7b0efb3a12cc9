"""What comes after an award: reports and checks, misuse of prize or title, revocations, money that is asked back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from api.generate.case import Setting, Winner
from api.generate.days import workday, workdays_after
from api.generate.lines import Told, act
from api.generate.names import WORDS, phrase
from api.scenario.document import Act

_TITLE_MISUSED = frozenset({"no_year", "product_promotion", "packaging", "forgery", "impersonation"})
#: Measures for misused prize money that need no other rule.
_CRITICISM = ("public_criticism", "circular")
_YEAR = timedelta(days=365)


class Afterwards:
    """The years after an award. Each thing that happens is told by itself: they go on beside one another."""

    def __init__(self, setting: Setting, winner: Winner) -> None:
        self._setting = setting
        self._winner = winner
        self._org = winner.organisation.id

    def several(self) -> Iterator[Told[None]]:
        """Everything that happens to one winner."""
        s, w, rare = self._setting, self._winner, self._setting.rare
        ends = w.granted_on + _YEAR * s.terms.validity
        if rare.once_in(7, "fraud") and self._is_ground("fraud"):
            ends = self._some_day(200, 700)
            yield self._revoked("fraud", ends)
        elif rare.once_in(9, "accident") and self._is_ground("accident"):
            ends = self._some_day(150, 600)
            yield self._revoked("accident", ends)
        elif rare.once_in(5, "misuse") and w.prize:
            yield self._prize_misused(self._some_day(250, 600))
        if rare.once_in(6, "title misused") and (kinds := self._forbidden()):
            yield self._title_misused(s.chances.one_of(kinds), self._some_day(90, 149))
        if rare.once_in(6, "incident"):
            yield self._incident(self._some_day(60, 149))
        if rare.once_in(8, "higher award"):
            yield self._higher_award(self._some_day(60, 149))
        yield self._duties(ends)

    def _some_day(self, least: int, most: int) -> date:
        """A working day, between so many days after the award."""
        return workday(self._winner.granted_on + timedelta(days=self._setting.chances.between(least, most)))

    def _is_ground(self, ground: str) -> bool:
        terms = self._setting.terms
        return ground in terms.pack.grounds or f"revoke.{ground}.steps" in terms.readings

    def _forbidden(self) -> list[str]:
        return [k for k in self._setting.terms.words("title_use.forbidden") if k in _TITLE_MISUSED]

    # What is owed

    def _duties(self, ends: date) -> Told[None]:
        """Reports on the prize and of every year, and a visit in between, as long as the award stands."""
        s, w = self._setting, self._winner
        if w.prize:
            day = workday(w.granted_on + timedelta(days=100))
            yield act(
                "FundUseReported",
                day,
                org=self._org,
                award_id=w.award_id,
                period_from=w.granted_on,
                period_to=day,
                items=[
                    {"category": "training", "amount": w.prize // 4},
                    {"category": "quality_breakthrough", "amount": w.prize // 10 * s.chances.between(1, 4)},
                ],
            )
        kind = s.terms.says("duty.annual_report")
        for year in range(1, s.terms.validity + 1):
            day = workday(w.granted_on + _YEAR * year - timedelta(days=60))
            if workdays_after(day, 15) >= ends:
                return
            if kind is not None:
                yield from self._report(str(kind), str(year), day)
            if year == 1:
                yield from self._check(day)

    def _report(self, kind: str, period: str, on: date) -> Told[None]:
        s = self._setting
        late = s.rare.once_in(7, "report recorded late")
        yield act(
            "PostAwardReportFiled",
            on,
            recorded=workdays_after(on, 12) if late else on,
            late={"kind": "delayed", "reason": phrase("late_reason")} if late else None,
            org=self._org,
            award_id=self._winner.award_id,
            kind=kind,
            period=period,
            kpis={"pass_rate": f"{s.chances.between(960, 999) / 10}%"},
        )

    def _check(self, day: date) -> Told[None]:
        s, w = self._setting, self._winner
        kind = "reassessment" if s.terms.says("duty.reassessment_min") else "return_visit"
        checked = act(
            "PostAwardCheckHeld",
            workdays_after(day, 13),
            org=self._org,
            award_id=w.award_id,
            kind=kind,
            check_id=f"CHK-{w.award_id}",
            outcome=s.chances.one_of(("maintained", "maintained", "improvement_required")),
            findings=phrase("findings"),
        )
        yield from s.mending.with_paper(checked, "report_hash", "sec")

    # What goes wrong

    def _found(self, on: date, category: str, also: Mapping[str, object]) -> Told[str]:
        chances = self._setting.chances
        return (
            yield act(
                "IncidentRecorded",
                on,
                by="dep",
                org=self._org,
                incident_id=f"INC-{category}-{self._winner.award_id}",
                category=category,
                authority=chances.one_of(WORDS["authority"]),
                details=phrase("incident_details"),
                also=also,
            )
        )

    def _incident(self, on: date) -> Told[None]:
        """A complaint of customers that costs nobody an award."""
        yield from self._found(on, "service_quality", {"severity": "general"})

    def _higher_award(self, on: date) -> Told[None]:
        yield act(
            "HigherAwardRecorded",
            on,
            org=self._org,
            higher_award_id=f"HA-{self._winner.award_id}",
            level="province",
            award_name=phrase("higher_award"),
            award_kind="quality",
        )

    def _title_misused(self, kind: str, on: date) -> Told[None]:
        found = yield act(
            "TitleMisuseFound",
            on,
            org=self._org,
            award_id=self._winner.award_id,
            kind=kind,
            corrected_by=workdays_after(on, 20),
            details=phrase("findings"),
        )
        if self._setting.chances.happens(0.8):
            yield self._told_of(found, "title_misuse", workdays_after(on, 10))

    def _told_of(self, found: str, kind: str, on: date) -> Act:
        """Everybody is told what was found."""
        return act(
            "AnnouncementPublished",
            on,
            kind=kind,
            pub_id=f"{kind}-{self._winner.award_id}",
            about=[found],
            awards=[self._winner.award_id],
            orgs=[self._org],
        )

    def _prize_misused(self, on: date) -> Told[None]:
        s, w = self._setting, self._winner
        returns = bool(s.terms.says("fund_misuse.clawback"))
        amount = w.prize // 10 * s.chances.between(2, 6)
        check = f"CHK-F-{w.award_id}"
        yield act(
            "PostAwardCheckHeld",
            on,
            org=self._org,
            award_id=w.award_id,
            kind="fund_use",
            check_id=check,
            outcome="serious_problem" if returns else "improvement_required",
        )
        found = yield act(
            "FundMisuseFound",
            on,
            org=self._org,
            award_id=w.award_id,
            amount=amount,
            check_id=check,
            severity="serious" if returns else "minor",
            facts=phrase("findings"),
        )
        measures = [m for m in s.terms.words("fund_misuse.measures") if m in _CRITICISM]
        day = workdays_after(on, 8)
        if measures:
            yield act(
                "SanctionImposed",
                day,
                subject=self._org,
                org=self._org,
                subject_kind="organisation",
                measure=measures[0],
                facts=[found],
            )
        elif not returns:
            yield self._told_of(found, "fund_check", day)
        if returns:
            decision = f"DEC-C-{w.award_id}"
            yield self._decision(day, "clawback", decision)
            yield from self._asked_back("fund_misuse", amount, decision, day)

    def _decision(self, on: date, subject: str, decision: str) -> Act:
        return act(
            "GovernmentDecisionMade",
            on,
            subject=subject,
            decision_id=decision,
            approved=[{"award_id": self._winner.award_id}],
        )

    def _asked_back(self, reason: str, amount: int, decision: str, on: date) -> Told[None]:
        """Money is ordered back, and comes in one or two parts; of some a part stays owed."""
        w, chances = self._winner, self._setting.chances
        clawback = f"CB-{w.award_id}"
        yield act(
            "ClawbackOrdered",
            on,
            org=self._org,
            award_id=w.award_id,
            clawback_id=clawback,
            reason=reason,
            amount=amount,
            due_on=on + timedelta(days=60),
            decision_id=decision,
        )
        first = amount if chances.happens(0.4) else amount // 10 * 6
        parts = [first, *([amount - first] if first < amount and chances.happens(0.7) else [])]
        day = on
        for part in parts:
            day = workdays_after(day, chances.between(15, 40))
            yield act(
                "ClawbackReceived",
                day,
                by="fin1",
                org=self._org,
                award_id=w.award_id,
                clawback_id=clawback,
                amount=part,
                voucher_no=f"R-{w.award_id}-{part}",
            )

    def _revoked(self, ground: str, on: date) -> Told[None]:
        w = self._winner
        if ground == "fraud":
            found = yield from self._found(on, "award_fraud", {"occurred_on": w.granted_on - timedelta(days=90)})
        else:
            happened = {"domain": "safety", "severity": "major", "occurred_on": on - timedelta(days=20)}
            found = yield from self._found(on, "accident", happened)
        yield act(
            "RevocationProposed",
            workdays_after(on, 6),
            org=self._org,
            award_id=w.award_id,
            ground=ground,
            facts=[found],
            heard_on=workdays_after(on, 4),
            statement_of_org=phrase("revocation_heard"),
        )
        yield from self._revocation(ground, workdays_after(on, 14))

    def _revocation(self, ground: str, on: date) -> Told[None]:
        s, w = self._setting, self._winner
        if "committee_resolution" in s.terms.words(f"revoke.{ground}.steps"):
            yield act(
                "CommitteeResolutionAdopted",
                workdays_after(on, -1),
                subject="revocation_proposal",
                resolution_id=f"res-R-{w.award_id}",
                edition_id=s.id,
                approved=[{"case": w.case_id, "award": w.kind}],
            )
        decision = f"DEC-R-{w.award_id}"
        yield self._decision(on, "revocation", decision)
        revoked = yield act(
            "AwardRevoked",
            on,
            org=self._org,
            award_id=w.award_id,
            ground=ground,
            decision_id=decision,
        )
        yield act(
            "AnnouncementPublished",
            workdays_after(on, 2),
            kind="revocation",
            pub_id=f"revocation-{w.award_id}",
            about=[revoked],
            awards=[w.award_id],
            orgs=[self._org],
        )
        yield act(
            "CertificateReturned",
            workdays_after(on, 12),
            org=self._org,
            award_id=w.award_id,
            items=[{"serial": serial, "state": "returned"} for serial in w.serials],
        )
        if s.terms.says(f"revoke.{ground}.clawback") and w.prize:
            reason = "revoked_fraud" if ground == "fraud" else "revoked_other"
            yield from self._asked_back(reason, w.prize, decision, workdays_after(on, 13))
