"""What is read for the facts about an organisation or an award leaves out only what none of them looks at."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from ledger.derivation.history import History, Reads
from ledger.derivation.law import law_of
from ledger.errors import NotFoundError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.events.registry import Payload
from projections.as_of import tell_all, tell_of
from projections.deriving import derived
from projections.facts import PUBLICATION, Fact, facts_about
from projections.slices import UNTOLD, history_for, payloads, told_history
from tests.memory_ledger import MemoryLedger
from tests.quick.played import SCENARIOS, played


def _subjects(ledger: MemoryLedger) -> set[tuple[str, str]]:
    filed, granted = payloads(ApplicationFiled, ledger.events()), payloads(AwardGranted, ledger.events())
    opened = payloads(EditionOpened, ledger.events())
    return (
        {("org", p.org) for p in filed + granted}
        | {("award", p.award_id) for p in granted}
        | {("publication", p.edition_id) for p in opened}
    )


def _facts(kind: str) -> tuple[Fact[object], ...]:
    return (PUBLICATION,) if kind == "publication" else facts_about(kind, flags=False)


def _looked_at(ledger: MemoryLedger, kind: str, subject: str, history: History) -> set[type[Payload]]:
    known, looked = len(ledger.events()), set[type[Payload]]()
    days = sorted({e.statement.effective_on for e in history.events})
    for on in days[:: max(1, len(days) // 6)] + days[-1:]:
        reads = Reads()
        live = history.live(on, known, reads)
        law = law_of(live, ledger.packs())
        for fact in _facts(kind):
            derived(fact.name, partial(fact.fold, live, law, subject))
        looked |= {question[0] for question in reads.acts | reads.ahead}
    return looked


@pytest.mark.parametrize("path", SCENARIOS)
def test_no_fact_looks_at_what_is_left_out(path: Path) -> None:
    _, ledger = played(path)
    known = len(ledger.events())
    for kind, subject in sorted(_subjects(ledger)):
        whole = history_for(ledger, kind, subject, known)
        # Payload would be a look at everything.
        assert _looked_at(ledger, kind, subject, whole).isdisjoint({*UNTOLD[kind], Payload})
        told = {e.position for e in told_history(ledger, kind, subject, known).events}
        assert all(
            isinstance(e.statement.payload, UNTOLD[kind]) or e.statement.type in ("EventAnnulled", "EventCorrected")
            for e in whole.events
            if e.position not in told
        )


@pytest.mark.parametrize("path", SCENARIOS[::5])
def test_an_answer_is_that_of_the_whole_slice(path: Path) -> None:
    _, ledger = played(path)
    known = len(ledger.events())
    for kind, subject in sorted(_subjects(ledger)):
        if kind == "publication":
            continue
        days = sorted({e.statement.effective_on for e in history_for(ledger, kind, subject, known).events})
        for on, at in ((days[-1], known), (days[len(days) // 2], known), (days[-1], known // 2)):
            try:
                whole = tell_all(ledger, kind, subject, on, at, whole=True)
            except Exception as error:  # noqa: BLE001  (not known then: told so in both ways)
                with pytest.raises(type(error)):
                    tell_all(ledger, kind, subject, on, at)
            else:
                assert tell_all(ledger, kind, subject, on, at) == whole


@pytest.mark.parametrize("path", SCENARIOS[::5])
def test_the_public_is_told_the_same_by_what_is_read_for_it(path: Path) -> None:
    _, ledger = played(path)
    known, packs = len(ledger.events()), ledger.packs()
    for edition in sorted(p.edition_id for p in payloads(EditionOpened, ledger.events())):
        for at in (known, known // 2):
            try:
                whole = history_for(ledger, "edition", edition, at)
            except NotFoundError:
                continue
            told = told_history(ledger, "publication", edition, at)
            for on in sorted({e.statement.effective_on for e in whole.events})[-1:0:-7]:
                by_told, by_whole = (tell_of(h, packs, PUBLICATION, edition, on, at) for h in (told, whole))
                assert by_told == by_whole
