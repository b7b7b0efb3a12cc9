"""Every word of an enumeration, by the member whose value it is: of payloads from their schemas, of answers from the
demo logs.

``words.txt`` is the reviewed list: ``type or fact/member | word | 中文 | English``. A line that is new, gone or says
something else is a change that somebody has to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from ledger.derivation.words import known_word, word
from ledger.errors import NotFoundError
from ledger.events.vocabulary import EVENTS
from projections.as_of import tell_all
from projections.facts import ALL

LIST = Path(__file__).parent / "words.txt"
Key = tuple[str, str, str]

#: Members whose values are ids or texts, which may look like words.
_NO_WORDS = frozenset({"person", "actor", "org", "award_id", "case", "id", "fact", "event", "zh", "en", "why", "label"})


def reviewed() -> dict[Key, tuple[str, str]]:
    lines = [line.split(" | ") for line in LIST.read_text("utf-8").splitlines()]
    return {(*where.split("/"), name): (zh, en) for where, name, zh, en in lines}  # type: ignore[misc]


def of_payloads() -> Iterator[Key]:
    for topic, cls in EVENTS.items():
        schemas = [("", msgspec.json.schema(cls))]
        schemas += [(p[1:], msgspec.json.schema(r.kind)) for p, r in cls.SPEC.restricted.items()]
        for member, schema in schemas:
            for name, value in _enumerated(schema, member, schema.get("$defs", {})):
                yield topic, name, value


def _enumerated(schema: dict[str, Any], member: str, defs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        yield from _enumerated(defs[schema["$ref"].rpartition("/")[2]], member, defs)
    for value in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]:
        if value is not None:
            yield member, value
    inner = [
        *schema.get("anyOf", ()),
        *(schema[k] for k in ("items", "additionalProperties") if isinstance(schema.get(k), dict)),
    ]
    for each in inner:
        yield from _enumerated(each, member, defs)
    for name, each in schema.get("properties", {}).items():
        yield from _enumerated(each, name, defs)


def test_every_word_of_a_payload_is_reviewed_under_its_member() -> None:
    found = {key: word(key[2], key[1], key[0]) for key in of_payloads()}
    listed = {key: said for key, said in reviewed().items() if key[0] in EVENTS}
    assert found == listed


def test_no_word_of_a_payload_is_shown_as_its_code() -> None:
    assert [key for key in of_payloads() if known_word(key[2], key[1], key[0]) is None] == []


def _in_answer(value: Any, member: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z_]{1,40}", value) and member not in _NO_WORDS:
        yield member, value
    elif isinstance(value, dict):
        for name, each in value.items():
            # An id as a name stands for the member over it.
            yield from _in_answer(each, member if "/" in name or name[:1].isupper() else name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _in_answer(each, member)


_SUBJECTS = {"c": "case", "a": "award", "o": "org", "ed": "edition", "n": "notice", "f": "finding"}


def in_answers(home: Settings) -> set[Key]:
    """Words of all facts about everything in the demo logs, on days before, in and after their stories."""
    logs, found = OpenLogs(home, str(home.database_url)), set()
    for log in logs.all():
        size = log.ledger.size()
        tags = {t.partition(":")[::2] for e in log.ledger.events() for t in e.statement.tags}
        for kind, subject in sorted((_SUBJECTS[k], s) for k, s in tags if k in _SUBJECTS):
            for on in (date(2023, 9, 1), date(2026, 6, 1)):
                # Some subjects are named and never come to be.
                with suppress(NotFoundError):
                    answers = [told.to_json() for told in tell_all(log.ledger, kind, subject, on, size)]
                    found |= {(a["fact"], *pair) for a in answers for pair in _in_answer(a.get("value"), "value")}
    logs.close()
    return found


def test_every_word_of_an_answer_is_reviewed_under_its_member(demo_home: Settings) -> None:
    found = {key: word(key[2], key[1], key[0]) for key in in_answers(demo_home)}
    listed = reviewed()
    assert {key: said for key, said in found.items() if listed.get(key) != said} == {}


def of_records() -> set[Key]:
    """Words of the enumerations of all facts, by the facts that hold them."""
    return {(fact.name, member.name, name) for fact in ALL for member in fact.members() for name in member.words}


def test_every_word_that_a_fold_can_give_is_reviewed() -> None:
    listed = reviewed()
    assert {key: listed.get(key) for key in of_records()} == {
        key: known_word(key[2], key[1], key[0]) for key in of_records()
    }
    assert None not in [listed.get(key) for key in of_records()]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "returned",
            {
                "EligibilityDecided/outcome": "退回补正",
                "case.status/state": "退回补正",
                "CertificateReturned/state": "已交回",
                "certificate.register/state": "已交回",
            },
        ),
        (
            "open",
            {
                "edition.course/state": "进行中",
                "edition.flags/state": "待核查",
                "finding.state/state": "待答复",
                "case.objections/state": "未结",
            },
        ),
        ("none", {"InterestDeclared/result": "无利害关系", "ObjectionResolved/measures": "无需处理"}),
        ("medium", {"ApplicationFiled/size": "中型", "OversightFindingIssued/severity": "中"}),
        ("quality", {"HigherAwardRecorded/award_kind": "质量奖", "IncidentRecorded/domain": "质量"}),
        ("partly", {"ObjectionInvestigated/outcome": "部分属实", "ObjectionResolved/outcome": "部分成立"}),
        (
            "award",
            {
                "GovernmentDecisionMade/subject": "授奖",
                "ObjectionRaised/target_kind": "奖项",
                "edition.flags/kind": "奖项",
                "ApplicantNotified/about": "获奖",
            },
        ),
        ("conflict", {"InterestDeclared/result": "有利害关系", "RoleWithdrawn/reason": "利益冲突"}),
        ("due", {"award.duties/state": "应履行", "org.money/amount": "应得奖金"}),
        ("validity", {"award.duties/period": "有效期内", "award.status/parameter": "有效期"}),
        ("own", {"org.bans/scope": "本奖项"}),
        ("eligible", {"EligibilityDecided/outcome": "符合条件", "case.reviewers/state": "可以评审"}),
        (
            "other",
            {
                "InterestDeclared/relation": "其他关系",
                "ApplicationFiled/sector": "其他行业",
                "FundUseReported/category": "其他",
            },
        ),
        ("answer", {"OversightFindingAnswered/step": "提交答复"}),
        ("sanction", {"RoleWithdrawn/reason": "受到处理", "ObjectionResolved/measures": "处理"}),
        ("environment", {"ApplicationFiled/sector": "生态环保业", "IncidentRecorded/domain": "环保"}),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_word_says_what_it_means_as_the_value_of_its_member(name: str, said: dict[str, str]) -> None:
    assert {where: word(name, *where.split("/")[::-1])[0] for where in said} == said
