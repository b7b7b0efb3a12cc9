"""RF54, RF55 and RF59: what was destroyed, keys that others brought for a person who has one, and who read what."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from ledger.clock import shanghai_day
from ledger.derivation.history import LiveEvent
from projections.flags.flag import Found, Hit, Off, Severity, flag, undated
from projections.flags.inspected import DECISIVE, Inspected, recorded_day
from projections.further_keys import brought_by_others

#: Grounds that hold only once what the data were collected for is over.
_AFTER_THE_EDITION = ("purpose_achieved", "retention_expired")


@flag(
    "RF54", "erased-without-ground", "销毁缺少依据", "erased without ground", "M/H/C", "AUD",
    condition=("受限数据的销毁未由经办与纪检共同签署：C；未写明法定事由或其文书编号：H；事由与时间不符，即以“目的已实现”“保存期满”销毁时本届尚未结束，或以“误登”销毁的条目已有决定性事件为据：M。",
               "Restricted data erased without the signatures of registrar and discipline together: C; without a ground of the law or the number of its instrument: H; with a ground that does not fit its time (purpose achieved or retention expired while the edition is not over; recorded by mistake, while something decisive rests on the entry): M."),
    reason=("销毁不可挽回，也是毁灭证据最省事的办法。", "An erasure cannot be undone, and is the easiest way to destroy evidence."),
    caution=("早期条目可由一人签署，当时并不违反登记规则；事由是否成立须查文书。", "Entries of before could be signed by one seat, within the rules of then; whether the ground holds is in the instrument."),
    example=("申报单位单方销毁评审员的评分依据。", "An applicant alone destroys the reasons of a reviewer's score."), since=2,
)  # fmt: skip
def _erased(v: Inspected) -> Found:
    for event in v.known.of("RestrictedDataHandled", action="erased"):
        target = v.known.recorded(event.payload.target_event)
        if event.on > v.live.on or not (event in v.own or _is_of_a_participant(v, event)):
            continue
        found = _weakness(v, event)
        if found is not None and target is not None:
            severity, zh, en = found
            case = next((t[2:] for t in target.statement.tags if t.startswith("c:")), None)
            yield Hit(
                ("event", event.id), severity, event.on, (event,), f"第 {target.position} 条的受限数据被销毁：{zh}",
                f"restricted data of entry {target.position} were erased: {en}", case, v.org(case) if case else None, event.actor,
            )  # fmt: skip


def _is_of_a_participant(v: Inspected, event: LiveEvent) -> bool:
    target = v.known.recorded(event.payload.target_event)
    return (
        target is not None
        and target.statement.type == "PrincipalRegistered"
        and target.statement.payload.principal_id in v.participants
    )


def _weakness(v: Inspected, event: LiveEvent) -> tuple[Severity, str, str] | None:
    """What is wrong with an erasure, the gravest first."""
    p, day = event.payload, recorded_day(event)
    others = {role for who in v.signers(event) if who != event.actor for role in v.roles(who, day)}
    if event.recorded.statement.role != "OPR" or "DIS" not in others:
        return "C", "未由经办与纪检共同签署", "not signed by registrar and discipline together"
    if p.ground is None or p.instrument_no is None:
        return "H", "未写明法定事由及其文书编号", "neither ground nor instrument is stated in full"
    closed = v.live.at(event.on).of("EditionClosed", edition_id=v.edition)
    if p.ground in _AFTER_THE_EDITION and not closed:
        return "M", "所称事由成立时本届应已结束", "the stated ground would hold once the edition is over"
    if p.ground == "recorded_by_mistake" and _rested_on(v, p.target_event):
        return (
            "M",
            "称系误登，而已有决定性事件以其为据",
            "said to be recorded by mistake, while something decisive rests on it",
        )
    return None


def _rested_on(v: Inspected, target: str) -> bool:
    return any(target in e.recorded.statement.causes for e in v.own if e.type in DECISIVE)


@flag(
    "RF55", "further-key-without-holder", "增发密钥未经本人", "further key without its holder", "M/H/C", "AUD",
    condition=("已有密钥的人另获登记一把密钥，其原有密钥均未签名：原密钥当时仍有效为 H，已用该密钥签署决定性事件为 C；原密钥当时均已吊销或到期为 M。",
               "A key is registered for somebody who has one, and none of theirs signed: H while one of theirs was valid, C if the new key has signed something decisive; M where all of theirs had been revoked or had expired."),
    reason=("经办与办公室据此可以他人名义评分、表决。", "With it registrar and office could score or vote in somebody's name."),
    caution=("密钥遗失后补发是常事：请向本人核实。此类密钥登记满七日后方可生效。", "Lost keys are replaced every day: ask the holder. Such a key counts seven days after its registration."),
    example=("R1 有密钥，办公室为其另登记一把，次周以之评分。", "R1 has a key; the office registers another and scores with it a week later."), companions=("RF38",), since=2,
)  # fmt: skip
def _further_keys(v: Inspected) -> Found:
    registered = sorted((e.recorded for e in v.known.of("KeyRegistered")), key=lambda e: e.position)
    for further in brought_by_others(registered, v.identities.keys):
        event = v.live.by_id(further.registration.statement.id)
        if event is not None and further.key.principal_id in v.participants:
            yield _further(v, event, further.had_one)


def _further(v: Inspected, event: LiveEvent, had_one: bool) -> Hit:
    p = event.payload
    used = [e for e in v.own if e.type in DECISIVE and any(s.keyid == p.key_id for s in e.recorded.envelope.signatures)]
    severity: Severity = ("C" if used else "H") if had_one else "M"
    day = shanghai_day(event.recorded.recorded_at)
    return Hit(
        ("person", p.principal_id), severity, event.on, (event, *(used if had_one else [])),
        f"{p.principal_id} 的增发密钥于 {day} 登记，{'其原有密钥未签名' if had_one else '其原有密钥均已失效'}{f'，已用以签署 {len(used)} 项决定性事件' if used else ''}",
        f"a further key of {p.principal_id} was registered on {day}; {'none of theirs signed' if had_one else 'all of theirs had ended'}{f'; it has signed {len(used)} decisive events' if used else ''}",
        person=p.principal_id,
    )  # fmt: skip


@flag(
    "RF59", "access-record-overdue", "查阅记录逾期未登记", "access record overdue", "M", "AUD",
    condition=("账本登记过查阅记录（AccessRecordAttested）之后，本届办理期间有超过规定天数未再登记。",
               "After the log has attested the record of visits once (AccessRecordAttested), more days than allowed passed in the edition's time without another."),
    reason=("未登记的那一段查阅记录，管数据库的人可以删改而无人能证明。", "Whoever can write the database can cut or rewrite that stretch of who read what, and nobody can prove it."),
    caution=("仅说明未按期登记，不说明有人越权查阅。从未登记过查阅记录的账本不适用。", "It says that nobody attested in time, not that anybody read what they may not. It does not apply to a log that never attested."),
    example=("3月1日登记一次，至4月20日才再登记。", "Attested on 1 March, and not again before 20 April."), thresholds=("access_record.days",), since=2,
)  # fmt: skip
def _access_record(v: Inspected) -> Found:
    attested = [e for e in v.known.of("AccessRecordAttested") if recorded_day(e) <= v.live.on]
    if not attested:
        yield Off("本账本尚未登记过查阅记录", "this log has not attested its record of visits yet")
        return
    days, opened = v.audit("access_record.days"), v.opened
    closed = v.of("EditionClosed")
    for event, following in pairwise([*sorted(attested, key=lambda e: e.position), None]):
        assert event is not None
        doubt = v.doubt(event)
        if doubt is not None:
            yield undated(event, doubt)
            continue
        overdue = recorded_day(event) + timedelta(days=days + 1)
        in_time = following is not None and recorded_day(following) < overdue
        ended = closed[-1].on if closed else v.live.on
        if in_time or opened is None or overdue > v.live.on or not opened.on <= overdue <= ended:
            continue
        yield Hit(
            ("event", event.id), "M", overdue, (event, *([following] if following is not None else [])),
            f"第 {event.position} 条之后 {days} 天内未再登记查阅记录",
            f"no record of visits was attested within {days} days after entry {event.position}",
            thresholds={"access_record.days": days},
        )  # fmt: skip
