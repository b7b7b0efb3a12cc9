"""What can be misspelt does not compile: the type checker refuses small modules that are spoilt in one place each.

In a ledger whose point is that nothing is missed in silence, a misspelt event makes a flag clear and a guard open.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

_SOUND = """
from datetime import date
from typing import Final, assert_never

from ledger.admission.register import of
from ledger.admission.view import View
from ledger.derivation.history import Live
from ledger.derivation.law import Enacted, Law
from ledger.events.decision import AwardGranted
from ledger.events.evaluation import CommitteeResolutionAdopted
from ledger.derivation.answer import Answer
from ledger.derivation.record import Said
from ledger.derivation.standing import AwardStatus
from ledger.events.notice import ObjectionRaised, PublicNoticeClosed, PublicNoticeOpened
from projections.as_of import tell
from projections.facts import AWARD_STATUS, PRIZE_DUE
from projections.flags.inspected import Inspected
from projections.slices import Source


def ends(live: Live, notice: str) -> list[str]:
    return [e.payload.promised_end.isoformat() for e in live.of(PublicNoticeOpened, notice_id=notice)]


def both(live: Live, notice: str) -> list[list[str]]:
    return [e.payload.cases for e in live.of(PublicNoticeOpened, PublicNoticeClosed, notice_id=notice)]


def rules(live: Live) -> int:
    return len(live.of(CommitteeResolutionAdopted, subject="review_rules"))


def what(notice: PublicNoticeOpened | PublicNoticeClosed) -> str:
    match notice:
        case PublicNoticeOpened():
            return "opened"
        case PublicNoticeClosed():
            return "closed"


def promises(view: View[PublicNoticeOpened]) -> None:
    assert view.payload.promised_end


GUARDS = of(PublicNoticeOpened, promises)


def stands(source: Source, award: str, on: date) -> str:
    return tell(source, AWARD_STATUS, award, on, 1).answer.value().label


def revoked(told: Answer[AwardStatus]) -> bool:
    return told.value().status == "revoked"


def due(source: Source, award: str, on: date) -> int:
    return tell(source, PRIZE_DUE, award, on, 1).answer.value()


SILENT = Said(zh="无", en="none")

FIRST_DAY: Final = "reading.notice_first_day"
ENDS = (PublicNoticeOpened, PublicNoticeClosed)


def ended(live: Live, notice: str) -> list[str]:
    return [e.payload.notice_id for e in live.of(*ENDS) if e.payload.notice_id == notice]


def is_over(told: Answer[AwardStatus]) -> bool:
    return told.value().status in ("revoked", "set_aside", "expired")


def counts_first_day(law: Law, enacted: Enacted, on: date) -> bool:
    chosen, _ = law.reading(enacted, FIRST_DAY, on)
    return chosen == "counted"


def at_once(law: Law, enacted: Enacted, on: date) -> bool:
    return law.parameter(enacted, "prize.mode", on).text == "lump_sum"


def needs_government(view: View[PublicNoticeOpened], ground: str) -> bool:
    return "government_decision" in view.law.parameter(None, f"revoke.{ground}.steps", view.on).words


def by_office(view: View[PublicNoticeOpened]) -> bool:
    return view.statement.role == "SECH" and view.mode == "production"


def size(v: Inspected) -> int:
    return v.parameter("panel.size_min").number
"""

#: What is spoilt -> the line as it was, as it is, and what the checker says of it.
SPOILT = {
    "a misspelt event": ("live.of(PublicNoticeOpened, notice", "live.of(PublicNoticeOpend, notice", "name-defined"),
    "an event by its topic": (
        "live.of(PublicNoticeOpened, notice",
        'live.of("PublicNoticeOpened", notice',
        "call-overload",
    ),
    "a misspelt member that is read": ("promised_end.isoformat", "promised_ent.isoformat", "attr-defined"),
    "a misspelt member that is asked for": ("Opened, notice_id=notice", "Opened, notic_id=notice", "call-overload"),
    "a member asked for by a value of another type": (
        "Opened, notice_id=notice",
        "Opened, notice_id=3",
        "call-overload",
    ),
    "a member that only one of two events has": (
        "Closed, notice_id=notice",
        "Closed, page_hash=notice",
        "call-overload",
    ),
    "a misspelt word of an enumeration": ('subject="review_rules"', 'subject="reviewrules"', "call-overload"),
    "a match with a case missing": (
        '        case PublicNoticeClosed():\n            return "closed"\n',
        "",
        "return",
    ),
    "a guard of another event": ("GUARDS = of(PublicNoticeOpened", "GUARDS = of(AwardGranted", "arg-type"),
    "a misspelt fact": ("source, AWARD_STATUS, award", "source, AWARD_STATE, award", "name-defined"),
    "a fact by its name": ("source, AWARD_STATUS, award", 'source, "award.status", award', "arg-type"),
    "a misspelt member of an answer": ("answer.value().label", "answer.value().lable", "attr-defined"),
    "a member of an answer by its name": ("answer.value().label", 'answer.value()["label"]', "index"),
    "a misspelt status": ('status == "revoked"', 'status == "revokd"', "comparison-overlap"),
    "an answer of another type": ("-> int:\n    return tell", "-> date:\n    return tell", "return-value"),
    "a record without a member": ('Said(zh="无", en="none")', 'Said(zh="无")', "call-arg"),
    "members of events that are not named": ("live.of(*ENDS)", "live.of(*ENDS, notice_id=notice)", "misc"),
    "a misspelt status among several": ('"set_aside", "expired")', '"setaside", "expired")', "misc"),
    "a misspelt choice of a reading": ('chosen == "counted"', 'chosen == "counts"', "comparison-overlap"),
    "a misspelt reading": ('"reading.notice_first_day"', '"reading.notice_firstday"', "misc"),
    "a misspelt word of a parameter": ('"lump_sum"', '"lumpsum"', "comparison-overlap"),
    "a misspelt parameter": ('"prize.mode"', '"prize.mod"', "misc"),
    "a misspelt parameter of a ground": ('}.steps"', '}.step"', "misc"),
    "a misspelt step of a revocation": ('"government_decision" in', '"goverment_decision" in', "misc"),
    "a misspelt parameter of an edition": ('"panel.size_min"', '"panel.min_size"', "misc"),
    "a misspelt role": ('"SECH"', '"SECC"', "comparison-overlap"),
    "a misspelt mode": ('"production"', '"prodution"', "comparison-overlap"),
    "a guard that reads what its event has not": (
        "view.payload.promised_end",
        "view.payload.closed_on",
        "attr-defined",
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Name of a module -> the codes of what the type checker says of it; one run over all of them."""
    folder = tmp_path_factory.mktemp("spoilt")
    (folder / "sound.py").write_text(_SOUND, "utf-8")
    for name, (was, becomes, _) in SPOILT.items():
        assert _SOUND.count(was) == 1, name
        (folder / f"{name.replace(' ', '_')}.py").write_text(_SOUND.replace(was, becomes), "utf-8")
    names = sorted(path.name for path in folder.glob("*.py"))
    said = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--hide-error-context", "--no-error-summary"]
        + [str(folder / name) for name in names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stderr == ""
    result: dict[str, list[str]] = {name.removesuffix(".py"): [] for name in names}
    for module, code in re.findall(r"/(\w+)\.py:\d+: error: .*\[([a-z-]+)\]$", said.stdout, re.M):
        result[module].append(code)
    return result


def test_the_module_that_is_not_spoilt_is_sound(found: dict[str, list[str]]) -> None:
    assert found["sound"] == []


@pytest.mark.parametrize("name", sorted(SPOILT))
def test_what_is_spoilt_does_not_compile(found: dict[str, list[str]], name: str) -> None:
    assert SPOILT[name][2] in found[name.replace(" ", "_")]
