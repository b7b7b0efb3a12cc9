"""RF01 to RF04: who acted although recused, undeclared or unqualified, and bodies that were not composed as the text says."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.derivation.history import LiveEvent
from ledger.derivation.law import Resolved
from ledger.derivation.panels import recused_since
from projections.flags.flag import Found, Hit, Severity, flag, silent
from projections.flags.inspected import Inspected, before


def acts_on_cases(v: Inspected) -> Iterator[tuple[str, str, LiveEvent]]:
    """Person, case and event of every score, report, visit and vote."""
    for event in v.of("ScoreSubmitted", "ReviewReportSubmitted", "OnsiteVisitHeld", "CommitteeVoteCast"):
        if event.type == "CommitteeVoteCast" and event.payload.vote == "recused":
            continue
        people = event.payload.attendees if event.type == "OnsiteVisitHeld" else [event.actor]
        for person in people:
            yield person, event.payload.case_id, event


def recusals(v: Inspected, person: str, case: str) -> list[LiveEvent]:
    """Declarations of conflict and orders that took a person off a case, the first first."""
    own = [e for e in v.live.of("InterestDeclared", case_id=case, result="conflict") if e.actor == person]
    ordered = [e for e in v.live.of("RecusalOrdered", person=person) if case in e.payload.case_ids]
    return sorted([*own, *ordered], key=lambda e: (e.on, e.position))


def _scope(v: Inspected) -> Resolved:
    return v.parameter("recusal.scope", v.live.on)


def _weight(scope: Resolved) -> Severity:
    """Without a clause of the text the audit's own rule remains, a grade lower (G31)."""
    return "C" if scope.stated else "M"


@flag(
    "RF01", "scored-after-recusal", "回避后仍评分", "scored after recusal", "C (M)", "ZY18 JD二(四)5 HY24 JS三",
    condition=(
        "某人对某案评分、提交报告、参加现场评审或表决（“回避”票除外），其回避当日或此前已生效；或回避在后，但其评分未被替换、作废，仍被此后提交的评审报告引用。",
        "A person scores, reports, visits or votes (other than `recused`) on a case from which that person is recused at that"
        " time; or is recused later, and the score, neither replaced nor annulled, is cited by a report submitted after that.",
    ),
    reason=("回避之人左右了结果，授奖的公正性无从谈起。", "Someone who had to stand aside took part in the result."),
    caution=(
        "同一天发生而没有时刻的，按登记先后判断。全文没有回避条款的（赣州），按审计规则以 M 级提示。",
        "Acts of one day without a time of day are taken in the order of recording. Where the text has no clause on recusal"
        " (Ganzhou) the audit's own rule applies, at grade M.",
    ),
    example=("R2 5月3日申明有利害关系，5月5日仍对该案评分。", "R2 declares a conflict on 3 May and scores the case on 5 May."),
    companions=("RF02", "RF41"),
)  # fmt: skip
def _scored_after_recusal(v: Inspected) -> Found:
    scope = _scope(v)
    for person, case, act in acts_on_cases(v):
        for recusal in recusals(v, person, case)[:1]:
            cited = [
                r for r in v.of("ReviewReportSubmitted", case_id=case)
                if act.id in r.payload.score_ids and before(recusal, r)
            ]  # fmt: skip
            if before(recusal, act) or cited:
                yield Hit(
                    ("case", case),
                    _weight(scope),
                    max(act.on, recusal.on),
                    (act, recusal, *cited[:1]),
                    f"{person} 自 {recusal.on} 起回避 {case}，其 {act.on} 的{act.payload.SPEC.zh}仍起作用",
                    f"{person} is recused from {case} since {recusal.on}; the act of {act.on} ({act.payload.SPEC.en}) stands",
                    case,
                    v.org(case),
                    person,
                    articles=scope.why.articles,
                )


@flag(
    "RF02", "undeclared-conflict", "未申明利害关系", "no declaration of interest", "M/C", "ZY18 JD二(四)5 HY24 JS三",
    condition=(
        "(a) 文本要求申明的人员（评审员；文本写明的工作人员、委员）就某案行事时，其对该案的申明尚未登记：M。(b) 责令其回避，而其此前申明“无”或未作申明：C。",
        "(a) Somebody whom the text makes declare (reviewers; staff and committee where it says so) acts on a case before a"
        " declaration of that person for the case is recorded: M. (b) A recusal is ordered although the person had declared none or nothing: C.",
    ),
    reason=("先申明后接触材料，是发现利害关系的唯一前置手段。", "Declaring first is the only means that works before the harm is done."),
    caution=("纸质申明未及时登记也会触发；以补录核准说明。", "A paper declaration recorded too late raises it as well; an approved late entry explains it."),
    example=("R3 直接评分，其后才登记“无利害关系”。", "R3 scores, and only then a declaration of no interest is recorded."),
    companions=("RF01", "RF41"),
)  # fmt: skip
def _undeclared(v: Inspected) -> Found:
    scope = _scope(v)
    seen = set()
    for person, case, act in _acts_that_need_declaring(v, scope):
        declared = [e for e in v.known.of("InterestDeclared", case_id=case) if e.actor == person]
        if (person, case) not in seen and not any(e.position < act.position for e in declared):
            seen.add((person, case))
            yield Hit(
                ("case", case),
                "M",
                act.on,
                (act, *declared[:1]),
                f"{person} 就 {case} 行事前没有登记申明",
                f"{person} acted on {case} with no declaration recorded before",
                case,
                v.org(case),
                person,
                articles=scope.why.articles,
            )
    for order in v.of("RecusalOrdered"):
        for case in v.cases_of(order):
            person = order.payload.person
            declared = [
                e for e in v.live.of("InterestDeclared", case_id=case) if e.actor == person and before(e, order)
            ]
            if not any(e.payload.result == "conflict" for e in declared):
                yield Hit(
                    ("case", case),
                    "C",
                    order.on,
                    (order, *declared[-1:]),
                    f"{person} 被责令回避 {case}，此前未申明利害关系",
                    f"{person} was ordered to withdraw from {case} and had declared no interest",
                    case,
                    v.org(case),
                    person,
                    articles=scope.why.articles,
                )


def _acts_that_need_declaring(v: Inspected, scope: Resolved) -> Iterator[tuple[str, str, LiveEvent]]:
    who = set(scope.value) if scope.stated else {"reviewer"}
    for person, case, act in acts_on_cases(v):
        if act.type != "CommitteeVoteCast" or who & {"committee", "all"}:
            yield person, case, act
    if who & {"staff", "all"}:
        for act in v.of("EligibilityDecided"):
            yield act.actor, act.payload.case_id, act


@flag(
    "RF03", "unqualified-or-unassigned-reviewer", "评审员不合格或未被指派", "reviewer not qualified or not assigned", "H",
    "ZY10(3),11,26 JD二(四) HY6,26 GZ11(2),32",
    condition=(
        "评分或报告当日，提交人没有有效的入库登记、不在该案该阶段的评审组内，或其评审资格已被取消。",
        "On the day of a score or report its author has no valid entry in the pool, no seat on the panel of that case and stage, or a cancelled eligibility.",
    ),
    reason=("无资格之人的评分不应计入。", "A score by somebody without standing must not count."),
    caution=("评审组事后补登也会触发。", "A panel that was recorded only afterwards raises it as well."),
    example=("R5 不在该案评审组，却提交了材料评分。", "R5, who has no seat on the case's panel, scores the file."),
    companions=("RF04", "RF41"),
)  # fmt: skip
def _unqualified(v: Inspected) -> Found:
    stated = v.parameter("reviewer.criteria", v.live.on)
    for act in v.of("ScoreSubmitted", "ReviewReportSubmitted"):
        person, case = act.actor, act.payload.case_id
        problem = _standing_problem(v, act)
        if problem is not None:
            zh, en, events = problem
            yield Hit(
                ("case", case),
                "H",
                act.on,
                (act, *events),
                f"{person} 对 {case}：{zh}",
                f"{person} on {case}: {en}",
                case,
                v.org(case),
                person,
                articles=stated.why.articles,
            )


def _standing_problem(v: Inspected, act: LiveEvent) -> tuple[str, str, tuple[LiveEvent, ...]] | None:
    person, case, stage = act.actor, act.payload.case_id, act.payload.stage
    qualified = [e for e in v.live.of("ReviewerQualified", reviewer_id=person) if e.on <= act.on]
    if not qualified or (qualified[-1].payload.valid_until is not None and qualified[-1].payload.valid_until < act.on):
        return "没有有效的入库登记", "no valid entry in the pool", tuple(qualified[-1:])
    if not any(person in {m.principal_id for m in p.payload.members} for p in panels(v, case, stage, act)):
        return "不在该案评审组", "no seat on the case's panel", ()
    if v.identities.review_cancelled(person, act.on):
        return (
            "评审资格已取消",
            "eligibility to review is cancelled",
            tuple(v.live.of("SanctionImposed", subject=person)),
        )
    return None


def panels(v: Inspected, case: str, stage: str, act: LiveEvent) -> list[LiveEvent]:
    """Panels that serve a case and stage when an act is done: of each body the latest revision by then."""
    latest: dict[str, LiveEvent] = {}
    for body in v.live.of("BodyConstituted", kind="panel"):
        p = body.payload
        if before(body, act) and (p.edition_id == v.edition or (p.cases is not None and case in p.cases)):
            latest[p.body_id] = body
    serving = []
    for body in latest.values():
        p = body.payload
        gone = [d for d in v.live.of("BodyDissolved", body_id=p.body_id) if before(d, act) and before(body, d)]
        fits = stage == "comprehensive" or p.stages is None or stage in p.stages
        if (p.cases is None or case in p.cases) and fits and not gone:
            serving.append(body)
    return serving


@flag(
    "RF04", "body-composition-wrong", "机构组成不合规", "body not composed as the text says", "H", "ZY8,11 JD二,七(一) HY10(4)",
    condition=(
        "该案评分、报告时，评审组除去回避者后的人数不在文本上下限之内，或文本要求组长而组长不是恰一人；文本要求监督组而资格审查时没有；监督组成员同时是秘书处、评审员或委员。",
        "At a score or report the panel, less those recused, has fewer or more members than the text allows, or not exactly one"
        " leader where it wants one; a supervision group that the text wants does not exist when eligibility is decided; its members are also of the office, the reviewers or the committee.",
    ),
    reason=("人数与分离是评审公正的最低组织保障。", "Numbers and separation are the least safeguard of a fair review."),
    caution=("文本未规定人数的，只检查其有规定的部分。", "Where the text gives no number, only what it does say is checked."),
    example=("中原区：评审组只有两人。", "Zhongyuan: a panel of two."),
    companions=("RF41",),
)  # fmt: skip
def _composition(v: Inspected) -> Found:
    smallest, largest, leader = (v.parameter(f"panel.{n}") for n in ("size_min", "size_max", "leader"))
    watched = v.parameter("supervision_group.required")
    if not any(p.stated for p in (smallest, largest, leader, watched)):
        yield silent(smallest)
        return
    seen = set()
    for act in v.of("ScoreSubmitted", "ReviewReportSubmitted"):
        case, stage = act.payload.case_id, act.payload.stage
        for body in panels(v, case, stage, act):
            seats = {m.principal_id: m.seat for m in body.payload.members}
            then = v.at(act.on)
            able = [p for p in seats if recused_since(then, p, case) is None]
            leads = sum(seats[p] == "leader" for p in able)
            wrong = _size_problem(len(able), leads, smallest, largest, leader)
            if wrong is not None and (case, stage) not in seen:
                seen.add((case, stage))
                zh, en, stated = wrong
                yield Hit(
                    ("case", case),
                    "H",
                    act.on,
                    (act, body),
                    f"{case}：{zh}",
                    f"{case}: {en}",
                    case,
                    v.org(case),
                    articles=stated.why.articles,
                )
    yield from _supervision(v, watched)


def _size_problem(
    size: int, leads: int, smallest: Resolved, largest: Resolved, leader: Resolved
) -> tuple[str, str, Resolved] | None:
    if smallest.stated and size < smallest.value:
        return f"评审组 {size} 人，少于 {smallest.value} 人", f"a panel of {size}, less than {smallest.value}", smallest
    if largest.stated and size > largest.value:
        return f"评审组 {size} 人，多于 {largest.value} 人", f"a panel of {size}, more than {largest.value}", largest
    if leader.stated and leader.value and leads != 1:
        return f"组长 {leads} 人", f"{leads} leaders", leader
    return None


def _supervision(v: Inspected, watched: Resolved) -> Found:
    groups = [
        e for e in v.live.of("BodyConstituted", kind="supervision_group") if e.payload.edition_id in (None, v.edition)
    ]
    first = v.of("EligibilityDecided")[:1]
    if watched.stated and watched.value and first and not any(before(g, first[0]) for g in groups):
        yield Hit(
            ("edition", v.edition),
            "H",
            first[0].on,
            (first[0], *groups[:1]),
            "资格审查时没有监督组",
            "no supervision group when eligibility was decided",
            articles=watched.why.articles,
        )
    for group in groups:
        for member in group.payload.members:
            roles = v.roles(member.principal_id, group.on) & {"SEC", "SECH", "REV", "LEAD", "COM", "CHR"}
            if roles:
                yield Hit(
                    ("edition", v.edition),
                    "H",
                    group.on,
                    (group,),
                    f"监督组成员 {member.principal_id} 同时担任 {'、'.join(sorted(roles))}",
                    f"{member.principal_id} of the supervision group also holds {', '.join(sorted(roles))}",
                    person=member.principal_id,
                    articles=watched.why.articles,
                )
