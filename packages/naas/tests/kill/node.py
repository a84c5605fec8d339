"""Started by the tests as a process of its own: `naas-server`, whose devices write down every line they are sent.

In the environment: LINES names the file that each line is appended to, as ``HOST LINE``; ``HOST overlap`` stands where
another process, or thread, still talks to the device. A line that ends in "gated" is answered when the file GATE exists. DIE_AT names a moment in the life of a job with a line that ends in "deadly" at
which the process kills itself, as soon as DIE_TOGETHER such jobs have come there:

    stored      the job is in the store, and not yet in the engine
    delivered   the worker has the job, and has not asked whether to start it
    started     the start is recorded, and the device has heard nothing
    ended       the end is recorded, and the delivery is not acknowledged
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from naas import runtime, worker_process
from naas.cli import main
from naas.driver.base import CommandOutput, ConfigOutput
from naas.engine.embedded import EmbeddedEngine
from naas.engine.nats import NatsEngine
from naas.engine.nats.ledger import NatsLedger
from naas.keeper import StoreLedger

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from naas.config import Settings
    from naas.driver.base import CommandRun, ConfigChange, DeviceDriver, DeviceTarget, Patience
    from naas.jobs import Job


class WritingDriver:
    """Writes down what each device is sent, before it answers."""

    def send_commands(self, target: DeviceTarget, run: CommandRun, patience: Patience) -> CommandOutput:
        with _alone(target):
            return CommandOutput({command: _answer(target, command) for command in run.commands})

    def send_config(self, target: DeviceTarget, change: ConfigChange, patience: Patience) -> ConfigOutput:
        with _alone(target):
            return ConfigOutput("\n".join(_answer(target, line) for line in change.lines))

    def fetch_config(self, target: DeviceTarget, patience: Patience, *, startup: bool = False) -> str:
        with _alone(target):
            return _answer(target, "show running-config")

    def close(self) -> None:
        """Nothing to close."""


@contextlib.contextmanager
def _alone(target: DeviceTarget) -> Generator[None]:
    """Note if somebody else has a conversation with the device. A lock on a file ends with its process."""
    with Path(f"{os.environ['LINES']}.{target.host}").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _write(target, "overlap")
        yield


def _write(target: DeviceTarget, line: str) -> None:
    # One write to a file that is opened to append: whole, and on its way even if the process dies in the next moment.
    handle = os.open(os.environ["LINES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, f"{target.host} {line}\n".encode())
    os.close(handle)


def _answer(target: DeviceTarget, line: str) -> str:
    _write(target, line)
    time.sleep(float(os.environ.get("ANSWER_SECONDS", "0")))
    while line.endswith("gated") and not Path(os.environ["GATE"]).exists():
        time.sleep(0.01)
    return f"{target.host}> {line}"


def _writing_driver(settings: Settings) -> DeviceDriver:
    return WritingDriver()


class Death:
    """Kills the process when enough deadly jobs have met; those that came before wait for it."""

    def __init__(self, moment: str, together: int) -> None:
        self.moment, self._missing = moment, together

    async def meet(self, moment: str, job: Job) -> None:
        lines: Sequence[str] = getattr(job.work, "commands", ()) or getattr(job.work, "lines", ())
        if moment != self.moment or not any(line.endswith("deadly") for line in lines):
            return
        self._missing -= 1
        while self._missing > 0 or not Path(os.environ["DEATH"]).exists():
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)


def lie_in_wait(death: Death) -> None:
    """Put death beside everything that happens to a job."""
    for ledger in (StoreLedger, NatsLedger):
        _beside_ledger(death, ledger)
    for engine in (EmbeddedEngine, NatsEngine):
        _beside_engine(death, engine)


def _beside_ledger(death: Death, ledger: Any) -> None:
    start, end = ledger.start, ledger.end

    async def start_or_die(self: Any, delivery: Any, *given: Any) -> Any:
        await death.meet("delivered", delivery.job)
        permission = await start(self, delivery, *given)
        await death.meet("started", delivery.job)
        return permission

    async def end_or_die(self: Any, job: Job, *given: Any) -> None:
        await end(self, job, *given)
        await death.meet("ended", job)

    ledger.start, ledger.end = start_or_die, end_or_die


def _beside_engine(death: Death, engine: Any) -> None:
    publish = engine.publish

    async def publish_or_die(self: Any, jobs: Sequence[Job]) -> None:
        for job in jobs:
            await death.meet("stored", job)
        await publish(self, jobs)

    engine.publish = publish_or_die


if __name__ == "__main__":
    runtime.make_driver = worker_process.make_driver = _writing_driver
    if "DIE_AT" in os.environ:
        lie_in_wait(Death(os.environ["DIE_AT"], int(os.environ.get("DIE_TOGETHER", "1"))))
    main()
