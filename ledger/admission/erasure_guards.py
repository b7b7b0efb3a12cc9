"""What may be erased: fields of the subject that is named, of which nothing is owed, under inquiry, or evidence of an
open finding.

An erasure cannot be undone, and no override passes over it. Whether its ground holds is a matter of judgement, and a
flag's (RF54). Personal Information Protection Law art. 47: what other law demands to be kept is not erased.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.history import LiveEvent
from ledger.derivation.inquiries import Inquiry, about, open_inquiries, with_editions, with_what_belongs
from ledger.derivation.money import MoneyOfAward, bonus_outstanding, money
from ledger.derivation.owed_back import misuse_not_ordered
from ledger.derivation.standing import Award, award_of
from ledger.derivation.succession import carried
from ledger.entry import RecordedEvent
from ledger.errors import MalformedError
from ledger.events.after_award import RevocationProposed
from ledger.events.decision import AwardGranted
from ledger.events.oversight import RestrictedDataHandled
from ledger.events.registry import Restricted
from ledger.sentences import sentence
from ledger.statement import events_named, subject_of


def erases_what_may_go(view: View[RestrictedDataHandled]) -> None:
    """Refuse an erasure that names what is not there, what is another's, or what has to be kept."""
    p = view.payload
    if p.action != "erased":
        return
    target = view.named.get(p.target_event)
    if target is None:
        refuse("event_unknown", "AUD", None, sentence("{target_event} is not in the log", target_event=p.target_event))
    if not p.paths:
        raise MalformedError("malformed_payload", sentence("paths: an erasure names fields"), field="paths")
    fields = {path: _restricted(target, path) for path in p.paths}
    _is_of_the_subject(view, target, fields)
    _not_erased_before(view, target)
    _not_under_inquiry(view, _about(view, target))
    classes = {r.disclosure for r in fields.values()}
    _nothing_owed(view, target, classes)
    _no_bonus_owed(view, target, classes)


def _restricted(target: LiveEvent, path: str) -> Restricted:
    found = target.recorded.statement.spec.restricted.get(path)
    if found is None or path not in target.recorded.statement.sd:
        refuse("nothing_restricted", "AUD", None, sentence("{path} holds no commitment there", path=path))
    return found


def _is_of_the_subject(view: View[RestrictedDataHandled], target: LiveEvent, fields: dict[str, Restricted]) -> None:
    """Whose a field is says the vocabulary, per field; a subject that the statement names is the subject of each of
    them.
    """
    stated = view.payload.subject
    for path, restricted in fields.items():
        subject = subject_of(target.recorded.statement, restricted)
        if stated is not None and stated != subject:
            refuse(
                "subject_differs",
                "AUD",
                None,
                sentence("{path} is data of {subject}, not of {stated}", path=path, subject=subject, stated=stated),
                remedy=sentence("name the fields of one subject in one erasure"),
                field="subject",
            )


def _not_erased_before(view: View[RestrictedDataHandled], target: LiveEvent) -> None:
    gone: set[str] = set()
    for earlier in view.live.of(RestrictedDataHandled, action="erased", target_event=target.id):
        gone |= set(earlier.payload.paths)
    left = [path for path in view.payload.paths if path not in gone]
    if not left:
        refuse("already_erased", "AUD", None, sentence("the erasure of these fields is recorded already"))


def _entries(view: View, target: LiveEvent) -> list[RecordedEvent]:
    """The entry, and those that it names: what corrects or answers an entry is about the same."""
    named = (view.history.recorded(event_id) for event_id in events_named(target.recorded.statement))
    return [target.recorded, *(e for e in named if e is not None)]


def _about(view: View, target: LiveEvent) -> frozenset[str]:
    tags = {tag for entry in _entries(view, target) for tag in about(entry)}
    return with_editions(with_what_belongs(view.live, tags))


def _not_under_inquiry(view: View, concerned: frozenset[str]) -> None:
    """No objection, no revocation on its way and no finding that concerns the entry is open."""
    for inquiry in open_inquiries(view.live):
        tags = with_what_belongs(view.live, inquiry.tags)
        if not tags.isdisjoint(concerned):
            _refuse_during(view, inquiry, _first(tags, "c"))


def _refuse_during(view: View, inquiry: Inquiry, case_id: str | None) -> None:
    name = inquiry.name
    match inquiry.kind:
        case "objection":
            refuse_by(
                view.parameter("objection.handling", case_id=case_id),
                "under_inquiry",
                sentence("objection {name} about it is open; nothing of it is erased before it is settled", name=name),
                objection=name,
            )
        case "revocation":
            refuse_by(
                view.parameter(f"revoke.{_ground(view, name)}.steps", case_id=case_id),
                "under_inquiry",
                sentence(
                    "the revocation of {name} is on its way; nothing of it is erased before the award is revoked or "
                    "the revocation rejected",
                    name=name,
                ),
                award=name,
            )
        case "finding":
            refuse_by(
                view.parameter("supervision_group.required", case_id=case_id),
                "evidence_of_a_finding",
                sentence("it is evidence of finding {name}, which is open; its issuer closes it first", name=name),
                finding=name,
            )


def _ground(view: View, award_id: str) -> str:
    """The ground on which the revocation is asked for; fraud, which texts have first, where only a decision is
    recorded.
    """
    proposed = view.live.last(RevocationProposed, award_id=award_id)
    return str(proposed.payload.ground) if proposed is not None else "fraud"


def _first(tags: Iterable[str], kind: str) -> str | None:
    return min((tag.partition(":")[2] for tag in tags if tag.startswith(f"{kind}:")), default=None)


def _nothing_owed(view: View[RestrictedDataHandled], target: LiveEvent, classes: Collection[str]) -> None:
    """No prize is owed on an account, and nothing is to be paid back by the organisation, that the fields are about."""
    for award_id in _awards(view, target):
        award, told = award_of(view.live, view.law, award_id), money(view.live, view.law, award_id)
        if award is None or not told.is_value:
            continue
        claim = _claim(view, award, told.value())
        due = "payee" in classes and told.value().outstanding_prize != 0
        if claim is None and not due:
            continue
        why = (
            sentence(
                "a clawback of {award} is not settled; accounts and findings about it are kept until it is",
                award=award_id,
            )
            if claim
            else sentence("the prize of {award} is not settled; accounts about it are kept until it is", award=award_id)
        )
        refuse_by(
            view.parameter(claim or "prize.mode", case_id=award.granted.payload.case_id),
            "money_owed",
            why,
            award=award_id,
        )


def _no_bonus_owed(view: View, target: LiveEvent, classes: Collection[str]) -> None:
    """No bonus for a higher award is owed on an account."""
    for org in sorted(_organisations(view, target)) if "payee" in classes else ():
        if bonus_outstanding(view.live, view.law, org) > 0:
            refuse_by(
                view.parameter("prize.superior_bonus"),
                "money_owed",
                sentence("a bonus of {org} is not settled; its accounts are kept until it is", org=org),
                org=org,
            )


def _organisations(view: View, target: LiveEvent) -> set[str]:
    """Whomever the entry is data of, and those whose debts have passed to them."""
    tags = {tag.partition(":")[::2] for entry in _entries(view, target) for tag in entry.statement.tags}
    orgs = {value for kind, value in tags if kind in ("o", "p")}
    return orgs | {c.predecessor for org in orgs for c in carried(view.live, org, "debts")}


def _awards(view: View, target: LiveEvent) -> list[str]:
    """The awards that the entry names, and those of whomever it is about."""
    tags = {tag.partition(":")[::2] for entry in _entries(view, target) for tag in entry.statement.tags}
    orgs = _organisations(view, target)
    granted = {e.payload.award_id for e in view.live.of(AwardGranted) if e.payload.org in orgs}
    return sorted(granted | {value for kind, value in tags if kind == "a"})


def _claim(view: View[RestrictedDataHandled], award: Award, told: MoneyOfAward) -> str | None:
    """The parameter by which money of an award is, or may have, to come back; None where there is nothing to come."""
    ground = award.revoked.payload.ground if award.revoked is not None else None
    by_revocation = f"revoke.{ground}.clawback" if ground else None
    if told.clawback_outstanding > 0:
        return by_revocation or "fund_misuse.clawback"
    left = told.paid - told.clawback_ordered
    if left <= 0:
        return None
    expected = told.expected_clawback
    if by_revocation and (not isinstance(expected, int) or expected > told.clawback_ordered):
        return by_revocation
    return "fund_misuse.clawback" if misuse_not_ordered(view.live, view.law, award) else None
