"""The settings themselves. A new one is a field with its meaning; reader, schema and guide follow.

A field's type is one of: ``bool``, ``int``, ``str``, a ``Literal`` of words, ``tuple[str, ...]``,
``Mapping[str, str]``, a dataclass of settings, ``Mapping[str, DATACLASS]``, and unions of these. A field that is None
was not set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from clientsmith.findings import Finding, Severity

from .lock import EMPTY_LOCK, Lock
from .matching import is_exact, matches
from .says import CLASS_NAME, IMPORT_NAME, OPERATION, PYTHON_NAME, Says, Text
from .shipping import CheckSettings, ReleaseSettings, WorkspaceSettings

__all__ = [
    "ApiVersionSettings",
    "Configuration",
    "GroupSettings",
    "GroupsSettings",
    "ModelSettings",
    "OperationSettings",
    "PagingSettings",
    "PollingSettings",
    "Source",
    "Steps",
]

Key: TypeAlias = tuple[str, ...]
Steps: TypeAlias = str | tuple[str, ...]

_STEPS = "wire names from the root of the body, joined by dots; a list where a name holds a dot"
_URL = Text("an http(s) URL", r"^https?://")
_DISTRIBUTION = Text("a distribution's name: lower case letters, digits, single dashes", r"^[a-z0-9]+(-[a-z0-9]+)*$")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a configuration came from, for findings about it: a file, and line and column of each key in it."""

    file: str = ""
    folder: str = ""  # what the paths in it are relative to
    positions: Mapping[Key, tuple[int, int]] = field(default_factory=dict[Key, tuple[int, int]])
    root: Key = ()  # where the settings stand in the file: ("tool", "clientsmith") in a pyproject

    def place_of(self, key: Key) -> tuple[int | None, int | None]:
        """Return line and column of ``key``, or of what is nearest around it."""
        for end in range(len(key), -1, -1):
            if (found := self.positions.get((*self.root, *key[:end]))) is not None:
                return found
        return None, None

    def finding(self, severity: Severity, rule: str, message: str, key: Key, hint: str = "") -> Finding:
        """Return a finding that points at ``key`` in the file."""
        line, column = self.place_of(key)
        return Finding(rule, severity, message, hint, "", self.file or "the options", line, column)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagingSettings:
    """How a list goes on. Parts that are left out are looked for as usual."""

    scheme: Annotated[
        Literal["single", "next-link", "next-link-header", "token", "last-id", "page-number", "offset"] | None,
        Says("What leads from a page to the next.", example='"token"'),
    ] = None
    items: Annotated[Steps | None, Says(f'Where the items are: {_STEPS}. `""` is the body itself.')] = None
    next: Annotated[Steps | None, Says(f"Where the next link, the token, or the number of pages is: {_STEPS}.")] = None
    parameter: Annotated[
        str | None, Says("The request's parameter that takes the token, the id, the page number or the offset.")
    ] = None
    location: Annotated[
        Literal["query", "header", "body"] | None, Says("Where that parameter is sent.", example='"query"')
    ] = None
    header: Annotated[
        str | None, Says("The response header with the next link or the token, where the body has not.")
    ] = None
    first_page: Annotated[int | None, Says("The number of the first page.", example="1")] = None
    more: Annotated[Steps | None, Says(f"Where the answer says whether there are more: {_STEPS}.")] = None
    total: Annotated[Steps | None, Says(f"Where the number of all items is: {_STEPS}.")] = None
    size: Annotated[
        str | None, Says("The parameter for the size of a page; it becomes the option `results_per_page`.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingSettings:
    """How a long running operation is watched. Parts that are left out are looked for as usual."""

    status: Annotated[Steps | None, Says(f"Where the answer says how far it is: {_STEPS}.", example='"status"')] = None
    succeeded: Annotated[tuple[str, ...] | None, Says("The words of a good end.", example='["succeeded", "done"]')] = (
        None
    )
    failed: Annotated[tuple[str, ...] | None, Says("The words of a bad end.", example='["failed"]')] = None
    poll: Annotated[
        str | None,
        Says("The path that is asked, filled from the first answer's body.", example='"/jobs/{id}"'),
    ] = None
    result: Annotated[Steps | None, Says(f"Where in the last answer the result is: {_STEPS}.")] = None
    final: Annotated[
        Literal["auto", "azure-async-operation", "custom-link", "location", "operation-location", "original-uri"]
        | None,
        Says("Where the result is asked for when the work is done."),
    ] = None
    error: Annotated[
        Steps | None,
        Says(f"Where the last answer says why it failed, if something there means that it did: {_STEPS}."),
    ] = None
    cancel: Annotated[str | None, Says("The operation that cancels it.", example='"POST /jobs/{id}/cancel"')] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSettings:
    """One operation, or all that a pattern matches; what is not set stays as it was guessed."""

    name: Annotated[str | None, Says("The method's name.", PYTHON_NAME, example='"list_pets"')] = None
    verb: Annotated[str | None, Says("The verb; name and behaviour follow it.", PYTHON_NAME, example='"search"')] = None
    group: Annotated[
        str | None,
        Says('The client that has the method; the words of a path of groups joined by dots, `""` for the root.'),
    ] = None
    paging: Annotated[Literal[False] | PagingSettings | None, Says("How its list goes on; `false`: it is no list.")] = (
        None
    )
    polling: Annotated[
        bool | PollingSettings | None,
        Says("`true`: it is long running (`begin_…`), watched as the evidence says; `false`: it is not."),
    ] = None
    missing_is_success: Annotated[
        bool | None,
        Says("Whether 404 is success for a DELETE; it is for a `delete_` method, unless you say otherwise."),
    ] = None
    flatten: Annotated[bool | None, Says("Whether an `update_` method takes the fields of the body as keywords.")] = (
        None
    )
    since: Annotated[
        str | None, Says('The first version of the API that has it; `""`: every one.', example='"2.72"')
    ] = None
    until: Annotated[str | None, Says("The last version of the API that has it.", example='"2.90"')] = None
    parameters: Annotated[
        Mapping[str, str],
        Says(
            "Names of its arguments.",
            PYTHON_NAME,
            keys="the parameter's wire name; with its place before it, `query id`, where there are several; `body`",
            example='{ petId = "pet_id" }',
        ),
    ] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """One model or enum."""

    name: Annotated[str | None, Says("The class.", CLASS_NAME, example='"Animal"')] = None
    fields: Annotated[
        Mapping[str, str],
        Says("Names of its fields.", PYTHON_NAME, keys="the wire name", example='{ "@id" = "identifier" }'),
    ] = field(default_factory=dict[str, str])
    members: Annotated[
        Mapping[str, str],
        Says("Names of an enum's members.", PYTHON_NAME, keys="the wire value", example='{ "+1" = "PLUS_1" }'),
    ] = field(default_factory=dict[str, str])
    error: Annotated[
        str | None,
        Says(
            "Errors with this model are raised as a class of the package's own, and this is its name.",
            CLASS_NAME,
            example='"PetError"',
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiVersionSettings:
    """How the API says, sends and refuses versions. Parts that are left out are looked for as usual."""

    scheme: Annotated[
        Literal[
            "microversion",
            "date-header",
            "date-query",
            "semver",
            "path",
            "media-type",
            "capabilities",
            "header",
            "query",
        ]
        | None,
        Says("How requests say the version, and what answers say about it.", example='"date-query"'),
    ] = None
    newest: Annotated[
        str | None, Says("The newest version that the client understands, which it speaks unless told otherwise.")
    ] = None
    oldest: Annotated[str | None, Says("The oldest version that the client understands.", example='"2.1"')] = None
    versions: Annotated[
        tuple[str, ...] | None, Says("All versions, where they are a list.", example='["2025-06-01", "2026-01-31"]')
    ] = None
    name: Annotated[
        str | None,
        Says(
            "The header field or the query parameter; of `path` and `media-type` the text around the version, `{}`.",
            example='"application/vnd.acme.{}+json"',
        ),
    ] = None
    echo: Annotated[
        Literal[False] | str | None,
        Says("The header field in which answers say their version; `false`: none does.", example='"API-Version"'),
    ] = None
    service_type: Annotated[
        str | None, Says("What a service with microversions calls itself in their header.", example='"compute"')
    ] = None
    older_headers: Annotated[
        tuple[str, ...] | None,
        Says("Its own headers from before the common one.", example='["X-OpenStack-Nova-API-Version"]'),
    ] = None
    document: Annotated[
        str | None,
        Says("The path of the document that lists versions and features.", example='"/_matrix/client/versions"'),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    """One client of a group of operations, by the path of its attributes: `[groups.clients."orders.items"]`."""

    name: Annotated[str | None, Says("The class.", CLASS_NAME, example='"IssuesClient"')] = None
    operations: Annotated[
        tuple[str, ...],
        Says("The operations that it has; patterns are allowed.", OPERATION, example='["* /repos/{owner}/{repo}/*"]'),
    ] = ()
    bound: Annotated[
        tuple[str, ...],
        Says("Path parameters that the client is made with.", example='["owner", "repo"]'),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsSettings:
    """How the operations are divided into clients."""

    mode: Annotated[
        Literal["auto", "flat", "tags", "paths", "ids"],
        Says("`auto` takes what divides best; `flat`: one client has them all."),
    ] = "auto"
    bound_clients: Annotated[
        bool, Says("Whether a thing with much below it gets a client of its own: `get_repository_client(owner, repo)`.")
    ] = True
    clients: Annotated[
        Mapping[str, GroupSettings], Says("Groups of your own.", keys="the attribute, joined by dots below another")
    ] = field(default_factory=dict[str, GroupSettings])


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All settings. Options of the command line win over the file."""

    spec: Annotated[str, Says("The document; commands need none then.", example='"openapi.yaml"')] = ""
    output: Annotated[str, Says("The folder of the package.", example='"."')] = ""
    overlays: Annotated[
        tuple[str, ...], Says("OpenAPI Overlays that are laid over the document, in order.", example='["fixes.yaml"]')
    ] = ()
    references_below: Annotated[str, Says("The folder below which files that it refers to may lie.")] = ""
    fetch_references: Annotated[bool, Says("Fetch what it refers to on other servers.")] = False
    strict: Annotated[bool, Says("Treat warnings as errors.")] = False
    package: Annotated[str, Says("The import name; else from the title.", IMPORT_NAME, example='"petstore_client"')] = (
        ""
    )
    distribution: Annotated[
        str, Says("The distribution; else from the import name.", _DISTRIBUTION, example='"petstore-client"')
    ] = ""
    client: Annotated[str, Says("The class; else from the title.", CLASS_NAME, example='"PetstoreClient"')] = ""
    endpoint: Annotated[
        str, Says("Where the service is, if the document does not say.", _URL, example='"https://api.example.com"')
    ] = ""
    layout: Annotated[
        Literal["package", "module"],
        Says("A whole package, or only src/PACKAGE for a project that keeps its own pyproject and tests."),
    ] = "package"
    cli: Annotated[bool, Says("Whether the package has a command line, installed with its extra `cli`.")] = False
    mcp: Annotated[bool, Says("Whether the package has an MCP server, installed with its extra `mcp`.")] = False
    connection_string: Annotated[
        bool, Says("Whether `from_connection_string` makes a client of an endpoint and a secret in one text.")
    ] = False
    aio_distribution: Annotated[
        bool, Says("Whether there is a second distribution, its name ending in `-aio`, which installs the extra `aio`.")
    ] = False
    errors: Annotated[
        Literal["core", "classes"],
        Says("`classes`: a documented error is raised as a class of the package's own, made for its model and status."),
    ] = "core"
    webhooks: Annotated[
        Literal["auto", "all", "none"],
        Says("Which messages of the service are read: `auto` leaves out more than a hundred, which double a package."),
    ] = "auto"
    webhook_signature: Annotated[
        Literal["auto", "none", "standard", "svix", "stripe", "github"],
        Says("How they are signed; `auto`: as a header in the document tells, if it does."),
    ] = "auto"
    api_version: Annotated[
        str | ApiVersionSettings | None,
        Says("The newest API version, which the client speaks unless told otherwise; as a table, how it is said too."),
    ] = None
    groups: Annotated[GroupsSettings, Says("How the operations are divided into clients.")] = GroupsSettings()
    operations: Annotated[
        Mapping[str, OperationSettings],
        Says(
            "Operations.",
            keys="`GET /pets/{petId}`, a pattern in which `*` stands for anything (`DELETE *`), or an operation id",
        ),
    ] = field(default_factory=dict[str, OperationSettings])
    models: Annotated[
        Mapping[str, ModelSettings],
        Says("Models and enums.", keys="the schema's name in the document, or its JSON pointer (`#/paths/…`)"),
    ] = field(default_factory=dict[str, ModelSettings])
    check: Annotated[CheckSettings, Says("How `clientsmith check` judges the package.")] = field(
        default_factory=CheckSettings
    )
    release: Annotated[ReleaseSettings, Says("How `clientsmith release` makes a version of it.")] = field(
        default_factory=ReleaseSettings
    )
    workspace: Annotated[
        WorkspaceSettings, Says("What `affected`, `gate` and `release` know of the workspace; at its root.")
    ] = field(default_factory=WorkspaceSettings)
    # No settings of the file: the names that were published before, and where the file is.
    lock: Lock = EMPTY_LOCK
    source: Source = field(default=Source(), compare=False)

    def resolved(self) -> Configuration:
        """Return this with its paths as seen from the current folder; in the file they start from the file."""
        folder = self.source.folder
        return replace(
            self,
            spec=_below(folder, self.spec),
            output=_below(folder, self.output),
            overlays=tuple(_below(folder, one) for one in self.overlays),
            references_below=_below(folder, self.references_below),
        )

    def for_operation(self, method: str, path: str, operation_id: str = "") -> OperationSettings:
        """Return what is said about an operation. Of several rules the exact one wins over patterns, then the later."""
        return _joined(self.operations[key] for key in self._rules(method, path, operation_id))

    def key_of(self, setting: str, method: str, path: str, operation_id: str = "") -> Key:
        """Return the key of the rule that decides ``setting`` for an operation, for a finding about it."""
        said = [key for key in self._rules(method, path, operation_id) if _says(self.operations[key], setting)]
        return ("operations", said[-1], setting) if said else ("operations",)

    def _rules(self, method: str, path: str, operation_id: str) -> list[str]:
        """Return the keys that mean an operation, the strongest last."""
        return sorted((key for key in self.operations if matches(key, method, path, operation_id)), key=is_exact)


def _below(folder: str, path: str) -> str:
    """Return ``path`` below ``folder``, unless it is absolute, a URL or ``module:app``."""
    if not path or "://" in path or re.fullmatch(r"[\w.]+:[\w.]+", path):
        return path
    return os.path.normpath(Path(folder) / path)


def _joined(rules: Iterable[OperationSettings]) -> OperationSettings:
    joined = OperationSettings()
    for rule in rules:
        said = {part.name: getattr(rule, part.name) for part in fields(rule) if _says(rule, part.name)}
        joined = replace(joined, **said | {"parameters": {**joined.parameters, **rule.parameters}})
    return joined


def _says(rule: OperationSettings, setting: str) -> bool:
    return getattr(rule, setting) not in (None, {}, ())
