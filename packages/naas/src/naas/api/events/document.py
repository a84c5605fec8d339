"""The stream of events, as the document describes it."""

from __future__ import annotations

from typing import Final

from naas.api import wire
from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, refused
from naas.api.streams import EVENT_STREAM

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("events", "What happens to jobs, as it happens.")

OPERATIONS: Final = (
    OperationDoc(
        method="get",
        path="/v2/events",
        operation_id="streamEvents",
        tag=TAG.name,
        summary="Watch all jobs",
        description=(
            "Tell what happens to the caller's jobs as server-sent events: `job` with `job_id`, `status` and "
            "`batch_id` for each state that a job reaches, `progress` with `done` and `total` while a job of several "
            "commands runs. Nothing of the past is told: list the jobs once the stream is open."
        ),
        responses={
            200: ResponseDoc("The events.", str, media_type=EVENT_STREAM),
            **refused(401, 403, 503),
            429: ResponseDoc("Too many streams are open; poll instead.", wire.MessageError),
        },
    ),
)
