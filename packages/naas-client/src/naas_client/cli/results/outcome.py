"""What came of the job at one device: one value, from which every format is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from ..._finish import last_line

if TYPE_CHECKING:
    from ...models import JobResult
    from ..inventory import Target

__all__ = ["Outcome", "State", "shown_output"]


class State(StrEnum):
    """How it ended, in the words of the command line."""

    OK = "ok"
    FAILED = "failed"
    CANCELED = "canceled"
    WAITING = "waiting"
    """It has not ended: the time was up, or nobody waited."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job.

    Attributes:
        device: What people call the device.
        results: Output by command; None unless it went well.
        partial: What had come before it failed.
        diff: What configuration changed, or would change; None if nobody asked.
        seconds: From submission to end, as far as it is known.
    """

    device: str
    host: str
    port: int | None
    platform: str | None
    job_id: str | None
    state: State
    results: Mapping[str, Any] | None = None
    partial: Mapping[str, Any] | None = None
    error: str | None = None
    error_code: str | None = None
    error_retryable: bool = False
    diff: str | None = None
    detected_platform: str | None = None
    seconds: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, target: Target, result: JobResult, seconds: float | None = None) -> Outcome:
        """Return the outcome that a job's result means: on the wire `finished` with an error is a failure."""
        status = str(getattr(result.status, "value", result.status))
        # A server of another version may leave out what it does not have.
        wire: Mapping[str, Any] = result.as_dict()
        code = wire.get("error_code")
        if status == "canceled":
            state = State.CANCELED
        elif status == "failed" or wire.get("error") is not None or code is not None:
            state = State.FAILED
        else:
            state = State.OK if status == "finished" else State.WAITING
        return cls(
            device=target.name,
            host=target.host,
            port=target.port,
            platform=target.platform,
            job_id=str(result.job_id),
            state=state,
            results=wire.get("results") if state is State.OK else None,
            partial=wire.get("partial_results"),
            error=last_line(wire.get("error")) or None,
            error_code=code,
            error_retryable=bool(wire.get("error_retryable")),
            diff=wire.get("diff"),
            detected_platform=wire.get("detected_platform"),
            seconds=seconds,
            extra={name: wire[name] for name in ("needs_review",) if wire.get(name)},
        )

    @classmethod
    def refused(cls, target: Target, message: str, code: str | None = None) -> Outcome:
        """Return the outcome of a job that never was: the server refused it."""
        return cls(
            target.name, target.host, target.port, target.platform, None, State.FAILED, error=message, error_code=code
        )

    @classmethod
    def waiting(cls, target: Target, job_id: str | None, state: State = State.WAITING) -> Outcome:
        """Return the outcome of a job whose end nobody has seen."""
        return cls(target.name, target.host, target.port, target.platform, job_id, state)

    def as_data(self) -> dict[str, Any]:
        """Return it for programs: every key is always there."""
        return {
            "device": self.device,
            "host": self.host,
            "port": self.port,
            "platform": self.detected_platform or self.platform,
            "job_id": self.job_id,
            "state": self.state.value,
            "results": dict(self.results) if self.results is not None else None,
            "partial_results": dict(self.partial) if self.partial is not None else None,
            "diff": self.diff,
            "error": self.error,
            "error_code": self.error_code,
            "error_retryable": self.error_retryable,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            **self.extra,
        }


def shown_output(value: object) -> str:
    """Return the output of one command as people read it: text as it is, what was parsed as JSON."""
    if isinstance(value, str):
        return value.strip("\r\n")
    return json.dumps(cast("Any", value), indent=2, ensure_ascii=False)
