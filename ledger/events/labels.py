"""Names of payload members in Chinese and English; one meaning per name, whatever the event."""

from __future__ import annotations

from ledger.sentences import Pair, names_in, sentence

#: Member name -> what it is called.
LABELS: dict[str, Pair] = names_in("ledger.events", "labels.txt")


def label(member: str) -> tuple[str, str]:
    """What a member is called, in Chinese and English; one without a label is called by its own name."""
    return LABELS.get(member, (member, member))


#: When a seat counts only in a special case (``Seat.only_if``): Chinese and English.
CONDITIONS: dict[str, tuple[str, str]] = {
    "one_time": sentence("a pseudonym's own key"),
    "forced": sentence("the key is another's"),
    "by_resolution": sentence("a resolution of the committee is named"),
    "committee_or_office": sentence("the body is the committee or the office"),
    "panel": sentence("the body is a panel"),
    "supervision": sentence("the body is the supervision group"),
    "sec_concerned": sentence("the person concerned is of the secretariat"),
    "on_behalf": sentence("it is recorded on behalf of somebody"),
    "committee_notice": sentence("the text has the committee publish the notice"),
    "about_a_case": sentence("the objection is about a case"),
    "not_about_a_case": sentence("the objection is about no case"),
    "secretariat_disqualifies": sentence("the text does not leave it to the committee alone"),
    "on_government_decision": sentence("a government decision is on record"),
    "fund_check": sentence("the check is about the use of prize money"),
    "with_document": sentence("the determining document is named"),
    "erasure": sentence("restricted data are erased"),
    "opening": sentence("restricted data are opened or disclosed"),
    "own": sentence("the event is the signer's own"),
    "founders": sentence("two founders sign"),
}
