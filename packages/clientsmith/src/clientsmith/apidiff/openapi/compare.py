"""Two API descriptions compared: which operations they have, and everything that the others of this package look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from clientsmith.apidiff.difference import Difference
from clientsmith.findings import InputError
from clientsmith.openapi.collector import collector_paused
from clientsmith.openapi.convert import METHODS
from clientsmith.openapi.load import Document, Reading, load, read_document
from clientsmith.openapi.source import Source

from .comparison import Comparison
from .information import compare_information
from .lifecycle import OPERATIONS, removal_rule
from .operations import OperationAt, compare_operations
from .reporting import differences
from .security import Schemes, compare_requirements, compare_schemes, schemes_of
from .servers import compare_servers
from .sides import Both, Side
from .uses import SchemaUses
from .webhooks import compare_webhooks

__all__ = ["compare_documents", "compare_loaded", "compare_specs"]

_VARIABLE: Final = re.compile(r"\{[^{}]*\}")
Key = tuple[str, str]  # path without the names of its parameters, method


def compare_documents(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    old_file: str = "",
    new_file: str = "",
    today: date | None = None,
) -> list[Difference]:
    """Compare two documents that are data already, of any version of OpenAPI.

    Places have pointers, and no lines. ``today`` is what sunsets are held against.

    Raises:
        InputError: One of them is no OpenAPI document, or they are too tangled to be compared.
    """
    documents = [
        read_document(Source(file or otherwise, data=dict(data), base=file))[0]
        for data, file, otherwise in ((old, old_file, "old"), (new, new_file, "new"))
    ]
    documents = [replace(one, name=file) for one, file in zip(documents, (old_file, new_file), strict=True)]
    return compare_loaded(*documents, today=today)


def compare_specs(old: str, new: str, *, reading: Reading | None = None, today: date | None = None) -> list[Difference]:
    """Compare two SPECs, each a file, a URL or ``module:app``, of any version of OpenAPI.

    ``reading`` says how far references of both may lead, and what is laid over them.

    Raises:
        InputError: One cannot be read, or is no OpenAPI document, or they are too tangled to be compared.
    """
    return compare_loaded(load(old, reading)[0], load(new, reading)[0], today=today)


@collector_paused()
def compare_loaded(old: Document, new: Document, *, today: date | None = None) -> list[Difference]:
    """Compare two documents that were loaded."""
    sides = Side(old), Side(new)
    comparison = Comparison(*sides, SchemaUses(*sides), today or date.today())
    try:
        _compare(comparison)
        return differences(comparison)
    except RecursionError:
        raise InputError("the documents are nested too deeply to be compared") from None


def _compare(comparison: Comparison) -> None:
    schemes = schemes_of(comparison)
    compare_information(comparison)
    compare_servers(comparison, comparison.roots, "the API")
    compare_schemes(comparison, schemes)
    compare_requirements(comparison, comparison.roots.child("security"), "the API", schemes)
    _compare_paths(comparison, schemes)
    compare_webhooks(comparison)


# --- paths -----------------------------------------------------------------------------------------------------------


def _compare_paths(comparison: Comparison, schemes: Schemes) -> None:
    olds, news = _operations(comparison.old), _operations(comparison.new)
    pairs, gone, come = _matched(olds, news)
    moved = _moved(gone, come)
    for old, new in sorted(pairs, key=lambda one: one[1].label):
        compare_operations(comparison, old, new, schemes)
    for old, new in moved:
        comparison.add("api-moved", old.label, f"it is at {new.label} now", Both(old.node, new.node))
        compare_operations(comparison, old, new, schemes)
    taken = {id(one) for pair in moved for one in pair}
    for old in gone:
        if id(old) not in taken:
            rule = removal_rule(old.node, OPERATIONS, comparison.today)
            comparison.add(rule, old.label, "it is no more", Both(old.node, comparison.new.root.child("paths")))
    for new in come:
        if id(new) not in taken:
            comparison.add("endpoint-added", new.label, "it is new", Both(comparison.old.root.child("paths"), new.node))


def _operations(side: Side) -> list[OperationAt]:
    found: list[OperationAt] = []
    for word in ("paths", "x-ms-paths"):
        for url, path in side.members(side.root.child(word)).items():
            methods = [*METHODS, *(path.child("additionalOperations").mapping)]
            nodes = ((method, path.child(method)) for method in METHODS)
            more = ((name, path.child("additionalOperations").child(name)) for name in methods[len(METHODS) :])
            found += (OperationAt(url, method.upper(), path, node) for method, node in (*nodes, *more) if node.mapping)
    return sorted(found, key=lambda one: (one.url, one.method))


def _matched(
    olds: Iterable[OperationAt], news: Iterable[OperationAt]
) -> tuple[list[tuple[OperationAt, OperationAt]], list[OperationAt], list[OperationAt]]:
    """Pair operations of one path and method; names of path parameters do not count, unless two differ in no more."""
    pairs: list[tuple[OperationAt, OperationAt]] = []
    before, after = list(olds), list(news)
    for key_of in (_exact, _without_names):
        free = {key_of(one): one for one in reversed(after)}
        left: list[OperationAt] = []
        for one in before:
            twin = free.pop(key_of(one), None)
            if twin is None:
                left.append(one)
            else:
                pairs.append((one, twin))
        taken = {id(pair[1]) for pair in pairs}
        before, after = left, [one for one in after if id(one) not in taken]
    return pairs, before, after


def _exact(operation: OperationAt) -> Key:
    return operation.url, operation.method


def _without_names(operation: OperationAt) -> Key:
    return _VARIABLE.sub("{}", operation.url).rstrip("/") or "/", operation.method


def _moved(gone: list[OperationAt], come: list[OperationAt]) -> list[tuple[OperationAt, OperationAt]]:
    """Return the operations that have an id of their own, and the same one in another place."""
    places = {name: one for one in come if (name := one.node.text("operationId"))}
    return [(one, places[name]) for one in gone if (name := one.node.text("operationId")) in places]
