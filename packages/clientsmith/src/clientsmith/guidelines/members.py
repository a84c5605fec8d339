"""The clients of a package, and their methods."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from .annotations import alternatives, annotation_names, last_name
from .profiles import Profile
from .source import ClassSource, Function, Module, ParameterSource, decorators_of, nodes_of, parameters_of

__all__ = [
    "CREDENTIALS",
    "NOT_METHODS",
    "TRANSPORTS",
    "ClientSource",
    "Method",
    "is_vending",
    "made_from_client",
    "takes",
]

# A function under one of these is called in another way than a method of the service is.
NOT_METHODS: Final = frozenset(
    {"classmethod", "staticmethod", "property", "cached_property", "overload", "setter", "deleter", "contextmanager"}
)
# What every client has for its own sake.
_HOUSEKEEPING: Final = frozenset(
    {"close", "aclose", "copy", "with_options", "is_closed", "send_request", "from_connection_string"}
)


@dataclass(frozen=True, eq=False)
class Method:
    """A public method of a client. ``overrides`` is what it takes the place of in a base within the package."""

    name: str
    owner: ClassSource
    node: Function = field(repr=False)
    profile: Profile = field(repr=False)
    overrides: tuple[tuple[ClassSource, Function], ...] = field(repr=False, default=())

    @property
    def file(self) -> Path:
        return self.owner.module.file

    @cached_property
    def returns(self) -> str:
        """The return annotation as written, "" if there is none."""
        return ast.unparse(self.node.returns) if self.node.returns is not None else ""

    @property
    def is_async(self) -> bool:
        return isinstance(self.node, ast.AsyncFunctionDef)

    @cached_property
    def parameters(self) -> list[ParameterSource]:
        return parameters_of(self.node)

    @cached_property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""

    @cached_property
    def returned(self) -> list[str]:
        """The types that it may return, each by its last name; ``None`` among them."""
        return alternatives(self.returns)

    @cached_property
    def returned_names(self) -> list[str]:
        """The last parts of the names in the return annotation."""
        return [last_name(name) for name in annotation_names(self.returns)]

    def _returns(self, pattern: str) -> bool:
        names = [name for name in self.returned if name != "None"]
        return bool(names) and any(re.fullmatch(pattern, name) for name in names)

    @cached_property
    def is_pager(self) -> bool:
        """Whether it returns a list that fetches its pages by itself."""
        return self._returns(self.profile.pagers)

    @cached_property
    def is_read_later(self) -> bool:
        """Whether it returns what sends nothing before it is read: a pager or a stream."""
        return self.is_pager or self._returns(self.profile.streams)

    @cached_property
    def is_poller(self) -> bool:
        return self._returns(self.profile.pollers)

    @cached_property
    def operation_names(self) -> list[tuple[str, str]]:
        """Module and constant of the operations that the method uses, its overridden forms included."""
        bodies: list[tuple[ClassSource, Function]] = [(self.owner, self.node), *self.overrides]
        return [
            (owner.module.imports.get("_operations", ""), node.attr)
            for owner, body in bodies
            for node in nodes_of(body)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "_operations"
        ]


@dataclass(frozen=True, eq=False)
class ClientSource:
    """A client class with everything that it inherits within the package.

    Attributes:
        is_group: Whether it is no client that users make: a part of one, reached as its attribute.
    """

    cls: ClassSource
    lineage: tuple[ClassSource, ...] = field(repr=False)
    outside: tuple[str, ...] = field(repr=False)
    profile: Profile = field(repr=False)
    is_group: bool = False

    @property
    def name(self) -> str:
        return self.cls.name

    @property
    def file(self) -> Path:
        return self.cls.module.file

    @cached_property
    def constructor(self) -> tuple[ClassSource, Function] | None:
        """The nearest ``__init__`` within the package."""
        found = ((cls, cls.own_functions["__init__"]) for cls in self.lineage if "__init__" in cls.own_functions)
        return next(found, None)

    @property
    def constructors(self) -> Iterator[tuple[ClassSource, Function]]:
        """Every ``__init__`` within the package, the nearest first: each hands its ``**kwargs`` to the next."""
        return ((cls, cls.own_functions["__init__"]) for cls in self.lineage if "__init__" in cls.own_functions)

    @cached_property
    def constructor_parameters(self) -> list[ParameterSource]:
        """What the class is made with; what only a base of the package spells out, behind ``**kwargs``, included."""
        found: list[ParameterSource] = []
        for _, node in self.constructors:
            known = {each.name for each in found}
            more = [each for each in parameters_of(node) if each.name not in known and each.kind != "many"]
            # Behind `**kwargs` everything can only come by keyword.
            found += more if not found else [each for each in more if each.kind == "keyword"]
            if not any(each.kind == "rest" for each in parameters_of(node)):
                break
        return found

    @cached_property
    def public_functions(self) -> Mapping[str, tuple[ClassSource, Function]]:
        """All public functions of the class and its bases within the package, the nearest of each name."""
        found: dict[str, tuple[ClassSource, Function]] = {}
        for cls in self.lineage:
            for name, node in cls.own_functions.items():
                if not name.startswith("_"):
                    found.setdefault(name, (cls, node))
        return found

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """The service methods: public, no class methods or properties, nothing that only vends another client."""
        found: dict[str, Method] = {}
        for name, (owner, node) in self.public_functions.items():
            if NOT_METHODS & set(decorators_of(node)) or is_vending(node) or name in _HOUSEKEEPING:
                continue
            above = tuple(
                (cls, cls.own_functions[name])
                for cls in self.lineage
                if cls is not owner and name in cls.own_functions and cls.own_functions[name] is not node
            )
            found[name] = Method(name, owner, node, self.profile, above)
        return found

    @cached_property
    def vended(self) -> Mapping[str, tuple[ClassSource, Function]]:
        """The methods that hand out a child client made with arguments."""
        return {name: found for name, found in self.public_functions.items() if is_vending(found[1])}

    @cached_property
    def attributes(self) -> Mapping[str, tuple[Module, str]]:
        """Public attributes and properties → the module that names their type, and the type as written."""
        found: dict[str, tuple[Module, str]] = {}
        for cls in self.lineage:
            for node in cls.node.body:
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    found.setdefault(node.target.id, (cls.module, ast.unparse(node.annotation)))
            for name, function in cls.own_functions.items():
                if name == "__init__":
                    for attribute, value in _assigned(function):
                        found.setdefault(attribute, (cls.module, value))
                elif {"property", "cached_property"} & set(decorators_of(function)) and function.returns is not None:
                    found.setdefault(name, (cls.module, ast.unparse(function.returns)))
        return {name: each for name, each in found.items() if not name.startswith("_")}

    @property
    def is_named_async(self) -> bool:
        return self.name.startswith(("Async", "Aio"))

    @property
    def plain_name(self) -> str:
        """The name without what says that it is async."""
        return re.sub(r"^(Async|Aio)(?=[A-Z])", "", self.name)


def _assigned(function: Function) -> Iterator[tuple[str, str]]:
    """Yield the attributes of ``self`` that a constructor sets, with what it calls to make them."""
    for node in nodes_of(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                    yield target.attr, ast.unparse(node.value.func)


def is_vending(node: Function) -> bool:
    """Whether a method hands out a child client: by its name, and by what it returns, no model called so."""
    returned = ast.unparse(node.returns).strip("'\"") if node.returns is not None else ""
    is_named = node.name.startswith("get_") and node.name.endswith("_client")
    return is_named and not isinstance(node, ast.AsyncFunctionDef) and not returned.startswith(("_models.", "dict["))


# What a client is made with, under the names that libraries have for it.
CREDENTIALS: Final = frozenset({"credential", "credentials", "auth", "token", "api_key", "key", "access_token"})
TRANSPORTS: Final = frozenset({"transport", "http_client", "session", "http"})


def takes(client: ClientSource, name: str) -> str:
    """Return how a constructor takes an argument: the parameter's kind, ``rest`` if out of its ``**kwargs``, or "".

    Out of ``**kwargs`` it is taken where it is popped, by a constructor of the lineage or something they call, or where
    the documentation says so.
    """
    found = next((p.kind for p in client.constructor_parameters if p.name == name), "")
    if found:
        return found
    if not any(p.kind == "rest" for p in client.constructor_parameters):
        return ""
    documented = re.compile(rf":(keyword|param|paramtype)[^:\n]*\b{re.escape(name)}:")
    popped = re.compile(rf"\.(pop|get|setdefault)\(\s*[\"']{re.escape(name)}[\"']")
    for cls in client.lineage:
        if documented.search(ast.get_docstring(cls.node) or ""):
            return "rest"
    for cls, node in client.constructors:
        if documented.search(ast.get_docstring(node) or "") or popped.search(ast.unparse(node)):
            return "rest"
        if popped.search(cls.module.text):
            return "rest"  # by a function beside the class, which is handed the `kwargs`
    return ""


def made_from_client(client: ClientSource) -> bool:
    """Whether a client is made from another one, whose pipeline it uses: nothing is set up by its constructor."""
    positional = [p for p in client.constructor_parameters if p.kind == "positional"]
    return bool(positional) and (
        positional[0].name in ("client", "parent")
        or any(name.endswith("Client") for name in alternatives(positional[0].annotation))
    )
