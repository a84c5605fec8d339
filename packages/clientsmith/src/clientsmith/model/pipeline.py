"""From SPEC to a named `Api`: the whole front half of the generator, in the order in which it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from clientsmith.findings import Finding, InputError, Severity
from clientsmith.openapi.load import Document, Reading, load
from clientsmith.openapi.locate import locate
from clientsmith.openapi.resolve import Resolver

from .build import build
from .ir import Api
from .passes.find_api_version import find_api_version
from .passes.find_conditions import find_conditions
from .passes.name_client import name_client
from .passes.name_operations import name_operations
from .passes.name_parameters import name_parameters
from .passes.name_shapes import name_shapes
from .passes.pair_pagers import pair_pagers
from .passes.pair_pollers import pair_pollers
from .passes.take_runtime_headers import take_runtime_headers

__all__ = ["PASSES", "build_api", "model"]

Pass: TypeAlias = Callable[[Api], tuple[Api, list[Finding]]]

# Meaning first, names after it: whether a method is called `list_` or `begin_` depends on what it does.
PASSES: Final[tuple[Pass, ...]] = (
    find_api_version,
    take_runtime_headers,
    find_conditions,
    pair_pagers,
    pair_pollers,
    name_operations,
    name_shapes,
    name_parameters,
    name_client,
)


def build_api(
    spec: str,
    *,
    package: str = "",
    client_name: str = "",
    endpoint: str = "",
    notes: bool = True,
    reading: Reading | None = None,
) -> tuple[Api, list[Finding]]:
    """Read SPEC and return what will be written, with everything that was noticed on the way.

    Args:
        spec: A file, a URL, or ``module:app``.
        package: The import name, instead of the one that the title gives.
        client_name: The name of the client class, instead of the one that the title gives.
        endpoint: Where the service is, instead of what the document says.
        notes: Whether findings that need nothing done are wanted too; finding their lines takes time.
        reading: Overlays, and how far references may lead.

    Raises:
        InputError: SPEC cannot be read, or is no OpenAPI document.
    """
    document, findings = load(spec, reading)
    api, resolver, noticed = model(document, package=package, client_name=client_name, endpoint=endpoint)
    shown = [finding for finding in (*findings, *noticed) if notes or finding.severity is not Severity.NOTE]
    texts = {found.name: found.text for found in resolver.documents.values() if found is not None}
    texts |= document.overlays
    return api, _in_order(locate((resolver.in_source(finding) for finding in shown), texts))


def model(
    document: Document, *, package: str = "", client_name: str = "", endpoint: str = ""
) -> tuple[Api, Resolver, list[Finding]]:
    """Build the `Api` of a document and run all passes; the resolver knows which files the findings speak of."""
    resolver = Resolver(document)
    try:
        api, findings = build(resolver)
    except RecursionError:
        raise InputError(f"{document.name} is nested too deeply to be an API description") from None
    if endpoint:
        findings = [finding for finding in findings if finding.rule != "endpoint-missing"]
    root = replace(api.root, name=client_name)
    api = replace(api, package=package, endpoint=endpoint.rstrip("/") or api.endpoint, root=root)
    for run in PASSES:
        api, noticed = run(api)
        findings += noticed
    return api, resolver, findings


def _in_order(findings: list[Finding]) -> list[Finding]:
    """Say everything once: errors first, then by place."""
    order = list(Severity)
    return sorted(
        dict.fromkeys(findings),
        key=lambda finding: (order.index(finding.severity), finding.file, finding.line or 0, finding.column or 0),
    )
