"""Subscriptions within one process."""

from __future__ import annotations

import pytest
from naas.engine import listeners as listeners_module
from naas.engine.base import JobEvent
from naas.engine.listeners import Listeners, Listening
from naas.jobs import JobState


async def test_whoever_falls_behind_loses_the_oldest_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a reader that never comes costs no more than this."""
    monkeypatch.setattr(listeners_module, "BACKLOG", 3)
    listeners = Listeners()
    async with Listening(listeners, None) as slow:
        for number in range(5):
            listeners.tell(JobEvent(str(number), JobState.FINISHED))
        heard = [await slow.next(0.1) for _ in range(4)]
    assert [event and event.job_id for event in heard] == ["2", "3", "4", None]


async def test_what_came_before_the_end_is_still_heard() -> None:
    listeners = Listeners()
    async with Listening(listeners, "a") as listening:
        listeners.tell(JobEvent("a", JobState.FINISHED))
        listeners.close()
        assert await listening.next(5.0) == JobEvent("a", JobState.FINISHED)
        assert await listening.next(5.0) is None


async def test_who_comes_after_the_end_does_not_wait() -> None:
    listeners = Listeners()
    listeners.close()
    async with Listening(listeners, "a") as late:
        assert await late.next(60.0) is None


async def test_jobs_that_nobody_listens_to_leave_nothing_behind() -> None:
    listeners = Listeners()
    for number in range(10):
        async with Listening(listeners, str(number)):
            pass
    assert not listeners._open
