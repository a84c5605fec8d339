"""What a generated package says of its operations: the constants of the modules called ``_operations``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clientsmith.findings.changes import is_table

from .source import Module

__all__ = ["OperationSource", "operations_in", "operations_of", "resolved", "without_names"]


@dataclass(frozen=True)
class OperationSource:
    """What ``_operations.py`` says about the operation behind a method, as far as it can be read.

    ``parameters`` are (location, name on the wire): ``("path", "petId")``, ``path_names`` the arguments that become
    part of the path. ``documented_errors`` are the statuses, or ``"default"``, whose body is a model.
    """

    name: str
    module: str
    kind: str
    http_method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    path_names: tuple[str, ...]
    documented_errors: tuple[int | str, ...]


def without_names(path: str) -> str:
    """Return a path template that can be compared: a parameter may have a better name in the package."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


def operations_in(modules: Iterable[Module]) -> Mapping[tuple[str, str], OperationSource]:
    """Return what the modules called ``_operations``, or below one, define: by module and name."""
    found: dict[tuple[str, str], OperationSource] = {}
    for module in modules:
        if "_operations" in module.name.split(".") and "clientsmith" in module.text:
            shared = {name: getattr(node, "value", None) for name, node in module.definitions.items()}
            for name, node in module.definitions.items():
                operation = _operation(module.name, name, node, shared)
                if operation is not None:
                    found[module.name, name] = operation
    return found


def _operation(module: str, name: str, node: ast.stmt, shared: Mapping[str, ast.expr | None]) -> OperationSource | None:
    call = getattr(node, "value", None)
    if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("Operation") or len(call.args) < 2:
        return None
    first, second = call.args[:2]
    if not isinstance(first, ast.Constant) or not isinstance(second, ast.Constant):
        return None
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    parameters, errors = (_entries(keywords.get(kind), shared) for kind in ("parameters", "errors"))
    located = [
        (str(ast.literal_eval(key)), ast.unparse(value.func), str(ast.literal_eval(value.args[0])))
        for key, value in parameters
        if isinstance(value, ast.Call)
    ]
    return OperationSource(
        name,
        module,
        ast.unparse(call.func),
        str(first.value),
        str(second.value),
        tuple((location, wire_name) for _, location, wire_name in located),
        tuple(python_name for python_name, location, _ in located if location == "path"),
        tuple(ast.literal_eval(key) for key, value in errors if isinstance(value, ast.Lambda)),
    )


def _entries(node: ast.expr | None, shared: Mapping[str, ast.expr | None]) -> list[tuple[ast.expr, ast.expr]]:
    """Return the entries of a mapping; a name, alone or after two stars, stands for a mapping that is shared."""
    if isinstance(node, ast.Name):
        node = shared.get(node.id)
    if not isinstance(node, ast.Dict):
        return []
    found: list[tuple[ast.expr, ast.expr]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        found += _entries(value, shared) if key is None else [(key, value)]
    return found


# --- of a document ---------------------------------------------------------------------------------------------------


def operations_of(spec: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return HTTP method, path template and definition of every operation of an OpenAPI description."""
    names = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
    base = str(spec.get("basePath", "")).rstrip("/")
    return [
        (name.upper(), base + path, item[name])
        for path, item in spec.get("paths", {}).items()
        for name in names
        if name in item
    ]


def _part(spec: Mapping[str, Any], keys: Iterable[str]) -> Mapping[str, Any]:
    found: Any = spec
    for key in keys:
        found = found.get(key.replace("~1", "/").replace("~0", "~"), {}) if is_table(found) else {}
    return found if is_table(found) else {}


def resolved(spec: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a description that a reference within it leads to."""
    seen: set[str] = set()
    while (reference := str(node.get("$ref", ""))).startswith("#/") and reference not in seen:
        seen.add(reference)
        node = _part(spec, reference.removeprefix("#/").split("/"))
    return node
