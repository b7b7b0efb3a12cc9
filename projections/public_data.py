"""The public window as data others already know: grants in 360Giving's columns, releases and records after OCDS.

What neither standard has is added under names of its own: ``amountRecovered`` and ``revokedDate``. A release is one public
entry and never changes; a record is what the releases of one award add up to.
"""

from __future__ import annotations

from typing import Any

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.yuan import plain
from projections import public_pages
from projections.as_of import tell
from projections.public_pages import Corner
from projections.slices import Source


def _codes(source: Source, at: Corner) -> dict[str, str]:
    """Organisation -> its unified social credit code."""
    registered = source.events(DCBQuery([DCBQueryItem(types=["PrincipalRegistered"])]), until=at.known)
    return {e.statement.payload.principal_id: e.statement.payload.uscc for e in registered if e.statement.payload.uscc}


def grants(source: Source, at: Corner, origin: str) -> list[dict[str, Any]]:
    """One row per award; money in yuan with two decimals, as the standard's amounts are in units of the currency."""
    rows, codes = [], _codes(source, at)
    place = public_pages.jurisdiction(source, at)
    for a in public_pages.awards(public_pages.editions(source, at)):
        money = tell(source, "award.money", a["award_id"], at.on, at.known).answer
        told = money.value() if money.is_value else {}
        code = codes.get(a["org"])
        rows.append(
            {
                "Identifier": f"{origin}#{a['award_id']}", "Title": f"{a['kind_zh']} {a['year']}", "Description": a["edition"], "Currency": "CNY",
                "Amount Awarded": _yuan(told.get("due")), "Amount Disbursed": _yuan(told.get("paid")), "Award Date": a["granted_on"],
                "Recipient Org:Identifier": f"CN-USCI-{code}" if code else a["org"], "Recipient Org:Name": a["name"],
                "Funding Org:Identifier": f"CN-{place['code']}", "Funding Org:Name": place["jurisdiction"], "Grant Programme:Title": a["kind_zh"],
                "Data Source": origin, "amountRecovered": _yuan(told.get("clawback_received")), "revokedDate": a["revoked_on"], "status": a["status"],
            }
        )  # fmt: skip
    return rows


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else plain(fen)


def releases(source: Source, at: Corner, origin: str) -> list[dict[str, Any]]:
    """Each public entry of an award as an immutable release, in the order of recording."""
    rows = []
    for a in public_pages.awards(public_pages.editions(source, at)):
        for entry in public_pages.entries(source, at, f"a:{a['award_id']}"):
            rows.append(
                {
                    "ocid": ocid(origin, a["award_id"]), "id": entry["event"], "date": f"{entry['effective_on']}T00:00:00+08:00",
                    "tag": [_TAGS.get(entry["type"], "awardUpdate")], "initiationType": "award", "rongjian": {"position": entry["position"], "type": entry["type"]},
                    "parties": [{"id": a["org"], "name": a["name"], "roles": ["supplier"]}],
                    "awards": [{"id": a["award_id"], "title": f"{a['kind_zh']} {a['year']}", "suppliers": [{"id": a["org"], "name": a["name"]}]}],
                }
            )  # fmt: skip
    return sorted(rows, key=lambda r: (r["rongjian"]["position"], r["ocid"]))


_TAGS = {
    "AwardGranted": "award",
    "AwardRevoked": "awardCancellation",
    "PrizePaid": "implementation",
    "ClawbackReceived": "implementationUpdate",
}


def ocid(origin: str, award_id: str) -> str:
    """A stable id of the contracting-like process that one award is; the prefix is ours, not a registered one."""
    return f"rongjian-{origin.replace('/', '-')}-{award_id}"


def records(source: Source, at: Corner, origin: str) -> list[dict[str, Any]]:
    """Per award the ids of its releases and how it stands now."""
    by_ocid: dict[str, list[dict[str, Any]]] = {}
    for release in releases(source, at, origin):
        by_ocid.setdefault(release["ocid"], []).append(
            {"id": release["id"], "date": release["date"], "tag": release["tag"]}
        )
    rows = []
    for a in public_pages.awards(public_pages.editions(source, at)):
        name = ocid(origin, a["award_id"])
        status = {"valid": "active", "revoked": "cancelled"}.get(a["status"], a["status"])
        compiled = {
            "ocid": name, "awards": [{"id": a["award_id"], "status": status, "date": a["granted_on"], "contractPeriod": {"startDate": a["valid_from"], "endDate": a["valid_until"]}, "suppliers": [{"id": a["org"], "name": a["name"]}], "revokedDate": a["revoked_on"]}],
        }  # fmt: skip
        rows.append({"ocid": name, "releases": by_ocid.get(name, []), "compiledRelease": compiled})
    return rows
