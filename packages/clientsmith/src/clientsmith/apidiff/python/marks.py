"""What a definition says about itself beside its signature: that it is deprecated, and what it raises."""

from __future__ import annotations

import ast
import re
from typing import Final

__all__ = ["deprecation_of", "raises_of"]

_WARNINGS: Final = frozenset({"DeprecationWarning", "PendingDeprecationWarning", "FutureWarning"})
_SPHINX: Final = re.compile(r"^\s*\.\.\s+deprecated::\s*(?P<text>.*)$", re.MULTILINE)
_GOOGLE: Final = re.compile(r"^\s*Deprecated\s*:\s*(?P<text>.*)$", re.MULTILINE)

_Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def deprecation_of(node: _Node, docstring: str) -> str | None:
    """Return what is said about a deprecation, None if there is none.

    Looked at are the decorator (PEP 702 and its kin), the docstring (Sphinx, Google), and a warning that the body gives
    without any condition.
    """
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = ast.unparse(call.func if call else decorator).rpartition(".")[2].lower()
        if name in ("deprecated", "deprecate", "deprecation"):
            return _first_text(call)
    for pattern in (_SPHINX, _GOOGLE):
        if match := pattern.search(docstring):
            return match["text"].strip()
    for statement in node.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            function = ast.unparse(call.func)
            arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
            categories = {one.id for one in arguments if isinstance(one, ast.Name)}
            if function.rpartition(".")[2] == "warn" and categories & _WARNINGS:
                return _first_text(call)
    return None


def _first_text(call: ast.Call | None) -> str:
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)] if call else []
    texts = [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return texts[0] if texts else ""


# --- raises ----------------------------------------------------------------------------------------------------------

_SECTION: Final = re.compile(r"^(?P<indent>[ \t]*)Raises:[ \t]*$", re.MULTILINE)
_FIELD: Final = re.compile(
    r"^\s*:(?:raises?|except|exception)\s+(?P<names>[^:]+(?::class:`[^`]*`)?[^:]*):", re.MULTILINE
)
_NUMPY: Final = re.compile(r"^(?P<indent>[ \t]*)Raises[ \t]*\n[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_NAME: Final = re.compile(r"[~.]?(?P<name>[A-Za-z_][\w.]*)")


def raises_of(docstring: str) -> frozenset[str]:
    """Return the errors that a docstring promises, by their last name: of Google's, Sphinx's and NumPy's forms."""
    if "aise" not in docstring and "xcept" not in docstring:
        return frozenset()
    found: set[str] = set()
    for match in _FIELD.finditer(docstring):
        found.update(_names(match["names"].replace(":class:", "").replace("`", "")))
    for pattern, is_numpy in ((_SECTION, False), (_NUMPY, True)):
        if heading := pattern.search(docstring):
            indent = len(heading["indent"].expandtabs())
            found.update(_section(docstring[heading.end() :], indent, is_numpy=is_numpy))
    return frozenset(found)


def _section(text: str, indent: int, *, is_numpy: bool) -> set[str]:
    """Read the entries of a section: what stands one level deeper (Google), or on the same (NumPy)."""
    found: set[str] = set()
    level: int | None = None
    for line in text.splitlines()[1:]:
        if not line.strip():
            if found:
                break
            continue
        depth = len(line.expandtabs()) - len(line.expandtabs().lstrip())
        if depth < indent or (depth == indent and not is_numpy):
            break
        level = depth if level is None else level
        if depth == level:
            head = line.strip().split(":")[0]
            found.update(_names(head))
    return found


def _names(text: str) -> set[str]:
    parts = re.split(r",|\bor\b|\band\b|\s", text.strip())
    names = (match["name"].rpartition(".")[2] for part in parts if (match := _NAME.fullmatch(part.strip())))
    return {name for name in names if name[:1].isupper()}
