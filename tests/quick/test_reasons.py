"""Every answer has its reason: also "no", "none" and 0 name the article that says so or is silent, or the reading."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.derivation.history import History
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from projections.as_of import tell
from projections.facts import (
    AWARD_MONEY,
    AWARD_REWIN,
    AWARD_STATUS,
    ORG_BANS,
    ORG_MONEY,
    ORG_REAPPLY,
    PRIZE_DUE,
    Fact,
)
from tests.quick.contradictions import days
from tests.quick.played import SCENARIOS, played

OF_AWARDS = (AWARD_STATUS, AWARD_REWIN, PRIZE_DUE, AWARD_MONEY)
OF_ORGANISATIONS = (ORG_BANS, ORG_REAPPLY, ORG_MONEY)


def _asked(ledger: Any, on: date) -> Iterator[tuple[Fact[Any], str]]:
    live = History(ledger.events()).live(on, ledger.size())
    for granted in live.of(AwardGranted):
        yield from ((fact, granted.payload.award_id) for fact in OF_AWARDS)
    orgs = [e.payload.org for e in live.of(ApplicationFiled)] + [e.payload.org for e in live.of(AwardGranted)]
    for org in dict.fromkeys(orgs):
        yield from ((fact, org) for fact in OF_ORGANISATIONS)


@pytest.mark.parametrize("path", SCENARIOS)
def test_every_value_names_an_article_or_a_reading(path: Path) -> None:
    _, ledger = played(path)
    without = [
        f"{on} {fact.name} of {subject}: {told.answer.to_json().get('value')}"
        for on in days(ledger)[-2:]
        for fact, subject in _asked(ledger, on)
        if (told := tell(ledger, fact, subject, on, ledger.size())).answer.is_value
        and not (told.answer.why.articles or told.answer.why.readings)
    ]
    assert without == []
