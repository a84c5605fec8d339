"""The files of a package that are not code of the client: pyproject, changelog, and what is written once.

These are text, so they are the one place with templates. What a document says enters them escaped for their format.
"""

from __future__ import annotations

import json
import re
import tomllib

from clientsmith.emit.text import markdown, one_line, printable
from clientsmith.model.ir import Api

__all__ = ["OLDEST_CORE", "changelog", "check_distribution", "patch_seed", "pyproject", "toml_text", "version_seed"]

OLDEST_CORE = "1.0.0b4"  # the oldest runtime that this generator's output runs on


def check_distribution(name: str) -> str:
    """Return the name if it is a distribution's, in its normal form (PEP 503).

    Raises:
        ValueError: It is not.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"{name!r} cannot name a distribution: use lower case letters, digits and single dashes")
    return name


def pyproject(api: Api, header: tuple[str, ...]) -> str:
    """``pyproject.toml``. The version lives in ``_version.py`` alone."""
    description = toml_text(f"Client library of {one_line(api.title)}"[:300])
    lead = "\n".join(f"# {line}" for line in header)
    text = f"""{lead}
[project]
name = "{check_distribution(api.distribution)}"
dynamic = ["version"]
description = {description}
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["clientsmith-core[requests]>={OLDEST_CORE},<2"]
classifiers = ["Programming Language :: Python :: 3", "Typing :: Typed"]

[project.optional-dependencies]
aio = ["clientsmith-core[aiohttp]>={OLDEST_CORE},<2"]
{_programs(api)}
[dependency-groups]
dev = ["pytest>=8", "clientsmith-core[aiohttp]>={OLDEST_CORE},<2"]

[build-system]
requires = ["hatchling>=1.28"]
build-backend = "hatchling.build"

[tool.hatch.version]
path = "src/{api.package}/_version.py"

[tool.hatch.build.targets.wheel]
packages = ["src/{api.package}"]

[tool.pytest.ini_options]
addopts = "--import-mode=importlib"
testpaths = ["tests"]

[tool.ruff]
line-length = 120
"""
    tomllib.loads(text)  # whatever the title holds, what is written is TOML
    return text


def _programs(api: Api) -> str:
    """The extras and commands of what was asked for beside the client."""
    program, package = api.distribution.removesuffix("-client"), api.package
    extras = [f'cli = ["clientsmith-core[requests,cli]>={OLDEST_CORE},<2"]'] if api.features.cli else []
    extras += [f'mcp = ["clientsmith-core[aiohttp,mcp]>={OLDEST_CORE},<2"]'] if api.features.mcp else []
    commands = [f'{program} = "{package}.cli:main"'] if api.features.cli else []
    commands += [f'{program}-mcp = "{package}.mcp:main"'] if api.features.mcp else []
    return "\n".join([*extras, *(["", "[project.scripts]", *commands] if commands else []), ""])


def toml_text(text: str) -> str:
    """A basic string (TOML 1.0): `json` escapes the same characters; astral ones stay as they are."""
    return json.dumps(printable(text).replace("\x7f", ""), ensure_ascii=False)


def version_seed() -> str:
    """``_version.py``, written once: releases move it."""
    about = "The version of this library: written once by clientsmith, moved by releases."
    return f'"""{about}"""\n\nVERSION = "1.0.0b1"\n'


def changelog(api: Api) -> str:
    """``CHANGELOG.md``, written once."""
    return f"# Changelog\n\n## 1.0.0b1\n\n- First client of {markdown(api.title)} {markdown(api.version)}.\n"


def patch_seed(api: Api, *, is_async: bool) -> str:
    """``_patch.py``, written once: where hand-finished code lives."""
    kind = "async " if is_async else ""
    name = api.root.name
    return f'''"""Hand-finished {kind}code. clientsmith wrote this file once and never touches it again.

A name in ``__all__`` takes the place of the generated one of the same name:

    from ._client import {name} as Generated{name}

    class {name}(Generated{name}):
        ...

    __all__ = ["{name}"]

Generate again after a change of ``__all__``, so that type checkers see it too.
"""

from __future__ import annotations

__all__: list[str] = []
'''
