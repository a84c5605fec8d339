"""The rules, a module a theme; `RULES` has all of them in the order of the guidelines, `BY_ID` each by its id.

A rule is every class in these modules that has an id: a new one is found without being listed anywhere.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from clientsmith.guidelines.ids import GUIDELINES
from clientsmith.guidelines.rule import Rule

__all__ = ["BY_ID", "RULES"]


def _found() -> Iterator[Rule]:
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Rule) and "id" in vars(value):
                yield value()


BY_ID: Final[Mapping[str, Rule]] = {rule.id: rule for rule in _found()}
RULES: Final[tuple[Rule, ...]] = tuple(BY_ID[id] for id in GUIDELINES if id in BY_ID)
