"""The findings of a verification for people: causes first, what follows from them counted, and what to do next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from typing import NotRequired, TypedDict

from api.cli.finding_words import Said, kind_of, place_of, values_of
from api.cli.terminal import Terminal
from api.home.settings import Settings
from api.sentences import sentence, term
from ledger.audit.entries import Finding
from ledger.fsck.causes import follow_from_others
from ledger.sentences import Pair, enumeration
from ledger.store.embedded import data_of

#: Places of one kind that are told one by one; of more it is said how many.
TOLD_MAX = 10

#: What a severity means, in Chinese and English.
SEVERITIES = {
    "error": sentence("does not fit"),
    "founding": sentence("founding is not sound"),
    "irregular": sentence("against the format's rules"),
    "lost": term("of a finding", "lost"),
    "derived": sentence("derived data differ"),
}


class FindingJson(TypedDict):
    """A finding as a verification gives it out: with the name of its place, and whether it follows from another."""

    position: int
    field: str
    severity: str
    expected: str
    actual: str
    zh: str
    en: str
    follows: bool
    source_zh: NotRequired[str]
    source_en: NotRequired[str]


def findings_json(findings: Sequence[Finding]) -> list[FindingJson]:
    """Findings in order."""
    return [_finding_json(f, follows) for f, follows in zip(findings, follow_from_others(findings), strict=True)]


def _finding_json(finding: Finding, follows: bool) -> FindingJson:
    zh, en = place_of(finding.position, finding.field)
    told: FindingJson = {
        "position": finding.position,
        "field": finding.field,
        "severity": finding.severity,
        "expected": finding.expected,
        "actual": finding.actual,
        "zh": zh,
        "en": en,
        "follows": follows,
    }
    if finding.source is not None:
        told["source_zh"], told["source_en"] = finding.source
    return told


def tell_findings(terminal: Terminal, findings: Sequence[Finding], *, everything: bool) -> None:
    """Causes one by one, then what follows from them in one line, or all of it."""
    told = list(zip(findings, follow_from_others(findings), strict=True))
    shown, left = list[tuple[Finding, bool]](), Counter[tuple[str, str]]()
    seen = Counter[tuple[str, str]]()
    for f, follows in told:
        kind = kind_of(f.field)
        seen[kind] += not follows
        if everything or not (follows or seen[kind] > TOLD_MAX):
            shown.append((f, follows))
        elif not follows:
            left[kind] += 1
    for f, follows in sorted(shown, key=lambda each: each[1]):
        _tell_one(terminal, f, follows=follows)
    for called, count in left.items():
        terminal.say(
            sentence("  {name}: {count} more of the same kind (--all names each)", name=called, count=count),
        )
    following = Counter(kind_of(f.field) for f, follows in told if follows)
    if following and not everything:
        named = enumeration(sentence("{kind} {count}", kind=kind, count=n) for kind, n in following.most_common())
        count = following.total()
        places = "place that follows" if count == 1 else "places that follow"
        terminal.say(
            sentence("  and {count} {places}: {name} (--all names each)", count=count, places=places, name=named)
        )


def _tell_one(terminal: Terminal, f: Finding, *, follows: bool) -> None:
    severity, told = SEVERITIES[f.severity], _told_values(*values_of(f.field, f.expected, f.actual))
    terminal.say(
        sentence(
            "  {place} ({severity}): {told}",
            place=place_of(f.position, f.field),
            severity=sentence("{severity}, follows", severity=severity) if follows else severity,
            told=sentence("{told}; compared with {source}", told=told, source=f.source) if f.source else told,
        ),
    )


def _told_values(expected: Said, found: Said) -> Pair:
    """What ought to be there, and what is; what has no Chinese stands in the English alone."""
    comma = term("between clauses", ", ")
    clauses = (
        (sentence("expected {value}", value=(expected[0] or "", expected[1])), expected),
        (sentence("found {value}", value=(found[0] or "", found[1])), found),
    )
    zh = comma[0].join(clause[0] for clause, value in clauses if value[0] is not None)
    return zh, comma[1].join(clause[1] for clause, _ in clauses)


def tell_next_steps(terminal: Terminal, name: str, findings: Sequence[Finding], *, stored: bool) -> None:
    """What to do about findings of a log of this home (``stored``), or of files."""
    if not findings:
        return
    terminal.say(sentence("  What to do next:"))
    if not stored:
        _tell_steps(terminal, _of_files(name))
    elif all(f.severity == "derived" for f in findings):
        rebuild = f"rongjian rebuild {shlex.quote(name)}"
        _tell_steps(terminal, [sentence("the log is sound; rebuild its lists: {rebuild}", rebuild=rebuild)])
    else:
        _tell_steps(terminal, _of_a_log(terminal.settings, shlex.quote(name)))


def _of_files(source: str) -> list[tuple[str, str]]:
    again = "rongjian verify URL --policy FILE"
    return [
        sentence("keep these files as evidence; do not overwrite them"),
        sentence("verify another mirror, or what the log itself serves: {again}", again=again),
        sentence(
            "follow the one that holds into a new folder, in place of {source}: rongjian mirror follow URL DIR "
            "--policy FILE",
            source=source,
        ),
    ]


def _of_a_log(settings: Settings, name: str) -> list[tuple[str, str]]:
    kept = (
        sentence(
            "keep the database as evidence, and change nothing in it: {command}",
            command='pg_dump -Fc -d "$RONGJIAN_DATABASE_URL" -f evidence.dump',
        )
        if settings.database_url is not None
        else sentence(
            "keep the database as evidence, and change nothing in it: with the service stopped, {command}",
            command=f"cp -a {shlex.quote(str(data_of(settings.home)))} evidence-pgdata",
        )
    )
    compare = f"rongjian verify {name} --against URL"
    restore = f"rongjian mirror restore DIR {name}"
    return [
        kept,
        sentence("compare it with a mirror (URL or folder): {compare}", compare=compare),
        sentence(
            "restore the newest backup of the database; or, into a new and empty database, a mirror: {restore}",
            restore=restore,
        ),
    ]


def _tell_steps(terminal: Terminal, steps: Sequence[tuple[str, str]]) -> None:
    for number, (zh, en) in enumerate(steps, 1):
        terminal.say((f"    {number}. {zh}", f"    {number}. {en}"))
