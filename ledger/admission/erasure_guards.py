"""What may be erased: fields of the subject that is named, of which nothing is owed, under inquiry, or evidence of an open finding.

An erasure cannot be undone, and no override passes over it. Whether its ground holds is a matter of judgement, and a flag's (RF54).
Personal Information Protection Law art. 47: what other law demands to be kept is not erased.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ledger.admission.guards import guard
from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.history import LiveEvent
from ledger.derivation.money import money
from ledger.derivation.standing import award_of
from ledger.errors import MalformedError
from ledger.events.registry import Restricted
from ledger.statement import subject_of


@guard("RestrictedDataHandled")
def _erases_what_may_go(view: View) -> None:
    """Refuse an erasure that names what is not there, what is another's, or what has to be kept."""
    p = view.payload
    if p.action != "erased":
        return
    target = view.named.get(p.target_event)
    if target is None:
        refuse("event_unknown", "AUD", None, f"{p.target_event} is not in the log", f"账本中没有事件 {p.target_event}")
    if not p.paths:
        raise MalformedError(
            "malformed_payload", "paths: an erasure names fields", "paths：销毁须写明字段", field="paths"
        )
    fields = {path: _restricted(target, path) for path in p.paths}
    _is_of_the_subject(view, target, fields)
    _not_erased_before(view, target)
    about = _About.of(target)
    _not_under_inquiry(view, about)
    _not_evidence(view, about)
    _nothing_owed(view, about, {r.disclosure for r in fields.values()})


def _restricted(target: LiveEvent, path: str) -> Restricted:
    found = target.recorded.statement.spec.restricted.get(path)
    if found is None or path not in target.recorded.statement.sd:
        refuse("nothing_restricted", "AUD", None, f"{path} holds no commitment there", f"{path} 处没有受限数据")
    return found


def _is_of_the_subject(view: View, target: LiveEvent, fields: dict[str, Restricted]) -> None:
    """Whose a field is says the vocabulary, per field; a subject that the statement names is the subject of each of them."""
    stated = view.payload.subject
    for path, restricted in fields.items():
        subject = subject_of(target.recorded.statement, restricted)
        if stated is not None and stated != subject:
            refuse(
                "subject_differs", "AUD", None, f"{path} is data of {subject}, not of {stated}", f"{path} 是 {subject} 的数据，不是 {stated} 的",
                remedy="name the fields of one subject in one erasure", remedy_zh="一次销毁只写同一主体的字段", field="subject",
            )  # fmt: skip


def _not_erased_before(view: View, target: LiveEvent) -> None:
    gone: set[str] = set()
    for earlier in view.live.of("RestrictedDataHandled", action="erased", target_event=target.id):
        gone |= set(earlier.payload.paths)
    left = [path for path in view.payload.paths if path not in gone]
    if not left:
        refuse("already_erased", "AUD", None, "the erasure of these fields is recorded already", "这些字段的销毁已登记")


@dataclass(frozen=True)
class _About:
    """What an entry is about, by its tags; its own id too."""

    event: str
    cases: frozenset[str]
    orgs: frozenset[str]
    persons: frozenset[str]
    awards: frozenset[str]
    objections: frozenset[str]

    @classmethod
    def of(cls, target: LiveEvent) -> _About:
        def tagged(*kinds: str) -> frozenset[str]:
            split = (tag.partition(":") for tag in target.recorded.statement.tags)
            return frozenset(value for kind, _, value in split if kind in kinds)

        return cls(target.id, tagged("c"), tagged("o"), tagged("p", "rv", "by"), tagged("a"), tagged("ob"))


def _not_under_inquiry(view: View, about: _About) -> None:
    """No objection that concerns the entry is open, and no revocation is proposed and undecided."""
    resolved = {e.payload.objection_id for e in view.live.of("ObjectionResolved")}
    for raised in view.live.of("ObjectionRaised"):
        p = raised.payload
        concerned = (
            p.objection_id in about.objections
            or p.case_id in about.cases
            or p.award_id in about.awards
            or p.person in about.persons
            or (p.org is not None and p.org in about.orgs | about.persons)
        )
        if concerned and p.objection_id not in resolved:
            handling = view.parameter("objection.handling", case_id=p.case_id)
            refuse_by(
                handling, "under_inquiry", f"objection {p.objection_id} about it is open; nothing of it is erased before it is settled",
                f"与之有关的异议 {p.objection_id} 尚未办结，办结前不得销毁", objection=p.objection_id,
            )  # fmt: skip
    for proposed in view.live.of("RevocationProposed"):
        if _concerns_award(proposed, about) and not _decided(view, proposed):
            ground = proposed.payload.ground
            refuse_by(
                view.parameter(f"revoke.{ground}.steps", case_id=_case_of(view, proposed.payload.award_id)), "under_inquiry",
                f"the revocation of {proposed.payload.award_id} is proposed and not decided", f"撤销 {proposed.payload.award_id} 的提请尚未决定",
                award=proposed.payload.award_id,
            )  # fmt: skip


def _concerns_award(proposed: LiveEvent, about: _About) -> bool:
    p = proposed.payload
    return p.award_id in about.awards or p.org in about.orgs | about.persons or about.event in p.facts


def _decided(view: View, proposed: LiveEvent) -> bool:
    award = proposed.payload.award_id
    decisions = view.live.of("GovernmentDecisionMade", subject="revocation")
    return bool(view.live.of("AwardRevoked", award_id=award)) or any(
        d.position > proposed.position
        and award in (*(i.award_id for i in d.payload.approved), *d.payload.rejected_awards)
        for d in decisions
    )


def _case_of(view: View, award_id: str) -> str | None:
    granted = view.live.last("AwardGranted", award_id=award_id)
    return granted.payload.case_id if granted is not None else None


def _not_evidence(view: View, about: _About) -> None:
    """No finding of an inspector that rests on the entry, or on its case, is open."""
    accepted = {e.payload.finding_id for e in view.live.of("OversightFindingAnswered", step="accept")}
    for found in view.live.of("OversightFindingIssued"):
        p = found.payload
        concerned = about.event in (found.id, *p.targets) or not about.cases.isdisjoint(p.cases)
        if concerned and p.finding_id not in accepted:
            required = view.parameter("supervision_group.required", case_id=_first(p.cases))
            refuse_by(
                required, "evidence_of_a_finding", f"it is evidence of finding {p.finding_id}, which is open; its issuer closes it first",
                f"它是监督意见 {p.finding_id} 的证据，该意见尚未销号", finding=p.finding_id,
            )  # fmt: skip


def _first(cases: Collection[str]) -> str | None:
    return next(iter(sorted(cases)), None)


def _nothing_owed(view: View, about: _About, classes: Collection[str]) -> None:
    """No prize is owed on an account, and no clawback from the organisation, that the fields are about."""
    awards = set(about.awards)
    if "payee" in classes or not about.awards:
        awards |= {e.payload.award_id for e in view.live.of("AwardGranted") if e.payload.org in about.orgs}
    for award_id in sorted(awards):
        told = money(view.live, view.law, award_id)
        if not told.is_value:
            continue
        value = told.value()
        claimed = value["clawback_outstanding"] > 0
        due = "payee" in classes and value["outstanding_prize"] != 0
        if not claimed and not due:
            continue
        award = award_of(view.live, view.law, award_id)
        ground = award.revoked.payload.ground if award is not None and award.revoked is not None else None
        path = f"revoke.{ground}.clawback" if claimed and ground else "prize.mode"
        what, zh = ("a clawback", "追缴款未缴清") if claimed else ("the prize", "奖金未付清或数额未定")
        refuse_by(
            view.parameter(path, case_id=_case_of(view, award_id)), "money_owed",
            f"{what} of {award_id} is not settled; accounts and findings about it are kept until it is", f"{award_id} {zh}，结清前不得销毁",
            award=award_id,
        )  # fmt: skip
