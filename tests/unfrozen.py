"""The members of a frozen thing as items that a test may set, so that pytest can put them back."""

from __future__ import annotations

from typing import Any


class Unfrozen:
    """``monkeypatch.setitem(Unfrozen(fact), "fold", other)`` makes everybody who holds the fact fold otherwise."""

    def __init__(self, of: Any) -> None:
        self._of = of

    def get(self, name: str, _default: Any = None) -> Any:
        return getattr(self._of, name)

    def __setitem__(self, name: str, value: Any) -> None:
        object.__setattr__(self._of, name, value)
