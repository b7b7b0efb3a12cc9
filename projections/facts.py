"""The register of facts: which question, about which kind of subject, answered by which fold with which record.

Names and numbers are for ever; ``docs/spec/facts.md`` is written from here. A fold is a pure function of the live
events at (D, K), the law at the same (D, K), and the subject; it returns a three-valued answer with its reasons. Code
asks by a fact's constant, so that the type checker knows the members of the answer. HTTP, the command line and
scenarios are given a name, and look it up in ``FACTS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from ledger.derivation import bans, cases, eligibility, money, notices, prize, quota, scores, standing
from ledger.derivation.answer import Answer
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.record import Kind, Member, Part, members_of
from ledger.derivation.version import UNNAMED
from ledger.errors import InvariantError, NotFoundError
from ledger.sentences import enumeration
from projections import duties, edition_course, next_steps, org_standing, oversight, publication, reviewers
from projections.flags import inspection
from projections.sentences import sentence

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Fold = Callable[[Live, Law, str], Answer[T]]


@dataclass(frozen=True, slots=True)
class Fact(Generic[T_co]):
    """One derived fact; its answers have a value of type ``record``."""

    name: str
    number: str
    subject: str
    fold: Fold[T_co]
    record: type[T_co]
    zh: str
    en: str
    #: Kept in the two-axis register for lists; the others are answered by replay only.
    listed: bool = False
    #: Another slice than the subject's own kind, where the answer rests on more.
    slice: str | None = None
    #: The version of the derivation that answered it first (ledger.derivation.version).
    since: int = UNNAMED
    #: What the value is, where it is no record.
    kind: Kind | None = None

    def __post_init__(self) -> None:
        daily = [member.path for member in self.members() if member.daily]
        if self.listed and daily:
            raise InvariantError(
                f"{self.name} is listed, and {daily[0]} counts by the day: the register would not turn with it"
            )

    def members(self) -> Iterator[Member]:
        """What the value holds, or the value itself where it is no record: its path is empty then."""
        if self.kind is not None:
            yield Member("", self.kind)
        else:
            yield from members_of(self.record)


CASE_STATUS = Fact(
    "case.status", "D07", "case", cases.case_status, cases.CaseStatus, *sentence("case status"), listed=True
)
CASE_SCORES = Fact("case.scores", "D10", "case", scores.scores, scores.Scores, *sentence("scores"), listed=True)
EDITION_QUOTA = Fact(
    "edition.quota", "D11", "edition", quota.quota, dict[str, quota.Places], *sentence("use of the quota"), listed=True
)
NOTICE_END = Fact(
    "notice.end",
    "D12",
    "notice",
    notices.notice_end,
    notices.NoticeRuler,
    *sentence("end of the notice"),
    listed=True,
)
CASE_OBJECTIONS = Fact(
    "case.objections",
    "D13",
    "case",
    lambda live, _, subject: cases.open_objections(live, subject),
    cases.Objections,
    *sentence("open objections"),
    listed=True,
)
AWARD_STATUS = Fact(
    "award.status",
    "D16",
    "award",
    standing.award_status,
    standing.AwardStatus,
    *sentence("award status and validity"),
    listed=True,
)
AWARD_REWIN = Fact(
    "award.rewin",
    "D17",
    "award",
    standing.rewin,
    standing.Rewin,
    *sentence("first win or re-win"),
    listed=True,
)
PRIZE_DUE = Fact(
    "award.prize_due",
    "D18",
    "award",
    prize.prize_due,
    int,
    *sentence("prize due (fen)"),
    listed=True,
    kind="money",
)
AWARD_MONEY = Fact(
    "award.money",
    "D19",
    "award",
    money.money,
    money.MoneyOfAward,
    *sentence("money of an award (fen)"),
    listed=True,
)
ORG_MONEY = Fact(
    "org.money",
    "D19",
    "org",
    money.org_money,
    money.OrgMoney,
    *sentence("money of an organisation (fen)"),
    listed=True,
)
ORG_BANS = Fact("org.bans", "D20", "org", bans.bans, bans.Bans, *sentence("bans"), listed=True)
ORG_REAPPLY = Fact(
    "org.reapply",
    "D21",
    "org",
    bans.reapply,
    dict[str, Part[bans.Reapply]],
    *sentence("earliest re-application"),
    listed=True,
)
CASE_NEXT = Fact(
    "case.next", "D08", "case", next_steps.next_step, next_steps.NextStep, *sentence("next step and deadline")
)
CASE_ELIGIBILITY = Fact(
    "case.eligibility",
    "D09",
    "case",
    eligibility.eligibility,
    eligibility.Eligibility,
    *sentence("conditions and look-backs"),
)
CASE_PANEL = Fact("case.panel", "D14", "case", reviewers.panel, reviewers.Panels, *sentence("panel"))
CASE_REVIEWERS = Fact(
    "case.reviewers",
    "D15",
    "case",
    reviewers.reviewers,
    reviewers.Reviewers,
    *sentence("may the reviewers act"),
)
AWARD_INSTALMENTS = Fact(
    "award.instalments", "D18", "award", prize.instalments_answer, prize.Instalments, *sentence("instalments")
)
AWARD_DUTIES = Fact("award.duties", "D22", "award", duties.duties, duties.Duties, *sentence("duties after the award"))
CERTIFICATES = Fact(
    "certificate.register",
    "D24",
    "award",
    duties.certificates,
    duties.Certificates,
    *sentence("certificates of an award"),
)
EDITION_COURSE = Fact(
    "edition.course",
    "D08",
    "edition",
    edition_course.edition_course,
    edition_course.EditionCourse,
    *sentence("how an edition stands"),
)
ORG_STANDING = Fact(
    "org.standing",
    "D23",
    "org",
    org_standing.standing,
    org_standing.OrgStanding,
    *sentence("standing of an organisation"),
)
PUBLICATION = Fact(
    "publication.list",
    "D24",
    "edition",
    publication.publication,
    publication.Publication,
    *sentence("what the public may see"),
)
EDITION_FLAGS = Fact(
    "edition.flags",
    "D29",
    "edition",
    inspection.edition_flags,
    inspection.EditionFlags,
    *sentence("flags"),
    slice="inspection",
)


def _flags_about(kind: inspection.SubjectKind) -> Fact[inspection.FlagsAbout]:
    fold = partial(inspection.flags_about, kind)
    return Fact(f"{kind}.flags", "D29", kind, fold, inspection.FlagsAbout, *sentence("flags"), slice="inspection")


CASE_FLAGS = _flags_about("case")
AWARD_FLAGS = _flags_about("award")
ORG_FLAGS = _flags_about("org")
RECUSALS = Fact(
    "edition.recusals", "D26", "edition", reviewers.recusals, reviewers.Recusals, *sentence("register of recusals")
)
DISCLOSURES = Fact(
    "disclosure.register",
    "D27",
    "case",
    oversight.disclosures,
    oversight.Disclosures,
    *sentence("register of disclosures"),
)
OVERRIDES = Fact(
    "edition.overrides",
    "AUD",
    "edition",
    oversight.overrides,
    oversight.Overrides,
    *sentence("acts recorded by override"),
)
FINDING_STATE = Fact(
    "finding.state",
    "D28",
    "finding",
    oversight.finding_state,
    oversight.FindingState,
    *sentence("state of a finding"),
)
UNDETERMINED = Fact(
    "edition.undetermined",
    "D30",
    "edition",
    oversight.undetermined,
    oversight.OpenPoints,
    *sentence("what is undetermined"),
)

#: In the order in which they are told.
ALL: tuple[Fact[object], ...] = (
    CASE_STATUS,
    CASE_SCORES,
    EDITION_QUOTA,
    NOTICE_END,
    CASE_OBJECTIONS,
    AWARD_STATUS,
    AWARD_REWIN,
    PRIZE_DUE,
    AWARD_MONEY,
    ORG_MONEY,
    ORG_BANS,
    ORG_REAPPLY,
    CASE_NEXT,
    CASE_ELIGIBILITY,
    CASE_PANEL,
    CASE_REVIEWERS,
    AWARD_INSTALMENTS,
    AWARD_DUTIES,
    CERTIFICATES,
    EDITION_COURSE,
    ORG_STANDING,
    PUBLICATION,
    EDITION_FLAGS,
    CASE_FLAGS,
    AWARD_FLAGS,
    ORG_FLAGS,
    RECUSALS,
    DISCLOSURES,
    OVERRIDES,
    FINDING_STATE,
    UNDETERMINED,
)

#: Every fact by its name, for callers that were given a name.
FACTS: dict[str, Fact[object]] = {fact.name: fact for fact in ALL}


def fact_named(name: str) -> Fact[object]:
    """The fact of a name; refused with the names there are."""
    fact = FACTS.get(name)
    if fact is None:
        raise NotFoundError(
            "fact_unknown",
            sentence("no fact {name}; there are {facts}", name=(name[:40], repr(name[:40])), facts=enumeration(FACTS)),
        )
    return fact


def facts_about(subject: str, *, listed_only: bool = False, flags: bool = True) -> list[Fact[object]]:
    """The facts of one kind of subject; without ``flags`` those that look at others' records are left out."""
    return [
        fact
        for fact in FACTS.values()
        if fact.subject == subject and (fact.listed or not listed_only) and (flags or fact.slice is None)
    ]
