"""Methods as functions: their arguments, what they give back, and the one call that they make, in either colour.

Everything that differs between the colours is in `Colour`; no function here asks for it but to get a word from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, assert_never

from clientsmith.emit.choices import Choice, answers_of, bodies_of, body_type, field_type, named
from clientsmith.emit.code import NONE, Code, Symbol, attribute, builtin, call, dictionary, indexed, local, union, value
from clientsmith.emit.colour import SYNC, Colour
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.documentation import method_docstring
from clientsmith.emit.methods import Kind, Method
from clientsmith.emit.models import field_name
from clientsmith.emit.statements import Argument, Assign, Block, Evaluate, Function, Try, return_
from clientsmith.emit.types import View
from clientsmith.model.ir import Literal, Parameter, Property

__all__ = ["SELF", "method_functions", "options_argument"]

SELF: Final = Argument("self")
_SETTINGS: Final = "clientsmith.core.settings"
_READ_LATER: Final = {
    Kind.LIST: "_list",
    Kind.EVENTS: "_events",
    Kind.LINES: "_lines",
    Kind.DOWNLOAD: "_download",
}
_MERGE_FIELDS: Final = Symbol("clientsmith.core.serialization", "merge_fields").code
_PATCH_FIELDS: Final = Symbol("clientsmith.core.patches", "patch_fields").code
_CONDITION_TYPES: Final = {
    "etag": builtin("str"),
    "match_condition": Symbol("clientsmith.core.conditions", "MatchConditions").code,
    "if_modified_since": attribute(Symbol("datetime").code, "datetime"),
    "if_unmodified_since": attribute(Symbol("datetime").code, "datetime"),
}
_ELLIPSIS: Final = (Evaluate(Code(("...",))),)
_OVERLOAD: Final = Symbol("typing", "overload").code
_BOUND: Final = Code(("self._bound",))  # what a child client was made with
_MERGED: Final = "body"  # the local variable for body and fields together; the naming pass keeps the name free


def method_functions(method: Method, colour: Colour, view: View) -> tuple[Function, ...]:
    """The method; before it an overload for each way to call it that looks different from Python."""
    bodies: list[Choice | None] = [*bodies_of(method, colour, view)] or [None]
    answers: list[Choice | None] = [*answers_of(method, view)] or [None]
    # Not each form of a body with each of an answer: beside the usual form an answer is one of all that there are.
    calls = [_Call(method, colour, view, bodies[0], answer) for answer in answers]
    calls += [_Call(method, colour, view, body, _any_of(answers)) for body in bodies[1:]]
    any_of = _Call(method, colour, view, _joined(bodies), _joined(answers))
    overloads = (call.function(_ELLIPSIS, None, (_OVERLOAD,)) for call in calls)
    return (*(overloads if len(calls) > 1 else ()), any_of.function(_body(any_of), method_docstring(method)))


def _any_of(choices: list[Choice | None]) -> Choice | None:
    """One choice of all media types."""
    joined, known = _joined(choices), [choice for choice in choices if choice is not None]
    return joined and replace(joined, media_types=tuple(named(known)))


def _joined(choices: list[Choice | None]) -> Choice | None:
    """What the implementation takes, or gives back: any of the choices."""
    known = [choice for choice in choices if choice is not None]
    if len(known) < 2:
        return choices[0]
    return replace(
        known[0],
        media_types=("*",),  # any text: which ones there are, the overloads say
        annotation=union(*(choice.annotation for choice in known)),
    )


@dataclass(frozen=True, slots=True)
class _Call:
    """One way to call a method: a signature."""

    method: Method
    colour: Colour
    view: View
    body: Choice | None
    answer: Choice | None

    def function(self, body: Block, docstring: Docstring | None, decorators: tuple[Code, ...] = ()) -> Function:
        method = self.method
        return Function(
            method.name,
            (SELF, *_arguments(self), options_argument(_options_of(method.kind))),
            _returns(self),
            body,
            docstring,
            is_async=self.colour.is_async and not method.kind.is_read_later,
            decorators=decorators,
        )


def options_argument(kind: str) -> Argument:
    """``**options: Unpack[CallOptions]``: what the runtime takes with every call."""
    unpacked = indexed(Symbol("typing", "Unpack").code, Symbol(_SETTINGS, kind).code)
    return Argument("options", unpacked, kind="keywords")


def _options_of(kind: Kind) -> str:
    match kind:
        case Kind.LIST:
            return "ListOptions"
        case Kind.BEGIN:
            return "PollOptions"
        case Kind.EVENTS:
            return "EventOptions"
        case Kind.DOWNLOAD:
            return "DownloadOptions"
        case Kind.CALL | Kind.EXISTS | Kind.LINES | Kind.HEADERS:
            return "CallOptions"
        case _:
            assert_never(kind)


def _returns(call: _Call) -> Code:
    method, colour, view = call.method, call.colour, call.view
    match method.kind:
        case Kind.LIST:
            return indexed(colour.pager.code, view.annotation(method.result))
        case Kind.BEGIN:
            return indexed(colour.poller.code, view.annotation(method.result))
        case Kind.EVENTS:
            event = Symbol(SYNC.streaming, "ServerSentEvent").code
            item = event if method.result is None else view.annotation(method.result)
            return indexed(Symbol(colour.streaming, "EventStream").code, item)
        case Kind.LINES:
            return indexed(Symbol(colour.streaming, "JsonLines").code, view.annotation(method.result))
        case Kind.DOWNLOAD:
            return Symbol(colour.streaming, "ByteStream").code
        case Kind.EXISTS:
            return builtin("bool")
        case Kind.HEADERS:
            return Symbol("clientsmith.core.rest", "Headers").code
        case Kind.CALL:
            return view.annotation(method.result) if call.answer is None else call.answer.annotation
        case _:
            assert_never(method.kind)


def _arguments(call: _Call) -> Iterator[Argument]:
    """Path parameters and a required body by position, everything else by keyword only."""
    method, view = call.method, call.view
    for name, parameter in method.positional.items():
        yield Argument(name, view.annotation(parameter.shape, given=True))
    yield from _body_argument(call)
    for name, choice in (("content_type", call.body), ("accept", call.answer)):
        if choice is not None:
            yield Argument(name, choice.type, value(choice.default) if choice.default else None, kind="keyword")
    yield from _form_fields(call)
    keyword = method.keyword
    for name, parameter in keyword.items():
        annotation = view.annotation(parameter.shape, given=True, optional=not parameter.required)
        yield Argument(name, annotation, _default_of(parameter), kind="keyword")
    for name, item in method.flattened.items():
        annotation = view.annotation(item.shape, given=True, optional=True)
        yield Argument(name, annotation, Symbol("clientsmith.core.models", "UNSET").code, kind="keyword")
    for name, required in method.conditions.items():
        annotation = _CONDITION_TYPES[name] if required else union(_CONDITION_TYPES[name], NONE)
        yield Argument(name, annotation, None if required else NONE, kind="keyword")


def _default_of(item: Parameter | Property) -> Code | None:
    """What an argument is if it is not given, None if it has to be."""
    if not item.required:
        return NONE
    return value(item.shape.value) if isinstance(item.shape, Literal) else None


def _form_fields(call: _Call) -> Iterator[Argument]:
    """The fields of a form: those that the service requires first, without a default."""
    body = call.method.operation.body
    if body is None or not call.method.gives_fields:
        return
    for name, item in sorted(call.method.fields.items(), key=lambda each: not each[1].required):
        annotation = field_type(item.shape, body.media_type, call.colour, call.view)
        annotation = annotation if item.required else union(annotation, NONE)
        yield Argument(name, annotation, _default_of(item), kind="keyword")


def _body_argument(call: _Call) -> Iterator[Argument]:
    method = call.method
    if method.body is None:
        return
    needed = method.body.required and not method.flattened
    usual = body_type(method.body.contents[0], call.colour, call.view)
    annotation = usual if call.body is None else call.body.annotation
    annotation = annotation if needed else union(annotation, NONE)
    kind = "positional" if needed or method.flattened else "keyword"
    yield Argument(method.body_name, annotation, None if needed else NONE, kind)


def _body(chosen: _Call) -> Block:
    method, colour, view = chosen.method, chosen.colour, chosen.view
    constant = attribute(colour.operations.code, method.constant)
    arguments = dictionary(_passed_on(chosen), spread=_BOUND if method.bound else None)
    keywords: dict[str, Code] = {"options": local("options")}
    if method.body is not None:
        keywords = {"body": local(_MERGED if method.flattened else method.body_name), **keywords}
    elif method.gives_fields:
        fields: dict[str | int, Code] = {item.wire_name: local(name) for name, item in method.fields.items()}
        keywords = {"body": dictionary(fields), **keywords}
    match method.kind:
        case Kind.LIST | Kind.EVENTS | Kind.LINES | Kind.DOWNLOAD:
            later = call(attribute(local("self"), _READ_LATER[method.kind]), constant, arguments, **keywords)
            return (*_merged(method, view), return_(later))
        case Kind.BEGIN:
            begin = call(attribute(local("self"), "_begin"), constant, arguments, **keywords)
            return (*_merged(method, view), return_(colour.awaited(begin)))
        case Kind.EXISTS:
            return _existence(colour, call(attribute(local("self"), "_call"), constant, arguments, **keywords))
        case Kind.CALL | Kind.HEADERS:
            sent = colour.awaited(call(attribute(local("self"), "_call"), constant, arguments, **keywords))
            return (*_merged(method, view), return_(sent) if _gives_something(method) else Evaluate(sent))
        case _:
            assert_never(method.kind)


def _passed_on(chosen: _Call) -> dict[str | int, Code]:
    """What the method hands to its operation beside the body."""
    method = chosen.method
    choices = (("accept", chosen.answer), ("content_type", chosen.body))
    given = (
        *method.positional,
        *method.keyword,
        *method.conditions,
        *(name for name, choice in choices if choice is not None),
    )
    passed: dict[str | int, Code] = {name: local(name) for name in given}
    if method.flattened and "etag" in method.conditions:
        passed["etag_of"] = local(method.body_name)  # a patch of the model has not its etag
    return passed


def _gives_something(method: Method) -> bool:
    return method.kind is Kind.HEADERS or method.result is not None or bool(method.answers)


def _merged(method: Method, view: View) -> Block:
    """``body = merge_fields(Model, item, {...})``: what is given explicitly wins (python-client-flatten-args).

    A merge patch is of what was changed in the model, no copy of it: ``patch_fields``.
    """
    model = method.body_model
    if not method.flattened or model is None:
        return ()
    fields = dictionary({field_name(item): local(name) for name, item in method.flattened.items()})
    merge = _PATCH_FIELDS if method.sends_merge_patch else _MERGE_FIELDS
    return (Assign(_MERGED, call(merge, view.reach(model), local(method.body_name), fields)),)


def _existence(colour: Colour, request: Code) -> Block:
    """True, or False for a 404; anything else that is no success is raised: then nobody knows."""
    missing = Symbol("clientsmith.core.errors", "ResourceNotFoundError").code
    handler = (return_(value(False)),)
    return (Try((Evaluate(colour.awaited(request)),), missing, handler), return_(value(True)))
