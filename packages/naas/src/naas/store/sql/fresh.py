"""The jobs that were written last, as the database has them, for those who wait for just these.

A job is written three times within milliseconds, and whoever follows it reads it twice in between: from here, without
a thread and without the disk. Only where nobody else writes to the database, because a second service would change
jobs that are remembered here.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naas.jobs import Job, Outcome

__all__ = ["FreshJobs"]

# More than run at once and are waited for; with outcomes of this many characters at most, at most 4 MB.
_MOST: Final = 512
_LONGEST_OUTCOME: Final = 8192


class FreshJobs:
    """A bounded memory of jobs. Belongs to the event loop; is told of a write only when it is on disk."""

    def __init__(self, most: int = _MOST) -> None:
        """Remember the last ``most`` jobs that were written."""
        self._most = most
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def get(self, job_id: str) -> Job | None:
        """Return the job as it was last written, without its sealed login; None says nothing about it."""
        job = self._jobs.get(job_id)
        if job is None or job.sealed_login is None:
            return job
        return replace(job, sealed_login=None)

    def remember(self, job: Job) -> None:
        """Take note of how a job stands now."""
        self._jobs.pop(job.id, None)
        if job.sealed_webhook_secret is not None or not _is_plain_and_short(job.outcome):
            return
        self._jobs[job.id] = job
        if len(self._jobs) > self._most:
            self._jobs.popitem(last=False)

    def forget(self, job_ids: Iterable[str]) -> None:
        """Take note that these jobs have changed or are gone."""
        for job_id in job_ids:
            self._jobs.pop(job_id, None)

    def forget_all(self) -> None:
        """Take note that any job may be gone."""
        self._jobs.clear()


def _is_plain_and_short(outcome: Outcome) -> bool:
    """Whether the outcome comes out of the database as it went in, which is sure of texts, and takes little memory."""
    if outcome.failure is not None and "\0" in outcome.failure.message:
        return False
    length = len(outcome.diff or "")
    for answers in (outcome.results, outcome.partial):
        for text in (answers or {}).values():
            if not isinstance(text, str):
                return False
            length += len(text)
    return length <= _LONGEST_OUTCOME
