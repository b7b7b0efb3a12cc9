"""A file posted from the page of a seat: what it says, for whom, within which limits; and the empty file to fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.cells.table import FILE_MAX
from api.home.settings import Settings
from tests.workplace.cast import Cast

V1 = "/v1/logs/zhongyuan"
REGISTERED = "principal_id,kind,org_name,uscc\r\nT1,organisation,郑州甲乙（集团）有限公司,91410102DEM300017M\r\n"


@pytest.fixture
def cast(demo_home: Settings, demo_client: TestClient) -> Iterator[Cast]:
    yield Cast(demo_home, demo_client)
    demo_client.cookies.clear()


def _post(cast: Cast, topic: str, data: bytes, header: dict[str, str]) -> Any:
    return cast.client.post(
        f"{V1}/cells/{topic}", content=data, headers=header | {"Content-Type": "application/octet-stream"}
    )


def test_a_file_of_a_chinese_windows_comes_out_right(cast: Cast) -> None:
    header = cast.enter("opr")
    response = _post(cast, "PrincipalRegistered", REGISTERED.encode("gb18030"), header)
    assert (response.status_code, response.json()) == (
        200,
        {
            "encoding": {
                "name": "gb18030",
                "zh": "GB 18030（中文 Windows 表格软件所存）",
                "en": "GB 18030 (as spreadsheets of a Chinese Windows save it)",
            },
            "separator": {"zh": "逗号", "en": "comma"},
            "columns": [
                {
                    "column": "A",
                    "head": "principal_id",
                    "member": "principal_id",
                    "zh": "主体编号",
                    "en": "principal id",
                    "unit": None,
                    "restricted": False,
                },
                {
                    "column": "B",
                    "head": "kind",
                    "member": "kind",
                    "zh": "种类",
                    "en": "kind",
                    "unit": None,
                    "restricted": False,
                },
                {
                    "column": "C",
                    "head": "org_name",
                    "member": "org_name",
                    "zh": "组织名称",
                    "en": "name of organisation",
                    "unit": None,
                    "restricted": False,
                },
                {
                    "column": "D",
                    "head": "uscc",
                    "member": "uscc",
                    "zh": "统一社会信用代码",
                    "en": "unified social credit code",
                    "unit": None,
                    "restricted": False,
                },
            ],
            "empty_rows": 0,
            "rows": [
                {
                    "row": 2,
                    "cells": ["T1", "organisation", "郑州甲乙（集团）有限公司", "91410102DEM300017M"],
                    "payload": {
                        "principal_id": "T1",
                        "kind": "organisation",
                        "org_name": "郑州甲乙（集团）有限公司",
                        "uscc": "91410102DEM300017M",
                    },
                    "restricted": {},
                    "effective_at": None,
                    "normalised": [],
                }
            ],
        },
    )


def test_a_file_that_is_none_is_refused_with_what_to_do(cast: Cast) -> None:
    header = cast.enter("opr")
    response = _post(cast, "PrincipalRegistered", REGISTERED.encode("gb18030") + b"\xff", header)
    assert (response.status_code, response.json()["code"]) == (400, "encoding_unknown")
    assert (
        response.json()["zh"]
        == "第 3 行、第 95 字节（0xFF）不是 GB 18030，也不是 UTF-8（自第 52 字节起）；请在表格软件中另存为“CSV UTF-8”"
    )
    response = _post(cast, "PrincipalRegistered", b"a" * (FILE_MAX + 1), header)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("who", "topic", "status", "code"),
    [
        ("opr", "PrizePaid", 403, "seat_missing"),
        ("opr", "Nothing", 404, "unknown_type"),
        ("opr", "GenesisDeclared", 403, "seat_missing"),
        ("P1", "PrincipalRegistered", 403, "seat_missing"),
    ],
)
def test_a_file_is_read_for_who_may_record_what_it_says(
    who: str, topic: str, status: int, code: str, cast: Cast
) -> None:
    response = _post(cast, topic, REGISTERED.encode(), cast.enter(who))
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_file_is_taken_from_a_page_of_the_session_only(cast: Cast) -> None:
    cast.client.cookies.clear()
    assert _post(cast, "PrincipalRegistered", b"x", {}).json()["code"] == "not_logged_in"
    cast.enter("opr")
    assert _post(cast, "PrincipalRegistered", b"x", {}).json()["code"] == "csrf"
    assert _post(cast, "PrincipalRegistered", b"x", {"X-CSRF-Token": "no"}).json()["code"] == "csrf"


@pytest.mark.parametrize(
    ("language", "heads"),
    [
        (
            "zh",
            [
                "行为发生日",
                "拨付编号",
                "组织",
                "种类",
                "金额（元）",
                "拨付日期",
                "渠道",
                "期次",
                "期数",
                "凭证号",
                "奖项编号",
                "上级奖项编号",
                "冲销的拨付",
                "经费来源",
                "收款账户",
            ],
        ),
        (
            "en",
            [
                "day of the act",
                "payment id",
                "organisation",
                "kind",
                "amount (yuan)",
                "paid on",
                "channel",
                "part number",
                "number of parts",
                "voucher number",
                "award id",
                "higher award id",
                "reversal of",
                "source of funds",
                "payee account",
            ],
        ),
    ],
)
def test_an_empty_file_is_offered_in_either_language(language: str, heads: list[str], cast: Cast) -> None:
    cast.enter("fin1")
    page = cast.client.get(f"/{language}/bench/zhongyuan/bulk/PrizePaid/")
    assert (page.status_code, "format=csv" in page.text) == (200, True)
    response = cast.client.get(f"/{language}/bench/zhongyuan/bulk/PrizePaid/?format=csv")
    assert (response.headers["content-type"], response.content[:3]) == ("text/csv; charset=utf-8", b"\xef\xbb\xbf")
    assert response.headers["content-disposition"] == f'attachment; filename="PrizePaid.{language}.csv"'
    assert list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")))) == [heads]
    cast.enter("opr")
    assert cast.client.get("/zh/bench/zhongyuan/bulk/PrizePaid/?format=csv").status_code == 403
    assert cast.client.get("/zh/bench/zhongyuan/bulk/Nothing/?format=csv").status_code == 404


def test_what_was_read_is_held_against_the_rules_row_by_row(cast: Cast) -> None:
    """Values of a file are those of a statement: the dry run takes them as they are."""
    header = cast.enter("opr")
    data = "年度,放假日,补班日,来源文号\r\n2027,2027/1/1、2027/1/2,,国办1号\r\n2028,2028/2/30,,国办2号\r\n2029,,,国办3号\r\n"
    rows = _post(cast, "CalendarPublished", data.encode("gb18030"), header).json()["rows"]
    assert [r.get("payload") for r in rows] == [
        {"year": 2027, "holidays": ["2027-01-01", "2027-01-02"], "makeup_workdays": [], "source_doc_no": "国办1号"},
        None,
        {"year": 2029, "holidays": [], "makeup_workdays": [], "source_doc_no": "国办3号"},
    ]
