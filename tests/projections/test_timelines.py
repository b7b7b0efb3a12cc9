"""What is kept of a subject from position to position answers as if it were made from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from projections import timelines
from projections.followed import Followed
from projections.replayed import replayed
from tests.quick.played import SCENARIOS, played


@pytest.mark.parametrize("room", [10_000_000, 20_000], ids=["ample", "scant"])
@pytest.mark.parametrize("path", SCENARIOS)
def test_a_register_that_follows_its_subjects_is_that_made_from_nothing(path: Path, room: int) -> None:
    _, ledger = played(path)
    size = ledger.size()
    plain = replayed(ledger, size, size)
    followed = replayed(ledger, size, size, followed=Followed(room))
    assert followed.rows() == plain.rows()
    assert followed.links == plain.links


def test_what_nothing_touches_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    _, ledger = played(_named("jinshui"))
    made = _counting(monkeypatch)
    replayed(ledger, ledger.size(), ledger.size())
    plain, made[:] = len(made), []
    replayed(ledger, ledger.size(), ledger.size(), followed=Followed(10_000_000))
    assert 0 < len(made) < plain / 4


def _named(stem: str) -> Path:
    return next(path for param in SCENARIOS for path in param.values if isinstance(path, Path) and path.stem == stem)


def _counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    derived = timelines.derived

    def counted(what: str, fold: object) -> object:
        made.append(what)
        return derived(what, fold)  # type: ignore[arg-type]

    monkeypatch.setattr(timelines, "derived", counted)
    return made
