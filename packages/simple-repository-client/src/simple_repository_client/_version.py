"""The version of this package, as its metadata has it."""

from __future__ import annotations

from typing import Final

__all__ = ["VERSION"]

VERSION: Final = "1.0.0b2"
