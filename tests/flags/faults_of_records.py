"""Faults of what is recorded about records: late ones, keys, openings, erasures, annulments, lists of visits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tests.flags.course import Course


def rf24(c: Course) -> None:
    line = c.one("ApplicationFiled", org="A")
    line |= {"contact_person": "某（演示）", "label": "filed.A"}
    c.put(
        "RestrictedDataHandled",
        date(2023, 7, 10),
        edition=c.first,
        target_event="filed.A",
        paths=["/contact_person"],
        action="opened",
        opening_ok=False,
        by="dis",
        as_="DIS",
    )


def rf28(c: Course) -> None:
    late = {"kind": "legacy_import", "reason": "补录历史获奖（演示）"}
    stub = {"ZY": "zhongyuan/2017-4"}[c.code]
    day, then = date(2023, 1, 6), date(2017, 6, 1)
    c.put("RegulationEnacted", day, pack=stub, kind="legacy_stub", status="legacy_stub", issued_on=date(2017, 1, 1))
    c.put(
        "EditionOpened",
        then,
        recorded=day,
        edition_id="ZY-2017",
        year=2017,
        number=1,
        window_from=then,
        window_to=then,
        pack=stub,
        late=late,
    )
    c.put("ApplicationFiled", then, recorded=day, edition="ZY-2017", org="A", award="quality", late=late)
    c.put(
        "AwardGranted", then, recorded=day, edition="ZY-2017", case="A", award="quality", decision_id="OLD", late=late
    )


def rf37(c: Course) -> None:
    line = c.one("EditionClosed")
    c.lines.remove(line)
    c.put(
        **(
            line
            | {"recorded": date(2023, 7, 17), "late": {"kind": "delayed", "reason": "迟录（演示）"}, "label": "closed"}
        )
    )
    c.put(
        "LateRecordingApproved",
        date(2023, 7, 18),
        edition=c.first,
        edition_id=c.first,
        targets=["closed"],
        kind="delayed",
        reason="迟录（演示）",
    )


def rf38(c: Course) -> None:
    c.put(
        "KeyRevoked",
        date(2023, 5, 30),
        principal_id="R5",
        reason="compromised",
        compromised_since="2023-04-27T00:00:00+08:00",
        by="R5",
    )


def rf39(c: Course) -> None:
    c.one("EligibilityDecided", case="A")["label"] = "eligible.A"
    c.put("EventAnnulled", date(2023, 7, 3), edition=c.first, target="eligible.A", by="sec", as_="SEC")


def erased(on: date, **ground: str) -> Callable[[Course], None]:
    """Reasons of a score destroyed, by registrar and discipline."""

    def rf54(c: Course) -> None:
        c.one("ScoreSubmitted", case="A", by="R1", stage="material")["comments"] = "理由（演示）"
        c.put(
            "RestrictedDataHandled",
            on,
            edition=c.first,
            by="opr",
            as_="OPR",
            with_=("dis",),
            target_event=f"{c.first}.material.A.R1",
            paths=["/comments"],
            action="erased",
            purpose="本人申请",
            legal_basis="个人信息保护法第四十七条",
            **ground,
        )

    return rf54


def rf55(c: Course) -> None:
    c.put(
        "KeyRegistered", date(2023, 4, 3), edition=c.first, by="R1", as_="REV", with_=("opr", "sech"), principal_id="R1"
    )


def rf59(c: Course) -> None:
    for on in (date(2023, 3, 2), date(2023, 4, 20)):
        c.put("AccessRecordAttested", on, by="dis", as_="DIS", visits=0, chain="00" * 32, until=f"{on}T00:00:00Z")
