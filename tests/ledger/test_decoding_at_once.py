"""The first statements after a start may come all at once: what decodes them is ready before any thread is."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import inspect

import api
import ledger
import ledger.kept_index
import ledger.signing.envelope
import ledger.statement
import projections
from api.reference.fired_flags import Fired
from ledger.dcb import DCBQueryItem
from ledger.derivation.history import LiveEvent
from ledger.derivation.record import Record
from ledger.entry import RecordedEvent
from ledger.events.registry import Payload, versions
from ledger.events.vocabulary import EVENTS
from ledger.statement import Statement
from projections.flags.flag import Texts

#: Eight threads convert each type at the same moment, in a process that has only just begun.
RACE = """
import sys, threading, msgspec
{importing}
from ledger.events.vocabulary import EVENTS
sys.setswitchinterval(0.0005)
together = threading.Barrier(8)
def decode():
    for kind in EVENTS.values():
        together.wait()
        for _ in range(10):
            try:
                msgspec.convert({{name: "GZ-2023/A" for name in kind.__struct_fields__}}, kind)
            except msgspec.ValidationError:
                pass
threads = [threading.Thread(target=decode) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
"""


@pytest.mark.parametrize("importing", ["from api import app", "from api import cli", "from ledger.audit import pool"])
def test_eight_threads_decode_at_once_in_a_fresh_process(importing: str) -> None:
    """The service, the command line and the workers of a verification; without preparation 13 of 15 such processes
    died.
    """
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", RACE.format(importing=importing)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


#: A decoder that a module makes as it is imported prepares what it decodes.
_WITH_DECODERS = (
    ledger.statement._Wire,
    ledger.statement._Recorded,
    ledger.signing.envelope._Recorded,
    ledger.kept_index._Head,
)


def test_every_type_that_is_decoded_is_prepared_when_it_is_registered() -> None:
    for package in (api, ledger, projections):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)
    kinds: list[Any] = [cls for topic in EVENTS for cls in versions(topic)]
    kinds += [r.kind for cls in kinds for r in cls.SPEC.restricted.values()]
    prepared = {
        found for kind in (*kinds, *_WITH_DECODERS, Texts, Fired) for found in _structs(inspect.type_info(kind))
    }
    ours = {
        cls for cls in _subclasses(msgspec.Struct) if cls.__module__.split(".")[0] in ("api", "ledger", "projections")
    }
    # Values of answers are written and never read: nothing decodes a record but tests. Some are made of what was
    # decoded.
    written = {Record, *_subclasses(Record)}
    made = {DCBQueryItem, LiveEvent, RecordedEvent, Statement}
    assert ours - {Payload, ledger.statement._Members} - written - made == prepared


def _subclasses(cls: type) -> Iterator[type]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _structs(info: Any) -> Iterator[type]:
    match info:
        case inspect.StructType():
            yield info.cls
            for member in info.fields:
                yield from _structs(member.type)
        case inspect.ListType():
            yield from _structs(info.item_type)
        case inspect.DictType():
            yield from _structs(info.value_type)
        case inspect.UnionType():
            for kind in info.types:
                yield from _structs(kind)
