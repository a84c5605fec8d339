"""Work without the garbage collector's rounds, where a great many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Generator[None]:
    """Keep the cyclic collector from running; what is no longer referred to is freed all the same.

    Every full round looks at every object that lives, and a description of megabytes is a hundred thousand of them that
    live to the end: composing 4 MB of YAML takes 1.8 s with the rounds and 0.3 s without, in the same memory.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
