"""Rules about models and enumerations."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, Final

from .package import Package
from .rule import package_rule
from .running import import_of, models_of
from .source import ClassSource, annotation_names
from .verdicts import Met, Problem, Verdict, judged, problem

__all__ = ["models_dict_result", "models_enum_string", "models_repr", "models_repr_length"]

_LONGEST_REPR: Final = 1024
_UNKNOWN: Final[Mapping[str, Any]] = {"str": "a value of tomorrow", "int": 987_654, "float": 98.7654}
_NO_MODEL: Final = "the package has no model"


def _filled(model: type[Any], text: str) -> Any:
    return model.from_dict({each.wire_name: f"{name} {text}" for name, each in model._shape.fields.items()})


@package_rule("models-repr", "R", "The repr of a model tells its type and the fields that say which one it is.")
def models_repr(package: Package) -> Verdict:
    problems: list[Problem] = []
    models = models_of(package)
    for cls in package.models:
        model = models[cls.name]
        text = repr(_filled(model, "here"))
        shown = [name for name, each in model._shape.fields.items() if not each.is_secret]
        keys = [name for name in shown if name in ("id", "name", "key")]
        missing = [name for name in (keys or shown[:1]) if f"{name} here" not in text and f"{name}=" not in text]
        if not text.startswith(cls.name) or missing:
            hint = f"repr({cls.name}) should name the type and {', '.join(missing) or 'its fields'}: {text[:60]}"
            problems.append(problem(cls.module.file, cls.node, hint))
    return judged(problems, sorted(models), nothing=_NO_MODEL)


@package_rule("models-repr-length", "R", "The repr of a model has at most 1,024 characters.")
def models_repr_length(package: Package) -> Verdict:
    problems: list[Problem] = []
    models = models_of(package)
    for cls in package.models:
        length = len(repr(_filled(models[cls.name], "long " * 1000)))
        if length > _LONGEST_REPR:
            hint = f"repr({cls.name}) grows to {length} characters; cut it at {_LONGEST_REPR}"
            problems.append(problem(cls.module.file, cls.node, hint))
    return judged(problems, sorted(models), nothing=_NO_MODEL)


@package_rule(
    "models-dict-result", "S", "What an operation only returns is a mapping, not a `…Result` class of its own."
)
def models_dict_result(package: Package) -> Verdict:
    taken = {
        name.rpartition(".")[2]
        for side in package.sides.values()
        for _, method in side.methods
        for parameter in method.parameters
        for name in annotation_names(parameter.annotation)
    }
    problems = [
        problem(
            cls.module.file, cls.node, f"no method takes a {cls.name}: return a mapping, or waive this with a reason"
        )
        for cls in package.models
        if cls.name.endswith("Result") and cls.name not in taken
    ]
    return judged(problems, [], nothing="") if problems else Met("no model is only the result of an operation")


@package_rule(
    "models-enum-string",
    "SR",
    "Enumerations are `(str, Enum)`, those of numbers `(int, Enum)`, and tolerate values that they do not know.",
)
def models_enum_string(package: Package) -> Verdict:
    problems: list[Problem] = []
    for cls in package.enums:
        _, outside = package.source.lineage(cls)
        bases = [base.rpartition(".")[2] for base in outside]
        if bases not in ([_kind_of(cls), "Enum"], ["StrEnum"]):
            hint = f"derive {cls.name} from ({_kind_of(cls)}, Enum), so that its members are plain values as well"
            problems.append(problem(cls.module.file, cls.node, hint))
        elif not issubclass(getattr(import_of(package, cls.module.name), cls.name), str | int | float):
            problems.append(problem(cls.module.file, cls.node, f"{cls.name} is no plain value at run time"))
    names = {cls.name for cls in package.enums}
    models = models_of(package)
    problems += [each for cls in package.models for each in _intolerant_fields(models[cls.name], cls, names)]
    return judged(problems, sorted(names), nothing="the package has no enumeration")


def _intolerant_fields(model: type[Any], cls: ClassSource, enums: set[str]) -> list[Problem]:
    found: list[Problem] = []
    for node in cls.node.body:
        annotation = getattr(node, "annotation", None)
        target = getattr(getattr(node, "target", None), "id", "")
        if annotation is None or target not in model._shape.fields:
            continue
        names = annotation_names(ast.unparse(annotation))
        if not enums & set(names) or {"list", "dict", "Sequence", "Mapping"} & set(names):
            continue
        kind = next((name for name in _UNKNOWN if name in names), "")
        if not kind or _read(model, target, _UNKNOWN[kind]) != _UNKNOWN[kind]:
            hint = f"{cls.name}.{target} has to let unknown values through as they came, and its type has to say so"
            found.append(problem(cls.module.file, node, hint))
    return found


def _kind_of(cls: ClassSource) -> str:
    """Return the type that the members of an enumeration have on the wire."""
    values = [node.value for node in cls.node.body if isinstance(node, ast.Assign)]
    kinds = {type(ast.literal_eval(value)).__name__ for value in values}
    return next(iter(kinds)) if len(kinds) == 1 else "str"


def _read(model: type[Any], name: str, unknown: object) -> Any:
    try:
        return getattr(model.from_dict({model._shape.fields[name].wire_name: unknown}), name)
    except ValueError:
        return None
