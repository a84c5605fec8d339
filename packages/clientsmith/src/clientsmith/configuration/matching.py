"""Which operations a key of the configuration means."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_exact", "matches"]


def matches(key: str, method: str, path: str, operation_id: str = "") -> bool:
    """Whether ``key`` means this operation.

    ``GET /pets/{petId}`` is one operation; in ``DELETE *`` and ``* /v1/admin/*`` a star stands for any text; a key
    without a slash is an operation id, which may have stars too.
    """
    if key in (f"{method} {path}", operation_id):
        return True
    if is_exact(key):
        return False
    pattern = _pattern(key)
    return pattern.fullmatch(f"{method} {path}") is not None or bool(
        operation_id and " " not in key and pattern.fullmatch(operation_id)
    )


def is_exact(key: str) -> bool:
    return "*" not in key


@lru_cache(maxsize=1024)
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, key.split("*"))), re.DOTALL)
