"""A reviewer's cases: interest is declared first, then the applicant's material opens, then it is scored."""

from __future__ import annotations

from dataclasses import replace

from api.inspector.inquiries import REVIEWERS
from api.rendering.blocks import Content, Heading, Paragraph, Table, links
from api.rendering.values import day_in
from api.sentences import sentence
from api.workplace.restricted import gone, opening
from api.workplace.sheets import Desk, Part, Sheet
from api.workplace.visitors import require
from ledger import canonical
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.editions import pinned_pack
from ledger.derivation.procedure import ordered_steps
from ledger.entry import RecordedEvent
from ledger.events.application import ApplicationFiled, ApplicationSupplemented
from ledger.events.edition import BodyConstituted, EditionClosed
from ledger.events.registry import topics
from ledger.sentences import enumeration
from ledger.statement import edition_of
from projections.as_of import state
from projections.slices import history_for

#: What an applicant hands in.
_MATERIAL = (ApplicationFiled, ApplicationSupplemented)


def cases_reviewed(d: Desk) -> list[str]:
    """Cases of the bodies that the visitor sits on, or of their editions where a body names none; the newest first."""
    found: dict[str, None] = {}
    for _, p in reversed(d.log.ledger.acts(BodyConstituted, f"m:{d.visitor.principal}", until=d.at.known_at)):
        if p.kind != "panel" or p.edition_id is None:
            continue
        filed = d.log.ledger.acts(ApplicationFiled, f"ed:{p.edition_id}", until=d.at.known_at)
        found |= dict.fromkeys(p.cases or [f.case_id for _, f in filed])
    return list(found)


def standing(d: Desk, case_id: str) -> str | None:
    """The visitor's standing in a case (D15): eligible, undeclared, recused and so on; None outside the pool."""
    rows = d.ask(REVIEWERS, case=case_id).answer["rows"]
    return next((r["state"] for r in rows if r["person"] == d.visitor.principal), None)


def _closed(d: Desk, case_id: str) -> bool:
    return bool(d.log.ledger.acts(EditionClosed, f"ed:{edition_of(case_id)}", until=d.at.known_at))


def reviews(d: Desk) -> Part:
    """The visitor's cases, each with what it is the turn of: declare, then read and score; of an edition that is over,
    nothing.
    """
    rows = list[tuple[Content, ...]]()
    for case in cases_reviewed(d):
        own = standing(d, case)
        rows.append(
            (
                d.layout.named("cases", case),
                d.word(own, "state", "case.reviewers") if own else "—",
                _turn(d, case, own),
            )
        )
    heads = (d.say(sentence("Case")), d.say(sentence("My status")), d.say(sentence("What to do")))
    name = d.say(sentence("Cases that I review"))
    return Part(name, Table(name, heads, rows) if rows else d.none(sentence("Not seated on a panel yet.")))


def _turn(d: Desk, case: str, own: str | None) -> Content:
    if _closed(d, case):
        return d.say(sentence("the edition is closed"))
    if own == "undeclared":
        return d.link(d.say(sentence("Declare interest")), "record", "InterestDeclared", case_id=case)
    if own == "eligible":
        read, score = d.say(sentence("Read the material")), d.say(sentence("Score"))
        return (d.link(read, "material", case), " · ", d.link(score, "record", "ScoreSubmitted", case_id=case))
    return "—"


def material(d: Desk, case_id: str) -> Sheet:
    """What the applicant handed in, for its reviewers: nothing of it before they have declared, nothing once they are
    recused.

    Whether it is open is a matter of this moment; to look at an earlier day does not open it again.
    """
    require(case_id in cases_reviewed(d.now), sentence("a case that you do not review"))
    own, closed = standing(d.now, case_id), _closed(d.now, case_id)
    name = d.names["cases"].get(case_id, "")
    title = d.say(sentence("Application material {case_id} {name}", case_id=case_id, name=name))
    if own != "eligible" or closed:
        return Sheet(title, [_not_yet(d, case_id, own, closed=closed)])
    handed_in = d.log.ledger.events(
        DCBQuery([DCBQueryItem(types=topics(*_MATERIAL), tags=[f"c:{case_id}"])]), until=d.at.known_at
    )
    on = [d.link(d.layout.type(t), "record", t, case_id=case_id) for t in ("ScoreSubmitted", "InterestDeclared")]
    lead = d.say(
        sentence(
            "You have declared. The material may be read until the edition closes, and no more once you are recused."
        ),
    )
    return Sheet(
        title,
        [*(_handed_in(d, e) for e in handed_in), Part(d.say(sentence("What you may do")), links(on))],
        lead=lead,
    )


def _not_yet(d: Desk, case_id: str, own: str | None, *, closed: bool) -> Part:
    body: Content
    if closed:
        body = d.none(sentence("The edition is closed; its material is open no more."))
    elif own == "undeclared":
        form = d.link(d.say(sentence("Declare interest")), "record", "InterestDeclared", case_id=case_id)
        body = (d.none(sentence("Declare your interest first; nothing opens before.")), Paragraph(form))
    else:
        word = d.word(own, "state", "case.reviewers") if own else "—"
        body = d.none(sentence("Your standing in this case is “{value}”; its material does not open.", value=word))
    return Part(d.say(sentence("Not open to you")), body)


def _handed_in(d: Desk, event: RecordedEvent) -> Part:
    """One entry: what stands in the clear, its documents, and what its reviewers may open."""
    s = event.statement
    clear = canonical.parse_object(s.body, "statement")
    body = [replace(d.layout, of=s.type).value(clear["payload"])]
    if clear["evidence"]:
        body.append(d.layout.table(clear["evidence"]))
    fields = d.log.ledger.disclosing.fields(s.id)
    own = [f for f in fields if s.spec.restricted[f.pointer].disclosure == "business"]
    if own and isinstance(s.payload, _MATERIAL):
        names = d.say(enumeration(d.layout.label(f.pointer[1:]) for f in own))
        review = d.say(sentence("review of the material"))
        body += [
            Heading(d.say(sentence("Restricted content"))),
            Paragraph(names),
            gone(d, own),
            opening(d, s.id, own, purpose=review, legal_basis=_basis(d, s.payload.case_id)),
        ]
    return Part(f"{d.layout.type(s.type)} · {day_in(d.place.language, s.effective_on)}", tuple(body))


def _basis(d: Desk, case_id: str) -> str:
    """The article by which reviewers review the papers, as the version that governs the case has it; nothing where it
    is silent.
    """
    history = history_for(d.log.ledger, "case", case_id, d.at.known_at)
    live, law = state(history, d.log.ledger.packs(), d.at.as_of, d.at.known_at)
    enacted = pinned_pack(live, law, edition_of(case_id))
    _, steps = ordered_steps(law, enacted, d.at.as_of)
    articles = [s.article for s in steps if s.step == "material_review"]
    return f"{enacted.pack.id}:{articles[0]}" if enacted and articles else ""
