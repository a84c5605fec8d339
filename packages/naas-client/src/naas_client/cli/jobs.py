"""``naas jobs``: look at jobs, watch them, cancel them, repeat them."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Any

import click
from clientsmith.core.errors import HttpResponseError, PollTimeoutError

from ..errors import reason_of
from .app import App, of_the_app, takes_format
from .endings import CODES, Exit, UsageStop, note
from .inventory import Target
from .results import Outcome, State
from .results.showing import show_outcomes
from .results.writing import print_json, print_line, print_records
from .wire import as_object, shown_place
from .work import login_of

if TYPE_CHECKING:
    from ..models import JobResult

__all__ = ["jobs"]

_STATES = ["deferred", "queued", "started", "finished", "failed", "canceled"]
_EPILOG = f"""\b
Examples:
  naas jobs list --status failed --limit 10
  naas jobs get 5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11
  naas jobs watch 5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11 --timeout 600
  naas jobs list --status queued -f text | xargs naas jobs cancel

{CODES}"""


@click.group(epilog=_EPILOG)
def jobs() -> None:
    """Look at jobs, watch them, cancel them, repeat them."""


@jobs.command("list", epilog=CODES)
@click.option("-s", "--status", type=click.Choice(_STATES), help="Only jobs in this state.")
@click.option("--tag", metavar="KEY:VALUE", help="Only jobs with this label.")
@click.option("--host", metavar="HOST", help="Only jobs for this device. Servers before 2.3 list all.")
@click.option("--batch", "batch_id", metavar="BATCH_ID", help="Only jobs of this batch. Servers before 2.3 list all.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most.")
@click.option("--page", type=click.IntRange(min=1), help="Only this page, of --per-page jobs.")
@click.option("--per-page", type=click.IntRange(1, 100), default=20, help="Jobs on a page (20).")
@takes_format
@of_the_app
def list_jobs(
    app: App, status: str | None, tag: str | None, limit: int, page: int | None, per_page: int, **filters: str | None
) -> None:
    """List jobs, newest first."""
    from itertools import islice

    chosen: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
    pager = app.client.list_jobs(status=status, tag=tag, results_per_page=per_page if page else 100, **chosen)
    start = (page - 1) * per_page if page else 0
    records = (_with_place(each.as_dict()) for each in islice(pager, start, start + (per_page if page else limit)))
    columns = [
        ("job", "job_id"), ("state", "status"), ("device", "device"), ("kind", "kind"), ("made", "created_at"),
        ("ended", "ended_at"), ("error", "error_code"), ("labels", "tags"),
    ]  # fmt: skip
    print_records(records, columns, app.form("table"), "there are no jobs")


def _with_place(job: dict[str, Any]) -> dict[str, Any]:
    host = job.get("host")
    return {**job, "device": shown_place(str(host), job.get("port"))} if host else job


@jobs.command("failed", epilog=CODES)
@takes_format
@of_the_app
def failed_jobs(app: App) -> None:
    """List the jobs that the server could not carry out; each can be repeated with `naas jobs replay`."""
    records = (each.as_dict() for each in app.client.list_failed_jobs())
    columns = [
        ("job", "job_id"), ("device", "host"), ("platform", "platform"), ("failed", "failed_at"), ("error", "error"),
        ("look first", "needs_review"),
    ]  # fmt: skip
    print_records(
        records,
        columns,
        app.form("table"),
        "no job that the server could not carry out; what devices refused is in `naas jobs list` and `naas batch get`",
    )


@jobs.command("get", epilog=CODES)
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB_ID...")
@takes_format
@of_the_app
def get_jobs(app: App, job_ids: tuple[str, ...]) -> None:
    """Show jobs as they are now, with their results. Exits with 1 if one has failed."""
    results = [_of(app, job_id) for job_id in job_ids]
    sys.exit(_show(app, results))


@jobs.command("watch", epilog=CODES)
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB_ID...")
@click.option("-t", "--timeout", type=click.FloatRange(min=0.1), metavar="SECONDS", help="How long to wait (60).")
@takes_format
@of_the_app
def watch_jobs(app: App, job_ids: tuple[str, ...]) -> None:
    """Wait for the end of jobs, and show their results. Ctrl-C leaves them alone."""
    from ..batches import Batch

    ids = [str(_checked(job_id)) for job_id in job_ids]
    batch = Batch.of_jobs(app.client, ids)
    try:
        items = batch.result(app.settings.timeout)
    except PollTimeoutError:
        _show(app, [item.result for item in batch.ended() if item.result is not None])
        note("error", f"{batch.progress.pending} of {len(ids)} did not end within {app.settings.timeout:g} s", "red")
        sys.exit(Exit.TIMEOUT)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    sys.exit(_show(app, [item.result for item in items if item.result is not None]))


@jobs.command("cancel", epilog=CODES)
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB_ID...")
@of_the_app
def cancel_jobs(app: App, job_ids: tuple[str, ...]) -> None:
    """Cancel jobs: at once if they wait; those that run stop before their next command."""
    code = Exit.DONE
    for job_id in job_ids:
        try:
            app.client.cancel_job(_checked(job_id))
            app.tell(f"job {job_id} is canceled, or stops before its next command")
        except HttpResponseError as error:
            if len(job_ids) == 1:
                raise
            note("error", f"{job_id}: {reason_of(error)}", "red")
            code = Exit.REFUSED
    sys.exit(code)


@jobs.command("replay", epilog=CODES)
@click.argument("job_id", metavar="JOB_ID")
@click.option("-w", "--wait", is_flag=True, help="Wait for the result.")
@click.option("-t", "--timeout", type=click.FloatRange(min=0.1), metavar="SECONDS", help="How long to wait (60).")
@takes_format
@of_the_app
def replay_job(app: App, job_id: str, wait: bool) -> None:
    """Submit the work of a failed job again, as a new job, with your login."""
    from ..batches import Batch

    answer = app.client.begin_replay_job(_checked(job_id), request=_login(app)).last_response
    new_id = str(answer.json()["job_id"]) if answer is not None else ""
    form = app.form("text")
    if wait:
        items = Batch.of_jobs(app.client, [new_id]).result(app.settings.timeout)
        sys.exit(_show(app, [item.result for item in items if item.result is not None]))
    if form == "json":
        print_json({"job_id": new_id})
    elif form == "ndjson":
        print_line({"job_id": new_id})
    else:
        click.echo(new_id)


def _login(app: App) -> dict[str, Any] | None:
    """Return the device login for a job that is repeated; None where who is calling logs in."""
    return login_of(app, device_username=None, credential=None, ask_enable=False).as_wire() or None


def _checked(job_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(job_id)
    except ValueError:
        raise UsageStop(f"{job_id!r} is no id of a job", "it is a UUID, as `naas jobs list` shows") from None


def _of(app: App, job_id: str) -> JobResult:
    # Any job is found under this path, whatever it does; also by servers that have no other.
    return app.client.get_send_command(_checked(job_id))


def _show(app: App, results: list[JobResult]) -> Exit:
    """Print jobs as the server has them, or for people as `naas send` does, and return the exit code."""
    form = app.form("text")
    outcomes = [_outcome(result) for result in results]
    if form == "json":
        documents = [result.as_dict() for result in results]
        print_json(documents[0] if len(documents) == 1 else documents)
    elif form == "ndjson":
        for result in results:
            print_line(result.as_dict())
    else:
        show_outcomes(outcomes, form)
    failed = any(outcome.state in (State.FAILED, State.CANCELED) for outcome in outcomes)
    return Exit.JOB_FAILED if failed else Exit.DONE


def _outcome(result: JobResult) -> Outcome:
    wire = result.as_dict()
    host = str(wire.get("host") or wire.get("job_id"))
    return Outcome.of(
        Target(shown_place(host, wire.get("port")), host, wire.get("port"), wire.get("platform")),
        result,
        _duration(wire),
    )


def _duration(wire: dict[str, Any]) -> float | None:
    timings = as_object(wire.get("timings"))
    parts = [float(timings[name]) for name in ("queued", "running") if timings.get(name) is not None]
    return sum(parts) if parts else None
