"""The good and the bad example of a rule: small packages, which are its documentation and its test at once.

What stands in `source` is the package's ``__init__.py``, what stands in `aio` that of its async half. A line that ends
in ``# <--`` is where the rule has to find something, and nowhere else; the mark stands in comments of TOML as well.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

__all__ = ["MARK", "ONE_METHOD", "ONE_MODEL", "PROJECT", "Example"]

MARK: Final = "# <--"
PROJECT: Final = """
[project]
name = "depot-client"
version = "1.2.0b1"
requires-python = ">=3.11"
dependencies = ["clientsmith-core[requests]"]

[project.optional-dependencies]
aio = ["clientsmith-core[aiohttp]"]
"""
_PACKAGE: Final = "src/depot_client"


@dataclass(frozen=True)
class Example:
    """A small package.

    Attributes:
        source: The text of ``__init__.py``.
        aio: That of ``aio/__init__.py``, "" for none.
        project: What stands in ``pyproject.toml``, where that matters.
        files: More files, by their path in the project.
        spec: The description of the service, as JSON or YAML, "" for none.
    """

    source: str = ""
    aio: str = ""
    project: str = ""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: str = ""

    def shown(self) -> Iterator[tuple[str, str]]:
        """Yield path and text of each file that matters, in the order to read them."""
        named = {
            f"{_PACKAGE}/__init__.py": self.source,
            f"{_PACKAGE}/aio/__init__.py": self.aio,
            "pyproject.toml": self.project,
            "openapi.yaml": self.spec,
            **self.files,
        }
        for path, text in named.items():
            if text:
                yield path, textwrap.dedent(text).strip("\n") + "\n"

    def write(self, folder: Path) -> None:
        """Write the package into a folder."""
        files = {"pyproject.toml": PROJECT.lstrip(), f"{_PACKAGE}/__init__.py": "", **dict(self.shown())}
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")

    def marked_at(self, line: str) -> Example:
        """Return the example with this line of its source marked."""
        return replace(self, source=self.source.replace(line, f"{line}  {MARK}"))

    def marked(self) -> set[tuple[str, int]]:
        """Return path and line of each place where the rule has to find something."""
        return {
            (path, number)
            for path, text in self.shown()
            for number, line in enumerate(text.splitlines(), 1)
            if MARK in line
        }


# Good by several rules: a client with one method that leaves everything to the core, and a model with one field.
ONE_METHOD: Final = Example(
    """
    from clientsmith.core import ServiceClient
    from clientsmith.core.operations import Operation
    from clientsmith.core.serialization import as_codec

    GET_WEIGHT = Operation("GET", "/weight", responses={200: as_codec(None)})


    class DepotClient(ServiceClient):
        def get_weight(self, **options: object) -> float:
            return self._call(GET_WEIGHT, {}, options=options)
    """
)
ONE_MODEL: Final = Example(
    """
    from clientsmith.core.models import Model, field


    class Shelf(Model):
        name: str = field("name")
    """
)
