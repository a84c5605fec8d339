"""The ``__init__`` modules: names that are imported on first use (PEP 562), and hand-finished ones before our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from clientsmith.emit.code import Code, Symbol, call, dictionary, local, long_text, value
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.models import enums_of, models_of
from clientsmith.emit.statements import Assign, AssignTogether, Guarded, Module, Statement
from clientsmith.emit.text import headline, one_line, public_name
from clientsmith.model.ir import Api

__all__ = ["aio_init", "models_init", "package_init"]

_TYPE_CHECKING: Final = Symbol("typing", "TYPE_CHECKING").code
_LAZY: Final = Symbol("clientsmith.core.lazy", "lazy").code


def package_init(api: Api, header: tuple[str, ...], patched: Iterable[str]) -> Module:
    """``__init__.py``: the client, the models, the version, and whatever ``_patch.py`` lists."""
    summary, description = headline(api.description)
    docstring = Docstring(f"Client library of {one_line(api.title)}", f"{summary}\n\n{description}".strip())
    models = Symbol(".", "models")
    version = Symbol("._version", "VERSION", "__version__")
    table = _with_patch({"_client": [public_name(api.root.name)]}, patched)
    body = _lazy_body(table, also=("__version__", "models"), patch=True)
    return Module(docstring, body, header, imports=(models, version))


def aio_init(api: Api, header: tuple[str, ...], patched: Iterable[str]) -> Module:
    """``aio/__init__.py``: the async client, under the same name."""
    docstring = Docstring(f"The async client of {one_line(api.title)}, with the same names")
    table = _with_patch({"_client": [public_name(api.root.name)]}, patched)
    return Module(docstring, _lazy_body(table, also=(), patch=True), header)


def models_init(api: Api, header: tuple[str, ...]) -> Module:
    """``models/__init__.py``: every model and enum."""
    docstring = Docstring(f"The models and enums of {one_line(api.title)}")
    modules = (("_enums", enums_of(api)), ("_models", models_of(api)))
    table = {module: [public_name(shape.name) for shape in shapes] for module, shapes in modules if shapes}
    return Module(docstring, _lazy_body(table, also=(), patch=False), header)


def _with_patch(table: Mapping[str, list[str]], patched: Iterable[str]) -> dict[str, list[str]]:
    """The table as type checkers should see it: a name that ``_patch`` lists comes from there."""
    patched = sorted({public_name(name) for name in patched})
    ours = {module: [name for name in names if name not in patched] for module, names in table.items()}
    return {module: names for module, names in {**ours, "_patch": patched}.items() if names}


def _lazy_body(table: Mapping[str, list[str]], also: tuple[str, ...], *, patch: bool) -> tuple[Statement, ...]:
    """One table twice: as imports for type checkers, as strings for the interpreter.

    The second half is hidden from type checkers, since a visible module ``__getattr__`` would make them accept every
    misspelt name.
    """
    names = sorted({name for names in table.values() for name in names} | set(also), key=_sort_key)
    imports = tuple(Symbol(f".{module}", name) for module, names in table.items() for name in names)
    strings: dict[str | int, Code] = {
        module: long_text(" ".join(sorted(names))) for module, names in table.items() if module != "_patch"
    }
    keywords: dict[str, Code] = {"patch": value("_patch")} if patch else {}
    body: list[Statement] = [Guarded(_TYPE_CHECKING, imports=imports)] if imports else []
    body.append(Assign("__all__", value(names)))
    hooks = call(_LAZY, local("__name__"), dictionary(strings), **keywords)
    hidden = AssignTogether(("__getattr__", "__dir__"), hooks)
    body.append(Guarded(Code(("not ",)) + _TYPE_CHECKING, (hidden,)))
    return tuple(body)


def _sort_key(name: str) -> tuple[bool, str]:
    return name.startswith("_"), name
