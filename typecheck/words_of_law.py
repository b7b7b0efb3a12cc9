"""A plugin for mypy: questions put to the law, and words that are asked for among others, are those there are.

``law.reading(text, "reading.ban_runs_from", day)`` answers with one of the choices that ``readings.txt`` gives;
``law.parameter(text, "prize.mode", day)`` with the words of the catalogue of parameters; a path that neither has is an
error. ``word in ("a", "b")`` asks for words that the left side can be, as ``==`` does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from mypy.nodes import (
    CallExpr,
    ComparisonExpr,
    Expression,
    ListExpr,
    MemberExpr,
    NameExpr,
    SetExpr,
    StrExpr,
    TupleExpr,
    Var,
)
from mypy.plugin import MethodContext, MethodSigContext, Plugin, ReportConfigContext
from mypy.types import (
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    TupleType,
    Type,
    UnionType,
    flatten_nested_unions,
    get_proper_type,
)

ROOT = Path(__file__).resolve().parent.parent
# At the end: what stands first is taken off again by mypy.
sys.path.append(str(ROOT))

from ledger.regulation.parameters import PARAMETERS, ParameterSpec  # noqa: E402
from ledger.regulation.readings import READINGS  # noqa: E402

READING = "ledger.derivation.law.Law.reading"
PARAMETER = frozenset(
    {
        "ledger.derivation.law.Law.parameter",
        "ledger.derivation.law.Law.stated",
        "ledger.derivation.eligibility._Asked.parameter",
        "ledger.admission.view.View.parameter",
        "ledger.regulation.pack.Pack.parameter",
        "projections.flags.inspected.Inspected.parameter",
    }
)
CONTAINS = frozenset(f"builtins.{kind}.__contains__" for kind in ("tuple", "list", "set", "frozenset"))

#: What stands for the part of an f-string that is known at run time only.
_ANY = "\0"


def _path(context: MethodContext) -> tuple[str, Expression] | None:
    """The path that the call names, with a mark for what is filled in; None where it is no text of the code."""
    for name, expressions in zip(context.callee_arg_names, context.args, strict=True):
        if name == "path" and expressions:
            return (text, expressions[0]) if (text := _text(expressions[0])) is not None else None
    return None


def _text(expression: Expression) -> str | None:
    match expression:
        case StrExpr(value=value):
            return value
        case NameExpr(node=Var(is_final=True, final_value=str() as value)):
            return value
        case CallExpr(callee=MemberExpr(expr=StrExpr(value=""), name="join"), args=[ListExpr(items=items)]):
            return "".join(item.value if isinstance(item, StrExpr) else _ANY for item in items)
    return None


def _fits(spec: ParameterSpec, path: str) -> bool:
    """Can a path with parts filled in be one of this entry's?"""
    head, brace, rest = spec.path.partition("{")
    before, mark, after = path.partition(_ANY)
    if not mark:
        tail = rest.partition("}")[2]
        inside = path.removeprefix(head).removesuffix(tail) if brace else ""
        return path == spec.path or bool(brace and path == f"{head}{inside}{tail}" and inside)
    after = after.rpartition(_ANY)[2]
    return spec.path.startswith(before) and spec.path.endswith(after)


def _literals(context: MethodContext, words: frozenset[str] | tuple[str, ...]) -> Type:
    text = context.api.named_generic_type("builtins.str", [])
    return UnionType.make_union([LiteralType(word, text) for word in sorted(words)])


def _parameter(context: MethodContext) -> Type:
    """The answer with the words that the catalogue has for the path."""
    named = _path(context)
    if named is None:
        return context.default_return_type
    path, place = named
    fitting = [spec for spec in PARAMETERS if _fits(spec, path)]
    if not fitting:
        context.api.fail(f"No parameter has the path {path.replace(_ANY, '{…}')!r}", place)
        return context.default_return_type
    answer = get_proper_type(context.default_return_type)
    if not isinstance(answer, Instance) or not answer.args or not all(spec.words for spec in fitting):
        return context.default_return_type
    words = frozenset[str]().union(*(spec.words for spec in fitting))
    return answer.copy_modified(args=[_literals(context, words)])


def _reading(context: MethodContext) -> Type:
    """The choice as one of those that the register has."""
    named = _path(context)
    if named is None:
        return context.default_return_type
    path, place = named
    if path not in READINGS:
        context.api.fail(f"No reading has the path {path.replace(_ANY, '{…}')!r}", place)
        return context.default_return_type
    answer = get_proper_type(context.default_return_type)
    if not isinstance(answer, TupleType):
        return context.default_return_type
    return answer.copy_modified(items=[_literals(context, READINGS[path].choices), *answer.items[1:]])


def _words(kind: Type) -> frozenset[str] | None:
    """The words that a type has, None is aside; None where it is any text or something else."""
    parts = [get_proper_type(p) for p in flatten_nested_unions([kind])]
    words = [p.value for p in parts if isinstance(p, LiteralType) and isinstance(p.value, str)]
    others = [p for p in parts if not isinstance(p, LiteralType) and not isinstance(p, NoneType)]
    return frozenset(words) if words and not others else None


def _member(context: MethodSigContext) -> FunctionLike:
    """Refuses a word on one side of ``in`` that the other side never has."""
    comparison = context.context
    if isinstance(comparison, ComparisonExpr) and len(context.args) == 1 and len(context.args[0]) == 1:
        left = context.args[0][0]
        place = next((i for i, e in enumerate(comparison.operands) if e is left), None)
        if place is not None:
            _compared(context, left, comparison.operands[place + 1])
    return context.default_signature


def _compared(context: MethodSigContext, left: Expression, right: Expression) -> None:
    among = _words(_items(context.type))
    if isinstance(left, StrExpr) and among is not None and left.value not in among:
        _refuse(context, left, among)
    words = _words(context.api.get_expression_type(left))
    if words is not None and not isinstance(left, StrExpr) and isinstance(right, TupleExpr | ListExpr | SetExpr):
        for item in right.items:
            if isinstance(item, StrExpr) and item.value not in words:
                _refuse(context, item, words)


def _items(container: Type) -> Type:
    """The type of what is in a tuple, list or set."""
    proper = get_proper_type(container)
    if isinstance(proper, TupleType):
        return UnionType.make_union(proper.items)
    return proper.args[0] if isinstance(proper, Instance) and len(proper.args) == 1 else proper


def _refuse(context: MethodSigContext, item: StrExpr, words: frozenset[str]) -> None:
    """Says so, although mypy keeps to itself what it finds while it looks for ``__contains__``."""
    errors = context.api.errors  # type: ignore[attr-defined]
    kept, errors._watchers = errors._watchers, []
    context.api.fail(f"It is never {item.value!r}; it is one of {', '.join(sorted(words))}", item)
    errors._watchers = kept


class WordsOfLaw(Plugin):
    """Gives answers of the law the words there are, and looks at membership among words."""

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        if fullname == READING:
            return _reading
        return _parameter if fullname in PARAMETER else None

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        return _member if fullname in CONTAINS else None

    def report_config_data(self, ctx: ReportConfigContext) -> object:
        """What is kept of earlier runs holds for these words alone."""
        return [
            sorted((p.path, sorted(p.words)) for p in PARAMETERS),
            sorted((n, r.choices) for n, r in READINGS.items()),
        ]


def plugin(version: str) -> type[Plugin]:
    """What mypy calls."""
    return WordsOfLaw
