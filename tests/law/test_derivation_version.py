"""A fold that answers otherwise than before belongs to another version of the derivation."""

from __future__ import annotations

import json

from ledger.derivation.version import DERIVATION
from tests.law.derivation_answers import FILE, digests, first_known, stated_since


def test_answers_about_kept_logs_are_those_of_this_version_of_the_derivation() -> None:
    kept = json.loads(FILE.read_text("utf-8"))
    now = digests()
    changed = sorted(name for name in kept["answers"].keys() | now.keys() if kept["answers"].get(name) != now.get(name))
    assert changed == [], (
        "these answers are others than before: raise DERIVATION, say in docs/spec section 10 what changed, and "
        "write the digests anew "
        "(python -m tests.law.derivation_answers)"
    )
    assert kept["derivation"] == DERIVATION, "the digests are of another version: write them anew"


def test_each_fact_and_flag_says_since_which_version_it_is_answered() -> None:
    """A package of before must not be asked for it: one that says nothing counts as known to every version."""
    since = first_known(json.loads(FILE.read_text("utf-8"))["since"])
    other = {name: f"since = {since[name]}" for name, stated in stated_since().items() if stated != since[name]}
    assert other == {}, "say so in its Fact, or in its projections/flags/texts/RF….toml"


def test_each_fact_and_flag_is_kept_with_its_version() -> None:
    kept = json.loads(FILE.read_text("utf-8"))["since"]
    assert sorted(kept) == sorted(stated_since()), "write the digests anew (python -m tests.law.derivation_answers)"
