"""``verify --law``: what today's guards would refuse, what an override passed over, what rests on something that is
gone.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.cli.parser import main
from ledger.errors import RefusedError
from ledger.fsck import law
from ledger.fsck.account import Account
from ledger.fsck.database import check_database
from ledger.fsck.law import judge_all
from ledger.fsck.recorded import Recorded
from tests.builders import Town
from tests.given_out.given import GIVEN, home_of

D, LATER = date(2023, 6, 1), date(2023, 9, 1)
[ODD] = [g for g in GIVEN if str(g) == "v0.1/odd"]

#: Of the log ``odd``: what was accepted once and would not be today, each with its position.
_REFUSED = {
    (72, "text_not_allowed"),
    (73, "text_not_allowed"),
    (74, "text_not_allowed"),
    (75, "text_not_allowed"),
    (76, "text_not_allowed"),
    (77, "text_not_allowed"),
    (78, "text_not_allowed"),
    (79, "id_looks_alike"),
    (80, "id_looks_alike"),
    (82, "before_the_log"),
    (84, "id_of_the_future"),
    (85, "key_waits"),
    (86, "passkey_of_a_suffix"),
    (87, "compromised_in_the_future"),
}


def _of(told: list[dict[str, Any]], kind: str) -> set[tuple[int, str]]:
    return {(t["position"], t["code"]) for t in told if t["kind"] == kind}


def test_an_old_log_is_whole_and_what_today_would_refuse_is_told_beside(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the database and from its export alike; with exit code 0."""
    with home_of(ODD, tmp_path / "home", database_url, restored=True) as settings:
        monkeypatch.setenv("RONGJIAN_HOME", str(settings.home))
        monkeypatch.setenv("RONGJIAN_DATABASE_URL", str(settings.database_url))
        assert main(["verify", ODD.name, "--law", "--json"]) == 0
        [stored] = json.loads(capsys.readouterr().out)
    export = [str(ODD.folder / "export"), "--policy", str(ODD.folder / "policy")]
    assert main(["verify", *export, "--law", "--json"]) == 0
    [files] = json.loads(capsys.readouterr().out)
    assert (stored["findings"], files["findings"]) == ([], [])
    assert stored["law"] == files["law"]
    assert _of(files["law"], "refused") == _REFUSED
    assert _of(files["law"], "passed_over") == {(90, "case_unknown"), (92, "case_unknown"), (111, "nothing")}
    gone = [t["en"] for t in files["law"] if t["kind"] == "rests_on_gone" and t["position"] == 90]
    assert gone == [
        "Award granted rests on case GZ-2023/V, which was never recorded",
        "Award granted rests on decision of the government DEC-V, which was never recorded",
    ]
    assert main(["verify", *export, "--law", "--lang", "zh"]) == 0
    assert "第 90 条 所据不存：授奖所据政府决定 DEC-V 从未登记" in capsys.readouterr().out
    assert main(["verify", *export, "--law", "--lang", "en"]) == 0
    assert "position 90 recorded by override, past (AUD): case GZ-2023/V was never filed" in capsys.readouterr().out


def _recorded(town: Town) -> Recorded:
    account = Account()
    account.recorded = Recorded(account.packs)
    assert check_database(town.ledger, account=account) == []
    return account.recorded


def test_what_was_admitted_is_admitted_again_until_what_it_rests_on_is_annulled(town: Town) -> None:
    town.edition()
    town.award("A", D)
    recorded = _recorded(town)
    assert judge_all(recorded, town.ledger.origin) == []
    eligible = next(e for e in recorded.events() if e.statement.type == "EligibilityDecided")
    award = next(e for e in recorded.events() if e.statement.type == "AwardGranted")
    town.must("EventAnnulled", LATER, target=eligible.statement.id, reason="overturned")
    told = [t.to_json() for t in judge_all(_recorded(town), town.ledger.origin)]
    assert [t for t in told if t["position"] == award.position] == [
        {
            "position": award.position,
            "kind": "rests_on_gone",
            "code": "annulled",
            "rule": None,
            "zh": "授奖所据资格审查结论 GZ-2023/A 已作废",
            "en": "Award granted rests on decision on eligibility of GZ-2023/A, which was annulled",
        }
    ]


def test_one_odd_entry_stops_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = _recorded(town)
    real = law.admit

    def admit(view: Any) -> None:
        if view.live.known == 4:
            raise KeyError("nobody foresaw this")
        if view.live.known == 5:
            raise RefusedError("no", ("不", "no"))
        real(view)

    monkeypatch.setattr(law, "admit", admit)
    told = judge_all(recorded, town.ledger.origin)
    assert [(t.position, t.kind, t.code) for t in told] == [(5, "not_judged", "KeyError"), (6, "refused", "no")]
