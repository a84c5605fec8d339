"""A closer look at packages that nobody generated: what is a model there, and which methods talk to the service."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from .annotations import annotation_names, last_name
from .members import ClientSource, Method
from .package import Package
from .profiles import CLIENTSMITH
from .sides import Side
from .source import ClassSource, Function, nodes_of
from .verdicts import Problem, problem

__all__ = ["docstrings_of", "lacking", "models_of", "sending", "taken_by_methods"]

_MOST: Final = 300  # models of one package are looked at
# What methods take and return beside models, by the end of its name or of that of a base.
_OTHERS: Final = (
    "Client", "Credential", "Enum", "StrEnum", "IntEnum", "TypedDict", "Protocol",
    "Policy", "Error", "Exception", "Poller", "Paged", "Pager", "Iterator",
    "Stream", "Operations", "Transport", "Generic", "ABC", "NamedTuple", "IO",
    "Retry", "Page", "AsyncPage", "BytesIO", "ResponseContent", "Transform", "NotGiven",
    "Omit", "Timeout", "Downloader", "Adapter", "Session",
)  # fmt: skip

# Methods named like those of HTTP, with such a first argument, carry whatever they are given.
_RAW: Final = frozenset({"request", "send", "get", "post", "put", "patch", "delete", "head", "options", "get_api_list"})
_HTTP: Final = frozenset({"requests", "httpx", "aiohttp", "urllib3"})  # `httpx.request(…)`, without a client object
_RAW_ARGUMENTS: Final = frozenset({"path", "url", "request", "method", "cast_to", "endpoint"})


def models_of(package: Package) -> tuple[ClassSource, ...]:
    """Return the models: views of JSON objects, and the classes of the package that its methods take or return."""
    if package.profile is CLIENTSMITH:
        return package.models
    found = {cls.node: cls for cls in package.models if cls.is_public}
    for side in package.sides.values():
        for _, method in side.methods:
            names = annotation_names(method.returns)
            names += [name for parameter in method.parameters for name in annotation_names(parameter.annotation)]
            for name in dict.fromkeys(names):
                cls = package.source.resolve(method.owner.module, name)
                if isinstance(cls, ClassSource) and cls.is_public and _is_model(package, cls):
                    found.setdefault(cls.node, cls)
    return tuple(found.values())[:_MOST]


def _is_model(package: Package, cls: ClassSource) -> bool:
    lineage, outside = package.source.lineage(cls)
    names = [each.name for each in lineage] + [last_name(base) for base in outside]
    is_known = cls.module.is_public or cls.name in package.root_module.exports
    return is_known and not any(name.endswith(_OTHERS) for name in names) and package.client(cls) is None


def taken_by_methods(package: Package) -> set[str]:
    """Return the last names of the types that methods take."""
    return {
        last_name(name)
        for side in package.sides.values()
        for _, method in side.methods
        for parameter in method.parameters
        for name in annotation_names(parameter.annotation)
    }


# --- methods ---------------------------------------------------------------------------------------------------------


def sending(side: Side) -> list[tuple[ClientSource, Method]]:
    """Return the methods that may talk to the service: a client also has some that only put a name or a URL together.

    Who talks to it asks something of the client, ``self._call(…)``, or hands the client on. What sends any request that
    it is given is no method of the service either: it is what those are made of.
    """
    return [(client, method) for client, method in side.methods if _asks_itself(method) and not _sends_anything(method)]


def _sends_anything(method: Method) -> bool:
    first = next((parameter.name for parameter in method.parameters if parameter.kind == "positional"), "")
    return method.name in _RAW and first in _RAW_ARGUMENTS


def _asks_itself(method: Method) -> bool:
    return bool(method.overrides) or _asks(method.owner, method.node, frozenset())


def _asks(owner: ClassSource, function: Function, seen: frozenset[str]) -> bool:
    """Whether a function asks something of the client that is not to be had by looking at its own class alone."""
    if isinstance(function, ast.AsyncFunctionDef):
        return True
    for node in nodes_of(function):
        if isinstance(node, ast.Yield | ast.YieldFrom) or (isinstance(node, ast.Call) and _hands_on(node)):
            return True
        called = ast.unparse(node.func).split("(")[0].split(".") if isinstance(node, ast.Call) else []
        if called[-1:] and called[-1] in _RAW and _is_http(owner, called[0]):
            return True
        if called[:1] not in (["self"], ["super"]):
            continue
        known = owner.own_functions.get(called[-1]) if len(called) == 2 else None
        if known is None or (called[-1] not in seen and _asks(owner, known, seen | {called[-1]})):
            return True
    return False


def _is_http(owner: ClassSource, name: str) -> bool:
    """Whether a name in the module of a class is that of a library which sends requests by its functions."""
    return owner.module.imports.get(name, "").split(".")[0] in _HTTP


def _hands_on(call: ast.Call) -> bool:
    """Whether the client itself is an argument of a call."""
    return any(isinstance(each, ast.Name) and each.id == "self" for each in call.args)


def docstrings_of(method: Method) -> str:
    """Return what a method says of itself, its overloads included."""
    same = [
        node
        for node in method.owner.node.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == method.name
    ]
    return "\n".join(text for node in same if (text := ast.get_docstring(node)))


# What so large a part of so many methods lacks is told in one sentence: the fault is in how the package is made, and a
# thousand findings of one kind hide the others.
_MANY: Final = 12
_NEARLY_ALL: Final = 0.8


def lacking(
    side: Side, looked: Sequence[tuple[Method, Sequence[str]]], hint: Callable[[Sequence[str]], str]
) -> Iterator[Problem]:
    """Yield what methods lack, each at its place; what all of very many lack once, at the class of the first client.

    Args:
        looked: Every method that was looked at, with what it lacks; () for nothing.
        hint: Says what to do about what is lacking.
    """
    counts = Counter(each for _, several in looked for each in several)
    is_crowd = len(looked) >= _MANY and bool(side.clients)
    shared = [each for each, number in counts.items() if is_crowd and number >= _NEARLY_ALL * len(looked)]
    if shared:
        first, number = side.clients[0], min(counts[each] for each in shared)
        how_many = f"{number:,} of {len(looked):,}" if number < len(looked) else f"all {number:,}"
        yield problem(first.file, first.cls.node, f"{how_many} methods: {hint(shared)}")
    for method, several in looked:
        own = [each for each in several if each not in shared]
        if own:
            yield problem(method.file, method.node, f"{method.name}: {hint(own)}")
