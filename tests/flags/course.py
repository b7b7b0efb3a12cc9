"""A clean course of one regulation, from the call to a second edition, as lines that a fault can change before they are
played.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.scenario.cast import Cast
from api.scenario.document import Act, Scenario, parse_scenario
from api.scenario.play import Player, SimulatedClock
from api.scenario.run import packs_for
from ledger.application import Ledger
from ledger.clock import SHANGHAI
from ledger.errors import MalformedError
from ledger.identifiers import parse_uscc
from ledger.log_signer import LogSigner
from ledger.regulation.pack import Pack
from ledger.regulation.shipped import shipped_packs
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.statement import compose
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.submission import Submission
from tests.memory_ledger import MemoryLedger

PACKS = {
    "ZY": "zhongyuan/draft",
    "JD": "jindong/draft",
    "HY": "hengyang/draft",
    "JS": "jinshui/interpretation",
    "GZ": "ganzhou/2022",
}

STARTS = date(2023, 1, 3)
REVIEWERS = ("R1", "R2", "R3", "R4", "R5")
NAMES = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L")
#: Everything has happened by then, and every duty of the first edition's winners is settled.
END = {
    "ZY": date(2027, 8, 2),
    "JD": date(2026, 1, 5),
    "HY": date(2026, 8, 3),
    "JS": date(2026, 8, 3),
    "GZ": date(2026, 8, 3),
}
CYCLE = {"ZY": 2, "JD": 1, "HY": 2, "JS": 2, "GZ": 2}

#: What a text that was not seen is taken to say, each recorded as a reading.
ASSUMED: dict[str, dict[str, Any]] = {
    "JS": {
        "notice.min": {"value": 5, "unit": "working_day"},
        "quota.max.quality": 3,
        "prize.first.quality": 30_000_000,
        "prize.rewin.quality": 0,
        "validity": {"value": 4, "unit": "year"},
        "reapply.quality": {"kind": "after_expiry"},
        "lookback": {"value": 3, "unit": "year"},
        "revoke.fraud.clawback": True,
    }
}

OVERRIDE = {"reason": "会议纪要（演示）", "instrument_no": "演〔2023〕1号（演示）"}

Line = dict[str, Any]


class PacedClock(SimulatedClock):
    """A line may set the time of day."""

    def set(self, instant: datetime) -> None:
        self._now = max(self._now, instant)


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


@dataclass
class Played:
    """A course in its own log."""

    course: Course
    ledger: Ledger
    player: Player

    def id(self, label: str) -> str:
        return str(self.player.memory.event(label))


@contextmanager
def played(course: Course, url: str, origin: str, schema: str) -> Iterator[Played]:
    """Play the lines through real admission; a line that is refused fails the test."""
    scenario, clock = _stage(course)
    database = Database(url, schema, size=4).open()
    vault = Vault(database, secrets.token_bytes(32))
    vault.check()
    ledger = Ledger(database, vault, LogSigner(origin, Ed25519PrivateKey.generate()), clock)
    try:
        yield _played(course, _cast(ledger, scenario, clock), clock)
    finally:
        ledger.close()


def staged_in_memory(course: Course) -> tuple[Player, PacedClock]:
    """Cast, law and clock in memory, before the first line."""
    scenario, clock = _stage(course)
    ledger: Any = MemoryLedger(clock)
    return _cast(ledger, scenario, clock), clock


def _stage(course: Course) -> tuple[Scenario, PacedClock]:
    scenario = parse_scenario(_head(course).encode(), Path("course.toml"))
    return scenario, PacedClock(scenario.starts, timedelta(minutes=2))


def _cast(ledger: Ledger, scenario: Scenario, clock: PacedClock) -> Player:
    player = Player(ledger, Cast(secrets.token_bytes(32), scenario), packs_for(scenario), clock)
    list(player.play())
    return player


def _played(course: Course, player: Player, clock: PacedClock) -> Played:
    for number, line in enumerate(course.lines):
        perform(player, clock, line, f"line/{number}", force=course.force)
    return Played(course, player._ledger, player)


def perform(player: Player, clock: PacedClock, line: Line, key: str, *, force: bool = False) -> str:
    """Submit one line, by override if it has to be forced; returns the event's id."""
    if line["do"] == "KeyRegistered":
        return _further_key(player, clock, line)
    act = _act(
        line | {"key_id": player._cast.key(line["principal_id"]).public.keyid} if line["do"] == "KeyRevoked" else line
    )
    if "at" in line:
        clock.set(datetime.combine(act.recorded, line["at"], tzinfo=SHANGHAI))
    player._publish_calendars(act.recorded)
    player._declared.update((r, f"{e}/{n}") for r, e, n in product(REVIEWERS, [line.get("edition", "")], NAMES))
    outcome = player._perform(act, key)
    if force and outcome.refusal is not None and act.override is None:
        outcome = player._perform(replace(act, override=OVERRIDE), key)
    assert outcome.refusal is None, f"{line}: {outcome.refusal}"
    assert outcome.recorded is not None
    return outcome.recorded.id


def _further_key(player: Player, clock: PacedClock, line: Line) -> str:
    """A new key for a person, signed by itself and by others; it counts after the wait."""
    new, who = PrivateKey(secrets.token_bytes(32)), line["principal_id"]
    clock.advance(line["on"])
    payload = {
        "principal_id": who,
        "key_id": new.public.keyid,
        "algorithm": new.public.algorithm,
        "public_key": new.public.raw.hex(),
        "valid_from": f"{line['on'] + timedelta(days=8)}T00:00:00+08:00",
        "valid_until": "2030-01-01T00:00:00+08:00",
        "custody": "software",
    }
    ledger, cast = player._ledger, player._cast
    body = compose(
        type="KeyRegistered",
        log=ledger.origin,
        id=cast.statement_id(new.public.keyid, clock()),
        actor=line["by"],
        role=line["as_"],
        effective_at=line["on"].isoformat(),
        payload=payload,
    )
    envelope = dsse.sign(body, new, *(cast.key(name) for name in line["with_"]))
    return ledger.submitting.record(Submission(envelope, envelope.to_bytes(), {})).id


def _act(line: Line) -> Act:
    known = {k: line.get(k) for k in ("by", "label", "late", "override", "case")}
    members = {
        k: v
        for k, v in line.items()
        if k not in {"do", "on", "recorded", "edition", "at", "as_", "with_", "basis", "causes", *known}
    }
    return Act(
        where="line",
        on=line["on"],
        recorded=line.get("recorded", line["on"]),
        do=line["do"],
        role=line.get("as_"),
        with_=line.get("with_"),
        refused=None,
        basis=line.get("basis", ()),
        causes=line.get("causes", ()),
        edition=line.get("edition"),
        members=members,
        **known,
    )


def _head(course: Course) -> str:
    organisations = "\n".join(
        f'{name} = {{ name = "{name}公司（演示）", uscc = "{_uscc(course.pack.jurisdiction_code, i)}", sector = '
        '"manufacturing" }'
        for i, name in enumerate(course.names)
    )
    reviewers = "\n".join(f"{r} = {{{' leader = true ' if r == 'R1' else ''}}}" for r in REVIEWERS)
    return (
        f'[scenario]\ntitle = "course"\npack = "{PACKS[course.code]}"\nstarts = {STARTS}\nmode = "simulation"\n'
        "complete = true\n"
        f"[organisations]\n{organisations}\n[reviewers]\n{reviewers}\n[committee]\nmembers = 3\n"
    )


def _uscc(region: str, number: int) -> str:
    """A valid credit code of the region, made up."""
    for one, two in product("0123456789ABCDEFGHJKLMNPQRTUWXY", repeat=2):
        try:
            return parse_uscc(f"91{region}DEM{number:05d}{one}{two}")
        except MalformedError:
            continue
    raise AssertionError
