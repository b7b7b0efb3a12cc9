"""Sixteen people do at once what only one of them may do, held up between any two steps: exactly one has done it.

A decision reads the size of the log first and its boundary as of that size, without a lock; what was recorded since is
asked for under the lock of the head. Two orders would be wrong, and other stores had them: to read the boundary, and
later the version that stands for it; and to append without asking again.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date
from itertools import count, product, repeat
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.errors import MalformedError, RefusedError
from ledger.fsck.database import check_database
from ledger.identifiers import parse_uscc
from ledger.log_signer import LogSigner
from ledger.signing.keys import PrivateKey
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.submission import Submission
from tests.builders import Town

AT_ONCE = 16
D = date(2023, 5, 10)

#: Where a submission may be held up: all that it asks of the log, and its append.
READS = ("head", "events", "event", "by_id", "taken_for", "recorded_at")


class _Gate:
    """Holds every submission at its n-th step until all are there; whoever waits alone goes on after a moment."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._barrier = threading.Barrier(AT_ONCE)
        self.reached = 0

    def steps(self) -> Callable[[], None]:
        """Called before each step of one submission."""
        numbers = count(1)

        def step() -> None:
            if next(numbers) == self._at:
                self.reached += 1
                with suppress(threading.BrokenBarrierError):
                    self._barrier.wait(timeout=1)

        return step


@contextmanager
def _held(ledger: Ledger, step: Callable[[], None]) -> Iterator[None]:
    steps = [*((ledger.log, name) for name in READS), (ledger.recorder, "record")]

    def before(original: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **more: Any) -> Any:
            step()
            return original(*args, **more)

        return stepped

    for asked, name in steps:
        setattr(asked, name, before(getattr(asked, name)))
    try:
        yield
    finally:
        for asked, name in steps:
            delattr(asked, name)


@pytest.fixture
def processes(town: Town) -> Iterator[list[Ledger]]:
    """The log as so many processes have it open: each with its own connections, its own writer."""
    opened = []
    for _ in range(AT_ONCE):
        database = Database(town.database.url, town.database.schema, size=2).open()
        opened.append(
            Ledger(database, Vault(database, town.kek), LogSigner(town.ledger.origin, town.log_key), town.clock)
        )
    yield opened
    for ledger in opened:
        ledger.close()


def _outcome(ledger: Ledger, submission: Submission, gate: _Gate) -> str:
    try:
        with _held(ledger, gate.steps()):
            ledger.submit(submission)
    except RefusedError as refusal:
        return refusal.code
    return "recorded"


def _credit_code(n: int) -> str:
    """A credit code with a right organisation code and check digit (GB 32100-2015)."""
    body = f"TXT{n:05}"
    for pair in product("0123456789X", "0123456789ABCDEFGHJKLMNPQRTUWXY"):
        with suppress(MalformedError):
            return parse_uscc(f"91360700{body}{''.join(pair)}")
    raise AssertionError(n)


def _cased(n: int) -> list[str]:
    return [
        f"race{n}" if i == 0 else "".join(c.upper() if i >> p & 1 else c for p, c in enumerate("race")) + str(n)
        for i in range(AT_ONCE)
    ]


def _people(town: Town, n: int) -> list[Submission]:
    return [_person(town, f"P{n}", f"{n}-{i}") for i in range(AT_ONCE)]


def _person(town: Town, principal: str, number: str) -> Submission:
    return town.signed(
        "PrincipalRegistered", D, principal_id=principal, kind="person", person_name="某", id_number=number
    )


def _alike(town: Town, n: int) -> list[Submission]:
    names = ["".join(c.upper() if i >> p & 1 else c for p, c in enumerate("race")) + str(n) for i in range(AT_ONCE)]
    return [_person(town, name, name) for name in names]


def _companies(town: Town, n: int) -> list[Submission]:
    members = {
        "kind": "organisation",
        "org_name": "某公司",
        "org_form": "enterprise",
        "sector": "manufacturing",
        "reg_place": "章贡区",
    }
    return [
        town.signed(
            "PrincipalRegistered",
            D,
            principal_id=f"U{n}-{i}",
            uscc=_credit_code(n),
            established_on=date(2010, 1, 1),
            **members,
        )
        for i in range(AT_ONCE)
    ]


def _applications(town: Town, n: int) -> list[Submission]:
    """Of one organisation, each as a case of its own; the case of the round before is withdrawn first."""
    filed = town.ledger.events(DCBQuery([DCBQueryItem(types=["ApplicationFiled"])]))
    if filed:
        town.must("ApplicationWithdrawn", D, case_id=filed[-1].statement.payload.case_id, org="A", by="A")
    return [
        town.signed("ApplicationFiled", D, org="A", award="quality", case_id=f"GZ-2023/A{n}x{i}")
        for i in range(AT_ONCE)
    ]


def _annulments(town: Town, n: int) -> list[Submission]:
    target = town.must("IncidentRecorded", D, org="A", incident_id=f"X{n}", category="other", authority="机关")
    members = {"target": target, "reason": "overturned", "effect": "void_ab_initio", "by": "dis", "as_": "DIS"}
    return [town.signed("EventAnnulled", D, **members) for _ in range(AT_ONCE)]


def _erasures(town: Town, n: int) -> list[Submission]:
    target = town.must(
        "PrincipalRegistered", D, principal_id=f"E{n}", kind="person", person_name="某", id_number=f"e{n}"
    )
    members = {
        "target_event": target,
        "paths": ["/person_name"],
        "action": "erased",
        "subject": f"E{n}",
        "purpose": "本人申请",
        "legal_basis": "个人信息保护法第四十七条",
    }
    return [
        town.signed("RestrictedDataHandled", D, by="opr", as_="OPR", with_=("dis",), **members) for _ in range(AT_ONCE)
    ]


def _incidents(town: Town, n: int) -> list[Submission]:
    return [
        town.signed("IncidentRecorded", D, org="A", incident_id=f"I{n}", category="other", authority=f"机关 {i}")
        for i in range(AT_ONCE)
    ]


def _higher_awards(town: Town, n: int) -> list[Submission]:
    members = {"org": "A", "level": "national", "award_kind": "quality", "won_on": date(2022, 1, 1)}
    return [
        town.signed(
            "HigherAwardRecorded",
            D,
            higher_award_id=f"H{n}",
            award_name=f"第 {n} 届中国质量奖",
            doc_no=f"{i}",
            **members,
        )
        for i in range(AT_ONCE)
    ]


def _decisions(town: Town, n: int) -> list[Submission]:
    return [town.signed("GovernmentDecisionMade", D, decision_id=f"D{n}", approved=[]) for _ in range(AT_ONCE)]


def _findings(town: Town, n: int) -> list[Submission]:
    members = {"flag_ids": ["RF06"], "targets": [], "severity": "low", "demand": "explain", "answer_due": D}
    return [
        town.signed("OversightFindingIssued", D, by="sup", as_="SUP", finding_id=f"F{n}", **members)
        for _ in range(AT_ONCE)
    ]


def _revocations_of_a_key(town: Town, n: int) -> list[Submission]:
    new = PrivateKey(secrets.token_bytes(32))
    town.ledger.submit(town.registration(new))
    return [
        town.signed(
            "KeyRevoked",
            D,
            by="opr",
            as_="OPR",
            with_=("sup",),
            principal_id="fin1",
            key_id=new.public.keyid,
            reason="lost",
        )
        for _ in range(AT_ONCE)
    ]


#: One kind of boundary each, by the tag that joins the crowd, and what the others are told.
KINDS: dict[str, tuple[Callable[[Town, int], list[Submission]], str]] = {
    "p: one principal id": (_people, "principal_exists"),
    "p: ids of one shape": (_alike, "id_looks_alike"),
    "u: one credit code": (_companies, "uscc_taken"),
    "k: one key": (_revocations_of_a_key, "key_revoked"),
    "o: one organisation": (_applications, "already_applied"),
    "x: one entry annulled": (_annulments, "already_annulled"),
    "x: one entry erased": (_erasures, "already_erased"),
    "in: one incident": (_incidents, "incident_exists"),
    "h: one higher award": (_higher_awards, "higher_award_exists"),
    "d: one decision": (_decisions, "decision_exists"),
    "f: one finding": (_findings, "finding_exists"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_exactly_one_of_a_crowd_is_recorded_wherever_they_are_held_up(
    town: Town, processes: list[Ledger], kind: str
) -> None:
    make, code = KINDS[kind]
    town.edition(on=date(2023, 5, 4))
    for n in count(1):
        submissions = make(town, n)
        gate, before = _Gate(n), town.ledger.size()
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            found = sorted(crowd.map(_outcome, processes, submissions, repeat(gate)))
        assert (found, town.ledger.size()) == (sorted(["recorded", *[code] * (AT_ONCE - 1)]), before + 1), f"step {n}"
        if gate.reached < AT_ONCE:
            break
    assert n > 3, "nobody was held up between being handed over and being decided"
    assert check_database(town.ledger) == []
