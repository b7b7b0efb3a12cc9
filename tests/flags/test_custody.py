"""RF54, RF55 and RF59 beyond one fault each: what earlier rules let pass, keys that were used, and when a record is
overdue.
"""

from __future__ import annotations

import secrets
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.home.bootstrap import log_named, open_log
from api.scenario.cast import Cast
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.statement import compose
from ledger.submission import Submission
from projections.as_of import tell
from projections.facts import EDITION_FLAGS
from projections.slices import Source
from tests.builders import Town
from tests.given_out.given import GIVEN, home_of

REGISTERED, WAITED, SCORED = date(2023, 5, 5), date(2023, 5, 13), date(2023, 6, 2)


def _hits(source: Source, flag: str, edition: str, on: date, known: int) -> list[tuple[str, str]]:
    rows = tell(source, EDITION_FLAGS, edition, on, known).answer.to_json()["value"]["flags"]
    return [(hit["severity"], hit["subject"]["id"]) for row in rows if row["flag"] == flag for hit in row["hits"]]


def _further_key(town: Town, *signers: str) -> PrivateKey:
    """A key for R1, signed by itself and by the others; it counts once they could have waited."""
    new = PrivateKey(secrets.token_bytes(32))
    town.clock.advance(REGISTERED)
    payload: dict[str, Any] = {
        "principal_id": "R1",
        "key_id": new.public.keyid,
        "algorithm": new.public.algorithm,
        "public_key": new.public.raw.hex(),
        "valid_from": f"{WAITED}T00:00:00+08:00",
        "valid_until": "2030-01-01T00:00:00+08:00",
        "custody": "software",
    }
    body = compose(
        type="KeyRegistered",
        log=town.ledger.origin,
        id=town.cast.statement_id(new.public.keyid, town.clock()),
        actor="R1",
        role="REV",
        effective_at=REGISTERED.isoformat(),
        payload=payload,
    )
    envelope = dsse.sign(body, new, *(town.cast.key(s) for s in signers))
    town.ledger.submit(Submission(envelope, envelope.to_bytes(), {}))
    return new


def _lost(town: Town) -> None:
    town.must(
        "KeyRevoked",
        REGISTERED,
        by="opr",
        as_="OPR",
        with_=("sup",),
        principal_id="R1",
        key_id=town.cast.key("R1").public.keyid,
        reason="lost",
    )


def _scored(town: Town, key: PrivateKey | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """R1 sits on the panel, and scores with a key."""
    town.edition(on=date(2023, 5, 4))
    town.must("ApplicationFiled", date(2023, 5, 10), org="A", award="quality", case_id="GZ-2023/A")
    town.must("EligibilityDecided", date(2023, 5, 20), case="A")
    town.must("BodyConstituted", date(2023, 5, 22), kind="panel", body_id="p", members=["R1", "R2", "R3"], leader="R2")
    if key is not None:
        of = Cast.key
        monkeypatch.setattr(
            Cast, "key", lambda cast, who, generation=1: key if who == "R1" else of(cast, who, generation)
        )
        town.must("ScoreSubmitted", SCORED, case="A", by="R1", stage="material", total="600")


@pytest.mark.parametrize(
    ("signers", "lost", "used", "expected"),
    [
        (("R1", "opr"), False, True, []),
        (("opr", "sech"), False, False, [("H", "R1")]),
        (("opr", "sech"), False, True, [("C", "R1")]),
        (("opr", "sech"), True, True, [("M", "R1")]),
    ],
)
def test_a_further_key_is_graver_where_its_holder_had_one_and_it_was_used(
    town: Town,
    signers: tuple[str, ...],
    lost: bool,
    used: bool,
    expected: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if lost:
        _lost(town)
    new = _further_key(town, *signers)
    _scored(town, new if used else None, monkeypatch)
    assert _hits(town.ledger, "RF55", "GZ-2023", date(2023, 9, 1), town.ledger.size()) == expected


def test_a_key_of_somebody_who_takes_no_part_concerns_no_edition(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _further_key(town, "opr", "sech")
    town.edition(on=date(2023, 5, 4))
    assert _hits(town.ledger, "RF55", "GZ-2023", date(2023, 9, 1), town.ledger.size()) == []


def test_erasures_that_one_seat_signed_under_earlier_rules_are_raised(tmp_path: Path, database_url: str) -> None:
    """The log of the version before: nobody's verdict on its entries changes, and the inspector sees what was done."""
    given = next(g for g in GIVEN if g.name == "erased")
    with home_of(given, tmp_path / "home", database_url, restored=True) as settings:
        ledger = open_log(settings, str(settings.database_url), log_named(settings, given.name))
        try:
            erasures = {
                e.statement.id for e in ledger.events() if getattr(e.statement.payload, "action", "") == "erased"
            }
            editions = [e.statement.payload.edition_id for e in ledger.events() if e.statement.type == "EditionOpened"]
            found = [
                hit for edition in editions for hit in _hits(ledger, "RF54", edition, date(2023, 12, 31), ledger.size())
            ]
        finally:
            ledger.close()
    assert {severity for severity, _ in found} == {"C", "H"}, "one seat; two seats, and no ground"
    assert {event for _, event in found} <= erasures
    assert found


def test_the_record_of_visits_is_overdue_from_the_day_after_it_was_due_and_while_the_edition_runs(town: Town) -> None:
    def outcome(on: date) -> tuple[str, list[str]]:
        rows = tell(town.ledger, EDITION_FLAGS, "GZ-2023", on, town.ledger.size()).answer.to_json()["value"]["flags"]
        row = next(row for row in rows if row["flag"] == "RF59")
        return row["outcome"], [hit["since"] for hit in row["hits"]]

    town.edition(on=date(2023, 5, 4))
    assert outcome(date(2023, 12, 31)) == ("not_applicable", [])
    for on in (date(2023, 5, 10), date(2023, 6, 10), date(2023, 8, 1)):
        town.must("AccessRecordAttested", on, by="opr", as_="OPR", visits=0, chain="00" * 32, until=f"{on}T00:00:00Z")
    assert outcome(date(2023, 7, 11)) == ("clear", [])
    assert outcome(date(2023, 7, 12)) == ("raised", ["2023-07-12"])
    assert outcome(date(2023, 9, 1)) == ("raised", ["2023-07-12"])
    assert outcome(date(2023, 9, 2)) == ("raised", ["2023-07-12", "2023-09-02"])
