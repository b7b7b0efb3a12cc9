"""The scenario file: strict parse of TOML into acts and expectations (docs/scenarios.md is its reference)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ledger.errors import MalformedError

#: Acts of one file; a real edition with a dozen applicants has a few hundred.
ACTS_MAX = 5_000
FILE_LENGTH_MAX = 2_000_000

_ACT_KEYS = frozenset(
    {
        "on",
        "recorded",
        "do",
        "by",
        "as",
        "with",
        "for",
        "label",
        "refused",
        "late",
        "override",
        "basis",
        "causes",
        "case",
        "edition",
        "note",
    }
)
_HEAD_KEYS = frozenset({"title", "title_en", "pack", "origin", "starts", "note", "mode", "complete"})
_EXPECT_META = frozenset({"as_of", "known_at", "note"})


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the story: an event to submit, or to see refused."""

    where: str
    on: date
    recorded: date
    do: str
    by: str | None
    role: str | None
    with_: tuple[str, ...] | None
    label: str | None
    refused: Mapping[str, Any] | None
    late: Mapping[str, str] | None
    override: Mapping[str, str] | None
    basis: tuple[str, ...]
    causes: tuple[str, ...]
    case: str | None
    edition: str | None
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true at (D, K); ``known_at`` None is the end of the story."""

    where: str
    as_of: date
    known_at: date | int | None
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A parsed scenario."""

    name: str
    title: str
    title_en: str
    pack: str
    origin: str | None
    mode: str
    complete: bool
    starts: date
    organisations: Mapping[str, Mapping[str, Any]]
    reviewers: Mapping[str, Mapping[str, Any]]
    committee: tuple[str, ...]
    acts: tuple[Act, ...]
    expectations: tuple[Expectation, ...]
    folder: Path


def read_scenario(path: Path) -> Scenario:
    """Read and parse a file; every error names the file and the place in it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MalformedError(
            "scenario_unreadable", f"{path}: {error.strerror}", f"{path}：无法读取", file=str(path)
        ) from error
    return parse_scenario(data, path)


def parse_scenario(data: bytes, path: Path) -> Scenario:
    """Parse scenario bytes."""
    name = path.name
    if len(data) > FILE_LENGTH_MAX:
        raise _wrong(name, "(file)", f"has more than {FILE_LENGTH_MAX} bytes", "文件过大")
    try:
        toml = tomllib.loads(data.decode("utf-8"))
    # Beside what is no TOML: nested deeper, or with longer numbers, than the interpreter reads.
    except (ValueError, RecursionError) as error:
        raise _wrong(name, "(file)", f"is not TOML in UTF-8: {error}", f"不是 UTF-8 编码的 TOML：{error}") from error
    unknown = toml.keys() - {"scenario", "organisations", "reviewers", "committee", "chapter", "expect"}
    if unknown:
        raise _wrong(name, sorted(unknown)[0], "is not a section here", "没有这一节")
    head = _table(name, "scenario", toml.get("scenario"))
    if head.keys() - _HEAD_KEYS or not {"title", "pack", "starts"} <= head.keys():
        raise _wrong(
            name,
            "scenario",
            f"has title, pack and starts; may have {', '.join(sorted(_HEAD_KEYS))}",
            "应有 title、pack、starts",
        )
    if type(head["starts"]) is not date:
        raise _wrong(name, "scenario.starts", "must be a day", "应为日期")
    acts, expectations = _chapters(name, toml.get("chapter", []))
    expectations += [_expectation(name, f"expect[{i}]", item) for i, item in enumerate(toml.get("expect", []))]
    if len(acts) > ACTS_MAX:
        raise _wrong(name, "chapter", f"has more than {ACTS_MAX} acts", "行为过多")
    _check_order(name, acts, head["starts"])
    return Scenario(
        name=path.stem,
        title=str(head["title"]),
        title_en=str(head.get("title_en", head["title"])),
        pack=str(head["pack"]),
        origin=head.get("origin"),
        mode=str(head.get("mode", "simulation")),
        complete=head.get("complete", False) is True,
        starts=head["starts"],
        organisations={k: _table(name, f"organisations.{k}", v) for k, v in toml.get("organisations", {}).items()},
        reviewers={k: _table(name, f"reviewers.{k}", v) for k, v in toml.get("reviewers", {}).items()},
        committee=_committee(name, toml.get("committee", {})),
        acts=tuple(acts),
        expectations=tuple(expectations),
        folder=path.parent,
    )


def _committee(name: str, table: Any) -> tuple[str, ...]:
    table = _table(name, "committee", table)
    members = table.get("members", [])
    if table.keys() - {"members"} or not isinstance(members, list | int):
        raise _wrong(name, "committee", "has members: a number or a list of names", "members 应为人数或名单")
    return tuple(f"C{i + 1}" for i in range(members)) if isinstance(members, int) else tuple(map(str, members))


def _chapters(name: str, chapters: Any) -> tuple[list[Act], list[Expectation]]:
    acts: list[Act] = []
    expectations: list[Expectation] = []
    for c, chapter in enumerate(chapters):
        table = _table(name, f"chapter[{c}]", chapter)
        unknown = table.keys() - {"title", "acts", "expect", "note"}
        if unknown:
            raise _wrong(name, f"chapter[{c}].{sorted(unknown)[0]}", "is not a member of a chapter", "章节没有这一项")
        for i, item in enumerate(table.get("acts", [])):
            acts += _acts(name, f"chapter[{c}].acts[{i}]", item)
        expectations += [
            _expectation(name, f"chapter[{c}].expect[{i}]", item) for i, item in enumerate(table.get("expect", []))
        ]
    return acts, expectations


def _acts(name: str, where: str, item: Any) -> list[Act]:
    table = _table(name, where, item)
    for key, kind in (("on", date), ("do", str)):
        if type(table.get(key)) is not kind:
            raise _wrong(name, f"{where}.{key}", "is missing or of another type", "缺失或类型有误")
    several = table.get("for", [None])
    if not isinstance(several, list) or not several:
        raise _wrong(name, f"{where}.for", "is a list of cases", "应为案件列表")
    refused = table.get("refused")
    if isinstance(refused, str):
        refused = {"code": refused}
    with_ = table.get("with")
    result = []
    for one in several:
        result.append(
            Act(
                where=where if one is None else f"{where}({one})",
                on=table["on"],
                recorded=table.get("recorded", table["on"]),
                do=table["do"],
                by=table.get("by"),
                role=table.get("as"),
                with_=None if with_ is None else tuple([with_] if isinstance(with_, str) else with_),
                label=table.get("label") if one is None else _label(table, one),
                refused=refused,
                late=table.get("late"),
                override=table.get("override"),
                basis=tuple(table.get("basis", ())),
                causes=tuple(table.get("causes", ())),
                case=one if one is not None else table.get("case"),
                edition=table.get("edition"),
                members={k: v for k, v in table.items() if k not in _ACT_KEYS},
            )
        )
    return result


def _label(table: Mapping[str, Any], one: str) -> str | None:
    return f"{table['label']}.{one}" if "label" in table else None


def _expectation(name: str, where: str, item: Any) -> Expectation:
    table = _table(name, where, item)
    if type(table.get("as_of")) is not date:
        raise _wrong(name, f"{where}.as_of", "must be a day", "应为日期")
    known = table.get("known_at")
    if known is not None and type(known) not in (date, int):
        raise _wrong(name, f"{where}.known_at", "must be a day or a position", "应为日期或位置")
    return Expectation(where, table["as_of"], known, {k: v for k, v in table.items() if k not in _EXPECT_META})


def _check_order(name: str, acts: list[Act], starts: date) -> None:
    last = starts
    for act in acts:
        if act.recorded < last:
            raise _wrong(
                name,
                act.where,
                f"is recorded on {act.recorded}, before the line above ({last})",
                f"登记日 {act.recorded} 早于上一行（{last}）",
            )
        last = act.recorded


def _table(name: str, where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(name, where, "must be a table", "应为表")
    return value


def _wrong(name: str, where: str, en: str, zh: str) -> MalformedError:
    return MalformedError("invalid_scenario", f"{name}: {where}: {en}", f"{name}：{where}：{zh}", file=name, key=where)
