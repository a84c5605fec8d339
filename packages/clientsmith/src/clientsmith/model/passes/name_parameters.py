"""The arguments of each method: path, body, and the rest, in one signature."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from clientsmith.findings import Finding

from ..ir import (
    AnyShape,
    Api,
    Array,
    Binary,
    Body,
    BodyField,
    Location,
    Nullable,
    Operation,
    Parameter,
    Property,
    Ref,
    Scalar,
    Shape,
)
from ..lookup import Shapes, model_of, properties_of, replace_operations, tag_of
from ..media import is_json
from ..names import CALL_OPTIONS, SIGNATURE_NAMES, Wish, allocate, first_of, snake_case
from ..words import plural, split_words, vocabulary
from .find_conditions import ETAG_PROPERTIES

__all__ = ["name_parameters"]

_ROLES = vocabulary("request options body input params parameters payload")
_BODY = "\0body"  # keys of wishes: no parameter of a document has such a name
_FIELD = "\0field "


def name_parameters(api: Api) -> tuple[Api, list[Finding]]:
    """Name the parameters, the body, and, of an `update_` method, the fields of the body; put them in order.

    The order is that of the signature: parameters of the path as they stand in it, then what is required, then the
    rest.
    """
    return replace_operations(api, lambda operation: _named(operation, api.shapes)), []


def _named(operation: Operation, shapes: Shapes) -> Operation:
    fields = _body_fields(operation, shapes)
    wishes = [Wish(_key(p), _of_parameter(p), 0 if p.location is Location.PATH else 2) for p in operation.parameters]
    if operation.body is not None:
        name = _body_name(operation, operation.body, shapes)
        wishes.append(Wish(_BODY, first_of([_free(name), f"{name}_body"]), 1))
    wishes += [Wish(_FIELD + part.wire_name, first_of([_free(part.name), f"body_{part.name}"]), 3) for part in fields]
    names = allocate(wishes, SIGNATURE_NAMES)
    return replace(
        operation,
        parameters=tuple(replace(p, name=names[_key(p)]) for p in sorted(operation.parameters, key=_order)),
        body=replace(operation.body, name=names[_BODY]) if operation.body is not None else None,
        body_fields=tuple(BodyField(part, names[_FIELD + part.wire_name]) for part in fields),
    )


def _order(parameter: Parameter) -> tuple[bool, bool]:
    return parameter.location is not Location.PATH, not parameter.required


def _key(parameter: Parameter) -> str:
    return f"{parameter.location.value} {parameter.wire_name}"


def _of_parameter(parameter: Parameter) -> tuple[str, ...]:
    full = snake_case(parameter.wire_name, "argument")
    short = re.sub(r"^x_", "", full) if parameter.location is Location.HEADER else full
    names = [name for name in (short, full) if name.isidentifier() and name not in CALL_OPTIONS]
    return first_of([*names, _free(full), f"{parameter.location.value}_{full}"])


def _free(name: str) -> str:
    """A parameter of the service gives way to the option of the same name that every call has."""
    return f"{name}_parameter" if name in CALL_OPTIONS else name


def _body_fields(operation: Operation, shapes: Shapes) -> Iterable[Property]:
    """python-client-flatten-args: `update_` methods take the fields of the body as keywords.

    Not those that the service sets, nor the one that says which model it is: the class says that.
    """
    body = operation.body
    if operation.verb != "update" or body is None or not is_json(body.media_type):
        return ()
    tag = tag_of(model_of(body.shape, shapes), shapes)
    # The etag of a conditional request is an argument already, and no field to be changed.
    conditions = operation.conditions
    hidden = ETAG_PROPERTIES if conditions is not None and conditions.compare_etags else frozenset[str]()
    fields = properties_of(body.shape, shapes).values()
    return tuple(part for part in fields if not part.read_only and part.wire_name not in {tag, *hidden})


def _body_name(operation: Operation, body: Body, shapes: Shapes) -> str:
    given = snake_case(body.name, "") if body.name else ""
    if given and given not in ("body", "parameters", "payload", "request"):
        return given
    if operation.verb in ("create", "update", "replace", "upsert", "set", "append", "add") and operation.noun:
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
