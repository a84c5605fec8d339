"""What came of jobs, for people and for programs."""

from __future__ import annotations

from .outcome import Outcome, State

__all__ = ["Outcome", "State"]
