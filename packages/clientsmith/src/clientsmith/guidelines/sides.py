"""One half of a package: its clients for plain calls, or those for ``await``."""

from __future__ import annotations

import ast
import random
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .annotations import types_of
from .members import ClientSource, Method
from .operations import without_names
from .source import ClassSource, Module

if TYPE_CHECKING:
    from .package import Package

__all__ = ["Colour", "Side"]

_MOST_METHODS: Final = 60  # of one half of a package are called by each rule
# What the parts of a client are called that have methods of the service: `client.users.create(…)`.
_GROUP: Final = re.compile(r"(Operations|Services?|Manager|Resources?|Group|Api|API|Client|Namespace)$")


class Colour(StrEnum):
    """Which half of a package: the one for plain calls or the one for ``await``."""

    SYNC = "sync"
    ASYNC = "aio"


@dataclass(frozen=True, eq=False)
class Side:
    """One half of a package, with the clients that its namespace exports.

    Where a package has no namespace ``.aio``, the async clients beside the sync ones make the async half.
    """

    package: Package
    colour: Colour

    @property
    def is_async(self) -> bool:
        return self.colour is Colour.ASYNC

    @property
    def namespace(self) -> str:
        """The import name of this half, as the guidelines want it."""
        root = self.package.import_name
        return f"{root}.aio" if self.is_async else root

    @property
    def module(self) -> Module | None:
        """The ``__init__`` of the namespace, None if there is no such half."""
        return self.package.source.modules.get(self.namespace)

    @property
    def file(self) -> Path:
        """Where a problem with the half as a whole is reported."""
        return self.module.file if self.module is not None else self.package.root_file

    @cached_property
    def exported(self) -> tuple[ClientSource, ...]:
        """The clients that users import from the namespace of this half."""
        return () if self.module is None else self.package.exported_from(self.module)

    @cached_property
    def clients(self) -> tuple[ClientSource, ...]:
        """The clients that users make or are handed out: the exported ones, wherever else they are where none is.

        Each is of one half: by the namespace, and where both stand in one, by what it is called and has.
        """
        if self.exported and (self.is_async or self.package.has_aio):
            return self.exported
        if self.package.has_aio:
            return tuple(each for each in self.package.public_clients if self.owns(each.cls.module))
        root = self.package.exported_from(self.package.root_module) or self.package.public_clients
        return tuple(each for each in root if self.package.is_async_client(each) == self.is_async)

    def owns(self, module: Module) -> bool:
        """Whether a module is of this half, by its name: below ``.aio`` or not."""
        return ("aio" in module.name.removeprefix(self.package.import_name).split(".")) == self.is_async

    @cached_property
    def groups(self) -> tuple[ClientSource, ...]:
        """The parts of the clients, reached as their attributes, that have methods of the service."""
        known = {client.cls.node for client in self.clients}
        found: list[ClientSource] = []
        pending = deque(self.clients)
        while pending:
            client = pending.popleft()
            for module, written in client.attributes.values():
                for node in types_of(written):
                    cls = self.package.source.resolve(module, _dotted(node)) if _dotted(node) else None
                    if not isinstance(cls, ClassSource) or cls.node in known:
                        continue
                    lineage, outside = self.package.source.lineage(cls)
                    if cls.is_public and any(_GROUP.search(each.name) for each in lineage):
                        known.add(cls.node)
                        profile = self.package.profile
                        found.append(ClientSource(cls, tuple(lineage), tuple(outside), profile, is_group=True))
                        pending.append(found[-1])
        return tuple(found)

    @cached_property
    def methods(self) -> list[tuple[ClientSource, Method]]:
        """Every service method of every client and of its parts; what several inherit is listed once."""
        found: dict[int, tuple[ClientSource, Method]] = {}
        for client in (*self.clients, *self.groups):
            for method in client.methods.values():
                found.setdefault(
                    id(method.node) if client.is_group else hash((id(method.node), client.name)), (client, method)
                )
        return list(found.values())

    @cached_property
    def callers(self) -> Mapping[str, tuple[tuple[ClientSource, Method, str], ...]]:
        """The methods by HTTP method, each with the path that it calls, without names; longest path first."""
        found: dict[str, list[tuple[ClientSource, Method, str]]] = {}
        for client, method in self.methods:
            operation = self.package.operation_of(method)
            if operation is not None:
                found.setdefault(operation.http_method, []).append((client, method, without_names(operation.path)))
        return {name: tuple(sorted(several, key=lambda each: -len(each[2]))) for name, several in found.items()}

    def caller_of(self, http_method: str, path: str) -> tuple[ClientSource, Method] | None:
        """Return the method that calls an operation of the description, None if there is none.

        The base path is part of the endpoint, and a parameter of the path may have a better name in the package.
        """
        wanted = without_names(path)
        callers = self.callers.get(http_method, ())
        return next(((client, method) for client, method, called in callers if wanted.endswith(called)), None)

    @cached_property
    def called(self) -> list[tuple[ClientSource, Method]]:
        """The service methods that rules call: all of them, or of very many a sample, the same one each time."""
        if len(self.methods) <= _MOST_METHODS:
            return self.methods
        chosen = random.Random(0).sample(range(len(self.methods)), _MOST_METHODS)
        return [self.methods[index] for index in sorted(chosen)]


def _dotted(node: object) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
