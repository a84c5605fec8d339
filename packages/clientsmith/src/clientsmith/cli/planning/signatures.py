"""Methods as a reader of Python knows them: arguments, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable

from clientsmith.core.terminal import escaped
from clientsmith.model.ir import (
    AnyShape,
    Api,
    Array,
    Binary,
    Group,
    Literal,
    Location,
    Map,
    Nullable,
    Operation,
    Parameter,
    Ref,
    Scalar,
    Shape,
    Stream,
    StreamKind,
    Union,
)

__all__ = ["returned", "signature", "type_text", "way_to"]


def way_to(groups: Iterable[Group]) -> str:
    """Return how the client of a group is reached: `client.get_repository_client(owner, repo).issues`."""
    steps = ["client"]
    for group in groups:
        bound = f"({', '.join(one.name for one in group.bound)})" if group.bound else ""
        steps.append(f"{group.attribute}{bound}")
    return ".".join(steps)


def signature(operation: Operation, bound: Iterable[str] = ()) -> str:
    """Return how the method is called: required arguments, then the names of the keywords.

    ``bound`` are the wire names of what the client is made with: no arguments of its methods.
    """
    here = [one for one in operation.parameters if one.location is Location.PATH and one.wire_name not in bound]
    in_path = [one.name for one in here]
    body = [operation.body.name] if operation.body is not None else []
    others = [_keyword(p) for p in operation.parameters if p.location is not Location.PATH]
    fields = (f"{field.name}=" for field in operation.body_fields)
    keywords = [*others, *fields, *_condition_keywords(operation)]
    arguments = [*in_path, *body, *(["*", *keywords] if keywords else [])]
    return f"{operation.name}({', '.join(arguments)})"


def _condition_keywords(operation: Operation) -> Iterable[str]:
    conditions = operation.conditions
    if conditions is None:
        return
    if conditions.compare_etags:
        is_required = bool({"If-Match", "If-None-Match"} & set(conditions.required))
        yield from ("etag=", "match_condition" + "=" * (not is_required))
    for name in conditions.headers:
        if name.endswith("-Since"):
            yield name.lower().replace("-", "_") + "=" * (name not in conditions.required)


def _keyword(parameter: Parameter) -> str:
    return parameter.name if parameter.required else f"{parameter.name}="


def returned(operation: Operation, api: Api) -> str:
    text = type_text(operation.returns, api)
    if operation.paging is not None:
        return f"ItemPaged[{text}]"
    if operation.stream is not None:
        return _stream_text(operation.stream, api)
    return f"LROPoller[{text}]" if operation.long_running is not None else text


def _stream_text(stream: Stream, api: Api) -> str:
    match stream.kind:
        case StreamKind.EVENTS:
            return f"EventStream[{type_text(stream.item, api) if stream.item is not None else 'ServerSentEvent'}]"
        case StreamKind.LINES:
            return f"JsonLines[{type_text(stream.item, api)}]"
        case StreamKind.BYTES:
            return "ByteStream"


def type_text(shape: Shape | None, api: Api) -> str:
    """Return a shape as a type a reader knows: `list[Pet]`, `Status | str`."""
    match shape:
        case None:
            return "None"
        case Scalar():
            return shape.kind.value.rpartition(".")[2]
        case Ref():
            return api.shapes[shape.pointer].name
        case Array():
            return f"list[{type_text(shape.item, api)}]"
        case Map():
            return f"dict[str, {type_text(shape.value, api)}]"
        case Nullable():
            return f"{type_text(shape.shape, api)} | None"
        case Union():
            return " | ".join(dict.fromkeys(type_text(member, api) for member in shape.members))
        case Literal():
            return escaped(f"Literal[{shape.value!r}]")
        case Binary():
            return "bytes"
        case AnyShape():
            return "Any"
