"""Rules about exceptions: which types, what they carry, how they are documented and chained."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from typing import Final

from clientsmith.guidelines.examples import ONE_METHOD, Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.rule import Rule, RunRule, SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import ClassSource, External, Module
from clientsmith.guidelines.verdicts import Met, NotApplicable, Problem, Verdict, judged, problem
from clientsmith.guidelines.views import docstrings_of, lacking, sending

__all__ = [
    "ErrorsAzureExceptions",
    "ErrorsDocumentation",
    "ErrorsNewExceptions",
    "ErrorsRichInfo",
    "ErrorsUseChaining",
    "ErrorsUseStandardExceptions",
]

_OWN_NONE: Final = "the package raises nothing itself: everything comes from the core"
_NO_CORE: Final = "it stands on no core whose exceptions it could reuse"
_NO_TYPE: Final = "the package defines no exception"
# These say nothing by themselves: a name of one's own is what makes them an answer.
_MEAN_NOTHING: Final = frozenset({"Exception", "BaseException", "RuntimeError", "Warning", "UserWarning"})
_RAISES: Final = re.compile(r":raises?\b|:exc\b|^\s*Raises:?\s*$|^\s*Raises\n\s*-{3,}", re.MULTILINE)


def _is_built_in(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def _is_everybodys(name: str) -> bool:
    """Whether an exception is built in, or what protocols of the standard library ask for."""
    return _is_built_in(name) or name.startswith(("io.", "asyncio."))


def _raises(package: Package, pattern: str = r"\braise\s") -> Iterator[tuple[Module, ast.Raise, str]]:
    """Yield every ``raise`` of a named type, in the modules in whose text the pattern is found."""
    for module in package.source.mentioning(pattern):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                if not _is_value(called):
                    yield module, node, ast.unparse(called)


def _is_value(raised: ast.expr) -> bool:
    """Whether an exception is there already, ``raise error``, ``errors[0]``, or made by a method, ``self._why()``."""
    first = ast.unparse(raised).partition(".")[0]
    return first == "self" or (isinstance(raised, ast.Name | ast.Subscript) and first.islower())


def _judged_errors(package: Package) -> list[ClassSource]:
    """Return the exception types that reach users: of other bases than ours, private ones end within the package."""
    if package.profile is CLIENTSMITH:
        return list(package.errors)
    return [cls for cls in package.errors if cls.is_public and not cls.name.endswith("Warning")]


class ErrorsAzureExceptions(Rule):
    """The exceptions of the core."""

    id = "errors-azure-exceptions"
    kinds = "S"
    meaning = "What is raised are exceptions of the core, or built-in ones."
    why = (
        "Who uses two libraries of the house writes one `except` for both. An exception of the HTTP library "
        "underneath names a dependency that may be replaced, and is not caught by anybody."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.errors import ClientsmithError


        class DepotClient(ServiceClient):
            def get_weight(self, **options: object) -> float:
                raise ClientsmithError("the scale is gone")
        """
    )
    bad = Example(
        """
        import json

        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def get_weight(self, **options: object) -> float:
                raise json.JSONDecodeError("no weight", "", 0)  # <--
        """
    )

    def judge(self, package: Package) -> Verdict:
        if not package.profile.has_core:
            return NotApplicable(_NO_CORE)
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
            if outside and not any(package.profile.is_core(base) or _is_everybodys(base) for base in outside):
                hint = f"{name} does not come from the core: translate it into an exception of {package.profile.base}"
                problems.append(problem(module.file, node, hint))
            evidence.append(name)
        return judged(problems, list(dict.fromkeys(evidence)) or [_OWN_NONE], nothing=_OWN_NONE)


class ErrorsUseStandardExceptions(Rule):
    """Built-in exceptions first."""

    id = "errors-use-standard-exceptions"
    kinds = "S"
    meaning = "No new exception type where a built-in one says the same."
    why = (
        "Everybody knows what a `ValueError` is and where it comes from. A type that only renames it has to be looked "
        "up, imported and documented, and tells nothing more."
    )
    good = Example(
        """
        from clientsmith.core.errors import ClientsmithError


        class ShelfTakenError(ClientsmithError):
            \"\"\"Another shelf has the name.\"\"\"
        """
    )
    bad = Example(
        """
        class ShelfValueError(ValueError):  # <--
            \"\"\"A value is wrong.\"\"\"
        """
    )

    def judge(self, package: Package) -> Verdict:
        problems: list[Problem] = []
        for cls in _judged_errors(package):
            lineage, outside = package.source.lineage(cls)
            if package.profile is not CLIENTSMITH and (len(lineage) > 1 or not _only_renames(outside)):
                continue
            adds = any(each.own_functions or _assigns(each.node) for each in lineage)
            is_new = bool(outside) and not any(package.profile.is_core(base) for base in outside)
            if is_new and not adds and not _stands_beside(package, cls, outside[0]):
                problems.append(
                    problem(cls.module.file, cls.node, f"{cls.name} adds nothing to {outside[0]}: raise that one")
                )
        return judged(problems, [cls.name for cls in _judged_errors(package)], nothing=_NO_TYPE)


def _stands_beside(package: Package, cls: ClassSource, base: str) -> bool:
    """Whether what raises a type raises its built-in base too, for another reason: callers have to tell them apart."""
    raised: dict[Module, set[str]] = {}
    for module, _, name in _raises(package, rf"\braise\s[^\n]*\b{cls.name}\b"):
        raised.setdefault(module, set()).add(name.rpartition(".")[2])
    return any({cls.name, base} <= names for names in raised.values())


def _only_renames(outside: list[str]) -> bool:
    """Whether all bases are built-in exceptions that mean something by themselves."""
    return all(_is_built_in(base) and base not in _MEAN_NOTHING for base in outside)


def _assigns(node: ast.ClassDef) -> bool:
    return any(isinstance(each, ast.Assign | ast.AnnAssign) for each in node.body)


class ErrorsNewExceptions(Rule):
    """New exceptions belong to the tree."""

    id = "errors-new-exceptions"
    kinds = "S"
    meaning = "An exception type of the package's own derives from one of the core."
    why = (
        "Who catches the errors of the core means those of all services. A type beside that tree slips through, in "
        "the one case that nobody tried."
    )
    good = Example(
        """
        from clientsmith.core.errors import ClientsmithError


        class ShelfTakenError(ClientsmithError):
            \"\"\"Another shelf has the name.\"\"\"
        """
    )
    bad = Example(
        """
        class ShelfTakenError(Exception):  # <--
            \"\"\"Another shelf has the name.\"\"\"

            name: str = ""
        """
    )

    def judge(self, package: Package) -> Verdict:
        if not package.profile.has_core:
            return NotApplicable(_NO_CORE)
        problems: list[Problem] = []
        for cls in _judged_errors(package):
            _, outside = package.source.lineage(cls)
            if not any(package.profile.is_core(base) for base in outside):
                hint = f"derive {cls.name} from an exception of {package.profile.base}, or raise that one itself"
                problems.append(problem(cls.module.file, cls.node, hint))
        return judged(problems, [cls.name for cls in _judged_errors(package)], nothing=_NO_TYPE)


class ErrorsRichInfo(RunRule):
    """What the service said is in the exception."""

    id = "errors-rich-info"
    kinds = "R"
    meaning = "What the service says about an error is in attributes of the exception."
    why = (
        "A program acts on the status and the code, a person on the words, and support asks for the id of the "
        "request. Whoever has to parse a message for them breaks when its wording changes."
    )
    good = ONE_METHOD
    bad = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.errors import HttpResponseError
        from clientsmith.core.operations import Operation
        from clientsmith.core.serialization import as_codec

        GET_WEIGHT = Operation("GET", "/weight", responses={200: as_codec(None)})


        class DepotClient(ServiceClient):
            def get_weight(self, **options: object) -> float:  # <--
                try:
                    return self._call(GET_WEIGHT, {}, options=options)
                except HttpResponseError as error:
                    raise ValueError("no weight") from error
        """
    )


class ErrorsDocumentation(SideRule):
    """Documented exceptions."""

    id = "errors-documentation"
    kinds = "S"
    meaning = "Every method says what it raises: a `Raises:` section, or `:raises X:`."
    why = (
        "What can go wrong is part of a method as its result is. Without it, users find out in production, one "
        "exception at a time."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def get_weight(self, **options: object) -> float:
                \"\"\"Weigh the depot.

                Raises:
                    HttpResponseError: The depot refused.
                \"\"\"
                return self._call(GET_WEIGHT, {}, options=options)
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def get_weight(self, **options: object) -> float:  # <--
                \"\"\"Weigh the depot.\"\"\"
                return self._call(GET_WEIGHT, {}, options=options)
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        methods = [method for _, method in sending(side)]
        missing = [(each, () if _RAISES.search(docstrings_of(each)) else ("what it raises",)) for each in methods]
        problems = lacking(side, missing, lambda _: "document what it raises")
        return judged(problems, [method.name for method in methods], nothing="there is no method")


class ErrorsUseChaining(Rule):
    """The first exception is kept."""

    id = "errors-use-chaining"
    kinds = "S"
    meaning = "An exception raised because of another one keeps it as its cause or context."
    why = (
        "The first exception says what happened, the second what it means for the caller. Whoever looks for the "
        "reason needs both, and only the traceback of the first leads there."
    )
    good = Example(
        """
        def read(text: str) -> int:
            try:
                return int(text)
            except ValueError as error:
                raise LookupError(text) from error
        """
    )
    bad = Example(
        """
        def read(text: str) -> int:
            try:
                return int(text)
            except ValueError:
                raise LookupError(text) from None  # <--


        def read_all(texts: list[str]) -> list[int]:
            found, failed = [], False
            for text in texts:
                try:
                    found.append(int(text))
                except ValueError:
                    failed = True
            if failed:
                raise LookupError(texts)  # <--
            return found
        """
    )

    def judge(self, package: Package) -> Verdict:
        problems: list[Problem] = []
        for module, function in package.source.functions(r"(?m)\bfrom None\b|= (True|False)$"):
            flags: set[str] = set()
            for node in ast.walk(function):
                if isinstance(node, ast.ExceptHandler):
                    problems += [
                        problem(
                            module.file, each, "`from None` hides what happened first; leave it out, or name the cause"
                        )
                        for each in ast.walk(node)
                        if isinstance(each, ast.Raise)
                        and isinstance(each.cause, ast.Constant)
                        and not _is_unwrapped(node, each)
                    ]
                    flags |= _set_in(node)
            problems += [
                problem(
                    module.file, node, "raise this within `except`, or with `from`: here the first exception is lost"
                )
                for node in _raised_later(function, flags)
            ]
        return judged(problems, [], nothing="") if problems else Met("no exception loses the one before it")


def _is_unwrapped(handler: ast.ExceptHandler, raised: ast.Raise) -> bool:
    """Whether what is raised is the first exception itself: ``raise error.__cause__ from None`` takes a wrapper off."""
    return isinstance(raised.exc, ast.Attribute) and ast.unparse(raised.exc).split(".")[0] == handler.name


def _set_in(handler: ast.ExceptHandler) -> set[str]:
    """Return the names that a handler sets to true or false, to remember that something failed."""
    return {
        target.id
        for node in handler.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _raised_later(function: ast.AST, flags: set[str]) -> Iterator[ast.Raise]:
    for node in ast.walk(function):
        if isinstance(node, ast.If) and {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)} & flags:
            yield from (each for each in node.body if isinstance(each, ast.Raise) and each.cause is None)
