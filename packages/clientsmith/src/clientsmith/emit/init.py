"""The ``__init__`` modules: names that are imported on first use (PEP 562), and hand-finished ones before our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from clientsmith.emit.code import Code, Symbol, call, dictionary, local, long_text, value
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.layout import Places
from clientsmith.emit.models import enums_of, models_of
from clientsmith.emit.statements import Assign, AssignTogether, Guarded, Module, Statement
from clientsmith.emit.text import headline, one_line, public_name
from clientsmith.model.ir import Api, NamedShape

__all__ = ["aio_init", "groups_init", "models_init", "package_init"]

_TYPE_CHECKING: Final = Symbol("typing", "TYPE_CHECKING").code
_GROUPS: Final = "_groups"
_LAZY: Final = Symbol("clientsmith.core.lazy", "lazy").code


def package_init(api: Api, layout: Places, header: tuple[str, ...], patched: Iterable[str]) -> Module:
    """``__init__.py``: clients, errors of its own, models, the version, and whatever ``_patch.py`` lists."""
    summary, description = headline(api.description)
    docstring = Docstring(f"Client library of {one_line(api.title)}", f"{summary}\n\n{description}".strip())
    models = Symbol(".", "models")
    version = Symbol("._version", "VERSION", "__version__")
    table = _clients(api, layout) | _errors(api)
    body = _lazy_body(table, patched, also=("__version__", "models"))
    return Module(docstring, body, header, imports=(models, version))


def aio_init(api: Api, layout: Places, header: tuple[str, ...], patched: Iterable[str]) -> Module:
    """``aio/__init__.py``: the async clients, under the same names."""
    docstring = Docstring(f"The async client of {one_line(api.title)}, with the same names")
    return Module(docstring, _lazy_body(_clients(api, layout), patched, also=()), header)


def groups_init(layout: Places, header: tuple[str, ...], patched: Iterable[str]) -> Module:
    """``_groups/__init__.py``: where a client finds the clients that it gives, those finished by hand included."""
    docstring = Docstring("The clients that the client gives, each imported when it is first asked for")
    table = {module: [public_name(path[-1].name)] for module, path in layout.groups.items()}
    by_hand = {name for names in table.values() for name in names}.intersection(patched)
    ours = _with_patch(table, by_hand, "._patch")
    return Module(docstring, (_exported(ours), _lazy_hooks(ours, patch="._patch")), header)


def models_init(api: Api, layout: Places, header: tuple[str, ...]) -> Module:
    """``models/__init__.py``: every model and enum."""
    docstring = Docstring(f"The models and enums of {one_line(api.title)}")
    table: dict[str, list[str]] = {}
    shapes: list[NamedShape] = [*enums_of(api), *models_of(api)]
    for shape in shapes:
        table.setdefault(layout.shapes[shape.pointer], []).append(public_name(shape.name))
    return Module(docstring, (*([_exported(table)] if table else []), _lazy_hooks(table, patch="")), header)


def _exported(table: Mapping[str, list[str]]) -> Guarded:
    """The names for type checkers, once; `lazy` makes the ``__all__`` for the interpreter of those that it knows."""
    exports = (Symbol(f".{module}", name) for module, names in table.items() for name in names)
    return Guarded(_TYPE_CHECKING, exports=tuple(exports))


def _clients(api: Api, layout: Places) -> dict[str, list[str]]:
    groups = {f"{_GROUPS}.{module}": [public_name(path[-1].name)] for module, path in layout.groups.items()}
    return {"_client": [public_name(api.root.name)], **groups}


def _errors(api: Api) -> dict[str, list[str]]:
    return {"errors": [public_name(one.name) for one in api.error_classes]} if api.error_classes else {}


def _with_patch(table: Mapping[str, list[str]], patched: Iterable[str], patch: str = "_patch") -> dict[str, list[str]]:
    """The table as type checkers should see it: a name that ``_patch`` lists comes from there."""
    patched = sorted({public_name(name) for name in patched})
    ours = {module: [name for name in names if name not in patched] for module, names in table.items()}
    return {module: names for module, names in {**ours, patch: patched}.items() if names}


def _lazy_body(
    clients: Mapping[str, list[str]], patched: Iterable[str], also: tuple[str, ...]
) -> tuple[Statement, ...]:
    """One table twice: as imports for type checkers, as strings for the interpreter.

    The second half is hidden from type checkers, since a visible module ``__getattr__`` would make them accept every
    misspelt name.
    """
    table = _with_patch(clients, patched)
    names = sorted({name for names in table.values() for name in names} | set(also), key=_sort_key)
    imports = tuple(Symbol(f".{module}", name) for module, names in table.items() for name in names)
    checked = Guarded(_TYPE_CHECKING, imports=imports)
    return (checked, Assign("__all__", value(names)), _lazy_hooks(table, patch="_patch"))


def _lazy_hooks(table: Mapping[str, list[str]], *, patch: str) -> Statement:
    strings: dict[str | int, Code] = {
        module: long_text(" ".join(sorted(names))) for module, names in sorted(table.items()) if module != patch
    }
    keywords: dict[str, Code] = {"patch": value(patch)} if patch else {}
    hooks = call(_LAZY, local("__name__"), dictionary(strings), **keywords)
    return Guarded(Code(("not ",)) + _TYPE_CHECKING, (AssignTogether(("__getattr__", "__dir__"), hooks),))


def _sort_key(name: str) -> tuple[bool, str]:
    return name.startswith("_"), name
