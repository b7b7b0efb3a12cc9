"""A few logs spoilt by chance, the same each time; `make night-verifiers` goes on with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.both import NODE
from tests.spec.random_spoilings import differences, given_out, small

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine")

#: Seventeen spoilt by chance and eight whose people signed something wrong.
SEEDS = [(16_000 + n, n >= 17) for n in range(25)]


def test_both_verifiers_say_the_same_of_logs_that_are_spoilt_by_chance(tmp_path: Path) -> None:
    logs = [small(tmp_path / "small"), *given_out()]
    assert [str(d) for d in differences(SEEDS, logs, tmp_path)] == []


def test_what_is_spoilt_follows_from_the_seed(tmp_path: Path) -> None:
    made = []
    for n in range(2):
        logs = [small(tmp_path / f"small {n}")]
        list(differences(SEEDS[:6], logs, tmp_path / str(n)))
        made.append(
            {
                p.relative_to(tmp_path / str(n)): p.read_bytes()
                for p in sorted((tmp_path / str(n)).rglob("*"))
                if p.is_file()
            }
        )
    assert made[0] == made[1]
