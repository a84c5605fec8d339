"""A batch: one piece of work at many devices, followed to the end of every job; steps without I/O, for both colours.

Rules:

- The work is submitted as one batch of the server, or as several of 100 devices where it refuses so many (422). Where
  there are no batches (NAAS before 2.3) each device gets a job instead, and nobody notices.
- The server is asked for the state of a batch, and to hold its answer until something has changed. What it tells of a
  job that ended is taken as the result if the result is in it; else the job itself is asked for.
- A server that answers at once, without ``Retry-After``, is asked again after half a second (`polling_interval`), then
  less often, up to ten times that, and from the beginning when there was news.
- A job ends well, as a `DeviceError` (also where the wire says ``finished``), or as an `OperationFailedError`.
"""

from __future__ import annotations

from .steps import BatchSteps
from .values import BatchItem, BatchProgress, in_order

__all__ = ["BatchItem", "BatchProgress", "BatchSteps", "in_order"]
