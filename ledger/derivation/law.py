"""Which text governs: versions by date, the pinned pack of an edition, interpretations over silences (D04).

Built from the regulation events known at one K and the pack bytes they name by hash; pure. How far each reaches is said
in :mod:`ledger.derivation.reach_of_law`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date, timedelta

from ledger.derivation.answer import Undetermined, Why
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.reach_of_law import calendars, known, reading_reaches, text_reaches
from ledger.errors import InvariantError
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from ledger.identifiers import same_document
from ledger.regulation.pack import InForce, Pack, Status, interpreted_value
from ledger.regulation.parameters import matter_of, spec_of
from ledger.regulation.periods import Unit, WorkdayCalendar, YearCalendar
from ledger.regulation.readings import READINGS, reading_of_absence, reading_of_value
from ledger.regulation.stated import Absence, Stated, W
from ledger.sentences import sentence

#: What the law is read from.
LAW_TYPES = (
    RegulationEnacted,
    RegulationRepealed,
    RegulationInterpreted,
    CalendarPublished,
)

#: Between articles; one within brackets belongs to the name of an article: 四.3(§7,8).
_COMMA = re.compile(r",(?![^()]*\))")


@dataclass(frozen=True, slots=True)
class Enacted:
    """A pack as enacted by an event: the event may promulgate what the pack's file still calls a draft."""

    pack: Pack
    event_id: str
    position: int
    status: Status
    in_force_on: date | None
    repealed_on: date | None
    names: frozenset[str] = frozenset()
    #: The day of the enactment itself, for those who list what had been enacted by a day.
    enacted_on: date = date.min
    #: Repeals: from which day on it is out of force, and from which it is in force again where a repeal was annulled.
    lapses: tuple[tuple[date, date | None], ...] = ()

    def is_in_force(self, on: date) -> bool:
        """Does the text bind on a day?"""
        return self.status in ("in_force", "interpretation_only") and text_reaches(self.in_force_on, self.lapses, on)

    def articles(self, text: str | None) -> tuple[str, ...]:
        """Articles as a pack writes them ("10(6),17(5)") with the text that they are of."""
        return tuple(f"{self.pack.id}:{article}" for article in _COMMA.split(text or "") if article)

    def award_called(self, kind: str) -> tuple[str, str]:
        """An award kind by the name that the text gives it, in Chinese and English."""
        names = self.pack.awards.get(kind)
        return (names.zh, names.en) if names is not None else (kind, kind)

    def is_called(self, name: str) -> bool:
        """Is this the text of that version, title or document number, in whatever brackets it is written?"""
        return any(same_document(name, known) for known in self.names)


@dataclass(frozen=True, slots=True)
class Resolved(Stated[W]):
    """A parameter as it applies: a value with article or interpretation, or the reason for its absence."""

    unit: str | None
    absence: Absence | None
    gap: str
    why: Why
    note: str | None = None
    rule: str | None = None

    @property
    def stated(self) -> bool:
        return self.absence is None

    @property
    def left_open(self) -> Why:
        """The reading by which a derivation continues where the text states no value; nothing where it states one."""
        return Why(readings=self.why.readings) if self.absence is not None else Why()

    @property
    def period_unit(self) -> Unit:
        """The unit of a stated period; packs and interpretations state none without it."""
        match self.unit:
            case "year" | "month" | "day" | "working_day":
                return self.unit
            case _:
                raise InvariantError(f"{self.path} is no period: its unit is {self.unit!r}")

    def undetermined(self) -> Undetermined:
        """The absence as an answer."""
        named = spec_of(self.path)
        called = (named.zh, named.en)
        if self.absence is Absence.SILENT:
            return Undetermined(
                self.path,
                self.gap,
                *sentence("the text is silent on this: {parameter}", parameter=called),
            )
        return Undetermined(
            self.path, self.gap, *sentence("the text on this was not seen: {parameter}", parameter=called)
        )


#: A reading, and the day from which on it is annulled.
Interpretation = tuple[LiveEvent[RegulationInterpreted], date | None]


@dataclass(frozen=True, slots=True)
class Consulted:
    """What of the law somebody has asked for beside its texts: readings by text and path, calendars by year."""

    paths: set[tuple[str, str]] = field(default_factory=set)
    years: set[int] = field(default_factory=set)


class _NotedYears(Mapping[int, YearCalendar]):
    """Calendars of years; each year that is asked for is noted, also one that there is not."""

    def __init__(self, years: Mapping[int, YearCalendar], asked: set[int]) -> None:
        self._years = years
        self._asked = asked

    def __getitem__(self, year: int) -> YearCalendar:
        self._asked.add(year)
        return self._years[year]

    def __iter__(self) -> Iterator[int]:
        # Whoever goes through all of them has asked for every year that may still come.
        self._asked.update(range(MINYEAR, MAXYEAR + 1))
        return iter(self._years)

    def __len__(self) -> int:
        return len(self._years)


class Law:
    """The law as known at one K; the day for which a rule is asked picks from it."""

    def __init__(
        self,
        versions: Iterable[Enacted],
        interpretations: Iterable[Interpretation],
        calendar: WorkdayCalendar,
        consulted: Consulted | None = None,
    ) -> None:
        """``consulted`` notes what is asked."""
        self.versions = tuple(versions)
        self.interpretations = tuple(interpretations)
        self.calendar = calendar
        self._consulted = consulted

    def noting(self, consulted: Consulted) -> Law:
        """The same law, which notes what is asked of it."""
        years = _NotedYears(self.calendar.years, consulted.years)
        return Law(self.versions, self.interpretations, WorkdayCalendar(years), consulted)

    def enacted(self, pack_hash: str) -> Enacted | None:
        """The version with these bytes, or a later encoding of the same text if one is known."""
        named = next((v for v in self.versions if v.pack.sha256 == pack_hash), None)
        if named is None:
            return None
        same = [v for v in self.versions if (v.pack.id, v.pack.version) == (named.pack.id, named.pack.version)]
        return max(same, key=lambda v: (v.pack.encoding, v.position))

    def enacted_by(self, on: date) -> list[Enacted]:
        """The versions that had been enacted by a day, or were in force on it: what a list of texts shows."""
        return [v for v in self.versions if v.enacted_on <= on or v.is_in_force(on)]

    def in_force(self, on: date) -> Enacted | None:
        """The text in force on a day: the latest that has taken effect and is not repealed."""
        valid = [v for v in self.versions if v.is_in_force(on)]
        return max(valid, key=lambda v: (v.in_force_on or date.min, v.position), default=None)

    def governing(self, pinned: Enacted | None, path: str, on: date) -> Enacted | None:
        """The version that governs a matter on a day: the pinned one, unless a newer text says ``latest`` (B-42)."""
        if pinned is None:
            return None
        newer = self.in_force(on)
        if newer is None or newer.pack.id != pinned.pack.id or newer.pack.version == pinned.pack.version:
            return pinned
        return newer if newer.pack.transition[matter_of(path)] == "latest" else pinned

    def called(self, pack_id: str, name: str) -> Enacted | None:
        """The version of a text by its version, title or document number, in its latest encoding."""
        found = [v for v in self.versions if v.pack.id == pack_id and v.is_called(name)]
        return self.enacted(found[-1].pack.sha256) if found else None

    def parameter(self, enacted: Enacted | None, path: str, on: date) -> Resolved:
        """The parameter of a version for an act on a day: transition applied, interpretations over its silences."""
        return self.stated(self.governing(enacted, path, on), path, on)

    def stated(self, enacted: Enacted | None, path: str, on: date) -> Resolved:
        """The parameter of exactly this version, whatever any transition says."""
        if enacted is None:
            return Resolved(path, None, None, Absence.UNKNOWN, "B-45", Why(readings=("B-45/G26:default",)))
        stated = enacted.pack.parameter(path)
        base = Why(events=(enacted.event_id,), packs=(enacted.pack.reference,))
        if stated.absence is None:
            base |= self._read_as(enacted, reading_of_value(stated.gap or ""), on)
            return Resolved(
                path,
                stated.value,
                stated.unit,
                None,
                stated.gap or "",
                base | Why(articles=enacted.articles(stated.article)),
                stated.note,
                stated.rule,
            )
        chosen = self.interpretation(enacted.pack.id, path, on)
        if chosen is not None:
            value, unit = interpreted_value(path, spec_of(path), chosen.payload.value)
            why = base | Why(events=(chosen.id,), readings=(f"{path}@{chosen.id}",))
            return Resolved(path, value, unit, None, chosen.payload.gap_id or "", why, stated.note, stated.rule)
        seen = stated.absence is not Absence.UNKNOWN
        base |= self._read_as(enacted, reading_of_absence(enacted.pack.id, path, stated.gap or "", seen=seen), on)
        gap = stated.gap or ("silent" if seen else "B-45")
        return Resolved(path, None, None, stated.absence, gap, base, stated.note, stated.rule)

    def _read_as(self, enacted: Enacted, reading: str | None, on: date) -> Why:
        return self.reading(enacted, reading, on)[1] if reading is not None else Why()

    def about_ground(self, enacted: Enacted | None, ground: str, on: date) -> Why:
        """The articles that give a ground of revocation: where one consequence is not among theirs, they are silent."""
        why = Why()
        for consequence in ("steps", "publish", "window", "return"):
            stated = self.parameter(enacted, f"revoke.{ground}.{consequence}", on)
            why |= stated.why if stated.stated else Why()
        return why

    def reading(self, enacted: Enacted | None, path: str, on: date) -> tuple[str, Why]:
        """The reading in use for an act on a day: the default, or what an interpretation chose."""
        reading = READINGS[path]
        chosen = self.interpretation(enacted.pack.id, path, on) if enacted else None
        if chosen is not None:
            return str(chosen.payload.value), Why(events=(chosen.id,), readings=(f"{reading.ids}@{chosen.id}",))
        default = reading.default_for(enacted.pack.id if enacted else None)
        return default, Why(readings=(f"{reading.ids}:default",))

    def interpretation(self, pack_id: str, path: str, on: date) -> LiveEvent[RegulationInterpreted] | None:
        """The interpretation that holds for a path on a day: the latest that applies by then.

        One that looks back holds for all days, and so takes the place of every one recorded before it.
        """
        if self._consulted is not None:
            self._consulted.paths.add((pack_id, path))
        fitting = [
            e
            for e, ended in self.interpretations
            if e.payload.pack_id == pack_id and e.payload.param_path == path and reading_reaches(e.payload, ended, on)
        ]
        holding: LiveEvent[RegulationInterpreted] | None = None
        for one in sorted(fitting, key=lambda e: e.position):
            if holding is None or _since(one) == date.min or _since(one) >= _since(holding):
                holding = one
        return holding


def _since(one: LiveEvent[RegulationInterpreted]) -> date:
    """From when an interpretation holds; one that looks back holds for all days."""
    return date.min if one.payload.retroactive else one.payload.applies_from


def law_of(live: Live, packs: Mapping[str, Pack]) -> Law:
    """The law from what is known of it, whatever the day; ``packs`` maps hashes to parsed packs."""
    repeals = known(live, RegulationRepealed)
    versions = []
    for event, ended in known(live, RegulationEnacted):
        pack = packs.get(event.payload.pack_hash)
        if pack is not None:
            versions.append(_enacted(event, ended, pack, repeals))
    return Law(versions, known(live, RegulationInterpreted), WorkdayCalendar(calendars(live)))


class KeptLaw:
    """The law of one log as decisions ask for it one after the other: made anew where something of it is new."""

    def __init__(self) -> None:
        self._made: tuple[tuple[tuple[int, tuple[str, ...]], ...], Mapping[str, Pack], Law] | None = None

    def of(self, live: Live, packs: Mapping[str, Pack]) -> Law:
        """What :func:`law_of` says of all that is known; ``packs`` is the same mapping for the same packs."""
        if live.ended():
            return law_of(live, packs)
        stands = tuple((e.position, e.corrected_by) for kind in LAW_TYPES for e in live.of(kind))
        made = self._made
        if made is None or made[0] != stands or made[1] is not packs:
            made = self._made = stands, packs, law_of(live, packs)
        return made[2]


def in_force_on(rule: InForce, issued_on: date, reading: str = "day_after_the_period") -> date:
    """The first day in force (B-7, B-8)."""
    match rule.kind:
        case "on_publication":
            return issued_on
        case "fixed":
            return rule.on or issued_on
        case "days_after":
            extra = 1 if reading == "day_after_the_period" else 0
            return issued_on + timedelta(days=(rule.days or 0) + extra)


def _enacted(
    event: LiveEvent[RegulationEnacted],
    ended: date | None,
    pack: Pack,
    repeals: Iterable[tuple[LiveEvent[RegulationRepealed], date | None]],
) -> Enacted:
    p = event.payload
    names = {pack.version, pack.title, *(n for n in (p.doc_no, pack.doc_no) if n)}
    enacted = Enacted(pack, event.id, event.position, p.status, p.in_force_on, None, frozenset(names), event.on)
    lapses = [(r.payload.repealed_on, again) for r, again in repeals if enacted.is_called(r.payload.pack_or_doc_no)]
    lapses += [(ended, None)] if ended is not None else []
    for_good = min((first for first, again in lapses if again is None), default=None)
    return replace(enacted, repealed_on=for_good, lapses=tuple(lapses))
