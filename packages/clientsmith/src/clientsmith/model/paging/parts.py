"""What a request can ask for, and what an answer tells: the parts from which a paging scheme is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ..ir import (
    AnyShape,
    Array,
    Location,
    Map,
    Model,
    NamedShape,
    Nullable,
    Operation,
    Parameter,
    Property,
    Ref,
    Scalar,
    ScalarKind,
    Shape,
    Union,
)
from ..lookup import Shapes, array_item, bare, properties_of
from ..words import letters_of
from .answers import answer_of, any_parts_of, parts_of
from .items import Items
from .vocabulary import CURSORS, OFFSETS, PAGE_SIZES, PAGES, is_envelope, is_total, spellings

__all__ = ["COMMON_FORMATS", "Asked", "Parts", "Told", "format_word", "is_number", "is_text", "known_parts"]

# Deep enough for `meta.pagination.links.next.href`.
_DEEPEST: Final = 5
_STEPS_ON: Final = frozenset({"next", "nextpage", "pages", "after"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of the request that the caller may leave out or not: a parameter, or a field of the body."""

    name: str  # as it travels
    location: str  # query, header, body
    shape: Shape
    required: bool = False
    description: str = ""
    default: Any = None
    minimum: float | None = None
    body_path: tuple[str, ...] = ()  # the object in the body that has it

    @property
    def words(self) -> tuple[str, ...]:
        return spellings(self.name)

    def says(self, pattern: str) -> bool:
        """Whether its description or its format does; ``pattern`` is for lower case."""
        return re.search(pattern, _text_of(self.description, self.shape)) is not None

    def is_called(self, names: Iterable[str]) -> str:
        """Return the spelling of its name that is in ``names``, "" if none is."""
        return next((word for word in self.words if word in names), "")


class Told(NamedTuple):
    """A part of the answer: a field of the body, or a header field."""

    path: tuple[str, ...]  # () for a header field
    shape: Shape
    description: str = ""
    header: str = ""

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else self.header

    @property
    def letters(self) -> str:
        return letters_of(self.name.removeprefix("X-").removeprefix("x-"))

    @property
    def around(self) -> str:
        """The letters of what it stands in, "" at the top."""
        return letters_of(self.path[-2]) if len(self.path) > 1 else ""

    @property
    def shown(self) -> str:
        return f"the field {'.'.join(self.path)!r}" if self.path else f"the response header {self.header!r}"

    def says(self, pattern: str) -> bool:
        """Whether its description or its format does; ``pattern`` is for lower case."""
        return re.search(pattern, _text_of(self.description, self.shape)) is not None


@dataclass(frozen=True, slots=True)
class Parts:
    """Both sides of an operation, and what its list is of."""

    items: Items
    asked: tuple[Asked, ...]
    told: tuple[Told, ...]
    description: str = ""  # of the operation
    is_of_one: bool = False  # the path ends in a parameter, as that of one thing does

    def fields(self, *, text: bool = False, number: bool = False, flag: bool = False) -> Iterator[Told]:
        """Yield what is told that may be text, a number or a flag, as one asks."""
        for field in self.told:
            fits = (text and is_text(field.shape)) or (number and is_number(field.shape))
            if fits or (flag and is_flag(field.shape)) or (field.header and (text or number or flag)):
                yield field


def known_parts(operation: Operation, items: Items, shapes: Shapes) -> Parts:
    """Gather what may be asked and what is told beside the items, the nearest to the top first."""
    asked = [_of_parameter(p) for p in operation.parameters if p.location in (Location.QUERY, Location.HEADER)]
    if operation.body is not None:
        asked += _of_body(operation.body.shape, shapes)
    found = _fields(answer_of(operation), items.path, shapes)
    headers = [name for response in operation.responses for name in response.headers]
    # The type of a header field is not kept: its value is text that may hold a number.
    told = [*sorted(found, key=lambda field: len(field.path))]
    told += [Told((), AnyShape(), header=name) for name in dict.fromkeys(headers)]
    path = operation.path.partition("?")[0].partition("#")[0].rstrip("/")
    is_of_one = re.search(r"/{[^{}]+}$", path) is not None
    return Parts(items, tuple(asked), tuple(told), operation.description, is_of_one)


def _of_parameter(parameter: Parameter) -> Asked:
    return Asked(
        parameter.wire_name,
        parameter.location.value,
        parameter.shape,
        parameter.required,
        parameter.description,
        parameter.default,
        parameter.constraints.minimum,
    )


def _of_body(shape: Shape, shapes: Shapes) -> Iterator[Asked]:
    for name, part in properties_of(shape, shapes).items():
        inner = properties_of(part.shape, shapes)
        if inner and is_envelope(name):
            yield from (_of_property(deeper, (name,)) for deeper in inner.values())
        elif not inner:
            yield _of_property(part, ())


def _of_property(part: Property, body_path: tuple[str, ...]) -> Asked:
    return Asked(
        part.wire_name,
        "body",
        part.shape,
        part.required,
        part.description,
        part.default,
        part.constraints.minimum,
        body_path,
    )


def _fields(shape: Shape | None, items_path: tuple[str, ...], shapes: Shapes) -> Iterator[Told]:
    """Yield the fields beside the items: of the answer, of what holds the items, and of envelopes."""
    pending: list[tuple[tuple[str, ...], Shape | None, bool]] = [((), shape, False)]
    seen: set[tuple[str, ...]] = set()
    while pending:
        path, holder, is_inside = pending.pop(0)
        parts = any_parts_of(holder, shapes) if is_inside else parts_of(holder, shapes)
        for name, part in parts.items():
            here = (*path, name)
            if here in seen or len(here) > _DEEPEST:
                continue
            seen.add(here)
            if _is_link_list(part.shape, name, shapes) or not _is_nested(part.shape, shapes):
                yield Told(here, part.shape, part.description)
                continue
            on_the_way = here == items_path[: len(here)] and here != items_path
            goes_on = is_inside and (letters_of(name) in _STEPS_ON | CURSORS or is_envelope(name))
            is_about = is_envelope(name) or (not path and _tells_of_pages(part.shape, shapes))
            if on_the_way or is_about or goes_on or (name == "next" and not path):
                pending.append((here, part.shape, is_inside or is_about))


def _tells_of_pages(shape: Shape, shapes: Shapes) -> bool:
    """Whether an object of any name has a number of all items beside a place or a size."""
    names = list(parts_of(shape, shapes))
    words = {letters_of(name) for name in names}
    return any(is_total(name) for name in names) and bool(words & (OFFSETS | PAGES | PAGE_SIZES))


def _is_link_list(shape: Shape, name: str, shapes: Shapes) -> bool:
    """`links: [{rel: next, href: …}]`, the only list that leads on."""
    item = array_item(shape)
    if item is None or not letters_of(name).endswith(("links", "link")):
        return False
    names = {letters_of(key) for key in properties_of(item, shapes)}
    return bool(names & {"rel", "relation"}) and bool(names & {"href", "url", "uri"})


def _is_nested(shape: Shape, shapes: Shapes) -> bool:
    shape = bare(shape) or shape
    if isinstance(shape, Union):
        return all(_is_nested(member, shapes) for member in shape.members)
    return isinstance(shape, Array | Map) or _is_model(shape, shapes)


def _is_model(shape: Shape, shapes: dict[str, NamedShape] | Shapes) -> bool:
    return isinstance(shape, Ref) and isinstance(shapes.get(shape.pointer), Model)


def _text_of(description: str, shape: Shape) -> str:
    inner = bare(shape)
    return f"{description} {inner.format if isinstance(inner, Scalar) else ''}".lower()


# --- kinds -----------------------------------------------------------------------------------------------------------


def is_text(shape: Shape) -> bool:
    """Whether a value may be text; one without a type may be anything."""
    return _may_be(shape, (ScalarKind.STRING, ScalarKind.UUID))


def is_number(shape: Shape) -> bool:
    """Whether a value may be a number; one without a type may be anything."""
    return _may_be(shape, (ScalarKind.INTEGER, ScalarKind.NUMBER))


def _may_be(shape: Shape, kinds: tuple[ScalarKind, ...]) -> bool:
    match shape:
        case Nullable(inner):
            return _may_be(inner, kinds)
        case Union():
            return any(_may_be(member, kinds) for member in shape.members)
        case Scalar():
            return shape.kind in kinds
        case _:
            return isinstance(shape, AnyShape)


def is_flag(shape: Shape) -> bool:
    """Whether a value is a boolean."""
    shape = bare(shape) or shape
    return isinstance(shape, Scalar) and shape.kind is ScalarKind.BOOLEAN


def format_word(shape: Shape) -> str:
    shape = bare(shape) or shape
    return shape.format if isinstance(shape, Scalar) else ""


COMMON_FORMATS: Final = frozenset(
    {"", "int32", "int64", "string", "integer", "int", "long", "number", "double", "float"}
)
