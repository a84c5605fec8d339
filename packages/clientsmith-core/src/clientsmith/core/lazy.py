"""Packages that import their modules when a name is first used (PEP 562).

    if TYPE_CHECKING:
        from ._widgets import Part as Part, Widget as Widget
    if not TYPE_CHECKING:
        __getattr__, __dir__ = lazy(__name__, {"_widgets": "Part Widget"})
    __all__ = ["Part", "Widget"]

Hidden from type checkers, as a module-level ``__getattr__`` makes them believe in every name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["lazy"]


def lazy(
    package: str, table: Mapping[str, str], patch: str | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and ``__dir__`` of a package.

    The first use of a name imports its module and stores all the names of that module's row in the package, so that
    later uses do not come here. The import system's locks make this safe between threads.

    Args:
        package: ``__name__`` of the package.
        table: Module of the package, without the package's name → the names that it gives, separated by spaces. With
            a dot before it, it is a module of the package above; its own name among them stands for the module itself.
        patch: Module whose ``__all__`` wins over the table: where a generated class is finished by hand. It is
            imported with the first name that is used. A dot before it means what it means in the table.

    Where the package has no ``__all__`` yet, it gets the names of the table as one.
    """
    homes = {name: module for module, names in table.items() for name in names.split()}

    def load(module: str, names: list[str]) -> None:
        loaded = import_module(f".{module}", package)
        vars(sys.modules[package]).update({name: loaded if name == module else getattr(loaded, name) for name in names})

    vars(sys.modules[package]).setdefault("__all__", sorted(homes))

    def patched() -> list[str]:
        """The names that are written by hand, stored in the package."""
        if patch is None:
            return []
        names: list[str] = list(getattr(import_module(f".{patch}", package), "__all__", []))
        load(patch, names)
        return names

    def is_being_patched() -> bool:
        """Whether the patch is being imported right now, and so it is the patch that asks: for what it is to finish."""
        spec = None if patch is None else import_module(f".{patch}", package).__spec__
        return bool(getattr(spec, "_initializing", False))

    def __getattr__(name: str) -> Any:
        # Python itself asks for names like __path__ and __wrapped__; nothing is imported for those.
        if not name.startswith("_"):
            by_hand = patched()
            if name in homes and is_being_patched():
                return getattr(
                    import_module(f".{homes[name]}", package), name
                )  # not stored: others get the finished one
            if name in homes and name not in by_hand:
                load(homes[name], [other for other in table[homes[name]].split() if other not in by_hand])
            if name in homes or name in by_hand:
                return vars(sys.modules[package])[name]
        raise AttributeError(f"module {package!r} has no attribute {name!r}{_hint(name, homes)}", name=name)

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes, *patched()})

    return __getattr__, __dir__


def _hint(name: str, known: Mapping[str, str]) -> str:
    if name.startswith("_"):
        return ""
    import difflib

    nearest = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""
