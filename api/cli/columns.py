"""The columns in which people read the rows of each inquiry; everything else of a row is in ``--json``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.inspector.answers import Row, rows_of
from api.sentences import sentence, term
from ledger.sentences import Pair, enumeration
from projections.inquiry.accounts import AMOUNTS
from projections.tracing import way_in_words

Cell = Callable[[Reader, Row], str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what it shows of a row, and whether that stands to the right, as amounts do."""

    head: Callable[[Reader], str]
    cell: Cell
    right: bool = False
    #: The member whose amounts these are: the column is left out where all of them are zero.
    amount: str | None = None


def tell_rows(
    terminal: Terminal,
    columns: Sequence[Column],
    rows: Iterable[Row],
    reader_of: Callable[[Row], Reader],
    *,
    indent: str = "",
) -> None:
    """Rows as a table, each as whoever knows the names of its log reads it; or that there are none."""
    told = [(reader_of(row), row) for row in rows]
    if not told:
        terminal.say(sentence("nothing"))
        return
    columns = [c for c in columns if c.amount is None or any(row.get(c.amount) for _, row in told)]
    heads = [(head, head) for head in (column.head(told[0][0]) for column in columns)]
    cells = [[column.cell(reader, row) for column in columns] for reader, row in told]
    terminal.table(heads, cells, right=[column.right for column in columns], indent=indent)


def _member(path: str, head: Pair | None = None, *, right: bool = False, of: str = "") -> Column:
    """A member of a row, or of a member of it (``value.end``); its head is the member's name, unless given."""
    name = path.rpartition(".")[2]

    def cell(reader: Reader, row: Row) -> str:
        return reader.one_line(_at(row, path), name, of)

    return Column(lambda reader: reader.label(name) if head is None else reader.say(head), cell, right)


def _at(row: Row, path: str) -> object:
    value: object = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _amount(name: str) -> Column:
    return replace(_member(name, right=True), amount=name)


def _number(path: str, head: Pair | None = None) -> Column:
    return _member(path, head, right=True)


def _column(head: Pair, cell: Cell, *, right: bool = False) -> Column:
    return Column(lambda reader: reader.say(head), cell, right)


def _told(row: Row) -> Pair:
    return str(row.get("zh", "")), str(row.get("en", ""))


def _found(reader: Reader, row: Row) -> str:
    return reader.flagged(str(row["flag"]), _told(row), row.get("person"))


def _fact(reader: Reader, row: Row) -> str:
    return reader.fact(str(row["fact"]))


def _place(reader: Reader, row: Row) -> str:
    return reader.place(str(row["path"]), row["after"] if row["before"] is None else row["before"])


def _before(reader: Reader, row: Row) -> str:
    return reader.at_path(row["before"], str(row["path"]), str(row.get("fact", ""))) or "—"


def _after(reader: Reader, row: Row) -> str:
    return reader.at_path(row["after"], str(row["path"]), str(row.get("fact", ""))) or "—"


def _subject(reader: Reader, row: Row) -> str:
    return reader.say(reader.names.subject(str(row["kind"]), str(row["subject"])))


def _act(reader: Reader, row: Row) -> str:
    return reader.label(str(row["type"] if "type" in row else row["of_type"]))


def _day(reader: Reader, row: Row) -> str:
    return str(row["effective_at"])[:10]


def _who(reader: Reader, row: Row) -> str:
    return reader.say(reader.names.principal(str(row["actor"]), str(row["role"])))


def _link(reader: Reader, row: Row) -> str:
    """How an entry of a trace belongs to it; what it has in common with another by its name."""
    via = str(row["via"])
    way = way_in_words(via)
    kind, _, name = via.removeprefix("same ").partition(":")
    if via == "asked" or way is None:
        return ""
    if not via.startswith("same "):
        return reader.say(way)
    subject = {"c": "case", "a": "award"}.get(kind, "")
    return reader.say(sentence("{what}: {name}", what=way, name=reader.names.subject(subject, name)))


def _next(reader: Reader, row: Row) -> str:
    """What comes next for a case, or why nothing does."""
    value = row.get("value")
    if isinstance(value, Mapping):
        return reader.say(_told(value))
    return reader.one_line(row.get(str(row["state"])))


def _deadline(reader: Reader, row: Row) -> str:
    return reader.one_line(_at(row, "value.deadline") or _at(row, "value.deadline_note"), "deadline")


def _standing(reader: Reader, row: Row) -> str:
    """How an award stands, and why nothing can be said where nothing can."""
    if row["state"] == "value":
        return reader.one_line(row["status"], "status", "award.status")
    return reader.one_line(row.get(str(row["state"])))


def _parameter(reader: Reader, row: Row) -> str:
    return reader.parameter(str(row["path"]))


def _stated(reader: Reader, row: Row) -> str:
    """The value of a parameter, or why there is none."""
    return _value_of(reader, row, "value", "absence")


def _governed(reader: Reader, row: Row) -> str:
    """Another version than the one that the edition is bound to."""
    return "" if row["governed_by"] == row.get("pinned") else reader.one_line(row["governed_by"])


def _value_of(reader: Reader, row: Row, value: str, absence: str) -> str:
    if row[value] is None:
        return reader.one_line(row.get(absence), "absence")
    return reader.one_line(row[value], of=str(row["path"]), path=str(row["path"]))


def _read_so(reader: Reader, row: Row) -> str:
    readings = row["readings"]
    return reader.one_line(readings, "readings") if readings else ""


_ENTRY = _number("position", term("head of a column", "no."))
_HAPPENED = _column(term("head of a column", "day"), _day)
_ACT = _column(term("head of a column", "act"), _act)
_WHAT = term("of a change", "what")
#: The members of an answer that differ.
CHANGE = (
    _column(_WHAT, _place),
    _column(term("head of a column", "before"), _before),
    _column(term("head of a column", "after"), _after),
)
#: The steps of a trace: which entry, what was done, by whom, on what ground, and how it belongs to what was asked.
STEPS = (
    _ENTRY,
    _HAPPENED,
    _ACT,
    _column(term("head of a column", "by"), _who),
    _member("basis", term("head of a column", "basis")),
    _column(term("head of a column", "how it belongs here"), _link),
)
_ACTS = (
    _ENTRY,
    _HAPPENED,
    _ACT,
    _member("how", term("of an act", "how")),
    _member("role"),
    _member("cases", term("head of a column", "cases")),
    _member("orgs", term("head of a column", "organisations")),
    _member("basis", term("head of a column", "basis")),
    _member("override"),
)
_FLAGS = (
    _member("flag", term("head of a column", "flag")),
    _member("severity"),
    _member("outcome"),
    _column(term("of a flag", "what"), _found),
    _member("org"),
    _member("since", term("head of a column", "since")),
    _member("state", of="edition.flags"),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "flags": _FLAGS,
    "trace": (_ENTRY, _member("part", term("head of a column", "part")), *STEPS[1:]),
    "difference": (_column(term("head of a column", "fact"), _fact), *CHANGE, _member("causes")),
    "what-if": (
        _column(term("head of a column", "subject"), _subject),
        _column(term("head of a column", "fact"), _fact),
        *CHANGE,
    ),
    "who-knew": (
        _member("person", term("head of a column", "who")),
        _member("how", term("of knowledge", "how")),
        _member("at", term("head of a column", "when")),
        _ENTRY,
        _ACT,
        _member("acted"),
        _member("before_the_act"),
        _number("ways"),
    ),
    "person": _ACTS,
    "pair": _ACTS,
    "four-eyes": (_ACT, _member("originator"), _member("countersigner"), _number("times")),
    "pairings": (
        _member("person"),
        _member("org"),
        _member("editions", term("head of a column", "editions")),
        _member("cases", term("head of a column", "cases")),
        _member("won", term("head of a column", "won")),
    ),
    "scores": (
        _member("stage"),
        _member("case"),
        _member("reviewer"),
        _number("total"),
        _number("full"),
        _member("items", term("head of a column", "items")),
        _column(
            term("head of a column", "sealed"),
            lambda reader, row: reader.say(term("head of a column", "sealed")) if row["needs_opening"] else "",
        ),
    ),
    "money": (
        _member("org"),
        _member("edition"),
        *map(_amount, AMOUNTS),
        _member("award_id"),
    ),
    "next-steps": (
        _member("case"),
        _column(term("head of a column", "next step"), _next),
        _member("value.signed_by", term("head of a column", "by")),
        _column(term("head of a column", "deadline"), _deadline),
        _member("value.missing", term("head of a column", "missing")),
        _member("value.blocked_by", term("head of a column", "blocked by")),
        _member("value.article", term("head of a column", "basis")),
    ),
    "duties": (
        _member("org"),
        _member("duty"),
        _member("period"),
        _member("due"),
        _member("state", of="award.duties"),
        _member("fulfilled_by"),
        _member("article"),
        _member("award_id"),
    ),
    "reviewers": (
        _member("person", term("head of a column", "who")),
        _member("state", of="case.reviewers"),
        _member("free", term("of a reviewer", "on no panel yet")),
    ),
    "holders": (
        _member("org"),
        _member("value.award", term("head of a column", "award")),
        _member("value.edition", term("head of a column", "edition")),
        _column(term("head of a column", "status"), _standing),
        _member("value.granted_on", term("head of a column", "granted")),
        _member("value.valid_until", term("head of a column", "valid until")),
        _member("value.ground", term("head of a column", "ground")),
        _member("award_id"),
    ),
    "notices": (
        _member("notice_id"),
        _member("kind", of="PublicNoticeOpened"),
        _member("edition"),
        _member("cases", term("head of a column", "cases")),
        _member("opened_on"),
        _member("promised_end"),
        _member("value.end", term("head of a column", "last day by the text")),
        _member("notice_state"),
        _member("contact"),
        _member("channels"),
    ),
    "statistics": (
        _member("edition"),
        _number("applications"),
        _number("ineligible"),
        _number("awards"),
        _number("revoked"),
        _number("set_aside"),
        _amount("prize_paid"),
        _amount("clawback_received"),
    ),
    "governing": (
        _column(term("head of a column", "matter regulated"), _parameter),
        _column(term("head of a column", "value"), _stated),
        _member("articles"),
        _column(term("head of a column", "readings"), _read_so),
        _column(term("head of a column", "by another version"), _governed),
    ),
    "text-change": (
        _column(term("head of a column", "matter regulated"), _parameter),
        _column(
            term("head of a column", "before"), lambda reader, row: _value_of(reader, row, "before", "before_absence")
        ),
        _column(
            term("head of a column", "after"), lambda reader, row: _value_of(reader, row, "after", "after_absence")
        ),
        _member("articles"),
    ),
}

#: The rows of several logs, by what is looked for.
ACROSS: dict[str, tuple[Column, ...]] = {
    "flags": (_member("log"), *_FLAGS),
    "organisation": (
        _member("log"),
        _member("name", term("head of a column", "registered name")),
        _column(term("head of a column", "awards"), lambda reader, row: _awards(reader, row)),
        _column(term("head of a column", "banned"), lambda reader, row: _banned(reader, row)),
    ),
    "patterns": (
        _member("uscc"),
        _number("logs", term("head of a column", "logs")),
        _column(term("head of a column", "in each log"), lambda reader, row: _counts(reader, row)),
    ),
}


def _awards(reader: Reader, row: Row) -> str:
    """The awards of an organisation, each with how it stands."""
    standing = _at(row, "standing.value")
    told = [
        sentence("{award}: {standing}", award=award["award_id"], standing=_award(reader, award))
        for award in (rows_of(standing, "awards") if isinstance(standing, Mapping) else [])
    ]
    return reader.say(enumeration(told, term("between values", "; "))) if told else reader.say(sentence("none"))


def _award(reader: Reader, award: Row) -> str:
    status = _at(award, "value.status")
    return reader.one_line(status, "status", "award.status") or reader.one_line(award.get(str(award["state"])))


def _banned(reader: Reader, row: Row) -> str:
    """Until when an organisation may not apply; why nothing can be said where nothing can."""
    state = str(_at(row, "bans.state"))
    if state != "value":
        return reader.one_line(_at(row, f"bans.{state}"))
    last = _at(row, "bans.value.last_day")
    if _at(row, "bans.value.banned") is not True:
        return reader.say(sentence("no"))
    return reader.say(sentence("until {day}", day=last) if last else sentence("yes"))


def _counts(reader: Reader, row: Row) -> str:
    """Per log the name of the organisation, and how often each of what is counted has happened to it."""
    told = []
    for place in rows_of(row, "places"):
        counted = (f"{reader.label(k)} {v}" for k, v in place.items() if k not in ("log", "org", "name") and v)
        told.append(sentence("{name} ({number})", name=place["name"], number=enumeration([place["log"], *counted])))
    return reader.say(enumeration(told, term("between values", "; ")))
