"""Guards of dissolved organisations: they neither apply nor win, and are paid nothing.

What a successor takes over is said by a decision.
"""

from __future__ import annotations

from ledger.admission.view import View, refuse
from ledger.derivation.history import LiveEvent
from ledger.derivation.succession import gone
from ledger.derivation.words import word
from ledger.events.application import ApplicationFiled, EligibilityDecided
from ledger.events.decision import AwardGranted, CertificateIssued, GovernmentDecisionMade
from ledger.events.identity import PrincipalUpdated
from ledger.events.money import PrizePaid
from ledger.sentences import Pair, enumeration, sentence


def refuse_dissolved(
    view: View[ApplicationFiled | EligibilityDecided | GovernmentDecisionMade | AwardGranted], case_id: str
) -> None:
    """Who was merged into another or struck off neither applies nor wins: the texts award organisations that are
    registered. Whether a successor takes its place in a running case none of them says.
    """
    filed = view.payload if isinstance(view.payload, ApplicationFiled) else view.case(case_id).payload
    ended = gone(view.as_of(view.on), filed.org)
    if ended is None:
        return
    told, heirs = _is_no_more(view, filed.org, ended), ended.payload.successor_ids
    paths = ("eligibility.registered_locally", "eligibility.years_operating")
    said = next((r for r in (view.parameter(path, case_id=case_id) for path in paths) if r.stated), None)
    refuse(
        "organisation_dissolved",
        (said.rule if said is not None else None) or "AUD",
        (", ".join(said.why.articles) if said is not None else None) or None,
        told,
        remedy=sentence("an organisation that succeeds it applies in its own name") if heirs else None,
        cause=ended.id,
        org=filed.org,
    )


def refuse_holder_dissolved(view: View[CertificateIssued | PrizePaid]) -> None:
    """Nothing is paid or handed over to who is no more; to a successor only what a decision has passed on (B-65)."""
    p = view.payload
    ended = gone(view.as_of(view.on), p.org)
    if ended is None or view.is_import:
        return
    told = _is_no_more(view, p.org, ended)
    refuse(
        "organisation_dissolved",
        "B-65",
        None,
        told,
        remedy=sentence("record the decision on the succession that passes the award on, then name the successor"),
        reading="B-65/G25:default",
        cause=ended.id,
        org=p.org,
    )


def _is_no_more(view: View, org: str, ended: LiveEvent[PrincipalUpdated]) -> Pair:
    name, how, heirs = view.called(org), word(ended.payload.kind), ended.payload.successor_ids
    if not heirs:
        return sentence("{name} is no more: {how} on {on}", name=name, how=how, on=ended.on)
    named = enumeration(view.called(heir) for heir in heirs)
    return sentence(
        "{name} is no more: {how} on {on}, succeeded by {heirs}", name=name, how=how, on=ended.on, heirs=named
    )
