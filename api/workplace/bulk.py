"""Many acts of one type from a file of cells: its page, an empty file to fill in, and what a filled one says."""

from __future__ import annotations

from datetime import date

from api.cells.columns import heads_of, members_of
from api.cells.reading import read_file
from api.cells.table import COLUMNS_MAX, FILE_MAX, ROWS_MAX
from api.cells.values import Names
from api.cells.writing import written
from api.home.open_logs import OpenLog
from api.sentences import sentence
from api.workplace.sheets import Desk, Sheet
from api.workplace.signing import signing_context
from api.workplace.visitors import Visitor, may_record, require
from ledger.clock import shanghai_day, system_clock
from ledger.derivation.words import word
from ledger.errors import NotFoundError
from ledger.events.registry import Payload
from ledger.events.vocabulary import EVENTS
from projections.as_of import state
from projections.slices import global_history


def bulk(d: Desk, topic: str) -> Sheet:
    """The page: what the columns are, a file to fill in, and the place to give it back."""
    require(topic in may_record(d.visitor), sentence("this type of act"))
    spec = EVENTS[topic].SPEC
    members = list(members_of(EVENTS[topic]).values())
    context = signing_context(d) | {"topic": topic, "schema": spec.schema}
    roles = sorted({s.originator for s in spec.seats} & d.visitor.roles)
    limits = {"rows": ROWS_MAX, "columns": COLUMNS_MAX, "megabytes": FILE_MAX // 1_000_000}
    return Sheet(
        d.say(sentence("From a file: {act}", act=(spec.zh, spec.en))),
        template="bulk.html",
        context={"context": context, "members": members, "roles": roles, "topic": topic, "limits": limits},
    )


def template(visitor: Visitor, topic: str, language: str) -> bytes:
    """An empty file with the heads of an event type, in a language."""
    if topic not in EVENTS:
        raise NotFoundError("path_unknown", sentence("no such page"))
    require(topic in may_record(visitor), sentence("this type of act"))
    return written(heads_of(EVENTS[topic], language), [])


def read_rows(log: OpenLog, visitor: Visitor, topic: str, data: bytes) -> dict[str, object]:
    """What a file says: how it was read, and per row its values or what is wrong. Nothing is recorded."""
    if topic not in EVENTS:
        raise NotFoundError("unknown_type", sentence("no event type “{topic}”", topic=topic[:60]))
    require(
        topic in may_record(visitor), sentence("to record {act}", act=(EVENTS[topic].SPEC.zh, EVENTS[topic].SPEC.en))
    )
    return read_file(data, EVENTS[topic], _names(log, shanghai_day(system_clock()), EVENTS[topic])).to_json()


def _names(log: OpenLog, on: date, cls: type[Payload]) -> Names:
    """Names of award kinds and grounds in the text in force, by the members that hold them."""
    size = log.ledger.size()
    _, law = state(global_history(log.ledger, size), log.ledger.packs(), on, size)
    version = law.in_force(on)
    if version is None:
        return {}
    kinds = {kind: (name.zh, name.en) for kind, name in version.pack.awards.items()}
    grounds = {ground: word(ground, "ground") for ground in version.pack.grounds}
    enumerated = {n for n, m in members_of(cls).items() if "enum" in m.resolved()}
    return {n: names for n, names in (("award", kinds), ("awards", kinds), ("ground", grounds)) if n not in enumerated}
