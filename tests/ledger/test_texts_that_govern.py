"""Texts that govern a log: enacted, repealed and interpreted only as they are, and calendars beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.store.database import Database
from ledger.store.vault import Vault
from tests.builders import Town
from tests.ledger.acts import D


def test_a_draft_governs_no_production_log(database_url: str, new_schema: Callable[[], tuple[str, str]]) -> None:
    origin, schema = new_schema()
    database = Database(database_url, schema, size=4).open()
    kek = bytes(range(32))
    vault = Vault(database, kek)
    vault.check()
    town = Town(origin, database, vault, Ed25519PrivateKey.generate(), kek, pack="zhongyuan/draft", mode="production")
    promulgated = {"doc_no": "中原政文〔2023〕9901号（演示）", "issued_on": D}
    refusal = town.refused("RegulationEnacted", D, **promulgated)
    assert (refusal.code, refusal.details["reading"]) == ("draft_never_governs", "B-44:default")
    town.must("RegulationEnacted", D, status="draft", kind="consultation_draft")
    opened = town.refused("EditionOpened", D, edition_id="ZY-2023", number=1, window_from=D, window_to=D)
    assert opened.code == "draft_never_governs"
    town.ledger.close()


def test_a_document_number_is_the_same_in_other_brackets(town: Town) -> None:
    assert (
        town.refused("RegulationRepealed", D, pack_or_doc_no="赣市府发〔2021〕15号", repealed_by="GZ").code
        == "regulation_unknown"
    )
    town.must(
        "RegulationRepealed", D, pack_or_doc_no="赣市府发 [2022] 15号", repealed_by="GZ", repealed_on=date(2023, 6, 1)
    )
    late = town.refused("EditionOpened", date(2023, 6, 1), edition_id="E", number=9, window_from=D, window_to=D)
    assert late.code == "pack_not_in_force"


def test_an_unknown_pack_is_not_enacted(town: Town) -> None:
    assert town.refused("RegulationEnacted", D, pack_hash="0" * 64).code == "pack_unknown"
    assert (
        town.refused("EditionOpened", D, edition_id="E", number=9, window_from=D, window_to=D, pack_hash="0" * 64).code
        == "pack_unknown"
    )


def test_an_explicit_text_is_not_interpreted_away(town: Town) -> None:
    refusal = town.refused(
        "RegulationInterpreted", D, pack_id="GZ", param_path="validity", value={"value": 9, "unit": "year"}
    )
    assert (refusal.code, refusal.details["rule"], refusal.details["article"]) == (
        "text_is_explicit",
        "GZ-23a",
        "GZ:23",
    )
    assert (
        town.refused("RegulationInterpreted", D, pack_id="GZ", param_path="reading.gap_editions", value="whatever").code
        == "reading_unknown"
    )
    town.must("RegulationInterpreted", D, pack_id="GZ", param_path="score.aggregation", value="mean")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("score.full", -1),
        ("score.full", "many"),
        ("score.aggregation", "guess"),
        ("revoke.tax.return", "yes"),
        ("onsite.days", {"least": 1}),
        ("quota.vacancy", 1),
    ],
)
def test_an_interpretation_is_typed_like_a_pack(town: Town, path: str, value: Any) -> None:
    assert town.refused("RegulationInterpreted", D, pack_id="GZ", param_path=path, value=value).code in (
        "invalid_pack",
        "parameter_unknown",
    )


def test_a_calendar_is_superseded_by_name_only(town: Town) -> None:
    days = {"year": 2023, "holidays": [date(2023, 1, 1)], "makeup_workdays": [], "source_doc_no": "x"}
    assert town.refused("CalendarPublished", D, **days).code == "calendar_exists"
    wrong = days | {"year": 2019, "makeup_workdays": [date(2020, 1, 1)]}
    assert town.refused("CalendarPublished", D, **wrong).code == "calendar_unsound"
