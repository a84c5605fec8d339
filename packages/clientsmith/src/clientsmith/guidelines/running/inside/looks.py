"""A look at a client that is made, and at the fields of a model: nothing is called."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .clients import class_of

__all__ = ["client_facts", "fields_of", "given_transport"]

_DEEPEST: Final = 6
_WIDEST: Final = 400


# The transports that clients were given: what a client holds is one of them, or its own.
_GIVEN: Final[list[Any]] = []


def given_transport(is_async: bool) -> Any:
    """Return a transport to give a client, to see whether it takes it; nothing goes over it."""
    own = sys.modules.get("clientsmith.core")
    if own is not None:
        testing = importlib.import_module("clientsmith.core.testing")
        transport: Any = (testing.AsyncScriptedTransport if is_async else testing.ScriptedTransport)()
    else:
        transport = GivenTransport()
    _GIVEN.append(transport)
    return transport


class GivenTransport:
    """A transport of no library: it has what transports are asked for."""

    def send(self, *_request: Any, **_options: Any) -> Any:
        """Nothing is sent over it."""
        raise ConnectionRefusedError(111, "Connection refused")

    def sleep(self, _seconds: float) -> None:
        """Waiting costs no time."""

    def open(self) -> None:
        """There is nothing to open."""

    def close(self) -> None:
        """There is nothing to close."""

    def __enter__(self) -> GivenTransport:
        return self

    def __exit__(self, *_error: object) -> None:
        """There is nothing to close."""

    async def __aenter__(self) -> GivenTransport:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """There is nothing to close."""


def client_facts(client: Any) -> dict[str, Any]:
    """Return the transports that a client holds, by their classes, and what can be assigned to it."""
    held = [value for value in _held(client) if type(value).__name__.endswith("Transport")]
    given = [value for value in held if any(value is each for each in _GIVEN)]
    own = [type(value).__name__ for value in held if not any(value is each for each in given)]
    return {"transports": own, "uses_given": bool(given), "mutable": list(_assignable(client))}


def _held(client: Any) -> Iterator[Any]:
    """Yield what a client holds, and what that holds, nearest first."""
    pending: list[tuple[Any, int]] = [(client, 0)]
    seen: set[int] = set()
    while pending and len(seen) < _WIDEST:
        value, depth = pending.pop(0)
        if id(value) in seen or isinstance(value, str | bytes | int | float | type):
            continue
        seen.add(id(value))
        yield value
        if depth < _DEEPEST:
            inner = getattr(value, "__dict__", None) or {}
            inside = list(inner.values()) if isinstance(inner, Mapping) else []
            inside += list(value)[:20] if isinstance(value, list | tuple) else []
            pending += [(each, depth + 1) for each in inside]


def _assignable(client: Any) -> Iterator[str]:
    for name in ("endpoint", "something_new"):
        try:
            setattr(client, name, "changed")
        except Exception:  # noqa: BLE001, S112 - it refuses, which is what the rule wants
            continue
        yield name


def fields_of(module: str, name: str) -> dict[str, Any]:
    """Return the fields of a model by their names, as a model of clientsmith.core knows them; ``{}`` for any other."""
    shape = getattr(class_of(module, name), "_shape", None)
    if shape is None:
        return {"fields": {}}
    fields = {
        each: {"wire": known.wire_name, "is_read_only": bool(known.is_read_only), "is_secret": bool(known.is_secret)}
        for each, known in shape.fields.items()
    }
    return {"fields": fields}
