"""A clean edition of each regulation raises no flag, whatever day it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from projections.as_of import tell
from projections.facts import EDITION_FLAGS
from tests.flags.course import Course
from tests.flags.playing import played
from tests.flags.texts import END, PACKS


def outcomes(ledger: Any, edition: str, on: Any) -> dict[str, Any]:
    value = tell(ledger, EDITION_FLAGS, edition, on, ledger.size()).answer.to_json()["value"]
    return {row["flag"]: row for row in value["flags"]}


@pytest.mark.parametrize("code", list(PACKS))
def test_a_clean_course_to_a_second_edition_raises_nothing(
    code: str, database_url: str, new_schema: Callable[[], tuple[str, str]]
) -> None:
    with played(Course(code), database_url, *new_schema()) as town:
        closed = {x["edition"]: x["on"] for x in town.course.lines if x["do"] == "EditionClosed"}
        for edition, on in ((town.course.first, END[code]), max(closed.items())):
            rows = outcomes(town.ledger, edition, on)
            shown = [(f, h["severity"], h["en"]) for f, row in rows.items() for h in row["hits"]]
            assert shown == [], edition
