"""The scenario file: strict parse of TOML into acts and expectations (docs/scenarios.md is its reference)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.scenario import written
from api.sentences import sentence
from ledger.errors import MalformedError
from ledger.identifiers import parse_uscc
from ledger.sentences import Pair, enumeration

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
_ORGANISATION_KEYS = frozenset({"name", "uscc", "sector", "form", "established_on", "reg_place"})
#: A committee of one log; real ones have a few dozen.
COMMITTEE_MAX = 500
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
    refused: Mapping[str, object] | None
    late: Mapping[str, str] | None
    override: Mapping[str, str] | None
    basis: tuple[str, ...]
    causes: tuple[str, ...]
    case: str | None
    edition: str | None
    members: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true at (D, K); ``known_at`` None is the end of the story."""

    where: str
    as_of: date
    known_at: date | int | None
    members: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A parsed scenario."""

    name: str
    file: str
    title: str
    title_en: str
    pack: str
    origin: str | None
    mode: str
    complete: bool
    starts: date
    organisations: Mapping[str, Mapping[str, object]]
    reviewers: Mapping[str, Mapping[str, object]]
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
            "scenario_unreadable",
            sentence("{file} cannot be read: {why}", file=path, why=error.strerror),
            file=str(path),
        ) from error
    return parse_scenario(data, path)


def parse_scenario(data: bytes, path: Path) -> Scenario:
    """Parse scenario bytes."""
    name = path.name
    if len(data) > FILE_LENGTH_MAX:
        raise _wrong(name, "(file)", sentence("has more than {file_length_max} bytes", file_length_max=FILE_LENGTH_MAX))
    try:
        toml: dict[str, object] = tomllib.loads(data.decode("utf-8"))
    # Beside what is no TOML: nested deeper, or with longer numbers, than the interpreter reads.
    except (ValueError, RecursionError) as error:
        raise _wrong(name, "(file)", sentence("is not TOML in UTF-8: {error}", error=error)) from error
    return scenario_of(toml, path)


def scenario_of(toml: Mapping[str, object], path: Path) -> Scenario:
    """The scenario that the tables of a file tell; ``path`` is where it stands."""
    name = path.name
    unknown = toml.keys() - {"scenario", "organisations", "reviewers", "committee", "chapter", "expect"}
    if unknown:
        raise _wrong(name, sorted(unknown)[0], sentence("is not a section here"))
    head = _table(name, "scenario", toml.get("scenario"))
    if head.keys() - _HEAD_KEYS or not {"title", "pack", "starts"} <= head.keys():
        raise _wrong(
            name,
            "scenario",
            sentence("has title, pack and starts; may have {members}", members=enumeration(sorted(_HEAD_KEYS))),
        )
    starts = _day(name, "scenario.starts", head["starts"])
    acts, expectations = _chapters(name, toml.get("chapter", []))
    expectations += [
        _expectation(name, f"expect[{i}]", item) for i, item in enumerate(_list(name, "expect", toml.get("expect", [])))
    ]
    if len(acts) > ACTS_MAX:
        raise _wrong(name, "chapter", sentence("has more than {acts_max} acts", acts_max=ACTS_MAX))
    _check_order(name, acts, starts)
    return Scenario(
        name=path.stem,
        file=name,
        title=_said(name, "scenario.title", head["title"]),
        title_en=_said(name, "scenario.title_en", head.get("title_en", head["title"])),
        pack=_said(name, "scenario.pack", head["pack"]),
        origin=_text(name, "scenario.origin", head.get("origin")),
        mode=_said(name, "scenario.mode", head.get("mode", "simulation")),
        complete=_yes(name, "scenario.complete", head.get("complete", False)),
        starts=starts,
        organisations=_organisations(name, toml.get("organisations", {})),
        reviewers=_reviewers(name, toml.get("reviewers", {})),
        committee=_committee(name, toml.get("committee", {})),
        acts=tuple(acts),
        expectations=tuple(expectations),
        folder=path.parent,
    )


def _committee(name: str, section: object) -> tuple[str, ...]:
    table = _table(name, "committee", section)
    members = table.get("members", [])
    if table.keys() - {"members"}:
        raise _wrong(name, "committee", sentence("has members, and nothing else"))
    if isinstance(members, list):
        return _texts(name, "committee.members", members)
    if type(members) is not int or not 0 <= members <= COMMITTEE_MAX:
        raise _wrong(
            name,
            "committee.members",
            sentence("must be a number from 0 to {committee_max}, or a list of names", committee_max=COMMITTEE_MAX),
        )
    return tuple(f"C{i + 1}" for i in range(members))


def _organisations(name: str, section: object) -> dict[str, dict[str, object]]:
    """Each with its name and a right credit code, of which the ledger would ask only when it is registered."""
    tables = _tables(name, "organisations", section)
    for org, table in tables.items():
        where = f"organisations.{org}"
        unknown = table.keys() - _ORGANISATION_KEYS
        if unknown:
            raise _wrong(
                name,
                f"{where}.{sorted(unknown)[0]}",
                sentence(
                    "is not a member of an organisation; there are {organisation_keys}",
                    organisation_keys=enumeration(sorted(_ORGANISATION_KEYS)),
                ),
            )
        for key in ("name", "uscc"):
            if key not in table:
                raise _wrong(
                    name,
                    f"{where}.{key}",
                    sentence("is missing; an organisation has name and uscc"),
                )
        for key in table.keys() - {"established_on"}:
            _said(name, f"{where}.{key}", table[key])
        if "established_on" in table:
            _day(name, f"{where}.established_on", table["established_on"])
        try:
            parse_uscc(_said(name, f"{where}.uscc", table["uscc"]))
        except MalformedError as error:
            if error.code == written.INVALID:
                raise
            raise _wrong(name, f"{where}.uscc", error.told) from error
    return tables


def _reviewers(name: str, section: object) -> dict[str, dict[str, object]]:
    tables = _tables(name, "reviewers", section)
    for reviewer, table in tables.items():
        _yes(name, f"reviewers.{reviewer}.leader", table.get("leader", False))
    return tables


def _chapters(name: str, chapters: object) -> tuple[list[Act], list[Expectation]]:
    acts: list[Act] = []
    expectations: list[Expectation] = []
    for c, chapter in enumerate(_list(name, "chapter", chapters)):
        table = _table(name, f"chapter[{c}]", chapter)
        unknown = table.keys() - {"title", "acts", "expect", "note"}
        if unknown:
            raise _wrong(name, f"chapter[{c}].{sorted(unknown)[0]}", sentence("is not a member of a chapter"))
        for i, item in enumerate(_list(name, f"chapter[{c}].acts", table.get("acts", []))):
            acts += _acts(name, f"chapter[{c}].acts[{i}]", item)
        for i, item in enumerate(_list(name, f"chapter[{c}].expect", table.get("expect", []))):
            expectations.append(_expectation(name, f"chapter[{c}].expect[{i}]", item))
    return acts, expectations


def _acts(name: str, where: str, item: object) -> list[Act]:
    table = _table(name, where, item)
    on, do = _day(name, f"{where}.on", table.get("on")), _said(name, f"{where}.do", table.get("do"))
    several = table.get("for", [None])
    if not isinstance(several, list) or not several:
        raise _wrong(name, f"{where}.for", sentence("is a list of cases"))

    def text(key: str) -> str | None:
        return _text(name, f"{where}.{key}", table.get(key))

    def texts(key: str) -> tuple[str, ...]:
        return _texts(name, f"{where}.{key}", table.get(key, []))

    def reasons(key: str) -> dict[str, str] | None:
        return _reasons(name, f"{where}.{key}", table.get(key))

    refused, with_ = table.get("refused"), table.get("with")
    return [
        Act(
            where=where if one is None else f"{where}({one})",
            on=on,
            recorded=_day(name, f"{where}.recorded", table.get("recorded", on)),
            do=do,
            by=text("by"),
            role=text("as"),
            with_=None if with_ is None else (with_,) if isinstance(with_, str) else texts("with"),
            label=_label(text("label"), one),
            refused=_refused(name, f"{where}.refused", refused),
            late=reasons("late"),
            override=reasons("override"),
            basis=texts("basis"),
            causes=texts("causes"),
            case=one if one is not None else text("case"),
            edition=text("edition"),
            members={k: v for k, v in table.items() if k not in _ACT_KEYS},
        )
        for one in (_text(name, f"{where}.for", case) for case in several)
    ]


def _refused(name: str, where: str, value: object) -> Mapping[str, object] | None:
    """What a refusal has to say; a text alone is its code."""
    if value is None:
        return None
    return {"code": value} if isinstance(value, str) else _table(name, where, value)


def _reasons(name: str, where: str, value: object) -> dict[str, str] | None:
    """Why an act is late, or passes over a rule."""
    if value is None:
        return None
    stated: dict[str, str] = {}
    for key, said in _table(name, where, value).items():
        if not isinstance(said, str):
            raise _wrong(name, f"{where}.{key}", sentence("must be text"))
        stated[key] = said
    return stated


def _label(label: str | None, one: str | None) -> str | None:
    return label if label is None or one is None else f"{label}.{one}"


def _expectation(name: str, where: str, item: object) -> Expectation:
    table = _table(name, where, item)
    as_of, known = _day(name, f"{where}.as_of", table.get("as_of")), table.get("known_at")
    if known is not None and type(known) is not int:
        known = _day(name, f"{where}.known_at", known)
    return Expectation(where, as_of, known, {k: v for k, v in table.items() if k not in _EXPECT_META})


def _check_order(name: str, acts: list[Act], starts: date) -> None:
    last = starts
    for act in acts:
        if act.recorded < last:
            raise _wrong(
                name,
                act.where,
                sentence("is recorded on {recorded}, before the line above ({last})", recorded=act.recorded, last=last),
            )
        last = act.recorded


def _table(name: str, where: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _wrong(name, where, sentence("must be a table"))
    return value


def _tables(name: str, where: str, value: object) -> dict[str, dict[str, object]]:
    return {k: _table(name, f"{where}.{k}", v) for k, v in _table(name, where, value).items()}


def _list(name: str, where: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise _wrong(name, where, sentence("must be a list"))
    return value


def _texts(name: str, where: str, value: object) -> tuple[str, ...]:
    found: list[str] = []
    for item in _list(name, where, value):
        if not isinstance(item, str):
            raise _wrong(name, where, sentence("must be a list of texts"))
        found.append(item)
    return tuple(found)


def _text(name: str, where: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _wrong(name, where, sentence("must be text"))
    return value


def _day(name: str, where: str, value: object) -> date:
    try:
        return written.day(value, where)
    except MalformedError as error:
        raise written.in_file(error, name) from error


def _said(name: str, where: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(name, where, sentence("must be text"))
    return value


def _yes(name: str, where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, where, sentence("must be true or false"))
    return value


def _wrong(name: str, where: str, told: Pair) -> MalformedError:
    return written.in_file(written.wrong(where, told), name)
