"""Documents that mean harm, the packages that are made of them, and a child process that watches them being imported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from clientsmith.emit.package import write_package
from clientsmith.findings import Finding, Severity
from clientsmith.model.ir import Api
from clientsmith.model.pipeline import build_api

Tree = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A package on disk, and what it was made from."""

    api: Api
    findings: list[Finding]
    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "src"

    @property
    def lost(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]


Generate = Callable[..., Made]


@pytest.fixture
def generate(tmp_path: Path) -> Generate:
    """Generate the package of a document, called ``package`` instead of what its title says, if that is given."""

    def made(tree: Tree, package: str = "", *, name: str = "api.json") -> Made:
        folder = tmp_path / (package or "made")
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(tree))
        api, findings = build_api(str(folder / name))
        if package:
            api = replace(api, package=package, distribution=package.replace("_", "-"))
        write_package(api, folder / "client", source=name)
        return Made(api, findings, folder / "client")

    return made


@pytest.fixture(scope="session")
def watch() -> Callable[[Sequence[Made]], dict[str, Any]]:
    """Import packages in a child process under an audit hook; the first one is trusted and warms the runtime up."""

    def watched(packages: Sequence[Made]) -> dict[str, Any]:
        script = Path(__file__).with_name("importer.py")
        sources = [str(made.source) for made in packages]
        done = subprocess.run([sys.executable, script, *sources], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    return watched


def operation(**parts: Any) -> Tree:
    return {"responses": {"200": {"description": "Done"}}, **parts}


def document(paths: Tree | None = None, schemas: Tree | None = None, **parts: Any) -> Tree:
    root: Tree = {"openapi": "3.1.0", "info": {"title": "Tame", "version": "1.0"}}
    return root | {"paths": paths or {"/x": {"get": operation()}}, "components": {"schemas": schemas or {}}} | parts


@pytest.fixture
def api_with() -> Callable[..., Tree]:
    return document


@pytest.fixture
def an_operation() -> Callable[..., Tree]:
    return operation


def as_table(names: Iterable[str]) -> list[Any]:
    return [pytest.param(name, id=name.encode("unicode_escape").decode()[:24] or "empty") for name in names]
