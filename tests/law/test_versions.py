"""Which text governs: amendment, repeal, transition, encodings, drafts, and a milder rule chosen with reasons."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.derivation.answer import Undetermined
from ledger.derivation.history import EVER
from ledger.documents import PACK_MEDIA_TYPE
from ledger.regulation.pack import Pack, parse_pack
from ledger.regulation.shipped import shipped_pack
from projections.as_of import state, tell
from projections.facts import AWARD_MONEY, AWARD_STATUS, CASE_SCORES, ORG_BANS
from projections.slices import global_history
from tests.builders import Town

GZ = shipped_pack("ganzhou/2022")[1].decode()


def _amended(version: str, *changes: tuple[str, str], doc_no: str = "赣市府发〔2024〕9901号（演示）") -> str:
    text = GZ.replace('version = "2022"', f'version = "{version}"').replace("赣市府发〔2022〕15号", doc_no)
    text = text.replace("adopted_on = 2022-09-16", "adopted_on = 2024-01-02").replace(
        "issued_on = 2022-09-27", "issued_on = 2024-01-10"
    )
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _enact(town: Town, text: str, on: date, **more: Any) -> Pack:
    pack = parse_pack(text.encode(), "amended.toml")
    town.ledger.documents.store(text.encode(), PACK_MEDIA_TYPE)
    town.player.memory._packs = {**town.player.memory._packs, pack.version: pack}
    town.must("RegulationEnacted", on, pack=pack.version, **more)
    return pack


def _until(town: Town, on: date, known: int | None = None) -> date:
    answer = tell(town.ledger, AWARD_STATUS, "GZ-2023-A", on, known or town.ledger.size()).answer
    until: date = answer.value().valid_until
    return until


def test_an_edition_under_way_keeps_the_text_of_its_announcement(town: Town) -> None:
    """B-42: the version in force when the edition was announced governs it, also after an amendment."""
    town.edition(on=date(2023, 12, 1))
    _enact(
        town,
        _amended("2024", ('"validity" = { value = 3', '"validity" = { value = 5')),
        date(2024, 1, 10),
        kind="amendment",
    )
    town.award("A", date(2024, 2, 20))
    assert tell(
        town.ledger, AWARD_STATUS, "GZ-2023-A", date(2024, 3, 1), town.ledger.size()
    ).answer.value().valid_until == date(2027, 2, 20)
    packs = tell(town.ledger, AWARD_STATUS, "GZ-2023-A", date(2024, 3, 1), town.ledger.size()).answer.why.packs
    assert packs == ("GZ@2022#1",)


def test_a_text_that_says_latest_governs_its_matter_from_its_first_day(town: Town) -> None:
    town.edition(on=date(2023, 12, 1))
    latest = _amended(
        "2024", ('validity = "pinned"', 'validity = "latest"'), ('"validity" = { value = 3', '"validity" = { value = 5')
    )
    before = town.ledger.size()
    _enact(town, latest, date(2024, 1, 10), kind="amendment")
    town.award("A", date(2024, 2, 20))
    answer = tell(town.ledger, AWARD_STATUS, "GZ-2023-A", date(2024, 3, 1), town.ledger.size()).answer
    assert answer.value().valid_until == date(2029, 2, 20)
    assert "GZ@2024#1" in answer.why.packs
    assert before < town.ledger.size()


def test_a_repealed_text_opens_no_edition_and_its_awards_stand(town: Town) -> None:
    town.edition(on=date(2023, 5, 4))
    town.award("A", date(2023, 6, 20))
    _enact(town, _amended("2024"), date(2024, 1, 10), kind="amendment", supersedes="2022")
    town.must(
        "RegulationRepealed",
        date(2024, 1, 10),
        pack_or_doc_no="赣市府发〔2022〕15号",
        repealed_on=date(2024, 1, 10),
        repealed_by="GZ",
    )
    refusal = town.not_opened("GZ-2024", date(2024, 5, 6), 5)
    assert (refusal.code, refusal.details["rule"]) == ("pack_not_in_force", "GZ-34a")
    town.must(
        "EditionOpened",
        date(2024, 5, 6),
        edition_id="GZ-2024",
        number=5,
        window_from=date(2024, 5, 6),
        window_to=date(2024, 6, 6),
        pack="2024",
    )
    assert _until(town, date(2024, 6, 1)) == date(2026, 6, 20)


def test_a_corrected_encoding_changes_the_answer_only_from_its_own_position(town: Town) -> None:
    """Our reading of the same text was wrong: encoding + 1. What was known before stays what was known before."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    known = town.ledger.size()
    corrected = GZ.replace("encoding = 1", "encoding = 2").replace(
        '"validity" = { value = 3', '"validity" = { value = 4'
    )
    _enact(town, corrected, date(2024, 1, 10))
    assert _until(town, date(2025, 1, 1), known) == date(2026, 6, 20)
    assert _until(town, date(2025, 1, 1)) == date(2027, 6, 20)
    answer = tell(town.ledger, AWARD_STATUS, "GZ-2023-A", date(2025, 1, 1), town.ledger.size()).answer
    assert "GZ@2022#2" in answer.why.packs


def _revoked_under_a_newer_text(town: Town, ban: str, **more: Any) -> Any:
    town.edition()
    town.award("A", date(2023, 6, 20))
    newer = _amended("2024", ('"revoke.tax.ban" = { value = 5', f'"revoke.tax.ban" = {{ value = {ban}'))
    _enact(town, newer, date(2024, 1, 10), kind="amendment")
    fact = town.must(
        "IncidentRecorded",
        date(2024, 3, 1),
        org="A",
        incident_id="I",
        category="tax_dishonesty",
        severity="major",
        authority="x",
    )
    town.must("RevocationProposed", date(2024, 3, 4), case="A", ground="tax", facts=[fact])
    return {"decision_id": "R", "subject": "revocation", "approved": [{"award_id": "GZ-2023-A"}], **more}


def test_a_milder_later_rule_is_chosen_with_reasons_only(town: Town) -> None:
    """B-43: validity, bans and clawback follow the award's own text; a milder one by a reasoned decision."""
    decision = _revoked_under_a_newer_text(town, "2", applies_version="2024")
    refusal = town.refused("GovernmentDecisionMade", date(2024, 3, 20), **decision)
    assert (refusal.code, refusal.details["reading"]) == ("reasons_missing", "B-43:default")
    town.must("GovernmentDecisionMade", date(2024, 3, 20), **decision, reasons_hash="0" * 64)
    town.must("AwardRevoked", date(2024, 3, 20), case="A", ground="tax", decision_id="R")
    answer = tell(town.ledger, ORG_BANS, "A", date(2024, 4, 1), town.ledger.size()).answer
    assert answer.value().last_day == date(2026, 3, 20)
    assert "GZ@2024#1" in answer.why.packs
    assert "B-43:default" in answer.why.readings


def test_a_heavier_later_rule_is_refused_and_the_own_text_governs_by_itself(town: Town) -> None:
    decision = _revoked_under_a_newer_text(town, "8")
    refusal = town.refused(
        "GovernmentDecisionMade", date(2024, 3, 20), **decision, applies_version="2024", reasons_hash="0" * 64
    )
    assert refusal.code == "heavier_rule"
    town.must("GovernmentDecisionMade", date(2024, 3, 20), **decision)
    town.must("AwardRevoked", date(2024, 3, 20), case="A", ground="tax", decision_id="R")
    assert tell(town.ledger, ORG_BANS, "A", date(2024, 4, 1), town.ledger.size()).answer.value().last_day == date(
        2029, 3, 20
    )


def test_an_interpretation_divides_answers_at_its_position_and_its_day(town: Town) -> None:
    """A silent text: undetermined before, settled afterwards, and the past as it was known stays undetermined."""
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 10), org="A")
    town.must("EligibilityDecided", date(2023, 5, 12), case="A")
    score = {"case": "A", "by": "R1", "stage": "material", "total": "600"}
    town.must("BodyConstituted", date(2023, 5, 15), kind="panel", body_id="p", members=["R1", "R2"], leader="R1")
    town.must("ScoreSubmitted", date(2023, 5, 16), **score, override={"reason": "x", "instrument_no": "y", "by": "sup"})
    known = town.ledger.size()
    town.must(
        "RegulationInterpreted", date(2023, 5, 17), **town.interpretation("score.aggregation", "mean", date(2023, 5, 1))
    )

    def material(at: int) -> Any:
        return tell(town.ledger, CASE_SCORES, "GZ-2023/A", date(2023, 5, 20), at).answer.value().material

    assert material(known).undetermined.gap == "G14"
    assert material(town.ledger.size()).value.total == "600"


def test_an_interpretation_never_contradicts_an_explicit_text(town: Town) -> None:
    refusal = town.refused(
        "RegulationInterpreted", date(2023, 5, 4), **town.interpretation("validity", {"value": 9, "unit": "year"})
    )
    assert (refusal.code, refusal.details["article"]) == ("text_is_explicit", "GZ:23")
    settled = town.refused(
        "RegulationInterpreted", date(2023, 5, 4), **town.interpretation("reading.rewin_silent_quota", "counted")
    )
    assert (settled.code, settled.details["rule"]) == ("text_is_explicit", "GZ-27b")
    unknown = town.refused(
        "RegulationInterpreted", date(2023, 5, 4), **town.interpretation("reading.gap_editions", "whatever")
    )
    assert unknown.code == "reading_unknown"


def test_the_silence_of_an_earlier_version_is_interpreted_after_an_amendment_that_speaks(town: Town) -> None:
    """Each version's own words come first: the interpretation fills the silence of the other alone."""
    town.edition(on=date(2023, 12, 1))
    speaking = _amended("2024", ('"score.full" = { silent = true }', '"score.full" = { value = 1000, article = "19" }'))
    _enact(town, speaking, date(2024, 1, 10), kind="amendment")
    reading = town.interpretation("score.full", 900, date(2023, 12, 1))
    town.must("RegulationInterpreted", date(2024, 2, 1), **reading)
    law = state(global_history(town.ledger, town.ledger.size()), town.ledger.packs(), EVER, town.ledger.size())[1]
    stated = {v.pack.version: law.stated(v, "score.full", date(2024, 2, 1)) for v in law.versions}
    assert (stated["2022"].number, stated["2024"].number) == (900, 1000)
    refusal = town.refused(
        "RegulationInterpreted", date(2024, 2, 1), **town.interpretation("validity", {"value": 9, "unit": "year"})
    )
    assert refusal.code == "text_is_explicit"


def test_a_reading_replaced_from_a_day_leaves_earlier_awards_alone(town: Town) -> None:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must(
        "RegulationInterpreted",
        date(2023, 7, 1),
        **town.interpretation("reading.validity_last_day", "day_before_anniversary", date(2023, 7, 1)),
    )
    assert _until(town, date(2023, 8, 1)) == date(2026, 6, 20)
    town.must(
        "RegulationInterpreted",
        date(2023, 7, 2),
        **town.interpretation("reading.validity_last_day", "day_before_anniversary", date(2023, 1, 1)),
    )
    assert _until(town, date(2023, 8, 1)) == date(2026, 6, 19)


def test_a_draft_in_a_production_log_opens_nothing(new_town: Any) -> None:
    """B-44: a draft binds nobody; in production it becomes law only as a pack of the promulgated text."""
    town = new_town("hengyang/draft", mode="production")
    promulgated = town.refused(
        "RegulationEnacted", date(2023, 1, 4), doc_no="衡政办发〔2023〕1号", issued_on=date(2023, 1, 4)
    )
    assert promulgated.code == "draft_never_governs"
    town.must(
        "RegulationEnacted",
        date(2023, 1, 4),
        kind="consultation_draft",
        status="draft",
        issued_on=None,
        in_force_on=None,
    )
    refusal = town.not_opened("HY-2023", date(2023, 5, 4), 1)
    assert (refusal.code, refusal.details["rule"]) == ("draft_never_governs", "HY-29")


def test_silence_reads_as_no_consequence_unless_somebody_with_authority_says_it_is_open(town: Town) -> None:
    """B-56: art.

    30 of Ganzhou names no clawback. By default none is owed; the other reading leaves the question open.
    """
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000)
    town.revoke("A", "tax", date(2024, 3, 1))
    money = tell(town.ledger, AWARD_MONEY, "GZ-2023-A", date(2024, 4, 1), town.ledger.size()).answer
    assert money.value().expected_clawback == 0
    town.must(
        "RegulationInterpreted",
        date(2024, 4, 2),
        pack_id="GZ",
        param_path="reading.silent_consequence",
        value="undetermined",
        retroactive=True,
    )
    asked = tell(town.ledger, AWARD_MONEY, "GZ-2023-A", date(2024, 4, 3), town.ledger.size()).answer
    assert asked.value().expected_clawback.gap == "G06"
    assert not isinstance(asked.result, Undetermined)
