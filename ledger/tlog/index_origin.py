"""The second log of a log: its index heads, under an origin of its own and the log's own keys (docs/spec, section 14).

A key under another name is another key of a policy (its id is made of both), and a policy may not list one public key
twice. So nobody lists these: they follow from the keys of the log, for a reader as for a witness.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from ledger.tlog.note import NoteKey
from ledger.tlog.policy import Policy

SUFFIX = "/index"

K = TypeVar("K", bound=NoteKey)


def index_origin(origin: str) -> str:
    """The origin of the log of index heads of a log."""
    return origin + SUFFIX


def index_key(key: K) -> K:
    """A log's key under the name by which it signs heads of the log of index heads."""
    return type(key)(index_origin(key.name), key.public_key)


def index_policy(policy: Policy) -> Policy:
    """Whom a reader who trusts by ``policy`` trusts for the logs of index heads: the same keys, witnesses and
    quorum.
    """
    return replace(policy, logs=tuple(index_key(key) for key in policy.logs))
