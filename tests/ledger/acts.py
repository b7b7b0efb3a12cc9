"""Acts with which an edition of a town begins, up to the panel."""

from __future__ import annotations

from datetime import date

from tests.builders import Town

D = date(2023, 5, 4)


def with_applications(town: Town, *orgs: str) -> None:
    town.edition()
    for org in orgs:
        town.must("ApplicationFiled", date(2023, 6, 1), org=org)


def with_panel(town: Town, *members: str) -> None:
    town.must(
        "BodyConstituted", date(2023, 6, 6), kind="panel", body_id="panel", members=list(members), leader=members[0]
    )
