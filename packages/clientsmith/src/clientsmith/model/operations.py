"""Operations: parameters, bodies, responses, security, as the document has them. Names come later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from clientsmith.findings import Finding, error, note, warning
from clientsmith.openapi.convert import METHODS
from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.pointer import join
from clientsmith.openapi.resolve import Node, Resolver

from .bodies import ContentReader
from .constraints import constraints_of
from .ir import (
    AnyShape,
    Binary,
    Body,
    Content,
    Location,
    Operation,
    Parameter,
    Response,
    Scalar,
    ScalarKind,
    Shape,
    Stream,
    StreamKind,
    filled,
)
from .links import links_of
from .lookup import template_names
from .media import charset_free, is_json
from .schemas import ShapeBuilder, nullable, union_of
from .security import requirements_of
from .servers import server_url, servers_of
from .streams import one_stream, stream_of

__all__ = ["OperationBuilder", "returned"]

# OpenAPI 3.1, 4.8.12.1: header parameters of these names are ignored; media types and security say it.
_IGNORED_HEADERS: Final = frozenset({"accept", "content-type", "content-length", "authorization", "host"})
_STYLES: Final = {
    Location.PATH: ("simple", False),
    Location.HEADER: ("simple", False),
    Location.QUERY: ("form", True),
    Location.COOKIE: ("form", True),
}
# What the runtime can write: all that OpenAPI 3.1 knows.
_KNOWN_STYLES: Final = {
    Location.PATH: ("simple", "label", "matrix"),
    Location.HEADER: ("simple",),
    Location.QUERY: ("form", "deepObject", "spaceDelimited", "pipeDelimited"),
    Location.COOKIE: ("form",),
}
# 300 and 303 too: whoever asks for a file wants what the answer leads to (RFC 9110, section 15.4).
_REDIRECTS: Final = ("300", "301", "302", "303", "307", "308", "3XX")
_ANY_STATUS: Final = re.compile(r"[1-5](\d\d|XX)|default")


class OperationBuilder:
    """Reads the operations of a document. What it noticed is in `findings`."""

    def __init__(
        self, resolver: Resolver, shapes: ShapeBuilder, security_keys: frozenset[str], endpoint: str = ""
    ) -> None:
        self.resolver = resolver
        self.shapes = shapes
        self.security_keys = security_keys
        self.endpoint = endpoint
        self.contents = ContentReader(shapes)
        self.callbacks: list[tuple[str, Node]] = []  # what operations make the service send, by a name of it
        self._noticed: list[Finding] = []

    @property
    def findings(self) -> list[Finding]:
        """What was noticed so far."""
        return [*self._noticed, *self.contents.findings]

    def operations(self) -> tuple[Operation, ...]:
        """Return every operation of ``paths``, in the document's order."""
        return tuple(self._all())

    def _all(self) -> Iterable[Operation]:
        paths = self.resolver.root().child("paths")
        for path in paths.mapping:
            if path.startswith("x-"):
                continue
            item = self.resolver.follow(paths.child(path))
            if item is None or not is_object(item.value):
                message = f"the path {path!r} is not an object, so its operations are lost"
                self._noticed.append(error("operation-lost", message, join("/paths", path), "write its methods there"))
                continue
            for method, node in _methods(item):
                if is_object(node.value):
                    yield self._operation(method, path, item, node)
                else:
                    message = f"{method} {path} is not an object, so the operation is lost"
                    self._noticed.append(error("operation-lost", message, node.place, "write the operation there"))

    def _operation(self, method: str, path: str, item: Node, node: Node) -> Operation:
        value = node.mapping
        parameters = self._parameters(path, item, node)
        responses, errors = self._responses(f"{method} {path}", node)
        for name in node.child("callbacks").mapping:
            owner = node.text("operationId") or path
            self.callbacks.append((f"{owner} {name}", node.child("callbacks").child(name)))
        tags = value.get("tags")
        return Operation(
            operation_id=node.text("operationId").strip(),
            method=method,
            path=path if path.startswith("/") else f"/{path}",
            pointer=node.place,
            summary=node.text("summary"),
            description=node.text("description"),
            tags=tuple(tag for tag in tags if isinstance(tag, str)) if is_array(tags) else (),
            parameters=parameters,
            body=self._body(node),
            responses=responses,
            errors=errors,
            security=requirements_of(node, self.security_keys, self._noticed),
            server=self._server(node.child("servers") if "servers" in value else item.child("servers")),
            deprecated=value.get("deprecated") is True,
            stream=one_stream(responses),
            returns=returned(responses),
            extensions={key: value[key] for key in value if key.startswith("x-")},
        )

    def _server(self, servers: Node) -> str:
        """Return the server of an operation that is elsewhere than the others, "" of any other."""
        base = self.resolver.document.base or self.endpoint
        urls = [filled(server) for server in servers_of(servers, base)]
        return "" if self.endpoint in urls else server_url(servers, base)

    # --- parameters ---

    def _parameters(self, path: str, item: Node, node: Node) -> tuple[Parameter, ...]:
        found: dict[tuple[str, Location], Parameter] = {}
        for reference in [*item.child("parameters").items, *node.child("parameters").items]:
            target = self.resolver.follow(reference)
            parameter = self._parameter(target) if target is not None else None
            if parameter is not None:
                found[parameter.wire_name, parameter.location] = parameter
        return self._match_template(path, node, found)

    def _parameter(self, node: Node) -> Parameter | None:
        value = node.mapping
        name, place = node.text("name"), value.get("in")
        if not name or place not in [location.value for location in Location]:
            message = f"a parameter {name!r} in {place!r} cannot be sent; it is left out"
            hint = "a parameter has a name, and stands in path, query, header or cookie"
            self._noticed.append(warning("parameter-unknown", message, node.place, hint))
            return None
        location = Location(place)
        if location is Location.HEADER and name.lower() in _IGNORED_HEADERS:
            message = (
                f"the header parameter {name!r} is no argument: OpenAPI says that media types and security tell it"
            )
            self._noticed.append(note("runtime-header", message, node.place))
            return None
        style, explode = self._style(node, location)
        content = next(iter(node.child("content").mapping), "")
        as_json = is_json(content)
        schema = node.child("content").child(content).child("schema") if as_json else node.child("schema")
        shape: Shape = AnyShape() if as_json else Scalar(ScalarKind.STRING)
        if schema.value is not None:
            shape = self.shapes.shape(schema)
        elif not as_json:
            why = f"travels as {content}; the caller gives that text" if content else "has no schema; it is a string"
            self._noticed.append(note("parameter-without-schema", f"the parameter {name!r} {why}", node.place))
        target = self.resolver.follow(schema) or schema
        default = schema.mapping.get("default", target.mapping.get("default"))
        return Parameter(
            wire_name=name,
            location=location,
            shape=shape,
            required=value.get("required") is True or location is Location.PATH,
            style=style,
            explode=explode,
            allow_reserved=location in (Location.PATH, Location.QUERY) and value.get("allowReserved") is True,
            as_json=as_json,
            deprecated=value.get("deprecated") is True,
            description=node.text("description") or schema.text("description") or target.text("description"),
            default=default,
            has_default=default is not None,
            example=_example(node, schema, target),
            constraints=constraints_of(schema, self.resolver),
            called=node.text("x-ms-client-name"),
            pointer=node.place,
        )

    def _style(self, node: Node, location: Location) -> tuple[str, bool]:
        style, explode = _STYLES[location]
        given = node.text("style") or style
        if given not in _KNOWN_STYLES[location]:
            message = f"a {location.value} parameter in the style {given!r} cannot be written; it is sent as {style!r}"
            self._noticed.append(
                warning("parameter-style", message, node.place, f"use {' or '.join(_KNOWN_STYLES[location])}")
            )
            given = style
        own = node.mapping.get("explode")
        return given, own if isinstance(own, bool) else explode and given in ("form", "deepObject")

    def _match_template(
        self, path: str, node: Node, found: dict[tuple[str, Location], Parameter]
    ) -> tuple[Parameter, ...]:
        """Path parameters in the order of the template, and exactly those that it names; then the others."""
        in_template = template_names(path)
        in_path: list[Parameter] = []
        for name in in_template:
            if (parameter := found.get((name, Location.PATH))) is None:
                message = f"the path has {{{name}}}, but no parameter describes it; it is taken as a string"
                self._noticed.append(warning("path-parameter-missing", message, node.place, f"declare {name!r}"))
                parameter = Parameter(name, Location.PATH, Scalar(ScalarKind.STRING), required=True, pointer=node.place)
                parameter = replace(parameter, style="simple", explode=False)
            in_path.append(parameter)
        others: list[Parameter] = []
        fixed = {part.partition("=")[0] for part in path.partition("?")[2].split("&")}
        for parameter in found.values():
            if parameter.location is Location.QUERY and parameter.wire_name in fixed:
                message = f"the query parameter {parameter.wire_name!r} is no argument: the path has it already"
                self._noticed.append(note("path-has-parameter", message, parameter.pointer))
            elif parameter.location is not Location.PATH:
                others.append(parameter)
            elif parameter.wire_name not in in_template:
                message = f"the path has no {{{parameter.wire_name}}}; the parameter is left out"
                self._noticed.append(warning("path-parameter-unused", message, parameter.pointer, "add it to the path"))
        return (*in_path, *others)

    # --- bodies ---

    def _body(self, node: Node) -> Body | None:
        request = self.resolver.follow(node.child("requestBody"))
        if request is None or not is_object(request.value):
            return None
        forms = self.contents.sent(request.child("content"))
        if not forms:
            return None
        preferred, *others = forms
        return Body(
            media_type=preferred.media_type,
            shape=preferred.shape,
            required=request.mapping.get("required") is True,
            description=request.text("description"),
            name=request.text("x-body-name"),
            encodings=preferred.encodings,
            others=tuple(others),
        )

    # --- responses ---

    def _responses(self, what: str, node: Node) -> tuple[tuple[Response, ...], tuple[Response, ...]]:
        successes: list[Response] = []
        errors: list[Response] = []
        redirects: list[Response] = []  # and what is no end: 1XX
        statuses = node.child("responses")
        for key in statuses.mapping:
            status = key.upper() if key != "default" else key
            target = self.resolver.follow(statuses.child(key))
            if key.startswith("x-") or target is None:
                continue
            if not _ANY_STATUS.fullmatch(status):
                message = f"{key!r} is no status code; the response is left out"
                self._noticed.append(warning("response-status", message, statuses.place, "write 200, 4XX or default"))
                continue
            response = self._response(status, target)
            kind = {"2": successes, "3": redirects, "1": redirects}.get(status[0], errors)
            kind.append(response)
        return tuple(successes or self._assumed(what, node, errors, redirects)), tuple(errors)

    def _response(self, status: str, node: Node) -> Response:
        content = node.child("content")
        preferred, *others = self.contents.answered(content) or [Content("", AnyShape())]
        streams = (
            {}
            if status[0] != "2"
            else {one.media_type: self._stream(one, content, node) for one in (preferred, *others)}
        )
        return Response(
            status=status,
            description=node.text("description"),
            media_type=preferred.media_type,
            shape=preferred.shape if preferred.media_type else None,
            headers=tuple(node.child("headers").mapping),
            versions=tuple(self._versions(node.child("headers"))),
            stream=streams.get(preferred.media_type),
            links=links_of(node, self.resolver),
            others=tuple(others),
            streams=tuple(
                (one.media_type, stream) for one in others if (stream := streams.get(one.media_type)) is not None
            ),
        )

    def _versions(self, headers: Node) -> Iterator[tuple[str, str]]:
        """Yield the values that are named for header fields that are called a version."""
        for name in headers.mapping:
            header = self.resolver.follow(headers.child(name)) if name.lower().endswith("version") else None
            if header is not None:
                schema = self.resolver.follow(header.child("schema")) or header.child("schema")
                yield from ((name, text) for text in _named_values(schema, header))

    def _stream(self, form: Content, content: Node, response: Node) -> Stream | None:
        key = next((key for key in content.mapping if charset_free(key) == form.media_type), form.media_type)
        return stream_of(form, content.child(key), response, self.shapes)

    def _assumed(self, what: str, node: Node, errors: list[Response], redirects: list[Response]) -> Iterable[Response]:
        """What success looks like where the document does not say."""
        default = next((response for response in errors if response.status == "default"), None)
        if len(errors) == 1 and default is not None and default.shape is not None:
            message = "only a default response is described; it is taken for the success as well"
            self._noticed.append(note("response-default-only", message, node.place))
            return [replace(default, status="200")]
        if to := next((one for one in redirects if one.status in _REDIRECTS), None):
            if not what.startswith("GET "):
                return [Response("200", to.description)]
            evidence = f"certain: {to.status} leads to what is asked for, and to nothing that the document describes"
            return [
                Response("200", to.description, "*/*", Binary(), stream=Stream(StreamKind.BYTES, evidence=evidence))
            ]
        if what.startswith("HEAD "):
            return [Response("200")]
        message = f"{what} describes no success; whatever the service answers is returned as it is"
        self._noticed.append(warning("response-missing", message, node.place, "describe the 2xx response"))
        return [Response("200", "", "*/*", AnyShape())]


def _methods(item: Node) -> Iterable[tuple[str, Node]]:
    for key in item.mapping:
        if key.lower() in METHODS:
            yield key.upper(), item.child(key)
    more = item.child("additionalOperations")  # OpenAPI 3.2
    for key in more.mapping:
        yield key, more.child(key)


def _named_values(schema: Node, header: Node) -> tuple[str, ...]:
    """Return the values that a header field is said to have, those that are only examples where none is."""
    listed = schema.mapping.get("enum")
    only = [schema.mapping[key] for key in ("const", "default") if key in schema.mapping]
    said = listed if is_array(listed) else only or [_example(header, schema)]
    return tuple(text for one in said if (text := str(one)))


def _example(*places: Node) -> str:
    """Return the first example of a parameter, or of its schema, that is a text or a number."""
    for place in places:
        several = place.mapping.get("examples")
        named = [one.get("value") for one in several.values() if is_object(one)] if is_object(several) else several
        listed: list[object] = named if is_array(named) else []
        for example in (place.mapping.get("example"), *listed):
            if isinstance(example, str | int | float) and not isinstance(example, bool):
                return str(example)
    return ""


def returned(responses: Sequence[Response]) -> Shape | None:
    """What the method gives back: the shape that all successes have in common."""
    shapes = [response.shape for response in responses if response.shape is not None]
    if not shapes:
        return None
    joined = union_of(shapes)
    # A 202 or 206 without a body does not make the result optional; a 204 beside a 200 does.
    has_empty = any(response.shape is None and response.status in ("204", "205") for response in responses)
    return nullable(joined) if has_empty else joined
