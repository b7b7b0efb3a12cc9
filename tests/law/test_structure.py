"""Rules that hold by the shape of the vocabulary: who may sign, what does not exist, what stays hidden, which text
follows which.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from api.reference.coverage import read_coverage
from ledger.events.vocabulary import EVENTS
from ledger.regulation.shipped import shipped_packs
from projections.as_of import tell
from projections.facts import PUBLICATION
from tests.builders import Town

ROOT = Path(__file__).parents[2]
ROWS = read_coverage((ROOT / "docs" / "coverage.toml").read_text("utf-8"))
SEATS = [(row.rule, name) for row in ROWS for kind, name in row.serves if kind == "structure" and " " in name]
NAMED = {name for row in ROWS for kind, name in row.serves if kind == "structure" and " " not in name}


@pytest.mark.parametrize(("rule", "seat"), SEATS, ids=str)
def test_only_the_body_of_the_text_signs(rule: str, seat: str) -> None:
    """The office, the committee's chair, the government, the leader: nobody else is a seat of the event."""
    topic, role = seat.split(" ")
    originators = {s.originator for s in EVENTS[topic].SPEC.seats}
    allowed = {
        "SEC": {"SEC", "SECH", "SUP", "CHR", "FIN"},
        "SECH": {"SECH", "GOV", "CHR"},
        "GOV": {"GOV"},
        "CHR": {"CHR"},
        "LEAD": {"LEAD"},
        "APP": {"APP"},
    }[role]
    assert role in originators
    assert originators <= allowed, rule


def test_every_named_structure_has_a_test_here() -> None:
    assert {
        "no_fee",
        "restricted",
        "repeals",
        "awards",
        "predecessors",
        "issued",
        "public_text",
        "inspector_reads",
        "in_force",
    } == NAMED


def test_no_fee_there_is_no_event_by_which_an_applicant_pays() -> None:
    """ZY-6e, JD-1.4c, HY-4b, GZ-7: no event can record a fee, and the four texts state it as 0."""
    payers = [
        t for t, cls in EVENTS.items() if {f.name for f in msgspec.structs.fields(cls)} & {"fee", "payer", "payer_org"}
    ]
    assert payers == []
    fees = {
        name: pack.parameter("fee").value
        for name, (pack, _) in shipped_packs().items()
        if pack.status in ("draft", "in_force")
    }
    assert fees == {"ganzhou/2022": 0, "hengyang/draft": 0, "jindong/draft": 0, "zhongyuan/draft": 0}


def test_restricted_what_is_secret_enters_by_commitment_and_never_the_public_list(town: Town) -> None:
    """ZY-25, JD-7.6a, HY-25a: business data, scores and comments are commitments; the public list is built without
    them.
    """
    restricted = {
        t: set(EVENTS[t].SPEC.restricted)
        for t in ("ApplicationFiled", "ScoreSubmitted", "InterestDeclared", "ObjectionRaised")
    }
    assert restricted == {
        "ApplicationFiled": {"/financials", "/tax_per_mu", "/contact_person", "/business_details"},
        "ScoreSubmitted": {"/item_scores", "/comments"},
        "InterestDeclared": {"/relation", "/details"},
        "ObjectionRaised": {"/complainant", "/grounds", "/attachments"},
    }
    town.edition()
    town.award("A", date(2023, 6, 20))
    public = tell(town.ledger, PUBLICATION, "GZ-2023", date(2023, 7, 1), town.ledger.size()).answer.to_json()
    text = str(public["value"])
    assert "GZ-2023-A" in text
    assert not any(f"'{name}'" in text for name in ("R1", "R2", "R3", "total", "complainant", "grounds"))


def test_repeals_every_predecessor_that_a_text_names_is_known() -> None:
    """ZY-30b, JD-8b, HY-27, JS-30b, GZ-34b: the chain of versions, by document number."""
    repeals = {pack.id: pack.repeals for pack, _ in shipped_packs().values() if pack.status != "legacy_stub"}
    assert repeals == {
        "ZY": ("中原政〔2017〕4号", "中原政文〔2020〕46号"),
        "JD": ("金华市金东区人民政府质量奖评审管理办法（2021年修订）",),
        "HY": ("衡政办发〔2019〕11号",),
        "JS": ("金政〔2017〕60号",),
        "GZ": ("赣市府发〔2017〕12号",),
    }
    stubs = {(p.doc_no or p.title) for p, _ in shipped_packs().values() if p.status == "legacy_stub"}
    assert {number for numbers in repeals.values() for number in numbers} <= stubs


def test_predecessors_of_jinshui_carry_their_days() -> None:
    """JS-H1: 金政〔2017〕60号 of 2017-09-18, amending 金政文〔2011〕106号 of 2011-12-19."""
    issued = {p.doc_no: p.issued_on for p, _ in shipped_packs().values() if p.id == "JS" and p.status == "legacy_stub"}
    assert issued == {"金政文〔2011〕106号": date(2011, 12, 19), "金政〔2017〕60号": date(2017, 9, 18)}


def test_awards_of_each_text_are_its_own_kinds() -> None:
    """Each text has its own award kinds (rules JD-1.1a, JD-1.1b and GZ-6a)."""
    kinds = {p.id: list(p.awards) for p, _ in shipped_packs().values() if p.status != "legacy_stub"}
    assert kinds == {
        "ZY": ["quality"],
        "JD": ["quality", "innovation"],
        "HY": ["quality"],
        "JS": ["quality"],
        "GZ": ["quality", "nomination"],
    }


def test_issued_ganzhou_carries_both_days_and_is_in_force_from_the_second() -> None:
    """GZ-0a, GZ-34a with B-8: adopted 2022-09-16, printed 2022-09-27."""
    pack = shipped_packs()["ganzhou/2022"][0]
    assert (pack.adopted_on, pack.issued_on, pack.doc_no) == (
        date(2022, 9, 16),
        date(2022, 9, 27),
        "赣市府发〔2022〕15号",
    )


def test_in_force_an_edition_runs_under_the_issued_text_from_its_day(town: Town) -> None:
    from ledger.derivation.law import in_force_on

    pack = shipped_packs()["ganzhou/2022"][0]
    assert pack.issued_on is not None
    assert in_force_on(pack.in_force, pack.issued_on) == date(2022, 9, 27)
    town.edition()


def test_public_text_the_rules_themselves_are_readable_by_anybody(town: Town) -> None:
    """GZ-0b: the pack's bytes lie in the log's documents under their hash."""
    pack, data = shipped_packs()["ganzhou/2022"]
    assert town.ledger.documents.read(pack.sha256)[1] == data


def test_inspector_reads_a_discipline_role_exists_and_decides_nothing() -> None:
    """GZ-0c: a copy goes to the discipline inspection commission; DIS issues findings, annuls for cause, and signs no
    decision.
    """
    signs = {t for t, cls in EVENTS.items() if any(s.originator == "DIS" for s in cls.SPEC.seats)}
    assert {"OversightFindingIssued", "EventAnnulled"} <= signs
    assert not signs & {
        "GovernmentDecisionMade",
        "AwardGranted",
        "AwardRevoked",
        "EligibilityDecided",
        "ScoreSubmitted",
        "PrizePaid",
    }
