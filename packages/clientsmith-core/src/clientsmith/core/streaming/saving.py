"""Writing a download to a file, as steps."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from ..pipeline import Steps
from ._files import NO_CHECK, Check, OpenFile, PartFile, Target, version_of
from .downloads import ByteSteps, Progress
from .source import Blocking

__all__ = ["save"]

# A MiB: enough that an async client's hop to a thread for every write costs nothing beside the bytes.
_BATCH: Final = 1024 * 1024


def save(
    body: ByteSteps,
    target: str | os.PathLike[str] | BinaryIO,
    progress: Progress | None,
    *,
    resume: bool,
    check: Check | None = None,
    overwrite: bool = True,
) -> Steps[int]:
    """Read the body to its end and write it; return how many bytes the target has now."""
    yield from body.open()
    if body.position != body.first:
        body.abandon()
        raise RuntimeError(
            f"{body.position - body.first} bytes were read already, and the file would begin behind them; "
            "write the pieces yourself, or call the method again"
        )
    try:
        place = yield from _place(body, target, resume, check or NO_CHECK, overwrite)
    except BaseException:
        body.abandon()
        raise
    try:
        yield from _copy(body.restartable(), place, progress)
        yield from Blocking(place.finish)
    except BaseException:
        body.abandon()
        place.give_up()
        raise
    return body.position - body.first


def _place(
    body: ByteSteps, target: str | os.PathLike[str] | BinaryIO, resume: bool, check: Check, overwrite: bool
) -> Steps[Target]:
    """Open what is written to, and go on from what is there already."""
    if not isinstance(target, str | os.PathLike):
        return OpenFile(target, check)
    path = Path(target)
    is_kept = resume and body.can_resume and body.first == 0
    version = version_of(body.validator or "", body.stop) if is_kept else ""
    part = yield from Blocking(lambda: PartFile(path, version, check, overwrite=overwrite))
    try:
        if part.size and body.stop is not None and part.size > body.stop:
            yield from Blocking(part.restart)
        elif part.size:
            yield from body.restartable().go_to(part.size)
    except BaseException:
        part.give_up()
        raise
    return part


def _copy(body: ByteSteps, place: Target, progress: Progress | None) -> Steps[None]:
    chunks: list[bytes] = []
    size, restarts = 0, 0
    is_over = False
    while not is_over:
        try:
            chunk = yield from body.read()
        except Exception:
            if body.restarts == restarts:  # what has come is worth keeping, for another day
                yield from Blocking(partial(place.write, chunks))
            raise
        if body.restarts != restarts:
            restarts, chunks, size = body.restarts, [], 0
            yield from Blocking(place.restart)
        chunks.append(chunk)
        size += len(chunk)
        is_over = not chunk
        if size >= _BATCH or is_over:
            batch, chunks, size = chunks, [], 0
            yield from Blocking(partial(place.write, batch))
        if progress is not None and chunk:
            progress(body.position - body.first, body.total)
