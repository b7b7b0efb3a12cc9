"""The public window as data others already know: grants in 360Giving's columns, releases and records after OCDS.

What neither standard has is added under names of its own: ``amountRecovered`` and ``revokedDate``. A release is one
public entry and never changes; a record is what the releases of one award add up to.
"""

from __future__ import annotations

from functools import partial
from typing import NotRequired, TypedDict

from ledger.derivation.money import MoneyOfAward
from ledger.events.after_award import AwardRevoked, AwardSetAside
from ledger.events.decision import AwardGranted
from ledger.events.money import ClawbackReceived, PrizePaid
from ledger.yuan import plain
from projections import public_pages
from projections.as_of import tell
from projections.facts import AWARD_MONEY
from projections.noted import Kind, shared
from projections.public_pages import Corner
from projections.public_rows import AwardRow
from projections.slices import Source

Grant = TypedDict(
    "Grant",
    {
        "Identifier": str,
        "Title": str,
        "Description": str,
        "Currency": str,
        "Amount Awarded": str | None,
        "Amount Disbursed": str | None,
        "Award Date": str | None,
        "Recipient Org:Identifier": str,
        "Recipient Org:Name": str,
        "Funding Org:Identifier": str,
        "Funding Org:Name": str,
        "Grant Programme:Title": str,
        "Data Source": str,
        "amountRecovered": str | None,
        "revokedDate": str | None,
        "status": str,
    },
)


class Identifier(TypedDict):
    """A unified social credit code."""

    scheme: str
    id: str
    legalName: str


class Party(TypedDict):
    """The holder of an award."""

    id: str
    name: str
    roles: list[str]
    identifier: NotRequired[Identifier]


class Supplier(TypedDict):
    """The same, named only."""

    id: str
    name: str


class AwardOfRelease(TypedDict):
    """An award as far as a release tells of it."""

    id: str
    title: str
    suppliers: list[Supplier]


class Entry(TypedDict):
    """The entry that a release is."""

    position: int
    type: str
    effectiveOn: str


class Release(TypedDict):
    """One public entry of an award."""

    ocid: str
    id: str
    date: str
    tag: list[str]
    initiationType: str
    rongjian: Entry
    parties: list[Party]
    awards: list[AwardOfRelease]


class LinkedRelease(TypedDict):
    """Where a release is."""

    id: str
    url: str
    date: str
    tag: list[str]


class Period(TypedDict):
    startDate: str | None
    endDate: str | None


class Standing(TypedDict):
    """How an award stands in our own words."""

    status: str


class CompiledAward(TypedDict):
    """An award as its releases leave it; ``status`` is a word of OCDS, or None where it has none."""

    id: str
    title: str
    status: str | None
    date: str | None
    contractPeriod: Period
    suppliers: list[Supplier]
    rongjian: Standing
    revokedDate: str | None


class CompiledRelease(TypedDict):
    """What the releases of one award add up to."""

    ocid: str
    id: str
    date: str
    tag: list[str]
    initiationType: str
    parties: list[Party]
    awards: list[CompiledAward]


class Record(TypedDict):
    """An award with its releases, oldest first."""

    ocid: str
    releases: list[LinkedRelease]
    compiledRelease: CompiledRelease


#: The account of an award, as of a day.
_MONEY: Kind[MoneyOfAward | None] = Kind("money", MoneyOfAward | None)


def grants(source: Source, at: Corner, origin: str) -> list[Grant]:
    """One row per award; money in yuan with two decimals, as the standard's amounts are in units of the currency."""
    rows, place = list[Grant](), public_pages.jurisdiction(source, at)
    for a in public_pages.awards(public_pages.editions(source, at)):
        award_id = a["award_id"]
        told = shared(source, _MONEY, (award_id, at.on), at.known, partial(_money, at=at, award_id=award_id))
        code = public_pages.registered(source, at, a["org"]).uscc
        rows.append(
            {
                "Identifier": f"{origin}#{award_id}",
                "Title": f"{a['kind_zh']} {a['year']}",
                "Description": a["edition"],
                "Currency": "CNY",
                "Amount Awarded": _yuan(told.given) if told else None,
                "Amount Disbursed": _yuan(told.paid) if told else None,
                "Award Date": a["granted_on"],
                "Recipient Org:Identifier": f"CN-USCI-{code}" if code else a["org"],
                "Recipient Org:Name": a["name"],
                "Funding Org:Identifier": f"CN-{place['code']}",
                "Funding Org:Name": place["jurisdiction"],
                "Grant Programme:Title": a["kind_zh"],
                "Data Source": origin,
                "amountRecovered": _yuan(told.clawback_received) if told else None,
                "revokedDate": a["revoked_on"],
                "status": a["status"],
            }
        )
    return rows


def _money(source: Source, at: Corner, award_id: str) -> MoneyOfAward | None:
    money = tell(source, AWARD_MONEY, award_id, at.on, at.known).answer
    return money.value() if money.is_value else None


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else plain(fen)


def releases(source: Source, at: Corner, origin: str) -> list[Release]:
    """Each public entry of an award as an immutable release, in the order of recording."""
    rows = list[Release]()
    for a in public_pages.awards(public_pages.editions(source, at)):
        for entry in public_pages.entries(source, at, f"a:{a['award_id']}"):
            rows.append(
                {
                    "ocid": ocid(origin, a["award_id"]),
                    "id": entry["event"],
                    "date": entry["recorded_at"],
                    "tag": [_TAGS.get(entry["type"], "awardUpdate")],
                    "initiationType": INITIATION,
                    "rongjian": {
                        "position": entry["position"],
                        "type": entry["type"],
                        "effectiveOn": entry["effective_on"],
                    },
                    "parties": [_party(a, public_pages.registered(source, at, a["org"]).uscc)],
                    "awards": [
                        {
                            "id": a["award_id"],
                            "title": f"{a['kind_zh']} {a['year']}",
                            "suppliers": [{"id": a["org"], "name": a["name"]}],
                        }
                    ],
                }
            )
    return sorted(rows, key=lambda r: (r["rongjian"]["position"], r["ocid"]))


#: The only member of OCDS 1.1's closed list initiationType; an award here begins by an application, not by a tender.
INITIATION = "tender"

_TAGS = {
    AwardGranted.SPEC.topic: "award",
    AwardRevoked.SPEC.topic: "awardCancellation",
    AwardSetAside.SPEC.topic: "awardCancellation",
    PrizePaid.SPEC.topic: "implementation",
    ClawbackReceived.SPEC.topic: "implementationUpdate",
}

#: How an award stands -> the word of OCDS 1.1's closed list awardStatus. None of its words says that an award has
#: expired or that this cannot be told; what we say stands beside, under ``rongjian``.
_STATUS = {"valid": "active", "granted_no_validity_rule": "active", "revoked": "cancelled", "set_aside": "cancelled"}


def _party(award: AwardRow, code: str | None) -> Party:
    party: Party = {"id": award["org"], "name": award["name"], "roles": ["supplier"]}
    if code is not None:
        party["identifier"] = {"scheme": "CN-USCI", "id": code, "legalName": award["name"]}
    return party


def ocid(origin: str, award_id: str) -> str:
    """A stable id of the contracting-like process that one award is; the prefix is ours, not a registered one."""
    return f"rongjian-{origin.replace('/', '-')}-{award_id}"


def records(source: Source, at: Corner, origin: str, address: str) -> list[Record]:
    """Per award its releases, oldest first, and how it stands; ``address`` is where the file of releases is."""
    by_ocid: dict[str, list[LinkedRelease]] = {}
    for release in releases(source, at, origin):
        by_ocid.setdefault(release["ocid"], []).append(
            {"id": release["id"], "url": f"{address}#{release['id']}", "date": release["date"], "tag": release["tag"]}
        )
    rows: list[Record] = []
    for a in public_pages.awards(public_pages.editions(source, at)):
        name = ocid(origin, a["award_id"])
        # An award is on the list because of an entry that anybody may read.
        linked = by_ocid[name]
        compiled: CompiledRelease = {
            "ocid": name,
            "id": f"{name}-{at.known}-{at.on.isoformat()}",
            "date": linked[-1]["date"],
            "tag": ["compiled"],
            "initiationType": INITIATION,
            "parties": [_party(a, public_pages.registered(source, at, a["org"]).uscc)],
            "awards": [_compiled(a)],
        }
        rows.append({"ocid": name, "releases": linked, "compiledRelease": compiled})
    return rows


def _compiled(a: AwardRow) -> CompiledAward:
    return {
        "id": a["award_id"],
        "title": f"{a['kind_zh']} {a['year']}",
        "status": _STATUS.get(a["status"]),
        "date": instant(a["granted_on"]),
        "contractPeriod": {"startDate": instant(a["valid_from"]), "endDate": instant(a["valid_until"])},
        "suppliers": [{"id": a["org"], "name": a["name"]}],
        "rongjian": {"status": a["status"]},
        "revokedDate": a["revoked_on"],
    }


def instant(day: str | None) -> str | None:
    """The beginning of a day, or nothing of none."""
    return None if day is None else beginning(day)


def beginning(day: str) -> str:
    """The beginning of a day in Shanghai as RFC 3339 writes it."""
    return f"{day}T00:00:00+08:00"
