"""Clients at work: constructs them over scripted transports and calls their methods, sync and async alike."""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

from clientsmith.core.operations import LongRunningOperation
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport, SentRequest
from clientsmith.core.versioning import negotiation_of

from .described import ENDPOINT, failed
from .package import ClientSource, Colour, Method, Package, Side
from .samples import argument_for, credential_for, failing_poll, success_of

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

    contents: Sequence[bytes]

    def body(self, index: int = 0) -> Any:
        """Return the JSON body of a request, or the fields of its form."""
        content = self.contents[index]
        if self.requests[index].headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(content.decode(), keep_blank_values=True))
        return json.loads(content) if content else None

    def sent(self) -> bytes:
        """Return the body of the first request as it was sent, but for what separates the parts of a form."""
        content_type = self.requests[0].headers.get("Content-Type", "")
        boundary = content_type.partition("boundary=")[2].strip('"').encode()
        return self.contents[0].replace(boundary, b"") if boundary else self.contents[0]


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
        document = self.side.package.described
        endpoint = document.endpoint if document is not None else ENDPOINT
        bound = document.bound(client.name, self._models) if document is not None else {}
        arguments: list[Any] = []
        for parameter in client.constructor_parameters:
            if parameter.kind != "positional":
                continue
            if parameter.name == "credential":
                module = client.constructor[0].module if client.constructor else client.cls.module
                arguments.append(credential_for(module.spelt_out(parameter.annotation), self.side.colour))
            else:
                arguments.append(bound.get(parameter.name, argument_for(parameter)) if arguments else endpoint)
        instance = getattr(self.namespace, client.name)(*arguments, **settings)
        if (negotiator := negotiation_of(instance)) is not None:
            negotiator.go_on(math.inf)  # it asks for no versions first: the rules are about what methods send
        return instance

    def operation(self, method: Method) -> Any:
        """Return the operation behind a method, as the package defines it."""
        facts = self.side.package.operation_of(method)
        if facts is None:
            return None
        return getattr(import_of(self.side.package, facts.module), facts.name)

    def success(self, client: ClientSource, method: Method) -> list[Answer]:
        """Return the answers that let the method succeed: what the mock of the document says, where there is one."""
        if (example := self.side.package.examples.get(method.name)) is not None:
            return [example.answer]
        document, described = self.side.package.described, self.side.package.said_of(client, method)
        if document is None or described is None:
            return success_of(method, self.operation(method))

        def play(answer: Callable[[SentRequest], Answer]) -> None:
            transport: Any = self.transport(lambda _request: answer(transport.sent[-1]), repeat=True)
            self._attempt(client, method, transport, self.arguments(client, method), {})

        return document.answers(described, play)

    def failing_poll(self, client: ClientSource, method: Method) -> list[Answer]:
        """Return the answers of a long running operation that is accepted and then fails, [] if it cannot fail so."""
        operation = self.operation(method)
        if not isinstance(operation, LongRunningOperation):
            return []
        if self.side.package.said_of(client, method) is None:
            return failing_poll(operation)
        return failed(self.success(client, method), operation)

    def arguments(self, client: ClientSource, method: Method) -> dict[str, Any]:
        """Return by name what the method cannot do without; a body counts also where its fields can be given singly.

        Where the document is known they are all that it has, made from its schemas.
        """
        if (example := self.side.package.examples.get(method.name)) is not None:
            return dict(example.arguments())
        document, described = self.side.package.described, self.side.package.said_of(client, method)
        if document is not None and described is not None:
            return document.arguments(described, self._models)
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
        transport = self.transport(*(self.success(client, method) if answers is None else answers), repeat=repeat)
        given = {**self.arguments(client, method), **(arguments or {}), **options}
        return self._attempt(client, method, transport, given, settings or {})

    def _attempt(
        self,
        client: ClientSource,
        method: Method,
        transport: Any,
        given: Mapping[str, Any],
        settings: Mapping[str, Any],
    ) -> Attempt:
        instance = self.client(client, transport=transport, **settings)
        try:
            result = settle(self._to_the_end(method, getattr(instance, method.name), given))
        except Exception as error:  # whatever it is, the rule wants to see it
            return Attempt(None, error, transport.requests, transport.waits, [sent.content for sent in transport.sent])
        return Attempt(result, None, transport.requests, transport.waits, [sent.content for sent in transport.sent])

    @functools.cached_property
    def _models(self) -> ModuleType:
        models: ModuleType = import_of(self.side.package, f"{self.side.package.import_name}.models")
        return models

    def second_page_token(self, client: ClientSource, method: Method) -> str | None:
        """Return the token with which a list goes on after its first page."""
        instance = self.client(client, transport=self.transport(*self.success(client, method)))
        pages = getattr(instance, method.name)(**self.arguments(client, method)).by_page()
        settle(anext(pages)) if self.is_async else next(pages)
        token: str | None = pages.continuation_token
        return token

    def _to_the_end(self, method: Method, function: Any, given: Mapping[str, Any]) -> Any:
        if self.is_async:
            return self._to_the_end_async(method, function, given)
        value = function(**given)
        if hasattr(value, "by_page"):
            return list(value)
        if hasattr(value, "write_to"):
            return value.read()
        if method.is_read_later:
            return list(value)
        return value.result() if hasattr(value, "add_done_callback") else value

    async def _to_the_end_async(self, method: Method, function: Any, given: Mapping[str, Any]) -> Any:
        value = function(**given)
        if inspect.isawaitable(value):
            value = await value
        if hasattr(value, "by_page"):
            return [item async for item in value]
        if hasattr(value, "write_to"):
            return await value.read()
        if method.is_read_later:
            return [item async for item in value]
        return await value.result() if hasattr(value, "add_done_callback") else value
