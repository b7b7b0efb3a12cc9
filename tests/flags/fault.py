"""A fault: a change to the lines of a clean course, and how such changes are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.flags.course import Course

SUMMER = date(2023, 9, 1)
WINTER = date(2023, 12, 20)


@dataclass(frozen=True)
class Fault:
    """A change to the lines of a clean course, and where and when it shows."""

    flag: str
    code: str
    inject: Callable[[Course], None]
    on: date = SUMMER
    edition: str = "2023"
    more: dict[str, Any] = field(default_factory=dict)
    outcome: str = "raised"


def dropped(do: str, **members: Any) -> Callable[[Course], None]:
    return lambda c: c.drop(do, **members)


def changed(do: str, change: dict[str, Any], **members: Any) -> Callable[[Course], None]:
    return lambda c: c.one(do, **members).update(change)
