"""Tells whoever runs the program, once: as a warning that points to his own line, and to his hook."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from .errors import ApiVersionWarning

if TYPE_CHECKING:
    from .lifecycle import ApiLifecycleNotice

__all__ = ["LifecycleHook", "Teller"]

LifecycleHook = Callable[["ApiLifecycleNotice"], object]

# No service has so many different things to say; a set that grows for ever would be a leak.
_MOST_TOLD: Final = 1000


class Teller:
    """What one client has told. Threads share it; two of them at the same moment may both tell.

    Args:
        library: The import package of the client library, "" for none: warnings point to whoever called it.
    """

    __slots__ = ("_told", "library")

    def __init__(self, library: str = "") -> None:
        self.library = library
        self._told: set[object] = set()

    def tell(self, warning: ApiVersionWarning, key: object, hook: LifecycleHook | None = None) -> None:
        """Tell what was not told before under this key; a notice goes to the hook as well.

        Raises:
            ApiVersionWarning: The program turned its warnings into errors.
        """
        if key in self._told or len(self._told) >= _MOST_TOLD:
            return
        self._told.add(key)
        notice = getattr(warning, "notice", None)
        if hook is not None and notice is not None:
            hook(notice)
        import warnings

        warnings.warn(warning, stacklevel=_level_of_the_caller(self.library))


def _level_of_the_caller(library: str) -> int:
    """Return the stack level, as seen by `tell`, of the line that called the client.

    Between that line and here are the runtime, the client library, and methods of a client wherever they were written.
    A coroutine that is a task of its own was called by nobody who is still there: its own line has to do.
    """
    found = level = 1
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith("clientsmith.core."):
            if module.partition(".")[0] in _LOOPS:
                return found
            found = level
            if not (_is_of(module, library) or _is_method_of_a_client(frame)):
                return found
        frame, level = frame.f_back, level + 1
    return found


_LOOPS: Final = frozenset({"asyncio", "uvloop", "trio", "anyio", "concurrent", "threading"})


def _is_of(module: str, library: str) -> bool:
    name = module.replace(".", "_")
    return bool(library) and (name == library or name.startswith(f"{library}_"))


def _is_method_of_a_client(frame: FrameType) -> bool:
    base: Any = getattr(sys.modules.get("clientsmith.core.client"), "BaseClient", None)
    return base is not None and isinstance(frame.f_locals.get("self"), base)
