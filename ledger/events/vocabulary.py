"""The whole vocabulary: importing this module registers every event class.

The order of import is the order of the phases in ``docs/spec/vocabulary.md``; a test freezes the set of topics.
"""

from __future__ import annotations

from ledger.events import (
    after_award,
    application,
    decision,
    edition,
    evaluation,
    identity,
    money,
    notice,
    oversight,
    reviewers,
    rules,
)
from ledger.events.registry import all_events
from ledger.sentences import sentence

PHASES = {
    "identity": (*sentence("Identity, keys, roles"), identity),
    "rules": (*sentence("Rules and calendar"), rules),
    "edition": (*sentence("Editions and bodies"), edition),
    "reviewers": (*sentence("Reviewers, interests, recusal"), reviewers),
    "application": (*sentence("Application, recommendation, eligibility"), application),
    "evaluation": (*sentence("Evaluation"), evaluation),
    "notice": (*sentence("Public notice, objection, disqualification"), notice),
    "decision": (*sentence("Decision, award, publication"), decision),
    "money": (*sentence("Money"), money),
    "after_award": (*sentence("After the award"), after_award),
    "oversight": (*sentence("Oversight and ledger integrity"), oversight),
}

#: TOPIC -> class, phases in the order of the vocabulary.
EVENTS = {topic: cls for phase in PHASES for topic, cls in all_events().items() if cls.SPEC.phase == phase}
