"""The other end of `naas.engine.nats.ledger`: an API process answers workers and takes down what they report.

Any number of API processes share the work. A report is acknowledged when the store has it, so one that is being taken
down when a process dies goes to the next. Reports are idempotent.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final

from naas.engine.base import Delivery
from naas.engine.nats import names
from naas.engine.nats.connection import NO_MESSAGE, STREAM_NOT_FOUND, JetStreamError, status_of
from naas.engine.nats.pull import Pull
from naas.engine.nats.streams import open_reports_stream
from naas.engine.nats.wire import RenewMessage, ReportMessage, StartAnswer, StartQuestion, pack, unpack
from naas.engine.tasks import end_task
from naas.errors import EngineUnavailable, Unavailable
from naas.jobs import JobState
from naas.ledger import Permission, Verdict

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

    from naas.engine.nats.connection import Connection
    from naas.ledger import Ledger
    from naas.store.base import JobStore

__all__ = ["ReportServer"]

log = logging.getLogger("naas.engine.nats")

_CONSUMER: Final = "api"
# How long one process may take to store a report before another gets it, and before one that the store refused comes
# again. In seconds.
_ACK_WAIT: Final = 30.0
_PAUSE: Final = 2.0
# How often it is checked that reports are being asked for, in seconds.
_CHECK_SECONDS: Final = 5.0


class ReportServer:
    """Serves the workers that have no database."""

    def __init__(self, connection: Connection, ledger: Ledger, jobs: JobStore) -> None:
        self._connection, self._ledger, self._jobs = connection, ledger, jobs
        self._inbox = ""
        self._pull: Pull | None = None
        self._subscriptions: list[Subscription] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._checking: asyncio.Task[None] | None = None
        self._called = asyncio.Event()

    async def start(self) -> None:
        """Begin to serve.

        Raises:
            EngineUnavailable: NATS cannot be reached.
        """
        await open_reports_stream(self._connection)
        await self._make_consumer()
        self._inbox = self._connection.new_inbox()
        self._pull = Pull(self._connection, names.REPORTS_STREAM, _CONSUMER, self._inbox)
        self._subscriptions = [
            await self._connection.subscribe(self._inbox, self._hear_report),
            await self._connection.subscribe(names.START, self._hear_start, queue=names.API_QUEUE),
            await self._connection.subscribe(names.RENEW, self._hear_renew, queue=names.API_QUEUE),
        ]
        self._connection.on_reconnect(self._come_back)
        self._checking = asyncio.create_task(self._keep_asking())

    async def stop(self) -> None:
        """Take nothing more, and finish what was begun."""
        await end_task(self._checking)
        for subscription in self._subscriptions:
            await self._connection.unsubscribe(subscription)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def take_down(self, job_id: str) -> bool:
        """Store the report of the job that waits in the stream, if there is one; return whether there was.

        Whoever is about to judge a job as lost asks this first: its worker may have reported the end before it died.
        """
        try:
            found = await self._connection.api(
                f"STREAM.MSG.GET.{names.REPORTS_STREAM}", {"last_by_subj": f"{names.REPORTS}.{job_id}"}
            )
        except JetStreamError as exc:
            if exc.code in (NO_MESSAGE, STREAM_NOT_FOUND):
                return False
            raise
        report = await self._whole(unpack(base64.b64decode(found["message"]["data"]), ReportMessage))
        if report is None or report.ending is None:
            return False
        await self._ledger.end(report.job, report.ending)
        return True

    # Starts

    async def _hear_start(self, message: Msg) -> None:
        self._spawn(self._answer_start(message))

    async def _answer_start(self, message: Msg) -> None:
        try:
            permission = await self._may_start(unpack(message.data, StartQuestion))
            answer = StartAnswer(permission.verdict.value, permission.reason, permission.ending)
        except Unavailable as exc:
            answer = StartAnswer(unavailable=str(exc))
        except Exception as exc:
            log.exception("a start could not be answered")
            answer = StartAnswer(unavailable=f"{type(exc).__name__}; its log says more")
        await self._connection.publish(message.reply, pack(answer))

    async def _may_start(self, question: StartQuestion) -> Permission:
        job_id = question.job.id
        if question.attempt > 1 or question.asked_before:
            await self.take_down(job_id)
        if question.asked_before:
            job = await self._jobs.get(job_id)
            if job is not None and job.state is JobState.STARTED and job.worker == question.worker:
                # Started when it asked before, but the answer got lost: its device has heard nothing.
                return Permission(Verdict.RUN)
        return await self._ledger.start(
            Delivery(question.job, question.attempt), question.worker, question.lease_seconds
        )

    async def _hear_renew(self, message: Msg) -> None:
        self._spawn(self._renew(message))

    async def _renew(self, message: Msg) -> None:
        renewal = unpack(message.data, RenewMessage)
        await self._ledger.renew(renewal.worker, renewal.lease_seconds)

    # Reports

    async def _make_consumer(self) -> None:
        config = {
            "durable_name": _CONSUMER,
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": int(_ACK_WAIT * 1e9),
            "max_deliver": -1,
        }
        await self._connection.api(
            f"CONSUMER.CREATE.{names.REPORTS_STREAM}.{_CONSUMER}",
            {"stream_name": names.REPORTS_STREAM, "config": {"name": _CONSUMER, **config}},
        )

    def _come_back(self) -> None:
        if self._pull is not None:
            self._pull.forget()
        self._called.set()

    async def _keep_asking(self) -> None:
        """Ask for reports when it is due, and again when NATS has come back."""
        while True:
            self._called.clear()
            try:
                if self._pull is not None and self._pull.is_due:
                    await self._pull.ask()
            except EngineUnavailable as exc:
                log.debug("cannot ask for reports reason=%s", exc)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CHECK_SECONDS):
                    await self._called.wait()

    async def _hear_report(self, message: Msg) -> None:
        assert self._pull is not None
        status = status_of(message)
        if status is None:
            self._pull.got_one()
            self._spawn(self._store_report(message))
        else:
            self._pull.forget()
            if status != "408":
                log.warning("reading reports stopped status=%s", status)
                await self._restore()
        if self._pull.is_due:
            self._called.set()

    async def _restore(self) -> None:
        """Somebody removed the stream or the consumer: make them again."""
        try:
            await open_reports_stream(self._connection)
            await self._make_consumer()
        except EngineUnavailable as exc:
            log.warning("cannot make the stream of reports again reason=%s", exc)

    async def _store_report(self, message: Msg) -> None:
        try:
            report = await self._whole(unpack(message.data, ReportMessage))
            if report is None or report.ending is None:
                log.error("a report has lost its pieces subject=%s", message.subject)
                await self._connection.publish(message.reply, b"+TERM")
                return
            await self._ledger.end(report.job, report.ending)
        except Unavailable as exc:
            log.error("a report could not be stored, trying again subject=%s reason=%s", message.subject, exc)
            await self._connection.publish(message.reply, b'-NAK {"delay": %d}' % int(_PAUSE * 1e9))
            return
        await self._connection.publish(message.reply, b"+ACK")
        await self._forget_pieces(unpack(message.data, ReportMessage))

    async def _whole(self, report: ReportMessage) -> ReportMessage | None:
        """Return the report itself, put together if it came in pieces; None if a piece is missing."""
        if not report.pieces:
            return report
        content = bytearray()
        for number in range(report.pieces):
            question = {"last_by_subj": f"{names.PIECES}.{report.place}.{number}"}
            try:
                found = await self._connection.api(f"STREAM.MSG.GET.{names.PIECES_STREAM}", question)
            except JetStreamError as exc:
                if exc.code in (NO_MESSAGE, STREAM_NOT_FOUND):
                    return None
                raise
            content += base64.b64decode(found["message"]["data"])
        return unpack(bytes(content), ReportMessage)

    async def _forget_pieces(self, report: ReportMessage) -> None:
        if report.pieces:
            await self._connection.api(
                f"STREAM.PURGE.{names.PIECES_STREAM}", {"filter": f"{names.PIECES}.{report.place}.>"}
            )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside the others: the store writes many at once as fast as one."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Unavailable as exc:
            # Whoever asked will ask again, and a report that was not acknowledged comes again.
            log.warning("a worker could not be served reason=%s", exc)
        except Exception:
            log.exception("a worker could not be served")
