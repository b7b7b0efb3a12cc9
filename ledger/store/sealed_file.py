"""Small JSON files beside a log's key, sealed with a key of this home, which the database does not hold."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import orjson

from ledger import canonical
from ledger.errors import EvidenceError, RongjianError, SpoiltError, UnavailableError
from ledger.sentences import sentence
from ledger.store import private_file

#: Seconds after which writing may be tried again: somebody makes room.
RETRY_AFTER: Final = 60


def whole(value: object) -> int:
    """A whole number in such a file. Raises TypeError for anything else."""
    if isinstance(value, int):
        return value
    raise TypeError(f"a {type(value).__name__} is no whole number")


class SealedFile:
    """One such file. ``key`` (32 bytes) seals it."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key = key
        #: One thread of this object asks for the lock at a time.
        self._asking = threading.Lock()

    def read(self) -> dict[str, object]:
        """Its members. Raises FileNotFoundError where there is none, EvidenceError where this home did not write it."""
        data = self.path.read_bytes()
        try:
            value = canonical.parse_object(data, str(self.path))
        except RongjianError as error:
            raise self.altered() from error
        seal = value.pop("seal", None)
        if not isinstance(seal, str) or not hmac.compare_digest(seal, self._seal(value)):
            raise self.altered()
        return value

    def write(self, value: dict[str, object]) -> None:
        """Write members; on disk once this returns. Raises UnavailableError where it cannot be written."""
        try:
            private_file.write_private(self.path, _encoded(value | {"seal": self._seal(value)}))
        except OSError as error:
            raise self.unwritable(error) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Alone among the threads and processes that share the file.

        Raises UnavailableError where its folder cannot be written, or another process holds it for too long: one that
        hangs must not hang the others without a word.
        """
        if not self._asking.acquire(timeout=private_file.HELD_MAX):
            raise self._held_by_another()
        try:
            with ExitStack() as held:
                try:
                    held.enter_context(private_file.alone(self.path.with_suffix(".lock")))
                except TimeoutError as error:
                    raise self._held_by_another() from error
                except OSError as error:
                    raise self.unwritable(error) from error
                yield
        finally:
            self._asking.release()

    def _held_by_another(self) -> UnavailableError:
        lock = self.path.with_suffix(".lock")
        return UnavailableError(
            f"{self._word}_held",
            sentence(
                "another process has held {lock} for {held_max} seconds: it hangs, or its disk does. No receipt is "
                "given before the file is written; end that process, then submit again with the same id",
                lock=lock,
                held_max=f"{private_file.HELD_MAX:.0f}",
            ),
            retry_after=RETRY_AFTER,
        )

    @property
    def _word(self) -> str:
        return self.path.stem.replace("-", "_")

    def altered(self) -> EvidenceError:
        return SpoiltError(
            f"{self._word}_altered",
            sentence("{path} was not written by this home; restore it from a backup of the folder", path=self.path),
        )

    def unwritable(self, error: OSError) -> UnavailableError:
        """The system refuses to write: the operator has to mend that, and the submitter tries again."""
        return UnavailableError(
            f"{self._word}_unwritable",
            sentence(
                "{path} cannot be written: {strerror}; no receipt is given before it is. Make room or mend its "
                "folder, then submit again with the same id",
                path=self.path,
                strerror=error.strerror,
            ),
            retry_after=RETRY_AFTER,
        )

    def _seal(self, value: dict[str, object]) -> str:
        return hmac.digest(self._key, _encoded(value), hashlib.sha256).hex()


def _encoded(value: dict[str, object]) -> bytes:
    """Canonical bytes of what this home says itself: nobody need look whether it is within the subset. Such a file is
    written for every receipt.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
