"""Reading facts: organisations, cases, awards, editions, notices, bans, money, rules; all at (D, K)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from fastapi import APIRouter, Request, Response

from api.sentences import sentence, term
from api.v1.asking import AsOf, Cursor, KnownAt, Limit, Log, decode_cursor, encode_cursor, respond, tag
from api.v1.axes import Axes, axes, listed_axes
from ledger.clock import SHANGHAI
from ledger.derivation.answer import plain
from ledger.derivation.gaps import gaps
from ledger.derivation.history import Live
from ledger.derivation.identity import Identities, has_role, key_valid
from ledger.derivation.law import Enacted, Law
from ledger.errors import NotFoundError
from ledger.identifiers import parse_date
from ledger.regulation.periods import UnknownCalendarYearError
from projections.as_of import members_of_org, state, tell, tell_all
from projections.facts import CERTIFICATES, fact_named
from projections.inquiry.differences import difference as compared
from projections.slices import global_history, history_for
from projections.tracing import trace

router = APIRouter(prefix="/v1/logs/{log}", tags=[tag(term("tag", "answers"))])


def _one(log: Log, request: Request, kind: str, subject: str, as_of: str | None, known_at: str | None) -> Response:
    at = axes(log, as_of, known_at)
    told = tell_all(log.ledger, kind, subject, at.as_of, at.known_at)
    value: dict[str, object] = {"log": log.ledger.origin, kind: subject, **at.to_json()}
    if kind == "org":
        value |= members_of_org(log.ledger, subject, at.as_of, at.known_at)
    return respond(request, value | {"facts": [t.to_json() for t in told]})


def _page(
    log: Log,
    request: Request,
    fact: str,
    as_of: str | None,
    known_at: str | None,
    cursor: str | None,
    limit: int,
    where: Mapping[str, str | bool] | None = None,
) -> Response:
    at = listed_axes(log, as_of, known_at)
    rows = log.register.listing(fact, at.as_of, at.known_at, after=decode_cursor(cursor), limit=limit + 1, where=where)
    following = encode_cursor(rows[limit - 1].subject) if len(rows) > limit else None
    items = [{"subject": row.subject.partition(":")[2], **row.answer} for row in rows[:limit]]
    return respond(request, {"log": log.ledger.origin, "fact": fact, **at.to_json(), "items": items, "next": following})


@router.get("/organisations")
def organisations(
    log: Log, request: Request, as_of: AsOf = None, known_at: KnownAt = None, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    """全部组织及其资金汇总。Every organisation with its money."""
    return _page(log, request, "org.money", as_of, known_at, cursor, limit)


@router.get("/organisations/{org}")
def organisation(log: Log, request: Request, org: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """一个组织：案件、奖项、禁止申报、资金、最早可再申报。One organisation."""
    return _one(log, request, "org", org, as_of, known_at)


@router.get("/cases")
def cases(
    log: Log,
    request: Request,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    case_state: str | None = None,
) -> Response:
    """全部案件及其状态；可按 case_state 过滤。Every case with its state."""
    return _page(
        log, request, "case.status", as_of, known_at, cursor, limit, {"state": case_state} if case_state else None
    )


@router.get("/cases/{edition}/{slug}")
def case(log: Log, request: Request, edition: str, slug: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """一个案件：状态、得分、未结异议。One case."""
    return _one(log, request, "case", f"{edition}/{slug}", as_of, known_at)


@router.get("/awards")
def awards(
    log: Log,
    request: Request,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    status: str | None = None,
) -> Response:
    """全部奖项及其状态；可按 status 过滤。Every award with its status."""
    return _page(log, request, "award.status", as_of, known_at, cursor, limit, {"status": status} if status else None)


@router.get("/awards/counts")
def award_counts(log: Log, request: Request, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """各状态的奖项数。How many awards have each status."""
    at = listed_axes(log, as_of, known_at)
    return respond(
        request, at.to_json() | {"counts": log.register.count("award.status", at.as_of, at.known_at, "status")}
    )


@router.get("/awards/{award}")
def award(log: Log, request: Request, award: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """一个奖项：状态与有效期、首次或再次、应得奖金、拨付与追缴。One award."""
    return _one(log, request, "award", award, as_of, known_at)


@router.get("/editions")
def editions(
    log: Log, request: Request, as_of: AsOf = None, known_at: KnownAt = None, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    """全部届次及其名额。Every edition with its quota."""
    return _page(log, request, "edition.quota", as_of, known_at, cursor, limit)


@router.get("/editions/{edition}")
def edition(log: Log, request: Request, edition: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """一届：名额使用。One edition."""
    return _one(log, request, "edition", edition, as_of, known_at)


@router.get("/notices/{notice}")
def notice(log: Log, request: Request, notice: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """一次公示：截止日与最早可决定日。One notice: its end and the first day for the decision."""
    return _one(log, request, "notice", notice, as_of, known_at)


@router.get("/bans")
def bans(
    log: Log, request: Request, as_of: AsOf = None, known_at: KnownAt = None, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    """该日被禁止申报的组织。Organisations that are banned on the day."""
    return _page(log, request, "org.bans", as_of, known_at, cursor, limit, {"banned": True})


@router.get("/money")
def money(
    log: Log, request: Request, as_of: AsOf = None, known_at: KnownAt = None, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    """每个奖项的应得、已付、追缴(分)。Money of every award, in fen."""
    return _page(log, request, "award.money", as_of, known_at, cursor, limit)


@router.get("/principals/{principal}")
def principal(log: Log, request: Request, principal: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """一个主体在该日的岗位与密钥（无姓名）。Roles (D03) and keys (D02) of a principal at (D, K); never a name."""
    at = axes(log, as_of, known_at)
    live = history_for(log.ledger, "principal", principal, at.known_at).live(at.as_of, at.known_at)
    identities = Identities(live)
    end_of_day = datetime.combine(at.as_of, time.max, tzinfo=SHANGHAI)
    value = {
        "principal": principal,
        **at.to_json(),
        "roles": {
            role: has_role(live, principal, role, at.as_of).to_json()
            for role in sorted(identities.roles_of(principal, at.as_of) - {"PUB"})
        },
        "keys": {
            key_id: {"public_key": key.public_key, **key_valid(live, key_id, end_of_day).to_json()}
            for key_id, key in identities.keys.items()
            if key.principal_id == principal
        },
    }
    return respond(request, value)


@router.get("/certificates/{serial}")
def certificate(log: Log, request: Request, serial: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """按编号核验证书、奖牌、奖杯。Is a certificate, plaque or cup with this serial number genuine?"""
    at = axes(log, as_of, known_at)
    award_id = log.finder.certificate(serial, at.known_at)
    if award_id is None:
        raise NotFoundError("certificate_unknown", sentence("no item {serial} was ever issued", serial=serial[:40]))
    told = tell(log.ledger, CERTIFICATES, award_id, at.as_of, at.known_at).to_json()
    return respond(
        request, {"log": log.ledger.origin, "serial": serial, "award": award_id, **at.to_json(), "register": told}
    )


@router.get("/findings/{finding}")
def finding(log: Log, request: Request, finding: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """一项监督意见的状态。One oversight finding."""
    return _one(log, request, "finding", finding, as_of, known_at)


@router.get("/events/{event_id}/trace")
def event_trace(log: Log, request: Request, event_id: str, known_at: KnownAt = None) -> Response:
    """一个事件所依据的与依据它的全部事件。What an event rests on, and what rests on it."""
    at = axes(log, None, known_at)
    return respond(
        request, {"log": log.ledger.origin, "known_at": at.known_at, **trace(log.ledger, event_id, at.known_at)}
    )


@router.get("/diff/{kind}/{subject:path}")
def difference(
    log: Log,
    request: Request,
    kind: str,
    subject: str,
    from_as_of: AsOf = None,
    from_known_at: KnownAt = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """两个时点之间变化的事实。Facts of a subject that two corners (D, K) answer differently."""
    a, b = axes(log, from_as_of, from_known_at), axes(log, as_of, known_at)
    value = compared(log.ledger, kind, subject, (a.as_of, a.known_at), (b.as_of, b.known_at))
    return respond(request, {"log": log.ledger.origin, kind: subject, **value})


@router.get("/facts/{fact}")
def fact(log: Log, request: Request, fact: str, subject: str, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """一个事实及其理由。One fact about one subject, with its reasons."""
    at = axes(log, as_of, known_at)
    told = tell(log.ledger, fact_named(fact), subject, at.as_of, at.known_at)
    return respond(request, {"log": log.ledger.origin, **told.to_json()})


def _law(log: Log, as_of: str | None, known_at: str | None) -> tuple[Axes, Live, Law]:
    at = axes(log, as_of, known_at)
    live, law = state(global_history(log.ledger, at.known_at), log.ledger.packs(), at.as_of, at.known_at)
    return at, live, law


@router.get("/packs")
def packs(log: Log, request: Request, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """到该日登记过的规则版本。Versions of the rules enacted by the day."""
    at, _, law = _law(log, as_of, known_at)
    current = law.in_force(at.as_of)
    rows = [
        {
            "pack": v.pack.reference,
            "title": v.pack.title,
            "title_en": v.pack.title_en,
            "status": v.status,
            "in_force_on": plain(v.in_force_on),
            "repealed_on": plain(v.repealed_on),
            "sha256": v.pack.sha256,
            "enacted_by": v.event_id,
            "governs": v is current,
        }
        for v in law.enacted_by(at.as_of)
    ]
    return respond(request, at.to_json() | {"packs": rows})


def _version(law: Law, on: date, pack_id: str, version: str) -> Enacted:
    found = [v for v in law.enacted_by(on) if (v.pack.id, v.pack.version) == (pack_id, version)]
    if not found:
        raise NotFoundError(
            "pack_unknown",
            sentence("{pack_id} {version} is not enacted at this (D, K)", pack_id=pack_id, version=version),
        )
    return max(found, key=lambda v: (v.pack.encoding, v.position))


@router.get("/packs/{pack_id}/{version}/parameters")
def parameters(
    log: Log, request: Request, pack_id: str, version: str, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """一个版本在该日的全部参数：规定、条款、口径，或“未规定”“未见条文”。Every parameter at (D, K)."""
    at, _, law = _law(log, as_of, known_at)
    enacted = _version(law, at.as_of, pack_id, version)
    rows = []
    for path in enacted.pack.parameters:
        r = law.parameter(enacted, path, at.as_of)
        rows.append(
            {
                "path": path,
                "value": plain(r.value),
                "unit": r.unit,
                "absence": r.absence,
                "gap": r.gap or None,
                "rule": r.rule,
                "note": r.note,
                "why": r.why.to_json(),
            }
        )
    return respond(request, at.to_json() | {"pack": enacted.pack.reference, "parameters": rows})


@router.get("/packs/{pack_id}/{version}/gaps")
def pack_gaps(
    log: Log, request: Request, pack_id: str, version: str, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """一个版本留下的空白、所取口径、由谁何时确定、哪些答案依赖它。What a version leaves open, and what stands in."""
    at, _, law = _law(log, as_of, known_at)
    enacted = _version(law, at.as_of, pack_id, version)
    rows = [g.to_json() for g in gaps(enacted.pack, law, at.as_of)]
    return respond(request, at.to_json() | {"pack": enacted.pack.reference, "gaps": rows})


@router.get("/calendar/{day}")
def calendar(log: Log, request: Request, day: str, known_at: KnownAt = None) -> Response:
    """某日是否工作日（依已登记的节假日安排）。Is a day a working day, by the calendars recorded."""
    at, _, law = _law(log, None, known_at)
    asked = parse_date(day, "day")
    try:
        value: dict[str, object] = {"state": "value", "value": law.calendar.is_workday(asked)}
    except UnknownCalendarYearError as error:
        value = {"state": "undetermined", "undetermined": {"parameter": f"calendar.{error.year}", "gap": "B-3"}}
    return respond(request, {"day": day, "known_at": at.known_at, **value})
