"""The transport that a client makes for itself: requests or aiohttp, or neither where neither is installed.

What a generated client depends on brings one of the two. Core used bare falls back to the standard library, and says so
in the log: the same contract, but no proxies that speak https or SOCKS.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import AsyncTransport, Transport

__all__ = ["default_async_transport", "default_transport"]


def default_transport(settings: Mapping[str, Any]) -> Transport:
    """Return a new sync transport; ``settings`` are the keyword arguments of its constructor."""
    try:
        from .requests import RequestsTransport  # 170 ms to import: only for who uses it
    except ModuleNotFoundError as error:
        _check_absence(error, "requests", "requests", "urllib3")
        from .stdlib.sync import StdlibTransport

        return StdlibTransport(**settings)
    return RequestsTransport(**settings)


def default_async_transport(settings: Mapping[str, Any]) -> AsyncTransport:
    """The async twin of `default_transport`."""
    try:
        from .aiohttp import AioHttpTransport  # 330 ms to import: only for who uses it
    except ModuleNotFoundError as error:
        _check_absence(error, "aiohttp", "aiohttp")
        from .stdlib.aio import AsyncStdlibTransport

        return AsyncStdlibTransport(**settings)
    return AioHttpTransport(**settings)


def _check_absence(error: ModuleNotFoundError, extra: str, *modules: str) -> None:
    """Raise the error again unless it is one of these modules that is not there: a broken installation is an error."""
    if error.name not in modules:
        raise error
    _tell(extra)


@cache
def _tell(extra: str) -> None:
    """Say it once."""
    import logging  # a process that has requests never gets here

    logging.getLogger("clientsmith.core.transport").info(
        "%s is not installed, so requests are sent with the standard library alone; "
        "install clientsmith-core[%s] for its transport, or choose this one with `transport=` and read no more of this",
        extra,
        extra,
    )
