"""Trust policies (c2sp.org/tlog-policy): which logs and which quorum of witnesses a reader believes.

A policy is a small text file that the reader keeps; nothing that a log serves can change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ledger.errors import EvidenceError, MalformedError
from ledger.sentences import Pair, sentence
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import COSIGNERS, MLDSA44Cosigner, timestamp_of

#: Kinds of keys by which c2sp.org/tlog-policy lists a log.
LOG_KEYS: tuple[type[note.NoteKey], ...] = (note.VerifierKey, MLDSA44Cosigner)

_NONE = "none"
_COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Group:
    """``needed`` of ``members`` (witnesses or groups) make the group."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a policy found: the tree head, and the time in POSIX seconds of each witness that cosigned it."""

    checkpoint: Checkpoint
    cosigned: Mapping[str, int]


@dataclass(frozen=True)
class Policy:
    """Logs by vkey, witnesses by the policy's own names, groups, and the name of the quorum."""

    logs: tuple[note.NoteKey, ...]
    witnesses: Mapping[str, note.NoteKey]
    groups: Mapping[str, Group]
    quorum: str
    #: Where a witness takes requests, by the policy's own names; a witness need not have one.
    urls: Mapping[str, str] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Does anybody have to have cosigned?"""
        return self.quorum != _NONE

    def accepts(self, signed: bytes) -> bool:
        """Does :meth:`verify` find nothing wrong?"""
        try:
            self.verify(signed)
        except EvidenceError:
            return False
        return True

    def verify(self, signed: bytes) -> Trusted:
        """The checkpoint, if one listed log signed it under its own name and the quorum cosigned it.

        Raises EvidenceError that says which witnesses were heard and which were not.
        """
        text, lines = note.verified(signed, [*self.logs, *self.witnesses.values()])
        head = checkpoint.parse(text)
        by_key = dict(lines)
        if not any(key in by_key and key.name == head.origin for key in self.logs):
            raise EvidenceError(
                "log_not_trusted",
                sentence("no log of the policy signed this checkpoint of {origin}", origin=head.origin),
            )
        heard = {name: timestamp_of(by_key[key]) for name, key in self.witnesses.items() if key in by_key}
        if self.waits and not self._met(self.quorum, heard):
            silent = sorted(set(self.witnesses) - set(heard))
            raise EvidenceError(
                "quorum_not_met",
                sentence(
                    "quorum {quorum} is not met: heard {heard}, not heard {silent}",
                    quorum=self.quorum,
                    heard=sorted(heard),
                    silent=silent,
                ),
            )
        return Trusted(head, heard)

    def _met(self, name: str, heard: Mapping[str, int]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in heard
        return sum(self._met(member, heard) for member in group.members) >= group.needed


@dataclass
class _Reading:
    """A policy while its lines are read."""

    logs: list[note.NoteKey] = field(default_factory=list)
    witnesses: dict[str, note.NoteKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    urls: dict[str, str] = field(default_factory=dict)
    quorum: str | None = None
    log_keys: tuple[type[note.NoteKey], ...] = LOG_KEYS

    def line(self, number: int, items: list[str]) -> None:
        match items:
            case ["log", vkey] | ["log", vkey, _]:
                self.logs.append(self._key(number, vkey, self.log_keys))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._name(number, name)
                self.witnesses[name] = self._key(number, vkey, COSIGNERS)
                self.urls |= dict.fromkeys([name], url[0]) if url else {}
            case ["group", name, needed, first, *rest]:
                self._group(number, name, needed, (first, *rest))
            case ["quorum", name]:
                if self.quorum is not None:
                    raise _bad(number, sentence("the quorum is named a second time"))
                if name != _NONE:
                    self._known(number, name)
                self.quorum = name
            case _:
                raise _bad(
                    number,
                    sentence("is none of log, witness, group and quorum with their items"),
                )

    def _group(self, number: int, name: str, needed: str, members: tuple[str, ...]) -> None:
        for member in members:
            self._known(number, member)
            if member in self.members:
                raise _bad(number, sentence("{member} is a member a second time", member=member))
            self.members.add(member)
        self._name(number, name)
        match needed:
            case "all":
                count = len(members)
            case "any":
                count = 1
            case _ if _COUNT.fullmatch(needed) and int(needed) <= len(members):
                count = int(needed)
            case _:
                raise _bad(
                    number,
                    sentence(
                        "{needed} is not all, any or a number from 1 to {members}", needed=needed, members=len(members)
                    ),
                )
        self.groups[name] = Group(count, members)

    def _key(self, number: int, vkey: str, kinds: tuple[type[note.NoteKey], ...]) -> note.NoteKey:
        try:
            key = note.parse_key(vkey, kinds)
        except EvidenceError as error:
            raise _bad(number, error.told) from error
        if any(key.public_key == other.public_key for other in (*self.logs, *self.witnesses.values())):
            raise _bad(number, sentence("its public key stands on another line too"))
        return key

    def _name(self, number: int, name: str) -> None:
        if name == _NONE or not note.NAME.fullmatch(name) or name in self.witnesses or name in self.groups:
            raise _bad(number, sentence("{name} is reserved or already taken", name=name))

    def _known(self, number: int, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise _bad(number, sentence("{name} is not defined on an earlier line", name=name))


def parse_policy(data: bytes, log_keys: tuple[type[note.NoteKey], ...] = LOG_KEYS) -> Policy:
    """Parse a policy file.

    ``log_keys`` are the kinds of keys that a log may be listed by. Raises MalformedError that names the line.
    """
    reading = _Reading(log_keys=log_keys)
    for number, items in _lines(data):
        reading.line(number, items)
    if not reading.logs:
        raise _bad(0, sentence("no log is listed"))
    if reading.quorum is None:
        raise _bad(0, sentence("no quorum is named; `quorum none` says that none is asked for"))
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum, reading.urls)


def _lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise _bad(data[: error.start].count(b"\n") + 1, sentence("is not UTF-8")) from error
    if not text.endswith("\n"):
        raise _bad(text.count("\n") + 1, sentence("does not end with a newline"))
    for number, line in enumerate(text.split("\n")[:-1], 1):
        if _FORBIDDEN.search(line):
            raise _bad(number, sentence("holds a control character"))
        items = [item for item in re.split("[ \t]+", line) if item]
        if items and not items[0].startswith("#"):
            yield number, items


def _bad(number: int, told: Pair) -> MalformedError:
    if not number:
        return MalformedError("bad_policy", sentence("the policy: {told}", told=told), line=number)
    where = sentence("line {number} of the policy: {told}", number=number, told=told)
    return MalformedError("bad_policy", where, line=number)
