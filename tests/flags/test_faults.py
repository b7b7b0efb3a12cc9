"""One fault put into a clean edition raises its own flag, and no other than the companions that its page names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from projections.flags.register import FLAGS
from tests.flags.fault import Fault
from tests.flags.faults import FAULTS, check, course_with, name_of
from tests.flags.playing import played


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_a_fault_raises_its_flag_and_no_stranger(
    fault: Fault, database_url: str, new_schema: Callable[[], tuple[str, str]]
) -> None:
    with played(course_with(fault), database_url, *new_schema()) as town:
        check(fault, town)


def test_every_flag_has_a_fault() -> None:
    assert sorted(FLAGS) == sorted({f.flag for f in FAULTS})
