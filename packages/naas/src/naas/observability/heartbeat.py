"""The heartbeat file of a worker: as long as the worker takes jobs, its time is renewed.

For those who can look at a file but not at a port, such as a liveness probe that runs a command. Compare its age with
`EVERY_SECONDS`; three of them without a beat is a worker that hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

__all__ = ["EVERY_SECONDS", "heartbeat"]

log = logging.getLogger("naas.heartbeat")

EVERY_SECONDS: Final = 10.0


@contextlib.asynccontextmanager
async def heartbeat(
    file: Path | None, is_alive: Callable[[], bool], *, every: float = EVERY_SECONDS
) -> AsyncGenerator[None]:
    """Renew the file as long as the block runs and ``is_alive`` says so; remove it at the end. None writes nothing."""
    if file is None:
        yield
        return
    beating = asyncio.create_task(_beat(file, is_alive, every))
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating
        with contextlib.suppress(OSError):
            file.unlink()


async def _beat(file: Path, is_alive: Callable[[], bool], every: float) -> None:
    was_written = True
    while True:
        if is_alive():
            try:
                file.touch()
                was_written = True
            except OSError as exc:
                if was_written:  # said once, not at every beat
                    log.warning("the heartbeat file cannot be written file=%s error=%r", file, exc.strerror)
                was_written = False
        await asyncio.sleep(every)
