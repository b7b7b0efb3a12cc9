"""Checking a package where there is no ledger: every hash, proof, signature and role, then every answer anew.

The order matters. Files against the manifest; the checkpoint against the reader's policy; each entry into the tree;
each key of the index, so that nothing is left out; signatures, keys and roles; last the folds over what is proven.

A package of this version of the derivation must state what its entries give. One of another version is judged by what
it proves: where today's folds answer otherwise, the verdict is ``derived_otherwise`` with both answers, for folds are
mended, and a package is not falsified by that. The report is written again from what was recomputed and must be the
same to the byte, if both were written in the same words (:mod:`api.evidence.wording`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from cryptography import x509

from api.evidence.comparing import Difference, differences
from api.evidence.package import KIND, Question, plain_answers, signing_keys
from api.evidence.report import AnswerJson, explanation, pages, printed, written_by
from api.evidence.source import NotProvenError, ProvenSource
from api.evidence.subjects import SUBJECTS
from api.evidence.wording import wording
from api.sentences import sentence
from ledger import canonical, disclosure
from ledger.audit.entries import EntryChecker
from ledger.derivation.version import DERIVATION, UNNAMED
from ledger.disclosure import Disclosure
from ledger.entry import RecordedEvent
from ledger.entry import parse as parse_entry
from ledger.errors import EvidenceError, NotInstalledError, RongjianError
from ledger.events.oversight import TimeAttested
from ledger.identifiers import parse_date
from ledger.regulation.pack import Pack, parse_pack
from ledger.sentences import Pair
from ledger.tlog import timestamp
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import leaf_hash, verify_inclusion
from ledger.tlog.note import decode_base64
from ledger.tlog.policy import Policy
from ledger.tlog.tag_index import IndexHead, check_key, keys_of, parse_head
from ledger.tlog.timestamp import Stamp

_MANIFEST = {"kind", "origin", "subject", "as_of", "known_at", "flags", "keys", "positions", "files"}
#: Members that packages of before had not: which version of the folds answered, and in which words the report was
#: written.
_OF_VERSION = {"derivation", "words"}

T = TypeVar("T")

Verdict = Literal["holds", "derived_otherwise"]


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What a manifest says beside its question. A package of before has neither version nor words."""

    keys: Sequence[str]
    positions: Sequence[object]
    derivation: int | None
    words: object

    @property
    def version(self) -> int:
        return UNNAMED if self.derivation is None else self.derivation

    @property
    def in_our_words(self) -> bool:
        return bool(self.words == wording())


@dataclass(frozen=True, slots=True)
class Checked:
    """What a package has proven."""

    question: Question
    head: Checkpoint
    cosigned: Mapping[str, int]
    positions: tuple[int, ...]
    keys: int
    #: The version of the derivation that made the package, and the facts to which today's answers otherwise.
    derivation: int
    differences: list[Difference]
    #: Index keys under which its version did not look, of types that it did not know among them. Today's folds ask for
    #: them, and nothing proves that the log held no more there than the package does.
    later: tuple[str, ...]
    #: Whether the words of its report are those that this installation writes: another version's are not compared.
    report_compared: bool
    #: Its files that would have been compared, had the library that sets them been installed.
    not_compared: tuple[str, ...]
    #: What the entries give today.
    answers: list[AnswerJson]
    disclosures: list[Disclosure]
    #: Verified time-stamps by file: the entries existed by then. Verified tokens by the position that holds them:
    #: entries from there on did not exist before. Files with tokens that no root was given for.
    stamps: Mapping[str, Stamp]
    attested: Mapping[int, Stamp]
    unverified: tuple[str, ...]

    @property
    def events(self) -> int:
        """How many entries it holds."""
        return len(self.positions)

    @property
    def verdict(self) -> Verdict:
        return "derived_otherwise" if self.differences else "holds"


def check(files: Mapping[str, bytes], policy: Policy, roots: Sequence[x509.Certificate] = ()) -> Checked:
    """Raises EvidenceError or MalformedError that names the file and what is wrong with it.

    ``roots`` are certificates of time-stamping authorities whom the reader believes; without any, tokens are only
    named.
    """
    manifest, question = _manifest(files)
    trusted = policy.verify(files["checkpoint"])
    head = trusted.checkpoint
    if (head.origin, head.size) != (question.origin, question.known_at):
        raise _wrong("checkpoint", sentence("it is not of this log and size"))
    if head.extensions:
        raise _wrong("checkpoint", sentence("a head of a log of ours has no extension lines"))
    events = _events(files, manifest, head)
    index = parse_head(files["index"], policy.logs, head.origin)
    if index.size != head.size:
        raise _wrong("index", sentence("it is of size {size}, not {expected}", size=index.size, expected=head.size))
    _check_complete(files, manifest, events, index)
    _check_signatures(files, events, head.origin, frozenset(manifest.keys))
    derivation, same_words = manifest.version, manifest.in_our_words
    answers, differing, later = _check_answers(files, manifest, question, events)
    opened = _check_disclosures(files, events)
    _check_version(files, manifest)
    ours = same_words and derivation == DERIVATION
    not_compared = _check_words(files, question, answers, events, opened) if ours else ()
    tokens = {name: content for name, content in files.items() if name.startswith("timestamps/")}
    stamps = {name: timestamp.verify(content, head.text, roots) for name, content in tokens.items()} if roots else {}
    attested = _attested(events, roots)
    named = {
        f"entries/{e.position}.json" for e in events if isinstance(e.statement.payload, TimeAttested) and not roots
    }
    return Checked(
        question,
        head,
        dict(trusted.cosigned),
        tuple(e.position for e in events),
        len(manifest.keys),
        derivation,
        differing,
        later,
        ours,
        not_compared,
        answers,
        opened,
        stamps,
        attested,
        tuple(sorted(named | tokens.keys() - stamps.keys())),
    )


def _check_version(files: Mapping[str, bytes], manifest: _Manifest) -> None:
    """Manifest, answers and reports name one version; packages of before had no name for it."""
    if manifest.derivation is None and manifest.words is None:
        return
    derivation, words = manifest.version, str(manifest.words)
    for answer in _json(files, "answers.json", list):
        why = answer.get("why") if isinstance(answer, dict) else None
        if not isinstance(why, dict) or why.get("derivation") != derivation:
            raise _wrong("manifest.json", sentence("its derivation is not that of its answers"))
    written = f'content="{written_by(derivation, words)}"'.encode()
    for language in ("zh", "en"):
        if written not in files[f"report.{language}.html"]:
            raise _wrong("manifest.json", sentence("its words are not those of its report"))


def _check_words(
    files: Mapping[str, bytes],
    question: Question,
    answers: list[AnswerJson],
    events: list[RecordedEvent],
    opened: list[Disclosure],
) -> tuple[str, ...]:
    """Compare the report with what the entries say; returns its files that cannot be set here, and are not compared."""
    written = pages(question.to_json(), answers, events, opened)
    not_compared: tuple[str, ...] = ()
    try:
        written |= printed(written)
    except NotInstalledError:
        not_compared = ("report.en.pdf", "report.zh.pdf")
    for name, content in written.items():
        if files[name] != content:
            raise _wrong(name, sentence("it does not say what the entries say"))
    if files["README.txt"] != explanation().encode():
        raise _wrong("README.txt", sentence("it is not the explanation of this format"))
    return not_compared


def _attested(events: list[RecordedEvent], roots: Sequence[x509.Certificate]) -> dict[int, Stamp]:
    """The tokens that stand in entries: each must say what is stated; with roots, by an authority the reader
    believes.
    """
    found = {}
    for event in events:
        if not isinstance(event.statement.payload, TimeAttested):
            continue
        p, name = event.statement.payload, f"entries/{event.position}.json"
        text = Checkpoint(event.statement.log, p.tree_size, bytes.fromhex(p.root_hash)).text
        try:
            token = decode_base64(p.token)
            said = timestamp.read(token, text)
            if roots:
                found[event.position] = timestamp.verify(token, text, roots)
        except (EvidenceError, ValueError) as error:
            raise _wrong(name, sentence("its token: {error}", error=error)) from error
        if said != p.attested_at:
            raise _wrong(name, sentence("its token says another time"))
    return found


def _manifest(files: Mapping[str, bytes]) -> tuple[_Manifest, Question]:
    required = {
        "manifest.json",
        "checkpoint",
        "index",
        "policy",
        "answers.json",
        "index-proofs.json",
        "inclusion-proofs.json",
        "README.txt",
        "report.zh.html",
        "report.en.html",
        "report.zh.pdf",
        "report.en.pdf",
    }
    missing = sorted(required - files.keys())
    if missing:
        raise _wrong(missing[0], sentence("it is missing"))
    value: dict[str, object] = canonical.parse_object(files["manifest.json"], "manifest.json")
    named = value.get("files")
    if value.keys() - _OF_VERSION != _MANIFEST or value["kind"] != KIND or not isinstance(named, dict):
        raise _wrong("manifest.json", sentence("it is not the manifest of a {kind}", kind=KIND))
    found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"}
    for name in sorted(found.keys() | named.keys()):
        if found.get(name) != named.get(name):
            raise _wrong(name, sentence("its bytes are not those that the manifest names"))
    subject = value["subject"]
    if not isinstance(subject, dict) or subject.keys() != {"kind", "id"} or subject["kind"] not in SUBJECTS:
        raise _wrong("manifest.json", sentence("its subject is none"))
    flags, known_at, keys, positions = value["flags"], value["known_at"], _texts(value["keys"]), value["positions"]
    if not isinstance(flags, bool) or (subject["kind"] == "edition" and not flags):
        raise _wrong("manifest.json", sentence("flags is not true or false, or an edition's are left out"))
    if not isinstance(known_at, int) or isinstance(known_at, bool) or keys is None or not isinstance(positions, list):
        raise _wrong("manifest.json", sentence("known_at, keys or positions are out of form"))
    derivation, words = value.get("derivation", UNNAMED), value.get("words")
    if (
        not isinstance(derivation, int)
        or isinstance(derivation, bool)
        or not re.fullmatch("[0-9a-f]{64}", str(value.get("words", "0" * 64)))
    ):
        raise _wrong("manifest.json", sentence("derivation or words are out of form"))
    question = Question(
        str(value["origin"]),
        subject["kind"],
        str(subject["id"]),
        parse_date(str(value["as_of"]), "as_of"),
        known_at,
        flags,
    )
    return _Manifest(keys, positions, derivation if "derivation" in value else None, words), question


def _events(files: Mapping[str, bytes], manifest: _Manifest, head: Checkpoint) -> list[RecordedEvent]:
    """Every entry, proven to stand in the tree at its position."""
    proofs = _json(files, "inclusion-proofs.json", dict)
    names = {f"entries/{p}.json" for p in manifest.positions}
    positions = [p for p in manifest.positions if isinstance(p, int)]
    if (
        names != {name for name in files if name.startswith("entries/")}
        or proofs.keys() != {str(p) for p in manifest.positions}
        or len(positions) != len(manifest.positions)
    ):
        raise _wrong("manifest.json", sentence("positions are not those of the entries and proofs"))
    events = []
    for position in sorted(positions):
        name = f"entries/{position}.json"
        try:
            hashes = [decode_base64(h) for h in proofs[str(position)]]
            verify_inclusion(leaf_hash(files[name]), position - 1, head.size, hashes, head.root)
            event = parse_entry(position, files[name])
        except (RongjianError, ValueError, TypeError, AttributeError) as error:
            raise _wrong(
                name, sentence("it is not proven to be entry {position} of the log", position=position)
            ) from error
        if event.statement.log != head.origin:
            raise _wrong(name, sentence("it is of the log {log}", log=event.statement.log))
        events.append(event)
    return events


def _check_complete(
    files: Mapping[str, bytes], manifest: _Manifest, events: list[RecordedEvent], index: IndexHead
) -> None:
    proofs = _json(files, "index-proofs.json", list)
    if len(proofs) != len(manifest.keys):
        raise _wrong("index-proofs.json", sentence("there is not one proof for each key"))
    leaves = [(e.position, leaf_hash(files[f"entries/{e.position}.json"])) for e in events]
    under: dict[str, list[tuple[int, bytes]]] = {}
    for event, leaf in zip(events, leaves, strict=True):
        for key in keys_of(event.statement.type, event.statement.tags):
            under.setdefault(key, []).append(leaf)
    for key, proof in zip(manifest.keys, proofs, strict=True):
        check_key(proof, key, under.get(key, []), index)


def _check_signatures(
    files: Mapping[str, bytes], events: list[RecordedEvent], origin: str, proven: frozenset[str]
) -> None:
    checker = EntryChecker(origin)
    for event in events:
        name = f"entries/{event.position}.json"
        # A revocation that is left out would make a dead key look alive.
        open_ = [key for key in signing_keys(event) if key not in proven]
        if open_:
            raise _wrong(
                name,
                sentence("nothing proves that the events under {key!r} are complete", key=open_[0]),
            )
        for finding in checker.check(event.position, files[name]):
            raise _wrong(
                name,
                sentence(
                    "{field}: expected {expected}, found {actual}",
                    field=finding.field,
                    expected=finding.expected,
                    actual=finding.actual,
                ),
            )


def _check_answers(
    files: Mapping[str, bytes], manifest: _Manifest, question: Question, events: list[RecordedEvent]
) -> tuple[list[AnswerJson], list[Difference], tuple[str, ...]]:
    """What the entries give today, where a package of another version states otherwise, and what that version did not
    know.
    """
    derivation = manifest.version
    source = ProvenSource(events, manifest.keys, lambda: _packs(files), derivation)
    stated = _json(files, "answers.json", list)
    try:
        answers = plain_answers(source, question)
    except NotProvenError:
        # Today's folds look where those of that version did not; what they would find there, the package cannot show.
        if derivation == DERIVATION:
            raise
        return [], differences([], stated, derivation, same_words=False), tuple(source.later)
    differing = differences(answers, stated, derivation, same_words=manifest.in_our_words)
    if differing and derivation == DERIVATION:
        raise _wrong("answers.json", sentence("{fact} recomputes to another answer", fact=differing[0].fact))
    return answers, differing, tuple(source.later)


def _packs(files: Mapping[str, bytes]) -> dict[str, Pack]:
    packs = {}
    for name, content in files.items():
        if name.startswith("packs/"):
            digest = name.removeprefix("packs/").removesuffix(".toml")
            if hashlib.sha256(content).hexdigest() != digest:
                raise _wrong(name, sentence("its bytes do not have the hash of its name"))
            packs[digest] = parse_pack(content, name, accepted=True)
    return packs


def _check_disclosures(files: Mapping[str, bytes], events: list[RecordedEvent]) -> list[Disclosure]:
    if "disclosures.json" not in files:
        return []
    by_id = {e.statement.id: e for e in events}
    found = [disclosure.parse_disclosure(item) for item in _json(files, "disclosures.json", list)]
    for item in found:
        event = by_id.get(item.event)
        if event is None or event.statement.log != item.log:
            raise _wrong("disclosures.json", sentence("{event} is not in the package", event=item.event))
        disclosure.check(item.opening, event.statement.sd.get(item.opening.pointer, ""))
    return found


def _json(files: Mapping[str, bytes], name: str, kind: type[T]) -> T:
    try:
        value = json.loads(files[name])
    except (ValueError, RecursionError) as error:
        raise _wrong(name, sentence("it is not JSON")) from error
    if not isinstance(value, kind):
        raise _wrong(name, sentence("it is out of form"))
    return value


def _texts(value: object) -> list[str] | None:
    return value if isinstance(value, list) and all(isinstance(item, str) for item in value) else None


def _wrong(name: str, told: Pair) -> EvidenceError:
    return EvidenceError("package_wrong", sentence("{file}: {told}", file=name, told=told), file=name)
