"""Guards of money (1.I), with separation S3. A clawback without a basis in the text is refused (B-55, B-56)."""

from __future__ import annotations

from ledger.admission.guards import guard
from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.history import LiveEvent
from ledger.derivation.money import paid_net
from ledger.derivation.panels import recused_since
from ledger.derivation.standing import award_of
from ledger.errors import PermissionRefusedError


def _own_award(view: View) -> LiveEvent:
    granted = view.award(view.payload.award_id)
    if granted.payload.org != view.payload.org:
        refuse("award_of_another", "AUD", None, "the award is another organisation's", "奖项与组织不符")
    return granted


def _paid(view: View) -> int:
    return paid_net(view.live.of("PrizePaid", award_id=view.payload.award_id))


@guard("PrizePaid")
def _pays_for_an_award(view: View) -> None:
    p = view.payload
    if p.award_id is None and p.higher_award_id is None:
        refuse("award_missing", "AUD", None, "a payment names an award or a higher award", "拨付须写明奖项或上级奖项")
    if p.award_id is not None:
        _own_award(view)
    elif not view.live.of("HigherAwardRecorded", higher_award_id=p.higher_award_id):
        refuse("award_unknown", "AUD", None, "the higher award is not recorded", "上级奖项未登记")
    if p.amount == 0 or not 1 <= p.part_no <= p.parts:
        refuse("payment_unsound", "AUD", None, "amount and part number are positive and in range", "金额与期数有误")
    if view.live.of("PrizePaid", voucher_no=p.voucher_no):
        refuse("voucher_taken", "AUD", None, f"voucher {p.voucher_no} is used", f"凭证 {p.voucher_no} 已使用")
    if p.reversal_of is not None:
        target = view.named.get(p.reversal_of)
        if target is None or target.type != "PrizePaid" or target.payload.amount != p.amount:
            refuse(
                "reversal_unsound", "AUD", None, "a reversal names a payment of the same amount", "冲销须对应同额拨付"
            )


@guard("FundUseReported")
def _reports_no_more_than_paid(view: View) -> None:
    _own_award(view)
    view.acts_for(view.payload.org)
    used = sum(
        i.amount for e in view.live.of("FundUseReported", award_id=view.payload.award_id) for i in e.payload.items
    )
    if used + sum(i.amount for i in view.payload.items) > _paid(view):
        refuse("more_than_paid", "AUD", None, "more is reported than was paid", "报告使用额超过已拨付额")


@guard("PostAwardCheckHeld")
def _checks_a_granted_award(view: View) -> None:
    case_id = _own_award(view).payload.case_id
    for signer in view.signers:
        if recused_since(view.live, signer.principal_id, case_id) is not None:
            scope = view.parameter("recusal.scope", case_id=case_id)
            refuse_by(scope, "inspector_conflicted", f"{signer.principal_id} is recused from {case_id}",
                      f"{signer.principal_id} 对 {case_id} 已回避")  # fmt: skip


@guard("FundMisuseFound")
def _misuse_at_most_paid(view: View) -> None:
    _own_award(view)
    if not 0 < view.payload.amount <= _paid(view):
        refuse("misuse_out_of_range", "AUD", None, "0 < amount <= paid", "认定金额须大于 0 且不超过已拨付额")


@guard("ClawbackOrdered")
def _orders_what_the_text_gives(view: View) -> None:
    p = view.payload
    _own_award(view)
    award = award_of(view.live, view.law, p.award_id)
    assert award is not None
    if p.reason == "fund_misuse":
        rule = view.law.parameter(award.enacted, "fund_misuse.clawback", view.on)
        if not rule.stated:
            refuse_by(
                rule,
                "clawback_without_basis",
                "the text gives no clawback for misuse",
                "文本未规定奖金使用不当的追缴",
                reading="B-67:default",
            )
        if not view.live.of("FundMisuseFound", award_id=p.award_id, severity="serious"):
            refuse_by(
                rule, "misuse_not_serious", "no serious misuse is found", "未认定情节严重", reading="B-51:default"
            )
    elif p.reason in ("revoked_fraud", "revoked_other"):
        if award.revoked is None:
            refuse("not_revoked", "AUD", None, "the award is not revoked", "该奖项未被撤销")
        ground = award.revoked.payload.ground
        rule = view.law.parameter(award.enacted, f"revoke.{ground}.clawback", view.on)
        if not (rule.stated and rule.value):
            refuse_by(
                rule, "clawback_without_basis", f"the text states no clawback for the ground {ground}",
                f"文本未规定以 {ground} 为由的追缴", reading="B-55/B-56:default",
                remedy="a signed interpretation may settle a silent text", remedy_zh="文本未写的，可由有权机关作出解释",
            )  # fmt: skip
    decision = view.live.last("GovernmentDecisionMade", decision_id=p.decision_id)
    if decision is None or p.award_id not in {i.award_id for i in decision.payload.approved}:
        refuse("decision_missing", "AUD", None, "no government decision approves it", "没有批准追缴的政府决定")
    ordered = sum(e.payload.amount for e in view.live.of("ClawbackOrdered", award_id=p.award_id))
    if ordered + p.amount > _paid(view):
        refuse(
            "more_than_paid",
            "B-50",
            None,
            "more is ordered than was paid",
            "追缴额超过已拨付额",
            reading="B-50:default",
        )
    if view.live.of("ClawbackOrdered", clawback_id=p.clawback_id):
        refuse("clawback_exists", "AUD", None, f"clawback {p.clawback_id} exists", f"追缴 {p.clawback_id} 已存在")


@guard("ClawbackReceived", "ClawbackWaived")
def _settles_at_most_ordered(view: View) -> None:
    p = view.payload
    order = view.live.last("ClawbackOrdered", clawback_id=p.clawback_id)
    if order is None or order.payload.award_id != p.award_id:
        refuse(
            "clawback_unknown", "AUD", None, f"clawback {p.clawback_id} was not ordered", f"追缴 {p.clawback_id} 未决定"
        )
    settled = sum(
        e.payload.amount for e in view.live.of("ClawbackReceived", "ClawbackWaived", clawback_id=p.clawback_id)
    )
    if p.amount == 0 or settled + p.amount > order.payload.amount:
        refuse(
            "more_than_ordered",
            "AUD",
            None,
            f"{order.payload.amount - settled} fen are open",
            "到账与减免之和超过追缴额",
        )
    if view.statement.type == "ClawbackReceived" and order.actor == view.statement.actor:
        raise PermissionRefusedError(
            "duties_not_separated", "who ordered a clawback does not confirm its receipt (separation S3)",
            "决定追缴的人不得确认到账（职责分离 S3）", separation="S3",
        )  # fmt: skip


@guard("ClawbackWaived")
def _waives_on_an_outside_basis(view: View) -> None:
    if not view.statement.basis:
        refuse("basis_missing", "AUD", None, "none of the texts grants a waiver; name the legal basis in basis",
               "各文本均未规定减免，须在 basis 写明法律依据")  # fmt: skip
