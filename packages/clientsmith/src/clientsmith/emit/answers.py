"""What a service says to a generated client in its tests: answers as the document describes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, cast

from clientsmith.emit.code import Code, Symbol, call, dictionary, joined, value
from clientsmith.emit.methods import Kind, Method
from clientsmith.emit.samples import sample_wire
from clientsmith.emit.text import public_name
from clientsmith.model.ir import (
    Array,
    Binary,
    LongRunning,
    Model,
    NamedShape,
    Nullable,
    Paging,
    PagingScheme,
    Ref,
    Response,
    Shape,
)
from clientsmith.model.lookup import template_names, xml_root
from clientsmith.model.media import Format, format_of, is_json

__all__ = ["Said", "Samples", "errors_of", "said_by"]

_ANSWER: Final = Symbol("clientsmith.core.testing", "Answer").code
_ELSEWHERE: Final = "/elsewhere"  # where pages and jobs go on; the server does not look
_ENDLESS: Final = (PagingScheme.PAGE_NUMBER, PagingScheme.OFFSET, PagingScheme.LAST_ID)


class Samples:
    """JSON of the models that answers are made of: each is written once, by its name.

    Attributes:
        used: Name → JSON, of those that were asked for.
    """

    def __init__(self, shapes: Mapping[str, NamedShape]) -> None:
        self._shapes = shapes
        self.used: dict[str, object] = {}

    def of(self, shape: Shape | None) -> object:
        """Return JSON of a shape; a model in it is a `Sample`, which stands for the table's entry."""
        match shape:
            case Ref() if isinstance(named := self._shapes.get(shape.pointer), Model):
                made = sample_wire(shape, self._shapes)
                self.used.setdefault(public_name(named.name), made)
                return Sample(public_name(named.name), made)
            case Array():
                return [self.of(shape.item)]
            case Nullable():
                return self.of(shape.shape)
            case _:
                return sample_wire(shape, self._shapes)

    def table(self) -> Code:
        """Return the models by name."""
        return dictionary({name: value(made) for name, made in sorted(self.used.items())})


class Sample(NamedTuple):
    """The JSON of a model that the table has."""

    name: str
    made: object


def code_of(body: object) -> Code:
    """Return JSON as an expression, in which a `Sample` is a look into the table."""
    match body:
        case Sample():
            return Code((f"SAMPLES[{body.name!r}]",))
        case dict():
            members = cast("dict[str | int, object]", body)
            return dictionary({name: code_of(part) for name, part in members.items()})
        case list():
            return Code(("[",)) + joined(", ", [code_of(part) for part in cast("list[object]", body)]) + "]"
        case _:
            return value(body)


class Said(NamedTuple):
    """What is said when all goes well, and how many items that is of a list or a stream."""

    answers: list[Code]
    items: int | None = None


def said_by(method: Method, samples: Samples) -> Said:
    """Return what the service says to a method."""
    operation = method.operation
    if operation.long_running is not None:
        return Said(_polls(method, operation.long_running, samples))
    if operation.paging is not None:
        return _pages(operation.paging, samples)
    response = next((item for item in operation.responses if item.status.isdigit()), None)
    if response is None:
        return Said([_says(200)])
    if method.kind in (Kind.EVENTS, Kind.LINES):
        return Said([_pieces(method, response)], items=2)
    return Said([_answer(method, response, samples)])


def errors_of(method: Method, samples: Samples) -> dict[str | int, Code]:
    """Return the documented errors by status, each with its JSON; None where it has none.

    A 404 that counts as success, or as an answer, is no error; ranges and the default are told by a status that they
    mean.
    """
    found: dict[str | int, Code] = {}
    for status, response in _statuses(method):
        if status == 404 and (method.missing_is_success or method.kind is Kind.EXISTS):
            continue
        is_read = response.shape is not None and is_json(response.media_type) and method.operation.method != "HEAD"
        found[status] = code_of(samples.of(response.shape) if is_read else None)
    return found


def _statuses(method: Method) -> Iterator[tuple[int, Response]]:
    taken = {response.status for response in method.operation.errors}
    for response in method.operation.errors:
        if response.status.isdigit():
            yield int(response.status), response
        elif response.status in ("4XX", "5XX"):
            first = int(response.status[0]) * 100
            yield next(one for one in range(first + 51, first + 99) if str(one) not in taken), response
        elif "5XX" not in taken and "500" not in taken:
            yield 500, response


# --- one answer ------------------------------------------------------------------------------------------------------


def _says(status: int, **keywords: Code) -> Code:
    return call(_ANSWER, value(status), **keywords)


def _json(status: int, body: object, headers: Mapping[str, str] | None = None) -> Code:
    keywords = {"headers": value(dict(headers))} if headers else {}
    if body is None:
        headers = {"Content-Type": "application/json", **(headers or {})}
        return _says(status, content=Code(('b"null"',)), headers=value(headers))
    return _says(status, json=code_of(body), **keywords)


def _answer(method: Method, response: Response, samples: Samples) -> Code:
    status = int(response.status)
    headers = value({"Content-Type": response.media_type or "text/plain"})
    if method.kind is Kind.HEADERS:
        return _says(status, headers=value(dict.fromkeys(method.operation.header_fields, "sample")))
    if response.shape is None or method.kind is Kind.EXISTS:
        return _says(status)
    if method.kind is Kind.DOWNLOAD:
        return _says(status, chunks=Code(('[b"sam", b"ple"]',)), headers=headers)
    kind = format_of(response.media_type, response.shape)
    if kind is Format.XML:
        root = xml_root(response.shape, method.api.shapes)
        return _says(status, content=Code((repr(f"<{root}/>".encode()),)), headers=headers)
    if kind in (Format.TEXT, Format.BINARY) or isinstance(response.shape, Binary):
        return _says(status, content=Code(('b"sample"',)), headers=headers)
    return _json(status, samples.of(response.shape))


def _pieces(method: Method, response: Response) -> Code:
    """A body of two events or lines, and what ends it."""
    shape, stream = method.result, method.operation.stream
    text = json.dumps(sample_wire(shape, method.api.shapes)) if shape is not None else "sample"
    mark = "\x1e" if response.media_type.endswith("json-seq") else ""
    piece = f"data: {text}\n\n" if method.kind is Kind.EVENTS else f"{mark}{text}\n"
    over = f"data: {stream.done_data}\n\n" if stream is not None and stream.done_data else ""
    pieces = ", ".join(repr(each.encode()) for each in (piece, piece, over) if each)
    headers = value({"Content-Type": response.media_type})
    return _says(int(response.status), chunks=Code((f"[{pieces}]",)), headers=headers)


# --- lists -----------------------------------------------------------------------------------------------------------


def _pages(paging: Paging, samples: Samples) -> Said:
    """Two pages of one item, and an empty one for those schemes that go on until they see it."""
    item = samples.of(paging.item)
    if paging.scheme is PagingScheme.SINGLE:
        return Said([_json(200, _with({}, paging.items_path, [item]))], items=1)
    is_told = bool(paging.more_path or paging.more_header or _counts(paging))
    lists = [_with_id(item, paging, number) for number in (1, 2)]
    pages = [_page(paging, [one], number) for number, one in enumerate(lists)]
    if paging.scheme in _ENDLESS and not is_told:
        pages.append(_page(paging, [], 2))
    return Said(pages, items=2)


def _counts(paging: Paging) -> bool:
    """Whether the answers tell how many pages or items there are."""
    if paging.scheme is PagingScheme.PAGE_NUMBER:
        return bool(paging.next_path or paging.header)
    return paging.scheme is PagingScheme.OFFSET and bool(paging.next_path or paging.total_path or paging.total_header)


def _with_id(item: object, paging: Paging, number: int) -> object:
    if paging.scheme is not PagingScheme.LAST_ID:
        return item
    path = paging.next_path or ("id",)
    known: object = item.made if isinstance(item, Sample) else item
    for name in path:
        known = cast("Mapping[str, object]", known).get(name) if isinstance(known, Mapping) else None
    return _with(item, path, number if isinstance(known, int) else str(number))


def _page(paging: Paging, items: list[object], number: int) -> Code:
    is_last = number > 0
    body: object = _with({}, paging.items_path, items)
    headers: dict[str, str] = {}
    if paging.more_path:
        body = _with(body, paging.more_path, not is_last)
    elif paging.more_header:
        headers[paging.more_header] = "false" if is_last else "true"
    if paging.total_path:
        body = _with(body, paging.total_path, 2)
    elif paging.total_header:
        headers[paging.total_header] = "2"
    onward = _onward(paging, is_last=is_last)
    if onward is not None and paging.next_path:
        body = _with(body, paging.next_path, onward)
    elif onward is not None and paging.header:
        is_link = paging.header.lower() == "link"
        headers[paging.header] = f'<{onward}>; rel="next"' if is_link else str(onward)
    return _json(200, body, headers)


def _onward(paging: Paging, *, is_last: bool) -> object:
    """What leads to the next page, or tells how many there are; None where nothing does."""
    match paging.scheme:
        case PagingScheme.NEXT_LINK | PagingScheme.NEXT_LINK_HEADER:
            return None if is_last else _ELSEWHERE
        case PagingScheme.TOKEN:
            return None if is_last else "2"
        case PagingScheme.PAGE_NUMBER | PagingScheme.OFFSET:
            return 2
        case PagingScheme.SINGLE | PagingScheme.LAST_ID:
            return None


# --- jobs ------------------------------------------------------------------------------------------------------------


def _polls(method: Method, polling: LongRunning, samples: Samples) -> list[Code]:
    """The first answer, and one that says the operation is over. Without a poll path a header says where to look."""
    shapes = method.api.shapes
    response = method.operation.responses[0] if method.operation.responses else None
    status = int(response.status) if response is not None and response.status.isdigit() else 202
    first: object = sample_wire(response.shape, shapes) if response is not None else {}
    for key in filter(None, template_names(polling.poll_path)):
        first = _with(first, tuple(key.removeprefix("+").split(".")), "sample")
    result: object = sample_wire(polling.result, shapes)
    if not polling.result_path and result is not None and not isinstance(result, dict):
        # Nothing but the status code can say that it is over: the body is the result (RFC 9110, Location of a 202).
        return [
            _json(202, first or dict[str, object](), {"Location": _ELSEWHERE}),
            _json(200, samples.of(polling.result)),
        ]
    body = None if result is None else _with(None, polling.result_path, sample_wire(polling.result, shapes))
    # Without a word for the good end it is the end of all words, which only a Location can have (RFC 9110, its 202).
    ended = _with(body, polling.status_path, polling.succeeded[0] if polling.succeeded else None)
    over = _json(200, _with(ended, polling.error_path, None) if polling.error_path else ended)
    field = "Operation-Location" if polling.succeeded else "Location"
    return [
        _json(status, first or dict[str, object](), {} if polling.poll_path else {field: _ELSEWHERE}),
        over,
        over,
    ]


def _with(body: object, path: tuple[str, ...], leaf: object) -> object:
    """The body with a value at a path of keys; the empty path is the body itself."""
    if not path:
        return leaf
    body = body.made if isinstance(body, Sample) else body
    known = dict(cast("Mapping[str, object]", body)) if isinstance(body, Mapping) else dict[str, object]()
    return {**known, path[0]: _with(known.get(path[0]), path[1:], leaf)}
