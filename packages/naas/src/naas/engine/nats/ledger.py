"""The ledger of a worker that has no database: it asks and reports over NATS, and an API process keeps the truth.

To *start* a job is a question, since a job must not run before its start is on disk. An *end* is put into a stream,
where it is safe while no API process runs; then the worker may acknowledge the job. What may be lost is just sent.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from naas.engine.base import JobProgress
from naas.engine.nats import names
from naas.engine.nats.connection import STREAM_NOT_FOUND, JetStreamError
from naas.engine.nats.streams import open_reports_stream
from naas.engine.nats.wire import (
    EventMessage,
    RenewMessage,
    ReportMessage,
    StartAnswer,
    StartQuestion,
    pack,
    unpack,
    without_secrets,
)
from naas.errors import EngineUnavailable
from naas.ledger import Permission, Verdict

if TYPE_CHECKING:
    from naas.engine.base import Delivery
    from naas.engine.nats.connection import Connection
    from naas.jobs import Ending, Job

__all__ = ["NatsLedger"]

# How long an API process may take to write a start to its disk, in seconds.
_START_SECONDS: Final = 10.0
# What NATS adds to a message, and then some, in bytes.
_OVERHEAD: Final = 4096


class NatsLedger:
    """A `naas.ledger.Ledger` over NATS; `naas.engine.nats.reports.ReportServer` is the other end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._unanswered: set[str] = set()  # ids of jobs that we asked about and heard nothing

    async def start(self, delivery: Delivery, worker: str, lease_seconds: float) -> Permission:
        job = delivery.job
        question = StartQuestion(
            without_secrets(job), delivery.attempt, worker, lease_seconds, asked_before=job.id in self._unanswered
        )
        # If no answer comes, the job may be recorded as started by us, though we never began.
        self._unanswered.add(job.id)
        message = await self._connection.request(names.START, pack(question), timeout=_START_SECONDS)
        if message is None:
            raise EngineUnavailable("no API process answers over NATS; is `naas-server api` running?")
        answer = unpack(message.data, StartAnswer)
        if answer.unavailable is not None:
            raise EngineUnavailable(f"the API process cannot start jobs now: {answer.unavailable}")
        self._unanswered.discard(job.id)
        return Permission(Verdict(answer.verdict), answer.reason, answer.ending)

    async def renew(self, worker: str, lease_seconds: float) -> None:
        await self._connection.publish(names.RENEW, pack(RenewMessage(worker, lease_seconds)))

    async def progress(self, job: Job, done: int, total: int) -> None:
        event = JobProgress(job.id, done, total, job.owner, job.batch_id)
        await self._connection.publish(names.EVENTS, pack(EventMessage(progress=event)))

    async def end(self, job: Job, ending: Ending) -> None:
        report = pack(ReportMessage(without_secrets(job), ending))
        if len(report) + _OVERHEAD > self._connection.max_payload:
            report = await self._put_in_pieces(job, report)
        await self._put(f"{names.REPORTS}.{job.id}", report)

    async def _put_in_pieces(self, job: Job, report: bytes) -> bytes:
        """Put a report that is longer than a message into the stream of pieces; return the one that refers to them."""
        size = self._connection.max_payload - _OVERHEAD
        # A name of its own for every attempt, so that pieces of two reports never mix.
        place = f"{job.id}.{uuid.uuid4().hex}"
        pieces = [report[begin : begin + size] for begin in range(0, len(report), size)]
        for number, piece in enumerate(pieces):
            await self._put(f"{names.PIECES}.{place}.{number}", piece)
        return pack(ReportMessage(without_secrets(job), pieces=len(pieces), place=place))

    async def _put(self, subject: str, content: bytes) -> None:
        try:
            await self._connection.ask(subject, content)
        except JetStreamError as exc:
            if exc.is_subject_taken:  # an earlier report of this job waits there already, and counts
                return
            if exc.code != STREAM_NOT_FOUND:
                raise
            await open_reports_stream(self._connection)
            await self._connection.ask(subject, content)
