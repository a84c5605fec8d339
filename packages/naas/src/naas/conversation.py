"""One job's conversation with its device: what is said in which order, and how it ends.

Everything here runs in a worker's thread and blocks it. A conversation never raises: whatever happens becomes an
`Ending`, with what the device had answered so far.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final

from naas.driver.base import (
    Cancelled,
    CommandRun,
    ConfigChange,
    DeviceFailure,
    DeviceTarget,
    ErrorCode,
    JumpHost,
    Patience,
)
from naas.jobs import (
    BackupWork,
    Check,
    CommandWork,
    ConfigWork,
    Ending,
    Failure,
    JobState,
    Outcome,
    StructuredWork,
    is_repeatable,
)
from naas.parsing import ParsingFailed, StructuredOptions, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from naas.driver.base import CommandOutput, DeviceDriver
    from naas.engine.base import Delivery
    from naas.jobs import Device
    from naas.vault import Login

__all__ = ["CONFIG_RESULT", "RUNNING_CONFIG", "STARTUP_CONFIG", "Conversation", "target_of"]

log = logging.getLogger("naas.conversation")

CONFIG_RESULT: Final = "config_set_output"
"""The key under which the result of a configuration job stands: the wire's name."""
RUNNING_CONFIG: Final = "running_config"
STARTUP_CONFIG: Final = "startup_config"


class Conversation:
    """Carries out one job. ``on_progress`` is called in the thread, with how many commands of how many are answered."""

    def __init__(
        self,
        delivery: Delivery,
        driver: DeviceDriver,
        login: Login,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._job, self._stop, self._driver = delivery.job, delivery.stop, driver
        self._target = target_of(delivery.job.device, login)
        self._patience = Patience(self._job.read_timeout, self._job.conn_timeout, self._stop.is_set)
        self._on_progress = on_progress
        self._has_changed = False
        self._diff: str | None = None
        self.heard: dict[str, Any] = {}
        """What the device has answered so far. Written by the conversation's thread, read by anybody."""

    def hold(self) -> Ending:
        """Hold the conversation to its end."""
        job, began = self._job, time.monotonic()
        try:
            ending = self._talk()
        except Cancelled:
            # Configuration lines that went out before the stop may be in force.
            ending = Ending(JobState.CANCELED, Outcome(partial=self._partial()), self._needs_review)
        except DeviceFailure as exc:
            failure = Failure(exc.code, exc.message)
            outcome = Outcome(failure=failure, partial=self._partial(), diff=self._diff)
            ending = Ending(JobState.FINISHED, outcome, exc.may_have_changed or self._has_changed)
        except ParsingFailed as exc:
            failure = Failure(ErrorCode.UNKNOWN, str(exc))
            ending = Ending(JobState.FINISHED, Outcome(failure=failure, partial=self._partial()))
        except Exception as exc:  # noqa: BLE001 - the job must end, whatever the driver raised
            ending = self._broken(exc)
        log.info(
            "conversation ended job_id=%s kind=%s device=%s state=%s error_code=%s duration_ms=%.1f",
            job.id,
            job.kind,
            job.device.address,
            ending.state,
            ending.outcome.failure.code if ending.outcome.failure else "-",
            (time.monotonic() - began) * 1000,
        )
        return ending

    def ran_too_long(self) -> Ending:
        """Return how the job ends if it is given up now."""
        job = self._job
        message = f"the job ran longer than its limit of {job.time_limit} s on {job.device.address} and was given up"
        if self._needs_review:
            message += "; it may have reached the device in part: look at the device before repeating it"
        outcome = Outcome(failure=Failure(ErrorCode.UNKNOWN, message), partial=self._partial())
        return Ending(JobState.FAILED, outcome, self._needs_review)

    @property
    def _needs_review(self) -> bool:
        return not is_repeatable(self._job.work)

    def _partial(self) -> dict[str, Any] | None:
        return dict(self.heard) or None

    def _broken(self, error: Exception) -> Ending:
        """A driver's bug. Its text could quote anything, a password too, so only its type leaves this process."""
        job, name = self._job, type(error).__name__
        log.error("driver raised %s job_id=%s platform=%s", name, job.id, job.device.platform)
        message = f"the {job.device.platform} driver failed with {name}; the service log has job {job.id}"
        failure = Failure(ErrorCode.UNKNOWN, message)
        return Ending(JobState.FAILED, Outcome(failure=failure, partial=self._partial()), self._needs_review)

    def _talk(self) -> Ending:
        match self._job.work:
            case CommandWork(commands=commands, expect_string=expect_string):
                output = self._ask(commands, expect_string)
                return _finished(output.results, output.detected_platform)
            case StructuredWork() as work:
                output = self._ask(work.commands)
                return _finished(self._parsed(work, output), output.detected_platform)
            case ConfigWork() as work:
                return self._configure(work)
            case BackupWork(startup=startup):
                text = self._driver.fetch_config(self._target, self._patience, startup=startup)
                return _finished({STARTUP_CONFIG if startup else RUNNING_CONFIG: text})

    def _ask(self, commands: Sequence[str], expect_string: str | None = None) -> CommandOutput:
        def heard(command: str, text: str) -> None:
            self.heard[command] = text
            if self._on_progress is not None:
                self._on_progress(len(self.heard), len(commands))

        return self._driver.send_commands(self._target, CommandRun(commands, expect_string, heard), self._patience)

    def _parsed(self, work: StructuredWork, output: CommandOutput) -> dict[str, Any]:
        platform = output.detected_platform or self._target.platform
        options = StructuredOptions(work.textfsm_template, work.ttp_template, work.use_genie)
        return {command: parse(platform, command, text, options) for command, text in output.results.items()}

    def _configure(self, work: ConfigWork) -> Ending:
        if failed := self._failed_check(work.checks_before):
            failure = Failure(ErrorCode.CONFIG_REJECTED, f"{failed}, so nothing was sent")
            return Ending(JobState.FINISHED, Outcome(failure=failure, partial=self._partial()))
        change = ConfigChange(
            work.lines,
            commit=work.commit,
            save_config=work.save_config,
            dry_run=work.dry_run,
            want_diff=work.want_diff,
        )
        output = self._driver.send_config(self._target, change, self._patience)
        results = {CONFIG_RESULT: output.text}
        self._has_changed, self._diff = output.applied, output.diff
        if work.checks_after:
            # What was done is told even if a check does not come to its end.
            self.heard |= results
        if failed := self._failed_check(work.checks_after):
            failure = Failure(ErrorCode.CONFIG_REJECTED, f"{failed}; the configuration is in force, look at the device")
            outcome = Outcome(failure=failure, partial=self._partial(), diff=output.diff)
            return Ending(JobState.FINISHED, outcome, needs_review=True)
        return Ending(JobState.FINISHED, Outcome(results, diff=output.diff))

    def _failed_check(self, checks: Sequence[Check]) -> str | None:
        """Return what the first check that fails says, or None."""
        if not checks:
            return None
        answers = self._ask(tuple(dict.fromkeys(check.command for check in checks))).results
        return next(filter(None, (_complaint(check, answers[check.command]) for check in checks)), None)


def target_of(device: Device, login: Login) -> DeviceTarget:
    """Return the device with its login, as a driver takes it."""
    jump = login.jump
    return DeviceTarget(
        device.host,
        device.port,
        device.platform,
        login.username,
        login.password,
        login.enable,
        driver=device.driver,
        private_key=login.private_key,
        passphrase=login.passphrase,
        jump=None
        if jump is None
        else JumpHost(jump.host, jump.port, jump.username, jump.password, jump.private_key, jump.passphrase),
    )


def _complaint(check: Check, answer: str) -> str | None:
    for text in check.includes:
        if text not in answer:
            return f"the check {check.command!r} failed: its answer does not hold {text!r}"
    for text in check.excludes:
        if text in answer:
            return f"the check {check.command!r} failed: its answer holds {text!r}"
    return None


def _finished(results: dict[str, Any], detected_platform: str | None = None) -> Ending:
    return Ending(JobState.FINISHED, Outcome(results, detected_platform))
