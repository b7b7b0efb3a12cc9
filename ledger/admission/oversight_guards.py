"""Guards of oversight and ledger integrity; nobody judges an own act (separation S7)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
from msgspec.inspect import LiteralType, StructType, UnionType, type_info

from ledger import canonical
from ledger.admission.reading_rights import check_reading_right
from ledger.admission.view import View, refuse, refuse_by
from ledger.derivation.doubts import Doubt, doubts
from ledger.derivation.history import LiveEvent, replace_at, value_at
from ledger.derivation.owed_back import held, standing_orders
from ledger.derivation.quota import Winner, free_places
from ledger.derivation.setting_aside import void_from_the_start
from ledger.errors import EvidenceError, InvariantError, MalformedError, PermissionRefusedError
from ledger.events.after_award import AwardRevoked, AwardSetAside
from ledger.events.application import ApplicationFiled, EligibilityDecided
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.evaluation import CandidateListProposed, CommitteeResolutionAdopted, ShortlistDecided
from ledger.events.misfits import in_chinese
from ledger.events.money import ClawbackOrdered, ClawbackReceived, ClawbackWaived, PrizePaid
from ledger.events.notice import CaseDisqualified, ObjectionResolved
from ledger.events.oversight import (
    AccessRecordAttested,
    ClockCorrected,
    EventAnnulled,
    EventCorrected,
    HistoryLossDeclared,
    LateRecordingApproved,
    OversightFindingAnswered,
    OversightFindingIssued,
    RestrictedDataHandled,
    TimeAttested,
)
from ledger.events.registry import Payload
from ledger.sentences import enumeration, sentence
from ledger.statement import edition_of
from ledger.tlog import timestamp
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import decode_base64
from ledger.yuan import in_words

#: An authority's clock and ours may differ by so much.
CLOCK_TOLERANCE = timedelta(minutes=5)

#: Members that a correction may change: they identify papers and addresses, and no decision rests on them.
CORRECTABLE = frozenset(
    {
        "meeting_or_doc_no",
        "doc_no",
        "source_doc_no",
        "instrument_no",
        "procedure_doc_no",
        "contact",
        "channels",
        "channel",
        "summary_public",
        "reason",
        "authority",
        "voucher_no",
        "reg_place",
        "org_name",
        "change_reason",
        "form_hash",
        "report_hash",
        "minutes_hash",
        "page_hash",
        "summary_hash",
        "plan_hash",
        "notice_url_hash",
        "document_hash",
        "opinion_hash",
        "title",
    }
)

#: Events that decide; a paper they may rest on is corrected only under the eyes of the supervision group.
_DECISIVE = (
    EligibilityDecided,
    ShortlistDecided,
    CandidateListProposed,
    CommitteeResolutionAdopted,
    ObjectionResolved,
    CaseDisqualified,
    GovernmentDecisionMade,
    AwardGranted,
    AwardRevoked,
)


def _target(view: View, event_id: str) -> LiveEvent:
    target = view.named.get(event_id)
    if target is None:
        refuse("event_unknown", "AUD", None, sentence("{event_id} is not in the log", event_id=event_id))
    return target


def finds_about_known_events(view: View[OversightFindingIssued]) -> None:
    for event_id in view.payload.targets:
        _target(view, event_id)
    if view.live.of(OversightFindingIssued, finding_id=view.payload.finding_id):
        refuse("finding_exists", "AUD", None, sentence("the finding exists"))


def closes_only_by_the_issuer(view: View[OversightFindingAnswered]) -> None:
    p = view.payload
    issued = view.live.last(OversightFindingIssued, finding_id=p.finding_id)
    if issued is None:
        refuse("finding_unknown", "AUD", None, sentence("finding {finding_id} is not known", finding_id=p.finding_id))
    if p.step in ("accept", "reject") and view.statement.actor != issued.actor:
        raise PermissionRefusedError("not_the_issuer", sentence("only the issuer accepts or rejects an answer"))


def opens_what_the_role_may(view: View[RestrictedDataHandled]) -> None:
    p = view.payload
    if p.action == "erased":
        return
    target = _target(view, p.target_event)
    for path in p.paths:
        restricted = target.recorded.statement.spec.restricted.get(path)
        if restricted is None or path not in target.recorded.statement.sd:
            refuse("nothing_restricted", "AUD", None, sentence("{path} holds no commitment there", path=path))
        check_reading_right(view, target, restricted)


def corrects_papers_only(view: View[EventCorrected]) -> None:
    p = view.payload
    target = _target(view, p.target)
    if target.actor != view.statement.actor:
        raise PermissionRefusedError("not_the_originator", sentence("only the original actor corrects"))
    members = msgspec.to_builtins(target.payload)
    for pointer, patch in p.patch.items():
        if pointer.split("/")[1] not in CORRECTABLE or _is_closed(type(target.payload), pointer.split("/")[1]):
            refuse(
                "member_is_decisive",
                "AUD",
                None,
                sentence("{pointer} is decisive and cannot be corrected; annul and record anew", pointer=pointer),
            )
        try:
            old = value_at(members, pointer)
        except (KeyError, IndexError, ValueError):
            refuse("member_unknown", "AUD", None, sentence("{pointer} does not exist there", pointer=pointer))
        if hashlib.sha256(canonical.encode(old)).hexdigest() != patch.old_hash:
            refuse("old_value_differs", "AUD", None, sentence("old_hash of {pointer} differs", pointer=pointer))
        replace_at(members, pointer, patch.new)
    try:
        msgspec.convert(members, type(target.payload), strict=True)
    except msgspec.ValidationError as error:
        raise MalformedError(
            "malformed_payload",
            sentence("the correction does not fit: {error}", error=(in_chinese(str(error)), str(error))),
        ) from error


def _is_closed(payload: type[Payload], member: str) -> bool:
    """Does a member take words of a closed list? Then other rules turn on it, whatever it is called."""
    struct = type_info(payload)
    if not isinstance(struct, StructType):
        raise InvariantError(f"struct is a {type(struct).__name__}, no StructType")
    kinds = [
        k
        for f in struct.fields
        if f.name == member
        for k in (f.type.types if isinstance(f.type, UnionType) else (f.type,))
    ]
    return any(isinstance(kind, LiteralType) for kind in kinds)


def corrects_after_a_decision_under_supervision(view: View[EventCorrected]) -> None:
    target = _target(view, view.payload.target)
    cases = {tag for tag in target.recorded.statement.tags if tag.startswith("c:")}
    later = [
        e for e in view.live.of(*_DECISIVE) if e.position > target.position and cases & set(e.recorded.statement.tags)
    ]
    supervised = any(view.identities.has_role(s.principal_id, "SUP", view.today) for s in view.signers)
    if later and not supervised:
        raise PermissionRefusedError(
            "correction_after_decision",
            sentence(
                "a decision ({decision}) was taken since; the supervision group signs the correction too",
                decision=(later[0].payload.SPEC.zh, later[0].payload.SPEC.en),
            ),
            decision=later[0].id,
        )


def _reached(view: View[EventAnnulled]) -> tuple[LiveEvent, bool]:
    """What an annulment reaches through a chain of annulments, and whether that goes (True) or comes back."""
    event, goes = _target(view, view.payload.target), True
    while isinstance(event.payload, EventAnnulled):
        event, goes = _target(view, event.payload.target), not goes
    return event, goes


def annuls_live_events(view: View[EventAnnulled]) -> None:
    p = view.payload
    earlier = [e for e in view.live.of(EventAnnulled) if e.payload.target == p.target]
    if earlier:
        refuse("already_annulled", "AUD", None, sentence("the event is already annulled"), decided=earlier[0])
    if (p.effect == "from_date") != (p.from_on is not None):
        raise MalformedError(
            "malformed_payload", sentence("an annulment from a day on states that day"), field="from_on"
        )
    if p.from_on is not None and p.from_on > view.on:
        refuse(
            "annulment_ahead",
            "AUD",
            None,
            sentence("an annulment counts from its own day or an earlier one; record it when that day has come"),
            field="from_on",
        )
    event, goes = _reached(view)
    if goes:
        _takes_away_no_award(view, event)
        _takes_away_no_settled_money(view, event)


def _takes_away_no_award(view: View[EventAnnulled], event: LiveEvent) -> None:
    """An award ends by an act of its own; what it rests on is not annulled under it."""
    granted, reason = _granted_on(view, event.payload), view.payload.reason
    if granted and reason in ("overturned", "ordered"):
        refuse(
            "use_set_aside",
            "B-91",
            None,
            sentence("an award that a review body or a court quashes, or its decision, is set aside"),
            remedy=sentence("record that the award is set aside, with the ruling's body and number"),
            reading="B-91:default",
        )
    if isinstance(event.payload, AwardGranted) and reason != "duplicate":
        refuse(
            "use_revocation",
            "AUD",
            None,
            sentence("an award ends by its revocation; only a clerical duplicate is annulled"),
        )
    if granted and not isinstance(event.payload, AwardGranted):
        refuse(
            "award_rests_on_it",
            "AUD",
            None,
            sentence("award {award_id} was granted on it", award_id=granted[0].payload.award_id),
            decided=granted[0],
            remedy=sentence(
                "end the award first: a revocation on a ground of the text, a ruling that sets it aside, or the "
                "annulment of a grant recorded twice"
            ),
        )


def _granted_on(view: View[EventAnnulled], act: Payload) -> list[LiveEvent[AwardGranted]]:
    """The awards that rest on a grant, a decision or an application, and that no ruling has ended from the start."""
    match act:
        case AwardGranted():
            grants = view.live.of(AwardGranted, award_id=act.award_id)
        case GovernmentDecisionMade(subject="award"):
            grants = view.live.of(AwardGranted, decision_id=act.decision_id)
        case ApplicationFiled():
            grants = view.live.of(AwardGranted, case_id=act.case_id)
        case _:
            return []
    return [g for g in grants if void_from_the_start(view.live, g.payload.award_id) is None]


def _takes_away_no_settled_money(view: View[EventAnnulled], event: LiveEvent) -> None:
    """A payment of which a part is ordered back, and an order that was settled, stay on the record."""
    act = event.payload
    if isinstance(act, ClawbackOrdered):
        settled = view.live.of(ClawbackReceived, ClawbackWaived, clawback_id=act.clawback_id)
        if settled:
            refuse(
                "clawback_settled",
                "AUD",
                None,
                sentence(
                    "{settled} of the order are settled", settled=in_words(sum(e.payload.amount for e in settled))
                ),
                decided=settled[0],
                remedy=sentence("annul what was received or waived first, where that was recorded in error"),
            )
    if isinstance(act, PrizePaid) and act.award_id is not None and act.reversal_of is None:
        ordered = sum(e.payload.amount for e in standing_orders(view.live, view.law, act.award_id))
        if held(view.live, view.law, act.award_id) - act.amount < ordered:
            refuse(
                "payment_ordered_back",
                "AUD",
                None,
                sentence("{ordered} of what was paid are ordered back", ordered=in_words(ordered)),
                remedy=sentence("annul the order first"),
            )


def brings_back_an_award_that_can_stand(view: View[EventAnnulled]) -> None:
    """To undo a ruling, or the annulment of a grant, brings an award back: not beside another one of its case, and not
    without its decision and its application.
    """
    event, goes = _reached(view)
    match event.payload:
        case AwardSetAside(void_from="origin", award_id=award_id) if goes:
            grant: AwardGranted = view.award(award_id).payload
        case AwardGranted() as grant if not goes:
            pass
        case _:
            return
    others = [
        g
        for g in view.live.of(AwardGranted, case_id=grant.case_id)
        if g.payload.award_id != grant.award_id and void_from_the_start(view.live, g.payload.award_id) is None
    ]
    if others:
        refuse(
            "case_decided_anew",
            "AUD",
            None,
            sentence(
                "the case has the award {award_id} since; the one that comes back would be its second",
                award_id=others[0].payload.award_id,
            ),
            decided=others[0],
            remedy=sentence("only a ruling that sets the later award aside from the start makes room for it"),
        )
    decided = view.live.of(GovernmentDecisionMade, decision_id=grant.decision_id)
    filed = view.live.of(ApplicationFiled, case_id=grant.case_id)
    if not decided or not filed:
        refuse(
            "rests_on_annulled",
            "AUD",
            None,
            sentence(
                "the award {award_id} would rest on a decision or an application that was annulled",
                award_id=grant.award_id,
            ),
            remedy=sentence("annul that annulment first"),
        )
    _finds_a_place(view, grant)


def _finds_a_place(view: View[EventAnnulled], grant: AwardGranted) -> None:
    """A place that was given to somebody else since is taken."""
    edition = edition_of(grant.case_id)
    for place in free_places(view.live, view.law, edition, [Winner(grant.case_id, grant.award)], view.on):
        if place.maximum is not None and place.used > place.maximum:
            refuse_by(
                place.stated,
                "place_taken",
                sentence(
                    "with {award_id} {used} would hold {name} of {edition}; at most {maximum}",
                    award_id=grant.award_id,
                    used=place.used,
                    name=place.name,
                    edition=edition,
                    maximum=place.maximum,
                ),
                remedy=sentence("only a ruling that sets a later award aside from the start makes room for it"),
                reading=place.reading or None,
                decided=place.decided,
            )


def approves_others_late_entries(view: View[LateRecordingApproved]) -> None:
    signers = {s.principal_id for s in view.signers}
    for event_id in view.payload.targets:
        target = _target(view, event_id)
        if target.recorded.statement.late is None:
            refuse("not_late", "AUD", None, sentence("{event_id} does not say that it is late", event_id=event_id))
        own = {target.actor} & signers
        if own:
            raise PermissionRefusedError(
                "duties_not_separated",
                sentence("{own} signed a target (separation S7)", own=enumeration(own)),
                separation="S7",
            )


def token_says_what_is_stated(view: View[TimeAttested]) -> None:
    """Whom to believe of authorities is the reader's own choice; here only what the token says is compared."""
    p = view.payload
    head = Checkpoint(view.statement.log, p.tree_size, bytes.fromhex(p.root_hash))
    try:
        at = timestamp.read(decode_base64(p.token), head.text)
    except (EvidenceError, ValueError) as error:
        raise MalformedError("bad_timestamp", sentence("token: {error}", error=error), field="token") from error
    if at != p.attested_at:
        refuse("token_differs", "AUD", None, sentence("the token says another time"))
    if at > view.instant + CLOCK_TOLERANCE:
        refuse(
            "clock_behind",
            "AUD",
            None,
            sentence("the token is of {at}, later than this ledger's clock", at=at.isoformat()),
            remedy=sentence("set the clock right"),
        )


def continues_the_last_record(view: View[AccessRecordAttested]) -> None:
    p = view.payload
    if p.until > view.instant + CLOCK_TOLERANCE:
        refuse(
            "not_yet",
            "AUD",
            None,
            sentence("until {until} is later than this ledger's clock", until=p.until.isoformat()),
            field="until",
        )
    earlier = view.live.last(AccessRecordAttested)
    if earlier is None:
        return
    last = earlier.payload
    if p.visits < last.visits or p.until < last.until:
        refuse(
            "record_behind",
            "AUD",
            None,
            sentence(
                "entry {position} attests {visits} rows until {until} already",
                position=earlier.position,
                visits=last.visits,
                until=last.until.isoformat(),
            ),
            field="visits",
            remedy=sentence(
                "draft it anew from the record as it is; if rows are missing, ask who restored or changed the database"
            ),
        )
    if p.visits == last.visits and p.chain != last.chain:
        refuse(
            "record_differs",
            "AUD",
            None,
            sentence("entry {position} attests another chain over the same rows", position=earlier.position),
            field="chain",
        )


def doubts_entries_that_are_there(view: View[ClockCorrected]) -> None:
    p, known = view.payload, view.live.known
    if not 1 <= p.doubted_from <= p.doubted_to <= known:
        refuse(
            "entries_unknown",
            "AUD",
            None,
            sentence(
                "the log has {known} entries; name the first and the last whose time is not to be believed", known=known
            ),
            field="doubted_to",
        )
    earlier = [d for e in view.live.of(ClockCorrected) for d in doubts([e.recorded])]
    if any(d.first <= p.doubted_to and p.doubted_from <= d.last for d in earlier):
        refuse("already_doubted", "AUD", None, sentence("some of these entries are doubted already"))
    if p.doubted_from == 1:
        refuse(
            "genesis_stands",
            "AUD",
            None,
            sentence("the time of the genesis is what the log begins with"),
            field="doubted_from",
        )
    before, after = view.recorded_at(p.doubted_from - 1), _next_believed(view, p.doubted_to, earlier)
    ends = [view.instant] if after is None or after > view.instant else [view.instant, after]
    if p.last_true_at > min(ends) or (before is not None and p.last_true_at < before):
        refuse(
            "last_true_unsound",
            "AUD",
            None,
            sentence(
                "the last true instant lies between the last entry that is believed before and the next one after, or "
                "now"
            ),
            field="last_true_at",
        )
    last = view.recorded_at(known)
    if last is not None and last > view.instant and p.doubted_to != known:
        refuse(
            "last_entry_believed",
            "AUD",
            None,
            sentence("the last entry, {known}, is of a time that has not come; doubt it too", known=known),
            field="doubted_to",
        )


def _next_believed(view: View, last: int, earlier: list[Doubt]) -> datetime | None:
    """When the next entry after a range was recorded whose time nobody doubts."""
    position = last + 1
    while doubt := next((d for d in earlier if d.first <= position <= d.last), None):
        position = doubt.last + 1
    return view.recorded_at(position) if position <= view.live.known else None


def names_what_was_lost(view: View[HistoryLossDeclared]) -> None:
    p, lost = view.payload, view.lost
    if lost is None:
        refuse(
            "nothing_lost",
            "AUD",
            None,
            sentence("the database leads to the newest head of this log; nothing is lost"),
        )
    if (p.lost_from, p.lost_to, p.root_hash) != (lost.first, lost.last, lost.root.hex()):
        refuse(
            "other_range",
            "AUD",
            None,
            sentence(
                "entries {first} to {last} are lost, with the head of root {hex}",
                first=lost.first,
                last=lost.last,
                hex=lost.root.hex(),
            ),
            field="lost_from",
            remedy=sentence("draft the statement with rongjian head loss LOG --reason REASON -o DRAFT"),
        )
