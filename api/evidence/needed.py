"""Which keys of the tag index a package has to prove complete, whatever version of the derivation made it (docs/spec, section 8).

Kept apart from the folds, which look under these keys and under others besides: what is needed here is read off the entries
of the package alone, so that a verifier which derives nothing refuses a package from which an act was cut out with its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.entry import RecordedEvent
from ledger.statement import edition_of
from ledger.tlog.tag_index import keys_of

#: What concerns every subject, by the version of the derivation that first asked for it.
_EVERYWHERE = {
    1: ("GenesisDeclared", "RegulationEnacted", "RegulationRepealed", "RegulationInterpreted", "CalendarPublished", "EventAnnulled",
        "EventCorrected", "LateRecordingApproved"),
    2: ("ClockCorrected",),
}  # fmt: skip
#: What the flags look at of every edition.
_INSPECTED = {
    1: ("EditionOpened", "EditionClosed", "BodyConstituted", "BodyDissolved", "OversightFindingIssued", "OversightFindingAnswered",
        "RestrictedDataHandled"),
    2: ("AccessRecordAttested",),
}  # fmt: skip
_OF_EDITION = ("EditionOpened", "EditionClosed", "BodyConstituted", "BodyDissolved", "CommitteeResolutionAdopted")
_OF_PERSON = ("ReviewerQualified", "RoleGranted", "RoleWithdrawn", "SanctionImposed", "PrincipalRegistered")
_TAKEN_PART = ("ApplicationFiled", "AwardGranted")
#: Types whose decision is followed, and members by which others are.
_DECIDED = ("AwardGranted", "AwardRevoked", "ClawbackOrdered")


def needed_keys(kind: str, subject: str, events: Sequence[RecordedEvent], *, flags: bool, derivation: int) -> list[str]:
    """Keys that a package about a subject, holding these entries, has to prove; in order."""
    package = _Package(events)
    package.under(*_since(_EVERYWHERE, derivation))
    orgs, cases = _subject(package, kind, subject)
    around = [package.organisation(org) for org in orgs]
    if kind == "case":
        package.panels(subject, [e for slice_ in around for e in slice_])
    for edition in [subject] if kind == "edition" else sorted({edition_of(c) for c in cases}) if flags else []:
        package.under(*_since(_INSPECTED, derivation))
        package.inspected(edition)
    return sorted(package.keys)


def _subject(package: _Package, kind: str, subject: str) -> tuple[list[str], set[str]]:
    """The organisation that a package is about, and the cases of it whose editions its flags look at."""
    if kind == "org":
        own = _part(package.under(f"o:{subject}", f"p:{subject}"))
        return [subject], {e.statement.payload.case_id for e in own if e.statement.payload.org == subject}
    if kind == "edition":
        return [], set()
    found = package.under(f"ApplicationFiled c:{subject}") if kind == "case" else []
    found = found or package.under(f"AwardGranted {'c' if kind == 'case' else 'a'}:{subject}")
    cases = {subject} if kind == "case" else {e.statement.payload.case_id for e in found}
    return [e.statement.payload.org for e in found[:1]], cases


class _Package:
    """The entries of a package by key, and the keys that were asked for."""

    def __init__(self, events: Iterable[RecordedEvent]) -> None:
        self.keys: dict[str, None] = {}
        self._organisations: dict[str, list[RecordedEvent]] = {}
        self._by_key: dict[str, list[RecordedEvent]] = {}
        for event in sorted(events, key=lambda e: e.position):
            for key in keys_of(event.statement.type, event.statement.tags):
                self._by_key.setdefault(key, []).append(event)

    def under(self, *keys: str) -> list[RecordedEvent]:
        """The entries under keys, which are needed now."""
        self.keys |= dict.fromkeys(keys)
        found = {e.position: e for key in keys for e in self._by_key.get(key, ())}
        return [found[position] for position in sorted(found)]

    def organisation(self, org: str) -> list[RecordedEvent]:
        """What concerns an organisation: its cases, awards and their editions, notices, objections, decisions, predecessors."""
        if org in self._organisations:
            return self._organisations[org]
        own = self.under(f"o:{org}", f"p:{org}")
        part = [e.statement.payload for e in _part(own)]
        around = self.under(
            *(f"c:{p.case_id}" for p in part),
            *(f"a:{p.award_id}" for p in part if hasattr(p, "award_id")),
            *(f"{type_} ed:{edition_of(p.case_id)}" for p in part for type_ in _OF_EDITION),
            *(f"h:{e.statement.payload.higher_award_id}" for e in own if e.statement.type == "HigherAwardRecorded"),
        )
        found = self._organisations[org] = [*own, *around]
        found += self.under(*_followed([*own, *around]))
        for event in own:
            p = event.statement.payload
            if event.statement.type == "PrincipalUpdated" and org in (p.successor_ids or ()):
                found += self.organisation(p.principal_id)
        return found

    def panels(self, case: str, events: Sequence[RecordedEvent]) -> None:
        """The persons of the panels of a case, and what was opened of it."""
        people = {
            m.principal_id for e in events if e.statement.type == "BodyConstituted" for m in e.statement.payload.members
        }
        people |= {e.statement.actor for e in events if e.statement.type == "ScoreSubmitted"}
        self.under(*(f"{type_} p:{person}" for person in people for type_ in _OF_PERSON))
        sealed = [e.statement for e in events if f"c:{case}" in e.statement.tags and e.statement.sd]
        self.under(*(f"RestrictedDataHandled x:{s.id}" for s in sealed))

    def inspected(self, edition: str) -> None:
        """An edition, all who took part in it, and the record of everybody who acts or is seated in it."""
        own = self.under(f"ed:{edition}")
        for event in _part(own):
            self.organisation(event.statement.payload.org)
        self.under(*_followed(own), *(f"p:{e.statement.actor}" for e in own))
        self.under(*(f"p:{tag[2:]}" for e in own for tag in e.statement.tags if tag.startswith("m:")))


def _part(events: Iterable[RecordedEvent]) -> list[RecordedEvent]:
    return [e for e in events if e.statement.type in _TAKEN_PART]


def _followed(events: Iterable[RecordedEvent]) -> list[str]:
    keys = []
    for event in events:
        p, type_ = event.statement.payload, event.statement.type
        if type_ == "PublicNoticeOpened":
            keys.append(f"n:{p.notice_id}")
        if type_ == "ObjectionRaised":
            keys.append(f"ob:{p.objection_id}")
        if type_ in _DECIDED:
            keys.append(f"GovernmentDecisionMade d:{p.decision_id}")
    return keys


def _since(types: dict[int, tuple[str, ...]], derivation: int) -> list[str]:
    return [type_ for version, since in types.items() if version <= derivation for type_ in since]
