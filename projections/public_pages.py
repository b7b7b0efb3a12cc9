"""What the pages of the public window show, made from D24 and the entries that anybody may read; nothing else.

Everything here is a subset of what an inspector sees: names of organisations that were on a notice or won, awards and
their standing, notices with their ruler, revocations with ground and article, totals of money. No scores, no reviewers,
no complainants, nobody who did not win (B-84).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from msgspec import UNSET

from ledger.clock import format_instant, shanghai_day
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.answer import Answer, NotDerivable, plain
from ledger.derivation.bans import Ban
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import History, Live
from ledger.derivation.law import Law
from ledger.derivation.record import Record, Text
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.events.identity import GenesisDeclared, PrincipalRegistered, PrincipalUpdated
from ledger.events.notice import PublicNoticeOpened
from ledger.events.oversight import EventAnnulled
from ledger.events.registry import Payload, topics
from ledger.statement import edition_of
from projections.as_of import state, tell, tell_of
from projections.facts import ORG_BANS, PUBLICATION
from projections.noted import Kind, shared
from projections.notice_state import NoticeDays
from projections.public_entries import AFTER_DECISION, AT_ONCE, is_public
from projections.public_rows import (
    AwardPage,
    AwardRow,
    EditionRow,
    EntryRow,
    HashedEntry,
    Jurisdiction,
    NoticeListed,
    NoticePage,
    NoticeRow,
    OrganisationPage,
    ParameterRow,
    RevocationRow,
    RulerDay,
    RulesPage,
    RulesRow,
    WithdrawnPage,
    award_row,
    call_row,
    called,
    candidate_row,
    notice_row,
    statistics_row,
)
from projections.publication import Notice, Publication
from projections.sentences import sentence
from projections.slices import Source, global_history, payloads, told_history

#: Entries behind a page that its reader can verify; more are left to the feeds.
ENTRIES_MAX = 60


@dataclass(frozen=True, slots=True)
class Corner:
    """The (D, K) of a page."""

    on: date
    known: int


def _of(source: Source, known: int, *kinds: type[Payload], tags: tuple[str, ...] = ()) -> list[RecordedEvent]:
    return source.events(DCBQuery([DCBQueryItem(types=topics(*kinds), tags=list(tags))]), until=known)


def jurisdiction(source: Source, at: Corner) -> Jurisdiction:
    """Whose log this is, and whether it is a simulation."""
    declared = payloads(GenesisDeclared, _of(source, at.known, GenesisDeclared))
    if not declared:
        raise NotFoundError("log_empty", sentence("the log is empty at this position"))
    p = declared[0]
    return {"jurisdiction": p.jurisdiction, "code": p.jurisdiction_code, "simulation": p.mode == "simulation"}


class Registered(Record, frozen=True, kw_only=True):
    """An organisation's registered name by D, the latest, and its unified social credit code."""

    name: Text | None
    uscc: Text | None


#: What several pages show alike; each is made as of a day.
_REGISTERED: Kind[Registered] = Kind("registered", Registered)
_EDITION: Kind[EditionRow | None] = Kind("edition", EditionRow | None)
_BANS: Kind[list[Ban]] = Kind("bans", list[Ban])
_ENTRIES: Kind[list[EntryRow]] = Kind("entries", list[EntryRow])
_RULES: Kind[list[RulesRow]] = Kind("rules", list[RulesRow])


def registered(source: Source, at: Corner, org: str) -> Registered:
    """How an organisation is registered; asked of the log one by one, so that a page rests on the registrations of
    those alone whom it shows.
    """
    return shared(source, _REGISTERED, (org, at.on), at.known, partial(_registered, at=at, org=org))


def _registered(source: Source, at: Corner, org: str) -> Registered:
    found: str | None = None
    uscc: str | None = None
    for event in _of(source, at.known, PrincipalRegistered, PrincipalUpdated, tags=(f"p:{org}",)):
        match event.statement.payload:
            case PrincipalRegistered(principal_id=named, org_name=name) as p if named == org:
                uscc = p.uscc or uscc
            case PrincipalUpdated(principal_id=named, new_name=name) if named == org:
                pass
            case _:
                continue
        if name is not None and event.statement.effective_on <= at.on:
            found = name
    return Registered(name=found, uscc=uscc)


class OrganisationNames(Mapping[str, str]):
    """Organisation -> its registered name by D, the latest."""

    def __init__(self, source: Source, at: Corner) -> None:
        self._source = source
        self._at = at

    def __getitem__(self, org: str) -> str:
        name = registered(self._source, self._at, org).name
        if name is None:
            raise KeyError(org)
        return name

    def __iter__(self) -> Iterator[str]:
        found = payloads(PrincipalRegistered, _of(self._source, self._at.known, PrincipalRegistered))
        return iter(dict.fromkeys(p.principal_id for p in found if p.principal_id in self))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def editions(source: Source, at: Corner, only: Collection[str] | None = None) -> list[EditionRow]:
    """Each edition, or ``only`` some, with what the public may see of it, the newest first.

    One that cannot be derived stands in the list with its call and ``not_derivable``; its lists are empty.
    """
    calls = (
        _of(source, at.known, EditionOpened)
        if only is None
        else [e for edition in sorted(only) for e in _of(source, at.known, EditionOpened, tags=(f"ed:{edition}",))]
    )
    opened = {p.edition_id: p for p in payloads(EditionOpened, sorted(calls, key=lambda e: e.position))}
    named = OrganisationNames(source, at)
    rows: list[EditionRow] = []
    for edition, call in opened.items():
        # Nearly every page shows something of editions; names are asked for by whoever shows them.
        row = shared(source, _EDITION, (edition, at.on), at.known, partial(_row, at=at, edition=edition, call=call))
        if row is not None:
            rows.append({**row, "names": named})
    return sorted(rows, key=lambda r: (-r["call"]["year"], r["edition"]))


def _row(source: Source, at: Corner, edition: str, call: EditionOpened) -> EditionRow | None:
    history, packs = told_history(source, "publication", edition, at.known), source.packs()
    told = tell_of(history, packs, PUBLICATION, edition, at.on, at.known).answer
    recorded = _recorded(source, at, edition)
    if isinstance(told.result, NotDerivable):
        return _untold(edition, call, told.result, recorded)
    return _told(state(history, packs, at.on, at.known), at.on, edition, told, recorded) if told.is_value else None


#: Members of an edition's row that serve the rows of other lists.
SHARED = frozenset({"names", "recorded", "publication"})


def _told(
    stated: tuple[Live, Law],
    on: date,
    edition: str,
    told: Answer[Publication],
    recorded: dict[str, str],
) -> EditionRow:
    value = told.value()
    enacted = pinned_pack(*stated, edition)
    kinds = {k: {"zh": n.zh, "en": n.en} for k, n in enacted.pack.awards.items()} if enacted else {}
    return {
        "edition": edition,
        "call": called(value.call),
        "notices": [_dated(n, on) for n in value.notices],
        "awards": plain(value.awards),
        "announcements": plain(value.announcements),
        "statistics": statistics_row(value.statistics),
        "kinds": kinds,
        "articles": list(told.why.articles),
        "events": list(told.why.events),
        "pack": enacted.pack.reference if enacted else None,
        "pack_title": enacted.pack.title if enacted else None,
        "pack_title_en": enacted.pack.title_en if enacted else None,
        "not_derivable": None,
        "names": {},
        "recorded": recorded,
        "publication": value,
    }


def _dated(notice: Notice, on: date) -> NoticeRow:
    days = NoticeDays(notice.opened_on, notice.promised_end, _lawful_end(notice), not notice.running)
    return notice_row(notice, days.state(on), days.last_day)


def _lawful_end(notice: Notice) -> date | None:
    ruler = notice.ruler.value
    return None if ruler is UNSET else ruler.end


def _untold(edition: str, call: EditionOpened, fault: NotDerivable, recorded: dict[str, str]) -> EditionRow:
    return {
        "edition": edition,
        "call": call_row(call.number, call.year, (call.window_from, call.window_to), call.awards),
        "notices": [],
        "awards": [],
        "announcements": [],
        "statistics": None,
        "kinds": {},
        "articles": [],
        "events": [],
        "pack": None,
        "pack_title": None,
        "pack_title_en": None,
        "not_derivable": fault.to_json(),
        "names": {},
        "recorded": recorded,
        "publication": None,
    }


def _recorded(source: Source, at: Corner, edition: str) -> dict[str, str]:
    """Award of an edition -> the day on which its grant was recorded: its day in feeds where that of the grant is not
    known.
    """
    return {
        e.statement.payload.award_id: shanghai_day(e.recorded_at).isoformat()
        for e in _of(source, at.known, AwardGranted, tags=(f"ed:{edition}",))
        if isinstance(e.statement.payload, AwardGranted)
    }


def awards(rows: Iterable[EditionRow]) -> list[AwardRow]:
    """Every award of the editions with its holder's name and how it stands, as one flat list."""
    return [award_row(award, row) for row in rows if row["publication"] for award in row["publication"].awards]


def award(source: Source, at: Corner, award_id: str) -> AwardPage:
    """One award: the row of the list, its holder's credit code, its bans, and the public entries behind it."""
    granted = payloads(AwardGranted, _of(source, at.known, AwardGranted, tags=(f"a:{award_id}",)))
    rows = editions(source, at, {edition_of(p.case_id) for p in granted})
    found = [a for a in awards(rows) if a["award_id"] == award_id]
    if not found:
        raise NotFoundError(
            "award_unknown", sentence("no award {award_id} is public on {on}", award_id=award_id[:60], on=at.on)
        )
    row = found[0]
    own = _bans_by(source, at, row["org"], {award_id})
    return {
        **row,
        "uscc": registered(source, at, row["org"]).uscc,
        "bans": plain(own),
        "entries": entries(source, at, f"a:{award_id}"),
    }


def _bans_by(source: Source, at: Corner, org: str, awards: Collection[str]) -> list[Ban]:
    """Bans of an organisation that the revocation of one of these awards brought."""
    bans = shared(source, _BANS, (org, at.on), at.known, partial(_bans, at=at, org=org))
    return [b for b in bans if b.award_id in awards]


def _bans(source: Source, at: Corner, org: str) -> list[Ban]:
    bans = tell(source, ORG_BANS, org, at.on, at.known).answer
    return [*bans.value().bans] if bans.is_value else []


#: Public things that a page shows, by the event that makes them: kind of page, member that names it.
_MADE_BY: dict[type[Payload], tuple[str, str]] = {
    AwardGranted: ("awards", "award_id"),
    PublicNoticeOpened: ("notices", "notice_id"),
}


def _made(event: RecordedEvent) -> tuple[str, str]:
    section, member = _MADE_BY[type(event.statement.payload)]
    return section, str(getattr(event.statement.payload, member))


def withdrawn(source: Source, at: Corner) -> list[WithdrawnPage]:
    """Awards and notices whose entry was annulled, so that they have no page any more: what, when, by which entry."""
    made = _of(source, at.known, *_MADE_BY)
    annulments = _of(source, at.known, EventAnnulled)
    live = {e.id for e in History([*made, *annulments]).live(at.on, at.known)}
    left = {_made(e)[1] for e in made if e.statement.id in live}
    rows: list[WithdrawnPage] = []
    for act in annulments:
        p = act.statement.payload
        target = next((e for e in made if isinstance(p, EventAnnulled) and p.target == e.statement.id), None)
        if target is None or target.statement.id in live or act.statement.effective_on > at.on:
            continue
        section, subject = _made(target)
        if subject not in left:
            rows.append(
                {"path": f"{section}/{subject}", "on": act.statement.effective_on.isoformat(), "position": act.position}
            )
    return rows


def days_of_change(source: Source, at: Corner, tag: str | None) -> list[str]:
    """Days on which public entries took effect, of one subject or of the whole log: a page of it may change then."""
    tags = (tag,) if tag else ()
    found = _of(source, at.known, *AT_ONCE, *AFTER_DECISION, tags=tags)
    return sorted(
        {
            e.statement.effective_on.isoformat()
            for e in found
            if e.statement.effective_on <= at.on and is_public(source, e, at.known)
        }
    )


def entries(source: Source, at: Corner, *tags: str) -> list[EntryRow]:
    """Public entries under the tags, in the order of recording: what a reader can fetch, with its proof."""
    rows = [
        row
        for tag in tags
        for row in shared(source, _ENTRIES, (tag, at.on), at.known, partial(_entries, at=at, tag=tag))
    ]
    return sorted({r["position"]: r for r in rows}.values(), key=lambda r: r["position"])[:ENTRIES_MAX]


def _entries(source: Source, at: Corner, tag: str) -> list[EntryRow]:
    rows: list[EntryRow] = []
    for event in _of(source, at.known, *AT_ONCE, *AFTER_DECISION, tags=(tag,)):
        s = event.statement
        if s.effective_on <= at.on and is_public(source, event, at.known):
            rows.append(
                {
                    "position": event.position,
                    "event": s.id,
                    "type": s.type,
                    "zh": s.payload.SPEC.zh,
                    "en": s.payload.SPEC.en,
                    "effective_on": s.effective_on.isoformat(),
                    "recorded_at": format_instant(event.recorded_at),
                    "basis": list(s.basis),
                    "doc_no": getattr(s.payload, "doc_no", None),
                }
            )
    return rows


def revocations(source: Source, at: Corner, rows: Iterable[EditionRow]) -> list[RevocationRow]:
    """Revoked awards with ground, articles and the end of the ban, the newest first."""
    result: list[RevocationRow] = []
    for row in awards(rows):
        if row["status"] == "revoked":
            own = _bans_by(source, at, row["org"], {row["award_id"]})
            result.append(
                {
                    **row,
                    "ban_until": max((b.until.isoformat() for b in own), default=None),
                    "ban_articles": sorted({a for b in own for a in b.articles}),
                }
            )
    return sorted(result, key=lambda r: r["revoked_on"] or "", reverse=True)


def figures(rows: Iterable[EditionRow]) -> list[dict[str, object]]:
    """The figures of each edition as one flat list; of one that could not be derived, this."""
    return [
        {
            "edition": e["edition"],
            "year": e["call"]["year"],
            **({k: v for k, v in e["statistics"].items() if k != "quota"} if e["statistics"] is not None else {}),
        }
        | ({"not_derivable": e["not_derivable"]} if e["not_derivable"] is not None else {})
        for e in rows
    ]


def notices(rows: Iterable[EditionRow]) -> list[NoticeListed]:
    """Notices of all editions, running ones first; ``state`` is that of ``notice_state``."""
    found: list[NoticeListed] = [
        {
            **n,
            "edition": row["edition"],
            "candidates": [candidate_row(c, row["names"], row["kinds"]) for c in n["names"]],
            "pack_title": row["pack_title"],
            "pack_title_en": row["pack_title_en"],
        }
        for row in rows
        for n in row["notices"]
    ]
    return sorted(sorted(found, key=lambda n: n["opened_on"], reverse=True), key=lambda n: not n["running"])


def notice(source: Source, at: Corner, notice_id: str) -> NoticePage:
    """One notice with its ruler and the calendar between its first and last day."""
    opened = payloads(PublicNoticeOpened, _of(source, at.known, PublicNoticeOpened, tags=(f"n:{notice_id}",)))
    rows = editions(source, at, {p.edition_id for p in opened})
    found = [n for n in notices(rows) if n["notice_id"] == notice_id]
    if not found:
        raise NotFoundError(
            "notice_unknown", sentence("no notice {notice_id} on {on}", notice_id=notice_id[:60], on=at.on)
        )
    row = found[0]
    _, law = state(global_history(source, at.known), source.packs(), at.on, at.known)
    days: list[RulerDay] = []
    told = next(
        n
        for e in rows
        if e["edition"] == row["edition"] and e["publication"]
        for n in e["publication"].notices
        if n.notice_id == notice_id
    )
    first, last = told.opened_on, _lawful_end(told)
    if last is not None:
        for n in range((last - first).days + 1):
            day = date.fromordinal(first.toordinal() + n)
            made_up = any(day in y.makeup_workdays for y in law.calendar.years.values())
            days.append({"day": day.isoformat(), "workday": law.calendar.is_workday(day), "made_up": made_up})
    return {**row, "days": days, "entries": entries(source, at, f"n:{notice_id}")}


def rules(source: Source, at: Corner) -> list[RulesRow]:
    """The versions of the rules that the log knows by D, the one in force marked."""
    return shared(source, _RULES, at.on, at.known, partial(_rules, at=at))


def _rules(source: Source, at: Corner) -> list[RulesRow]:
    _, law = state(global_history(source, at.known), source.packs(), at.on, at.known)
    current = law.in_force(at.on)
    return [
        {
            "pack": v.pack.reference,
            "slug": slug_of(v.pack.reference),
            "id": v.pack.id,
            "version": v.pack.version,
            "title": v.pack.title,
            "title_en": v.pack.title_en,
            "jurisdiction_en": v.pack.jurisdiction_en,
            "doc_no": v.pack.doc_no,
            "status": v.status,
            "in_force_on": None if v.in_force_on is None else v.in_force_on.isoformat(),
            "repealed_on": None if v.repealed_on is None else v.repealed_on.isoformat(),
            "governs": v is current,
            "sha256": v.pack.sha256,
        }
        for v in law.enacted_by(at.on)
    ]


def slug_of(reference: str) -> str:
    """A version as a part of an address: ``ZY@draft#1`` is ``ZY@draft-1``."""
    return reference.replace("#", "-")


def rule(source: Source, at: Corner, slug: str) -> RulesPage:
    """One version with every parameter: value and article, or that the text is silent or was not seen."""
    _, law = state(global_history(source, at.known), source.packs(), at.on, at.known)
    found = [v for v in law.enacted_by(at.on) if slug_of(v.pack.reference) == slug]
    if not found:
        raise NotFoundError("pack_unknown", sentence("{slug} is not enacted at this (D, K)", slug=slug[:60]))
    enacted = found[-1]
    rows: list[ParameterRow] = []
    for path in enacted.pack.parameters:
        told = law.parameter(enacted, path, at.on)
        rows.append(
            {
                "path": path,
                "value": plain(told.value),
                "unit": told.unit,
                "absence": told.absence,
                "gap": told.gap or None,
                "articles": list(told.why.articles),
                "readings": list(told.why.readings),
                "note": told.note,
            }
        )
    head = next(r for r in rules(source, at) if r["slug"] == slug)
    return {**head, "parameters": rows}


def organisation(source: Source, at: Corner, org: str) -> OrganisationPage:
    """An organisation that was on a notice or won: its awards, notices and bans; nobody else has a page."""
    took_part = _of(source, at.known, ApplicationFiled, AwardGranted, tags=(f"o:{org}",))
    cases = {p.case_id for p in payloads(ApplicationFiled, took_part)}
    cases |= {p.case_id for p in payloads(AwardGranted, took_part)}
    rows = editions(source, at, {edition_of(case) for case in cases})
    own = [a for a in awards(rows) if a["org"] == org]
    named = [n for n in notices(rows) if any(c["org"] == org for c in n["candidates"])]
    if not own and not named:
        raise NotFoundError("org_unknown", sentence("nothing is public about {org}", org=org[:60]))
    return {
        "org": org,
        "name": OrganisationNames(source, at).get(org, org),
        "awards": own,
        "notices": named,
        "bans": plain(_bans_by(source, at, org, {a["award_id"] for a in own})),
        "editions": sorted({edition_of(f"{a['edition']}/x") for a in own}),
    }


def document(source: Source, at: Corner, sha256: str) -> list[HashedEntry]:
    """Public entries that hold a document's hash."""
    rows: list[HashedEntry] = []
    for event in source.events(until=at.known):
        s = event.statement
        if sha256.encode() in s.body and is_public(source, event, at.known):
            rows.append(
                {
                    "position": event.position,
                    "event": s.id,
                    "type": s.type,
                    "zh": s.payload.SPEC.zh,
                    "en": s.payload.SPEC.en,
                    "effective_on": s.effective_on.isoformat(),
                }
            )
    return rows
