"""Guards of decision, award and publication (1.H)."""

from __future__ import annotations

from ledger.admission.guards import guard
from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.law import Resolved


@guard("GovernmentDecisionMade")
def _decides_in_the_form_of_the_text(view: View) -> None:
    p = view.payload
    if view.live.of("GovernmentDecisionMade", decision_id=p.decision_id):
        refuse("decision_exists", "AUD", None, f"decision {p.decision_id} exists", f"决定 {p.decision_id} 已存在")
    for item in p.approved:
        if (item.case is None) == (item.award_id is None) or (p.subject == "award") != (item.case is not None):
            refuse(
                "item_unsound",
                "AUD",
                None,
                "an award decision names cases, any other names awards",
                "授奖决定列案件，其他决定列奖项",
            )
        if item.case is not None:
            view.case(item.case)
        else:
            view.award(item.award_id)
    chain = _chain(view)
    if p.subject == "award" and chain is not None and chain.stated and p.form not in chain.value:
        refuse_by(chain, "form_differs", f"approval is by {', '.join(chain.value)}, not {p.form}",
                  f"应经 {'、'.join(chain.value)}，而非 {p.form}")  # fmt: skip


def _chain(view: View) -> Resolved | None:
    case_id = next((item.case for item in view.payload.approved if item.case), None)
    return view.parameter("approval.chain", case_id=case_id) if case_id else None


@guard("AwardGranted")
def _grants_once(view: View) -> None:
    p = view.payload
    filed = view.case(p.case_id)
    if filed.payload.org != p.org:
        refuse("case_of_another", "AUD", None, "the case is another organisation's", "案件与组织不符")
    if view.live.of("AwardGranted", award_id=p.award_id) or view.live.of("AwardGranted", case_id=p.case_id):
        refuse("already_granted", "AUD", None, "this case or award id is already granted", "该案件或奖项已授予")
    enacted = view.enacted_for(p.case_id.rpartition("/")[0])
    if enacted is not None and p.award not in enacted.pack.awards:
        refuse("award_kind_unknown", "AUD", None, f"no award kind {p.award} in the text", f"文本没有奖项 {p.award}")


@guard("CertificateIssued")
def _issues_once(view: View) -> None:
    p = view.payload
    granted = view.award(p.award_id)
    if granted.payload.org != p.org:
        refuse("award_of_another", "AUD", None, "the award is another organisation's", "奖项与组织不符")
    if view.live.of("AwardRevoked", award_id=p.award_id):
        refuse("award_revoked", "AUD", None, "the award is revoked", "该奖项已撤销")
    issued = {item.serial for e in view.live.of("CertificateIssued") for item in e.payload.items}
    serials = [item.serial for item in p.items]
    if issued & set(serials) or len(set(serials)) != len(serials):
        refuse("serial_taken", "AUD", None, "a serial number is issued once", "编号不得重复")


@guard("CertificateReturned")
def _returns_issued_items(view: View) -> None:
    p = view.payload
    view.award(p.award_id)
    issued = {item.serial for e in view.live.of("CertificateIssued", award_id=p.award_id) for item in e.payload.items}
    unknown = [item.serial for item in p.items if item.serial not in issued]
    revoked = view.live.of("AwardRevoked", award_id=p.award_id)
    if not revoked and any(item.state == "returned" for item in p.items):
        refuse(
            "award_not_revoked",
            "AUD",
            None,
            "items come back after a revocation; a lost or void one is recorded as such",
            "撤销之后方可收回；遗失或作废的请如实登记状态",
        )
    if unknown:
        refuse(
            "item_not_issued", "AUD", None, f"{unknown[0]} was never issued for this award", f"{unknown[0]} 未曾颁发"
        )


@guard("AnnouncementPublished")
def _announces_known_events(view: View) -> None:
    missing = [e for e in view.payload.about if e not in view.named]
    if missing:
        refuse("event_unknown", "AUD", None, f"{missing[0]} is not in the log", f"账本中没有事件 {missing[0]}")
