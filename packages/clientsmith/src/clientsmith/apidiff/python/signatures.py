"""Signatures: parameters by name, position, default and type, and what comes back."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from ..difference import Kind
from .comparison import Comparison, contrasted, shown, shown_type, written, written_type
from .facts import Class, Function, Parameter, ParameterKind, Signature
from .types import NONE, Named, Type, united
from .variance import Relation, is_only_more_literals

__all__ = ["Callee", "compare_returns", "compare_signatures"]


@dataclass(frozen=True, slots=True)
class Callee:
    """What is called: how users name it, and where its annotations are read."""

    subject: str
    module: str
    scope: Class | None = None
    skip_first: bool = False  # ``self`` or ``cls``


def compare_signatures(comparison: Comparison, old: Signature, new: Signature, before: Callee, after: Callee) -> None:
    """Tell what is other about the parameters: gone, new, renamed, moved, of another kind, default or type."""
    olds, news = _parameters(old, before), _parameters(new, after)
    names = {one.name: one for one in news if not one.kind.is_variadic}
    old_names = {one.name for one in olds if not one.kind.is_variadic}
    renamed = _renamed(olds, news)
    variadic = {one.kind for one in news if one.kind.is_variadic}
    for one in olds:
        where = comparison.old.place(before.module, one.line), comparison.new.place(after.module, new.line)
        subject = f"{before.subject}({one.name})"
        if one.kind.is_variadic:
            if one.kind not in variadic:
                star = "*" if one.kind is ParameterKind.VAR_POSITIONAL else "**"
                comparison.tell("variadic-removed", subject, f"does not take {star}{one.name} any more", *where)
            else:
                other = next(other for other in news if other.kind is one.kind)
                _compare_parameter_types(comparison, one, other, before, after, subject)
        elif one.name in names:
            _compare_parameter(comparison, one, names[one.name], before, after)
        elif one.name in renamed:
            other = renamed[one.name]
            if one.kind is ParameterKind.NORMAL:
                where = where[0], comparison.new.place(after.module, other.line)
                comparison.tell("parameter-renamed", subject, f"has another name: {other.name}", *where)
            _compare_parameter(comparison, one, other, before, after, subject)
        elif ParameterKind.VAR_KEYWORD in variadic and one.kind is ParameterKind.KEYWORD_ONLY:
            comparison.tell("parameter-swallowed", subject, "is not named any more; **kwargs takes it", *where)
        elif ParameterKind.VAR_POSITIONAL in variadic and one.kind is ParameterKind.POSITIONAL_ONLY:
            continue
        else:
            comparison.tell("parameter-removed", subject, f"is gone; it was {one.kind.value}", *where)
    _tell_moved(comparison, olds, news, before, after)
    taken = old_names | {other.name for other in renamed.values()}
    _tell_added(comparison, olds, [one for one in news if one.name not in taken], news, old, before, after)


def _parameters(signature: Signature, callee: Callee) -> list[Parameter]:
    parameters = signature.parameters
    if callee.skip_first and parameters and parameters[0].kind.takes_position:
        parameters = parameters[1:]
    # What begins with an underscore is not for callers, unless it must be given; two of them mean positional-only.
    return [one for one in parameters if not one.name.startswith("_") or one.is_required or one.kind.is_variadic]


def _renamed(olds: Sequence[Parameter], news: Sequence[Parameter]) -> dict[str, Parameter]:
    """Pair what is gone with what is new on the same place, of the same kind and the same type."""
    known, kept = {one.name for one in olds}, {one.name for one in news}
    pairs: dict[str, Parameter] = {}
    before = [one for one in olds if one.kind.takes_position]
    after = [one for one in news if one.kind.takes_position]
    for one, other in zip(before, after, strict=False):
        if one.name in kept or other.name in known or one.is_required != other.is_required:
            continue
        same_type = written_type(one.annotation) == written_type(other.annotation)
        if same_type or one.kind is ParameterKind.POSITIONAL_ONLY:
            pairs[one.name] = other
    return pairs


def _compare_parameter(
    comparison: Comparison, old: Parameter, new: Parameter, before: Callee, after: Callee, subject: str = ""
) -> None:
    subject = subject or f"{before.subject}({old.name})"
    where = comparison.old.place(before.module, old.line), comparison.new.place(after.module, new.line)
    position_lost = old.kind.takes_position and not new.kind.takes_position
    keyword_lost = old.kind.takes_keyword and not new.kind.takes_keyword and not old.name.startswith("__")
    if old.name.startswith("__") and old.kind is ParameterKind.NORMAL:
        position_lost = position_lost and not new.kind.takes_position
    if position_lost or keyword_lost:
        comparison.tell("parameter-kind-changed", subject, f"was {old.kind.value}, is {new.kind.value}", *where)
    elif old.kind is not new.kind and not old.name.startswith("__"):
        comparison.tell("parameter-kind-widened", subject, f"was {old.kind.value}, is {new.kind.value}", *where)
    if new.is_required and not old.is_required:
        message = f"must be given now; its default was {shown(old.default)}"
        comparison.tell("parameter-became-required", subject, message, *where)
    elif old.is_required and not new.is_required:
        comparison.tell(
            "parameter-became-optional", subject, f"may be left out; its default is {shown(new.default)}", *where
        )
    elif old.default is not None and new.default is not None and written(old.default) != written(new.default):
        _compare_defaults(comparison, old.default, new.default, subject, where)
    _compare_parameter_types(comparison, old, new, before, after, subject)


def _compare_defaults(
    comparison: Comparison, old: ast.expr, new: ast.expr, subject: str, where: tuple[object, object]
) -> None:
    values = _plain_value(old), _plain_value(new)
    if None not in values and values[0] == values[1]:
        return  # another spelling of one value
    texts = contrasted(written(old), written(new))
    message = f"its default was {texts[0]}, is {texts[1]}"
    # A name may be a marker for "not given": that nothing else happens is as likely as not.
    kind = Kind.FIX if None in values else None
    comparison.tell("parameter-default-changed", subject, message, *where, kind=kind)  # type: ignore[arg-type]


def _plain_value(expression: ast.expr) -> tuple[str, object] | None:
    try:
        value = ast.literal_eval(expression)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return type(value).__name__, value


def _compare_parameter_types(
    comparison: Comparison, old: Parameter, new: Parameter, before: Callee, after: Callee, subject: str
) -> None:
    if written_type(old.annotation) == written_type(new.annotation) or (
        old.annotation is None and new.annotation is None
    ):
        return
    was = comparison.old.read(old.annotation, before.module, before.scope).type
    now = comparison.new.read(new.annotation, after.module, after.scope).type
    was, now = _with_default(was, old), _with_default(now, new)
    where = comparison.old.place(before.module, old.line), comparison.new.place(after.module, new.line)
    texts = contrasted(written_type(old.annotation), written_type(new.annotation))
    message = f"its type was {texts[0]}, is {texts[1]}"
    if old.annotation is None:
        message = f"had no type, has {shown_type(new.annotation)}"
    match comparison.variance.relation(was, now):
        case Relation.NARROWER:
            comparison.tell("parameter-type-narrowed", subject, message, *where)
        case Relation.WIDER:
            comparison.tell("parameter-type-widened", subject, message, *where)
        case Relation.OTHER:
            comparison.tell("parameter-type-changed", subject, message, *where)
        case Relation.UNKNOWN:
            comparison.tell("type-changed", subject, message, *where)
        case Relation.SAME:
            pass


def _with_default(type_: Type, parameter: Parameter) -> Type:
    """``x: int = None`` takes None, whatever it says."""
    is_none = isinstance(parameter.default, ast.Constant) and parameter.default.value is None
    if is_none and type_ != Named("Any"):
        return united(type_, NONE)
    return type_


def _tell_moved(
    comparison: Comparison, olds: Sequence[Parameter], news: Sequence[Parameter], before: Callee, after: Callee
) -> None:
    both = {one.name for one in olds if one.kind.takes_position} & {one.name for one in news if one.kind.takes_position}
    was = [one for one in olds if one.name in both]
    now = [one for one in news if one.name in both]
    for place, (one, other) in enumerate(zip(was, now, strict=True)):
        if one.name != other.name:
            to = next(index for index, candidate in enumerate(now) if candidate.name == one.name)
            where = comparison.old.place(before.module, one.line), comparison.new.place(after.module, now[to].line)
            message = f"was parameter {place + 1} of those passed by position, is {to + 1}"
            comparison.tell("parameter-moved", f"{before.subject}({one.name})", message, *where)


def _tell_added(
    comparison: Comparison,
    olds: Sequence[Parameter],
    added: Sequence[Parameter],
    news: Sequence[Parameter],
    old: Signature,
    before: Callee,
    after: Callee,
) -> None:
    known = {one.name for one in olds if one.kind.takes_position}
    variadic = {one.kind for one in olds if one.kind.is_variadic}
    for one in added:
        where = comparison.old.place(before.module, old.line), comparison.new.place(after.module, one.line)
        subject = f"{after.subject}({one.name})"
        if one.kind.is_variadic:
            if one.kind not in variadic:
                star = "*" if one.kind is ParameterKind.VAR_POSITIONAL else "**"
                comparison.tell("variadic-added", subject, f"takes {star}{one.name}", *where)
            continue
        following = news[list(news).index(one) + 1 :]
        is_before = one.kind.takes_position and any(
            other.name in known and other.kind.takes_position for other in following
        )
        if one.is_required:
            comparison.tell("parameter-added-required", subject, f"is new and must be given ({one.kind.value})", *where)
        elif is_before:
            after_it = next(other.name for other in following if other.name in known)
            message = f"is new and stands before {after_it}, which was passed by that position"
            comparison.tell("parameter-inserted", subject, message, *where)
        else:
            comparison.tell("parameter-added", subject, f"is new; its default is {shown(one.default)}", *where)


# --- what comes back -------------------------------------------------------------------------------------------------


def compare_returns(
    comparison: Comparison,
    old: Function,
    new: Function,
    one: Signature,
    other: Signature,
    before: Callee,
    after: Callee,
) -> None:
    if one.returns is None or written_type(one.returns) == written_type(other.returns):
        return
    was = _awaited(comparison.old.read(one.returns, before.module, before.scope).type, old)
    now = _awaited(comparison.new.read(other.returns, after.module, after.scope).type, new)
    where = comparison.old.place(old.module, one.line), comparison.new.place(new.module, other.line)
    texts = contrasted(written_type(one.returns), written_type(other.returns))
    message = f"returned {texts[0]}, returns {texts[1]}"
    subject = before.subject
    match comparison.variance.relation(was, now):
        case Relation.NARROWER:
            comparison.tell("return-type-narrowed", subject, message, *where)
        case Relation.WIDER if is_only_more_literals(was, now):
            comparison.tell("literal-value-added", subject, message, *where)
        case Relation.WIDER | Relation.OTHER if was == NONE:
            comparison.tell("return-value-added", subject, message, *where)
        case Relation.WIDER | Relation.OTHER:
            comparison.tell("return-type-changed", subject, message, *where)
        case Relation.UNKNOWN:
            comparison.tell("type-changed", subject, message, *where)
        case Relation.SAME:
            pass


def _awaited(type_: Type, function: Function) -> Type:
    """``async def f() -> T`` and ``def f() -> Awaitable[T]`` give the same."""
    if not function.is_async and isinstance(type_, Named) and type_.arguments:
        if type_.key == "Awaitable":
            return type_.arguments[0]
        if type_.key == "Coroutine" and len(type_.arguments) == 3:
            return type_.arguments[2]
    return type_
