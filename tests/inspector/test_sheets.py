"""Sheets of an inquiry: they carry their question and their head, and are in yuan."""

from __future__ import annotations

import csv
import io
import json

import pytest
from fastapi.testclient import TestClient

from api.home.settings import Settings
from api.inspector.export import to_csv
from api.inspector.inquiries import INQUIRIES
from api.inspector.labels import is_money
from tests.inspector.inquiries import ask, run


def test_a_sheet_carries_its_question_and_no_formula(demo_client: TestClient, demo_home: Settings) -> None:
    response = demo_client.get(
        "/v1/logs/zhongyuan/inspect/flags", params={"as_of": "2026-01-10", "severity": "H", "format": "csv"}
    )
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = _rows_of(response.content)
    told = ask(demo_client, "zhongyuan", "flags", as_of="2026-01-10", severity="H")
    assert [r["id"] for r in rows] == [r["id"] for r in told["rows"]]
    assert {(r["asked_log"], r["asked_query"], r["asked_as_of"], r["root_hash"]) for r in rows} == {
        ("demo.rongjian.example/zhongyuan", '{"severity": "H"}', "2026-01-10", told["checkpoint"]["root_hash"])
    }
    assert all(not cell.startswith(("=", "+", "@")) for r in rows for cell in r.values())
    ran = run(demo_home, "inspect", "zhongyuan", "flags", "severity=H", "--on", "2026-01-10", "--format", "csv")
    assert ran.stdout == response.content.decode().replace("\r\n", "\n")


def _rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_money_is_in_yuan_in_a_sheet_and_in_fen_in_json(demo_client: TestClient) -> None:
    told = ask(demo_client, "zhongyuan", "money", as_of="2026-01-10")["rows"]
    content = demo_client.get(
        "/v1/logs/zhongyuan/inspect/money", params={"as_of": "2026-01-10", "format": "csv"}
    ).content
    rows = _rows_of(content)
    assert [r["paid_yuan"] for r in rows] == ["200000.00", "200000.00"]
    assert [t["paid"] for t in told] == [20_000_000, 20_000_000]
    columns = (
        "entitled",
        "decided",
        "paid",
        "reversed",
        "clawback_ordered",
        "received",
        "waived",
        "outstanding",
        "overdue",
    )
    assert [name for name in rows[0] if name.removesuffix("_yuan") in columns] == [
        # Nothing was decided beside the text: a column without an amount has no unit.
        name if name == "decided" else f"{name}_yuan"
        for name in columns
    ]


def test_amounts_among_other_values_are_in_yuan_and_their_rows_say_so(demo_client: TestClient) -> None:
    asked = {"kind": "award", "subject": "ZY-2023-A", "from_on": "2024-01-01", "as_of": "2026-01-10", "format": "csv"}
    rows = {
        r["path"]: r for r in _rows_of(demo_client.get("/v1/logs/zhongyuan/inspect/difference", params=asked).content)
    }
    ordered, status = rows["/value/clawback_ordered"], rows["/value/status"]
    assert (ordered["before"], ordered["after"], ordered["unit"]) == ("0.00", "200000.00", "yuan")
    assert (status["before"], status["after"], status["unit"]) == ("valid", "revoked", "")
    asked = {"edition": "ZY-2023", "format": "csv"}
    rows = {
        r["path"]: r for r in _rows_of(demo_client.get("/v1/logs/zhongyuan/inspect/governing", params=asked).content)
    }
    assert (rows["prize.first.quality"]["value"], rows["prize.first.quality"]["unit"]) == ("200000.00", "yuan")


def test_scores_and_sums_inside_a_cell_are_read_like_those_beside_it(demo_client: TestClient) -> None:
    value = {
        "log": "l",
        "inquiry": "i",
        "query": {},
        "as_of": "2026-01-10",
        "known_at": 1,
        "checkpoint": {"tree_size": 1, "root_hash": "r"},
        "rows": [
            {
                "case": "X",
                "mean": "584.6666666666666666666666667",
                "value": {"paid": 150, "median": "1.005", "away": {"R1": "-0.125"}},
            }
        ],
    }
    [row] = _rows_of(to_csv(value))
    assert (row["mean"], json.loads(row["value"])) == (
        "584.67",
        {"paid_yuan": "1.50", "median": "1.01", "away": {"R1": "-0.13"}},
    )


@pytest.mark.parametrize("name", [i.name for i in INQUIRIES.values() if not any(n.endswith("*") for n in i.takes)])
def test_every_sheet_starts_with_a_byte_order_mark_and_shows_no_fen(name: str, demo_client: TestClient) -> None:
    response = demo_client.get(f"/v1/logs/zhongyuan/inspect/{name}", params={"format": "csv", "as_of": "2026-01-10"})
    if response.status_code == 200:
        heads, *_ = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
        assert response.content.startswith(b"\xef\xbb\xbf")
        assert [h for h in heads if is_money(h) and h not in ("due", "decided")] == []
        assert "20000000" not in response.text
