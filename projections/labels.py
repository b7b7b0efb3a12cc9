"""Names of answers' members and of the words they use, in Chinese and English; payload members are in the vocabulary.

One meaning a name. What stands in neither table is shown as it is: an id, a parameter's path, a word of a pack.
"""

from __future__ import annotations

from ledger.derivation.meanings import Pair
from ledger.derivation.words import table
from ledger.events.labels import LABELS as PAYLOAD_LABELS

#: Members of answers, over the labels of payload members.
MEMBERS: dict[str, Pair] = PAYLOAD_LABELS | table("projections", "member_names.txt")
