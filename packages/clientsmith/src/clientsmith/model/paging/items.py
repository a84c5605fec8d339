"""Where the items of a list are in an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..ir import Model, Operation, Ref, Scalar, Shape, Union
from ..lookup import Shapes, array_item, bare
from ..verbs import own_words, path_words
from ..words import letters_of, plural, singular
from .answers import answer_of, list_of, parts_of
from .vocabulary import ITEMS, NOISE, WRAPPERS, is_envelope

__all__ = ["Items", "find_items", "item_properties"]

# `payload.data.items`: deeper is never the list itself.
_DEEPEST: Final = 3


@dataclass(frozen=True, slots=True)
class Items:
    """The list in an answer.

    Attributes:
        path: Wire names from the root of the body, () for the body itself.
        item: The shape of one.
        nouns: The words by which the operation calls its things, in both numbers.
        is_plain: Whether it stands where lists stand: the body itself, the only array there, or called like the things.
        is_called: Whether it is called like the things.
        is_usual: Whether it is called as lists are, or like the things, or is the body itself.
    """

    path: tuple[str, ...]
    item: Shape
    nouns: frozenset[str]
    is_plain: bool = True
    is_called: bool = False

    @property
    def is_usual(self) -> bool:
        return not self.path or self.is_called or letters_of(self.path[-1]) in ITEMS


def find_items(operation: Operation, shapes: Shapes) -> Items | None:
    """Return where the list is, None if the answer has none that stands out."""
    nouns = _nouns(operation)
    answer = answer_of(operation)
    if (item := list_of(answer)) is not None:
        return Items((), item, nouns)
    return _at_level(answer, (), nouns, shapes)


def _at_level(holder: Shape | None, path: tuple[str, ...], nouns: frozenset[str], shapes: Shapes) -> Items | None:
    parts = parts_of(holder, shapes)
    arrays = {name: item for name, part in parts.items() if (item := array_item(part.shape)) is not None}
    chosen = _choose(arrays, nouns, shapes)
    inner = _inner(holder, path, nouns, shapes) if len(path) < _DEEPEST else None
    # A list that is called like the things, one level down, is better than a nameless one here.
    if chosen and not (inner is not None and inner.is_called and not _is_name_of(chosen, nouns)):
        is_called = _is_name_of(chosen, nouns)
        others = [name for name in arrays if letters_of(name) not in NOISE]
        is_plain = is_called or letters_of(chosen) in ITEMS or others == [chosen]
        return Items((*path, chosen), arrays[chosen], nouns, is_plain, is_called)
    return inner


def _inner(holder: Shape | None, path: tuple[str, ...], nouns: frozenset[str], shapes: Shapes) -> Items | None:
    """Look one level down: into what only wraps, and into a page that is called like its items."""
    for name in _wrappers(holder, nouns, shapes):
        part = parts_of(holder, shapes)[name]
        found = _at_level(part.shape, (*path, name), nouns, shapes)
        if found is not None and found.is_plain:
            # `albums: {items: […]}` is as good as `albums: […]`.
            is_called = found.is_called or _is_name_of(name, nouns)
            return Items(found.path, found.item, nouns, found.is_plain, is_called)
    return None


def _wrappers(holder: Shape | None, nouns: frozenset[str], shapes: Shapes) -> Iterator[str]:
    parts = parts_of(holder, shapes)
    objects = [name for name, part in parts.items() if parts_of(part.shape, shapes) and not is_envelope(name)]
    for name in objects:
        inner = parts_of(parts[name].shape, shapes)
        lists = [key for key, part in inner.items() if array_item(part.shape) is not None]
        is_page = any(letters_of(key) in ITEMS for key in lists) and (len(parts) == 1 or _is_name_of(name, nouns))
        is_only = len(objects) == 1 and any(_is_name_of(key, nouns) for key in lists)
        if letters_of(name) in WRAPPERS or is_page or is_only:
            yield name


def _choose(arrays: dict[str, Shape], nouns: frozenset[str], shapes: Shapes) -> str:
    if not arrays:
        return ""
    if called := [name for name in arrays if _is_name_of(name, nouns)]:
        return called[0]
    others = [name for name in arrays if letters_of(name) not in NOISE] or list(arrays)
    if len(others) == 1:
        return others[0]
    for usual in ITEMS:
        if found := next((name for name in others if letters_of(name) == usual), ""):
            return found
    # Of the arrays of one answer the list is the one of objects.
    of_models = [name for name in others if not isinstance(bare(arrays[name]), Scalar)]
    return of_models[0] if len(of_models) == 1 and len(others) > 1 and _is_model(arrays[of_models[0]], shapes) else ""


def _is_model(shape: Shape, shapes: Shapes) -> bool:
    shape = bare(shape) or shape
    return isinstance(shape, Ref) and isinstance(shapes.get(shape.pointer), Model)


def _is_name_of(name: str, nouns: frozenset[str]) -> bool:
    return letters_of(name) in nouns


def _nouns(operation: Operation) -> frozenset[str]:
    """What the things are called: by the id, and by the last segments of the path that name something."""
    _verb, noun, _said = own_words(operation)
    runs = [list(noun), *path_words(operation.path)[-2:]]
    found: set[str] = set()
    for words in runs:
        # `list archived threads`: threads, and archived threads.
        for start in range(len(words)):
            found |= set(_numbers(words[start:]))
    return frozenset(found - {""})


def _numbers(words: Sequence[str]) -> Iterator[str]:
    head, last = "".join(words[:-1]), words[-1]
    for form in (last, plural(last), singular(last)):
        yield letters_of(head + form)


def item_properties(item: Shape, shapes: Shapes) -> frozenset[str]:
    """Return the wire names that every item has, of a union those that all members have."""
    shape = bare(item) or item
    if isinstance(shape, Union):
        names = [item_properties(member, shapes) for member in shape.members]
        return names[0].intersection(*names[1:]) if names else frozenset()
    return frozenset(parts_of(shape, shapes))
