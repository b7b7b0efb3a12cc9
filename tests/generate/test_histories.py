"""Made-up histories: the same again for the same seed, admitted whole, varied, and no longer in memory than need be."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta

import pytest

from api.cli.commands.serving import SERVING
from api.generate.days import EDITIONS_MAX, LAST_DAY
from api.generate.recording import batches
from api.generate.terms import REGULATIONS
from ledger.errors import MalformedError
from tests.generate.histories import history, recorded

#: What happens under every text within a handful of editions.
ALWAYS = {
    "ApplicationSupplemented",
    "ApplicationWithdrawn",
    "ApplicantNotified",
    "AwardGranted",
    "AwardRevoked",
    "CaseDisqualified",
    "CertificateIssued",
    "CertificateReturned",
    "ClawbackOrdered",
    "ClawbackReceived",
    "CommitteeVoteCast",
    "EditionClosed",
    "EventAnnulled",
    "EventCorrected",
    "FundMisuseFound",
    "FundUseReported",
    "HigherAwardRecorded",
    "IncidentRecorded",
    "LateRecordingApproved",
    "ObjectionInvestigated",
    "ObjectionRaised",
    "ObjectionResolved",
    "OnsiteVisitHeld",
    "PostAwardCheckHeld",
    "PrizePaid",
    "PublicNoticeClosed",
    "PublicNoticeOpened",
    "RecusalOrdered",
    "RevocationProposed",
    "ScoreSubmitted",
    "TitleMisuseFound",
}


@pytest.mark.parametrize("regulation", REGULATIONS)
def test_a_history_is_admitted_whole_and_holds_of_everything(regulation: str) -> None:
    made, ledger = recorded(regulation, editions=4, applicants=12)
    assert made.entries == ledger.size()
    assert Counter(e.statement.type for e in ledger.events()) == made.by_type
    assert (made.by_type["EditionOpened"], made.by_type["EditionClosed"]) == (4, 4)
    assert made.by_type["ApplicationFiled"] == 48
    assert ALWAYS - set(made.by_type) == set()
    assert made.overridden >= 2
    assert made.late >= 2
    mended = made.by_type["EventAnnulled"] + made.by_type["EventCorrected"]
    assert 0.01 <= mended / made.entries <= 0.025


@pytest.mark.parametrize("regulation", REGULATIONS)
def test_another_seed_is_admitted_too(regulation: str) -> None:
    made, ledger = recorded(regulation, editions=2, applicants=7, seed=2)
    assert made.entries == ledger.size()
    assert made.by_type["EditionClosed"] == 2


def test_the_same_seed_gives_the_same_statements() -> None:
    one, other = (list(history("ganzhou", editions=2).drafted()) for _ in range(2))
    assert [(d.submission.envelope_bytes, d.instant) for d in one] == [
        (d.submission.envelope_bytes, d.instant) for d in other
    ]
    assert [{o.pointer: o.to_json() for o in d.submission.openings.values()} for d in one] == [
        {o.pointer: o.to_json() for o in d.submission.openings.values()} for d in other
    ]


def test_another_seed_gives_other_keys_and_another_story() -> None:
    one, other = (list(history("ganzhou", seed=seed).drafted()) for seed in (1, 2))
    keys = [{s.keyid for d in drafted for s in d.submission.envelope.signatures} for drafted in (one, other)]
    assert keys[0] & keys[1] == set()
    assert [d.act.do for d in one] != [d.act.do for d in other]


def test_the_story_goes_forward_and_ends_before_its_last_day() -> None:
    drafted = list(history("jindong", editions=4, applicants=3).drafted())
    instants = [d.instant for d in drafted]
    assert instants == sorted(instants)
    assert max(d.act.on for d in drafted) <= LAST_DAY
    assert all(d.act.on <= d.act.recorded for d in drafted)


def test_what_is_over_is_forgotten() -> None:
    """Editions of a long history overlap, and no more of them are open the longer it is."""
    widest = []
    for editions in (40, 80):
        told = history("zhongyuan", editions=editions, applicants=1)
        widest.append(max(len(told._queue) for _ in told.drafted()))
    assert widest[1] <= 2.5 * widest[0]
    assert widest[1] < 100


def test_batches_are_as_large_as_they_may_be_and_none_waits_long() -> None:
    several = list(batches(history("ganzhou", editions=2).drafted(), 50))
    assert max(map(len, several)) == 50
    two_days = timedelta(days=2)
    assert all(b[-1].instant - b[0].instant <= two_days for b in several)
    assert all(len(b) == 50 or c[0].instant - b[0].instant > two_days for b, c in itertools.pairwise(several))


def test_the_command_offers_every_regulation_that_there_is() -> None:
    command = next(c for c in SERVING if c.name == "generate")
    choices = next(a.choices for a in command.takes if a.names == ("--regulation",))
    assert choices == ("all", *sorted(REGULATIONS))


@pytest.mark.parametrize(
    ("editions", "applicants", "said"),
    [
        (0, 5, "editions: from 1 to 480; more entries are made by more applicants"),
        (EDITIONS_MAX + 1, 5, "editions: from 1 to 480; more entries are made by more applicants"),
        (1, 0, "applicants: from 1 to 400 in one edition"),
        (1, 401, "applicants: from 1 to 400 in one edition"),
    ],
)
def test_a_history_has_a_size_that_it_can_have(editions: int, applicants: int, said: str) -> None:
    with pytest.raises(MalformedError) as refused:
        history("ganzhou", editions=editions, applicants=applicants)
    assert refused.value.en == said
