"""What the pages of the public window show, made from D24 and the entries that anybody may read; nothing else.

Everything here is a subset of what an inspector sees: names of organisations that were on a notice or won, awards and
their standing, notices with their ruler, revocations with ground and article, totals of money. No scores, no reviewers,
no complainants, nobody who did not win (B-84).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.clock import format_instant, shanghai_day
from ledger.derivation.answer import Answer, NotDerivable, plain
from ledger.derivation.bans import Ban
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import History
from ledger.entry import RecordedEvent
from ledger.errors import NotFoundError
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.events.identity import GenesisDeclared, PrincipalRegistered, PrincipalUpdated
from ledger.events.notice import PublicNoticeOpened
from ledger.events.oversight import EventAnnulled
from ledger.events.registry import Payload, topics
from ledger.statement import edition_of
from projections.as_of import state, tell
from projections.facts import ORG_BANS, PUBLICATION
from projections.notice_state import last_day, notice_state
from projections.public_entries import AFTER_DECISION, AT_ONCE, is_public
from projections.publication import Publication
from projections.slices import Source, global_history, history_for, payloads

#: Entries behind a page that its reader can verify; more are left to the feeds.
ENTRIES_MAX = 60


@dataclass(frozen=True, slots=True)
class Corner:
    """The (D, K) of a page."""

    on: date
    known: int


def _of(source: Source, known: int, *kinds: type[Payload], tags: tuple[str, ...] = ()) -> list[RecordedEvent]:
    return source.events(DCBQuery([DCBQueryItem(types=topics(*kinds), tags=list(tags))]), until=known)


def jurisdiction(source: Source, at: Corner) -> dict[str, Any]:
    """Whose log this is, and whether it is a simulation."""
    declared = payloads(GenesisDeclared, _of(source, at.known, GenesisDeclared))
    if not declared:
        raise NotFoundError("log_empty", "the log is empty at this position", "该位置账本为空")
    p = declared[0]
    return {"jurisdiction": p.jurisdiction, "code": p.jurisdiction_code, "simulation": p.mode == "simulation"}


def names(source: Source, at: Corner) -> dict[str, str]:
    """Organisation -> its registered name by D; later names first."""
    found: dict[str, str] = {}
    for event in _of(source, at.known, PrincipalRegistered, PrincipalUpdated):
        p = event.statement.payload
        match p:
            case PrincipalRegistered():
                name = p.org_name
            case PrincipalUpdated():
                name = p.new_name
            case _:
                continue
        if name is not None and event.statement.effective_on <= at.on:
            found[p.principal_id] = name
    return found


def credit_codes(source: Source, at: Corner) -> dict[str, str]:
    """Organisation -> its unified social credit code, where one is registered."""
    registered = payloads(PrincipalRegistered, _of(source, at.known, PrincipalRegistered))
    return {p.principal_id: p.uscc for p in registered if p.uscc}


def editions(source: Source, at: Corner) -> list[dict[str, Any]]:
    """Each edition with what the public may see of it, the newest first.

    One that cannot be derived stands in the list with its call and ``not_derivable``; its lists are empty.
    """
    opened = {p.edition_id: p for p in payloads(EditionOpened, _of(source, at.known, EditionOpened))}
    shared = {"names": names(source, at), "recorded": _recorded(source, at)}
    rows = []
    for edition, call in opened.items():
        told = tell(source, PUBLICATION, edition, at.on, at.known).answer
        if isinstance(told.result, NotDerivable):
            rows.append({**_untold(edition, call, told.result), **shared})
        elif told.is_value:
            rows.append({**_told(source, at, edition, told), **shared})
    return sorted(rows, key=lambda r: (-r["call"]["year"], r["edition"]))


#: Members of an edition's row that serve the rows of other lists.
SHARED = frozenset({"names", "recorded"})


def _told(source: Source, at: Corner, edition: str, told: Answer[Publication]) -> dict[str, Any]:
    value = plain(told.value())
    live, law = state(history_for(source, "edition", edition, at.known), source.packs(), at.on, at.known)
    enacted = pinned_pack(live, law, edition)
    kinds = {k: {"zh": n.zh, "en": n.en} for k, n in enacted.pack.awards.items()} if enacted else {}
    value["notices"] = [_dated(n, at.on) for n in value["notices"]]
    return {
        "edition": edition,
        **value,
        "kinds": kinds,
        "articles": list(told.why.articles),
        "events": list(told.why.events),
        "pack": enacted.pack.reference if enacted else None,
        "pack_title": enacted.pack.title if enacted else None,
        "pack_title_en": enacted.pack.title_en if enacted else None,
        "not_derivable": None,
    }


def _dated(notice: dict[str, Any], on: date) -> dict[str, Any]:
    """A notice with what it is on the day: one that nobody closed does not run for ever."""
    now = notice_state(notice, on)
    return {**notice, "state": now, "running": now == "running", "last_day": last_day(notice).isoformat()}


def _untold(edition: str, call: EditionOpened, fault: NotDerivable) -> dict[str, Any]:
    said = {
        "number": call.number,
        "year": call.year,
        "window_from": call.window_from,
        "window_to": call.window_to,
        "awards": list(call.awards),
    }
    return {
        "edition": edition,
        "call": plain(said),
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
    }


def _recorded(source: Source, at: Corner) -> dict[str, str]:
    """Award -> the day on which its grant was recorded: its day in feeds where the day of the grant cannot be told."""
    return {
        e.statement.payload.award_id: shanghai_day(e.recorded_at).isoformat()
        for e in _of(source, at.known, AwardGranted)
        if isinstance(e.statement.payload, AwardGranted)
    }


def awards(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every award of the editions with its holder's name and how it stands, as one flat list."""
    result = []
    for row in rows:
        for award in row["awards"]:
            value = award.get("value", {})
            result.append(
                {
                    "award_id": award["award_id"],
                    "org": award["org"],
                    "name": row["names"].get(award["org"], award["org"]),
                    "kind": award["award"],
                    "kind_zh": row["kinds"].get(award["award"], {}).get("zh", award["award"]),
                    "kind_en": row["kinds"].get(award["award"], {}).get("en", award["award"]),
                    "edition": row["edition"],
                    "year": row["call"]["year"],
                    "status": value.get("status", award["state"]),
                    "granted_on": value.get("granted_on"),
                    "recorded_on": row["recorded"].get(award["award_id"]),
                    "valid_from": value.get("valid_from"),
                    "valid_until": value.get("valid_until"),
                    "revoked_on": value.get("revoked_on"),
                    "set_aside_on": value.get("set_aside_on"),
                    "body": value.get("body"),
                    "ruling_no": value.get("ruling_no"),
                    "ground": value.get("ground"),
                    "basis": value.get("basis", []),
                    "undetermined": award.get("undetermined"),
                    "not_derivable": award.get("not_derivable"),
                }
            )
    return result


def award(source: Source, at: Corner, award_id: str) -> dict[str, Any]:
    """One award: the row of the list, its holder's credit code, its bans, and the public entries behind it."""
    found = [a for a in awards(editions(source, at)) if a["award_id"] == award_id]
    if not found:
        raise NotFoundError(
            "award_unknown", f"no award {award_id[:60]} is public on {at.on}", f"{at.on} 没有公开的奖项 {award_id[:60]}"
        )
    row = found[0]
    own = _bans_by(source, at, row["org"], {award_id})
    code = credit_codes(source, at).get(row["org"])
    return {**row, "uscc": code, "bans": plain(own), "entries": entries(source, at, f"a:{award_id}")}


def _bans_by(source: Source, at: Corner, org: str, awards: Collection[str]) -> list[Ban]:
    """Bans of an organisation that the revocation of one of these awards brought."""
    bans = tell(source, ORG_BANS, org, at.on, at.known).answer
    return [b for b in bans.value().bans if b.award_id in awards] if bans.is_value else []


#: Public things that a page shows, by the event that makes them: kind of page, member that names it.
_MADE_BY: dict[type[Payload], tuple[str, str]] = {
    AwardGranted: ("awards", "award_id"),
    PublicNoticeOpened: ("notices", "notice_id"),
}


def _made(event: RecordedEvent) -> tuple[str, str]:
    section, member = _MADE_BY[type(event.statement.payload)]
    return section, str(getattr(event.statement.payload, member))


def withdrawn(source: Source, at: Corner) -> list[dict[str, Any]]:
    """Awards and notices whose entry was annulled, so that they have no page any more: what, when, by which entry."""
    made = _of(source, at.known, *_MADE_BY)
    annulments = _of(source, at.known, EventAnnulled)
    live = {e.id for e in History([*made, *annulments]).live(at.on, at.known)}
    left = {_made(e)[1] for e in made if e.statement.id in live}
    rows = []
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


def entries(source: Source, at: Corner, *tags: str) -> list[dict[str, Any]]:
    """Public entries under the tags, in the order of recording: what a reader can fetch, with its proof."""
    rows: list[dict[str, Any]] = []
    for tag in tags:
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
    return sorted({r["position"]: r for r in rows}.values(), key=lambda r: r["position"])[:ENTRIES_MAX]


def revocations(source: Source, at: Corner, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Revoked awards with ground, articles and the end of the ban, the newest first."""
    result = []
    for row in awards(rows):
        if row["status"] == "revoked":
            own = _bans_by(source, at, row["org"], {row["award_id"]})
            result.append(
                {
                    **row,
                    "ban_until": max((plain(b.until) for b in own), default=None),
                    "ban_articles": sorted({a for b in own for a in b.articles}),
                }
            )
    return sorted(result, key=lambda r: r["revoked_on"] or "", reverse=True)


def figures(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The figures of each edition as one flat list; of one that could not be derived, this."""
    return [
        {
            "edition": e["edition"],
            "year": e["call"]["year"],
            **{k: v for k, v in (e["statistics"] or {}).items() if k != "quota"},
        }
        | ({"not_derivable": e["not_derivable"]} if e["not_derivable"] is not None else {})
        for e in rows
    ]


def notices(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Notices of all editions, running ones first; ``state`` is that of ``notice_state``."""
    found = [
        {
            **n,
            "edition": row["edition"],
            "candidates": [
                {
                    **c,
                    "name": row["names"].get(c["org"], c["org"]),
                    "kind_zh": row["kinds"].get(c["award"], {}).get("zh", c["award"]),
                    "kind_en": row["kinds"].get(c["award"], {}).get("en", c["award"]),
                }
                for c in n["names"]
            ],
            "pack_title": row["pack_title"],
            "pack_title_en": row["pack_title_en"],
        }
        for row in rows
        for n in row["notices"]
    ]
    return sorted(sorted(found, key=lambda n: n["opened_on"], reverse=True), key=lambda n: not n["running"])


def notice(source: Source, at: Corner, notice_id: str) -> dict[str, Any]:
    """One notice with its ruler and the calendar between its first and last day."""
    found = [n for n in notices(editions(source, at)) if n["notice_id"] == notice_id]
    if not found:
        raise NotFoundError(
            "notice_unknown", f"no notice {notice_id[:60]} on {at.on}", f"{at.on} 没有公示 {notice_id[:60]}"
        )
    row = found[0]
    _, law = state(global_history(source, at.known), source.packs(), at.on, at.known)
    days = []
    end = row["ruler"].get("value", {}).get("end")
    if end is not None:
        first, last = date.fromisoformat(row["opened_on"]), date.fromisoformat(end)
        for n in range((last - first).days + 1):
            day = date.fromordinal(first.toordinal() + n)
            made_up = any(day in y.makeup_workdays for y in law.calendar.years.values())
            days.append({"day": day.isoformat(), "workday": law.calendar.is_workday(day), "made_up": made_up})
    return {**row, "days": days, "entries": entries(source, at, f"n:{notice_id}")}


def rules(source: Source, at: Corner) -> list[dict[str, Any]]:
    """The versions of the rules that the log knows by D, the one in force marked."""
    _, law = state(global_history(source, at.known), source.packs(), at.on, at.known)
    current = law.in_force(at.on)
    return [
        plain(
            {
                "pack": v.pack.reference,
                "slug": slug_of(v.pack.reference),
                "id": v.pack.id,
                "version": v.pack.version,
                "title": v.pack.title,
                "title_en": v.pack.title_en,
                "doc_no": v.pack.doc_no,
                "status": v.status,
                "in_force_on": v.in_force_on,
                "repealed_on": v.repealed_on,
                "governs": v is current,
                "sha256": v.pack.sha256,
            }
        )
        for v in law.enacted_by(at.on)
    ]


def slug_of(reference: str) -> str:
    """A version as a part of an address: ``ZY@draft#1`` is ``ZY@draft-1``."""
    return reference.replace("#", "-")


def rule(source: Source, at: Corner, slug: str) -> dict[str, Any]:
    """One version with every parameter: value and article, or that the text is silent or was not seen."""
    _, law = state(global_history(source, at.known), source.packs(), at.on, at.known)
    found = [v for v in law.enacted_by(at.on) if slug_of(v.pack.reference) == slug]
    if not found:
        raise NotFoundError("pack_unknown", f"{slug[:60]} is not enacted at this (D, K)", f"该时点没有登记 {slug[:60]}")
    enacted = found[-1]
    rows = []
    for path in enacted.pack.parameters:
        told = law.parameter(enacted, path, at.on)
        rows.append(
            plain(
                {
                    "path": path,
                    "value": told.value,
                    "unit": told.unit,
                    "absence": told.absence,
                    "gap": told.gap or None,
                    "articles": list(told.why.articles),
                    "readings": list(told.why.readings),
                    "note": told.note,
                }
            )
        )
    head = next(r for r in rules(source, at) if r["slug"] == slug)
    return {**head, "parameters": rows}


def organisation(source: Source, at: Corner, org: str) -> dict[str, Any]:
    """An organisation that was on a notice or won: its awards, notices and bans; nobody else has a page."""
    rows = editions(source, at)
    own = [a for a in awards(rows) if a["org"] == org]
    named = [n for n in notices(rows) if any(c["org"] == org for c in n["candidates"])]
    if not own and not named:
        raise NotFoundError("org_unknown", f"nothing is public about {org[:60]}", f"没有关于 {org[:60]} 的公开信息")
    return {
        "org": org,
        "name": names(source, at).get(org, org),
        "awards": own,
        "notices": named,
        "bans": plain(_bans_by(source, at, org, {a["award_id"] for a in own})),
        "editions": sorted({edition_of(f"{a['edition']}/x") for a in own}),
    }


def document(source: Source, at: Corner, sha256: str) -> list[dict[str, Any]]:
    """Public entries that hold a document's hash."""
    rows = []
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
