"""An operation that answers in another kind too is a method of its own for each kind.

A method returns one kind of thing: a value, a pager, a poller, a stream of events, a file. Several media types of the
same kind are told apart by its argument ``accept``. Where a document offers another kind (events beside JSON, a
spreadsheet beside a list, header fields where a HEAD tells whether something exists) there is a second operation
beside the first: ``stream_answer`` beside ``create_answer``, ``download_orders`` beside ``list_orders``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeAlias

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding, note
from clientsmith.openapi.pointer import join

from ..ir import Api, Binary, Body, Content, Operation, Paging, Response, Scalar, ScalarKind, Stream, StreamKind
from ..lookup import array_item, bare, properties_of
from ..media import Format, format_of, is_xml
from ..words import split_words, vocabulary

__all__ = ["split_answers", "telling_headers"]

_Wanted: TypeAlias = Callable[[Content], bool]

_PIECEWISE: Final = (Format.EVENTS, Format.LINES)
# Members of a body that ask for events in place of one answer, as many services of language models call it.
_SWITCHES: Final = ("stream", "streaming")
# What every answer has, or what the runtime reads itself: no reason to look at the header.
_USUAL_HEADERS: Final = vocabulary(
    """
    date server connection content-length content-type content-encoding content-language cache-control vary expires
    age via retry-after set-cookie www-authenticate strict-transport-security deprecation sunset link
    x-request-id request-id x-ms-request-id x-ms-client-request-id x-correlation-id x-ms-correlation-request-id
    x-ms-version x-powered-by x-trace-id traceparent x-runtime x-api-version api-version x-amzn-requestid
    x-openstack-request-id openstack-api-version x-xss-protection x-frame-options x-content-type-options
    """
)
_RATE: Final = ("ratelimit", "rate-limit", "x-ratelimit", "x-rate-limit", "access-control-")


def split_answers(api: Api, _configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Give each kind of answer an operation; groups are made after this, so all operations are at the root yet."""
    findings: list[Finding] = []
    operations: list[Operation] = []
    for operation in api.operations:
        operations += _split(operation, api, findings)
    return replace(api, root=replace(api.root, operations=tuple(operations))), findings


def _split(operation: Operation, api: Api, findings: list[Finding]) -> Iterable[Operation]:
    headers = telling_headers(operation)
    if operation.method == "HEAD":
        yield operation
        if headers:
            evidence = f"certain: the answer is described by its header fields: {', '.join(headers)}"
            yield _variant(operation, "headers", operation.responses, None, evidence, header_fields=headers)
        return
    has_value = any(response.shape is not None for response in operation.responses)
    if headers and not has_value and operation.method != "DELETE" and operation.long_running is None:
        yield replace(operation, header_fields=headers)
        return
    streamed = _only(operation, lambda one: format_of(one.media_type, one.shape) in _PIECEWISE)
    is_value = operation.stream is None
    yield _without(operation, streamed if is_value else (), findings)
    if streamed and is_value:
        yield _streaming(operation, streamed, api)
    if operation.paging is not None:
        yield from _as_lists(operation, operation.paging)
    if operation.paging is not None and (files := _only(operation, _is_file)):
        stream = Stream(StreamKind.BYTES, evidence=f"certain: the list is offered as {_types(files)} too")
        as_file = tuple(replace(one, shape=Binary(), stream=stream) for one in files)
        yield _variant(operation, "download", as_file, stream, stream.evidence)


def _only(operation: Operation, wanted: _Wanted) -> tuple[Response, ...]:
    """Return the answers with those of their other forms that are wanted, and nothing else."""
    found: list[Response] = []
    for response in operation.responses:
        forms = [one for one in response.others if wanted(one)]
        if forms:
            first, *others = forms
            stream = dict(response.streams).get(first.media_type)
            found.append(
                replace(
                    response,
                    media_type=first.media_type,
                    shape=first.shape,
                    others=tuple(others),
                    stream=stream,
                    streams=(),
                )
            )
    return tuple(found)


def _is_file(form: Content) -> bool:
    """Whether a list is worth having in this form: not what only says the same items in another notation."""
    return format_of(form.media_type, form.shape) in (Format.TEXT, Format.BINARY) and not is_xml(form.media_type)


def _without(operation: Operation, streamed: tuple[Response, ...], findings: list[Finding]) -> Operation:
    """Return the operation with those forms of its answers that its method can give by ``accept``."""
    by_accept = operation.paging is None and operation.long_running is None
    elsewhere = {form.media_type for response in streamed for form in response.contents}

    def is_left(form: Content) -> bool:
        return form.media_type not in elsewhere and not (operation.paging and (_is_file(form) or _is_list(form)))

    left = {form.media_type for one in operation.responses for form in one.others if is_left(form)}
    if left and not by_accept:
        message = f"the answer is read as {operation.responses[0].media_type}, and not as {', '.join(sorted(left))}"
        findings.append(note("answer-media-types", message, operation.pointer))
    responses = tuple(
        replace(one, others=tuple(form for form in one.others if by_accept and is_left(form)), streams=())
        for one in operation.responses
    )
    return replace(operation, responses=responses)


def _is_list(form: Content) -> bool:
    return format_of(form.media_type, form.shape) is Format.JSON and array_item(form.shape) is not None


def _as_lists(operation: Operation, paging: Paging) -> Iterable[Operation]:
    """The same list with other items: GitHub's ``star+json`` has the time of the star beside the repository."""
    for response in operation.responses:
        for form in response.others:
            item = array_item(form.shape)
            if paging.items_path or not _is_list(form) or item is None or item == paging.item:
                continue
            subtype, _, parameters = form.media_type.rpartition("/")[2].partition(";")
            words = split_words(parameters or subtype.removesuffix("+json"))
            answer = replace(response, media_type=form.media_type, shape=form.shape, others=(), streams=())
            made = _variant(
                operation, f"as {words[-1]}", (answer,), None, f"certain: the list has a form {words[-1]!r}"
            )
            place = join(operation.pointer, "responses", response.status, "content", form.media_type)
            yield replace(made, pointer=place, paging=replace(paging, item=item), returns=item)


def _streaming(operation: Operation, streamed: tuple[Response, ...], api: Api) -> Operation:
    stream = streamed[0].stream or Stream(StreamKind.EVENTS)
    body, switch = operation.body, _switch(operation.body, api)
    evidence = f"{stream.evidence} beside {operation.responses[0].media_type or 'no body'}"
    if body is not None and switch:
        body = replace(body, always=((switch, True),))
        evidence += f"; the member {switch!r} of the body asks for it"
    made = _variant(operation, "stream", streamed, replace(stream, evidence=evidence), evidence)
    return replace(made, body=body)


def _switch(body: Body | None, api: Api) -> str:
    """Return the member of a body that asks for a stream, "" if there is none."""
    if body is None or format_of(body.media_type, body.shape) not in (Format.JSON, Format.FORM, Format.MULTIPART):
        return ""
    parts = properties_of(body.shape, api.shapes)
    return next((name for name in _SWITCHES if name in parts and _is_flag(bare(parts[name].shape))), "")


def _is_flag(shape: object) -> bool:
    return isinstance(shape, Scalar) and shape.kind is ScalarKind.BOOLEAN


def _variant(
    operation: Operation,
    variant: str,
    responses: tuple[Response, ...],
    stream: Stream | None,
    evidence: str,
    *,
    header_fields: tuple[str, ...] = (),
) -> Operation:
    """Return the operation once more. Its pointer is that of the form of the answer, so that it has one of its own."""
    response = responses[0]
    place = join(operation.pointer, "responses", response.status)
    return replace(
        operation,
        pointer=join(place, "content", response.media_type) if stream is not None else join(place, "headers"),
        variant=variant,
        responses=responses,
        stream=stream,
        paging=None,
        returns=None,
        header_fields=header_fields,
        evidence=evidence,
    )


def telling_headers(operation: Operation) -> tuple[str, ...]:
    """Return the header fields of a success that say something about what was asked for."""
    names = dict.fromkeys(name for response in operation.responses for name in response.headers)
    return tuple(name for name in names if name.lower() not in _USUAL_HEADERS and not name.lower().startswith(_RATE))


def _types(responses: tuple[Response, ...]) -> str:
    return ", ".join(one.media_type for response in responses for one in response.contents)
