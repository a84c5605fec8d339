"""Rules about exceptions: which types, what they carry, how they are documented and chained."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from typing import Final

from clientsmith.core.errors import HttpResponseError
from clientsmith.core.testing import Answer

from .package import Package, Side
from .rule import package_rule, side_rule
from .running import Runner
from .source import ClassSource, External, Module
from .verdicts import Met, Problem, Verdict, judged, problem

__all__ = [
    "errors_azure_exceptions",
    "errors_documentation",
    "errors_new_exceptions",
    "errors_rich_info",
    "errors_use_chaining",
    "errors_use_standard_exceptions",
]

# One body in several of the shapes that services use.
_REFUSAL: Final = {"code": "out-of-widgets", "message": "no widget is left", "title": "no widget is left"}
_OWN_NONE: Final = "the package raises nothing itself: everything comes from the core"


def _is_core(name: str) -> bool:
    return name.startswith("clientsmith.core.")


def _is_built_in(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def _raises(package: Package) -> Iterator[tuple[Module, ast.Raise, str]]:
    """Yield every ``raise`` of a named type."""
    for module in package.source.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                if not _is_value(called):
                    yield module, node, ast.unparse(called)


def _is_value(raised: ast.expr) -> bool:
    """Whether an exception is there already, ``raise error``, ``errors[0]``, or made by a method, ``self._why()``."""
    first = ast.unparse(raised).partition(".")[0]
    return first == "self" or (isinstance(raised, ast.Name | ast.Subscript) and first.islower())


@package_rule("errors-azure-exceptions", "S", "What is raised are exceptions of the core, or built-in ones.")
def errors_azure_exceptions(package: Package) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for module, node, name in _raises(package):
        # A factory, `DeviceError.from_result(…)`, raises what its class stands for.
        head, _, factory = name.rpartition(".")
        found = package.source.resolve(module, head if head and factory.islower() else name)
        if isinstance(found, ClassSource):
            _, outside = package.source.lineage(found)
        else:
            outside = [found.name] if isinstance(found, External) else []
        if outside and not any(_is_core(base) or _is_built_in(base) for base in outside):
            hint = f"{name} does not come from the core: translate it into an exception of clientsmith.core.errors"
            problems.append(problem(module.file, node, hint))
        evidence.append(name)
    return judged(problems, evidence or [_OWN_NONE], nothing=_OWN_NONE)


@package_rule("errors-use-standard-exceptions", "S", "No new exception type where a built-in one says the same.")
def errors_use_standard_exceptions(package: Package) -> Verdict:
    problems: list[Problem] = []
    for cls in package.errors:
        lineage, outside = package.source.lineage(cls)
        adds = any(each.own_functions or _assigns(each.node) for each in lineage)
        if not adds and not any(_is_core(base) for base in outside):
            hint = f"{cls.name} adds nothing to {outside[0]}: raise that one"
            problems.append(problem(cls.module.file, cls.node, hint))
    return judged(problems, [cls.name for cls in package.errors], nothing="the package defines no exception")


def _assigns(node: ast.ClassDef) -> bool:
    return any(isinstance(each, ast.Assign | ast.AnnAssign) for each in node.body)


@package_rule("errors-new-exceptions", "S", "An exception type of the package's own derives from one of the core.")
def errors_new_exceptions(package: Package) -> Verdict:
    problems: list[Problem] = []
    for cls in package.errors:
        _, outside = package.source.lineage(cls)
        if not any(_is_core(base) for base in outside):
            hint = f"derive {cls.name} from an exception of clientsmith.core.errors, or raise that one itself"
            problems.append(problem(cls.module.file, cls.node, hint))
    return judged(problems, [cls.name for cls in package.errors], nothing="the package defines no exception")


@side_rule("errors-rich-info", "R", "What the service says about an error is in attributes of the exception.")
def errors_rich_info(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.called:
        facts = side.package.operation_of(method)
        documented = facts.documented_errors if facts else ()
        status = next((each for each in documented if isinstance(each, int) and each != 404), 418)
        answer = Answer(status, json=_REFUSAL, headers={"X-Request-ID": "of-service"})
        error = Runner(side).call(client, method, [answer], max_retries=0).error
        if isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]  # of several things at once each has an error of its own
        if not isinstance(error, HttpResponseError):
            hint = f"{method.name} raises {type(error).__name__} where the service answers with an error"
            problems.append(problem(method.file, method.node, hint))
            continue
        said = (error.status_code, error.error_code, error.service_message, error.request_id)
        if said != (status, "out-of-widgets", "no widget is left", "of-service"):
            hint = f"{method.name}: the exception should carry the status, the code and the words of the service"
            problems.append(problem(method.file, method.node, hint))
        if (status in documented or "default" in documented) and error.error is None:
            hint = f"{method.name}: the documented error of {status} should be the exception's `model`"
            problems.append(problem(method.file, method.node, hint))
        evidence.append(method.name)
    return judged(problems, evidence, nothing="there is no method")


@side_rule("errors-documentation", "S", "Every method says what it raises: a `Raises:` section, or `:raises X:`.")
def errors_documentation(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for _, method in side.methods:
        if "Raises:\n" in method.docstring or ":raises " in method.docstring:
            evidence.append(method.name)
        else:
            problems.append(problem(method.file, method.node, f"{method.name}: document what it raises"))
    return judged(problems, evidence, nothing="there is no method")


@package_rule(
    "errors-use-chaining", "S", "An exception raised because of another one keeps it as its cause or context."
)
def errors_use_chaining(package: Package) -> Verdict:
    problems: list[Problem] = []
    for module, function in package.source.functions():
        flags: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler):
                problems += [
                    problem(module.file, each, "`from None` hides what happened first; leave it out, or name the cause")
                    for each in ast.walk(node)
                    if isinstance(each, ast.Raise) and isinstance(each.cause, ast.Constant)
                ]
                flags |= _set_in(node)
        problems += [
            problem(module.file, node, "raise this within `except`, or with `from`: here the first exception is lost")
            for node in _raised_later(function, flags)
        ]
    return judged(problems, [], nothing="") if problems else Met("no exception loses the one before it")


def _set_in(handler: ast.ExceptHandler) -> set[str]:
    """Return the names that a handler sets to a constant, to remember that something failed."""
    return {
        target.id
        for node in handler.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _raised_later(function: ast.AST, flags: set[str]) -> Iterator[ast.Raise]:
    for node in ast.walk(function):
        if isinstance(node, ast.If) and {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)} & flags:
            yield from (each for each in node.body if isinstance(each, ast.Raise) and each.cause is None)
