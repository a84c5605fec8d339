"""Work at one device or many: submitted, waited for, told while it goes on, and cancelled by Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click
from clientsmith.core.credentials import BasicCredential
from clientsmith.core.errors import HttpResponseError, PollTimeoutError
from clientsmith.core.terminal import count

from ..batches import Batch, BatchItem
from ..errors import reason_of
from ..models import JobResult
from .endings import Exit, note
from .results import Outcome, State
from .results.progress import ProgressLine
from .secrets import is_interactive

if TYPE_CHECKING:
    from .app import App
    from .inventory import Target
    from .work import Work

__all__ = ["Run", "run_work"]


@dataclass(slots=True)
class Run:
    """How work went.

    Attributes:
        outcomes: One for each device, in the order in which the devices were named.
        seconds: From submission to the end.
        code: The exit code that it stands for.
        token: What `naas batch watch` needs to go on, if there is something to go on with.
        batch_ids: The server's own batches.
    """

    outcomes: list[Outcome]
    seconds: float = 0.0
    code: Exit = Exit.DONE
    token: str = ""
    batch_ids: Sequence[str] = field(default_factory=tuple)


def run_work(
    app: App,
    targets: Sequence[Target],
    work: Work,
    *,
    is_stored: bool,
    is_waiting: bool,
    told: Callable[[Outcome], None] = lambda _: None,
    batch_options: dict[str, Any] | None = None,
) -> Run:
    """Submit work, and wait for its end unless nobody wants to.

    Args:
        targets: At least one device.
        is_stored: Whether devices are names in the server's inventory.
        is_waiting: Whether to wait for the end.
        told: Called with each outcome as it comes.
        batch_options: What only batches know: waves, when to stop.

    Raises:
        HttpResponseError: The server refused all of it.
    """
    started = time.monotonic()
    if len(targets) == 1 and not batch_options:
        following: _Following = _OneJob(app, targets[0], work, is_stored=is_stored)
    else:
        following = _ManyJobs(app, targets, work, is_stored, batch_options or {})
    run = Run([Outcome.waiting(target, job) for target, job in zip(targets, following.job_ids, strict=True)])
    run.batch_ids = following.batch_ids
    if is_waiting:
        _follow(app, run, following, told, started)
    run.token = following.token()
    run.seconds = time.monotonic() - started
    return run


def _follow(app: App, run: Run, following: _Following, told: Callable[[Outcome], None], started: float) -> None:
    """Wait for the end, take note of what comes, and let Ctrl-C cancel what is left."""
    with ProgressLine(len(run.outcomes), following.what, is_quiet=app.is_quiet) as line:

        def take(index: int, outcome: Outcome) -> None:
            run.outcomes[index] = outcome
            line.ended(outcome)
            told(outcome)

        try:
            for index, outcome in following.results(app.settings.timeout, started):
                take(index, outcome)
        except PollTimeoutError:
            run.code = Exit.TIMEOUT
            return
        except KeyboardInterrupt:
            run.code = Exit.INTERRUPTED
            line.__exit__(None, None, None)
            _interrupted(run, following, take, started)
            return
    if any(outcome.state is not State.OK for outcome in run.outcomes):
        run.code = Exit.JOB_FAILED


def _interrupted(run: Run, following: _Following, take: Callable[[int, Outcome], None], started: float) -> None:
    left = sum(outcome.state is State.WAITING for outcome in run.outcomes)
    click.echo(err=True)
    question = f"Cancel {count(left, 'job')} that {'has' if left == 1 else 'have'} not ended?"
    try:
        if is_interactive() and not click.confirm(question, default=True, err=True):
            note("note", "what was submitted goes on at the server")
            return
        following.cancel()
        # Those that wait are canceled at once; those that run stop before their next command.
        for index, outcome in following.results(5.0, started):
            take(index, outcome)
    except (PollTimeoutError, HttpResponseError, KeyboardInterrupt, click.Abort) as error:
        if isinstance(error, HttpResponseError):
            note("error", f"not all jobs could be cancelled: {reason_of(error)}", "red")


class _Following:
    """What can be waited for: one job, or many."""

    what: str
    job_ids: Sequence[str | None]
    batch_ids: Sequence[str] = ()

    def results(self, timeout: float, started: float) -> Iterator[tuple[int, Outcome]]:
        """Yield outcomes as they come; ``timeout`` seconds from now at most."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Cancel what has not ended."""
        raise NotImplementedError

    def token(self) -> str:
        """Return what another process needs to go on."""
        raise NotImplementedError


class _OneJob(_Following):
    """A job of one device: its end is heard of at once."""

    def __init__(self, app: App, target: Target, work: Work, *, is_stored: bool) -> None:
        self.what, self._target = work.lines[0], target
        body = {**work.shared, **work.of(target, is_stored=is_stored)}
        client = app.client
        login = (body.get("username"), body.get("password"))
        if isinstance(app.credential, BasicCredential) and login[0] and login != app.login:
            # The server takes the login of who is calling; another login is another caller.
            client = app.client_for(login[0], login[1])
        match work.kind:
            case "send-config":
                self._poller = client.begin_send_config(body)
            case "send-command-structured":
                self._poller = client.begin_send_command_structured(body)
            case _:
                self._poller = client.begin_send_command(body)
        first = self._poller.last_response
        self.job_ids = [str(first.json().get("job_id")) if first is not None else None]

    def results(self, timeout: float, started: float) -> Iterator[tuple[int, Outcome]]:
        """Yield the one outcome."""
        if not self._poller.wait(timeout):
            raise PollTimeoutError(timeout, self._poller.status(), self._poller.continuation_token())
        last = self._poller.last_response
        if last is None:
            raise AssertionError("an operation is over only by an answer")
        yield 0, Outcome.of(self._target, JobResult.from_dict(last.json()), time.monotonic() - started)

    def cancel(self) -> None:
        """Cancel the job."""
        self._poller.cancel()

    def token(self) -> str:
        """Return the poller's token."""
        return self._poller.continuation_token()


class _ManyJobs(_Following):
    """The jobs of many devices, as batches of the server."""

    def __init__(
        self,
        app: App,
        targets: Sequence[Target],
        work: Work,
        is_stored: bool,
        batch_options: dict[str, Any],
    ) -> None:
        self.what, self._targets = work.lines[0], targets
        devices = [work.of(target, is_stored=is_stored) for target in targets]
        _complete_logins(app, devices)
        shared = {"read_timeout": "command_timeout", "conn_timeout": "connection_timeout"}
        options: dict[str, Any] = {shared.get(name, name): value for name, value in work.shared.items()}
        if work.kind == "send-command-structured":
            options["is_structured"] = True
        try:
            self._batch = Batch.begin(app.client, devices, **options, **batch_options)
        except HttpResponseError as error:
            if error.continuation_token:
                note("warning", "a part was submitted before the server refused, and goes on: see `naas jobs list`")
            raise
        self.job_ids, self.batch_ids = self._batch.job_ids, self._batch.batch_ids

    def results(self, timeout: float, started: float) -> Iterator[tuple[int, Outcome]]:
        """Yield outcomes in the order in which devices are done; the time is for all of them."""
        until = time.monotonic() + timeout
        while items := self._batch.more(max(0.0, until - time.monotonic())):
            for item in items:
                yield item.index, outcome_of(self._targets[item.index], item, time.monotonic() - started)

    def cancel(self) -> None:
        """Cancel every job that has not ended."""
        self._batch.cancel()

    def token(self) -> str:
        """Return the batch's token, "" if it is over."""
        return "" if self._batch.done() else self._batch.continuation_token()


def outcome_of(target: Target, item: BatchItem, seconds: float | None = None) -> Outcome:
    """Return what came of a batch at one device."""
    if item.result is not None:
        return Outcome.of(target, item.result, seconds)
    error = item.error
    return Outcome.refused(target, reason_of(error) if isinstance(error, HttpResponseError) else str(error))


def _complete_logins(app: App, devices: Sequence[dict[str, Any]]) -> None:
    """Give devices with a user of their own, and no password, that of who is calling: `admin@sw1` is one of them."""
    for device in devices:
        if device.get("username") and not device.get("password"):
            device["password"] = app.login[1]
