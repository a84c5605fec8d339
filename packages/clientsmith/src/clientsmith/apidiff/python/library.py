"""`Library`: all modules of a distribution, and what their names mean. Only what is in the distribution is followed."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from clientsmith.distributions import Distribution

from .extracting import extract
from .facts import Attribute, Class, Definition, Function, Import, Member, Module

__all__ = ["Cache", "External", "Library", "Target", "load", "parsed"]

# A module's facts by its bytes, name and place: consecutive releases share most of theirs.
Cache = dict[tuple[bytes, str, str], Module]

_BUILTINS: Final = frozenset(dir(builtins))
# The largest package that we know has 6,000 modules, its largest module 4 MB.
_MOST_MODULES: Final = 50_000
_MOST_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class External:
    """What another distribution, or Python itself, defines: ``typing.Any``, ``builtins.int``."""

    path: str


Target = Function | Attribute | Class | Module | External


def load(distribution: Distribution, cache: Cache) -> Library:
    """Read all modules of a distribution; a stub (.pyi) tells more than the module beside it, and wins."""
    modules: dict[str, Module] = {}
    for name, file, is_package in _files(distribution):
        module = _read(name, file, distribution.root, cache, is_package=is_package)
        known = modules.get(name)
        modules[name] = module if known is None else _merged(module, known)
    return Library(modules, distribution.packages)


def _files(distribution: Distribution) -> Iterator[tuple[str, Path, bool]]:
    """Yield modules with their names, each stub after the module that it is of."""
    left = _MOST_MODULES
    for root, place in distribution.packages.items():
        if place.is_file():
            yield root, place, False
            if (stub := place.with_suffix(".pyi")).is_file() and stub != place:
                yield root, stub, False
            continue
        files = (path for ending in (".py", ".pyi") for path in sorted(place.rglob(f"*{ending}")))
        for path in files:
            parts = path.relative_to(place).with_suffix("").parts
            if not all(part.isidentifier() for part in parts) or path.is_symlink() or not path.is_file():
                continue
            left -= 1
            if left < 0:
                return
            is_package = parts[-1] == "__init__"
            yield ".".join([root, *(parts[:-1] if is_package else parts)]), path, is_package


def _read(name: str, file: Path, root: Path, cache: Cache, *, is_package: bool) -> Module:
    shown = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
    if file.stat().st_size > _MOST_BYTES:
        return Module(name, shown, is_package, {}, problem=f"it is larger than {_MOST_BYTES // 1024**2} MiB")
    content = file.read_bytes()
    key = (content, name, shown)
    if key not in cache:
        cache[key] = extract(content, name, shown, is_package=is_package)
    return cache[key]


def _merged(stub: Module, module: Module) -> Module:
    if stub.problem:
        return module
    return Module(
        stub.name, stub.file, stub.is_package, {**module.members, **stub.members},
        stub.exports if stub.exports is not None else module.exports,
        (*stub.stars, *module.stars), module.docstring, "", None, stub.export_line, stub.submodule_exports,
    )  # fmt: skip


class Library:
    """Modules by name, and what names in them mean. Answers are remembered."""

    def __init__(self, modules: Mapping[str, Module], roots: Iterable[str]) -> None:
        self.modules, self.roots = modules, tuple(roots)
        self._found: dict[tuple[str, str], Target | None] = {}
        self._star_names: dict[str, frozenset[str]] = {}
        self._lines: dict[int, tuple[Class | External, ...]] = {}
        self._members: dict[int, Mapping[str, tuple[Definition, Class]]] = {}

    # --- names ---

    def lookup(self, module: str, name: str) -> Target | None:
        """Return what a name in a module means, None if that cannot be told."""
        key = (module, name)
        if key not in self._found:
            self._found[key] = None  # where imports go in a circle
            self._found[key] = self._lookup(module, name)
        return self._found[key]

    def _lookup(self, module: str, name: str) -> Target | None:
        home = self.modules.get(module)
        if home is None:
            return self.modules.get(f"{module}.{name}") or (None if self.has(module) else External(f"{module}.{name}"))
        member = home.members.get(name)
        if isinstance(member, Import):
            return self._imported(member)
        if isinstance(member, Attribute):
            return self._renamed(member) or member
        if member is not None:
            return member
        for star in reversed(home.stars):
            if star in self.modules and name in self.star_names(star):
                return self.lookup(star, name)
        return self.modules.get(f"{module}.{name}")

    def _renamed(self, attribute: Attribute) -> Function | Class | None:
        """Return what ``name = other`` gives a second name, None where it is a value."""
        if attribute.annotation is not None or not isinstance(attribute.value, ast.Name | ast.Attribute):
            return None
        target = self.resolve(attribute.module, attribute.value)
        return target if isinstance(target, Function | Class) else None

    def _imported(self, member: Import) -> Target | None:
        if member.attribute:
            # ``from . import types`` in the package itself: there is no other such name than the module's.
            found = self.lookup(member.module, member.attribute)
            return found or self.modules.get(f"{member.module}.{member.attribute}")
        return self.modules.get(member.module) or (None if self.has(member.module) else External(member.module))

    def has(self, module: str) -> bool:
        """Whether a module would be one of this distribution, if there were such a module."""
        return any(module == root or module.startswith(f"{root}.") for root in self.roots)

    def exports(self, module: Module) -> tuple[str, ...] | None:
        """Return the names of ``__all__``, with those of the modules whose own are added to it."""
        if module.exports is None:
            return None
        names = list(module.exports)
        for alias in module.submodule_exports:
            target = self.lookup(module.name, alias)
            if not isinstance(target, Module) or target is module or target.exports is None:
                return None
            names += target.exports
        return tuple(dict.fromkeys(names))

    def star_names(self, module: str) -> frozenset[str]:
        """Return what ``from module import *`` brings that is of this distribution."""
        if module not in self._star_names:
            self._star_names[module] = frozenset()  # where modules star each other
            home = self.modules[module]
            names = self.exports(home)
            if names is None:
                own = {name for name, member in home.members.items() if self._is_own(member)}
                own.update(*(self.star_names(star) for star in home.stars if star in self.modules))
                names = tuple(name for name in own if not name.startswith("_"))
            self._star_names[module] = frozenset(names)
        return self._star_names[module]

    def _is_own(self, member: Member) -> bool:
        return not isinstance(member, Import) or member.is_explicit or self.has(member.module)

    # --- expressions ---

    def resolve(self, module: str, expression: ast.expr, scope: Class | None = None) -> Target | None:
        """Return what a dotted name means where it stands: in a module, or in the body of a class."""
        match expression:
            case ast.Name(id=name):
                inner = scope.members.get(name) if scope is not None else None
                if inner is not None and not isinstance(inner, Import | Function):
                    return inner
                found = self.lookup(module, name)
                if found is None and name in _BUILTINS:
                    return External(f"builtins.{name}")
                return found
            case ast.Attribute(value=value, attr=attribute):
                return self._attribute(self.resolve(module, value, scope), attribute)
            case ast.Constant(value=str(text)):
                quoted = parsed(text)
                return self.resolve(module, quoted, scope) if quoted is not None else None
            case _:
                return None

    def _attribute(self, base: Target | None, name: str) -> Target | None:
        match base:
            case Module():
                return self.lookup(base.name, name)
            case External(path=path):
                return External(f"{path}.{name}")
            case Class():
                found = self.members_of(base).get(name)
                return found[0] if found else None
            case _:
                return None

    # --- classes ---

    def line_of(self, cls: Class) -> tuple[Class | External, ...]:
        """Return a class and all that it inherits from, nearest first; of others' classes only the names."""
        known = self._lines.get(id(cls))
        if known is None:
            self._lines[id(cls)] = (cls,)  # where classes inherit in a circle
            found: list[Class | External] = [cls]
            for base in cls.bases:
                expression = base.value if isinstance(base, ast.Subscript) else base
                target = self.resolve(cls.module, expression)
                if isinstance(target, Class):
                    found += self.line_of(target)
                elif isinstance(target, External):
                    found.append(target)
                else:
                    found.append(External(f"?.{ast.unparse(expression)}"))
            # In a diamond the common base comes after all that inherit from it.
            known = self._lines[id(cls)] = tuple(reversed(list(dict.fromkeys(reversed(found)))))
        return known

    def members_of(self, cls: Class) -> Mapping[str, tuple[Definition, Class]]:
        """Return the members of a class, inherited ones too, each with the class that defines it."""
        known = self._members.get(id(cls))
        if known is None:
            found: dict[str, tuple[Definition, Class]] = {}
            for one in reversed(self.line_of(cls)):
                if isinstance(one, Class):
                    for name, member in one.members.items():
                        if not isinstance(member, Import):
                            earlier = found.get(name)
                            if earlier and isinstance(member, Attribute) and _says_nothing_new(member, earlier[0]):
                                continue
                            found[name] = (member, one)
            for name, (member, one) in list(found.items()):
                if isinstance(member, Attribute) and isinstance(member.value, ast.Name):
                    other = found.get(member.value.id)  # ``get_all = list``
                    if other is not None and isinstance(other[0], Function):
                        found[name] = (other[0], one)
            known = self._members[id(cls)] = found
        return known

    def is_closed(self, cls: Class) -> bool:
        """Whether all that a class inherits from is known here, or is Python's own."""
        return all(isinstance(one, Class) or one.path.startswith(_KNOWN) for one in self.line_of(cls))


_KNOWN: Final = ("builtins.", "typing.", "typing_extensions.", "abc.", "enum.", "collections.abc.")


def _says_nothing_new(member: Attribute, earlier: Definition) -> bool:
    """Whether a constructor only sets what a base declares."""
    return member.is_instance and member.annotation is None and isinstance(earlier, Attribute | Function)


@lru_cache(maxsize=50_000)
def parsed(text: str) -> ast.expr | None:
    """Return the expression that a quoted annotation has in it, None for what is none."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
