"""Amounts and numbers in cells: in yuan unless head or cell says otherwise, exact, and never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from api.cells.columns import columns_of
from ledger.events.vocabulary import EVENTS
from tests.cells.tables import PAID, read, refusal, values


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("金额", "yuan"),
        ("金额（元）", "yuan"),
        ("金额(元)", "yuan"),
        ("金额 （分）", "fen"),
        ("amount_fen", "fen"),
        ("Amount (Yuan)", "yuan"),
        ("ＡＭＯＵＮＴ", "yuan"),
        ("金额（万元）", "wan_yuan"),
        ("金额\n（元）", "yuan"),
        ("amount_yuan", "yuan"),
        ("amount [CNY]", "yuan"),
    ],
)
def test_the_unit_of_money_is_yuan_unless_the_head_says_otherwise(head: str, unit: str) -> None:
    [column] = [
        c
        for c in columns_of([head, *PAID.split(",")[:3], *PAID.split(",")[4:]], EVENTS["PrizePaid"])
        if c.member.is_money
    ]
    assert (column.member.name, column.unit) == ("amount", unit)


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("200,000.00", 20_000_000),
        ("200000", 20_000_000),
        ("¥200,000", 20_000_000),
        ("￥２００，０００．５", 20_000_050),
        ("200000元", 20_000_000),
        ("20万元", 20_000_000),
        ("20万", 20_000_000),
        ("1.5万元", 1_500_000),
        ("0.01", 1),
        ("CNY 1,234.50", 123_450),
        ("200,000.00 元", 20_000_000),
        ("人民币200000元整", 20_000_000),
        ("1,000,000", 100_000_000),
        ("0", 0),
        ("90071992547409.91", 2**53 - 1),
        ("20.123456万元", 20_123_456),
    ],
)
def test_an_amount_is_in_yuan_however_it_is_written(cell: str, wanted: int) -> None:
    assert values("PrizePaid", "金额（元）", cell) == wanted


@pytest.mark.parametrize(
    "cell",
    [
        "0x10",
        "1e5",
        "2E+05",
        "200000.555",
        "20.12345678万元",
        "20,00",
        "2,00,000",
        "200 000",
        "１，２",
        "-5",
        "(5)",
        "贰拾万元",
        "200000元元",
        "$200",
        "007",
        "1.",
        ".5",
        "+5",
        "NaN",
        "90071992547409.92",
        "9" * 50,
        "=2+2",
        "200000美元",
        "5%",
        "²",
    ],
)
def test_what_is_no_amount_or_too_fine_is_refused(cell: str) -> None:
    assert refusal("PrizePaid", "amount", cell) in ("cell_not_a_number", "amount_too_fine", "number_out_of_range")


@pytest.mark.parametrize(
    ("head", "cell", "wanted"),
    [
        ("金额（分）", "20000000", 20_000_000),
        ("amount_fen", "20,000,000", 20_000_000),
        ("金额（万元）", "20", 20_000_000),
        ("金额（元）", "20万元", 20_000_000),
        ("金额（分）", "200元", "unit_differs"),
        ("金额（元）", "200分", "unit_differs"),
        ("金额（分）", "1.5", "amount_too_fine"),
        ("金额（分）", "20000000分", 20_000_000),
        ("金额（万元）", "0.0000001", "amount_too_fine"),
    ],
)
def test_the_unit_of_head_and_cell_have_to_fit(head: str, cell: str, wanted: int | str) -> None:
    assert (refusal if isinstance(wanted, str) else values)("PrizePaid", head, cell) == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("1,234", 1234),
        ("１２", 12),
        ("5.00", 5),
        ("0", 0),
        ("5.5", None),
        ("0x10", None),
        ("1e3", None),
        ("1 2", None),
        ("007", None),
        ("-1", None),
        ("²", None),
        ("٣", None),
        ("1_000", None),
        ("1000001", None),
    ],
)
def test_whole_numbers_are_digits_and_nothing_else(cell: str, wanted: int | None) -> None:
    if wanted is None:
        assert refusal("PrizePaid", "parts", cell) in ("cell_not_a_number", "number_out_of_range")
    else:
        assert values("PrizePaid", "parts", cell) == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("84.5", "84.5"),
        ("1,084.50", "1084.50"),
        ("８４．５", "84.5"),
        ("-3", "-3"),
        ("84.5分", None),
        ("1e2", None),
        ("084", None),
        ("1.2345678901", None),
    ],
)
def test_decimals_stay_decimals(cell: str, wanted: str | None) -> None:
    if wanted is None:
        assert refusal("ScoreSubmitted", "合计", cell) in ("cell_not_a_number", "text_out_of_form")
    else:
        assert values("ScoreSubmitted", "合计", cell) == wanted


@pytest.mark.parametrize("cell", ["9.14101E+17", "9.14101e+17", "１.2E+05", "1E+10", "4.1E+17 "])
def test_digits_that_a_spreadsheet_has_lost_are_refused_in_words(cell: str) -> None:
    assert refusal("PrincipalRegistered", "统一社会信用代码", cell) == "digits_lost"
    assert refusal("PrizePaid", "凭证号", cell) == "digits_lost"


@pytest.mark.parametrize(
    ("path", "cell", "wanted"),
    [
        ("prize.first.quality", "20万元", 20_000_000),
        ("prize.rewin.quality", "200000.50", 20_000_050),
        ("panel.size_min", "5", 5),
        ("validity", '"{""value"":3,""unit"":""year""}"', {"value": 3, "unit": "year"}),
        ("score.aggregation", "mean", "mean"),
        ("prize.first.quality", "很多", None),
    ],
)
def test_the_value_of_a_parameter_is_in_yuan_where_its_path_is_an_amount(path: str, cell: str, wanted: Any) -> None:
    text = f"value,规则包编号,参数路径,适用起日,溯及既往,说理文书哈希\n{cell},ZY,{path},2023/1/1,否,{'a' * 64}\n"
    [row] = read("RegulationInterpreted", text)["rows"]
    assert (row["payload"]["value"] if wanted is not None else row["errors"][0]["code"]) == (
        wanted or "cell_not_a_number"
    )


def test_amounts_within_records_are_in_yuan_as_everywhere() -> None:
    def read_items(cell: str) -> Any:
        quoted = '"' + cell.replace('"', '""') + '"'
        text = (
            f"奖项编号,组织,period_from,period_to,report_hash,明细\nGZ-2023-A,A,2023/1/1,2023/6/1,{'a' * 64},{quoted}\n"
        )
        [row] = read("FundUseReported", text)["rows"]
        return row["payload"]["items"] if "payload" in row and not row.get("errors") else row["errors"][0]

    wanted = [{"category": "training", "amount": 20_000_000}]
    for amount in ("200000", '"200,000.00"', '"20万元"'):
        assert read_items(f'[{{"category":"training","amount":{amount}}}]') == wanted, amount
    refused = read_items("培训：20万元")
    assert refused["code"] == "cell_not_json"
    assert '[{"category": "brand", "amount": "200000.00"}]' in refused["zh"]
    assert read_items('[{"category":"training","amount":"很多"}]')["code"] == "cell_not_a_number"


@pytest.mark.parametrize(
    ("head", "cell", "wanted"),
    [
        ("金额（单位：元）", "200000", 20_000_000),
        ("金额(单位:万元)", "20", 20_000_000),
        ("Amount (unit: yuan)", "1", 100),
    ],
)
def test_a_unit_may_be_named_as_a_unit(head: str, cell: str, wanted: int) -> None:
    assert values("PrizePaid", head, cell) == wanted
