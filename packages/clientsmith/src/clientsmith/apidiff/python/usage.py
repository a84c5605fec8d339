"""Which classes callers hand over, and which only come back: a new field is a duty there, and a gift here."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .facts import Attribute, Class, Function, Signature
from .library import Library, parsed
from .surface import Surface, is_public_member

__all__ = ["Usage"]


@dataclass(slots=True)
class Usage:
    """Answers for one library; it is looked through once, when the first question comes."""

    surface: Surface
    _given: set[int] | None = None
    _returned: set[int] = field(default_factory=set[int])

    def is_given(self, cls: Class) -> bool:
        """Whether a public function takes such objects, or has nothing to do with them at all."""
        self._look()
        return id(cls) in (self._given or ()) or id(cls) not in self._returned

    def only_given(self, cls: Class) -> bool:
        """Whether public functions take such objects, and none returns them."""
        self._look()
        return id(cls) in (self._given or ()) and id(cls) not in self._returned

    def _look(self) -> None:
        if self._given is not None:
            return
        library = self.surface.library
        given: list[Class] = []
        returned: list[Class] = []
        for function, scope in _public_functions(self.surface):
            for signature in (function.signature, *function.overloads):
                given += _classes(library, _taken(signature), function.module, scope)
                if signature.returns is not None:
                    returned += _classes(library, [signature.returns], function.module, scope)
        self._given, self._returned = _reached(library, given), _reached(library, returned)


def _public_functions(surface: Surface) -> Iterator[tuple[Function, Class | None]]:
    """Yield public functions, and the methods of public classes with the class that defines them; each once."""
    left: list[tuple[object, Class | None]] = [(target, None) for target in surface.names.values()]
    seen: set[int] = set()
    while left:
        target, owner = left.pop()
        if id(target) in seen:
            continue
        seen.add(id(target))
        if isinstance(target, Function):
            yield target, owner
        elif isinstance(target, Class):
            for name, (member, definer) in surface.library.members_of(target).items():
                if name in ("__init__", "__new__") or is_public_member(name, member):
                    left.append((member, definer))


def _taken(signature: Signature) -> list[ast.expr]:
    return [one.annotation for one in signature.parameters if one.annotation is not None]


def _reached(library: Library, start: Iterable[Class]) -> set[int]:
    """Return classes and those that their fields hold."""
    found: set[int] = set()
    left = list(start)
    while left:
        cls = left.pop()
        if id(cls) in found:
            continue
        found.add(id(cls))
        left += (one for one in library.line_of(cls)[1:] if isinstance(one, Class))
        for member in cls.members.values():
            if isinstance(member, Attribute) and member.annotation is not None:
                left += _classes(library, [member.annotation], cls.module, cls)
    return found


def _classes(
    library: Library, annotations: Iterable[ast.expr], module: str, scope: Class | None, depth: int = 0
) -> list[Class]:
    found: list[Class] = []
    for annotation in annotations:
        for node in ast.walk(annotation):
            target = None
            if isinstance(node, ast.Name | ast.Attribute):
                target = library.resolve(module, node, scope)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 2000:
                inner = parsed(node.value)
                if depth < 3 and inner is not None:
                    found += _classes(library, [inner], module, scope, depth + 1)
            if isinstance(target, Class):
                found.append(target)
            elif isinstance(target, Attribute) and target.value is not None and depth < 10:  # an alias
                found += _classes(library, [target.value], target.module, None, depth + 1)
    return found
