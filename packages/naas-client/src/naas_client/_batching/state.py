"""What is known of a batch, and what that means: pure decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from clientsmith.core.errors import (
    ArgumentError,
    ClientsmithError,
    HttpResponseError,
    OperationFailedError,
    TransportError,
)

from .._finish import checked_result, last_line, told
from ..models import JobResult
from .operations import KINDS
from .values import BatchItem, BatchProgress

if TYPE_CHECKING:
    from clientsmith.core.rest import HttpResponse

__all__ = ["ENDED", "WAVE_FIELDS", "BatchState", "Part", "for_one_job", "is_passing", "pause_after", "result_in"]

# What only a batch has, and no job takes; all of it says how a batch goes in steps.
WAVE_FIELDS: Final = frozenset({"wave_size", "waves", "wave_pause_seconds", "max_failures", "stop_on_failure"})

_GONE: Final = frozenset({"not_found", "unknown", "expired"})
ENDED: Final = frozenset({"finished", "failed", "canceled", "stopped"}) | _GONE
"""The states of a job that will not change any more; those that are not known any more among them."""

_MOST_GROWTH: Final = 10.0
_LONGEST_PAUSE: Final = 600.0  # a date from a clock that is wrong would else put us to sleep for days
_PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})
# A job within the state of a batch has not every key that a job has.
_UNTOLD: Final = dict.fromkeys(["results", "error", "error_code", "error_retryable", "detected_platform", "tags"])


@dataclass(slots=True)
class Part:
    """Jobs that are asked for together: a batch of the server, or one job. ``waiting`` is job id → index.

    ``since`` is the revision that was seen last, ``asked`` how often nothing was new, ``due`` when to ask next.
    """

    waiting: dict[str, int]
    batch_id: str = ""
    since: str | None = None
    asked: int = 0
    due: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether every job has ended."""
        return not self.waiting


class BatchState:
    """What was submitted, and what has ended. It moves only when an answer has arrived."""

    def __init__(self, kind: str, hosts: Sequence[str], on_progress: Callable[[BatchProgress], object] | None) -> None:
        self.kind, self.hosts, self._on_progress = kind, list(hosts), on_progress
        self.ports: list[int | None] = [None] * len(self.hosts)
        self.items: dict[int, BatchItem] = {}
        self.job_ids: dict[int, str] = {}
        self.parts: list[Part] = []
        self._untold: list[BatchItem] = []

    @property
    def has_news(self) -> bool:
        """Whether devices are done that nobody has heard of."""
        return bool(self._untold)

    def news(self) -> list[BatchItem]:
        """Return the devices that are done and were not told before; they are told now."""
        told_now, self._untold = self._untold, []
        return told_now

    @property
    def batch_ids(self) -> tuple[str, ...]:
        """The server's own batches; none where it has no batches."""
        return tuple(part.batch_id for part in self.parts if part.batch_id)

    @property
    def progress(self) -> BatchProgress:
        """How far it is, as of the last look."""
        failed = sum(not item.is_success for item in self.items.values())
        return BatchProgress(len(self.hosts), len(self.items), failed)

    @property
    def is_done(self) -> bool:
        """Whether every job has ended."""
        return len(self.items) == len(self.hosts)

    def add(self, part: Part) -> None:
        """Take note of jobs that were submitted."""
        self.parts.append(part)
        self.job_ids |= {index: job for job, index in part.waiting.items()}

    def judge(self, part: Part, job: str, result: JobResult, response: HttpResponse) -> None:
        """Take the end of a job into account."""
        index = part.waiting.pop(job)
        part.asked = 0
        error = _error_in(result, response)
        self.end(BatchItem(index, self.hosts[index], job, result, error, self.ports[index]))

    def end(self, item: BatchItem) -> None:
        """Take note of a device that is done."""
        self.items[item.index] = item
        self._untold.append(item)
        if self._on_progress is not None:
            self._on_progress(self.progress)

    # --- going on in another process ---

    def token(self) -> str:
        """Return what another process needs to go on: ids and hosts, no credential and no result."""
        parts = [{"batch": part.batch_id, "jobs": part.waiting} for part in self.parts if not part.is_over]
        waiting = {index for part in self.parts for index in part.waiting.values()}
        ended = [index for index in range(len(self.hosts)) if index not in waiting]
        return json.dumps({"v": 1, "kind": self.kind, "hosts": self.hosts, "parts": parts, "ended": ended})

    @classmethod
    def resumed(cls, token: str, on_progress: Callable[[BatchProgress], object] | None) -> BatchState:
        """Return a batch that goes on where another one was; jobs that had ended by then are not told again.

        Raises:
            ArgumentError: It is no token of a batch.
        """
        try:
            document = json.loads(token)
            hosts, ended = [str(host) for host in document["hosts"]], set(document["ended"])
            kept = [index for index in range(len(hosts)) if index not in ended]
            place = {index: number for number, index in enumerate(kept)}
            parts = [
                Part({str(job): place[index] for job, index in part["jobs"].items()}, str(part["batch"]))
                for part in document["parts"]
            ]
            if document["v"] != 1 or document["kind"] not in KINDS:
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = "continuation_token is not that of a batch; begin anew"
            raise ArgumentError("continuation_token", message) from error
        state = cls(document["kind"], [hosts[index] for index in kept], on_progress)
        for part in parts:
            state.add(part)
        return state


def for_one_job(shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return what holds for every device without what only a batch knows."""
    return {name: value for name, value in shared.items() if name not in WAVE_FIELDS}


def result_in(listed: Mapping[str, Any]) -> JobResult | None:
    """Return the result of a job that ended, from the state of its batch; None if that does not tell all of it."""
    if "results" not in listed:
        return None
    is_whole = listed.get("status") != "finished" or listed["results"] is not None or listed.get("error") is not None
    return JobResult.from_dict({**_UNTOLD, **listed}) if is_whole else None


def pause_after(asked: int, wait_after: float | None, interval: float) -> float:
    """Return how long to wait before asking again: the server's wish, else longer each time."""
    if wait_after is not None:
        return min(wait_after, _LONGEST_PAUSE)
    return interval * min(1.5 ** min(asked, 10), _MOST_GROWTH)


def is_passing(error: TransportError | HttpResponseError) -> bool:
    """Whether the next look may go better."""
    return error.status_code in _PASSING if isinstance(error, HttpResponseError) else error.is_transient


def _error_in(result: JobResult, response: HttpResponse) -> ClientsmithError | None:
    """Return why a job that ended has no results, None if it has."""
    status = str(told(result, "status"))
    if status != "finished":
        return OperationFailedError(_why(status, result), response=response, status=status, error=result)
    try:
        checked_result(result)
    except ClientsmithError as error:
        return error
    return None


def _why(status: str, result: JobResult) -> str:
    if status in _GONE:
        return "the server does not know the job any more; its results have expired"
    reason = last_line(told(result, "error"))
    return f"the job ended as {status!r}: {reason}" if reason else f"the job ended as {status!r}"
