"""The packages that the rules are applied to: three made by the generator, and the one that we ship."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from click.testing import CliRunner
from clientsmith.cli.main import cli

from .rules import Package

__all__ = ["NAMES", "NOT_YET", "ROOT", "generated", "packages"]

ROOT: Final = Path(__file__).resolve().parents[2]
_SPECS: Final = ROOT / "packages" / "clientsmith" / "tests" / "specs"
_GENERATED: Final[Mapping[str, Path]] = {
    "petstore": _SPECS / "oai-petstore.json",
    "museum": _SPECS / "redocly-museum.yaml",  # an update_ method, dates, enums, Basic
    "depot": Path(__file__).parent / "specs" / "depot.json",  # conditions, a long running operation, two kinds of auth
}
_SHIPPED: Final = "naas-client"
NAMES: Final = (*_GENERATED, _SHIPPED)

# Package → guideline → why it breaks it. `clientsmith check` will read these from the packages' own configuration.
_WAIVERS: Final[Mapping[str, Mapping[str, str]]] = {
    _SHIPPED: {
        "client-service-verbs": "`cancel_job` raises if there is no such job, and the job stays: `delete_` would promise else",
        "models-dict-result": "output-only results stay typed models, which index like a mapping",
    },
}

# `<guideline>-<package>` → why it is not met, and what is to come.
NOT_YET: Final[Mapping[str, str]] = {
    "models-dict-result-depot": (
        "the envelope of a page becomes a model, `ListShelvesResult`, that no method takes or returns; such models "
        "are to be left out"
    ),
}


def packages(folder: Path) -> dict[str, Package]:
    """Generate what is generated into the folder, by the public command, and return all packages by name."""
    found = {name: generated(spec, folder / name, _WAIVERS.get(name)) for name, spec in _GENERATED.items()}
    shipped = ROOT / "packages" / "naas-client"
    found[_SHIPPED] = Package(shipped, "naas_client", _loaded(_SPECS / "naas-v2.json"), _WAIVERS[_SHIPPED])
    return found


def generated(spec: Path, folder: Path, waivers: Mapping[str, str] | None = None) -> Package:
    """Generate the package of a document into the folder, and return it."""
    result = CliRunner().invoke(cli, ["generate", str(spec), "-o", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    import_name = next(path.parent.name for path in (folder / "src").glob("*/__init__.py"))
    return Package(folder, import_name, _loaded(spec), waivers or {}, spec)


def _loaded(spec: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = yaml.safe_load(spec.read_text(encoding="utf-8"))
    return document
