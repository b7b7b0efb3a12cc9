"""Our DCBRecorder: the library's shipped contract, and what we demand beyond it. Always on real PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.tests import DCBRecorderTestCase

from ledger.errors import AppendConflictError, IdentifierReusedError, RongjianError, UnavailableError
from ledger.store import sequencer as sequencing
from ledger.store.database import Database
from ledger.store.recorder import PostgresRecorder
from ledger.store.records import AppendCommand, Appended, NewEvent, Request
from ledger.store.sequencer import TOLD_AFTER, Sequencer
from ledger.tlog.merkle import leaf_hash, root_of

MakeSchema = Callable[[], tuple[str, str]]


@pytest.fixture
def recorder(database_url: str, new_schema: MakeSchema):  # type: ignore[no-untyped-def]
    database = Database(database_url, new_schema()[1], size=6).open()
    yield PostgresRecorder(database)
    database.close()


def _event(data: bytes = b"{}", tags: tuple[str, ...] = (), type_: str = "T", id_: str | None = None) -> NewEvent:
    return NewEvent(id_ or str(uuid.uuid4()), type_, data, tags)


def _positions(recorder: PostgresRecorder) -> list[int]:
    return [row.position for row in recorder.entries()]


def test_the_shipped_contract_of_append_and_read(recorder: PostgresRecorder) -> None:
    DCBRecorderTestCase()._test_append_read(recorder)


def test_the_shipped_contract_of_subscribe(recorder: PostgresRecorder) -> None:
    DCBRecorderTestCase()._test_append_subscribe(recorder)


def test_conflict_leaves_no_gap_and_does_not_fail_its_neighbours(recorder: PostgresRecorder) -> None:
    recorder.append([DCBEvent("T", b"0", ["x"])])
    condition = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["x"])]), after=0)
    outcomes = recorder.append_commands(
        [AppendCommand((_event(b"1"),)), AppendCommand((_event(b"2"),), condition), AppendCommand((_event(b"3"),))]
    )
    assert outcomes[0] == Appended((2,))
    assert isinstance(outcomes[1], AppendConflictError)
    assert outcomes[2] == Appended((3,))
    assert _positions(recorder) == [1, 2, 3]


def test_a_condition_sees_earlier_commands_of_its_own_batch(recorder: PostgresRecorder) -> None:
    condition = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["seat"])]), after=0)
    outcomes = recorder.append_commands(
        [AppendCommand((_event(b"1", ("seat",)),), condition), AppendCommand((_event(b"2", ("seat",)),), condition)]
    )
    assert outcomes[0] == Appended((1,))
    assert isinstance(outcomes[1], AppendConflictError)


def test_the_same_id_with_the_same_bytes_returns_the_first_position(recorder: PostgresRecorder) -> None:
    event = _event(b"once")
    assert recorder.append_commands([AppendCommand((event,))]) == [Appended((1,))]
    again = recorder.append_commands([AppendCommand((event,)), AppendCommand((_event(),)), AppendCommand((event,))])
    assert again == [Appended((1,), replayed=True), Appended((2,)), Appended((1,), replayed=True)]
    assert _positions(recorder) == [1, 2]


def test_the_same_id_twice_in_one_batch_is_one_event(recorder: PostgresRecorder) -> None:
    event = _event(b"once")
    outcomes = recorder.append_commands([AppendCommand((event,)), AppendCommand((event,))])
    assert outcomes == [Appended((1,)), Appended((1,), replayed=True)]


def test_the_same_id_with_other_bytes_is_an_error(recorder: PostgresRecorder) -> None:
    event = _event(b"one")
    recorder.append_commands([AppendCommand((event,))])
    outcome = recorder.append_commands([AppendCommand((_event(b"two", id_=event.id),))])[0]
    assert isinstance(outcome, IdentifierReusedError)
    assert _positions(recorder) == [1]


def test_frontier_root_and_leaf_hashes_follow_from_the_entries(recorder: PostgresRecorder) -> None:
    for batch in (1, 7, 300, 250):
        recorder.append_commands([AppendCommand((_event(os.urandom(9)),)) for _ in range(batch)])
    rows = recorder.entries()
    assert [row.leaf_hash for row in rows] == [leaf_hash(row.entry) for row in rows]
    assert recorder.head().frontier.root() == root_of([row.leaf_hash for row in rows])
    assert recorder.hashes(1, 0, 2) == [root_of([r.leaf_hash for r in rows[i : i + 256]]) for i in (0, 256)]


def test_recorded_at_never_goes_back(database_url: str, new_schema: MakeSchema) -> None:
    times = iter(datetime(2024, 1, 2, second=second, tzinfo=UTC) for second in (7, 3, 9))
    database = Database(database_url, new_schema()[1]).open()
    recorder = PostgresRecorder(database, lambda: next(times))
    for _ in range(3):
        recorder.append([DCBEvent("T", b"x")])
    assert [row.recorded_at.second for row in recorder.entries()] == [7, 7, 9]
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET type = 'other'",
        "DELETE FROM entry",
        "TRUNCATE entry CASCADE",
        "UPDATE entry_tag SET tag = 'x'",
        "DELETE FROM entry_tag",
        "DELETE FROM log_head",
        "UPDATE log_head SET size = 0",
        "DELETE FROM checkpoint",
        "UPDATE tile_node SET hash = hash",
        "DELETE FROM document",
    ],
)
@pytest.mark.parametrize("as_owner", [True, False])
def test_the_log_refuses_change_even_to_its_owner(recorder: PostgresRecorder, statement: str, as_owner: bool) -> None:
    recorder.append([DCBEvent("T", b"x", ["t"])])
    with psycopg.connect(recorder.database.url, autocommit=True) as connection:
        connection.execute(f'SET search_path TO "{recorder.database.schema}"'.encode())
        if not as_owner:
            connection.execute("SET ROLE rongjian_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
    assert _positions(recorder) == [1]


def _write(url: str, schema: str, count: int, ready: object, go: object) -> None:
    database = Database(url, schema, size=2).open()
    recorder = PostgresRecorder(database)
    ready.release()  # type: ignore[attr-defined]
    go.wait()  # type: ignore[attr-defined]
    for number in range(count):
        recorder.append_commands(
            [AppendCommand((_event(f"{os.getpid()}/{number}".encode(), ("w",)),)) for _ in range(3)]
        )
    database.close()


def test_writers_in_several_processes_leave_one_dense_order(recorder: PostgresRecorder) -> None:
    context = multiprocessing.get_context("spawn")
    ready, go = context.Semaphore(0), context.Event()
    database = recorder.database
    writers = [context.Process(target=_write, args=(database.url, database.schema, 20, ready, go)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for _ in writers:
        ready.acquire()
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.extend(row.position for row in recorder.entries(after=seen[-1] if seen else 0))

    reader = threading.Thread(target=read)
    reader.start()
    go.set()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    done.set()
    reader.join()
    seen.extend(row.position for row in recorder.entries(after=seen[-1] if seen else 0))
    # The reader polled while four processes wrote: it saw every position once and in order.
    assert seen == list(range(1, 4 * 20 * 3 + 1))
    rows = recorder.entries()
    assert recorder.head().frontier.root() == root_of([leaf_hash(row.entry) for row in rows])


def test_a_killed_writer_leaves_whole_batches_only(recorder: PostgresRecorder) -> None:
    context = multiprocessing.get_context("spawn")
    ready, go = context.Semaphore(0), context.Event()
    database = recorder.database
    writer = context.Process(target=_write, args=(database.url, database.schema, 100_000, ready, go))
    writer.start()
    ready.acquire()
    go.set()
    while recorder.head().size < 30:
        time.sleep(0.01)
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join()
    recorder.append([DCBEvent("T", b"after", ["w"])])
    rows = recorder.entries()
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert (len(rows) - 1) % 3 == 0
    assert recorder.head().frontier.root() == root_of([leaf_hash(row.entry) for row in rows])


def test_an_unreachable_database_says_what_to_do(database_url: str) -> None:
    database = Database("postgresql://nobody@127.0.0.1:9/none?connect_timeout=1", "log_x")
    with pytest.raises(UnavailableError) as failure:
        database.open(timeout=1)
    database.close()
    assert failure.value.code == "database_unavailable"
    assert "RONGJIAN_DATABASE_URL" in failure.value.en


class _Broken(PostgresRecorder):
    """Fails, as only a bug of ours would, the first time."""

    broken = True

    def record(self, requests: Sequence[Request]) -> list[Appended | RongjianError]:
        if self.broken:
            self.broken = False
            raise KeyError("a bug")
        return super().record(requests)


class _OutcomeUnknown(PostgresRecorder):
    """Whose commits fail after others, or it itself, have recorded."""

    def __init__(self, database: Database, meanwhile: Sequence[AppendCommand]) -> None:
        super().__init__(database)
        self._meanwhile = meanwhile

    def record(self, requests: Sequence[Request]) -> list[Appended | RongjianError]:
        PostgresRecorder(self.database).append_commands(self._meanwhile)
        raise UnavailableError("database_unavailable", ("连接中断", "the connection was lost"))


def test_after_an_unknown_outcome_a_receipt_is_given_for_the_same_bytes_only(recorder: PostgresRecorder) -> None:
    """An id that somebody else has used meanwhile is no proof that one's own statement was recorded."""
    mine, both = _event(b"mine"), (_event(b"a"), _event(b"b"))
    other, half = _event(b"another's", id_=mine.id), _event(b"a", id_=both[0].id)
    for meanwhile, expected in (((), "database_unavailable"), ((mine,), 1), ((mine,), 1)):
        outcome = _outcome(recorder, AppendCommand((mine,)), *(AppendCommand((e,)) for e in meanwhile))
        assert outcome == expected
    assert _outcome(recorder, AppendCommand((other,))) == "id_reused"
    assert _outcome(recorder, AppendCommand(both), AppendCommand((half,))) == "id_reused"
    assert _positions(recorder) == [1, 2]


def _outcome(recorder: PostgresRecorder, command: AppendCommand, *meanwhile: AppendCommand) -> int | str:
    sequencer = Sequencer(_OutcomeUnknown(recorder.database, meanwhile))
    try:
        return sequencer.submit(command).result(timeout=30).positions[0]
    except RongjianError as error:
        return error.code
    finally:
        sequencer.close()


def test_a_bug_of_ours_is_told_to_its_caller_and_the_next_is_served(recorder: PostgresRecorder) -> None:
    sequencer = Sequencer(_Broken(recorder.database))
    with pytest.raises(KeyError):
        sequencer.submit(AppendCommand((_event(b"first"),))).result(timeout=30)
    assert sequencer.submit(AppendCommand((_event(b"second"),))).result(timeout=30) == Appended((1,))
    sequencer.close()


def test_nothing_waits_behind_the_end_of_a_closed_log(recorder: PostgresRecorder) -> None:
    sequencer = Sequencer(recorder)
    queued = sequencer.submit(AppendCommand((_event(b"last"),)))
    sequencer.close()
    sequencer.close()
    assert queued.result(timeout=30) == Appended((1,))
    with pytest.raises(UnavailableError) as refusal:
        sequencer.submit(AppendCommand((_event(b"late"),)))
    assert refusal.value.code == "closing"


def test_closing_at_any_moment_ends(recorder: PostgresRecorder) -> None:
    """Whoever tells of commits may be asleep, or about to listen, when the log is closed."""
    for number in range(12):
        sequencer = Sequencer(recorder)
        sequencer.submit(AppendCommand((_event(b"%d" % number),))).result(timeout=30)
        time.sleep(number * TOLD_AFTER / 8)
        closing = threading.Thread(target=sequencer.close, daemon=True)
        closing.start()
        closing.join(timeout=30)
        assert not closing.is_alive()


def test_closing_ends_while_the_queue_is_full_and_a_long_batch_is_decided(
    recorder: PostgresRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who decides a long batch wants to let others in, and whoever closes wants room for the end of the queue."""
    monkeypatch.setattr(sequencing, "BATCH_MAX", 1)
    monkeypatch.setattr(sequencing, "QUEUE_MAX", 4)
    sequencer = Sequencer(recorder)
    begun, closing = threading.Event(), threading.Thread(target=sequencer.close, daemon=True)

    def decided(_batch: object) -> None:
        if not begun.is_set():
            begun.set()
            # One is taken by the writer's thread, which waits to decide; the others fill the queue.
            sequencer.submit(AppendCommand((_event(b"taken"),)))
            while sequencer._queue.qsize():
                time.sleep(0.01)
            sequencer.submit_all([Request(AppendCommand((_event(b"%d" % n),))) for n in range(4)])
            closing.start()
            time.sleep(0.2)

    long = [Request(AppendCommand((_event(b"long %d" % n),)), decided) for n in range(3)]
    deciding = threading.Thread(target=sequencer.submit_all, args=(long,), daemon=True)
    deciding.start()
    begun.wait(timeout=30)
    for thread in (deciding, closing):
        thread.join(timeout=30)
        assert not thread.is_alive()
    # The first of the long batch, and the five that waited.
    assert len(_positions(recorder)) == 6


def test_a_batch_of_one_caller_is_one_transaction_and_keeps_its_order(recorder: PostgresRecorder) -> None:
    sequencer = Sequencer(recorder)
    try:
        queued = sequencer.submit_all([Request(AppendCommand((_event(b"%d" % n),))) for n in range(20)])
        assert [future.result(timeout=30).positions[0] for future in queued] == list(range(1, 21))
        assert len({row.recorded_at for row in recorder.entries()}) == 1
    finally:
        sequencer.close()


def test_who_comes_while_a_long_batch_is_decided_waits_for_one_transaction_of_it(
    recorder: PostgresRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencing, "BATCH_MAX", 10)
    sequencer = Sequencer(recorder)
    between: list[Future[Appended]] = []

    def comes(_batch: object) -> None:
        if not between:
            between.append(sequencer.submit(AppendCommand((_event(b"between"),))))

    try:
        long = [Request(AppendCommand((_event(b"%d" % n),)), comes) for n in range(40)]
        queued = sequencer.submit_all(long)
        assert [future.result(timeout=30).positions[0] for future in queued] == [*range(1, 11), *range(12, 42)]
        assert between[0].result(timeout=30) == Appended((11,))
    finally:
        sequencer.close()


def test_those_who_were_answered_together_are_decided_together_again(
    recorder: PostgresRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencing, "ABOUT_TO_COME", 10.0)
    sequencer = Sequencer(recorder)
    going = threading.Event()

    def submits(name: bytes, judge: Callable[[object], object] | None = None) -> int:
        return sequencer.submit(AppendCommand((_event(name),)), judge).result(timeout=30).positions[0]

    def twice(number: int) -> list[int]:
        # Each comes again a moment after the one before; what they are decided in takes longer.
        first = submits(b"first", lambda _batch: time.sleep(0.2))
        time.sleep(0.1 * number)
        return [first, submits(b"again")]

    with ThreadPoolExecutor(5) as pool:
        alone = pool.submit(submits, b"alone", lambda _batch: going.wait(timeout=30))
        while not sequencer._deciding.locked():
            time.sleep(0.01)
        together = [pool.submit(twice, number) for number in range(4)]
        while sequencer._queue.unfinished_tasks < 4:
            time.sleep(0.01)
        going.set()
        assert alone.result(timeout=30) == 1
        positions = [one.result(timeout=30) for one in together]
    sequencer.close()
    assert sorted(first for first, _ in positions) == [2, 3, 4, 5]
    assert sorted(again for _, again in positions) == [6, 7, 8, 9]
    # What was decided together was recorded at one time.
    assert [len({row.recorded_at for row in recorder.entries()[a:b]}) for a, b in ((0, 1), (1, 5), (5, 9))] == [1, 1, 1]
