"""How often each flag fires over the shipped scenarios: the data file docs/flags/fired.toml, for the flags' pages."""

from __future__ import annotations

import msgspec

from api.sentences import sentence, term
from ledger.events.registry import prepare
from ledger.sentences import Sentence
from projections.flags.register import FLAGS


class Fired(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Scenario -> its editions; flag -> scenario -> how many places, at the scenario's last day. None is left out."""

    editions: dict[str, int]
    places: dict[str, dict[str, int]]


prepare(Fired)

_HEAD = """\
# Written by `make fired`: each shipped scenario is played, and the flags of its editions are asked on its last day.
# tests/quick/test_scenarios.py counts anew.
"""


def read_fired(text: str) -> Fired:
    """The data file as it was counted."""
    return msgspec.toml.decode(text, type=Fired)


def fired_file(fired: Fired) -> str:
    """The same as a data file, in the order of the flags."""
    lines = [
        _HEAD,
        "[editions]",
        *(f"{name} = {count}" for name, count in sorted(fired.editions.items())),
        "",
        "[places]",
    ]
    for flag in FLAGS:
        found = fired.places.get(flag)
        if found:
            counts = ", ".join(f"{name} = {count}" for name, count in sorted(found.items()))
            lines.append(f"{flag} = {{ {counts} }}")
    return "\n".join([*lines, ""])


def told(fired: Fired, flag: str) -> list[str]:
    """What a flag's page says of it, in both languages."""
    scenarios, editions = len(fired.editions), sum(fired.editions.values())
    found = fired.places.get(flag, {})
    where = ", ".join(f"`{name}` {count}" for name, count in sorted(found.items()))
    total = sum(found.values())
    zh, en = sentence(
        "In the {scenarios} shipped scenarios with {editions} editions, each on its last day: {places}{where}.",
        scenarios=scenarios,
        editions=editions,
        places=_places(total),
        where=("", f" ({where})" if where else ""),
    )
    return [zh, "", en]


def _places(total: int) -> Sentence:
    match total:
        case 0:
            return term("a flag is raised", "nowhere")
        case 1:
            return sentence("{total} place", total=total)
        case _:
            return sentence("{total} places", total=total)
