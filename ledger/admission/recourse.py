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
    match by:
        case "text":
            zh, en = _office(view)
            source_zh, source = _source(view)
            reading = readings_called(str(refusal.details.get("reading") or ""))
            read_zh, read = (
                (
                    f"，其适用依解读（{reading[0]}），有权解释的机关可登记适用口径另行确定",
                    f", as a reading has it ({reading[1]})",
                )
                if reading is not None
                else ("", "")
            )
            said = (
                f"{source_zh}{read_zh}；认为适用有误的，{zh}",
                f"{source}{read}; whoever holds that it is misapplied: {en}",
            )
        case "reading":
            zh, en = _office(view)
            unseen = refusal.code == "parameter_unknown"
            why_zh, why = (
                ("相关条文未见", "The text on this was not seen")
                if unseen
                else ("文本没有写明", "The text does not say")
            )
            said = (
                f"{why_zh}，按解读处理；有权解释的机关可登记适用口径另行确定。{zh}",
                f"{why}, and a reading decides; whoever may interpret the text can record another. "
                f"{en[:1].upper()}{en[1:]}",
            )
        case "decision":
            zh, en = _office(view)
            said = _said_of(view, str(refusal.details["decided_by"]), zh, en)
        case "ledger":
            said = (
                "这是账本自身的登记规则，不是办法的规定；认为登记有误的，可由监督岗位核实后作废、更正，或注明理由越过规则登记",
                "A rule of the ledger itself, none of the text; where a record is wrong, supervision can have it "
                "annulled or corrected, or the act recorded by override with its reason",
            )
    details = {**refusal.details, "refused_by": by, "recourse": {"zh": said[0], "en": said[1]}}
    return GuardRefusedError(refusal.code, refusal.en, refusal.zh, **details)


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
        return "这是该办法的公开解读所载，条文本身未见", "Its published interpretation says so; the text was not seen"
    return "这是文本的规定", "The text says so"


def _office(view: View) -> tuple[str, str]:
    """The office that the text names, and what it says of appeals; that it is silent, or was not seen, where it is."""
    enacted = _governing(view)
    if enacted is None:
        return "该日没有施行的文本", "no text is in force on that day"
    office, appeal = (view.law.parameter(enacted, path, view.on) for path in ("body.office", "appeal"))
    articles = ", ".join(office.why.articles)
    zh, en = (
        (f"文本所设办公室为{office.value}（{articles}）", f"its office is {office.value} ({articles})")
        if office.stated
        else ("文本没有写明由谁办理", "the text does not say who is in charge")
    )
    if appeal.stated:
        return f"{zh}；申诉：{appeal.value}（{', '.join(appeal.why.articles)}）", f"{en}; appeal: {appeal.value}"
    if appeal.absence is Absence.UNKNOWN:
        return f"{zh}；文本未见，申诉途径不明", f"{en}; the text was not seen, and what it says of appeals is not known"
    return f"{zh}；文本没有规定申诉程序", f"{en}; the text names no appeal"


def _governing(view: View) -> Enacted | None:
    """The text of the edition that the act is about, else the one in force that day."""
    cases = [tag[2:] for tag in view.statement.tags if tag.startswith("c:")]
    editions = [tag[3:] for tag in view.statement.tags if tag.startswith("ed:")] + [edition_of(c) for c in cases]
    pinned = next((e for e in map(view.enacted_for, editions) if e is not None), None)
    return pinned or view.law.in_force(view.on)


def _said_of(view: View, event_id: str, zh: str, en: str) -> tuple[str, str]:
    """What was decided, for which day, and who hears whoever objects: of a ruling not the office."""
    event = view.live.recorded(event_id)
    if event is None:
        raise InvariantError("a decision that a guard has read")
    act, spec, on = event.statement.payload, event.statement.spec, event.statement.effective_on
    if isinstance(act, AwardSetAside):
        return (
            f"已有裁决（{act.ruled_on}，{act.body}，{act.ruling_no}）；对裁决不服的，依裁决所告知的途径提出",
            f"A ruling stands against it ({act.body}, {act.ruling_no}, {act.ruled_on}), and says how to contest it",
        )
    if isinstance(act, ApplicationWithdrawn):
        return (
            f"申报单位已自行撤回申报（{on}），并非他人的决定；确属误登的，可由监督岗位核实后作废该登记",
            f"The applicant itself has withdrawn ({on}), nobody else decided it; where that was recorded in error, "
            "supervision can have the entry annulled",
        )
    return (
        f"已有登记在案的决定（{on}，{spec.zh}）；对该决定有异议的，{zh}",
        f"A decision on record stands against it ({spec.en}, {on}); whoever objects to it: {en}",
    )
