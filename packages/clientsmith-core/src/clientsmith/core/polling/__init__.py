"""Operations that go on after their first answer.

- `Polling` says as data where to look, which words mean that the work is over, and where the result is. It does no I/O.
- `StatusEvents` says where a service tells of an operation as server-sent events, which a poller then follows.
- `LROPoller` is what a ``begin_`` method returns: `LROPoller.result` waits and returns what the operation ends with.
  The async twin is `clientsmith.core.polling.aio.LROPoller`. There is no thread: the work goes on at the service, and a
  poller looks only while it is asked to.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .events import StatusEvents as StatusEvents
    from .poller import LROPoller as LROPoller
    from .schemes import FinalState as FinalState
    from .schemes import Polling as Polling
    from .state import PollState as PollState
    from .steps import PollingSteps as PollingSteps

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "events": "StatusEvents",
        "poller": "LROPoller",
        "schemes": "FinalState Polling",
        "state": "PollState",
        "steps": "PollingSteps",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
