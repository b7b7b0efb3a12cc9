"""Names of answers' members and of the words they use, in Chinese and English; payload members are in the vocabulary.

One meaning a name. What stands in neither table is shown as it is: an id, a parameter's path, a word of a pack.
"""

from __future__ import annotations

from ledger.events.labels import LABELS as PAYLOAD_LABELS
from ledger.events.registry import Payload
from ledger.sentences import Pair, names_in

#: Members of answers, over the labels of payload members.
MEMBERS: dict[str, Pair] = PAYLOAD_LABELS | names_in("projections", "member_names.txt")


def called(payload: Payload) -> Pair:
    """What the type of an event is called."""
    return payload.SPEC.zh, payload.SPEC.en
