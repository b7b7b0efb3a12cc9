"""Events of identity, keys and roles, and the genesis of a log.

``GenesisDeclared`` stands before the 65: every later permission is derived from the log, so the log's first
entry has to name who may give the first ones. It is signed by every founder's key (proof of possession).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ledger.events.kinds import Day, EventId, Hash, Id, Instant, PublicKeyText, RoleCode, Sector, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term

Algorithm = Literal["Ed25519", "SM2", "WebAuthn-ES256"]
PrincipalKind = Literal["organisation", "public_body", "agency", "person", "pseudonym"]
Custody = Literal["software", "ukey", "hsm"]
Mode = Literal["production", "simulation"]


class Founder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A principal that exists by genesis: its role and its first key."""

    principal_id: Id
    kind: PrincipalKind
    role: Literal["OPR", "GOV", "SECH"]
    algorithm: Algorithm
    key_id: Hash
    public_key: PublicKeyText
    org_name: Text | None = None


@event(
    "GenesisDeclared",
    *term("act", "Genesis declared"),
    signers="OPR",
    tags="p:founders[].principal_id k:founders[].key_id",
    serves="audit base of all",
    guard="the log is empty; every founder's key has signed; OPR, GOV and SECH are present",
    reads="editions",
)
class GenesisDeclared(Payload, frozen=True):
    """The first entry: which log this is, for whom, and who founded it."""

    mode: Mode
    jurisdiction: Text
    jurisdiction_code: Text
    founders: list[Founder]


@event(
    "PrincipalRegistered",
    *term("act", "Principal registered"),
    signers="OPR+SECH",
    tags="p:principal_id u:uscc",
    serves="ZY13(1) JD一(二),三(一) HY7(1) GZ3,6,13(1)",
    guard="credit code check digits and uniqueness; kind=person never has a clear name",
    restricted={
        "person_name": Restricted(Text, "principal_id", "personal"),
        "id_number": Restricted(Text, "principal_id", "personal"),
        "contact": Restricted(Text, "principal_id", "personal"),
    },
)
class PrincipalRegistered(Payload, frozen=True):
    principal_id: Id
    kind: PrincipalKind
    org_name: Text | None = None
    uscc: Text | None = None
    org_form: Literal["enterprise", "institution", "social_org", "other"] | None = None
    sector: Sector | None = None
    reg_place: Text | None = None
    established_on: Day | None = None


@event(
    "PrincipalUpdated",
    *term("act", "Principal updated"),
    signers="OPR+DEP",
    tags="p:principal_id p:successor_ids[]",
    serves="ZY13(1) JD三(二)1 GZ6,13(1); bans follow (G25)",
    guard="successor registered; no cycle",
    restricted={"contact": Restricted(Text, "principal_id", "personal")},
    reads="own_kind",
)
class PrincipalUpdated(Payload, frozen=True):
    principal_id: Id
    kind: Literal[
        "renamed",
        "moved",
        "sector_changed",
        "merged",
        "split",
        "deregistered",
        "reinstated",
        "contact",
    ]
    source_doc_no: Text
    new_name: Text | None = None
    new_sector: Sector | None = None
    successor_ids: list[Id] | None = None


@event(
    "KeyRegistered",
    *term("act", "Key registered (or rotated)"),
    signers="APP+OPR / REC+OPR / DEP+OPR / SEC+OPR / SECH+OPR / REV+OPR / LEAD+OPR / COM+OPR / CHR+OPR / GOV+OPR"
    " / FIN+OPR / SUP+OPR / DIS+OPR / OPR / PUB+OPR[one_time]",
    tags="p:principal_id k:key_id k:replaces",
    serves="audit base of all",
    guard="proof of possession; key_id never seen; `replaces` signs too, or identity re-verified by SECH",
)
class KeyRegistered(Payload, frozen=True):
    principal_id: Id
    key_id: Hash
    algorithm: Algorithm
    public_key: PublicKeyText
    valid_from: Instant
    valid_until: Instant
    custody: Custody
    replaces: Hash | None = None


@event(
    "KeyRevoked",
    *term("act", "Key revoked"),
    signers="APP / REC / DEP / SEC / SECH / REV / LEAD / COM / CHR / GOV / FIN / SUP / DIS / OPR / PUB[one_time]"
    " / SUP+SUP[forced] / OPR+SUP[forced]",
    tags="p:principal_id k:key_id",
    serves="audit base of all",
    guard="key known; own key, or OPR+SUP; later use refused",
)
class KeyRevoked(Payload, frozen=True):
    principal_id: Id
    key_id: Hash
    reason: Literal["rotated", "lost", "compromised", "left_office", "sanction"]
    compromised_since: Instant | None = None


class RoleScope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a role counts; empty means the whole jurisdiction."""

    edition: Id | None = None
    body: Id | None = None
    org: Id | None = None


@event(
    "RoleGranted",
    *term("act", "Role granted"),
    signers="GOV / SECH",
    tags="p:principal_id ed:scope.edition",
    serves="ZY7,8,10,11 JD二 HY5,6 JS四.3(§7,8) GZ2,10,11",
    guard="GOV grants SECH, COM, CHR, FIN, SUP, DIS, OPR; SECH the rest; separation of duties S1-S8",
)
class RoleGranted(Payload, frozen=True):
    principal_id: Id
    role: RoleCode
    valid_from: Day
    instrument_no: Text
    scope: RoleScope = msgspec.field(default_factory=RoleScope)
    valid_until: Day | None = None


@event(
    "RoleWithdrawn",
    *term("act", "Role withdrawn"),
    signers="GOV / SECH",
    tags="p:principal_id x:grant_id",
    serves="ZY26 JD七(六) HY26 GZ32",
    guard="grant live",
)
class RoleWithdrawn(Payload, frozen=True):
    principal_id: Id
    grant_id: EventId
    from_on: Day
    reason: Literal["term_end", "transfer", "sanction", "conflict"]
