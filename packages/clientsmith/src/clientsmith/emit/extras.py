"""What a package has beside its client on request: a command line, an MCP server, a second distribution."""

from __future__ import annotations

from clientsmith.emit.code import Symbol, call, local, value
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.project import check_distribution, toml_text
from clientsmith.emit.statements import Assign, Evaluate, Guarded, Module
from clientsmith.emit.surface import surface
from clientsmith.emit.text import one_line
from clientsmith.model.ir import Api

__all__ = ["extra_files", "extra_modules"]

_IS_MAIN = local("__name__") + ' == "__main__"'


def extra_modules(api: Api, header: tuple[str, ...]) -> dict[str, Module]:
    """``cli.py`` and ``mcp.py``: thin, as the core makes both from the surface."""
    modules: dict[str, Module] = {}
    program = api.distribution.removesuffix("-client")
    if api.features.cli:
        summary = f"The command line of {one_line(api.title)}: ``{program} --help``"
        modules["cli.py"] = _program("clientsmith.core.cli", "command_line", program, summary, api, header)
    if api.features.mcp:
        summary = f"The MCP server of {one_line(api.title)}: ``{program}-mcp --help``"
        modules["mcp.py"] = _program("clientsmith.core.mcp", "server_command", f"{program}-mcp", summary, api, header)
    return modules


def _program(module: str, function: str, program: str, summary: str, api: Api, header: tuple[str, ...]) -> Module:
    made = call(Symbol(module, function).code, value(api.package), value(program))
    start = Guarded(_IS_MAIN, (Evaluate(call(local("main"))),))
    return Module(Docstring(summary), (Assign("main", made), start), header)


def extra_files(api: Api, *, layout: str) -> dict[str, bytes]:
    """What is no Python, by its path in the target: the surface, and the project of the ``-aio`` distribution."""
    files: dict[str, bytes] = {}
    if api.features.cli or api.features.mcp:
        files[f"src/{api.package}/_surface.json"] = surface(api)
    if api.features.aio_distribution and layout == "package":
        files["aio-distribution/pyproject.toml"] = _aio_project(api).encode()
    return files


def _aio_project(api: Api) -> str:
    """A distribution that holds nothing but a dependency (guideline client-same-pkg-name-sync-async)."""
    name = check_distribution(api.distribution)
    return f"""# {name}-aio installs {name} with what its async client needs, and holds nothing itself. Whatever version
# is wanted is said of {name}, so this one need not be released again.
[project]
name = "{name}-aio"
version = "1.0.0"
description = {toml_text(f"Async client library of {one_line(api.title)}"[:300])}
requires-python = ">=3.11"
dependencies = ["{name}[aio]"]

[build-system]
requires = ["hatchling>=1.28"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
bypass-selection = true
"""
