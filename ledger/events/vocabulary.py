"""The whole vocabulary: importing this module registers every event class.

The order of import is the order of vocabulary 1.A to 1.K; a test freezes the set of topics.
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

PHASES = {
    "identity": ("身份、密钥与岗位", "Identity, keys, roles", identity),
    "rules": ("规则与日历", "Rules and calendar", rules),
    "edition": ("届次与机构", "Editions and bodies", edition),
    "reviewers": ("评审员与回避", "Reviewers, interests, recusal", reviewers),
    "application": ("申报、推荐与资格", "Application, recommendation, eligibility", application),
    "evaluation": ("评审", "Evaluation", evaluation),
    "notice": ("公示、异议与取消资格", "Public notice, objection, disqualification", notice),
    "decision": ("决定、授奖与公布", "Decision, award, publication", decision),
    "money": ("资金", "Money", money),
    "after_award": ("获奖之后", "After the award", after_award),
    "oversight": ("监督与账本完整性", "Oversight and ledger integrity", oversight),
}

#: TOPIC -> class, phases in the order of the vocabulary.
EVENTS = {topic: cls for phase in PHASES for topic, cls in all_events().items() if cls.SPEC.phase == phase}
