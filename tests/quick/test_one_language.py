"""What is said in one language has no letters of another: refusals, reasons of answers, flags, narratives, and what
would follow from an act, over every scenario.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from ledger.clock import shanghai_day
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.after_award import AwardRevoked
from ledger.events.decision import AwardGranted
from projections.as_of import tell_all
from projections.figures import flag_sentence
from projections.inquiry.hypotheses import consequences, suppose
from projections.inquiry.narrative import narrative
from tests.memory_ledger import MemoryLedger
from tests.quick.played import SCENARIOS, played
from tests.quick.test_words import INTERNAL
from tests.words.other_letters import CHINESE, strings, tails

#: The pack of docs/examples.
INVENTED = "YL"

Pairs = Iterator[tuple[str, str]]


def typed_into(path: Path, ledger: MemoryLedger) -> set[str]:
    """What people typed into a log, or tried to; what the texts themselves call things; and what an invented text calls
    them, for which the catalogues have no words.
    """
    recorded = {s for e in ledger.events() for s in strings(json.loads(e.statement.body))}
    tried = set(strings(tomllib.loads(path.read_text("utf-8"))))
    packs = {s for pack in ledger.packs().values() for s in strings(pack)}
    invented = {s for pack in ledger.packs().values() if pack.id == INVENTED for s in strings(pack)}
    return (recorded | tried | {s for s in packs if CHINESE.search(s)} | invented) - INTERNAL


def pairs(value: object) -> Pairs:
    """Whatever a value of JSON says in both languages."""
    match value:
        case {"flag": str(flag), "zh": str(zh), "en": str(en)}:
            yield flag_sentence(flag, zh), flag_sentence(flag, en)
        case {"zh": str(zh), "en": str(en)}:
            yield zh, en
    match value:
        case dict():
            for member in value.values():
                yield from pairs(member)
        case list():
            for member in value:
                yield from pairs(member)


def _stories(ledger: MemoryLedger, on: date) -> Pairs:
    for event in ledger.events():
        if isinstance(event.statement.payload, AwardGranted | AwardRevoked):
            yield from pairs(narrative(ledger, event.statement.id, on, ledger.size()))


def _answers(ledger: MemoryLedger, on: date, subjects: list[tuple[str, str]]) -> Pairs:
    for kind, subject in subjects:
        with suppress(NotFoundError):
            for told in tell_all(ledger, kind, subject, on, ledger.size()):
                yield from pairs(told.answer.to_json())


def _previews(ledger: MemoryLedger, on: date) -> Pairs:
    """What the last acts of a log would have changed, before they were signed."""
    for event in ledger.events()[-5:]:
        supposed = suppose(ledger, event.position - 1, [event.statement])
        yield from pairs(consequences(supposed, on, subjects_of([event])))


def subjects_of(events: list[RecordedEvent]) -> list[tuple[str, str]]:
    kinds = {"o": "org", "c": "case", "ed": "edition", "a": "award"}
    named = {t for e in events for t in e.statement.tags}
    return sorted((kinds[t.partition(":")[0]], t.partition(":")[2]) for t in named if t.partition(":")[0] in kinds)


def _refusals(path: Path) -> Pairs:
    for outcome in played(path)[0].outcomes:
        if outcome.refusal is not None:
            yield outcome.refusal.zh, outcome.refusal.en
            remedy = outcome.refusal.details
            yield str(remedy.get("remedy_zh", "")), str(remedy.get("remedy", ""))


@pytest.mark.parametrize("path", SCENARIOS)
def test_what_is_said_in_a_language_has_no_letters_of_another(path: Path) -> None:
    _, ledger = played(path)
    events = ledger.events()
    typed = typed_into(path, ledger)
    on = shanghai_day(events[-1].recorded_at)
    said = {
        *_refusals(path),
        *_stories(ledger, on),
        *_answers(ledger, on, subjects_of(events)),
        *_previews(ledger, on),
    }
    found = {zh: left for zh, _ in said if (left := tails("zh", zh, typed))}
    found |= {en: left for _, en in said if (left := tails("en", en, typed))}
    assert found == {}
