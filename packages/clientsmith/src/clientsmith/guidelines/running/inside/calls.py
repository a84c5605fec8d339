"""A call of a method to its very end: every page of a list, all of a download, the result of what takes long."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import asyncio
import base64
import importlib
import inspect
import itertools
import signal
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from . import core, looks, protocols
from .clients import NotConstructed, class_of, construct
from .describing import described_error, described_result
from .fence import Fence, Stopped
from .server import ScriptedServer
from .values import Maker, NoValue, hints_of

__all__ = ["Caller"]

_MOST_ITEMS: Final = 50
_READERS: Final = ("readall", "read")  # of what is downloaded
_STREAMS: Final = ("Stream", "JsonLines", "Pager", "Page")


class Caller:
    """Carries out calls, one after the other."""

    def __init__(self, server: ScriptedServer, fence: Fence, seconds: float) -> None:
        self._server, self._fence, self._seconds = server, fence, seconds
        self._heard, self._is_async = 0, False

    def call(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Make a client, call a method of it, and return what came of both and what was sent meanwhile."""
        self._heard, self._is_async = 0, bool(command.get("is_async"))
        self._fence.waits.clear()
        self._server.play(list(command.get("script") or ()), command.get("challenge") or "")
        signal.signal(signal.SIGALRM, self._give_up)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        stage = _Stage()
        reply: dict[str, Any] = {}
        try:
            run = self._run_async if self._is_async else self._run
            result, facts = run(command, stage)
            reply = {"result": described_result(result), "facts": facts}
        except (NotConstructed, NoValue) as problem:
            reply = {"unmade": str(problem), "stage": stage.name}
        except Exception as error:  # noqa: BLE001 - whatever it is, the rule wants to see it
            reply = {"error": described_error(error)}
        except Stopped as stopped:
            reply = {"unmade": str(stopped), "stage": "end"}
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return {**reply, "requests": self._server.sent, "waits": list(self._fence.waits), "heard": self._heard}

    def _give_up(self, _signal: int, _frame: Any) -> None:
        raise Stopped(f"it takes longer than {self._seconds:g} seconds")

    # --- both colours: one builds, the other calls ---

    def _run(self, command: Mapping[str, Any], stage: _Stage) -> tuple[Any, dict[str, Any]]:
        client, method, arguments = self._prepared(command, stage)
        if method is None:
            return client, looks.client_facts(client)
        way = command.get("way", "end")
        try:
            if way != "end":
                return protocols.SYNC[way](method, arguments, self._server)
            return _to_the_end(method(**arguments)), {}
        finally:
            _closed(client)

    def _run_async(self, command: Mapping[str, Any], stage: _Stage) -> tuple[Any, dict[str, Any]]:
        return asyncio.run(self._run_inside(command, stage))

    async def _run_inside(self, command: Mapping[str, Any], stage: _Stage) -> tuple[Any, dict[str, Any]]:
        client, method, arguments = self._prepared(command, stage)
        if method is None:
            return client, looks.client_facts(client)
        way = command.get("way", "end")
        try:
            if way != "end":
                return await protocols.ASYNC[way](method, arguments, self._server)
            return await _to_the_end_async(method(**arguments)), {}
        finally:
            closing = _closed(client)
            if inspect.isawaitable(closing):
                await closing

    def _prepared(self, command: Mapping[str, Any], stage: _Stage) -> tuple[Any, Any, dict[str, Any]]:
        stage.name = "client"
        cls = class_of(command["module"], command["client"])
        settings = self._values(command.get("settings") or {})
        client = construct(cls, self._values(command.get("bound") or {}), settings, is_async=self._is_async)
        core.ask_no_versions(client)
        self._fence.waits.clear()
        stage.name = "arguments"
        if not command.get("method"):
            return client, None, {}
        method: Any = client
        for part in command["method"].split("."):
            method = getattr(method, part)
        given = self._values(command.get("arguments") or {})
        stage.name = "call"
        return client, _by_name(method), {**self._made(method, given, command), **given}

    def _made(self, method: Callable[..., Any], given: Mapping[str, Any], command: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the method cannot do without and the tool has not given, and the bodies that it may take."""
        text = inspect.getdoc(method) or ""
        method = _spelt_out(method)
        maker, hints = Maker(), hints_of(method)
        wanted = set(command.get("also") or ())
        made: dict[str, Any] = {}
        for name, parameter in inspect.signature(method).parameters.items():
            if name in given or parameter.kind.name.startswith("VAR_"):
                continue
            if parameter.default is parameter.empty or name in wanted:
                made[name] = maker.argument(name, hints.get(name, parameter.annotation), text)
        return made

    def _values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(each) for name, each in given.items()}

    def _value(self, given: Any) -> Any:
        """Return what a plain value stands for: ``{"$": kind, …}`` is what JSON cannot say."""
        if not isinstance(given, dict) or "$" not in given:
            return given
        match given["$"]:
            case "hook":
                return self._hook
            case "transport":
                return looks.given_transport(self._is_async)
            case "bytes":
                return base64.b64decode(given["base64"])
            case "member":  # of an enumeration, by words that its name has
                cls: Any = class_of(given["module"], given["class"])
                words = [word.lower() for word in given["words"]]
                return next(each for each in cls if all(word in each.name.lower() for word in words))
            case "model":
                made = core.model_of(class_of(given["module"], given["class"]), given["wire"])
                for name, value in (given.get("set") or {}).items():
                    made[name] = value  # set by the caller: a patch sends that, and not what was only read
                return made
            case "constant":
                return getattr(importlib.import_module(given["module"]), given["name"])
            case kind:
                raise NoValue(f"a value of the kind {kind!r}")

    def _hook(self, *_arguments: Any, **_options: Any) -> None:
        self._heard += 1


class _Stage:
    """How far a call has come: what could not be made is told with it."""

    name = "client"


def _by_name(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method as a function whose arguments can all be given by name."""
    kinds = {name: parameter.kind.name for name, parameter in inspect.signature(method).parameters.items()}
    places = [name for name, kind in kinds.items() if kind == "POSITIONAL_ONLY"]
    if not places:
        return method
    return lambda **given: method(*[given.pop(name) for name in places if name in given], **given)


def _spelt_out(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the first of a method's overloads where the method itself only says ``*args, **kwargs``."""
    kinds = {parameter.kind.name for parameter in inspect.signature(method).parameters.values()}
    overloads = getattr(typing, "get_overloads", None)  # since Python 3.11
    if overloads is None or not kinds <= {"VAR_POSITIONAL", "VAR_KEYWORD"}:
        return method
    found = overloads(getattr(method, "__func__", method))
    return types.MethodType(found[0], getattr(method, "__self__", None)) if found else method


def _closed(client: Any) -> Any:
    close = getattr(client, "close", None)
    if not callable(close):
        return None
    try:
        return close()
    except Exception:  # noqa: BLE001 - it was only for tidiness: the client is thrown away
        return None


def _is_stream(value: Any) -> bool:
    return hasattr(value, "__next__") or hasattr(value, "__anext__") or type(value).__name__.endswith(_STREAMS[:2])


def _to_the_end(value: Any) -> Any:
    if inspect.iscoroutine(value):  # one of a client that has both kinds
        return asyncio.run(_to_the_end_async(value))
    if protocols.is_poller(value):
        return value.result()
    if hasattr(value, "by_page"):
        return list(itertools.islice(value, _MOST_ITEMS))
    for reader in _READERS:
        if hasattr(value, "write_to" if reader == "read" else reader):
            return getattr(value, reader)()
    return list(itertools.islice(value, _MOST_ITEMS)) if _is_stream(value) else value


async def _to_the_end_async(called: Any) -> Any:
    value: Any = await called if inspect.isawaitable(called) and not protocols.is_poller(called) else called
    if protocols.is_poller(value):
        return await _settled(value.result())
    if hasattr(value, "by_page") or (_is_stream(value) and hasattr(value, "__aiter__")):
        items: list[Any] = []
        async for item in value:
            items.append(item)
            if len(items) >= _MOST_ITEMS:
                break
        return items
    for reader in _READERS:
        if hasattr(value, "write_to" if reader == "read" else reader):
            return await _settled(getattr(value, reader)())
    return list(itertools.islice(value, _MOST_ITEMS)) if hasattr(value, "__next__") else value


async def _settled(value: Any) -> Any:
    if isinstance(value, Awaitable):
        return await value
    return value
