"""Making a package: the entries that the answers about a subject rest on, and everything that proves them.

A package that leaves has been checked the way its reader will check it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date

from api.evidence.check import Checked, check
from api.evidence.package import KIND, Question, dump, plain_answers, signing_keys
from api.evidence.report import explanation, pages, printed
from api.evidence.source import WatchedSource
from api.evidence.wording import wording
from api.sentences import sentence
from ledger import canonical
from ledger.application import Ledger
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.derivation.version import DERIVATION
from ledger.disclosure import Disclosure
from ledger.entry import RecordedEvent
from ledger.errors import MalformedError
from ledger.tlog.policy import parse_policy
from ledger.tlog.tag_index import keys_of


def made(
    ledger: Ledger,
    kind: str,
    subject: str,
    on: date,
    *,
    flags: bool = False,
    disclosures: Sequence[Disclosure] = (),
    attachments: Sequence[bytes] = (),
) -> tuple[dict[str, bytes], Checked]:
    """Files of a package under the published head, and what the check found in them. Raises as either does."""
    files = gather(ledger, kind, subject, on, flags=flags, disclosures=disclosures, attachments=attachments)
    return files, check(files, parse_policy(files["policy"]))


def gather(
    ledger: Ledger,
    kind: str,
    subject: str,
    on: date,
    *,
    flags: bool = False,
    disclosures: Sequence[Disclosure] = (),
    attachments: Sequence[bytes] = (),
) -> dict[str, bytes]:
    """The files of a package at day ``on`` under the published head. Raises NotFoundError for an unknown subject."""
    size, signed = ledger.heads.published()
    question = Question(ledger.origin, kind, subject, on, size, flags or kind == "edition")
    watched = WatchedSource(ledger, size)
    answers = plain_answers(watched, question)
    events, keys = _complete(ledger, watched.keys, size)
    events, keys = _bounded(ledger, events, keys, size)
    index, index_note = ledger.evidence.tag_index(size)
    rows = {row.position: row.entry for row in ledger.log.rows_at([e.position for e in events])}
    proofs = ledger.evidence.inclusions(list(rows), size)
    files: dict[str, bytes] = {
        "checkpoint": signed.encode(),
        "index": index_note.encode(),
        "policy": (ledger.heads.own_policy()).encode(),
        "answers.json": dump(answers),
        "index-proofs.json": dump([index.prove(key) for key in keys]),
        "inclusion-proofs.json": dump(
            {str(p): [_b64(h) for h in proof] for p, proof in zip(rows, proofs, strict=True)}
        ),
        "README.txt": explanation().encode(),
    }
    files |= {f"entries/{position}.json": entry for position, entry in rows.items()}
    for digest in sorted({e.statement.payload.pack_hash for e in events if hasattr(e.statement.payload, "pack_hash")}):
        files[f"packs/{digest}.toml"] = ledger.documents.read(digest)[1]
    files |= {f"timestamps/{_plain(t.authority)}.tsr": t.response for t in ledger.outside.rows.timestamps(size)}
    if disclosures:
        files["disclosures.json"] = dump([d.to_json() for d in disclosures])
    files |= _attached(events, attachments)
    report = pages(question.to_json(), answers, events, disclosures)
    files |= report | printed(report)
    manifest = {
        "kind": KIND,
        **question.to_json(),
        "derivation": DERIVATION,
        "words": wording(),
        "keys": list(keys),
        "positions": sorted(rows),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return files | {"manifest.json": canonical.encode(manifest)}


def _complete(ledger: Ledger, asked: Mapping[str, None], size: int) -> tuple[list[RecordedEvent], list[str]]:
    """All events under the keys asked, and under those that show who signed them and in which role."""
    keys, pending = dict.fromkeys(asked), list(asked)
    found: dict[int, RecordedEvent] = {}
    while pending:
        new = {e.position: e for e in _under(ledger, pending, size) if e.position not in found}
        found |= new
        pending = [key for e in new.values() for key in signing_keys(e) if key not in keys]
        keys |= dict.fromkeys(pending)
    return [found[p] for p in sorted(found)], sorted(keys)


def _bounded(
    ledger: Ledger, events: Sequence[RecordedEvent], keys: Sequence[str], size: int
) -> tuple[list[RecordedEvent], list[str]]:
    """Also the newest TimeAttested before each event, so that each has a lower bound in time, and what proves them."""
    bounds: dict[int, RecordedEvent] = {}
    bound: RecordedEvent | None = None
    for event in reversed(events):
        # One bound serves every event down to its own position.
        if bound is None or event.position < bound.position:
            attested = ledger.attested(event.position)
            if attested is None:
                break
            bound = attested[0]
            bounds[bound.position] = bound
    new = dict.fromkeys(key for token in bounds.values() for key in signing_keys(token) if key not in keys)
    more, proven = _complete(ledger, new, size)
    found = bounds | {e.position: e for e in (*events, *more)}
    return [found[p] for p in sorted(found)], sorted({*keys, *proven})


def _under(ledger: Ledger, keys: Sequence[str], size: int) -> list[RecordedEvent]:
    """All events under any of some keys, read at once."""
    wanted = frozenset(keys)
    found = ledger.events(DCBQuery([_item(key) for key in keys]), until=size)
    return [e for e in found if not wanted.isdisjoint(keys_of(e.statement.type, e.statement.tags))]


def _item(key: str) -> DCBQueryItem:
    type_, _, tag = key.partition(" ")
    if tag:
        return DCBQueryItem(types=[type_], tags=[tag])
    return DCBQueryItem(tags=[key]) if ":" in key else DCBQueryItem(types=[key])


def _attached(events: Sequence[RecordedEvent], attachments: Sequence[bytes]) -> dict[str, bytes]:
    """Attachments by hash; one that no event of the package names is refused."""
    named = {item.sha256 for e in events for item in e.statement.evidence}
    named |= {v for e in events for v in _digests(canonical.parse(e.statement.body, "statement")["payload"])}
    files = {}
    for content in attachments:
        digest = hashlib.sha256(content).hexdigest()
        if digest not in named:
            raise MalformedError(
                "not_named",
                sentence("no event of the package names a document {digest}", digest=digest[:16]),
            )
        files[f"attachments/{digest}"] = content
    return files


def _plain(name: str) -> str:
    """An authority's name as a file name."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:60]


def _digests(value: object) -> set[str]:
    match value:
        case str() if len(value) == 64:
            return {value}
        case dict():
            return {d for v in value.values() for d in _digests(v)}
        case list():
            return {d for v in value for d in _digests(v)}
        case _:
            return set()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
