"""Counting in a moving window, in bounded memory.

Both counters forget: the oldest key goes when there are more than ``most_keys``, so that a caller who invents names
cannot fill the memory. What is forgotten counts as never seen.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

__all__ = ["FailureWindows", "MovingWindow", "MovingWindows"]

# A window is counted in this many parts, so that a key costs at most this many numbers whatever its limit. The oldest
# part counts whole until it has left the window: what is refused is refused at most one part too long.
_PARTS: Final = 60


@dataclass(slots=True)
class MovingWindow:
    """How often something happened in the last ``seconds``; each entry is the end of a part and its count."""

    seconds: float
    parts: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])
    total: int = 0

    def count(self, now: float) -> int:
        """Return how often it happened lately."""
        while self.parts and self.parts[0][0] + self.seconds <= now:
            self.total -= self.parts.popleft()[1]
        return self.total

    def add(self, now: float, amount: int) -> None:
        """Remember that it happened."""
        self.total += amount
        if self.parts and now < self.parts[-1][0]:
            end, count = self.parts.pop()
            self.parts.append((end, count + amount))
        else:
            self.parts.append((now + self.seconds / _PARTS, amount))

    def room_at(self, now: float, limit: int, wanted: int) -> float:
        """Return when ``wanted`` more will fit below ``limit``; now, if they do. Never, for more than the limit, is
        when the window is empty."""
        excess = self.count(now) + wanted - limit
        for end, count in self.parts:
            if excess <= 0:
                break
            excess -= count
            now = end + self.seconds
        return now


class MovingWindows:
    """A moving window for each key."""

    def __init__(self, seconds: float, most_keys: int) -> None:
        self._seconds, self._most_keys = seconds, most_keys
        self._windows: OrderedDict[str, MovingWindow] = OrderedDict()

    def of(self, key: str) -> MovingWindow:
        """Return the window of a key, empty if nothing happened."""
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = MovingWindow(self._seconds)
            if len(self._windows) > self._most_keys:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(key)
        return window

    def __len__(self) -> int:
        return len(self._windows)


class FailureWindows:
    """The times of the last failures for each key; ``threshold`` of them in ``seconds`` lock the key."""

    def __init__(self, threshold: int, seconds: float, most_keys: int) -> None:
        self.threshold, self.seconds, self._most_keys = threshold, seconds, most_keys
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def fail(self, key: str, now: float) -> None:
        """Remember a failure."""
        times = self._failures.get(key)
        if times is None:
            # More than the threshold need not be known: the newest decide how long it lasts.
            times = self._failures[key] = deque(maxlen=max(1, self.threshold))
            if len(self._failures) > self._most_keys:
                self._failures.popitem(last=False)
        self._failures.move_to_end(key)
        times.append(now)

    def recent(self, key: str, now: float) -> tuple[float, ...]:
        """Return the times of failures that count now."""
        times = self._failures.get(key, ())
        return tuple(time for time in times if time + self.seconds > now)

    def locked_for(self, key: str, now: float) -> float:
        """Return for how many more seconds the key is locked; 0.0 if it is not."""
        times = self._failures.get(key)
        if self.threshold == 0 or times is None or len(times) < self.threshold:
            return 0.0
        # As many as lock are kept, the oldest in front: while that one counts, all of them do.
        return max(0.0, times[0] + self.seconds - now)

    def load(self, key: str, times: tuple[float, ...]) -> None:
        """Take over failures that were remembered elsewhere, in place of what is known of the key."""
        self._failures[key] = deque(sorted(times), maxlen=max(1, self.threshold))

    def forget(self, key: str) -> None:
        """Forget every failure of the key."""
        self._failures.pop(key, None)

    def keys(self) -> tuple[str, ...]:
        """Return every key that something is known of."""
        return tuple(self._failures)
