"""What a verification has found, in words; and its two parts that lie outside the log's bytes: the register and the
vault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.cli.findings_told import findings_json, tell_findings, tell_next_steps
from api.cli.terminal import Terminal
from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.audit.notes import Note
from ledger.derivation.losses import LostRange
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent
from ledger.errors import RongjianError
from ledger.fsck.account import Account
from ledger.fsck.causes import follow_from_others
from ledger.fsck.law import Told
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


@dataclass(frozen=True, slots=True)
class Remark:
    """What was not verified, and is no finding."""

    code: str
    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        return {"code": self.code, "zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a verification of one source has found.

    A log of this home has a ``register``, files have ``remarks``; ``law`` is what the rules of today say, where it was
    asked for.
    """

    log: str
    origin: str
    account: Account
    findings: Sequence[Finding]
    notes: Sequence[Note]
    register: ComparedRegister | None = None
    lost: LostRange | None = None
    remarks: Sequence[Remark] | None = None
    law: Sequence[Told] | None = None

    def to_json(self) -> dict[str, object]:
        erased = self.account.erased
        told: dict[str, object] = {
            "log": self.log,
            "origin": self.origin,
            "size": self.account.size,
            "findings": findings_json(self.findings),
            "notes": [{"position": n.position, "code": n.code, "zh": n.zh, "en": n.en} for n in self.notes],
            "erasures": {"orders": erased.orders, "fields": erased.fields, "carried_out": erased.carried_out},
        }
        if self.register is not None:
            told["register"] = self.register.position
        if self.lost is not None:
            told["lost"] = {"lost_from": self.lost.first, "lost_to": self.lost.last}
        if self.remarks is not None:
            told["remarks"] = [remark.to_json() for remark in self.remarks]
        if self.law is not None:
            told["law"] = [t.to_json() for t in self.law]
        return told


@dataclass(frozen=True, slots=True)
class NotVerified:
    """One of several sources that could not be verified."""

    log: str
    error: RongjianError

    def to_json(self) -> dict[str, object]:
        failure = {"code": self.error.code, "zh": self.error.zh, "en": self.error.en}
        return {"log": self.log, "origin": None, "size": None, "findings": [], "notes": [], "failure": failure}


def tell(terminal: Terminal, results: Sequence[Verified | NotVerified], *, stored: bool, everything: bool) -> None:
    """The results in words, one source after the other: logs of this home (``stored``), or files."""
    for result in results:
        if isinstance(result, NotVerified):
            terminal.say(
                f"{result.log}：未能核验。{result.error.zh}（{result.error.code}）",
                f"{result.log}: not verified. {result.error.en} ({result.error.code})",
            )
            continue
        findings, size = result.findings, result.account.size
        terminal.say(
            f"{result.origin}：{size} 条，{_counted_zh(findings)}",
            f"{result.origin}: {size} entries, {_counted_en(findings)}",
        )
        tell_findings(terminal, findings, everything=everything)
        _tell_beside(terminal, result)
        if result.notes:
            terminal.say(
                f"  说明 {len(result.notes)} 处：以下条目完好，但按今日的登记要求不会被接受",
                f"  {len(result.notes)} notes: these entries are whole, and would not be admitted today",
            )
        for note in result.notes:
            terminal.say(f"  第 {note.position} 条 {note.zh}", f"  position {note.position} {note.en}")
        if result.law is not None:
            noted = {(n.position, n.code) for n in result.notes}
            _tell_law(terminal, [t for t in result.law if (t.position, t.code) not in noted])
        tell_next_steps(terminal, result.log, findings, stored=stored)


def _counted_zh(findings: Sequence[Finding]) -> str:
    following = sum(follow_from_others(findings))
    named = f"{len(findings)} 处不符" + (f"，其中 {following} 处由其余各处引起" if following else "")
    return named if findings else "全部相符"


def _counted_en(findings: Sequence[Finding]) -> str:
    following = sum(follow_from_others(findings))
    count = f"{len(findings)} wrong place{'s' if len(findings) != 1 else ''}"
    return (count + (f", {following} of which follow from the others" if following else "")) if findings else "all fits"


def _tell_beside(terminal: Terminal, result: Verified) -> None:
    erased = result.account.erased
    if erased.orders and erased.carried_out is None:
        terminal.say(
            f"  销毁命令 {erased.orders} 条；是否已执行，仅数据库可核验",
            f"  {erased.orders} orders to erase; whether they were carried out only the database tells",
        )
    elif erased.orders:
        terminal.say(
            f"  销毁命令 {erased.orders} 条，涉及 {erased.fields} 个字段，已销毁 {erased.carried_out} 个",
            f"  {erased.orders} orders to erase {erased.fields} fields, of which {erased.carried_out} are erased",
        )
    if result.lost is not None:
        first, last = result.lost.first, result.lost.last
        terminal.say(
            f"  第 {first} 至 {last} 条已缺失，由创立人在第 {first} 条声明；所比对的镜像存有这些条目，或为唯一副本，请妥为保存",
            f"  entries {first} to {last} are lost, as founders declare in entry {first}; the mirror holds them, "
            "and perhaps it alone: keep it",
        )
    if result.register is not None:
        reached = result.register.position
        terminal.say(
            "  清单未比对" if reached is None else f"  清单与重放比对至第 {reached} 条",
            "  the register was not compared"
            if reached is None
            else f"  the register was compared with replay up to entry {reached}",
        )
    for remark in result.remarks or ():
        terminal.say(f"  {remark.zh}", f"  {remark.en}")


def _tell_law(terminal: Terminal, law: Sequence[Told]) -> None:
    terminal.say(
        f"  按今日规则重放：另有 {len(law)} 处（仅供参考，不影响结论）",
        f"  the rules of today replayed: {len(law)} more places (information, no finding)",
    )
    for told in law:
        zh, en = _KINDS[told.kind]
        rule = f"（{told.rule}）" if told.rule else ""
        rule_en = f" ({told.rule})" if told.rule else ""
        terminal.say(
            f"  第 {told.position} 条 {zh}{rule}：{told.zh}",
            f"  position {told.position} {en}{rule_en}: {told.en}",
        )
