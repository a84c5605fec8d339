"""The rules, by theme; `RULES` has all that a program can judge, in the order of the guidelines."""

from __future__ import annotations

from typing import Final

from . import (
    async_support,
    authentication,
    clients,
    conditional,
    constructors,
    errors,
    hierarchy,
    methods,
    models,
    options,
    packaging,
    parameters,
    responses,
    versioning,
)
from .guidelines import ALIASES, GUIDELINES, Level, canonical
from .not_judged import NOT_JUDGED
from .package import Colour, Package, Side
from .rule import NotJudged, Rule
from .samples import Example
from .verdicts import Met, NotApplicable, NotMet, Problem, Verdict, Waived

__all__ = [
    "ALIASES",
    "GUIDELINES",
    "NOT_JUDGED",
    "RULES",
    "Colour",
    "Example",
    "Level",
    "Met",
    "NotApplicable",
    "NotJudged",
    "NotMet",
    "Package",
    "Problem",
    "Rule",
    "Side",
    "Verdict",
    "Waived",
    "canonical",
]

_THEMES: Final = (
    clients, constructors, methods, parameters, options, responses, conditional, hierarchy, models, errors,
    async_support, authentication, packaging, versioning,
)  # fmt: skip

RULES: Final[tuple[Rule, ...]] = tuple(
    sorted(
        (value for theme in _THEMES for value in vars(theme).values() if isinstance(value, Rule)),
        key=lambda rule: list(GUIDELINES).index(rule.id),
    )
)
