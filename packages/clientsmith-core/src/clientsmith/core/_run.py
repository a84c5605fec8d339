"""How pagers and pollers get their steps carried out: by their client, in its colour."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar

from .pipeline import Steps

__all__ = ["AsyncRun", "Run"]

T = TypeVar("T")


class Run(Protocol):
    """Carries steps out and returns what they end with."""

    def __call__(self, steps: Steps[T], /) -> T: ...


class AsyncRun(Protocol):
    """Carries steps out on the running event loop."""

    def __call__(self, steps: Steps[T], /) -> Awaitable[T]: ...
