"""Who is one natural person under two names (S2) is decided by what this home has sealed or the log commits to, not by
rows.
"""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from ledger.errors import EvidenceError
from ledger.store.database import Database
from ledger.store.vault import Vault
from tests.builders import Town

D = date(2023, 6, 1)
NUMBER = "36070019900101001X"
OTHER = "11010519491231002X"


def _registered(town: Town, name: str, number: str) -> str:
    return town.must("PrincipalRegistered", D, principal_id=name, kind="person", person_name="某", id_number=number)


def _erased(town: Town, event: str) -> None:
    order = {"target_event": event, "paths": ["/id_number"], "action": "erased", "purpose": "x", "legal_basis": "x"}
    town.must("RestrictedDataHandled", D, by="opr", as_="OPR", with_=("dis",), **order)


def _superuser(town: Town, *statements: str) -> None:
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f'SET search_path TO "{town.database.schema}", public'.encode())
        for statement in statements:
            connection.execute(statement.encode())


DELETED = "DELETE FROM identity_link WHERE principal_id = 'p1'"
ONE_DELETED = "DELETE FROM identity_link WHERE ctid = (SELECT min(ctid) FROM identity_link WHERE principal_id = 'p1')"
UNSEALED = "UPDATE identity_link SET seal = '' WHERE principal_id = 'p1'"
JOINED = "INSERT INTO identity_link SELECT 'p3', keyed_hash, normal, seal FROM identity_link WHERE principal_id = 'p1'"
SWAPPED = (
    "UPDATE identity_link SET principal_id = CASE principal_id WHEN 'p1' THEN 'p3' ELSE 'p1' END WHERE "
    "principal_id <> 'p2'"
)


@pytest.mark.parametrize("written", [DELETED, ONE_DELETED, UNSEALED, JOINED, SWAPPED])
@pytest.mark.parametrize("anew", [False, True])
def test_what_is_written_over_the_links_decides_nothing_while_numbers_are_here(
    town: Town, written: str, anew: bool
) -> None:
    """``p1`` and ``p2`` are one person, ``p3`` is another: so it stays, before and after a start seals links anew."""
    _registered(town, "p1", NUMBER)
    _registered(town, "p2", NUMBER.lower())
    _registered(town, "p3", OTHER)
    _superuser(town, written)
    if anew:
        town.ledger.identities.seal(adopting=False)
    same = town.ledger.identities.same_person
    assert (same(["p1", "p2"]), same(["p1", "p3"]), same(["p2", "p3"])) == (True, False, False)


def test_a_seal_that_is_none_is_passed_over(town: Town) -> None:
    _registered(town, "p1", NUMBER)
    _registered(town, "p2", NUMBER)
    _superuser(
        town, "ALTER TABLE identity_link ALTER COLUMN seal DROP NOT NULL", "UPDATE identity_link SET seal = NULL"
    )
    assert town.ledger.identities.same_person(["p1", "p2"])


def test_links_of_another_log_of_the_same_home_link_nobody(town: Town) -> None:
    """Two logs of one home have principals of one name: what is sealed for one of them says nothing in the other."""
    for name in ("p1", "p2"):
        _registered(town, name, NUMBER)
    elsewhere = Vault(Database(town.database.url, "log_elsewhere_00000000"), town.kek).links
    others = frozenset(elsewhere.hashes(OTHER).values())
    seal = elsewhere._seal("p1", others).hex()
    rows = ", ".join(f"('p1', '\\x{keyed.hex()}', true, '\\x{seal}')" for keyed in sorted(others))
    _superuser(town, DELETED, f"INSERT INTO identity_link VALUES {rows}")
    assert town.ledger.identities.same_person(["p1", "p2"])


def test_who_was_registered_without_a_number_is_nobody_elses_double(town: Town) -> None:
    _registered(town, "p1", NUMBER)
    _superuser(town, JOINED.replace("'p3'", "'opr'"))
    assert not town.ledger.identities.same_person(["p1", "opr"])


def test_a_number_that_was_erased_still_links(town: Town) -> None:
    _erased(town, _registered(town, "p1", NUMBER))
    _registered(town, "p2", NUMBER)
    _superuser(town, JOINED.replace("'p3'", "'opr'"))
    assert town.ledger.identities.same_person(["p1", "p2"])
    assert not town.ledger.identities.same_person(["p1", "opr"])


@pytest.mark.parametrize("written", [DELETED, UNSEALED])
def test_where_number_and_link_are_gone_nothing_is_decided(town: Town, written: str) -> None:
    _erased(town, _registered(town, "p1", NUMBER))
    _superuser(town, written)
    with pytest.raises(EvidenceError) as refused:
        town.ledger.identities.same_person(["p1", "opr"])
    assert (refused.value.code, refused.value.details) == ("identity_link_lost", {"principal": "p1"})
    assert town.ledger.identities.seal(adopting=False) == 0


def test_a_number_that_does_not_open_links_nobody(town: Town) -> None:
    first, _ = _registered(town, "p1", NUMBER), _registered(town, "p3", OTHER)
    _superuser(town, DELETED, f"UPDATE opening SET sealed = '' WHERE entry_id = '{first}' AND pointer = '/id_number'")
    with pytest.raises(EvidenceError) as refused:
        town.ledger.identities.same_person(["p1", "p3"])
    assert refused.value.code == "identity_link_lost"
