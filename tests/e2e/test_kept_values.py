"""What has to be kept is not erased until that is settled for which it is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from api.scenario.defaults import LEFT_OUT
from ledger.errors import RefusedError
from tests.builders import Town
from tests.e2e.erasures import D, opens, order_of
from tests.e2e.kept_values import KEPT, Kept


@pytest.mark.parametrize(("kept", "code"), KEPT)
def test_what_has_to_be_kept_is_refused_by_its_rule_until_it_is_settled(
    town: Town, kept: Callable[[Town], Kept], code: str
) -> None:
    town.edition()
    target, path, settle = kept(town)
    refusal: RefusedError = town.refused("RestrictedDataHandled", D, **order_of(target, path))
    assert refusal.code == code
    assert refusal.details["rule"]
    said = [refusal.details[name] for name in ("article", "reading")]
    assert any(said) or refusal.details["rule"] == "AUD"
    override = {"reason": "x", "instrument_no": "y", "by": "sup"}
    assert town.refused("RestrictedDataHandled", D, **order_of(target, path), override=override).code == "no_override"
    assert opens(town, target, path)
    settle()
    town.must("RestrictedDataHandled", D, **order_of(target, path))
    assert not opens(town, target, path)


def test_an_account_is_kept_while_a_bonus_for_a_higher_award_is_owed(new_town: Callable[..., Town]) -> None:
    town = new_town("jindong/draft")
    town.must("RegulationEnacted", date(2023, 1, 3), doc_no="金政〔2023〕1号（演示）", issued_on=date(2023, 1, 3))
    won = {"org": "A", "level": "city", "award_kind": "quality", "award_name": "x", "won_on": D}
    bonus = {"org": "A", "kind": "superior_bonus", "award_id": LEFT_OUT, "basis": ("JD:六(二)",)}

    def pays(higher: str, amount: int) -> str:
        return town.must("PrizePaid", D, higher_award_id=higher, amount=amount, payee_account="6222", **bonus)

    town.must("HigherAwardRecorded", D, higher_award_id="H1", **won)
    paid = pays("H1", 100_000_000)
    town.must("HigherAwardRecorded", D, higher_award_id="H2", **won | {"award_kind": "innovation"})
    refusal = town.refused("RestrictedDataHandled", D, **order_of(paid, "/payee_account"))
    assert (refusal.code, refusal.details["org"]) == ("money_owed", "A")
    pays("H2", 30_000_000)
    town.must("RestrictedDataHandled", D, **order_of(paid, "/payee_account"))
