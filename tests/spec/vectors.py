"""Small logs, a good one and a spoilt one for each sentence of the specification: ``python -m tests.spec.vectors
docs/spec/vectors.json``.

Both verifiers say of each what stands with it; whoever writes a third one starts here. The file is made by this script
and by nothing else, and comes out the same each time.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import leaf_hash, root_of
from ledger.tlog.note import sign
from ledger.tlog.tag_index import IndexHead
from ledger.tlog.tiles import bundle
from tests.spec.folders import index_log_files, index_note
from tests.spec.sm2_lines import SM2Line
from tests.spec.small_log import (
    LOG_KEY,
    ORIGIN,
    OTHER_LOG_KEY,
    OTHER_VKEY,
    PACK,
    PACK_HASH,
    VKEY,
    SmallLog,
    begun,
    id_of,
    key,
)

Spoil = Callable[[SmallLog], Any]


@dataclass(frozen=True)
class Case:
    """One log: its entries, what its folder has otherwise than an export (None: no such file), the reader's keys, the
    places that are wrong.
    """

    entries: list[bytes]
    finds: list[tuple[int, str]] = field(default_factory=list)
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    vkeys: tuple[str, ...] = (VKEY,)

    def to_json(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "entries": [base64.b64encode(e).decode() for e in self.entries],
            "finds": self.finds,
            "vkeys": self.vkeys,
        }
        files = {n: None if c is None else base64.b64encode(c).decode() for n, c in self.files.items()}
        return value | ({"files": files} if files else {})


@dataclass(frozen=True)
class Vector:
    """A rule in a sentence, a log that keeps it and one that does not."""

    name: str
    rule: str
    good: Case
    spoilt: Case


def _log(act: Spoil | None, start: Callable[[], SmallLog] = begun) -> SmallLog:
    log = start()
    if act is not None:
        act(log)
    return log


def vector(
    name: str, rule: str, good: Spoil, spoilt: Spoil, *fields: str, start: Callable[[], SmallLog] = begun
) -> Vector:
    """Both acts on logs that begin alike; the spoilt one is wrong in its last entry, in each of ``fields``."""
    bad = _log(spoilt, start)
    return Vector(
        name, rule, Case(_log(good, start).entries), Case(bad.entries, [(len(bad.entries), f) for f in fields])
    )


def _noon(log: SmallLog, days: int) -> SmallLog:
    return log.at(log.now.replace(hour=4, minute=0, second=0) + timedelta(days=days))


def _with(**members: Any) -> Spoil:
    return lambda log: log.incident("I", **members)


def _payload(**members: Any) -> Spoil:
    return lambda log: log.incident("I", payload=members)


def _form() -> list[Vector]:
    evidence = {"class": "P", "label": "x", "sha256": "0" * 64}
    late = {"kind": "delayed", "reason": "x"}
    return [
        vector("schema", "A schema version that is not known is refused.", _with(), _with(schema=2), "entry"),
        vector("type", "A type that is not known is refused.", _with(), _with(type="IncidentForgotten"), "entry"),
        vector("role", "A role is one of the fifteen.", _with(), _with(role="XXX"), "entry"),
        vector(
            "null",
            "null stands nowhere; absent members are left out.",
            _payload(level="city"),
            _payload(level=None),
            "entry",
        ),
        vector("null of a statement", "null stands nowhere.", _with(late=late), _with(late=None), "entry"),
        vector("members", "A statement has its members and no others.", _with(), _with(note="x"), "entry"),
        vector("a member missing", "A statement has all its members.", _with(), _with(causes=...), "entry"),
        vector(
            "basis",
            "basis: <pack>:<article>, 1 to 40 of A-Z a-z 0-9 _ . -, a colon, 1 to 80 characters and no newline.",
            _with(basis=["XX:第一条"]),
            _with(basis=["XX 第一条"]),
            "entry",
        ),
        vector(
            "causes",
            "causes are UUIDv7 in lower case.",
            _with(causes=[id_of("person dep")]),
            _with(causes=["person dep"]),
            "entry",
        ),
        vector(
            "evidence",
            "evidence: sha256 is 64 lower-case hexadecimal digits.",
            _with(evidence=[evidence]),
            _with(evidence=[evidence | {"sha256": "0" * 63}]),
            "entry",
        ),
        vector(
            "evidence class",
            "evidence: class is P or R.",
            _with(evidence=[evidence | {"class": "R"}]),
            _with(evidence=[evidence | {"class": "S"}]),
            "entry",
        ),
        vector(
            "evidence label",
            "evidence: label has 1 to 500 characters.",
            _with(evidence=[evidence]),
            _with(evidence=[evidence | {"label": ""}]),
            "entry",
        ),
        vector(
            "late",
            "late.kind is delayed or legacy_import.",
            _with(late=late),
            _with(late=late | {"kind": "late"}),
            "entry",
        ),
        vector(
            "late reason",
            "late has kind and reason.",
            _with(late=late | {"kind": "legacy_import"}),
            _with(late={"kind": "delayed"}),
            "entry",
        ),
        vector(
            "days", "A day exists.", _payload(occurred_on="2024-02-29"), _payload(occurred_on="2023-02-29"), "entry"
        ),
        vector(
            "years",
            "Wherever a string has the form of a day or an instant with T, its year is 1900 to 2999.",
            _payload(occurred_on="1900-01-01"),
            _payload(occurred_on="1899-12-31"),
            "entry",
        ),
        vector(
            "years of text",
            "Wherever a string has the form of a day or an instant with T, its year is 1900 to 2999.",
            _payload(doc_no="1899"),
            _payload(doc_no="1899-12-31"),
            "entry",
        ),
        vector(
            "instant of effect",
            "effective_at as an instant has T, Z or +08:00, and at most six decimals.",
            _with(effective_at="2024-01-01T08:00:00.123456+08:00"),
            _with(effective_at="2024-01-01T09:00:00+09:00"),
            "entry",
        ),
        vector(
            "instant of a payload",
            "An instant in a payload is RFC 3339: T, t or a blank; Z, z or an offset with or without its colon; "
            "any decimals, of which the seventh rounds half up.",
            lambda log: log.register_key(
                "dep", "DEP", "dep", "opr", of="dep again", valid_from="2024-01-01 00:00:00.1234567+0530"
            ),
            lambda log: log.register_key("dep", "DEP", "dep", "opr", of="dep again", valid_from="2024-01-01T00:00:00"),
            "entry",
        ),
        vector("log", "log is the origin.", _with(), _with(log="another.rongjian.example"), "log"),
        vector("surrogates", "Strings are Unicode: no lone surrogates.", _payload(doc_no="𝄞"), _surrogate, "entry"),
    ]


def _surrogate(log: SmallLog) -> None:
    """A statement that only bytes can hold: a lone surrogate is written as its escape."""
    log.incident("I", payload={"doc_no": "SURROGATE"})
    log.entries[-1] = _resigned(log.entries[-1], lambda body: body.replace(b"SURROGATE", rb"\ud800"), "dep")


def _resigned(entry: bytes, change: Callable[[bytes], bytes], *signers: str) -> bytes:
    from ledger.entry import frame, unframe
    from ledger.signing import envelope as dsse

    envelope, at = unframe(entry)
    return frame(dsse.sign(change(dsse.parse(envelope).body), *(key(who) for who in signers)).to_bytes(), at)


def _genesis(*signers: str) -> Spoil:
    return lambda log: log.genesis(*signers)


def _second_genesis(log: SmallLog) -> None:
    log.genesis("gov", "sech", id=id_of("genesis again"))


def _identity() -> list[Vector]:
    return [
        vector(
            "founders",
            "The genesis is signed by every founder's key.",
            _genesis("gov", "sech"),
            _genesis("gov"),
            "founder sech",
            start=SmallLog,
        ),
        vector(
            "founding roles",
            "The founders are one GOV, one OPR and one SECH, each another principal.",
            _genesis("gov", "sech"),
            lambda log: log.genesis("gov", "sech", roles=("GOV", "OPR", "OPR")),
            "founders",
            start=SmallLog,
        ),
        vector(
            "first",
            "The first entry is the genesis.",
            _genesis("gov", "sech"),
            lambda log: log.person("x"),
            "genesis",
            "signature",
            "actor",
            "role",
            "countersignature",
            start=SmallLog,
        ),
        vector("once", "No later entry is a genesis.", _with(), _second_genesis, "genesis"),
        vector(
            "another person",
            "Another natural person is another principal, be it a public body: which human being stands behind a "
            "principal no log tells.",
            lambda log: log.regulation("opr", name="again"),
            _both_roles,
            "countersignature",
        ),
        vector(
            "further signatures",
            "Further signatures may be there if they are of registered keys and good.",
            lambda log: log.incident("I", "sup"),
            lambda log: log.incident("I", "nobody"),
            "signature",
        ),
        vector(
            "override",
            "An override is signed by another principal who holds SUP or GOV as well.",
            lambda log: log.incident("I", "sup", override=OVERRIDE),
            lambda log: log.incident("I", "sec", override=OVERRIDE),
            "override",
        ),
        vector(
            "only_if",
            "Conditions of seats (only_if) are admission's: a verifier takes every seat of the role.",
            lambda log: log.record("EventAnnulled", "dep", "DEP", ANNULLED, "sech", name="annulled"),
            lambda log: log.record("EventAnnulled", "dep", "DEP", ANNULLED, name="annulled"),
            "countersignature",
        ),
        vector(
            "a new key",
            "A new key signs its own registration.",
            lambda log: log.register_key("dep", "DEP", "dep", "opr", of="dep again"),
            _unsigned_key,
            "introduction",
        ),
        vector(
            "introduced",
            "A further key of a principal is vouched for by a key of the same principal, or by SECH or GOV.",
            lambda log: log.register_key("dep", "DEP", "opr", "sech", of="dep again"),
            lambda log: log.register_key("dep", "DEP", "opr", of="dep again"),
            "introduction",
        ),
    ]


OVERRIDE = {"instrument_no": "演〔2024〕3号", "reason": "x"}
ANNULLED = {"target": id_of("person sup"), "reason": "error", "effect": "void_ab_initio"}


def _unsigned_key(log: SmallLog) -> None:
    log.register_key("dep", "DEP", "dep", "opr", of="dep again")
    log.entries[-1] = _resigned(log.entries[-1], lambda body: body, "dep", "opr")


def _both_roles(log: SmallLog) -> None:
    """The government holds the registrar's role too, and signs with two keys of its own."""
    log.grant("gov", "OPR", by="gov")
    log.register_key("gov", "GOV", "gov", "opr", of="gov again")
    log.regulation("gov again", name="again")


def _until(minutes: int) -> Spoil:
    """The department's further key ends at half past the hour; an act by it alone, minutes from then."""

    def act(log: SmallLog) -> None:
        end = log.now.replace(minute=30, second=0)
        log.register_key("dep", "DEP", "dep", "opr", of="dep again", valid_until=end.isoformat().replace("+00:00", "Z"))
        log.at(end + timedelta(minutes=minutes)).incident("I", "-actor", "dep again")

    return act


def _from(seconds: int) -> Spoil:
    def act(log: SmallLog) -> None:
        start = log.now.replace(minute=30, second=0)
        log.register_key(
            "dep", "DEP", "dep", "opr", of="dep again", valid_from=start.isoformat().replace("+00:00", "Z")
        )
        log.at(start + timedelta(seconds=seconds)).incident("I", "-actor", "dep again")

    return act


def _revoked(*, before: bool) -> Spoil:
    """A key that is said to be out of hand since before its last act; the act, before or after that is recorded."""

    def act(log: SmallLog) -> None:
        since = log.now.isoformat().replace("+00:00", "Z")
        _noon(log, 1)
        if before:
            log.incident("I")
        payload = {
            "principal_id": "dep",
            "key_id": key("dep").public.keyid,
            "reason": "compromised",
            "compromised_since": since,
        }
        log.record("KeyRevoked", "opr", "OPR", payload, "sech", name="revoked")
        if not before:
            log.incident("I")

    return act


def _term(days: int) -> Spoil:
    """A role until the eleventh; an act ``days`` after that."""

    def act(log: SmallLog) -> None:
        log.grant("dep", "SEC", valid_until="2024-01-11")
        _noon(log, 10 + days).record("AnnouncementPublished", "dep", "SEC", ANNOUNCED, name="announced")

    return act


ANNOUNCED = {
    "pub_id": "PUB-1",
    "kind": "other",
    "about": [],
    "published_on": "2024-01-01",
    "channels": ["x"],
    "page_hash": "0" * 64,
}


def _withdrawn(grant: str, who: str, days: int) -> Spoil:
    """A role withdrawn from the fifth on; an act under it, ``days`` from then."""

    def act(log: SmallLog) -> None:
        payload = {"principal_id": who, "grant_id": id_of(grant), "from_on": "2024-01-05", "reason": "transfer"}
        log.record("RoleWithdrawn", "gov", "GOV", payload, name="withdrawn")
        _noon(log, 4 + days)
        if who == "sup":
            log.record("EventAnnulled", "sup", "SUP", ANNULLED, name="annulled")
        else:
            log.record("RoleGranted", "sech", "SECH", {**GRANTED, "principal_id": "x"}, name="granted")

    return act


GRANTED = {"principal_id": "dep", "role": "PUB", "valid_from": "2024-01-01", "instrument_no": "x"}


def _sanctioned(days: int) -> Spoil:
    """A reviewer whose eligibility is cancelled until the eleventh; an act as reviewer, ``days`` from then."""

    def act(log: SmallLog) -> None:
        log.grant("dep", "REV")
        payload = {
            "subject": "dep",
            "subject_kind": "reviewer",
            "measure": "review_eligibility_cancelled",
            "facts": [id_of("person dep")],
            "until": "2024-01-11",
        }
        log.record("SanctionImposed", "sech", "SECH", payload, "sup", name="sanction")
        revoked = {"principal_id": "dep", "key_id": key("dep").public.keyid, "reason": "lost"}
        _noon(log, 10 + days).record("KeyRevoked", "dep", "REV", revoked, name="revoked")

    return act


def _annulled(target: str) -> Spoil:
    """A grant, or its withdrawal, annulled by supervision; then an act under the role."""

    def act(log: SmallLog) -> None:
        log.grant("dep", "SEC", name="the grant")
        payload = {"principal_id": "dep", "grant_id": id_of("the grant"), "from_on": "2024-01-01", "reason": "transfer"}
        if target == "the withdrawal":
            log.record("RoleWithdrawn", "gov", "GOV", payload, name="the withdrawal")
        log.record("EventAnnulled", "sup", "SUP", ANNULLED | {"target": id_of(target)}, name="annulled")
        log.record("AnnouncementPublished", "dep", "SEC", ANNOUNCED, name="announced")

    return act


def _scoped(role: str) -> Spoil:
    def act(log: SmallLog) -> None:
        log.grant("dep", role, scope={"edition": "XX-2024"})
        log.record("AnnouncementPublished", "dep", "SEC", ANNOUNCED | {"edition_id": "XX-2023"}, name="announced")

    return act


def _effective(day: str) -> Spoil:
    return lambda log: log.at(log.now.replace(hour=15, minute=30)).incident("I", effective_at=day)


def _times() -> list[Vector]:
    return [
        vector("a key begins", "A key signs from the instant valid_from on.", _from(0), _from(-1), "signature"),
        vector(
            "a key ends", "A key does not sign any more at the instant valid_until.", _until(-1), _until(0), "signature"
        ),
        vector(
            "compromised",
            "A revocation makes no entry wrong that was recorded before it, whatever compromised_since says.",
            _revoked(before=True),
            _revoked(before=False),
            "signature",
        ),
        vector("a role ends", "A role is held on the day valid_until.", _term(0), _term(1), "role"),
        vector(
            "a role is withdrawn",
            "A role is not held any more on the day from_on.",
            _withdrawn("grant sup SUP", "sup", -1),
            _withdrawn("grant sup SUP", "sup", 0),
            "role",
        ),
        vector(
            "a founder's role",
            "A founder's role is withdrawn like any other: grant_id is then the id of the genesis.",
            _withdrawn("genesis", "sech", -1),
            _withdrawn("genesis", "sech", 0),
            "role",
        ),
        vector(
            "a sanction", "Eligibility is cancelled on the day until as well.", _sanctioned(1), _sanctioned(0), "role"
        ),
        vector(
            "annulled",
            "An annulment changes nothing here: a grant counts after it, and so does a withdrawal.",
            _annulled("the grant"),
            _annulled("the withdrawal"),
            "role",
        ),
        vector(
            "scope",
            "The scope of a grant is admission's: the role counts whatever the statement is about.",
            _scoped("SEC"),
            _scoped("COM"),
            "role",
        ),
        vector(
            "effect",
            "The day of effect is not after the Shanghai day of recording; an instant of that day is not looked at.",
            _effective("2024-01-01T23:59:00+08:00"),
            _effective("2024-01-02"),
            "effective_at",
        ),
    ]


def _loss(begins: int, ends: int) -> Spoil:
    """A declaration of loss, by the distance from its own position."""

    def act(log: SmallLog) -> None:
        here = len(log.entries) + 1
        payload = {"lost_from": here + begins, "lost_to": here + ends, "root_hash": "00" * 32, "reason": "x"}
        log.record("HistoryLossDeclared", "opr", "OPR", payload, "sech")

    return act


def _attested(*, size: int = 0, root: str = "", declared: str = "") -> Spoil:
    """A head of the entries before, with a time-stamp; ``size`` is added to theirs, ``declared`` is a root declared
    lost before.
    """

    def act(log: SmallLog) -> None:
        here = len(log.entries)
        if declared:
            lost = {"lost_from": here + 1, "lost_to": here + 9, "root_hash": declared, "reason": "x"}
            log.record("HistoryLossDeclared", "opr", "OPR", lost, "sech")
            size_, root_ = here + 9, root
        else:
            size_, root_ = here + size, root or root_of([leaf_hash(e) for e in log.entries]).hex()
        payload = {
            "tree_size": size_,
            "root_hash": root_,
            "attested_at": "2024-01-01T00:00:00Z",
            "time_authority": "x",
            "token": "AAAA",
        }
        log.record("TimeAttested", "opr", "OPR", payload, name="attested")

    return act


def _losses() -> list[Vector]:
    return [
        vector(
            "an attested head",
            "A head that is attested is one of the log itself: root_hash is its root at tree_size.",
            _attested(),
            _attested(root="0" * 64),
            "root_hash",
        ),
        vector(
            "an attested size",
            "A head that is attested is of entries before its own.",
            _attested(),
            _attested(size=1),
            "tree_size",
        ),
        vector(
            "an attested head that is lost",
            "A head that was declared lost before is not compared; any other is.",
            _attested(root="ab" * 32, declared="ab" * 32),
            _attested(root="cd" * 32, declared="ab" * 32),
            "tree_size",
        ),
        vector("a loss", "A loss begins at the position of its declaration.", _loss(0, 0), _loss(1, 1), "lost_from"),
        vector("a loss of nothing", "A loss is of one entry at least.", _loss(0, 5), _loss(0, -1), "lost_from"),
    ]


def _files() -> list[Vector]:
    entries = _log(_with()).entries
    head = Checkpoint(ORIGIN, len(entries), root_of([leaf_hash(e) for e in entries]))
    by_one, by_other = head.signed(LOG_KEY), sign(head.text, ORIGIN, OTHER_LOG_KEY)
    wrong = sign(head.text.replace(f"\n{head.size}\n", "\n1\n"), ORIGIN, OTHER_LOG_KEY).partition("\n\n")[2]
    extended = replace(head, extensions=("x",)).signed(LOG_KEY)
    index, document, two = f"index/{len(entries)}", f"documents/{PACK_HASH}", (VKEY, OTHER_VKEY)
    names = begun().entries.__len__()

    def files(name: str, rule: str, good: Case, spoilt: Case) -> Vector:
        return Vector(name, rule, good, spoilt)

    def case(finds: list[tuple[int, str]], vkeys: tuple[str, ...] = (VKEY,), **changed: bytes | None) -> Case:
        return Case(
            entries,
            finds,
            {{"checkpoint": "checkpoint", "index": index, "document": document}[n]: c for n, c in changed.items()},
            vkeys,
        )

    sm2, three = SM2Line(ORIGIN, "the log, by SM2"), (VKEY, str(SM2Line(ORIGIN, "the log, by SM2").key))
    return [
        files(
            "sm2",
            "An SM2 line of a listed key is verified.",
            case([], three, checkpoint=(by_one + sm2.under(head.text)).encode()),
            case([(0, "log")], three, checkpoint=(by_one + sm2.under(head.text + "x")).encode()),
        ),
        files(
            "sm2 alone",
            "An SM2 line of a listed key is one of the log; of a key that is not listed it is none.",
            case([], three, checkpoint=(head.text + "\n" + sm2.under(head.text)).encode()),
            case([(0, "log")], checkpoint=(head.text + "\n" + sm2.under(head.text)).encode()),
        ),
        files("index", "A folder holds the tag index of its size.", case([]), case([(0, index)], index=None)),
        files(
            "document",
            "A folder holds the documents that pack_hash names.",
            case([]),
            case([(names, document)], document=None),
        ),
        files("document bytes", "A document has its hash.", case([]), case([(names, document)], document=PACK + b"#")),
        files(
            "one key",
            "One listed key of the log is enough; a line of a listed key that is not good spoils the note.",
            case([], two, checkpoint=by_one.encode()),
            case([(0, "log")], two, checkpoint=(by_one + wrong).encode()),
        ),
        files(
            "no key",
            "A line of a key that is not listed is passed over, and proves nothing.",
            case([], checkpoint=(by_one + wrong).encode()),
            case([(0, "log")], checkpoint=by_other.encode()),
        ),
        files(
            "extensions",
            "A head of a log of ours has no extension lines, signed or not.",
            case([]),
            case([(0, "checkpoint")], checkpoint=extended.encode()),
        ),
        files(
            "twice",
            "A key that signs a note twice spoils it.",
            case([], two, checkpoint=(by_one + by_other.partition("\n\n")[2]).encode()),
            case([(0, "log")], checkpoint=(by_one + by_one.partition("\n\n")[2]).encode()),
        ),
    ]


def _index_logs() -> list[Vector]:
    """The log of index heads beside a log: heads of two sizes, the second that of the log itself."""
    entries = _log(_with()).entries
    size = len(entries)
    early, late = (index_note(ORIGIN, entries[:n], LOG_KEY) for n in (2, size))
    other = sign(IndexHead(ORIGIN, 2, 5, bytes(32)).text, ORIGIN, LOG_KEY).encode()
    strange = index_note(ORIGIN, entries[:2], OTHER_LOG_KEY)
    last = sign(IndexHead(ORIGIN, size, 5, bytes(32)).text, ORIGIN, LOG_KEY).encode()
    good = index_log_files(ORIGIN, [early, late], LOG_KEY)
    head = good["index-log/checkpoint"]

    def index_log(name: str, rule: str, finds: list[tuple[int, str]], files: dict[str, bytes]) -> Vector:
        return Vector(name, rule, Case(entries, [], good), Case(entries, finds, files))

    wrong = [(0, "index-log")]
    return [
        index_log(
            "index head",
            "Each index head that is logged is that of the entries up to its size.",
            [(2, "index-log")],
            index_log_files(ORIGIN, [other, late], LOG_KEY),
        ),
        index_log(
            "index head served",
            "index/<size> is the index head that is logged of this size.",
            [(size, "index-log"), (0, f"index/{size}")],
            index_log_files(ORIGIN, [early, last], LOG_KEY),
        ),
        index_log(
            "two index heads",
            "No two index heads of one size are logged with two roots.",
            wrong,
            index_log_files(ORIGIN, [early, other, late], LOG_KEY),
        ),
        index_log(
            "a strange index head",
            "Each entry of the log of index heads is signed by the log.",
            wrong,
            index_log_files(ORIGIN, [strange, late], LOG_KEY),
        ),
        index_log(
            "head of index heads",
            "The head of the log of index heads is signed by a key of the log under the name <origin>/index.",
            wrong,
            good
            | {"index-log/checkpoint": index_log_files(ORIGIN, [early, late], OTHER_LOG_KEY)["index-log/checkpoint"]},
        ),
        index_log(
            "name of index heads",
            "The log of index heads has the origin <origin>/index.",
            wrong,
            good | {"index-log/checkpoint": head.replace(f"{ORIGIN}/index".encode(), ORIGIN.encode())},
        ),
        index_log(
            "entries of index heads",
            "The index heads lead to the head over them.",
            wrong,
            good | {"index-log/tile/entries/000.p/2": bundle([late, early])},
        ),
        index_log(
            "tiles of index heads",
            "Each hash tile of the log of index heads holds the hashes of its entries.",
            [(0, "index-log/tile/0/000.p/2")],
            good | {"index-log/tile/0/000.p/2": bytes(64)},
        ),
    ]


def all_vectors() -> list[Vector]:
    """Every vector, in the order of the specification."""
    return [*_form(), *_identity(), *_times(), *_losses(), *_files(), *_index_logs()]


def document() -> str:
    """The file: entries that all logs begin with are written once, and counted in ``common`` of each log."""
    common = begun().entries

    def told(case: Case) -> dict[str, Any]:
        value, shared = case.to_json(), 0
        while shared < min(len(common), len(case.entries)) and common[shared] == case.entries[shared]:
            shared += 1
        return {"common": shared, **value, "entries": value["entries"][shared:]}

    vectors = [{"name": v.name, "rule": v.rule, "good": told(v.good), "spoilt": told(v.spoilt)} for v in all_vectors()]
    whole = {
        "kind": "rongjian/log-vectors@v1",
        "origin": ORIGIN,
        "documents": [base64.b64encode(PACK).decode()],
        "common": [base64.b64encode(e).decode() for e in common],
        "vectors": vectors,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), "utf-8")
