"""Which text governs: versions by date, the pinned pack of an edition, interpretations over silences (D04).

Built from the regulation events known at one K and the pack bytes they name by hash; pure. How far each reaches is said
in :mod:`ledger.derivation.reach_of_law`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ledger.derivation.answer import Undetermined, Why
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.noted_day import NotedDay, plain_day
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


#: Parameters, each of a version on a day, that one law keeps answered.
ANSWERED_MAX = 10_000

#: A reading, and the day from which on it is annulled.
Interpretation = tuple[LiveEvent[RegulationInterpreted], date | None]


#: What is asked of the law: :meth:`Law.answer` answers it again.
LawQuestion = tuple[object, ...]


@dataclass(slots=True)
class Consulted:
    """What somebody has asked of the law: texts, readings, calendars by year; on which days for the text in force."""

    asked: set[LawQuestion] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    #: The law was asked about the day itself on which whoever asked stands.
    today: bool = False


class _NotedYears(Mapping[int, YearCalendar]):
    """Calendars of years; each year that is asked for is noted, also one that there is not."""

    def __init__(self, years: Mapping[int, YearCalendar], consulted: Consulted) -> None:
        self._years = years
        self._consulted = consulted

    def __getitem__(self, year: int) -> YearCalendar:
        self._consulted.asked.add(("year", year))
        return self._years[year]

    def __iter__(self) -> Iterator[int]:
        # Whoever goes through all of them has asked for every year that may still come.
        self._consulted.asked.add(("years",))
        return iter(self._years)

    def __len__(self) -> int:
        return len(self._years)


@dataclass(slots=True)
class _Answered:
    """What one law was asked before, by whomever: it says the same again."""

    in_force: dict[date, Enacted | None] = field(default_factory=dict)
    readings: dict[tuple[str, str], list[Interpretation]] = field(default_factory=dict)
    #: Version, path and day -> the version itself, what was answered, and what that took of the law.
    parameters: dict[tuple[int, str, date], tuple[Enacted | None, Resolved, Consulted]] = field(default_factory=dict)


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
        self._versions = tuple(versions)
        self._interpretations = tuple(interpretations)
        self.calendar = calendar
        self._consulted = consulted
        self._answered = _Answered()

    def noting(self, consulted: Consulted) -> Law:
        """The same law, which notes what is asked of it."""
        years = _NotedYears(self.calendar.years, consulted)
        law = Law(self._versions, self._interpretations, WorkdayCalendar(years), consulted)
        law._answered = self._answered
        return law

    def _note(self, asked: LawQuestion) -> None:
        if self._consulted is not None:
            self._consulted.asked.add(asked)

    def _about(self, on: date) -> date:
        """A day as it is kept. What the law says of the day on which a fold stands is the same up to the next day on
        which the law turns, whatever the fold has compared it with.
        """
        if isinstance(on, NotedDay):
            if self._consulted is None:
                raise InvariantError("a day that notes is asked about of a law that does not")
            self._consulted.today = True
        return plain_day(on)

    def answer(self, question: LawQuestion) -> object:
        """What somebody who asked so was told: where it is equal to what another law says, that is the same to him."""
        match question:
            case ("year", int(year)):
                return self.calendar.years.get(year)
            case ("years",):
                return dict(self.calendar.years)
            case ("texts",):
                return self._versions
            case ("readings",):
                return self._interpretations
            case ("encoding", str(pack_hash)):
                return self.enacted(pack_hash)
            case ("called", str(pack_id), str(name)):
                return self.called(pack_id, name)
            case ("reading", str(pack_id), str(path)):
                return [(e.payload, e.id, e.position, ended) for e, ended in self._readings(pack_id, path)]
            case _:
                raise InvariantError(f"nobody asks the law so: {question}")

    @property
    def versions(self) -> tuple[Enacted, ...]:
        """Every text that was enacted, in the order of the log."""
        self._note(("texts",))
        return self._versions

    @property
    def interpretations(self) -> tuple[Interpretation, ...]:
        """Every reading, in the order of their days."""
        self._note(("readings",))
        return self._interpretations

    def enacted(self, pack_hash: str) -> Enacted | None:
        """The version with these bytes, or a later encoding of the same text if one is known."""
        self._note(("encoding", pack_hash))
        named = next((v for v in self._versions if v.pack.sha256 == pack_hash), None)
        if named is None:
            return None
        same = [v for v in self._versions if (v.pack.id, v.pack.version) == (named.pack.id, named.pack.version)]
        return max(same, key=lambda v: (v.pack.encoding, v.position))

    def enacted_by(self, on: date) -> list[Enacted]:
        """The versions that had been enacted by a day, or were in force on it: what a list of texts shows."""
        return [v for v in self.versions if v.enacted_on <= on or v.is_in_force(on)]

    def in_force(self, on: date) -> Enacted | None:
        """The text in force on a day: the latest that has taken effect and is not repealed."""
        on = self._about(on)
        if self._consulted is not None:
            self._consulted.days.add(on)
        known = self._answered.in_force
        if on not in known:
            valid = [v for v in self._versions if v.is_in_force(on)]
            known[on] = max(valid, key=lambda v: (v.in_force_on or date.min, v.position), default=None)
        return known[on]

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
        self._note(("called", pack_id, name))
        found = [v for v in self._versions if v.pack.id == pack_id and v.is_called(name)]
        return self.enacted(found[-1].pack.sha256) if found else None

    def parameter(self, enacted: Enacted | None, path: str, on: date) -> Resolved:
        """The parameter of a version for an act on a day: transition applied, interpretations over its silences."""
        known, on = self._answered.parameters, self._about(on)
        # What is kept of a version holds it, so that no other can take its place under its number.
        key = id(enacted), path, on
        told = known.get(key)
        if told is None:
            consulted = Consulted()
            law = self.noting(consulted)
            told = known[key] = enacted, law.stated(law.governing(enacted, path, on), path, on), consulted
            if len(known) > ANSWERED_MAX:
                known.clear()
        if self._consulted is not None:
            self._consulted.asked.update(told[2].asked)
            self._consulted.days.update(told[2].days)
        return told[1]

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
        self._note(("reading", pack_id, path))
        fitting = [e for e, ended in self._readings(pack_id, path) if reading_reaches(e.payload, ended, on)]
        holding: LiveEvent[RegulationInterpreted] | None = None
        for one in sorted(fitting, key=lambda e: e.position):
            if holding is None or _since(one) == date.min or _since(one) >= _since(holding):
                holding = one
        return holding

    def _readings(self, pack_id: str, path: str) -> list[Interpretation]:
        """The readings of a path of a text, whatever their days."""
        known = self._answered.readings
        if (pack_id, path) not in known:
            known[pack_id, path] = [
                (e, ended)
                for e, ended in self._interpretations
                if e.payload.pack_id == pack_id and e.payload.param_path == path
            ]
        return known[pack_id, path]


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


class LastLaw:
    """The law that was asked for last, of one log: made anew where something of it is new."""

    def __init__(self) -> None:
        self._made: tuple[tuple[LiveEvent, ...], Mapping[str, Pack], Law] | None = None

    def of(self, live: Live, packs: Mapping[str, Pack]) -> Law:
        """What :func:`law_of` says of all that is known; ``packs`` is the same mapping for the same packs."""
        if live.ended():
            return law_of(live, packs)
        # Whole events: at the position of one that came to nothing there may stand another by now.
        stands = tuple(e for kind in LAW_TYPES for e in live.of(kind))
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
