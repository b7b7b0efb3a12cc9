"""Submitting statements, receipts, documents, and the vocabulary."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response

from api.cells.table import FILE_MAX
from api.problems import problem_of
from api.sentences import sentence, term
from api.v1.asking import Log, respond, tag
from ledger import canonical
from ledger.clock import format_instant
from ledger.derivation.history import LiveEvent
from ledger.errors import MalformedError, NotFoundError, RongjianError, TooLargeError
from ledger.events.schema import event_schema
from ledger.events.vocabulary import EVENTS
from ledger.identifiers import parse_digest, parse_statement_id
from ledger.submission import SUBMISSION_LENGTH_MAX, Receipt, Submission, parse_submission, submission_of
from projections.suspect_keys import suspects_of

router = APIRouter(prefix="/v1")

_STATEMENTS = tag(term("tag", "statements"))
_DISCLOSURE = tag(term("tag", "disclosure"))
_VOCABULARY = tag(term("tag", "vocabulary"))

#: Statements of one request, and bytes of its body.
BATCH_MAX = 500
BATCH_LENGTH_MAX = 16_000_000

#: Somebody else wrote it: a browser shows it, and lets it do nothing in our name.
_DOCUMENT = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}

_EXAMPLE = {
    "envelope": {
        "payload": "<base64 of the statement's canonical bytes>",
        "payloadType": "application/vnd.rongjian.statement+json",
        "signatures": [{"keyid": "<hex SHA-256 of the DER public key>", "sig": "<base64>"}],
    },
    "openings": {"/payee_account": {"salt": "<base64url, 32 bytes>", "value": "6222…"}},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
    }
}


@router.post("/logs/{log}/statements", status_code=201, openapi_extra=_BODY, tags=[_STATEMENTS])
def submit(log: Log, request: Request) -> Response:
    """提交一份签名声明，返回回执。Submit one signed statement; the same bytes again give the same receipt."""
    receipt = log.ledger.submit(parse_submission(request.state.body))
    return respond_created(receipt)


@router.post("/logs/{log}/statements/batch", openapi_extra=_BODY, tags=[_STATEMENTS])
def submit_many(log: Log, request: Request) -> dict[str, object]:
    """依次提交多份声明；每份各有结果，互不影响。Submit many in order; each has its own outcome."""
    value = canonical.parse_object(request.state.body, "batch")
    items = value.get("statements")
    if value.keys() != {"statements"} or not isinstance(items, list) or not 1 <= len(items) <= BATCH_MAX:
        raise MalformedError(
            "malformed_batch",
            sentence("a batch has statements, a list of 1 to {batch_max}", batch_max=BATCH_MAX),
        )
    read = [_read(item) for item in items]
    receipts = iter(log.ledger.submit_many([s for s in read if isinstance(s, Submission)]))
    return {"outcomes": [_outcome(next(receipts) if isinstance(s, Submission) else s) for s in read]}


def _read(item: object) -> Submission | RongjianError:
    try:
        return submission_of(item if isinstance(item, dict) else {})
    except RongjianError as error:
        return error


def _outcome(outcome: Receipt | RongjianError) -> dict[str, object]:
    if isinstance(outcome, RongjianError):
        problem = problem_of(outcome)
        return {"status": problem["status"], "problem": problem}
    return {"status": 201, "receipt": outcome.to_json()}


@router.get("/logs/{log}/statements/{statement_id}", tags=[_STATEMENTS])
def statement(log: Log, statement_id: str, request: Request) -> Response:
    """一条事件的内容（明文字段与承诺值）。One event: its clear members and commitments."""
    event = log.ledger.event(parse_statement_id(statement_id))
    value = canonical.parse(event.statement.body, "statement")
    return respond(
        request,
        {
            "position": event.position,
            "recorded_at": event.recorded_at.isoformat(),
            "doubted": next((d.to_json() for d in log.ledger.doubts() if d.covers(event.position)), None),
            "lag_days": LiveEvent(event, event.statement.payload).lag_days,
            "not_before": _not_before(log, event.position),
            "not_after": _not_after(log, event.position),
            "suspect_signatures": [s.to_json() for s in suspects_of(log.ledger, event, log.ledger.size())],
            "statement": value,
        },
    )


def _not_before(log: Log, position: int) -> dict[str, object] | None:
    """When the entry did not exist yet: a token of that time stands in it, or before it in the log."""
    attested = log.ledger.attested(position)
    if attested is None:
        return None
    event, p = attested
    return {"at": format_instant(p.attested_at), "authority": p.time_authority, "event": event.statement.id}


def _not_after(log: Log, position: int) -> dict[str, object] | None:
    """What an authority outside says of when the entry existed at the latest; None while no head over it is stamped."""
    token = log.ledger.outside.stamped(position)
    return {"at": format_instant(token.at), "authority": token.authority, "tree_size": token.size} if token else None


@router.get("/logs/{log}/statements/{statement_id}/receipt", tags=[_STATEMENTS])
def receipt(log: Log, statement_id: str, request: Request) -> Response:
    """回执：位置、叶哈希、包含证明与检查点。The receipt under the current head."""
    position = log.ledger.event(parse_statement_id(statement_id)).position
    return respond(request, log.ledger.evidence.receipt(position).to_json())


@router.get("/logs/{log}/statements/{statement_id}/fields", tags=[_DISCLOSURE])
def fields(log: Log, statement_id: str, request: Request) -> Response:
    """受限字段的状态：未公开、已销毁（依何依据）、不在此处、缺失。Restricted fields: withheld, erased by whom and why, not kept, lost."""
    states = log.ledger.disclosing.fields(parse_statement_id(statement_id))
    return respond(request, {"event": statement_id, "fields": [state.to_json() for state in states]})


@router.post("/logs/{log}/disclosures", status_code=201, openapi_extra=_BODY, tags=[_DISCLOSURE])
def disclose(log: Log, request: Request) -> Response:
    """凭签名声明启封受限字段：先登记，后给出开启值，每份声明只启封一次。

    Open restricted fields by a signed RestrictedDataHandled: recorded first, then opened, once per statement.
    """
    recorded, disclosures = log.ledger.disclosing.disclose(parse_submission(request.state.body))
    receipt = log.ledger.evidence.receipt(recorded.position)
    value = {"receipt": receipt.to_json(), "disclosures": [d.to_json() for d in disclosures]}
    headers = {"Cache-Control": "no-store"}
    return Response(json.dumps(value, ensure_ascii=False).encode(), 201, headers, "application/json; charset=utf-8")


@router.get("/logs/{log}/documents/{sha256}", tags=[tag(term("tag", "documents"))])
def document(log: Log, sha256: str) -> Response:
    """按哈希取回文件。A document by its hash."""
    media_type, content = log.ledger.documents.read(parse_digest(sha256))
    return Response(content, media_type=media_type, headers=_DOCUMENT)


@router.get("/vocabulary", tags=[_VOCABULARY])
def vocabulary() -> dict[str, object]:
    """全部事件类型。All event types."""
    return {
        "events": [
            {"type": topic, "schema": cls.SPEC.schema, "phase": cls.SPEC.phase, "zh": cls.SPEC.zh, "en": cls.SPEC.en}
            for topic, cls in EVENTS.items()
        ]
    }


@router.get("/vocabulary/{topic}", tags=[_VOCABULARY])
def schema(topic: str) -> dict[str, object]:
    """一种事件的 JSON Schema。The JSON Schema of one event."""
    if topic not in EVENTS:
        raise NotFoundError("unknown_type", sentence("no event type “{topic}”", topic=topic[:60]))
    return event_schema(EVENTS[topic])


def respond_created(receipt: Receipt) -> Response:
    """201 with the receipt."""
    return Response(json.dumps(receipt.to_json()).encode(), 201, media_type="application/json; charset=utf-8")


def length_limit(path: str) -> int:
    """The most bytes a request body may have."""
    if path.endswith("/batch"):
        return BATCH_LENGTH_MAX
    if path.rpartition("/")[0].endswith("/cells"):
        return FILE_MAX
    return 1_000_000 if path.endswith("/documents") else SUBMISSION_LENGTH_MAX


def too_large(limit: int) -> TooLargeError:
    return TooLargeError("body_too_large", sentence("a body has at most {limit} bytes here", limit=limit))
