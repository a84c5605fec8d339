"""Fields that every log line of some work carries, such as the id of the request: bound once, seen by all below."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

__all__ = ["bound", "bound_fields"]

_NONE: Final[Mapping[str, str]] = {}
_fields: Final[ContextVar[Mapping[str, str]]] = ContextVar("naas_log_fields", default=_NONE)


def bound_fields() -> Mapping[str, str]:
    """Return what is bound here: in this task, and in the threads that it started with `asyncio.to_thread`."""
    return _fields.get()


@contextmanager
def bound(**fields: str) -> Generator[None]:
    """Put fields on every log line that is written in the block: ``with bound(job_id=job.id): …``."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)
