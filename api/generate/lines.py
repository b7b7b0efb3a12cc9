"""Acts as a history tells them, one after the other; whoever tells is given the id under which each was recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from api.generate.chances import Chances
from api.generate.names import phrase
from api.scenario.document import Act
from ledger import canonical

R = TypeVar("R")

#: Yields acts in the order in which they are recorded, is sent the id of each, and returns what became of it all.
Told = Generator[Act, str, R]


def act(
    do: str,
    on: date,
    *,
    recorded: date | None = None,
    by: str | None = None,
    with_: tuple[str, ...] | None = None,
    case: str | None = None,
    edition: str | None = None,
    causes: tuple[str, ...] = (),
    late: Mapping[str, str] | None = None,
    override: Mapping[str, str] | None = None,
    also: Mapping[str, object] = MappingProxyType({}),
    **members: object,
) -> Act:
    """One act of a history; ``case`` is a whole case id, ``also`` are members that it has by circumstances."""
    return Act(
        where="history",
        on=on,
        recorded=recorded or on,
        do=do,
        by=by,
        role=None,
        with_=with_,
        label=None,
        refused=None,
        late=late,
        override=override,
        basis=(),
        causes=causes,
        case=case,
        edition=edition,
        members={**members, **also},
    )


def paper(about: str) -> str:
    """The hash of a paper that does not exist."""
    return hashlib.sha256(about.encode()).hexdigest()


class Mending:
    """Mistakes of who records, and how they are put right: annulled and recorded anew, or corrected where only a paper
    is named wrongly. Nothing of it changes how the story goes.
    """

    #: Of so many acts one is wrong at first.
    ANNULLED, CORRECTED = 60, 16

    def __init__(self, chances: Chances) -> None:
        self._chances = chances

    def recorded(self, right: Act, wrong: Mapping[str, object] | None = None) -> Told[str]:
        """Record an act; once in a while first with the members that are ``wrong`` of it, which is annulled.

        Returns the id of the one that stands.
        """
        if self._chances.once_in(self.ANNULLED, "annulled"):
            target = yield (right if wrong is None else _with(right, wrong))
            by = right.by if right.by is not None and self._chances.happens(0.7) else None
            yield act("EventAnnulled", right.recorded, by=by, target=target, reason="error")
        return (yield right)

    def with_paper(self, right: Act, member: str, by: str, *, seen: bool = False) -> Told[str]:
        """Record an act that names a paper by a hash, once in a while a wrong one that is corrected; ``seen`` where the
        supervision group signs the correction too, since somebody has decided meanwhile.
        """
        if not self._chances.once_in(self.CORRECTED, member):
            return (yield right)
        old = paper(f"{right.do}/{right.case}/{right.on}/{member}")
        event = yield _with(right, {member: old})
        patch = {f"/{member}": {"old_hash": hashlib.sha256(canonical.encode(old)).hexdigest(), "new": paper(event)}}
        signed = ("sech", "sup") if seen else ("sech",)
        yield act(
            "EventCorrected",
            right.recorded,
            by=by,
            with_=signed,
            target=event,
            patch=patch,
            reason=phrase("corrected"),
        )
        return event


def _with(right: Act, members: Mapping[str, object]) -> Act:
    return act(
        right.do,
        right.on,
        recorded=right.recorded,
        by=right.by,
        with_=right.with_,
        case=right.case,
        edition=right.edition,
        causes=right.causes,
        late=right.late,
        override=right.override,
        also={**right.members, **members},
    )
