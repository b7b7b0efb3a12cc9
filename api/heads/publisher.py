"""Publishing a log's head: sign it, have the witnesses cosign it, and notice when they have seen more than there is.

Both behaviours that are deployed are understood: a witness that answers 409 with the size it has (the protocol),
and one that answers 409 with nothing when it holds another root of the same size.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import httpx
import structlog

from api.sentences import sentence
from ledger.application import Ledger
from ledger.errors import EvidenceError, NotFoundError, RongjianError, UnavailableError
from ledger.store.odd_rows import reading_rows
from ledger.tlog.note import NoteKey
from ledger.tlog.policy import Policy
from ledger.tlog.witness import REQUEST_LENGTH_MAX, AddCheckpoint, agreed_lines

#: Seconds between two rounds, and seconds a witness has for an answer.
INTERVAL = 5.0
PATIENCE = 10.0

#: Seconds until a witness that did not cosign a head over index heads is asked again: it may not know that log at all.
INDEX_INTERVAL = 300.0

#: Seconds after which the same failure of a witness is said again in the service's log: twice as long each time, up to
#: an hour.
SAY_AGAIN = 60.0
SAY_AGAIN_MAX = 3_600.0

#: A witness names its size once; more rounds than this is a witness that contradicts itself.
_ROUNDS_MAX = 4

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n?")

_log = structlog.get_logger(__name__)


def client_of(mounts: Mapping[str, httpx.BaseTransport]) -> httpx.Client:
    """A client for witnesses; below the URL prefixes of ``mounts`` something of this process answers."""
    return httpx.Client(timeout=PATIENCE, follow_redirects=False, mounts=dict(mounts))


class Witnessed(Protocol):
    """A log whose heads witnesses are asked for: ours, or the log of its index heads."""

    @property
    def origin(self) -> str: ...

    def size(self) -> int: ...

    def consistency(self, old: int, new: int) -> list[bytes]: ...

    def cosigned_by(self, key: NoteKey) -> int: ...

    def add_cosignatures(self, size: int, lines: Iterable[tuple[NoteKey, bytes]]) -> None: ...

    def stop(self, reason: EvidenceError) -> None: ...


@dataclass(frozen=True, slots=True)
class _OfLog:
    """The log itself as witnesses are asked for it; what it keeps of its heads lies in :mod:`ledger.heads`."""

    ledger: Ledger

    @property
    def origin(self) -> str:
        return self.ledger.origin

    def size(self) -> int:
        return self.ledger.size()

    def consistency(self, old: int, new: int) -> list[bytes]:
        return self.ledger.evidence.consistency(old, new)

    def cosigned_by(self, key: NoteKey) -> int:
        seen = self.ledger.outside.newest_cosigned(key)
        return seen.size if seen is not None else 0

    def add_cosignatures(self, size: int, lines: Iterable[tuple[NoteKey, bytes]]) -> None:
        self.ledger.heads.add_cosignatures(size, lines)

    def stop(self, reason: EvidenceError) -> None:
        self.ledger.heads.stop(reason)


@dataclass(frozen=True, slots=True)
class _Said:
    """What was said of a witness last, and when the same is said again."""

    code: str
    again: float
    pause: float


class Publisher:
    """Publishes the heads of one log, and of the log of its index heads, to the witnesses of its policy."""

    def __init__(self, ledger: Ledger, policy: Policy, client: httpx.Client | None = None) -> None:
        self._ledger = ledger
        self._policy = policy
        self._client = client or client_of({})
        self._said: dict[tuple[str, str], _Said] = {}
        self._ending = threading.Event()
        self._asked = -1
        self._index_asked = -1
        self._index_again = 0.0

    def round(self) -> dict[str, str]:
        """Ask every witness for the present head; what each did: ``cosigned``, or the code of what went wrong.

        Raises EvidenceError, after which the ledger signs nothing more, where a witness has seen another or a
        larger log than this one. What becomes of the log of index heads changes nothing of that.
        """
        head = self._ledger.log.head()
        if head.size == 0:
            return {}
        told = self._ask_all(_OfLog(self._ledger), head.size, self._ledger.heads.sign(head))
        if all(state == "cosigned" for state in told.values()):
            self._asked = head.size
        self.index_round()
        return told

    def index_round(self) -> dict[str, str]:
        """The same for the log of index heads.

        A fault stops the signing of its heads alone, and is in the service's log.
        """
        index = self._ledger.index_log
        try:
            index.collect()
            size, note = index.sign()
            told = self._ask_all(index, size, note)
        except NotFoundError:
            return {}  # no index head was signed yet
        except EvidenceError as error:
            _log.error("index_signing_stopped", log=index.origin, code=error.code)
            self._index_again = time.monotonic() + INDEX_INTERVAL
            return {}
        if all(state == "cosigned" for state in told.values()):
            self._index_asked = size
        else:
            self._index_again = time.monotonic() + INDEX_INTERVAL
        return told

    def _index_waits(self) -> bool:
        """Is there an index head that the witnesses were not asked for, and is it time to ask?"""
        if time.monotonic() < self._index_again:
            return False
        try:
            return self._ledger.index_log.size() != max(self._index_asked, 0)
        except EvidenceError as error:
            _log.error("index_signing_stopped", log=self._ledger.index_log.origin, code=error.code)
            self._index_again = time.monotonic() + INDEX_INTERVAL
            return False

    def follow(self) -> None:
        """Rounds until :meth:`stop`, one whenever the log has grown or a witness was missing."""
        while not self._ending.wait(INTERVAL):
            try:
                with reading_rows():
                    if self._ledger.size() != self._asked:
                        self.round()
                    elif self._index_waits():
                        self.index_round()
            except EvidenceError as error:
                _log.error("signing_stopped", log=self._ledger.origin, code=error.code)
                return
            except RongjianError as error:
                _log.warning("publishing_failed", log=self._ledger.origin, code=error.code)

    def stop(self) -> None:
        """End :meth:`follow` after the round that it is in."""
        self._ending.set()

    def close(self) -> None:
        """Let the connections go; no round may be under way."""
        self._client.close()

    @property
    def _log_name(self) -> str:
        """The log as commands name it."""
        continuity = self._ledger.heads.continuity
        return continuity.log if continuity is not None else "LOG"

    def _ask_all(self, of: Witnessed, size: int, note: str) -> dict[str, str]:
        """Ask every witness at once for one head; raises the first fault that proves something, once ``of`` has
        stopped.
        """
        asked = [(name, key) for name, key in self._policy.witnesses.items() if name in self._policy.urls]
        with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
            outcomes = list(pool.map(lambda w: self._outcome(w[0], w[1], of, size, note), asked))
        fault = next((o for o in outcomes if isinstance(o, EvidenceError)), None)
        if fault is not None:
            of.stop(fault)
            raise fault
        return {name: "cosigned" if o is None else o.code for (name, _), o in zip(asked, outcomes, strict=True)}

    def _outcome(self, name: str, key: NoteKey, of: Witnessed, size: int, note: str) -> RongjianError | None:
        try:
            self._ask(name, key, of, size, note)
        except RongjianError as error:
            self._say(name, of.origin, error.code)
            return error
        self._say(name, of.origin, None)
        return None

    def _say(self, name: str, origin: str, code: str | None) -> None:
        """In the service's log: what became of a witness, once, then ever more seldom until it changes."""
        before, now = self._said.get((name, origin)), time.monotonic()
        if code is None:
            if self._said.pop((name, origin), None) is not None:
                _log.info("witness_answers", log=origin, witness=name)
        elif before is None or before.code != code or now >= before.again:
            pause = SAY_AGAIN if before is None or before.code != code else min(2 * before.pause, SAY_AGAIN_MAX)
            self._said[name, origin] = _Said(code, now + pause, pause)
            _log.warning("witness_failed", log=origin, witness=name, code=code, said_again_after=pause)

    def _ask(self, name: str, key: NoteKey, of: Witnessed, size: int, note: str) -> None:
        """Have one witness cosign; its lines are kept."""
        old = of.cosigned_by(key)
        for _ in range(_ROUNDS_MAX):
            request = AddCheckpoint(old, tuple(of.consistency(old, size)), note.encode())
            status, body = self._post(name, request.to_bytes())
            match status:
                case 200:
                    text = note[: note.rindex("\n\n") + 1]
                    of.add_cosignatures(size, agreed_lines(body, text, key))
                    return
                case 409 if (named := _SIZE.fullmatch(body)) is not None:
                    seen = int(named[1])
                    if seen > of.size():
                        raise _rolled_back(name, seen, of.size(), self._log_name)
                    if seen > size:
                        return  # another process of ours has published more meanwhile
                    old = seen
                case 409 | 422:
                    raise _another_log(name, size, self._log_name)
                case _:
                    raise UnavailableError(
                        "witness_refused", sentence("witness {name} answered {status}", name=name, status=status)
                    )
        raise UnavailableError("witness_refused", sentence("witness {name} does not settle on a size", name=name))

    def _post(self, name: str, content: bytes) -> tuple[int, bytes]:
        url = self._policy.urls[name].rstrip("/") + "/add-checkpoint"
        try:
            with self._client.stream("POST", url, content=content, headers={"Content-Type": "text/plain"}) as answer:
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > REQUEST_LENGTH_MAX:
                        raise UnavailableError(
                            "witness_refused", sentence("witness {name} answers without end", name=name)
                        )
                return answer.status_code, body
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(
                "witness_unreachable", sentence("witness {name} cannot be reached at {url}", name=name, url=url)
            ) from error


def _rolled_back(name: str, seen: int, size: int, log: str) -> EvidenceError:
    return EvidenceError(
        "rolled_back",
        sentence(
            "witness {name} has seen {seen} entries of this log, and here are {size}: an older state was restored. "
            "Nothing is signed any more. Restore the newest backup, or rebuild the log from a mirror (rongjian mirror "
            "restore DIR {log}); if the witness is at fault, take it out of witnesses.policy",
            name=name,
            seen=seen,
            size=size,
            log=log,
        ),
        witness=name,
        seen=seen,
        size=size,
    )


def _another_log(name: str, size: int, log: str) -> EvidenceError:
    return EvidenceError(
        "another_log_witnessed",
        sentence(
            "witness {name} has cosigned a head that does not lead to this one of size {size}: two histories. Nothing "
            "is signed any more. Compare with a mirror (rongjian verify {log} --against URL), and ask the witness for "
            "its evidence",
            name=name,
            size=size,
            log=log,
        ),
        witness=name,
        size=size,
    )
