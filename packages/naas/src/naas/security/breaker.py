"""Circuit breakers: a device that does not answer is left alone for a while.

The rules, for each device within its context:

- *Closed*: every job runs. ``threshold`` failures in a row to reach the device open the circuit.
- *Open*: jobs end at once with ``CIRCUIT_OPEN``, without touching the device, for ``seconds``.
- *Half-open*: then one job runs as a trial, and the others are refused as before. If it reaches the device the circuit
  closes; if it fails the circuit is open for ``seconds`` again. A trial of which nothing is heard for ``seconds`` is
  given up, and the next job is one.

Whoever hears a refused password has reached the device. A job that was refused here, was cancelled, or that the service
could not carry out says nothing about the device. The state lives in the process that hands out the jobs; after a
restart every circuit is closed and the first few failures open it again.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from naas.driver.base import ErrorCode
from naas.jobs import Failure, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from naas.jobs import Job
    from naas.security.audit import Audit

__all__ = ["BreakerRules", "Breakers", "Circuit", "Evidence", "ask", "evidence_of", "hear"]

log = logging.getLogger("naas.security.breaker")

# A circuit that has seen no failure is not kept, so these are devices that fail: about 300 bytes each.
MOST_CIRCUITS: Final = 50_000


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """``threshold`` failures in a row open a circuit for ``seconds``; 0 switches breakers off."""

    threshold: int = 5
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of one device. ``open_since`` None means closed; ``trial`` is the job that tries, since when."""

    failures: int = 0
    open_since: float | None = None
    trial: str | None = None
    trial_since: float = 0.0


class Evidence(Enum):
    """What the end of a job says about its device."""

    REACHED = "reached"
    FAILED = "failed"
    NOTHING = "nothing"


CLOSED: Final = Circuit()


def ask(circuit: Circuit, job_id: str, now: float, rules: BreakerRules) -> tuple[Circuit, float]:
    """Return the circuit after a job has asked to run, and for how many seconds it must not; 0.0 if it may."""
    if circuit.open_since is None:
        return circuit, 0.0
    left = circuit.open_since + rules.seconds - now
    if left > 0:
        return circuit, left
    if circuit.trial not in (None, job_id) and circuit.trial_since + rules.seconds > now:
        return circuit, circuit.trial_since + rules.seconds - now
    return replace(circuit, trial=job_id, trial_since=now), 0.0


def hear(circuit: Circuit, job_id: str, evidence: Evidence, now: float, rules: BreakerRules) -> Circuit:
    """Return the circuit after a job has ended."""
    is_trial = circuit.trial == job_id
    match evidence:
        case Evidence.REACHED:
            return CLOSED
        case Evidence.NOTHING:
            return replace(circuit, trial=None) if is_trial else circuit
        case Evidence.FAILED:
            failures = circuit.failures + 1
            if circuit.open_since is not None:
                # Only its trial prolongs it: a job that was let in before it opened tells nothing new.
                return Circuit(failures, now) if is_trial else circuit
            return Circuit(failures, now if failures >= rules.threshold else None)


_REACHED: Final = frozenset(
    {ErrorCode.AUTH_FAILURE, ErrorCode.CONFIG_REJECTED, ErrorCode.AUTODETECT_FAILED},
)
_FAILED: Final = frozenset({ErrorCode.CONNECTION_TIMEOUT, ErrorCode.SSH_ERROR})


def evidence_of(job: Job) -> Evidence:
    """Return what the end of this job says about its device."""
    if job.state is not JobState.FINISHED:
        return Evidence.NOTHING
    failure = job.outcome.failure
    if failure is None or failure.code in _REACHED:
        return Evidence.REACHED
    # One that answered a command and then fell silent was reached, and yet nobody knows how it is.
    return Evidence.FAILED if failure.code in _FAILED and not job.outcome.partial else Evidence.NOTHING


class Breakers:
    """The circuits of all devices. Lives in one event loop."""

    def __init__(self, rules: BreakerRules, audit: Audit, now: Callable[[], float] = time.monotonic) -> None:
        self._rules, self._audit, self._now = rules, audit, now
        self._circuits: OrderedDict[str, Circuit] = OrderedDict()

    def check(self, job: Job) -> Failure | None:
        """Return why the device of the job must be left alone now, or None: then the job may run."""
        circuit = self._circuits.get(key := device_key(job.context, job.device.address))
        if circuit is None:
            return None
        self._circuits[key], left = ask(circuit, job.id, self._now(), self._rules)
        if left <= 0:
            return None
        message = (
            f"{job.device.address} failed {circuit.failures} times in a row and is left alone for now; "
            f"try again in {left:.0f} s"
        )
        return Failure(ErrorCode.CIRCUIT_OPEN, message)

    async def ended(self, job: Job) -> None:
        """Learn from a job that has ended."""
        if self._rules.threshold == 0:
            return
        key, evidence = device_key(job.context, job.device.address), evidence_of(job)
        before = self._circuits.get(key, CLOSED)
        after = hear(before, job.id, evidence, self._now(), self._rules)
        if after == CLOSED:
            self._circuits.pop(key, None)
        else:
            self._circuits[key] = after
            self._circuits.move_to_end(key)
            if len(self._circuits) > MOST_CIRCUITS:
                self._circuits.popitem(last=False)
        self._tell(job, before, after)

    def _tell(self, job: Job, before: Circuit, after: Circuit) -> None:
        if before.open_since is None and after.open_since is not None:
            self._audit.write("circuit.opened", host=job.device.host, port=job.device.port, context=job.context)
        elif before.open_since is not None and after.open_since is None:
            self._audit.write("circuit.closed", host=job.device.host, port=job.device.port, context=job.context)

    @property
    def open(self) -> int:
        """How many circuits are open now."""
        return sum(circuit.open_since is not None for circuit in self._circuits.values())


def device_key(context: str, address: str) -> str:
    """Return a device as one word. Two sites may use the same addresses, so a device is one within its context."""
    return f"{context} {address}"
