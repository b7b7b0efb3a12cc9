"""The pack: one version of a regulation as data, parsed strictly from TOML.

No expressions, no mini-language. A pack that does not state every parameter of the catalogue, or states one
that the catalogue does not have, fails with file, key and reason. Its identity is the SHA-256 of its bytes.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from ledger.errors import InvariantError, MalformedError
from ledger.identifiers import YEAR_MAX, YEAR_MIN
from ledger.regulation.parameters import ParameterSpec, expand, is_path
from ledger.regulation.periods import DAYS_MAX
from ledger.regulation.readings import AMBIGUITIES_MAX, GAPS_MAX, is_registered
from ledger.regulation.sense import contradiction, nonsense
from ledger.regulation.stated import Absence, Parameter, Value
from ledger.regulation.tables import Member, Table
from ledger.regulation.thresholds import wrong_threshold
from ledger.sentences import Pair, enumeration, sentence

#: A pack of the five is under 20 kB; a stranger's may be larger, but it is read whole.
PACK_LENGTH_MAX = 1_000_000

#: No legal period is longer, whatever its unit: a hundred years in months.
PERIOD_MAX = 1_200

#: No count or amount in yuan of a regulation is larger.
NUMBER_MAX = 10**12

#: Of one text nobody corrects the reading more often; an enactment states no higher number.
ENCODING_MAX = 10_000

Status = Literal["draft", "in_force", "interpretation_only", "legacy_stub"]
Transition = Literal["pinned", "latest"]
TakesEffect = Literal["on_publication", "days_after", "fixed"]
MATTERS = ("procedure", "eligibility", "money", "validity", "sanction")
_STATUS: tuple[Status, ...] = ("draft", "in_force", "interpretation_only", "legacy_stub")
_TRANSITION: tuple[Transition, ...] = ("pinned", "latest")
_TAKES_EFFECT: tuple[TakesEffect, ...] = ("on_publication", "days_after", "fixed")
_AWARD = re.compile(r"[a-z][a-z_]{0,30}", re.ASCII)
_FEN_PER_YUAN = 100

T = TypeVar("T")
W = TypeVar("W", bound=str)
#: A table of TOML as it was read, of which members are taken one by one.
_Toml = dict[str, object]


@dataclass(frozen=True, slots=True)
class AwardName:
    """An award kind in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class InForce:
    """When the text takes effect."""

    kind: TakesEffect
    days: int | None
    on: date | None
    article: str | None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """A parsed pack. ``sha256`` is the hash of its exact bytes; answers name (id, version, encoding)."""

    id: str
    version: str
    encoding: int
    status: Status
    title: str
    title_en: str
    jurisdiction: str
    jurisdiction_code: str
    doc_no: str | None
    adopted_on: date | None
    issued_on: date | None
    in_force: InForce
    text_sha256: str | None
    repeals: tuple[str, ...]
    awards: Mapping[str, AwardName]
    grounds: tuple[str, ...]
    transition: Mapping[str, Transition]
    parameters: Mapping[str, Parameter]
    audit: Mapping[str, object]
    sha256: str
    #: Parameters that the catalogue did not have yet when the pack was written.
    unasked: frozenset[str] = frozenset()
    #: What the place is called in English, where the pack says it.
    jurisdiction_en: str | None = None

    @property
    def reference(self) -> str:
        """``GZ@2022#1``: id, version and encoding as answers cite them."""
        return f"{self.id}@{self.version}#{self.encoding}"

    def parameter(self, path: str) -> Parameter:
        """The parameter at a path; a path this pack cannot have (another award kind) is silent.

        A path that no pack can have is a programming error: it would read as a text that says nothing.
        """
        stated = self.parameters.get(path)
        if stated is not None:
            return stated
        if not is_path(path):
            raise InvariantError(f"no parameter has the path {path}")
        absence = Absence.UNKNOWN if self.status in ("legacy_stub", "interpretation_only") else Absence.SILENT
        return Parameter(path, None, absence, None)


class _Reader:
    """Takes members out of TOML tables and complains with file, key and reason.

    ``accepted`` tells of a pack that a log holds already: bounds that came later do not make its bytes unreadable.
    """

    def __init__(self, file: str, *, accepted: bool = False) -> None:
        self.file, self.accepted = file, accepted

    def fail(self, key: str, told: Pair) -> MalformedError:
        return MalformedError(
            "invalid_pack",
            sentence("{file}: {key}: {told}", file=self.file, key=key, told=told),
            file=self.file,
            key=key,
        )

    def take(self, table: _Toml, key: str, kind: type[T], where: str) -> T:
        value = self.optional(table, key, kind, where)
        if value is None:
            raise self.fail(f"{where}{key}", sentence("is missing"))
        return value

    def optional(self, table: _Toml, key: str, kind: type[T], where: str) -> T | None:
        if key not in table:
            return None
        value = table.pop(key)
        # True is an int to Python, and an instant a date.
        if isinstance(value, kind) and (type(value) is kind or kind not in (int, date)):
            return value
        raise self.fail(f"{where}{key}", sentence("must be a {name}", name=kind.__name__))

    def done(self, table: _Toml, where: str) -> None:
        if table:
            key = sorted(table)[0]
            raise self.fail(f"{where}{key}", sentence("is not a member here"))


def parse_pack(data: bytes, file: str, *, accepted: bool = False) -> Pack:
    """Parse and validate pack bytes; ``file`` is the name used in messages.

    ``accepted`` is for packs that a log already holds: the catalogue of parameters may have grown since, and
    what such a pack was never asked is unknown, not an error. Its bytes stay good for ever, also where bounds that
    came later would refuse a threshold, a day, a gap or a number of theirs.
    """
    read = _Reader(file, accepted=accepted)
    if len(data) > PACK_LENGTH_MAX:
        raise read.fail("(file)", sentence("has more than {pack_length_max} bytes", pack_length_max=PACK_LENGTH_MAX))
    try:
        toml: _Toml = tomllib.loads(data.decode("utf-8", "strict"), parse_float=Decimal)
    # Beside what is no TOML: nested deeper, or with longer or larger numbers, than the interpreter reads.
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise read.fail("(file)", sentence("is not TOML in UTF-8: {error}", error=error)) from error
    head: _Toml = read.take(toml, "pack", dict, "")
    awards = _awards(read, read.take(toml, "awards", dict, ""))
    transition = _transition(read, read.take(toml, "transition", dict, ""))
    grounds = read.take(head, "grounds", list, "pack.")
    for ground in grounds:
        if not isinstance(ground, str) or not _AWARD.fullmatch(ground):
            raise read.fail("pack.grounds", sentence("{ground} is no lower-case name", ground=ground))
    status = _one_of(_STATUS, read.take(head, "status", str, "pack."))
    if status is None:
        raise read.fail("pack.status", sentence("must be one of {words}", words=enumeration(_STATUS)))
    take = read.optional if status == "legacy_stub" else read.take
    stated: _Toml = take(toml, "parameters", dict, "") or {}
    parameters = _parameters(read, stated, expand(awards, grounds), complete=status != "legacy_stub" and not accepted)
    audit = _audit(read, toml)
    read.done(toml, "")
    pack = _head(read, head, data, status, tuple(grounds), awards, transition, parameters, audit)
    read.done(head, "pack.")
    return replace(pack, unasked=frozenset(parameters) - set(stated)) if accepted and status != "legacy_stub" else pack


def _head(
    read: _Reader,
    head: _Toml,
    data: bytes,
    status: Status,
    grounds: tuple[str, ...],
    awards: Mapping[str, AwardName],
    transition: Mapping[str, Transition],
    parameters: Mapping[str, Parameter],
    audit: Mapping[str, object],
) -> Pack:
    def text(key: str) -> str:
        return read.take(head, key, str, "pack.")

    def optional(key: str, kind: type[T]) -> T | None:
        return read.optional(head, key, kind, "pack.")

    encoding = read.take(head, "encoding", int, "pack.")
    repeals = optional("repeals", list) or []
    if not all(isinstance(name, str) and name for name in repeals):
        raise read.fail("pack.repeals", sentence("must be a list of titles or document numbers"))
    if encoding < 1:
        raise read.fail("pack.encoding", sentence("starts at 1"))
    if encoding > ENCODING_MAX and not read.accepted:
        raise read.fail("pack.encoding", sentence("is at most {encoding_max}", encoding_max=ENCODING_MAX))
    pack = Pack(
        id=text("id"),
        version=text("version"),
        encoding=encoding,
        status=status,
        title=text("title"),
        title_en=text("title_en"),
        jurisdiction=text("jurisdiction"),
        jurisdiction_code=text("jurisdiction_code"),
        doc_no=optional("doc_no", str),
        adopted_on=_day(read, "pack.adopted_on", optional("adopted_on", date)),
        issued_on=_day(read, "pack.issued_on", optional("issued_on", date)),
        in_force=_in_force(read, read.take(head, "in_force", dict, "pack.")),
        text_sha256=optional("text_sha256", str),
        repeals=tuple(repeals),
        awards=awards,
        grounds=grounds,
        transition=transition,
        parameters=parameters,
        audit=audit,
        sha256=hashlib.sha256(data).hexdigest(),
        jurisdiction_en=optional("jurisdiction_en", str),
    )
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", pack.id):
        raise read.fail("pack.id", sentence("letters, digits and ._- only"))
    if status == "draft" and (pack.doc_no or pack.issued_on):
        raise read.fail(
            "pack.status",
            sentence("a draft has no document number and no date of issue"),
        )
    if status == "in_force" and not (pack.doc_no and pack.issued_on):
        raise read.fail(
            "pack.status",
            sentence("an issued text states its document number and its day of issue"),
        )
    return pack


def _one_of(words: tuple[W, ...], found: str) -> W | None:
    return next((word for word in words if word == found), None)


def _in_force(read: _Reader, table: _Toml) -> InForce:
    where = "pack.in_force."
    kind = _one_of(_TAKES_EFFECT, read.take(table, "kind", str, where))
    if kind is None:
        raise read.fail("pack.in_force.kind", sentence("on_publication, days_after or fixed"))
    days = read.take(table, "days", int, where) if kind == "days_after" else read.optional(table, "days", int, where)
    on = read.take(table, "on", date, where) if kind == "fixed" else read.optional(table, "on", date, where)
    article = read.optional(table, "article", str, where)
    rule = read.optional(table, "rule", str, where)
    read.done(table, where)
    if days is not None and not 0 <= days <= DAYS_MAX and not read.accepted:
        raise read.fail(f"{where}days", sentence("must be a whole number from 0 to {days_max}", days_max=DAYS_MAX))
    return InForce(kind, days, _day(read, f"{where}on", on), article, rule)


def _day(read: _Reader, key: str, on: date | None) -> date | None:
    """A day that the ledger can bear (``identifiers.YEAR_MIN``): from others no period is counted."""
    if on is not None and not YEAR_MIN <= on.year <= YEAR_MAX and not read.accepted:
        raise read.fail(
            key, sentence("must lie in the years {year_min} to {year_max}", year_min=YEAR_MIN, year_max=YEAR_MAX)
        )
    return on


def _audit(read: _Reader, toml: _Toml) -> _Toml:
    """Thresholds of the audit; what is odd in a pack that is accepted is told by the check that reads it."""
    audit: _Toml = read.optional(toml, "audit", dict, "") or {}
    wrong = None if read.accepted else wrong_threshold(audit)
    if wrong is not None:
        name, told = wrong
        raise read.fail(f'audit."{name}"', told)
    return audit


def _awards(read: _Reader, table: _Toml) -> dict[str, AwardName]:
    result = {}
    for kind, names in table.items():
        if not _AWARD.fullmatch(kind) or not isinstance(names, dict):
            raise read.fail(f"awards.{kind}", sentence("a lower-case name with zh and en"))
        result[kind] = AwardName(
            read.take(names, "zh", str, f"awards.{kind}."),
            read.take(names, "en", str, f"awards.{kind}."),
        )
        read.done(names, f"awards.{kind}.")
    if not result:
        raise read.fail("awards", sentence("names at least one award kind"))
    return result


def _transition(read: _Reader, table: _Toml) -> dict[str, Transition]:
    result: dict[str, Transition] = {}
    for matter in MATTERS:
        value = _one_of(_TRANSITION, read.take(table, matter, str, "transition."))
        if value is None:
            raise read.fail(f"transition.{matter}", sentence("pinned or latest"))
        result[matter] = value
    read.done(table, "transition.")
    return result


def _parameters(
    read: _Reader, stated: _Toml, specs: Mapping[str, ParameterSpec], *, complete: bool
) -> dict[str, Parameter]:
    for path in stated:
        if path not in specs:
            raise read.fail(f'parameters."{path}"', sentence("is not in the catalogue of parameters"))
    result = {}
    for path, spec in specs.items():
        leaf = stated.get(path)
        if leaf is None:
            if complete and spec.optional:
                result[path] = Parameter(path, None, Absence.SILENT, None)
                continue
            if complete:
                raise read.fail(
                    f'parameters."{path}"',
                    sentence("is missing; state a value, silent = true or unknown = true"),
                )
            result[path] = Parameter(path, None, Absence.UNKNOWN, None)
            continue
        result[path] = _leaf(read, path, spec, leaf)
    wrong = contradiction({p.path: p for p in result.values() if p.absence is None})
    if wrong is not None and complete:
        raise read.fail(f'parameters."{wrong[0]}"', sentence("does not fit the others: {why}", why=wrong[1]))
    return result


def _leaf(read: _Reader, path: str, spec: ParameterSpec, stated: object) -> Parameter:
    where = f'parameters."{path}".'
    if not isinstance(stated, dict):
        raise read.fail(
            where[:-1],
            sentence("must be a table with value, silent or unknown"),
        )
    leaf: _Toml = dict(stated)
    forms = [form for form in ("value", "silent", "unknown") if form in leaf]
    if len(forms) != 1:
        raise read.fail(
            where[:-1],
            sentence("states exactly one of value, silent, unknown"),
        )
    form = forms[0]
    must_be_cited, has_unit = form == "value", form == "value" and spec.kind in ("period", "money")
    article = (read.take if must_be_cited else read.optional)(leaf, "article", str, where)
    gap = read.optional(leaf, "gap", str, where)
    if gap is not None and not read.accepted and not all(map(is_registered, gap.split("/"))):
        raise read.fail(
            f"{where}gap",
            sentence(
                "{gap} is in neither register: G01 to G{gaps_max}, B-1 to B-{ambiguities_max}, joined by /",
                gap=gap,
                gaps_max=f"{GAPS_MAX:02}",
                ambiguities_max=AMBIGUITIES_MAX,
            ),
        )
    note = read.optional(leaf, "note", str, where)
    rule = read.optional(leaf, "rule", str, where)
    unit = (read.take if has_unit else read.optional)(leaf, "unit", str, where)
    raw = leaf.pop(form)
    read.done(leaf, where)
    if form != "value":
        if raw is not True:
            raise read.fail(where + form, sentence("can only be true"))
        return Parameter(path, None, Absence(form), article, None, gap, note, rule)
    return Parameter(path, _value(read, where + "value", spec, raw, unit), None, article, unit, gap, note, rule)


_KINDS: Mapping[str, type[object]] = {
    "int": int,
    "money": int,
    "period": int,
    "bool": bool,
    "text": str,
    "words": list,
    "tables": list,
    "table": dict,
}


def _value(read: _Reader, key: str, spec: ParameterSpec, raw: object, unit: str | None) -> Value:
    if not isinstance(raw, _KINDS[spec.kind]) or (_KINDS[spec.kind] is int and not _is_number(raw)):
        raise read.fail(key, sentence("must be a {kind}", kind=spec.kind))
    match raw:
        case bool():
            return raw
        case int():
            return _number(read, key, spec, raw, unit)
        case str():
            _words(read, key, spec, [raw])
            return raw
        case list() if spec.table is None:
            _words(read, key, spec, raw)
            if not all(isinstance(item, str) and item for item in raw):
                raise read.fail(key, sentence("must be a list of texts"))
            return tuple(raw)
        case _:
            return _tables(read, key, spec, raw)


def _is_number(raw: object) -> bool:
    return type(raw) is int and 0 <= raw <= NUMBER_MAX


def _number(read: _Reader, key: str, spec: ParameterSpec, number: int, unit: str | None) -> int:
    if spec.kind == "money":
        if unit != "yuan":
            raise read.fail(key, sentence('amounts state unit = "yuan"'))
        return number * _FEN_PER_YUAN
    if spec.kind == "period" and number > PERIOD_MAX:
        raise read.fail(key, sentence("at most {period_max}", period_max=PERIOD_MAX))
    if spec.kind == "period" and unit not in spec.units:
        raise read.fail(key, sentence("unit must be one of {words}", words=enumeration(sorted(spec.units))))
    return number


def _words(read: _Reader, key: str, spec: ParameterSpec, found: Iterable[object]) -> None:
    for word in found if spec.words else ():
        if not isinstance(word, str) or word not in spec.words:
            raise read.fail(
                key,
                _none_of(word, spec.words),
            )


def _none_of(word: object, words: Iterable[str]) -> Pair:
    return sentence("'{word}' is not one of {words}", word=word, words=enumeration(sorted(words)))


def interpreted_value(path: str, spec: ParameterSpec, value: object) -> tuple[Value, str | None]:
    """Value and unit that an interpretation gives a parameter; money is in fen, a period ``{value, unit}``.

    Raises MalformedError as for a pack's own values.
    """
    read = _Reader("RegulationInterpreted")
    if spec.kind == "money":
        if type(value) is not int or not 0 <= value <= NUMBER_MAX * _FEN_PER_YUAN:
            raise read.fail(path, sentence("must be an amount in fen"))
        return value, "yuan"
    if spec.kind == "period":
        if not isinstance(value, dict) or value.keys() != {"value", "unit"}:
            raise read.fail(path, sentence("a period is {value, unit}"))
        unit = value["unit"]
        return _value(read, path, spec, value["value"], unit), unit
    return _value(read, path, spec, value, None), None


def _tables(read: _Reader, key: str, spec: ParameterSpec, raw: object) -> Value:
    value: Value
    if isinstance(raw, list):
        value = tuple(_table(read, f"{key}[{i}]", spec, table) for i, table in enumerate(raw))
    else:
        value = _table(read, key, spec, raw)
    wrong = nonsense(key.removeprefix('parameters."').removesuffix('".value'), value)
    if wrong is not None:
        raise read.fail(key, sentence("makes no sense: {why}", why=wrong))
    return value


def _table(read: _Reader, key: str, spec: ParameterSpec, table: object) -> Table:
    if spec.table is None:
        raise InvariantError(f"{spec.path} is of tables, and the catalogue does not say of which")
    if not isinstance(table, dict):
        raise read.fail(key, sentence("must be a table"))
    for name in table:
        if name not in spec.members:
            raise read.fail(
                key, sentence("'{name}' is not one of {names}", name=name, names=enumeration(sorted(spec.members)))
            )
    result: dict[str, object] = {}
    for name, member in spec.members.items():
        if name in table:
            result[name] = _member(read, f"{key}.{name}", member, table[name])
        elif member.required:
            raise read.fail(f"{key}.{name}", sentence("is missing"))
    return spec.table(**result)


def _member(read: _Reader, key: str, member: Member, raw: object) -> object:
    match member.kind:
        case "int" | "yuan":
            most = PERIOD_MAX if key.rpartition(".")[2] in ("years", "months", "amount", "times") else NUMBER_MAX
            if member.kind == "yuan":
                most = NUMBER_MAX
            if type(raw) is not int or not 0 <= raw <= most:
                raise read.fail(key, sentence("must be a whole number from 0 to {most}", most=most))
            return raw * _FEN_PER_YUAN if member.kind == "yuan" else raw
        case "bool":
            if not isinstance(raw, bool):
                raise read.fail(key, sentence("must be true or false"))
        case "names":
            if not isinstance(raw, list) or not raw or not all(isinstance(item, str) for item in raw):
                raise read.fail(key, sentence("must be a list of names"))
            return tuple(raw)
        case "word":
            if not isinstance(raw, str) or raw not in member.words:
                raise read.fail(key, _none_of(raw, member.words))
        case "text":
            if not isinstance(raw, str) or not raw:
                raise read.fail(key, sentence("must be a text"))
    return raw
