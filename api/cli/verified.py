"""What a verification has found, as JSON and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.cli.findings_told import findings_json, tell_findings, tell_next_steps
from api.cli.terminal import Terminal
from api.sentences import sentence
from ledger.audit.entries import Finding
from ledger.audit.notes import Note
from ledger.derivation.losses import LostRange
from ledger.errors import RongjianError
from ledger.fsck.account import Account
from ledger.fsck.causes import follow_from_others
from ledger.fsck.law import Told
from ledger.sentences import Sentence

_KINDS = {
    "refused": sentence("would be refused today"),
    "passed_over": sentence("recorded by override, past"),
    "rests_on_gone": sentence("rests on what is gone"),
    "not_judged": sentence("not judged"),
}


@dataclass(frozen=True, slots=True)
class ComparedRegister:
    """Up to which position the register was compared with replay, and what differs.

    ``position`` is None where it was not.
    """

    position: int | None
    findings: list[Finding]


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
                sentence(
                    "{log}: not verified. {why} ({code})",
                    log=result.log,
                    why=result.error.told,
                    code=result.error.code,
                ),
            )
            continue
        findings, size = result.findings, result.account.size
        terminal.say(
            sentence(
                "{origin}: {size} entries, {outcome}", origin=result.origin, size=size, outcome=_counted(findings)
            ),
        )
        tell_findings(terminal, findings, everything=everything)
        _tell_beside(terminal, result)
        if result.notes:
            terminal.say(
                sentence(
                    "  {notes} notes: these entries are whole, and would not be admitted today", notes=len(result.notes)
                ),
            )
        for note in result.notes:
            said = (note.zh, note.en)
            terminal.say(sentence("  position {position} {note}", position=note.position, note=said))
        if result.law is not None:
            noted = {(n.position, n.code) for n in result.notes}
            _tell_law(terminal, [t for t in result.law if (t.position, t.code) not in noted])
        tell_next_steps(terminal, result.log, findings, stored=stored)


def _counted(findings: Sequence[Finding]) -> Sentence:
    if not findings:
        return sentence("all fits")
    count, following = len(findings), sum(follow_from_others(findings))
    wrong = sentence("1 wrong place") if count == 1 else sentence("{count} wrong places", count=count)
    if not following:
        return wrong
    return sentence("{wrong}, {following} of which follow from the others", wrong=wrong, following=following)


def _tell_beside(terminal: Terminal, result: Verified) -> None:
    erased = result.account.erased
    if erased.orders and erased.carried_out is None:
        terminal.say(
            sentence(
                "  {orders} orders to erase; whether they were carried out only the database tells",
                orders=erased.orders,
            ),
        )
    elif erased.orders:
        terminal.say(
            sentence(
                "  {orders} orders to erase {fields} fields, of which {carried_out} are erased",
                orders=erased.orders,
                fields=erased.fields,
                carried_out=erased.carried_out,
            ),
        )
    if result.lost is not None:
        first, last = result.lost.first, result.lost.last
        terminal.say(
            sentence(
                "  entries {first} to {last} are lost, as founders declare in entry {first}; the mirror holds them, "
                "and perhaps it alone: keep it",
                first=first,
                last=last,
            ),
        )
    if result.register is not None:
        reached = result.register.position
        terminal.say(
            (
                sentence("  the register was not compared")
                if reached is None
                else sentence("  the register was compared with replay up to entry {reached}", reached=reached)
            ),
        )
    for remark in result.remarks or ():
        terminal.say((f"  {remark.zh}", f"  {remark.en}"))


def _tell_law(terminal: Terminal, law: Sequence[Told]) -> None:
    terminal.say(
        sentence("  the rules of today replayed: {law} more places (information, no finding)", law=len(law)),
    )
    for told in law:
        kind = _KINDS[told.kind]
        terminal.say(
            sentence(
                "  position {position} {kind}: {told}",
                position=told.position,
                kind=sentence("{kind} ({rule})", kind=kind, rule=told.rule) if told.rule else kind,
                told=(told.zh, told.en),
            ),
        )
