"""Commands that make keys, sign and submit."""

from __future__ import annotations

import argparse
import json
import secrets
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypedDict, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from api.cli.drafts import sign_and_submit
from api.cli.instants import beijing
from api.cli.keys import new_file, signing_key
from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.files import read_file, writing
from api.home.bootstrap import create_log, database_of, open_log
from api.sentences import sentence
from api.v1 import document_signature
from ledger import canonical, disclosure
from ledger.application import Ledger
from ledger.clock import shanghai_day, system_clock
from ledger.documents import PACK_MEDIA_TYPE
from ledger.errors import MalformedError, NotFoundError, UnavailableError
from ledger.events.misfits import in_chinese
from ledger.events.registry import event_class
from ledger.identifiers import parse_instant
from ledger.sentences import enumeration
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.signing.suites import AnyPrivateKey, AnyPublicKey, parse_public_key, to_pem
from ledger.statement import compose
from ledger.submission import Submission, parse_submission

T = TypeVar("T")


_FOUNDERS = ("OPR", "GOV", "SECH")


def init(terminal: Terminal, options: argparse.Namespace) -> int:
    """Create a log. With ``--founder`` its genesis is a draft that each founder signs where their own key is; without,
    founders' keys are made here and the genesis is recorded at once."""
    given = _given_founders(options.founder)
    if given and options.output is None:
        raise MalformedError("no_output", sentence("say with -o where the genesis draft goes"))
    with database_of(terminal.settings) as url:
        log = create_log(
            terminal.settings, url, options.name, options.origin, national=options.sm2, token_key=options.log_key
        )
        ledger = open_log(terminal.settings, url, log)
        try:
            if ledger.size():
                raise MalformedError(
                    "genesis_exists", sentence("log {name} already has its genesis", name=options.name)
                )
            if given:
                return _draft(terminal, options, ledger, given)
            keys = {role: _founder_key(log.folder / "founders" / f"{role.lower()}.pem") for role in _FOUNDERS}
            public: dict[str, AnyPublicKey] = {role: key.public for role, key in keys.items()}
            envelope = dsse.sign(compose(**_genesis(ledger.origin, public, options)), *keys.values())
            receipt = ledger.submit(Submission(envelope, envelope.to_bytes(), {}))
        finally:
            ledger.close()
    value = {
        "log": log.name,
        "origin": log.origin,
        "vkey": str(ledger.evidence.verifier_key),
        "founders": str(log.folder / "founders"),
        "receipt": receipt.to_json(),
    }
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "Log {origin} exists. The founders' keys are in {keys}: hand them over and delete them "
                "here.\nVerifier key: {verifier}",
                origin=log.origin,
                keys=value["founders"],
                verifier=value["vkey"],
            ),
        ),
    )
    return 0


def _given_founders(texts: list[str]) -> dict[str, AnyPublicKey]:
    """Public keys by role from ``ROLE=HEX``; all three or none."""
    given = {}
    for text in texts:
        role, _, public = text.partition("=")
        given[role] = parse_public_key(public)
    if given and (sorted(given) != sorted(_FOUNDERS) or len(texts) != len(_FOUNDERS)):
        raise MalformedError(
            "founders_incomplete",
            sentence("founders are one OPR, one GOV and one SECH: --founder ROLE=PUBLIC_KEY three times"),
        )
    return given


def _draft(terminal: Terminal, options: argparse.Namespace, ledger: Ledger, founders: dict[str, AnyPublicKey]) -> int:
    """The ceremony's first step: a draft that no key of this machine signs."""
    draft = _genesis(ledger.origin, founders, options)
    with writing(options.output), options.output.open("x", encoding="utf-8") as file:
        json.dump(draft, file, ensure_ascii=False, indent=1)
    sign, submit = sign_and_submit(options.output, options.name)
    value = {"draft": str(options.output), "origin": ledger.origin, "vkey": str(ledger.evidence.verifier_key)}
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "genesis draft written to {output}. Each founder reads and signs it in turn, the second and third the "
                "signed file; then it is submitted:\n  {sign}\n  {submit}",
                output=options.output,
                sign=sign,
                submit=submit,
            ),
        ),
    )
    return 0


def _founder_key(path: Path) -> PrivateKey:
    key = PrivateKey(secrets.token_bytes(32))
    path.parent.mkdir(mode=0o700, exist_ok=True)
    new_file(path, to_pem(key, None))
    return key


class _Genesis(TypedDict):
    """The members of a genesis statement."""

    type: str
    log: str
    id: str
    actor: str
    role: str
    effective_at: str
    payload: dict[str, object]


def _genesis(origin: str, keys: dict[str, AnyPublicKey], options: argparse.Namespace) -> _Genesis:
    founders = [
        {
            "principal_id": role.lower(),
            "kind": "public_body",
            "role": role,
            "algorithm": key.algorithm,
            "key_id": key.keyid,
            "public_key": key.raw.hex(),
            "org_name": f"{options.jurisdiction} {role}",
        }
        for role, key in keys.items()
    ]
    return {
        "type": "GenesisDeclared",
        "log": origin,
        "id": new_statement_id(),
        "actor": "opr",
        "role": "OPR",
        "effective_at": shanghai_day(system_clock()).isoformat(),
        "payload": {
            "mode": options.mode,
            "jurisdiction": options.jurisdiction,
            "jurisdiction_code": options.code,
            "founders": founders,
        },
    }


def sign(terminal: Terminal, options: argparse.Namespace) -> int:
    """Sign a draft, or add signatures to a submission."""
    data = read_file(options.file)
    value = canonical.parse_object(data, str(options.file))
    keys = [signing_key(terminal, reference) for reference in options.key]
    if "envelope" in value:
        submission = parse_submission(data)
        envelope = submission.envelope
        for key in keys:
            envelope = dsse.countersign(envelope, key)
        submission = Submission(envelope, envelope.to_bytes(), submission.openings)
    else:
        submission = signed_draft(value, keys)
    text = json.dumps(submission.to_json(), ensure_ascii=False, indent=1) + "\n"
    if options.output is not None:
        with writing(options.output):
            options.output.write_text(text, "utf-8")
        terminal.say(sentence("written to {output}", output=options.output))
    else:
        print(text, end="")
    return 0


@dataclass(frozen=True, slots=True)
class _Draft:
    """A statement that nobody has signed yet; ``restricted`` are values of fields that only commitments stand for."""

    type: str
    log: str
    actor: str
    role: str
    payload: dict[str, object]
    id: str | None = None
    effective_at: str | None = None
    basis: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    evidence: tuple[dict[str, str], ...] = ()
    late: dict[str, str] | None = None
    override: dict[str, str] | None = None
    restricted: dict[str, object] = field(default_factory=dict)


def signed_draft(value: Mapping[str, object], keys: Sequence[AnyPrivateKey]) -> Submission:
    members = {f.name for f in fields(_Draft)}
    unknown = value.keys() - members
    if unknown or not {"type", "log", "actor", "role", "payload"} <= value.keys():
        raise MalformedError(
            "malformed_draft",
            sentence(
                "a draft has type, log, actor, role, payload; may have {members}", members=enumeration(sorted(members))
            ),
            field=sorted(unknown)[0] if unknown else "",
        )
    try:
        draft = msgspec.convert(value, _Draft)
    except msgspec.ValidationError as error:
        raise MalformedError(
            "malformed_statement",
            sentence("statement: {error}", error=(in_chinese(str(error)), str(error))),
            field=str(error),
        ) from error
    event_class(draft.type, 1)
    openings = [disclosure.Opening(p, secrets.token_bytes(32), v) for p, v in draft.restricted.items()]
    body = compose(
        type=draft.type,
        log=draft.log,
        id=new_statement_id() if draft.id is None else draft.id,
        actor=draft.actor,
        role=draft.role,
        effective_at=shanghai_day(system_clock()).isoformat() if draft.effective_at is None else draft.effective_at,
        payload=draft.payload,
        basis=draft.basis,
        causes=draft.causes,
        evidence=draft.evidence,
        sd={o.pointer: o.commitment() for o in openings},
        late=draft.late,
        override=draft.override,
    )
    envelope = dsse.sign(body, *keys)
    return Submission(envelope, envelope.to_bytes(), {o.pointer: o for o in openings})


def submit(terminal: Terminal, options: argparse.Namespace) -> int:
    """Submit files in order, to a service or straight into this home's log."""
    submissions = [_signed(path, options.log) for path in options.files]
    if options.url:
        receipts = [_post(options.url, options.log, s) for s in submissions]
    else:
        with opened(terminal, options.log, signing=True, after_loss=True) as log:
            receipts = [log.ledger.submit(s).to_json() for s in submissions]

    def human() -> None:
        for receipt in receipts:
            terminal.say(
                sentence(
                    "recorded as entry {position}, {at}",
                    position=receipt["position"],
                    at=beijing(parse_instant(str(receipt["recorded_at"]), "recorded_at")),
                ),
            )
            terminal.detail(sentence("  id {id}", id=receipt["id"]))

    terminal.give(receipts, human)
    return 0


def _signed(path: Path, log: str) -> Submission:
    """A submission from a file; of a draft that nobody signed yet it is said how to sign it."""
    data = read_file(path)
    value = canonical.parse_object(data, str(path))
    if "envelope" not in value and {"type", "payload"} <= value.keys():
        sign, submit = sign_and_submit(path, log)
        raise MalformedError(
            "draft_unsigned",
            sentence(
                "{path} is a draft that nobody has signed; sign it with the key of {get}, and of whoever countersigns "
                "(--key once for each), then submit what was signed:\n  {sign}\n  {submit}",
                path=path,
                get=value.get("actor"),
                sign=sign,
                submit=submit,
            ),
        )
    return parse_submission(data)


def _post(url: str, log: str, submission: Submission) -> dict[str, object]:
    address = f"{url.rstrip('/')}/v1/logs/{log}/statements"
    return _answer(dict[str, object], "POST", address, json=submission.to_json())


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The problem document of a service."""

    code: str = "refused"
    en: str | None = None
    zh: str | None = None
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class _LogListed:
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class _LogsListed:
    logs: list[_LogListed]


@dataclass(frozen=True, slots=True)
class _Kept:
    sha256: str


def _answer(
    kind: type[T],
    method: str,
    url: str,
    *,
    json: Mapping[str, object] | None = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> T:
    """What a service answers; its refusals as errors of ours."""
    try:
        response = httpx.request(method, url, timeout=60, json=json, content=content, headers=headers)
        value = response.json()
        if response.status_code in (200, 201):
            return msgspec.convert(value, kind)
        refusal = msgspec.convert(value, _Refusal)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, msgspec.ValidationError) as error:
        raise UnavailableError(
            "service_unavailable", sentence("{url} does not answer as a ledger: {error}", url=url, error=error)
        ) from error
    told = refusal.zh or response.text, refusal.en or response.text
    if response.status_code in (409, 429, 503):
        raise UnavailableError(refusal.code, told, retry_after=refusal.retry_after)
    raise MalformedError(refusal.code, told)


def document_put(terminal: Terminal, options: argparse.Namespace) -> int:
    """Keep a document, such as a pack, in a log: of a service, signed by ``--key``; or straight in this home's."""
    content = read_file(options.file)
    media_type = options.type or (PACK_MEDIA_TYPE if options.file.suffix == ".toml" else "application/octet-stream")
    if options.url is None:
        with opened(terminal, options.log) as log:
            digest = log.ledger.documents.store(content, media_type)
    else:
        if options.key is None:
            raise MalformedError("no_key", sentence("sign with --key: a registered key of yours"))
        base, log_path = options.url.rstrip("/"), quote(options.log, safe="")
        known = _answer(_LogsListed, "GET", f"{base}/v1/logs").logs
        origin = next((item.origin for item in known if item.name == options.log), None)
        if origin is None:
            raise NotFoundError("log_unknown", sentence("{base} has no log {log}", base=base, log=options.log))
        key = signing_key(terminal, options.key)
        header = document_signature.signed(key, origin, media_type, content, system_clock())
        headers = {"Content-Type": media_type, document_signature.HEADER: header}
        address = f"{base}/v1/logs/{log_path}/documents"
        digest = _answer(_Kept, "POST", address, content=content, headers=headers).sha256
    terminal.give({"sha256": digest}, lambda: terminal.say(sentence("kept: {digest}", digest=digest)))
    return 0


def new_statement_id() -> str:
    """A UUIDv7 (RFC 9562 section 5.7) of now."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
