"""The findings of a verification for people: causes first, what follows from them counted, and what to do next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from typing import NotRequired, TypedDict

from api.cli.finding_words import kind_of, place_of, values_of
from api.cli.terminal import Terminal
from api.home.settings import Settings
from ledger.audit.entries import Finding
from ledger.fsck.causes import follow_from_others
from ledger.store.embedded import data_of

#: Places of one kind that are told one by one; of more it is said how many.
TOLD_MAX = 10

#: What a severity means, in Chinese and English.
SEVERITIES = {
    "error": ("不符", "does not fit"),
    "founding": ("创立不全", "founding is not sound"),
    "irregular": ("不合格式规则", "against the format's rules"),
    "lost": ("缺失", "lost"),
    "derived": ("派生数据不符", "derived data differ"),
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
    for (zh, en), count in left.items():
        terminal.say(
            f"  {zh}：另有 {count} 处同类不符（--all 逐处列出）",
            f"  {en}: {count} more of the same kind (--all names each)",
        )
    following = Counter(kind_of(f.field) for f, follows in told if follows)
    if following and not everything:
        zh = "、".join(f"{kind[0]} {n} 处" for kind, n in following.most_common())
        en = ", ".join(f"{kind[1]} {n}" for kind, n in following.most_common())
        count = following.total()
        places = "place that follows" if count == 1 else "places that follow"
        terminal.say(
            f"  另有 {count} 处随之不符：{zh}（--all 逐处列出）", f"  and {count} {places}: {en} (--all names each)"
        )


def _tell_one(terminal: Terminal, f: Finding, *, follows: bool) -> None:
    zh, en = SEVERITIES[f.severity]
    place_zh, place_en = place_of(f.position, f.field)
    follows_zh, follows_en = ("，随之不符", ", follows") if follows else ("", "")
    (good_zh, good_en), (found_zh, found_en) = values_of(f.field, f.expected, f.actual)
    told_zh = "，".join(
        f"{said}{value}" for said, value in (("应为", good_zh), ("实为", found_zh)) if value is not None
    )
    against_zh = f"；比对的是{f.source[0]}" if f.source is not None else ""
    against_en = f"; compared with {f.source[1]}" if f.source is not None else ""
    terminal.say(
        f"  {place_zh}（{zh}{follows_zh}）：{told_zh}{against_zh}",
        f"  {place_en} ({en}{follows_en}): expected {good_en}, found {found_en}{against_en}",
    )


def tell_next_steps(terminal: Terminal, name: str, findings: Sequence[Finding], *, stored: bool) -> None:
    """What to do about findings of a log of this home (``stored``), or of files."""
    if not findings:
        return
    terminal.say("  下一步：", "  What to do next:")
    if not stored:
        _tell_steps(terminal, _of_files(name))
    elif all(f.severity == "derived" for f in findings):
        rebuild = f"rongjian rebuild {shlex.quote(name)}"
        _tell_steps(
            terminal, [(f"账本无误，只需重建清单：{rebuild}", f"the log is sound; rebuild its lists: {rebuild}")]
        )
    else:
        _tell_steps(terminal, _of_a_log(terminal.settings, shlex.quote(name)))


def _of_files(source: str) -> list[tuple[str, str]]:
    again = "rongjian verify URL --policy FILE"
    return [
        ("保留这份文件作为证据，不要覆盖", "keep these files as evidence; do not overwrite them"),
        (
            f"核验另一份镜像，或账本自己公布的文件：{again}",
            f"verify another mirror, or what the log itself serves: {again}",
        ),
        (
            f"核验成立的那一份可重新跟随，写入新的文件夹：rongjian mirror follow URL DIR --policy FILE，代替 {source}",
            f"follow the one that holds into a new folder, in place of {source}: rongjian mirror follow URL DIR "
            "--policy FILE",
        ),
    ]


def _of_a_log(settings: Settings, name: str) -> list[tuple[str, str]]:
    kept = (
        ('pg_dump -Fc -d "$RONGJIAN_DATABASE_URL" -f evidence.dump', "", "")
        if settings.database_url is not None
        else (
            f"cp -a {shlex.quote(str(data_of(settings.home)))} evidence-pgdata",
            "停止服务后",
            "with the service stopped, ",
        )
    )
    compare = f"rongjian verify {name} --against URL"
    restore = f"rongjian mirror restore DIR {name}"
    return [
        (
            f"数据库先原样留作证据，不要改动：{kept[1]}{kept[0]}",
            f"keep the database as evidence, and change nothing in it: {kept[2]}{kept[0]}",
        ),
        (
            f"与镜像（网址或文件夹）比对，看谁的历史相符：{compare}",
            f"compare it with a mirror (URL or folder): {compare}",
        ),
        (
            f"恢复：最新的数据库备份；或在新的空数据库中由镜像重建：{restore}",
            f"restore the newest backup of the database; or, into a new and empty database, a mirror: {restore}",
        ),
    ]


def _tell_steps(terminal: Terminal, steps: Sequence[tuple[str, str]]) -> None:
    for number, (zh, en) in enumerate(steps, 1):
        terminal.say(f"    {number}. {zh}", f"    {number}. {en}")
