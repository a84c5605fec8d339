"""A method called with everything that it requires: for examples in a README, and for generated tests."""

from __future__ import annotations

from typing import Final

from clientsmith.emit.bodies import has_choice
from clientsmith.emit.code import Code, Symbol, attribute, call, value
from clientsmith.emit.methods import Method
from clientsmith.emit.reach import owner_of
from clientsmith.emit.samples import sample_argument
from clientsmith.model.ir import Property, Scalar, ScalarKind
from clientsmith.model.media import Format, format_of

__all__ = ["sample_call"]

# What a service that requires a condition is told. Of those that compare etags, it reads one at least.
_CONDITIONS: Final = {
    "match_condition": attribute(Symbol("clientsmith.core.conditions", "MatchConditions").code, "IfNotModified"),
    "if_modified_since": sample_argument(Scalar(ScalarKind.DATETIME), {}),
    "if_unmodified_since": sample_argument(Scalar(ScalarKind.DATETIME), {}),
}


def sample_call(method: Method, client: Code) -> Code:
    """The method called with everything that it requires."""
    shapes = method.api.shapes
    arguments = [sample_argument(item.shape, shapes) for item in method.positional.values()]
    if method.body is not None and (method.flattened or method.body.required):
        arguments.append(sample_argument(method.body.shape, shapes))
    required = {name: item for name, item in method.keyword.items() if item.required}
    keywords = {name: sample_argument(item.shape, shapes) for name, item in required.items()}
    keywords |= {name: _CONDITIONS[name] for name, is_required in method.conditions.items() if is_required}
    keywords |= {name: sample_argument(item.shape, shapes) for name, item in _needed_fields(method).items()}
    body = method.operation.body
    is_file = body is not None and format_of(body.media_type, body.shape) is Format.BINARY
    if body is not None and is_file and body.required and has_choice(body):  # no kind of file is the usual one
        keywords["content_type"] = value(body.media_type.replace("*", "png"))
    if "match_condition" in keywords:
        keywords["etag"] = value('"1"')
    owner = owner_of(method, client, lambda item: sample_argument(item.shape, shapes))
    return call(attribute(owner, method.name), *arguments, **keywords)


def _needed_fields(method: Method) -> dict[str, Property]:
    """The fields of a form without which there is no call."""
    return {name: item for name, item in method.fields.items() if item.required} if method.gives_fields else {}
