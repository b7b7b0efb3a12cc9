"""What stands in the statements of a scenario where its file says nothing: recorded as it is, in no other language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.sentences import rows_of

#: Member, or what is left out -> what is written for it.
STAND_INS: Final[Mapping[str, str]] = {row[0]: row[1] for row in rows_of("api.scenario", "stand_ins.txt")}
