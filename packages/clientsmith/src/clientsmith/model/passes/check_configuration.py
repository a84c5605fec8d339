"""Rules of the configuration that mean nothing in this document: a name misspelt, or an operation that is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from clientsmith.configuration import Configuration, matches, nearest
from clientsmith.findings import Finding, Severity
from clientsmith.findings.changes import dotted

from ..ir import Api, Model, NamedShape, Operation
from ..lock import BODY, argument_key, shape_keys

__all__ = ["check_configuration"]


def check_configuration(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Warn of each rule that matches nothing: it was written for something, so it is hardly meant to do nothing."""

    def unused(key: tuple[str, ...], what: str, known: Iterable[str]) -> Finding:
        message = f"`{dotted(key)}` does nothing: {what}"
        hint = nearest(key[-1], known) or "`clientsmith plan --toml` lists all there is"
        return configuration.source.finding(Severity.WARNING, "configuration-unused", message, key, hint)

    findings = [*_operations(api, configuration, unused), *_models(api, configuration, unused)]
    return api, findings


Unused = Callable[[tuple[str, ...], str, Iterable[str]], Finding]


def _operations(api: Api, configuration: Configuration, unused: Unused) -> Iterator[Finding]:
    by_key = {one.key: one for one in api.operations}
    ids = [one.operation_id for one in api.operations if one.operation_id]
    for rule, said in configuration.operations.items():
        meant = [one for one in api.operations if _is_meant(rule, one)]
        if not meant:
            yield unused(("operations", rule), "no operation of the document is called that", [*by_key, *ids])
            continue
        known = {name for one in meant for name in _arguments(one)}
        for name in said.parameters.keys() - known:
            what = f"no parameter of {meant[0].key} is called that"
            yield unused(("operations", rule, "parameters", name), what, known)
    for key, client in configuration.groups.clients.items():
        for rule in client.operations:
            if not any(_is_meant(rule, one) for one in api.operations):
                yield unused(("groups", "clients", key, "operations"), f"no operation matches {rule!r}", [])


def _is_meant(rule: str, operation: Operation) -> bool:
    method, _, path = operation.key.partition(" ")
    return matches(rule, method, path, operation.operation_id)


def _arguments(operation: Operation) -> Collection[str]:
    names = {one.wire_name for one in operation.parameters} | {argument_key(one) for one in operation.parameters}
    fields = {f"{BODY}.{one.property.wire_name}" for one in operation.body_fields}
    return names | fields | ({BODY} if operation.body is not None else set())


def _models(api: Api, configuration: Configuration, unused: Unused) -> Iterator[Finding]:
    shapes: dict[str, NamedShape] = {
        key: api.shapes[pointer] for pointer, keys in shape_keys(api).items() for key in reversed(keys)
    }
    for key, said in configuration.models.items():
        shape = shapes.get(key)
        if shape is None:
            yield unused(("models", key), "no schema that becomes a class is called that", shapes)
            continue
        if said.error and not any(one.model.pointer == shape.pointer for one in api.error_classes):
            yield unused(("models", key, "error"), f"no operation documents {shape.name} as its error", [])
        fields = {one.wire_name for one in shape.properties} if isinstance(shape, Model) else set[str]()
        members = set[str]() if isinstance(shape, Model) else {str(one.wire_value) for one in shape.members}
        for name in said.fields.keys() - fields:
            yield unused(("models", key, "fields", name), f"{shape.name} has no such field", fields)
        for name in said.members.keys() - members:
            yield unused(("models", key, "members", name), f"{shape.name} has no such member", members)
