"""Vectors of a statement by itself and of who signs it: form, identity, seats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.spec.small_log import SmallLog, id_of, key
from tests.spec.vector import Spoil, Vector, vector


def with_members(**members: Any) -> Spoil:
    return lambda log: log.incident("I", **members)


def _payload(**members: Any) -> Spoil:
    return lambda log: log.incident("I", payload=members)


def vectors_of_form() -> list[Vector]:
    evidence = {"class": "P", "label": "x", "sha256": "0" * 64}
    late = {"kind": "delayed", "reason": "x"}
    return [
        vector(
            "schema", "A schema version that is not known is refused.", with_members(), with_members(schema=2), "entry"
        ),
        vector(
            "type",
            "A type that is not known is refused.",
            with_members(),
            with_members(type="IncidentForgotten"),
            "entry",
        ),
        vector("role", "A role is one of the fifteen.", with_members(), with_members(role="XXX"), "entry"),
        vector(
            "null",
            "null stands nowhere; absent members are left out.",
            _payload(level="city"),
            _payload(level=None),
            "entry",
        ),
        vector(
            "null of a statement", "null stands nowhere.", with_members(late=late), with_members(late=None), "entry"
        ),
        vector(
            "members", "A statement has its members and no others.", with_members(), with_members(note="x"), "entry"
        ),
        vector(
            "a member missing", "A statement has all its members.", with_members(), with_members(causes=...), "entry"
        ),
        vector(
            "basis",
            "basis: <pack>:<article>, 1 to 40 of A-Z a-z 0-9 _ . -, a colon, 1 to 80 characters and no newline.",
            with_members(basis=["XX:第一条"]),
            with_members(basis=["XX 第一条"]),
            "entry",
        ),
        vector(
            "causes",
            "causes are UUIDv7 in lower case.",
            with_members(causes=[id_of("person dep")]),
            with_members(causes=["person dep"]),
            "entry",
        ),
        vector(
            "evidence",
            "evidence: sha256 is 64 lower-case hexadecimal digits.",
            with_members(evidence=[evidence]),
            with_members(evidence=[evidence | {"sha256": "0" * 63}]),
            "entry",
        ),
        vector(
            "evidence class",
            "evidence: class is P or R.",
            with_members(evidence=[evidence | {"class": "R"}]),
            with_members(evidence=[evidence | {"class": "S"}]),
            "entry",
        ),
        vector(
            "evidence label",
            "evidence: label has 1 to 500 characters.",
            with_members(evidence=[evidence]),
            with_members(evidence=[evidence | {"label": ""}]),
            "entry",
        ),
        vector(
            "late",
            "late.kind is delayed or legacy_import.",
            with_members(late=late),
            with_members(late=late | {"kind": "late"}),
            "entry",
        ),
        vector(
            "late reason",
            "late has kind and reason.",
            with_members(late=late | {"kind": "legacy_import"}),
            with_members(late={"kind": "delayed"}),
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
            with_members(effective_at="2024-01-01T08:00:00.123456+08:00"),
            with_members(effective_at="2024-01-01T09:00:00+09:00"),
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
        vector("log", "log is the origin.", with_members(), with_members(log="another.rongjian.example"), "log"),
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


def vectors_of_identity() -> list[Vector]:
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
        vector("once", "No later entry is a genesis.", with_members(), _second_genesis, "genesis"),
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
