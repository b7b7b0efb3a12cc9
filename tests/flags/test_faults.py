"""One fault put into a clean edition raises its own flag, and no other than the companions that its page names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

import pytest

from projections.as_of import tell
from projections.facts import EDITION_FLAGS
from projections.flags.register import FLAGS
from tests.flags.course import REVIEWERS, Course, Played, played

SUMMER = date(2023, 9, 1)
WINTER = date(2023, 12, 20)


@dataclass(frozen=True)
class Fault:
    """A change to the lines of a clean course, and where and when it shows."""

    flag: str
    code: str
    inject: Callable[[Course], None]
    on: date = SUMMER
    edition: str = "2023"
    more: dict[str, Any] = field(default_factory=dict)
    outcome: str = "raised"


def _scores(c: Course, reviewer: str, case: str) -> None:
    """Take a reviewer's scores of a case out, and out of the reports that cite them."""
    c.drop("ScoreSubmitted", by=reviewer, case=case)
    for report in c.find("ReviewReportSubmitted", case=case):
        report["score_ids"] = [s for s in report["score_ids"] if not s.endswith(f".{reviewer}")]


def rf01(c: Course) -> None:
    c.put("InterestDeclared", date(2023, 4, 12), edition=c.first, case="A", by="R2", result="conflict")
    for report in c.find("ReviewReportSubmitted", case="A"):
        report["score_ids"] = [s for s in report["score_ids"] if not s.endswith(".R2")]


def rf02(c: Course) -> None:
    c.drop("InterestDeclared", by="R3", case="A")


def rf02_ordered(c: Course) -> None:
    c.put("RecusalOrdered", date(2023, 5, 9), edition=c.first, case_ids=["A"], person="R3")


def rf03(c: Course) -> None:
    c.one("BodyConstituted", kind="panel")["members"] = list(REVIEWERS[:4])
    for name in c.names[1:]:
        if c.find("ScoreSubmitted", by="R5", case=name):
            _scores(c, "R5", name)


def rf04(c: Course) -> None:
    c.one("BodyConstituted", kind="panel")["members"] = ["R1", "R2"]
    for name in c.names:
        for reviewer in ("R3", "R4", "R5"):
            if c.find("ScoreSubmitted", by=reviewer, case=name):
                _scores(c, reviewer, name)


def rf06(c: Course) -> None:
    for do, day in (
        ("ApplicationFiled", 3),
        ("RecommendationIssued", 4),
        ("DepartmentOpinionGiven", 5),
        ("InterestDeclared", 6),
    ):
        for line in [
            x for x in c.lines if x["do"] == do and "A" in (x.get("case"), x.get("org")) and x["on"].month == 3
        ]:
            c.lines.remove(line)
            c.put(**(line | {"on": date(2023, 4, day)}))


def rf08(c: Course) -> None:
    c.put(
        "IncidentRecorded",
        date(2023, 3, 28),
        org="A",
        incident_id="I1",
        category="accident",
        severity="major",
        fatal=True,
        occurred_on=date(2022, 6, 1),
        determined_on=date(2023, 3, 20),
        authority="应急局",
        domain="safety",
    )


def rf11(c: Course) -> None:
    c.one("CandidateListProposed")["rows"] = [
        {"case": n, "award": "quality", "rank": r} for n, r in zip("ABCD", (2, 1, 3, 4), strict=True)
    ]


def rf11_score(c: Course) -> None:
    c.one("CandidateListProposed")["rows"][0]["score"] = "999"


def rf12(c: Course) -> None:
    for case, total in (("C", 595), ("D", 590)):
        for i, line in enumerate(c.find("ScoreSubmitted", case=case, stage="onsite")):
            line["total"] = str(total - i)


def rf13(c: Course) -> None:
    c.one("ScoreSubmitted", case="A", stage="onsite", by="R5")["total"] = "900"


def rf14(c: Course) -> None:
    c.put(
        "ScoreSubmitted",
        date(2023, 5, 9),
        edition=c.first,
        case="A",
        by="R2",
        stage="onsite",
        total="766",
        full=1000,
        replaces=f"{c.first}.onsite.A.R2",
        change_reason="笔误",
    )


def rf16(c: Course) -> None:
    c.one("CommitteeResolutionAdopted", subject="proposed_awardees")["tally"][f"{c.first}/A"]["for"] = 5


def rf17(c: Course) -> None:
    c.one("PublicNoticeOpened")["promised_end"] = date(2023, 5, 18)


def rf17_disputed(c: Course) -> None:
    c.one("PublicNoticeOpened")["promised_end"] = date(2023, 5, 23)


def rf18(c: Course) -> None:
    line = c.one("GovernmentDecisionMade")
    c.lines.remove(line)
    c.put(**(line | {"on": date(2023, 5, 22)}))


def rf19(c: Course) -> None:
    c.put("ObjectionRaised", date(2023, 6, 13), edition=c.first, case="A", objection_id="O1")
    c.one("PublicNoticeClosed")["objections"] = 1


def rf20(c: Course) -> None:
    c.put(
        "ObjectionRaised",
        date(2023, 3, 16),
        edition=c.first,
        edition_id=c.first,
        objection_id="O1",
        kind="complaint",
        target_kind="person",
        person="sec",
    )
    c.put(
        "ObjectionInvestigated",
        date(2023, 3, 20),
        edition=c.first,
        objection_id="O1",
        outcome="unsubstantiated",
        investigators=["sec"],
        by="sec",
    )
    c.put("ObjectionResolved", date(2023, 3, 22), edition=c.first, objection_id="O1", outcome="dismissed", by="sech")


def rf22(c: Course) -> None:
    c.put("AwardGranted", date(2023, 6, 26), edition=c.first, case="D", award="quality", decision_id="DEC-2023")


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


def rf27(c: Course) -> None:
    line = c.one("PrizePaid", case="A")
    c.put(**(line | {"on": date(2023, 7, 3)}))


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


def misuse(c: Course) -> None:
    c.put(
        "FundMisuseFound", date(2023, 9, 4), edition=c.first, case="A", amount=100_000, severity="minor", label="misuse"
    )


def rf30(c: Course) -> None:
    misuse(c)
    c.put(
        "SanctionImposed",
        date(2023, 9, 11),
        edition=c.first,
        subject="A",
        subject_kind="organisation",
        measure="warning",
        facts=["misuse"],
        org="A",
    )


def accident(c: Course, severity: str = "larger") -> None:
    c.put(
        "IncidentRecorded",
        date(2023, 9, 4),
        org="A",
        incident_id="I1",
        category="accident",
        severity=severity,
        domain="safety",
        occurred_on=date(2023, 8, 30),
        determined_on=date(2023, 9, 1),
        authority="应急局",
        label="accident",
    )


def revoked(c: Course) -> None:
    accident(c)
    c.put("RevocationProposed", date(2023, 9, 18), edition=c.first, case="A", ground="accident", facts=["accident"])
    c.put(
        "GovernmentDecisionMade",
        date(2023, 10, 9),
        edition=c.first,
        decision_id="REV",
        subject="revocation",
        approved=[{"award_id": f"{c.first}-A"}],
    )
    c.put(
        "AwardRevoked",
        date(2023, 10, 16),
        edition=c.first,
        case="A",
        ground="accident",
        decision_id="REV",
        label="revoked",
    )


def settled(c: Course, amount: int = 20_000_000, due: date = date(2023, 11, 30)) -> None:
    revoked(c)
    c.put(
        "AnnouncementPublished",
        date(2023, 10, 18),
        edition=c.first,
        kind="revocation",
        about=["revoked"],
        awards=[f"{c.first}-A"],
    )
    c.put(
        "CertificateReturned",
        date(2023, 10, 19),
        edition=c.first,
        case="A",
        items=[{"serial": f"{c.first}-A-1", "state": "returned"}],
    )
    c.put(
        "GovernmentDecisionMade",
        date(2023, 10, 19),
        edition=c.first,
        decision_id="CB",
        subject="clawback",
        approved=[{"award_id": f"{c.first}-A"}],
    )
    c.put(
        "ClawbackOrdered",
        date(2023, 10, 20),
        edition=c.first,
        case="A",
        clawback_id="CB1",
        reason="revoked_other",
        amount=amount,
        due_on=due,
        decision_id="CB",
    )


def rf35(c: Course) -> None:
    line = c.one("CertificateIssued", case="A")
    c.lines.remove(line)
    c.put(**(line | {"recorded": date(2023, 7, 11)}))


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


def rf44(c: Course) -> None:
    for line in c.find("ScoreSubmitted", by="R3", stage="material"):
        line["total"] = c.one("ScoreSubmitted", by="R2", stage="material", case=line["case"])["total"]


def rf46(c: Course) -> None:
    revoked(c)
    line = c.one("PrizePaid", case="A")
    c.lines.remove(line)
    c.put(**(line | {"on": date(2023, 10, 20)}))


def rf49(c: Course) -> None:
    accident(c, "general")
    c.put("RevocationProposed", date(2023, 9, 18), edition=c.first, case="A", ground="accident", facts=["accident"])


def rf51(c: Course) -> None:
    c.put("ObjectionRaised", date(2023, 6, 13), edition=c.first, case="A", objection_id="O1")
    c.one("PublicNoticeClosed")["objections"] = 1
    c.put(
        "ObjectionInvestigated",
        date(2023, 6, 15),
        edition=c.first,
        case="A",
        objection_id="O1",
        outcome="substantiated",
        investigators=["dep"],
        by="dep",
        as_="DEP",
    )
    c.put(
        "ObjectionResolved",
        date(2023, 6, 16),
        edition=c.first,
        case="A",
        objection_id="O1",
        outcome="upheld",
        measures=["disqualify"],
    )


def notice_adds(c: Course) -> None:
    for line in (c.one("PublicNoticeOpened"), c.one("PublicNoticeClosed")):
        line["cases"] = [*line["cases"], "D"]


def not_proposed(c: Course) -> None:
    revoked(c)
    c.drop("RevocationProposed", case="A")


def unnamed(c: Course) -> None:
    line = c.one("ShortlistDecided")
    line["not_selected"] = [n for n in line["not_selected"] if n["case"] != "F"]


def dropped(do: str, **members: Any) -> Callable[[Course], None]:
    return lambda c: c.drop(do, **members)


def changed(do: str, change: dict[str, Any], **members: Any) -> Callable[[Course], None]:
    return lambda c: c.one(do, **members).update(change)


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


def rf56(c: Course) -> None:
    """The shortest notice of ten days is over on 27 May; the public was told 12 June."""
    line = c.one("GovernmentDecisionMade")
    c.lines.remove(line)
    c.put(**(line | {"on": date(2023, 6, 9)}))


def rf56_extended(c: Course) -> None:
    """Announced until 12 June, then until 30 June, and decided on the 20th."""
    opened = c.one("PublicNoticeOpened")
    again = {"on": date(2023, 6, 8), "revision": 2, "promised_end": date(2023, 6, 30), "extension_reason": "异议较多"}
    c.put(**(opened | {"opened_on": opened["on"]} | again))


#: On a re-win Ganzhou gives the certificate alone.
PLAQUE = [{"kind": "certificate", "serial": "ZS-1"}, {"kind": "plaque", "serial": "JP-1"}]


def rf58_again(c: Course) -> None:
    [line] = [x for x in c.lines if x["do"] == "CertificateIssued" and (x["edition"], x["case"]) == ("GZ-2025", "A")]
    line["items"] = PLAQUE
    # A re-win brings no prize; the rest of the second edition is as it should be.
    c.lines = [x for x in c.lines if (x["do"], x.get("edition"), x.get("case")) != ("PrizePaid", "GZ-2025", "A")]
    for decision in (x for x in c.lines if x["do"] == "GovernmentDecisionMade" and x["edition"] == "GZ-2025"):
        for item in (i for i in decision["approved"] if i["case"] == "A"):
            del item["prize_amount"]


def rf57(c: Course) -> None:
    """The committee of before is replaced by one without anybody from an enterprise."""
    seats = [
        ("chr", "chair", "department"),
        ("C1", "member", "expert"),
        ("C2", "member", "expert"),
        ("C3", "member", "other"),
    ]
    c.put(
        "BodyConstituted",
        date(2023, 3, 2),
        kind="committee",
        body_id="committee",
        revision=2,
        members=[{"principal_id": n, "seat": s, "capacity": g} for n, s, g in seats],
    )


def rf57_hengyang(c: Course) -> None:
    seats = [
        ("chr", "chair", "other"),
        ("C1", "vice", "expert"),
        ("C2", "vice", "expert"),
        ("C3", "member", "enterprise"),
    ]
    c.put(
        "BodyConstituted",
        date(2023, 3, 2),
        kind="committee",
        body_id="committee",
        revision=2,
        members=[{"principal_id": n, "seat": s, "capacity": g} for n, s, g in seats],
    )


FAULTS = (
    Fault("RF01", "ZY", rf01),
    Fault("RF02", "ZY", rf02),
    Fault("RF02", "JD", rf02_ordered),
    Fault("RF03", "JD", rf03),
    Fault("RF04", "ZY", rf04),
    Fault("RF04", "JD", dropped("BodyConstituted", kind="supervision_group")),
    Fault("RF05", "ZY", dropped("RecommendationIssued", case="A")),
    Fault("RF06", "ZY", rf06),
    Fault("RF07", "GZ", lambda c: None, date(2025, 8, 1), "2025", {"second": True, "again": ("D", "E", "F", "A")}),
    Fault("RF08", "GZ", rf08),
    Fault("RF09", "GZ", dropped("DepartmentOpinionGiven", case="A")),
    Fault("RF10", "ZY", dropped("OnsiteVisitHeld", case="A")),
    Fault("RF11", "ZY", rf11),
    Fault("RF11", "GZ", rf11_score),
    Fault("RF11", "ZY", unnamed),
    Fault("RF12", "HY", rf12),
    Fault("RF13", "ZY", rf13),
    Fault("RF14", "ZY", rf14),
    Fault("RF15", "HY", dropped("OnsiteReportConfirmed", case="A")),
    Fault("RF15", "HY", dropped("ApplicantNotified", case="E")),
    Fault("RF16", "ZY", rf16),
    Fault("RF17", "ZY", rf17),
    Fault("RF17", "ZY", rf17_disputed, outcome="disputed"),
    Fault("RF18", "GZ", rf18),
    Fault("RF19", "ZY", rf19),
    Fault("RF20", "ZY", rf20),
    Fault("RF21", "HY", dropped("CommitteeResolutionAdopted", subject="chair_review")),
    Fault("RF21", "GZ", changed("GovernmentDecisionMade", {"form": "government_study"})),
    Fault("RF21", "ZY", not_proposed, date(2023, 10, 25)),
    Fault("RF22", "ZY", rf22),
    Fault("RF22", "ZY", notice_adds),
    Fault("RF23", "GZ", lambda c: None, more={"winners": 4}),
    Fault("RF24", "ZY", rf24),
    Fault("RF25", "ZY", changed("AwardGranted", {"stated_prize": 30_000_000}, case="A")),
    Fault("RF26", "ZY", changed("PrizePaid", {"paid_on": date(2023, 6, 21)}, case="A")),
    Fault("RF27", "ZY", rf27),
    Fault("RF28", "ZY", rf28),
    Fault("RF29", "ZY", misuse, WINTER),
    Fault("RF30", "ZY", rf30, WINTER),
    Fault("RF31", "GZ", accident, WINTER),
    Fault("RF32", "ZY", revoked, WINTER),
    Fault("RF33", "ZY", settled, WINTER),
    Fault("RF34", "ZY", dropped("PostAwardReportFiled", case="A", period="1"), date(2024, 8, 1)),
    Fault("RF35", "ZY", rf35),
    Fault("RF36", "ZY", changed("AwardGranted", {"at": time(22, 30)}, case="C")),
    Fault("RF37", "ZY", rf37),
    Fault("RF38", "ZY", rf38),
    Fault("RF39", "ZY", rf39),
    Fault("RF40", "ZY", lambda c: None, more={"promulgated": False}),
    Fault("RF40", "ZY", dropped("CommitteeResolutionAdopted", subject="review_rules")),
    Fault("RF40", "GZ", lambda c: None, date(2024, 8, 1), "2024", {"second": True, "second_year": 2024}),
    Fault(
        "RF41",
        "ZY",
        changed("CertificateIssued", {"override": {"reason": "演示", "instrument_no": "演〔2023〕1号"}}, case="A"),
    ),
    Fault("RF42", "ZY", changed("AwardGranted", {"doc_no": "中原政〔2022〕5号"}, case="A")),
    Fault(
        "RF43",
        "ZY",
        lambda c: (
            [x.update(self_assessment_hash="ab" * 32) for x in c.find("ApplicationFiled") if x["org"] in "AB"] and None
        ),
    ),
    Fault("RF44", "ZY", rf44),
    Fault("RF45", "GZ", changed("PrizePaid", {"channel": "treasury"}, case="A")),
    Fault("RF46", "ZY", rf46, date(2023, 10, 25)),
    Fault(
        "RF47",
        "GZ",
        lambda c: c.one("FundUseReported", case="A")["items"].append({"category": "public_welfare", "amount": 1}),
        WINTER,
    ),
    Fault("RF48", "ZY", changed("ApplicationFiled", {"years_operating": "2"}, org="A")),
    Fault("RF49", "JD", rf49, date(2023, 9, 25)),
    Fault("RF50", "ZY", lambda c: settled(c, 10_000_000), date(2023, 10, 25)),
    Fault("RF51", "ZY", rf51),
    Fault("RF52", "ZY", changed("AwardGranted", {"stated_valid_until": date(2028, 6, 26)}, case="A")),
    Fault("RF52", "ZY", changed("AwardGranted", {"stated_counts_quota": False}, case="A")),
    Fault("RF54", "ZY", erased(date(2023, 8, 1))),
    Fault("RF54", "ZY", erased(date(2023, 6, 1), ground="retention_expired", instrument_no="演〔2023〕1号")),
    Fault("RF55", "ZY", rf55),
    Fault("RF59", "ZY", rf59, date(2023, 5, 10)),
    Fault("RF56", "GZ", rf56),
    Fault("RF56", "ZY", rf56_extended),
    Fault("RF57", "ZY", rf57),
    Fault("RF57", "HY", rf57_hengyang),
    Fault("RF58", "GZ", rf58_again, date(2025, 8, 1), "2025", {"second": True, "again": ("A", "D", "E", "F")}),
    Fault("RF53", "GZ", lambda c: [c.lines.remove(x) for x in c.find("AnnouncementPublished")] and None),
)


def inspected(town: Played, fault: Fault) -> dict[str, Any]:
    edition = f"{fault.code}-{fault.edition}"
    value = tell(town.ledger, EDITION_FLAGS, edition, fault.on, town.ledger.size()).answer.to_json()["value"]
    return {row["flag"]: row for row in value["flags"]}


def course_with(fault: Fault) -> Course:
    """A clean course with the fault in it."""
    course = Course(fault.code, **({"applicants": 6, "second": False, "force": True} | fault.more))
    fault.inject(course)
    return course


def check(fault: Fault, town: Played) -> None:
    """The fault's own flag is raised, and no other than its companions; each hit says what and by which events."""
    rows = inspected(town, fault)
    raised = {f for f, row in rows.items() if row["hits"]}
    strangers = [
        (f, h["en"])
        for f in sorted(raised - {fault.flag, *FLAGS[fault.flag].texts.companions})
        for h in rows[f]["hits"]
    ]
    assert (rows[fault.flag]["outcome"], strangers) == (fault.outcome, [])
    for hit in rows[fault.flag]["hits"]:
        assert hit["events"]
        assert hit["zh"]
        assert hit["en"]


def name_of(fault: Fault) -> str:
    return f"{fault.flag}-{fault.code}-{getattr(fault.inject, '__name__', 'change').strip('<>')}"


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_a_fault_raises_its_flag_and_no_stranger(
    fault: Fault, database_url: str, new_schema: Callable[[], tuple[str, str]]
) -> None:
    with played(course_with(fault), database_url, *new_schema()) as town:
        check(fault, town)


def test_every_flag_has_a_fault() -> None:
    assert sorted(FLAGS) == sorted({f.flag for f in FAULTS})
