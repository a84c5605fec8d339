"""``_operations.py``: what each method sends and how its answer is read, as data that both colours share."""

from __future__ import annotations

from typing import Final, assert_never

from clientsmith.emit.code import NONE, Code, Symbol, builtin, call, dictionary, indexed, tuple_of, value
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.statements import Assign, Module
from clientsmith.emit.text import one_line
from clientsmith.emit.types import View, through
from clientsmith.model.ir import (
    Api,
    Array,
    Binary,
    Body,
    Enum,
    Location,
    LongRunning,
    Map,
    Nullable,
    Paging,
    PagingScheme,
    Parameter,
    Ref,
    Response,
    Scalar,
    ScalarKind,
    SecurityScheme,
    Shape,
    Stream,
    StreamKind,
)
from clientsmith.model.media import is_json

__all__ = ["operations_module"]

_OPERATIONS: Final = "clientsmith.core.operations"
_PAGING: Final = "clientsmith.core.paging"
_CREDENTIALS: Final = "clientsmith.core.credentials"
_KEY_IN: Final = {
    Location.HEADER: "KeyInHeader",
    Location.QUERY: "KeyInQuery",
    Location.COOKIE: "KeyInCookie",
}
_DEFAULT_STYLE: Final = {
    Location.PATH: ("simple", False),
    Location.QUERY: ("form", True),
    Location.HEADER: ("simple", False),
    Location.COOKIE: ("form", True),
}
_SCHEMES: Final = {
    PagingScheme.SINGLE: "SinglePage",
    PagingScheme.NEXT_LINK: "NextLink",
    PagingScheme.NEXT_LINK_HEADER: "NextLinkHeader",
    PagingScheme.TOKEN: "NextToken",
    PagingScheme.LAST_ID: "LastId",
    PagingScheme.PAGE_NUMBER: "PageNumber",
    PagingScheme.OFFSET: "Offset",
}
# JSON whose wire value is the Python value. `None` would say that there is no body.
_PLAIN_JSON: Final = Symbol(_OPERATIONS, "JSON").code


def operations_module(api: Api, header: tuple[str, ...]) -> Module:
    """The module with one constant for each operation, and ``AUTHENTICATION``."""
    view = View(api.shapes, through(Symbol(".", "models", "_models")))
    summary = f"The operations of {one_line(api.title)} as data, shared by the sync and the async client"
    constants = (_constant(method, view) for method in methods_of(api))
    return Module(Docstring(summary), (_authentication(api), *constants), header)


def _authentication(api: Api) -> Assign:
    scheme = Symbol(_CREDENTIALS, "AuthenticationScheme").code
    annotation = indexed(Symbol("collections.abc", "Sequence").code, scheme)
    schemes = dict.fromkeys(_credential_scheme(item) for item in api.security_schemes)
    return Assign("AUTHENTICATION", tuple_of(schemes), annotation, "How the service takes credentials.")


def _credential_scheme(scheme: SecurityScheme) -> Code:
    match scheme.kind:
        case "key":
            return call(Symbol(_CREDENTIALS, _KEY_IN[scheme.location]).code, value(scheme.wire_name))
        case "basic":
            return call(Symbol(_CREDENTIALS, "Basic").code)
        case _:
            scopes = {"scopes": value(scheme.scopes)} if scheme.scopes else {}
            return call(Symbol(_CREDENTIALS, "Bearer").code, **scopes)


def _constant(method: Method, view: View) -> Assign:
    operation = method.operation
    arguments: dict[str, Code] = {}
    if method.parameters:
        arguments["parameters"] = dictionary({name: _parameter(item, view) for name, item in method.parameters.items()})
    if method.body is not None:
        arguments["body"] = _body(method.body)
    arguments["responses"] = dictionary(_responses(method, view))
    if operation.errors:
        arguments["errors"] = dictionary({_status(item): _answer(item, view) for item in operation.errors})
    accept = _accept(operation.responses)
    if accept != "application/json":
        arguments["accept"] = value(accept)
    if method.missing_is_success:
        arguments["missing_is_success"] = value(True)
    if method.conditions:
        arguments["conditional"] = value(True)
    if operation.long_running is not None:
        arguments["polling"] = _polling(operation.long_running, view)
    elif operation.paging is not None:
        arguments["paging"] = _paging(operation.paging, view)
    kind = Symbol(_OPERATIONS, _class_of(method.kind)).code
    return Assign(
        method.constant,
        call(kind, value(operation.method.upper()), value(operation.path), **arguments),
        indexed(kind, _annotation(method, view)),
    )


def _annotation(method: Method, view: View) -> Code:
    match method.kind:
        case Kind.DOWNLOAD:
            return builtin("bytes")
        case Kind.EVENTS if method.result is None:
            return Symbol("clientsmith.core.streaming", "ServerSentEvent").code
        case _:
            return view.annotation(method.result)


def _class_of(kind: Kind) -> str:
    match kind:
        case Kind.LIST:
            return "ListOperation"
        case Kind.BEGIN:
            return "LongRunningOperation"
        case _:
            return "Operation"


def _parameter(parameter: Parameter, view: View) -> Code:
    """The descriptor; what is the default in OpenAPI (section 4.8.12.2) is not repeated."""
    arguments: list[Code] = [value(parameter.wire_name)]
    keywords: dict[str, Code] = {}
    codec = view.codec(parameter.shape) if _needs_codec(parameter.shape) else None
    if codec is not None:
        arguments.append(codec)
    if parameter.as_json:
        keywords["as_json"] = value(True)
    else:
        keywords |= _spelled(parameter, view)
    return call(Symbol(_OPERATIONS, parameter.location.value).code, *arguments, **keywords)


def _spelled(parameter: Parameter, view: View) -> dict[str, Code]:
    style, explode = _DEFAULT_STYLE[parameter.location]
    keywords: dict[str, Code] = {}
    is_structured = _is_structured(parameter.shape, view)
    # `label` and `matrix` put something before the simplest value too.
    has_style = parameter.location is Location.PATH or (parameter.location is Location.QUERY and is_structured)
    if has_style and parameter.style != style:
        keywords["style"] = value(parameter.style)
    if is_structured and parameter.location is not Location.COOKIE and parameter.explode != explode:
        keywords["explode"] = value(parameter.explode)
    if parameter.allow_reserved:
        keywords["allow_reserved"] = value(True)
    return keywords


def _needs_codec(shape: Shape) -> bool:
    """Whether the shape alone says how a value is spelt; models and enums know that themselves."""
    match shape:
        case Scalar():
            return shape.kind not in (ScalarKind.STRING, ScalarKind.INTEGER, ScalarKind.NUMBER, ScalarKind.BOOLEAN)
        case Array():
            return _needs_codec(shape.item)
        case Map():
            return _needs_codec(shape.value)
        case Nullable():
            return _needs_codec(shape.shape)
        case _:
            return False


def _is_structured(shape: Shape, view: View) -> bool:
    """Whether style and explode make a difference: only for lists and objects."""
    match shape:
        case Scalar():
            return False
        case Nullable():
            return _is_structured(shape.shape, view)
        case Ref():
            return not isinstance(view.named(shape), Enum)
        case _:
            return True


def _body(body: Body) -> Code:
    essence = body.media_type.partition(";")[0].strip().lower()
    keywords: dict[str, Code] = {}
    if is_json(body.media_type):
        kind = "json_body"
        if essence not in ("application/json", "*/*"):
            keywords["media_type"] = value(body.media_type)
    elif essence == "application/x-www-form-urlencoded":
        kind = "form_body"
    elif essence == "multipart/form-data":
        kind = "multipart_body"
    else:
        kind = "binary_body" if isinstance(body.shape, Binary) else "text_body"
        keywords["media_type"] = value(body.media_type)
    return call(Symbol(_OPERATIONS, kind).code, **keywords)


def _responses(method: Method, view: View) -> dict[str | int, Code]:
    """Readers by status. A success that the document gives no number is read by the first one that it does."""
    stream = method.operation.stream
    if stream is not None:
        return {_number(one.status): _read_later(stream, view) for one in method.operation.responses if one.shape}
    if method.kind in (Kind.LIST, Kind.EXISTS):  # the pager, or the status alone, reads the answer
        return {_number(item.status): NONE for item in method.operation.responses}
    return {_number(item.status): _answer(item, view) for item in method.operation.responses}


def _read_later(stream: Stream, view: View) -> Code:
    codec = view.codec(stream.item) if stream.item is not None else None
    arguments = [] if codec is None else [codec]
    match stream.kind:
        case StreamKind.EVENTS:
            # Without a codec the event is given as it is; any JSON value has one too.
            plain = [] if stream.item is None else [_PLAIN_JSON]
            done = {"done_data": value(stream.done_data)} if stream.done_data else {}
            return call(Symbol(_OPERATIONS, "EVENTS").code, *(arguments or plain), **done)
        case StreamKind.LINES:
            return call(Symbol(_OPERATIONS, "LINES").code, *arguments)
        case StreamKind.BYTES:
            return Symbol(_OPERATIONS, "BYTES_BODY").code
        case _:
            assert_never(stream.kind)


def _number(status: str) -> int:
    """``2XX`` and ``default`` count as 200: the runtime reads a success without an entry like the first one."""
    return int(status) if status.isascii() and status.isdigit() else 200


def _status(response: Response) -> str | int:
    return int(response.status) if response.status.isascii() and response.status.isdigit() else response.status


def _answer(response: Response, view: View) -> Code:
    """How a body is read: by a codec if it is JSON, as it is if it is text or bytes."""
    if response.shape is None:
        return NONE
    if isinstance(response.shape, Binary):
        return Symbol(_OPERATIONS, "BYTES_BODY").code
    if response.media_type and not is_json(response.media_type):
        return Symbol(_OPERATIONS, "TEXT").code
    return view.codec(response.shape) or _PLAIN_JSON


def _accept(responses: tuple[Response, ...]) -> str:
    return next((item.media_type for item in responses if item.media_type), "application/json")


def _paging(paging: Paging, view: View) -> Code:
    header = [value(paging.header)] if paging.scheme is PagingScheme.NEXT_LINK_HEADER else []
    return call(Symbol(_PAGING, _SCHEMES[paging.scheme]).code, *header, **_parts_of_scheme(paging, view))


def _parts_of_scheme(paging: Paging, view: View) -> dict[str, Code]:
    """The parts of a paging scheme by keyword; those that are usual in the runtime are left out."""
    parts: dict[str, Code] = {"items": value(paging.items_path)} if paging.items_path else {}
    parts |= _way_onward(paging)
    if paging.parameter:
        parts["parameter"] = value(paging.parameter)
    if paging.location != "query":
        parts["location"] = value(paging.location)
    if paging.more_path:
        parts["more"] = value(paging.more_path)
    if paging.total_path:
        parts["total"] = value(paging.total_path)
    elif paging.total_header:
        parts["total"] = _in_header(paging.total_header)
    if paging.size:
        parts["size"] = value(paging.size)
    codec = view.codec(paging.item)
    return parts | ({"item": codec} if codec is not None else {})


def _way_onward(paging: Paging) -> dict[str, Code]:
    match paging.scheme:
        case PagingScheme.NEXT_LINK:
            return {"next": value(paging.next_path)}
        case PagingScheme.TOKEN:
            return {"next": value(paging.next_path) if paging.next_path else _in_header(paging.header)}
        case PagingScheme.LAST_ID:
            return {"id": value(paging.next_path)} if paging.next_path != ("id",) else {}
        case PagingScheme.PAGE_NUMBER:
            first = {"first": value(paging.first_page)} if paging.first_page != 1 else {}
            return ({"pages": value(paging.next_path)} if paging.next_path else {}) | first
        case PagingScheme.OFFSET:
            return {"total": value(paging.next_path)} if paging.next_path else {}
        case PagingScheme.SINGLE | PagingScheme.NEXT_LINK_HEADER:
            return {}
        case _:
            assert_never(paging.scheme)


def _in_header(name: str) -> Code:
    return call(Symbol(_PAGING, "InHeader").code, value(name))


def _polling(polling: LongRunning, view: View) -> Code:
    codec = view.codec(polling.result)
    keywords: dict[str, Code] = {
        "status": value(polling.status_path),
        "succeeded": value(polling.succeeded),
        "failed": value(polling.failed),
    }
    if polling.final != "auto":
        keywords["final"] = value(polling.final)
    if polling.cancel:
        keywords["cancel"] = value(polling.cancel)
    if polling.poll_path:
        keywords["poll_path"] = value(polling.poll_path)
    if polling.result_path:
        keywords["result"] = value(polling.result_path)
    if codec is not None:
        keywords["codec"] = codec
    return call(Symbol("clientsmith.core.polling", "Polling").code, **keywords)
