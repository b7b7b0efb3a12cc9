"""Odd files are played in memory, as everything of the quick tier is."""

from __future__ import annotations

from tests.quick.conftest import _unlogged  # noqa: F401  (a fixture)
