"""``tests/test_generated.py``: every method of the generated client called once in each colour, without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, cast

from clientsmith.emit.client import needs_credential
from clientsmith.emit.code import NONE, Code, Symbol, attribute, builtin, call, indexed, local, value
from clientsmith.emit.colour import ASYNC, COLOURS, SYNC, Colour
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.samples import sample_argument, sample_wire
from clientsmith.emit.statements import Assign, Block, Evaluate, Function, Module, Statement
from clientsmith.emit.text import one_line, public_name
from clientsmith.model.ir import Api, Binary, LongRunning, Model, Paging, Ref, Response, Scalar, ScalarKind
from clientsmith.model.lookup import template_names
from clientsmith.model.media import is_json

__all__ = ["sample_call", "sample_credential", "tests_module"]

_TESTING: Final = "clientsmith.core.testing"
_ENDPOINT: Final = value("https://service.test")
_TRANSPORT: Final = {
    SYNC: Symbol(_TESTING, "ScriptedTransport").code,
    ASYNC: Symbol(_TESTING, "AsyncScriptedTransport").code,
}

# What a service that requires a condition is told. Of those that compare etags, it reads one at least.
_CONDITIONS: Final = {
    "match_condition": attribute(Symbol("clientsmith.core.conditions", "MatchConditions").code, "IfNotModified"),
    "if_modified_since": sample_argument(Scalar(ScalarKind.DATETIME), {}),
    "if_unmodified_since": sample_argument(Scalar(ScalarKind.DATETIME), {}),
}


def tests_module(api: Api, header: tuple[str, ...]) -> Module:
    """One test for each method and colour."""
    summary = f"Smoke tests of the client of {one_line(api.title)}: each method, called once, sync and async"
    body: list[Statement] = []
    for method in methods_of(api):
        body += [_test(api, method, colour) for colour in COLOURS]
    return Module(Docstring(summary, "Nothing here needs a network: the service is a script."), tuple(body), header)


def _test(api: Api, method: Method, colour: Colour) -> Function:
    operation = method.operation
    what = (
        f"``{method.name}`` sends {operation.method.upper()} ``{one_line(operation.path)}`` and reads what comes back"
    )
    if not colour.is_async:
        return Function(f"test_{method.name}", (), NONE, tuple(_steps(api, method, colour)), Docstring(what))
    run = Function("run", (), NONE, tuple(_steps(api, method, colour)), is_async=True)
    start = Evaluate(call(attribute(Symbol("asyncio").code, "run"), call(local("run"))))
    return Function(f"test_{method.name}_async", (), NONE, (run, start), Docstring(f"{what}, async"))


def _steps(api: Api, method: Method, colour: Colour) -> Iterator[Statement]:
    yield Assign("transport", call(_TRANSPORT[colour], *_script(method)))
    arguments = [_ENDPOINT, *([sample_credential(api)] if needs_credential(api) else [])]
    yield Assign("client", call(client_class(api, colour), *arguments, transport=local("transport")))
    yield from _use(api, method, colour)
    first = indexed(attribute(local("transport"), "requests"), value(0))
    yield Evaluate(attribute(first, "method") + " == " + value(method.operation.method.upper()), "assert")


def client_class(api: Api, colour: Colour) -> Code:
    """The client class as a user imports it; the async one renamed, so that both can stand in one module."""
    name = public_name(api.root.name)
    package = public_name(api.package)
    return (Symbol(f"{package}.aio", name, f"Async{name}") if colour.is_async else Symbol(package, name)).code


def sample_credential(api: Api) -> Code:
    """A credential of the first kind that the service takes."""
    credentials = "clientsmith.core.credentials"
    if api.security_schemes[0].kind == "basic":
        return call(Symbol(credentials, "BasicCredential").code, value("user"), value("secret"))
    return call(Symbol(credentials, "KeyCredential").code, value("secret"))


def sample_call(method: Method, client: Code) -> Code:
    """The method called with everything that it requires."""
    shapes = method.api.shapes
    arguments = [sample_argument(item.shape, shapes) for item in method.positional.values()]
    if method.body is not None and (method.flattened or method.body.required):
        arguments.append(sample_argument(method.body.shape, shapes))
    required = {name: item for name, item in method.keyword.items() if item.required}
    keywords = {name: sample_argument(item.shape, shapes) for name, item in required.items()}
    keywords |= {name: _CONDITIONS[name] for name, is_required in method.conditions.items() if is_required}
    if "match_condition" in keywords:
        keywords["etag"] = value('"1"')
    return call(attribute(client, method.name), *arguments, **keywords)


def _use(api: Api, method: Method, colour: Colour) -> Block:
    called = sample_call(method, local("client"))
    match method.kind:
        case Kind.LIST:
            items = Code(("[item ", "async " * colour.is_async, "for item in ")) + called + "]"
            return (Assign("items", items), Evaluate(call(builtin("len"), local("items")) + " == 1", "assert"))
        case Kind.BEGIN:
            poller = Assign("poller", colour.awaited(called))
            return (poller, Evaluate(colour.awaited(call(attribute(local("poller"), "result")))))
        case Kind.EVENTS | Kind.LINES:
            items = Code(("[item ", "async " * colour.is_async, "for item in ")) + called + "]"
            return (Assign("items", items), Evaluate(call(builtin("len"), local("items")) + " == 1", "assert"))
        case Kind.DOWNLOAD:
            read = colour.awaited(call(attribute(called, "read")))
            return (Evaluate(read + ' == b"sample"', "assert"),)
        case Kind.EXISTS:
            return (Evaluate(colour.awaited(called) + " is True", "assert"),)
        case Kind.CALL:
            return _use_result(api, method, colour.awaited(called))


def _use_result(api: Api, method: Method, called: Code) -> Block:
    shape = method.result
    named = api.shapes.get(shape.pointer) if isinstance(shape, Ref) else None
    if isinstance(named, Model):
        expected = attribute(Symbol(public_name(api.package), "models").code, public_name(named.name))
    elif isinstance(shape, Binary):
        expected = builtin("bytes")
    else:
        return (Evaluate(called),)
    return (Assign("result", called), Evaluate(call(builtin("isinstance"), local("result"), expected), "assert"))


# --- what the scripted service says ----------------------------------------------------------------------------------


def _script(method: Method) -> list[Code]:
    operation = method.operation
    if operation.long_running is not None:
        return _polls(method, operation.long_running)
    if operation.paging is not None:
        return _pages(method, operation.paging)
    responses = [item for item in operation.responses if item.status.isdigit()]
    return [_answer(method, responses[0])] if responses else [_says(200)]


def _says(status: int, **keywords: Code) -> Code:
    return call(Symbol(_TESTING, "Answer").code, value(status), **keywords)


def _answer(method: Method, response: Response) -> Code:
    status = int(response.status)
    if response.shape is None or method.kind is Kind.EXISTS:
        return _says(status)
    if method.kind in (Kind.EVENTS, Kind.LINES):
        return _one_piece(method, response)
    is_text = bool(response.media_type) and not is_json(response.media_type)
    if is_text or isinstance(response.shape, Binary):
        media_type = response.media_type if isinstance(response.shape, Binary | Scalar) else "text/plain"
        return _says(status, content=Code(('b"sample"',)), headers=value({"Content-Type": media_type or "text/plain"}))
    return _json(status, sample_wire(response.shape, method.api.shapes))


def _one_piece(method: Method, response: Response) -> Code:
    """A body of one event or line."""
    shape = method.result
    text = json.dumps(sample_wire(shape, method.api.shapes)) if shape is not None else "sample"
    stream = method.operation.stream
    over = f"data: {stream.done_data}\n\n" if stream is not None and stream.done_data else ""
    content = f"data: {text}\n\n{over}" if method.kind is Kind.EVENTS else f"{text}\n"
    if response.media_type.endswith("json-seq"):
        content = f"\x1e{content}"
    headers = value({"Content-Type": response.media_type})
    return _says(int(response.status), content=Code((repr(content.encode()),)), headers=headers)


def _json(status: int, body: object) -> Code:
    if body is None:
        return _says(status, content=Code(('b"null"',)), headers=value({"Content-Type": "application/json"}))
    return _says(status, json=value(body))


def _pages(method: Method, paging: Paging) -> list[Code]:
    """A page of one item, and an empty one for those schemes that go on until they see it."""
    item = sample_wire(paging.item, method.api.shapes)
    pages = 1 if paging.next_path and paging.scheme.value in ("page-number", "offset") else None
    over: object = _with({}, paging.more_path, False) if paging.more_path else {}
    return [
        _json(200, _with(_with(over, paging.next_path, pages) if pages else over, paging.items_path, items))
        for items in ([item], [])
    ]


def _polls(method: Method, polling: LongRunning) -> list[Code]:
    """The first answer, and one that says the operation is over. Without a poll path a header says where to look."""
    shapes = method.api.shapes
    response = method.operation.responses[0] if method.operation.responses else None
    status = int(response.status) if response is not None and response.status.isdigit() else 202
    first: object = sample_wire(response.shape, shapes) if response is not None else {}
    for key in template_names(polling.poll_path):
        first = _with(first, (key,), "sample")
    first = first or {}
    result: object = sample_wire(polling.result, shapes)
    if not polling.result_path and not _can_hold_status(result):
        # Nothing but the status code can say that it is over: the body is the result (RFC 9110, Location of a 202).
        where = value({"Location": "https://service.test/operations/1"})
        return [_says(202, json=value(first), headers=where), _json(200, result)]
    body: object = None if result is None else _with(None, polling.result_path, result)
    over = _json(200, _with(body, polling.status_path, polling.succeeded[0]))
    where = value({"Operation-Location": "https://service.test/operations/1"})
    headers = {} if polling.poll_path else {"headers": where}
    return [_says(status, json=value(first), **headers), over, over]


def _can_hold_status(result: object) -> bool:
    return result is None or isinstance(result, dict)


def _with(body: object, path: tuple[str, ...], leaf: object) -> object:
    """The body with a value at a path of keys; the empty path is the body itself."""
    if not path:
        return leaf
    known = dict(cast("Mapping[str, object]", body)) if isinstance(body, Mapping) else dict[str, object]()
    return {**known, path[0]: _with(known.get(path[0]), path[1:], leaf)}
