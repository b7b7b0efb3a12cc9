"""The reading plan of a statement: which events its decision reads.

What a plan asks for is the consistency boundary, a DCB query. It always holds the law and the identities of everybody
who signs or is named; the rest comes from the statement's own tags, so that nobody can step out of it. What is special
to a type of event stands beside the event (``reads`` in :mod:`ledger.events.registry`). Whatever is read is read with
what annuls or corrects it (:mod:`ledger.admission.viewing`), by its own tag: the cost of a decision does not grow with
the corrections of a log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ledger.admission import leads
from ledger.admission.leads import EDITION_TYPES, EntryLead, Lead
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.identity import IDENTITY_TYPES
from ledger.derivation.law import LAW_TYPES
from ledger.events.after_award import RevocationProposed
from ledger.events.decision import GovernmentDecisionMade
from ledger.events.edition import BodyConstituted, EditionOpened
from ledger.events.identity import GenesisDeclared, PrincipalUpdated
from ledger.events.notice import ObjectionInvestigated, ObjectionRaised, ObjectionResolved
from ledger.events.oversight import (
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
)
from ledger.events.registry import Reads, topics
from ledger.events.reviewers import ReviewerQualified
from ledger.statement import Statement

#: Tag kinds whose events every decision about the same thing has to see, as docs/spec/vocabulary.md has them: case,
#: award, clawback, notice, objection, finding, body, decision, resolution, credit code of an organisation, incident,
#: higher award, list, voucher, calendar of a year, reviewer.
_KINDS = ("c", "a", "cb", "n", "ob", "f", "b", "d", "r", "u", "in", "h", "l", "v", "cal", "rv")

#: What an erasure looks at besides the entry that it names: inquiries and findings, whomever they are about.
_INQUIRIES = (
    ObjectionRaised,
    ObjectionInvestigated,
    ObjectionResolved,
    RevocationProposed,
    GovernmentDecisionMade,
    OversightFindingIssued,
    OversightFindingAnswered,
    PrincipalUpdated,
)

#: What every decision goes on to.
_LEADS: tuple[Lead, ...] = (
    leads.identities_of_signers,
    leads.dissolutions_of_bodies,
    leads.cases_of_named,
    leads.standing_of_winners,
    leads.successions,
    leads.decisions_of_revocations,
    leads.editions_of_applications,
    leads.answers_of_findings,
    leads.cases_of_objections,
    leads.names_of_those_concerned,
)
_MORE_LEADS: Mapping[Reads, tuple[Lead, ...]] = {
    "past": (leads.past_of_applicant, leads.past_of_predecessors),
    "bodies": (leads.standing_supervision, leads.cases_of_dissolved),
    "finding": (leads.cases_of_findings,),
    "annulled": (leads.awards_of_named, leads.winners_beside_named, leads.clawbacks_of_named),
    "erased": (leads.debts_of_those_concerned, leads.awards_of_named, leads.subjects_of_inquiries),
}
_ENTRY_LEADS: Mapping[Reads, tuple[EntryLead, ...]] = {
    "finding": (leads.targets_of_findings,),
    "annulled": (leads.targets_of_annulments,),
    "erased": (leads.named_by_erased,),
}


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """All that a decision reads, laid down before anything is read.

    ``first`` can be asked for at once, and so can the entries of these ``ids``. From those, ``entry_leads`` go on to
    other entries by their ids, and ``leads`` to more of the boundary, as far as they lead.
    """

    statement: Statement
    keyids: Collection[str]
    first: DCBQuery
    ids: frozenset[str]
    entry_leads: tuple[EntryLead, ...]
    leads: tuple[Lead, ...]


def plan_of(statement: Statement, keyids: Collection[str]) -> ReadingPlan:
    """What the decision about a statement reads that says it is signed with these keys."""
    first = DCBQuery([*_always(statement, keyids), *_of_tags(statement), *_of_reads(statement)])
    if isinstance(statement.payload, GenesisDeclared):
        # Nothing is before it, and its signers are those whom it names.
        return ReadingPlan(statement, keyids, first, frozenset(statement.causes), (), ())
    reads = reads_of(statement)
    return ReadingPlan(
        statement,
        keyids,
        first,
        frozenset({*statement.causes, *(tag[2:] for tag in statement.tags if tag.startswith("x:"))}),
        tuple(lead for word in sorted(reads) for lead in _ENTRY_LEADS.get(word, ())),
        (*_LEADS, *(lead for word in sorted(reads) for lead in _MORE_LEADS.get(word, ()))),
    )


def reads_of(statement: Statement) -> frozenset[Reads]:
    """What the vocabulary says that a decision about a statement reads; to open or copy a field is no erasure."""
    p, reads = statement.payload, statement.spec.reads
    return reads - {"erased"} if isinstance(p, RestrictedDataHandled) and p.action != "erased" else reads


def _always(statement: Statement, keyids: Collection[str]) -> Iterator[DCBQueryItem]:
    """The law, and the identities of everybody who signs or is named."""
    identity = topics(*IDENTITY_TYPES)
    yield DCBQueryItem(types=topics(*LAW_TYPES))
    yield DCBQueryItem(types=topics(GenesisDeclared))
    yield from (DCBQueryItem(types=identity, tags=[f"k:{keyid}"]) for keyid in keyids)
    persons = leads.identities_named(statement)
    yield from (DCBQueryItem(types=[*identity, *topics(ReviewerQualified)], tags=[f"p:{p}"]) for p in sorted(persons))
    yield DCBQueryItem(types=topics(BodyConstituted), tags=[f"m:{statement.actor}"])


def _of_tags(statement: Statement) -> Iterator[DCBQueryItem]:
    """What is about the same things."""
    reads = reads_of(statement)
    for tag in statement.tags:
        kind = tag.partition(":")[0]
        if kind in _KINDS or (kind == "o" and "past" in reads):
            yield DCBQueryItem(tags=[tag])
        elif kind == "ed":
            types = [] if "edition" in reads else topics(*EDITION_TYPES)
            yield DCBQueryItem(types=types, tags=[tag])
        elif kind == "k":
            yield DCBQueryItem(types=topics(*IDENTITY_TYPES), tags=[tag])


def _of_reads(statement: Statement) -> Iterator[DCBQueryItem]:
    """What its type asks for besides."""
    p, reads = statement.payload, reads_of(statement)
    if "own_kind" in reads:
        yield DCBQueryItem(types=[statement.type])
    if "seats" in reads:
        seated = [f"m:{tag[2:]}" for tag in statement.tags if tag.startswith("p:")]
        yield from (DCBQueryItem(types=topics(BodyConstituted), tags=[tag]) for tag in seated)
    if "editions" in reads:
        yield DCBQueryItem(types=topics(GenesisDeclared, EditionOpened))
    if "erased" in reads and isinstance(p, RestrictedDataHandled):
        yield DCBQueryItem(types=topics(*_INQUIRIES))
        yield DCBQueryItem(types=[statement.type], tags=[f"x:{p.target_event}"])
