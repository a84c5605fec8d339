"""What a caller may ask of structured output, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["ParsingFailed", "Rows", "StructuredOptions"]

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class StructuredOptions:
    """How to read an output. At most one of the three; none of them means ntc-templates.

    Attributes:
        textfsm_template: A TextFSM template, as text.
        ttp_template: A TTP template, as text, or ``ttp://platform/...`` for one of the package *ttp-templates*.
        use_genie: Cisco's Genie parsers, if they are installed.
        seconds: How long reading one output may take.
    """

    textfsm_template: str | None = None
    ttp_template: str | None = None
    use_genie: bool = False
    seconds: float = 5.0


class ParsingFailed(Exception):
    """An output could not be read for a reason that the caller should hear. The message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
