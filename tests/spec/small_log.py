"""A log of a few entries without a database: every key, id and instant follows from its name, so that it is the same
each time.

Admission is not asked: this writes what a ledger would refuse as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import canonical
from ledger.entry import frame
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.tlog.note import VerifierKey

ORIGIN = "vectors.rongjian.example"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"the log").digest())
OTHER_LOG_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"the log, another key").digest())
VKEY, OTHER_VKEY = (str(VerifierKey(ORIGIN, k.public_key().public_bytes_raw())) for k in (LOG_KEY, OTHER_LOG_KEY))

#: The day on which the first entries are recorded, at noon in Shanghai.
BEGIN = datetime(2024, 1, 1, 4, tzinfo=UTC)
FAR = "2099-01-01T00:00:00+08:00"
PACK = """\
# The pack that the regulation names: an invented text.
[pack]
id = "XX"
version = "2024"
encoding = 1
status = "legacy_stub"
title = "某办法（演示）"
title_en = "A text (demonstration)"
jurisdiction = "某区"
jurisdiction_code = "410102"
doc_no = "演〔2024〕1号（演示）"
in_force = { kind = "on_publication" }
grounds = []

[awards]
quality = { zh = "质量奖", en = "Quality Award" }

[transition]
procedure = "pinned"
eligibility = "pinned"
money = "pinned"
validity = "pinned"
sanction = "pinned"
""".encode()
PACK_HASH = hashlib.sha256(PACK).hexdigest()


def key(name: str) -> PrivateKey:
    """The key of a principal, or any other key, by its name."""
    return PrivateKey(hashlib.sha256(f"key of {name}".encode()).digest())


def id_of(name: str) -> str:
    """A statement id by its name."""
    digits = hashlib.sha256(f"id of {name}".encode()).hexdigest()
    return f"018cc251-f400-7{digits[:3]}-8{digits[3:6]}-{digits[6:18]}"


@dataclass
class SmallLog:
    """Entries next in order. What is signed is given whole, so that any member of a statement can be another."""

    entries: list[bytes] = field(default_factory=list)
    now: datetime = BEGIN

    def at(self, instant: datetime) -> SmallLog:
        """What follows is recorded from this instant on."""
        self.now = instant
        return self

    def record(
        self, type_: str, actor: str, role: str, payload: dict[str, Any], *signers: str, name: str = "", **members: Any
    ) -> str:
        """One more entry, a second after the last, signed by the actor and by ``signers``; returns the statement's id.

        ``members`` replace those of the statement; one that is ``...`` is left out.
        """
        statement = {
            "type": type_,
            "schema": 1,
            "log": ORIGIN,
            "id": id_of(name or f"{type_} {len(self.entries)}"),
            "actor": actor,
            "role": role,
            "effective_at": (self.now + timedelta(hours=8)).date().isoformat(),
            "basis": [],
            "causes": [],
            "evidence": [],
            "payload": payload,
            "sd": {},
        } | members
        body = canonical.encode({k: v for k, v in statement.items() if v is not ...})
        envelope = dsse.sign(
            body,
            *(key(who) for who in ([] if "-actor" in signers else [actor])),
            *(key(who) for who in signers if who != "-actor"),
        )
        self.entries.append(frame(envelope.to_bytes(), self.now))
        self.now += timedelta(seconds=1)
        return str(statement["id"])

    def genesis(self, *signers: str, roles: Sequence[str] = ("GOV", "OPR", "SECH"), **members: Any) -> str:
        """The three founders, whose keys are named for them."""
        founders = [
            {"principal_id": who, "kind": "public_body", "role": role, "org_name": who, **public(who)}
            for who, role in zip(("gov", "opr", "sech"), roles, strict=True)
        ]
        payload = {"mode": "simulation", "jurisdiction": "某区", "jurisdiction_code": "410102", "founders": founders}
        return self.record("GenesisDeclared", "opr", "OPR", payload, *signers, name="genesis", **members)

    def person(self, who: str, **members: Any) -> str:
        """A principal without a role and a key."""
        payload = {"principal_id": who, "kind": "person"}
        return self.record("PrincipalRegistered", "opr", "OPR", payload, "sech", name=f"person {who}", **members)

    def grant(self, who: str, role: str, *, by: str = "gov", name: str = "", **members: Any) -> str:
        """A role, from the day of recording on unless said otherwise."""
        day = (self.now + timedelta(hours=8)).date().isoformat()
        payload = {"principal_id": who, "role": role, "valid_from": day, "instrument_no": "演〔2024〕1号", **members}
        return self.record("RoleGranted", by, "GOV", payload, name=name or f"grant {who} {role}")

    def register_key(self, who: str, role: str, *signers: str, of: str = "", **members: Any) -> str:
        """A key of a principal, named ``of`` or for the principal; signed by that key and by ``signers``."""
        named = of or who
        payload = {
            "principal_id": who,
            "valid_from": "2024-01-01T00:00:00+08:00",
            "valid_until": FAR,
            "custody": "software",
            **public(named),
        } | members
        return self.record(
            "KeyRegistered",
            who,
            role,
            payload,
            *(["-actor", named] if named != who else []),
            *signers,
            name=f"key {named}",
        )

    def person_with_role(self, who: str, role: str, **members: Any) -> SmallLog:
        """A principal, its role and its key."""
        self.person(who)
        self.grant(who, role, **members)
        self.register_key(who, role, "opr")
        return self

    def incident(
        self, name: str, *signers: str, by: str = "dep", role: str = "DEP", payload: Any = (), **members: Any
    ) -> str:
        """The plainest act there is: one seat, no second signature."""
        stated = {
            "incident_id": name,
            "org": "A",
            "category": "other",
            "domain": "other",
            "severity": "na",
            "fatal": False,
            "responsible": True,
            "occurred_on": "2024-01-01",
            "determined_on": "2024-01-01",
            "authority": "某局",
            "doc_no": "演〔2024〕2号",
        } | dict(payload)
        return self.record("IncidentRecorded", by, role, stated, *signers, name=f"incident {name}", **members)

    def regulation(self, *signers: str, **members: Any) -> str:
        """A regulation that names a document by ``pack_hash``."""
        payload = {
            "pack_id": "XX",
            "version": "2024",
            "encoding": 1,
            "kind": "enactment",
            "title": "某办法",
            "status": "in_force",
            "in_force_rule": {"kind": "on_publication"},
            "text_hash": "0" * 64,
            "pack_hash": PACK_HASH,
            "transition": "pinned",
        }
        return self.record("RegulationEnacted", "gov", "GOV", payload, *signers, **members)


def public(name: str) -> dict[str, str]:
    """The members that state a public key."""
    of = key(name).public
    return {"algorithm": of.algorithm, "key_id": of.keyid, "public_key": of.raw.hex()}


def begun() -> SmallLog:
    """A log in which the department, supervision and a secretary can act, under a regulation."""
    log = SmallLog()
    log.genesis("gov", "sech")
    for who, role in (("dep", "DEP"), ("sup", "SUP"), ("sec", "SEC")):
        log.person_with_role(who, role)
    log.regulation("opr")
    return log
