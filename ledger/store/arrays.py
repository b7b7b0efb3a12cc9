"""Columns of rows as PostgreSQL takes arrays in binary form: written at once, without asking each value what it is.

A batch sends hundreds of values with one statement (``unnest``); the general way looks at every one of them twice.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

_INT32, _INT64 = struct.Struct("!i").pack, struct.Struct("!q").pack
#: PostgreSQL counts time from here, in microseconds.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Array:
    """An array of one dimension, without nulls, in the form in which it is sent."""

    encoded: bytes

    #: Of the array type and of its elements, in ``pg_type``.
    oid: ClassVar[int]
    element: ClassVar[int]

    @classmethod
    def _of(cls, values: Sequence[bytes]) -> Self:
        if not values:
            return cls(struct.pack("!iii", 0, 0, cls.element))
        head = struct.pack("!iiiii", 1, 0, cls.element, len(values), 1)
        return cls(head + b"".join([part for value in values for part in (_INT32(len(value)), value)]))


class TextArray(Array):
    """``text[]``."""

    oid = 1009
    element = 25

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        return cls._of([value.encode() for value in values])


class BlobArray(Array):
    """``bytea[]``."""

    oid = 1001
    element = 17

    @classmethod
    def of(cls, values: Iterable[bytes]) -> Self:
        return cls._of(list(values))


class NumberArray(Array):
    """``bigint[]``."""

    oid = 1016
    element = 20

    @classmethod
    def of(cls, values: Iterable[int]) -> Self:
        return cls._of([_INT64(value) for value in values])


class InstantArray(Array):
    """``timestamptz[]``."""

    oid = 1185
    element = 1184

    @classmethod
    def of(cls, values: Iterable[datetime]) -> Self:
        return cls._of([_INT64((value - _EPOCH) // _MICROSECOND) for value in values])


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        return obj.encoded


def understand_arrays(connection: Connection[tuple[object, ...]]) -> None:
    """Have a connection send these arrays as they are."""
    for kind in (TextArray, BlobArray, NumberArray, InstantArray):
        connection.adapters.register_dumper(kind, type(f"{kind.__name__}Dumper", (_ArrayDumper,), {"oid": kind.oid}))
