"""A decision told as numbered sentences in Chinese and English that a report can quote.

For readers who know the regulation and nothing of ledgers: what happened, in the order in which it happened, by whom,
under which article; what follows by the text; what came after; what was flagged; on which texts and readings it rests.
A sentence never says more than its event or its fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NotRequired, TypedDict

from ledger import canonical
from ledger.clock import SHANGHAI
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.answer import Answer, NotApplicable, NotDerivable, Undetermined, plain
from ledger.derivation.bans import Ban, Bans, NoBan
from ledger.derivation.words import known_word, listed, word
from ledger.entry import RecordedEvent
from ledger.events.after_award import (
    AwardRevoked,
    AwardSetAside,
    IncidentRecorded,
    PostAwardReportFiled,
    RevocationProposed,
    SanctionImposed,
)
from ledger.events.application import ApplicationFiled, DepartmentOpinionGiven, EligibilityDecided, RecommendationIssued
from ledger.events.decision import AnnouncementPublished, AwardGranted, GovernmentDecisionMade
from ledger.events.edition import EditionOpened
from ledger.events.evaluation import (
    CandidateListProposed,
    CommitteeResolutionAdopted,
    CommitteeVoteCast,
    OnsiteReportConfirmed,
    OnsiteVisitHeld,
    ReviewReportSubmitted,
    ScoreSubmitted,
)
from ledger.events.labels import LABELS
from ledger.events.money import (
    ClawbackOrdered,
    ClawbackReceived,
    ClawbackWaived,
    FundMisuseFound,
    PostAwardCheckHeld,
    PrizePaid,
)
from ledger.events.notice import (
    CaseDisqualified,
    ObjectionInvestigated,
    ObjectionRaised,
    ObjectionResolved,
    PublicNoticeClosed,
    PublicNoticeOpened,
)
from ledger.events.oversight import EventAnnulled, EventCorrected, OversightFindingIssued
from ledger.events.registry import Payload, topics
from ledger.events.reviewers import InterestDeclared, RecusalOrdered
from ledger.events.rules import RegulationInterpreted
from ledger.regulation.citations import cited
from ledger.regulation.readings import reading_in_words
from ledger.sentences import Pair, enumeration
from ledger.statement import edition_of
from ledger.yuan import in_words as in_yuan
from projections.as_of import tell, tell_all
from projections.duties import Duties, Duty
from projections.facts import AWARD_DUTIES, AWARD_MONEY, AWARD_STATUS, EDITION_FLAGS, ORG_BANS, PRIZE_DUE, Fact
from projections.figures import flag_sentence, score, without_unit
from projections.flags.flag import FlagHit
from projections.flags.inspection import FlagJudged
from projections.kinds import MONEY, SCORES, member_of
from projections.labels import MEMBERS, called
from projections.sentences import sentence, term
from projections.slices import Source, changes_of, payloads
from projections.tracing import trace

ROLES: dict[str, Pair] = {
    "APP": sentence("the applicant"),
    "REC": sentence("the recommender"),
    "DEP": sentence("the department"),
    "SEC": sentence("the secretariat (review office)"),
    "SECH": sentence("the head of the secretariat"),
    "REV": sentence("a reviewer"),
    "LEAD": sentence("the panel leader"),
    "COM": sentence("a committee member"),
    "CHR": sentence("the chair of the committee"),
    "GOV": sentence("the government"),
    "FIN": sentence("finance"),
    "SUP": sentence("the supervision group"),
    "DIS": sentence("discipline inspection"),
    "PUB": sentence("a member of the public"),
    "OPR": sentence("the operator of the ledger"),
}

_STAGES = {
    "material": sentence("material review"),
    "onsite": sentence("on-site review"),
    "comprehensive": sentence("comprehensive"),
}

#: Members of a payload that a sentence tells, beside those that name the case, organisation or award.
_TOLD: dict[type[Payload], tuple[str, ...]] = {
    EditionOpened: ("number", "window_from", "window_to"),
    ApplicationFiled: ("award", "sector"),
    RecommendationIssued: ("outcome",),
    DepartmentOpinionGiven: ("subject", "outcome"),
    EligibilityDecided: ("outcome",),
    InterestDeclared: ("result",),
    RecusalOrdered: ("person", "source"),
    ScoreSubmitted: ("stage", "total", "full"),
    ReviewReportSubmitted: ("stage", "advice"),
    OnsiteVisitHeld: ("from_on", "to_on"),
    OnsiteReportConfirmed: ("outcome",),
    CandidateListProposed: ("list_id",),
    CommitteeVoteCast: ("vote",),
    CommitteeResolutionAdopted: ("subject", "resolution_id"),
    PublicNoticeOpened: ("notice_id", "opened_on", "promised_end"),
    PublicNoticeClosed: ("notice_id", "closed_on", "objections"),
    ObjectionRaised: ("objection_id", "kind"),
    ObjectionInvestigated: ("objection_id", "outcome"),
    ObjectionResolved: ("objection_id", "outcome"),
    CaseDisqualified: ("ground",),
    GovernmentDecisionMade: ("subject", "form", "meeting_or_doc_no"),
    AwardGranted: ("award", "granted_on", "doc_no"),
    AnnouncementPublished: ("kind", "doc_no"),
    PrizePaid: ("amount", "voucher_no"),
    FundMisuseFound: ("severity", "amount"),
    ClawbackOrdered: ("amount", "due_on", "doc_no"),
    ClawbackReceived: ("amount", "voucher_no"),
    ClawbackWaived: ("amount", "reason"),
    IncidentRecorded: ("category", "severity", "occurred_on", "authority", "doc_no"),
    SanctionImposed: ("measure",),
    RevocationProposed: ("ground",),
    AwardRevoked: ("ground", "effective_on", "doc_no"),
    AwardSetAside: ("body", "ruling_no", "ruled_on", "void_from"),
    PostAwardCheckHeld: ("kind", "outcome"),
    PostAwardReportFiled: ("kind", "period"),
    RegulationInterpreted: ("param_path",),
    EventAnnulled: ("reason", "effect"),
    EventCorrected: ("reason",),
    OversightFindingIssued: ("finding_id", "demand"),
}

#: Facts that say what a decision brings, per type of the event asked about.
_FOLLOWS: dict[type[Payload], tuple[Fact[object], ...]] = {
    AwardGranted: (AWARD_STATUS, PRIZE_DUE),
    AwardRevoked: (AWARD_STATUS, AWARD_MONEY, AWARD_DUTIES, ORG_BANS),
    AwardSetAside: (AWARD_STATUS, AWARD_MONEY),
}


class Sentence(TypedDict):
    """A sentence as it is told: with a number where it tells an event, else with the fact or the flag that says it."""

    n: int | None
    zh: str
    en: str
    event: NotRequired[str]
    fact: NotRequired[str]
    flag: NotRequired[str]
    position: int | None


class Section(TypedDict):
    """A part of the story under its heading."""

    zh: str
    en: str
    sentences: list[Sentence]


class Narrative(TypedDict):
    """The story of a decision; ``entries`` are the positions that it tells, ``complete`` says that nothing was cut."""

    event: str
    as_of: str
    known_at: int
    entries: list[int]
    complete: bool
    sections: list[Section]


_MONTHS = (
    sentence("January"),
    sentence("February"),
    sentence("March"),
    sentence("April"),
    sentence("May"),
    sentence("June"),
    sentence("July"),
    sentence("August"),
    sentence("September"),
    sentence("October"),
    sentence("November"),
    sentence("December"),
)


def day(value: date) -> Pair:
    """A day in words: 20 June 2023."""
    return sentence("{day} {month} {year}", day=value.day, month=_MONTHS[value.month - 1], year=value.year)


def day_of_year(value: date) -> Pair:
    """A day among others of its year: 20 June."""
    return sentence("{day} {month}", day=value.day, month=_MONTHS[value.month - 1])


def _one_after_another(told: Iterable[Pair]) -> Pair:
    return enumeration(told, term("between statements", "; "))


def narrative(source: Source, event_id: str, on: date, known: int) -> Narrative:
    """Sections of numbered sentences; each names the entries it stands on, and where it is an event, its number."""
    traced = trace(source, event_id, known)
    steps = (*traced["rests_on"], traced["event"], *traced["rested_on_by"])
    events = {s["event"]: source.event(s["event"]) for s in steps}
    events |= _changes_of_the_record(source, events, known)
    start = events.pop(event_id)
    own = _own_cases(source, start, known)
    about = [e for e in events.values() if _concerns(e, own)]
    before = _grouped([e for e in about if e.position < start.position])
    after = _grouped([e for e in about if e.position > start.position])
    numbers = {e.statement.id: n for n, group in enumerate([*before, [start], *after], start=1) for e in group}
    sections = [
        _section(*sentence("What led to it"), [_together(g, numbers) for g in before]),
        _section(*sentence("The decision"), [_told(start, numbers)]),
        _section(*sentence("What follows by the text"), _follows(source, start, on, known, numbers)),
        _section(*sentence("What came after"), [_together(g, numbers) for g in after]),
        _section(*sentence("Flags"), _flags(source, start, on, known, numbers)),
        _section(*sentence("Texts and readings"), _law(source, start, on, known)),
    ]
    return {
        "event": event_id,
        "as_of": on.isoformat(),
        "known_at": known,
        "entries": sorted({start.position, *(e.position for e in events.values())}),
        "complete": traced["complete"],
        "sections": [s for s in sections if s["sentences"]],
    }


def _section(zh: str, en: str, sentences: list[Sentence]) -> Section:
    return {"zh": zh, "en": en, "sentences": sentences}


def _changes_of_the_record(source: Source, told: Mapping[str, RecordedEvent], known: int) -> dict[str, RecordedEvent]:
    """What has annulled or corrected an event told, and what has changed that: the story holds what it ends with."""
    found, targets = dict[str, RecordedEvent](), {*told}
    for change in changes_of(source, told.values(), known):
        if _target(change) in targets:
            targets.add(change.statement.id)
            found |= {change.statement.id: change} if change.statement.id not in told else {}
    return found


def _target(event: RecordedEvent) -> str | None:
    p = event.statement.payload
    return p.target if isinstance(p, EventAnnulled | EventCorrected) else None


def _own_cases(source: Source, start: RecordedEvent, known: int) -> frozenset[str]:
    """The cases that the decision is about, through its awards where it names these."""
    tags = start.statement.tags
    cases = {t[2:] for t in tags if t.startswith("c:")}
    for tag in (t for t in tags if t.startswith("a:")):
        granted = source.events(DCBQuery([DCBQueryItem(types=topics(AwardGranted), tags=[tag])]), until=known)
        cases |= {p.case_id for p in payloads(AwardGranted, granted)}
    return frozenset(cases)


def _concerns(event: RecordedEvent, own: frozenset[str]) -> bool:
    """Whatever is about other cases alone belongs to their own story."""
    cases = {t[2:] for t in event.statement.tags if t.startswith("c:")}
    return not cases or not own or bool(cases & own)


def _grouped(events: list[RecordedEvent]) -> list[list[RecordedEvent]]:
    """In the order in which things happened; the votes of one day on one case are one sentence."""
    groups: list[list[RecordedEvent]] = []
    for event in sorted(events, key=lambda e: (e.statement.effective_on, e.position)):
        last = groups[-1][-1].statement if groups else None
        s = event.statement
        alike = (
            last is not None
            and isinstance(s.payload, CommitteeVoteCast)
            and isinstance(last.payload, CommitteeVoteCast)
            and (s.effective_on, s.payload.case_id) == (last.effective_on, last.payload.case_id)
        )
        if alike and s.override is None:
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _together(group: list[RecordedEvent], numbers: dict[str, int]) -> Sentence:
    if len(group) == 1:
        return _told(group[0], numbers)
    first, votes = group[0].statement, payloads(CommitteeVoteCast, group)
    by_vote: dict[str, list[str]] = {}
    for event, cast in zip(group, votes, strict=True):
        by_vote.setdefault(cast.vote, []).append(event.statement.actor)
    zh, en = sentence(
        "On {day} the committee voted on {case}: {votes} (entries {first}-{last}).",
        day=day(first.effective_on),
        case=votes[0].case_id,
        votes=_one_after_another(
            sentence("{count} {vote} ({who})", count=len(who), vote=word(vote, "vote"), who=enumeration(who))
            for vote, who in by_vote.items()
        ),
        first=group[0].position,
        last=group[-1].position,
    )
    return {
        "n": numbers[first.id],
        "zh": zh,
        "en": en,
        "event": first.id,
        "position": group[0].position,
    }


def _told(event: RecordedEvent, numbers: dict[str, int]) -> Sentence:
    s = event.statement
    told = sentence(
        "On {day} {role} {actor} recorded “{entry}”{about}",
        day=day(s.effective_on),
        role=ROLES[s.role],
        actor=s.actor,
        entry=called(s.payload),
        about=_about(event),
    )
    if details := _details(event):
        told = sentence("{told}: {details}", told=told, details=_one_after_another(details))
    if s.basis:
        told = sentence("{told}. Basis: {basis}", told=told, basis=cited(s.basis))
    zh, en = sentence("{told} (entry {position}).", told=_as_recorded(event, told, numbers), position=event.position)
    return {"n": numbers[s.id], "zh": zh, "en": en, "event": s.id, "position": event.position}


def _as_recorded(event: RecordedEvent, told: Pair, numbers: dict[str, int]) -> Pair:
    """What is told of an entry, with what it rests on, and how it was recorded where that is out of the common."""
    s = event.statement
    rests = sorted({numbers[i] for i in (*s.causes, *(t[2:] for t in s.tags if t.startswith("x:"))) if i in numbers})
    late = (event.recorded_at.astimezone(SHANGHAI).date() - s.effective_on).days
    if rests:
        told = sentence("{told}. It rests on no. {rests}", told=told, rests=enumeration(rests))
    if late > 0:
        recorded = day(event.recorded_at.astimezone(SHANGHAI).date())
        told = sentence("{told}. It was recorded on {day}, {late} days later", told=told, day=recorded, late=late)
    if s.override is not None:
        told = sentence(
            "{told}. It was recorded by override: {reason} ({instrument_no})",
            told=told,
            reason=s.override.reason,
            instrument_no=s.override.instrument_no,
        )
    return told


def _about(event: RecordedEvent) -> Pair:
    names = [t for t in event.statement.tags if t.startswith(("c:", "a:", "o:"))]
    cases = [t[2:] for t in names if t.startswith("c:")]
    if len(cases) > 1:
        return sentence(" about {cases} cases", cases=len(cases))
    named = (
        cases[:1]
        or [t[2:] for t in names if t.startswith("a:")][:1]
        or [t[2:] for t in names if t.startswith("o:")][:1]
    )
    return sentence(" about {name}", name=named[0]) if named else ("", "")


def _details(event: RecordedEvent) -> list[Pair]:
    payload = canonical.parse(event.statement.body, "statement")["payload"]
    found = list[Pair]()
    for name in _TOLD.get(type(event.statement.payload), ()):
        value = payload.get(name)
        if value is None:
            continue
        told = _in_words(name, value, event.statement.type)
        found.append(sentence("{member}: {value}", member=LABELS[name], value=told))
    return found


def _in_words(name: str, value: object, of: str) -> Pair:
    """A value of a member of an event type or fact, as it stands in a sentence."""
    if name in MONEY and isinstance(value, int):
        return in_yuan(value)
    if name in SCORES and isinstance(value, str):
        return score(value), score(value)
    stage = _STAGES.get(str(value)) if name == "stage" else None
    return stage or known_word(str(value), name, of) or _dated(value)


def _dated(value: object) -> Pair:
    try:
        return (
            day(date.fromisoformat(value)) if isinstance(value, str) and len(value) == 10 else (str(value), str(value))
        )
    except ValueError:
        return str(value), str(value)


def _subjects(start: RecordedEvent) -> dict[str, str]:
    """Fact's subject kind -> the subject that the event is about."""
    p = start.statement.payload
    return {
        k: v
        for k, v in (
            ("award", getattr(p, "award_id", None)),
            ("org", getattr(p, "org", None)),
            ("case", getattr(p, "case_id", None)),
        )
        if v is not None
    }


def _follows(source: Source, start: RecordedEvent, on: date, known: int, numbers: dict[str, int]) -> list[Sentence]:
    rows: list[Sentence] = []
    subjects = _subjects(start)
    for fact in _FOLLOWS.get(type(start.statement.payload), ()):
        kind = fact.subject
        if kind not in subjects:
            continue
        answer = tell(source, fact, subjects[kind], on, known).answer
        for told, own in _sentences(fact, answer):
            zh, en = _by_text(told, own if own is not None else answer.why.articles, answer.why.readings)
            rows.append({"n": None, "zh": zh, "en": en, "fact": fact.name, "position": None})
    return rows


def _by_text(told: Pair, articles: Sequence[str], readings: Sequence[str]) -> Pair:
    """What is told, with the articles and the readings by which it is so."""
    by = cited(articles) if articles else "—"
    if not readings:
        return sentence("{told} ({articles}).", told=told, articles=by)
    return sentence("{told} ({articles}; readings: {readings}).", told=told, articles=by, readings=_read(readings))


def _read(readings: Sequence[str]) -> Pair:
    """Readings by what they say."""
    return enumeration((reading_in_words(r) or r for r in readings), term("between readings", "; "))


#: What is told, and the articles of this sentence alone where they are known.
Words = tuple[Pair, Sequence[str] | None]


def _sentences(fact: Fact[object], answer: Answer[object]) -> list[Words]:
    """An answer in words: the members that matter for its fact; a gap said as a gap."""
    match answer.result:
        case Undetermined() | NotApplicable() | NotDerivable() as gap:
            return [(sentence("{fact}: {told}", fact=(fact.zh, fact.en), told=(gap.zh, gap.en)), None)]
        case int() as amount:
            return [(sentence("The prize due is {amount}", amount=in_yuan(amount)), None)]
        case Duties() as owed:
            return [_duty(d) for d in owed.duties if d.period == "revocation"]
        case Bans() as bans:
            return [*map(_ban, bans.bans), *map(_no_ban, bans.no_ban_laid_down)]
        case value:
            return [_members(fact, plain(value))]


def _duty(duty: Duty) -> Words:
    name, state = word(duty.duty, "duty"), word(duty.state, "state", "award.duties")
    return sentence("{duty}: {state}", duty=name, state=state), duty.article


def _ban(ban: Ban) -> Words:
    told = sentence(
        "Banned from {first} to {last}, scope: {scope}",
        first=day(ban.since),
        last=day(ban.until),
        scope=listed(ban.scope, "scope"),
    )
    return told, ban.articles


def _no_ban(row: NoBan) -> Words:
    ground = word(row.ground, "ground")
    return sentence("The text lays down no ban for this ground ({ground})", ground=ground), None


#: An award's name and edition in one text, which its other members say one by one.
_SAID_BY_OTHERS = frozenset({"label"})


def _members(fact: Fact[object], value: object) -> Words:
    parts = list[Pair]()
    for name, each in value.items() if isinstance(value, dict) else ():
        member = member_of(name, each)
        label = MEMBERS.get(member)
        if label is None or name in _SAID_BY_OTHERS or isinstance(each, dict | list) or each is None:
            continue
        parts.append(sentence("{member} {value}", member=label, value=_in_words(member, each, fact.name)))
    named = without_unit(fact.zh), without_unit(fact.en)
    told = sentence("{fact}: {told}", fact=named, told=enumeration(parts, term("between members", ", ")))
    return told, None


def _flags(source: Source, start: RecordedEvent, on: date, known: int, numbers: dict[str, int]) -> list[Sentence]:
    """Flags of the edition that touch the case or award, or cite one of the events told."""
    p = start.statement.payload
    editions = [t[3:] for t in start.statement.tags if t.startswith("ed:")]
    award, case = getattr(p, "award_id", None), getattr(p, "case_id", None)
    if not editions and award is not None:
        query = DCBQuery([DCBQueryItem(types=topics(AwardGranted), tags=[f"a:{award}"])])
        editions = [edition_of(p.case_id) for p in payloads(AwardGranted, source.events(query, until=known))]
    rows: list[Sentence] = []
    for edition in editions[:1]:
        answer = tell(source, EDITION_FLAGS, edition, on, known).answer
        for flag in answer.value().flags if answer.is_value else ():
            for hit in flag.hits:
                if hit.case == case or hit.award == award or set(hit.events) & numbers.keys():
                    zh, en = _flagged(flag, hit, [numbers[e] for e in hit.events if e in numbers])
                    rows.append({"n": None, "zh": zh, "en": en, "flag": hit.flag, "position": None})
    return rows


def _flagged(flag: FlagJudged, hit: FlagHit, named: list[int]) -> Pair:
    """A hit of a flag, with the numbers of the sentences that tell its events."""
    told = sentence(
        "{flag} {name} ({severity}): {told}",
        flag=hit.flag,
        name=(flag.zh, flag.en),
        severity=word(hit.severity, "severity"),
        told=(flag_sentence(hit.flag, hit.zh), flag_sentence(hit.flag, hit.en)),
    )
    if not named:
        return sentence("{told}.", told=told)
    return sentence("{told}, see no. {numbers}.", told=told, numbers=enumeration(named))


def rests_on(source: Source, start: RecordedEvent, on: date, known: int) -> tuple[list[str], list[str]]:
    """Texts and readings that the answers about the event's award, case or organisation rest on."""
    subjects = _subjects(start)
    kind = next((k for k in ("award", "case", "org") if k in subjects), None)
    packs, readings = dict[str, None](), dict[str, None]()
    for told in tell_all(source, kind, subjects[kind], on, known) if kind is not None else ():
        packs |= dict.fromkeys(told.answer.why.packs)
        readings |= dict.fromkeys(told.answer.why.readings)
    return list(packs), list(readings)


def _law(source: Source, start: RecordedEvent, on: date, known: int) -> list[Sentence]:
    """The texts by title, and the readings that fill their silences."""
    packs, readings = rests_on(source, start, on, known)
    titles = {p.reference: (p.title, p.title_en, p.doc_no) for p in source.packs().values()}
    rows: list[Sentence] = []
    for name in packs:
        title = titles.get(name)
        if title is not None:
            zh, en = _text_named(title[:2], title[2], name)
            rows.append({"n": None, "zh": zh, "en": en, "position": None})
    if readings:
        zh, en = sentence("Readings: {readings}.", readings=_read(readings))
        rows.append({"n": None, "zh": zh, "en": en, "position": None})
    return rows


def _text_named(title: Pair, doc_no: str | None, pack: str) -> Pair:
    if not doc_no:
        return sentence("{title}, pack {pack}.", title=title, pack=pack)
    return sentence("{title} ({doc_no}), pack {pack}.", title=title, doc_no=doc_no, pack=pack)


def text(told: Narrative, *, chinese: bool) -> str:
    """The narrative as plain text."""
    lines = []
    for section in told["sections"]:
        lines += ["", section["zh"] if chinese else section["en"], ""]
        for line in section["sentences"]:
            lines.append(f"{str(line['n']) + '. ' if line['n'] else '- '}{line['zh'] if chinese else line['en']}")
    return "\n".join(lines).strip() + "\n"
