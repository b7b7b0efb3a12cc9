"""Modules that are loaded when something of them is first asked for."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from ledger.errors import InvariantError


def lazily(name: str) -> ModuleType:
    """A module that executes at the first access to one of its members. Raises InvariantError where there is none."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise InvariantError(f"there is no module {name}")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
