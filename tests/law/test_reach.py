"""Every seat reaches as far as the vocabulary says and no further: the matrix of role, event and object."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from api.scenario.document import parse_scenario
from ledger.events.reach import reach
from ledger.events.vocabulary import EVENTS
from tests.law.reaching import tried

HERE = Path(__file__).parent / "scenarios"
DEMO = Path(__file__).parents[2] / "api/scenario/demo"
PLAYED = (
    DEMO / "zhongyuan.toml",
    DEMO / "hengyang.toml",
    DEMO / "jinshui.toml",
    DEMO / "jindong.toml",
    HERE / "after-jindong.toml",
    HERE / "more-jindong.toml",
    HERE / "more-hengyang.toml",
    HERE / "after-jinshui.toml",
    HERE / "set-aside-ganzhou.toml",
)

#: Refusals that say "not yours": whoever, whatever of, wherever.
NOT_YOURS = {
    "not_the_applicant",
    "case_of_another",
    "award_of_another",
    "not_on_panel",
    "not_the_leader",
    "not_seated",
    "key_of_another",
    "not_the_originator",
    "special_case_only",
    "may_not_open",
    "finding_of_others",
    "granted_to_oneself",
    "duties_not_separated",
    "not_an_organisation",
    "not_the_issuer",
    "recommends_itself",
}

#: Verdicts that say "yours": also where only a further signature is wanted.
REACHED = {"yes", "correction_after_decision"}

#: Seats that these years do not show, and why not.
UNTRIED = {
    # About the log itself, which is nobody's.
    "GenesisDeclared": "OPR",
    "ClockCorrected": "OPR GOV SECH",
    "HistoryLossDeclared": "OPR GOV SECH",
    "TimeAttested": "OPR SECH SUP",
    "AccessRecordAttested": "OPR SUP DIS",
    # A key proves itself: tests/ledger/test_key_introduction.py.
    "KeyRegistered": "APP REC DEP SEC SECH REV LEAD COM CHR GOV FIN SUP DIS OPR PUB",
    "KeyRevoked": "GOV OPR PUB",
    # The founders are one each, and these years hold no such act of theirs.
    "AnnouncementPublished": "GOV",
    "BodyConstituted": "GOV",
    "ClawbackWaived": "GOV",
    "EventAnnulled": "GOV OPR",
    "EventCorrected": "COM GOV OPR REV",
    "OversightFindingAnswered": "GOV OPR",
    "PrincipalRegistered": "OPR",
    "RestrictedDataHandled": "GOV OPR",
    "SanctionImposed": "GOV",
    # Special cases that no year came to; the seat acts for the office.
    "BodyDissolved": "CHR GOV SECH",
    "CaseDisqualified": "SEC",
    "ObjectionRaised": "SEC",
    "ObjectionResolved": "SECH",
    "RecusalOrdered": "SUP",
    "RegulationInterpreted": "CHR",
    "RevocationProposed": "CHR",
}


@pytest.fixture(scope="module")
def found(database_url: str) -> dict[tuple[str, str, str], set[str]]:
    """(event, role, kind of try) -> the verdicts, over all played years."""
    every: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for path in PLAYED:
        for key, verdicts in tried(database_url, parse_scenario(path.read_bytes(), path)).items():
            every[key] |= verdicts
    return every


@pytest.mark.parametrize("kind", ["own", "unrelated", "claimed"])
def test_every_seat_reaches_as_far_as_the_vocabulary_says(
    found: dict[tuple[str, str, str], set[str]], kind: str
) -> None:
    wrong = {}
    for (topic, role, tried_as), verdicts in found.items():
        said = reach(topic, role).own if kind == "own" else reach(topic, role).unrelated
        reached, refused = bool(verdicts & REACHED), verdicts <= NOT_YOURS
        if tried_as == kind and not {"yes": reached, "no": refused, "-": True}[said]:
            wrong[topic, role] = (said, verdicts)
    assert wrong == {}


def test_seats_that_no_year_tries_are_these_and_no_others(found: dict[tuple[str, str, str], set[str]]) -> None:
    seats = {(topic, seat.originator) for topic, cls in EVENTS.items() for seat in cls.SPEC.seats}
    untried = {seat for seat in seats if (*seat, "unrelated") not in found}
    assert untried == {(topic, role) for topic, roles in UNTRIED.items() for role in roles.split()}


def test_every_seat_says_how_far_it_reaches_and_why() -> None:
    seats = [(topic, seat.originator) for topic, cls in EVENTS.items() for seat in cls.SPEC.seats]
    assert [seat for seat in seats if not (reach(*seat).zh and reach(*seat).en)] == []
