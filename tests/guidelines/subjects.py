"""The packages that the rules are applied to: three made by the generator, and the two that we ship."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from click.testing import CliRunner
from clientsmith.cli.main import cli
from naas.api.app import app_description

from .by_hand import of_an_index
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
_BY_HAND: Final = "simple-repository-client"
NAMES: Final = (*_GENERATED, _SHIPPED, _BY_HAND)

# Package → guideline → why it breaks it. `clientsmith check` will read these from the packages' own configuration.
_WAIVERS: Final[Mapping[str, Mapping[str, str]]] = {
    _SHIPPED: {
        "client-hier-create": (
            "a context is made by whoever runs the service, in its settings; nobody makes one by the API"
        ),
        "client-hier-delete": "as client-hier-create: contexts go with the settings",
        "client-service-verbs": "`cancel_job` raises if there is no such job, and the job stays: `delete_` would promise else",
        "models-dict-result": "output-only results stay typed models, which index like a mapping",
    },
    _BY_HAND: {
        "client-constructor-api-version-argument": (
            "an index is asked for no version: `api_version` takes the scheme by which its answers are judged"
        ),
        "client-service-verbs": "`download` writes a file and returns its place: `get_` would promise what is in it",
        "paged-prefix": "`download_all` returns the places of the files that the caller chose: it lists nothing",
        "response-paged-protocol": (
            "an index has no pages (PEP 691): a list is one answer, whose names are made as they are looked at"
        ),
        "client-parameter-validation": (
            "`cache` takes two things of one word, a place and a policy; the rest is within the package"
        ),
        "errors-use-standard-exceptions": "two private ones end a loop within the package, and reach nobody",
        "errors-new-exceptions": "two private ones end a loop within the package, and reach nobody",
        "errors-use-chaining": "what `urllib` and `netrc` say of a URL or a file may quote the password in it",
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
    found[_SHIPPED] = Package(shipped, "naas_client", app_description(), _WAIVERS[_SHIPPED], programs=("cli",))
    found[_BY_HAND] = Package(
        ROOT / "packages" / "simple-repository-client",
        "simple_repository_client",
        waivers=_WAIVERS[_BY_HAND],
        programs=("cli",),
        examples=of_an_index(folder / "downloads"),
    )
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
