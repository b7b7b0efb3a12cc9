"""Vectors of times: how long keys, roles and scopes are good for, what ends them, and what is attested or lost."""

from __future__ import annotations

from datetime import timedelta

from ledger.tlog.merkle import leaf_hash, root_of
from tests.spec.small_log import SmallLog, id_of, key
from tests.spec.vector import Spoil, Vector, vector
from tests.spec.vectors_of_statements import ANNULLED


def _noon(log: SmallLog, days: int) -> SmallLog:
    return log.at(log.now.replace(hour=4, minute=0, second=0) + timedelta(days=days))


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


def vectors_of_times() -> list[Vector]:
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


def vectors_of_losses() -> list[Vector]:
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
