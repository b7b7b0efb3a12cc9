"""The page that says who outside has seen a log's head, and when, or that nobody has."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.heads.stamper import Authority, Stamper, believed
from api.home.bootstrap import LogHome
from api.home.open_logs import OpenLog
from api.public import pages
from api.public.pages import Window
from api.public.seen import is_of_the_operator
from api.rendering.place import Place
from api.v1.axes import Axes
from ledger.clock import format_instant
from ledger.errors import NotFoundError
from ledger.heads import Heads
from ledger.tlog import timestamp
from ledger.tlog.cosignature import Ed25519Cosigner, cosign_ed25519
from ledger.tlog.note import split, verified
from ledger.tlog.policy import parse_policy
from projections.finder import Finder
from projections.register import Register
from projections.runner import Runner
from tests.builders import Town, sign_under
from tests.heads.test_timestamps import OPENSSL, make_authority

NOBODY = {
    "zh": "尚无外部机构见证过本账本的任何树头：运营者有可能向不同读者出示不同的记录。",
    "en": "Nobody outside has attested any tree head of this log: its operator could show different readers different "
    "histories.",
}
OWN = {"zh": "仅为演示见证如何进行，不证明任何事", "en": "it shows how witnessing works and proves nothing"}
AT = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)


def _cosigned(town: Town, name: str) -> int:
    """The log asks a witness of this name, which cosigned the head now; returns the size."""
    key = Ed25519PrivateKey.from_private_bytes(secrets.token_bytes(32))
    witness = Ed25519Cosigner(name, key.public_key().public_bytes_raw())
    policy = parse_policy(
        f"log {town.ledger.evidence.verifier_key}\nwitness w1 {witness} https://w.example.org/x\nquorum none\n".encode()
    )
    heads = Heads(town.database, town.ledger.log, town.ledger.heads.signer, town.clock, policy)
    sign_under(town.ledger, heads)
    head = town.ledger.log.head()
    signed = heads.sign(head)
    line = cosign_ed25519(split(signed.encode())[0], name, key, int(AT.timestamp()))
    heads.add_cosignatures(head.size, verified((signed + line).encode(), [witness])[1])
    return head.size


def _window(town: Town, folder: Path) -> Window:
    home = LogHome("town", town.ledger.origin, folder)
    runner = Runner(town.ledger, town.database, town.ledger.size)
    log = OpenLog(home, town.ledger, Register(town.database), runner, Finder(town.ledger, town.database))
    return Window(log, Axes(date(2023, 6, 1), town.ledger.size()))


def _page(town: Town, folder: Path, language: str, section: str = "seen") -> str:
    window, place = _window(town, folder), Place(language, ("town", section))
    return pages.written(window, place, pages.page(window, place, section, ()), "https://ledger.example/")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_nobody_has_seen_a_head_it_says_so_plainly_and_every_page_leads_there(
    town: Town, tmp_path: Path, language: str
) -> None:
    assert NOBODY[language] in _page(town, tmp_path, language)
    for section in ("verify", "awards", "withheld"):
        assert 'href="../../../' + language + '/town/seen/"' in _page(town, tmp_path, language, section)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_witness_of_the_operator_is_called_that_and_counts_for_nothing(
    town: Town, tmp_path: Path, language: str
) -> None:
    _cosigned(town, "test.rongjian.example/witness")
    page = _page(town, tmp_path, language)
    assert (NOBODY[language] in page, OWN[language] in page) == (True, True)


@pytest.mark.parametrize(("language", "when"), [("zh", "2026年11月28日 16:30"), ("en", "28 November 2026 16:30")])
def test_a_witness_of_another_is_named_with_what_it_cosigned_and_when(
    town: Town, tmp_path: Path, language: str, when: str
) -> None:
    size = _cosigned(town, "witness.example.org/w1")
    page = _page(town, tmp_path, language)
    assert NOBODY[language] not in page
    assert page.count(when) == 2, "last cosigned, and when it first saw the entries of this page"
    assert {"zh": f"，{size} 条", "en": f", {size} entries"}[language] in page
    told = pages.page(_window(town, tmp_path), Place(language, ("town", "seen")), "seen", ()).data
    assert told["witnesses"] == [
        {
            "name": "witness.example.org/w1",
            "host": "w.example.org",
            "own": False,
            "size": size,
            "at": "2026-11-28T08:30:00.000000Z",
            "first_at": "2026-11-28T08:30:00.000000Z",
            "first_size": size,
            "index_size": None,
            "index_at": None,
        }
    ]
    assert (told["outside"], told["covered"]) == (True, True)


def test_entries_that_no_witness_has_seen_yet_are_told_from_those_it_has(town: Town, tmp_path: Path) -> None:
    size = _cosigned(town, "witness.example.org/w1")
    town.edition()
    page = _page(town, tmp_path, "en")
    assert f"none yet that holds all {size + 1} entries of this page" in page
    assert page.count("28 November 2026 16:30") == 1


@pytest.mark.skipif(OPENSSL is None, reason="no openssl command to play the authority")
def test_a_time_stamp_counts_as_seen_and_an_authority_that_was_never_heard_is_listed(
    town: Town, tmp_path: Path
) -> None:
    folder, reply = make_authority(tmp_path)
    roots = tuple(timestamp.parse_roots((folder / "ca.pem").read_bytes()))
    client = httpx.Client(transport=httpx.MockTransport(lambda r: httpx.Response(200, content=reply(r.content))))
    asked = [Authority("tsa-1", "http://tsa.example/", roots), Authority("tsa-2", "http://tsa2.example/", (roots[0],))]
    Stamper(town.ledger, asked[:1], client).round()
    town.ledger.outside.authorities = believed(asked)
    [token] = town.ledger.outside.rows.timestamps(town.ledger.size())
    told = pages.page(_window(town, tmp_path), Place("zh", ("town", "seen")), "seen", ()).data
    assert told["authorities"] == [
        {"name": "tsa-1", "size": token.size, "at": format_instant(token.at)},
        {"name": "tsa-2", "size": None, "at": None},
    ]
    assert (told["outside"], NOBODY["zh"] in _page(town, tmp_path, "zh")) == (True, False)


def test_rows_that_somebody_wrote_into_the_database_are_nobody_outside(town: Town, tmp_path: Path) -> None:
    """A cosignature of another key or of another head, a time-stamp that is none, one of an authority that is not
    asked.
    """
    size = _cosigned(town, "witness.example.org/w1")
    policy = town.ledger.heads.policy
    assert policy is not None
    key = str(policy.witnesses["w1"])
    town.edition()
    newest = town.ledger.heads.published()[0]
    assert newest > size
    with psycopg.connect(town.database.url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f'SET search_path TO "{town.database.schema}", public'.encode())
        for other in ("witness.example.org/other+00000000+AAAA", key):
            connection.execute(
                "INSERT INTO cosignature SELECT %s, %s, line, now() FROM cosignature LIMIT 1", (newest, other)
            )
        for of in (newest, newest + 7):
            connection.execute("INSERT INTO timestamp_token VALUES (%s, 'tsa-1', 'x', %s)", (of, AT))
    told = pages.page(_window(town, tmp_path), Place("zh", ("town", "seen")), "seen", ()).data
    assert [(w["name"], w["size"], w["first_size"]) for w in told["witnesses"]] == [
        ("witness.example.org/w1", size, None)
    ]
    assert (told["authorities"], told["covered"]) == ([], False)
    with pytest.raises(NotFoundError, match="has been time-stamped yet"):
        town.ledger.outside.newest_timestamp()


def test_a_witness_is_the_operators_own_where_its_name_lies_below_the_logs_host() -> None:
    origin = "ledger.example.gov/awards"
    own = [
        n
        for n in ("ledger.example.gov/w", "ledger.example.gov", "w.example.gov/ledger.example.gov")
        if is_of_the_operator(origin, n)
    ]
    assert own == ["ledger.example.gov/w", "ledger.example.gov"]
