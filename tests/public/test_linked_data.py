"""What programs read of an award: never that one is held which is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.public.linked_data import organisation_with_award, script

ADDRESS = "https://x/zh/l/awards/Z-A/"


def _award(status: str, **days: str | None) -> dict[str, Any]:
    none = {"granted_on": None, "valid_from": None, "valid_until": None, "revoked_on": None, "set_aside_on": None}
    return {
        "award_id": "Z-A",
        "name": "甲</script>公司",
        "uscc": "91360700DEM000196Q",
        "kind_zh": "市长质量奖",
        "year": 2023,
        "status": status,
        **none,
        **days,
    }


_GRANTED = {"granted_on": "2023-07-06", "valid_from": "2023-07-06", "valid_until": "2027-07-06"}


@pytest.mark.parametrize(
    ("award", "said"),
    [
        (
            _award("valid", **_GRANTED),
            {
                "datePublished": "2023-07-06",
                "validFrom": "2023-07-06",
                "expires": "2027-07-06",
                "certificationStatus": "https://schema.org/CertificationActive",
            },
        ),
        (
            _award("expired", **_GRANTED),
            {
                "datePublished": "2023-07-06",
                "validFrom": "2023-07-06",
                "expires": "2027-07-06",
                "certificationStatus": "https://schema.org/CertificationInactive",
            },
        ),
        (
            _award("revoked", **_GRANTED | {"revoked_on": "2025-11-28"}),
            {
                "datePublished": "2023-07-06",
                "validFrom": "2023-07-06",
                "expires": "2025-11-28",
                "certificationStatus": "https://schema.org/CertificationInactive",
            },
        ),
        (
            _award("set_aside", **_GRANTED | {"set_aside_on": "2024-07-01"}),
            {
                "datePublished": "2023-07-06",
                "validFrom": "2023-07-06",
                "expires": "2024-07-01",
                "certificationStatus": "https://schema.org/CertificationInactive",
            },
        ),
        (
            _award("revoked", **_GRANTED),
            {
                "datePublished": "2023-07-06",
                "validFrom": "2023-07-06",
                "certificationStatus": "https://schema.org/CertificationInactive",
            },
        ),
        (_award("undetermined"), {}),
        (_award("not_derivable"), {}),
    ],
    ids=lambda v: v.get("status") if "award_id" in v else "",
)
def test_an_award_is_said_with_its_begin_its_end_and_its_status(award: dict[str, Any], said: dict[str, str]) -> None:
    value = json.loads(str(script(organisation_with_award(award, "赣州市", ADDRESS, "2026-01-01"))))
    statement = value.pop("hasCertification")
    assert value == {
        "@context": "https://schema.org/",
        "@type": "Organization",
        "name": "甲</script>公司",
        "identifier": {"@type": "PropertyValue", "propertyID": "统一社会信用代码", "value": "91360700DEM000196Q"},
    }
    assert (statement["@type"], statement["@id"], statement["certificationIdentification"]) == (
        "Certification",
        f"{ADDRESS}#award",
        "Z-A",
    )
    named = {"datePublished", "validFrom", "expires", "certificationStatus"}
    assert {k: v for k, v in statement.items() if k in named} == said


def test_a_script_element_is_never_left() -> None:
    assert "</" not in str(script(organisation_with_award(_award("valid", **_GRANTED), "x", ADDRESS, "2026-01-01")))


def test_a_page_of_the_past_states_no_status_and_no_end(demo_client: TestClient) -> None:
    def statement(query: str) -> dict[str, Any]:
        text = demo_client.get(f"/zh/zhongyuan/awards/ZY-2023-A/{query}").text
        found: dict[str, Any] = json.loads(text.partition('ld+json">')[2].partition("</script>")[0])
        return found["hasCertification"]  # type: ignore[no-any-return]

    then, now = statement("?as_of=2024-06-30"), statement("")
    assert now["certificationStatus"] == "https://schema.org/CertificationInactive"
    assert now["expires"] == "2025-11-28"
    assert {"certificationStatus", "expires"} & then.keys() == set()
    assert then["description"] == "2024年6月30日: 有效 / 30 June 2024: valid"
    # What had ended by then stands no more today either; by an earlier knowledge nothing is sure.
    revoked = statement("?as_of=2025-12-01")
    assert (revoked["certificationStatus"], revoked["expires"]) == (
        "https://schema.org/CertificationInactive",
        "2025-11-28",
    )
    earlier = statement("?as_of=2025-12-01&known_at=2025-12-20")
    assert {"certificationStatus", "expires"} & earlier.keys() == set()


def test_who_gathers_pages_is_told_which_are_of_the_past(demo_client: TestClient) -> None:
    def head(query: str) -> tuple[bool, str]:
        text = demo_client.get(f"/zh/zhongyuan/awards/ZY-2023-A/{query}").text
        return 'name="robots" content="noindex"' in text, text.partition("<title>")[2].partition("</title>")[0]

    title = "星河精密制造（演示） · 区长质量奖 2023"
    assert head("") == (False, f"{title} · 荣鉴")
    assert head("?as_of=2024-06-30") == (True, f"{title} · 2024年6月30日 · 荣鉴")
    feed = demo_client.get("/zh/zhongyuan/feed.json?as_of=2024-06-30").json()
    assert (feed["title"], feed["feed_url"].partition("?")[2]) == ("郑州市中原区 · 2024年6月30日", "as_of=2024-06-30")
