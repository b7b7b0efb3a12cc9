"""A refusal says whether the text refuses, a reading, somebody's decision or the ledger, and where to object."""

from __future__ import annotations

from datetime import date

from ledger.errors import RefusedError
from tests.builders import Town

OFFICE = "文本所设办公室为市领导小组办公室，设在市市场监督管理局（GZ:11）；文本没有规定申诉程序"


def _told(refusal: RefusedError) -> tuple[object, object, str]:
    recourse = refusal.details["recourse"]
    assert isinstance(recourse, dict)
    assert recourse.keys() == {"zh", "en"}
    return refusal.details["refused_by"], refusal.details["decided_by"], recourse["zh"]


def test_what_the_text_refuses_points_to_the_office_that_it_names(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    refusal = town.refused("AwardGranted", date(2023, 6, 20), case="A", award="quality", decision_id="NONE")
    assert refusal.code == "step_missing"
    assert _told(refusal) == ("text", None, f"这是文本的规定；认为适用有误的，{OFFICE}")


def test_what_somebody_decided_is_named_with_its_day(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.revoke("A", "fraud", date(2024, 2, 1))
    revoked = next(e for e in town.ledger.events() if e.statement.type == "AwardRevoked").statement.id
    refusal = town.refused("CertificateIssued", date(2024, 3, 1), case="A", items=[{"kind": "plaque", "serial": "X"}])
    assert refusal.code == "award_revoked"
    said = f"已有登记在案的决定（2024-02-01，撤销授奖）；对该决定有异议的，{OFFICE}"
    assert _told(refusal) == ("decision", revoked, said)


def test_a_case_that_is_out_of_the_edition_is_told_so_and_not_to_record_what_was_decided(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    decided = town.must("ApplicationWithdrawn", date(2023, 5, 20), case="A")
    refusal = town.refused("ShortlistDecided", date(2023, 6, 1), selected=["A"])
    assert (refusal.code, *_told(refusal)[:2]) == ("no_longer_a_candidate", "decision", decided)
    assert refusal.details["remedy"] is None


def test_a_rule_of_the_ledger_is_told_apart_from_the_text(town: Town) -> None:
    town.edition()
    refusal = town.refused("ApplicationWithdrawn", date(2023, 6, 1), case="NOBODY", org="A")
    assert (refusal.code, refusal.details.get("refused_by")) == ("not_the_applicant", "ledger")


def test_every_refusal_of_a_rule_says_who_refuses(town: Town) -> None:
    """Where the text is silent on a matter, the reading that decides is named as such."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    grant = next(e for e in town.ledger.events() if e.statement.type == "AwardGranted").statement.id
    refusal = town.refused("EventAnnulled", date(2023, 7, 1), target=grant, reason="overturned")
    assert (refusal.code, refusal.details["refused_by"]) == ("use_set_aside", "reading")
