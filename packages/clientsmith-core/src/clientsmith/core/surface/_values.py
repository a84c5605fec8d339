"""Values as JSON has them, turned into those that a method takes in Python."""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from ..serialization import DATE, DATETIME, DURATION, TIME
from ._surface import Schema, Surface

__all__ = ["ValueRefusedError", "plain", "value_of"]


class ValueRefusedError(ValueError):
    """A value that an argument cannot be made of.

    Attributes:
        wanted: What it takes, in words.
        argument: The argument's name.
    """

    def __init__(self, wanted: str, argument: str = "") -> None:
        super().__init__(wanted, argument)
        self.wanted, self.argument = wanted, argument

    def __str__(self) -> str:
        return f"{self.argument or 'it'} takes {self.wanted}"


def _bytes_of(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


# By JSON Schema's format: how text is read, and what is said where it cannot be.
_FORMATS: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = {
    "date-time": (DATETIME.decode, "a time such as 2026-01-31T12:30:00Z"),
    "date": (DATE.decode, "a date such as 2026-01-31"),
    "time": (TIME.decode, "a time of day such as 12:30:00"),
    "duration": (DURATION.decode, "a duration such as PT90S"),
    "uuid": (uuid.UUID, "a UUID such as 6744a0da-4121-49cd-8479-f8cc20526495"),
    "decimal": (decimal.Decimal, "a decimal number such as 1.50"),
    "byte": (_bytes_of, "bytes in base64"),
}


def value_of(schema: Schema, value: Any, surface: Surface) -> Any:
    """Return ``value``, a JSON value that fits the schema, as the method takes it: dates, ids, bytes become objects.

    Objects stay mappings by wire names, which methods take in the place of models.

    Raises:
        ValueRefusedError: Text that is no date, no id, no base64.
    """
    schema = surface.resolved(schema)
    if isinstance(value, list):
        items: Schema = schema.get("items", {})
        return [value_of(items, item, surface) for item in cast("Sequence[Any]", value)]
    if not isinstance(value, str):
        return value
    read, wanted = _FORMATS.get(_format_of(schema, surface), (None, ""))
    if read is None:
        return value
    try:
        return read(value)
    except (ValueError, ArithmeticError, binascii.Error):
        raise ValueRefusedError(wanted) from None


def _format_of(schema: Schema, surface: Surface) -> str:
    """The format of a schema, or of the one alternative beside null."""
    if "anyOf" in schema:
        members = [surface.resolved(member) for member in schema["anyOf"]]
        texts = [member for member in members if member.get("type") != "null"]
        return _format_of(texts[0], surface) if len(texts) == 1 else ""
    if schema.get("type") != "string":
        return ""
    return "byte" if schema.get("contentEncoding") == "base64" else str(schema.get("format", ""))


def plain(value: Any) -> Any:
    """Return what a method gave as JSON has it: models as they travel, times as text, bytes as base64."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case list() | tuple():
            return [plain(item) for item in cast("list[Any]", value)]
        case Mapping():
            return {key: plain(item) for key, item in cast("Mapping[str, Any]", value).items()}
        case _:
            as_dict = getattr(value, "as_dict", None)
            return plain(as_dict()) if callable(as_dict) else str(value)
