"""Entries one after the other, as a second verifier would check them from bundles; needs no database.

What one entry shows by itself (form, signatures by keys whose ids are their own hashes) is examined apart, so that it
can be done on every core; what depends on earlier entries (keys and roles at their time, order, unique ids) follows in
order.
"""

from __future__ import annotations

import dataclasses
from array import array
from bisect import bisect_left
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from ledger.audit.notes import Signed, Strictness
from ledger.clock import format_instant, shanghai_day
from ledger.derivation.history import EVER, History
from ledger.derivation.identity import IDENTITY_TYPES, Identities, introduced
from ledger.entry import RecordedEvent
from ledger.entry import parse as parse_entry
from ledger.entry_index import Ids
from ledger.errors import RongjianError
from ledger.events.identity import GenesisDeclared, KeyRegistered
from ledger.events.kinds import RoleCode
from ledger.events.oversight import ClockCorrected, HistoryLossDeclared
from ledger.signing import envelope as dsse
from ledger.signing.suites import parse_public_key
from ledger.tlog.merkle import Frontier, leaf_hash
from ledger.tlog.tag_index import TagIndex

#: What a wrong place means. ``error``: bytes, hashes or signatures do not fit together. ``founding``: the genesis is
#: not what every later permission rests on. ``irregular``: whole as it was signed, and against the format's rules.
#: ``lost``: what has to be kept is gone. ``derived``: computed from the log, and mended by computing it anew.
Severity = Literal["error", "founding", "irregular", "lost", "derived"]

#: Whose second signature an override needs (section 8 of docs/spec).
_OVERRIDERS: tuple[RoleCode, ...] = ("SUP", "GOV")

_FOUNDERS = ["GOV", "OPR", "SECH"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One wrong place: where, which field, and what was expected. ``position`` 0 is the log as a whole.

    ``source`` says in Chinese and English with what a log was compared, where that is not the log itself.
    """

    position: int
    field: str
    expected: str
    actual: str
    severity: Severity = "error"
    source: tuple[str, str] | None = dataclasses.field(default=None, compare=False)

    def __str__(self) -> str:
        return f"position {self.position}: {self.field}: expected {self.expected}, found {self.actual}"


@dataclass(frozen=True, slots=True)
class Examined:
    """What one entry shows by itself. ``event`` is None where it cannot be read, and ``problem`` says why.

    ``verdicts`` are of the signatures whose keys were at hand: key id -> what is wrong, empty for a good one.
    """

    position: int
    leaf: bytes
    event: RecordedEvent | None
    problem: str
    verdicts: Mapping[str, str]


def examine(first: int, entries: Sequence[bytes], keys: Mapping[str, str], verified: int = 0) -> list[Examined]:
    """Examine entries from position ``first`` on, with public keys by key id. Pure: any process may do it.

    Signatures up to position ``verified`` were good before, over the same bytes: the caller compares the root.
    """
    result = []
    for position, entry in enumerate(entries, first):
        leaf = leaf_hash(entry)
        try:
            event = parse_entry(position, entry)
        except RongjianError as error:
            result.append(Examined(position, leaf, None, error.en, {}))
            continue
        if position <= verified:
            result.append(Examined(position, leaf, event, "", {s.keyid: "" for s in event.envelope.signatures}))
            continue
        signed = [s for s in event.envelope.signatures if s.keyid in keys]
        verdicts = {s.keyid: _verdict(event, s, keys[s.keyid]) for s in signed}
        result.append(Examined(position, leaf, event, "", verdicts))
    return result


def _verdict(event: RecordedEvent, signature: dsse.Signature, public_key: str) -> str:
    try:
        dsse.verify(event.envelope, signature, parse_public_key(public_key))
    except RongjianError as error:
        return error.en
    return ""


class Earlier(Protocol):
    """What a check asks of the entries before."""

    def position(self, event_id: str) -> int | None:
        """The position of an id; None where it has none."""

    def time_before(self, position: int) -> int | None:
        """When the last entry before a position was recorded, in microseconds since 1970; None where there is none."""


class _Passed:
    """The entries that were checked, by themselves: their positions may have gaps."""

    def __init__(self) -> None:
        self._ids = Ids()
        self._of_ids, self._positions, self._times = array("q"), array("q"), array("q")

    def position(self, event_id: str) -> int | None:
        number = self._ids.number(event_id)
        return self._of_ids[number - 1] if number else None

    def time_before(self, position: int) -> int | None:
        before = bisect_left(self._positions, position)
        return self._times[before - 1] if before else None

    def add(self, event_id: str, position: int, time: int) -> None:
        if not self._ids.number(event_id):
            self._ids.add(event_id)
            self._of_ids.append(position)
        self._positions.append(position)
        self._times.append(time)


class EntryChecker:
    """Checks entries one after the other; keeps what later entries depend on."""

    def __init__(
        self,
        origin: str,
        index: TagIndex | None = None,
        strictness: Strictness | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        """``earlier`` is kept by whoever gives it: it has every entry that was checked before the next one is."""
        self._origin = origin
        self._index = index
        self._strictness = strictness
        self._identities = Identities(History([]).live(EVER, 0))
        self._passed = _Passed()
        self._earlier: Earlier = self._passed if earlier is None else earlier
        #: The time that the next is not before, in microseconds since 1970.
        self._last = 0
        self.frontier = Frontier()

    @property
    def keys(self) -> dict[str, str]:
        """Public keys registered so far, by key id: what :func:`examine` can verify with."""
        return {key.key_id: key.public_key for key in self._identities.keys.values()}

    def check(self, position: int, entry: bytes) -> Iterator[Finding]:
        """The findings of one entry."""
        yield from self.follow(examine(position, [entry], {})[0])

    def follow(self, seen: Examined) -> Iterator[Finding]:
        """The findings of an examined entry, next in order; the Merkle frontier goes on with whatever bytes are
        there.
        """
        self.frontier, _ = self.frontier.extended(seen.leaf)
        event = seen.event
        if event is None:
            yield Finding(seen.position, "entry", "bytes as they were recorded", seen.problem)
            return
        # A row may claim a position that no log has; that it does is named where rows are read.
        if self._index is not None and seen.position > 0:
            self._index.add(seen.position, seen.leaf, event.statement.type, event.statement.tags)
        yield from self._order(event)
        signed = yield from self._signatures(event, seen.verdicts)
        yield from _founding(event, signed)
        yield from _effective(event)
        if self._strictness is not None:
            self._strictness.follow(event, signed, self._identities)
        self._identify(event)

    def accept(self, event: RecordedEvent) -> None:
        """Go on from an entry that was decided on here: nothing is examined again, and what later entries depend on is
        kept. The frontier stays with those that were examined.
        """
        self._pass(event, micros_of(event.recorded_at))
        self._identify(event)

    def go_on_from(self, time: int) -> None:
        """What comes next is recorded at a time, in microseconds since 1970, or later."""
        self._last = time

    def _pass(self, event: RecordedEvent, time: int) -> None:
        self._last = time
        if self._earlier is self._passed:
            self._passed.add(event.statement.id, event.position, time)

    def _identify(self, event: RecordedEvent) -> None:
        statement = event.statement
        if isinstance(statement.payload, IDENTITY_TYPES):
            self._identities.apply(statement.payload, statement.id, event.recorded_at, statement.effective_on)

    def _order(self, event: RecordedEvent) -> Iterator[Finding]:
        statement = event.statement
        if statement.log != self._origin:
            yield Finding(event.position, "log", self._origin, statement.log)
        earlier = self._earlier.position(statement.id)
        if earlier not in (None, event.position):
            yield Finding(event.position, "id", "an id used once", f"the id of position {earlier}")
        if isinstance(statement.payload, HistoryLossDeclared):
            yield from _loss(event.position, statement.payload)
        recorded = micros_of(event.recorded_at)
        if recorded < self._last and not self._corrects_clock(event):
            last = format_instant(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=self._last))
            yield Finding(event.position, "recorded_at", f"not before {last}", format_instant(event.recorded_at))
            recorded = self._last
        self._pass(event, recorded)

    def _corrects_clock(self, event: RecordedEvent) -> bool:
        """May time step back here: does the entry doubt those right before it, and lie after the last that is
        believed?
        """
        if not isinstance(event.statement.payload, ClockCorrected):
            return False
        p, true = event.statement.payload, micros_of(event.statement.payload.last_true_at)
        before = self._earlier.time_before(p.doubted_from)
        believed = before if before is not None else true
        return p.doubted_from <= p.doubted_to == event.position - 1 and believed <= true <= micros_of(event.recorded_at)

    def _signatures(self, event: RecordedEvent, verdicts: Mapping[str, str]) -> Generator[Finding, None, Signed]:
        statement = event.statement
        own = self._own_keys(event)
        signers, before, keys = set[str](), set[str](), set[str]()
        for signature in event.envelope.signatures:
            key = self._identities.keys.get(signature.keyid)
            known = (key.principal_id, key.public_key) if key else own.get(signature.keyid)
            if known is None:
                yield Finding(event.position, "signature", "a registered key", f"unknown key {signature.keyid[:16]}")
                continue
            if key is not None and not key.valid_at(event.recorded_at):
                yield Finding(
                    event.position, "signature", "a key valid when recorded", f"invalid key {signature.keyid[:16]}"
                )
            verdict = verdicts.get(signature.keyid)
            if verdict is None:
                verdict = _verdict(event, signature, known[1])
            if verdict:
                yield Finding(event.position, "signature", "a signature that verifies", verdict)
                continue
            signers.add(known[0])
            keys.add(signature.keyid)
            if key is not None:
                before.add(known[0])
        if statement.actor not in signers:
            yield Finding(event.position, "actor", f"a signature of {statement.actor}", ", ".join(sorted(signers)))
        day = shanghai_day(event.recorded_at)
        if not isinstance(statement.payload, GenesisDeclared) and not self._identities.has_role(
            statement.actor, statement.role, day
        ):
            yield Finding(event.position, "role", f"{statement.actor} holding {statement.role}", "no such grant")
        if not isinstance(statement.payload, GenesisDeclared):
            yield from self._countersignature(event, signers)
            yield from self._override(event, signers)
        if isinstance(statement.payload, KeyRegistered):
            yield from self._introduction(event, statement.payload, before)
        return Signed(frozenset(signers), frozenset(before), frozenset(keys))

    def _introduction(self, event: RecordedEvent, new: KeyRegistered, before: set[str]) -> Iterator[Finding]:
        """A new key signs itself, and is introduced by a key that was registered before it."""
        if new.key_id not in {s.keyid for s in event.envelope.signatures}:
            yield Finding(event.position, "introduction", "a signature of the new key itself", "none")
            return
        principal, day = new.principal_id, shanghai_day(event.recorded_at)
        roles = {r for who in before - {principal} for r in self._identities.roles_of(who, day)}
        has_keys = any(key.principal_id == principal for key in self._identities.keys.values())
        if not introduced(own=principal in before, roles=roles, has_keys=has_keys):
            found = ", ".join(sorted(before)) or "nobody"
            yield Finding(event.position, "introduction", "a key registered before that vouches for the new one", found)

    def _countersignature(self, event: RecordedEvent, signers: set[str]) -> Iterator[Finding]:
        statement = event.statement
        day = shanghai_day(event.recorded_at)
        needed = [s.countersigner for s in statement.spec.seats if s.originator == statement.role]
        others = signers - {statement.actor}
        if any(n is None or any(self._identities.has_role(o, n, day) for o in others) for n in needed):
            return
        roles = " or ".join(sorted({n for n in needed if n})) or "an originator's seat"
        yield Finding(event.position, "countersignature", roles, ", ".join(sorted(others)) or "nobody")

    def _override(self, event: RecordedEvent, signers: set[str]) -> Iterator[Finding]:
        """An override of a rule bears a second signature, by SUP or GOV."""
        others, day = signers - {event.statement.actor}, shanghai_day(event.recorded_at)
        if event.statement.override is None:
            return
        if not any(self._identities.has_role(other, role, day) for other in others for role in _OVERRIDERS):
            found = ", ".join(sorted(others)) or "nobody"
            yield Finding(event.position, "override", "a second signature by SUP or GOV", found, "irregular")

    def _own_keys(self, event: RecordedEvent) -> dict[str, tuple[str, str]]:
        match event.statement.payload:
            case GenesisDeclared() as genesis:
                return {f.key_id: (f.principal_id, f.public_key) for f in genesis.founders}
            case KeyRegistered() as new:
                return {new.key_id: (new.principal_id, new.public_key)}
            case _:
                return {}


def _loss(position: int, p: HistoryLossDeclared) -> Iterator[Finding]:
    """A declaration names what came where it stands itself, and something at least."""
    if p.lost_from != position or p.lost_to < position:
        found = f"entries {p.lost_from} to {p.lost_to}"
        yield Finding(position, "lost_from", f"entries from {position} on", found)


def _founding(event: RecordedEvent, signed: Signed) -> Iterator[Finding]:
    """The first entry is the genesis and no other is; it names one GOV, one OPR and one SECH, whose every key signed
    it.
    """
    statement, position = event.statement, event.position
    if isinstance(statement.payload, GenesisDeclared) != (position == 1):
        expected = "GenesisDeclared" if position == 1 else "no other genesis than that of position 1"
        yield Finding(position, "genesis", expected, statement.type, "founding")
    if not isinstance(statement.payload, GenesisDeclared):
        return
    founders = statement.payload.founders
    if sorted(f.role for f in founders) != _FOUNDERS or len({f.principal_id for f in founders}) != len(founders):
        found = ", ".join(f"{f.principal_id} {f.role}" for f in founders)
        yield Finding(position, "founders", "one GOV, one OPR and one SECH, each another principal", found, "founding")
    for f in founders:
        if f.key_id not in signed.keys:
            yield Finding(position, f"founder {f.principal_id}", "a signature of every founder", "none", "founding")


def _effective(event: RecordedEvent) -> Iterator[Finding]:
    """An act is recorded once it has happened: on its day in Asia/Shanghai, or later."""
    day = shanghai_day(event.recorded_at)
    if event.statement.effective_on > day:
        expected, found = f"not after {day}, the day of recording", event.statement.effective_at
        yield Finding(event.position, "effective_at", expected, found, "irregular")


def micros_of(instant: datetime) -> int:
    """An instant in microseconds since 1970."""
    return (instant - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def check_entries(entries: Iterable[tuple[int, bytes]], origin: str) -> tuple[list[Finding], Frontier]:
    """Findings over entries in order, and the frontier they lead to. Needs no database."""
    checker = EntryChecker(origin)
    findings: list[Finding] = []
    for expected, (position, entry) in enumerate(entries, 1):
        if position != expected:
            findings.append(Finding(expected, "position", str(expected), str(position)))
        findings += checker.check(position, entry)
    return findings, checker.frontier
