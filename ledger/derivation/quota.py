"""Places of an edition by award kind and sector group, used and free (D11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.editions import decisions_on_awards, edition_opened, pinned_pack
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.record import Count, Name, Record, Word
from ledger.derivation.setting_aside import quashed_in, void_from_the_start
from ledger.derivation.standing import award_of, awards_of, counts_in_quota, takes_a_place
from ledger.derivation.succession import carried
from ledger.derivation.words import word
from ledger.events.application import ApplicationFiled, ApplicationWithdrawn
from ledger.events.decision import AwardGranted, GovernmentDecisionMade
from ledger.events.edition import EditionOpened
from ledger.events.notice import CaseDisqualified
from ledger.regulation.stated import Absence
from ledger.regulation.tables import SectorGroup, SizeGroup
from ledger.sentences import Pair, sentence
from ledger.statement import edition_of


@dataclass(frozen=True, slots=True)
class _Winners:
    """Who has won in an edition, apart by whether the win takes a place."""

    counted: dict[str, list[LiveEvent[AwardGranted]]]
    exempt: dict[str, list[LiveEvent[AwardGranted]]]

    def all_counted(self) -> list[LiveEvent[AwardGranted]]:
        return [grant for grants in self.counted.values() for grant in grants]


class GroupPlaces(Record, frozen=True, kw_only=True):
    """Places of a group of sectors or sizes."""

    group: Word
    max: Count
    used: Count
    free: Count


class Places(Record, frozen=True, kw_only=True):
    """Places of one award kind; ``max`` and ``free`` are None where nothing sets a number, with the question where the
    text was not seen.

    ``counted`` are the organisations whose win takes a place, ``not_counted`` those whose win does not.
    """

    max: Count | None
    used: Count
    free: Count | None
    counted: tuple[Name, ...]
    not_counted: tuple[Name, ...]
    sectors: tuple[GroupPlaces, ...]
    sizes: tuple[GroupPlaces, ...]
    undetermined: Undetermined | UnsetType = UNSET


def quota(live: Live, law: Law, edition_id: str) -> Answer[dict[str, Places]]:
    """Per award kind: max (None where the text sets no number), used, free, who counts and who does not; groups.

    A later revocation does not free a place; a ruling that sets an award aside from the start does.
    """
    opened = edition_opened(live, edition_id)
    if opened is None:
        return Answer(NotApplicable(*sentence("the edition was not opened by that day")))
    enacted, on = pinned_pack(live, law, edition_id), places_decided_on(live, edition_id)
    places, why = _places(live, law, edition_id, opened)
    value: dict[str, Places] = {}
    for award in opened.payload.awards:
        counted, exempt = places.counted[award], places.exempt[award]
        limit, open_, limit_why = _limit(law, enacted, opened, award, on)
        sectors, sector_why = _groups(live, law, enacted, on, "quota.by_sector", places, award)
        sizes, size_why = _groups(live, law, enacted, on, "quota.by_size", places, award)
        why |= limit_why | sector_why | size_why
        value[award] = Places(
            max=limit,
            used=len(counted),
            free=None if limit is None else limit - len(counted),
            counted=tuple(g.payload.org for g in counted),
            not_counted=tuple(g.payload.org for g in exempt),
            sectors=sectors,
            sizes=sizes,
            undetermined=open_,
        )
    return Answer(value, why)


def places_decided_on(live: Live, edition_id: str) -> date:
    """The day whose law gives the places of an edition: that of its last decision on awards, else D."""
    return max((d.on for d in decisions_on_awards(live, edition_id)), default=live.on)


def _places(live: Live, law: Law, edition_id: str, opened: LiveEvent[EditionOpened]) -> tuple[_Winners, Why]:
    grants = [e for e in live.of(AwardGranted) if edition_of(e.payload.case_id) == edition_id]
    why = Why(events=(opened.id, *(g.id for g in grants)))
    places = _Winners({a: [] for a in opened.payload.awards}, {a: [] for a in opened.payload.awards})
    for grant in grants:
        ruling = void_from_the_start(live, grant.payload.award_id)
        if ruling is not None:
            why |= Why(events=(ruling.id,))
            continue
        award = award_of(live, law, grant.payload.award_id)
        counts, counts_why = takes_a_place(live, law, award) if award is not None else (True, Why())
        why |= counts_why
        side = places.counted if counts else places.exempt
        side.setdefault(grant.payload.award, []).append(grant)
    return places, why


def _limit(
    law: Law, enacted: Enacted | None, opened: LiveEvent[EditionOpened], award: str, on: date
) -> tuple[int | None, Undetermined | UnsetType, Why]:
    override = (opened.payload.quota_override or {}).get(award)
    if override is not None:
        return override, UNSET, Why(events=(opened.id,), readings=("B-29/G08:default",))
    stated = law.parameter(enacted, f"quota.max.{award}", on)
    unseen = stated.undetermined() if stated.absence is Absence.UNKNOWN else UNSET
    return (stated.number if stated.stated else None), unseen, stated.why


def _groups(
    live: Live,
    law: Law,
    enacted: Enacted | None,
    on: date,
    path: str,
    places: _Winners,
    award: str,
) -> tuple[tuple[GroupPlaces, ...], Why]:
    """Places by sector or size, per award kind or over all kinds together as the reading says (B-30)."""
    stated = law.parameter(enacted, path, on)
    if not stated.stated:
        return (), stated.left_open
    chosen, reading = law.reading(enacted, "reading.sector_quota", on)
    grants = places.counted[award] if chosen == "per_award_kind" else places.all_counted()
    member, groups = _groups_of(stated)
    rows = []
    for group in groups:
        used = sum(_member_of(live, grant.payload.case_id, member) in group.among for grant in grants)
        rows.append(GroupPlaces(group=group.group, max=group.max, used=used, free=group.max - used))
    return tuple(rows), stated.why | reading


def _groups_of(stated: Resolved) -> tuple[str, tuple[SectorGroup, ...] | tuple[SizeGroup, ...]]:
    """What tells the groups apart, and the groups."""
    if stated.path == "quota.by_sector":
        return "sector", stated.rows(SectorGroup)
    return "size", stated.rows(SizeGroup)


@dataclass(frozen=True, slots=True)
class Winner:
    """A case that is about to win an award kind."""

    case_id: str
    award: str


@dataclass(frozen=True, slots=True)
class Place:
    """A limit of an edition, and how many would use it."""

    #: The award kind, the group or both; and what it is called in Chinese and English.
    of: str
    name: Pair
    maximum: int | None
    used: int
    stated: Resolved
    reading: str
    #: The opening of the edition, where it sets the number and not the text.
    decided: LiveEvent[EditionOpened] | None = None


def free_places(live: Live, law: Law, edition_id: str, coming: Sequence[Winner], on: date) -> list[Place]:
    """Every limit of an edition if ``coming`` won too by a decision of a day.

    Re-wins outside the quota are left out (B-25).
    """
    opened = edition_opened(live, edition_id)
    if opened is None:
        return []
    enacted = pinned_pack(live, law, edition_id)
    places, _ = _places(live, law, edition_id, opened)
    granted = {g.payload.case_id: g.payload.award for g in places.all_counted()}
    counted = granted | {
        w.case_id: w.award
        for w in (*_approved(live, edition_id), *coming)
        if w.case_id not in granted and _takes_a_place(live, law, enacted, w, on)
    }
    result = []
    for award in opened.payload.awards:
        limit, _, _ = _limit(law, enacted, opened, award, on)
        stated = law.parameter(enacted, f"quota.max.{award}", on)
        used = sum(kind == award for kind in counted.values())
        if any(w.award == award for w in coming):
            # An announced plan settles what the text leaves open (B-29).
            settled = replace(stated, absence=None) if limit is not None else stated
            planned = opened if award in (opened.payload.quota_override or {}) else None
            name = _called(enacted, award)
            result.append(Place(award, name, limit, used, settled, ", ".join(stated.left_open.readings), planned))
    for path in ("quota.by_sector", "quota.by_size"):
        result += _group_places(live, law, enacted, opened, path, counted, on)
    return result


def _approved(live: Live, edition_id: str) -> list[Winner]:
    """Who is to win by decisions that stand, whether or not the award was granted yet."""
    gone = {e.payload.case_id for e in live.of(CaseDisqualified, ApplicationWithdrawn)}
    filed = {e.payload.case_id: e.payload.award for e in live.of(ApplicationFiled)}
    return [
        Winner(item.case, item.award or filed[item.case])
        for decision in live.of(GovernmentDecisionMade, subject="award")
        for item in decision.payload.approved
        if item.case in filed
        and edition_of(item.case) == edition_id
        and item.case not in gone
        and decision.id not in quashed_in(live, item.case).acts
    ]


def _group_places(
    live: Live,
    law: Law,
    enacted: Enacted | None,
    opened: LiveEvent[EditionOpened],
    path: str,
    counted: dict[str, str],
    on: date,
) -> list[Place]:
    stated = law.parameter(enacted, path, on)
    if not stated.stated:
        return []
    chosen, why = law.reading(enacted, "reading.sector_quota", on)
    member, groups = _groups_of(stated)
    kinds = opened.payload.awards if chosen == "per_award_kind" else ["*"]
    result = []
    for group in groups:
        for kind in kinds:
            used = sum(
                kind in ("*", award) and _member_of(live, case_id, member) in group.among
                for case_id, award in counted.items()
            )
            called = word(group.group, "group")
            name = called if kind == "*" else sentence("{kind} ({group})", kind=_called(enacted, kind), group=called)
            of = group.group if kind == "*" else f"{kind}/{group.group}"
            result.append(Place(of, name, group.max, used, stated, ", ".join(why.readings)))
    return result


def _called(enacted: Enacted | None, kind: str) -> Pair:
    return word(kind, "award") if enacted is None else enacted.award_called(kind)


def _takes_a_place(live: Live, law: Law, enacted: Enacted | None, winner: Winner, on: date) -> bool:
    """Does a win that is not granted yet take a place, by the organisation's own earlier awards of the kind (D17)?"""
    filed = live.last(ApplicationFiled, case_id=winner.case_id)
    if filed is None:
        return True
    org = filed.payload.org
    earlier = [
        a
        for won in (org, *(h.predecessor for h in carried(live, org, "awards")))
        for a in awards_of(live, law, won)
        if a.kind == winner.award and a.granted.payload.case_id != winner.case_id and not a.void
    ]
    after_revoked = bool(earlier) and all(a.revoked is not None for a in earlier)
    counts, _ = counts_in_quota(law, enacted, winner.award, on, rewinning=bool(earlier), after_revoked=after_revoked)
    return counts


def _member_of(live: Live, case_id: str, member: str) -> str | None:
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return None
    return filed.payload.sector if member == "sector" else filed.payload.size
