"""What an inquiry answers beside its rows: what was supposed, who somebody is, totals, what a list leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.cli.reading import Reader
from api.cli.terminal import Terminal
from api.inspector.answers import Row, rows_of
from api.sentences import sentence, term
from ledger.sentences import Pair, enumeration

_Teller = Callable[[Terminal, Reader, Row], None]


def tell_before(terminal: Terminal, reader: Reader, inquiry: str, value: Row) -> None:
    """What has to be read before the rows."""
    _BEFORE.get(inquiry, _nothing)(terminal, reader, value)


def tell_after(terminal: Terminal, reader: Reader, inquiry: str, value: Row) -> None:
    """What belongs to the rows and follows them."""
    _AFTER.get(inquiry, _nothing)(terminal, reader, value)


def _nothing(terminal: Terminal, reader: Reader, value: Row) -> None:
    """Most inquiries are answered by their rows."""


def _supposed(terminal: Terminal, reader: Reader, value: Row) -> None:
    """Which acts a hypothesis supposes, and that they would be refused today."""
    acts = enumeration((act["zh"], act["en"]) for act in rows_of(value, "supposed"))
    terminal.say(sentence("supposed, and not recorded: {acts}", acts=acts))
    refused = value["refused_today"]
    if isinstance(refused, Mapping):
        terminal.say(sentence("today this would be refused: {why}", why=(refused["zh"], refused["en"])))


def _not_settled(terminal: Terminal, reader: Reader, value: Row) -> None:
    for row in rows_of(value, "not_settled"):
        terminal.say(sentence("not settled: {what}", what=reader.one_line(row)))


def _person(terminal: Terminal, reader: Reader, value: Row) -> None:
    """In which roles somebody acts, since when and until when."""
    terminal.say(sentence("{name}:", name=reader.names.principal(str(value["person"]))))
    for role in rows_of(value, "roles"):
        since = sentence("{role} since {day}", role=reader.text(role["role"], "role"), day=role["from"])
        until = role["withdrawn_on"] or role["until"]
        terminal.say(
            sentence("  {what}", what=sentence("{told}, until {day}", told=since, day=until) if until else since)
        )


def _pair(terminal: Terminal, reader: Reader, value: Row) -> None:
    person, org = (reader.names.principal(str(value[name])) for name in ("person", "org"))
    terminal.say(sentence("{one} and {other}:", one=person, other=org))


def _governing(terminal: Terminal, reader: Reader, value: Row) -> None:
    """Which version an edition is bound to, and which is in force."""
    terminal.say(sentence("bound to {text}", text=reader.text(value["pinned"])))
    terminal.say(sentence("in force: {text}", text=reader.text(value["in_force"])))


def _scores(terminal: Terminal, reader: Reader, value: Row) -> None:
    """Means per case and stage, and scores that do not count."""
    stages = value["stages"]
    rows: list[tuple[str, ...]] = []
    void: list[tuple[str, Row]] = []
    for stage, told in stages.items() if isinstance(stages, Mapping) else ():
        named = reader.text(stage, "stage")
        for case, figures in told["cases"].items():
            told_figures = (reader.text(figures[name], name) for name in _FIGURES)
            rows.append((named, reader.say(reader.names.case(case)), *told_figures))
        void += [(named, row) for row in rows_of(told, "void")]
    if rows:
        terminal.line("")
        heads = [
            term("head of a column", "stage"),
            term("head of a column", "case"),
            *(_head(reader, name) for name in _FIGURES),
        ]
        terminal.table(heads, rows, right=(False, False, *(True for _ in _FIGURES)))
    for named, row in void:
        terminal.say(
            sentence(
                "does not count: {stage}, {case}, {reviewer}: {total}",
                stage=named,
                case=reader.names.case(str(row["case"])),
                reviewer=reader.names.principal(str(row["reviewer"])),
                total=row["total"],
            )
        )


#: Figures of a case that are told: of how many scores, and what they come to.
_FIGURES = ("count", "mean", "median", "sd", "combined")


def _head(reader: Reader, name: str) -> Pair:
    told = reader.label(name)
    return told, told


def _money(terminal: Terminal, reader: Reader, value: Row) -> None:
    """Totals, what cannot be told, and whether accounts agree."""
    totals = value["totals"]
    if isinstance(totals, Mapping):
        told = enumeration(f"{reader.label(name)} {reader.text(amount, name)}" for name, amount in totals.items())
        terminal.say(sentence("in all: {totals}", totals=told))
    for row in rows_of(value, "undetermined"):
        terminal.say(sentence("cannot be told: {what}", what=reader.one_line(row)))
    if value["balanced"] is not True:
        terminal.say(sentence("the accounts do not agree"))


def _flags(terminal: Terminal, reader: Reader, value: Row) -> None:
    """Editions whose flags could not be told."""
    for row in rows_of(value, "not_derivable"):
        terminal.say(sentence("cannot be told: {what}", what=reader.one_line(row)))


def _difference(terminal: Terminal, reader: Reader, value: Row) -> None:
    """Members of long answers that are not in the list."""
    left = sum(int(str(row["members_left_out"])) for row in rows_of(value, "changed"))
    if left:
        terminal.say(sentence("  {count} more members differ; --json has both answers whole", count=left))


_BEFORE: Mapping[str, _Teller] = {
    "governing": _governing,
    "pair": _pair,
    "person": _person,
    "what-if": _supposed,
}
_AFTER: Mapping[str, _Teller] = {
    "difference": _difference,
    "flags": _flags,
    "money": _money,
    "scores": _scores,
    "what-if": _not_settled,
}
