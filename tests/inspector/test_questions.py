"""The inspector's questions: by one call of the API and one of the command line, the same each time."""

from __future__ import annotations

import json
import shlex

import pytest
from fastapi.testclient import TestClient

from api.home.settings import Settings
from api.inspector.questions import QUESTIONS, Question
from tests.inspector.inquiries import ask, get, run

#: What the placeholders of the questions stand for in one of the demo logs.
ASKED = {
    "log": "zhongyuan",
    "edition": "ZY-2023",
    "day": "2026-01-10",
    "award": "ZY-2023-A",
    "case": "ZY-2023/A",
    "org": "A",
    "person": "P3",
    "notice": "N-2023",
    "ground": "accident",
    "valid_award": "ZY-2023-B",
    "open_case": "ZY-2023/C",
}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: str(q.number))
def test_each_question_is_answered_alike_by_one_call_and_one_command(
    question: Question, demo_client: TestClient, demo_home: Settings
) -> None:
    told = get(demo_client, question.path.format(**ASKED))
    ran = run(demo_home, *shlex.split(question.command.format(**ASKED))[1:], "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shown = json.loads(ran.stdout)
    if "/inspect/" in question.path and "inspect" in question.command:
        assert shown == told
    else:
        assert shown


def test_there_are_thirty_questions_in_five_groups_of_askers(demo_client: TestClient) -> None:
    rows = get(demo_client, "/v1/questions")["questions"]
    assert [r["number"] for r in rows] == list(range(1, 31))
    assert all(r["zh"] and r["en"] and r["get"] and r["command"] for r in rows)


def test_the_head_beside_an_answer_is_the_root_of_what_was_known(demo_client: TestClient) -> None:
    told = ask(demo_client, "zhongyuan", "flags", as_of="2026-01-10", known_at="150")
    assert (told["known_at"], told["checkpoint"]["tree_size"]) == (150, 150)
    later = ask(demo_client, "zhongyuan", "flags", as_of="2026-01-10", known_at="151")
    assert later["checkpoint"]["root_hash"] != told["checkpoint"]["root_hash"]


def test_a_permalink_gives_the_same_answer_for_ever(demo_client: TestClient) -> None:
    told = ask(demo_client, "zhongyuan", "flags", severity="H")
    assert "known_at=218" in told["permalink"]
    assert get(demo_client, told["permalink"]) == told
