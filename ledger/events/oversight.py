"""Events of oversight and ledger integrity."""

from __future__ import annotations

from typing import Literal

import msgspec

from ledger.events.kinds import (
    Day,
    EventId,
    Hash,
    Id,
    Instant,
    Json,
    LongText,
    Path,
    RoleCode,
    RowCount,
    Text,
    Token,
    TreeSize,
)
from ledger.events.registry import Payload, Restricted, event
from ledger.sentences import term


@event(
    "OversightFindingIssued",
    *term("act", "Oversight finding issued"),
    signers="SUP / DIS",
    tags="f:finding_id ed:edition_id c:cases[] x:targets[]",
    serves="JD七(一) ZY10(3),26 HY24,26 GZ10,11(6),32",
    guard="targets exist; suspend blocks later steps of the case until closed",
    restricted={"text": Restricted(LongText, "finding_id", "findings")},
)
class OversightFindingIssued(Payload, frozen=True):
    finding_id: Id
    flag_ids: list[Text]
    targets: list[EventId]
    severity: Literal["low", "medium", "high", "critical"]
    demand: Literal["explain", "correct", "suspend", "stop", "refer"]
    answer_due: Day
    edition_id: Id | None = None
    cases: list[Id] = []
    text_public: Text | None = None


@event(
    "OversightFindingAnswered",
    *term("act", "Oversight finding answered or closed"),
    signers="SEC / SECH / DEP / APP / REC / REV / LEAD / CHR / GOV / FIN / OPR / SUP / DIS",
    tags="f:finding_id ed:edition_id c:cases[] x:actions[]",
    serves="JD七(一) ZY10(3),26 HY24,26 GZ10,11(6),32",
    guard="accept and reject only by the issuer",
    restricted={"text": Restricted(LongText, "finding_id", "findings")},
    reads="finding",
)
class OversightFindingAnswered(Payload, frozen=True):
    finding_id: Id
    step: Literal["answer", "accept", "reject"]
    actions: list[EventId] = []
    edition_id: Id | None = None
    cases: list[Id] = []


#: Why restricted data are erased: Personal Information Protection Law art. 47(1) items 1 to 5, a court's or authority's
#: order, and an entry that never should have been.
ErasureGround = Literal[
    "purpose_achieved",
    "retention_expired",
    "consent_withdrawn",
    "unlawful_processing",
    "by_order",
    "recorded_by_mistake",
]


@event(
    "RestrictedDataHandled",
    *term("act", "Restricted data handled"),
    signers="APP[opening] / DEP[opening] / SEC[opening] / SECH[opening] / REV[opening] / LEAD[opening] / COM[opening]"
    " / CHR[opening] / GOV[opening] / FIN[opening] / SUP[opening] / DIS[opening] / OPR+DIS[erasure]",
    tags="x:target_event p:subject",
    serves="ZY25 JD七(六) HY21,25 GZ25,31; personal-data law",
    guard="the target has these restricted paths; the role may open that class; what is erased is the subject's named,"
    " not owed, not under inquiry, not evidence of an open finding",
    reads="erased",
)
class RestrictedDataHandled(Payload, frozen=True):
    """Fields of an event opened, disclosed, published, or erased: by OPR together with DIS, exactly the fields named.

    ``subject`` of an erasure, where given, is the subject of each field; ``ground`` and the number of its instrument
    say why.
    """

    target_event: EventId
    paths: list[Path]
    action: Literal["opened", "disclosed_to", "published", "erased"]
    purpose: Text
    legal_basis: Text
    opening_ok: bool
    recipient_role: RoleCode | None = None
    subject: Id | None = None
    ground: ErasureGround | None = None
    instrument_no: Text | None = None


class Patch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A corrected member: hash of the canonical old value, and the new value."""

    old_hash: Hash
    new: Json


@event(
    "EventCorrected",
    *term("act", "Event corrected"),
    signers="REC+SECH / DEP+SECH / SEC+SECH / REV+SECH / LEAD+SECH / COM+SECH / CHR+SECH / GOV+SECH"
    " / FIN+SECH / APP+SECH / OPR+SECH",
    tags="x:target",
    serves="audit of all",
    guard="only listed non-decisive members; by the original actor; after a dependent decision SUP countersigns",
    restricted={"details": Restricted(LongText, "actor", "findings")},
)
class EventCorrected(Payload, frozen=True):
    target: EventId
    patch: dict[Path, Patch]
    reason: Text


@event(
    "EventAnnulled",
    *term("act", "Event annulled"),
    signers="REC+SECH[own] / DEP+SECH[own] / SEC+SECH[own] / REV+SECH[own] / LEAD+SECH[own]"
    " / COM+SECH[own] / CHR+SECH[own] / GOV+SECH[own] / FIN+SECH[own] / OPR+SECH[own] / SUP / DIS",
    tags="x:target x:ordered_by",
    serves="audit of all; overturned facts",
    guard="the target is live; not for awards unless a clerical duplicate",
    reads="annulled",
)
class EventAnnulled(Payload, frozen=True):
    target: EventId
    reason: Literal["error", "duplicate", "forged_key", "overturned", "ordered"]
    effect: Literal["void_ab_initio", "from_date"]
    from_on: Day | None = None
    ordered_by: EventId | None = None


@event(
    "LateRecordingApproved",
    *term("act", "Late recording approved"),
    signers="SECH+SUP",
    tags="ed:edition_id x:targets[]",
    serves="audit; history for first time, re-win, gaps and bans",
    guard="targets carry `late`; the approver signed none of them",
)
class LateRecordingApproved(Payload, frozen=True):
    targets: list[EventId]
    kind: Literal["delayed", "legacy_import"]
    reason: Text
    sources: list[Hash]
    complete_until: Day | None = None
    edition_id: Id | None = None

    @property
    def says_complete(self) -> bool:
        """Does it say until when the history is complete? Nearly none of them does, and answers ask for those alone."""
        return self.complete_until is not None


@event(
    "TimeAttested",
    *term("act", "Time attested from outside"),
    signers="OPR / SECH / SUP",
    tags="",
    serves="audit of all",
    guard="the token is over a tree head of this log, says the time stated, and is not later than the ledger's clock",
)
class TimeAttested(Payload, frozen=True):
    """An RFC 3161 token that had been made elsewhere when this entry was recorded: entries from here on are younger."""

    tree_size: TreeSize
    root_hash: Hash
    attested_at: Instant
    time_authority: Text
    token: Token


@event(
    "ClockCorrected",
    *term("act", "Clock corrected"),
    signers="OPR+GOV[founders] / OPR+SECH[founders] / GOV+OPR[founders] / GOV+SECH[founders] / SECH+OPR[founders] / "
    "SECH+GOV[founders]",
    tags="",
    serves="audit of all",
    guard="two founders sign; the entries it doubts end no later than the one before it; its own time is not "
    "before the last true one",
    since=2,
    reads="own_kind",
)
class ClockCorrected(Payload, frozen=True):
    """Entries were recorded under a wrong clock: the time they bear is not to be believed, and time may step back here.

    ``last_true_at`` is the last instant that is believed; the entries ``doubted_from`` to ``doubted_to`` were recorded
    at some time between it and this entry.
    """

    last_true_at: Instant
    doubted_from: TreeSize
    doubted_to: TreeSize
    reason: Text


@event(
    "HistoryLossDeclared",
    *term("act", "Loss of history declared"),
    signers="OPR+GOV[founders] / OPR+SECH[founders] / GOV+OPR[founders] / GOV+SECH[founders] / SECH+OPR[founders] / "
    "SECH+GOV[founders]",
    tags="",
    serves="audit of all",
    guard="two founders sign; it names exactly what was signed and is not in the database: from its own position "
    "to the newest head",
    since=2,
    reads="own_kind",
)
class HistoryLossDeclared(Payload, frozen=True):
    """Entries were recorded and receipts given for them, and they are gone: the log goes on at ``lost_from`` without
    them.

    ``lost_from`` is this entry's own position, ``lost_to`` the size of the newest head that was signed, ``root_hash``
    its root.
    """

    lost_from: TreeSize
    lost_to: TreeSize
    root_hash: Hash
    reason: Text
    document_hash: Hash | None = None


@event(
    "AccessRecordAttested",
    *term("act", "Access record attested"),
    signers="OPR / SUP / DIS",
    tags="",
    serves="audit of all; personal-data law",
    guard="no fewer rows and no earlier time than the last one attested, the same chain over the same rows, and "
    "not of a time that has not come",
    since=2,
    reads="own_kind",
)
class AccessRecordAttested(Payload, frozen=True):
    """The head of the chain over who read what: from here on no row of it can be cut out or rewritten unseen.

    ``chain`` is over the first ``visits`` rows; they are all that had been written by ``until``.
    """

    visits: RowCount
    chain: Hash
    until: Instant
