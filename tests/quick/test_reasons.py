"""Every answer has its reason: also "no", "none" and 0 name the article that says so or is silent, or the reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from ledger.derivation.history import History
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.events.notice import PublicNoticeOpened
from ledger.regulation.readings import READINGS, reading_of_absence
from ledger.regulation.stated import Absence
from projections.as_of import tell
from projections.facts import (
    AWARD_MONEY,
    AWARD_REWIN,
    AWARD_STATUS,
    CASE_ELIGIBILITY,
    CASE_STATUS,
    EDITION_QUOTA,
    NOTICE_END,
    ORG_BANS,
    ORG_MONEY,
    ORG_REAPPLY,
    PRIZE_DUE,
    Fact,
)
from tests.quick.contradictions import days
from tests.quick.played import SCENARIOS, played

#: What is asked on the way and is not what the answer turns on: whose power a revocation is.
BESIDE_THE_QUESTION = ("revoke.*.steps",)

#: Ids of a reading, alone and as answers cite them -> the answers that rest on it, as the register says.
RESTING = {ids: reading.facts for reading in READINGS.values() for ids in (reading.ids, *reading.ids.split("/"))}

OF_AWARDS = (AWARD_STATUS, AWARD_REWIN, PRIZE_DUE, AWARD_MONEY)
OF_CASES = (CASE_STATUS, CASE_ELIGIBILITY)
OF_ORGANISATIONS = (ORG_BANS, ORG_REAPPLY, ORG_MONEY)


def _asked(ledger: Any, on: date) -> Iterator[tuple[Fact[Any], str]]:
    live = History(ledger.events()).live(on, ledger.size())
    for granted in live.of(AwardGranted):
        yield from ((fact, granted.payload.award_id) for fact in OF_AWARDS)
    for filed in live.of(ApplicationFiled):
        yield from ((fact, filed.payload.case_id) for fact in OF_CASES)
    yield from ((EDITION_QUOTA, opened.payload.edition_id) for opened in live.of(EditionOpened))
    yield from ((NOTICE_END, opened.payload.notice_id) for opened in live.of(PublicNoticeOpened))
    orgs = [e.payload.org for e in live.of(ApplicationFiled)] + [e.payload.org for e in live.of(AwardGranted)]
    for org in dict.fromkeys(orgs):
        yield from ((fact, org) for fact in OF_ORGANISATIONS)


@pytest.mark.parametrize("path", SCENARIOS)
def test_every_answer_has_its_reason(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value names an article or a reading; what goes on from a silence names the reading of that silence.

    The register of readings says of each which answers rest on it.
    """
    _, ledger = played(path)
    absent = _noting_silences(monkeypatch)
    without, unnamed, unlisted = [], [], []
    on = days(ledger)[-1]
    for fact, subject in _asked(ledger, on):
        absent.clear()
        told = tell(ledger, fact, subject, on, ledger.size()).answer
        named = {re.split("[:@]", reading)[0] for reading in told.why.readings}
        unnamed += [f"{fact.name} of {subject}: {path}, {ids}" for path, ids in sorted(absent) if ids not in named]
        if told.is_value and not (told.why.articles or told.why.readings):
            without.append(f"{fact.name} of {subject}: {told.to_json().get('value')}")
        unlisted += [f"{fact.name}: {ids}" for ids in sorted(named & {*RESTING}) if fact.name not in RESTING[ids]]
    assert (without, unnamed, unlisted) == ([], [], [])


def _noting_silences(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Paths of parameters that a fold has asked for and that are not stated, with the ids of the reading over them."""
    absent: set[tuple[str, str]] = set()
    stated = Law.stated

    def noting(law: Law, enacted: Enacted | None, path: str, on: date) -> Resolved:
        found = stated(law, enacted, path, on)
        if enacted is not None and found.absence is not None:
            seen = found.absence is not Absence.UNKNOWN
            reading = reading_of_absence(enacted.pack.id, path, enacted.pack.parameter(path).gap or "", seen=seen)
            if reading is not None and not any(fnmatchcase(path, beside) for beside in BESIDE_THE_QUESTION):
                absent.add((path, READINGS[reading].ids))
        return found

    monkeypatch.setattr(Law, "stated", noting)
    return absent
