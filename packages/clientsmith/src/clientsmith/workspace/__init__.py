"""A uv workspace as data: its members, who depends on whom, what was released, what git says of its paths.

`find_workspace` reads it once; everything else here is a value, or one tool with one door: `git` for git, `building`
for wheels and sdists, `environments` for virtual environments, `index` for an index on loopback, `processes` for
whatever is started.
"""

from __future__ import annotations

from .members import Member, Release, Workspace
from .reading import find_workspace, read_member

__all__ = ["Member", "Release", "Workspace", "find_workspace", "read_member"]
