"""What became of the acts of a scenario, beside what was written of them: said here alone, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.scenario.document import Act
from api.sentences import sentence, term
from ledger.errors import RefusedError
from ledger.sentences import Pair
from ledger.submitting import Recorded


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an act."""

    act: Act
    recorded: Recorded | None
    refusal: RefusedError | None
    #: Refused when the story was first played this far, and not tried again: the log has gone on since.
    refused_before: bool = False
    #: The ordinary step (its event and day) that the player filled in before the act, where that one was refused.
    filling: tuple[str, date] | None = None

    @property
    def as_expected(self) -> bool:
        """Recorded where nothing was said, or refused as was said."""
        if self.refused_before:
            return True
        if self.act.refused is None:
            return self.refusal is None
        if self.refusal is None:
            return False
        return all(_refused_so(self.refusal, k, str(v)) for k, v in self.act.refused.items())

    @property
    def expected_words(self) -> Pair:
        if self.act.refused is None:
            return term("outcome", "recorded")
        said = ", ".join(f"{k}={v}" for k, v in self.act.refused.items())
        return sentence("refused {said}", said=said)

    @property
    def actual_words(self) -> Pair:
        if self.refused_before:
            return sentence("refused before")
        if self.refusal is None:
            if self.recorded is None:
                return term("outcome", "recorded")
            return sentence("recorded at {position}", position=self.recorded.position)
        d = self.refusal.details
        about = ", ".join([f"code={self.refusal.code}", *(f"{k}={d[k]}" for k in ("rule", "article") if d.get(k))])
        refused = sentence("refused {about}: {why}", about=about, why=self.refusal.told)
        if self.filling is None:
            return refused
        do, on = self.filling
        return sentence("{do} of {on}, filled in before it, was {name}", do=do, on=on, name=refused)

    @property
    def expected(self) -> str:
        """In English, as JSON has it."""
        return self.expected_words[1]

    @property
    def actual(self) -> str:
        """In English, as JSON has it."""
        return self.actual_words[1]


def _refused_so(error: RefusedError, name: str, expected: str) -> bool:
    """A refusal may cite several rules; naming one of them is enough."""
    actual = _refusal_member(error, name)
    return actual == expected or (name == "rule" and expected in actual.split(", "))


def _refusal_member(error: RefusedError, name: str) -> str:
    return error.code if name == "code" else str(error.details.get(name))
