"""An `Api` as JSON-ready data, for `clientsmith ir` and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import Enum as PythonEnum
from typing import Any, TypeGuard

from clientsmith.openapi.data import is_object

from .ir import Api

__all__ = ["api_as_data"]


def api_as_data(api: Api) -> dict[str, Any]:
    """Return ``api`` as plain data. Each part says its class as ``is``; what is empty is left out."""
    data: dict[str, Any] = _as_data(api)
    return data


def _as_data(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: _as_data(getattr(value, part.name)) for part in fields(value)}
        return {
            "is": type(value).__name__,
            **{key: part for key, part in parts.items() if part not in (None, "", (), [], {})},
        }
    if isinstance(value, PythonEnum):
        return value.value
    if is_object(value):
        return {key: _as_data(part) for key, part in value.items()}
    if _is_sequence(value):
        return [_as_data(part) for part in value]
    return value


def _is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, (list, tuple))
