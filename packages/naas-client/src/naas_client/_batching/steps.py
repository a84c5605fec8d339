"""What is asked of the server for a batch, and when; steps without I/O, for both colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from clientsmith.core.errors import HttpResponseError, PollTimeoutError, TransportError, UsageError
from clientsmith.core.operations import Operation
from clientsmith.core.pipeline import Sleep
from clientsmith.core.rest import Call

from .._finish import checked_version, safeguards_in, told, unknown_safeguards
from .operations import (
    CANCEL_BATCH,
    CANCEL_JOB,
    GET_BATCH,
    GET_JOB,
    KINDS,
    LIST_BATCHES,
    SUBMIT,
    SUBMIT_BATCH,
)
from .state import ENDED, WAVE_FIELDS, BatchState, Part, for_one_job, is_passing, pause_after, result_in
from .values import BatchItem, BatchProgress

if TYPE_CHECKING:
    from clientsmith.core._client_core import ClientCore
    from clientsmith.core.pipeline import Steps
    from clientsmith.core.rest import HttpResponse

__all__ = ["BatchSteps"]

# What a server of before takes at once (BATCH_MAX_DEVICES of NAAS 2.3).
_MOST_DEVICES: Final = 100
# Below the 30 s after which the strictest common proxies give an idle connection up.
_HOLD_SECONDS: Final = 20.0
_HOLD_OF_MANY: Final = 1.0
# An answer that is held has to travel, too, before we would give it up.
_TRAVEL_SECONDS: Final = 1.0
# How a server says that it has no such route.
_NO_ROUTE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})

Progress = Callable[[BatchProgress], object] | None


class BatchSteps:
    """One batch and the way to ask for it. An error, a timeout or a cancellation loses nothing of its ``state``."""

    def __init__(self, core: ClientCore, state: BatchState, options: Mapping[str, Any]) -> None:
        rest = dict(options)
        self._key: str | None = rest.pop("idempotency_key", None)
        self.state, self._core = state, core
        self._options, self._settings = rest, core.table.for_call(rest)

    @property
    def clock(self) -> Callable[[], float]:
        """The client's clock, in seconds."""
        return self._core.clock

    @classmethod
    def of_jobs(
        cls, core: ClientCore, job_ids: Sequence[str], options: Mapping[str, Any], on_progress: Progress
    ) -> BatchSteps:
        """Return a batch of jobs that exist; their hosts are their ids, for nobody knows better."""
        state = BatchState(KINDS[0], job_ids, on_progress)
        for index, job in enumerate(job_ids):
            state.add(Part({job: index}))
        return cls(core, state, options)

    def open(self, batch_id: str) -> Steps[None]:
        """Take up a batch of the server, whoever submitted it.

        Raises:
            HttpResponseError: There is none of this id, or it is somebody else's.
        """
        document: Mapping[str, Any] = yield from self._call(GET_BATCH, {"batch_id": batch_id}, None)
        jobs = cast("Sequence[Mapping[str, Any]]", document.get("jobs") or ())
        self.state.hosts = [str(job.get("host")) for job in jobs]
        self.state.ports = [job.get("port") for job in jobs]
        self.state.add(Part({str(job.get("job_id")): index for index, job in enumerate(jobs)}, batch_id))

    # --- beginning ---

    def begin(self, devices: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]) -> Steps[None]:
        """Submit the work: as one batch, as several where the server does not take so many devices at once, or job by
        job where it has no batches.

        Raises:
            HttpResponseError: The server refused. What was submitted before goes on; the error's ``continuation_token``
                resumes it.
            UsageError: There are to be waves, and the server knows none; nothing was submitted.
        """
        self.state.ports = [device.get("port", shared.get("port")) for device in devices]
        try:
            yield from self._submit(devices, shared)
        except (TransportError, HttpResponseError) as error:
            if self.state.parts:
                error.continuation_token = self.state.token()
            raise

    def _submit(self, devices: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]) -> Steps[None]:
        has_waves = bool(WAVE_FIELDS & shared.keys())
        if has_waves or safeguards_in(shared):
            yield from self._check_server(shared)
        try:
            yield from self._begin_batch(devices, shared, 0)
        except HttpResponseError as error:
            if error.status_code in _NO_ROUTE:
                yield from self._begin_jobs(devices, shared)
            elif (
                error.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and len(devices) > _MOST_DEVICES and not has_waves
            ):
                # Failures are counted over a whole batch, so that one in waves is not divided.
                for start in range(0, len(devices), _MOST_DEVICES):
                    yield from self._begin_batch(devices[start : start + _MOST_DEVICES], shared, start)
            else:
                raise

    def _check_server(self, shared: Mapping[str, Any]) -> Steps[None]:
        """Raise if the server knows no waves and no safeguards: it would read over them, and begin at once."""
        try:
            yield from self._call(LIST_BATCHES, {"per_page": 1}, None)
        except HttpResponseError as error:
            if names := safeguards_in(shared):
                raise unknown_safeguards(names, error) from error
            if error.status_code not in _NO_ROUTE:
                raise
            raise UsageError(
                "this server does not know waves, and would begin at all devices at once; nothing was submitted. "
                "Leave the waves out, or submit one wave after the other"
            ) from error

    def _begin_batch(self, devices: Sequence[Mapping[str, Any]], shared: Mapping[str, Any], start: int) -> Steps[None]:
        body = {**shared, "devices": [dict(device) for device in devices]}
        document = yield from self._call(SUBMIT_BATCH[self.state.kind], {}, body, self._key_of(start))
        ids = [str(each) for each in document["job_ids"]]
        self.state.add(Part({job: start + place for place, job in enumerate(ids)}, str(document["batch_id"])))

    def _key_of(self, index: int) -> str | None:
        """Return the idempotency key of what begins at a device: one for each request, for they are different ones."""
        return self._key if self._key is None or index == 0 else f"{self._key}-{index}"

    def _begin_jobs(self, devices: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]) -> Steps[None]:
        for index, device in enumerate(devices):
            try:
                body = {**for_one_job(shared), **device}
                document = yield from self._call(SUBMIT[self.state.kind], {}, body, self._key_of(index))
            except HttpResponseError as error:
                if error.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and not self.state.job_ids:
                    raise  # so it will be for all others
                here = self.state.hosts[index], self.state.ports[index]
                self.state.end(BatchItem(index, here[0], None, error=error, port=here[1]))
                continue
            self.state.add(Part({str(document["job_id"]): index}))

    # --- following ---

    def more(self, timeout: float | None) -> Steps[list[BatchItem]]:
        """Wait until jobs have ended, and return what came of them; nothing if all had before.

        Raises:
            PollTimeoutError: None ended within ``timeout`` seconds.
            HttpResponseError: The server refused to tell.
            TransportError: It cannot be reached; a few failures in a row are put up with.
        """
        until = None if timeout is None else self._core.clock() + timeout
        failures = 0
        while not self.state.is_done and not self.state.has_news:
            part = min((each for each in self.state.parts if not each.is_over), key=lambda each: each.due)
            yield from self._pause(part, until, timeout)
            try:
                yield from self._look(part, until)
                failures = 0
            except (TransportError, HttpResponseError) as error:
                if self.state.has_news:
                    break  # what came before it counts; it will come again
                failures += 1
                if not is_passing(error) or failures > self._settings.get("max_retries", 0):
                    error.continuation_token = self.state.token()
                    raise
                part.asked += 1
                part.due = self._core.clock() + pause_after(
                    part.asked, getattr(error, "retry_after", None), float(self._settings.get("polling_interval", 0.5))
                )
        return self.state.news()

    def _pause(self, part: Part, until: float | None, timeout: float | None) -> Steps[None]:
        now = self._core.clock()
        end = part.due if until is None else min(part.due, until)
        if end > now:
            yield Sleep(end - now, Call(self._settings, clock=self._core.clock))
        if until is not None and self._core.clock() >= until:
            raise PollTimeoutError(
                timeout or 0.0, f"{self.state.progress.pending} of {len(self.state.hosts)} waiting", self.state.token()
            )

    def _look(self, part: Part, until: float | None) -> Steps[None]:
        started, known = self._core.clock(), len(self.state.items)
        # Without `since` an answer that is held comes when all is over: the first look is one that comes at once.
        is_first = bool(part.batch_id) and part.since is None
        hold = 0.0 if is_first else self._hold(None if until is None else until - started)
        if part.batch_id:
            wait_after = yield from self._look_at_batch(part, hold)
        else:
            wait_after = yield from self._look_at_job(part, hold)
        now = self._core.clock()
        was_held = is_first or len(self.state.items) > known or now - started >= hold / 2 > 0
        if wait_after == 0 and not was_held:
            wait_after = None  # it says "at once" and does not hold: asking so would never stop
        part.due = now + pause_after(part.asked, wait_after, float(self._settings.get("polling_interval", 0.5)))
        part.asked += 1

    def _hold(self, left: float | None) -> float:
        """Return for how many seconds the server may hold its answer: no longer than we would wait for it.

        While one part is held the others are not asked, so several are held for a moment only; jobs one by one are
        asked in turns.
        """
        open_parts = sum(not part.is_over for part in self.state.parts)
        most = _HOLD_SECONDS if open_parts == 1 else _HOLD_OF_MANY if self.state.batch_ids else 0.0
        ours: list[float | None] = [self._settings.get(name) for name in ("timeout", "read_timeout")]
        limits = [most, *(limit - _TRAVEL_SECONDS for limit in ours if limit is not None)]
        return round(max(0.0, min(limits if left is None else [*limits, left])), 2)

    def _look_at_batch(self, part: Part, hold: float) -> Steps[float | None]:
        arguments = {"batch_id": part.batch_id, "wait": hold or None, "results": "true", "since": part.since}
        response = yield from self._send(GET_BATCH, arguments)
        document: Mapping[str, Any] = GET_BATCH.read(response)
        part.since = document.get("revision")
        wait_after = _retry_after(response)
        for listed in cast("Sequence[Mapping[str, Any]]", document.get("jobs") or ()):
            job, status = str(listed.get("job_id")), str(listed.get("status"))
            if job not in part.waiting or status not in ENDED:
                continue
            result = result_in(listed)
            if result is None:
                response = yield from self._send(GET_JOB, {"job_id": job, "wait": None})
                result = GET_JOB.read(response)
            self.state.judge(part, job, result, response)
        # A server that can hold its answer has done so, or does with the next one.
        return 0.0 if part.since else wait_after

    def _look_at_job(self, part: Part, hold: float) -> Steps[float | None]:
        (job,) = part.waiting
        response = yield from self._send(GET_JOB, {"job_id": job, "wait": hold or None})
        result = GET_JOB.read(response)
        if str(told(result, "status")) in ENDED:
            self.state.judge(part, job, result, response)
        return _retry_after(response)

    # --- cancelling ---

    def cancel(self) -> Steps[None]:
        """Ask the server to cancel every job that has not ended; those that end meanwhile are none of our business."""
        for part in self.state.parts:
            if part.is_over:
                continue
            part.due = 0.0
            if part.batch_id and (yield from self._cancelled(CANCEL_BATCH, {"batch_id": part.batch_id})):
                continue
            for job in list(part.waiting):
                yield from self._cancelled(CANCEL_JOB, {"job_id": job})

    def _cancelled(self, operation: Operation[None], arguments: Mapping[str, Any]) -> Steps[bool]:
        """Return whether the server has a way to cancel this; what has ended meanwhile needs none."""
        try:
            yield from self._call(operation, arguments, None)
        except HttpResponseError as error:
            if error.status_code in _NO_ROUTE:
                return False
            if error.status_code != HTTPStatus.CONFLICT:
                raise
        return True

    # --- sending ---

    def _call(
        self, operation: Operation[Any], arguments: Mapping[str, Any], body: Any, key: str | None = None
    ) -> Steps[Any]:
        response = yield from self._send(operation, arguments, body, key)
        answer: Any = operation.read(response)
        if isinstance(answer, dict):
            document = cast("dict[str, Any]", answer)
            checked_version(document.get("version"))
            return document
        return answer

    def _send(
        self, operation: Operation[Any], arguments: Mapping[str, Any], body: Any = None, key: str | None = None
    ) -> Steps[HttpResponse]:
        request = operation.request(arguments, body)
        settings = (
            self._settings if key is None else self._core.table.for_call({**self._options, "idempotency_key": key})
        )
        response = yield from self._core.send(request, settings, template=operation.path)
        operation.raise_for_error(response)
        return response


def _retry_after(response: HttpResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
