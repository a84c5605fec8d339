"""The commands of the tool, a line of JSON each on the standard input; each is answered by a line of JSON."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from . import core, looks, models
from .calls import Caller
from .fence import Fence
from .server import ScriptedServer

__all__ = ["main"]

_MEGABYTE: Final = 1024 * 1024


def main(settings: Mapping[str, Any]) -> None:
    """Read commands until the tool goes away.

    Args:
        settings: ``folder`` to write in, ``paths`` to import from, ``seconds`` for a call, ``megabytes`` of memory.
    """
    commands, answers = _pipe()
    _bounded(settings["megabytes"])
    server = ScriptedServer()
    fence = Fence(server, Path(settings["folder"]))
    fence.put_up()
    sys.path[:0] = settings["paths"]
    caller = Caller(server, fence, settings["seconds"])
    doing: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
        "import": lambda command: _imported(command["modules"], fence),
        "call": caller.call,
        "model": lambda command: models.filled(command["module"], command["class"], command["text"]),
        "unknown": lambda command: models.read_unknown(
            command["module"], command["class"], command["attribute"], command["value"]
        ),
        "operation": lambda command: core.answers_of(command["module"], command["name"], command["text_items"]),
        "authentication": lambda command: {"names": core.authentication_of(command["module"])},
        "fields": lambda command: looks.fields_of(command["module"], command["class"]),
        "bases": lambda command: _bases(command["module"], command["class"]),
    }
    for line in commands:
        command = json.loads(line)
        try:
            answer = doing[command["do"]](command)
        except Exception as error:  # noqa: BLE001 - the tool is told, and goes on with the next
            answer = {"broken": f"{type(error).__name__}: {error}"[:500]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _pipe() -> tuple[Any, Any]:
    """Keep the standard input and output for the tool; what the package prints, or reads, goes to nobody."""
    commands, answers = os.fdopen(os.dup(0), "r", encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    return commands, answers


def _bounded(megabytes: int) -> None:
    for kind, most in ((resource.RLIMIT_AS, megabytes * _MEGABYTE), (resource.RLIMIT_FSIZE, 64 * _MEGABYTE)):
        with contextlib.suppress(ValueError, OSError):  # where the system sets a narrower bound, that one holds
            resource.setrlimit(kind, (most, most))


def _imported(modules: list[str], fence: Fence) -> dict[str, Any]:
    for name in modules:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - the package may raise anything
            missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
            return {"failed": name, "why": f"{type(error).__name__}: {error}"[:300], "missing": missing}
    fence.after_import()
    gc.freeze()  # what was imported stays: looking through it again and again takes a fifth of the time
    return {"python": ".".join(map(str, sys.version_info[:3]))}


def _bases(module: str, name: str) -> dict[str, Any]:
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return {"names": [f"{each.__module__}.{each.__qualname__}" for each in found.__mro__]}
