"""Jobs at once, as many as there are cores; and nothing of them left when they are over, or stopped."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from .bench import Shop
from .carrying_out import carry_out
from .outcomes import Outcome, Status
from .plan import Job

__all__ = ["cores", "in_temporary_folder", "run_jobs", "terminable"]


def cores() -> int:
    """Return how many jobs this machine can do at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def in_temporary_folder(keep: Path | None = None) -> Generator[Path]:
    """Give a folder that is gone after the block; the logs of jobs are kept in ``keep`` if that is given."""
    folder = Path(tempfile.mkdtemp(prefix="clientsmith-gate-"))
    try:
        yield folder
    finally:
        if keep is not None:
            _keep_logs(folder, keep)
        shutil.rmtree(folder, ignore_errors=True)


def _keep_logs(folder: Path, keep: Path) -> None:
    keep.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("jobs/*/log"):
        shutil.copyfile(log, keep / f"{log.parent.name}.log")


@contextmanager
def terminable() -> Generator[None]:
    """Let SIGTERM end the block as Ctrl-C does: what a CI sends to a job that was cancelled must clean up too."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_jobs(
    shop: Shop,
    jobs: Sequence[Job],
    *,
    threads: int,
    fail_fast: bool = False,
    started: Callable[[Job], None] = lambda _: None,
    ended: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Carry jobs out, ``threads`` at once; return how they ended, in the order of ``jobs``.

    With ``fail_fast``, what was not started when one failed is skipped. ``started`` is called from the threads that
    work, ``ended`` from the one that calls. Whatever breaks it off, Ctrl-C for one, ends all programs of all jobs.
    """
    failed = threading.Event()

    def one(job: Job) -> Outcome:
        if failed.is_set():
            return Outcome(job, Status.SKIPPED, message="something else had failed before")
        started(job)
        outcome = carry_out(shop, job)
        if fail_fast and outcome.status is Status.FAILED:
            failed.set()
        return outcome

    order = sorted(range(len(jobs)), key=lambda position: not jobs[position].tests)  # the last to end is a short one
    outcomes: dict[int, Outcome] = {}
    pool = ThreadPoolExecutor(threads, thread_name_prefix="gate")
    try:
        futures = {pool.submit(one, jobs[position]): position for position in order}
        for future in as_completed(futures):
            outcomes[futures[future]] = future.result()
            ended(future.result())
    finally:
        if len(outcomes) < len(jobs):
            shop.processes.stop()
        pool.shutdown(wait=True, cancel_futures=True)
    return [outcomes[position] for position in range(len(jobs))]
