"""Admission: every statement passes here, first its structure, then its guards. Flags are raised by readers later."""

from __future__ import annotations

from datetime import datetime, timedelta

from ledger import disclosure
from ledger.admission import form
from ledger.admission.guards import check_guards
from ledger.admission.recourse import saying_where_to_object
from ledger.admission.structure import check_overridable, check_structure
from ledger.admission.view import View, refuse
from ledger.clock import shanghai_day
from ledger.disclosure import Opening
from ledger.errors import MalformedError, NotFoundError
from ledger.events.registry import check_restricted, newest_schema
from ledger.sentences import sentence
from ledger.statement import Statement, introduced

#: A statement id is a UUIDv7 chosen by the signer; its time may differ from ours by this much at most.
CLOCK_SKEW = timedelta(minutes=10)


def check_statement(statement: Statement, origin: str, openings: dict[str, Opening], instant: datetime) -> None:
    """What needs no reading: the log, the day, and the openings beside the envelope."""
    if statement.log != origin:
        raise MalformedError(
            "wrong_log",
            sentence(
                "the statement is for log {log}, this is {origin}; sign it for this log",
                log=statement.log,
                origin=origin,
            ),
            field="log",
        )
    if statement.spec.schema != newest_schema(statement.type):
        raise MalformedError(
            "outdated_schema",
            sentence(
                "“{kind}” is signed by schema version {newest} now, not {version}",
                kind=(statement.spec.zh, statement.spec.en),
                newest=newest_schema(statement.type),
                version=statement.spec.schema,
            ),
            field="schema",
        )
    for problem in form.problems(statement, instant):
        raise problem
    today = shanghai_day(instant)
    if statement.effective_on > today or (
        statement.effective_instant is not None and statement.effective_instant > instant + CLOCK_SKEW
    ):
        raise MalformedError(
            "future_dated",
            sentence(
                "the day of the act, {effective_at}, lies after today, {today}; record an act once it has happened",
                effective_at=statement.effective_at,
                today=today,
            ),
            field="effective_at",
        )
    for pointer, opening in openings.items():
        if pointer not in statement.sd:
            raise MalformedError(
                "opening_without_commitment",
                sentence("an opening of {pointer} came without a commitment in sd", pointer=pointer),
                field=pointer,
            )
        disclosure.check(opening, statement.sd[pointer])
        check_restricted(type(statement.payload), pointer, opening.value)
        for problem in form.opening_problems(statement.spec, pointer, opening.value):
            raise problem
    missing = [pointer for pointer in statement.sd if pointer not in openings]
    if missing:
        raise MalformedError(
            "opening_missing",
            sentence(
                "the opening of {missing} must travel beside the envelope; the vault keeps it encrypted",
                missing=missing[0],
            ),
            field=missing[0],
        )


def _check_ids(view: View) -> None:
    """No id comes into being that people would take for another one of its kind."""
    for tag in introduced(view.statement.type, view.statement.tags):
        other = view.taken_for(tag)
        if other is not None:
            one, beside = tag.partition(":")[2], other.partition(":")[2]
            refuse(
                "id_looks_alike",
                "AUD",
                None,
                sentence("{one} would be taken for {beside}, which is there already", one=one, beside=beside),
                remedy=sentence("choose another id"),
                other=beside,
            )


def admit(view: View) -> None:
    """Raise unless the statement may be recorded, given everything in its consistency boundary."""
    for cause in view.statement.causes:
        if cause not in view.named:
            raise NotFoundError(
                "cause_unknown", sentence("cause {cause} is not in the log", cause=cause), field="causes"
            )
    with saying_where_to_object(view):
        check_structure(view)
    judge(view)


def judge(view: View) -> None:
    """Raise what the rules say against a statement: all of admission but signatures, roles and seats."""
    with saying_where_to_object(view):
        _check_ids(view)
        check_overridable(view.statement)
        check_guards(view)
