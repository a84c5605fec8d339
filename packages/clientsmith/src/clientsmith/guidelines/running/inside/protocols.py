"""Pages and pollers, step by step: what a rule wants to know of them needs more than their end."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import inspect
import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from .server import ScriptedServer

__all__ = ["ASYNC", "SYNC", "is_poller"]

_MOST: Final = 50
_PLACES: Final = ("result", "wait", "status", "done", "add_done_callback", "continuation_token")


def is_poller(value: Any) -> bool:
    """Whether a value waits for a long running operation."""
    return callable(getattr(value, "result", None)) and callable(getattr(value, "status", None))


# --- nothing is read: what the call itself does ---


def _call_only(
    method: Callable[..., Any], arguments: Mapping[str, Any], _server: ScriptedServer
) -> tuple[Any, dict[str, Any]]:
    return method(**arguments), {}


async def _call_only_async(
    method: Callable[..., Any], arguments: Mapping[str, Any], _server: ScriptedServer
) -> tuple[Any, dict[str, Any]]:
    value = method(**arguments)
    return (await value if inspect.isawaitable(value) else value), {}


# --- pages ---


def _pages(
    method: Callable[..., Any], arguments: Mapping[str, Any], server: ScriptedServer
) -> tuple[Any, dict[str, Any]]:
    pager = method(**arguments)
    facts: dict[str, Any] = {"sent_early": len(server.sent), "has_by_page": hasattr(pager, "by_page")}
    facts["is_iterable"] = hasattr(pager, "__iter__")
    if not facts["has_by_page"]:
        return pager, facts
    pages = pager.by_page()
    tokens: list[Any] = []
    sizes: list[int] = []
    for page in itertools.islice(pages, _MOST):
        sizes.append(len(list(page)))
        tokens.append(getattr(pages, "continuation_token", None))
    return pager, {**facts, "page_sizes": sizes, "tokens": _texts(tokens)}


async def _pages_async(
    method: Callable[..., Any], arguments: Mapping[str, Any], server: ScriptedServer
) -> tuple[Any, dict[str, Any]]:
    pager = method(**arguments)
    is_late = not inspect.isawaitable(pager)
    if not is_late:
        pager = await pager
    facts: dict[str, Any] = {"sent_early": len(server.sent), "has_by_page": hasattr(pager, "by_page")}
    facts |= {"is_iterable": hasattr(pager, "__aiter__"), "is_awaited": not is_late}
    if not facts["has_by_page"]:
        return pager, facts
    pages = pager.by_page()
    tokens: list[Any] = []
    sizes: list[int] = []
    async for page in pages:
        sizes.append(len([item async for item in page] if hasattr(page, "__aiter__") else list(page)))
        tokens.append(getattr(pages, "continuation_token", None))
        if len(sizes) >= _MOST:
            break
    return pager, {**facts, "page_sizes": sizes, "tokens": _texts(tokens)}


def _texts(tokens: list[Any]) -> list[str | None]:
    return [token if isinstance(token, str) or token is None else repr(token)[:200] for token in tokens]


# --- pollers ---


def _poll(
    method: Callable[..., Any], arguments: Mapping[str, Any], server: ScriptedServer
) -> tuple[Any, dict[str, Any]]:
    poller = method(**arguments)
    facts = _at_first(poller)
    if facts["missing"]:
        return poller, facts
    finished: list[Any] = []
    poller.add_done_callback(finished.append)
    facts |= {"early": bool(poller.done()), "asked_early": len(server.sent), "token": _token_of(poller)}
    result = poller.result()
    return result, {**facts, "done": bool(poller.done()), "called_back": len(finished)}


async def _poll_async(
    method: Callable[..., Any], arguments: Mapping[str, Any], server: ScriptedServer
) -> tuple[Any, dict[str, Any]]:
    called = method(**arguments)
    poller: Any = await called if inspect.isawaitable(called) and not is_poller(called) else called
    facts = _at_first(poller)
    # The pollers of azure-core tell nobody when they are done, and are waited for: what is missing is told as it is.
    if facts["missing"]:
        return poller, facts
    finished: list[Any] = []
    poller.add_done_callback(finished.append)
    facts |= {"early": bool(poller.done()), "asked_early": len(server.sent), "token": _token_of(poller)}
    result = poller.result()
    result = await result if isinstance(result, Awaitable) else result
    return result, {**facts, "done": bool(poller.done()), "called_back": len(finished)}


def _at_first(poller: Any) -> dict[str, Any]:
    return {"missing": [name for name in _PLACES if not callable(getattr(poller, name, None))]}


def _token_of(poller: Any) -> str | None:
    try:
        token = poller.continuation_token()
    except Exception as error:  # noqa: BLE001 - a token that cannot be had is none: the rule says so
        return f"<{type(error).__name__}>"
    return token if isinstance(token, str) else None


SYNC: Final[Mapping[str, Callable[..., tuple[Any, dict[str, Any]]]]] = {
    "only": _call_only,
    "pages": _pages,
    "poll": _poll,
}
ASYNC: Final[Mapping[str, Callable[..., Awaitable[tuple[Any, dict[str, Any]]]]]] = {
    "only": _call_only_async,
    "pages": _pages_async,
    "poll": _poll_async,
}
