"""Admission replayed over a recorded log: what today's guards would refuse, and what rests on something that is gone.

Guards are pure, so each entry is decided once more as of its own position and instant. This is information about the
law, not about the log: an entry that would be refused today is as whole as any other. What was recorded by override is
told with the guard that it passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from ledger.admission.admit import admit, check_statement
from ledger.admission.guards import check_guards
from ledger.admission.view import View
from ledger.admission.viewing import Beside, view_at
from ledger.derivation.history import EVER, History, LiveEvent
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent
from ledger.errors import RefusedError, RongjianError
from ledger.events.application import EligibilityDecided
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.events.notice import ObjectionRaised
from ledger.events.oversight import EventAnnulled, EventCorrected, RestrictedDataHandled
from ledger.events.rules import RegulationEnacted
from ledger.fsck.recorded import Recorded
from ledger.identifiers import shapes
from ledger.sentences import sentence
from ledger.statement import INTRODUCES, introduced
from ledger.store.odd_rows import ODD

#: ``refused``: a guard would refuse it. ``passed_over``: recorded by override, past this guard. ``rests_on_gone``: what
#: it rests on was annulled, or was never recorded. ``not_judged``: it could not be decided about.
Kind = Literal["refused", "passed_over", "rests_on_gone", "not_judged"]

#: Refusals that say nothing about the law: openings do not lie in a log, and schemas that were signed stay signed.
_OF_THE_FORM = frozenset({"opening_missing", "outdated_schema"})

#: Annulling, correcting and objecting are about what may not stand; opening and erasing about whatever was recorded.
_ABOUT_WHAT_FELL = (
    EventAnnulled,
    EventCorrected,
    ObjectionRaised,
    RestrictedDataHandled,
)

#: What a tag stands for, in Chinese and English, for the ids that an entry of their own brings into being.
_NAMES = {
    "ed": sentence("edition"),
    "b": sentence("body"),
    "c": sentence("case"),
    "l": sentence("candidate list"),
    "r": sentence("resolution"),
    "n": sentence("period of public notice"),
    "ob": sentence("objection"),
    "d": sentence("decision of the government"),
    "a": sentence("award"),
    "pub": sentence("announcement"),
    "cb": sentence("clawback"),
    "h": sentence("higher award"),
    "in": sentence("incident"),
    "f": sentence("finding"),
}

SamePerson = Callable[[list[str]], bool]


@dataclass(frozen=True, slots=True)
class Told:
    """One entry about which the law of today says something: where, what kind of thing, the code, and why in both
    languages.
    """

    position: int
    kind: Kind
    code: str
    zh: str
    en: str
    rule: str | None = None

    def to_json(self) -> dict[str, object]:
        """As it stands in the output of ``verify --law``."""
        return {
            "position": self.position,
            "kind": self.kind,
            "code": self.code,
            "rule": self.rule,
            "zh": self.zh,
            "en": self.en,
        }


def judge_all(
    recorded: Recorded,
    origin: str,
    openings: Callable[[RecordedEvent], Mapping[str, Opening]] = lambda _event: {},
    same_person: SamePerson = lambda _ids: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Told]:
    """What the law of today says of each entry, in order of position; no entry stops the others.

    ``openings`` and ``same_person`` are the vault's. Files have no vault: what turns on restricted values is then
    decided as if nothing were known of them.
    """
    shown: dict[str, set[str]] = {}
    told: list[Told] = []
    for event in recorded.events():
        beside = Beside(openings(event), same_person, lambda tag: _taken_for(shown, tag))
        told += _judged(recorded, origin, event, beside)
        for tag in introduced(event.statement.type, event.statement.tags):
            for shape in shapes(tag):
                shown.setdefault(shape, set()).add(tag)
        progress(event.position, recorded.size)
    return sorted([*told, *rests_on_gone(recorded)], key=lambda t: (t.position, t.kind, t.code))


def _taken_for(shown: Mapping[str, set[str]], tag: str) -> str | None:
    alike = {other for shape in shapes(tag) for other in shown.get(shape, ())}
    return min(alike) if alike and tag not in alike else None


def _judged(recorded: Recorded, origin: str, event: RecordedEvent, beside: Beside) -> Iterator[Told]:
    statement = event.statement
    try:
        yield from _refused(event, lambda: check_statement(statement, origin, dict(beside.openings), event.recorded_at))
        view = view_at(recorded, event, beside)
        yield from _refused(event, lambda: admit(view))
        if statement.override is not None:
            yield from _passed_over(event, view)
    except RefusedError as refusal:
        yield _told(event, "refused", refusal)
    except ODD as error:
        code = error.code if isinstance(error, RongjianError) else type(error).__name__
        yield Told(
            event.position,
            "not_judged",
            code,
            *sentence(
                "{act} could not be decided again ({code})", act=(statement.spec.zh, statement.spec.en), code=code
            ),
        )


def _refused(event: RecordedEvent, decide: Callable[[], None]) -> Iterator[Told]:
    try:
        decide()
    except RefusedError as refusal:
        if refusal.code not in _OF_THE_FORM:
            yield _told(event, "refused", refusal)


def _passed_over(event: RecordedEvent, view: View) -> Iterator[Told]:
    """Which guard an override passed over, or that there was none."""
    try:
        check_guards(replace(view, statement=msgspec.structs.replace(view.statement, override=None)))
    except RefusedError as refusal:
        yield _told(event, "passed_over", refusal)
        return
    yield Told(
        event.position,
        "passed_over",
        "nothing",
        *sentence("recorded by override, and no rule stood in its way"),
    )


def _told(event: RecordedEvent, kind: Kind, refusal: RefusedError) -> Told:
    rule = refusal.details.get("rule")
    return Told(event.position, kind, refusal.code, refusal.zh, refusal.en, str(rule) if rule else None)


def rests_on_gone(recorded: Recorded) -> list[Told]:
    """Acts that stand, and that rest on something that was annulled or never recorded: as of the end of the log."""
    events = recorded.events()
    live = list(History(events).live(EVER, recorded.size))
    stands, ever = {e.id for e in live}, {e.statement.id: e for e in events}
    brought = {t for e in events for t in introduced(e.statement.type, e.statement.tags)}
    standing = {t for e in live for t in introduced(e.type, e.recorded.statement.tags)}
    laws = {e.payload.pack_hash for e in live if isinstance(e.payload, RegulationEnacted)}
    enacted = {e.statement.payload.pack_hash for e in events if isinstance(e.statement.payload, RegulationEnacted)}
    eligible = {e.payload.case_id for e in live if isinstance(e.payload, EligibilityDecided)}
    decided = {e.statement.payload.case_id for e in events if isinstance(e.statement.payload, EligibilityDecided)}
    told: list[Told] = []
    for event in live:
        if isinstance(event.payload, _ABOUT_WHAT_FELL) or event.recorded.statement.spec.phase == "oversight":
            continue
        told += _ids_gone(event, standing, brought)
        told += _entries_gone(event, stands, ever)
        if isinstance(event.payload, EditionOpened) and event.payload.pack_hash not in laws:
            told.append(
                _gone(event, *sentence("regulation"), event.payload.pack_id, event.payload.pack_hash in enacted)
            )
        if isinstance(event.payload, AwardGranted) and event.payload.case_id in decided - eligible:
            told.append(_gone(event, *sentence("decision on eligibility of"), event.payload.case_id, was=True))
    return told


def _ids_gone(event: LiveEvent, standing: set[str], brought: set[str]) -> Iterator[Told]:
    """Ids that the act names, whose own entry was annulled or never was.

    History of an earlier text has no single steps.
    """
    statement = event.recorded.statement
    imported = statement.late is not None and statement.late.kind == "legacy_import"
    own = INTRODUCES.get(type(statement.payload))
    for tag in statement.tags:
        kind, _, name = tag.partition(":")
        if kind in _NAMES and kind != own and tag not in standing and not (imported and tag not in brought):
            yield _gone(event, *_NAMES[kind], name, tag in brought)


def _entries_gone(event: LiveEvent, stands: set[str], ever: Mapping[str, RecordedEvent]) -> Iterator[Told]:
    """Entries that the act names as its causes or its objects, and that were annulled."""
    statement = event.recorded.statement
    for named in sorted({*statement.causes, *(t[2:] for t in statement.tags if t.startswith("x:"))}):
        if named in ever and named not in stands:
            target = ever[named]
            yield _gone(event, target.statement.spec.zh, target.statement.type, f"#{target.position}", was=True)
        elif named not in ever:
            yield _gone(event, *sentence("entry"), named, was=False)


def _gone(event: LiveEvent, zh: str, en: str, name: str, was: bool) -> Told:
    how = sentence("which was annulled") if was else sentence("which was never recorded")
    return Told(
        event.position,
        "rests_on_gone",
        "annulled" if was else "never_recorded",
        *sentence(
            "{act} rests on {kind} {name}, {how}",
            act=(event.recorded.statement.spec.zh, event.recorded.statement.spec.en),
            kind=(zh, en),
            name=name,
            how=how,
        ),
    )
