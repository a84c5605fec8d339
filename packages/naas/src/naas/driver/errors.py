"""What goes wrong inside the drivers, before :mod:`naas.driver.failures` tells it to the caller."""

from __future__ import annotations

__all__ = ["JumpHostRefused", "OutputTooLong"]


class OutputTooLong(Exception):
    """A device answered more than ``longest`` characters."""

    def __init__(self, longest: int) -> None:
        super().__init__(longest)
        self.longest = longest

    def __str__(self) -> str:
        return f"more than {self.longest >> 20} million characters"


class JumpHostRefused(Exception):
    """The jump host did not open a way to the device. The message says which, and why."""
