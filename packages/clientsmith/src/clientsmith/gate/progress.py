"""What a gate says while it runs: a line for each job that ended, and on a terminal what is running now."""

from __future__ import annotations

import sys
import threading
import time

import click
from clientsmith.core.terminal import style

from .outcomes import Outcome
from .plan import Job
from .reports import one_line

__all__ = ["Progress"]

_WIDTH = 100  # a line that wraps cannot be taken away again


class Progress:
    """Says on stderr how far it is. Safe to call from any thread."""

    def __init__(self, total: int) -> None:
        self._total, self._ended = total, 0
        self._running: dict[str, float] = {}
        self._lock = threading.Lock()
        self._on_terminal = sys.stderr.isatty()

    def started(self, job: Job) -> None:
        with self._lock:
            self._running[job.name] = time.monotonic()
            self._status()

    def ended(self, outcome: Outcome) -> None:
        with self._lock:
            self._running.pop(outcome.job.name, None)
            self._ended += 1
            self.clear()
            click.echo(f"{self._ended:>3}/{self._total} {one_line(outcome)}", err=True)
            self._status()

    def clear(self) -> None:
        """Take the line of what is running away."""
        if self._on_terminal:
            click.echo("\r\x1b[K", nl=False, err=True)

    def _status(self) -> None:
        if self._on_terminal and self._running:
            running = ", ".join(self._running)[:_WIDTH]
            click.echo(f"\r\x1b[K{style(f'running: {running}', dim=True)}", nl=False, err=True)
