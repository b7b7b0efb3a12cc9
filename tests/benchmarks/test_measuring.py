"""What is measured is what was done: processor time of one server and not of another, all answers of all clients."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

from tests.benchmarks import clients
from tests.benchmarks.measuring import Database, Times, seconds_of
from tests.benchmarks.pictures import Frame, flames


def test_only_processes_of_the_server_of_the_folder_are_counted(tmp_path: Path) -> None:
    burn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'])"
    waits = "; input()"
    other = subprocess.Popen([sys.executable, "-c", "sum(range(10**7))" + waits], stdin=subprocess.PIPE)
    first = subprocess.Popen(
        [sys.executable, "-c", burn + "; print(flush=True)" + waits], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert first.stdout is not None
        (tmp_path / "postmaster.pid").write_text(f"{first.pid}\n/somewhere\n")
        first.stdout.readline()
        # What its child spent that has ended is in it, what the other spent is not.
        assert 0 < Database(tmp_path).seconds() == seconds_of(first.pid)
    finally:
        for process in (first, other):
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def test_every_client_gets_the_answers_to_what_it_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_echo, args=(server, 3), daemon=True).start()
        asked = [[clients.post("/x", b"%d-%d" % (client, n)) for n in range(4)] for client in range(3)]
        times, answers = clients.ask(server.getsockname()[1], asked)
    assert answers == [(201, b"%d-%d" % (client, n)) for client in range(3) for n in range(4)]
    assert len(times.each) == 12


def _echo(server: socket.socket, connections: int) -> None:
    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as file:
            while file.readline():
                length = 0
                while (line := file.readline()) != b"\r\n":
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                body = file.read(length)
                # In two pieces: an answer is whole once all of it is there.
                file.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n" % len(body))
                file.flush()
                file.write(b"\r\n" + body)
                file.flush()

    for _ in range(connections):
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()


def test_percentiles_are_times_that_were_taken() -> None:
    times = Times([n / 1000 for n in range(1, 101)], 2.0)
    assert times.to_json() == {"p50_ms": 50.0, "p99_ms": 99.0, "rate": 50.0, "calls": 100}


def test_a_flame_graph_has_each_frame_with_its_share() -> None:
    root = Frame(0.0, {"f m": Frame(0.25, {"g <n>": Frame(0.75)})})
    drawn = flames("x", root)
    assert "f m: 1,000.000 ms, 100.0%; itself 250.000 ms" in drawn
    assert "g &lt;n&gt;: 750.000 ms, 75.0%; itself 750.000 ms" in drawn
