"""Words whose meaning depends on the member whose value they are.

``returned`` is a file sent back for completion as the outcome of an examination, and a certificate handed back as its
state. A line names the member, or the member of one event type or fact (``CertificateReturned/state``), the word, and
what it says there in Chinese and English. What stands here goes before the one table of words
(ledger/derivation/words.py).
"""

from __future__ import annotations

from ledger.derivation.procedure import STEP_NAMES
from ledger.regulation.parameters import PARAMETERS
from ledger.sentences import Pair, named, names_in, rows_of, sentence


def _by_member() -> dict[str, dict[str, Pair]]:
    found: dict[str, dict[str, Pair]] = {}
    for member, name, zh, en in rows_of("ledger.derivation", "meanings.txt"):
        found.setdefault(member, {})[name] = named("ledger.derivation", "meanings", zh, en)
    roles = names_in("ledger.derivation", "roles.txt")
    steps: dict[str, Pair] = {step: names[:2] for step, names in STEP_NAMES.items()}
    parameters: dict[str, Pair] = {spec.path: (spec.zh, spec.en) for spec in PARAMETERS}
    of_cases = found["case.status/state"]
    flags = {
        f"{kind}.flags/{name}": found[f"edition.flags/{name}"]
        for kind in ("case", "award", "org")
        for name in ("kind", "outcome", "state")
    }
    return (
        found
        | flags
        | {
            "parameter": parameters,
            "param_path": parameters,
            "role": roles,
            "recipient_role": roles,
            "algorithm": {"SM2": sentence("SM2")},
            "remaining": steps,
            "step": steps | found["step"],
            "state": of_cases | found["state"],
            "open_cases": of_cases,
            "cases": of_cases,
        }
    )


#: Member, or type or fact and member -> word -> what it says there.
MEANINGS: dict[str, dict[str, Pair]] = _by_member()


def meaning(name: str, member: str, of: str) -> Pair | None:
    """What a word says as the value of a member, of an event type or fact where one is given; None where nothing
    special.
    """
    for key in (f"{of}/{member}", member):
        if name in MEANINGS.get(key, {}):
            return MEANINGS[key][name]
    return None
