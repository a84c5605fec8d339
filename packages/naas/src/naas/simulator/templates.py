"""The templates of what a device prints: text with fields, repeats and conditions, and nothing else.

The whole language, so that text from a user's file can be rendered without ever being executed::

    {hostname}                       a field
    {name:<22}  {age:>3}  {name:.20} padded on the right, padded on the left, cut
    {each interfaces} ... {end}      once for each row; inside, the row's fields come first
    {if description} ... {else} ... {end}       if the field is not empty
    {if state=up} ... {end}          if the field has this value
    {{  }}                           the braces themselves

A line that holds nothing but ``{each}``, ``{if}``, ``{else}`` or ``{end}`` is not printed. A field of several lines is
continued in the column in which it began, as the port lists of ``show vlan`` are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Protocol

LONGEST_PADDING: Final = 200  # columns; more is a mistake, and would let a small file print a large answer

_TOKEN: Final = re.compile(
    r"^[ \t]*\{(?P<own_line>(?:each|if|else|end)\b[^{}\n]*)\}[ \t]*(?:\n|\Z)"
    r"|(?P<brace>\{\{|\}\})|\{(?P<tag>[^{}\n]*)\}|(?P<stray>[{}])",
    re.MULTILINE,
)
_FIELD: Final = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?::(?P<align>[<>]?)(?P<width>\d*)(?:\.(?P<cut>\d+))?)?")
_CONDITION: Final = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?:=(?P<value>.*))?")


class TemplateError(ValueError):
    """A template is not written in the language above. The message says what to write instead."""


class Scope(Protocol):
    """Where the values come from."""

    def value(self, name: str) -> str:
        """The field of this name."""
        ...

    def rows(self, name: str) -> Sequence[Scope]:
        """What ``{each name}`` repeats over."""
        ...


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The fields and collections that templates may use, to find mistakes when a file is loaded."""

    fields: frozenset[str]
    collections: Mapping[str, frozenset[str]]

    def inside(self, collection: str) -> KnownNames:
        """What is known within ``{each collection}``."""
        return KnownNames(self.fields | self.collections[collection], self.collections)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    align: str
    width: int
    cut: int | None

    def text(self, scope: Scope) -> str:
        value = scope.value(self.name)
        if self.cut is not None:
            value = value[: self.cut]
        return value.rjust(self.width) if self.align == ">" else value.ljust(self.width)


@dataclass(frozen=True, slots=True)
class _If:
    name: str
    value: str | None
    then: list[_Node] = field(default_factory=list["_Node"])
    otherwise: list[_Node] = field(default_factory=list["_Node"])

    def chosen(self, scope: Scope) -> list[_Node]:
        found = scope.value(self.name)
        return self.then if (found == self.value if self.value is not None else found) else self.otherwise


@dataclass(frozen=True, slots=True)
class _Each:
    collection: str
    body: list[_Node] = field(default_factory=list["_Node"])


_Node = str | _Field | _If | _Each


class Template:
    """A compiled template: ``Template("{hostname}>").render(scope)``."""

    __slots__ = ("_nodes", "source")

    def __init__(self, source: str, known: KnownNames | None = None) -> None:
        """Compile ``source``; with ``known``, every name in it must be one of these.

        Raises:
            TemplateError: It is not in the language, or uses an unknown name.
        """
        self.source = source
        self._nodes = _Compiler(known).compile(source)

    def render(self, scope: Scope) -> str:
        """The text with the values of ``scope``."""
        pieces: list[str] = []
        _render(self._nodes, scope, pieces)
        return "".join(pieces)

    def __repr__(self) -> str:
        return f"Template({self.source!r})"


def _render(nodes: Sequence[_Node], scope: Scope, pieces: list[str]) -> None:
    for node in nodes:
        match node:
            case str():
                pieces.append(node)
            case _Field():
                text = node.text(scope)
                pieces.append(text if "\n" not in text else text.replace("\n", "\n" + " " * _column(pieces)))
            case _If():
                _render(node.chosen(scope), scope, pieces)
            case _Each():
                for row in scope.rows(node.collection):
                    _render(node.body, row, pieces)


def _column(pieces: Sequence[str]) -> int:
    """How many characters stand in the line that is being written."""
    before = ""
    for piece in reversed(pieces):
        before = piece + before
        if "\n" in piece:
            break
    return len(before) - before.rfind("\n") - 1


class _Compiler:
    """Makes nodes of a text. What is open (an ``each``, an ``if``) is a stack."""

    def __init__(self, known: KnownNames | None) -> None:
        self._known = known
        self._root: list[_Node] = []
        self._open: list[tuple[_If | _Each, KnownNames | None]] = []
        self._here = self._root

    def compile(self, source: str) -> list[_Node]:
        for token in _tokens(source):
            if isinstance(token, str):
                self._here.append(token)
            else:
                self._tag(token[0])
        if self._open:
            kind = "each" if isinstance(self._open[-1][0], _Each) else "if"
            raise TemplateError(f"a {{{kind}}} is never closed; write {{end}} where it ends")
        return self._root

    def _tag(self, tag: str) -> None:
        word, _, rest = tag.strip().partition(" ")
        match word:
            case "each":
                self._enter(_Each(self._collection(rest.strip())))
            case "if":
                self._enter(self._condition(rest.strip()))
            case "else":
                self._else()
            case "end":
                self._leave()
            case _:
                self._here.append(self._field(tag))

    def _enter(self, node: _If | _Each) -> None:
        if isinstance(node, _Each) and any(isinstance(outer, _Each) for outer, _ in self._open):
            raise TemplateError("an {each} stands in an {each}; end the outer one first")
        self._here.append(node)
        self._open.append((node, self._known))
        if isinstance(node, _Each):
            self._here = node.body
            self._known = self._known.inside(node.collection) if self._known else None
        else:
            self._here = node.then

    def _else(self) -> None:
        node = self._open[-1][0] if self._open else None
        if not isinstance(node, _If) or self._here is node.otherwise:
            raise TemplateError("{else} stands outside of an {if}; remove it or write {if FIELD} before")
        self._here = node.otherwise

    def _leave(self) -> None:
        if not self._open:
            raise TemplateError("{end} closes nothing; remove it or write {each ROWS} or {if FIELD} before")
        _, self._known = self._open.pop()
        outer = self._open[-1][0] if self._open else None
        match outer:
            case None:
                self._here = self._root
            case _Each():
                self._here = outer.body
            case _If():
                # Only an `else` that has begun has children or can be where we came from.
                self._here = outer.otherwise if self._is_in_else(outer) else outer.then

    @staticmethod
    def _is_in_else(node: _If) -> bool:
        return bool(node.otherwise)

    def _collection(self, name: str) -> str:
        if self._known is not None and name not in self._known.collections:
            raise TemplateError(f"nothing is called {{each {name}}}; " + _choice(name, self._known.collections))
        return name

    def _condition(self, text: str) -> _If:
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise TemplateError(f"{{if {text}}} is no condition; write {{if FIELD}} or {{if FIELD=VALUE}}")
        return _If(self._name(found["name"]), found["value"])

    def _field(self, tag: str) -> _Field:
        found = _FIELD.fullmatch(tag)
        if found is None:
            raise TemplateError(f"{{{tag}}} is no field; write {{name}} or {{name:<20}}, and {{{{ for a brace")
        width = int(found["width"] or 0)
        if width > LONGEST_PADDING:
            raise TemplateError(f"{{{tag}}} pads to {width} columns; {LONGEST_PADDING} is the most")
        return _Field(
            self._name(found["name"]), found["align"] or "<", width, int(found["cut"]) if found["cut"] else None
        )

    def _name(self, name: str) -> str:
        if self._known is not None and name not in self._known.fields:
            raise TemplateError(f"no field is called {{{name}}} here; " + _choice(name, self._known.fields))
        return name


def _tokens(source: str) -> Iterator[str | tuple[str]]:
    """Plain text as it stands, tags as a tuple of one."""
    position = 0
    for found in _TOKEN.finditer(source):
        if found.start() > position:
            yield source[position : found.start()]
        position = found.end()
        if found["brace"]:
            yield found["brace"][0]
        elif found["stray"]:
            raise TemplateError(
                f"a single {found['stray']} stands in the text; write {found['stray'] * 2} for the brace"
            )
        else:
            yield (found["own_line"] or found["tag"],)
    if position < len(source):
        yield source[position:]


def _choice(name: str, names: Mapping[str, object] | frozenset[str]) -> str:
    close = get_close_matches(name, names, 1)
    return f"did you mean {close[0]}?" if close else f"choose one of {', '.join(sorted(names))}"


@dataclass(frozen=True, slots=True)
class Values:
    """The simplest scope: the given values, then those of ``outer``."""

    values: Mapping[str, str]
    outer: Scope | None = None
    row_source: Callable[[str], Sequence[Scope]] | None = None

    def value(self, name: str) -> str:
        """The field of this name; empty if neither this nor an outer scope has it."""
        found = self.values.get(name)
        if found is not None:
            return found
        return self.outer.value(name) if self.outer is not None else ""

    def rows(self, name: str) -> Sequence[Scope]:
        """The rows of ``row_source``, or of the outer scope."""
        if self.row_source is not None:
            return self.row_source(name)
        return self.outer.rows(name) if self.outer is not None else ()
