"""Statements of the code model, and the module that they make up.

Each statement answers three questions: which symbols of other modules it uses, which names it binds where such a
symbol could be hidden by them, and what its lines are once every symbol has a local name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, TypeAlias

from clientsmith.emit.code import Code, LocalNames, Symbol
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.imports import export_lines, import_lines, local_names
from clientsmith.emit.text import comment, identifier

__all__ = [
    "Argument",
    "Assign",
    "AssignTogether",
    "Block",
    "Class",
    "Compound",
    "Declare",
    "Evaluate",
    "Function",
    "Guarded",
    "Module",
    "Statement",
    "Try",
    "return_",
]

_INDENT = "    "


class Statement(Protocol):
    """One statement, simple or compound."""

    def symbols(self) -> Iterator[Symbol]:
        """The symbols of other modules that it uses."""
        ...

    def bound(self) -> Iterator[str]:
        """The names that it binds, where a symbol of the same name could no longer be reached."""
        ...

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        """Its source lines; ``depth`` is how many columns it stands in, which only docstrings need to know."""
        ...


Block: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Assign:
    """``target: annotation = value``."""

    target: str
    value: Code
    annotation: Code | None = None
    docstring: str = ""

    def symbols(self) -> Iterator[Symbol]:
        return chain(self.value.symbols, self.annotation.symbols if self.annotation else ())

    def bound(self) -> Iterator[str]:
        yield self.target

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        annotation = f": {self.annotation.render(names)}" if self.annotation else ""
        yield f"{identifier(self.target)}{annotation} = {self.value.render(names)}"
        if self.docstring:
            yield from Docstring(self.docstring).lines(depth)


@dataclass(frozen=True, slots=True)
class Declare:
    """``target: annotation``, in a class: what another one assigns."""

    target: str
    annotation: Code

    def symbols(self) -> Iterator[Symbol]:
        return self.annotation.symbols

    def bound(self) -> Iterator[str]:
        yield self.target

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        yield f"{identifier(self.target)}: {self.annotation.render(names)}"


@dataclass(frozen=True, slots=True)
class AssignTogether:
    """``first, second = value``."""

    targets: tuple[str, ...]
    value: Code

    def symbols(self) -> Iterator[Symbol]:
        return self.value.symbols

    def bound(self) -> Iterator[str]:
        return iter(self.targets)

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        yield f"{', '.join(identifier(target) for target in self.targets)} = {self.value.render(names)}"


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression for its effect; ``assert`` or another keyword may stand before it."""

    code: Code
    keyword: str = ""

    def symbols(self) -> Iterator[Symbol]:
        return self.code.symbols

    def bound(self) -> Iterator[str]:
        return iter(())

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        yield f"{self.keyword} {self.code.render(names)}".strip()


def return_(code: Code) -> Evaluate:
    """``return code``."""
    return Evaluate(code, "return")


@dataclass(frozen=True, slots=True)
class Try:
    """``try: body`` with one handler for one exception."""

    body: Block
    exception: Code
    handler: Block
    name: str = ""  # what the handler calls it

    def symbols(self) -> Iterator[Symbol]:
        return chain(self.exception.symbols, _symbols(self.body), _symbols(self.handler))

    def bound(self) -> Iterator[str]:
        return chain(_bound(self.body), _bound(self.handler), (self.name,) if self.name else ())

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        yield "try:"
        yield from _indented(self.body, names, depth)
        yield f"except {self.exception.render(names)}{f' as {identifier(self.name)}' if self.name else ''}:"
        yield from _indented(self.handler, names, depth)


@dataclass(frozen=True, slots=True)
class Compound:
    """``header: body`` for a ``for`` or ``with`` statement, which binds ``name``."""

    header: Code
    name: str
    body: Block

    def symbols(self) -> Iterator[Symbol]:
        return chain(self.header.symbols, _symbols(self.body))

    def bound(self) -> Iterator[str]:
        return chain((self.name,), _bound(self.body))

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        yield f"{self.header.render(names)}:"
        yield from _indented(self.body, names, depth)


@dataclass(frozen=True, slots=True)
class Guarded:
    """``if condition: body`` in a module: for what only type checkers, or only the interpreter, should see."""

    condition: Code
    body: Block = ()
    imports: tuple[Symbol, ...] = ()
    exports: tuple[Symbol, ...] = ()  # imported for others: `from .module import Name as Name`

    def symbols(self) -> Iterator[Symbol]:
        return chain(self.condition.symbols, _symbols(self.body))

    def bound(self) -> Iterator[str]:
        return chain(_bound(self.body), (symbol.local for symbol in (*self.imports, *self.exports)))

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        yield f"if {self.condition.render(names)}:"
        imports = import_lines({symbol: symbol.local for symbol in self.imports})
        yield from (f"{_INDENT}{line}" if line else "" for line in imports)
        yield from (f"{_INDENT}{line}" for line in export_lines(self.exports))
        yield from _indented(self.body, names, depth)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a function. ``kind`` is one of positional, keyword and keywords (``**``)."""

    name: str
    annotation: Code | None = None
    default: Code | None = None
    kind: str = "positional"

    @property
    def symbols(self) -> Iterator[Symbol]:
        return chain.from_iterable(code.symbols for code in (self.annotation, self.default) if code)

    def render(self, names: LocalNames) -> str:
        text = f"{'**' * (self.kind == 'keywords')}{identifier(self.name)}"
        if self.annotation is not None:
            text += f": {self.annotation.render(names)}"
        return text if self.default is None else f"{text} = {self.default.render(names)}"


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method, in either colour."""

    name: str
    arguments: tuple[Argument, ...]
    returns: Code
    body: Block
    docstring: Docstring | None = None
    is_async: bool = False
    decorators: tuple[Code, ...] = ()

    def symbols(self) -> Iterator[Symbol]:
        decorators = chain.from_iterable(item.symbols for item in self.decorators)
        arguments = chain.from_iterable(item.symbols for item in self.arguments)
        return chain(decorators, self.returns.symbols, _symbols(self.body), arguments)

    def bound(self) -> Iterator[str]:
        yield self.name
        # An argument hides a symbol only from the body, so it counts only where the body uses that symbol.
        used = {symbol.local for symbol in _symbols(self.body)}
        yield from (name for name in (*(item.name for item in self.arguments), *_bound(self.body)) if name in used)

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        arguments = ", ".join(self._arguments(names))
        yield from (f"@{decorator.render(names)}" for decorator in self.decorators)
        yield f"{'async ' * self.is_async}def {identifier(self.name)}({arguments}) -> {self.returns.render(names)}:"
        if self.docstring:
            yield from (f"{_INDENT}{line}" if line else "" for line in self.docstring.lines(depth + 4))
        yield from _indented(self.body, names, depth)

    def _arguments(self, names: LocalNames) -> Iterator[str]:
        seen: set[str] = set()
        is_keyword = False
        for argument in self.arguments:
            if argument.name in seen:
                raise ValueError(f"two arguments of {self.name}() are called {argument.name!r}")
            seen.add(argument.name)
            if argument.kind == "keyword" and not is_keyword:
                is_keyword = True
                yield "*"
            yield argument.render(names)


@dataclass(frozen=True, slots=True)
class Class:
    """A class: its keywords are those of its header (``tag="kind"``)."""

    name: str
    bases: tuple[Code, ...]
    body: Block
    docstring: Docstring
    keywords: tuple[tuple[str, Code], ...] = ()

    def symbols(self) -> Iterator[Symbol]:
        header = chain.from_iterable(code.symbols for code in (*self.bases, *(code for _, code in self.keywords)))
        return chain(header, _symbols(self.body))

    def bound(self) -> Iterator[str]:
        return chain((self.name,), _bound(self.body))

    def lines(self, names: LocalNames, depth: int) -> Iterator[str]:
        header = [base.render(names) for base in self.bases]
        header += [f"{identifier(key)}={code.render(names)}" for key, code in self.keywords]
        yield f"class {identifier(self.name)}({', '.join(header)}):"
        yield from (f"{_INDENT}{line}" if line else "" for line in self.docstring.lines(depth + 4))
        if self.body:
            yield ""
        yield from _indented(self.body, names, depth)


@dataclass(frozen=True, slots=True)
class Module:
    """A file of Python, rendered with the imports that its statements need and no other."""

    docstring: Docstring
    body: Block
    header: tuple[str, ...] = ()
    imports: tuple[Symbol, ...] = ()  # to be imported though no statement uses them: what the module re-exports

    def render(self) -> str:
        """Return the source, not yet formatted."""
        names = self._local_names()
        lines = [f"# {comment(line)}" for line in self.header]
        lines += [*self.docstring.lines(), "", "from __future__ import annotations", ""]
        lines += [*import_lines(names)]
        for statement in self.body:
            # The formatter adds the second blank line where a class or function follows.
            lines += ["", *statement.lines(names, 0)]
        return "\n".join(lines) + "\n"

    def _local_names(self) -> Mapping[Symbol, str]:
        return local_names((*self.imports, *_symbols(self.body)), bound=_bound(self.body))


def _symbols(statements: Iterable[Statement]) -> Iterator[Symbol]:
    return chain.from_iterable(statement.symbols() for statement in statements)


def _bound(statements: Iterable[Statement]) -> Iterator[str]:
    return chain.from_iterable(statement.bound() for statement in statements)


def _indented(statements: Block, names: LocalNames, depth: int) -> Iterator[str]:
    for number, statement in enumerate(statements):
        if number and isinstance(statement, Function | Class):
            yield ""
        yield from (f"{_INDENT}{line}" if line else "" for line in statement.lines(names, depth + 4))
