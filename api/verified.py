"""What a verification has found, in words; and its two parts that lie outside the log's bytes: the register and the
vault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.findings_told import tell_findings, tell_next_steps
from api.terminal import Terminal
from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent
from ledger.errors import RongjianError
from ledger.store.odd_rows import ODD
from ledger.store.vault import Vault
from projections.register import Register
from projections.replayed import Differing, compare

#: Places of the register that are named one by one; of more it is said how many.
PLACES_MAX = 200

_KINDS = {
    "refused": ("按今日规则不予登记", "would be refused today"),
    "passed_over": ("以特批越过", "recorded by override, past"),
    "rests_on_gone": ("所据不存", "rests on what is gone"),
    "not_judged": ("未能判断", "not judged"),
}


@dataclass(frozen=True, slots=True)
class ComparedRegister:
    """Up to which position the register was compared with replay, and what differs.

    ``position`` is None where it was not.
    """

    position: int | None
    findings: list[Finding]


def compare_register(
    ledger: Ledger, findings: list[Finding], size: int, progress: Callable[[int, int], None]
) -> ComparedRegister:
    """Hold the register against replay; not where the log itself is wrong, from which nothing is to be derived."""
    if any(f.severity == "error" for f in findings):
        return ComparedRegister(None, [])
    try:
        compared = compare(ledger, Register(ledger.database), size, progress)
    except ODD as error:
        said = error.en if isinstance(error, RongjianError) else f"{type(error).__name__}: {error}"
        return ComparedRegister(None, [Finding(0, "register", "rows that replay gives", said, "derived")])
    named = [finding_of(place) for place in compared.differing[:PLACES_MAX]]
    if len(compared.differing) > PLACES_MAX:
        more = len(compared.differing) - PLACES_MAX
        named.append(Finding(0, "register", "rows that replay gives", f"{more} more places differ", "derived"))
    if compared.position is not None and compared.position > size:
        named.append(Finding(0, "register_cursor", f"at most {size}", str(compared.position), "derived"))
    return ComparedRegister(compared.position, named)


def finding_of(place: Differing) -> Finding:
    """A place of the register as a finding."""
    field = f"register {place.fact} {place.subject}" + (f" {place.on}" if place.on else "")
    return Finding(place.known, field, place.replayed or "nothing", place.stored or "nothing", "derived")


def openings_of(vault: Vault) -> Callable[[RecordedEvent], Mapping[str, Opening]]:
    """What the vault still opens of an entry."""

    def openings(event: RecordedEvent) -> dict[str, Opening]:
        found = {}
        for stored in vault.stored([event.statement.id]) if event.statement.sd else ():
            try:
                found[stored.pointer] = vault.opened(stored)
            except RongjianError:
                continue  # Erased or lost: then what turns on it is decided as if it were not known.
        return found

    return openings


def tell(terminal: Terminal, results: list[dict[str, Any]], *, stored: bool, everything: bool) -> None:
    """The results in words, one source after the other: logs of this home (``stored``), or files."""
    for result in results:
        if "failure" in result:
            failure = result["failure"]
            terminal.say(
                f"{result['log']}：未能核验。{failure['zh']}（{failure['code']}）",
                f"{result['log']}: not verified. {failure['en']} ({failure['code']})",
            )
            continue
        findings = result["findings"]
        terminal.say(
            f"{result['origin']}：{result['size']} 条，{_counted_zh(findings)}",
            f"{result['origin']}: {result['size']} entries, {_counted_en(findings)}",
        )
        tell_findings(terminal, findings, everything=everything)
        _tell_beside(terminal, result)
        if result["notes"]:
            terminal.say(
                f"  说明 {len(result['notes'])} 处：以下条目完好，但按今日的登记要求不会被接受",
                f"  {len(result['notes'])} notes: these entries are whole, and would not be admitted today",
            )
        for note in result["notes"]:
            terminal.say(f"  第 {note['position']} 条 {note['zh']}", f"  position {note['position']} {note['en']}")
        if "law" in result:
            noted = {(n["position"], n["code"]) for n in result["notes"]}
            _tell_law(terminal, [t for t in result["law"] if (t["position"], t["code"]) not in noted])
        tell_next_steps(terminal, result["log"], findings, stored=stored)


def _counted_zh(findings: list[dict[str, Any]]) -> str:
    following = sum(f["follows"] for f in findings)
    named = f"{len(findings)} 处不符" + (f"，其中 {following} 处由其余各处引起" if following else "")
    return named if findings else "全部相符"


def _counted_en(findings: list[dict[str, Any]]) -> str:
    following = sum(f["follows"] for f in findings)
    count = f"{len(findings)} wrong place{'s' if len(findings) != 1 else ''}"
    return (count + (f", {following} of which follow from the others" if following else "")) if findings else "all fits"


def _tell_beside(terminal: Terminal, result: Mapping[str, Any]) -> None:
    erased = result["erasures"]
    if erased["orders"] and erased["carried_out"] is None:
        terminal.say(
            f"  销毁命令 {erased['orders']} 条；是否已执行，仅数据库可核验",
            f"  {erased['orders']} orders to erase; whether they were carried out only the database tells",
        )
    elif erased["orders"]:
        terminal.say(
            f"  销毁命令 {erased['orders']} 条，涉及 {erased['fields']} 个字段，已销毁 {erased['carried_out']} 个",
            f"  {erased['orders']} orders to erase {erased['fields']} fields, of which {erased['carried_out']} "
            "are erased",
        )
    if "lost" in result:
        first, last = result["lost"]["lost_from"], result["lost"]["lost_to"]
        terminal.say(
            f"  第 {first} 至 {last} 条已缺失，由创立人在第 {first} 条声明；所比对的镜像存有这些条目，或为唯一副本，请妥为保存",
            f"  entries {first} to {last} are lost, as founders declare in entry {first}; the mirror holds them, "
            "and perhaps it alone: keep it",
        )
    if "register" in result:
        reached = result["register"]
        terminal.say(
            "  清单未比对" if reached is None else f"  清单与重放比对至第 {reached} 条",
            "  the register was not compared"
            if reached is None
            else f"  the register was compared with replay up to entry {reached}",
        )
    for remark in result.get("remarks", ()):
        terminal.say(f"  {remark['zh']}", f"  {remark['en']}")


def _tell_law(terminal: Terminal, law: list[dict[str, Any]]) -> None:
    terminal.say(
        f"  按今日规则重放：另有 {len(law)} 处（仅供参考，不影响结论）",
        f"  the rules of today replayed: {len(law)} more places (information, no finding)",
    )
    for told in law:
        zh, en = _KINDS[told["kind"]]
        rule = f"（{told['rule']}）" if told["rule"] else ""
        rule_en = f" ({told['rule']})" if told["rule"] else ""
        terminal.say(
            f"  第 {told['position']} 条 {zh}{rule}：{told['zh']}",
            f"  position {told['position']} {en}{rule_en}: {told['en']}",
        )
