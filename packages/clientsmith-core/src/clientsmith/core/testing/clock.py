"""Time that passes only when it is told to."""

from __future__ import annotations

__all__ = ["VirtualClock"]


class VirtualClock:
    """A clock for tests: every wait is over at once, and is remembered.

    Attributes:
        now: Seconds since the clock was made.
        waits: Every sleep, in seconds, in order.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def monotonic(self) -> float:
        """Return the virtual time, in seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass by itself: nobody slept."""
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass as a sleep."""
        self.waits.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        """Let time pass as a sleep, and let other tasks have their turn."""
        from asyncio import sleep  # a sync test never gets here

        self.sleep(seconds)
        await sleep(0)

    def __repr__(self) -> str:
        return f"<VirtualClock at {self.now:g} s>"
