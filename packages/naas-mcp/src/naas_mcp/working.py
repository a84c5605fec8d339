"""From a submitted job to its answer: progress on the way, and what becomes of it when nobody waits any more.

Three things end the waiting: the job does, the time is up, or the assistant cancels the call. When the time is up the
job goes on, and the answer says where to look. When the call is cancelled, the job is cancelled too if the operator
allowed changes; if not, it goes on, for then this server changes nothing at all, and the log says so.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio
from clientsmith.core.errors import ClientsmithError, PollTimeoutError
from mcp.server.mcpserver.exceptions import ToolError

from .answers import Grouped, JobAnswer, grouped, job_answer
from .errors import errors_told

if TYPE_CHECKING:
    from clientsmith.core.aio import LROPoller
    from mcp.server.mcpserver import Context
    from naas_client.aio import NaasClient
    from naas_client.aio.batches import Batch
    from naas_client.models import JobResult

    from .settings import McpSettings

__all__ = ["batch_outcome", "job_outcome", "submitted"]

log = logging.getLogger("naas_mcp")

T = TypeVar("T")

_CANCEL_SECONDS: Final = 5.0
"""How long a cancelled call may take to pass the cancellation on."""


async def submitted(submit: Awaitable[T]) -> T:
    """Return what a submission returns; a cancellation waits so long, for else nobody would know the job's id."""
    done: list[T] = []
    with anyio.CancelScope(shield=True):
        done.append(await submit)
    return done[0]


async def job_outcome(
    client: NaasClient,
    poller: LROPoller[JobResult],
    context: Context[Any, Any],
    settings: McpSettings,
    *,
    steps: int,
) -> JobAnswer:
    """Wait for a job and return its answer, telling how many of its ``steps`` commands are done.

    Raises:
        ToolError: It failed, or was not done in time.
    """
    job_id = _job_id(poller)
    failure: ClientsmithError | None = None
    result: JobResult | None = None
    try:
        async with anyio.create_task_group() as group:
            if steps > 1:
                group.start_soon(_tell_progress, client, job_id, context, steps)
            # Caught in here: what leaves a task group leaves it as a group of errors.
            try:
                result = await poller.result(timeout=settings.job_timeout)
            except ClientsmithError as error:
                failure = error
            group.cancel_scope.cancel()
    except anyio.get_cancelled_exc_class():
        await _give_up(f"job {job_id}", lambda: client.cancel_job(job_id), settings)
        raise
    if isinstance(failure, PollTimeoutError):
        raise ToolError(
            f"job {job_id} is still {failure.status!r} after {settings.job_timeout:g} s and goes on: ask for it with "
            "`get_job_result` later, and do not submit it again"
        ) from failure
    with errors_told():
        if failure is not None:
            raise failure
    if result is None:
        raise AssertionError("a job that did not fail has a result")
    return job_answer(result)


async def batch_outcome(batch: Batch, context: Context[Any, Any], settings: McpSettings) -> Grouped:
    """Wait for a batch and return what its devices answered, telling how many are done.

    Raises:
        ToolError: NAAS could not tell.
    """
    last = 0
    try:
        with anyio.move_on_after(settings.job_timeout), errors_told():
            while not batch.done():
                await batch.more(timeout=settings.job_timeout)
                progress = batch.progress
                if progress.ended > last:
                    last = progress.ended
                    await context.report_progress(last, progress.total, f"{last} of {progress.total} devices are done")
    except anyio.get_cancelled_exc_class():
        await _give_up(f"batch {', '.join(batch.batch_ids)}", batch.cancel, settings)
        raise
    except ToolError as error:
        if not isinstance(error.__cause__, PollTimeoutError):
            raise
    ended = batch.ended()
    pending = set(range(len(batch.hosts))) - {item.index for item in ended}
    waiting = [batch.hosts[index] for index in sorted(pending)]
    return grouped(ended, pending=waiting, batch_ids=batch.batch_ids)


async def _tell_progress(client: NaasClient, job_id: uuid.UUID, context: Context[Any, Any], steps: int) -> None:
    last = -1  # The protocol wants every report to be greater than the one before.
    try:
        async for event in client.stream_job(job_id, progress=True):
            done = int(event.json()["done"]) if event.event == "progress" else 0
            if done > last:
                last = done
                await context.report_progress(done, steps, f"{done} of {steps} commands are answered")
    except (ClientsmithError, ValueError, KeyError) as error:
        # Who waits for the result misses nothing but the progress: servers of before have none, and streams are few.
        log.debug("no progress of job %s: %s", job_id, error)


async def _give_up(what: str, cancel: Callable[[], Awaitable[None]], settings: McpSettings) -> None:
    if not settings.allow_config:
        log.warning("the call was cancelled; %s goes on at NAAS, for cancelling it is not allowed here", what)
        return
    with anyio.move_on_after(_CANCEL_SECONDS, shield=True):
        try:
            await cancel()
        except ClientsmithError as error:
            log.warning("the call was cancelled; %s may go on at NAAS: %s", what, error)
        else:
            log.warning("the call was cancelled, and so is %s", what)


def _job_id(poller: LROPoller[JobResult]) -> uuid.UUID:
    response = poller.last_response
    if response is None:
        raise AssertionError("a poller that was just begun has the answer to the submission")
    return uuid.UUID(response.json()["job_id"])
