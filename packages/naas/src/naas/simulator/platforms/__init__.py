"""The platforms that come with the simulator, by Netmiko's names: one TOML file each, beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from naas.simulator.platformfile import load_profile
from naas.simulator.profile import Profile

FOLDER: Final = Path(__file__).parent


def platform_names() -> tuple[str, ...]:
    """The names of the platforms, sorted."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@cache
def profile_of(name: str) -> Profile:
    """The profile of a platform that comes with the simulator.

    Raises:
        ValueError: nobody simulates it.
    """
    if name not in platform_names():
        raise ValueError(f"nobody simulates the platform {name!r}; choose one of {', '.join(platform_names())}")
    return load_profile(FOLDER / f"{name}.toml")
