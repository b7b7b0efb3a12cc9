"""Faults after the decision: payments, duties, revocations, clawbacks, certificates."""

from __future__ import annotations

from datetime import date

from tests.flags.course import Course


def rf27(c: Course) -> None:
    line = c.one("PrizePaid", case="A")
    c.put(**(line | {"on": date(2023, 7, 3)}))


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


def rf46(c: Course) -> None:
    revoked(c)
    line = c.one("PrizePaid", case="A")
    c.lines.remove(line)
    c.put(**(line | {"on": date(2023, 10, 20)}))


def rf49(c: Course) -> None:
    accident(c, "general")
    c.put("RevocationProposed", date(2023, 9, 18), edition=c.first, case="A", ground="accident", facts=["accident"])


def not_proposed(c: Course) -> None:
    revoked(c)
    c.drop("RevocationProposed", case="A")


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
