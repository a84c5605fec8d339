"""Pages about the public names of a package, made from signatures and docstrings.

griffe reads the source and its docstrings; which names are public is what each module's ``__all__`` says.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import griffe

__all__ = ["pages"]

# What a client library calls on its base class. Protected: they are for its methods, not for its users.
_FOR_CLIENTS = frozenset({"_call", "_list", "_begin", "_events", "_lines", "_download"})


def pages(package: str, source: Path) -> dict[str, str]:
    """Return file name → Markdown, a page for each public module directly below the package, and their index."""
    root: Any = griffe.load(package, search_paths=[source], docstring_parser="google", resolve_aliases=True)
    names = sorted(name for name in root.modules if not name.startswith("_"))
    made = {f"{name}.md": _page(root.modules[name]) for name in names}
    index = [
        f"# {package}\n",
        f"{_first_line(root)}\n",
        *(f"- [`{package}.{name}`]({name}.md): {_first_line(root.modules[name])}" for name in names),
    ]
    return {"README.md": "\n".join(index) + "\n", **made}


def _page(module: Any) -> str:
    seen: set[str] = set()
    parts = [f"# {module.path}\n", _docstring(module)]
    for home in _homes(module):
        listed = [(name, _target(home, name)) for name in sorted(_public(home))]
        new = [(name, target) for name, target in listed if target is not None and target.path not in seen]
        seen.update(target.path for _, target in new)
        if home is not module and new:
            parts.append(f"## {home.path}\n\n{_docstring(home)}")
        parts += [part for name, target in new for part in _entry(name, target)]
    return "\n".join(part.rstrip() + "\n" for part in parts if part)


def _homes(module: Any) -> Iterator[Any]:
    """Yield a module and the public modules in it: what the doorway does not list has a section of its own."""
    yield module
    for name, found in sorted(module.members.items()):
        if not found.is_alias and found.is_module and not name.startswith("_"):
            yield from _homes(found)


def _public(module: Any) -> Iterable[str]:
    return getattr(importlib.import_module(module.path), "__all__", ())


def _target(module: Any, name: str) -> Any:
    """Return what a name stands for, None for a value that has no docstring, and for what another project defines."""
    found = module.members.get(name)
    if found is not None and found.is_alias:
        if found.target_path.partition(".")[0] != module.path.partition(".")[0]:
            return None
        found = found.final_target
    if found is None or (found.is_attribute and found.docstring is None) or found.is_module:
        return None
    return found


def _entry(name: str, target: Any) -> Iterator[str]:
    if target.is_class:
        bases = ", ".join(_short(str(base)) for base in target.bases)
        yield f"### class `{name}`" + (f" ({bases})" if bases else "")
        initializer = target.all_members.get("__init__")
        if _is_declared(target):
            yield _code(_declared_signature(name, target))
        elif initializer is not None and not initializer.path.startswith("builtins"):
            yield _code(_short(_final(initializer).signature(name=name)).removesuffix(" -> None"))
        yield _docstring(target)
        if _is_declared(target):
            yield from (_attributes_of(base) for base in target.mro() if base.name.startswith("_"))
        if _is_typed_dict(target):
            yield _code(_fields_of(target))
        for member in sorted(target.all_members):
            found = _final(target.all_members[member])
            is_told_there = found.parent is not target and _is_public(found.parent)
            is_listed = not member.startswith("_") or (name == "ServiceClient" and member in _FOR_CLIENTS)
            if is_listed and not is_told_there and (found.is_function or "property" in found.labels):
                yield from _member(member, found)
    elif target.is_function:
        yield f"### `{name}`"
        yield _code(_short(target.signature(name=name)))
        yield _docstring(target)
    else:
        yield f"### `{name}`"
        yield _docstring(target)


def _is_declared(target: Any) -> bool:
    """Whether the constructor takes what stands in the class and its bases, see `clientsmith.core._declared`."""
    return any(base.name == "Declared" for base in target.mro())


def _declared_signature(name: str, target: Any) -> str:
    """Return the arguments of such a class with their defaults, those of the base first."""
    fields: dict[str, Any] = {}
    for kind in (*reversed(target.mro()), target):
        own = (each for each in kind.members.values() if each.is_attribute and "property" not in each.labels)
        fields |= {each.name: each for each in own if not each.name.startswith("_") and each.annotation is not None}
    rows = {each.name: f"    {each.name}: {_short(str(each.annotation))}{_default(each)}," for each in fields.values()}
    # What a class made with ``kw_only=False`` adds may be given by position.
    first = getattr(importlib.import_module(target.module.path), name).__dict__.get("__match_args__", ())
    by_position, by_name = [rows.pop(each) for each in first], list(rows.values())
    return "\n".join([f"{name}(", *by_position, "    *,", *by_name, ")"])


def _attributes_of(base: Any) -> str:
    """Return what a base without an entry of its own says about its fields."""
    sections = base.docstring.parsed if base.docstring is not None else ()
    told = "\n".join(_section(section) for section in sections if section.kind.value == "attributes")
    return told.replace("Attributes:", "Attributes of all its kind:", 1)


def _default(field: Any) -> str:
    return "" if field.value is None else f" = {field.value}"


def _is_typed_dict(target: Any) -> bool:
    return any(str(base).endswith(("TypedDict", "Options")) for base in target.bases)


def _fields_of(target: Any) -> str:
    own = [each for each in target.members.values() if each.is_attribute and each.annotation is not None]
    return "\n".join(f"{each.name}: {_short(str(each.annotation))}" for each in own)


def _is_public(kind: Any) -> bool:
    """Whether a base class has an entry of its own."""
    return kind.name in _public(kind.module) and "._" not in kind.module.path


def _member(name: str, found: Any) -> Iterator[str]:
    if found.docstring is None:
        return
    yield f"#### `{name}`"
    if found.is_function:
        is_async = "async" in found.labels
        yield _code(("await " if is_async else "") + _short(found.signature(name=name)))
    yield _docstring(found)


def _final(member: Any) -> Any:
    return member.final_target if member.is_alias else member


# --- text ------------------------------------------------------------------------------------------------------------


def _docstring(documented: Any) -> str:
    if documented.docstring is None:
        return ""
    return "\n".join(_section(section) for section in documented.docstring.parsed)


def _section(section: Any) -> str:
    match section.kind.value:
        case "text":
            return _markdown(section.value) + "\n"
        case "parameters" | "attributes" | "other parameters":
            rows = [f"- `{item.name}`: {_markdown(item.description)}" for item in section.value]
            return f"{section.kind.value.capitalize()}:\n\n" + "\n".join(rows) + "\n"
        case "returns" | "yields":
            said = " ".join(_markdown(item.description) for item in section.value)
            return f"{section.kind.value.capitalize()}: {said}\n"
        case "raises":
            rows = [f"- `{item.annotation}`: {_markdown(item.description)}" for item in section.value]
            return "Raises:\n\n" + "\n".join(rows) + "\n"
        case "admonition":
            return f"{section.title}:\n\n{_markdown(section.value.description)}\n"
        case _:
            return _markdown(str(section.value)) + "\n"


def _markdown(text: str) -> str:
    """Return prose with its code marked as Markdown does; what is indented is code there as well."""
    return re.sub(r"``([^`]+)``", r"`\1`", text).strip("\n")


def _short(code: str) -> str:
    """Return an annotation without the modules that say nothing to a reader."""
    return re.sub(r"\b(?:clientsmith\.core\.[a-z_.]+|typing|collections\.abc)\.(?=[A-Z])", "", code)


def _code(text: str) -> str:
    return f"```text\n{text}\n```\n"


def _first_line(documented: Any) -> str:
    return _markdown(documented.docstring.value.partition("\n")[0]) if documented.docstring else ""
