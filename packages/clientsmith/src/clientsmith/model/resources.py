"""Resources that deserve a client of their own: `/repos/{owner}/{repo}` and all that lies below it.

A path parameter that a whole subtree shares says of which thing its operations speak. A child client that is made with
it spares everybody the argument; but only where there is such a thing (an operation addresses it), and enough below it
to be worth a class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .division import segments
from .ir import Location, Model, NamedShape, Operation, Parameter, Ref, Scalar, ScalarKind, Shape
from .lookup import bare, template_names
from .words import singular, split_words

__all__ = ["Resource", "rebound", "resources_of"]

# Operations below, and kinds of things among them, that are worth a child client; and a child of a child.
_WORTH: Final = ((12, 3), (20, 2))
_WORTH_BELOW_ANOTHER: Final = ((30, 3),)
_TAKEN: Final = {
    ScalarKind.STRING: (ScalarKind.STRING, ScalarKind.INTEGER, ScalarKind.NUMBER),
    ScalarKind.NUMBER: (ScalarKind.NUMBER, ScalarKind.INTEGER),
    ScalarKind.INTEGER: (ScalarKind.INTEGER,),
}
# "repos" is short for the first word of its model that begins so: "repository".
_SHORTEST_STEM: Final = 3


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing that a chain of path parameters addresses, and the operations on it and below it.

    Attributes:
        prefix: Its path, in segments.
        name: What it is called, in the singular.
        bound: The parameters that address it, from the left; those of a client around it are not among them.
        operations: The operations, their paths and parameters in one spelling.
        evidence: Why it is one.
    """

    prefix: tuple[str, ...]
    name: str
    bound: tuple[Parameter, ...]
    operations: tuple[Operation, ...]
    evidence: str


def resources_of(
    operations: Sequence[Operation], shapes: Mapping[str, NamedShape], around: tuple[str, ...] = ()
) -> list[Resource]:
    """Return the resources among ``operations``, none below another; ``around`` is the path of the client above."""
    found: list[Resource] = []
    for prefix in sorted(_prefixes(operations, around), key=lambda one: (len(one), one)):
        if not any(prefix[: len(other.prefix)] == other.prefix for other in found):
            resource = _resource(prefix, operations, shapes, around)
            found += [resource] if resource is not None else []
    return found


def rebound(
    operation: Operation, prefix: tuple[str, ...], bound: Sequence[Parameter], skipped: int
) -> Operation | None:
    """Return the operation with the parameters of ``prefix`` called as ``bound`` calls them, None if it cannot be.

    The names in a path template do not travel, so `/repos/{template_owner}/generate` may call it `{owner}`.
    """
    names = template_names(operation.path)[skipped : skipped + len(bound)]
    own = {item.wire_name: item for item in operation.parameters if item.location is Location.PATH}
    wanted = [item.wire_name for item in bound]
    has_all = len(names) == len(bound) and all(name in own for name in names)
    if segments(operation.path)[: len(prefix)] != prefix or not has_all:
        return None
    if not all(_takes(own[name].shape, item.shape) for name, item in zip(names, bound, strict=True)):
        return None
    if names == wanted:
        return operation
    if set(wanted) & (own.keys() - set(names)):  # the name means something else further on
        return None
    renamed = dict(zip(names, wanted, strict=True))
    path = operation.path
    for name in names:
        path = path.replace(f"{{{name}}}", f"{{\0{renamed[name]}}}")
    parameters = tuple(
        replace(item, wire_name=renamed.get(item.wire_name, item.wire_name)) if item.location is Location.PATH else item
        for item in operation.parameters
    )
    said = operation.document_path or operation.path
    return replace(operation, path=path.replace("\0", ""), parameters=parameters, document_path=said)


def _prefixes(operations: Sequence[Operation], around: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Return every path that ends in a parameter, and that an operation addresses."""
    paths = {segments(one.path) for one in operations}
    whole = {path for path in paths if all(part == "{}" or "{" not in part for part in path)}
    return {path for path in whole if path[-1:] == ("{}",) and path[: len(around)] == around and path != around}


def _resource(
    prefix: tuple[str, ...],
    operations: Sequence[Operation],
    shapes: Mapping[str, NamedShape],
    around: tuple[str, ...],
) -> Resource | None:
    below = [one for one in operations if segments(one.path)[: len(prefix)] == prefix]
    skipped, count = around.count("{}"), prefix.count("{}") - around.count("{}")
    bound = _bound(below, skipped, count)
    fitting = [changed for one in below if (changed := rebound(one, prefix, bound, skipped)) is not None]
    kinds = {path[len(prefix)] for one in fitting if len(path := segments(one.path)) > len(prefix)}
    worth = _WORTH_BELOW_ANOTHER if around else _WORTH
    has_item = any(segments(one.path) == prefix for one in fitting)
    is_chain = prefix[-count:] == ("{}",) * count  # `/a/{x}/b/{y}` is a thing below a thing
    if not bound or not has_item or not is_chain:
        return None
    if not any(len(fitting) >= least and len(kinds) >= kinds_needed for least, kinds_needed in worth):
        return None
    much = f"with {len(fitting)} operations on it and on {len(kinds)} kinds below it"
    evidence = f"{'/'.join(('', *prefix))} is a thing of its own, {much}"
    return Resource(prefix, _name(prefix, fitting, bound, shapes), bound, tuple(fitting), evidence)


def _bound(below: Sequence[Operation], skipped: int, count: int) -> tuple[Parameter, ...]:
    """The parameters of the prefix as most operations call them; of those, as the item's own operation has them."""
    spellings = Counter(tuple(template_names(one.path)[skipped : skipped + count]) for one in below)
    if not spellings:
        return ()
    names = max(sorted(spellings), key=lambda one: spellings[one])
    for one in sorted(below, key=lambda one: (len(segments(one.path)), one.method != "GET", one.path)):
        own = {item.wire_name: item for item in one.parameters if item.location is Location.PATH}
        if all(name in own for name in names) and len(set(names)) == count:
            return tuple(own[name] for name in names)
    return ()


def _takes(own: Shape, bound: Shape) -> bool:
    """Whether every value of ``bound`` can be sent as ``own``: a number as text, but no text as a number."""
    if own == bound:
        return True
    if not isinstance(own, Scalar) or not isinstance(bound, Scalar) or own.spelling or bound.spelling:
        return False
    return bound.kind in _TAKEN.get(own.kind, ())


def _name(
    prefix: tuple[str, ...],
    operations: Sequence[Operation],
    bound: Sequence[Parameter],
    shapes: Mapping[str, NamedShape],
) -> str:
    words = next((split_words(part) for part in reversed(prefix) if "{" not in part and split_words(part)), list[str]())
    if not words:
        words = [word for word in split_words(bound[-1].wire_name) if word not in ("id", "name")] or ["item"]
    words = [*words[:-1], singular(words[-1])]
    return " ".join([*words[:-1], _spelt_out(words[-1], _item_words(prefix, operations, shapes))])


def _item_words(
    prefix: tuple[str, ...], operations: Sequence[Operation], shapes: Mapping[str, NamedShape]
) -> Iterator[str]:
    """The words of the models that the item's own operations answer with."""
    for one in operations:
        shape = bare(one.returns)
        if one.method == "GET" and segments(one.path) == prefix and isinstance(shape, Ref):
            named = shapes.get(shape.pointer)
            if isinstance(named, Model):
                yield from split_words(named.wire_name)


def _spelt_out(word: str, words: Iterator[str]) -> str:
    longer = [other for other in words if other.startswith(word) and len(word) >= _SHORTEST_STEM]
    return max(longer, key=len) if longer else word
