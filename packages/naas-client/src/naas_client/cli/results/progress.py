"""A line on the terminal while many devices work; nothing elsewhere, and nothing with ``--quiet``."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .outcome import Outcome, State

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressLine"]


class ProgressLine:
    """Tells how many devices are done; used as a context manager.

    Args:
        total: How many there are. One device needs no bar.
        what: What they do.
        is_quiet: Whether nothing is to be shown.
    """

    def __init__(self, total: int, what: str, *, is_quiet: bool) -> None:
        self._total, self._what = total, what
        self._is_shown = not is_quiet and total > 1 and sys.stderr.isatty()
        self._failed = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._is_shown:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("[red]{task.fields[failed]}"),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self._what, total=self._total, failed="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def ended(self, outcome: Outcome) -> None:
        """Count a device that is done."""
        self._failed += outcome.state is not State.OK
        if self._bar is not None and self._task is not None:
            failed = f"{self._failed} failed" if self._failed else ""
            self._bar.update(self._task, advance=1, failed=failed)
