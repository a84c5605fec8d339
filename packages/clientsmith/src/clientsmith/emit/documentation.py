"""Docstrings of clients and methods: what the document says, in the sections that the guidelines ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, assert_never

from clientsmith.emit.bodies import has_choice
from clientsmith.emit.bounds import bounds, spelled
from clientsmith.emit.docstring import Docstring, Entry
from clientsmith.emit.methods import Kind, Method
from clientsmith.emit.models import about_property
from clientsmith.emit.security import about_credential
from clientsmith.emit.text import WIDTH, headline, one_line, sentence
from clientsmith.emit.versions import about_lifetime, about_version
from clientsmith.model.error_classes import BASE, STATUS_CLASSES, raised_for
from clientsmith.model.ir import (
    Api,
    Body,
    Enum,
    Group,
    Model,
    NamedShape,
    Parameter,
    Ref,
    Response,
    Scalar,
    ScalarKind,
    ServerVariable,
    Shape,
)
from clientsmith.model.passes.split_answers import telling_headers
from clientsmith.model.words import split_words

__all__ = ["base_docstring", "client_docstring", "group_docstring", "method_docstring", "way_docstring"]

_FIRST_LINE: Final = WIDTH - len('        """."""')
_MATCHING: Final = {
    "If-Match": "`IfNotModified` (it still is what the etag says), `IfPresent` (it exists)",
    "If-None-Match": "`IfModified` (it is another one by now), `IfMissing` (it does not exist)",
}
# The type of a method's options, and those that it has beside those of every call.
_OPTIONS: Final[Mapping[Kind, tuple[str, tuple[str, ...]]]] = {
    Kind.CALL: ("CallOptions", ()),
    Kind.EXISTS: ("CallOptions", ()),
    Kind.HEADERS: ("CallOptions", ()),
    Kind.LIST: ("ListOptions", ("continuation_token",)),
    Kind.BEGIN: ("PollOptions", ("polling_interval", "continuation_token")),
    Kind.EVENTS: ("EventOptions", ("last_event_id",)),
    Kind.LINES: ("CallOptions", ()),
    Kind.DOWNLOAD: ("DownloadOptions", ("byte_range",)),
}
# What a constructor raises.
_MISTAKES: Final = (
    Entry("ValueError", "The endpoint is not an absolute URL."),
    Entry("UnknownSettingError", "An option that nothing here knows."),
    Entry("CredentialError", "The credential is not of a kind that the service takes."),
    Entry("InsecureTransportError", "A credential for a plain http endpoint on another machine."),
)
_MOST_SERVERS: Final = 5  # more are looked up in the document
_USUAL_OPTIONS: Final = ("timeout", "headers", "client_request_id")
_EVERY_METHOD: Final = (
    "Every method takes options for that call alone: `timeout`, `headers`, `client_request_id`, … (`CallOptions`)."
)

_GIVEN: Final = (
    "One that another client gives sends over that client's connections. One that is made alone, with these arguments, "
    "is to be closed."
)


def client_docstring(api: Api, *, is_async: bool) -> Docstring:
    """The class docstring, which documents the constructor too."""
    summary, description = headline(api.description)
    verb = "an async" if is_async else "a"
    lead = f"{sentence(summary)}\n\n{description}".strip() if summary else ""
    closing = f"Use it as {verb} context manager, or call `close`. It never changes after construction."
    title = f"Client of {one_line(api.title)} {one_line(api.version)}".strip()
    arguments = _constructor_arguments(api, (), is_async=is_async)
    text = "\n\n".join(filter(None, (lead, f"{closing} {_EVERY_METHOD}")))
    return Docstring(title, text, arguments=arguments, raises=_MISTAKES)


def group_docstring(api: Api, path: tuple[Group, ...], base: str) -> Docstring:
    """The class docstring of a group's client: what it is about, and how one comes by it; ``base`` tells the rest."""
    group = path[-1]
    summary, description = headline(group.description)
    way = "".join(f".{one.attribute}{'(…)' * bool(one.bound)}" for one in path)
    given = f"``client{way}`` of a `{api.root.name}` gives it. Constructor and options: `{base}`."
    return Docstring(summary or _about_group(group), "\n\n".join(filter(None, (description, given))))


def way_docstring(group: Group, shapes: Mapping[str, NamedShape]) -> Docstring:
    """What is said about a group where its parent gives it."""
    summary, _ = headline(group.description)
    if not group.bound:
        return Docstring(summary or _about_group(group))
    arguments = (Entry(item.name, _about_parameter(item, shapes)) for item in group.bound)
    returns = f"A `{group.name}`, which stands on this client: nothing is sent yet."
    what = " ".join(split_words(group.wire_name))
    return Docstring(f"Return a client for one {what}", "", arguments=tuple(arguments), returns=returns)


def base_docstring(api: Api, bound: tuple[Parameter, ...], *, is_async: bool) -> Docstring:
    """The docstring of the class that gives clients of parts of the service their constructor."""
    made = f"made with {_listed([item.name for item in bound])}" if bound else "of parts of the service"
    arguments = _constructor_arguments(api, bound, is_async=is_async)
    return Docstring(
        f"The base of the clients {made}", f"{_GIVEN} {_EVERY_METHOD}", arguments=arguments, raises=_MISTAKES
    )


def _about_group(group: Group) -> str:
    what = one_line(group.wire_name) or group.attribute
    if group.bound:
        what = " ".join(split_words(what))
        return f"One {what} and everything below it"
    return f"The operations of {what}"


def _listed(names: list[str]) -> str:
    *first, last = [f"``{name}``" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def _constructor_arguments(api: Api, bound: tuple[Parameter, ...], *, is_async: bool) -> tuple[Entry, ...]:
    usual = f" Usually ``{one_line(api.template)}``." if api.endpoint else ""
    usual += "".join(f" Also ``{one_line(one.url)}``{_told(one.description)}." for one in api.servers[1:_MOST_SERVERS])
    transport = "an `AioHttpTransport`" if is_async else "a `RequestsTransport`"
    return (
        Entry("endpoint", f"Absolute URL of the service.{usual}"),
        *(Entry(item.name, _about_parameter(item, api.shapes)) for item in bound),
        Entry("credential", about_credential(api)),
        *(Entry(item.name, _about_variable(item)) for item in api.variables),
        Entry("api_version", about_version(api)),
        Entry(
            "transport", f"Sends the requests, and stays yours to close. By default {transport} of the client's own."
        ),
        Entry("**options", "For all calls: `timeout`, `headers`, `max_retries`, `allow_http`, … (`ClientOptions`)."),
    )


def _told(description: str) -> str:
    return f" ({one_line(description).rstrip('.')})" if description else ""


def _about_variable(variable: ServerVariable) -> str:
    known = ", ".join(f"``{one_line(one)}``" for one in variable.values)
    told = sentence(variable.description) or f"What stands for ``{{{one_line(variable.wire_name)}}}`` in the endpoint."
    return f"{told} One of {known}." if known else told


def method_docstring(method: Method) -> Docstring:
    """Summary, description, arguments, result and errors of a method."""
    operation = method.operation
    text = operation.summary
    if operation.description.strip() != text.strip():
        text = f"{text}\n\n{operation.description}".strip()
    summary, description = headline(text)
    if lifetime := about_lifetime(operation.lifetime):
        description = f"{description}\n\n{lifetime}"
    if operation.deprecated:
        description = f"{description}\n\nDeprecated: the service may take this operation away."
    summary, description = _with_source(summary, description, f"``{operation.key.replace('`', '')}``")
    return Docstring(
        summary,
        description,
        arguments=tuple(_arguments(method)),
        returns=" ".join(filter(None, (_returns(method), _beside(method)))),
        raises=tuple(_raises(method)),
    )


def _with_source(summary: str, description: str, source: str) -> tuple[str, str]:
    """Say which operation it is: on the first line if there is room, else below the description."""
    if not summary:
        return f"Call {source}", description
    line = f"{sentence(summary).removesuffix('.')} ({source})"
    if len(line) <= _FIRST_LINE and not summary.endswith(("?", "!")):
        return line, description
    return summary, f"{description}\n\n{source}".strip()


def _arguments(method: Method) -> Iterator[Entry]:
    shapes = method.api.shapes
    for name, parameter in method.positional.items():
        yield Entry(name, _about_parameter(parameter, shapes))
    if method.body is not None:
        yield Entry(method.body_name, _about_body(method, method.body))
    yield from _choices(method)
    for name, parameter in method.keyword.items():
        yield Entry(name, _about_parameter(parameter, shapes))
    for name, item in method.fields.items():
        yield Entry(name, about_property(item, shapes) or f"The field ``{one_line(item.wire_name)}``.")
    for name in method.conditions:
        yield Entry(name, _about_condition(name, method))
    if method.operation.runtime_parameters or _OPTIONS[method.kind][1]:  # those of every call, the class speaks of
        yield Entry("**options", _about_options(method))


def _choices(method: Method) -> Iterator[Entry]:
    """What the arguments mean by which a caller chooses between media types."""
    body = method.operation.body
    if body is not None and has_choice(body):
        names = ", ".join(f"``{one_line(form.media_type)}``" for form in body.contents)
        yield Entry("content_type", f"What the body is sent as: {names}.")
    if method.answers:
        names = ", ".join(f"``{one_line(name)}``" for name in method.answers)
        yield Entry("accept", f"What to answer with: {names}.")


def _about_parameter(parameter: Parameter, shapes: Mapping[str, NamedShape]) -> str:
    notes = [
        sentence(parameter.description) or f"The parameter ``{one_line(parameter.wire_name)}`` of the service.",
        bounds(parameter.shape, parameter.constraints, shapes, parameter.description),
    ]
    if parameter.has_default and not parameter.required:
        notes.append(f"The service takes {spelled(parameter.default)} where it is not given.")
    if parameter.deprecated:
        notes.append("Deprecated.")
    return " ".join(filter(None, notes))


def _about_body(method: Method, body: Body) -> str:
    model = method.body_model
    if model is None:
        return sentence(body.description) or "What to send."
    about = sentence(body.description) or headline(sentence(model.description))[0] or f"The `{model.name}` to send."
    if method.flattened:
        return f"{about} All fields at once, as a model or a mapping; those given by keyword win over it."
    return f"{about} A mapping of the same shape will do."


def _about_condition(name: str, method: Method) -> str:
    conditions = method.operation.conditions
    match name:
        case "etag":
            carried = f" By default the one that ``{method.body_name}`` carries." if method.body_has_etag else ""
            return f"The version that you have seen, as the service named it.{carried}"
        case "match_condition":
            usable = (text for header, text in _MATCHING.items() if conditions and header in conditions.headers)
            needed = " The service requires one." if method.conditions[name] else ""
            return f"What has to hold, a `MatchConditions`: {', '.join(usable)}.{needed}"
        case "if_modified_since":
            return "Only what changed after this time, which has a time zone."
        case _:
            return "Only if nothing changed after this time, which has a time zone."


def _about_options(method: Method) -> str:
    """Options that the document asks for, by a parameter of its own, come first."""
    kind, own = _OPTIONS[method.kind]
    asked = method.operation.runtime_parameters
    required = {item.name: item.required for item in asked}
    names = dict.fromkeys((*required, *own, *_USUAL_OPTIONS))
    shown = [f"`{name}`" + " (the service requires it)" * required.get(name, False) for name in names]
    about = ((item.name, _about_option(item, method.api.shapes)) for item in asked)
    described = (f" `{name}`: {text}" for name, text in about if text)
    return f"For this call only: {', '.join(shown)}, … (`{kind}`).{''.join(described)}"


def _about_option(item: Parameter, shapes: Mapping[str, NamedShape]) -> str:
    notes = (sentence(item.description), bounds(item.shape, item.constraints, shapes, item.description))
    return " ".join(filter(None, notes))


def _returns(method: Method) -> str:
    what = _noun(method, method.result)
    match method.kind:
        case Kind.LIST:
            return f"A pager over {what}; nothing is sent before it is iterated."
        case Kind.BEGIN:
            return f"A poller; its ``result()`` is {what}."
        case Kind.EVENTS:
            data = f" Each is {what}." if method.result is not None else ""
            return f"A stream of server-sent events; nothing is sent before it is iterated.{data}"
        case Kind.LINES:
            return f"A stream of JSON lines; nothing is sent before it is iterated. Each is {what}."
        case Kind.DOWNLOAD:
            return "A stream of bytes: ``read()`` gives them all, ``write_to(path)`` saves them as they come."
        case Kind.EXISTS:
            return "Whether it exists."
        case Kind.HEADERS:
            names = ", ".join(f"``{one_line(name)}``" for name in method.operation.header_fields)
            return f"The header fields of the answer, a mapping: {names}."
        case Kind.CALL:
            described = next((item.description for item in method.operation.responses if item.shape is not None), "")
            is_told = method.result is not None and len(one_line(described)) > len("Success.")
            return sentence(described) if is_told else ""  # the type is in the signature already
        case _:
            assert_never(method.kind)


def _beside(method: Method) -> str:
    """Where the header fields are that say something, and that the method does not give back."""
    names = telling_headers(method.operation)
    if not names or method.kind not in (Kind.CALL, Kind.DOWNLOAD):  # the others read what is of use to them
        return ""
    shown = ", ".join(f"``{one_line(name)}``" for name in names)
    return f"`response_hook` gets the header fields: {shown}."


def _noun(method: Method, shape: Shape | None) -> str:
    named = method.api.shapes.get(shape.pointer) if isinstance(shape, Ref) else None
    if isinstance(named, Model | Enum):
        return f"`{named.name}` items" if method.kind is Kind.LIST else _a(named.name)
    if shape is None:
        return "nothing"
    return "the items" if method.kind is Kind.LIST else "what the service answered"


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} `{name}`"


def _raises(method: Method) -> Iterator[Entry]:
    texts = [name for name, item in method.positional.items() if item.shape == Scalar(ScalarKind.STRING)]
    if texts:
        names = " or ".join(f"``{name}``" for name in texts)
        yield Entry("ValueError", f"{names} is empty, which would address something else.")
    modelled: list[str] = []
    documented: set[str] = set()
    own: list[tuple[str, str]] = []  # the package's classes for other statuses, and the models that these have
    for response in method.operation.errors:
        model = _model_of(method, response)
        classes = {one.base: one.name for one in raised_for(method.api, method.operation, response.status)}
        modelled += [model] if model and not classes else []
        name = STATUS_CLASSES.get(response.status)
        if name is None and classes and (classes[BASE], model) not in own:
            own.append((classes[BASE], model))
        if name is None or (response.status == "404" and (method.missing_is_success or method.kind is Kind.EXISTS)):
            continue
        documented.add(name)
        told = sentence(response.description) or f"The service answered {response.status}."
        yield Entry(classes.get(name, name), told)
    yield from _raised_by_conditions(method, documented)
    for name, model in own:
        yield Entry(name, f"The service answered with a documented error; ``error.error`` is {_a(model)}.")
    models = " or ".join(_a(name) for name in dict.fromkeys(modelled))
    typed = f"; ``error.error`` is {models}" if models else ""
    yield Entry("HttpResponseError", f"The service answered with an error{typed}.")


def _raised_by_conditions(method: Method, documented: Collection[str]) -> Iterator[Entry]:
    """What the service answers where the condition does not hold, and what the runtime refuses to send."""
    conditions = method.operation.conditions
    if conditions is None:
        return
    if conditions.compare_etags:
        yield Entry("UsageError", "The etag and the condition do not belong together, or there is no etag to compare.")
    if {"If-Match", "If-Unmodified-Since"} & set(conditions.headers) and "ResourceModifiedError" not in documented:
        yield Entry("ResourceModifiedError", "Somebody has changed it since.")
    if {"If-None-Match", "If-Modified-Since"} & set(conditions.headers):
        yield Entry("ResourceNotModifiedError", "It is the one that you have already.")


def _model_of(method: Method, response: Response) -> str:
    named = method.api.shapes.get(response.shape.pointer) if isinstance(response.shape, Ref) else None
    return named.name if isinstance(named, Model) else ""
