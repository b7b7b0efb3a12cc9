"""What a decision sees: the live events of its consistency boundary, the law, identities, and the proposal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Generic, NoReturn, TypeVar, cast

import msgspec
from msgspec import UNSET, UnsetType

from ledger.derivation.editions import edition_opened
from ledger.derivation.history import EVER, History, Live, LiveEvent, P
from ledger.derivation.identity import Identities
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.losses import LostRange
from ledger.derivation.setting_aside import set_aside
from ledger.derivation.words import word
from ledger.disclosure import Opening
from ledger.errors import GuardRefusedError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.identity import Mode
from ledger.events.money import ClawbackOrdered
from ledger.events.notice import ObjectionRaised, PublicNoticeOpened
from ledger.events.oversight import OversightFindingIssued
from ledger.events.registry import Payload
from ledger.regulation.pack import Pack
from ledger.regulation.stated import Absence
from ledger.sentences import Pair, sentence
from ledger.statement import Statement, edition_of

T = TypeVar("T")

#: Payload members that name the entry an act is about; the others name what it rests on.
_OBJECTS = ("target", "targets", "target_event", "grant_id", "reversal_of", "report_id", "decision")


@cache
def _objects_of(kind: type[Payload]) -> tuple[str, ...]:
    """Which of those members a class of acts has."""
    return tuple(member for member in _OBJECTS if member in kind.__struct_fields__)


def editions_among(tags: Iterable[str]) -> set[str]:
    """Editions that tags name, themselves or through a case."""
    tags = list(tags)
    return {t[3:] for t in tags if t.startswith("ed:")} | {edition_of(t[2:]) for t in tags if t.startswith("c:")}


def _ids(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(v) for v in value]
    return [value] if isinstance(value, str) else []


@dataclass(frozen=True, slots=True)
class Signer:
    """A verified signature: whose key it was, and of a passkey the site that it is of."""

    keyid: str
    principal_id: str
    site: str | None = None


@dataclass(frozen=True)
class View(Generic[P]):
    """The facts a decision about an act rests on: everything known in its boundary, as of recording."""

    statement: Statement
    signers: tuple[Signer, ...]
    openings: Mapping[str, Opening]
    instant: datetime
    today: date
    mode: Mode
    history: History
    live: Live
    law: Law
    identities: Identities
    packs: Mapping[str, Pack]
    #: Events that the statement names by id (causes, targets), wherever they are.
    named: Mapping[str, LiveEvent] = field(default_factory=dict)
    #: Do any of these principals hide one natural person (vault)?
    same_person: Callable[[list[str]], bool] = lambda _ids: False
    #: The tag of another id that people would take for the one of a tag, if the log has it.
    taken_for: Callable[[str], str | None] = lambda _tag: None
    #: When the entry of a position was recorded; None where there is none.
    recorded_at: Callable[[int], datetime | None] = lambda _position: None
    #: What was signed and the database does not have, nobody having declared it.
    lost: LostRange | None = None

    @property
    def payload(self) -> P:
        return cast("P", self.statement.payload)

    @property
    def on(self) -> date:
        """The effective day of the act."""
        return self.statement.effective_on

    @property
    def is_import(self) -> bool:
        """History of an earlier text, of which the single steps are not known (B-28)."""
        return self.statement.late is not None and self.statement.late.kind == "legacy_import"

    def opened(self, pointer: str, kind: type[T]) -> T | None:
        """The opened value of a restricted field, of the type that its event gives it; None where it was not sent.

        Admission has checked before that it is of this type.
        """
        opening = self.openings.get(pointer)
        return None if opening is None else msgspec.convert(opening.value, kind, strict=True)

    def needs(self, resolved: Resolved) -> Resolved:
        """Refuse where the act needs a parameter that the text seen does not show (B-45); silence is no reason."""
        if resolved.absence is Absence.UNKNOWN and not self.is_import:
            gap = resolved.undetermined()
            refuse(
                "parameter_unknown",
                resolved.rule or "B-45",
                None,
                (gap.zh, gap.en),
                remedy=sentence("a signed interpretation that cites the promulgated article settles it"),
                reading="B-45/G26:default",
                parameter=resolved.path,
            )
        return resolved

    def as_of(self, day: date) -> Live:
        """The boundary as of a day, for rules that look at a day rather than at everything known."""
        return self.history.live(day, self.live.known)

    def enacted_for(self, edition_id: str) -> Enacted | None:
        """The version that governs an edition, or nothing where the edition was never recorded."""
        opened = edition_opened(self.live, edition_id)
        return self.law.enacted(opened.payload.pack_hash) if opened else None

    def award_called(self, kind: str, edition_id: str) -> tuple[str, str]:
        """An award kind by the name that the edition's text gives it, in Chinese and English."""
        enacted = self.enacted_for(edition_id)
        return word(kind, "award") if enacted is None else enacted.award_called(kind)

    def parameter(self, path: str, *, case_id: str | None = None) -> Resolved:
        """The parameter that governs the act: of the case's edition, else of the text in force that day."""
        enacted = self.enacted_for(edition_of(case_id)) if case_id else self.law.in_force(self.on)
        return self.law.parameter(enacted, path, self.on)

    def case(self, case_id: str) -> LiveEvent[ApplicationFiled]:
        """The application of a case; refused if there is none."""
        filed = self.live.last(ApplicationFiled, case_id=case_id)
        if filed is None:
            refuse("case_unknown", "AUD", None, sentence("case {case_id} was never filed", case_id=case_id))
        return filed

    def called(self, principal_id: str) -> str:
        """An organisation by its name, where its registration was read; a person by the id: names are restricted."""
        known = self.identities.principals.get(principal_id)
        if known is None or known.org_name is None or known.kind in ("person", "pseudonym"):
            return principal_id
        return known.org_name

    def case_called(self, case_id: str) -> tuple[str, str]:
        """A case by the name of its applicant and its own id, in Chinese and English."""
        filed = self.live.last(ApplicationFiled, case_id=case_id)
        name = case_id if filed is None else self.called(filed.payload.org)
        if filed is None or name == filed.payload.org:
            return case_id, case_id
        return sentence("{name} ({case})", name=name, case=case_id)

    def award(self, award_id: str) -> LiveEvent[AwardGranted]:
        """The grant of an award; refused if there is none."""
        granted = self.live.last(AwardGranted, award_id=award_id)
        if granted is None:
            refuse("award_unknown", "AUD", None, sentence("award {award_id} was never granted", award_id=award_id))
        return granted

    @cached_property
    def objects(self) -> list[LiveEvent]:
        """The entries that the act is about: what it corrects, annuls, opens or finds fault with; not what it rests
        on.
        """
        named = {i for member in _objects_of(type(self.payload)) for i in _ids(getattr(self.payload, member))}
        tagged: dict[str, list[str]] = {}
        # Tags are in order.
        for tag in self.statement.tags:
            kind, _, name = tag.partition(":")
            tagged.setdefault(kind, []).append(name)
        return [
            *(e for i, e in sorted(self.named.items()) if i in named),
            *(e for i in tagged.get("f", ()) for e in self.live.of(OversightFindingIssued, finding_id=i)),
            *(e for i in tagged.get("ob", ()) for e in self.live.of(ObjectionRaised, objection_id=i)),
            *(e for i in tagged.get("n", ()) for e in self.live.of(PublicNoticeOpened, notice_id=i)),
            *(e for i in tagged.get("cb", ()) for e in self.live.of(ClawbackOrdered, clawback_id=i)),
        ]

    @cached_property
    def editions(self) -> set[str]:
        """The editions that the act is about: by its own tags and by those of its objects, never by what it rests
        on.
        """
        tags = {*self.statement.tags, *(t for e in self.objects for t in e.recorded.statement.tags)}
        found, awards = editions_among(tags), {t[2:] for t in tags if t.startswith("a:")}
        granted = {e.payload.award_id: e.payload.case_id for e in self.live.of(AwardGranted)} if awards else {}
        return found | {edition_of(granted[award]) for award in awards if award in granted}

    def may_act_for(self, org: str) -> bool:
        """Is the actor the organisation, or does it hold APP for it, here?"""
        actor = self.statement.actor
        return actor == org or any(
            g.principal_id == actor
            and g.role == "APP"
            and g.org == org
            and g.held_on(self.today)
            and g.edition in (None, *self.editions)
            and (g.edition is None or len(self.editions) == 1)
            for g in self.identities.grants
        )

    def acts_for(self, org: str, voluntary: Resolved | None = None) -> None:
        """Refuse unless the actor is the organisation or holds APP for it; ``voluntary`` is the rule that says so."""
        if not self.may_act_for(org):
            refuse(
                "not_the_applicant",
                (voluntary.rule if voluntary else None) or "AUD",
                ", ".join(voluntary.why.articles) or None if voluntary else None,
                sentence(
                    "{actor} does not act for {org}; the role of applicant must be granted for it",
                    actor=self.statement.actor,
                    org=org,
                ),
            )


def view_of(
    history: History,
    statement: Statement,
    *,
    identities: Identities,
    signers: tuple[Signer, ...],
    openings: Mapping[str, Opening],
    instant: datetime,
    today: date,
    mode: Mode,
    packs: Mapping[str, Pack],
    law: Law,
    named: Mapping[str, LiveEvent],
    known: int,
    same_person: Callable[[list[str]], bool],
    taken_for: Callable[[str], str | None] = lambda _tag: None,
    recorded_at: Callable[[int], datetime | None] = lambda _position: None,
    lost: LostRange | None = None,
) -> View:
    """Build the view from a boundary's events: all that is known at ``known``, whatever its effective day.

    ``identities`` and ``law`` are those of these events.
    """
    live = history.live(EVER, known)
    return View(
        statement,
        signers,
        openings,
        instant,
        today,
        mode,
        history,
        live,
        law,
        identities,
        packs,
        named,
        same_person,
        taken_for,
        recorded_at,
        lost,
    )


def refuse_set_aside(view: View, award_id: str, on: date | None = None) -> None:
    """Refuse an act that needs the award, where a review body or a court has ended it by its day."""
    ruling = set_aside(view.as_of(on or view.on), award_id)
    if ruling is not None:
        refuse(
            "award_set_aside",
            "AUD",
            None,
            sentence(
                "the award was set aside by {body}, {ruling_no}",
                body=ruling.payload.body,
                ruling_no=ruling.payload.ruling_no,
            ),
            decided=ruling,
        )


def refuse(
    code: str,
    rule: str,
    article: str | None,
    told: Pair,
    *,
    remedy: Pair | None = None,
    reading: str | None = None,
    decided: LiveEvent | None = None,
    **details: object,
) -> NoReturn:
    """Refuse an act: ``rule`` is a rule id (``ZY-24-0e``) or AUD for a rule of the ledger itself.

    ``decided`` is the entry by which somebody has decided what now stands against the act.
    """
    raise GuardRefusedError(
        code,
        sentence("{refusal}; {remedy}", refusal=told, remedy=remedy) if remedy is not None else told,
        rule=rule,
        article=article,
        reading=reading,
        remedy=remedy[1] if remedy is not None else None,
        decided_by=decided.id if decided is not None else None,
        **details,
    )


def refuse_by(
    parameter: Resolved,
    code: str,
    told: Pair,
    *,
    remedy: Pair | None = None,
    reading: str | UnsetType | None = UNSET,
    decided: LiveEvent | None = None,
    **details: object,
) -> NoReturn:
    """Refuse by a stated parameter: its rule id, its article and the reading in use."""
    articles = ", ".join(parameter.why.articles) or None
    if reading is UNSET:
        reading = ", ".join(parameter.why.readings) or None
    rule = parameter.rule or (parameter.why.articles or ("AUD",))[0]
    refuse(
        code,
        rule,
        articles,
        told,
        remedy=remedy,
        reading=reading,
        decided=decided,
        **details,
    )
