"""The media types that a caller chooses between: forms of a body by ``content_type``, of an answer by ``accept``.

Forms that look the same from Python are one choice: they share an annotation, and the argument is a literal of their
names. Choices that look different are overloads of one method.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from clientsmith.emit.code import NONE, Code, Symbol, builtin, indexed, union, value
from clientsmith.emit.colour import Colour
from clientsmith.emit.methods import Kind, Method
from clientsmith.emit.types import View
from clientsmith.model.ir import Array, Binary, Content, Nullable, Shape
from clientsmith.model.media import Format, essence, format_of

__all__ = ["Choice", "answers_of", "bodies_of", "body_type", "field_type", "named"]

# More names than this are no help in a signature; the docstring lists them.
_MOST_NAMES: Final = 8
_LITERAL: Final = Symbol("typing", "Literal").code
_OCTETS: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to call a method.

    Attributes:
        media_types: Those that look alike from Python.
        annotation: Of the body, or of what is returned.
        default: The one that is taken if the caller names none, "" if he has to.
    """

    media_types: tuple[str, ...]
    annotation: Code
    default: str = ""

    @property
    def type(self) -> Code:
        """The annotation of the argument that chooses."""
        if len(self.media_types) > _MOST_NAMES or any(name.endswith("*") for name in self.media_types):
            return builtin("str")
        return indexed(_LITERAL, *(value(name) for name in self.media_types))


def bodies_of(method: Method, colour: Colour, view: View) -> list[Choice]:
    """Return the forms in which a method takes its body, [] where there is nothing to choose."""
    forms = method.operation.body.contents if method.operation.body is not None else ()
    if len(forms) < 2 and not any(form.media_type.endswith("*") for form in forms):
        return []
    alike: dict[Code, list[str]] = {}
    for form in forms:
        alike.setdefault(body_type(form, colour, view), []).append(form.media_type)
    return [
        Choice(tuple(names), annotation, _default_of(names, forms) if number == 0 else "")
        for number, (annotation, names) in enumerate(alike.items())
    ]


def _default_of(names: list[str], forms: Iterable[Content]) -> str:
    """The first, but of bytes: a picture that is announced as another kind of picture is refused, or misread."""
    formats = {form.media_type: format_of(form.media_type, form.shape) for form in forms}
    if formats[names[0]] is not Format.BINARY:
        return names[0]
    return _OCTETS if _OCTETS in names else ""


def answers_of(method: Method, view: View) -> list[Choice]:
    """Return the forms that a method's answer can be asked for in, [] where there is nothing to choose."""
    alike: dict[Code, list[str]] = {}
    for media_type, shape in method.answers.items():
        annotation = NONE if method.kind is Kind.DOWNLOAD else view.annotation(shape)
        alike.setdefault(annotation, []).append(media_type)
    return [
        Choice(tuple(names), annotation, names[0] if number == 0 else "")
        for number, (annotation, names) in enumerate(alike.items())
    ]


def named(choices: list[Choice]) -> list[str]:
    """Return all media types, the default first."""
    return [name for choice in choices for name in choice.media_types]


def body_type(form: Content, colour: Colour, view: View) -> Code:
    """What a caller gives for a body of this form."""
    match format_of(form.media_type, form.shape):
        case Format.BINARY:
            return colour.binary_content.code
        case Format.TEXT | Format.EVENTS:
            return builtin("str")
        case Format.LINES:
            item = form.shape.item if isinstance(form.shape, Array) else form.shape
            return indexed(Symbol("collections.abc", "Iterable").code, view.annotation(item, given=True))
        case _:
            return view.annotation(form.shape, given=True)


def field_type(shape: Shape, media_type: str, colour: Colour, view: View) -> Code:
    """What a caller gives for a field of a form, or for a part of a multipart body: there a file is a file."""
    if not essence(media_type).startswith("multipart/"):
        return view.annotation(shape, given=True)
    match shape:
        case Binary():
            return colour.file_part.code
        case Array():
            # A tuple would be a file with its name.
            return indexed(builtin("list"), field_type(shape.item, media_type, colour, view))
        case Nullable():
            return union(field_type(shape.shape, media_type, colour, view), NONE)
        case _:
            return view.annotation(shape, given=True)
