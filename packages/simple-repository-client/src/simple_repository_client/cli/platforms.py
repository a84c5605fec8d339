"""What else runs on a platform that a person names.

A wheel for an older C library, or an older macOS, runs on a newer one: ``manylinux_2_28`` means ``2_17`` as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from packaging.tags import mac_platforms

__all__ = ["expanded"]

# The names that manylinux had before it said the version of glibc (PEP 600).
_OLD_NAMES: Final = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_GLIBC: Final = {name: minor for minor, name in _OLD_NAMES.items()}


def expanded(platforms: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of platforms, each followed by the older ones that it can stand for; none of them twice."""
    return tuple(dict.fromkeys(tag for platform in platforms for tag in _family(platform)))


def _family(platform: str) -> Iterator[str]:
    if found := re.fullmatch(r"(manylinux1|manylinux2010|manylinux2014)_(\w+)", platform):
        yield platform
        yield from _manylinux(_GLIBC[found[1]], found[2])
    elif found := re.fullmatch(r"manylinux_2_(\d{1,3})_(\w+)", platform):
        yield from _manylinux(int(found[1]), found[2])
    elif found := re.fullmatch(r"musllinux_1_(\d{1,3})_(\w+)", platform):
        yield from (f"musllinux_1_{minor}_{found[2]}" for minor in range(int(found[1]), -1, -1))
    elif found := re.fullmatch(r"macosx_(\d{1,3})_(\d{1,3})_(\w+)", platform):
        yield platform
        yield from mac_platforms((int(found[1]), int(found[2])), found[3])
    else:
        yield platform


def _manylinux(newest: int, architecture: str) -> Iterator[str]:
    for minor in range(newest, min(_OLD_NAMES) - 1, -1):
        yield f"manylinux_2_{minor}_{architecture}"
        if minor in _OLD_NAMES:
            yield f"{_OLD_NAMES[minor]}_{architecture}"
    yield f"linux_{architecture}"
