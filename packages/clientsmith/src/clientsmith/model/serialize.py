"""An `Api` as JSON-ready data, for `clientsmith ir` and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum as PythonEnum
from functools import cache
from typing import Any, TypeGuard

from clientsmith.openapi.data import is_object

from .ir import Api

__all__ = ["api_as_data"]


def api_as_data(api: Api) -> dict[str, Any]:
    """Return ``api`` as plain data.

    Each part says its class as ``is``, and has the fields of that class in `clientsmith.model.ir`. A field is left out
    where it has its default; one without a default is always there, also where it is empty.
    """
    data: dict[str, Any] = _as_data(api)
    return data


def _as_data(value: Any) -> Any:
    if isinstance(value, PythonEnum):  # before text: the IR's enums are strings, too
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((part, getattr(value, part.name)) for part in _fields_of(type(value)))
        told = {part.name: _as_data(own) for part, own in parts if not _is_default(part, own)}
        return {"is": type(value).__name__, **told}
    if is_object(value):
        return {key: _as_data(part) for key, part in value.items()}
    if _is_sequence(value):
        return [_as_data(part) for part in value]
    return value


@cache
def _fields_of(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind)


def _is_default(part: Field[Any], value: Any) -> bool:
    if part.default is not MISSING:
        return type(value) is type(part.default) and bool(value == part.default)
    return part.default_factory is not MISSING and bool(value == part.default_factory())


def _is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, (list, tuple))
