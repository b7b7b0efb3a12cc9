"""What the pages' scripts call: log in and out, preview a statement, and pass submissions on for a second signature."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from api.home.addresses import is_secure, site_of
from api.home.open_logs import OpenLog
from api.languages import FALLBACK, languages
from api.rate_limit import RateLimit
from api.sentences import sentence
from api.v1.asking import Log
from api.v1.statements import respond_created
from api.workplace.bulk import read_rows
from api.workplace.foreseeing import foreseen, foreseen_rows
from api.workplace.login import LIFE, LOGIN_TYPE, Logins, Session, check_csrf
from api.workplace.visitors import Visitor, key_holder, visitor_of
from api.workplace.waiting import change_one, require_concern, row_of, waiting_of, with_signature
from ledger import canonical
from ledger.admission.admit import check_statement
from ledger.admission.structure import verify_signatures
from ledger.clock import system_clock
from ledger.errors import MalformedError, PermissionRefusedError, SignatureRefusedError
from ledger.signing import envelope as dsse
from ledger.signing.suites import AnyPublicKey, parse_public_key
from ledger.statement import parse
from ledger.submission import parse_submission
from ledger.text import check

router = APIRouter(prefix="/v1/logs/{log}", tags=[" ".join(reversed(sentence("workbench")))])

PURPOSE_MAX = 200


class Doors:
    """What a process keeps about who comes in: sessions, and how often clients try."""

    def __init__(self) -> None:
        self.logins = Logins(system_clock)
        #: Each try to log in takes a challenge.
        self.tries = RateLimit(30, timedelta(minutes=1), system_clock)
        #: A dry run of 500 rows asks once a row.
        self.previews = RateLimit(1_000, timedelta(minutes=1), system_clock)


def doors_of(request: Request) -> Doors:
    doors: Doors = request.app.state.doors
    return doors


def cookie_of(log: OpenLog) -> str:
    return f"rongjian-{log.home.name}"


def session_of(request: Request, log: OpenLog) -> Session | None:
    return doors_of(request).logins.session(request.cookies.get(cookie_of(log)), log.ledger.origin)


def visitor_in(request: Request, log: OpenLog) -> Visitor:
    """Who asks; PermissionRefusedError where nobody is logged in."""
    session = session_of(request, log)
    if session is None:
        raise PermissionRefusedError("not_logged_in", sentence("log in first"))
    return visitor_of(log, session, system_clock())


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


@router.post("/login/challenge")
def challenge(log: Log, request: Request) -> dict[str, object]:
    """登录挑战，两分钟内用一次。A challenge to sign, once and within two minutes."""
    doors_of(request).tries.count(_client(request))
    body = doors_of(request).logins.challenge(log.ledger.origin, site_of(request))
    return {"challenge": base64.b64encode(body).decode(), "payload_type": LOGIN_TYPE}


@router.post("/login")
def log_in(log: Log, request: Request, response: Response) -> dict[str, object]:
    """以登记密钥签署挑战即登录。Log in by the challenge signed with a registered key."""
    value = canonical.parse_object(request.state.body, "login")
    members = {"challenge", "key_id", "signature", "purpose"}
    if value.keys() != members or not all(isinstance(v, str) for v in value.values()):
        raise MalformedError(
            "malformed_login",
            sentence("challenge, key_id, signature and purpose, all text"),
        )
    body, signature = (_bytes(value[name], name) for name in ("challenge", "signature"))
    # Kept beside every page that is read: refused before the challenge is used up.
    if value["purpose"].strip():
        check(value["purpose"], "purpose")
    logins = doors_of(request).logins
    logins.redeem(body)
    if canonical.parse_object(body, "challenge")["log"] != log.ledger.origin:
        raise SignatureRefusedError("challenge_unknown", sentence("the challenge is for another log"))
    principal, public_key = key_holder(log, value["key_id"], system_clock())
    parse_public_key(public_key).verify(signature, dsse.pre_authentication_encoding(body, LOGIN_TYPE))
    token, session = logins.begin(log.ledger.origin, principal, value["key_id"], value["purpose"][:PURPOSE_MAX])
    response.set_cookie(
        cookie_of(log),
        token,
        max_age=int(LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )
    visitor = visitor_of(log, session, system_clock())
    if visitor.inspects and not session.purpose.strip():
        logins.end(token)
        raise MalformedError("purpose_missing", sentence("who inspects says what for"), field="purpose")
    return {"principal": principal, "roles": sorted(visitor.roles)}


def _bytes(text: str, name: str, code: str = "malformed_login") -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError(code, sentence("{name}: base64", name=name), field=name) from error


@router.post("/logout")
def log_out(log: Log, request: Request) -> Response:
    """退出登录。End the session."""
    session = session_of(request, log)
    form = parse_qs(request.state.body.decode("utf-8", "replace"))
    language = form.get("lang", [FALLBACK])[0]
    if session is not None:
        check_csrf(session, form.get("csrf", [""])[0])
        doors_of(request).logins.end(request.cookies.get(cookie_of(log)))
    known = language if language in languages() else FALLBACK
    response = RedirectResponse(f"/{known}/desk/{log.home.name}/login/", 303)
    response.delete_cookie(cookie_of(log))
    return response


def _scripted(request: Request, log: OpenLog) -> Visitor:
    """A call by a script of our own page."""
    visitor = visitor_in(request, log)
    check_csrf(visitor.session, request.headers.get("x-csrf-token"))
    return visitor


@router.post("/foresee")
def foresee(log: Log, request: Request) -> dict[str, object]:
    """签名前预览：规则会怎么说，有何后果。What the rules would say of a statement, and what would follow."""
    visitor = _scripted(request, log)
    doors_of(request).previews.count(_client(request))
    return foreseen(log, visitor, canonical.parse_object(request.state.body, "preview"), system_clock())


@router.post("/foresee/batch")
def foresee_batch(log: Log, request: Request) -> dict[str, object]:
    """批量试运行：逐行对照规则，前行视同已登记。A dry run of several rows, each as if those before it were recorded."""
    visitor = _scripted(request, log)
    doors_of(request).previews.count(visitor.principal)
    return foreseen_rows(log, visitor, canonical.parse_object(request.state.body, "preview"), system_clock())


@router.post("/cells/{topic}")
def read_cells(log: Log, request: Request, topic: str) -> dict[str, object]:
    """读取表格文件：逐行给出内容或错误，不登记任何内容。What a file of cells says, row by row; nothing is recorded."""
    visitor = _scripted(request, log)
    doors_of(request).previews.count(visitor.principal)
    return read_rows(log, visitor, topic, request.state.body)


#: Refusals that one more signature may lift.
_UNFINISHED = frozenset({"countersignature_missing", "override_not_authorised"})


@router.post("/pending", status_code=202)
def put_pending(log: Log, request: Request) -> dict[str, object]:
    """送交会签：已由行为人签名的提交。A submission that its actor has signed, for a second signature."""
    visitor = _scripted(request, log)
    submission = parse_submission(request.state.body)
    statement = parse(submission.envelope.body)
    # What a second person is shown is what was committed to.
    check_statement(statement, log.ledger.origin, dict(submission.openings), system_clock())
    keys = {s.keyid: key_holder(log, s.keyid, system_clock()) for s in submission.envelope.signatures}
    signers = {s.principal_id for s in verify_signatures(submission.envelope, keys)}
    if statement.actor != visitor.principal or visitor.principal not in signers:
        raise SignatureRefusedError("not_yours", sentence("what you pass on, you sign first"))
    row = row_of(statement)
    waiting_of(log).put(row, request.state.body)
    return {"id": statement.id, "waits_for": list(row.waits_for)}


@router.get("/pending/{statement_id}")
def get_pending(log: Log, request: Request, statement_id: str) -> Response:
    """待会签的提交。A submission that waits for a second signature."""
    require_concern(log, visitor_in(request, log), statement_id)
    _, body = waiting_of(log).get(statement_id)
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.post("/pending/{statement_id}/signature")
def sign_pending(log: Log, request: Request, statement_id: str) -> Response:
    """会签：加上签名即提交。Add a signature, which is then kept, and submit."""
    visitor = _scripted(request, log)
    value = canonical.parse_object(request.state.body, "signature")
    if value.keys() != {"keyid", "sig"} or not all(isinstance(v, str) for v in value.values()):
        raise MalformedError("malformed_signature", sentence("keyid and sig"))
    added = dsse.Signature(value["keyid"], _bytes(value["sig"], "sig", "malformed_signature"))
    require_concern(log, visitor, statement_id)
    principal, public_key = key_holder(log, added.keyid, system_clock())
    if principal != visitor.principal:
        raise SignatureRefusedError("not_yours", sentence("one adds one's own signature"))
    key = parse_public_key(public_key)
    whole = parse_submission(change_one(log, statement_id, lambda body: _signed(body, added, key)))
    try:
        receipt = log.ledger.submit(whole)
    except PermissionRefusedError as refusal:
        if refusal.code not in _UNFINISHED:
            raise
        # The signature is kept, and another one is needed still: an override has three.
        return JSONResponse({"id": statement_id, "zh": refusal.zh, "en": refusal.en}, 202)
    waiting_of(log).drop(statement_id)
    return respond_created(receipt)


def _signed(body: bytes, added: dsse.Signature, key: AnyPublicKey) -> bytes:
    """The submission with one more signature, which verifies before it is kept.

    Nothing is read here: others wait for the row.
    """
    dsse.verify(parse_submission(body).envelope, added, key)
    return with_signature(body, added)


@router.delete("/pending/{statement_id}", status_code=204)
def drop_pending(log: Log, request: Request, statement_id: str) -> Response:
    """撤回或退回待会签的提交。Withdraw, or send back, a submission that waits."""
    require_concern(log, _scripted(request, log), statement_id)
    waiting_of(log).drop(statement_id)
    return Response(status_code=204)
