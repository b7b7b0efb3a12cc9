"""Every page of the public window: its path, its template, what it shows; and which pages a log has at one (D, K)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from api.home.open_logs import OpenLog
from api.inspector.inquiry import head_at
from api.public import linked_data, seen
from api.public.linked_data import Certified
from api.rendering.drawings import bars
from api.rendering.environment import render
from api.rendering.messages import translator
from api.rendering.place import Place
from api.rendering.qr import qr
from api.sentences import sentence
from api.v1.axes import Axes
from ledger.derivation.answer import plain
from ledger.errors import NotFoundError
from ledger.regulation.parameters import spec_of
from ledger.regulation.shipped import shipped_packs
from projections import public_pages
from projections.public_pages import Corner
from projections.public_rows import EntryRow
from projections.slices import Source

#: Code of the problem of a page whose subject was annulled.
WITHDRAWN = "page_withdrawn"

#: Pages of one subject -> the tag of its entries.
TAGS = {"awards": "a", "notices": "n", "organisations": "o", "editions": "ed"}

#: The regulations of the table, in the order of the seeds.
COMPARED = ("zhongyuan/draft", "jindong/draft", "hengyang/draft", "jinshui/interpretation", "ganzhou/2022")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: template, what it shows, and the part of it that its data files hold (``rows`` as CSV too)."""

    template: str
    context: Mapping[str, object]
    data: object
    rows: Sequence[Mapping[str, object]] = ()
    #: The award that programs are told of on its page.
    certified: Certified | None = None
    #: Positions of entries that the page offers for checking.
    named: Sequence[int] = ()


class LogHead(TypedDict):
    """What every page of a log says of it: whose it is, and the title of the text in force."""

    name: str
    origin: str
    jurisdiction: str
    jurisdiction_en: str | None
    code: str
    simulation: bool
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Window:
    """One log at one (D, K), with what several of its pages share."""

    log: OpenLog
    at: Axes
    #: Now, where somebody asks; None where pages are written for a point that is theirs, as files.
    now: Axes | None = None
    #: Where the log is read instead of itself, by somebody who notes what is asked.
    noted: Source | None = None

    @property
    def corner(self) -> Corner:
        return Corner(self.at.as_of, self.at.known_at)

    @property
    def source(self) -> Source:
        return self.log.ledger if self.noted is None else self.noted

    @property
    def is_empty(self) -> bool:
        """Nothing is recorded yet, not even whose log this is."""
        return self.at.known_at == 0

    def head(self) -> LogHead:
        """What every page of the log says of it."""
        told = public_pages.jurisdiction(self.source, self.corner)
        rules = [r for r in public_pages.rules(self.source, self.corner) if r["governs"]] or public_pages.rules(
            self.source, self.corner
        )[-1:]
        return {
            "name": self.log.home.name,
            "origin": self.log.ledger.origin,
            "jurisdiction": told["jurisdiction"],
            "jurisdiction_en": rules[0]["jurisdiction_en"] if rules else None,
            "code": told["code"],
            "simulation": told["simulation"],
            "title": rules[0]["title"] if rules else "",
            "title_en": rules[0]["title_en"] if rules else "",
        }


Making = Callable[[Window, Place, tuple[str, ...]], Shown]


def _log(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    rows = public_pages.editions(w.source, w.corner)
    awards = public_pages.awards(rows)
    context = {
        "editions": rows,
        "holders": [a for a in awards if a["status"] in ("valid", "granted_no_validity_rule")],
        "running": [n for n in public_pages.notices(rows) if n["running"]],
        "revoked": public_pages.revocations(w.source, w.corner, rows),
    }
    return Shown(
        "log.html",
        context,
        {"holders": context["holders"], "notices": context["running"], "revocations": context["revoked"]},
    )


def _awards(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    if parts:
        award = public_pages.award(w.source, w.corner, parts[0])
        certified: Certified = {
            "award_id": award["award_id"],
            "name": award["name"],
            "uscc": award["uscc"],
            "kind_zh": award["kind_zh"],
            "year": award["year"],
            "status": award["status"],
            "granted_on": award["granted_on"],
            "valid_from": award["valid_from"],
            "valid_until": award["valid_until"],
            "revoked_on": award["revoked_on"],
            "set_aside_on": award["set_aside_on"],
        }
        return Shown("award.html", {"a": award}, award, certified=certified, named=_named(award["entries"]))
    rows = public_pages.awards(public_pages.editions(w.source, w.corner))
    return Shown("awards.html", {"rows": rows}, rows, rows)


def _revocations(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    rows = public_pages.revocations(w.source, w.corner, public_pages.editions(w.source, w.corner))
    return Shown("revocations.html", {"rows": rows}, rows, rows)


def _notices(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    if parts:
        notice = public_pages.notice(w.source, w.corner, parts[0])
        return Shown("notice.html", {"n": notice}, notice, named=_named(notice["entries"]))
    rows = public_pages.notices(public_pages.editions(w.source, w.corner))
    return Shown("notices.html", {"rows": rows}, rows, rows)


def _edition(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    found = [e for e in public_pages.editions(w.source, w.corner) if parts and e["edition"] == parts[0]]
    if not found:
        raise _unknown()
    return Shown(
        "edition.html",
        {"e": found[0], "rows": public_pages.awards(found)},
        {k: v for k, v in found[0].items() if k not in public_pages.SHARED},
    )


def _organisation(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    if not parts:
        raise _unknown()
    value = public_pages.organisation(w.source, w.corner, parts[0])
    return Shown("organisation.html", {"o": value}, value)


def _statistics(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    rows = public_pages.editions(w.source, w.corner)
    t = translator(place.language)
    told = [(e["edition"], e["statistics"]) for e in rows if e["statistics"] is not None]
    counts = [(edition, s["applications"], s["awards"]) for edition, s in told]
    sums = [(edition, s["prize_paid"] // 100, s["clawback_received"] // 100) for edition, s in told]
    context = {
        "rows": rows,
        "counts": bars(counts, (t("Number of applications"), t("Number of awards"))),
        "sums": bars(sums, (t("Paid"), t("Clawed back"))),
    }
    flat = public_pages.figures(rows)
    return Shown("statistics.html", context, flat, flat)


def _rules(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    if parts:
        value = public_pages.rule(w.source, w.corner, parts[0])
        labels = {p["path"]: (spec_of(p["path"]).zh, spec_of(p["path"]).en) for p in value["parameters"]}
        return Shown("rule.html", {"r": value, "labels": labels}, value)
    rows = public_pages.rules(w.source, w.corner)
    return Shown("rules.html", {"rows": rows}, rows, rows)


def _withheld(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    return Shown("withheld.html", {}, None)


def _verify(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    rows = public_pages.editions(w.source, w.corner)
    tags = [f"a:{a['award_id']}" for a in public_pages.awards(rows)]
    entries = public_pages.entries(w.source, w.corner, *tags)[-12:]
    context = {"entries": entries, "vkey": str(w.log.ledger.evidence.verifier_key), "base": "https://…/"}
    return Shown("verify.html", context, None, named=_named(entries))


def _named(entries: Iterable[EntryRow]) -> tuple[int, ...]:
    return tuple(entry["position"] for entry in entries)


def _seen(w: Window, place: Place, parts: tuple[str, ...]) -> Shown:
    told = seen.seen(w.log, w.at.known_at)
    return Shown("seen.html", {"s": told}, told.to_json())


#: Pages that change while (D, K) stay: who has seen a head is told by others, at any time.
LIVE = frozenset({"seen"})

SECTIONS: dict[str, Making] = {
    "": _log,
    "awards": _awards,
    "revocations": _revocations,
    "notices": _notices,
    "editions": _edition,
    "organisations": _organisation,
    "statistics": _statistics,
    "rules": _rules,
    "withheld": _withheld,
    "verify": _verify,
    "seen": _seen,
}

#: Sections with a page of their own; of the others only single things have pages.
WHOLE = tuple(section for section in SECTIONS if section not in ("", "editions", "organisations"))


def _unknown() -> NotFoundError:
    return NotFoundError("path_unknown", sentence("no such page"))


def page(w: Window, place: Place, section: str, parts: tuple[str, ...]) -> Shown:
    """One page of a log; NotFoundError where there is none."""
    embedded = section == "notices" and parts[1:] == ("embed",)
    if section not in SECTIONS or (len(parts) > 1 and not embedded):
        raise _unknown()
    try:
        shown = SECTIONS[section](w, place, parts[:1])
    except NotFoundError as error:
        raise _withdrawn(w, "/".join((section, *parts[:1]))) or error from error
    return replace(shown, template="embed.html", data=None) if embedded else shown


def _withdrawn(w: Window, path: str) -> NotFoundError | None:
    """A page that was there and is no more says so, and by which entry."""
    found = next((r for r in public_pages.withdrawn(w.source, w.corner) if r["path"] == path), None)
    if found is None:
        return None
    return NotFoundError(
        WITHDRAWN,
        sentence("withdrawn on {day} by entry {position}", day=found["on"], position=found["position"]),
    )


def written(w: Window, place: Place, shown: Shown, base: str, ribbon: object = None) -> str:
    """The page as HTML, with where it is for ever, the head that it was made under, and its ribbon where it is not of
    now.
    """
    at = {**w.at.to_json(), "root_hash": head_at(w.log, w.at.known_at)["root_hash"] or ""}
    address, head = f"{base}{place.path}/", w.head()
    on = w.at.as_of.isoformat()
    link = f"{address}?as_of={on}&known_at={w.at.known_at}"
    context = dict(shown.context)
    if shown.certified is not None:
        # What a day to come brings is not there today.
        over = w.now is not None and w.at.known_at == w.now.known_at and w.at.as_of <= w.now.as_of
        said = linked_data.organisation_with_award(
            shown.certified, head["jurisdiction"], address, on, past=ribbon is not None, ended_for_good=over
        )
        context["jsonld"] = linked_data.script(said)
    data = place.to(*place.parts, file="data.json") if shown.data is not None else None
    sheet = place.to(*place.parts, file="data.csv") if shown.rows else None
    return render(
        shown.template,
        place,
        log=head,
        at=at,
        permalink=link,
        data_file=data,
        csv_file=sheet,
        code=qr(link),
        ribbon=ribbon,
        address=address,
        **context,
    )


def home(windows: list[Window], place: Place, not_served: Sequence[str] = ()) -> str:
    """All logs of the service; those that are not what they should be are named, and nothing of them is shown."""
    logs = []
    for w in windows:
        if w.is_empty:
            logs.append({"name": w.log.home.name, "origin": w.log.ledger.origin, "empty": True})
            continue
        rows = public_pages.editions(w.source, w.corner)
        awards = public_pages.awards(rows)
        logs.append(
            {
                **w.head(),
                **w.at.to_json(),
                "empty": False,
                "valid": sum(a["status"] in ("valid", "granted_no_validity_rule") for a in awards),
                "revoked": sum(a["status"] == "revoked" for a in awards),
                "running": sum(n["running"] for n in public_pages.notices(rows)),
            }
        )
    return render("home.html", place, logs=logs, not_served=not_served)


def compared(place: Place) -> str:
    """The five regulations side by side."""
    packs = [shipped_packs()[name][0] for name in COMPARED]
    paths = [
        p
        for p in dict.fromkeys(path for pack in packs for path in pack.parameters)
        if "." not in p or not p.startswith("revoke.")
    ]
    rows = [
        {
            "path": path,
            "zh": spec_of(path).zh,
            "en": spec_of(path).en,
            "cells": [
                {
                    "value": plain(s.value),
                    "unit": s.unit,
                    "absence": str(s.absence) if s.absence else None,
                    "article": s.article,
                }
                for s in (pack.parameter(path) for pack in packs)
            ],
        }
        for path in paths
    ]
    return render(
        "compare.html",
        place,
        packs=[
            {"jurisdiction": p.jurisdiction, "jurisdiction_en": p.jurisdiction_en, "status": p.status} for p in packs
        ],
        rows=rows,
    )


def addresses(w: Window) -> Iterator[tuple[str, ...]]:
    """Every page that a log has, below its own name."""
    rows = public_pages.editions(w.source, w.corner)
    awards, notices = public_pages.awards(rows), public_pages.notices(rows)
    yield ()
    yield from ((section,) for section in WHOLE)
    yield from (("editions", r["edition"]) for r in rows)
    yield from (("awards", a["award_id"]) for a in awards)
    yield from (("notices", n["notice_id"]) for n in notices)
    yield from (("notices", n["notice_id"], "embed") for n in notices)
    orgs = dict.fromkeys([*(a["org"] for a in awards), *(c["org"] for n in notices for c in n["candidates"])])
    yield from (("organisations", o) for o in orgs)
    yield from (("rules", r["slug"]) for r in public_pages.rules(w.source, w.corner))
