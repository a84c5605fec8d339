"""Numbers and lengths of time, within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from naas.config.kinds.base import Unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Number", "Seconds"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds; ``whole`` excludes fractions."""

    least: float = 0
    most: float | None = None
    whole: bool = True
    is_secret: bool = False

    @property
    def words(self) -> str:
        """The bounds."""
        kind = "whole number" if self.whole else "number"
        return f"{kind}, {_range(self.least, self.most)}"

    def read(self, raw: object) -> int | float:
        """Return the number."""
        return _bounded(_number(raw, whole=self.whole), self.least, self.most)

    def show(self, value: float) -> str:
        """Return the digits."""
        return f"{value:g}" if isinstance(value, float) else str(value)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        bounds: dict[str, Any] = {"type": "integer" if self.whole else "number", "minimum": self.least}
        return bounds if self.most is None else {**bounds, "maximum": self.most}


_UNITS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seconds:
    """A length of time in seconds; text may carry a unit: ``90``, ``90s``, ``15m``, ``24h``, ``7d``."""

    least: float = 0
    most: float | None = None
    whole: bool = True
    is_secret: bool = False

    @property
    def words(self) -> str:
        """The bounds."""
        return f"seconds, {_range(self.least, self.most)}"

    def read(self, raw: object) -> int | float:
        """Return the seconds."""
        if not isinstance(raw, str):
            return _bounded(_number(raw, whole=self.whole), self.least, self.most)
        found = _DURATION.fullmatch(raw.strip())
        if found is None:
            raise Unusable(f"is {raw!r}; write seconds, or a number with a unit such as 90s, 15m, 24h or 7d")
        seconds = float(found[1]) * _UNITS[found[2] or "s"]
        if self.whole and not seconds.is_integer():
            raise Unusable(f"is {raw!r}; write whole seconds")
        return _bounded(int(seconds) if self.whole else seconds, self.least, self.most)

    def show(self, value: float) -> str:
        """Return the seconds, without a unit."""
        return f"{value:g}" if isinstance(value, float) else str(value)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        number = Number(self.least, self.most, self.whole).schema()
        return {"anyOf": [number, {"type": "string", "pattern": rf"^{_DURATION.pattern}$"}]}


def _range(least: float, most: float | None) -> str:
    return f"{least:g} or more" if most is None else f"{least:g} to {most:g}"


def _number(raw: object, *, whole: bool) -> int | float:
    advice = "write a whole number" if whole else "write a number"
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Unusable(f"is {raw!r}; {advice}")
    try:
        return int(raw) if whole and not isinstance(raw, float) else float(raw) if not whole else _whole(raw)
    except ValueError as exc:
        raise Unusable(f"is {raw!r}; {advice}") from exc


def _whole(raw: str | float) -> int:
    number = float(raw)
    if not number.is_integer():
        raise ValueError(raw)
    return int(number)


def _bounded(number: int | float, least: float, most: float | None) -> int | float:
    # Written so that "not a number", which compares with nothing, is refused too.
    if not (number >= least and (most is None or number <= most)) or number == float("inf"):
        raise Unusable(f"cannot be used: {number} is not in the range {_range(least, most)}")
    return number
