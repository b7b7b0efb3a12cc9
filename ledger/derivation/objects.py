"""Which certificates, plaques and cups the text gives with an award: for a first win, and for a re-win (B-33)."""

from __future__ import annotations

from ledger.derivation.answer import Answer, NotApplicable, Undetermined
from ledger.derivation.history import Live
from ledger.derivation.law import Law
from ledger.derivation.standing import Award, first_win, wins_before
from ledger.regulation.stated import Absence
from ledger.sentences import sentence


def objects_of(live: Live, law: Law, award: Award) -> Answer[tuple[str, ...]]:
    """Kinds of objects that the text gives with this award; not applicable where it is silent on them."""
    won = wins_before(live, law, award)
    first, first_why = first_win(law, award, won)
    why = won.why | first_why
    if isinstance(first, Undetermined):
        return Answer(first, why)
    stated = law.parameter(award.enacted, "objects_given" if first else "rewin.objects", award.granted.on)
    why |= stated.why
    if stated.stated:
        # The title is given with the award itself; nobody hands it over.
        return Answer(tuple(kind for kind in stated.words if kind != "title"), why)
    if stated.absence is Absence.SILENT:
        return Answer(NotApplicable(*sentence("the text does not say which objects are given")), why)
    return Answer(stated.undetermined(), why)
