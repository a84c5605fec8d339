"""Settings beside those of the generator: how a package is checked and released, and what is in its workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from .says import IMPORT_NAME, Says, Text

__all__ = ["CheckSettings", "ReleaseSettings", "ServiceSettings", "TrainSettings", "WorkspaceSettings"]

_FAMILY = Text("a family of the API, like `v2`", r"^v[0-9]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """How `clientsmith check` judges a package."""

    profile: Annotated[
        Literal["auto", "generic", "azure"],
        Says("Which base the guidelines mean; `auto` looks at what the package depends on."),
    ] = "auto"
    namespace: Annotated[
        str, Says("The root namespace that all packages of the house share.", IMPORT_NAME, example='"azure"')
    ] = ""
    baseline: Annotated[
        str, Says("The file of findings that are known and told no more.", example='"check-baseline.json"')
    ] = ""
    programs: Annotated[
        tuple[str, ...],
        Says("Modules that are programs on the client and no part of the library.", example='["cli"]'),
    ] = ()
    waivers: Annotated[
        Mapping[str, str],
        Says(
            "Guidelines that the package does not follow, and why that is right.",
            keys="the guideline's id, with or without `python-`",
            example='{ client-hier-create = "contexts are made in the service\'s settings" }',
        ),
    ] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSettings:
    """How `clientsmith release` makes a version of a package."""

    api: Annotated[
        Literal["auto", "python", "document", "both"],
        Says("What its version promises; `auto`: of a service of the workspace its document, else the Python API."),
    ] = "auto"
    api_family: Annotated[
        str,
        Says(
            "The family of the service's API that a major version of the package is tied to.", _FAMILY, example='"v2"'
        ),
    ] = ""
    fragments: Annotated[str, Says("The folder of change fragments, one file a change.")] = "changes"
    changelog: Annotated[str, Says("The changelog that they become part of.")] = "CHANGELOG.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """A service of the workspace, and the clients that grow with it."""

    document: Annotated[
        str, Says("Its API description, as `generate` takes it.", example='"naas.api.app:app_description"')
    ] = ""
    clients: Annotated[tuple[str, ...], Says("The packages that are its clients.", example='["naas-client"]')] = ()
    supported: Annotated[str, Says("The versions of the service that its clients need.", example='">=2.0"')] = ""
    tests: Annotated[
        tuple[str, ...],
        Says("Those of a client's tests that drive the service; below the client's folder.", example='["tests/live"]'),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """Packages that are released together, at one milestone."""

    packages: Annotated[tuple[str, ...], Says("The packages.", example='["naas", "naas-client"]')] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSettings:
    """What `clientsmith affected`, `gate` and `release` know of a uv workspace; it stands at its root."""

    releases: Annotated[str, Says("The file of all releases: package, version, commit.")] = "releases.toml"
    everything: Annotated[
        tuple[str, ...],
        Says("Paths whose change concerns every package; patterns are allowed.", example='["requirements.lock"]'),
    ] = ()
    tests_for: Annotated[
        Mapping[str, str],
        Says(
            'The tests that a change of a path needs, and no others; "" for none. Without it: those of the package.',
            keys="a path, or a pattern in which `*` stands for anything",
            example='{ "docs/*" = "tests/test_docs.py", "benchmarks/*" = "" }',
        ),
    ] = field(default_factory=dict[str, str])
    tests: Annotated[
        str, Says("The command that runs the tests of a path; `{path}` stands for it.", example='"pytest -q {path}"')
    ] = "pytest -q {path}"
    smoke: Annotated[
        Mapping[str, str],
        Says(
            "A package's tests that `gate` runs with its lowest and its newest dependencies; else all of its tests.",
            keys="the package",
            example='{ naas-client = "tests/test_client.py" }',
        ),
    ] = field(default_factory=dict[str, str])
    constraints: Annotated[
        str,
        Says(
            "Versions of other people's packages that `gate` tests clients and services with, as pip's constraints.",
            example='"requirements.lock"',
        ),
    ] = ""
    services: Annotated[Mapping[str, ServiceSettings], Says("The services.", keys="the package of the service")] = (
        field(default_factory=dict[str, ServiceSettings])
    )
    trains: Annotated[Mapping[str, TrainSettings], Says("Release trains.", keys="the name of the train")] = field(
        default_factory=dict[str, TrainSettings]
    )
