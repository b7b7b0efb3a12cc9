"""The vocabulary: topics are for ever, signers are the published matrix, restricted fields stay out."""

from __future__ import annotations

import typing
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from ledger.admission.structure import _CONDITIONS
from ledger.derivation.meanings import MEANINGS
from ledger.derivation.words import WORDS
from ledger.errors import MalformedError
from ledger.events import kinds
from ledger.events.labels import CONDITIONS, LABELS
from ledger.events.registry import decode_payload
from ledger.events.vocabulary import EVENTS
from ledger.statement import Article

# Frozen: a name may be added, never changed or removed.
TOPICS = [
    "GenesisDeclared",
    "PrincipalRegistered",
    "PrincipalUpdated",
    "KeyRegistered",
    "KeyRevoked",
    "RoleGranted",
    "RoleWithdrawn",
    "RegulationEnacted",
    "RegulationRepealed",
    "RegulationInterpreted",
    "CalendarPublished",
    "EditionOpened",
    "EditionClosed",
    "BodyConstituted",
    "BodyDissolved",
    "ReviewerQualified",
    "InterestDeclared",
    "RecusalOrdered",
    "ApplicationFiled",
    "ApplicationSupplemented",
    "ApplicationWithdrawn",
    "RecommendationIssued",
    "DepartmentOpinionGiven",
    "CreditRepairConfirmed",
    "EligibilityDecided",
    "ScoreSubmitted",
    "ReviewReportSubmitted",
    "ShortlistDecided",
    "OnsiteVisitHeld",
    "OnsiteReportConfirmed",
    "RevieweeFeedbackGiven",
    "ApplicantNotified",
    "CandidateListProposed",
    "CommitteeVoteCast",
    "CommitteeResolutionAdopted",
    "PublicNoticeOpened",
    "PublicNoticeClosed",
    "ObjectionRaised",
    "ObjectionInvestigated",
    "ObjectionResolved",
    "CaseDisqualified",
    "GovernmentDecisionMade",
    "AwardGranted",
    "CertificateIssued",
    "CertificateReturned",
    "AnnouncementPublished",
    "PrizePaid",
    "FundUseReported",
    "PostAwardCheckHeld",
    "FundMisuseFound",
    "ClawbackOrdered",
    "ClawbackReceived",
    "ClawbackWaived",
    "HigherAwardRecorded",
    "PostAwardReportFiled",
    "IncidentRecorded",
    "TitleMisuseFound",
    "SanctionImposed",
    "RevocationProposed",
    "AwardRevoked",
    "AwardSetAside",
    "OversightFindingIssued",
    "OversightFindingAnswered",
    "RestrictedDataHandled",
    "EventCorrected",
    "EventAnnulled",
    "LateRecordingApproved",
    "TimeAttested",
    "ClockCorrected",
    "HistoryLossDeclared",
    "AccessRecordAttested",
]

# Role x event: S may originate, C countersigns. Origin: the permission matrix of the vocabulary, row by row.
MATRIX = """
PrincipalRegistered OPR:S SECH:C
PrincipalUpdated OPR:S DEP:C
KeyRegistered APP:S REC:S DEP:S SEC:S SECH:S REV:S LEAD:S COM:S CHR:S GOV:S FIN:S SUP:S DIS:S PUB:S OPR:SC
KeyRevoked APP:S REC:S DEP:S SEC:S SECH:S REV:S LEAD:S COM:S CHR:S GOV:S FIN:S SUP:SC DIS:S PUB:S OPR:S
RoleGranted SECH:S GOV:S
RoleWithdrawn SECH:S GOV:S
RegulationEnacted GOV:S OPR:C
RegulationRepealed GOV:S
RegulationInterpreted CHR:S GOV:S
CalendarPublished OPR:S SECH:C
EditionOpened SEC:S SECH:C
EditionClosed SECH:S
BodyConstituted SECH:S CHR:S GOV:S
BodyDissolved SECH:S CHR:S GOV:S
ReviewerQualified SEC:S SECH:C
InterestDeclared SEC:S SECH:S REV:S LEAD:S COM:S CHR:S
RecusalOrdered SEC:S SECH:C SUP:S
ApplicationFiled APP:S
ApplicationSupplemented APP:S
ApplicationWithdrawn APP:S
RecommendationIssued REC:S
DepartmentOpinionGiven DEP:S
CreditRepairConfirmed DEP:S
EligibilityDecided SEC:S SECH:C
ScoreSubmitted REV:S LEAD:S
ReviewReportSubmitted LEAD:S
ShortlistDecided SEC:S SECH:C
OnsiteVisitHeld LEAD:S
OnsiteReportConfirmed APP:S
RevieweeFeedbackGiven APP:S
ApplicantNotified SEC:S
CandidateListProposed SEC:S SECH:C
CommitteeVoteCast COM:S CHR:S
CommitteeResolutionAdopted CHR:S SEC:C
PublicNoticeOpened SEC:S CHR:S
PublicNoticeClosed SEC:S
ObjectionRaised APP:S REC:S DEP:S SEC:S REV:S LEAD:S COM:S SUP:S PUB:S
ObjectionInvestigated DEP:S SEC:S DIS:S
ObjectionResolved SECH:S CHR:S
CaseDisqualified SEC:S SECH:C CHR:S
GovernmentDecisionMade GOV:S
AwardGranted GOV:S SECH:C
CertificateIssued SEC:S
CertificateReturned SEC:S
AnnouncementPublished SEC:S GOV:S
PrizePaid FIN:SC
FundUseReported APP:S
PostAwardCheckHeld SEC:S SECH:C FIN:S
FundMisuseFound SEC:S SECH:C
ClawbackOrdered SECH:S GOV:S
ClawbackReceived FIN:S
ClawbackWaived GOV:S FIN:C
HigherAwardRecorded DEP:S SEC:S
PostAwardReportFiled APP:S
IncidentRecorded DEP:S SEC:S
TitleMisuseFound SEC:S SECH:C
SanctionImposed SECH:S CHR:S GOV:S
RevocationProposed SEC:S SECH:C CHR:S
AwardRevoked GOV:S SECH:C
AwardSetAside GOV:S SECH:C DIS:S
OversightFindingIssued SUP:S DIS:S
OversightFindingAnswered APP:S REC:S DEP:S SEC:S SECH:S REV:S LEAD:S CHR:S GOV:S FIN:S SUP:S DIS:S OPR:S
RestrictedDataHandled APP:S DEP:S SEC:S SECH:S REV:S LEAD:S COM:S CHR:S GOV:S FIN:S SUP:S DIS:SC OPR:S
EventCorrected APP:S REC:S DEP:S SEC:S SECH:C REV:S LEAD:S COM:S CHR:S GOV:S FIN:S OPR:S
EventAnnulled REC:S DEP:S SEC:S SECH:C REV:S LEAD:S COM:S CHR:S GOV:S FIN:S SUP:S DIS:S OPR:S
LateRecordingApproved SECH:S SUP:C
TimeAttested SECH:S SUP:S OPR:S
ClockCorrected SECH:SC GOV:SC OPR:SC
HistoryLossDeclared SECH:SC GOV:SC OPR:SC
AccessRecordAttested OPR:S SUP:S DIS:S
""".strip().splitlines()


def test_topics_are_frozen() -> None:
    assert list(EVENTS) == TOPICS
    assert len(TOPICS) == 65 + 6


@pytest.mark.parametrize("row", MATRIX, ids=lambda r: r.split()[0])
def test_signers_are_the_permission_matrix(row: str) -> None:
    topic, *cells = row.split()
    seats = EVENTS[topic].SPEC.seats
    expected = {cell.partition(":")[0]: set(cell.partition(":")[2]) for cell in cells}
    actual: dict[str, set[str]] = {}
    for seat in seats:
        actual.setdefault(seat.originator, set()).add("S")
        if seat.countersigner:
            actual.setdefault(seat.countersigner, set()).add("C")
    assert actual == expected


@pytest.mark.parametrize("topic", TOPICS)
def test_every_event_is_described_in_both_languages(topic: str) -> None:
    spec = EVENTS[topic].SPEC
    assert spec.zh
    assert not spec.zh.isascii()
    assert spec.en.isascii()
    assert spec.serves
    assert spec.guard


def _members(struct: type[msgspec.Struct]) -> set[str]:
    """Names of the members of a struct and of the structs in it."""
    found: set[str] = set()
    for field in msgspec.structs.fields(struct):
        found.add(field.encode_name)
        for inner in (
            field.type,
            *typing.get_args(field.type),
            *(b for a in typing.get_args(field.type) for b in typing.get_args(a)),
        ):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                found |= _members(inner)
    return found


@pytest.mark.parametrize("topic", TOPICS)
def test_every_member_has_a_name_in_both_languages(topic: str) -> None:
    names = _members(EVENTS[topic]) | {pointer[1:] for pointer in EVENTS[topic].SPEC.restricted}
    assert {n for n in names if n not in LABELS} == set()
    assert all(LABELS[n][0] and LABELS[n][1].isascii() for n in names)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_tag_and_subject_names_a_member(topic: str) -> None:
    spec = EVENTS[topic].SPEC
    members = {f.name for f in msgspec.structs.fields(EVENTS[topic])}
    for _, path in spec.tags:
        assert path.split(".")[0].removesuffix("[]") in members
    for pointer, restricted in spec.restricted.items():
        assert pointer[1:] not in members
        assert restricted.subject == "actor" or restricted.subject in members


@pytest.mark.parametrize("topic", [t for t in TOPICS if EVENTS[t].SPEC.restricted])
def test_restricted_plaintext_in_a_payload_is_refused(topic: str) -> None:
    for pointer in EVENTS[topic].SPEC.restricted:
        with pytest.raises(MalformedError) as refusal:
            decode_payload(EVENTS[topic], {pointer[1:]: "secret"})
        assert refusal.value.code == "restricted_plaintext"
        assert refusal.value.details["field"] == pointer


@pytest.mark.parametrize(
    ("desc", "members", "field"),
    [
        ("unknown member", {"extra": 1}, "extra"),
        ("missing member", {"summary_hash": None}, "summary_hash"),
        ("number for text", {"reason": 3}, "reason"),
        ("another word", {"reason": "done"}, "reason"),
        ("upper-case hash", {"summary_hash": "A" * 64}, "summary_hash"),
        ("text for a count", {"vacancies": {"quality": "1"}}, "vacancies"),
        ("negative count", {"vacancies": {"quality": -1}}, "vacancies"),
        ("personal name as id", {"edition_id": "王小明"}, "edition_id"),
    ],
)
def test_spoilt_payload_names_the_field(desc: str, members: dict[str, object], field: str) -> None:
    good = {"edition_id": "E1", "reason": "completed", "vacancies": {}, "summary_hash": "0" * 64}
    decode_payload(EVENTS["EditionClosed"], good)
    spoilt = {k: v for k, v in (good | members).items() if v is not None}
    with pytest.raises(MalformedError) as refusal:
        decode_payload(EVENTS["EditionClosed"], spoilt)
    assert field in refusal.value.en


GRAMMARS = {
    name: kind
    for name, kind in vars(kinds).items()
    if any(getattr(m, "pattern", None) for m in getattr(kind, "__metadata__", ()))
}
EXAMPLES = {
    "Id": "A",
    "CaseId": "GZ-2023/A",
    "EventId": "01890a5d-ac96-774b-bcce-b302099a8057",
    "Hash": "a" * 64,
    "PublicKeyText": "a" * 64,
    "Token": "AAAA",
    "Dec": "1.5",
    "AwardKind": "quality",
    "Path": "/a",
    "Sector": "service",
    "Ground": "tax",
}


def test_every_grammar_has_an_example() -> None:
    assert GRAMMARS.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_a_newline_after_the_end_is_another_value_and_is_refused(name: str) -> None:
    """``A`` and ``A\\n`` would be two principals: a ban of the one would not be a ban of the other."""
    good = EXAMPLES[name]
    assert msgspec.convert(good, GRAMMARS[name], strict=True) == good
    for spoilt in (good + "\n", good + "\r\n", "\n" + good, good + "\n\n", good + " ", ""):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(spoilt, GRAMMARS[name], strict=True)


def test_an_article_with_a_newline_after_its_end_is_refused() -> None:
    assert msgspec.convert("GZ:9", Article, strict=True) == "GZ:9"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert("GZ:9\n", Article, strict=True)


def _words(kind: Any) -> set[str]:
    """Words of the enumerations inside a type."""
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {w for hint in get_type_hints(kind).values() for w in _words(hint)}
    return {w for inner in get_args(kind) for w in _words(inner)}


def test_every_word_of_an_enumeration_has_a_name_in_both_languages() -> None:
    words = {w for cls in EVENTS.values() for w in _words(cls)}
    # Roles have names of their own; algorithms are names already.
    meant = {w for of in MEANINGS.values() for w in of}
    assert sorted(w for w in words if w not in WORDS and w not in meant and not w.isupper()) == []


def test_every_special_case_of_a_seat_has_its_words_and_its_test() -> None:
    cases = {seat.only_if for cls in EVENTS.values() for seat in cls.SPEC.seats if seat.only_if is not None}
    assert cases == set(CONDITIONS) == set(_CONDITIONS)
