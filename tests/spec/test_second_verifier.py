"""The verifier in Node, written from the specification, and ours: they agree on good logs and on spoilt ones."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.heads.mirror import follow, from_ledger
from api.heads.sources import fetch_from
from ledger import canonical
from ledger.entry import frame, unframe
from ledger.fsck.tiles import check_tiles
from ledger.signing import envelope as dsse
from ledger.tlog import note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.policy import parse_policy
from ledger.tlog.tag_index import parse_head
from tests.builders import Town
from tests.passkeys import Passkey, dishonest
from tests.spec.folders import OneKey, write_log

VERIFIER = Path(__file__).parents[2] / "docs" / "spec" / "verifier" / "verify.mjs"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine")


def _node(folder: Path, *vkeys: object) -> dict[str, Any]:
    done = subprocess.run(
        [str(NODE), str(VERIFIER), str(folder), *map(str, vkeys)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == "", done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == (result["findings"] == [])
    return result


@pytest.fixture(scope="module")
def town_with_everything(new_lasting_town: Callable[[], Town]) -> Town:
    """Keys that change, roles that end, awards, money, secrets, and more than one bundle; nothing is recorded any
    more.
    """
    town = new_lasting_town()
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000, payee_account="6222")
    town.revoke("A", "tax", date(2024, 3, 1))
    town.must(
        "AccessRecordAttested",
        date(2024, 3, 4),
        by="dis",
        as_="DIS",
        visits=0,
        chain="00" * 32,
        until="2024-03-04T00:00:00Z",
    )
    town.grow(260, date(2024, 5, 5))
    return town


def _write(folder: Path, entries: list[bytes], town: Town) -> Checkpoint:
    """A log of these entries, signed by the log itself."""
    origin = town.ledger.origin
    return write_log(folder, origin, entries, OneKey(origin, town.log_key), [data for _, data in town.packs.values()])


def test_both_find_nothing_in_a_good_log(town_with_everything: Town, tmp_path: Path) -> None:
    town = town_with_everything
    head = follow(from_ledger(town.ledger), tmp_path, parse_policy(town.ledger.heads.own_policy().encode()))
    assert _node(tmp_path, town.ledger.evidence.verifier_key) == {
        "verdict": "holds",
        "zh": "成立",
        "en": "holds",
        "origin": head.origin,
        "size": head.size,
        "findings": [],
        "notes": [],
    }
    assert check_tiles(fetch_from(str(tmp_path)), head) == []


def test_the_second_verifier_asks_for_a_signature_by_a_key_that_is_given(town: Town, tmp_path: Path) -> None:
    _write(tmp_path, [row.entry for row in town.ledger.recorder.entries()], town)
    other = f"{town.ledger.origin}+fd37c3be+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    assert [f["position"] for f in _node(tmp_path, other)["findings"]] == [0]
    text = (tmp_path / "checkpoint").read_text()
    (tmp_path / "checkpoint").write_text(text.replace(f"\n{town.ledger.size()}\n", f"\n{town.ledger.size() - 1}\n"))
    assert [f["field"] for f in _node(tmp_path, town.ledger.evidence.verifier_key)["findings"]] == ["log"]


def test_both_find_every_flipped_bit(town_with_everything: Town, tmp_path: Path) -> None:
    town = town_with_everything
    head = follow(from_ledger(town.ledger), tmp_path, parse_policy(town.ledger.heads.own_policy().encode()))
    draw = random.Random(4)
    for path in [p for p in sorted(tmp_path.rglob("*")) if p.is_file() and p.relative_to(tmp_path).parts[0] == "tile"]:
        good = path.read_bytes()
        for _ in range(3):
            at = draw.randrange(len(good))
            path.write_bytes(good[:at] + bytes([good[at] ^ 1 << draw.randrange(8)]) + good[at + 1 :])
            ours, theirs = (
                check_tiles(fetch_from(str(tmp_path)), head),
                _node(tmp_path, town.ledger.evidence.verifier_key)["findings"],
            )
            assert ours, (path, at)
            assert theirs, (path, at)
        path.write_bytes(good)


def test_both_notice_an_index_that_the_log_signed_and_its_entries_do_not_lead_to(
    town_with_everything: Town, tmp_path: Path
) -> None:
    town = town_with_everything
    policy = parse_policy(town.ledger.heads.own_policy().encode())
    head = follow(from_ledger(town.ledger), tmp_path, policy)
    path = tmp_path / "index" / str(head.size)
    stated = parse_head(path.read_bytes(), policy.logs, head.origin)
    for wrong in (
        replace(stated, keys=stated.keys - 1),
        replace(stated, root=bytes(32)),
        replace(stated, size=head.size - 1),
    ):
        path.write_text(note.sign(wrong.text, head.origin, town.log_key))
        ours = check_tiles(fetch_from(str(tmp_path)), head, keys=policy.logs)
        theirs = _node(tmp_path, town.ledger.evidence.verifier_key)["findings"]
        assert (
            {(f.position, f.field) for f in ours}
            == {(f["position"], f["field"]) for f in theirs}
            == {(0, f"index/{head.size}")}
        )


def _re_enveloped(entry: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The entry with a changed envelope, canonical as if recorded so."""
    envelope_bytes, recorded_at = unframe(entry)
    envelope = canonical.parse(envelope_bytes, "envelope")
    change(envelope)
    return frame(canonical.encode(envelope), recorded_at)


def _find(town: Town, type_: str) -> int:
    return next(e.position for e in town.ledger.events() if e.statement.type == type_)


def _swapped_times(entries: list[bytes], at: int) -> None:
    (one, first), (other, second) = unframe(entries[at]), unframe(entries[at + 1])
    entries[at], entries[at + 1] = frame(one, second), frame(other, first)


SPOILT: dict[str, tuple[str, Callable[[Town, list[bytes]], int]]] = {}


def _spoilt(field: str) -> Callable[[Callable[[Town, list[bytes]], int]], Callable[[Town, list[bytes]], int]]:
    def register(spoil: Callable[[Town, list[bytes]], int]) -> Callable[[Town, list[bytes]], int]:
        SPOILT[spoil.__name__] = (field, spoil)
        return spoil

    return register


@_spoilt("id")
def an_entry_recorded_twice(town: Town, entries: list[bytes]) -> int:
    entries.append(frame(unframe(entries[30])[0], unframe(entries[-1])[1]))
    return len(entries)


@_spoilt("recorded_at")
def times_that_go_back(town: Town, entries: list[bytes]) -> int:
    at = _find(town, "EditionOpened") - 1
    _swapped_times(entries, at)
    return at + 2


@_spoilt("countersignature")
def a_countersignature_taken_away(town: Town, entries: list[bytes]) -> int:
    at = _find(town, "PrizePaid") - 1
    event = town.ledger.events()[at]
    own = {k.keyid for k in event.envelope.signatures} & {town.cast.key(event.statement.actor).public.keyid}

    def change(envelope: dict[str, Any]) -> None:
        envelope["signatures"] = [s for s in envelope["signatures"] if s["keyid"] in own]

    entries[at] = _re_enveloped(entries[at], change)
    return at + 1


@_spoilt("signature")
def a_signature_of_another_statement(town: Town, entries: list[bytes]) -> int:
    at = _find(town, "EditionOpened") - 1
    other = canonical.parse(unframe(entries[at - 1])[0], "envelope")["signatures"][0]["sig"]

    def change(envelope: dict[str, Any]) -> None:
        envelope["signatures"][0]["sig"] = other

    entries[at] = _re_enveloped(entries[at], change)
    return at + 1


@_spoilt("signature")
def a_signature_by_a_key_nobody_registered(town: Town, entries: list[bytes]) -> int:
    at = _find(town, "EditionOpened") - 1
    stranger = town.cast.key("nobody")
    event = town.ledger.events()[at]
    signed = dsse.sign(event.statement.body, stranger)

    def change(envelope: dict[str, Any]) -> None:
        envelope["signatures"] = canonical.parse(signed.to_bytes(), "envelope")["signatures"]

    entries[at] = _re_enveloped(entries[at], change)
    return at + 1


@_spoilt("signature")
def a_key_that_was_never_registered_here(town: Town, entries: list[bytes]) -> int:
    """Without its registration every later signature of the key is one by nobody."""
    at = _find(town, "KeyRegistered") - 1
    key = town.ledger.events()[at].statement.payload.key_id
    del entries[at]
    return next(
        e.position - 1 for e in town.ledger.events()[at + 1 :] if key in {s.keyid for s in e.envelope.signatures}
    )


@_spoilt("role")
def a_role_that_was_never_granted(town: Town, entries: list[bytes]) -> int:
    """Without its grant, the first act under the role is one without it."""
    events = town.ledger.events()
    for grant in (e for e in events if e.statement.type == "RoleGranted"):
        held = (grant.statement.payload.principal_id, grant.statement.payload.role)
        later = [e for e in events[grant.position :] if (e.statement.actor, e.statement.role) == held]
        if later:
            del entries[grant.position - 1]
            return later[0].position - 1
    raise AssertionError("nobody acts under a granted role")


@_spoilt("entry")
def an_entry_that_is_not_canonical(town: Town, entries: list[bytes]) -> int:
    entries[40] = entries[40].replace(b'{"envelope":', b'{ "envelope":', 1)
    return 41


@_spoilt("entry")
def an_entry_that_is_nothing(town: Town, entries: list[bytes]) -> int:
    entries[40] = b""
    return 41


@pytest.mark.parametrize("name", list(SPOILT))
def test_both_name_the_same_place_in_a_log_that_its_owner_spoilt(
    town_with_everything: Town, tmp_path: Path, name: str
) -> None:
    """Entries that hash, root and checkpoint agree with, and that no honest ledger would have recorded."""
    town, (field, spoil) = town_with_everything, SPOILT[name]
    entries = [row.entry for row in town.ledger.recorder.entries()]
    position = spoil(town, entries)
    head = _write(tmp_path, entries, town)
    ours = check_tiles(fetch_from(str(tmp_path)), head)
    theirs = _node(tmp_path, town.ledger.evidence.verifier_key)["findings"]
    assert (position, field) in {(f.position, f.field) for f in ours}
    assert {(f.position, f.field) for f in ours} == {(f["position"], f["field"]) for f in theirs}


@pytest.mark.parametrize("name", list(dishonest(Passkey())))
def test_both_refuse_a_dishonest_assertion(town: Town, tmp_path: Path, name: str) -> None:
    honest = Passkey()
    submission = town.registration(honest)
    town.ledger.submit(submission)
    entries = [row.entry for row in town.ledger.recorder.entries()]
    head = _write(tmp_path, entries, town)
    assert check_tiles(fetch_from(str(tmp_path)), head) == []
    assert _node(tmp_path, town.ledger.evidence.verifier_key)["findings"] == []
    forged = dsse.sign(submission.envelope.body, dishonest(honest)[name]).signatures[0]

    def change(envelope: dict[str, Any]) -> None:
        for s in envelope["signatures"]:
            if s["keyid"] == honest.public.keyid:
                s["sig"] = base64.b64encode(forged.signature).decode()

    entries[-1] = _re_enveloped(entries[-1], change)
    head = _write(tmp_path, entries, town)
    found = {(f["position"], f["field"]) for f in _node(tmp_path, town.ledger.evidence.verifier_key)["findings"]}
    assert {(f.position, f.field) for f in check_tiles(fetch_from(str(tmp_path)), head)} == found
    assert found == {(len(entries), "signature")}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["FOLDER"],
        ["FOLDER", "--policy", "FILE"],
        ["--policy", "FILE", "FOLDER"],
        ["FOLDER", "not-a-key"],
        ["NOWHERE", "a+00000000+AAAA"],
    ],
)
def test_called_otherwise_it_gives_no_verdict_and_prints_its_usage(arguments: list[str], tmp_path: Path) -> None:
    given = [str(tmp_path) if a == "FOLDER" else a for a in arguments]
    done = subprocess.run([str(NODE), str(VERIFIER), *given], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, "usage: node verify.mjs" in done.stderr) == (2, "", True)
