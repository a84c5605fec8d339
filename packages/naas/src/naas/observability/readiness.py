"""Whether a process lives and is ready for work: asked by load balancers, orchestrators and people.

*Alive* means that the process answers; nothing else is asked, since a restart would not heal a store that is down.
*Ready* means that every part says so. The parts are asked at most once a second, whoever asks how often, and each has
two seconds to answer. Callers without credentials learn which part is not well; why stands in the log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from naas.observability.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from naas.observability.metrics import Metrics

__all__ = ["Check", "ProbeAnswer", "Probes", "Readiness"]

log = logging.getLogger("naas.readiness")

_FRESH_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One part to ask. ``ask`` returns if it is well, and raises if it is not."""

    name: str
    ask: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the parts said, in the order in which they were asked."""

    checks: tuple[tuple[str, bool], ...]

    @property
    def is_ready(self) -> bool:
        """Whether all are well."""
        return all(is_well for _, is_well in self.checks)

    def as_json(self) -> bytes:
        """Return it for programs."""
        words = {name: {"status": "ok" if is_well else "failed"} for name, is_well in self.checks}
        return json.dumps({"status": "ready" if self.is_ready else "not_ready", "checks": words}).encode()

    def as_text(self) -> bytes:
        """Return it for people, a line for each part."""
        lines = [f"[{'+' if is_well else '-'}] {name} {'ok' if is_well else 'failed'}" for name, is_well in self.checks]
        return "\n".join([*lines, "ready" if self.is_ready else "not ready", ""]).encode()


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """An answer over HTTP."""

    status: int
    media_type: str
    body: bytes


class Probes:
    """Answers ``/livez``, ``/readyz`` and ``/metrics`` for one process."""

    def __init__(self, checks: Sequence[Check], metrics: Metrics | None = None) -> None:
        self._checks = tuple(checks)
        self._metrics = metrics
        self._asking = asyncio.Lock()
        self._known: Readiness | None = None
        self._known_at = 0.0
        self._unwell: frozenset[str] = frozenset()

    def livez(self, accept: str = "") -> ProbeAnswer:
        """Return that the process lives."""
        if _wants_text(accept):
            return ProbeAnswer(200, "text/plain; charset=utf-8", b"alive\n")
        return ProbeAnswer(200, "application/json", b'{"status": "alive"}')

    async def readyz(self, accept: str = "") -> ProbeAnswer:
        """Return whether the process is ready: 200, or 503 with the parts that are not well."""
        readiness = await self.readiness()
        status = 200 if readiness.is_ready else 503
        if _wants_text(accept):
            return ProbeAnswer(status, "text/plain; charset=utf-8", readiness.as_text())
        return ProbeAnswer(status, "application/json", readiness.as_json())

    async def metrics(self) -> ProbeAnswer | None:
        """Return the metrics; None if they are off."""
        return None if self._metrics is None else ProbeAnswer(200, CONTENT_TYPE, await self._metrics.text())

    async def readiness(self) -> Readiness:
        """Ask the parts, or return what they said within the last second."""
        async with self._asking:
            if self._known is None or time.monotonic() - self._known_at > _FRESH_SECONDS:
                answers = await asyncio.gather(*(self._ask(check) for check in self._checks))
                self._known = Readiness(tuple(zip((check.name for check in self._checks), answers, strict=True)))
                self._known_at = time.monotonic()
            return self._known

    async def _ask(self, check: Check) -> bool:
        try:
            await asyncio.wait_for(_awaited(check), _PATIENCE_SECONDS)
        except Exception as exc:  # noqa: BLE001 - however it is not well, it is not well
            if check.name not in self._unwell:  # said once, not every second
                log.warning("a part of the service is not well name=%s error=%r", check.name, str(exc) or repr(exc))
                self._unwell |= {check.name}
            return False
        if check.name in self._unwell:
            log.info("a part of the service is well again name=%s", check.name)
            self._unwell -= {check.name}
        return True


async def _awaited(check: Check) -> None:
    # Called here, so that an `ask` that fails before its first await fails like any other.
    await check.ask()


def _wants_text(accept: str) -> bool:
    return "text/plain" in accept and "json" not in accept
