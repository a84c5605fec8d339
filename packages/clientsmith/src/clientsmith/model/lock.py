"""The names of an `Api` as a `Lock`, and what became of those that were published before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from clientsmith.configuration import Configuration
from clientsmith.configuration.lock import (
    EMPTY_LOCK,
    LOCK_NAME,
    Lock,
    LockedGroup,
    LockedModel,
    LockedOperation,
    Names,
)
from clientsmith.findings import Finding, Severity

from .ir import Api, Model, NamedShape, Operation, Parameter
from .schemas import component_key

__all__ = ["BODY", "argument_key", "compare_names", "error_key", "lock_of", "published_classes", "shape_keys"]

_RULE: Final = "name-gone"
_HINT: Final = "programs that use it break: say so in the changelog, and raise the major version"
BODY: Final = "body"


def argument_key(parameter: Parameter) -> str:
    return f"{parameter.location.value} {parameter.wire_name}"


def error_key(model: str, base: str) -> str:
    """What a class of errors is called in the lock: its model there, and the runtime's class that it is."""
    return f"{model} {base}"


def shape_keys(api: Api) -> dict[str, tuple[str, ...]]:
    """Return what each named shape is called in the lock, by its pointer; then the same for its other places.

    That is its own name in the document. An inline schema has none, so it is found by its place; there a parameter is
    named and not counted, since the order of parameters means nothing.
    """
    parameters = {
        one.pointer: f"{operation.pointer}/parameters/{argument_key(one)}"
        for operation in api.operations
        for one in (*operation.parameters, *operation.runtime_parameters)
        if one.pointer.startswith(operation.pointer)
    }
    return {
        pointer: tuple(_shape_key(place, parameters) for place in (pointer, *shape.places))
        for pointer, shape in api.shapes.items()
    }


def published_classes(api: Api, lock: Lock) -> dict[str, str]:
    """Return the name that each shape's class was published with, by pointer; a new shape is not in it."""
    if not lock.models:
        return {}
    known = {place: one.name for place, one in lock.models_by_place().items()}
    return {pointer: known[keys[0]] for pointer, keys in shape_keys(api).items() if keys[0] in known}


def _shape_key(pointer: str, parameters: Mapping[str, str]) -> str:
    key = component_key(pointer)
    return key if key and "#" not in pointer else _by_place(pointer, parameters)


def _by_place(pointer: str, parameters: Mapping[str, str]) -> str:
    head, found, tail = pointer.partition("/parameters/")
    if found:
        index, _, rest = tail.partition("/")
        named = parameters.get(f"{head}{found}{index}")
        pointer = f"{named}/{rest}" if named is not None else pointer
    return f"#{pointer}" if pointer.startswith("/") else pointer


def lock_of(api: Api) -> Lock:
    """Return all names of ``api``."""
    keys = shape_keys(api)
    groups: dict[str, LockedGroup] = {}
    operations: dict[str, LockedOperation] = {}
    for group in api.root.walk():
        if group is not api.root:
            groups[group.key] = LockedGroup(group.name, group.attribute, tuple(one.wire_name for one in group.bound))
        for one in group.operations:
            operations[one.key] = LockedOperation(one.name, group.key, _arguments(one))
    models = {keys[pointer][0]: _model(shape, keys[pointer][1:]) for pointer, shape in api.shapes.items()}
    errors = {error_key(keys[one.model.pointer][0], one.base): one.name for one in api.error_classes}
    return Lock(api.root.name, api.package, api.distribution, groups, operations, models, errors)


def _arguments(operation: Operation) -> dict[str, str]:
    names = {argument_key(one): one.name for one in operation.parameters}
    if operation.body is not None:
        names[BODY] = operation.body.name
    return names | {f"{BODY}.{one.property.wire_name}": one.name for one in operation.body_fields}


def _model(shape: NamedShape, places: tuple[str, ...]) -> LockedModel:
    if isinstance(shape, Model):
        return LockedModel(shape.name, places, {one.wire_name: one.name for one in shape.properties})
    return LockedModel(shape.name, places, members={str(one.wire_value): one.name for one in shape.members})


# --- what became of published names ----------------------------------------------------------------------------------


def compare_names(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Say which published names are gone or changed; each of them breaks a program that uses it."""
    before, after = configuration.lock, lock_of(api)
    if before == EMPTY_LOCK:
        return api, []
    attributes = {key: one.attribute for key, one in before.groups.items()}
    findings = list(_gone("client", attributes, {key: one.attribute for key, one in after.groups.items()}))
    findings += _gone("method", _dotted(before.operations), _dotted(after.operations))
    for key, old in before.operations.items():
        if (new := after.operations.get(key)) is not None:
            findings += _gone(f"argument of `{new.name}`", old.arguments, new.arguments)
    findings += _gone("error", before.errors, after.errors, "document and configuration have")
    classes = after.models_by_place()
    for key, model in before.models.items():
        now = next((classes[place] for place in (key, *model.places) if place in classes), None)
        findings += _gone("class", {key: model.name}, {key: now.name} if now is not None else {})
        if now is not None:
            findings += _gone(f"field of `{now.name}`", model.fields, now.fields)
            findings += _gone(f"member of `{now.name}`", model.members, now.members)
    return api, findings


def _gone(what: str, before: Names, after: Names, whose: str = "the document has") -> Iterable[Finding]:
    for key, name in before.items():
        now = after.get(key)
        if now is None:
            message = f"the published {what} `{name}` is gone: {whose} no {key!r:.120} any more"
            yield Finding(_RULE, Severity.WARNING, message, _HINT, key, LOCK_NAME)
        elif now != name:
            message = f"the published {what} `{name}` is `{now}` now"
            yield Finding(_RULE, Severity.WARNING, message, _HINT, key, LOCK_NAME)


def _dotted(operations: Mapping[str, LockedOperation]) -> Names:
    return {key: f"{one.group}.{one.name}" if one.group else one.name for key, one in operations.items()}
