"""An award page for programs (schema.org, JSON-LD): who was given what, from when until when, and whether it stands.

The award is a ``Certification`` of its holder, schema.org's official statement about an organisation, with its begin,
its end and its status. It is never said as ``award``: programs take that as held today, whenever the page was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from markupsafe import Markup

from api.json_text import json_text
from api.rendering.values import day_in, standing
from api.sentences import sentence

_SCHEMA = "https://schema.org/"

#: What GB 32100-2015 calls the code by which an organisation is registered.
_CODE = sentence("unified social credit code").in_language("zh")

#: How an award stands -> the member of schema.org's CertificationStatusEnumeration.
_STATUS = {
    "valid": "CertificationActive",
    "granted_no_validity_rule": "CertificationActive",
    "expired": "CertificationInactive",
    "revoked": "CertificationInactive",
    "set_aside": "CertificationInactive",
}


class Certified(TypedDict):
    """An award as far as programs are told of it; a day that cannot be told is None."""

    award_id: str
    name: str
    uscc: str | None
    kind_zh: str
    year: int
    status: str
    granted_on: str | None
    valid_from: str | None
    valid_until: str | None
    revoked_on: str | None
    set_aside_on: str | None


def organisation_with_award(
    award: Certified, issuer: str, address: str, on: str, *, past: bool = False, ended_for_good: bool = False
) -> dict[str, object]:
    """``award`` is that of public_pages.award, ``address`` the absolute address of its page, ``on`` the day D it is
    told of.

    The statement has no status where none can be told. On a page of the ``past`` it has neither status nor end: there
    is no way to say of which day they are, and programs that gather pages would take them as those of today. An award
    that had ended by then, as is known now (``ended_for_good``), has both: it stands no more today either.
    """
    holder: dict[str, object] = {"@context": _SCHEMA, "@type": "Organization", "name": award["name"]}
    if award["uscc"] is not None:
        holder["identifier"] = {"@type": "PropertyValue", "propertyID": _CODE, "value": award["uscc"]}
    said = {language: f"{day_in(language, on)}: {standing(language, award['status'])}" for language in ("zh", "en")}
    # An end that cannot be told is left out; the end of the validity is none of an award that ended before it.
    ended_by = {"revoked": award["revoked_on"], "set_aside": award["set_aside_on"]}
    ended = ended_by.get(award["status"], award["valid_until"])
    told = not past or (ended_for_good and _STATUS.get(award["status"]) == "CertificationInactive")
    days = {
        "datePublished": award["granted_on"],
        "validFrom": award["valid_from"] or award["granted_on"],
        "expires": ended if told else None,
        "certificationStatus": _SCHEMA + _STATUS[award["status"]] if told and award["status"] in _STATUS else None,
    }
    holder["hasCertification"] = {
        "@type": "Certification",
        "@id": f"{address}#award",
        "url": address,
        "name": sentence("{award} ({year})", award=award["kind_zh"], year=award["year"]).in_language("zh"),
        "certificationIdentification": award["award_id"],
        "issuedBy": {"@type": "Organization", "name": issuer},
        "description": f"{said['zh']} / {said['en']}",
        **{name: value for name, value in days.items() if value is not None},
    }
    return holder


def script(value: Mapping[str, object]) -> Markup:
    """JSON as it stands in a ``script`` element."""
    return Markup(json_text(value).replace("<", "\\u003c"))
