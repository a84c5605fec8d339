"""What of a library is public, and by which names.

- A module is, unless a part of its name begins with an underscore, or it holds tests.
- ``__all__`` is the whole list of a module's names, where there is one that can be told without running it.
- Else all that the module defines without an underscore is, and what it imports as itself (``from x import y as y``,
  PEP 484). A package's ``__init__`` exposes what it imports from the package's own modules, as PEP 8 has it.
- What a private module defines is public by the names under which public modules give it.
- Of a class: members without an underscore, and the methods of Python's own protocols; inherited ones too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .facts import Attribute, Class, Function, Import, Member, Module
from .library import External, Library, Target

__all__ = ["Surface", "is_public_member", "surface_of"]

# ``object`` has these anyway, or they say nothing to callers.
_NO_API = frozenset({
    "__repr__", "__str__", "__hash__", "__eq__", "__ne__", "__init_subclass__", "__getattribute__",
    "__getattr__", "__setattr__", "__delattr__", "__dir__", "__format__", "__sizeof__", "__reduce__",
    "__reduce_ex__", "__class__", "__new__", "__init__", "__slots__", "__module__", "__doc__", "__qualname__",
    "__annotations__", "__dict__", "__weakref__", "__del__", "__post_init__", "__attrs_post_init__",
    "__match_args__", "__getstate__", "__setstate__", "__subclasshook__", "__class_getitem__", "__all__",
    "__version__", "__author__", "__orig_bases__", "__copy__", "__deepcopy__", "__getnewargs__",
    "__pydantic_config__", "__get_pydantic_core_schema__", "__rich_repr__", "__set_name__", "__fspath_repr__",
    "__abstractmethods__", "__signature__", "__title__", "__path__", "__dataclass_fields__",
})  # fmt: skip
_TESTS = frozenset({"tests", "test", "conftest", "__main__"})


@dataclass(slots=True)
class Surface:
    """Public names and what they mean; and the shortest public name of each definition."""

    library: Library
    names: dict[str, Target] = field(default_factory=dict[str, Target])
    places: dict[str, tuple[str, int | None]] = field(default_factory=dict[str, tuple[str, int | None]])
    paths: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    exported: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def path_of(self, definition: Target) -> str:
        """Return the shortest public name of a definition, "" if it has none."""
        paths = self.paths.get(id(definition))
        return min(paths, key=lambda path: (path.count("."), path)) if paths else ""


def surface_of(library: Library) -> Surface:
    """Return all public names of a library's modules; those of members of classes are asked for later."""
    surface = Surface(library)
    for module in library.modules.values():
        if _is_public_module(module.name):
            _expose(surface, module, module.name, frozenset())
    for path, target in surface.names.items():
        surface.paths.setdefault(id(target), []).append(path)
    return surface


def _expose(surface: Surface, module: Module, path: str, above: frozenset[str]) -> None:
    surface.names.setdefault(path, module)
    surface.places.setdefault(path, (module.file, 1))
    exports = surface.library.exports(module)
    if exports is not None:
        surface.exported[path] = exports
    for name, line in _public_names(surface.library, module, exports):
        target = surface.library.lookup(module.name, name)
        inner = f"{path}.{name}"
        if target is None:
            # Listed, but made when the module runs (``__getattr__``, ``globals()``): only the name is known.
            target = External(f"?.{name}")
        if isinstance(target, Module):
            is_elsewhere = target.name != inner and target.name not in above
            if is_elsewhere and (not _is_public_module(target.name) or exports is not None):
                _expose(surface, target, inner, above | {module.name, target.name})
            continue
        surface.names[inner] = target
        surface.places[inner] = (module.file, line)


def _public_names(
    library: Library, module: Module, exports: tuple[str, ...] | None
) -> Iterator[tuple[str, int | None]]:
    if exports is not None:
        for name in exports:
            member = module.members.get(name)
            yield name, member.line if member is not None else module.export_line
        return
    for name, member in module.members.items():
        if not name.startswith("_") and _is_exposed(library, module, member):
            yield name, member.line
    for star in module.stars:
        if star in library.modules:
            yield from ((name, 1) for name in sorted(library.star_names(star)) if not name.startswith("_"))


def _is_exposed(library: Library, module: Module, member: Member) -> bool:
    if not isinstance(member, Import):
        return True
    if member.is_explicit:
        return True
    if not module.is_package or not library.has(member.module) or not member.attribute:
        return False
    # ``from . import errors`` is for the package's own use, unless nothing else makes it public: it is public already.
    return not isinstance(library.lookup(module.name, member.name), Module)


def _is_public_module(name: str) -> bool:
    parts = name.split(".")
    return not any(part.startswith(("_", "test_")) for part in parts) and not _TESTS.intersection(parts[1:])


def is_public_member(name: str, member: Function | Attribute | Class) -> bool:
    """Whether a member of a class is public."""
    if name.startswith("__") and name.endswith("__"):
        return isinstance(member, Function) and name not in _NO_API
    return not name.startswith("_")
