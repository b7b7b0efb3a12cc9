"""The worked stories: every act through real admission, every expectation at its (D, K)."""

from __future__ import annotations

from pathlib import Path

import pytest

import api.scenario
from api.scenario.run import run_file

DEMOS = sorted((Path(api.scenario.__file__).parent / "demo").glob("*.toml"))


@pytest.mark.parametrize("path", DEMOS, ids=lambda p: p.stem)
def test_story_is_as_told(path: Path, database_url: str) -> None:
    report = run_file(path, database_url)
    assert [(o.act.where, o.act.do, o.expected, o.actual) for o in report.outcomes if not o.as_expected] == []
    assert [(v.where, v.question, v.expected, v.actual) for v in report.verdicts if not v.met] == []
    # A course asks much of what it tells; the practice edition only begins.
    assert len(report.verdicts) >= (6 if path.stem == "ganzhou-practice" else 20)


def test_a_wrong_expectation_is_reported(tmp_path: Path, database_url: str) -> None:
    text = (
        next(d for d in DEMOS if d.stem == "ganzhou")
        .read_text("utf-8")
        .replace("ban_last_day = 2029-10-11", "ban_last_day = 2029-10-12")
    )
    spoilt = tmp_path / "spoilt.toml"
    spoilt.write_text(text, "utf-8")
    report = run_file(spoilt, database_url)
    assert not report.passed
    assert [(v.expected, v.actual) for v in report.verdicts if not v.met] == [("2029-10-12", "2029-10-11")]
