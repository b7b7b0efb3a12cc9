"""Who refuses an act, and where somebody who disagrees turns: in the text's own words, or that it has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from ledger.admission.view import View
from ledger.derivation.law import Enacted
from ledger.errors import GuardRefusedError, InvariantError
from ledger.events.after_award import AwardSetAside
from ledger.events.application import ApplicationWithdrawn
from ledger.regulation.readings import readings_called
from ledger.regulation.stated import Absence
from ledger.sentences import Pair, sentence
from ledger.statement import edition_of

#: An article of the text; a reading where the text is silent; somebody's decision that is on record; a rule of the
#: ledger itself.
RefusedBy = Literal["text", "reading", "decision", "ledger"]


@contextmanager
def saying_where_to_object(view: View) -> Iterator[None]:
    """A refusal from within says besides who refuses, and where to object."""
    try:
        yield
    except GuardRefusedError as refusal:
        raise _with_recourse(view, refusal) from None


def _with_recourse(view: View, refusal: GuardRefusedError) -> GuardRefusedError:
    by = _refused_by(refusal)
    said: Pair
    match by:
        case "text":
            zh, en = _office(view)
            called = _source(view)
            reading = readings_called(str(refusal.details.get("reading") or ""))
            named = sentence(", as a reading has it ({reading})", reading=reading) if reading is not None else ("", "")
            said = sentence(
                "{source}{read}; whoever holds that it is misapplied: {name}",
                source=called,
                read=named,
                name=(zh, en),
            )
        case "reading":
            zh, en = _office(view)
            unseen = refusal.code == "parameter_unknown"
            why = sentence("The text on this was not seen") if unseen else sentence("The text does not say")
            said = sentence(
                "{why}, and a reading decides; whoever may interpret the text can record another. {office}",
                why=why,
                office=(zh, f"{en[:1].upper()}{en[1:]}"),
            )
        case "decision":
            zh, en = _office(view)
            said = _said_of(view, str(refusal.details["decided_by"]), zh, en)
        case "ledger":
            said = sentence(
                "A rule of the ledger itself, none of the text; where a record is wrong, supervision can have it "
                "annulled or corrected, or the act recorded by override with its reason"
            )
    details = {**refusal.details, "refused_by": by, "recourse": {"zh": said[0], "en": said[1]}}
    return GuardRefusedError(refusal.code, refusal.told, **details)


def _refused_by(refusal: GuardRefusedError) -> RefusedBy:
    told = refusal.details
    if told.get("decided_by"):
        return "decision"
    if told.get("article"):
        return "text"
    rule = str(told.get("rule"))
    if told.get("reading") or rule.startswith("B-"):
        return "reading"
    return "ledger" if rule == "AUD" else "text"


def _source(view: View) -> tuple[str, str]:
    """Whose words they are: the text's, or those of its published interpretation where the text itself was not seen."""
    enacted = _governing(view)
    if enacted is not None and enacted.pack.status == "interpretation_only":
        return sentence("Its published interpretation says so; the text was not seen")
    return sentence("The text says so")


def _office(view: View) -> tuple[str, str]:
    """The office that the text names, and what it says of appeals; that it is silent, or was not seen, where it is."""
    enacted = _governing(view)
    if enacted is None:
        return sentence("no text is in force on that day")
    office, appeal = (view.law.parameter(enacted, path, view.on) for path in ("body.office", "appeal"))
    articles = ", ".join(office.why.articles)
    called = (
        sentence("its office is {office} ({articles})", office=office.value, articles=articles)
        if office.stated
        else sentence("the text does not say who is in charge")
    )
    if appeal.stated:
        return sentence(
            "{office}; appeal: {appeal} ({articles})",
            office=called,
            appeal=appeal.value,
            articles=", ".join(appeal.why.articles),
        )
    if appeal.absence is Absence.UNKNOWN:
        return sentence("{name}; the text was not seen, and what it says of appeals is not known", name=called)
    return sentence("{name}; the text names no appeal", name=called)


def _governing(view: View) -> Enacted | None:
    """The text of the edition that the act is about, else the one in force that day."""
    cases = [tag[2:] for tag in view.statement.tags if tag.startswith("c:")]
    editions = [tag[3:] for tag in view.statement.tags if tag.startswith("ed:")] + [edition_of(c) for c in cases]
    pinned = next((e for e in map(view.enacted_for, editions) if e is not None), None)
    return pinned or view.law.in_force(view.on)


def _said_of(view: View, event_id: str, zh: str, en: str) -> tuple[str, str]:
    """What was decided, for which day, and where to object to it: for a ruling that is not the office."""
    event = view.live.recorded(event_id)
    if event is None:
        raise InvariantError("a decision that a guard has read")
    act, spec, on = event.statement.payload, event.statement.spec, event.statement.effective_on
    if isinstance(act, AwardSetAside):
        return sentence(
            "A ruling stands against it ({body}, {ruling_no}, {ruled_on}), and says how to contest it",
            body=act.body,
            ruling_no=act.ruling_no,
            ruled_on=act.ruled_on,
        )
    if isinstance(act, ApplicationWithdrawn):
        return sentence(
            "The applicant itself has withdrawn ({on}), nobody else decided it; where that was recorded in error, "
            "supervision can have the entry annulled",
            on=on,
        )
    return sentence(
        "A decision on record stands against it ({decision}, {on}); whoever objects to it: {office}",
        decision=(spec.zh, spec.en),
        on=on,
        office=(zh, en),
    )
