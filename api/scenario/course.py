"""The ordinary course of a case: steps that a scenario leaves out because nothing special happens in them.

A scenario tells what matters. Before an act that has to be recorded, the player records the steps of the text
that its cases have not done yet, in the text's order, signed by those whose seats they are. ``complete = true`` in
the scenario's head switches this off; an act that is to be refused, or overrides a rule, is never helped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from api.scenario.document import Act
from api.scenario.stand_ins import STAND_INS
from api.scenario.written import wrong
from api.sentences import sentence
from ledger.derivation.procedure import STEP_NAMES, cases_of, step_of
from ledger.errors import RefusedError
from ledger.events.after_award import AwardRevoked, RevocationProposed
from ledger.events.application import ApplicationFiled, ApplicationWithdrawn
from ledger.events.decision import AnnouncementPublished, AwardGranted
from ledger.events.edition import BodyConstituted, EditionClosed, EditionOpened
from ledger.events.evaluation import (
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    OnsiteVisitHeld,
    ReviewReportSubmitted,
    ScoreSubmitted,
)
from ledger.events.money import PrizePaid
from ledger.events.notice import CaseDisqualified
from ledger.events.registry import Payload
from ledger.regulation.pack import Pack
from ledger.regulation.tables import Step
from ledger.statement import edition_of

#: Longest lag between the day of an act and its recording that needs no explanation.
GRACE_DAYS = 3

#: What stands in statements that are played because the scenario leaves them out.
OMITTED = STAND_INS["omitted"]


class StepRefusedError(Exception):
    """An ordinary step that the player filled in was refused: which, and why."""

    def __init__(self, step: tuple[str, date], refusal: RefusedError) -> None:
        super().__init__(*step)
        self.step, self.refusal = step, refusal


@dataclass(slots=True)
class CaseRecord:
    """What a case has done so far in the play."""

    org: str
    award: str
    edition: str
    last_on: date
    steps: set[str] = field(default_factory=set)
    voted: bool = False
    out: bool = False
    visited: bool = False
    #: Stage -> the live scores of it.
    scores: dict[str, list[str]] = field(default_factory=dict)
    report_id: str | None = None
    grant_id: str | None = None
    award_id: str | None = None


@dataclass(slots=True)
class EditionRecord:
    """What an edition has so far."""

    pack: Pack
    #: Panels and rules may be recorded for an edition that nobody has opened; its cases have no ordinary course.
    opened: bool = False
    has_rules: bool = False
    has_panel: bool = False
    supervised: bool = False


class Progress:
    """Cases and editions as the acts played so far have left them."""

    def __init__(self) -> None:
        self.cases: dict[str, CaseRecord] = {}
        self.editions: dict[str, EditionRecord] = {}
        self.revocation_steps: dict[str, set[str]] = {}
        self.reviewers_in_panel: list[str] = []

    def note(self, payload: Payload, on: date, event_id: str, pack: Pack) -> None:
        """Take in an act that was recorded."""
        match payload:
            case EditionOpened():
                edition = self._edition(payload.edition_id, pack)
                edition.pack, edition.opened = pack, True
            case ApplicationFiled():
                of = edition_of(payload.case_id)
                self.cases[payload.case_id] = CaseRecord(payload.org, payload.award, of, on)
            case BodyConstituted():
                self._body(payload, pack)
            case CommitteeResolutionAdopted(subject="review_rules"):
                self._edition(payload.edition_id, pack).has_rules = True
            case CommitteeResolutionAdopted(subject="revocation_proposal"):
                for item in payload.approved:
                    self._revocation(item.case).add("committee_resolution")
            case RevocationProposed() | AwardRevoked():
                self._revocation(payload.award_id).add("office_request")
            case CommitteeVoteCast():
                self._case(payload.case_id).voted = True
            case ApplicationWithdrawn() | CaseDisqualified():
                self._case(payload.case_id).out = True
            case _:
                pass
        self._step(payload, on, event_id)

    def _step(self, payload: Payload, on: date, event_id: str) -> None:
        step = step_of(payload)
        for case_id in cases_of(payload):
            record = self._case(case_id)
            record.last_on = max(record.last_on, on)
            if step is not None and not isinstance(payload, ScoreSubmitted | OnsiteVisitHeld):
                record.steps.add(step)
            if isinstance(payload, ScoreSubmitted):
                live = [s for s in record.scores.get(payload.stage, ()) if s != payload.replaces]
                record.scores[payload.stage] = [*live, event_id]
            record.visited |= isinstance(payload, OnsiteVisitHeld)
            if isinstance(payload, ReviewReportSubmitted) and payload.stage == "onsite":
                record.report_id = event_id
            if isinstance(payload, AwardGranted):
                record.grant_id, record.award_id = event_id, payload.award_id
        if isinstance(payload, AnnouncementPublished) and payload.kind in ("award", "circular"):
            for record in self.cases.values():
                if record.award_id in payload.awards:
                    record.steps |= {"circular", "publication"}

    def _body(self, payload: BodyConstituted, pack: Pack) -> None:
        edition = payload.edition_id
        if payload.kind == "panel" and edition is not None:
            self._edition(edition, pack).has_panel = True
            self.reviewers_in_panel = [m.principal_id for m in payload.members]
        if payload.kind == "supervision_group":
            for name, record in self.editions.items():
                record.supervised |= edition in (None, name)

    def _case(self, case_id: str) -> CaseRecord:
        return self.cases.setdefault(case_id, CaseRecord("", "", edition_of(case_id), date.min))

    def _edition(self, edition: str, pack: Pack) -> EditionRecord:
        return self.editions.setdefault(edition, EditionRecord(pack))

    def _revocation(self, award_or_case: str) -> set[str]:
        by_case = {c: r.award_id for c, r in self.cases.items()}
        return self.revocation_steps.setdefault(by_case.get(award_or_case) or award_or_case, set())


Perform = Callable[[Act], str]


class Course:
    """Plays what an act presupposes."""

    def __init__(self, progress: Progress, reviewers: Sequence[str], leader: str | None, perform: Perform) -> None:
        self._progress = progress
        self._reviewers = list(reviewers)
        self._leader = leader
        self._perform = perform
        self.filled = 0

    def before(self, act: Act, payload: Payload | None) -> None:
        """Record the steps that come before an act and that its cases have not done."""
        if payload is None:
            return
        cases = [c for c in self._cases(payload) if c in self._progress.cases and self._progress.cases[c].org]
        for edition in dict.fromkeys(edition_of(c) for c in cases):
            record = self._progress.editions.get(edition)
            if record is not None and record.opened:
                self._catch_up(act, payload, record, [c for c in cases if edition_of(c) == edition])
        if isinstance(payload, AwardRevoked):
            self._before_revocation(act, payload)
        if isinstance(payload, EditionClosed) and payload.reason == "completed":
            self._before_closing(act, payload.edition_id)

    def _cases(self, payload: Payload) -> list[str]:
        if isinstance(payload, PrizePaid):
            return [c for c, r in self._progress.cases.items() if r.award_id and r.award_id == payload.award_id]
        return cases_of(payload)

    def _catch_up(self, act: Act, payload: Payload, edition: EditionRecord, cases: list[str]) -> None:
        step = step_of(payload)
        order = [s.step for s in edition.pack.parameter("procedure").rows(Step)]
        if step is None or step not in order:
            return
        before = [s for s in order[: order.index(step)] if any(not self._has(c, s) for c in cases)]
        if step == "eligibility":
            self._supervision(act, act.on, cases[0])
        if isinstance(payload, ScoreSubmitted | ReviewReportSubmitted):
            self._review_set_up(act, act.on, cases[0])
        early = self._start(act, edition.pack, cases) if "notice" in before else act.on
        for name in before:
            late_step = order.index(name) > order.index("notice") if "notice" in order else False
            missing = [c for c in cases if not self._has(c, name)]
            self._fill(name, act, act.on if late_step else early, missing, payload)
        if isinstance(payload, CommitteeResolutionAdopted) and payload.subject == "proposed_awardees":
            self._votes(act, act.on, cases, payload.resolution_id)

    def _has(self, case_id: str, step: str) -> bool:
        return step in ("call", "application") or step in self._progress.cases[case_id].steps

    def _start(self, act: Act, pack: Pack, cases: list[str]) -> date:
        """The day of the steps before a notice that has to be over by the act's own day."""
        minimum = pack.parameter("notice.min")
        gap = (minimum.number if minimum.value else 0) * 2 + 12
        return max([*(self._progress.cases[c].last_on for c in cases), act.on - timedelta(days=gap)])

    # Single steps

    def _fill(self, step: str, act: Act, on: date, cases: list[str], payload: Payload) -> None:
        match step:
            case "recommendation" | "opinions" | "certificate":
                for case in cases:
                    self._do(act, on, STEP_NAMES[step][2], case=case)
            case "eligibility":
                self._supervision(act, on, cases[0])
                for case in cases:
                    self._do(act, on, "EligibilityDecided", case=case)
            case "material_review" | "onsite_review":
                for case in cases:
                    self._review(act, on, case, step.partition("_")[0])
            case "shortlist":
                self._shortlist(act, on, cases)
            case "report_confirmation":
                for case in cases:
                    self._do(
                        act, on, "OnsiteReportConfirmed", case=case, report_id=self._progress.cases[case].report_id
                    )
            case "candidate_list":
                rows = [{"case": c, "award": self._progress.cases[c].award} for c in cases]
                self._do(act, on, "CandidateListProposed", rows=rows)
            case "committee_decision" | "chair_review" | "decision":
                self._resolve(step, act, on, cases, payload)
            case "notice":
                self._notice(act, on, cases)
            case "circular" | "publication":
                self._announce(act, on, cases)
            case _:
                return

    def _supervision(self, act: Act, on: date, case: str) -> None:
        record = self._progress.editions[edition_of(case)]
        if record.pack.parameter("supervision_group.required").yes and not record.supervised:
            self._do(
                act,
                on,
                "BodyConstituted",
                kind="supervision_group",
                body_id=f"sup-{edition_of(case)}",
                edition_id=edition_of(case),
                members=["sup"],
            )

    def _review_set_up(self, act: Act, on: date, case: str) -> None:
        edition = edition_of(case)
        record = self._progress.editions[edition]
        if not record.has_rules and record.pack.parameter("review_rules.by_committee").yes:
            rules = {"aggregation": "mean", "decisive_stage": "onsite", "decimals": 2}
            self._do(act, on, "CommitteeResolutionAdopted", subject="review_rules", edition_id=edition, rules=rules)
        if not record.has_panel and self._reviewers:
            size = record.pack.parameter("panel.size_max")
            most = size.number if size.value else len(self._reviewers)
            members = self._reviewers[:most]
            leader = self._leader if self._leader in members else members[0]
            self._do(
                act,
                on,
                "BodyConstituted",
                kind="panel",
                body_id=f"panel-{edition}",
                edition_id=edition,
                members=members,
                leader=leader,
            )

    def _review(self, act: Act, on: date, case: str, stage: str) -> None:
        self._review_set_up(act, on, case)
        pack = self._progress.editions[edition_of(case)].pack
        who = self._leader or next(iter(self._progress.reviewers_in_panel or self._reviewers), None)
        if who is None:
            raise wrong(act.where, sentence("its case needs a review, and there are no reviewers; write [reviewers]"))
        record = self._progress.cases[case]
        if stage == "onsite" and not record.visited:
            self._do(act, on, "OnsiteVisitHeld", case=case, attendees=[who])
        if not record.scores.get(stage):
            self._do(act, on, "ScoreSubmitted", case=case, by=who, stage=stage, total=passing_score(pack))
        self._do(act, on, "ReviewReportSubmitted", case=case, stage=stage, score_ids=list(record.scores[stage]))

    def _shortlist(self, act: Act, on: date, cases: list[str]) -> None:
        edition = edition_of(cases[0])
        eligible = [
            c
            for c, r in self._progress.cases.items()
            if r.edition == edition and "eligibility" in r.steps and not r.out
        ]
        for case in eligible:
            if not self._has(case, "material_review"):
                self._review(act, on, case, "material")
        places = self._progress.editions[edition].pack.parameter("shortlist.max")
        cap = places.number if places.value else len(eligible)
        chosen = [*cases, *(c for c in eligible if c not in cases)][:cap]
        others = [{"case": c, "reason": OMITTED} for c in eligible if c not in chosen]
        self._do(act, on, "ShortlistDecided", selected=chosen, not_selected=others)

    def _votes(self, act: Act, on: date, cases: list[str], resolution: str) -> None:
        for case in cases:
            record = self._progress.cases[case]
            method = self._progress.editions[record.edition].pack.parameter("committee.method").value
            if method in ("vote", "ballot") and not record.voted:
                self._do(act, on, "CommitteeVoteCast", case=case, by="chr", vote="for", resolution_ref=resolution)

    def _resolve(self, step: str, act: Act, on: date, cases: list[str], payload: Payload) -> None:
        edition = edition_of(cases[0])
        approved = [{"case": c, "award": self._progress.cases[c].award} for c in cases]
        if step == "decision":
            decision_id = getattr(payload, "decision_id", None) or f"DEC-{edition}-{self.filled}"
            self._do(act, on, "GovernmentDecisionMade", subject="award", decision_id=decision_id, approved=approved)
            return
        resolution = f"res-{edition}-{self.filled}"
        if step == "committee_decision":
            self._votes(act, on, cases, resolution)
        subject = "proposed_awardees" if step == "committee_decision" else "chair_review"
        self._do(
            act,
            on,
            "CommitteeResolutionAdopted",
            subject=subject,
            resolution_id=resolution,
            edition_id=edition,
            approved=approved,
            present=["chr"],
        )

    def _notice(self, act: Act, on: date, cases: list[str]) -> None:
        notice = f"N-{edition_of(cases[0])}-{self.filled}"
        last = act.on - timedelta(days=1)
        self._do(
            act,
            on,
            "PublicNoticeOpened",
            notice_id=notice,
            edition_id=edition_of(cases[0]),
            cases=cases,
            promised_end=max(on, last),
        )
        self._do(
            act, max(on, last), "PublicNoticeClosed", notice_id=notice, edition_id=edition_of(cases[0]), cases=cases
        )

    def _announce(self, act: Act, on: date, cases: list[str]) -> None:
        records = [self._progress.cases[c] for c in cases]
        about = [r.grant_id for r in records if r.grant_id]
        awards = [r.award_id for r in records if r.award_id]
        if awards:
            self._do(act, on, "AnnouncementPublished", kind="circular", about=about, awards=awards)

    def _before_revocation(self, act: Act, payload: AwardRevoked) -> None:
        found = [(c, r) for c, r in self._progress.cases.items() if r.award_id == payload.award_id]
        if not found:
            return
        case, record = found[0]
        edition = self._progress.editions.get(record.edition)
        if edition is None:
            return
        steps = edition.pack.parameter(f"revoke.{payload.ground}.steps").words
        done = self._progress.revocation_steps.get(payload.award_id, set())
        if "committee_resolution" in steps and "committee_resolution" not in done:
            self._do(
                act,
                act.on,
                "CommitteeResolutionAdopted",
                subject="revocation_proposal",
                edition_id=record.edition,
                approved=[{"case": case, "award": record.award}],
            )

    def _before_closing(self, act: Act, edition: str) -> None:
        record = self._progress.editions.get(edition)
        if record is None or not record.pack.parameter("result.published").yes:
            return
        open_cases = [
            c
            for c, r in self._progress.cases.items()
            if r.edition == edition and r.award_id and "publication" not in r.steps
        ]
        if open_cases:
            self._announce(act, act.on, open_cases)

    def _do(
        self, act: Act, on: date, do: str, by: str | None = None, case: str | None = None, **members: object
    ) -> str:
        self.filled += 1
        delayed = (act.recorded - on).days > GRACE_DAYS
        return self._perform(
            Act(
                where=f"{act.where} (implied {do})",
                on=on,
                recorded=act.recorded,
                do=do,
                by=by,
                role=None,
                with_=None,
                label=None,
                refused=None,
                late={"kind": "delayed", "reason": OMITTED} if delayed else None,
                override=None,
                basis=(),
                causes=(),
                case=case,
                edition=None,
                members=members,
            )
        )


def passing_score(pack: Pack) -> str:
    """A score that passes every threshold of a text, or seven tenths of the full score."""
    full = pack.parameter("score.full")
    lines = [pack.parameter(f"score.threshold.{award}") for award in pack.awards]
    seven_tenths = Decimal(full.number if full.value else 1000) * 7 // 10
    return str(max(seven_tenths, *(Decimal(line.number if line.value else 0) for line in lines)))
