"""What stops one flag stops no other: a fault of a check, and a threshold that an old pack states oddly."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from ledger.derivation.history import History
from ledger.derivation.law import Law
from projections.as_of import state
from projections.deriving import NotDerivableWarning
from projections.flags import inspection
from projections.flags.flag import Flag, Found
from projections.flags.inspected import Inspected
from projections.flags.inspection import FlagJudged, edition_flags, flags_about
from projections.flags.register import FLAGS
from tests.flags.fired import DEMO
from tests.memory_ledger import MemoryLedger, in_memory

ON = date(2026, 6, 1)
EDITION, CASE = "ZY-2023", "ZY-2023/A"


@cache
def _played(path: Path) -> MemoryLedger:
    return in_memory(path)[1]


def _live_and_law(audit: Mapping[str, object]) -> tuple[History, MemoryLedger, Law]:
    """A shipped story whose packs state these thresholds, as packs of before they were checked may."""
    ledger = _played(next(p for p in DEMO if p.stem.startswith("zhongyuan")))
    packs = {h: replace(p, audit={**p.audit, **audit}) for h, p in ledger.packs().items()}
    history = History(ledger.events())
    return history, ledger, state(history, packs, ON, ledger.size())[1]


def _rows(audit: Mapping[str, object]) -> dict[str, FlagJudged]:
    history, ledger, law = _live_and_law(audit)
    answer = edition_flags(history.live(ON, ledger.size()), law, EDITION)
    return {row.flag: row for row in answer.value().flags}


@pytest.mark.parametrize(
    "odd",
    [
        {"late.grace_days": Decimal("nan")},
        {"late.grace_days": "x", "follow_up_days": "y"},
        {"late.grace_days": 10**12, "follow_up_days": 10**12, "objection.max_workdays": 10**12},
        {"working_hours": 5},
        {"working_hours": "99:99-x"},
        {"score.outlier_percent_of_full": Decimal("inf")},
        {"burst.events": 0, "late.grce_days": 1},
    ],
)
def test_an_odd_threshold_of_an_old_pack_leaves_the_other_flags_judged(odd: dict[str, object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows, ordinary = _rows(odd), _rows({})
    assert rows.keys() == ordinary.keys() == FLAGS.keys()
    for name, row in rows.items():
        ours = [g for g in row.undetermined if g.parameter.startswith("audit.")]
        if ours:
            assert {g.parameter.removeprefix("audit.") for g in ours} <= odd.keys() & {*FLAGS[name].texts.thresholds}
            assert all(g.zh and g.en.startswith("the threshold ") and g.gap == "AUD" for g in ours)
        else:
            assert row == ordinary[name]
    assert any(g.parameter.startswith("audit.") for row in rows.values() for g in row.undetermined)


def test_a_fault_of_one_flag_is_told_in_its_place_and_leaves_the_others_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Inspected) -> Found:
        yield from ()
        raise KeyError("nothing of this kind")

    ordinary = _rows({})
    monkeypatch.setattr(inspection, "FLAGS", {**FLAGS, "RF13": Flag("RF13", broken)})
    with pytest.warns(NotDerivableWarning, match="flag RF13 of ZY-2023: KeyError"):
        rows = _rows({})
    [gap] = rows["RF13"].undetermined
    assert (rows["RF13"].outcome, gap.parameter, gap.gap) == ("undetermined", "derivation", "AUD")
    assert "(KeyError)" in gap.en
    assert {n: r for n, r in rows.items() if n != "RF13"} == {n: r for n, r in ordinary.items() if n != "RF13"}
    history, ledger, law = _live_and_law({})
    with pytest.warns(NotDerivableWarning):
        about = flags_about("case", history.live(ON, ledger.size()), law, CASE)
    assert [(g.flag, g.parameter) for g in about.value().undetermined if g.gap == "AUD"] == [("RF13", "derivation")]
