"""`compare_packages`: every public name of two distributions, and what has become of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from clientsmith.distributions import Distribution
from clientsmith.distributions import Kind as DistributionKind
from clientsmith.findings import InputError
from clientsmith.openapi.collector import collector_paused

from ..difference import Difference, Place, in_order
from .classes import ClassComparer, since
from .comparison import Comparison, Side, key_function, paired_keys
from .facts import Attribute, Class, Function, Module
from .functions import compare_functions
from .library import Cache, External, Target, load
from .project import compare_projects
from .surface import Surface, surface_of
from .types import Reader
from .values import compare_aliases, compare_attribute_types, compare_values

__all__ = ["compare_packages"]


@collector_paused()
def compare_packages(old: Distribution, new: Distribution) -> list[Difference]:
    """Return what changed for those who use a distribution, what breaks first.

    Both are read, never imported. Modules that are the same in both are read once.

    Raises:
        InputError: Something in them is nested as deep as nobody writes it.
    """
    cache: Cache = {}
    before, after = surface_of(load(old, cache)), surface_of(load(new, cache))
    olds, news = paired_keys(before, after)
    comparison = Comparison(
        Side(before, Reader(before.library, key_function(olds)), _prefix(old)),
        Side(after, Reader(after.library, key_function(news)), _prefix(new)),
    )
    try:
        _Names(comparison).compare()
    except RecursionError:
        raise InputError(
            f"{old.shown()} or {new.shown()} has expressions that are nested too deeply to be compared"
        ) from None
    return in_order([*comparison.found, *compare_projects(old, new)])


def _prefix(distribution: Distribution) -> str:
    """What leads to a file from where the user is; of what was unpacked only the path in it says something."""
    if distribution.kind is not DistributionKind.FOLDER:
        return ""
    root, here = distribution.root, Path.cwd()
    if root.is_absolute() and root.is_relative_to(here):
        root = root.relative_to(here)
    return "" if root == Path() else f"{root.as_posix()}/"


_KINDS: Final[dict[type, str]] = {
    Module: "a module",
    Class: "a class",
    Function: "a function",
    Attribute: "an attribute",
    External: "another distribution's",
}


class _Names:
    """Goes through the public names of both sides."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.old, self.new = comparison.old.surface, comparison.new.surface
        self.classes = ClassComparer(comparison)

    def compare(self) -> None:
        self._unreadable()
        gone: set[str] = set()
        for path in sorted(self.old.names, key=self._order):
            parent = path.rpartition(".")[0]
            if parent in gone and path not in self.new.names:
                gone.add(path)
            elif path not in self.new.names:
                gone.add(path)
                self._removed(path, self.old.names[path])
            else:
                self._pair(path, self.old.names[path], self.new.names[path])
                self._exports(path)
        came: set[str] = set()
        for path in sorted(self.new.names, key=lambda path: (path.count("."), path)):
            if path not in self.old.names:
                came.add(path)
                if path.rpartition(".")[0] not in came:
                    self._added(path, self.new.names[path])

    def _order(self, path: str) -> tuple[int, int, str]:
        """Short names first; a class after those that it inherits from, so that a change is told where it is."""
        target = self.old.names[path]
        depth = len(self.old.library.line_of(target)) if isinstance(target, Class) else 0
        return depth, path.count("."), path

    def _unreadable(self) -> None:
        for name, module in self.new.library.modules.items():
            before = self.old.library.modules.get(name)
            was = before.problem if before is not None else ""
            if module.problem or was:
                problem, side = (module.problem, "new") if module.problem else (was, "old")
                message = f"cannot be read in the {side} version, nothing is said of it: {problem}"
                places = self.comparison.old.place(name, None), self.comparison.new.place(name, module.problem_line)
                self.comparison.tell("source-unreadable", name, message, *places)

    # --- names that are gone ---

    def _removed(self, path: str, target: Target) -> None:
        where = self._places(path)
        parent, _, name = path.rpartition(".")
        if _is_unreadable(self.new, parent):
            return
        elsewhere = self._other_names(target)
        home = self.new.names.get(parent)
        if isinstance(home, Module) and parent in self.new.exported and self._is_still_in(home, name):
            self.comparison.tell("export-removed", path, f"is not in {parent}.__all__ any more", *where)
        elif elsewhere:
            self.comparison.tell("path-removed", path, f"is only {elsewhere} now", *where)
        elif moved := self._moved_to(path, target):
            self.comparison.tell("object-moved", path, f"is {moved} now", *where)
        elif isinstance(target, Module | External) or self.comparison.is_new("removed", target):
            what = "module, " if isinstance(target, Module) else ""
            told = since(target) if isinstance(target, Function | Class) else ""
            self.comparison.tell(
                "object-removed", path, f"{what}is gone{told}" if not what else "module is gone", *where
            )

    def _is_still_in(self, home: Module, name: str) -> bool:
        return name in home.members or self.new.library.lookup(home.name, name) is not None

    def _other_names(self, target: Target) -> str:
        """Return another public name that it has had and still has, "" if there is none."""
        if isinstance(target, Module | External):
            return ""
        names = [path for path in self.old.paths.get(id(target), ()) if path in self.new.names]
        return min(names, key=lambda path: (path.count("."), path)) if names else ""

    def _moved_to(self, path: str, target: Target) -> str:
        """Return the new public name of something that has the same last name and kind, and was nowhere before."""
        if isinstance(target, Module | External):
            return ""
        last = path.rpartition(".")[2]
        names = [
            other
            for other, found in self.new.names.items()
            if other.endswith(f".{last}") and other not in self.old.names and type(found) is type(target)
        ]
        return names[0] if len(names) == 1 else ""

    def _exports(self, path: str) -> None:
        """A name that `__all__` loses is still there where nothing else hides it: then its export is what is gone."""
        was, now = self.old.exported.get(path), self.new.exported.get(path)
        if was is None or now is None:
            return
        for name in was:
            if name not in now and f"{path}.{name}" in self.new.names:
                where = self._places(path)
                self.comparison.tell("export-removed", f"{path}.{name}", f"is not in {path}.__all__ any more", *where)

    # --- names that are there ---

    def _added(self, path: str, target: Target) -> None:
        parent = path.rpartition(".")[0]
        if (
            isinstance(target, External)
            or _is_unreadable(self.old, parent)
            or not self.comparison.is_new("added", target)
        ):
            return
        if not isinstance(target, Module) and any(one in self.old.names for one in self.new.paths.get(id(target), ())):
            message = "can be imported from here, too"
        else:
            message = f"is new ({_KINDS[type(target)].split()[-1]})"
        self.comparison.tell("object-added", path, message, *self._places(path))

    def _pair(self, path: str, old: Target, new: Target) -> None:
        match old, new:
            case (External(), _) | (_, External()) | (Module(), Module()):
                return  # what another distribution defines is its own affair
            case Class(), Class():
                self.classes.compare(path, old, new)
            case Function(), Function():
                compare_functions(self.comparison, path, old, new, (None, None))
            case Attribute(), Attribute():
                self._attributes(path, old, new)
            case _:
                self._other_kind(path, old, new)

    def _attributes(self, path: str, old: Attribute, new: Attribute) -> None:
        if old is new or not self.comparison.is_new("attribute", old, new):
            return
        if not compare_aliases(self.comparison, path, old, new):
            compare_attribute_types(self.comparison, path, old, new)
            compare_values(self.comparison, path, old, new)

    def _other_kind(self, path: str, old: Target, new: Target) -> None:
        if not self.comparison.is_new("kind", old, new):
            return
        if isinstance(old, Attribute) or isinstance(new, Attribute):
            attribute = old if isinstance(old, Attribute) else new
            if isinstance(attribute, Attribute) and attribute.value is not None:
                return  # ``get = make_get()``: what it is, only running it would tell
        message = f"was {_KINDS[type(old)]}, is {_KINDS[type(new)]}"
        self.comparison.tell("object-kind-changed", path, message, *self._places(path))

    def _places(self, path: str) -> tuple[Place | None, Place | None]:
        return _place(self.comparison.old, path), _place(self.comparison.new, path)


def _is_unreadable(surface: Surface, module: str) -> bool:
    """Whether a module is there and cannot be read: nothing is known of its names."""
    found = surface.library.modules.get(module)
    return found is not None and bool(found.problem)


def _place(side: Side, path: str) -> Place | None:
    """Return where a public name is defined; of one that is no more, where the module is that had it."""
    target = side.surface.names.get(path)
    if isinstance(target, Function | Class | Attribute):
        return side.place(target.module, target.line)
    while path and path not in side.surface.places:
        path = path.rpartition(".")[0]
    if not path:
        return None
    file, line = side.surface.places[path]
    return Place(side.prefix + file, line)
