"""Rules about models and enumerations."""

from __future__ import annotations

import ast
import re
from typing import Final, TypeGuard

from clientsmith.guidelines.annotations import last_name
from clientsmith.guidelines.examples import ONE_MODEL, Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.rule import Rule, RunRule
from clientsmith.guidelines.source import ClassSource
from clientsmith.guidelines.verdicts import Met, Problem, Verdict, judged, problem
from clientsmith.guidelines.views import models_of, taken_by_methods

__all__ = ["ModelsDictResult", "ModelsEnumString", "ModelsRepr", "ModelsReprLength"]

_KINDS: Final = frozenset({"str", "int", "float"})
_SPELT: Final = {"str": "StrEnum", "int": "IntEnum"}


class ModelsRepr(RunRule):
    """A model tells what it is."""

    id = "models-repr"
    kinds = "R"
    meaning = "The repr of a model tells its type and the fields that say which one it is."
    why = (
        "A model is met in logs, in debuggers and in failing assertions. `<Shelf object at 0x7f…>` says nothing "
        "there; the type and the key say which thing is meant."
    )
    good = ONE_MODEL
    bad = Example(
        """
        from clientsmith.core.models import Model, field


        class Shelf(Model):  # <--
            name: str = field("name")

            __repr__ = object.__repr__
        """
    )


class ModelsReprLength(RunRule):
    """A model is told in a line."""

    id = "models-repr-length"
    kinds = "R"
    meaning = "The repr of a model has at most 1,024 characters."
    why = (
        "One line of a log for one model, however much the service sent: a repr of a megabyte hides the line that "
        "matters, and fills the disk."
    )
    good = ONE_MODEL
    bad = Example(
        """
        from clientsmith.core.models import Model, field


        class Shelf(Model):  # <--
            name: str = field("name")

            def __repr__(self) -> str:
                return f"Shelf(name={self.name!r})"
        """
    )


class ModelsDictResult(Rule):
    """Output only is a mapping."""

    id = "models-dict-result"
    kinds = "S"
    meaning = "What an operation only returns is a mapping, not a `…Result` class of its own."
    why = (
        "A class that nobody ever makes or passes on adds a name to learn and to keep, and says no more than its keys "
        "do. A package of typed models may decide otherwise, and waive this with that reason."
    )
    good = Example(
        """
        from collections.abc import Mapping

        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def count_shelf(self, name: str, **options: object) -> Mapping[str, int]:
                return self._call(COUNT_SHELF, {"name": name}, options=options)
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.models import Model, field


        class CountResult(Model):  # <--
            pieces: int = field("pieces")


        class DepotClient(ServiceClient):
            def count_shelf(self, name: str, **options: object) -> CountResult:
                return self._call(COUNT_SHELF, {"name": name}, options=options)
        """
    )

    def judge(self, package: Package) -> Verdict:
        taken = taken_by_methods(package)
        problems = [
            problem(
                cls.module.file,
                cls.node,
                f"no method takes a {cls.name}: return a mapping, or waive this with a reason",
            )
            for cls in models_of(package)
            if cls.name.endswith("Result") and cls.name not in taken
        ]
        return judged(problems, [], nothing="") if problems else Met("no model is only the result of an operation")


class ModelsEnumString(Rule):
    """Enumerations are their values."""

    id = "models-enum-string"
    kinds = "SR"
    meaning = (
        "Enumerations are `(str, Enum)`, those of numbers `(int, Enum)`, and tolerate values that they do not know."
    )
    why = (
        "A member that is its value can be sent, compared and printed as it is. And the service learns new values "
        "before its clients do: a client that refuses to read one breaks on the day the service gets better."
    )
    good = Example(
        """
        from enum import Enum

        from clientsmith.core.models import Model, field


        class ShelfState(str, Enum):
            FREE = "free"


        class Shelf(Model):
            state: ShelfState | str = field("state", ShelfState)
        """
    )
    bad = Example(
        """
        from enum import Enum

        from clientsmith.core.models import Model, field


        class ShelfState(Enum):  # <--
            FREE = "free"


        class Shelf(Model):
            state: ShelfState | str = field("state", ShelfState)
        """
    )

    def judge(self, package: Package) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for cls in package.enums:
            kind = _kind_of(cls)
            if not kind or not _is_for_users(package, cls) or (kind == "int" and _only_numbers(package, cls)):
                continue  # what its members are is of no concern to who sends or reads them
            bases = [last_name(base) for base in package.source.lineage(cls)[1]]
            if not _is_plain(bases, kind):
                hint = f"derive {cls.name} from ({kind}, Enum), so that its members are plain values as well"
                problems.append(problem(cls.module.file, cls.node, hint))
            evidence.append(cls.name)
        return judged(problems, evidence, nothing="the package has no enumeration of plain values")


def _is_for_users(package: Package, cls: ClassSource) -> bool:
    if package.profile is CLIENTSMITH:
        return True
    return cls.is_public and (cls.module.is_public or cls.name in package.root_module.exports)


def _only_numbers(package: Package, cls: ClassSource) -> bool:
    """Whether the numbers only tell members apart, as ``auto()`` does: 1, 2, 3, and no field of a model has them."""
    values = [node.value.value for node in cls.node.body if isinstance(node, ast.Assign) and _is_constant(node.value)]
    if package.profile is CLIENTSMITH or values != list(range(1, len(values) + 1)):
        return False
    mention = rf"(?m)^    \w+\s*:[^\n]*\b{cls.name}\b"
    return not any(each is not cls.module for each in package.source.mentioning(mention))


def _is_constant(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant)


def _is_plain(bases: list[str], kind: str) -> bool:
    return _SPELT.get(kind, "") in bases or (kind in bases and any(re.search(r"Enum$", base) for base in bases))


def _kind_of(cls: ClassSource) -> str:
    """Return the type that all members have on the wire, "" if there is none, or it cannot be read."""
    kinds: set[str] = set()
    for node in cls.node.body:
        if isinstance(node, ast.Assign) and not ast.unparse(node.targets[0]).startswith("_"):
            kinds.add(type(node.value.value).__name__ if isinstance(node.value, ast.Constant) else "")
    return next(iter(kinds)) if len(kinds) == 1 and kinds <= _KINDS else ""
