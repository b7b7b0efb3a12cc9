"""What was proven is kept from a clean stop to the next start; whatever was changed meanwhile decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Never

import pytest

from api.home.settings import Settings
from ledger import kept_index, proven_log
from ledger.application import Ledger
from ledger.audit.entries import micros_of
from ledger.entry_index import EntryIndex
from ledger.errors import EvidenceError, UnavailableError
from ledger.events.identity import KeyRegistered
from ledger.kept_index import Kept, KeptIndex
from ledger.proven_log import ProvenLog
from ledger.statement import introduced
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import Head
from ledger.tlog.hash_tree import HashTree
from ledger.tlog.merkle import Frontier
from tests.counted_sql import statements_sent
from tests.store.attacks import Attacked, attacked, opened


@pytest.fixture
def found(one_demo: Settings, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attacked]:
    monkeypatch.setattr(proven_log, "WORTH_KEEPING", 1)
    with attacked(one_demo, database_url, tmp_path / "home") as found:
        yield found


def _proven(ledger: Ledger) -> ProvenLog:
    assert isinstance(ledger.log, ProvenLog)
    return ledger.log


def _file(found: Attacked) -> Path:
    return found.home.folder / "kept-index"


def _begins_again(found: Attacked) -> ProvenLog:
    found.ledger.close()
    found.ledger = opened(found.home)
    found.ledger.size()
    return _proven(found.ledger)


def _never() -> bool:
    return False


def test_a_start_after_a_clean_stop_reads_no_entry_and_answers_the_same(found: Attacked) -> None:
    events, size = found.ledger.events(), found.ledger.size()
    found.ledger.close()
    found.ledger = opened(found.home)
    with statements_sent(found.ledger.database) as sent:
        assert found.ledger.size() == size
    assert not [text for text in sent if " entry" in text]
    assert _proven(found.ledger).taken_over == size
    assert found.ledger.events() == events
    assert found.ledger.evidence.receipt(3).to_json()["tree_size"] == size
    # What is recorded from here on rests on keys that were registered before.
    assert found.submits() == "recorded"
    proven = _begins_again(found)
    assert (proven.taken_over, proven.size, len(found.ledger.events())) == (size + 1, size + 1, size + 1)
    proven.pass_again(_never)
    assert proven.passed
    assert found.verifies()


def test_entries_since_are_read_and_proven(found: Attacked) -> None:
    _begins_again(found)
    kept = _file(found).read_bytes()
    assert [found.submits() for _ in range(3)] == ["recorded"] * 3
    size = found.ledger.size()
    found.ledger.close()
    # As after a crash: what is kept is older than the log.
    _file(found).write_bytes(kept)
    found.ledger = opened(found.home)
    assert found.ledger.size() == size
    assert _proven(found.ledger).taken_over == size - 3
    assert found.submits() == "recorded"


def test_an_entry_since_that_nobody_could_sign_is_named_as_at_a_first_start(found: Attacked) -> None:
    _begins_again(found)
    kept = _file(found).read_bytes()
    assert found.submits() == "recorded"
    position = found.ledger.size()
    found.ledger.close()
    _file(found).write_bytes(kept)
    found.root.does("UPDATE entry SET entry = overlay(entry PLACING 'x' FROM 40) WHERE position = %s", position)
    with pytest.raises(EvidenceError) as error:
        opened(found.home)
    assert (error.value.code, error.value.details["position"]) == ("log_spoilt", position)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE entry SET entry = overlay(entry PLACING 'x' FROM 40) WHERE position = 7",
        "DELETE FROM entry WHERE position = 7",
    ],
)
def test_a_row_that_was_changed_while_nobody_ran_decides_nothing_and_is_named(found: Attacked, attack: str) -> None:
    found.ledger.close()
    found.root.does(attack)
    found.ledger = opened(found.home)
    assert len(found.ledger.at([6])) == 1
    with pytest.raises(EvidenceError) as error:
        found.ledger.at([7])
    assert (error.value.code, error.value.details["position"]) == ("log_spoilt", 7)
    assert found.submits() == "log_spoilt"


@pytest.mark.parametrize(
    ("attack", "named"),
    [
        ("UPDATE entry SET entry = overlay(entry PLACING 'x' FROM 40) WHERE position = 7", 7),
        ("DELETE FROM entry WHERE position = 7", 7),
        ("UPDATE entry SET type = 'AwardGranted' WHERE position = 9", 9),
        ("DELETE FROM entry_tag WHERE position = 11", 11),
        ("UPDATE entry SET leaf_hash = sha256('x') WHERE position = 12", 12),
    ],
)
def test_the_pass_behind_names_what_was_changed_and_nothing_is_signed_from_then_on(
    found: Attacked, attack: str, named: int
) -> None:
    found.ledger.close()
    found.root.does(attack)
    found.ledger = opened(found.home)
    proven = _proven(found.ledger)
    found.ledger.size()
    with pytest.raises(EvidenceError) as error:
        proven.pass_again(_never)
    assert (error.value.code, error.value.details["position"]) == ("log_spoilt", named)
    assert found.submits() == "log_spoilt"
    # What was found spoilt is left to nobody.
    before = _file(found).read_bytes()
    found.ledger.close()
    assert _file(found).read_bytes() == before


def test_tags_are_those_that_were_proven_whatever_the_rows_say(found: Attacked) -> None:
    tag = found.ledger.events()[20].statement.tags[0]
    bearing = [e.position for e in found.ledger.events() if tag in e.statement.tags]
    found.ledger.close()
    found.root.does("DELETE FROM entry_tag WHERE tag = %s", tag)
    found.ledger = opened(found.home)
    found.ledger.size()
    assert [e.position for e in found.ledger.events() if tag in e.statement.tags] == bearing


def _flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data + b"x",
        lambda data: data.replace(b'"ids ",', b'"ids ",1', 1),
        lambda data: data.replace(b'["ids ",', b'["ids ",-', 1),
        lambda data: b"rongjian/kept-index/v1\n{\n" + data[40:],
        *(_flipped(at) for at in (0, 30, 60, 400, 5_000, -40, -1)),
    ],
)
def test_a_file_that_this_home_did_not_write_is_as_good_as_none(
    found: Attacked, spoilt: Callable[[bytes], bytes]
) -> None:
    events = found.ledger.events()
    found.ledger.close()
    _file(found).write_bytes(spoilt(_file(found).read_bytes()))
    found.ledger = opened(found.home)
    assert found.ledger.events() == events
    assert _proven(found.ledger).taken_over == 0
    # It is written anew at the next stop.
    assert _begins_again(found).taken_over == len(events)


def test_a_file_of_another_key_another_log_or_other_rules_for_tags_is_not_used(
    found: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, key = found.ledger.origin, found.home.file.kept_index()._key
    found.ledger.close()
    assert KeptIndex(_file(found), key, origin).read() is not None
    assert KeptIndex(_file(found), bytes(32), origin).read() is None
    assert KeptIndex(_file(found), key, "another.example/log").read() is None
    monkeypatch.setattr(kept_index, "_rules_of_tags", lambda: "others")
    assert KeptIndex(_file(found), key, origin).read() is None


def _of_another_course(found: Attacked, size: int) -> Kept:
    """What another course of the log would have left: so many entries, of which one that registers a key differs."""
    index, tree = EntryIndex(), HashTree()
    [other, *_] = [e.position for e in found.ledger.events() if isinstance(e.statement.payload, KeyRegistered)]
    for event in found.ledger.events()[:size]:
        s, odd = event.statement, event.position == other
        leaf = bytes(32) if odd else found.ledger.log.placed(event.position).leaf_hash
        event_id = "00000000-0000-7000-8000-000000000000" if odd else s.id
        index.add(event_id, s.type, s.tags, micros_of(event.recorded_at), introduced(s.type, s.tags))
        tree.add(leaf)
    return Kept(index, tree, found.ledger.events()[size - 1].recorded_at)


@pytest.mark.parametrize("fewer", [0, 2])
def test_what_was_kept_of_another_course_of_the_log_is_forgotten_and_replaced(found: Attacked, fewer: int) -> None:
    kept = _of_another_course(found, found.ledger.size() - fewer)
    found.ledger.close()
    found.home.file.kept_index().write(kept)
    found.ledger = opened(found.home)
    assert found.ledger.size() == kept.tree.size + fewer
    assert _proven(found.ledger).taken_over == 0
    # The log is sound: nobody was told to stop.
    assert found.submits() == "recorded"
    assert _begins_again(found).taken_over == kept.tree.size + fewer + 1


def test_what_was_kept_of_a_longer_log_is_forgotten_and_the_newest_head_says_what_is_the_matter(
    found: Attacked,
) -> None:
    entries, rows = found.root.history()
    assert [found.submits() for _ in range(2)] == ["recorded"] * 2
    found.ledger.close()
    found.root.rewrites(entries[:-1], rows[:-1])
    assert found.starts() == "rolled_back"


def test_an_older_state_that_answers_while_all_is_read_again_is_named_so_and_may_pass(
    found: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = _begins_again(found)
    older = Head(Frontier(), None)
    with monkeypatch.context() as patch:
        patch.setattr(PostgresRecorder, "entries", lambda *_args, **_limits: [])
        patch.setattr(PostgresRecorder, "head", lambda _recorder: older)
        with pytest.raises(EvidenceError) as error:
            proven.pass_again(_never)
    assert error.value.code == "rolled_back"
    proven.pass_again(_never)
    assert proven.passed


def test_a_database_that_does_not_answer_in_the_middle_of_a_start_leaves_nothing_half(
    found: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    _begins_again(found)
    kept = _file(found).read_bytes()
    assert found.submits() == "recorded"
    size = found.ledger.size()
    found.ledger.close()
    _file(found).write_bytes(kept)
    with monkeypatch.context() as patch:
        patch.setattr(PostgresRecorder, "tags_of", _unavailable)
        with pytest.raises(UnavailableError):
            opened(found.home)
    found.ledger = opened(found.home)
    proven = _proven(found.ledger)
    monkeypatch.setattr(proven, "_proven", Head(Frontier(), None))
    proven._begin(EntryIndex(), HashTree(), None)
    proven.taken_over = 0
    with monkeypatch.context() as patch:
        patch.setattr(PostgresRecorder, "tags_of", _unavailable)
        with pytest.raises(UnavailableError):
            proven.head()
    assert (proven.size, proven.taken_over) == (0, 0)
    assert (proven.head().size, proven.taken_over) == (size, size - 1)


def _unavailable(_recorder: PostgresRecorder, _positions: object) -> Never:
    raise UnavailableError("database_unavailable", ("x", "x"))


def test_a_file_that_cannot_be_written_stops_nothing(found: Attacked) -> None:
    found.ledger.close()
    _file(found).unlink()
    _file(found).mkdir()
    found.ledger = opened(found.home)
    assert found.submits() == "recorded"
    found.ledger.close()
    _file(found).rmdir()
    found.ledger = opened(found.home)
    assert found.submits() == "recorded"
