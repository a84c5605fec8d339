"""Clients at work: constructs them over scripted transports and calls their methods, sync and async alike."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

from .package import ClientSource, Colour, Method, Package, Side
from .samples import ENDPOINT, argument_for, credential_for, success_of

__all__ = ["Attempt", "Runner", "import_of", "models_of", "settle"]


def import_of(package: Package, name: str) -> Any:
    """Import a module of the package, from its own folder; ``name`` is dotted, the import name included."""
    folder = str(package.source_folder)
    known = sys.modules.get(package.import_name)
    if known is not None and not str(known.__file__).startswith(folder):
        # Another package of the same name came from elsewhere: both would make one package out of two halves.
        top = package.import_name.split(".")[0]
        for each in [each for each in sys.modules if each == top or each.startswith(f"{top}.")]:
            del sys.modules[each]
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)


def models_of(package: Package) -> dict[str, type[Any]]:
    """Return the model classes of the package by name."""
    return {cls.name: getattr(import_of(package, cls.module.name), cls.name) for cls in package.models}


def settle(value: Any) -> Any:
    """Return what an awaitable gives, and anything else as it is."""
    if not inspect.isawaitable(value):
        return value

    async def wait() -> Any:
        return await value

    return asyncio.run(wait())


@dataclass(frozen=True)
class Attempt:
    """What came of calling a method: its result or its error, and what went over the wire meanwhile."""

    result: Any
    error: Exception | None
    requests: Sequence[HttpRequest]
    waits: Sequence[float]

    def body(self, index: int = 0) -> Any:
        """Return the JSON body of a request."""
        content = self.requests[index].content
        return json.loads(content) if isinstance(content, bytes) and content else None


class Runner:
    """Runs the clients of one half of a package."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.is_async = side.colour is Colour.ASYNC
        self.namespace = import_of(side.package, side.namespace)

    def transport(self, *answers: Any, repeat: bool = False) -> Any:
        """Return a scripted transport of the right colour."""
        return (AsyncScriptedTransport if self.is_async else ScriptedTransport)(*answers, repeat=repeat)

    def client(self, client: ClientSource, **settings: Any) -> Any:
        """Return a client of the service at `ENDPOINT`, with a credential if it takes one."""
        arguments: list[Any] = []
        for parameter in client.constructor_parameters:
            if parameter.kind != "positional":
                continue
            if parameter.name == "credential":
                arguments.append(credential_for(parameter.annotation, self.side.colour))
            else:
                arguments.append(ENDPOINT if not arguments else argument_for(parameter))
        return getattr(self.namespace, client.name)(*arguments, **settings)

    def operation(self, method: Method) -> Any:
        """Return the operation behind a method, as the package defines it."""
        facts = self.side.package.operation_of(method)
        if facts is None:
            return None
        return getattr(import_of(self.side.package, f"{self.side.package.import_name}._operations"), facts.name)

    def success(self, method: Method) -> list[Answer]:
        """Return the answers that let the method succeed."""
        return success_of(method, self.operation(method))

    def arguments(self, method: Method) -> dict[str, Any]:
        """Return by name what the method cannot do without; a body counts also where its fields can be given singly."""
        return {
            parameter.name: argument_for(parameter)
            for parameter in method.parameters
            if parameter.kind in ("positional", "keyword")
            and (not parameter.is_optional or (parameter.kind == "positional" and "Mapping" in parameter.annotation))
        }

    def call(
        self,
        client: ClientSource,
        method: Method,
        answers: Sequence[Any] | None = None,
        *,
        arguments: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        repeat: bool = False,
        **options: Any,
    ) -> Attempt:
        """Call a method to its very end: every page of a list, all of a download, the result of what takes long."""
        transport = self.transport(*(self.success(method) if answers is None else answers), repeat=repeat)
        instance = self.client(client, transport=transport, **(settings or {}))
        given = {**self.arguments(method), **(arguments or {}), **options}
        try:
            result = settle(self._to_the_end(getattr(instance, method.name), given))
        except Exception as error:  # whatever it is, the rule wants to see it
            return Attempt(None, error, transport.requests, transport.waits)
        return Attempt(result, None, transport.requests, transport.waits)

    def second_page_token(self, client: ClientSource, method: Method) -> str | None:
        """Return the token with which a list goes on after its first page."""
        instance = self.client(client, transport=self.transport(*self.success(method)))
        pages = getattr(instance, method.name)(**self.arguments(method)).by_page()
        settle(anext(pages)) if self.is_async else next(pages)
        token: str | None = pages.continuation_token
        return token

    def _to_the_end(self, function: Any, given: Mapping[str, Any]) -> Any:
        if self.is_async:
            return self._to_the_end_async(function, given)
        value = function(**given)
        if hasattr(value, "by_page"):
            return list(value)
        if hasattr(value, "write_to"):
            return value.read()
        return value.result() if hasattr(value, "add_done_callback") else value

    async def _to_the_end_async(self, function: Any, given: Mapping[str, Any]) -> Any:
        value = function(**given)
        if inspect.isawaitable(value):
            value = await value
        if hasattr(value, "by_page"):
            return [item async for item in value]
        if hasattr(value, "write_to"):
            return await value.read()
        return await value.result() if hasattr(value, "add_done_callback") else value
