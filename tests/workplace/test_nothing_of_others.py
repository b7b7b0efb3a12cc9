"""Pages of a seat tell nothing of what is others', not even whether it exists: with an id of others they say what they
say with an id of nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.cli.submissions import new_statement_id
from api.home.settings import Settings
from api.rate_limit import RateLimit
from api.workplace.bench import SECTIONS as BENCH
from api.workplace.desk.pages import SECTIONS as DESK
from ledger.clock import shanghai_day, system_clock
from ledger.events.reviewers import InterestDeclared
from ledger.events.vocabulary import EVENTS
from ledger.signing import envelope as dsse
from ledger.statement import compose
from tests.workplace.cast import Cast

LOG = "ganzhou-practice"

#: Every parameter that a form fills in by an id, a name or a number.
PARAMETERS = (
    "case_id",
    "org",
    "award_id",
    "award",
    "edition_id",
    "target_event",
    "target",
    "answers",
    "report_id",
    "person",
    "finding_id",
    "subject",
)


@pytest.fixture
def practice(demo_home: Settings, demo_client: TestClient) -> Iterator[Cast]:
    demo_client.app.state.doors.tries = RateLimit(10_000, timedelta(minutes=1), system_clock)
    demo_client.cookies.clear()
    yield Cast(demo_home, demo_client, LOG)
    demo_client.cookies.clear()


def _ledger(cast: Cast) -> Any:
    return cast.client.app.state.logs[cast.log].ledger  # type: ignore[attr-defined]


def _foreign(cast: Cast, case: str) -> dict[str, tuple[str, str]]:
    """Ids of others by kind, each with one of nobody that looks like it."""
    events = _ledger(cast).events()
    filed = next(e for e in events if e.statement.type == "ApplicationFiled" and e.statement.payload.case_id == case)
    org = filed.statement.payload.org
    return {
        "case": (case, case.replace(org, "Z")),
        "org": (org, "Z"),
        "event": (filed.statement.id, filed.statement.id[:-4] + "0000"),
    }


def _told(cast: Cast, path: str, named: str) -> tuple[int, str]:
    """Status and page without what only repeats the address: links, what a form was filled in with, the id itself."""
    response = cast.client.get(path, headers={"Accept": "text/html"}, follow_redirects=False)
    text = re.sub(r' (href|value)="[^"]*"', "", response.text)
    text = re.sub(r'"prefilled": \{[^}]*\}', "", text)
    return response.status_code, text.replace(named if len(named) > 1 else f"“{named}”", "·")


def _pages(roles: set[str], asked: str) -> Iterator[str]:
    """Every page of one thing, and every form with every parameter, asked for an id."""
    named = quote(asked, safe="")
    for section in [s for s in BENCH if s not in ("", "record", "bulk")]:
        yield f"{section}/{named}/"
        yield f"{section}/?subject={named}"
    yield "?" + "&".join(f"{p}={named}" for p in PARAMETERS)
    for topic in [t for t, cls in EVENTS.items() if {s.originator for s in cls.SPEC.seats} & roles]:
        yield f"bulk/{topic}/?case_id={named}"
        yield f"record/{topic}/?case_id={named}"
        yield f"record/{topic}/?" + "&".join(f"{p}={named}" for p in PARAMETERS)


@pytest.mark.parametrize(
    ("who", "roles", "kinds"),
    [
        ("C", {"APP", "PUB"}, ("case", "org", "event")),
        ("D", {"APP", "PUB"}, ("case", "org", "event")),
        # Every case of the edition is its reviewers'; what others wrote is not.
        ("R1", {"REV", "LEAD", "PUB"}, ("event",)),
        ("R4", {"REV", "PUB"}, ("event",)),
    ],
)
def test_a_page_asked_for_others_says_what_it_says_for_nobody(
    who: str, roles: set[str], kinds: tuple[str, ...], practice: Cast
) -> None:
    practice.enter(who)
    foreign = _foreign(practice, "GZ-2026/A")
    differing = []
    for kind in kinds:
        others, nobodys = foreign[kind]
        for one, two in zip(_pages(roles, others), _pages(roles, nobodys), strict=True):
            first, second = (_told(practice, f"/zh/bench/{LOG}/{p}", n) for p, n in ((one, others), (two, nobodys)))
            if first != second:
                differing.append((one, first[0], second[0]))
    assert differing == []


def test_a_reviewer_of_another_edition_is_told_no_standards_and_no_applicant(practice: Cast) -> None:
    """A case that is not among a reviewer's own: of another log's edition here, which nobody of this log reviews."""
    practice.enter("R1")
    pages = [
        _told(practice, f"/zh/bench/{LOG}/record/ScoreSubmitted/?case_id={quote(c, safe='')}", c)
        for c in ("GZ-2025/A", "GZ-1999/A")
    ]
    assert pages[0] == pages[1]


def test_an_applicants_form_is_filled_in_for_its_own_case_alone(practice: Cast) -> None:
    practice.enter("C")
    own = practice.client.get(f"/zh/bench/{LOG}/record/ApplicationSupplemented/?case_id=GZ-2026%2FC").text
    others = practice.client.get(f"/zh/bench/{LOG}/record/ApplicationSupplemented/?case_id=GZ-2026%2FA").text
    assert ('"defaults": {"org": "C"}' in own, '"defaults": {"org": "C"}' in others) == (True, True)
    assert '"org": "A"' not in others


def test_a_waiting_submission_of_others_is_refused_as_one_of_nobody(practice: Cast) -> None:
    header = practice.enter("opr")
    put = practice.client.post(f"/v1/logs/{LOG}/pending", json=_waiting(practice), headers=header)
    assert put.status_code == 202, put.text
    name = put.json()["id"]
    try:
        practice.enter("C")
        for path in ("/zh/bench/{log}/countersign/{id}/", "/v1/logs/{log}/pending/{id}"):
            one, two = (_told(practice, path.format(log=LOG, id=i), i) for i in (name, name[:-4] + "0000"))
            assert (one, one[0]) == (two, 403)
    finally:
        header = practice.enter("opr")
        practice.client.delete(f"/v1/logs/{LOG}/pending/{name}", headers=header)


def _waiting(cast: Cast) -> dict[str, Any]:
    payload = {"year": 2078, "holidays": [], "makeup_workdays": [], "source_doc_no": "国办1号"}
    body = compose(
        type="CalendarPublished",
        log=f"demo.rongjian.example/{LOG}",
        id=new_statement_id(),
        actor="opr",
        role="OPR",
        effective_at=shanghai_day(system_clock()).isoformat(),
        payload=payload,
    )
    return {"envelope": json.loads(dsse.sign(body, cast.key("opr")).to_bytes()), "openings": {}}


@pytest.mark.parametrize("who", ["C", "R1", "sec", "fin1", "opr", "gov"])
def test_the_desk_is_refused_in_one_way_whatever_is_asked(who: str, practice: Cast) -> None:
    practice.enter(who)
    for section in DESK:
        asked = [
            f"{section}/GZ-2026%2FA/?subject=A&kind=org&edition=GZ-2026",
            f"{section}/GZ-2026%2FZ/?subject=Z&kind=org&edition=Z",
        ]
        answers = [_told(practice, f"/en/desk/{LOG}/{a.lstrip('/')}", "") for a in asked]
        assert [s for s, _ in answers] == [403, 403], section
        assert "this needs a seat that you do not hold" in answers[0][1]


def test_to_look_at_an_earlier_day_opens_no_material_again(practice: Cast) -> None:
    """Recused since, or the edition closed since: that it was open once is no reason."""
    ledger = _ledger(practice)
    recused = next(
        e
        for e in ledger.events()
        if isinstance(e.statement.payload, InterestDeclared)
        and e.statement.payload.case_id == "GZ-2026/B"
        and e.statement.actor == "R3"
    )
    practice.enter("R3")
    for dial in ("", f"?known_at={recused.position - 1}", f"?known_at={recused.position}", "?as_of=2026-01-01"):
        page = practice.client.get(f"/en/bench/{LOG}/material/GZ-2026%2FB/{dial}").text
        assert ("its material does not open" in page, "Form hash" in page) == (True, False), dial
