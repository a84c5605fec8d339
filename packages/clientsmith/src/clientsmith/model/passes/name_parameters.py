"""The arguments of each method, and of what makes a bound client: path, body, and the rest, in one signature."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding

from ..decided import place_of, refused, said_of
from ..ir import (
    AnyShape,
    Api,
    Array,
    Binary,
    Body,
    BodyField,
    Group,
    Location,
    Nullable,
    Operation,
    Parameter,
    Property,
    Ref,
    Scalar,
    Shape,
)
from ..lock import BODY, argument_key
from ..lookup import Shapes, model_of, properties_of, tag_of
from ..media import Format, format_of, is_by_fields
from ..names import CALL_OPTIONS, SIGNATURE_NAMES, Wish, allocate, first_of, snake_case
from ..words import plural, split_words, vocabulary
from .find_conditions import ETAG_PROPERTIES

__all__ = ["name_parameters"]

_OF_FIELDS = frozenset({Format.JSON, Format.FORM, Format.MULTIPART, Format.XML})
_ROLES = vocabulary("request options body input params parameters payload")


def name_parameters(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Name the parameters, the body, and, of an `update_` method, the fields of the body; put them in order.

    The order is that of the signature: parameters of the path as they stand in it, then what is required, then the
    rest. What a client is bound to has one name in it and in all its methods.
    """
    findings: list[Finding] = []

    def named(group: Group, around: Mapping[str, str]) -> Group:
        bound = {**around, **_bound_names(group, around)}
        operations: list[Operation] = []
        for one in group.operations:
            operation, noticed = _named(one, bound, api.shapes, configuration)
            operations.append(operation)
            findings.extend(noticed)
        return replace(
            group,
            bound=tuple(replace(one, name=bound[one.wire_name]) for one in group.bound),
            operations=tuple(operations),
            groups=tuple(named(child, bound) for child in group.groups),
        )

    return replace(api, root=named(api.root, {})), findings


def _bound_names(group: Group, around: Mapping[str, str]) -> Mapping[str, str]:
    wishes = [Wish(one.wire_name, _of_parameter(one)) for one in group.bound]
    return allocate(wishes, SIGNATURE_NAMES, given=around.values())


def _named(
    operation: Operation, bound: Mapping[str, str], shapes: Shapes, configuration: Configuration
) -> tuple[Operation, list[Finding]]:
    said = said_of(operation, configuration)
    locked = configuration.lock.operations.get(operation.key)
    kept: Mapping[str, str] = locked.arguments if locked is not None else {}
    fields = _body_fields(operation, shapes) if said.flatten is not False else ()

    def wish(key: str, wire_name: str, candidates: tuple[str, ...], rank: int) -> Wish:
        told = said.parameters.get(key) or said.parameters.get(wire_name) or ""
        return Wish(key, candidates, rank, told, kept.get(key, ""))

    free = [p for p in operation.parameters if p.location is not Location.PATH or p.wire_name not in bound]
    wishes = [
        wish(argument_key(p), p.wire_name, _of_parameter(p), 0 if p.location is Location.PATH else 2) for p in free
    ]
    if operation.body is not None and not (fields and operation.verb != "update" and is_by_fields(operation.body)):
        name = _body_name(operation, operation.body, shapes)
        wishes.append(wish(BODY, BODY, first_of([_free(name), f"{name}_body"]), 1))
    for part in fields:
        key = f"{BODY}.{part.wire_name}"
        wishes.append(wish(key, key, first_of([_free(part.name), f"body_{part.name}"]), 3))
    names = dict(allocate(wishes, SIGNATURE_NAMES | choices_of(operation), given=bound.values()))
    place = place_of("parameters", operation, configuration)
    findings = refused(wishes, names, configuration, dict.fromkeys(names, place))
    names = {f"path {wire_name}": name for wire_name, name in bound.items()} | names
    return (
        replace(
            operation,
            parameters=tuple(replace(p, name=names[argument_key(p)]) for p in sorted(operation.parameters, key=_order)),
            body=replace(operation.body, name=names.get(BODY, "body")) if operation.body is not None else None,
            body_fields=tuple(BodyField(part, names[f"{BODY}.{part.wire_name}"]) for part in fields),
        ),
        findings,
    )


def choices_of(operation: Operation) -> frozenset[str]:
    """Return the arguments by which callers choose a media type, where there is one to choose."""
    has_forms = operation.body is not None and bool(operation.body.others)
    has_answers = any(len(response.contents) > 1 for response in operation.responses)
    return frozenset({"content_type"} if has_forms else ()) | frozenset({"accept"} if has_answers else ())


def _order(parameter: Parameter) -> tuple[bool, bool]:
    return parameter.location is not Location.PATH, not parameter.required


def _of_parameter(parameter: Parameter) -> tuple[str, ...]:
    full = snake_case(parameter.called or parameter.wire_name, "argument")
    short = re.sub(r"^x_", "", full) if parameter.location is Location.HEADER else full
    names = [name for name in (short, full) if name.isidentifier() and name not in CALL_OPTIONS]
    return first_of([*names, _free(full), f"{parameter.location.value}_{full}"])


def _free(name: str) -> str:
    """A parameter of the service gives way to the option of the same name that every call has."""
    return f"{name}_parameter" if name in CALL_OPTIONS else name


def _body_fields(operation: Operation, shapes: Shapes) -> Iterable[Property]:
    """python-client-flatten-args: `update_` methods take the fields of the body as keywords, and so do forms.

    Not those that the service sets, nor the one that says which model it is: the class says that.
    """
    body = operation.body
    if body is None or not (operation.verb == "update" or is_by_fields(body)) or not _is_flat(body):
        return ()
    tag = tag_of(model_of(body.shape, shapes), shapes)
    # The etag of a conditional request is an argument already, and no field to be changed.
    conditions = operation.conditions
    hidden = ETAG_PROPERTIES if conditions is not None and conditions.compare_etags else frozenset[str]()
    fields = properties_of(body.shape, shapes).values()
    left_out = {tag, *hidden, *dict(body.always)}
    return tuple(part for part in fields if not part.read_only and part.wire_name not in left_out)


def _is_flat(body: Body) -> bool:
    """Whether every form of the body has the same fields, and is made of fields at all."""
    formats = {format_of(one.media_type, one.shape) for one in body.contents}
    return all(one.shape == body.shape for one in body.others) and formats <= _OF_FIELDS


def _body_name(operation: Operation, body: Body, shapes: Shapes) -> str:
    given = snake_case(body.name, "") if body.name else ""
    if given and given not in ("body", "parameters", "payload", "request"):
        return given
    if operation.verb in ("create", "update", "replace", "upsert", "set", "append", "add", "stream") and operation.noun:
        cut = re.split(r" (?:for|by|in|of|from|to|with|on|at) ", operation.noun)[0]
        if not isinstance(body.shape, (Binary, Scalar)) and (
            operation.verb != "set" or not isinstance(body.shape, Ref)
        ):
            return snake_case(cut, "content")
    name = _name_of_shape(body.shape, shapes)
    # `buy_museum_tickets(museum_tickets)`: a model called like its method tells nothing.
    return snake_case(operation.noun, "content") if name == operation.name and operation.noun else name


def _name_of_shape(shape: Shape, shapes: Shapes) -> str:
    match shape:
        case Ref(pointer):
            words = split_words(shapes[pointer].name)
            return words[-1] if words[-1] in _ROLES - {"options", "body"} else "_".join(words)
        case Nullable(inner):
            return _name_of_shape(inner, shapes)
        case Array(item):
            words = _name_of_shape(item, shapes).split("_")
            return "_".join([*words[:-1], plural(words[-1])])
        case Scalar():
            return "value"
        case Binary() | AnyShape():
            return "content"
        case _:
            return "content"
