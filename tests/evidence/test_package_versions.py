"""Packages of other versions: judged by what they prove; what today's folds answer otherwise is said, and is no
falsification.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.cli.parser import main
from api.evidence import archive
from api.evidence.check import Checked, check
from api.evidence.comparing import Difference
from api.evidence.making import gather
from api.evidence.package import dump
from ledger.derivation import words as words_of
from ledger.derivation.answer import Answer, plain
from ledger.derivation.version import DERIVATION
from ledger.errors import EvidenceError
from ledger.tlog.policy import Policy, parse_policy
from projections.facts import AWARD_STATUS, FACTS
from tests.builders import Town
from tests.given_out.given import GIVEN
from tests.spoiling import restated, with_manifest
from tests.unfrozen import Unfrozen

Files = dict[str, bytes]
ON = date(2024, 6, 1)


@pytest.fixture
def package(town: Town) -> tuple[Policy, Files]:
    town.edition()
    town.award("A", date(2023, 6, 20))
    town.revoke("A", "tax", date(2024, 3, 1))
    policy = parse_policy(town.ledger.heads.own_policy().encode())
    return policy, gather(town.ledger, "award", "GZ-2023-A", ON)


def _of_version(files: Files, derivation: int, words: str | None = None, **changes: Any) -> Files:
    """The package as another version, or somebody who says so, would have made it; ``changes`` are of its answers."""
    manifest = json.loads(files["manifest.json"])
    new, old = (words or manifest["words"]), manifest["words"]
    answers = json.loads(files["answers.json"])
    for answer in answers:
        answer["why"]["derivation"] = derivation
        answer |= changes.get(answer["fact"].replace(".", "_"), {})
    said = f"derivation={DERIVATION} words={old}".encode(), f"derivation={derivation} words={new}".encode()
    reports = {n: files[n].replace(*said) for n in ("report.zh.html", "report.en.html")}
    changed = restated(files, **{"answers.json": dump(answers)}, **reports)
    return with_manifest(changed, lambda m: m.update(derivation=derivation, words=new))


def _verdict(checked: Checked) -> tuple[str, list[str], bool]:
    return checked.verdict, [d.fact for d in checked.differences], checked.report_compared


def test_a_package_says_which_version_made_it(package: tuple[Policy, Files]) -> None:
    policy, files = package
    checked = check(files, policy)
    assert (json.loads(files["manifest.json"])["derivation"], checked.derivation) == (DERIVATION, DERIVATION)
    assert _verdict(checked) == ("holds", [], True)


def test_one_changed_word_in_the_code_makes_no_package_wrong(
    package: tuple[Policy, Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, files = package
    monkeypatch.setitem(words_of.WORDS, "revoked", ("业已撤销", "revoked since"))
    monkeypatch.setitem(Unfrozen(AWARD_STATUS), "zh", "奖项的状态")
    assert _verdict(check(files, policy)) == ("holds", [], False)


def test_another_version_whose_answers_are_the_same_holds(package: tuple[Policy, Files]) -> None:
    policy, files = package
    for derivation in (DERIVATION - 1, DERIVATION + 1):
        assert _verdict(check(_of_version(files, derivation, "0" * 64), policy)) == ("holds", [], False)


def test_where_todays_folds_answer_otherwise_both_answers_are_told(
    package: tuple[Policy, Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, files = package
    old = _of_version(files, DERIVATION - 1)
    fold = AWARD_STATUS.fold

    def mended(live: Any, law: Any, award: str) -> Answer[Any]:
        before = fold(live, law, award)
        return Answer({**plain(before.value()), "status": "expired"}, before.why)

    monkeypatch.setitem(Unfrozen(AWARD_STATUS), "fold", mended)
    checked = check(old, policy)
    assert checked.verdict == "derived_otherwise"
    [told] = checked.differences
    assert isinstance(told, Difference)
    assert told.stated is not None
    assert told.derived is not None
    assert (told.fact, told.stated["value"]["status"], told.derived["value"]["status"]) == (
        "award.status",
        "revoked",
        "expired",
    )
    # Of this very version it would be another matter: then the package says what its entries do not.
    with pytest.raises(EvidenceError):
        check(files, policy)


def test_what_folds_say_beside_what_was_stated_is_no_difference(
    package: tuple[Policy, Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, files = package
    fold = AWARD_STATUS.fold

    def grown(live: Any, law: Any, award: str) -> Answer[Any]:
        before = fold(live, law, award)
        return Answer({**plain(before.value()), "set_aside_by": None}, before.why)

    monkeypatch.setitem(Unfrozen(AWARD_STATUS), "fold", grown)
    assert _verdict(check(_of_version(files, DERIVATION - 1), policy)) == ("holds", [], False)


def test_a_fact_that_the_version_did_not_know_is_not_asked_of_it(
    package: tuple[Policy, Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, files = package
    later = dataclasses.replace(AWARD_STATUS, name="award.later", since=DERIVATION)
    monkeypatch.setitem(FACTS, "award.later", later)
    assert _verdict(check(_of_version(files, DERIVATION - 1), policy)) == ("holds", [], False)


def test_who_claims_another_version_for_false_answers_gains_nothing(package: tuple[Policy, Files]) -> None:
    policy, files = package
    for derivation in (1, DERIVATION - 1, DERIVATION + 7):
        false = {"award_status": {"state": "value", "value": {"status": "valid"}}}
        checked = check(_of_version(files, derivation, **false), policy)
        assert _verdict(checked)[:2] == ("derived_otherwise", ["award.status"])
    emptied = with_manifest(restated(files, **{"answers.json": b"[]"}), lambda m: m.pop("words"))
    with pytest.raises(EvidenceError):
        check(emptied, policy)


def test_a_key_left_out_under_the_name_of_another_version_never_holds(package: tuple[Policy, Files]) -> None:
    """Without the proof under a key the folds cannot see what it hides; that is said, and the answers are not called
    proven.
    """
    policy, files = package
    old = _of_version(files, DERIVATION - 1)
    manifest, proofs = json.loads(old["manifest.json"]), json.loads(old["index-proofs.json"])
    at = manifest["keys"].index("EventAnnulled")
    left = restated(old, **{"index-proofs.json": dump(proofs[:at] + proofs[at + 1 :])})
    checked = check(with_manifest(left, lambda m: m["keys"].remove("EventAnnulled")), policy)
    assert (checked.verdict, checked.answers) == ("derived_otherwise", [])
    assert {d.derived for d in checked.differences if d.derived is None} == {None}
    assert [d.fact for d in checked.differences] == [a["fact"] for a in json.loads(old["answers.json"])]


def test_version_and_words_stand_in_three_places_and_agree(package: tuple[Policy, Files]) -> None:
    policy, files = package
    for change in (
        {"derivation": DERIVATION + 1},
        {"words": "0" * 64},
        {"derivation": "2"},
        {"derivation": True},
        {"words": ["x"]},
        {"words": ""},
    ):
        with pytest.raises(EvidenceError) as refused:
            check(with_manifest(files, lambda m, c=change: m.update(c)), policy)  # type: ignore[misc]
        assert refused.value.details["file"] == "manifest.json"
    for name in ("derivation", "words"):
        with pytest.raises(EvidenceError):
            check(with_manifest(files, lambda m, n=name: m.pop(n)), policy)  # type: ignore[misc]


#: Of an award that was revoked, the prize that the text takes back was due to the first versions (docs/adr/0028).
_TAKEN_BACK = ["award.prize_due", "award.money"]


@pytest.mark.parametrize("kind", ["award", "edition"])
def test_what_the_first_version_gave_out_still_holds(kind: str) -> None:
    for given in GIVEN:
        if given.version == "v0.1":
            checked = check(archive.read((given.folder / f"{kind}.zip").read_bytes()), given.policy)
            otherwise = _TAKEN_BACK if (given.name, kind) == ("story", "award") else []
            verdict = "derived_otherwise" if otherwise else "holds"
            assert (*_verdict(checked), checked.derivation) == (verdict, otherwise, False, 1), given


def test_the_command_ends_with_its_own_code_and_writes_the_report_anew(
    package: tuple[Policy, Files], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, files = package
    false = {"award_status": {"state": "value", "value": {"status": "valid"}}}
    for name, content in {
        "good": files,
        "old": _of_version(files, 1, "0" * 64),
        "other": _of_version(files, 1, **false),
    }.items():
        (tmp_path / f"{name}.zip").write_bytes(archive.write(content))
    (tmp_path / "policy").write_bytes(files["policy"])
    command = ["evidence", "check", "--policy", str(tmp_path / "policy"), "--lang", "en"]
    assert main([*command, str(tmp_path / "good.zip")]) == 0
    assert "not compared" not in capsys.readouterr().out
    assert main([*command, str(tmp_path / "old.zip"), "--report", str(tmp_path / "report")]) == 0
    said = capsys.readouterr().out
    assert said.startswith("holds: ")
    assert "its report were not compared" in said
    assert {p.name: p.read_bytes() for p in (tmp_path / "report").iterdir()} == {
        n: files[n] for n in files if n.startswith("report.")
    }
    assert main([*command, str(tmp_path / "other.zip")]) == 5
    said = capsys.readouterr().out
    assert said.startswith("entries proven, answers differ: ")
    assert "  award status and validity\n    stated: state: valid\n    today:  " in said
    assert "state: revoked" in said


def test_types_that_the_packages_version_did_not_know_are_named(
    package: tuple[Policy, Files], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    policy, files = package
    assert check(files, policy).later == ()
    manifest = json.loads(files["manifest.json"])
    key = "ClockCorrected"
    place = manifest["keys"].index(key)
    proofs = json.loads(files["index-proofs.json"])
    del proofs[place]
    without = with_manifest(
        restated(_of_version(files, 1), **{"index-proofs.json": dump(proofs)}), lambda m: m["keys"].remove(key)
    )
    assert check(without, policy).later == (key,)
    path = tmp_path / "old.zip"
    path.write_bytes(archive.write(without))
    main(["evidence", "check", str(path)])
    assert "时钟校正" in capsys.readouterr().out
