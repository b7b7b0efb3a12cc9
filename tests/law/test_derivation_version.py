"""A fold that answers otherwise than before belongs to another version of the derivation."""

from __future__ import annotations

import json

from ledger.derivation.version import DERIVATION
from tests.law.derivation_answers import FILE, digests


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
