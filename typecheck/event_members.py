"""A plugin for mypy: ``live.of(AwardGranted, award_id=…)`` takes members of that event class, each with its own type.

Without it every keyword is an object, and a misspelt member is found at run time only, where an event of that class
is met. The classes are those that stand in the call by name; of several, a member has to be in all of them. Where one
does not stand there by name, members cannot be asked for.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.nodes import (
    ARG_NAMED,
    ARG_NAMED_OPT,
    ARG_STAR2,
    CallExpr,
    Decorator,
    Expression,
    RefExpr,
    StarExpr,
    SymbolNode,
    TypeInfo,
    Var,
)
from mypy.plugin import MethodSigContext, Plugin
from mypy.types import CallableType, FunctionLike, Type, UnionType

#: Methods whose keywords are members of the event classes that stand before them.
METHODS = frozenset(
    {
        "ledger.derivation.history.Live.of",
        "ledger.derivation.history.Live.last",
        "ledger.derivation.history.Live.known_of",
        "projections.flags.inspected.Inspected.of",
    }
)


def _class_of(expression: Expression) -> TypeInfo | None:
    return expression.node if isinstance(expression, RefExpr) and isinstance(expression.node, TypeInfo) else None


def _type_of(node: SymbolNode | None) -> Type | None:
    """The type of a member or of a property, for which one asks as for a member."""
    if isinstance(node, Decorator) and node.var.is_property and isinstance(node.type, CallableType):
        return node.type.ret_type
    return node.type if isinstance(node, Var) else None


def _members(kind: TypeInfo) -> dict[str, Type]:
    found: dict[str, Type] = {}
    for base in reversed(kind.mro):
        for name, symbol in base.names.items():
            type_ = _type_of(symbol.node)
            if type_ is not None and not name.startswith("_"):
                found[name] = type_
    return found


def _of_its_members(context: MethodSigContext) -> FunctionLike:
    """The method's signature with the members of the named classes in place of ``**members``."""
    signature = context.default_signature
    if ARG_STAR2 not in signature.arg_kinds:
        return signature
    named = [e for formal in context.args[: signature.arg_kinds.index(ARG_STAR2)] for e in formal]
    kinds = [_class_of(e) for e in named if not isinstance(e, StarExpr)]
    if not kinds or None in kinds or len(kinds) < len(named):
        if isinstance(context.context, CallExpr) and ARG_NAMED in context.context.arg_kinds:
            context.api.fail("Members are asked for of event classes that are named in the call", context.context)
        return signature
    members = [_members(kind) for kind in kinds if kind is not None]
    common = [name for name in members[0] if all(name in other for other in members)]
    place = signature.arg_kinds.index(ARG_STAR2)
    return signature.copy_modified(
        arg_names=[*signature.arg_names[:place], *common],
        arg_kinds=[*signature.arg_kinds[:place], *(ARG_NAMED_OPT for _ in common)],
        arg_types=[
            *signature.arg_types[:place],
            *(UnionType.make_union([other[name] for other in members]) for name in common),
        ],
    )


class EventMembers(Plugin):
    """Gives the methods above the keywords of their event classes."""

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        return _of_its_members if fullname in METHODS else None


def plugin(version: str) -> type[Plugin]:
    """What mypy calls."""
    return EventMembers
