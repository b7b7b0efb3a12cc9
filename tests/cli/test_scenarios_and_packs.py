"""Scenarios and packs of strangers on the command line: run, validated, and their gaps listed."""

from __future__ import annotations

from pathlib import Path

from ledger.regulation.shipped import shipped_packs
from tests.cli.command import Run, json_of


def test_scenario_run_exits_1_when_an_expectation_fails(rongjian: Run, tmp_path: Path) -> None:
    story = """
[scenario]
title = "一例"
pack = "ganzhou/2022"
starts = 2023-01-02
[organisations]
A = { name = "甲（演示）", uscc = "91360700DEM000196Q", sector = "manufacturing" }
[[chapter]]
title = "一"
acts = [
  { on = 2023-05-04, do = "EditionOpened", edition_id = "GZ-2023", number = 4, \
window_from = 2023-05-04, window_to = 2023-06-30 },
  { on = 2023-06-01, do = "ApplicationFiled", org = "A" },
]
expect = [ { as_of = 2023-06-01, case = "A", state = "STATE" } ]
"""
    good, bad, broken = tmp_path / "good.toml", tmp_path / "bad.toml", tmp_path / "broken.toml"
    good.write_text(story.replace("STATE", "filed"), "utf-8")
    bad.write_text(story.replace("STATE", "awarded"), "utf-8")
    broken.write_text(story.replace('do = "ApplicationFiled"', 'do = "ApplicationInvented"'), "utf-8")
    assert rongjian("scenario", "run", good).returncode == 0
    failed = rongjian("scenario", "run", bad, "--lang", "en")
    assert failed.returncode == 1
    assert failed.stdout.splitlines()[-1].split() == [
        "✗",
        "2023-06-01",
        "甲（演示）",
        "GZ-2023/A",
        "state",
        "awarded",
        "filed",
    ]
    chinese = rongjian("scenario", "run", bad, "--lang", "zh").stdout
    assert chinese.splitlines()[-1].split() == [
        "✗",
        "2023-06-01",
        "甲（演示）",
        "GZ-2023/A",
        "状态",
        "已授奖",
        "已申报",
    ]
    refused = rongjian("scenario", "run", broken)
    assert refused.returncode == 2
    assert "ApplicationInvented" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_strangers_pack_is_validated(rongjian: Run, tmp_path: Path) -> None:
    pack = tmp_path / "stranger.toml"
    pack.write_bytes(shipped_packs()["jindong/draft"][1])
    told = json_of(rongjian("pack", "check", pack, "--json"))
    assert told["pack"] == "JD@2022-draft#1"
    assert [(g["path"], g["settled"], g["choices"]) for g in told["counting_asked"]] == [
        ("reading.notice_first_day", "not_counted", ["not_counted", "counted"]),
        ("reading.plain_days", "calendar_days", ["calendar_days", "working_days"]),
        ("reading.rest_day_at_end", "moves_on", ["moves_on", "stays"]),
    ]
    pack.write_text(pack.read_text("utf-8").replace('"shortlist.max" = {', '"shortlist.most" = {'), "utf-8")
    refused = rongjian("pack", "check", pack, "--lang", "en")
    assert refused.returncode == 2
    assert 'stranger.toml: parameters."shortlist.most": is not in the catalogue of parameters' in refused.stderr


def test_gaps_of_a_pack_are_listed_in_both_languages(rongjian: Run) -> None:
    rows = {g["path"]: g for g in json_of(rongjian("pack", "gaps", "jindong/draft", "--json"))["gaps"]}
    assert (rows["validity"]["kind"], rows["validity"]["ids"], rows["validity"]["note"]) == (
        "silent",
        "G07",
        "不设有效期(B-58)",
    )
    assert rows["reading.in_force_days_after"]["choices"] == ["day_after_the_period", "last_day_of_the_period"]
    assert (rows["prize.rewin.quality"]["set_by"], rows["prize.rewin.quality"]["facts"]) == (
        "rongjian",
        ["award.prize_due", "award.money", "org.money"],
    )
    chinese, english = (
        rongjian("pack", "gaps", "jinshui/interpretation"),
        rongjian("pack", "gaps", "jinshui/interpretation", "--lang", "en"),
    )
    assert "条文未见" in chinese.stdout
    assert "not seen" in english.stdout
    assert rongjian("pack", "gaps", "no/such").returncode == 2
