"""From SPEC to a named `Api`: the whole front half of the generator, in the order in which it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Final, TypeAlias

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding, InputError, Severity
from clientsmith.openapi.collector import collector_paused
from clientsmith.openapi.load import Document, Reading, load
from clientsmith.openapi.locate import locate
from clientsmith.openapi.resolve import Resolver

from .build import build
from .ir import Api, Features
from .lock import compare_names
from .passes.check_configuration import check_configuration
from .passes.find_api_version import find_api_version
from .passes.find_conditions import find_conditions
from .passes.find_lifetimes import find_lifetimes
from .passes.group_operations import group_operations
from .passes.keep_groups import keep_groups
from .passes.merge_shapes import merge_shapes
from .passes.name_client import name_client
from .passes.name_errors import name_errors
from .passes.name_groups import name_groups
from .passes.name_operations import name_operations
from .passes.name_parameters import name_parameters
from .passes.name_servers import name_servers
from .passes.name_shapes import name_shapes
from .passes.name_webhooks import name_webhooks
from .passes.pair_pagers import pair_pagers
from .passes.pair_pollers import pair_pollers
from .passes.split_answers import split_answers
from .passes.take_runtime_headers import take_runtime_headers

__all__ = ["PASSES", "build_api", "model"]

Pass: TypeAlias = Callable[[Api, Configuration], tuple[Api, list[Finding]]]

# Meaning first, names after it: whether a method is called `list_` or `begin_` depends on what it does.
PASSES: Final[tuple[Pass, ...]] = (
    merge_shapes,
    find_api_version,
    find_lifetimes,
    take_runtime_headers,
    find_conditions,
    pair_pagers,
    pair_pollers,
    split_answers,
    group_operations,
    keep_groups,
    name_groups,
    name_operations,
    name_shapes,
    name_parameters,
    name_servers,
    name_webhooks,
    name_client,
    name_errors,
    check_configuration,
    compare_names,
)


@collector_paused()
def build_api(
    spec: str,
    *,
    configuration: Configuration | None = None,
    notes: bool = True,
    reading: Reading | None = None,
) -> tuple[Api, list[Finding]]:
    """Read SPEC and return what will be written, with everything that was noticed on the way.

    Args:
        spec: A file, a URL, or ``module:app``.
        configuration: What is decided already: names, pagers, and whatever else would be guessed.
        notes: Whether findings that need nothing done are wanted too; finding their lines takes time.
        reading: Overlays, and how far references may lead.

    Raises:
        InputError: SPEC cannot be read, or is no OpenAPI document.
    """
    document, findings = load(spec, reading)
    api, resolver, noticed = model(document, configuration)
    shown = [finding for finding in (*findings, *noticed) if notes or finding.severity is not Severity.NOTE]
    texts = {found.name: found.text for found in resolver.documents.values() if found is not None}
    texts |= document.overlays
    decided = [finding for finding in shown if finding.line is not None]  # about the configuration
    located = locate((resolver.in_source(finding) for finding in shown if finding.line is None), texts)
    return api, _in_order([*decided, *located])


def model(document: Document, configuration: Configuration | None = None) -> tuple[Api, Resolver, list[Finding]]:
    """Build the `Api` of a document and run all passes; the resolver knows which files the findings speak of."""
    configuration = configuration or Configuration()
    resolver = Resolver(document)
    try:
        api, findings = build(resolver, webhooks=configuration.webhooks)
    except RecursionError:
        raise InputError(f"{document.name} is nested too deeply to be an API description") from None
    if configuration.endpoint:
        findings = [finding for finding in findings if finding.rule != "endpoint-missing"]
    features = Features(**{part.name: getattr(configuration, part.name) for part in fields(Features)})
    api = replace(api, endpoint=configuration.endpoint.rstrip("/") or api.endpoint, features=features)
    for run in PASSES:
        api, noticed = run(api, configuration)
        findings += noticed
    return api, resolver, findings


def _in_order(findings: list[Finding]) -> list[Finding]:
    """Say everything once: errors first, then by place."""
    order = list(Severity)
    return sorted(
        dict.fromkeys(findings),
        key=lambda finding: (order.index(finding.severity), finding.file, finding.line or 0, finding.column or 0),
    )
