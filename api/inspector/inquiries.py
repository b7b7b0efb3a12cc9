"""The register of inquiries: each by one call of the API and one of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem
from msgspec import UNSET

from api.inspector.inquiry import Arguments, Inquiry, number
from api.inspector.supposing import what_if
from api.open_logs import OpenLog
from api.v1.asking import Axes, axes
from ledger.derivation.answer import NotDerivable, plain
from ledger.derivation.record import part
from ledger.errors import MalformedError, NotFoundError
from ledger.events.after_award import AwardRevoked
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.edition import EditionOpened
from ledger.events.notice import PublicNoticeOpened
from ledger.events.registry import Payload
from ledger.events.reviewers import ReviewerQualified
from ledger.regulation.parameters import matter_of
from projections.as_of import state, tell
from projections.facts import AWARD_DUTIES, AWARD_STATUS, CASE_NEXT, CASE_PANEL, PUBLICATION
from projections.inquiry import accounts, graph, people, scoring
from projections.inquiry.differences import difference
from projections.inquiry.flag_queue import Wanted, editions_of, flag_queue
from projections.inquiry.knowledge import who_could_have_known
from projections.inquiry.narrative import narrative, rests_on
from projections.inquiry.narrative import text as as_text
from projections.notice_state import notice_on
from projections.reviewers import eligibility_of
from projections.slices import global_history, history_for
from projections.tracing import trace

SUBJECTS = ("org", "case", "award", "edition", "notice", "finding")


def _flags(log: OpenLog, at: Axes, given: Arguments) -> Mapping[str, Any]:
    names = ("edition", "severity", "state", "outcome", "case", "org", "person", "award", "pack")
    asked = {n: given.get(n) for n in names}
    flags = tuple(f.strip().upper() for f in given.get("flag", "").split(",") if f.strip())
    wanted = Wanted(**asked, flags=flags, older_than=number(given, "older_than"))
    if wanted.edition is not None and wanted.edition not in editions_of(log.ledger, at.known_at):
        raise NotFoundError(
            "edition_unknown", f"no edition {wanted.edition[:60]} is known", f"没有届次 {wanted.edition[:60]}"
        )
    return flag_queue(log.ledger, at.as_of, at.known_at, wanted)


def event_of(log: OpenLog, at: Axes, given: Arguments) -> str:
    """The event asked about: by its id, or the decision on a subject: the grant or revocation of an award, the grant of
    a case.
    """
    by_kind: dict[str, tuple[type[Payload], str]] = {
        "award": (AwardGranted, "a"),
        "revocation": (AwardRevoked, "a"),
        "case": (AwardGranted, "c"),
    }
    chosen = [n for n in ("event", *by_kind) if n in given]
    if len(chosen) != 1:
        raise MalformedError(
            "subject_unclear",
            "give one of event, award, revocation, case",
            "event、award、revocation、case 须且只能给一项",
            field="event",
        )
    if chosen[0] == "event":
        return given["event"]
    kind, tag = by_kind[chosen[0]]
    topic = kind.SPEC.topic
    query = DCBQuery([DCBQueryItem(types=[topic], tags=[f"{tag}:{given[chosen[0]]}"])])
    found = log.ledger.events(query, until=at.known_at)
    if not found:
        raise NotFoundError(
            "event_unknown",
            f"no {topic} of {given[chosen[0]][:80]} is known",
            f"没有 {given[chosen[0]][:80]} 的{topic}",
        )
    return found[-1].statement.id


def _trace(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    told = trace(log.ledger, event_of(log, at, given), at.known_at)
    steps = [
        *({**s, "part": "rests_on"} for s in told["rests_on"]),
        {**told["event"], "part": "event"},
        *({**s, "part": "rested_on_by"} for s in told["rested_on_by"]),
    ]
    texts, readings = rests_on(log.ledger, log.ledger.event(told["event"]["event"]), at.as_of, at.known_at)
    reached = [*told["rests_on"], told["event"], *told["rested_on_by"]]
    documents = sorted({h for s in reached for h in s["evidence"]})
    persons = sorted({s["actor"] for s in reached})
    articles = sorted({a for s in reached for a in s["basis"]})
    dot = {
        f"{name}_{lang}": draw(told, chinese=lang == "zh")
        for name, draw in (("dot", graph.dot), ("mermaid", graph.mermaid))
        for lang in ("zh", "en")
    }
    return {
        **told,
        "documents": documents,
        "persons": persons,
        "articles": articles,
        "texts": texts,
        "readings": readings,
        "rows": steps,
        **dot,
    }


def _narrative(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    told = narrative(log.ledger, event_of(log, at, given), at.as_of, at.known_at)
    rows = [
        {
            "section": s["zh"],
            "section_en": s["en"],
            "n": x["n"],
            "zh": x["zh"],
            "en": x["en"],
            "position": x["position"],
        }
        for s in told["sections"]
        for x in s["sentences"]
    ]
    return {**told, "rows": rows, "text_zh": as_text(told, chinese=True), "text_en": as_text(told, chinese=False)}


def _difference(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    if given["kind"] not in SUBJECTS:
        raise MalformedError(
            "subject_kind_unknown",
            f"kind: one of {', '.join(SUBJECTS)}",
            f"kind 应为 {'、'.join(SUBJECTS)}",
            field="kind",
        )
    first = axes(log, given.get("from_on", at.as_of.isoformat()), given.get("from_known"))
    told = difference(
        log.ledger, given["kind"], given["subject"], (first.as_of, first.known_at), (at.as_of, at.known_at)
    )
    rows = [
        {"fact": f["fact"], "causes": f["causes"], **m, "events": [e["event"] for e in f["responsible"]]}
        for f in told["changed"]
        for m in f["members"]
    ]
    return {**told, "rows": rows}


def _who_knew(log: OpenLog, at: Axes, given: Arguments) -> Mapping[str, Any]:
    return who_could_have_known(
        log.ledger,
        event_of(log, at, {k: v for k, v in given.items() if k != "only"}),
        at.known_at,
        whole="only" not in given,
    )


def _next_steps(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    edition = given["edition"]
    filed = log.ledger.acts(ApplicationFiled, f"ed:{edition}", until=at.known_at)
    if edition not in editions_of(log.ledger, at.known_at):
        raise NotFoundError("edition_unknown", f"no edition {edition[:60]} is known", f"没有届次 {edition[:60]}")
    cases = dict.fromkeys(p.case_id for _, p in filed)
    rows = [{"case": c, **_short(tell(log.ledger, CASE_NEXT, c, at.as_of, at.known_at).to_json())} for c in cases]
    return {"rows": rows}


def _short(told: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in told.items() if k in ("state", told["state"])}


def _duties(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    until = at.as_of + timedelta(days=number(given, "days", 90) or 0)
    rows = []
    for award, org in _awards(log, at).items():
        if given.get("org") not in (None, org):
            continue
        told = tell(log.ledger, AWARD_DUTIES, award, at.as_of, at.known_at).answer
        if isinstance(told.result, NotDerivable):
            failed: dict[str, Any] = {
                "duty": "",
                "period": "",
                "due": None,
                "state": "not_derivable",
                "fulfilled_by": [],
                "article": [],
            }
            rows.append({"award_id": award, "org": org, **failed})
        for duty in told.value().duties if told.is_value else ():
            to_come = duty.state in ("due", "at_risk", "not_yet") and duty.due is not None and duty.due <= until
            if duty.state == "overdue" or to_come:
                rows.append({"award_id": award, "org": org, **plain(duty)})
    rows.sort(key=lambda r: (r["due"] or "", r["award_id"], r["duty"]))
    return {"until": until.isoformat(), "rows": rows}


def _awards(log: OpenLog, at: Axes) -> dict[str, str]:
    granted = log.ledger.acts(AwardGranted, until=at.known_at)
    return {p.award_id: p.org for e, p in granted if e.statement.effective_on <= at.as_of}


def _reviewers(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    """Everybody of the pool: may they act on the case, and does the panel then have its lawful size?"""
    case = given["case"]
    history = history_for(log.ledger, "case", case, at.known_at)
    pool = log.ledger.acts(ReviewerQualified, until=at.known_at)
    names = list(dict.fromkeys(p.reviewer_id for _, p in pool))
    events = list(history.events)
    for name in names:
        events += log.ledger.events(DCBQuery([DCBQueryItem(tags=[f"p:{name}"])]), until=at.known_at)
    live, _ = state(type(history)(events), log.ledger.packs(), at.as_of, at.known_at)
    rows = []
    for name in names:
        standing, why = eligibility_of(live, name, case, None)
        rows.append(
            {
                "person": name,
                "state": standing,
                "free": standing in ("eligible", "not_on_panel", "undeclared"),
                "events": list(why),
            }
        )
    panel = tell(log.ledger, CASE_PANEL, case, at.as_of, at.known_at)
    return {"case": case, "panel": _short(panel.to_json()), "rows": rows}


def _holders(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    rows = []
    for award, org in _awards(log, at).items():
        told = tell(log.ledger, AWARD_STATUS, award, at.as_of, at.known_at)
        stands = part(told.answer)
        status = stands.value.status if stands.value is not UNSET else stands.state
        if given.get("status") in (None, status):
            rows.append({"award_id": award, "org": org, "status": status, **_short(told.to_json())})
    return {"rows": rows}


def _notices(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    """Running ones, or all: what each is on the day by its own days, and whether its end is on record."""
    opened = log.ledger.acts(PublicNoticeOpened, until=at.known_at)
    named = dict.fromkeys(p.notice_id for e, p in opened if e.statement.effective_on <= at.as_of)
    found = [notice_on(log.ledger, notice, at.as_of, at.known_at) for notice in named]
    rows = [{**{k: v for k, v in n.items() if k != "ruler"}, **_short(n["ruler"])} for n in found if n is not None]
    return {"rows": [r for r in rows if r["running"] or "all" in given]}


def _statistics(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    rows = []
    for edition in editions_of(log.ledger, at.known_at):
        told = tell(log.ledger, PUBLICATION, edition, at.as_of, at.known_at).answer
        if given.get("edition") not in (None, edition):
            continue
        if told.is_value:
            rows.append({"edition": edition, **plain(told.value().statistics)})
        elif isinstance(told.result, NotDerivable):
            rows.append({"edition": edition, "not_derivable": told.result.to_json()})
    return {"rows": rows}


def _governing(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    """The version that an edition is pinned to, and per parameter which version governs an act on the day."""
    edition = given["edition"]
    live, law = state(
        history_for(log.ledger, "edition", edition, at.known_at), log.ledger.packs(), at.as_of, at.known_at
    )
    opened = live.last(EditionOpened, edition_id=edition)
    pinned = law.enacted(opened.payload.pack_hash) if opened else None
    newest = law.in_force(at.as_of)
    rows = []
    for path in pinned.pack.parameters if pinned else ():
        governs = law.governing(pinned, path, at.as_of)
        told = law.parameter(pinned, path, at.as_of)
        rows.append(
            {
                "path": path,
                "matter": matter_of(path),
                "governed_by": governs.pack.reference if governs else None,
                "value": plain(told.value),
                "absence": told.absence,
                "gap": told.gap or None,
                "articles": list(told.why.articles),
                "readings": list(told.why.readings),
            }
        )
    return {
        "edition": edition,
        "pinned": pinned.pack.reference if pinned else None,
        "in_force": newest.pack.reference if newest else None,
        "rows": rows,
    }


def _text_change(log: OpenLog, at: Axes, given: Arguments) -> dict[str, Any]:
    """Parameters that two versions of a text state differently."""
    _, law = state(global_history(log.ledger, at.known_at), log.ledger.packs(), at.as_of, at.known_at)
    both = []
    for name in (given["from"], given["to"]):
        found = [v for v in law.enacted_by(at.as_of) if name in (v.pack.reference, v.pack.version, v.pack.doc_no)]
        if not found:
            raise NotFoundError(
                "pack_unknown", f"{name[:60]} is not enacted at this (D, K)", f"该时点没有登记 {name[:60]}"
            )
        both.append(found[-1])
    rows = []
    for path in dict.fromkeys([*both[0].pack.parameters, *both[1].pack.parameters]):
        old, new = (law.stated(v, path, at.as_of) for v in both)
        if (old.value, old.unit, old.absence) != (new.value, new.unit, new.absence):
            rows.append(
                {
                    "path": path,
                    "before": plain(old.value),
                    "before_absence": old.absence,
                    "after": plain(new.value),
                    "after_absence": new.absence,
                    "articles": [*old.why.articles, *new.why.articles],
                }
            )
    return {"from": both[0].pack.reference, "to": both[1].pack.reference, "rows": rows}


_SUBJECT_KIND = f"对象种类 kind of subject: {', '.join(SUBJECTS)}"

_ON_EVENT = {
    "event": "事件编号 event id",
    "award": "奖项（授予） award, its grant",
    "revocation": "奖项（撤销） award, its revocation",
    "case": "案件（授予） case, its grant",
}

INQUIRIES: dict[str, Inquiry] = {
    i.name: i
    for i in (
        Inquiry(
            "flags",
            "红旗队列",
            "queue of red flags",
            {
                "edition": "届次 edition",
                "flag": "红旗编号，逗号分隔 flags, by comma",
                "severity": "最低级别 least severity L M H C",
                "state": "状态 state: open questioned explained dismissed confirmed settled",
                "outcome": "结论 outcome: raised disputed",
                "case": "案件 case",
                "org": "组织 organisation",
                "person": "人员 person",
                "award": "奖项 award",
                "pack": "规则 text, as ZY",
                "older_than": "天数 days since it could be known",
            },
            _flags,
        ),
        Inquiry(
            "trace",
            "来龙去脉",
            "what an event rests on, and what rests on it",
            _ON_EVENT,
            _trace,
            ("json", "csv", "dot", "mermaid"),
        ),
        Inquiry(
            "narrative",
            "叙述",
            "the story of a decision in numbered sentences",
            _ON_EVENT,
            _narrative,
            ("json", "csv", "text"),
        ),
        Inquiry(
            "difference",
            "两时点差异",
            "what two points (D, K) answer differently, and why",
            {
                "kind*": _SUBJECT_KIND,
                "subject*": "编号 id",
                "from_on": "从事实日 from day (D)",
                "from_known": "从知悉 from known (K)",
            },
            _difference,
        ),
        Inquiry(
            "what-if",
            "假设",
            "consequences of a hypothesis; nothing is recorded",
            {
                "revoke": "若撤销奖项 an award is revoked",
                "ground": "事由 ground",
                "exclude": "若某事件不算 an event does not count",
                "reading": "若另取口径（参数路径） a parameter is read otherwise",
                "value": "口径取值（JSON，金额以分计） the value read, JSON, amounts in fen",
                "pack": "口径所属规则 text of the reading",
                "from": "口径自何日起 reading from day",
                "win": "若案件获奖 a case wins",
                "award": "获奖类别 award kind",
                "suppose": "假设的行为（JSON） acts supposed, JSON [{type, payload}]",
                "kind": _SUBJECT_KIND,
                "subject": "编号 id",
            },
            what_if,
        ),
        Inquiry(
            "who-knew",
            "谁可能知情",
            "who could have known, since when and how",
            _ON_EVENT | {"only": "仅该事件（填 1） this event only (1)"},
            _who_knew,
        ),
        Inquiry(
            "person",
            "人员足迹",
            "one person's footprint",
            {"person*": "编号 id"},
            lambda log, at, g: people.footprint(log.ledger, g["person"], at.known_at),
        ),
        Inquiry(
            "pair",
            "人与组织",
            "a person and an organisation",
            {"person*": "编号 id", "org*": "编号 id"},
            lambda log, at, g: people.pair(log.ledger, g["person"], g["org"], at.known_at),
        ),
        Inquiry(
            "four-eyes",
            "双签矩阵",
            "who signs with whom",
            {"edition": "届次 edition"},
            lambda log, at, g: people.four_eyes(log.ledger, at.known_at, g.get("edition")),
        ),
        Inquiry(
            "pairings",
            "重复配对",
            "reviewers and organisations that met in several editions",
            {},
            lambda log, at, _: people.pairings(log.ledger, at.known_at),
        ),
        Inquiry(
            "scores",
            "评分透视",
            "scores laid open",
            {"edition*": "届次 edition"},
            lambda log, at, g: scoring.forensics(log.ledger, g["edition"], at.as_of, at.known_at),
        ),
        Inquiry(
            "money",
            "资金对账",
            "money reconciled",
            {"org": "组织 organisation", "edition": "届次 edition"},
            lambda log, at, g: accounts.reconciliation(
                log.ledger, at.as_of, at.known_at, org=g.get("org"), edition=g.get("edition")
            ),
        ),
        Inquiry("next-steps", "下一步", "what comes next for each case", {"edition*": "届次 edition"}, _next_steps),
        Inquiry(
            "duties",
            "义务",
            "duties due soon or overdue",
            {"days": "天数 days ahead, 90", "org": "组织 organisation"},
            _duties,
        ),
        Inquiry("reviewers", "可用评审员", "who of the pool may act on a case", {"case*": "案件 case"}, _reviewers),
        Inquiry(
            "holders",
            "奖项名册",
            "awards and how they stand",
            {"status": "状态 status: valid expired revoked granted_no_validity_rule"},
            _holders,
        ),
        Inquiry("notices", "公示", "notices running", {"all": "含已结束的（填 1） closed ones too (1)"}, _notices),
        Inquiry(
            "statistics", "统计", "applications, awards and money per edition", {"edition": "届次 edition"}, _statistics
        ),
        Inquiry("governing", "适用规则", "which version governs an edition", {"edition*": "届次 edition"}, _governing),
        Inquiry(
            "text-change",
            "文本变化",
            "what two versions state differently",
            {"from*": "版本 version", "to*": "版本 version"},
            _text_change,
        ),
    )
}


def inquiry_named(name: str) -> Inquiry:
    """The inquiry of a name; refused with the names there are."""
    found = INQUIRIES.get(name)
    if found is None:
        raise NotFoundError(
            "inquiry_unknown",
            f"no inquiry {name[:40]!r}; there are {', '.join(INQUIRIES)}",
            f"没有“{name[:40]}”这种查询；有 {'、'.join(INQUIRIES)}",
        )
    return found
