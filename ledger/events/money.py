"""Events of money. Amounts are integer fen."""

from __future__ import annotations

from typing import Literal

import msgspec

from ledger.events.kinds import Count, Day, EventId, Fen, Hash, Id, LongText, Text
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term

FundCategory = Literal[
    "publicity",
    "brand",
    "method_promotion",
    "training",
    "quality_breakthrough",
    "standards",
    "rnd",
    "lab_equipment",
    "public_welfare",
    "higher_award_preparation",
    "other",
]


@event(
    "PrizePaid",
    *term("act", "Prize paid"),
    signers="FIN+FIN",
    tags="a:award_id o:org h:higher_award_id x:reversal_of v:voucher_no",
    serves="ZY4,5,17(7) JD六(一),六(二) HY11,12 JS四.7 GZ8,9",
    guard="an award or higher award is named; two finance persons",
    restricted={"payee_account": Restricted(Text, "org", "payee")},
    reads="past",
)
class PrizePaid(Payload, frozen=True):
    payment_id: Id
    org: Id
    kind: Literal["main", "top_up", "superior_bonus"]
    amount: Fen
    paid_on: Day
    channel: Literal["treasury", "policy_platform"]
    part_no: Count
    parts: Count
    voucher_no: Text
    award_id: Id | None = None
    higher_award_id: Id | None = None
    reversal_of: EventId | None = None
    fund_source: Text | None = None


class FundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Prize money spent on one purpose."""

    category: FundCategory
    amount: Fen


@event(
    "FundUseReported",
    *term("act", "Use of funds reported"),
    signers="APP",
    tags="a:award_id o:org",
    serves="ZY23 HY13 GZ26",
    guard="sum at most paid",
    restricted={"vouchers": Restricted(list[Hash], "org", "business")},
)
class FundUseReported(Payload, frozen=True):
    award_id: Id
    org: Id
    period_from: Day
    period_to: Day
    items: list[FundItem]
    report_hash: Hash


@event(
    "PostAwardCheckHeld",
    *term("act", "Post-award check held"),
    signers="SEC+SECH / FIN[fund_check]",
    tags="a:award_id o:org",
    serves="ZY10(9),23 JD二(二)5 HY18 GZ11(8),24,26,29",
    guard="award granted",
    restricted={"findings": Restricted(LongText, "org", "findings")},
)
class PostAwardCheckHeld(Payload, frozen=True):
    check_id: Id
    award_id: Id
    org: Id
    kind: Literal["reassessment", "return_visit", "inspection", "fund_use"]
    on: Day
    outcome: Literal["maintained", "improvement_required", "serious_problem", "not_cooperating"]
    report_hash: Hash
    followup_due: Day | None = None


@event(
    "FundMisuseFound",
    *term("act", "Misuse of funds found"),
    signers="SEC+SECH",
    tags="a:award_id o:org",
    serves="ZY23 HY13 JS四.9(§23) GZ26",
    guard="0 < amount <= paid",
    restricted={"facts": Restricted(LongText, "org", "findings")},
)
class FundMisuseFound(Payload, frozen=True):
    award_id: Id
    org: Id
    amount: Fen
    severity: Literal["minor", "serious"]
    categories: list[Text]
    check_id: Id | None = None


@event(
    "ClawbackOrdered",
    *term("act", "Clawback ordered"),
    signers="GOV / SECH[on_government_decision]",
    tags="a:award_id o:org cb:clawback_id d:decision_id",
    serves="ZY23,24 JD七(二),七(五) HY19 GZ28",
    guard="the pack orders or permits it; a government decision is present; sum at most paid",
    reads="past",
)
class ClawbackOrdered(Payload, frozen=True):
    clawback_id: Id
    award_id: Id
    org: Id
    reason: Literal["fund_misuse", "revoked_fraud", "revoked_other", "overpaid"]
    amount: Fen
    due_on: Day
    decision_id: Id
    doc_no: Text


@event(
    "ClawbackReceived",
    *term("act", "Clawback received"),
    signers="FIN",
    tags="cb:clawback_id a:award_id o:org",
    serves="ZY23,24 JD七 HY19 GZ28",
    guard="received + waived at most ordered; of whom it was ordered, or who has taken its debts over by a decision;"
    " separation S3",
    restricted={"payer_account": Restricted(Text, "org", "payee")},
    reads="past",
)
class ClawbackReceived(Payload, frozen=True):
    clawback_id: Id
    award_id: Id
    org: Id
    amount: Fen
    received_on: Day
    voucher_no: Text


@event(
    "ClawbackWaived",
    *term("act", "Clawback waived"),
    signers="GOV+FIN",
    tags="cb:clawback_id a:award_id o:org d:decision_id",
    serves="none of the five texts grants it",
    guard="an outside legal basis in basis; received + waived at most ordered; of whom it was ordered, or who has taken"
    " its debts over by a decision",
    restricted={"details": Restricted(LongText, "org", "findings")},
    reads="past",
)
class ClawbackWaived(Payload, frozen=True):
    clawback_id: Id
    award_id: Id
    org: Id
    amount: Fen
    reason: Literal["annulled_ground", "insolvent", "court", "other"]
    decision_id: Id
