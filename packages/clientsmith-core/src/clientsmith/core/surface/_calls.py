"""A method called by its data, in either colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._surface import Operation, Surface
from ._values import ValueRefusedError, value_of

__all__ = ["call", "collect"]


def call(surface: Surface, client: Any, operation: Operation, arguments: Mapping[str, Any], **options: Any) -> Any:
    """Call the method that ``operation`` stands for, and return what it gives: in the async colour, to be awaited.

    Args:
        surface: What the operation is part of.
        client: The client, sync or async.
        operation: What to do.
        arguments: By Python name, as JSON has them.
        **options: Of the call: `timeout`, …

    Raises:
        ValueRefusedError: An argument that is no date, no id, ….
    """
    values: dict[str, Any] = {}
    for each in operation.arguments:
        if each.name in arguments:
            try:
                values[each.name] = value_of(each.schema, arguments[each.name], surface)
            except ValueRefusedError as error:
                raise ValueRefusedError(error.wanted, each.name) from None
    owner = client
    for step in operation.steps:
        owner = getattr(owner, step.attribute)
        if step.arguments:
            owner = owner(*(values.pop(name) for name in step.arguments))
    return getattr(owner, operation.name)(**values, **options)


async def collect(result: Any, operation: Operation, limit: int) -> tuple[Any, bool]:
    """Return what a call of an async client gave, whole, and whether there is more than was taken.

    Of a pager or a stream of events at most ``limit`` items are taken, a poller is waited for, a download is read.
    """
    match operation.kind:
        case "list" | "events" | "lines":
            items: list[Any] = []
            async for item in result:
                if len(items) == limit:
                    return items, True
                items.append(item)
            return items, False
        case "begin":
            return await (await result).result(), False
        case "download":
            return await result.read(), False
        case "call" | "exists":
            return await result, False
