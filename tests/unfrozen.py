"""A frozen thing through which a test may set a member, so that pytest can put it back."""

from __future__ import annotations

from typing import Any


class Unfrozen:
    """``monkeypatch.setattr(Unfrozen(fact), "fold", other)`` makes everybody who holds the fact fold otherwise."""

    def __init__(self, of: Any) -> None:
        object.__setattr__(self, "of", of)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "of"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(object.__getattribute__(self, "of"), name, value)
