"""Operations that go on after their first answer.

- `Polling` says as data where to look, which words mean that the work is over, and where the result is. It does no I/O.
- `LROPoller` is what a ``begin_`` method returns: `LROPoller.result` waits and returns what the operation ends with.
  The async twin is `clientsmith.core.polling.aio.LROPoller`. There is no thread: the work goes on at the service, and a
  poller looks only while it is asked to.
"""

from __future__ import annotations

from .poller import LROPoller
from .schemes import Polling, PollState
from .steps import PollingSteps

__all__ = ["LROPoller", "PollState", "Polling", "PollingSteps"]
