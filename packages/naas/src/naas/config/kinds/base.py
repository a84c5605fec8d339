"""What all kinds of settings have in common."""

from __future__ import annotations

from typing import Any, Final, Protocol

__all__ = ["HIDDEN", "Kind", "Unusable"]

# What stands in the place of a secret.
HIDDEN: Final = "***"


class Unusable(Exception):
    """A value that a setting cannot have. The text is the rest of a sentence that begins with the setting's name."""


class Kind(Protocol):
    """What values a setting may have."""

    @property
    def words(self) -> str:
        """What to write, in a word or two; for help texts and tables."""
        ...

    @property
    def is_secret(self) -> bool:
        """Whether no value may ever be shown."""
        ...

    def read(self, raw: object) -> Any:
        """Return the value; raises `Unusable`."""
        ...

    def show(self, value: Any) -> str:
        """Return the value as it would be written in the environment, its secrets hidden."""
        ...

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the value in the configuration file."""
        ...
