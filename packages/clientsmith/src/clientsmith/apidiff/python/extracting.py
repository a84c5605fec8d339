"""From the text of a module to its facts. Nothing is imported or run; bodies of functions are hardly looked at."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Final

from .exports import Exports
from .facts import Attribute, Class, Function, Import, Member, Module, Parameter, ParameterKind, Signature
from .functional import class_made_by
from .marks import deprecation_of
from .older_words import in_older_words
from .wrapping import is_awaited, returned

__all__ = ["extract"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEEPEST: Final = 100  # classes in classes, blocks in blocks: more than anyone writes


def extract(text: str | bytes, name: str, file: str, *, is_package: bool) -> Module:
    """Return the facts of a module; one that is not Python has a ``problem`` and no members.

    What only a newer Python than the one that runs this can read is such a problem, too, but for type parameters.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes of others are not ours to tell
            tree = _parse(text)
        reader = _Reader(name, is_package=is_package)
        reader.block(tree.body)
    except SyntaxError as problem:
        return Module(name, file, is_package, {}, problem=problem.msg, problem_line=problem.lineno)
    except (ValueError, RecursionError, MemoryError) as problem:
        why = "it is nested too deeply" if not isinstance(problem, ValueError) else str(problem)
        return Module(name, file, is_package, {}, problem=why)
    return Module(
        name=name,
        file=file,
        is_package=is_package,
        members=reader.members,
        exports=reader.exports.names(),
        stars=tuple(reader.stars),
        docstring=ast.get_docstring(tree, clean=False) or "",
        export_line=reader.exports.line,
        submodule_exports=tuple(reader.exports.modules),
    )


def _parse(text: str | bytes) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        older = in_older_words(text)
        if older is None:
            raise
        return ast.parse(older)


class _Reader:
    """Reads the statements of a module or a class, in their order."""

    def __init__(self, module: str, *, is_package: bool, path: str = "", depth: int = 0) -> None:
        self.module, self.is_package = module, is_package
        self.path = path or module
        self.in_class = bool(path)
        self.depth = depth
        self.members: dict[str, Member] = {}
        self.stars: list[str] = []
        self.exports = Exports()
        self._overloads: dict[str, list[Signature]] = {}
        self._branch = 0  # how many conditions are around: what a later branch defines again does not count

    def block(self, statements: Sequence[ast.stmt]) -> None:
        if self.depth + self._branch > _DEEPEST:
            raise RecursionError
        for index, statement in enumerate(statements):
            self._statement(statement, statements[index + 1] if index + 1 < len(statements) else None)

    def _statement(self, statement: ast.stmt, following: ast.stmt | None) -> None:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(statement)
            case ast.ClassDef():
                self._add(self._class(statement))
            case ast.Import() | ast.ImportFrom():
                self._import(statement)
            case ast.Assign() | ast.AnnAssign():
                self._assignment(statement, _docstring(following))
            case ast.AugAssign() | ast.Expr():
                if not self.in_class:
                    self.exports.read(statement)
            case ast.Delete():
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        self.members.pop(target.id, None)
            case _ if type(statement).__name__ == "TypeAlias":  # ``type Name = …``, of Python 3.12 and newer
                self._type_alias(statement)
            case _:
                self._branches(statement)

    def _branches(self, statement: ast.stmt) -> None:
        blocks: list[list[ast.stmt]] = []
        match statement:
            case ast.If(test=test):
                blocks = [statement.body, statement.orelse]
                if _is_not_type_checking(test):
                    # What type checkers see is what the author promises.
                    blocks.reverse()
            case ast.Try():
                blocks = [statement.body, statement.orelse, *(handler.body for handler in statement.handlers)]
                blocks.append(statement.finalbody)
            case ast.With() | ast.For() | ast.While():
                blocks = [statement.body]
            case _:
                return
        for number, block in enumerate(blocks):
            self._branch += bool(number) or isinstance(statement, ast.If)
            self.block(block)
            self._branch -= bool(number) or isinstance(statement, ast.If)

    def _add(self, member: Member) -> None:
        known = self.members.get(member.name)
        if known is not None and self._branch and not isinstance(known, Import):
            return
        if isinstance(known, Import) and isinstance(member, Attribute) and self._branch:
            return  # ``except ImportError: name = None``
        self.members[member.name] = member

    # --- functions ---

    def _function(self, node: _Function) -> None:
        decorators = tuple(_dotted(one) for one in node.decorator_list)
        signature = _signature(node, decorators)
        if any(name.rpartition(".")[2] == "overload" for name in decorators):
            self._overloads.setdefault(node.name, []).append(signature)
        known = self.members.get(node.name)
        is_accessor = any(name.endswith((".setter", ".deleter", ".getter")) for name in decorators)
        if is_accessor and isinstance(known, Function):
            self.members[node.name] = _with_setter(known)
            return
        docstring = ast.get_docstring(node, clean=False) or ""
        if self.in_class and node.name == "__init__":
            self._instance_attributes(node)
        self._add(
            Function(
                name=node.name,
                path=f"{self.path}.{node.name}",
                module=self.module,
                line=node.lineno,
                signature=signature,
                is_async=is_awaited(node, decorators),
                decorators=decorators,
                overloads=tuple(self._overloads.get(node.name, ())),
                docstring=docstring,
                has_setter=False,
                deprecation=deprecation_of(node, docstring),
                type_parameters=_type_parameters(node),
                is_method=self.in_class,
            )
        )

    def _instance_attributes(self, node: _Function) -> None:
        """Add what the constructor puts on ``self``; what is a parameter there has that parameter's type."""
        arguments = [*node.args.posonlyargs, *node.args.args]
        if not arguments:
            return
        own = arguments[0].arg
        types = {one.arg: one.annotation for one in [*arguments, *node.args.kwonlyargs]}
        for statement in ast.walk(node):
            match statement:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name), attr=attribute)], value=value):
                    annotation = types.get(value.id) if isinstance(value, ast.Name) else None
                case ast.AnnAssign(
                    target=ast.Attribute(value=ast.Name(id=name), attr=attribute), annotation=annotation
                ):
                    pass
                case _:
                    continue
            if name == own and not attribute.startswith("_") and attribute not in self.members:
                path = f"{self.path}.{attribute}"
                self.members[attribute] = Attribute(
                    attribute, path, self.module, statement.lineno, annotation, None, is_instance=True
                )

    # --- classes ---

    def _class(self, node: ast.ClassDef) -> Class:
        path = f"{self.path}.{node.name}"
        inner = _Reader(self.module, is_package=self.is_package, path=path, depth=self.depth + self._branch + 1)
        inner.block(node.body)
        docstring = ast.get_docstring(node, clean=False) or ""
        calls = [one for one in node.decorator_list if isinstance(one, ast.Call)]
        return Class(
            name=node.name,
            path=path,
            module=self.module,
            line=node.lineno,
            bases=tuple(node.bases),
            keywords={one.arg: one.value for one in node.keywords if one.arg},
            decorators=tuple(_dotted(one) for one in node.decorator_list),
            decorator_keywords={one.arg: one.value for call in calls for one in call.keywords if one.arg},
            members=inner.members,
            docstring=docstring,
            deprecation=deprecation_of(node, docstring),
            type_parameters=_type_parameters(node),
        )

    # --- names ---

    def _assignment(self, node: ast.Assign | ast.AnnAssign, docstring: str) -> None:
        if not self.in_class and self.exports.read(node):
            return
        if (made := class_made_by(node)) is not None:
            self._add(self._class(made))
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        annotation = None if isinstance(node, ast.Assign) else node.annotation
        for target in targets:
            names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            value = node.value if names == [target] else None
            for name in names:
                if isinstance(name, ast.Name):
                    path = f"{self.path}.{name.id}"
                    self._assigned(Attribute(name.id, path, self.module, node.lineno, annotation, value, docstring))

    def _type_alias(self, node: Any) -> None:
        name, said = str(node.name.id), ast.Name("TypeAlias", ast.Load())
        self._add(Attribute(name, f"{self.path}.{name}", self.module, node.lineno, said, node.value))

    def _assigned(self, attribute: Attribute) -> None:
        known = self.members.get(attribute.name)
        if isinstance(known, Attribute) and attribute.annotation is None and known.annotation is not None:
            if not self._branch:  # ``x: int`` and then ``x = 1``
                self.members[attribute.name] = Attribute(
                    known.name, known.path, known.module, known.line, known.annotation, attribute.value, known.docstring
                )
            return
        self._add(attribute)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for one in node.names:
                name = one.asname or one.name.split(".")[0]
                module = one.name if one.asname else name
                self._add(Import(name, module, "", node.lineno, is_explicit=one.asname == one.name))
            return
        module = self._absolute(node)
        for one in node.names:
            if one.name == "*":
                self.stars.append(module)
            else:
                explicit = one.asname == one.name
                self._add(Import(one.asname or one.name, module, one.name, node.lineno, is_explicit=explicit))

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.module.split(".")
        up = node.level - (1 if self.is_package else 0)
        base = parts[: len(parts) - up] if up else parts
        return ".".join([*base, *([node.module] if node.module else [])])


def _with_setter(known: Function) -> Function:
    return Function(
        known.name, known.path, known.module, known.line, known.signature, known.is_async, known.decorators,
        known.overloads, known.docstring, True, known.deprecation, known.type_parameters, known.is_method,
    )  # fmt: skip


def _signature(node: _Function, decorators: Sequence[str]) -> Signature:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    parameters: list[Parameter] = []
    for index, (one, default) in enumerate(zip(positional, defaults, strict=True)):
        # Two underscores said so before Python 3.8 could (PEP 484).
        is_only = index < len(arguments.posonlyargs) or (one.arg.startswith("__") and not one.arg.endswith("__"))
        kind = ParameterKind.POSITIONAL_ONLY if is_only else ParameterKind.NORMAL
        parameters.append(Parameter(one.arg, kind, one.annotation, default, one.lineno))
    if arguments.vararg:
        one = arguments.vararg
        parameters.append(Parameter(one.arg, ParameterKind.VAR_POSITIONAL, one.annotation, None, one.lineno))
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(Parameter(one.arg, ParameterKind.KEYWORD_ONLY, one.annotation, default, one.lineno))
    if arguments.kwarg:
        one = arguments.kwarg
        parameters.append(Parameter(one.arg, ParameterKind.VAR_KEYWORD, one.annotation, None, one.lineno))
    return Signature(tuple(parameters), returned(node.returns, decorators), node.lineno)


def _type_parameters(node: ast.AST) -> tuple[str, ...]:
    parameters: Iterable[Any] = getattr(node, "type_params", ())  # Python 3.12 and newer
    return tuple(str(one.name) for one in parameters)


def _docstring(following: ast.stmt | None) -> str:
    match following:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return text
        case _:
            return ""


def _dotted(node: ast.expr) -> str:
    """Return the name of a decorator: ``functools.cached_property``; of a call what is called."""
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _is_not_type_checking(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.UnaryOp)
        and isinstance(test.op, ast.Not)
        and _dotted(test.operand).rpartition(".")[2] == "TYPE_CHECKING"
    )
