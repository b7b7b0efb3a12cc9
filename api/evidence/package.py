"""What a package is about: its question, the answers to it, and the keys that show who signed its entries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from api.evidence.report import AnswerJson, QuestionJson
from ledger.entry import RecordedEvent
from ledger.events.identity import KeyRegistered
from projections.as_of import tell_all
from projections.slices import Source

KIND = "rongjian/evidence@v1"


@dataclass(frozen=True, slots=True)
class Question:
    """What a package answers: every fact about one subject at (D, K)."""

    origin: str
    kind: str
    subject: str
    as_of: date
    known_at: int
    #: With what the red flags say of it; an edition's always. They rest on the records of all who took part.
    flags: bool = False

    def to_json(self) -> QuestionJson:
        return {
            "origin": self.origin,
            "subject": {"kind": self.kind, "id": self.subject},
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at,
            "flags": self.flags,
        }


def plain_answers(source: Source, question: Question) -> list[AnswerJson]:
    """Every fact about the subject, as JSON has it."""
    told = tell_all(
        source, question.kind, question.subject, question.as_of, question.known_at, flags=question.flags, whole=True
    )
    answers: list[AnswerJson] = json.loads(dump([t.to_json() for t in told]))
    return answers


def dump(value: object) -> bytes:
    """JSON with members in order, the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signing_keys(event: RecordedEvent) -> list[str]:
    """Keys under which stands what makes this event's signatures good: genesis, keys, roles and their ends."""
    s = event.statement
    people = {s.actor} | ({s.payload.principal_id} if isinstance(s.payload, KeyRegistered) else set())
    return [
        "GenesisDeclared",
        *(f"k:{signature.keyid}" for signature in event.envelope.signatures),
        *(
            f"{type_} p:{who}"
            for who in sorted(people)
            for type_ in ("RoleGranted", "RoleWithdrawn", "SanctionImposed")
        ),
    ]
