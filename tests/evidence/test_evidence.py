"""Evidence packages: complete, checked offline, and wrong wherever somebody touched them."""

from __future__ import annotations

import html
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.evidence import archive
from api.evidence.check import check
from api.evidence.making import gather
from api.evidence.package import dump
from ledger import canonical
from ledger.errors import EvidenceError, MalformedError, NotFoundError, RongjianError, TooLargeError
from ledger.tlog.note import VerifierKey
from ledger.tlog.policy import Policy, parse_policy
from projections.as_of import tell_all
from tests.builders import Town
from tests.spoiling import restated, with_manifest

Files = dict[str, bytes]
ON = date(2024, 6, 1)


@pytest.fixture
def lived(town: Town) -> Town:
    """Two organisations, an award, money, a key that was replaced, a revocation."""
    town.edition()
    town.must("ApplicationFiled", date(2023, 5, 5), org="B")
    town.award("A", date(2023, 6, 20))
    town.must("PrizePaid", date(2023, 7, 1), case="A", amount=50_000_000, payee_account="6222-0001")
    town.revoke("A", "tax", date(2024, 3, 1))
    return town


def _policy(town: Town) -> Policy:
    return parse_policy(town.ledger.heads.own_policy().encode())


@pytest.fixture
def package(lived: Town) -> tuple[Town, Files]:
    """The package of the award."""
    return lived, gather(lived.ledger, "award", "GZ-2023-A", ON)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("award", "GZ-2023-A"), ("case", "GZ-2023/A"), ("org", "A"), ("org", "B"), ("edition", "GZ-2023")],
)
def test_a_package_proves_every_answer_without_the_ledger(lived: Town, kind: str, subject: str) -> None:
    files = archive.read(archive.write(gather(lived.ledger, kind, subject, ON)))
    checked = check(files, _policy(lived))
    live = [t.to_json() for t in tell_all(lived.ledger, kind, subject, ON, lived.ledger.size())]
    assert checked.answers == json.loads(json.dumps(live))
    assert (checked.question.subject, checked.head.size) == (subject, lived.ledger.size())
    assert 0 < checked.events <= lived.ledger.size()


@pytest.mark.parametrize(("kind", "subject"), [("award", "GZ-2023-A"), ("case", "GZ-2023/A"), ("org", "A")])
def test_a_package_with_flags_proves_what_they_find_of_the_subject(lived: Town, kind: str, subject: str) -> None:
    files = gather(lived.ledger, kind, subject, ON, flags=True)
    checked = check(files, _policy(lived))
    [found] = [a for a in checked.answers if a["fact"] == f"{kind}.flags"]
    [told] = [
        a
        for a in check(gather(lived.ledger, "edition", "GZ-2023", ON), _policy(lived)).answers
        if a["fact"] == "edition.flags"
    ]
    of_edition = [h for row in told["value"]["flags"] for h in row["hits"]]
    others = ("GZ-2023/B", "GZ-2023/C")
    assert found["value"]["raised"] > 0
    assert found["value"]["flags"] == [
        h
        for h in of_edition
        if h["case"] not in others and h["org"] not in ("B", "C") and h["award"] in (None, "GZ-2023-A")
    ]
    manifest = json.loads(files["manifest.json"])
    assert manifest["flags"] is True
    left_out = [a for a in json.loads(files["answers.json"]) if a["fact"] != f"{kind}.flags"]
    with pytest.raises(EvidenceError, match="flags recomputes to another answer"):
        check(restated(files, **{"answers.json": dump(left_out)}), _policy(lived))


def test_the_same_state_gives_the_same_file(lived: Town) -> None:
    one, other = (archive.write(gather(lived.ledger, "case", "GZ-2023/A", ON)) for _ in range(2))
    assert one == other


def test_a_package_of_one_case_leaves_the_others_out(package: tuple[Town, Files]) -> None:
    town, files = package
    own = {
        f"entries/{e.position}.json"
        for e in town.ledger.events()
        if "c:GZ-2023/B" in e.statement.tags and "c:GZ-2023/A" not in e.statement.tags
    }
    assert own
    assert not own & files.keys()


def test_no_plaintext_of_a_restricted_field_is_in_a_package_unless_it_was_opened(package: tuple[Town, Files]) -> None:
    town, files = package
    assert not any(b"6222-0001" in content for content in files.values())
    event = next(e for e in town.ledger.events() if e.statement.type == "PrizePaid").statement.id
    members = {
        "action": "opened",
        "purpose": "核对",
        "opening_ok": True,
        "target_event": event,
        "paths": ["/payee_account"],
    }
    _, opened = town.ledger.disclosing.disclose(
        town.signed("RestrictedDataHandled", ON, by="fin1", as_="FIN", **members)
    )
    files = gather(town.ledger, "award", "GZ-2023-A", ON, disclosures=opened)
    checked = check(files, _policy(town))
    assert [d.opening.value for d in checked.disclosures] == ["6222-0001"]
    assert b"6222-0001" in files["report.zh.html"]


def test_the_report_says_what_the_answers_say(package: tuple[Town, Files]) -> None:
    _, files = package
    for name, words in (
        ("report.zh.html", ("500,000.00 元", "奖金拨付", "已撤销", "第三十条")),
        ("report.en.html", ("revoked", "CNY 500,000.00", "amount", "Art. 30")),
    ):
        page = files[name].decode()
        assert [w for w in words if w not in page] == []
    assert files["report.zh.html"].count(b"<tr id=") == len([n for n in files if n.startswith("entries/")])


def test_the_report_as_pdf_has_every_word_of_the_page(package: tuple[Town, Files]) -> None:
    _, files = package
    for language, words in (("zh", ("奖金拨付", "已撤销", "未追回")), ("en", ("Prize paid", "revoked", "outstanding"))):
        page, printed = files[f"report.{language}.html"].decode(), _printed(files[f"report.{language}.pdf"])
        assert [w for w in words if w not in printed] == []
        # Long ids are broken over lines: their first letters show that the line is there.
        entries = [name[8:-5] for name in files if name.startswith("entries/")]
        heads = {line.partition("：")[0].partition(":")[0] for line in printed.splitlines()}
        assert {html.unescape(w) for w in re.findall(r"<dt>([^<]{1,12})</dt>", page)} <= heads
        first = "序号：" if language == "zh" else "No.: "
        assert [p for p in entries if f"{first}{p}\n" not in printed] == []


def _printed(pdf: bytes) -> str:
    """The lines that a PDF of ours sets, font by font: two bytes a letter in the Chinese one, one in the Latin."""
    assert pdf.startswith(b"%PDF-1.")
    lines, chinese = [], False
    for token in re.finditer(rb"/(F\d+\+?\d*) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\) Tj|(T\*|ET)", pdf, re.DOTALL):
        font, text, end = token.groups()
        if font is not None:
            chinese = font != b"F1"
        elif end is not None:
            lines.append("\n")
        else:
            raw = re.sub(
                rb"\\([0-7]{3}|.)", lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else m[1], text, flags=re.DOTALL
            )
            lines.append(raw.decode("utf-16-be" if chinese else "cp1252"))
    return "".join(lines)


def test_an_unknown_subject_or_attachment_gets_no_package(lived: Town) -> None:
    with pytest.raises(NotFoundError):
        gather(lived.ledger, "award", "GZ-2023-Z", ON)
    with pytest.raises(MalformedError):
        gather(lived.ledger, "award", "GZ-2023-A", ON, attachments=[b"not named"])


# What somebody touched


def test_one_flipped_bit_in_any_file_is_named(package: tuple[Town, Files]) -> None:
    town, files = package
    draw = random.Random(8)
    for name in sorted(files):
        content = bytearray(files[name])
        at = draw.randrange(len(content))
        content[at] ^= 1 << draw.randrange(8)
        with pytest.raises(RongjianError) as refused:
            check(files | {name: bytes(content)}, _policy(town))
        if name != "manifest.json":
            assert refused.value.details.get("file") == name


def _without_entry(files: Files, position: int) -> Files:
    proofs = json.loads(files["inclusion-proofs.json"])
    del proofs[str(position)]
    left = restated(files, **{f"entries/{position}.json": None, "inclusion-proofs.json": dump(proofs)})
    return with_manifest(left, lambda m: m["positions"].remove(position))


def test_an_entry_that_is_left_out_is_noticed_whichever_it_is(package: tuple[Town, Files]) -> None:
    town, files = package
    positions = canonical.parse(files["manifest.json"], "m")["positions"]
    for position in positions:
        with pytest.raises(EvidenceError) as refused:
            check(_without_entry(files, position), _policy(town))
        assert refused.value.code == "incomplete"


def test_a_key_that_is_left_out_of_the_proofs_is_noticed_whichever_it_is(package: tuple[Town, Files]) -> None:
    """Without the proof for a key the folds may not read there, or a signature may not count."""
    town, files = package
    manifest = canonical.parse(files["manifest.json"], "m")
    proofs = json.loads(files["index-proofs.json"])
    for at, key in enumerate(manifest["keys"]):
        left = restated(files, **{"index-proofs.json": dump(proofs[:at] + proofs[at + 1 :])})
        with pytest.raises(EvidenceError) as refused:
            check(with_manifest(left, lambda m, k=key: m["keys"].remove(k)), _policy(town))  # type: ignore[misc]
        assert refused.value.code in ("package_wrong", "not_proven"), key


def test_an_answer_or_a_report_that_says_something_else_is_refused(package: tuple[Town, Files]) -> None:
    town, files = package
    answers = files["answers.json"].replace(b'"status":"revoked"', b'"status":"valid"')
    assert answers != files["answers.json"]
    for changes in (
        {"answers.json": answers},
        {"answers.json": b"[]"},
        {"answers.json": b"{}"},
        {"answers.json": b"[" * 100_000},
        {"report.zh.html": files["report.zh.html"].replace(b"A", b"B")},
        {"report.en.html": b""},
        {"README.txt": b"trust me"},
        {"report.zh.pdf": files["report.zh.pdf"].replace(b"2023", b"2022", 1)},
        {"report.en.pdf": files["report.zh.pdf"]},
    ):
        with pytest.raises(EvidenceError) as refused:
            check(restated(files, **changes), _policy(town))
        assert refused.value.code == "package_wrong"


def test_another_log_key_pack_index_or_checkpoint_is_refused(package: tuple[Town, Files]) -> None:
    town, files = package
    stranger = VerifierKey(town.ledger.origin, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    with pytest.raises(EvidenceError):
        check(files, parse_policy(f"log {stranger}\nquorum none\n".encode()))
    town.edition("GZ-2026", date(2026, 5, 4), number=5)
    later = gather(town.ledger, "award", "GZ-2023-A", ON)
    [pack] = [n for n in files if n.startswith("packs/")]
    for changes in (
        {"checkpoint": later["checkpoint"]},
        {"index": later["index"]},
        {"index": files["checkpoint"]},
        {"index-proofs.json": later["index-proofs.json"]},
        {pack: files[pack] + b"\n"},
        {pack: None},
        {"entries/2.json": files["entries/1.json"]},
        {"inclusion-proofs.json": b"{}"},
    ):
        with pytest.raises(RongjianError):
            check(restated(files, **changes), _policy(town))


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(kind="x"),
        lambda m: m.update(known_at="5"),
        lambda m: m.update(known_at=5),
        lambda m: m.update(subject={"kind": "planet", "id": "x"}),
        lambda m: m.update(subject={"kind": "org", "id": "B"}),
        lambda m: m.update(as_of="2020-01-01"),
        lambda m: m.update(as_of="never"),
        lambda m: m.update(origin="other.example/x"),
        lambda m: m.update(keys=["a"]),
        lambda m: m.update(keys=3),
        lambda m: m.update(positions=[1]),
        lambda m: m.update(positions=None),
        lambda m: m.update(files=[]),
        lambda m: m.update(more=1),
        lambda m: m.pop("files"),
        lambda m: m.update(positions=[*m["positions"], m["positions"][0]]),
        lambda m: m.update(positions=["1"]),
    ],
)
def test_a_manifest_that_asks_another_question_is_refused(
    package: tuple[Town, Files], change: Callable[[dict[str, Any]], None]
) -> None:
    town, files = package
    with pytest.raises(RongjianError):
        check(with_manifest(files, change), _policy(town))


@pytest.mark.parametrize(
    "name", ["manifest.json", "checkpoint", "index", "answers.json", "report.zh.html", "report.en.pdf", "README.txt"]
)
def test_a_missing_file_is_named(package: tuple[Town, Files], name: str) -> None:
    town, files = package
    with pytest.raises(EvidenceError) as refused:
        check({n: c for n, c in files.items() if n != name}, _policy(town))
    assert refused.value.details["file"] == name


# Archives


def _zip(*items: tuple[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as out:
        for name, content in items:
            out.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"x" * 1000,
        _zip(("../../etc/passwd", b"")),
        _zip(("/checkpoint", b"")),
        _zip(("entries\\1.json", b"")),
        _zip(("entries/0.json", b"")),
        _zip(("entries/", b"")),
        _zip(("more", b"")),
        _zip(("checkpoint\x00.txt", b"x")) + b"tail",
        _zip(("packs/é.toml", b"")),
        _zip(("checkpoint", b"a"), kind=zipfile.ZIP_BZIP2),
    ],
)
def test_a_strange_archive_is_refused(data: bytes) -> None:
    if data.endswith(b"tail"):
        data = data.replace(b"checkpoint", b"checkpoinT")
    with pytest.raises(EvidenceError) as refused:
        archive.read(data)
    assert refused.value.code == "bad_package"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.raises(EvidenceError) as refused:
        archive.read(_zip(("checkpoint", b"one"), ("checkpoint", b"two")))
    assert "twice" in refused.value.en


def test_a_bomb_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LENGTH_MAX", 10_000)
    bomb = _zip(("checkpoint", bytes(9_000)), ("index", bytes(50_000_000)))
    assert len(bomb) < 60_000
    with pytest.raises(TooLargeError):
        archive.read(bomb)
    monkeypatch.setattr(archive, "FILES_MAX", 1)
    with pytest.raises(TooLargeError):
        archive.read(_zip(("checkpoint", b""), ("index", b"")))


def test_every_byte_of_an_archive_flipped_gives_a_refusal_or_the_same_files(
    package: tuple[Town, Files], tmp_path: Path
) -> None:
    town, files = package
    data, draw = archive.write(files), random.Random(3)
    for _ in range(60):
        at = draw.randrange(len(data))
        spoilt = data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :]
        try:
            read = archive.read(spoilt)
            if read != files:
                check(read, _policy(town))
                raise AssertionError(at)
        except RongjianError:
            continue
