"""Documents are brought by a known person: by a signature of a registered key, or from a seat of an office."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request

from api.home.open_logs import OpenLog
from api.sentences import sentence
from api.v1 import document_signature
from api.v1.asking import Log
from api.workplace.interface import session_of
from api.workplace.login import check_csrf
from api.workplace.visitors import key_holder, require, visitor_of
from ledger.clock import system_clock
from ledger.errors import MalformedError, SignatureRefusedError
from ledger.signing.suites import parse_public_key
from ledger.store.uploads import Uploads

router = APIRouter(prefix="/v1/logs/{log}", tags=[" ".join(reversed(sentence("documents")))])

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}(; ?[a-z]+=[A-Za-z0-9-]{1,30})?")


@router.post("/documents", status_code=201)
def store(log: Log, request: Request) -> dict[str, str]:
    """按内容保存文件（如规则包）：须有登记密钥的签名，或由办事岗位登录后提交。

    Keep a document by content, such as a pack; signed by a registered key (Rongjian-Signature), or from a seat.
    """
    media_type = request.headers.get("content-type", "application/octet-stream")
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise MalformedError("malformed_media_type", sentence("Content-Type: type/subtype"))
    content: bytes = request.state.body
    principal, key_id = _bringer(log, request, media_type, content)
    Uploads(log.ledger.database).count(principal, key_id, content, system_clock())
    return {"sha256": log.ledger.documents.store(content, media_type)}


def _bringer(log: OpenLog, request: Request, media_type: str, content: bytes) -> tuple[str, str]:
    """Principal and key of the person who brings the document."""
    now, header = system_clock(), request.headers.get(document_signature.HEADER)
    if header is not None:
        given = document_signature.parse(header)
        principal, public_key = key_holder(log, given.keyid, now)
        given.check(parse_public_key(public_key), log.ledger.origin, media_type, content, now)
        return principal, given.keyid
    session = session_of(request, log)
    if session is None:
        raise SignatureRefusedError(
            "document_unsigned",
            sentence(
                "a document is brought under a signature of a registered key ({header}; rongjian document put FILE "
                "--log LOG --url URL --key FILE), or from a seat of an office",
                header=document_signature.HEADER,
            ),
        )
    check_csrf(session, request.headers.get("x-csrf-token"))
    visitor = visitor_of(log, session, now)
    require(visitor.is_office, sentence("bringing documents"))
    return visitor.principal, session.key_id
