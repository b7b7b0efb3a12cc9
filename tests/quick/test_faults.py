"""Every fault of ``tests/flags`` raises its flag without a database too: guards and flags are pure."""

from __future__ import annotations

import pytest

from tests.flags.course import played_in_memory
from tests.flags.test_faults import FAULTS, Fault, check, course_with, name_of


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_a_fault_raises_its_flag_and_no_stranger(fault: Fault) -> None:
    check(fault, played_in_memory(course_with(fault)))
