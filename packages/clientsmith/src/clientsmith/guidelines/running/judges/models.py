"""Models filled with text, and enumerations that are sent a value of tomorrow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from clientsmith.guidelines.annotations import annotation_names, last_name
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.running.runner import Driver
from clientsmith.guidelines.source import ClassSource
from clientsmith.guidelines.verdicts import Problem, Verdict, judged, problem
from clientsmith.guidelines.views import models_of

__all__ = ["enum_string", "repr_length", "repr_tells"]

_LONGEST_REPR: Final = 1024  # characters, as the guideline has it
_KEYS: Final = ("id", "name", "key")
_HERE, _LONG = "here", "long " * 1000
_UNKNOWN: Final[Mapping[str, Any]] = {"str": "a value of tomorrow", "int": 987_654, "float": 98.7654}
_CONTAINERS: Final = frozenset({"list", "dict", "Sequence", "Mapping", "List", "Dict"})
_NO_MODEL: Final = "the package has no model"


def _filled(driver: Driver, cls: ClassSource, text: str) -> Mapping[str, Any]:
    command = {"do": "model", "module": cls.module.name, "class": cls.name, "text": text}
    return driver.once("model", cls.module.name, cls.name, text, command=command)


def repr_tells(driver: Driver) -> Verdict:
    """`models-repr`: the repr tells the type, and which one it is."""
    problems: list[Problem] = []
    evidence: list[str] = []
    reasons: list[str] = []
    for cls in models_of(driver.package):
        said = _filled(driver, cls, _HERE)
        if "repr" not in said:
            reasons.append(f"{cls.name}: {said.get('unmade') or said.get('broken')}")
            continue
        missing = _missing(driver.package, said)
        if cls.name not in said["repr"] or missing:
            shown = re.sub(r"\b0x[0-9a-f]+", "0x…", said["repr"])[:60]  # an address is another each time
            hint = f"repr({cls.name}) should name the type and {', '.join(missing) or 'its fields'}: {shown}"
            problems.append(problem(cls.module.file, cls.node, hint))
        evidence.append(cls.name)
    return judged(problems, evidence, nothing=_nothing(reasons))


def _missing(package: Package, said: Mapping[str, Any]) -> list[str]:
    """Return the fields that a repr should show and does not."""
    shown = [name for name in said["fields"] if name not in said["secret"]]
    if package.profile is not CLIENTSMITH:
        # Which of them are the keys is not for a program to say; that there is none is: Python's own repr.
        return shown[:1] if " object at 0x" in said["repr"] else []
    keys = [name for name in shown if name in _KEYS]
    return [name for name in (keys or shown[:1]) if not _shows(said["repr"], name)]


def _shows(text: str, name: str) -> bool:
    return f"{name} {_HERE}" in text or f"{name}=" in text or f"'{name}'" in text


def repr_length(driver: Driver) -> Verdict:
    """`models-repr-length`: however long the fields are, the repr is not."""
    problems: list[Problem] = []
    evidence: list[str] = []
    reasons: list[str] = []
    for cls in models_of(driver.package):
        said = _filled(driver, cls, _LONG)
        if "length" not in said:
            reasons.append(f"{cls.name}: {said.get('unmade') or said.get('broken')}")
            continue
        if said["length"] > _LONGEST_REPR:
            hint = f"repr({cls.name}) grows to {said['length']:,} characters; cut it at {_LONGEST_REPR:,}"
            problems.append(problem(cls.module.file, cls.node, hint))
        evidence.append(cls.name)
    return judged(problems, evidence, nothing=_nothing(reasons))


def _nothing(reasons: list[str]) -> str:
    return f"no model could be made: {reasons[0]}" if reasons else _NO_MODEL


def enum_string(driver: Driver) -> Verdict:
    """`models-enum-string`: a model lets a value through that its enumeration does not know."""
    package = driver.package
    names = {cls.name for cls in package.enums}
    if package.profile is not CLIENTSMITH:
        return judged([], [], nothing="how its models are made from what comes over the wire is not known")
    looked = [(cls, node, name) for cls in package.models for node, name in _enum_fields(cls, names)]
    problems: list[Problem] = []
    for cls, node, name in looked:
        kinds = annotation_names(ast.unparse(node.annotation))
        kind = next((each for each in _UNKNOWN if each in kinds), "")
        if not kind or not _lets_through(driver, cls, name, _UNKNOWN[kind]):
            hint = f"{cls.name}.{name} has to let unknown values through as they came, and its type has to say so"
            problems.append(problem(cls.module.file, node, hint))
    evidence = [f"{cls.name}.{name} tolerates unknown values" for cls, _, name in looked]
    return judged(problems, evidence, nothing="no model has a field of an enumeration")


def _enum_fields(cls: ClassSource, enums: set[str]) -> Iterator[tuple[ast.AnnAssign, str]]:
    for node in cls.node.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            names = {last_name(name) for name in annotation_names(ast.unparse(node.annotation))}
            if names & enums and not names & _CONTAINERS and "ClassVar" not in ast.unparse(node.annotation):
                yield node, node.target.id


def _lets_through(driver: Driver, cls: ClassSource, name: str, unknown: Any) -> bool:
    command = {"do": "unknown", "module": cls.module.name, "class": cls.name, "attribute": name, "value": unknown}
    said = driver.ask(command)
    return "unmade" in said or said.get("value") == unknown
