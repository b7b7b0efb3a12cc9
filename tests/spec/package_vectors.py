"""Which keys an evidence package of each kind has to prove: vectors over one small log, each with a list that lacks a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.evidence.needed import needed_keys
from ledger.entry import parse
from tests.spec.small_log import SmallLog, begun

_DAY = "2024-01-01"


@dataclass(frozen=True)
class Asked:
    """A package about a subject; ``lacks`` is the key that the spoilt one leaves out."""

    name: str
    kind: str
    subject: str
    flags: bool
    lacks: str
    derivation: int = 2


PACKAGES = [
    Asked("a case", "case", "XX-2024/A", flags=False, lacks="SanctionImposed p:sup"),
    Asked("a case of an earlier derivation", "case", "XX-2024/A", flags=False, lacks="c:XX-2024/A", derivation=1),
    Asked("an award", "award", "XX-2024-A", flags=False, lacks="a:XX-2024-A"),
    Asked("an award with flags", "award", "XX-2024-A", flags=True, lacks="ed:XX-2024"),
    Asked("an organisation", "org", "A", flags=False, lacks="GovernmentDecisionMade d:D-2"),
    Asked("an organisation that succeeded another", "org", "B", flags=False, lacks="o:A"),
    Asked("an organisation with flags", "org", "A", flags=True, lacks="p:sec"),
    Asked("an edition", "edition", "XX-2024", flags=True, lacks="o:A"),
]


def log_of_packages() -> SmallLog:
    """A body, an application, a notice, an objection, an award and its revocation, and an organisation that goes on."""
    log = begun()
    log.grant("dep", "APP")
    member = {"principal_id": "sup", "seat": "chair", "capacity": "expert"}
    body = {
        "body_id": "K",
        "edition_id": "XX-2024",
        "kind": "committee",
        "revision": 0,
        "members": [member],
        "instrument_no": "x",
    }
    log.record("BodyConstituted", "gov", "GOV", body)
    applied = {
        "case_id": "XX-2024/A", "org": "A", "award": "quality", "sector": "manufacturing", "years_operating": "5", "form_hash": "0" * 64,
        "self_assessment_hash": "0" * 64, "data_years": 3, "truth_declared": True, "state_secret_claimed": False,
    }  # fmt: skip
    log.record("ApplicationFiled", "dep", "APP", applied, sd={"/financials": "A" * 43}, name="applied")
    opened = {
        "notice_id": "N-1", "edition_id": "XX-2024", "kind": "candidates", "cases": ["XX-2024/A"], "opened_on": _DAY, "promised_end": _DAY,
        "channels": ["x"], "page_hash": "0" * 64, "contact": "x",
    }  # fmt: skip
    log.record("PublicNoticeOpened", "sec", "SEC", opened)
    granted = {
        "award_id": "XX-2024-A", "case_id": "XX-2024/A", "org": "A", "award": "quality", "decision_id": "D-1", "granted_on": _DAY, "doc_no": "x",
    }  # fmt: skip
    log.record("AwardGranted", "gov", "GOV", granted, "sech")
    revoked = {
        "award_id": "XX-2024-A", "org": "A", "decision_id": "D-2", "ground": "fraud", "effective_on": _DAY, "doc_no": "x", "void_from": "effective",
    }  # fmt: skip
    log.record("AwardRevoked", "gov", "GOV", revoked, "sech")
    log.person("A")
    log.person("B")
    merged = {"principal_id": "A", "kind": "merged", "successor_ids": ["B"], "source_doc_no": "x"}
    log.record("PrincipalUpdated", "opr", "OPR", merged, "dep")
    return log


def needed(asked: Asked) -> list[str]:
    """What ours asks of a package that holds this log whole."""
    events = [parse(position, entry) for position, entry in enumerate(log_of_packages().entries, 1)]
    return needed_keys(asked.kind, asked.subject, events, flags=asked.flags, derivation=asked.derivation)


def to_json(asked: Asked) -> dict[str, Any]:
    """As the file of vectors has it: the keys that have to be proven, and the one that the spoilt list has not."""
    keys = needed(asked)
    assert asked.lacks in keys, (asked, keys)
    return {
        "name": asked.name, "subject": {"id": asked.subject, "kind": asked.kind}, "flags": asked.flags, "derivation": asked.derivation,
        "good": {"keys": keys}, "spoilt": {"keys": [k for k in keys if k != asked.lacks], "lacks": asked.lacks},
    }  # fmt: skip
