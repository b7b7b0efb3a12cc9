"""A decision sees all that it looks at, and an answer all that it rests on: by the boundary of its plan, and by its
slice, everything comes out as by the whole log.

Scenarios seldom have what leads furthest: bodies of no edition, their dissolutions, successions through several hands.
These have courses of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.derivation.history import EVER, History
from ledger.errors import NotFoundError
from projections.as_of import state, tell
from projections.facts import FACTS
from tests.flags.course import Course, Line
from tests.flags.playing import perform, staged_in_memory
from tests.flags.texts import CYCLE
from tests.memory_ledger import MemoryLedger
from tests.quick.played import SCENARIOS, played
from tests.quick.twice import Twice, decided_otherwise, deciding_twice

#: Subjects of facts -> the kind of their tag.
_TAGS = {"c": "case", "a": "award", "o": "org", "ed": "edition", "n": "notice"}


@pytest.mark.parametrize("path", SCENARIOS)
def test_the_plan_decides_as_the_whole_log(path: Path) -> None:
    _, ledger = played(path)
    assert decided_otherwise(ledger) == []


def _first(course: Course, do: str, **members: object) -> int:
    """Where the first such line stands, of any edition."""
    return next(n for n, line in enumerate(course.lines) if line["do"] == do and members.items() <= {**line}.items())


def _put(course: Course, place: int, *lines: Line) -> None:
    """Lines at a place, each on the day of the one that stood there unless it has its own."""
    on = course.lines[place]["on"]
    course.lines[place:place] = [{"on": on} | line for line in lines]


def _second(course: Course) -> int:
    return 2023 + CYCLE[course.code]


def _dissolved(code: str, kind: str, before: str) -> Course:
    """A body is dissolved, which names no edition, before what it was there for."""
    course = Course(code, applicants=4, second=False)
    body = course.lines[_first(course, "BodyConstituted", kind=kind)]
    by = {"panel": ("sech", "SECH"), "supervision_group": ("chr", "CHR")}[kind]
    place = _first(course, before)
    gone = {"do": "BodyDissolved", "body_id": body["body_id"], "reason": "replaced", "by": by[0], "as_": by[1]}
    _put(course, place, gone)
    del course.lines[place + 3 :]
    return course


def _dissolved_unreported() -> Course:
    """A panel of some cases is dissolved while one of them has scores and no report."""
    course = Course("ZY", applicants=4, second=False)
    panel = course.lines[_first(course, "BodyConstituted", kind="panel")]
    del panel["edition_id"]
    panel["cases"] = list(course.names)
    place = _first(course, "ReviewReportSubmitted")
    gone = {"do": "BodyDissolved", "body_id": panel["body_id"], "reason": "replaced", "by": "sech", "as_": "SECH"}
    _put(course, place, gone)
    del course.lines[place + 1 :]
    return course


def _standing_supervision() -> Course:
    """The supervision group is of no edition."""
    course = Course("JD", applicants=4, second=False)
    group = course.lines[_first(course, "BodyConstituted", kind="supervision_group")]
    del group["edition_id"], group["edition"]
    del course.lines[_first(course, "CommitteeResolutionAdopted") :]
    return course


def _recused_from_an_office() -> Course:
    """Somebody is recused who has a seat only in a body of no edition."""
    course = Course("ZY", applicants=4, second=False)
    place = _first(course, "InterestDeclared")
    _put(
        course,
        place,
        {"do": "BodyConstituted", "kind": "office", "body_id": "OFF", "members": ["sup"]},
        {"do": "RecusalOrdered", "edition": course.first, "person": "sup", "case_ids": ["A"]},
    )
    del course.lines[place + 2 :]
    return course


def _countersigned_from_an_office() -> Course:
    """Who countersigns holds the role in a body of no edition, and has no seat there."""
    course = Course("ZY", applicants=4, second=False)
    shortlist = course.lines[_first(course, "ShortlistDecided")]
    shortlist["with_"] = ("opr",)
    del course.lines[course.lines.index(shortlist) + 1 :]
    place = _first(course, "InterestDeclared")
    on = course.lines[place]["on"]
    _put(
        course,
        place,
        {"do": "BodyConstituted", "kind": "office", "body_id": "OFF", "members": ["opr"]},
        {"do": "RoleGranted", "principal_id": "opr", "role": "SECH", "scope": {"body": "OFF"}, "valid_from": on},
    )
    return course


def _heir(code: str, *hands: str, carries: str) -> Course:
    """B succeeds A, which has won, through other hands; a decision says what passes on to it. B wins again."""
    course = Course(code, applicants=5, winners=1, again=("B", "C"))
    chain = ["A", *hands, "B"]
    merged = [
        {"do": "PrincipalUpdated", "principal_id": a, "kind": "merged", "successor_ids": [b]}
        for a, b in pairwise(chain)
    ]
    decided = {
        "do": "GovernmentDecisionMade",
        "subject": "succession",
        "decision_id": "SUC",
        "reasons_hash": "b" * 64,
        "approved": [{"org": "B", "predecessor": "A", "carries": [carries]}],
    }
    _put(course, _first(course, "EditionOpened", edition_id=f"{code}-{_second(course)}"), *merged, decided)
    return course


def _banned_heir() -> Course:
    """The ban of the first of four passes on to the last, just before the government decides on that one."""
    course = _heir("ZY", "E", "D", carries="bans")
    place = _first(course, "GovernmentDecisionMade", decision_id=f"DEC-{_second(course)}")
    on: date = course.lines[place]["on"]
    award = {"edition": course.first, "case": "A"}
    _put(
        course,
        place,
        {
            "do": "IncidentRecorded",
            "incident_id": "I1",
            "org": "A",
            "category": "accident",
            "severity": "larger",
            "domain": "safety",
            "authority": "应急局",
            "occurred_on": on - timedelta(days=20),
            "determined_on": on - timedelta(days=10),
            "label": "incident",
        },
        {"do": "RevocationProposed", **award, "ground": "accident", "facts": ["incident"]},
        {
            "do": "GovernmentDecisionMade",
            "edition": course.first,
            "subject": "revocation",
            "decision_id": "REV",
            "approved": [{"award_id": f"{course.first}-A"}],
        },
        {"do": "AwardRevoked", **award, "ground": "accident", "decision_id": "REV"},
    )
    del course.lines[place + 5 :]
    return course


def _place_of_an_heir(code: str) -> Course:
    """One place, and an heir that wins again beside it; the government decides on the two one after the other."""
    course = _heir(code, carries="awards")
    year = _second(course)
    edition = f"{code}-{year}"
    opened = course.lines[_first(course, "EditionOpened", edition_id=edition)]
    opened["quota_override"] = {next(iter(course.pack.awards)): 1}
    place = _first(course, "GovernmentDecisionMade", decision_id=f"DEC-{year}")
    decision = course.lines[place]
    granted = course.lines[_first(course, "AwardGranted", decision_id=f"DEC-{year}", case="B")]
    course.lines.remove(granted)
    other = course.lines[_first(course, "AwardGranted", decision_id=f"DEC-{year}", case="C")]
    other["decision_id"] = f"DEC-{year}b"
    later = {**decision, "decision_id": f"DEC-{year}b", "approved": decision["approved"][1:]}
    decision["approved"] = decision["approved"][:1]
    _put(course, place + 1, {**granted, "on": decision["on"]}, later)
    del course.lines[course.lines.index(other) + 1 :]
    return course


def _brought_back_beside_an_heir() -> Course:
    """A ruling against the other winner is annulled: the one place is free, as the heir takes none."""
    course = _heir("ZY", carries="awards")
    year = _second(course)
    edition = f"ZY-{year}"
    opened = course.lines[_first(course, "EditionOpened", edition_id=edition)]
    kind = next(iter(course.pack.awards))
    opened["quota_override"] = {kind: 2}
    place = _first(course, "AwardGranted", edition=edition, case="C")
    on: date = course.lines[place]["on"]
    revised = {**opened, "on": on, "edition": edition, "revision": 2, "quota_override": {kind: 1}}
    ruling = {
        "do": "AwardSetAside",
        "edition": edition,
        "case": "C",
        "void_from": "origin",
        "decision_id": f"DEC-{year}",
        "body": "法院（演示）",
        "ruling_no": "x",
        "ruled_on": on,
        "ruling_hash": "0" * 64,
        "label": "ruling",
    }
    annulled = {"do": "EventAnnulled", "edition": edition, "target": "ruling"}
    course.lines[place + 1 :] = [{"on": on} | line for line in (ruling, revised, annulled)]
    return course


class _Case(NamedTuple):
    course: Callable[[], Course]
    #: What is refused, by which code.
    refused: tuple[tuple[str, str], ...] = ()


_COURSES = {
    **{
        f"panel dissolved {code}": _Case(
            lambda code=code: _dissolved(code, "panel", "ScoreSubmitted"), (("ScoreSubmitted", "not_on_panel"),) * 2
        )
        for code in ("ZY", "JD", "GZ")
    },
    "supervision dissolved": _Case(
        lambda: _dissolved("JD", "supervision_group", "EligibilityDecided"),
        (("EligibilityDecided", "supervision_group_missing"),) * 2,
    ),
    "unreported cases": _Case(_dissolved_unreported, (("BodyDissolved", "case_unreported"),)),
    "standing supervision": _Case(_standing_supervision),
    "recused": _Case(_recused_from_an_office),
    "countersigned": _Case(_countersigned_from_an_office),
    "banned heir": _Case(_banned_heir, (("GovernmentDecisionMade", "banned"),)),
    **{f"place of an heir {code}": _Case(lambda code=code: _place_of_an_heir(code)) for code in ("ZY", "GZ")},
    "brought back": _Case(_brought_back_beside_an_heir),
}
COURSES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in _COURSES]


@cache
def _played(name: str) -> tuple[Twice, MemoryLedger]:
    course = _COURSES[name].course()
    player, clock = staged_in_memory(course)
    with deciding_twice() as twice:
        for number, line in enumerate(course.lines):
            try:
                perform(player, clock, line, f"line/{number}")
            except AssertionError:
                assert twice.refused, line
    ledger: MemoryLedger = player._ledger  # type: ignore[assignment]
    return twice, ledger


@pytest.mark.parametrize("name", COURSES)
def test_what_leads_far_is_seen_by_the_plan(name: str) -> None:
    twice, _ = _played(name)
    assert twice.differing == []
    assert tuple(twice.refused) == _COURSES[name].refused


@pytest.mark.parametrize("name", COURSES)
def test_facts_told_from_their_slice_are_those_of_the_whole_log(name: str) -> None:
    _, ledger = _played(name)
    history, known = History(ledger.events()), ledger.size()
    everything = history.live(EVER, known)
    subjects: dict[str, set[str]] = {}
    for tag in {tag for event in everything for tag in event.recorded.statement.tags}:
        kind, _, subject = tag.partition(":")
        subjects.setdefault(_TAGS.get(kind, ""), set()).add(subject)
    on = max(everything.days())
    live, law = state(history, ledger.packs(), on, known)
    differing = []
    for fact in FACTS.values():
        if fact.name.endswith(".flags") and fact.subject != "edition":
            # They rest on the slices of their editions.
            continue
        for subject in sorted(subjects.get(fact.subject, ())):
            try:
                told = tell(ledger, fact, subject, on, known).answer
            except NotFoundError:
                continue
            if told.to_json() | {"why": None} != fact.fold(live, law, subject).to_json() | {"why": None}:
                differing.append(f"{fact.name} of {subject}")
    assert differing == []
