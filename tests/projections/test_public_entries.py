"""The publication policy of single entries: an allow-list, and decisions only once they are decisions."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from ledger.events.evaluation import CommitteeVoteCast
from ledger.events.notice import ObjectionInvestigated, ObjectionRaised
from ledger.events.oversight import RestrictedDataHandled
from ledger.events.registry import topics
from ledger.events.vocabulary import EVENTS
from projections.public_entries import AFTER_DECISION, AT_ONCE, is_public
from tests.builders import Town


def _public(town: Town) -> dict[str, bool]:
    known = town.ledger.size()
    return {e.statement.type: is_public(town.ledger, e, known) for e in town.ledger.events()}


def test_a_resolution_is_public_once_the_edition_has_its_award(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="B")
    town.must("CommitteeResolutionAdopted", date(2023, 5, 20), resolution_id="r", edition_id="GZ-2023", approved=["B"])
    assert _public(town)["CommitteeResolutionAdopted"] is False
    town.award("A", date(2023, 6, 20))
    public = _public(town)
    assert (public["CommitteeResolutionAdopted"], public["GovernmentDecisionMade"], public["AwardGranted"]) == (
        True,
        True,
        True,
    )


def test_scores_applications_interests_and_objections_are_never_public(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    public = _public(town)
    assert not any(
        public[t]
        for t in (
            "ScoreSubmitted",
            "ApplicationFiled",
            "InterestDeclared",
            "EligibilityDecided",
            "ReviewReportSubmitted",
        )
    )
    assert not {ObjectionRaised, ObjectionInvestigated, CommitteeVoteCast, RestrictedDataHandled} & {
        *AT_ONCE,
        *AFTER_DECISION,
    }


def test_the_lists_name_events_there_are_and_the_specification_names_the_same() -> None:
    assert not set(AT_ONCE) & set(AFTER_DECISION)
    text = (Path(__file__).parents[2] / "docs" / "spec" / "README.md").read_text("utf-8")
    paragraph = text[text.index("Single entries (") : text.index("All others")]
    assert {w for w in re.findall(r"[A-Za-z]+", paragraph) if w in EVENTS} == set(topics(*AT_ONCE, *AFTER_DECISION))
