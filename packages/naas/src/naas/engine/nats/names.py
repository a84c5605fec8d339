"""The names on the NATS server: streams and subjects, and which partition a device belongs to."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from naas.jobs import Job, Priority

__all__ = ["jobs_stream", "jobs_subject", "partition_of"]

STATE_STREAM: Final = "NAAS_STATE"
WORKERS: Final = "naas.state.workers"
OWNERS: Final = "naas.state.owners"

REPORTS_STREAM: Final = "NAAS_REPORTS"
REPORTS: Final = "naas.reports"
PIECES_STREAM: Final = "NAAS_PIECES"
PIECES: Final = "naas.pieces"

EVENTS: Final = "naas.events"
BALANCE: Final = "naas.balance"
START: Final = "naas.ledger.start"
RENEW: Final = "naas.ledger.renew"
API_QUEUE: Final = "naas-api"


def jobs_stream(context: str) -> str:
    """Return the stream of the jobs of a context. Its name may hold letters, digits, ``_`` and ``-``."""
    return f"NAAS_JOBS_{context}"


def jobs_subject(job: Job, partitions: int) -> str:
    """Return the subject of the one message that stands for the job."""
    return f"naas.jobs.{job.context}.{job.priority}.{partition_of(job, partitions)}.{job.id}"


def filter_of(context: str, priority: Priority, partition: int) -> str:
    """Return the subjects of the jobs that one consumer reads."""
    return f"naas.jobs.{context}.{priority}.{partition}.*"


def cancel_subject(context: str, partition: int) -> str:
    """Return where the owner of a partition is asked to cancel a job."""
    return f"naas.cancel.{context}.{partition}"


def partition_of(job: Job, partitions: int) -> int:
    """Return the partition of the job's device: the same in every process, version and machine, from 0."""
    return zlib.crc32(job.device.address.encode()) % partitions
