"""Functions, methods and properties: how they are called, and what they promise beside their signature."""

from __future__ import annotations

import ast

from ..difference import Kind
from .comparison import Comparison, written_type
from .facts import Class, Function
from .marks import raises_of
from .overloads import compare_overloads
from .signatures import Callee, compare_returns, compare_signatures

__all__ = ["compare_functions"]


def compare_functions(
    comparison: Comparison, subject: str, old: Function, new: Function, scopes: tuple[Class | None, Class | None]
) -> None:
    """Tell what is other about a function or a method; a property is read, not called."""
    if old is new or not comparison.is_new("function", old, new):
        return
    if old.is_property or new.is_property:
        _compare_properties(comparison, subject, old, new, scopes)
        return
    _compare_calling(comparison, subject, old, new)
    before = Callee(subject, old.module, scopes[0], skip_first=_has_self(old))
    after = Callee(subject, new.module, scopes[1], skip_first=_has_self(new))
    if old.overloads or new.overloads:
        compare_overloads(comparison, old, new, before, after)
    else:
        compare_signatures(comparison, old.signature, new.signature, before, after)
        compare_returns(comparison, old, new, old.signature, new.signature, before, after)
    _compare_promises(comparison, subject, old, new)


def _has_self(function: Function) -> bool:
    return function.is_method and function.binding != "static"


# --- how it is called ------------------------------------------------------------------------------------------------


def _compare_calling(comparison: Comparison, subject: str, old: Function, new: Function) -> None:
    places = comparison.places(old, new)
    if old.is_async != new.is_async and not (_gives_awaitable(old) or _gives_awaitable(new)):
        rule = "became-async" if new.is_async else "became-sync"
        what = "a function that has to be awaited" if new.is_async else "a function that cannot be awaited"
        comparison.tell(rule, subject, f"is {what} now", *places)
    if old.is_method and new.is_method and old.binding != new.binding:
        # An instance can call all three; on the class itself only two work without an object.
        still_works = new.binding != "instance" and old.binding == "instance"
        kind = Kind.FIX if still_works else None
        message = f"was {_a(old.binding)} method, is {_a(new.binding)} method"
        comparison.tell("method-kind-changed", subject, message, *places, kind=kind)
    if new.is_abstract and not old.is_abstract:
        comparison.tell("became-abstract", subject, "has to be defined by who inherits", *places)
    if _is_final(new) and not _is_final(old):
        comparison.tell("final-added", subject, "cannot be overridden any more", *places)


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _is_final(function: Function) -> bool:
    return any(name.rpartition(".")[2] == "final" for name in function.decorators)


def _gives_awaitable(function: Function) -> bool:
    """Whether a function without ``async`` can be awaited for what it returns, or its body decides that."""
    returns = function.signature.returns
    head = returns.value if isinstance(returns, ast.Subscript) else returns
    name = written_type(head).rpartition(".")[2]
    decorated = any(
        one.rpartition(".")[2] in ("coroutine", "contextmanager", "asynccontextmanager") for one in function.decorators
    )
    return not function.is_async and (
        name.startswith(
            ("Awaitable", "Coroutine", "Future", "Task", "AsyncIterator", "AsyncGenerator", "AsyncIterable")
        )
        or decorated
    )


def _compare_promises(comparison: Comparison, subject: str, old: Function, new: Function) -> None:
    places = comparison.places(old, new)
    before, after = raises_of(old.docstring), raises_of(new.docstring)
    if old.docstring and new.docstring:
        for name in sorted(after - before):
            comparison.tell("raises-added", subject, f"may raise {name}", *places)
        for name in sorted(before - after):
            comparison.tell("raises-removed", subject, f"does not promise {name} any more", *places)
    if new.deprecation is not None and old.deprecation is None:
        said = f": {' '.join(new.deprecation.split())}" if new.deprecation else ""
        comparison.tell("deprecated", subject, f"is deprecated{said}", *places)


# --- properties ------------------------------------------------------------------------------------------------------


def _compare_properties(
    comparison: Comparison, subject: str, old: Function, new: Function, scopes: tuple[Class | None, Class | None]
) -> None:
    places = comparison.places(old, new)
    if old.is_property and not new.is_property:
        comparison.tell(
            "property-became-method", subject, f"was a property, has to be called now: {new.name}()", *places
        )
        return
    if new.is_property and not old.is_property:
        comparison.tell("method-became-property", subject, f"was called as {old.name}(), is a property now", *places)
        return
    if old.has_setter and not new.has_setter:
        comparison.tell("setter-removed", subject, "cannot be set any more", *places)
    before, after = Callee(subject, old.module, scopes[0]), Callee(subject, new.module, scopes[1])
    compare_returns(comparison, old, new, old.signature, new.signature, before, after)
    _compare_promises(comparison, subject, old, new)
