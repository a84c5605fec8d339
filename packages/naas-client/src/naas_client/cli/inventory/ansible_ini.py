"""Ansible inventories as INI: hosts and their variables; ``[group]``, ``[group:children]``, ``[group:vars]``."""

from __future__ import annotations

import ast
import re
import shlex
from typing import Any, Final

from .target import InventoryError
from .tree import Group, Tree

__all__ = ["read_ini"]

_SECTION: Final = re.compile(r"\[([^\[\]:]+)(?::(\w+))?\]\s*(?:[#;].*)?")
_KINDS: Final = ("hosts", "children", "vars")


def read_ini(text: str, source: str) -> Tree:
    """Return the groups and hosts of an inventory in INI.

    Raises:
        InventoryError: A line is none of those that there are; the message names it.
    """
    tree = Tree()
    group, kind = "ungrouped", "hosts"
    for number, raw in enumerate(text.splitlines(), 1):
        line, where = raw.strip(), f"{source}:{number}"
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and (section := _SECTION.fullmatch(line)):
            group, kind = section[1].strip(), section[2] or "hosts"
            if kind not in _KINDS:
                raise InventoryError(
                    f"{where}: [{group}:{kind}]", "a section is [group], [group:children], [group:vars]"
                )
            tree.groups.setdefault(group, Group())
        elif kind == "vars":
            name, value = _assignment(line, where)
            tree.groups[group].variables[name] = value
        elif kind == "children":
            child = _without_comment(line)
            tree.groups.setdefault(child, Group())
            if child not in tree.groups[group].children:
                tree.groups[group].children.append(child)
        else:
            _read_host(tree, line, group, where)
    return tree


def _read_host(tree: Tree, line: str, group: str, where: str) -> None:
    try:
        name, *assignments = shlex.split(line, comments=True)
    except ValueError:
        raise InventoryError(f"{where}: a quotation mark is not closed") from None
    variables: dict[str, Any] = {}
    for word in assignments:
        key, equals, value = word.partition("=")
        if not equals:
            raise InventoryError(f"{where}: {word!r} is no key=value", "one host a line; values with spaces in quotes")
        variables[key] = _value(value)
    tree.add_host(name, variables, group, where)


def _assignment(line: str, where: str) -> tuple[str, Any]:
    name, equals, value = line.partition("=")
    if not equals:
        raise InventoryError(f"{where}: {line.split()[0]!r} is no key=value", "variables are written key=value")
    return name.strip(), _value(_without_comment(value.strip()))


def _value(text: str) -> Any:
    """Return a number, a truth or a list as such, as Ansible does; everything else is text."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    # "0123" and the like stay text: a password of digits must not lose any.
    return text if isinstance(value, int | float) and str(value) != text else value


def _without_comment(text: str) -> str:
    return re.split(r"\s[#;]", text, maxsplit=1)[0].strip()
