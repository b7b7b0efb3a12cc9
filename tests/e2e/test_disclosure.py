"""Restricted fields: opened by a recorded statement and once, checkable by anyone, erased for good."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ledger import canonical, disclosure
from ledger.disclosure import parse_disclosure
from ledger.entry import unframe
from ledger.errors import (
    AlreadyOpenedError,
    EvidenceError,
    GuardRefusedError,
    MalformedError,
    NotFoundError,
    PermissionRefusedError,
    RongjianError,
)
from ledger.fsck.database import check_database
from ledger.submission import Submission, parse_submission
from tests.builders import Town

D = date(2023, 6, 20)


@pytest.fixture
def paid(town: Town) -> tuple[Town, str]:
    """A town where a prize went to an account that nobody may read; and the event's id."""
    town.edition()
    town.award("A", D)
    return town, town.must("PrizePaid", D, case="A", amount=50_000_000, payee_account="6222-0001")


def _asking(
    town: Town,
    event: str,
    *,
    by: str = "fin1",
    role: str = "FIN",
    paths: tuple[str, ...] = ("/payee_account",),
    **more: Any,
) -> Submission:
    members = {
        "action": "opened",
        "purpose": "核对到账",
        "opening_ok": True,
        "target_event": event,
        "paths": list(paths),
    }
    return town.signed("RestrictedDataHandled", D, by=by, as_=role, **(members | more))


def test_what_a_statement_opens_is_recorded_first_and_fits_its_commitment(paid: tuple[Town, str]) -> None:
    town, event = paid
    [before] = town.ledger.disclosing.fields(event)
    assert (before.pointer, before.state) == ("/payee_account", "withheld")
    receipt, [given] = town.ledger.disclosing.disclose(_asking(town, event))
    assert receipt.position == town.ledger.size()
    assert (given.opening.value, given.opening.commitment()) == ("6222-0001", before.commitment)
    again = parse_disclosure(canonical.parse(canonical.encode(given.to_json()), "disclosure"))
    assert again == given
    disclosure.check(again.opening, town.ledger.event(event).statement.sd["/payee_account"])


def test_the_statement_in_the_log_opens_nothing_a_second_time(paid: tuple[Town, str]) -> None:
    """Everybody who reads the log has its bytes."""
    town, event = paid
    asking = _asking(town, event)
    town.ledger.disclosing.disclose(asking)
    size = town.ledger.size()
    copied = unframe(town.ledger.entry(size).entry)[0]
    replayed = parse_submission(b'{"envelope":' + copied + b',"openings":{}}')
    for submission in (asking, replayed):
        with pytest.raises(AlreadyOpenedError):
            town.ledger.disclosing.disclose(submission)
    assert town.ledger.size() == size


def test_a_statement_that_was_submitted_and_not_used_opens_nothing_later(paid: tuple[Town, str]) -> None:
    town, event = paid
    asking = _asking(town, event)
    town.ledger.submit(asking)
    with pytest.raises(AlreadyOpenedError):
        town.ledger.disclosing.disclose(asking)


def test_of_many_at_once_one_call_gets_the_value(paid: tuple[Town, str]) -> None:
    town, event = paid
    asking, outcomes = _asking(town, event), list[str]()

    def ask() -> None:
        try:
            town.ledger.disclosing.disclose(asking)
            outcomes.append("opened")
        except RongjianError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_opened"] * 7 + ["opened"]


@pytest.mark.parametrize(
    ("by", "role", "error"),
    [
        ("sech", "SECH", PermissionRefusedError),
        ("B", "APP", PermissionRefusedError),
        ("A", "FIN", PermissionRefusedError),
    ],
)
def test_who_may_not_open_gets_nothing_and_nothing_is_recorded(
    paid: tuple[Town, str], by: str, role: str, error: type[Exception]
) -> None:
    town, event = paid
    size = town.ledger.size()
    with pytest.raises(error):
        town.ledger.disclosing.disclose(_asking(town, event, by=by, role=role))
    assert town.ledger.size() == size


def test_an_applicant_opens_its_own(paid: tuple[Town, str]) -> None:
    town, event = paid
    _, [given] = town.ledger.disclosing.disclose(_asking(town, event, by="A", role="APP"))
    assert given.opening.value == "6222-0001"


def test_another_kind_of_statement_opens_nothing(paid: tuple[Town, str]) -> None:
    town, event = paid
    with pytest.raises(MalformedError):
        town.ledger.disclosing.disclose(town.signed("EditionClosed", D, edition_id="GZ-2023"))
    with pytest.raises(RongjianError):
        town.ledger.disclosing.disclose(_asking(town, event, paths=("/amount",)))


def _erase(town: Town, event: str) -> str:
    return town.must(
        "RestrictedDataHandled",
        D,
        by="opr",
        as_="OPR",
        with_=("dis",),
        target_event=event,
        paths=["/payee_account"],
        action="erased",
        subject="A",
        purpose="保存期满",
        legal_basis="PIPL:47",
    )


def test_an_erased_field_says_by_whom_and_why_and_the_log_still_verifies(paid: tuple[Town, str]) -> None:
    town, event = paid
    order = _erase(town, event)
    [field] = town.ledger.disclosing.fields(event)
    assert field.to_json() == {
        "pointer": "/payee_account",
        "commitment": town.ledger.event(event).statement.sd["/payee_account"],
        "state": "erased",
        "erased": {
            "event": order,
            "by": "opr",
            "role": "OPR",
            "on": "2023-06-20",
            "purpose": "保存期满",
            "legal_basis": "PIPL:47",
        },
    }
    size = town.ledger.size()
    with pytest.raises(NotFoundError) as gone:
        town.ledger.disclosing.disclose(_asking(town, event))
    assert (gone.value.code, town.ledger.size()) == ("no_opening", size)
    assert check_database(town.ledger) == []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("value", "6222-0002"),
        ("pointer", "/amount"),
        ("salt", "A" * 43),
        ("kind", "x"),
        ("commitment", "A" * 43),
        ("commitment", 3),
    ],
)
def test_a_spoilt_disclosure_is_refused(paid: tuple[Town, str], member: str, value: object) -> None:
    town, event = paid
    _, [given] = town.ledger.disclosing.disclose(_asking(town, event))
    with pytest.raises((EvidenceError, MalformedError)):
        parse_disclosure(given.to_json() | {member: value})
    with pytest.raises(MalformedError):
        parse_disclosure(given.to_json() | {"more": 1})


def _reviewed(town: Town) -> Callable[[date], list[Any]]:
    """An application with a trade secret; the reviewer R1 asks for it on a day."""
    town.edition()
    filed = town.must("ApplicationFiled", date(2023, 5, 10), org="A", business_details="秘密工艺")
    asking = {
        "target_event": filed,
        "paths": ["/business_details"],
        "action": "opened",
        "purpose": "评审",
        "opening_ok": True,
    }
    return lambda on: town.ledger.disclosing.disclose(
        town.signed("RestrictedDataHandled", on, by="R1", as_="REV", **asking)
    )[1]


def _seat(town: Town) -> None:
    town.must(
        "BodyConstituted",
        date(2023, 5, 12),
        body_id="P",
        kind="panel",
        cases=["GZ-2023/A"],
        members=[{"principal_id": "R1", "seat": "leader"}, {"principal_id": "R2", "seat": "member"}],
    )


def test_a_reviewer_opens_business_data_of_an_own_panel_once_declared_and_until_recused(town: Town) -> None:
    ask = _reviewed(town)
    with pytest.raises(PermissionRefusedError):
        ask(date(2023, 5, 11))
    _seat(town)
    with pytest.raises(GuardRefusedError) as undeclared:
        ask(date(2023, 5, 13))
    assert (undeclared.value.code, undeclared.value.details["rule"]) == ("interest_undeclared", "GZ-31")
    town.must("InterestDeclared", date(2023, 5, 13), case="A", by="R1", result="none")
    assert [d.opening.value for d in ask(date(2023, 5, 13))] == ["秘密工艺"]
    town.must("InterestDeclared", date(2023, 5, 14), case="A", by="R1", result="conflict", details="亲属")
    with pytest.raises(PermissionRefusedError):
        ask(date(2023, 5, 15))


def test_a_reviewer_reads_no_more_once_the_edition_is_closed(town: Town) -> None:
    ask = _reviewed(town)
    _seat(town)
    town.must("InterestDeclared", date(2023, 5, 13), case="A", by="R1", result="none")
    town.must("ApplicationWithdrawn", date(2023, 6, 1), case="A", org="A")
    town.must("EditionClosed", date(2023, 12, 20), edition_id="GZ-2023", vacancies={"quality": 5, "nomination": 5})
    with pytest.raises(PermissionRefusedError) as late:
        ask(date(2023, 12, 21))
    assert (late.value.code, late.value.zh) == ("may_not_open", "GZ-2023/A 所属届次已结束，评审员不再查阅")


def _opens(town: Town, event: str, path: str, on: date, by: str, role: str) -> Any:
    """The value that an opening gives, or the code of its refusal."""
    asking = {"target_event": event, "paths": [path], "action": "opened", "purpose": "查阅", "opening_ok": True}
    try:
        [given] = town.ledger.disclosing.disclose(town.signed("RestrictedDataHandled", on, by=by, as_=role, **asking))[
            1
        ]
    except RongjianError as refusal:
        return refusal.code
    return given.opening.value


SCORES = {"leadership": "700"}


def _scored(town: Town) -> str:
    """A material score of R2 in the case of A, beside which B applies too."""
    town.edition()
    for org in ("A", "B"):
        town.must("ApplicationFiled", date(2023, 5, 10), org=org)
    return town.must(
        "ScoreSubmitted", date(2023, 5, 20), case="A", by="R2", stage="material", total="700", item_scores=SCORES
    )


def test_scores_are_the_reviewers_own_and_the_offices_once_both_stages_are_over(town: Town) -> None:
    score = _scored(town)
    day = date(2023, 5, 21)
    asked = [("R2", "REV"), ("R1", "REV"), ("sec", "SEC"), ("A", "APP"), ("B", "APP"), ("C1", "COM"), ("chr", "CHR")]
    told = {by: _opens(town, score, "/item_scores", day, by, role) for by, role in asked}
    assert told == {"R2": SCORES} | dict.fromkeys(("R1", "sec", "A", "B", "C1", "chr"), "may_not_open")
    report = town.must("ReviewReportSubmitted", date(2023, 5, 22), case="A", stage="material", score_ids=[score])
    assert _opens(town, score, "/item_scores", date(2023, 5, 23), "sec", "SEC") == "may_not_open"
    town.must(
        "ShortlistDecided",
        date(2023, 5, 24),
        selected=["A"],
        basis_reports=[report],
    )
    town.must("OnsiteVisitHeld", date(2023, 5, 26), case="A", attendees=["R1", "R2", "R3"])
    second = town.must("ScoreSubmitted", date(2023, 5, 27), case="A", by="R2", stage="onsite", total="690")
    town.must("ReviewReportSubmitted", date(2023, 5, 28), case="A", stage="onsite", score_ids=[second])
    assert _opens(town, score, "/item_scores", date(2023, 6, 7), "sec", "SEC") == SCORES
    # An applicant sees its own once the edition is over.
    assert _opens(town, score, "/item_scores", date(2023, 6, 7), "A", "APP") == "may_not_open"


def test_an_applicant_sees_its_own_scores_after_the_edition_and_nobody_elses(town: Town) -> None:
    score = _scored(town)
    for org in ("A", "B"):
        town.must("ApplicationWithdrawn", date(2023, 6, 1), case=org, org=org)
    closed = date(2023, 12, 20)
    assert _opens(town, score, "/item_scores", date(2023, 6, 2), "A", "APP") == "may_not_open"
    town.must("EditionClosed", closed, edition_id="GZ-2023", vacancies={"quality": 5, "nomination": 5})
    assert _opens(town, score, "/item_scores", closed, "B", "APP") == "may_not_open"
    assert _opens(town, score, "/item_scores", closed, "A", "APP") == SCORES


def test_an_applicant_reads_reasons_of_its_own_decision_at_once_and_other_findings_once_decided(town: Town) -> None:
    town.edition()
    for org in ("A", "B"):
        town.must("ApplicationFiled", date(2023, 5, 10), org=org)
    opinion = town.must("DepartmentOpinionGiven", date(2023, 5, 12), case="A", details="信用良好（演示）")
    decided = town.must(
        "EligibilityDecided",
        date(2023, 5, 15),
        case="A",
        outcome="ineligible",
        failed=["operating_years"],
        reasons="不足三年",
    )
    day = date(2023, 5, 16)
    assert _opens(town, decided, "/reasons", day, "B", "APP") == "may_not_open"
    assert _opens(town, decided, "/reasons", day, "A", "APP") == "不足三年"
    assert _opens(town, opinion, "/details", day, "B", "APP") == "may_not_open"
    assert _opens(town, opinion, "/details", day, "A", "APP") == "信用良好（演示）"
    other = town.must("DepartmentOpinionGiven", date(2023, 5, 17), case="B", details="在查（演示）")
    assert _opens(town, other, "/details", date(2023, 5, 18), "B", "APP") == "may_not_open"
    assert _opens(town, other, "/details", date(2023, 5, 18), "fin1", "FIN") == "may_not_open"


def test_who_complained_is_opened_by_those_who_investigate(town: Town) -> None:
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    raised = town.must(
        "ObjectionRaised",
        date(2023, 5, 12),
        case="A",
        objection_id="O-1",
        complainant="实名人（演示）",
        grounds="数据不实",
        summary_public="数据",
    )
    day = date(2023, 5, 13)
    assert _opens(town, raised, "/complainant", day, "chr", "CHR") == "may_not_open"
    assert _opens(town, raised, "/grounds", day, "sec", "SEC") == "数据不实"
    town.must(
        "ObjectionInvestigated",
        date(2023, 5, 20),
        case="A",
        objection_id="O-1",
        outcome="unsubstantiated",
        investigators=["sup"],
    )
    assert _opens(town, raised, "/complainant", date(2023, 5, 21), "sec", "SEC") == "may_not_open"
    assert _opens(town, raised, "/complainant", date(2023, 5, 21), "sup", "SUP") == "实名人（演示）"
