"""A generated client, driven from a test: the same calls in both colours, by the document's own names.

Operations are asked for by their ids, wherever the client has put them and whatever it calls them, so that these tests
say nothing of names; others do.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from clientsmith.configuration import Configuration
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.package import write_package
from clientsmith.model.ir import Api, Location
from clientsmith.model.pipeline import build_api

COLOURS = ("sync", "async")


class Generated:
    """The package of one document: written below ``folder``, and importable until `forget`."""

    def __init__(self, document: Path, folder: Path, package: str, configuration: Configuration | None = None) -> None:
        api, self.findings = build_api(str(document), configuration=configuration)
        self.api: Api = replace(api, package=package, distribution=package.replace("_", "-"))
        self._source = folder / package / "src"
        write_package(self.api, folder / package, source=document.name)
        sys.path.insert(0, str(self._source))
        importlib.invalidate_caches()

    def module(self, name: str = "") -> ModuleType:
        return importlib.import_module(f"{self.api.package}{name and '.'}{name}")

    @property
    def models(self) -> ModuleType:
        return self.module("models")

    @cached_property
    def methods(self) -> dict[str, Method]:
        """Every method by the id of its operation."""
        return {method.operation.operation_id: method for method in methods_of(self.api)}

    def client(self, colour: str, endpoint: str, **settings: Any) -> Driven:
        package = self.module() if colour == "sync" else self.module("aio")
        return Driven(self, getattr(package, self.api.root.name)(endpoint, **settings))

    def forget(self) -> None:
        """Make the package importable no more."""
        with suppress(ValueError):
            sys.path.remove(str(self._source))
        for name in [name for name in sys.modules if name.partition(".")[0] == self.api.package]:
            del sys.modules[name]


class Driven:
    """A client of either colour. ``async with`` it, whatever its colour."""

    def __init__(self, generated: Generated, client: Any) -> None:
        self.generated, self.client, self.models = generated, client, generated.models

    async def __aenter__(self) -> Driven:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await finished(self.client.close())

    def method(self, operation_id: str, values: dict[str, Any]) -> Callable[..., Any]:
        """Return the method of an operation, of a child client where that is bound to some of the path's values."""
        method = self.generated.methods[operation_id]
        owner = self.client
        for group in method.groups:
            owner = getattr(owner, group.attribute)
            if group.bound:
                owner = owner(*(values.pop(one.name) for one in group.bound))
        return getattr(owner, method.name)

    async def start(self, operation_id: str, *arguments: Any, **keywords: Any) -> Any:
        """Call an operation and return what its method does: a pager, a poller, a stream, a value.

        Arguments are the values of the path in its order, then the body, however the method takes them.
        """
        method = self.generated.methods[operation_id]
        of_path = [name for name, one in method.parameters.items() if one.location is Location.PATH]
        values = dict(zip(of_path, arguments, strict=False))
        call = self.method(operation_id, values)
        rest = [values.pop(name) for name in method.positional if name in values]
        if len(arguments) > len(of_path):
            if method.body is not None and not method.body.required:
                keywords[method.body_name] = arguments[len(of_path)]
            else:
                rest.append(arguments[len(of_path)])
        return await finished(call(*rest, **values, **keywords))

    async def call(self, operation_id: str, *arguments: Any, **keywords: Any) -> Any:
        """Call an operation and return what it gives: a list as its items, of one that takes long its result."""
        kind = self.generated.methods[operation_id].kind
        if kind is Kind.BEGIN:
            keywords = {"polling_interval": 0.001, **keywords}
        result = await self.start(operation_id, *arguments, **keywords)
        if kind is Kind.LIST:
            return await items(result)
        return await finished(result.result()) if kind is Kind.BEGIN else result

    async def read(self, operation_id: str, *arguments: Any, at_most: int = 0, **keywords: Any) -> Any:
        """Return the bytes of a download, or how many there were up to ``at_most``, after which it is left."""
        stream = await self.start(operation_id, *arguments, **keywords)
        if not at_most:
            return await finished(stream.read())
        count = 0
        if hasattr(stream, "__aenter__"):
            async with stream:
                async for chunk in stream:
                    count += len(chunk)
                    if count >= at_most:
                        break
            return count
        with stream:
            for chunk in stream:
                count += len(chunk)
                if count >= at_most:
                    break
        return count


async def finished(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def items(pager: Any) -> list[Any]:
    """Read what either colour reads piece by piece, to its end."""
    return [item async for item in pager] if hasattr(pager, "__aiter__") else list(pager)


def plain(value: Any) -> Any:
    """Return a decoded value as the wire has it, as far as it is made of models, lists and mappings."""
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value
