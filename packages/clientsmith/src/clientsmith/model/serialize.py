"""An `Api` as JSON-ready data, for `clientsmith ir` and for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum as PythonEnum
from types import MappingProxyType
from typing import Any

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
    if isinstance(value, (dict, MappingProxyType)):
        pairs: Mapping[Any, Any] = value
        return {str(key): _as_data(part) for key, part in pairs.items()}
    if isinstance(value, (list, tuple)):
        items: Sequence[Any] = value
        return [_as_data(part) for part in items]
    return value
