"""Lets `uv run --package MEMBER pytest` work: only the tests whose member and development group are installed run.

Installing a member brings the members that it stands on, but not what their tests need.

Property tests are not judged by how fast a busy machine makes their inputs.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parent
MEMBERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _is_testable(member: Path) -> bool:
    groups = tomllib.loads((member / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    wanted = [re.split(r"[\[<>=~! ]", requirement)[0] for requirement in groups["dev"]]
    return all(_is_installed(name) for name in [member.name, *wanted])


_left_out = [member for member in MEMBERS if not _is_testable(member)]
collect_ignore = [str(member) for member in _left_out]
if _left_out:
    # These are about the workspace as a whole. One by one, since pytest never ignores a path that it was given.
    collect_ignore += [str(path) for path in (ROOT / "tests").iterdir()]

with suppress(ImportError):  # a member that is tested alone may have no property tests
    from hypothesis import HealthCheck, settings

    settings.register_profile("workspace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("workspace")
