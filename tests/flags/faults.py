"""Every fault, at least one a flag, and what a log says in which it was put."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from projections.as_of import tell
from projections.facts import EDITION_FLAGS
from projections.flags.register import FLAGS
from tests.flags.course import Course
from tests.flags.fault import WINTER, Fault, changed, dropped
from tests.flags.faults_of_awards import (
    accident,
    misuse,
    not_proposed,
    revoked,
    rf27,
    rf30,
    rf35,
    rf46,
    rf49,
    rf58_again,
    settled,
)
from tests.flags.faults_of_records import erased, rf24, rf28, rf37, rf38, rf39, rf55, rf59
from tests.flags.faults_of_reviews import (
    notice_adds,
    rf01,
    rf02,
    rf02_ordered,
    rf03,
    rf04,
    rf06,
    rf08,
    rf11,
    rf11_score,
    rf12,
    rf13,
    rf14,
    rf16,
    rf17,
    rf17_disputed,
    rf18,
    rf19,
    rf20,
    rf22,
    rf44,
    rf51,
    rf56,
    rf56_extended,
    rf57,
    rf57_hengyang,
    unnamed,
)
from tests.flags.playing import Played

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
