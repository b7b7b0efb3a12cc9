"""What people call the subjects of a log: an organisation by its name, a case and an award by that of its applicant.

Names of persons are restricted and never here: a person is known by an id.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.registry import topics
from projections.inquiry.knowledge import identities
from projections.slices import Source, payloads

#: Section of the desk (``cases``, ``awards``, ``organisations``, ``persons``) -> id -> name.
Names = Mapping[str, Mapping[str, str]]


def names_known(source: Source, known: int) -> Names:
    """The newest names that the log states by a position."""
    orgs = {name: p.org_name for name, p in identities(source, known).principals.items() if p.org_name}
    events = source.events(DCBQuery([DCBQueryItem(types=topics(ApplicationFiled, AwardGranted))]), until=known)
    filed, granted = payloads(ApplicationFiled, events), payloads(AwardGranted, events)
    return {
        "organisations": orgs,
        "persons": orgs,
        "cases": {p.case_id: orgs[p.org] for p in granted if p.org in orgs}
        | {p.case_id: orgs[p.org] for p in filed if p.org in orgs},
        "awards": {p.award_id: orgs[p.org] for p in granted if p.org in orgs},
    }
