"""What a batch tells: one device that is done, and how far all of them are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clientsmith.core.errors import ClientsmithError

    from ..models import JobResult

__all__ = ["BatchItem", "BatchProgress", "in_order"]


@dataclass(frozen=True, slots=True)
class BatchItem:
    """What came of a batch at one device.

    Attributes:
        index: The device's place in the list that was given, from 0.
        host: The device.
        port: Its port, None if nobody said.
        job_id: The job; None if the server did not take it.
        result: What the job ended with, errors included; None if there is none.
        error: Why there are no results: a `DeviceError`, an `OperationFailedError`, or what the server said instead of
            taking the job. None if all went well.
    """

    index: int
    host: str
    job_id: str | None
    result: JobResult | None = field(default=None, repr=False)
    error: ClientsmithError | None = None
    port: int | None = None

    @property
    def is_success(self) -> bool:
        """Whether the device did what was asked."""
        return self.error is None

    def get(self) -> JobResult:
        """Return the result, or raise the error.

        Raises:
            DeviceError: The device failed; the subclass says how.
            OperationFailedError: The service could not carry the job out, or it was cancelled.
            HttpResponseError: The service did not take the job.
        """
        if self.error is not None:
            raise self.error
        if self.result is None:
            raise AssertionError("an item without an error has a result")
        return self.result


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is: ``failed`` of the ``ended`` devices did not do what was asked."""

    total: int
    ended: int
    failed: int

    @property
    def pending(self) -> int:
        """How many devices are not done."""
        return self.total - self.ended


def in_order(items: Mapping[int, BatchItem]) -> Iterator[BatchItem]:
    """Yield what came of each device, in the order in which the devices were given."""
    for index in sorted(items):
        yield items[index]
