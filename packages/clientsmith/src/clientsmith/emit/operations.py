"""``_operations.py``: what each method sends and how its answer is read, as data that both colours share."""

from __future__ import annotations

from typing import Final, assert_never

from clientsmith.emit.code import NONE, Code, Symbol, call, dictionary, indexed, tuple_of, value
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
)
from clientsmith.model.media import is_json

__all__ = ["operations_module"]

_OPERATIONS: Final = "clientsmith.core.operations"
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
    schemes = dict.fromkeys(_scheme(item) for item in api.security_schemes)
    return Assign("AUTHENTICATION", tuple_of(schemes), annotation, "How the service takes credentials.")


def _scheme(scheme: SecurityScheme) -> Code:
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
    if operation.long_running is not None:
        arguments["polling"] = _polling(operation.long_running, view)
    elif operation.paging is not None:
        arguments["paging"] = _paging(operation.paging, view)
    kind = Symbol(_OPERATIONS, _class_of(method.kind)).code
    return Assign(
        method.constant,
        call(kind, value(operation.method.upper()), value(operation.path), **arguments),
        indexed(kind, view.annotation(method.result)),
    )


def _class_of(kind: Kind) -> str:
    match kind:
        case Kind.LIST:
            return "ListOperation"
        case Kind.BEGIN:
            return "LongRunningOperation"
        case Kind.CALL | Kind.EXISTS:
            return "Operation"
        case _:
            assert_never(kind)


def _parameter(parameter: Parameter, view: View) -> Code:
    """The descriptor; what is the default in OpenAPI (section 4.8.12.2) is not repeated."""
    arguments: list[Code] = [value(parameter.wire_name)]
    keywords: dict[str, Code] = {}
    codec = view.codec(parameter.shape) if _needs_codec(parameter.shape) else None
    if codec is not None:
        arguments.append(codec)
    style, explode = _DEFAULT_STYLE[parameter.location]
    if parameter.location in (Location.PATH, Location.QUERY) and _is_structured(parameter.shape, view):
        if parameter.style != style:
            keywords["style"] = value(parameter.style)
        if parameter.explode != explode:
            keywords["explode"] = value(parameter.explode)
    return call(Symbol(_OPERATIONS, parameter.location.value).code, *arguments, **keywords)


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
    if method.kind in (Kind.LIST, Kind.EXISTS):  # the pager, or the status alone, reads the answer
        return {_number(item.status): NONE for item in method.operation.responses}
    return {_number(item.status): _answer(item, view) for item in method.operation.responses}


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
    module = "clientsmith.core.paging"
    item = {"item": codec} if (codec := view.codec(paging.item)) else {}
    items = {"items": value(paging.items_path)} if paging.items_path else {}
    match paging.scheme:
        case PagingScheme.SINGLE:
            return call(Symbol(module, "SinglePage").code, **items, **item)
        case PagingScheme.NEXT_LINK:
            return call(Symbol(module, "NextLink").code, **items, next=value(paging.next_path), **item)
        case PagingScheme.NEXT_LINK_HEADER:
            return call(Symbol(module, "NextLinkHeader").code, value(paging.header), **items, **item)
        case PagingScheme.TOKEN:
            parameter = {"parameter": value(paging.parameter)}
            return call(Symbol(module, "NextToken").code, **items, next=value(paging.next_path), **parameter, **item)
        case PagingScheme.PAGE_NUMBER:
            parameter = {"parameter": value(paging.parameter), "pages": value(paging.next_path)}
            return call(Symbol(module, "PageNumber").code, **items, **parameter, **item)
        case PagingScheme.OFFSET:
            parameter = {"parameter": value(paging.parameter), "total": value(paging.next_path)}
            return call(Symbol(module, "Offset").code, **items, **parameter, **item)
        case _:
            assert_never(paging.scheme)


def _polling(polling: LongRunning, view: View) -> Code:
    codec = view.codec(polling.result)
    keywords: dict[str, Code] = {
        "status": value(polling.status_path),
        "succeeded": value(polling.succeeded),
        "failed": value(polling.failed),
    }
    if polling.poll_path:
        keywords["poll_path"] = value(polling.poll_path)
    if polling.result_path:
        keywords["result"] = value(polling.result_path)
    if codec is not None:
        keywords["codec"] = codec
    return call(Symbol("clientsmith.core.polling", "Polling").code, **keywords)
