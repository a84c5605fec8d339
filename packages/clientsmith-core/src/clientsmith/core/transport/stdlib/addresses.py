"""Which of a name's addresses is tried when: the decisions of happy eyeballs (RFC 8305), for both colours."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, Final, TypeAlias

__all__ = ["ATTEMPT_DELAY", "AddressInfo", "in_turns", "no_connection"]

# What `getaddrinfo` returns.
AddressInfo: TypeAlias = tuple[int, int, int, str, Any]

# How long one address may keep us before the next one is tried beside it, in seconds (section 5).
ATTEMPT_DELAY: Final = 0.25


def in_turns(found: Iterable[AddressInfo]) -> list[AddressInfo]:
    """Return addresses with their families taking turns, the system's favourite first (section 4)."""
    by_family: dict[int, list[AddressInfo]] = {}
    for info in found:
        by_family.setdefault(info[0], []).append(info)
    return [info for turn in zip_longest(*by_family.values()) for info in turn if info is not None]


def no_connection(failed: list[OSError]) -> OSError:
    """Return what stands for all that failed: the error of the favourite."""
    return failed[0] if failed else OSError("its name has no address")
