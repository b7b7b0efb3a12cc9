"""Faults from the call to the decision: applications, reviewers, scores, committees, notices, objections."""

from __future__ import annotations

from datetime import date

from tests.flags.course import REVIEWERS, Course


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


def rf44(c: Course) -> None:
    for line in c.find("ScoreSubmitted", by="R3", stage="material"):
        line["total"] = c.one("ScoreSubmitted", by="R2", stage="material", case=line["case"])["total"]


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


def unnamed(c: Course) -> None:
    line = c.one("ShortlistDecided")
    line["not_selected"] = [n for n in line["not_selected"] if n["case"] != "F"]


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
