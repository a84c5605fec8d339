"""JSON values with their types, where the server's answer may be of another version."""

from __future__ import annotations

from typing import Any, cast

__all__ = ["as_list", "as_object", "shown_place"]


def as_object(value: object) -> dict[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Return a JSON array, an empty one for anything else."""
    return list(cast("list[object]", value)) if isinstance(value, list) else []


def shown_place(host: str, port: int | None) -> str:
    """Return a device as one word; several may be behind one address, a console server's for example."""
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
