"""``_operations.py``: what each method sends and how its answer is read, as data that both colours share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from clientsmith.emit.bodies import PLAIN_JSON, answer_code, body_code, has_choice, needs_codec
from clientsmith.emit.code import NONE, Code, Symbol, builtin, call, dictionary, indexed, local, union, value
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.error_classes import raised_as
from clientsmith.emit.methods import Kind, Method, methods_in
from clientsmith.emit.security import authentication
from clientsmith.emit.statements import Assign, Module
from clientsmith.emit.text import one_line, public_name
from clientsmith.emit.types import View, through
from clientsmith.emit.versions import scheme_constant
from clientsmith.model.ir import (
    Api,
    Enum,
    Group,
    Location,
    LongRunning,
    Nullable,
    Paging,
    PagingScheme,
    Parameter,
    Ref,
    Response,
    Scalar,
    Shape,
    Stream,
    StreamKind,
    VersionScheme,
)

__all__ = ["operations_module"]

_OPERATIONS: Final = "clientsmith.core.operations"
_PAGING: Final = "clientsmith.core.paging"
_BOUND: Final = "_BOUND"  # the constant of the parameters that all operations of a bound client have
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


def operations_module(api: Api, header: tuple[str, ...], path: tuple[Group, ...] = ()) -> Module:
    """The module with one constant for each operation of a group; that of the root has ``AUTHENTICATION`` too."""
    view = View(api.shapes, through(Symbol("..." if path else ".", "models", "_models")))
    shared = f"The operations of {one_line(api.title)} as data, shared by the sync and the async client"
    summary = f"What `{path[-1].name}` sends" if path else shared
    around = [item for group in path for item in group.bound]
    bound: dict[str | int, Code] = {public_name(item.name): _parameter(item, view) for item in around}
    constants = [_constant(method, view, bound) for method in methods_in(api, path)]
    first = [] if path else [authentication(api), *scheme_constant(api)]
    if any(_BOUND in constant.value.parts for constant in constants):
        first.append(Assign(_BOUND, dictionary(bound), docstring="The parameters that the client is made with."))
    return Module(Docstring(summary), (*first, *constants), header)


def _constant(method: Method, view: View, bound: Mapping[str | int, Code]) -> Assign:
    operation = method.operation
    arguments: dict[str, Code] = {}
    if method.parameters:
        arguments["parameters"] = _parameters(method, view, bound)
    if operation.body is not None:
        arguments["body"] = body_code(operation.body, view)
    arguments["responses"] = dictionary(_responses(method, view))
    if operation.errors:
        arguments["errors"] = dictionary({_status(item): _error(item, method, view) for item in operation.errors})
    accept = _accept(operation.responses)
    if accept not in ("application/json", _versioned_type(method.api)):
        arguments["accept"] = value(accept)
    if method.missing_is_success:
        arguments["missing_is_success"] = value(True)
    if method.conditions:
        arguments["conditional"] = value(True)
    if method.answers or (operation.body is not None and has_choice(operation.body)):
        arguments["chooses"] = value(True)
    arguments |= _access(method)
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


def _versioned_type(api: Api) -> str:
    """The media type that the runtime asks for in the version that is spoken, "" if versions are no media types."""
    scheme = api.api_version
    return scheme.wire_name.format(scheme.default) if scheme.scheme is VersionScheme.MEDIA_TYPE else ""


def _error(response: Response, method: Method, view: View) -> Code:
    module = Symbol("..." if method.groups else ".", "errors", "_errors").code
    return answer_code(response, view, lambda reader, form: raised_as(reader, form, method.api, module))


def _access(method: Method) -> dict[str, Code]:
    """Where and in which versions the operation is called, and that it wants to know nobody."""
    api, operation = method.api, method.operation
    found: dict[str, Code] = {}
    needs = operation.security
    if api.security_schemes and needs is not None and not any(one.schemes for one in needs):
        found["anonymous"] = value(True)
    if operation.server and api.endpoint:
        # The endpoint as it is by default, and as the constructor has it, with the variables in it.
        found["server"] = value((operation.server, *dict.fromkeys((api.endpoint, api.template))))
    found |= {end: value(text) for end in ("since", "until") if (text := getattr(operation.lifetime, end))}
    return found


def _annotation(method: Method, view: View) -> Code:
    match method.kind:
        case Kind.HEADERS:
            return Symbol("clientsmith.core.rest", "Headers").code
        case Kind.CALL if method.answers:
            return union(*(view.annotation(shape) for shape in method.answers.values()))
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


def _parameters(method: Method, view: View, bound: Mapping[str | int, Code]) -> Code:
    """The descriptors by name; those that all operations of the client have in common are written once."""
    found: dict[str | int, Code] = {name: _parameter(item, view) for name, item in method.parameters.items()}
    has_bound = bool(bound) and all(found.get(name) == code for name, code in bound.items())
    own: dict[str | int, Code] = {name: code for name, code in found.items() if not has_bound or name not in bound}
    return dictionary(own, spread=local(_BOUND) if has_bound else None)


def _parameter(parameter: Parameter, view: View) -> Code:
    """The descriptor; what is the default in OpenAPI (section 4.8.12.2) is not repeated."""
    arguments: list[Code] = [value(parameter.wire_name)]
    keywords: dict[str, Code] = {}
    codec = view.codec(parameter.shape) if needs_codec(parameter.shape) else None
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


def _responses(method: Method, view: View) -> dict[str | int, Code]:
    """Readers by status. A success that the document gives no number is read by the first one that it does."""
    stream = method.operation.stream
    if stream is not None:
        return {_number(one.status): _read_later(stream, view) for one in method.operation.responses if one.shape}
    if method.kind is Kind.HEADERS:
        return {_number(item.status): Symbol(_OPERATIONS, "HEADERS").code for item in method.operation.responses}
    if method.kind in (Kind.LIST, Kind.EXISTS):  # the pager, or the status alone, reads the answer
        return {_number(item.status): NONE for item in method.operation.responses}
    return {_number(item.status): answer_code(item, view) for item in method.operation.responses}


def _read_later(stream: Stream, view: View) -> Code:
    codec = view.codec(stream.item) if stream.item is not None else None
    arguments = [] if codec is None else [codec]
    match stream.kind:
        case StreamKind.EVENTS:
            # Without a codec the event is given as it is; any JSON value has one too.
            plain = [] if stream.item is None else [PLAIN_JSON]
            ending = {"done_data": value(stream.done_data)} if stream.done_data else {}
            # Asked again, a service that knows nothing of Last-Event-ID would tell everything once more.
            ending |= {} if stream.resumable else {"reconnect": value("never")}
            ending |= {"envelope": value(True)} if stream.envelope else {}
            return call(Symbol(_OPERATIONS, "EVENTS").code, *(arguments or plain), **ending)
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


def _accept(responses: tuple[Response, ...]) -> str:
    """What we ask for: of each success the form that we prefer."""
    return ", ".join(dict.fromkeys(item.media_type for item in responses if item.media_type)) or "application/json"


def _paging(paging: Paging, view: View) -> Code:
    header = [value(paging.header)] if paging.scheme is PagingScheme.NEXT_LINK_HEADER else []
    return call(Symbol(_PAGING, _SCHEMES[paging.scheme]).code, *header, **_parts_of_scheme(paging, view))


def _parts_of_scheme(paging: Paging, view: View) -> dict[str, Code]:
    """The parts of a paging scheme by keyword; those that are usual in the runtime are left out."""
    parts: dict[str, Code] = {"items": value(paging.items_path)} if paging.items_path else {}
    parts |= _way_onward(paging)
    if paging.parameter:
        parts["parameter"] = value((*paging.body_path, paging.parameter) if paging.body_path else paging.parameter)
    if paging.location != "query":
        parts["location"] = value(paging.location)
    if paging.more_path:
        parts["more"] = value(paging.more_path)
    elif paging.more_header:
        parts["more"] = _in_header(paging.more_header)
    if paging.total_path:
        parts["total"] = value(paging.total_path)
    elif paging.total_header:
        parts["total"] = _in_header(paging.total_header)
    if paging.size:
        parts["size"] = value((*paging.body_path, paging.size) if paging.body_path else paging.size)
    codec = view.codec(paging.item)
    return parts | ({"item": codec} if codec is not None else {})


def _way_onward(paging: Paging) -> dict[str, Code]:
    match paging.scheme:
        case PagingScheme.NEXT_LINK:
            below = {"below": value(True)} if paging.below else {}
            return {"next": value(paging.next_path)} | below | ({"keep": value(paging.keep)} if paging.keep else {})
        case PagingScheme.TOKEN:
            numbers = {"numbers": value(True)} if paging.number_tokens else {}
            return {"next": value(paging.next_path) if paging.next_path else _in_header(paging.header)} | numbers
        case PagingScheme.LAST_ID:
            return {"id": value(paging.next_path)} if paging.next_path != ("id",) else {}
        case PagingScheme.PAGE_NUMBER:
            first = {"first": value(paging.first_page)} if paging.first_page != 1 else {}
            pages = {"pages": value(paging.next_path)} if paging.next_path else {}
            return (pages or ({"pages": _in_header(paging.header)} if paging.header else {})) | first
        case PagingScheme.OFFSET:
            first = {"first": value(paging.first_page)} if paging.first_page else {}
            return ({"total": value(paging.next_path)} if paging.next_path else {}) | first
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
    optional = {
        "resource_status": polling.resource_status_path,
        "final": polling.final if polling.final != "auto" else "",
        "cancel": polling.cancel,
        "poll_path": polling.poll_path,
        "result": polling.result_path,
        "error": polling.error_path,
    }
    keywords |= {name: value(said) for name, said in optional.items() if said}
    if codec is not None:
        keywords["codec"] = codec
    return call(Symbol("clientsmith.core.polling", "Polling").code, **keywords)
