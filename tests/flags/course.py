"""A clean course of one regulation, from the call to a second edition, as lines that a fault can change before they are
played.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ledger.regulation.pack import Pack
from ledger.regulation.shipped import shipped_packs
from tests.flags.texts import ASSUMED, CYCLE, PACKS

STARTS = date(2023, 1, 3)
REVIEWERS = ("R1", "R2", "R3", "R4", "R5")
NAMES = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L")

Line = dict[str, Any]


@dataclass
class Course:
    """The lines of one regulation's clean course."""

    code: str
    applicants: int = 12
    second: bool = True
    promulgated: bool = True
    winners: int = 3
    #: Who applies in the second edition; those who have not won, if left out.
    again: tuple[str, ...] = ()
    #: The year of the second edition; a cycle after the first, if left out.
    second_year: int = 0
    #: Lines that admission refuses are recorded by override.
    force: bool = False
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pack: Pack = shipped_packs()[PACKS[self.code]][0]
        self.names = NAMES[: self.applicants]
        self.first = f"{self.code}-2023"
        if self.pack.status != "in_force":
            self.promulgate()
        self.edition(2023, self.names, winners=self.winners)
        self.aftermath()
        if self.second:
            winners = [line["case"] for line in self.find("AwardGranted")]
            names = self.again or [n for n in self.names if n not in winners]
            self.edition(self.second_year or 2023 + CYCLE[self.code], names, winners=2)
        self.lines.sort(key=lambda line: line.get("recorded", line["on"]))

    # Lines

    def add(self, do: str, on: date, **members: Any) -> Line:
        line: Line = {"do": do, "on": on, **members}
        self.lines.append(line)
        return line

    def find(self, do: str, **members: Any) -> list[Line]:
        """Lines of the first edition (or of none) with these members."""
        return [
            line
            for line in self.lines
            if line["do"] == do
            and line.get("edition", self.first) == self.first
            and all(line.get(k) == v for k, v in members.items())
        ]

    def one(self, do: str, **members: Any) -> Line:
        return self.find(do, **members)[0]

    def drop(self, do: str, **members: Any) -> None:
        gone = self.find(do, **members)
        assert gone, (do, members)
        self.lines = [line for line in self.lines if line not in gone]

    def put(self, do: str, on: date, *, at: int | None = None, **members: Any) -> Line:
        """One more line at its place in the order of recording (``at`` -1: before all others of its day)."""
        line: Line = {"do": do, "on": on, **members}
        day = line.get("recorded", on)
        place = sum(
            x.get("recorded", x["on"]) < day if at == -1 else x.get("recorded", x["on"]) <= day for x in self.lines
        )
        self.lines.insert(place, line)
        return line

    # The course

    def stated(self, path: str) -> Any:
        assumed = ASSUMED.get(self.code, {}).get(path)
        if assumed is not None:
            return assumed["value"] if isinstance(assumed, dict) and "value" in assumed else assumed
        return self.pack.parameter(path).value

    def prize(self, kind: str, *, again: bool) -> int:
        """What the text gives, in fen; a sum of ours for a first win where it gives none."""
        if again and (path := f"prize.rewin.{kind}") in self.pack.parameters:
            return int(self.stated(path) or 0)
        return self.stated(f"prize.first.{kind}") or 20_000_000

    def promulgate(self) -> None:
        """The draft as if it had been issued: in a simulation that is an event like any other."""
        issued = date(2022, 11, 1)
        if not self.promulgated:
            self.add("RegulationEnacted", STARTS, kind="consultation_draft", status="draft")
        elif self.pack.status == "draft":
            self.add("RegulationEnacted", STARTS, issued_on=issued, doc_no=f"{self.code}〔2022〕9号", status="in_force")
        else:
            self.add("RegulationEnacted", STARTS, issued_on=issued, doc_no=f"{self.code}〔2022〕9号", status="in_force")
            for path, value in ASSUMED[self.code].items():
                self.add("RegulationInterpreted", STARTS, pack_id=self.code, param_path=path, value=value)

    def edition(self, year: int, names: Any, *, winners: int) -> None:
        edition, chosen = f"{self.code}-{year}", list(names)[: max(2, (len(names) * 2) // 3)]
        if self.stated("shortlist.max"):
            chosen = chosen[: self.stated("shortlist.max")]

        def day(month: int, number: int) -> date:
            wanted = date(year, month, number)
            while wanted.weekday() >= 5:
                wanted += timedelta(days=1)
            return wanted

        def add(do: str, on: date, **members: Any) -> Line:
            return self.add(do, on, edition=edition, **members)

        self.add(
            "EditionOpened",
            day(3, 1),
            edition_id=edition,
            year=year,
            number=year - 2019,
            window_from=day(3, 1),
            window_to=day(3, 31),
        )
        if self.stated("supervision_group.required"):
            add(
                "BodyConstituted",
                day(3, 3),
                kind="supervision_group",
                body_id=f"sup-{year}",
                edition_id=edition,
                members=["sup"],
            )
        for name in names:
            add("ApplicationFiled", day(3, 13), org=name, award=next(iter(self.pack.awards)))
            if self.stated("recommender.kinds"):
                add("RecommendationIssued", day(3, 15), case=name)
            add("DepartmentOpinionGiven", day(3, 20), case=name)
            add("InterestDeclared", day(3, 24), case=name, by="sec")
            add("EligibilityDecided", day(4, 10), case=name)
        add(
            "CommitteeResolutionAdopted",
            day(4, 12),
            subject="review_rules",
            resolution_id=f"rules-{year}",
            edition_id=edition,
            rules={"aggregation": "mean", "decisive_stage": "onsite", "decimals": 2},
        )
        add(
            "BodyConstituted",
            day(4, 12),
            kind="panel",
            body_id=f"panel-{year}",
            edition_id=edition,
            members=list(REVIEWERS),
            leader="R1",
        )
        self._review(edition, "material", list(names), day(4, 13), day(4, 17), day(4, 19))
        add(
            "ShortlistDecided",
            day(4, 21),
            selected=chosen,
            not_selected=[{"case": n} for n in names if n not in chosen],
        )
        for name in [n for n in names if n not in chosen]:
            add("ApplicantNotified", day(4, 23), case=name, about="not_shortlisted", decision=f"short-{year}")
        self.lines[-1 - len([n for n in names if n not in chosen])]["label"] = f"short-{year}"
        for name in chosen:
            add("OnsiteVisitHeld", day(4, 25), case=name, attendees=list(REVIEWERS), by="R1")
        self._review(edition, "onsite", chosen, None, day(4, 27), day(5, 8))
        for name in chosen:
            if self.stated("onsite.report_confirmed"):
                add("OnsiteReportConfirmed", day(5, 9), case=name, report_id=f"report.{edition}.onsite.{name}")
            if self.stated("onsite.reviewee_feedback"):
                add("RevieweeFeedbackGiven", day(5, 9), case=name)
        self._decide(edition, year, chosen, winners, day)

    def _review(
        self, edition: str, stage: str, names: list[str], declared: date | None, scored: date, reported: date
    ) -> None:
        for i, name in enumerate(names):
            for j, reviewer in enumerate(REVIEWERS):
                if declared is not None:
                    self.add("InterestDeclared", declared, edition=edition, case=name, by=reviewer)
                total = str(760 - 6 * i + (0, 4, -4, 9, -9)[j] + (i * (j + 1)) % 3)
                self.add(
                    "ScoreSubmitted",
                    scored,
                    edition=edition,
                    case=name,
                    by=reviewer,
                    stage=stage,
                    total=total,
                    full=1000,
                    label=f"{edition}.{stage}.{name}.{reviewer}",
                )
            labels = [f"{edition}.{stage}.{name}.{r}" for r in REVIEWERS]
            self.add(
                "ReviewReportSubmitted",
                reported,
                edition=edition,
                case=name,
                by="R1",
                stage=stage,
                score_ids=labels,
                label=f"report.{edition}.{stage}.{name}",
            )

    def _decide(
        self, edition: str, year: int, chosen: list[str], winners: int, day: Callable[[int, int], date]
    ) -> None:
        def add(do: str, on: date, **members: Any) -> Line:
            return self.add(do, on, edition=edition, **members)

        kind, best = next(iter(self.pack.awards)), chosen[:winners]
        add(
            "CandidateListProposed",
            day(5, 10),
            list_id=f"list-{year}",
            rows=[{"case": n, "award": kind} for n in chosen],
            not_listed=[],
        )
        resolution, people = f"res-{year}", ["chr", "C1", "C2", "C3"]
        for person in people:
            for name in chosen:
                add("InterestDeclared", day(5, 11), case=name, by=person)
                add(
                    "CommitteeVoteCast",
                    day(5, 12),
                    case=name,
                    by=person,
                    vote="for" if name in best else "against",
                    resolution_ref=resolution,
                )
        tally = {f"{edition}/{n}": {"for": 4 if n in best else 0, "against": 0 if n in best else 4} for n in chosen}
        add(
            "CommitteeResolutionAdopted",
            day(5, 15),
            subject="proposed_awardees",
            resolution_id=resolution,
            edition_id=edition,
            present=people,
            tally=tally,
            approved=[{"case": n, "award": kind} for n in best],
            rejected=[n for n in chosen if n not in best],
        )
        add(
            "PublicNoticeOpened",
            day(5, 17),
            notice_id=f"N-{year}",
            edition_id=edition,
            cases=best,
            promised_end=day(6, 12),
        )
        add("PublicNoticeClosed", day(6, 14), notice_id=f"N-{year}", edition_id=edition, cases=best)
        if "chair_review" in (self.stated("approval.chain") or ()):
            add(
                "CommitteeResolutionAdopted",
                day(6, 15),
                subject="chair_review",
                resolution_id=f"chair-{year}",
                edition_id=edition,
                approved=[{"case": n, "award": kind} for n in best],
            )
        before = {line["case"] for line in self.lines if line["do"] == "AwardGranted"}
        prizes = {n: self.prize(kind, again=n in before) for n in best}
        add(
            "GovernmentDecisionMade",
            day(6, 20),
            decision_id=f"DEC-{year}",
            approved=[{"case": n, "award": kind, "prize_amount": prizes[n]} for n in best],
        )
        for name in best:
            add(
                "AwardGranted",
                day(6, 26),
                case=name,
                award=kind,
                decision_id=f"DEC-{year}",
                label=f"grant.{edition}.{name}",
            )
        awards = [f"{edition}-{n}" for n in best]
        add(
            "AnnouncementPublished",
            day(6, 27),
            kind="circular",
            about=[f"grant.{edition}.{n}" for n in best],
            awards=awards,
        )
        for name in best:
            add(
                "CertificateIssued",
                day(6, 27),
                case=name,
                items=[{"kind": "certificate", "serial": f"{edition}-{name}-1"}],
            )
            if prizes[name]:
                add("PrizePaid", day(6, 28), case=name, amount=prizes[name])
        add(
            "AnnouncementPublished",
            day(6, 29),
            kind="award",
            about=[f"grant.{edition}.{n}" for n in best],
            awards=awards,
        )
        add("EditionClosed", day(7, 6), edition_id=edition)

    def aftermath(self) -> None:
        """What the winners of the first edition owe, done in time."""
        granted = self.one("AwardGranted")["on"]
        years = self.stated("validity") or (3 if self.stated("duty.annual_report") else 0)
        for line in self.find("AwardGranted"):
            case = line["case"]
            for year in range(1, years + 1):
                if self.stated("duty.annual_report"):
                    self.add(
                        "PostAwardReportFiled",
                        _workday(granted.replace(year=granted.year + year) - timedelta(days=40)),
                        edition=self.first,
                        case=case,
                        kind=self.stated("duty.annual_report"),
                        period=str(year),
                    )
            if self.stated("duty.promotion_summary"):
                self.add(
                    "PostAwardReportFiled",
                    _workday(date(granted.year, 12, 1)),
                    edition=self.first,
                    case=case,
                    kind="promotion_summary",
                    period="1",
                )
            if self.stated("duty.exchange_events_min"):
                self.add(
                    "PostAwardReportFiled",
                    _workday(date(granted.year, 11, 1)),
                    edition=self.first,
                    case=case,
                    kind="exchange_event",
                    period="1",
                )
            if self.stated("duty.reassessment_min"):
                self.add(
                    "PostAwardCheckHeld",
                    _workday(granted.replace(year=granted.year + 1)),
                    edition=self.first,
                    case=case,
                    check_id=f"re-{case}",
                    kind="reassessment",
                )
            self.add(
                "FundUseReported",
                _workday(date(granted.year, 12, 15)),
                edition=self.first,
                case=case,
                period_from=granted,
                period_to=date(granted.year, 12, 1),
                items=[{"category": "training", "amount": 100}],
            )


def _workday(day: date) -> date:
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day
