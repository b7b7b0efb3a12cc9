"""What a fact says of a subject, and the application that most of them begin with."""

from __future__ import annotations

from datetime import date
from typing import Any

from projections.as_of import tell
from projections.facts import fact_named
from tests.builders import Town


def value_of(town: Town, fact: str, subject: str, on: date, known: int | None = None) -> Any:
    return tell(town.ledger, fact_named(fact), subject, on, known or town.ledger.size()).answer.to_json()["value"]


def with_application(town: Town, **more: Any) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A", **more)
