"""A fault of each flag raises it without a database too: guards and flags are pure."""

from __future__ import annotations

import pytest

from tests.flags.fault import Fault
from tests.flags.faults import FAULTS, check, course_with, name_of
from tests.flags.taped import played_from_the_tape

#: One for each flag; every fault is tried on PostgreSQL.
FIRST = list({fault.flag: fault for fault in reversed(FAULTS)}.values())[::-1]


@pytest.mark.parametrize("fault", FIRST, ids=name_of)
def test_a_fault_raises_its_flag_and_no_stranger(fault: Fault) -> None:
    check(fault, played_from_the_tape(course_with(fault)))
